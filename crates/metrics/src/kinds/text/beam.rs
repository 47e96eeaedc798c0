//! The table of edit distances near its diagonal, as TER computes it, and how it changes when words change places.

/// Columns on either side of the diagonal.
const WIDTH: usize = 25;

/// What a cell outside of the beam costs.
const FAR: u32 = u32::MAX / 2;

/// A row within the beam.
#[derive(Debug, Clone, Default)]
struct Row {
    /// The column of the first cell.
    from: usize,
    cells: Vec<u32>,
}

impl Row {
    fn at(&self, column: usize) -> u32 {
        let cell = column
            .checked_sub(self.from)
            .and_then(|i| self.cells.get(i));
        cell.copied().unwrap_or(FAR)
    }

    /// By how much all cells of this row are above those of `other`, when it is the same everywhere.
    fn above(&self, other: &Self) -> Option<i64> {
        let by = |a: u32, b: u32| i64::from(a) - i64::from(b);
        let known = |(a, b): &(&u32, &u32)| **a != FAR || **b != FAR;
        let mut pairs = self.cells.iter().zip(&other.cells).filter(known);
        let (a, b) = pairs.next()?;
        let first = by(*a, *b);
        let same = |(a, b): (&u32, &u32)| *a != FAR && *b != FAR && by(*a, *b) == first;
        pairs.all(same).then_some(first)
    }
}

/// How the words of the reference and those of the answer stand to each other.
#[derive(Debug, Default)]
pub(super) struct Alignment {
    /// Before which word of the answer to go on behind each word of the reference.
    pub(super) next: Vec<usize>,
    /// Which words of the reference are not where they should be.
    pub(super) reference_wrong: Vec<bool>,
    /// Which words of the answer are not where they should be.
    pub(super) answer_wrong: Vec<bool>,
}

/// The table of one reference and one order of the answer's words.
pub(super) struct Beam<'a> {
    reference: &'a [u32],
    answer: Vec<u32>,
    rows: Vec<Row>,
    width: usize,
    /// Cells that were computed so far.
    pub(super) cells: u64,
}

impl<'a> Beam<'a> {
    pub(super) fn new(reference: &'a [u32], answer: Vec<u32>) -> Self {
        let first = Row {
            from: 0,
            cells: (0..).take(reference.len() + 1).collect(),
        };
        let ratio = ratio(reference.len(), answer.len());
        // Where the lengths differ much, rows would have no cell in common otherwise.
        let width = if (WIDTH as f64) < ratio / 2.0 {
            (ratio / 2.0 + WIDTH as f64).ceil() as usize
        } else {
            WIDTH
        };
        let mut beam = Self {
            reference,
            answer: Vec::new(),
            rows: vec![first],
            width,
            cells: 0,
        };
        beam.put(answer);
        beam
    }

    /// The words of the answer in their order.
    pub(super) fn answer(&self) -> &[u32] {
        &self.answer
    }

    /// The distance.
    pub(super) fn distance(&self) -> u32 {
        self.rows
            .last()
            .map_or(FAR, |row| row.at(self.reference.len()))
    }

    /// Puts the answer's words into another order.
    pub(super) fn put(&mut self, answer: Vec<u32>) {
        self.rows.truncate(1);
        for (i, &word) in answer.iter().enumerate() {
            let mut row = Row::default();
            if let Some(above) = self.rows.last() {
                self.fill(&mut row, above, word, i + 1, answer.len());
            }
            self.cells += row.cells.len() as u64;
            self.rows.push(row);
        }
        self.answer = answer;
    }

    /// The distance when the answer's words stood as `words`, which differ within `changed` alone.
    pub(super) fn distance_of(&mut self, words: &[u32], changed: std::ops::Range<usize>) -> u32 {
        let Some(mut above) = self.rows.get(changed.start).cloned() else {
            return FAR;
        };
        let mut row = Row::default();
        let mut cells = 0;
        for (i, &word) in words.iter().enumerate().skip(changed.start) {
            self.fill(&mut row, &above, word, i + 1, words.len());
            cells += row.cells.len() as u64;
            std::mem::swap(&mut row, &mut above);
            // From a row on that is as before but for a sum, all are.
            if i + 1 >= changed.end
                && let Some(more) = self.rows.get(i + 1).and_then(|old| above.above(old))
            {
                self.cells += cells;
                let distance = i64::from(self.distance()) + more;
                return u32::try_from(distance).unwrap_or(FAR);
            }
        }
        self.cells += cells;
        above.at(self.reference.len())
    }

    /// Computes the row of the answer's word number `i`, counted from 1, of `len`.
    fn fill(&self, row: &mut Row, above: &Row, word: u32, i: usize, len: usize) {
        let diagonal = (i as f64 * ratio(self.reference.len(), len)).floor() as usize;
        let columns = self.reference.len() + 1;
        let to = match i {
            last if last == len => columns,
            _ => columns.min(diagonal + self.width),
        };
        row.from = diagonal.saturating_sub(self.width);
        row.cells.clear();
        let mut left = FAR;
        let mut column = row.from;
        if column == 0 {
            left = FAR.min(above.at(0) + 1);
            row.cells.push(left);
            column = 1;
        }
        let mut before = above.at(column - 1);
        let skipped = column.saturating_sub(above.from);
        let up = above.cells.iter().copied().skip(skipped);
        let up = up.chain(std::iter::repeat(FAR));
        let words = self.reference.get(column - 1..to.saturating_sub(1));
        for (&other, up) in words.unwrap_or_default().iter().zip(up) {
            let replaced = before + u32::from(word != other);
            left = replaced.min(up + 1).min(left + 1).min(FAR);
            row.cells.push(left);
            before = up;
        }
    }

    /// The way through the table. Of equals, words that stay or are replaced go first, then words of the answer without a
    /// counterpart, then words of the reference without one.
    pub(super) fn alignment(&self) -> Alignment {
        let (mut i, mut j) = (self.answer.len(), self.reference.len());
        let mut alignment = Alignment {
            next: vec![0; j],
            reference_wrong: vec![true; j],
            answer_wrong: vec![true; i],
        };
        let at = |i: usize, j: usize| self.rows.get(i).map_or(FAR, |row| row.at(j));
        while i > 0 || j > 0 {
            let (before_i, before_j) = (i.wrapping_sub(1), j.wrapping_sub(1));
            let word = self.answer.get(before_i);
            let same = word == self.reference.get(before_j);
            let here = at(i, j);
            if i > 0 && j > 0 && at(before_i, before_j) + u32::from(!same) == here {
                if let Some(next) = alignment.next.get_mut(before_j) {
                    *next = i;
                }
                if same {
                    alignment.right(before_i, before_j);
                }
                (i, j) = (before_i, before_j);
            } else if i > 0 && (j == 0 || at(before_i, j) + 1 == here) {
                i = before_i;
            } else {
                if let Some(next) = alignment.next.get_mut(before_j) {
                    *next = i;
                }
                j = before_j;
            }
        }
        alignment
    }
}

impl Alignment {
    fn right(&mut self, of_answer: usize, of_reference: usize) {
        if let Some(wrong) = self.answer_wrong.get_mut(of_answer) {
            *wrong = false;
        }
        if let Some(wrong) = self.reference_wrong.get_mut(of_reference) {
            *wrong = false;
        }
    }
}

fn ratio(reference: usize, answer: usize) -> f64 {
    if answer == 0 {
        1.0
    } else {
        reference as f64 / answer as f64
    }
}
