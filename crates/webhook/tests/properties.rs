//! Whatever is sent, there is an answer; and a signature is right only for what was signed.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test"
)]

use assay_webhook::{
    Filter, Provider, REPLAY_WINDOW_S, Signature, VerifyError, matches, parse, sign, verify,
};
use http::{HeaderMap, HeaderName, HeaderValue};
use proptest::prelude::*;

fn header(name: &'static str, value: &str) -> Option<HeaderMap> {
    let mut headers = HeaderMap::new();
    headers.insert(
        HeaderName::from_static(name),
        HeaderValue::from_str(value).ok()?,
    );
    Some(headers)
}

fn provider() -> impl Strategy<Value = Provider> {
    prop::sample::select(vec![Provider::Generic, Provider::Github, Provider::Gitlab])
}

fn pieces() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        prop::sample::select(vec![
            "t=",
            "v1=",
            "v0=",
            ",",
            "=",
            " ",
            "1790000000",
            "-1",
            "sha256=",
            "v1,",
            "é",
        ])
        .prop_map(str::to_owned),
        "[0-9a-f]{64}",
        "[ -~]{0,6}",
    ];
    prop::collection::vec(piece, 0..12).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn any_header_is_read_or_refused(text in pieces()) {
        if let Ok(signature) = Signature::parse(&text) {
            prop_assert!(!signature.digests.is_empty());
            prop_assert!(signature.time_s >= 0);
        }
    }

    #[test]
    fn what_is_signed_is_verified(
        time in 0_i64..4_000_000_000,
        body in prop::collection::vec(any::<u8>(), 0..200),
        secret in "[ -~]{1,40}",
        by in -400_i64..400,
    ) {
        let headers = header("assay-signature", &sign(time, &body, &[&secret])).unwrap();
        let result = verify(Provider::Generic, &headers, &body, &[&secret], time + by, REPLAY_WINDOW_S);
        if by.unsigned_abs() <= u64::from(REPLAY_WINDOW_S) {
            prop_assert_eq!(result, Ok(()));
        } else {
            prop_assert!(matches!(result, Err(VerifyError::Stale { .. })), "{:?}", result);
        }
    }

    #[test]
    fn one_other_byte_is_wrong(
        body in prop::collection::vec(any::<u8>(), 1..100),
        at in any::<prop::sample::Index>(),
        bit in 0_u32..8,
    ) {
        let header_value = sign(1_790_000_000, &body, &["secret"]);
        let headers = header("assay-signature", &header_value).unwrap();
        let mut changed = body.clone();
        let at = at.index(changed.len());
        changed[at] ^= 1 << bit;
        prop_assert_eq!(
            verify(Provider::Generic, &headers, &changed, &["secret"], 1_790_000_000, 300),
            Err(VerifyError::Wrong)
        );
    }

    #[test]
    fn nobody_guesses(text in pieces(), provider in provider(), body in "[ -~]{0,40}") {
        for name in ["assay-signature", "x-hub-signature-256", "x-gitlab-token"] {
            if let Some(headers) = header(name, &text) {
                let result = verify(
                    provider, &headers, body.as_bytes(), &["a secret nobody knows"], 1_790_000_000, 300,
                );
                prop_assert!(result.is_err());
            }
        }
    }

    #[test]
    fn any_body_is_parsed_or_refused(
        provider in provider(),
        event in prop::sample::select(vec!["push", "pull_request", "ping", "Push Hook", "x"]),
        kind in prop::sample::select(vec!["push", "tag_push", "merge_request", "x"]),
        field in "[a-z_]{0,12}",
        text in ".{0,40}",
    ) {
        let mut headers = HeaderMap::new();
        headers.insert("x-github-event", HeaderValue::from_static(event));
        headers.insert("x-gitlab-event", HeaderValue::from_static(event));
        headers.insert("x-github-delivery", HeaderValue::from_static("d"));
        let body = serde_json::json!({
            "object_kind": kind, "ref": text, "after": text, "sha": text, field: text, "commits": [],
            "repository": {"full_name": text}, "project": {"path_with_namespace": text, "web_url": text},
        });
        if let Ok(assay_webhook::Parsed::Event(event)) = parse(provider, &headers, body.to_string().as_bytes()) {
            let _ = matches(&Filter::default(), &event);
            let _ = assay_webhook::status::Target::of(&event, None);
        }
        let _ = parse(provider, &headers, text.as_bytes());
    }
}
