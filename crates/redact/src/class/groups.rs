//! Runs of ASCII digits, and what stands between them: the common ground of all numbers for people.

use super::{before, begins_word, byte, ends_word};
use std::ops::Range;

/// A maximal run of digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Group {
    pub(super) start: usize,
    pub(super) end: usize,
}

impl Group {
    pub(super) fn len(self) -> usize {
        self.end - self.start
    }
}

/// All groups of a text.
pub(super) struct Groups<'a> {
    pub(super) text: &'a str,
    pub(super) list: Vec<Group>,
}

impl<'a> Groups<'a> {
    pub(super) fn of(text: &'a str) -> Self {
        let mut list = Vec::new();
        let mut start = None;
        for (i, b) in text.bytes().enumerate() {
            match (b.is_ascii_digit(), start) {
                (true, None) => start = Some(i),
                (false, Some(from)) => {
                    list.push(Group {
                        start: from,
                        end: i,
                    });
                    start = None;
                }
                _ => {}
            }
        }
        if let Some(from) = start {
            list.push(Group {
                start: from,
                end: text.len(),
            });
        }
        Self { text, list }
    }

    pub(super) fn get(&self, i: usize) -> Option<Group> {
        self.list.get(i).copied()
    }

    /// The digits of a group.
    pub(super) fn digits(&self, i: usize) -> &'a str {
        self.get(i)
            .and_then(|g| self.text.get(g.start..g.end))
            .unwrap_or_default()
    }

    /// What stands between a group and the next one. `None` when there is no next one.
    pub(super) fn gap(&self, i: usize) -> Option<&'a str> {
        let (a, b) = (self.get(i)?, self.get(i + 1)?);
        self.text.get(a.end..b.start)
    }

    /// What stands between a group and the one before it. `None` when there is none before.
    pub(super) fn gap_before(&self, i: usize) -> Option<&'a str> {
        self.gap(i.checked_sub(1)?)
    }

    /// Whether the groups from `from` to `to` (inclusive) stand alone: no letter touches them, and no further group is
    /// joined on by a mark, as in a decimal fraction, a date, a version or an id.
    pub(super) fn alone(&self, from: usize, to: usize) -> bool {
        let (Some(first), Some(last)) = (self.get(from), self.get(to)) else {
            return false;
        };
        let joins = |gap: Option<&str>| {
            gap.is_some_and(|gap| matches!(gap, "." | "-" | "/" | "_" | ":" | ","))
        };
        begins_word(self.text, first.start)
            && ends_word(self.text, last.end)
            && !joins(self.gap_before(from))
            && !joins(self.gap(to))
            && !matches!(before(self.text, first.start), b'_')
            && !matches!(byte(self.text, last.end), b'_')
    }

    /// The stretch of text from one group to another (inclusive).
    pub(super) fn span(&self, from: usize, to: usize) -> Option<Range<usize>> {
        Some(self.get(from)?.start..self.get(to)?.end)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_and_gaps() {
        let groups = Groups::of("a12-3 45");
        assert_eq!(groups.list.len(), 3);
        assert_eq!(groups.digits(0), "12");
        assert_eq!(groups.gap(0), Some("-"));
        assert_eq!(groups.gap(1), Some(" "));
        assert_eq!(groups.gap(2), None);
        assert_eq!(groups.gap_before(0), None);
        assert_eq!(groups.span(1, 2), Some(4..8));
        assert!(!groups.alone(0, 0) && !groups.alone(1, 1) && groups.alone(2, 2));
    }
}
