//! Large texts are stored once, however many observations have them: a chat's history is sent again with every turn.
//!
//! A row names its text by the hash of it. Who refers to a text is written before the text itself, and that before the
//! row, so that what cleans up never takes a text that is about to be named.

use super::rows::Text;
use sha2::{Digest as _, Sha256};
use std::collections::{BTreeMap, BTreeSet};

/// From so many bytes on a text is stored apart.
const LARGE: usize = 4096;

/// The large texts of a batch.
#[derive(Debug, Default)]
pub(super) struct Payloads<'a> {
    /// Texts by hash.
    pub(super) texts: BTreeMap<String, Text<'a>>,
    /// Which trace has which text.
    pub(super) refs: BTreeSet<(&'a str, String)>,
}

impl<'a> Payloads<'a> {
    /// What a row keeps of a text: itself, or its hash.
    pub(super) fn keep(
        &mut self,
        trace: &'a str,
        text: Option<Text<'a>>,
    ) -> (Option<Text<'a>>, Option<Text<'a>>) {
        match text {
            Some(text) if text.len() >= LARGE => {
                // Half of SHA-256 is beyond any collision that one could make.
                let mut hash = hex::encode(Sha256::digest(text.as_bytes()));
                hash.truncate(32);
                self.refs.insert((trace, hash.clone()));
                self.texts.entry(hash.clone()).or_insert(text);
                (None, Some(hash.into()))
            }
            other => (other, None),
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.refs.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn large_texts_are_kept_once() {
        let mut payloads = Payloads::default();
        let large = "x".repeat(LARGE);
        let (text, first) = payloads.keep("a", Some(large.as_str().into()));
        assert!(text.is_none());
        let (_, second) = payloads.keep("b", Some(large.as_str().into()));
        assert_eq!(first, second);
        assert_eq!((payloads.texts.len(), payloads.refs.len()), (1, 2));
        let small = payloads.keep("a", Some("x".into()));
        assert_eq!(small, (Some("x".into()), None));
        assert_eq!(payloads.keep("a", None), (None, None));
    }
}
