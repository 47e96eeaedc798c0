//! Signing in with a certified OpenID provider, and each way in which an answer is not to be trusted.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "test code"
)]

use assay_tests::{Answer, App, AppBuilder, Browser, Client, Stores};
use serde_json::{Value, json};
use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};

const PUBLIC_URL: &str = "http://assay.test";
const CALLBACK: &str = "/api/v1/auth/callback/oidc";

/// The provider as a process; ends with its value.
struct Provider {
    child: Child,
    url: String,
}

impl Provider {
    /// `None`, said aloud, where `cargo xtask test` could not provide one.
    fn start() -> Option<Self> {
        let Some(program) = std::env::var_os("ASSAY_TEST_OIDC") else {
            eprintln!("SKIPPED: ASSAY_TEST_OIDC is not set; run `cargo xtask test`");
            return None;
        };
        let node = std::env::var_os("ASSAY_TEST_NODE").unwrap_or_else(|| "node".into());
        let mut child = Command::new(node)
            .arg(program)
            .env("REDIRECT_URIS", format!("{PUBLIC_URL}{CALLBACK}"))
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("node");
        let mut lines = BufReader::new(child.stdout.take().expect("stdout")).lines();
        let url = lines
            .by_ref()
            .map_while(Result::ok)
            .find_map(|l| l.strip_prefix("listening on ").map(str::to_owned))
            .expect("the provider listens");
        // It goes on talking, and would end if nobody listened.
        std::thread::spawn(move || lines.for_each(drop));
        Some(Self { child, url })
    }

    fn tell(&self, wish: &Value) -> Value {
        Client::anonymous(&self.url)
            .post("/control", wish)
            .expect(200)
    }

    fn mint(&self, wish: &Value) -> String {
        let mut wish = wish.clone();
        wish["do"] = json!("mint");
        self.tell(&wish)["id_token"]
            .as_str()
            .expect("a token")
            .to_owned()
    }

    /// What the person does at the provider: follows it until it sends the browser back to us.
    fn consent(&self, authorize: &str, who: &str) -> String {
        let mut browser = Browser::new(&self.url);
        browser.cookies.insert("who".into(), who.into());
        let mut next = authorize.to_owned();
        for _ in 0..8 {
            let path = next.strip_prefix(&self.url).unwrap_or(&next).to_owned();
            let answer = browser.get(&path);
            assert_eq!(answer.status, 303, "{path}: {}", answer.text);
            next = answer.header("location").expect("a redirect").to_owned();
            if let Some(back) = next.strip_prefix(PUBLIC_URL) {
                return back.to_owned();
            }
        }
        panic!("the provider does not send the browser back: {next}");
    }
}

impl Drop for Provider {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn configured(dir: &tempfile::TempDir, stores: &Stores, provider: &Provider) -> AppBuilder {
    App::at(dir.path(), stores)
        .env("ASSAY_PUBLIC_URL", PUBLIC_URL)
        .env("ASSAY_OIDC_NAME", "Test ID")
        .env("ASSAY_OIDC_ISSUER", &provider.url)
        .env("ASSAY_OIDC_CLIENT_ID", "assay")
        .env("ASSAY_OIDC_CLIENT_SECRET", "a-secret-of-the-test")
}

/// Begins a sign-in: the browser, and where it is sent.
fn begin(app: &App, return_to: &str) -> (Browser, String) {
    let mut browser = Browser::new(&app.url);
    let answer = browser.get(&format!("/api/v1/auth/sign-in/oidc?return_to={return_to}"));
    assert_eq!(answer.status, 303, "{}", answer.text);
    let cookie = &Browser::set_cookies(&answer)[0];
    assert!(
        cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax"),
        "{cookie}"
    );
    let to = answer.header("location").expect("a redirect").to_owned();
    for part in [
        "code_challenge_method=S256",
        "code_challenge=",
        "nonce=",
        "state=",
        "response_type=code",
    ] {
        assert!(to.contains(part), "{to}");
    }
    (browser, to)
}

fn sign_in(app: &App, provider: &Provider, who: &str) -> (Browser, Answer) {
    let (mut browser, to) = begin(app, "/");
    let back = provider.consent(&to, who);
    let answer = browser.get(&back);
    (browser, answer)
}

fn a_person_signs_in(stores: &Stores) {
    let Some(provider) = Provider::start() else {
        return;
    };
    let dir = tempfile::tempdir().unwrap();
    let app = configured(&dir, stores, &provider).start();
    let offered = Client::anonymous(&app.url)
        .get("/api/v1/auth/providers")
        .expect(200);
    assert_eq!(offered["data"][0]["id"], "oidc");
    assert_eq!(offered["data"][0]["name"], "Test ID");

    let (mut browser, to) = begin(&app, "/campaigns%3Fpage=2");
    let back = provider.consent(&to, "ada");
    let answer = browser.get(&back);
    assert_eq!(answer.status, 303, "{}", answer.text);
    assert_eq!(answer.header("location"), Some("/campaigns?page=2"));
    let me = browser.get("/api/v1/me").expect(200);
    assert_eq!(me["user"]["email"], "ada@example.com");
    assert_eq!(me["user"]["name"], "Person ada");
    assert_eq!(me["role"], "owner");
    assert_eq!(me["workspace"]["name"], "Person ada's workspace");
    assert!(!browser.cookies.contains_key("assay_sign_in"));

    // Again: the same person, no second workspace.
    let (mut again, _) = sign_in(&app, &provider, "ada");
    let second = again.get("/api/v1/me").expect(200);
    assert_eq!(second["user"]["id"], me["user"]["id"]);
    assert_eq!(second["memberships"].as_array().unwrap().len(), 1);

    // Somebody else sees nothing of it; an address that is not proven is not shown.
    let (mut other, _) = sign_in(&app, &provider, "unverified-eve");
    let eve = other.get("/api/v1/me").expect(200);
    assert_ne!(eve["workspace"]["id"], me["workspace"]["id"]);
    assert!(eve["user"]["email"].is_null(), "{eve}");
    let theirs = me["workspace"]["id"].as_str().unwrap();
    other
        .send("GET", "/api/v1/me", &[("x-assay-workspace", theirs)], None)
        .expect_problem(404, "not-found");

    // The owner whom the operator named is found by the address that the provider vouches for.
    let (mut owner, _) = sign_in(&app, &provider, "owner");
    let owner = owner.get("/api/v1/me").expect(200);
    assert_eq!(owner["user"]["email"], "owner@example.com");
    assert_eq!(owner["workspace"]["name"], "Test");
    assert!(!app.log().contains("a-secret-of-the-test"));
}

#[test]
fn a_person_signs_in_with_a_provider() {
    a_person_signs_in(&Stores::embedded());
}

#[test]
fn postgres_a_person_signs_in_with_a_provider() {
    if let Some(stores) = Stores::postgres() {
        a_person_signs_in(&stores);
    }
}

/// `back` with one query parameter replaced, or taken away.
fn with(back: &str, name: &str, value: Option<&str>) -> String {
    let (path, query) = back.split_once('?').expect("a query");
    let mut parts: Vec<String> = query
        .split('&')
        .filter(|part| !part.starts_with(&format!("{name}=")))
        .map(str::to_owned)
        .collect();
    parts.extend(value.map(|v| format!("{name}={v}")));
    format!("{path}?{}", parts.join("&"))
}

#[test]
fn answers_that_are_not_to_be_trusted() {
    let Some(provider) = Provider::start() else {
        return;
    };
    let dir = tempfile::tempdir().unwrap();
    let app = configured(&dir, &Stores::embedded(), &provider).start();

    // An answer is used once.
    let (mut browser, to) = begin(&app, "/");
    let back = provider.consent(&to, "ada");
    let replay = browser.clone();
    assert_eq!(browser.get(&back).status, 303);
    let mut replay = replay;
    replay.get(&back).expect_problem(401, "unauthenticated");

    // A code of one sign-in does not finish another.
    let (mut browser, to) = begin(&app, "/");
    let (_, other_to) = begin(&app, "/");
    let other = provider.consent(&other_to, "eve");
    let back = provider.consent(&to, "ada");
    let code = other
        .split(['?', '&'])
        .find_map(|p| p.strip_prefix("code="))
        .expect("a code");
    let problem = browser
        .get(&with(&back, "code", Some(code)))
        .expect_problem(401, "unauthenticated");
    assert_eq!(problem["errors"][0]["field"], "code");
    assert!(!browser.cookies.contains_key("assay_session"));

    // Each of these takes a fresh sign-in, which is spent by it.
    for (name, value, field) in [
        ("state", None, "state"),
        ("state", Some("0000"), "state"),
        ("iss", None, "iss"),
        ("iss", Some("https%3A%2F%2Fevil.example"), "iss"),
    ] {
        let (mut browser, to) = begin(&app, "/");
        let back = provider.consent(&to, "ada");
        let problem = browser
            .get(&with(&back, name, value))
            .expect_problem(401, "unauthenticated");
        assert_eq!(problem["errors"][0]["field"], field);
        assert!(!browser.cookies.contains_key("assay_session"));
    }

    // Another browser does not finish it, nor does the answer of another provider's path.
    let (_, to) = begin(&app, "/");
    let back = provider.consent(&to, "eve");
    let (mut victim, _) = begin(&app, "/");
    victim.get(&back).expect_problem(401, "unauthenticated");
    let (mut browser, to) = begin(&app, "/");
    let back = provider.consent(&to, "ada");
    browser
        .get(&back.replace("/oidc?", "/google?"))
        .expect_problem(404, "not-found");

    // The provider says no.
    let (mut browser, to) = begin(&app, "/");
    let back = provider.consent(&to, "ada");
    let denied = with(&with(&back, "code", None), "error", Some("access_denied"));
    let problem = browser.get(&denied).expect_problem(401, "unauthenticated");
    assert!(
        problem["detail"]
            .as_str()
            .unwrap()
            .contains("access_denied")
    );

    // Nobody is sent to another site after it.
    for evil in [
        "https:%2F%2Fevil.example",
        "%2F%2Fevil.example",
        "%2F%5Cevil.example",
    ] {
        let (mut browser, to) = begin(&app, evil);
        let back = provider.consent(&to, "ada");
        assert_eq!(browser.get(&back).header("location"), Some("/"));
    }
}

#[test]
fn keys_that_change_and_clocks_that_differ() {
    let Some(provider) = Provider::start() else {
        return;
    };
    let dir = tempfile::tempdir().unwrap();
    let app = configured(&dir, &Stores::embedded(), &provider).start();
    assert_eq!(sign_in(&app, &provider, "ada").1.status, 303);
    // Keys that were just read are not read again for whoever sends unknown ones.
    std::thread::sleep(std::time::Duration::from_secs(6));
    provider.tell(&json!({"do": "rotate"}));
    let (_, answer) = sign_in(&app, &provider, "ada");
    assert_eq!(answer.status, 303, "{}", answer.text);
    for (seconds, ok) in [(45, true), (600, false), (-45, true), (-7200, false)] {
        provider.tell(&json!({"do": "skew", "seconds": seconds}));
        let (browser, answer) = sign_in(&app, &provider, "ada");
        assert_eq!(answer.status == 303, ok, "{seconds} s: {}", answer.text);
        assert_eq!(browser.cookies.contains_key("assay_session"), ok);
    }
}

#[test]
fn an_id_token_is_exchanged_when_all_of_it_is_right() {
    let (Some(provider), Some(evil)) = (Provider::start(), Provider::start()) else {
        return;
    };
    let dir = tempfile::tempdir().unwrap();
    let app = configured(&dir, &Stores::embedded(), &provider).start();
    let exchange = |provider: &str, token: &str, nonce: Option<&str>| {
        let body = json!({"grant_type": "id_token", "provider": provider, "id_token": token, "nonce": nonce});
        Client::anonymous(&app.url).post("/api/v1/auth/token", &body)
    };
    let good = provider.mint(&json!({"claims": {"nonce": "n1"}}));
    let granted = exchange("oidc", &good, Some("n1")).expect(200);
    let access = granted["access_token"].as_str().unwrap();
    let me = Client::with_bearer(&app.url, access).get("/api/v1/me");
    assert_eq!(me.expect(200)["user"]["id"], granted["user_id"]);

    exchange("oidc", &good, Some("n2")).expect_problem(401, "unauthenticated");
    exchange("google", &good, None).expect_problem(422, "validation");
    let now = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .unwrap()
        .as_secs();
    for wish in [
        json!({"claims": {"aud": "another-client"}}),
        json!({"claims": {"aud": ["assay", "another-client"]}}),
        json!({"claims": {"azp": "another-client"}}),
        json!({"claims": {"iss": "https://evil.example"}}),
        json!({"claims": {"exp": now - 120}}),
        json!({"claims": {"iat": now + 120}}),
        json!({"claims": {"nbf": now + 120}}),
        json!({"claims": {"sub": ""}}),
        json!({"strange": true}),
        json!({"header": {"kid": "nobody"}}),
    ] {
        let token = provider.mint(&wish);
        let answer = exchange("oidc", &token, None);
        assert_eq!(answer.status, 401, "{wish}: {}", answer.text);
        let problem = answer.expect_problem(401, "unauthenticated");
        assert_eq!(problem["errors"][0]["field"], "/id_token");
        assert!(!answer.text.contains(&token), "the token is told back");
    }
    // Another issuer's token, and one whose header asks for less.
    let theirs = evil.mint(&json!({"claims": {"iss": provider.url}}));
    exchange("oidc", &theirs, None).expect_problem(401, "unauthenticated");
    let header = "eyJhbGciOiJub25lIn0";
    let payload = good.split('.').nth(1).unwrap();
    for token in [
        format!("{header}.{payload}."),
        String::new(),
        "x".repeat(20_000),
    ] {
        exchange("oidc", &token, None).expect_problem(401, "unauthenticated");
    }
    // An access token of ours is no ID token, and the other way round.
    exchange("oidc", access, None).expect_problem(401, "unauthenticated");
    Client::with_bearer(&app.url, &good)
        .get("/api/v1/me")
        .expect_problem(401, "unauthenticated");
}

#[test]
fn a_provider_that_is_down_is_named_and_nothing_else() {
    let dir = tempfile::tempdir().unwrap();
    let app = App::at(dir.path(), &Stores::embedded())
        .env("ASSAY_OIDC_ISSUER", "http://127.0.0.1:9")
        .env("ASSAY_OIDC_CLIENT_ID", "assay")
        .start();
    let mut browser = Browser::new(&app.url);
    browser
        .get("/api/v1/auth/sign-in/oidc")
        .expect_problem(502, "provider-unavailable");
    browser
        .get("/api/v1/auth/sign-in/google")
        .expect_problem(404, "not-found");
    let offered = browser.get("/api/v1/auth/providers").expect(200);
    assert_eq!(offered["data"].as_array().unwrap().len(), 1);
}
