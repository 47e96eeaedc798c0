//! Signatures that the providers document, and what is none.

use super::*;
use crate::signature::sign;
use http::HeaderValue;

const NOW: i64 = 1_790_000_000;

fn headers(list: &[(&'static str, &str)]) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for (name, value) in list {
        headers.append(*name, HeaderValue::from_str(value).unwrap());
    }
    headers
}

fn check(
    provider: Provider,
    list: &[(&'static str, &str)],
    body: &[u8],
    secrets: &[&str],
) -> Result<(), VerifyError> {
    verify(
        provider,
        &headers(list),
        body,
        secrets,
        NOW,
        REPLAY_WINDOW_S,
    )
}

#[test]
fn the_sample_of_githubs_documentation() {
    let signature = "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17";
    let check = |value: &str, body: &[u8], secrets: &[&str]| {
        check(Provider::Github, &[(HUB_SIGNATURE, value)], body, secrets)
    };
    let secret = "It's a Secret to Everybody";
    assert_eq!(check(signature, b"Hello, World!", &[secret]), Ok(()));
    assert_eq!(check(signature, b"Hello, World!", &["old", secret]), Ok(()));
    assert_eq!(
        check(signature, b"Hello, World?", &[secret]),
        Err(VerifyError::Wrong)
    );
    assert_eq!(
        check(signature, b"Hello, World!", &["other"]),
        Err(VerifyError::Wrong)
    );
    for malformed in [
        "",
        "757107ea",
        "sha1=757107ea",
        "sha256=75",
        &signature.replace('7', "g"),
    ] {
        assert!(
            matches!(
                check(malformed, b"Hello, World!", &[secret]),
                Err(VerifyError::Malformed {
                    header: HUB_SIGNATURE,
                    ..
                })
            ),
            "{malformed}"
        );
    }
    assert_eq!(
        super::tests::check(Provider::Github, &[], b"", &[secret]),
        Err(VerifyError::Missing(HUB_SIGNATURE))
    );
    assert!(matches!(
        super::tests::check(
            Provider::Github,
            &[(HUB_SIGNATURE, signature), (HUB_SIGNATURE, signature)],
            b"Hello, World!",
            &[secret]
        ),
        Err(VerifyError::Malformed {
            why: "is there twice",
            ..
        })
    ));
}

#[test]
fn a_generic_signature_is_of_its_time() {
    let body = br#"{"ref":"main"}"#;
    for (by, expected) in [
        (0, Ok(())),
        (-300, Ok(())),
        (300, Ok(())),
        (
            -301,
            Err(VerifyError::Stale {
                by_s: 301,
                window_s: 300,
            }),
        ),
        (
            301,
            Err(VerifyError::Stale {
                by_s: 301,
                window_s: 300,
            }),
        ),
    ] {
        let header = sign(NOW + by, body, &["secret"]);
        let list = [(ASSAY_SIGNATURE, header.as_str())];
        assert_eq!(
            check(Provider::Generic, &list, body, &["secret"]),
            expected,
            "{by}"
        );
        assert_eq!(
            check(Provider::Generic, &list, body, &["new", "secret"]),
            expected
        );
        assert_eq!(
            check(Provider::Generic, &list, body, &["other"]),
            Err(VerifyError::Wrong),
            "strangers learn nothing of the time"
        );
    }
    let huge = format!("t={},v1={}", i64::MAX, "a".repeat(64));
    assert_eq!(
        check(
            Provider::Generic,
            &[(ASSAY_SIGNATURE, &huge)],
            body,
            &["secret"]
        ),
        Err(VerifyError::Wrong)
    );
    assert_eq!(
        check(Provider::Generic, &[], body, &["secret"]),
        Err(VerifyError::Missing(ASSAY_SIGNATURE))
    );
}

#[test]
fn gitlabs_token_is_repeated() {
    let check = |token: &str, secrets: &[&str]| {
        check(Provider::Gitlab, &[(GITLAB_TOKEN, token)], b"{}", secrets)
    };
    assert_eq!(check("token", &["token"]), Ok(()));
    assert_eq!(check("token", &["old", "token"]), Ok(()));
    for wrong in ["", "toke", "token2", "Token"] {
        assert_eq!(check(wrong, &["token"]), Err(VerifyError::Wrong), "{wrong}");
    }
    assert_eq!(
        super::tests::check(Provider::Gitlab, &[], b"{}", &["token"]),
        Err(VerifyError::Missing(GITLAB_TOKEN))
    );
}

/// The sample of the specification of Standard Webhooks.
#[test]
fn gitlabs_signing_token_signs() {
    let token = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    let body = br#"{"test": 2432232314}"#;
    let list = [
        (WEBHOOK_ID, "msg_p5jXN8AQM9LWM0D4loKWxJek"),
        (WEBHOOK_TIMESTAMP, "1614265330"),
        (
            WEBHOOK_SIGNATURE,
            "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
        ),
    ];
    let at = |now_s: i64, list: &[(&'static str, &str)], secrets: &[&str]| {
        verify(Provider::Gitlab, &headers(list), body, secrets, now_s, 300)
    };
    assert_eq!(at(1_614_265_330, &list, &[token]), Ok(()));
    assert_eq!(at(1_614_265_330, &list, &["plain", token]), Ok(()));
    assert_eq!(
        at(1_614_265_631, &list, &[token]),
        Err(VerifyError::Stale {
            by_s: 301,
            window_s: 300
        })
    );
    let mut other = list;
    other[0].1 = "msg_other";
    assert_eq!(at(1_614_265_330, &other, &[token]), Err(VerifyError::Wrong));
    let two = format!("v1,AAAA {} v2,zz", list[2].1);
    let mut rotating = list;
    rotating[2].1 = &two;
    assert_eq!(at(1_614_265_330, &rotating, &[token]), Ok(()));
    // Whoever sends the token in the clear has not signed.
    assert_eq!(
        at(1_614_265_330, &[(GITLAB_TOKEN, token)], &[token]),
        Err(VerifyError::Missing(WEBHOOK_ID))
    );
    for broken in ["whsec_", "whsec_???", "whsec_AAAA"] {
        assert_eq!(
            at(1_614_265_330, &list, &[broken]),
            Err(VerifyError::Wrong),
            "{broken}"
        );
    }
    // While a hook goes over from one to the other, each is taken.
    assert_eq!(
        at(1_614_265_330, &[(GITLAB_TOKEN, "plain")], &["plain", token]),
        Ok(())
    );
}

#[test]
fn an_empty_secret_proves_nothing() {
    let body = b"{}";
    let header = sign(NOW, body, &[""]);
    for provider in [Provider::Generic, Provider::Github, Provider::Gitlab] {
        for secrets in [&[][..], &[""][..]] {
            assert_eq!(
                check(
                    provider,
                    &[(ASSAY_SIGNATURE, &header), (GITLAB_TOKEN, "")],
                    body,
                    secrets
                ),
                Err(VerifyError::NoSecret)
            );
        }
    }
}
