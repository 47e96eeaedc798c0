//! Signing in by link and by token, and every way in which a session or a token is worth nothing.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "test code"
)]

use assay_tests::{App, Browser, Client, Stores, forged};
use serde_json::{Value, json};
use std::path::Path;

/// A platform that printed a sign-in link, and the link's token.
fn start(dir: &Path, stores: &Stores, public_url: &str) -> (App, String) {
    let app = App::at(dir, stores)
        .arg("--sign-in-link")
        .env("ASSAY_PUBLIC_URL", public_url)
        .start();
    let token = link(&app);
    (app, token)
}

/// The token of the link that a start printed.
fn link(app: &App) -> String {
    let log = app.log();
    let (_, rest) = log
        .split_once("/api/v1/auth/link?token=")
        .unwrap_or_else(|| panic!("no sign-in link in:\n{log}"));
    rest.split_whitespace().next().expect("a token").to_owned()
}

const JSON: (&str, &str) = ("content-type", "application/json");

fn sign_in(app: &App, token: &str) -> Browser {
    let mut browser = Browser::new(&app.url);
    let body = json!({"token": token}).to_string();
    let _ = browser
        .send("POST", "/api/v1/auth/link", &[JSON], Some(&body))
        .expect(200);
    browser
}

fn grant(app: &App, body: &Value) -> assay_tests::Answer {
    Client::anonymous(&app.url).post("/api/v1/auth/token", body)
}

fn by_link(app: &App, token: &str) -> Value {
    grant(app, &json!({"grant_type": "sign_in_link", "token": token})).expect(200)
}

fn text<'a>(value: &'a Value, field: &str) -> &'a str {
    value[field].as_str().expect("text")
}

/// The first start of a person who configured nothing.
#[test]
fn a_first_start_prints_a_link_that_works_once() {
    let dir = tempfile::tempdir().unwrap();
    let up = || {
        App::at(dir.path(), &Stores::embedded())
            .env("ASSAY_INIT_WORKSPACE", "")
            .env("ASSAY_INIT_OWNER_EMAIL", "")
            .env("ASSAY_INIT_PUBLIC_KEY", "")
            .env("ASSAY_INIT_SECRET_KEY", "")
    };
    let mut app = up().start();
    let lost = link(&app);
    assert_eq!(app.terminate(), 0);
    // Whoever did not use it gets another one at the next start, and the first one is dead.
    let mut app = up().start();
    let token = link(&app);
    let body = json!({"token": lost}).to_string();
    Browser::new(&app.url)
        .send("POST", "/api/v1/auth/link", &[JSON], Some(&body))
        .expect_problem(401, "unauthenticated");
    let mut browser = sign_in(&app, &token);
    let me = browser.get("/api/v1/me").expect(200);
    assert_eq!(me["user"]["email"], "owner@localhost");
    assert_eq!(me["role"], "owner");
    assert_eq!(me["memberships"][0]["workspace"], me["workspace"]);
    assert_eq!(app.terminate(), 0);
    // Whoever has signed in needs no link any more.
    let app = up().start();
    assert!(!app.log().contains("/auth/link"), "{}", app.log());
    let _ = browser.at(&app.url).get("/api/v1/me").expect(200);
}

#[test]
fn an_unattended_start_prints_no_link() {
    let app = App::start(&Stores::embedded());
    assert!(!app.log().contains("/auth/link"), "{}", app.log());
}

fn links_are_opened_often_and_used_once(stores: &Stores) {
    let dir = tempfile::tempdir().unwrap();
    let (app, token) = start(dir.path(), stores, "http://assay.test");
    let mut browser = Browser::new(&app.url);
    for _ in 0..3 {
        let page = browser.get(&format!("/api/v1/auth/link?token={token}"));
        assert_eq!(page.status, 200, "{}", page.text);
        assert!(page.text.contains("<form method=\"post\""));
        let csp = page.header("content-security-policy").unwrap();
        assert!(csp.starts_with("default-src 'none'"), "{csp}");
        assert!(browser.cookies.is_empty());
    }
    let injected = browser.get("/api/v1/auth/link?token=%22%3E%3Cscript%3E");
    injected.expect_problem(422, "validation");
    let form = format!("token={token}");
    let media = ("content-type", "application/x-www-form-urlencoded");
    // A page of another site cannot sign anybody in.
    let evil = [media, ("origin", "https://evil.example")];
    browser
        .send("POST", "/api/v1/auth/link", &evil, Some(&form))
        .expect_problem(403, "forbidden");
    let own = [media, ("origin", "http://assay.test")];
    let answer = browser.send("POST", "/api/v1/auth/link", &own, Some(&form));
    assert_eq!(answer.status, 303, "{}", answer.text);
    assert_eq!(answer.header("location"), Some("/"));
    let cookies = Browser::set_cookies(&answer);
    assert_eq!(cookies.len(), 2, "{cookies:?}");
    let session = cookies.iter().find(|c| c.starts_with("assay_session="));
    let session = session.expect("a session");
    for flag in ["HttpOnly", "SameSite=Lax", "Path=/", "Max-Age="] {
        assert!(session.contains(flag), "{session}");
    }
    assert!(!session.contains("Secure") && !session.contains("Domain"));
    assert_eq!(browser.get("/api/v1/me").expect(200)["role"], "owner");
    let used = browser.send("POST", "/api/v1/auth/link", &own, Some(&form));
    let problem = used.expect_problem(401, "unauthenticated");
    assert_eq!(problem["errors"][0]["field"], "/token");
    grant(&app, &json!({"grant_type": "sign_in_link", "token": token}))
        .expect_problem(401, "unauthenticated");
}

#[test]
fn a_link_is_opened_often_and_used_once() {
    links_are_opened_often_and_used_once(&Stores::embedded());
}

#[test]
fn postgres_a_link_is_opened_often_and_used_once() {
    if let Some(stores) = Stores::postgres() {
        links_are_opened_often_and_used_once(&stores);
    }
}

#[test]
fn over_https_the_cookies_are_bound_to_the_host() {
    let dir = tempfile::tempdir().unwrap();
    let (app, token) = start(dir.path(), &Stores::embedded(), "https://assay.example");
    let mut browser = Browser::new(&app.url);
    let body = json!({"token": token}).to_string();
    let answer = browser.send("POST", "/api/v1/auth/link", &[JSON], Some(&body));
    let _ = answer.expect(200);
    for cookie in Browser::set_cookies(&answer) {
        assert!(cookie.starts_with("__Host-assay_"), "{cookie}");
        assert!(cookie.ends_with("; Secure") && cookie.contains("Path=/;"));
    }
    let _ = browser.get("/api/v1/me").expect(200);
    // The same secret under the name that a page of a neighbouring host could set.
    let secret = browser.cookies.remove("__Host-assay_session").unwrap();
    browser.cookies.insert("assay_session".into(), secret);
    browser
        .get("/api/v1/me")
        .expect_problem(401, "unauthenticated");
}

fn forged_requests_are_refused(stores: &Stores) {
    let dir = tempfile::tempdir().unwrap();
    let (app, token) = start(dir.path(), stores, "http://assay.test");
    let mut browser = sign_in(&app, &token);
    let csrf = browser.cookies["assay_csrf"].clone();
    let out = "/api/v1/auth/sign-out";
    let name = "/api/v1/workspace";
    let rename = json!({"name": "Renamed"}).to_string();
    for headers in [
        vec![],
        vec![("x-csrf-token", "")],
        vec![("x-csrf-token", "0000")],
        vec![
            ("x-csrf-token", csrf.as_str()),
            ("origin", "https://evil.example"),
        ],
        vec![("x-csrf-token", csrf.as_str()), ("origin", "null")],
    ] {
        for (method, path, body) in [("POST", out, None), ("PATCH", name, Some(rename.as_str()))] {
            let mut headers = headers.clone();
            headers.push(JSON);
            browser
                .send(method, path, &headers, body)
                .expect_problem(403, "forbidden");
        }
    }
    let own = [
        JSON,
        ("x-csrf-token", csrf.as_str()),
        ("origin", "http://assay.test"),
    ];
    let _ = browser.send("PATCH", name, &own, Some(&rename)).expect(200);
    let stolen = browser.clone();
    assert_eq!(browser.unsafe_request("POST", out).status, 204);
    assert!(browser.cookies.is_empty(), "the cookies are taken back");
    let mut stolen = stolen;
    let answer = stolen.get("/api/v1/me");
    answer.expect_problem(401, "unauthenticated");
    let challenge = answer.header("www-authenticate").unwrap();
    assert!(challenge.starts_with("Bearer"), "{challenge}");
    // No cookie, no danger: a key needs no token.
    assert_eq!(
        app.client()
            .patch(name, &json!({"name": "By key"}))
            .expect(200)["name"],
        "By key"
    );
}

#[test]
fn requests_that_other_sites_forge_are_refused() {
    forged_requests_are_refused(&Stores::embedded());
}

#[test]
fn postgres_requests_that_other_sites_forge_are_refused() {
    if let Some(stores) = Stores::postgres() {
        forged_requests_are_refused(&stores);
    }
}

#[test]
fn every_wrong_access_token_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let (mut app, token) = start(dir.path(), &Stores::embedded(), "http://assay.test");
    let granted = by_link(&app, &token);
    let access = text(&granted, "access_token").to_owned();
    assert_eq!(granted["expires_in"], 600);
    let me = Client::with_bearer(&app.url, &access).get("/api/v1/me");
    assert_eq!(me.expect(200)["user"]["id"], granted["user_id"]);

    let keys = Client::anonymous(&app.url).get("/api/v1/auth/jwks.json");
    let public = keys.expect(200)["keys"][0].clone();
    assert_eq!(
        (text(&public, "kty"), text(&public, "crv")),
        ("OKP", "Ed25519")
    );
    assert!(public["d"].is_null(), "{public}");
    let payload = access.split('.').nth(1).unwrap();
    for (what, token) in &forged(&app.url, &access) {
        for path in ["/api/v1/me", "/api/v1/api-keys", "/api/v1/auth/sessions"] {
            let answer = Client::with_bearer(&app.url, token).get(path);
            assert_eq!(answer.status, 401, "{what}: {}", answer.text);
            answer.expect_problem(401, "unauthenticated");
            assert!(!answer.text.contains(payload), "{what} is told back");
        }
    }
    assert_eq!(app.terminate(), 0);
    // Another installation with the very same keys: another issuer and audience.
    let (app, _) = start(dir.path(), &Stores::embedded(), "http://other.test");
    Client::with_bearer(&app.url, &access)
        .get("/api/v1/me")
        .expect_problem(401, "unauthenticated");
}

fn refresh(app: &App, token: &str) -> assay_tests::Answer {
    grant(
        app,
        &json!({"grant_type": "refresh_token", "refresh_token": token}),
    )
}

fn a_refresh_token_is_used_once(stores: &Stores) {
    let dir = tempfile::tempdir().unwrap();
    let (app, token) = start(dir.path(), stores, "http://assay.test");
    let first = by_link(&app, &token);
    let second = refresh(&app, text(&first, "refresh_token")).expect(200);
    assert_ne!(first["refresh_token"], second["refresh_token"]);
    assert_eq!(first["session_id"], second["session_id"]);
    let client = Client::with_bearer(&app.url, text(&second, "access_token"));
    let _ = client.get("/api/v1/me").expect(200);
    // The thief, or the one whom the thief was faster than.
    let problem =
        refresh(&app, text(&first, "refresh_token")).expect_problem(401, "unauthenticated");
    assert_eq!(problem["errors"][0]["field"], "/refresh_token");
    // The whole session has ended, at once, for both.
    client
        .get("/api/v1/me")
        .expect_problem(401, "unauthenticated");
    refresh(&app, text(&second, "refresh_token")).expect_problem(401, "unauthenticated");
    for bad in ["", "rt-as-unknown"] {
        refresh(&app, bad).expect_problem(401, "unauthenticated");
    }
    for body in [
        json!({}),
        json!({"grant_type": "password"}),
        json!({"grant_type": "refresh_token"}),
        json!({"grant_type": "sign_in_link", "token": "x", "more": 1}),
    ] {
        grant(&app, &body).expect_problem(422, "validation");
    }
    let log = app.log();
    for secret in [
        text(&first, "refresh_token"),
        text(&second, "refresh_token"),
        text(&second, "access_token"),
    ] {
        assert!(!log.contains(secret), "a token is in the log");
    }
}

#[test]
fn a_refresh_token_that_is_used_twice_ends_the_session() {
    a_refresh_token_is_used_once(&Stores::embedded());
}

#[test]
fn postgres_a_refresh_token_that_is_used_twice_ends_the_session() {
    if let Some(stores) = Stores::postgres() {
        a_refresh_token_is_used_once(&stores);
    }
}

/// Signs in three times over as many starts, then ends one session, then all.
fn sessions_end_at_once(stores: &Stores) {
    let dir = tempfile::tempdir().unwrap();
    let (mut app, token) = start(dir.path(), stores, "http://assay.test");
    let mut one = sign_in(&app, &token);
    assert_eq!(app.terminate(), 0);
    let (mut app, token) = start(dir.path(), stores, "http://assay.test");
    let mut two = sign_in(&app, &token);
    assert_eq!(app.terminate(), 0);
    let (app, token) = start(dir.path(), stores, "http://assay.test");
    let granted = by_link(&app, &token);
    let client = Client::with_bearer(&app.url, text(&granted, "access_token"));
    for browser in [&mut one, &mut two] {
        *browser = browser.at(&app.url);
        let _ = browser.get("/api/v1/me").expect(200);
    }

    let list = two.get("/api/v1/auth/sessions").expect(200);
    let list = list["data"].as_array().unwrap();
    assert_eq!(list.len(), 3, "{list:?}");
    assert_eq!(list.iter().filter(|s| s["current"] == true).count(), 1);
    assert_eq!(list[0]["kind"], "token");
    assert_eq!(list[0]["id"], granted["session_id"]);
    let page = two.get("/api/v1/auth/sessions?limit=2").expect(200);
    assert!(page["next_cursor"].is_string(), "{page}");
    // By id, one's own; a key is no person, and somebody else's id is nobody's.
    let first = text(&list[2], "id");
    let path = format!("/api/v1/auth/sessions/{first}");
    app.client().delete(&path).expect_problem(403, "forbidden");
    two.unsafe_request("DELETE", "/api/v1/auth/sessions/nobody")
        .expect_problem(404, "not-found");
    assert_eq!(two.unsafe_request("DELETE", &path).status, 204);
    one.get("/api/v1/me").expect_problem(401, "unauthenticated");
    two.unsafe_request("DELETE", &path)
        .expect_problem(404, "not-found");

    let _ = client.get("/api/v1/me").expect(200);
    let everywhere = two.unsafe_request("POST", "/api/v1/auth/sign-out-everywhere");
    assert_eq!(everywhere.status, 204, "{}", everywhere.text);
    client
        .get("/api/v1/me")
        .expect_problem(401, "unauthenticated");
    refresh(&app, text(&granted, "refresh_token")).expect_problem(401, "unauthenticated");
    two.get("/api/v1/me").expect_problem(401, "unauthenticated");
}

#[test]
fn signing_in_and_out_is_in_the_audit_log() {
    let dir = tempfile::tempdir().unwrap();
    let (app, token) = start(dir.path(), &Stores::embedded(), "http://assay.test");
    let mut browser = sign_in(&app, &token);
    let actions = || {
        let log = app.client().get("/api/v1/audit-log").expect(200);
        let entries = log["data"].as_array().unwrap().clone();
        let told = entries.iter().map(|e| {
            assert_eq!(e["actor_kind"], "user", "{e}");
            text(e, "action").to_owned()
        });
        told.collect::<Vec<_>>()
    };
    assert_eq!(actions(), ["session.create"]);
    let out = browser.unsafe_request("POST", "/api/v1/auth/sign-out");
    assert_eq!(out.status, 204, "{}", out.text);
    assert_eq!(actions(), ["session.end", "session.create"]);
}

#[test]
fn sessions_end_at_once_and_everywhere() {
    sessions_end_at_once(&Stores::embedded());
}

#[test]
fn postgres_sessions_end_at_once_and_everywhere() {
    if let Some(stores) = Stores::postgres() {
        sessions_end_at_once(&stores);
    }
}

/// A person names a workspace, and gets it as a member only; every component sees the same.
#[test]
fn a_workspace_is_chosen_among_ones_own() {
    let dir = tempfile::tempdir().unwrap();
    let (app, token) = start(dir.path(), &Stores::embedded(), "http://assay.test");
    let granted = by_link(&app, &token);
    let client = Client::with_bearer(&app.url, text(&granted, "access_token"));
    let own = text(&granted, "workspace_id");
    for path in [
        "/api/v1/me",
        "/api/v1/agents",
        "/api/v1/campaigns",
        "/api/v1/traces",
    ] {
        let _ = client.get(path).expect(200);
        let chosen = client.send("GET", path, &[("x-assay-workspace", own)], None);
        let _ = chosen.expect(200);
        let other = "0190a0b0-0000-7000-8000-000000000000";
        client
            .send("GET", path, &[("x-assay-workspace", other)], None)
            .expect_problem(404, "not-found");
    }
}

/// Time is moved in the database, which only Postgres lets the test do.
#[test]
fn postgres_what_has_expired_is_worth_nothing() {
    let Some(stores) = Stores::postgres() else {
        return;
    };
    let dir = tempfile::tempdir().unwrap();
    let (mut app, token) = start(dir.path(), &stores, "http://assay.test");
    let url = stores.postgres.clone().unwrap();
    let mut db = postgres::Client::connect(&url, postgres::NoTls).unwrap();
    db.batch_execute("UPDATE sign_in_links SET expires_at = 1")
        .unwrap();
    let body = json!({"grant_type": "sign_in_link", "token": token});
    grant(&app, &body).expect_problem(401, "unauthenticated");
    assert_eq!(app.terminate(), 0);
    let (app, token) = start(dir.path(), &stores, "http://assay.test");
    let mut browser = sign_in(&app, &token);
    let _ = browser.get("/api/v1/me").expect(200);
    for (spoil, mend) in [
        (
            "UPDATE sessions SET expires_at = expires_at - 31::bigint * 86400000000",
            "UPDATE sessions SET expires_at = expires_at + 31::bigint * 86400000000",
        ),
        (
            "UPDATE sessions SET last_seen_at = last_seen_at - 15::bigint * 86400000000",
            "UPDATE sessions SET last_seen_at = last_seen_at + 15::bigint * 86400000000",
        ),
        (
            "UPDATE users SET disabled_at = 1",
            "UPDATE users SET disabled_at = NULL",
        ),
    ] {
        db.batch_execute(spoil).unwrap();
        browser
            .get("/api/v1/me")
            .expect_problem(401, "unauthenticated");
        db.batch_execute(mend).unwrap();
        let _ = browser.get("/api/v1/me").expect(200);
    }
    // A change of role acts at once, a removal too.
    db.batch_execute("UPDATE members SET role = 'viewer'")
        .unwrap();
    assert_eq!(browser.get("/api/v1/me").expect(200)["role"], "viewer");
    browser
        .get("/api/v1/api-keys")
        .expect_problem(403, "forbidden");
    db.batch_execute("DELETE FROM members").unwrap();
    browser.get("/api/v1/me").expect_problem(403, "forbidden");
    let _ = browser.get("/api/v1/auth/sessions").expect(200);
}
