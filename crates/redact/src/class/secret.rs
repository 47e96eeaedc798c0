//! Credentials: keys of APIs by their prefixes, bearer tokens, user and password in URLs.

use super::{begins_word, byte};
use std::ops::Range;

/// How many characters a key has at least, after its prefix.
const KEY_REST: usize = 16;
/// How many characters a bearer token has at least.
const BEARER_REST: usize = 16;
/// How much of a key is looked at before it is known to be one: texts can repeat a prefix for ever.
const KEY_LOOK: usize = 256;
/// The longest header and payload of a JSON Web Token.
const JWT_HEADER: usize = 1024;
const JWT_PAYLOAD: usize = 64 * 1024;
/// Prefixes whose keys are one run of letters, digits, `-` and `_`, with the least length of that run.
const PREFIXES: [(&str, usize); 24] = [
    ("ghp_", 20),
    ("gho_", 20),
    ("ghu_", 20),
    ("ghs_", 20),
    ("ghr_", 20),
    ("github_pat_", 20),
    ("glpat-", 16),
    ("xoxa-", 10),
    ("xoxb-", 10),
    ("xoxc-", 10),
    ("xoxd-", 10),
    ("xoxe-", 10),
    ("xoxo-", 10),
    ("xoxp-", 10),
    ("xoxr-", 10),
    ("xoxs-", 10),
    ("xapp-", 10),
    ("AIza", 35),
    ("hf_", 20),
    ("npm_", 20),
    ("gsk_", 20),
    ("pypi-", 20),
    ("dop_v1_", 20),
    ("shpat_", 20),
];

pub(super) fn keys(text: &str) -> Vec<Range<usize>> {
    let mut found: Vec<Range<usize>> = Vec::new();
    let pairs = text.as_bytes().windows(2).enumerate();
    for (i, _) in pairs.filter(|(_, pair)| begins_key(pair)) {
        if found.last().is_some_and(|last| i < last.end) || !begins_word(text, i) {
            continue;
        }
        if let Some(span) = text.get(i..).and_then(key_at) {
            found.push(i + span.start..i + span.end);
        }
    }
    found
}

/// Whether a prefix, or the word `Bearer`, begins with these two: most words do not.
fn begins_key(pair: &[u8]) -> bool {
    matches!(
        pair,
        [b's' | b'p' | b'r', b'k']
            | [b'g', b'h' | b'i' | b'l' | b's']
            | [b'x', b'o' | b'a']
            | [b'A', b'K' | b'S' | b'I']
            | [b's', b'h']
            | [b'b' | b'B', b'e' | b'E']
            | b"ey"
            | b"hf"
            | b"np"
            | b"py"
            | b"do"
    )
}

/// The key that `rest` begins with, or the token after the word `Bearer`.
fn key_at(rest: &str) -> Option<Range<usize>> {
    let length = prefixed(rest)
        .or_else(|| generic(rest))
        .or_else(|| aws(rest))
        .or_else(|| jwt(rest));
    length.map(|length| 0..length).or_else(|| bearer(rest))
}

fn run(text: &str, part: impl Fn(u8) -> bool) -> usize {
    text.bytes().take_while(|b| part(*b)).count()
}

/// The first `most` bytes at most.
fn head(text: &str, most: usize) -> &str {
    text.get(..text.floor_char_boundary(most))
        .unwrap_or_default()
}

fn plain(b: u8) -> bool {
    b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_')
}

fn prefixed(rest: &str) -> Option<usize> {
    PREFIXES.iter().find_map(|(prefix, least)| {
        let length = run(rest.strip_prefix(prefix)?, plain);
        (length >= *least).then_some(prefix.len() + length)
    })
}

/// `sk-…`, `pk-…`, `rk-…`, also with `_`. A part of at least 8 characters with a digit tells a key from words such as
/// `sk-your-key-goes-here`, and so do capitals, small letters and digits together.
fn generic(rest: &str) -> Option<usize> {
    let prefix = ["sk-", "pk-", "rk-", "sk_", "pk_", "rk_"]
        .into_iter()
        .find(|prefix| rest.starts_with(prefix))?;
    let rest = rest.get(prefix.len()..)?;
    let looked = head(rest, KEY_LOOK);
    let key = looked.get(..run(looked, plain))?;
    let digit = |part: &str| part.bytes().any(|b| b.is_ascii_digit());
    let random = key
        .split(['-', '_'])
        .any(|part| part.len() >= 8 && digit(part))
        || (digit(key)
            && key.bytes().any(|b| b.is_ascii_uppercase())
            && key.bytes().any(|b| b.is_ascii_lowercase()));
    (key.len() >= KEY_REST && random).then(|| prefix.len() + run(rest, plain))
}

/// Ids of AWS access keys, long-lived and temporary.
fn aws(rest: &str) -> Option<usize> {
    if !rest.starts_with("AKIA") && !rest.starts_with("ASIA") {
        return None;
    }
    let length = run(rest, |b| b.is_ascii_uppercase() || b.is_ascii_digit());
    (length == 20 && !byte(rest, length).is_ascii_alphanumeric()).then_some(length)
}

/// Three parts in base64url, the first two of which are JSON objects; the third is empty where the token is not signed.
fn jwt(rest: &str) -> Option<usize> {
    if !rest.starts_with("eyJ") {
        return None;
    }
    let header = run(head(rest, JWT_HEADER), plain);
    let payload = rest.get(header..)?.strip_prefix('.')?;
    if !payload.starts_with("eyJ") {
        return None;
    }
    let payload_length = run(head(payload, JWT_PAYLOAD), plain);
    let signature = payload.get(payload_length..)?.strip_prefix('.')?;
    (header >= 10).then_some(header + 1 + payload_length + 1 + run(signature, plain))
}

/// The token after `Bearer`; the word itself stays. Prose goes on with words instead, which have no digits and no capitals
/// inside.
fn bearer(rest: &str) -> Option<Range<usize>> {
    let word = rest.get(..6)?;
    if !word.eq_ignore_ascii_case("bearer") {
        return None;
    }
    let spaces = run(rest.get(6..)?, |b| b == b' ');
    let start = 6 + spaces;
    let token = rest.get(start..)?;
    let length = run(token, |b| {
        b.is_ascii_alphanumeric() || b"-._~+/=".contains(&b)
    });
    let token = token.get(..length)?.trim_end_matches('.');
    let random = token.bytes().any(|b| b.is_ascii_digit())
        || token.bytes().skip(1).any(|b| b.is_ascii_uppercase());
    (spaces > 0 && token.len() >= BEARER_REST && random).then_some(start..start + token.len())
}

pub(super) fn credentials(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    for (at, _) in text.match_indices("://") {
        let start = at + 3;
        let rest = text.get(start..).unwrap_or_default();
        let end = rest
            .find(|c: char| c.is_whitespace() || c.is_control() || "/?#\"'<>`\\".contains(c))
            .unwrap_or(rest.len());
        let user_info = rest
            .get(..end)
            .and_then(|authority| authority.rsplit_once('@'))
            .map(|(user_info, _)| user_info);
        if let Some((_, password)) = user_info.and_then(|u| u.split_once(':'))
            && !password.is_empty()
        {
            found.push(start..start + user_info.map_or(0, str::len));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use crate::class::Class::{ApiKey, UrlCredentials};
    use crate::class::check::finds;

    // Put together here, so that scanners for secrets do not take the samples for real ones.
    fn samples() -> Vec<String> {
        vec![
            format!("sk-{}", "abcd1234".repeat(6)),
            format!("sk-proj-{}", "Ab3_".repeat(12)),
            format!("sk-ant-api03-{}", "xY9z-".repeat(8)),
            "sk-lf-1234abcd-12ab-34cd-56ef-1234567890ab".to_owned(),
            format!("pk-as-{}", "0f".repeat(16)),
            format!("sk_live_{}", "4eC39HqLyjWDarjtT1zdp7dc"),
            format!("ghp_{}", "a1B2".repeat(9)),
            format!("github_pat_{}", "11AA_".repeat(8)),
            format!("glpat-{}", "a1b2".repeat(5)),
            format!("AKIA{}", "IOSFODNN7EXAMPLE"),
            format!("xoxb-{}", "123456789012-abcdef"),
            format!("AIza{}", "Sy1".repeat(12)),
            format!("eyJ{}.eyJ{}.{}", "hbGciOi", "zdWIiOi", "c2ln-_"),
        ]
    }

    #[test]
    fn api_keys() {
        for key in samples() {
            finds(ApiKey, &key, &[&key]);
            finds(ApiKey, &format!("key={key}, \"{key}\"."), &[&key, &key]);
        }
        finds(
            ApiKey,
            "Authorization: Bearer abcDEF0123456789+/==",
            &["abcDEF0123456789+/=="],
        );
        finds(
            ApiKey,
            "bearer  0123456789abcdef0123.",
            &["0123456789abcdef0123"],
        );
    }

    #[test]
    fn every_prefix_is_looked_for() {
        for (prefix, least) in super::PREFIXES {
            let key = format!("{prefix}{}", "a".repeat(least));
            finds(ApiKey, &key, &[&key]);
        }
    }

    #[test]
    fn no_api_keys() {
        for text in [
            "sk-learn is a library of many estimators",
            "sk-your-key-goes-here-please",
            "task-1234567890abcdefgh",
            "pk-1",
            "Bearer responsibilities",
            "the bearer of 12 bad news",
            "AKIAIOSFODNN7EXAMPLEXX",
            "AKIA",
            "eyJhbGciOi.abc.def",
            "ghp_short",
            "Bearer [REDACTED:key]",
        ] {
            finds(ApiKey, text, &[]);
        }
    }

    #[test]
    fn url_credentials() {
        for (text, expected) in [
            ("postgres://app:s3cret@db:5432/x", "app:s3cret"),
            ("see https://u:p%40ss@example.com?q", "u:p%40ss"),
            ("redis://:pw@cache", ":pw"),
            ("amqp://u:p@ss@host", "u:p@ss"),
        ] {
            finds(UrlCredentials, text, &[expected]);
        }
    }

    #[test]
    fn no_url_credentials() {
        for text in [
            "https://example.com:443/a@b",
            "https://example.com/?x=a:b@c",
            "ssh://git@example.com",
            "https://user:@example.com",
            "a:b@c",
            "http://x:1 mail a@b",
        ] {
            finds(UrlCredentials, text, &[]);
        }
    }
}
