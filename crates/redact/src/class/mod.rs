//! Built-in classes: personal data and secrets whose form can be told from other text.

mod address;
mod card;
mod email;
mod groups;
mod iban;
mod phone;
mod secret;
mod ssn;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::ops::Range;

/// What a rule can find without a pattern.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Class {
    /// Addresses of e-mail. `git@host` and names of image files such as `logo@2x.png` are none.
    Email,
    /// Telephone numbers: international ones with `+` or `00`; North American ones with separators; those that begin with
    /// a trunk `0` and have separators. A bare run of digits is none, and neither is a date.
    Phone,
    /// Numbers of payment cards: a known issuer, its length, and a right check digit (Luhn).
    CreditCard,
    /// IBANs: a known country, its length, and right check digits (ISO 7064, mod 97).
    Iban,
    /// Social security numbers of the United States, with separators, without the numbers that are never given.
    UsSsn,
    /// IPv4 addresses, other than loopback and unspecified.
    Ipv4,
    /// IPv6 addresses of the ranges in use, other than loopback and unspecified.
    Ipv6,
    /// Credentials for APIs: `sk-`, `pk-` and `rk-` keys, tokens of GitHub, GitLab, AWS, Slack and Google, bearer tokens,
    /// JSON Web Tokens.
    ApiKey,
    /// User and password in a URL.
    UrlCredentials,
}

impl Class {
    /// Whether a text of these facts may hold one.
    pub(crate) fn possible(self, facts: Facts) -> bool {
        match self {
            Self::Email => facts.has(Facts::AT | Facts::DOT),
            Self::Phone => facts.digits >= 8,
            Self::CreditCard => facts.digits >= 13,
            Self::Iban => facts.digits >= 2 && facts.length >= 15 && facts.has(Facts::LETTER),
            Self::UsSsn => facts.digits >= 9,
            Self::Ipv4 => facts.digits >= 4 && facts.has(Facts::DOT),
            Self::Ipv6 => facts.digits >= 1 && facts.has(Facts::COLON),
            Self::ApiKey => facts.length >= 15 && facts.has(Facts::LETTER),
            Self::UrlCredentials => facts.has(Facts::AT | Facts::COLON),
        }
    }

    /// Where they are, in order and without overlaps.
    pub(crate) fn spans(self, text: &str) -> Vec<Range<usize>> {
        match self {
            Self::Email => email::spans(text),
            Self::Phone => phone::spans(text),
            Self::CreditCard => card::spans(text),
            Self::Iban => iban::spans(text),
            Self::UsSsn => ssn::spans(text),
            Self::Ipv4 => address::v4(text),
            Self::Ipv6 => address::v6(text),
            Self::ApiKey => secret::keys(text),
            Self::UrlCredentials => secret::credentials(text),
        }
    }
}

/// What one pass over a text tells: enough to leave most texts alone.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Facts {
    flags: u8,
    digits: usize,
    length: usize,
}

impl Facts {
    const AT: u8 = 1;
    const DOT: u8 = 2;
    const COLON: u8 = 4;
    const LETTER: u8 = 8;
    const BACKSLASH: u8 = 16;

    pub(crate) fn of(text: &str) -> Self {
        let mut facts = Self {
            length: text.len(),
            ..Self::default()
        };
        for b in text.bytes() {
            facts.digits += usize::from(b.is_ascii_digit());
            facts.flags |= match b {
                b'@' => Self::AT,
                b'.' => Self::DOT,
                b':' => Self::COLON,
                b'A'..=b'Z' | b'a'..=b'z' => Self::LETTER,
                b'\\' => Self::BACKSLASH,
                _ => 0,
            };
        }
        facts
    }

    fn has(self, flags: u8) -> bool {
        self.flags & flags == flags
    }

    /// Whether a JSON text may say something else than its characters show.
    pub(crate) fn escapes(self) -> bool {
        self.has(Self::BACKSLASH)
    }
}

/// The byte at `i`, or 0 outside of the text.
fn byte(text: &str, i: usize) -> u8 {
    text.as_bytes().get(i).copied().unwrap_or(0)
}

/// The byte before `i`, or 0 at the beginning.
fn before(text: &str, i: usize) -> u8 {
    i.checked_sub(1).map_or(0, |i| byte(text, i))
}

/// Whether `i` begins a word of ASCII letters and digits. The letter of an escape such as `\n` does not belong to the
/// word after it: JSON that was cut off is plain text with escapes.
fn begins_word(text: &str, i: usize) -> bool {
    let escaped = |back: usize| {
        i.checked_sub(back)
            .is_some_and(|at| byte(text, at) == b'\\')
    };
    match before(text, i) {
        b'n' | b't' | b'r' | b'b' | b'f' if escaped(2) => true,
        b if b.is_ascii_hexdigit() && escaped(6) => before(text, i.saturating_sub(4)) == b'u',
        b => !b.is_ascii_alphanumeric(),
    }
}

/// Whether a word of ASCII letters and digits ends before `i`.
fn ends_word(text: &str, i: usize) -> bool {
    !byte(text, i).is_ascii_alphanumeric()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_end_words() {
        for (text, begins) in [
            ("x", true),
            ("-x", true),
            ("ax", false),
            ("é x", true),
            (r"\nx", true),
            (r"\u0020x", true),
            (r"\ax", false),
            ("nx", false),
            ("00020x", false),
        ] {
            assert_eq!(begins_word(text, text.len() - 1), begins, "{text}");
        }
        check::finds(
            Class::Iban,
            r#"{"a": "cut\nDE89370400440532013000"#,
            &["DE89370400440532013000"],
        );
    }
}

/// What the tests of the classes share.
#[cfg(test)]
mod check {
    use super::{Class, Facts};

    /// That exactly `expected` is found in `text`, and that the pre-filter lets it through.
    #[track_caller]
    pub(crate) fn finds(class: Class, text: &str, expected: &[&str]) {
        let found: Vec<&str> = class
            .spans(text)
            .into_iter()
            .map(|span| text.get(span).expect("on characters' boundaries"))
            .collect();
        assert_eq!(found, expected, "{class:?} in {text:?}");
        assert!(
            expected.is_empty() || class.possible(Facts::of(text)),
            "{class:?}: the pre-filter drops {text:?}"
        );
    }
}
