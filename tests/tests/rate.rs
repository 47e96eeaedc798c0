//! Limits: requests of a key, a public link or a hook, and failed attempts of an address.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "test code"
)]

use assay_tests::{Answer, App, Client, Stores};
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::json;
use sha2::Sha256;

#[track_caller]
fn refused(answer: &Answer) {
    answer.expect_problem(429, "too-many-requests");
    let wait: u64 = answer.header("retry-after").unwrap().parse().unwrap();
    assert!((1..=60).contains(&wait), "{wait}");
}

/// Waits for a minute that is long enough for the test: windows are the clock's minutes.
fn fresh_minute() {
    let now = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .unwrap();
    let left = 60 - now.as_secs() % 60;
    if left < 20 {
        std::thread::sleep(std::time::Duration::from_secs(left));
    }
}

fn keys_have_a_limit(stores: &Stores) {
    let dir = tempfile::tempdir().unwrap();
    let app = App::at(dir.path(), stores)
        .env("ASSAY_RATE_LIMIT_PER_KEY", "10")
        .start();
    fresh_minute();
    let owner = app.client();
    let first = owner.get("/api/v1/agents");
    assert_eq!(first.status, 200, "{}", first.text);
    assert_eq!(first.header("ratelimit-limit"), Some("10"));
    assert_eq!(first.header("ratelimit-remaining"), Some("9"));
    let statuses: Vec<u16> = std::thread::scope(|scope| {
        let all: Vec<_> = (0..20)
            .map(|i| {
                let owner = owner.clone();
                // One key, whatever serves it.
                let path = ["/api/v1/agents", "/api/v1/me", "/api/v1/traces"][i % 3];
                scope.spawn(move || owner.get(path).status)
            })
            .collect();
        all.into_iter().map(|t| t.join().unwrap()).collect()
    });
    let let_through = statuses.iter().filter(|s| **s == 200).count();
    assert_eq!(let_through, 9, "{statuses:?}");
    let answer = owner.get("/api/v1/agents");
    refused(&answer);
    assert_eq!(answer.header("ratelimit-remaining"), Some("0"));
}

#[test]
fn a_key_is_refused_when_it_has_used_up_its_minute() {
    keys_have_a_limit(&Stores::embedded());
}

#[test]
fn postgres_a_key_is_refused_when_it_has_used_up_its_minute() {
    if let Some(stores) = Stores::postgres() {
        keys_have_a_limit(&stores);
    }
}

fn addresses_have_a_limit(stores: &Stores) {
    let dir = tempfile::tempdir().unwrap();
    let app = App::at(dir.path(), stores)
        .env("ASSAY_RATE_LIMIT_FAILURES", "5")
        .env("ASSAY_TRUST_FORWARDED_FOR", "true")
        .start();
    fresh_minute();
    let from = |client: &Client, address: &str| {
        client.send("GET", "/api/v1/me", &[("x-forwarded-for", address)], None)
    };
    let guess = |n: usize| Client::with_keys(&app.url, Client::PUBLIC, &format!("sk-as-guess-{n}"));
    let owner = app.client();
    // Often enough for every instance to have seen it.
    for _ in 0..20 {
        assert_eq!(from(&owner, "192.0.2.1").status, 200);
    }
    // The same wrong key again and again is a mistake, no guess.
    for _ in 0..10 {
        assert_eq!(from(&guess(0), "192.0.2.1").status, 401);
    }
    // What the client itself wrote before the proxy's entry does not count.
    let statuses: Vec<u16> = (1..8)
        .map(|n| from(&guess(n), &format!("10.9.8.{n}, 192.0.2.1")).status)
        .collect();
    assert!(statuses.starts_with(&[401, 401]), "{statuses:?}");
    assert!(statuses.ends_with(&[429, 429]), "{statuses:?}");
    refused(&from(&guess(9), "192.0.2.1"));
    // Who was proven from there before stays welcome; others are elsewhere.
    assert_eq!(from(&owner, "192.0.2.1").status, 200);
    assert_eq!(from(&guess(9), "192.0.2.2").status, 401);
    // Signing in is refused too, by every instance; from elsewhere it is not.
    let sign_in = |address: &str| {
        let headers = [
            ("x-forwarded-for", address),
            ("content-type", "application/json"),
        ];
        let body = json!({"grant_type": "sign_in_link", "token": "sl-as-x"}).to_string();
        let client = Client::anonymous(&app.url);
        client.send(
            "POST",
            "/api/v1/auth/token",
            &headers,
            Some(body.as_bytes()),
        )
    };
    refused(&sign_in("192.0.2.1"));
    assert_eq!(sign_in("192.0.2.3").status, 401);
    // Without a credential nothing is guessed.
    for _ in 0..10 {
        assert_eq!(from(&Client::anonymous(&app.url), "192.0.2.4").status, 401);
    }
}

#[test]
fn an_address_that_guesses_is_refused() {
    addresses_have_a_limit(&Stores::embedded());
}

#[test]
fn postgres_an_address_that_guesses_is_refused() {
    if let Some(stores) = Stores::postgres() {
        addresses_have_a_limit(&stores);
    }
}

fn links_have_limits(stores: &Stores) {
    let dir = tempfile::tempdir().unwrap();
    let app = App::at(dir.path(), stores)
        .env("ASSAY_RATE_LIMIT_PER_KEY", "10")
        .env("ASSAY_RATE_LIMIT_FAILURES", "5")
        .env("ASSAY_TRUST_FORWARDED_FOR", "true")
        .start();
    fresh_minute();
    let owner = app.client();
    let trace = json!({"traces": [{"id": "t", "name": "t"}]});
    let _ = owner.post("/api/v1/ingest", &trace).expect(200);
    let made = owner
        .post("/api/v1/traces/t/shares", &json!({}))
        .expect(201);
    let anyone = Client::anonymous(&app.url);
    let from = |address: &str, token: &str| {
        let path = format!("/api/v1/shared/{token}");
        anyone.send("GET", &path, &[("x-forwarded-for", address)], None)
    };
    // A link is read as often as a key may ask, from wherever.
    let token = made["token"].as_str().unwrap();
    let statuses: Vec<u16> = (0..12)
        .map(|n| from(&format!("192.0.2.{n}"), token).status)
        .collect();
    assert_eq!(statuses[..10], [200; 10], "{statuses:?}");
    assert_eq!(statuses[10..], [429; 2], "{statuses:?}");
    refused(&from("192.0.2.1", token));
    // Whoever guesses links is refused, also by those that are read with one.
    let statuses: Vec<u16> = (0..8)
        .map(|n| from("198.51.100.1", &format!("sh-as-{n}")).status)
        .collect();
    assert!(statuses.starts_with(&[404, 404]), "{statuses:?}");
    assert!(statuses.ends_with(&[429, 429]), "{statuses:?}");
    refused(&from("198.51.100.1", "sh-as-9"));
    assert_eq!(from("203.0.113.1", "sh-as-9").status, 404);
}

#[test]
fn links_have_a_limit_and_are_not_guessed() {
    links_have_limits(&Stores::embedded());
}

#[test]
fn postgres_links_have_a_limit_and_are_not_guessed() {
    if let Some(stores) = Stores::postgres() {
        links_have_limits(&stores);
    }
}

/// A signed request that starts nothing.
fn ping(anyone: &Client, path: &str, secret: &str) -> Answer {
    let body = json!({"event": "ping"}).to_string();
    let time = chrono::Utc::now().timestamp();
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
    mac.update(format!("{time}.{body}").as_bytes());
    let digest = mac.finalize().into_bytes();
    let digest: String = digest.iter().map(|b| format!("{b:02x}")).collect();
    let signature = format!("t={time},v1={digest}");
    let headers = [
        ("content-type", "application/json"),
        ("assay-signature", signature.as_str()),
    ];
    anyone.send("POST", path, &headers, Some(body.as_bytes()))
}

fn hooks_have_a_limit(stores: &Stores) {
    let dir = tempfile::tempdir().unwrap();
    let app = App::at(dir.path(), stores)
        .env("ASSAY_RATE_LIMIT_PER_KEY", "12")
        .start();
    fresh_minute();
    let owner = app.client();
    let agent = owner.agent("http://127.0.0.1:9/");
    let dataset = owner.dataset(&json!([{"key": "a", "input": "Hello?"}]));
    let secret = "a secret of sufficient length 4711";
    let make = |name: &str| {
        let hook = json!({
            "name": name, "provider": "generic", "secrets": [secret],
            "campaign": {"name": "c", "agent_id": agent, "dataset_id": dataset, "metrics": [{"kind": "exact_match"}]},
        });
        let made = owner.post("/api/v1/hooks", &hook).expect(201);
        format!("/hooks/{}", made["id"].as_str().unwrap())
    };
    let (one, other) = (make("one"), make("other"));
    let anyone = Client::anonymous(&app.url);
    // Whoever cannot sign spends nothing of the hook's.
    assert_eq!(
        ping(&anyone, &one, "another secret of that length").status,
        401
    );
    let statuses: Vec<u16> = (0..14)
        .map(|_| ping(&anyone, &one, secret).status)
        .collect();
    assert_eq!(statuses[..12], [202; 12], "{statuses:?}");
    assert_eq!(statuses[12..], [429; 2], "{statuses:?}");
    refused(&ping(&anyone, &one, secret));
    assert_eq!(ping(&anyone, &other, secret).status, 202);
}

#[test]
fn hooks_are_refused_when_they_have_used_up_their_minute() {
    hooks_have_a_limit(&Stores::embedded());
}

#[test]
fn postgres_hooks_are_refused_when_they_have_used_up_their_minute() {
    if let Some(stores) = Stores::postgres() {
        hooks_have_a_limit(&stores);
    }
}
