//! How many n-grams two sequences share, for all orders at once: one sort of what begins at each place.
//!
//! What begins at a place is packed into one number, its first symbol highest. In the order of these numbers all equal
//! n-grams of any order stand side by side, so that one pass counts them. Time is that of sorting the places; no text
//! makes it worse, as it could with a table of hashes.

use std::ops::AddAssign;

/// The n-grams of one order in two sequences.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Overlap {
    /// How many the first sequence has.
    pub(crate) left: u64,
    /// How many the second has.
    pub(crate) right: u64,
    /// How many occur in both; one that occurs several times counts as often as in the sequence that has fewer of it.
    pub(crate) shared: u64,
}

impl AddAssign for Overlap {
    fn add_assign(&mut self, other: Self) {
        self.left += other.left;
        self.right += other.right;
        self.shared += other.shared;
    }
}

/// The n-grams of the orders 1 to `N` that `left` and `right` share. Symbols are greater than 0; `N` of them fit into 127 bits.
pub(crate) fn overlap<const N: usize>(left: &[u32], right: &[u32]) -> [Overlap; N] {
    let mut orders = [Overlap::default(); N];
    for (n, order) in orders.iter_mut().enumerate() {
        order.left = left.len().saturating_sub(n) as u64;
        order.right = right.len().saturating_sub(n) as u64;
    }
    let highest = left.iter().chain(right).copied().max().unwrap_or(1);
    let bits = highest.max(1).ilog2() + 1;
    if bits * (N as u32) < u64::BITS {
        short::count(left, right, bits, &mut orders);
    } else {
        long::count(left, right, bits, &mut orders);
    }
    orders
}

/// The count on numbers of one width.
macro_rules! count_in {
    ($module:ident, $word:ty) => {
        mod $module {
            use super::Overlap;

            /// Appends what begins at each place of `symbols`, the lowest bit telling the side.
            fn pack(symbols: &[u32], bits: u32, n: u32, side: $word, packed: &mut Vec<$word>) {
                let mut window: $word = 0;
                for &symbol in symbols.iter().rev() {
                    window = window >> bits | <$word>::from(symbol) << (bits * (n - 1));
                    packed.push(window << 1 | side);
                }
            }

            pub(super) fn count<const N: usize>(
                left: &[u32],
                right: &[u32],
                bits: u32,
                orders: &mut [Overlap; N],
            ) {
                let n = N as u32;
                let mut packed = Vec::with_capacity(left.len() + right.len());
                pack(left, bits, n, 0, &mut packed);
                pack(right, bits, n, 1, &mut packed);
                packed.sort_unstable();
                // How many whole symbols are alike, by the leading bits that are.
                let unused = <$word>::BITS - bits * n;
                let alike: Vec<usize> = (0..=<$word>::BITS)
                    .map(|zeros| (zeros.saturating_sub(unused) / bits) as usize)
                    .collect();
                let mut runs = [(0, 0); N];
                let mut seen = (0, 0);
                let mut before: $word = 0;
                for key in packed {
                    let window = key >> 1;
                    let zeros = (before ^ window).leading_zeros();
                    let same = alike.get(zeros as usize).copied().unwrap_or_default();
                    close(&mut runs, orders, same, seen, before, bits);
                    seen.0 += 1 - (key & 1) as u64;
                    seen.1 += (key & 1) as u64;
                    before = window;
                }
                close(&mut runs, orders, 0, seen, before, bits);
            }

            /// Ends the runs of equal n-grams longer than `same`, which began after `runs` and end after `seen` of both sides.
            #[inline]
            fn close<const N: usize>(
                runs: &mut [(u64, u64); N],
                orders: &mut [Overlap; N],
                same: usize,
                seen: (u64, u64),
                window: $word,
                bits: u32,
            ) {
                let all = runs.iter_mut().zip(orders).enumerate().skip(same);
                for (i, (began, order)) in all {
                    // Places near the end begin with fewer symbols than `N`: the last of these is 0 then.
                    let last = window >> (bits * (N - 1 - i) as u32) & ((1 << bits) - 1);
                    if last != 0 {
                        order.shared += (seen.0 - began.0).min(seen.1 - began.1);
                    }
                    *began = seen;
                }
            }
        }
    };
}

count_in!(short, u64);
count_in!(long, u128);

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::HashMap;

    /// The same by the book.
    fn plain<const N: usize>(left: &[u32], right: &[u32]) -> [Overlap; N] {
        let mut orders = [Overlap::default(); N];
        for (i, order) in orders.iter_mut().enumerate() {
            let count = |symbols: &[u32]| {
                let mut counts: HashMap<Vec<u32>, u64> = HashMap::new();
                for ngram in symbols.windows(i + 1) {
                    *counts.entry(ngram.to_vec()).or_default() += 1;
                }
                counts
            };
            let (left, right) = (count(left), count(right));
            order.left = left.values().sum();
            order.right = right.values().sum();
            order.shared = left
                .iter()
                .map(|(ngram, n)| *n.min(right.get(ngram).unwrap_or(&0)))
                .sum();
        }
        orders
    }

    proptest! {
        #[test]
        fn counts_as_by_the_book(
            left in prop::collection::vec(1_u32..4, 0..40),
            right in prop::collection::vec(1_u32..4, 0..40),
        ) {
            prop_assert_eq!(overlap::<6>(&left, &right), plain::<6>(&left, &right));
            let wide = |symbols: &[u32]| symbols.iter().map(|s| s + 0x0010_0000).collect::<Vec<_>>();
            prop_assert_eq!(overlap::<6>(&wide(&left), &wide(&right)), plain::<6>(&left, &right));
            prop_assert_eq!(overlap::<1>(&left, &right), plain::<1>(&left, &right));
        }
    }
}
