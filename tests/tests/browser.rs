//! The web app in a real browser: signing in. `studio/e2e` has the rest.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "test code"
)]

use assay_tests::{App, People, Reply, Server, Stores, Visitor};
use serde_json::{Value, json};
use std::process::Command;

/// The page's document after its scripts have run.
fn dom(browser: &str, url: &str) -> String {
    let profile = tempfile::tempdir().expect("a folder");
    let output = Command::new(browser)
        .args([
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
        ])
        .args(["--no-first-run", "--disable-background-networking"])
        .args(["--disable-component-update", "--disable-sync"])
        .args(["--virtual-time-budget=4000", "--dump-dom"])
        .arg(format!("--user-data-dir={}", profile.path().display()))
        .arg(url)
        .output()
        .expect("run the browser");
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn browser() -> Option<String> {
    let given = std::env::var("ASSAY_TEST_CHROMIUM").ok();
    let given = given.filter(|v| !v.is_empty());
    if given.is_none() {
        eprintln!("SKIPPED: ASSAY_TEST_CHROMIUM is not set; run `cargo xtask test`");
    }
    given
}

/// A page that gives the browser a person's cookies and sends it on. Cookies belong to a host, whatever the port.
fn entrance(visitor: &Visitor, to: String) -> Server {
    let cookies: Vec<String> = visitor
        .browser
        .cookies
        .iter()
        .map(|(name, value)| format!("{name}={value}; Path=/"))
        .collect();
    Server::start(move |_, _| {
        let page = Reply::json(302, &Value::Null).header("location", &to);
        cookies
            .iter()
            .fold(page, |page, cookie| page.header("set-cookie", cookie))
    })
}

#[test]
fn chromium_a_person_is_signed_in_and_joins() {
    let Some(browser) = browser() else {
        return;
    };
    let dir = tempfile::tempdir().expect("a folder");
    let people = People::start();
    let app = people
        .known_to(App::at(dir.path(), &Stores::embedded()))
        .start();
    let out = dom(&browser, &format!("{}/", app.url));
    assert!(out.contains("Sign in with People"), "{out}");
    assert!(
        out.contains("/api/v1/auth/sign-in/oidc?return_to=%2F"),
        "{out}"
    );

    let ann = people.sign_in(&app.url, "ann@example.com");
    let page = dom(&browser, &entrance(&ann, format!("{}/", app.url)).url);
    assert!(!page.to_lowercase().contains("public key"), "{page}");
    assert!(page.contains("ann@example.com"), "{page}");
    assert!(page.contains("campaign"), "{page}");
    assert!(!page.contains("Workspace: "), "{page}");

    let invitation = json!({"email": "ann@example.com", "role": "viewer"});
    let made = app.client().post("/api/v1/invitations", &invitation);
    let made = made.expect(201);
    let link = made["accept_url"].as_str().expect("a link");
    let stranger = dom(&browser, link);
    assert!(stranger.contains("return_to=%2Finvitation"), "{stranger}");
    let page = dom(&browser, &entrance(&ann, link.to_owned()).url);
    assert!(page.contains("You are invited"), "{page}");
    assert!(page.contains("signed in as ann@example.com"), "{page}");
    let token = link.rsplit('=').next().expect("a token");
    assert!(!page.contains(token), "the token is written into the page");
    let joined = ann.post("/api/v1/invitations/accept", &json!({"token": token}));
    let _ = joined.expect(200);
    let page = dom(&browser, &entrance(&ann, format!("{}/", app.url)).url);
    assert!(page.contains("Workspace: "), "{page}");
}

#[test]
fn chromium_shows_the_sign_in() {
    let Some(browser) = browser() else {
        return;
    };
    let app = App::start(&Stores::embedded());
    let page = dom(&browser, &format!("{}/", app.url));
    assert!(page.contains("Assay"), "{page}");
    // The form is made by the page's script: it shows that the content policy lets the script run.
    assert!(page.to_lowercase().contains("public key"), "{page}");
    let deep = dom(&browser, &format!("{}/#/campaigns/none", app.url));
    assert!(deep.contains("Assay"), "{deep}");
    // What is not a page is not answered with one.
    app.client()
        .get("/api/v1/nowhere")
        .expect_problem(404, "not-found");
}
