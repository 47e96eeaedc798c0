//! Ids that are valid here, and each there once.

use std::collections::BTreeSet;

/// The longest id.
const MAX: usize = 64;

/// Ids that were given.
#[derive(Debug, Clone, Default)]
pub(super) struct Ids(BTreeSet<String>);

impl Ids {
    /// An id as near to `wanted` as can be.
    pub(super) fn of(&mut self, wanted: &str) -> String {
        let letter = |c: char| {
            if c.is_ascii_alphanumeric() || "_-".contains(c) {
                c
            } else {
                '_'
            }
        };
        let base: String = wanted.chars().map(letter).take(MAX).collect();
        let base = if base.is_empty() {
            "node".to_owned()
        } else {
            base
        };
        let mut id = base.clone();
        let mut number = 2;
        while !self.0.insert(id.clone()) {
            let suffix = format!("_{number}");
            id = base
                .chars()
                .take(MAX - suffix.len())
                .chain(suffix.chars())
                .collect();
            number += 1;
        }
        id
    }
}

/// At most so many bytes of a text, with whole characters; `None` when it fits.
pub(super) fn cut(text: &str, max: usize) -> Option<&str> {
    if text.len() <= max {
        return None;
    }
    let end = (0..=max).rev().find(|end| text.is_char_boundary(*end));
    text.get(..end.unwrap_or_default())
}

/// A name for people: one line, not blank, at most so many characters.
pub(super) fn name(text: &str, max: usize) -> Option<String> {
    let line: String = text
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect();
    let line: String = line.trim().chars().take(max).collect();
    let line = line.trim_end();
    (!line.is_empty()).then(|| line.to_owned())
}
