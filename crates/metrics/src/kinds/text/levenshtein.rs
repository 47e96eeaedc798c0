//! Edit distance: how many insertions, deletions and substitutions lead from one sequence to another.
//!
//! Myers, "A fast bit-vector algorithm for approximate string matching based on dynamic programming", 1999, in Hyyrö's form for
//! long patterns. A step works on 64 rows of a column. Two blocks of rows are gone through side by side, the lower one column
//! behind the upper, so that the processor need not wait for one step to do the next. Cells that no way of at most a given
//! number of edits can pass through are left out (Ukkonen, 1985).

use super::MAX_STEPS;

/// Rows of a block.
const ROWS: usize = u64::BITS as usize;

/// The edit distance of `left` and `right`, whose symbols are at most `symbols`; `None` when it takes more than [`MAX_STEPS`].
pub(super) fn distance(left: &[u32], right: &[u32], symbols: usize) -> Option<usize> {
    let (left, right) = trim(left, right);
    let (rows, columns) = if left.len() <= right.len() {
        (left, right)
    } else {
        (right, left)
    };
    if rows.is_empty() {
        return Some(columns.len());
    }
    let steps = (rows.len().div_ceil(ROWS) as u64).saturating_mul(columns.len() as u64);
    if steps > MAX_STEPS {
        return None;
    }
    let differ = rows.iter().zip(columns).filter(|(a, b)| a != b).count();
    let longer = columns.len() - rows.len();
    let mut bound = longer + differ;
    // Texts that are much alike need no more than a narrow strip of the table. Those that are not have a better bound by it.
    let narrow = longer + columns.len() / 8;
    if narrow < bound && rows.len() > ROWS * LANES {
        let found = Table::new(rows, columns, narrow).distance(symbols);
        if found <= narrow {
            return Some(found);
        }
        bound = bound.min(found);
    }
    Some(Table::new(rows, columns, bound).distance(symbols))
}

/// Both without what they begin and end with alike.
fn trim<'a>(left: &'a [u32], right: &'a [u32]) -> (&'a [u32], &'a [u32]) {
    let same = left.iter().zip(right).take_while(|(a, b)| a == b).count();
    let (left, right) = (
        left.get(same..).unwrap_or_default(),
        right.get(same..).unwrap_or_default(),
    );
    let ends = left.iter().rev().zip(right.iter().rev());
    let same = ends.take_while(|(a, b)| a == b).count();
    (
        left.get(..left.len() - same).unwrap_or_default(),
        right.get(..right.len() - same).unwrap_or_default(),
    )
}

/// How the cells of a row differ from their left neighbours, where a block ends: +1, 0 or -1 as two bits.
#[derive(Debug, Clone, Copy)]
struct Delta {
    up: u64,
    down: u64,
}

impl Delta {
    const NONE: Self = Self { up: 0, down: 0 };
}

/// The same of all rows of a block, a bit each.
#[derive(Debug, Clone, Copy)]
struct Deltas {
    up: u64,
    down: u64,
}

impl Deltas {
    const fn of_row(self, row: usize) -> Delta {
        Delta {
            up: (self.up >> row) & 1,
            down: (self.down >> row) & 1,
        }
    }
}

/// 64 rows of a column: how each cell differs from the one above.
#[derive(Debug, Clone, Copy)]
struct Block {
    up: u64,
    down: u64,
}

impl Block {
    /// The first column, or one of which no more is known than that each cell is no more than 1 above the one over it.
    const FIRST: Self = Self { up: !0, down: 0 };

    /// Goes to the next column, whose symbol stands in the rows `equal`, below cells that differ by `above`.
    #[inline]
    const fn step(&mut self, equal: u64, above: Delta) -> Deltas {
        let vertical = equal | self.down;
        let equal = equal | above.down;
        let horizontal = ((equal & self.up).wrapping_add(self.up) ^ self.up) | equal;
        let deltas = Deltas {
            up: self.down | !(horizontal | self.up),
            down: self.up & horizontal,
        };
        let up = deltas.up << 1 | above.up;
        let down = deltas.down << 1 | above.down;
        self.up = down | !(vertical | up);
        self.down = up & vertical;
        deltas
    }
}

/// Blocks that are gone through side by side.
const LANES: usize = 2;

/// The table of distances between all beginnings of two sequences, as much of it as is needed.
struct Table<'a> {
    rows: &'a [u32],
    columns: &'a [u32],
    /// A cell is needed when its column is at most so far behind its row,
    behind: usize,
    /// or so far ahead of it.
    ahead: usize,
}

impl<'a> Table<'a> {
    /// There are no fewer `columns` than `rows`. What takes more than `bound` edits may be left out.
    const fn new(rows: &'a [u32], columns: &'a [u32], bound: usize) -> Self {
        // Who goes a step to one side goes one back, beyond the difference in length.
        let longer = columns.len() - rows.len();
        let aside = bound.saturating_sub(longer) / 2;
        Self {
            rows,
            columns,
            behind: aside,
            ahead: aside + longer,
        }
    }

    /// The distance, which stands in the last cell, when it is within the bound; else no less than that. Symbols are at most
    /// `symbols`.
    ///
    /// Where a cell is left out, its neighbours take it for the worst that it can be, which some way of edits comes to.
    fn distance(&self, symbols: usize) -> usize {
        let mut masks = vec![[0_u64; LANES]; symbols + 1];
        let mut deltas = vec![Delta { up: 1, down: 0 }; self.columns.len()];
        // The value of the row above a group in the column before its first one.
        let (mut from, mut above) = (0, 0);
        for (group, rows) in self.rows.chunks(ROWS * LANES).enumerate() {
            let first = group * ROWS * LANES;
            let next = first.saturating_sub(self.behind);
            let to = (first + rows.len() + self.ahead).min(self.columns.len());
            above += sum(deltas.get(from..next).unwrap_or_default());
            from = next;
            for (row, &symbol) in rows.iter().enumerate() {
                if let Some(mask) = mask(&mut masks, symbol, row / ROWS) {
                    *mask |= 1 << (row % ROWS);
                }
            }
            let columns = self.columns.get(from..to).unwrap_or_default();
            let deltas = deltas.get_mut(from..to).unwrap_or_default();
            pass(columns, &masks, deltas, rows.len());
            above += rows.len() as i64;
            for (row, &symbol) in rows.iter().enumerate() {
                if let Some(mask) = mask(&mut masks, symbol, row / ROWS) {
                    *mask = 0;
                }
            }
        }
        above += sum(deltas.get(from..).unwrap_or_default());
        usize::try_from(above).unwrap_or_default()
    }
}

/// The rows of a lane in which `symbol` stands.
fn mask(masks: &mut [[u64; LANES]], symbol: u32, lane: usize) -> Option<&mut u64> {
    masks.get_mut(symbol as usize)?.get_mut(lane)
}

fn sum(deltas: &[Delta]) -> i64 {
    let up: u64 = deltas.iter().map(|d| d.up).sum();
    let down: u64 = deltas.iter().map(|d| d.down).sum();
    up as i64 - down as i64
}

/// Goes through `columns` with the blocks of so many `rows`. `deltas` are those above at first and those of the last row then.
fn pass(columns: &[u32], masks: &[[u64; LANES]], deltas: &mut [Delta], rows: usize) {
    let last = (rows - 1) % ROWS;
    let alone = rows <= ROWS;
    let (mut upper, mut lower) = (Block::FIRST, Block::FIRST);
    // What the lower block meets next. Before its first column that is nothing, below cells that do not differ: it stays as it is.
    let (mut equal_below, mut between) = (0, Delta::NONE);
    let mut last_row = Vec::with_capacity(columns.len() + 1);
    let all = columns.iter().zip(deltas.iter().copied());
    for (&symbol, above) in all.chain([(&0, Delta::NONE)]) {
        let [equal, equal_next] = masks.get(symbol as usize).copied().unwrap_or_default();
        let below = lower.step(equal_below, between);
        let deltas = upper.step(equal, above);
        between = deltas.of_row(ROWS - 1);
        equal_below = equal_next;
        last_row.push(if alone { deltas } else { below }.of_row(last));
    }
    let lag = usize::from(!alone);
    for (delta, last) in deltas.iter_mut().zip(last_row.into_iter().skip(lag)) {
        *delta = last;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The same by the book.
    fn plain(left: &[u32], right: &[u32]) -> usize {
        let mut row: Vec<usize> = (0..=right.len()).collect();
        for (i, a) in left.iter().enumerate() {
            let mut diagonal = row[0];
            row[0] = i + 1;
            for (j, b) in right.iter().enumerate() {
                let cost = diagonal + usize::from(a != b);
                diagonal = row[j + 1];
                row[j + 1] = cost.min(diagonal + 1).min(row[j] + 1);
            }
        }
        row[right.len()]
    }

    proptest! {
        #[test]
        fn distances_are_those_of_the_book(
            left in prop::collection::vec(1_u32..5, 0..700),
            right in prop::collection::vec(1_u32..5, 0..700),
        ) {
            prop_assert_eq!(distance(&left, &right, 4), Some(plain(&left, &right)));
        }

        /// Texts that are much alike leave out most of the table.
        #[test]
        fn little_changes(
            left in prop::collection::vec(1_u32..5, 1..700),
            changes in prop::collection::vec((0_usize..700, 0_u32..5), 0..12),
        ) {
            let mut right = left.clone();
            for (at, symbol) in changes {
                let at = at % right.len().max(1);
                match symbol {
                    0 if right.len() > 1 => drop(right.remove(at)),
                    1 | 2 => right.insert(at, symbol),
                    _ => right[at] = symbol.max(1),
                }
            }
            prop_assert_eq!(distance(&left, &right, 4), Some(plain(&left, &right)));
        }
    }

    #[test]
    fn effort_is_bounded() {
        let (left, right) = (vec![1; 200_000], vec![2; 200_000]);
        assert_eq!(distance(&left, &right, 2), None);
        // What is alike at both ends costs nothing.
        assert_eq!(distance(&left, &left, 2), Some(0));
    }
}
