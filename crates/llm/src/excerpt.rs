//! Short quotations of foreign text for error messages, with what looks like a credential masked.

/// Most characters an excerpt has.
const MAX_CHARS: usize = 200;

/// From this length on, a run of token characters with letters and digits is taken for a credential.
const SECRET_LEN: usize = 20;

/// Prefixes that mark a credential of any length.
const SECRET_PREFIXES: [&str; 6] = ["sk-", "pk-", "sk_", "pk_", "xoxb-", "ghp_"];

/// The first 200 characters of `text` on one line, control characters as spaces, credentials as `[masked]`.
///
/// Servers like to quote the key they refused, and error messages end in reports and logs.
#[must_use]
pub fn excerpt(text: &str) -> String {
    // Four bytes a character, and as much again so that a word is not cut before it is judged.
    let head: String = text
        .chars()
        .take(MAX_CHARS * 2)
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect();
    let mut out = String::new();
    let mut word = String::new();
    let mut after_bearer = false;
    for c in head.chars().chain(std::iter::once(' ')) {
        if is_token_char(c) {
            word.push(c);
            continue;
        }
        if !word.is_empty() {
            out.push_str(if after_bearer || looks_secret(&word) {
                "[masked]"
            } else {
                &word
            });
            after_bearer = word.eq_ignore_ascii_case("bearer");
            word.clear();
        }
        if !(c == ' ' && (out.is_empty() || out.ends_with(' '))) {
            out.push(c);
        }
    }
    let short: String = out.trim_end().chars().take(MAX_CHARS).collect();
    short
}

const fn is_token_char(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '+' | '*')
}

fn looks_secret(word: &str) -> bool {
    let prefixed = word.len() >= 8 && SECRET_PREFIXES.iter().any(|p| word.starts_with(p));
    let random = word.len() >= SECRET_LEN
        && word.bytes().any(|b| b.is_ascii_digit())
        && word.bytes().any(|b| b.is_ascii_alphabetic());
    prefixed || random
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn masks_and_shortens() {
        let check = |text: &str, expected: &str| assert_eq!(excerpt(text), expected);
        check("plain  words\n\tand more", "plain words and more");
        check(
            "Incorrect API key provided: sk-abc12345.",
            "Incorrect API key provided: [masked]",
        );
        check(
            "authorization: Bearer abc",
            "authorization: Bearer [masked]",
        );
        check(
            r#"{"key":"0123456789abcdef0123456789"}"#,
            r#"{"key":"[masked]"}"#,
        );
        check(
            "a-long-word-without-any-number",
            "a-long-word-without-any-number",
        );
        check("", "");
        assert_eq!(excerpt(&"é ".repeat(1000)).chars().count(), 200);
    }

    proptest! {
        #[test]
        fn is_short_and_on_one_line(text in ".*") {
            let e = excerpt(&text);
            prop_assert!(e.chars().count() <= 200);
            prop_assert!(!e.chars().any(char::is_control));
        }
    }
}
