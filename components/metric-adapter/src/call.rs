//! What is asked, and by whom.

use hmac::{Hmac, KeyInit as _, Mac as _};
use serde::Deserialize;
use serde_json::value::RawValue;
use sha2::Sha256;

/// The header that carries the signature.
pub const HEADER: &str = "x-assay-internal";
/// How far clocks may be apart, in seconds.
const WINDOW_S: i64 = 300;
/// Most bytes of a question: a case of the largest request to score one, and its parameters.
pub const MAX_BODY: usize = 16 << 20;

/// What can be asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Route {
    /// What the metric is.
    Describe,
    /// A score.
    Score,
}

impl Route {
    /// The route of a request.
    #[must_use]
    pub fn of(method: &str, path: &str) -> Option<Self> {
        match (method, path) {
            ("POST", "/describe") => Some(Self::Describe),
            ("POST", "/score") => Some(Self::Score),
            _ => None,
        }
    }
}

/// Whether a call is the platform's: `<unix seconds>.<hex of HMAC-SHA256 of time, component, path and body>`, as all calls between
/// components are signed. Without a key nobody's is.
#[must_use]
pub fn is_signed(
    key: &str,
    now_s: i64,
    component: &str,
    path: &str,
    body: &[u8],
    signature: &str,
) -> bool {
    let Some((time, tag)) = signature.split_once('.') else {
        return false;
    };
    let (Ok(at), Ok(tag)) = (time.parse::<i64>(), hex::decode(tag)) else {
        return false;
    };
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key.as_bytes()) else {
        return false;
    };
    mac.update(format!("{time}\n{component}\n{path}\n").as_bytes());
    mac.update(body);
    // `verify_slice` compares in constant time.
    !key.is_empty() && now_s.saturating_sub(at).abs() <= WINDOW_S && mac.verify_slice(&tag).is_ok()
}

/// A case to score, as the metric is given it: the very text that came.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Question<'a> {
    /// The case, an object.
    #[serde(borrow)]
    pub case: &'a RawValue,
    /// The metric's parameters, an object.
    #[serde(borrow)]
    pub params: &'a RawValue,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_is_for_one_call() {
        // printf '1700000000\nmetric-a\n/score\n{}' | openssl dgst -sha256 -hmac key
        let good = "1700000000.4869bfa0b20e282cf6d0238b08d3ba383fe5f50d8a010dbc7872b8771654d81c";
        let signed = |key: &str, now: i64, component: &str, path: &str, body: &[u8], s: &str| {
            is_signed(key, now, component, path, body, s)
        };
        let at = 1_700_000_010;
        assert!(signed("key", at, "metric-a", "/score", b"{}", good));
        assert!(!signed("other", at, "metric-a", "/score", b"{}", good));
        assert!(!signed("key", at, "metric-b", "/score", b"{}", good));
        assert!(!signed("key", at, "metric-a", "/describe", b"{}", good));
        assert!(!signed("key", at, "metric-a", "/score", b"[]", good));
        assert!(!signed("key", at + 600, "metric-a", "/score", b"{}", good));
        for bad in ["", ".", "1700000000.", "x.y", "1700000000.zz"] {
            assert!(
                !signed("key", at, "metric-a", "/score", b"{}", bad),
                "{bad}"
            );
        }
        // printf '1700000000\nmetric-a\n/score\n{}' | openssl dgst -sha256 -hmac ''
        let keyless = "1700000000.c1369b7e76491ebe4a03f26aac5e4524e4123fa3dafb49b0a58739aa3f73ead8";
        assert!(!signed("", at, "metric-a", "/score", b"{}", keyless));
    }

    #[test]
    fn a_question_is_handed_on_as_it_came() {
        let question = r#"{"case": {"input": "a\u0062", "cost_usd": 1.0}, "params": {}}"#;
        let read: Question<'_> = serde_json::from_str(question).unwrap();
        assert_eq!(read.case.get(), r#"{"input": "a\u0062", "cost_usd": 1.0}"#);
        assert_eq!(read.params.get(), "{}");
        assert!(serde_json::from_str::<Question<'_>>(r#"{"case": {}}"#).is_err());
        assert_eq!(Route::of("POST", "/score"), Some(Route::Score));
        assert_eq!(Route::of("GET", "/score"), None);
    }
}
