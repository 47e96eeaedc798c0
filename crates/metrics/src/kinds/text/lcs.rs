//! Longest common subsequences, 64 rows of the table at a time.
//!
//! Hyyrö, "Bit-parallel LCS-length computation revisited", 2004: a bit of a column is 0 where its cell is greater than the one
//! above.

/// Rows of a block.
const ROWS: usize = u64::BITS as usize;

/// The steps that a table of so many rows and columns takes.
pub(super) fn steps(rows: usize, columns: usize) -> u64 {
    (rows.div_ceil(ROWS) as u64).saturating_mul(columns as u64)
}

/// The rows in which each symbol stands, within one block.
pub(super) struct Masks(Vec<u64>);

impl Masks {
    /// For symbols of at most `symbols`.
    pub(super) fn new(symbols: usize) -> Self {
        Self(vec![0; symbols + 1])
    }

    fn set(&mut self, rows: &[u32]) {
        for (row, &symbol) in rows.iter().enumerate() {
            if let Some(mask) = self.0.get_mut(symbol as usize) {
                *mask |= 1 << row;
            }
        }
    }

    fn clear(&mut self, rows: &[u32]) {
        for &symbol in rows {
            if let Some(mask) = self.0.get_mut(symbol as usize) {
                *mask = 0;
            }
        }
    }

    fn of(&self, symbol: u32) -> u64 {
        self.0.get(symbol as usize).copied().unwrap_or_default()
    }
}

/// Goes to the next column, whose symbol stands in the rows `equal`; `carry` leads from block to block.
const fn step(column: u64, equal: u64, carry: &mut bool) -> u64 {
    let common = column & equal;
    let (sum, over) = column.overflowing_add(common);
    let (sum, over_again) = sum.overflowing_add(*carry as u64);
    *carry = over || over_again;
    sum | (column & !equal)
}

/// The length of the longest common subsequence.
pub(super) fn length(left: &[u32], right: &[u32], symbols: usize) -> usize {
    let mut masks = Masks::new(symbols);
    let mut carries = vec![false; right.len()];
    let mut length = 0;
    for rows in left.chunks(ROWS) {
        masks.set(rows);
        let mut column = !0;
        for (&symbol, carry) in right.iter().zip(&mut carries) {
            column = step(column, masks.of(symbol), carry);
        }
        masks.clear(rows);
        let unused = ROWS - rows.len();
        length += (!column << unused).count_ones() as usize;
    }
    length
}

/// Which places of `left` are in the longest common subsequence with one of `others`; of several subsequences of the same
/// length the one that `rouge-score` finds on its way back through the table.
pub(super) fn union(left: &[u32], others: &[Vec<u32>], masks: &mut Masks) -> Vec<bool> {
    let width = others.iter().map(Vec::len).sum();
    let mut carries = vec![false; width];
    let mut table = Vec::with_capacity(left.len().div_ceil(ROWS) * width);
    for rows in left.chunks(ROWS) {
        masks.set(rows);
        let mut carries = carries.iter_mut();
        for other in others {
            let mut column = !0;
            for (&symbol, carry) in other.iter().zip(carries.by_ref()) {
                column = step(column, masks.of(symbol), carry);
                table.push(column);
            }
        }
        masks.clear(rows);
    }
    let mut found = vec![false; left.len()];
    let mut first = 0;
    for other in others {
        let (mut row, mut column) = (left.len(), other.len());
        while let (Some(i), Some(j)) = (row.checked_sub(1), column.checked_sub(1)) {
            if left.get(i) == other.get(j) {
                if let Some(found) = found.get_mut(i) {
                    *found = true;
                }
                (row, column) = (i, j);
            } else {
                let bits = table.get(i / ROWS * width + first + j);
                let greater = bits.is_some_and(|bits| bits >> (i % ROWS) & 1 == 0);
                if greater {
                    column = j;
                } else {
                    row = i;
                }
            }
        }
        first += other.len();
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The whole table by the book.
    fn table(left: &[u32], right: &[u32]) -> Vec<Vec<usize>> {
        let mut table = vec![vec![0; right.len() + 1]; left.len() + 1];
        for (i, a) in left.iter().enumerate() {
            for (j, b) in right.iter().enumerate() {
                table[i + 1][j + 1] = if a == b {
                    table[i][j] + 1
                } else {
                    table[i][j + 1].max(table[i + 1][j])
                };
            }
        }
        table
    }

    fn way_back(left: &[u32], right: &[u32], found: &mut [bool]) {
        let table = table(left, right);
        let (mut i, mut j) = (left.len(), right.len());
        while i > 0 && j > 0 {
            if left[i - 1] == right[j - 1] {
                found[i - 1] = true;
                (i, j) = (i - 1, j - 1);
            } else if table[i][j - 1] > table[i - 1][j] {
                j -= 1;
            } else {
                i -= 1;
            }
        }
    }

    proptest! {
        #[test]
        fn subsequences_are_those_of_the_book(
            left in prop::collection::vec(1_u32..6, 0..200),
            others in prop::collection::vec(prop::collection::vec(1_u32..6, 0..90), 0..4),
        ) {
            let mut expected = vec![false; left.len()];
            for other in &others {
                prop_assert_eq!(length(&left, other, 5), table(&left, other)[left.len()][other.len()]);
                way_back(&left, other, &mut expected);
            }
            prop_assert_eq!(union(&left, &others, &mut Masks::new(5)), expected);
        }
    }
}
