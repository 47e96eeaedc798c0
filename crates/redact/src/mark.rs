//! Marks that stand for what was redacted: how they look, and how they are kept out of sight of the rules.

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;
use std::ops::Range;

/// What a rule sees in the place of a mark: U+FFFC, the object replacement character.
pub(crate) const SEEN: char = '\u{fffc}';

/// The first byte of [`SEEN`] in UTF-8.
const SEEN_FIRST: u8 = 0xef;

const HASH: &str = "[HASH:";
/// Hex digits of a hash.
const HASH_DIGITS: usize = 16;

/// The mark of a rule that masks.
pub(crate) fn mask(name: &str) -> String {
    format!("[REDACTED:{name}]")
}

/// The mark of a value that is hashed: equal for equal values under one salt.
pub(crate) fn hash(salt: &[u8], value: &str) -> String {
    // HMAC takes keys of any length, so that this never fails.
    let digest = Hmac::<Sha256>::new_from_slice(salt).map_or_else(
        |_| String::new(),
        |mut mac| {
            mac.update(value.as_bytes());
            hex::encode(mac.finalize().into_bytes())
        },
    );
    format!("{HASH}{}]", digest.get(..HASH_DIGITS).unwrap_or_default())
}

/// The marks that a policy makes.
#[derive(Debug, Clone, Default)]
pub(crate) struct Marks {
    /// Texts that are marks as they stand: masks and the rules' own replacements. None is empty.
    fixed: Vec<String>,
    /// Whether some rule hashes.
    hashes: bool,
    /// The bytes that a mark, or what looks like a hidden one, begins with.
    first: Vec<u8>,
}

impl Marks {
    /// `fixed` are texts that are marks as they stand; empty ones are left out.
    pub(crate) fn new(fixed: impl Iterator<Item = String>, hashes: bool) -> Self {
        let fixed: Vec<String> = fixed.filter(|mark| !mark.is_empty()).collect();
        let mut first: Vec<u8> = fixed
            .iter()
            .filter_map(|mark| mark.bytes().next())
            .chain([SEEN_FIRST])
            .chain(hashes.then_some(b'['))
            .collect();
        first.sort_unstable();
        first.dedup();
        Self {
            fixed,
            hashes,
            first,
        }
    }

    /// Whether some rule hashes.
    pub(crate) fn hashes(&self) -> bool {
        self.hashes
    }

    /// Where the next mark may begin, from `from` on.
    fn next(&self, text: &str, from: usize) -> Option<usize> {
        let bytes = text.as_bytes().get(from..)?;
        bytes
            .iter()
            .position(|b| !b.is_ascii_alphanumeric() && self.first.contains(b))
            .map(|i| from + i)
    }

    /// How long the mark is that `text` begins with; 0 when it begins with none.
    fn length(&self, text: &str) -> usize {
        let fixed = self
            .fixed
            .iter()
            .filter(|mark| text.starts_with(mark.as_str()))
            .map(String::len)
            .max()
            .unwrap_or(0);
        if self.hashes && is_hash(text) {
            fixed.max(HASH.len() + HASH_DIGITS + 1)
        } else {
            fixed
        }
    }

    /// Whether `text` is one mark and nothing else.
    pub(crate) fn is_mark(&self, text: &str) -> bool {
        !text.is_empty() && self.length(text) == text.len()
    }
}

fn is_hash(text: &str) -> bool {
    text.strip_prefix(HASH).is_some_and(|rest| {
        rest.as_bytes().get(HASH_DIGITS) == Some(&b']')
            && rest
                .bytes()
                .take(HASH_DIGITS)
                .all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
    })
}

/// A text whose marks are out of sight.
#[derive(Debug)]
pub(crate) struct Shielded {
    /// The text, with [`SEEN`] for every mark.
    pub(crate) view: String,
    /// The marks, in their order.
    marks: Vec<String>,
}

impl Shielded {
    pub(crate) fn new(text: &str, known: &Marks) -> Self {
        let mut view = String::with_capacity(text.len());
        let mut marks = Vec::new();
        let (mut done, mut at) = (0, 0);
        while let Some(next) = known.next(text, at) {
            let rest = text.get(next..).unwrap_or_default();
            // A character that looks like a hidden mark is kept as one.
            let length = match rest.chars().next() {
                Some(SEEN) => SEEN.len_utf8(),
                _ => known.length(rest),
            };
            if length > 0 {
                view.push_str(text.get(done..next).unwrap_or_default());
                view.push(SEEN);
                marks.push(rest.get(..length).unwrap_or_default().to_owned());
                done = next + length;
            }
            at = next + length.max(1);
        }
        view.push_str(text.get(done..).unwrap_or_default());
        Self { view, marks }
    }

    /// Whether a stretch of the view holds anything but marks.
    pub(crate) fn holds_data(&self, span: &Range<usize>) -> bool {
        self.view
            .get(span.clone())
            .is_some_and(|text| text.chars().any(|c| c != SEEN))
    }

    /// Puts marks in the place of stretches of the view, which are in order and do not overlap. `mark` gets the text that
    /// stood there; the empty text puts nothing.
    pub(crate) fn replace(&mut self, spans: &[Range<usize>], mut mark: impl FnMut(&str) -> String) {
        let mut old = std::mem::take(&mut self.marks).into_iter();
        let mut view = String::with_capacity(self.view.len());
        let mut marks = Vec::new();
        let mut done = 0;
        for span in spans {
            let kept = self.view.get(done..span.start).unwrap_or_default();
            marks.extend(old.by_ref().take(kept.matches(SEEN).count()));
            view.push_str(kept);
            let found = self.view.get(span.clone()).unwrap_or_default();
            let new = mark(&shown(found, &mut old));
            if !new.is_empty() {
                view.push(SEEN);
                marks.push(new);
            }
            done = span.end;
        }
        marks.extend(old);
        view.push_str(self.view.get(done..).unwrap_or_default());
        self.view = view;
        self.marks = marks;
    }

    /// The text with its marks.
    pub(crate) fn into_text(self) -> String {
        if self.marks.is_empty() {
            return self.view;
        }
        shown(&self.view, &mut self.marks.into_iter())
    }
}

fn shown(view: &str, marks: &mut impl Iterator<Item = String>) -> String {
    let mut text = String::with_capacity(view.len());
    for c in view.chars() {
        match c {
            SEEN => text.push_str(&marks.next().unwrap_or_default()),
            c => text.push(c),
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known() -> Marks {
        Marks::new([mask("mail"), "<gone>".to_owned()].into_iter(), true)
    }

    #[test]
    fn only_marks_of_the_policy_are_hidden() {
        for (text, view) in [
            ("a [REDACTED:mail] b", "a \u{fffc} b"),
            ("[REDACTED:other]", "[REDACTED:other]"),
            ("<gone><gone", "\u{fffc}<gone"),
            ("[HASH:0123456789abcdef]é", "\u{fffc}é"),
            ("[HASH:0123456789abcdeF]", "[HASH:0123456789abcdeF]"),
            ("[HASH:0123", "[HASH:0123"),
            ("x\u{fffc}y", "x\u{fffc}y"),
        ] {
            let shielded = Shielded::new(text, &known());
            assert_eq!(shielded.view, view, "{text}");
            assert_eq!(shielded.into_text(), text);
        }
    }

    #[test]
    fn replacing_keeps_the_other_marks_in_order() {
        let mut s = Shielded::new("<gone> one [REDACTED:mail] two <gone>", &known());
        let at = s.view.find("one").unwrap()..s.view.find(" two").unwrap();
        let mut seen = Vec::new();
        s.replace(&[at], |text| {
            seen.push(text.to_owned());
            mask("r")
        });
        assert_eq!(seen, ["one [REDACTED:mail]"]);
        assert_eq!(s.into_text(), "<gone> [REDACTED:r] two <gone>");
    }

    #[test]
    fn hashes_depend_on_value_and_salt() {
        let a = hash(b"salt", "a");
        assert_eq!(a, hash(b"salt", "a"));
        assert_ne!(a, hash(b"salt", "b"));
        assert_ne!(a, hash(b"pepper", "a"));
        assert!(known().is_mark(&a), "{a}");
        // RFC 4231, test case 2.
        assert_eq!(
            hash(b"Jefe", "what do ya want for nothing?"),
            "[HASH:5bdcc146bf60754e]"
        );
    }
}
