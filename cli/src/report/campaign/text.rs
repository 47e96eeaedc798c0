//! Texts of others, made fit to be shown.

use std::fmt::Write;

/// What a text says, and nothing else: control characters, and marks that turn the direction of what follows, are shown as their
/// numbers. Marks of a single place (U+200E, U+200F, U+061C) stay, for languages that need them.
pub(crate) fn visible(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\n' | '\t' => out.push(c),
            '\r' => {}
            c if c.is_control() || is_turning(c) => {
                // Writing to a string does not fail.
                let _ = write!(out, "[U+{:04X}]", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out
}

/// Embeddings, overrides and isolates: one that is not closed would turn the rest of the page.
const fn is_turning(c: char) -> bool {
    matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// At most so many characters, and how many are left out.
pub(crate) fn clip(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        None => text.to_owned(),
        Some((end, _)) => {
            let kept = text.get(..end).unwrap_or_default();
            let left = text.chars().count().saturating_sub(most);
            format!("{kept}… [{left} more characters]")
        }
    }
}

/// Both: the beginning of a text, fit to be shown.
pub(crate) fn shown(text: &str, most: usize) -> String {
    visible(&clip(text, most))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_seen_is_shown() {
        assert_eq!(
            visible("a\u{0}b\u{202e}c\r\n\td"),
            "a[U+0000]b[U+202E]c\n\td"
        );
        assert_eq!(visible("שלום\u{200f} 🙂"), "שלום\u{200f} 🙂");
    }

    #[test]
    fn long_texts_are_cut_at_characters() {
        assert_eq!(clip("äöü", 3), "äöü");
        assert_eq!(clip("äöüß", 3), "äöü… [1 more characters]");
        let huge = "x".repeat(10_000_000);
        assert!(shown(&huge, 100).len() < 200);
    }
}
