//! The body of an answer while it comes in, for those who look on before all of it is there.
//!
//! The bytes are those that the call reads anyway. They may show the credential that the call was made with, as the whole answer may,
//! from which it is taken out at the end: so whoever tells a text of them before passes it through [`Progress::concealed`].

use crate::secrets::Secret;
use bytes::{Bytes, BytesMut};
use std::cell::{Cell, RefCell};

/// What has come in of one call.
#[derive(Default)]
pub struct Progress {
    body: RefCell<BytesMut>,
    /// Whether it is an answer, not a refusal.
    answers: Cell<bool>,
    secrets: RefCell<Vec<Secret>>,
}

impl Progress {
    /// The call goes out with a credential.
    pub(crate) fn hide(&self, secret: &str) {
        let secret = Secret::new(secret.to_owned());
        self.secrets.borrow_mut().push(secret);
    }

    /// A body begins, under a status of success or another.
    pub(crate) fn begins(&self, answers: bool) {
        self.body.borrow_mut().clear();
        self.answers.set(answers);
    }

    /// A piece of it.
    pub(crate) fn came(&self, piece: &[u8]) {
        self.body.borrow_mut().extend_from_slice(piece);
    }

    /// Bytes so far.
    pub(crate) fn len(&self) -> usize {
        self.body.borrow().len()
    }

    /// All of it. Nothing is left.
    pub(crate) fn whole(&self) -> Bytes {
        self.body.take().freeze()
    }

    /// The bytes of the answer from that one on; of a refusal none.
    #[must_use]
    pub fn since(&self, at: usize) -> Vec<u8> {
        let body = self.body.borrow();
        let new = body.get(at..).filter(|_| self.answers.get());
        new.unwrap_or_default().to_vec()
    }

    /// A text of the answer without the credential, and without an end that may be the beginning of it.
    #[must_use]
    pub fn concealed(&self, text: &str) -> String {
        let secrets = self.secrets.borrow();
        let mut text = text.to_owned();
        for secret in secrets.iter().map(Secret::expose) {
            if text.contains(secret) {
                text = text.replace(secret, "[credential]");
            }
        }
        let cut = secrets
            .iter()
            .filter_map(|secret| unfinished(&text, secret.expose()))
            .min();
        if let Some(cut) = cut {
            text.truncate(cut);
        }
        text
    }
}

/// Where the longest beginning of a secret stands that a text ends with, if it does.
fn unfinished(text: &str, secret: &str) -> Option<usize> {
    let ends = secret.char_indices().map(|(at, _)| at).rev();
    let mut begun = ends.filter_map(|end| secret.get(..end).filter(|part| !part.is_empty()));
    let part = begun.find(|part| text.ends_with(part))?;
    Some(text.len() - part.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_came_is_given_once() {
        let progress = Progress::default();
        progress.begins(true);
        progress.came(b"ab");
        assert_eq!(progress.since(0), b"ab");
        progress.came(b"c");
        assert_eq!(progress.since(2), b"c");
        assert_eq!(progress.since(3), b"");
        assert_eq!(progress.len(), 3);
        assert_eq!(progress.whole().as_ref(), b"abc");
        assert_eq!(progress.since(3), b"", "the call is over");
    }

    #[test]
    fn of_a_refusal_nothing_is_given() {
        let progress = Progress::default();
        progress.begins(false);
        progress.came(b"no");
        assert_eq!(progress.since(0), b"");
        assert_eq!(progress.whole().as_ref(), b"no");
    }

    #[test]
    fn a_credential_is_never_shown_nor_any_of_it() {
        let secret = "sk-s\u{e9}cret";
        let progress = Progress::default();
        progress.hide(secret);
        progress.hide("basic-of-it");
        let said = format!("The key {secret} is s, basic-of-it is b. s");
        let hidden = "The key [credential] is s, [credential] is b. s";
        let mut shown = String::new();
        for (end, c) in said.char_indices() {
            let next = progress.concealed(&said[..end + c.len_utf8()]);
            assert!(hidden.starts_with(&next), "{next}");
            assert!(next.starts_with(&shown), "{next} after {shown}");
            assert!(!next.ends_with("sk"), "{next}");
            shown = next;
        }
        assert_eq!(shown, "The key [credential] is s, [credential] is b. ");
        assert_eq!(progress.concealed("Else as it is."), "Else as it is.");
        assert_eq!(Progress::default().concealed("sk-"), "sk-");
    }
}
