//! The status page in a real browser.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "test code"
)]

use assay_tests::{App, Stores};
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

#[test]
fn chromium_shows_the_status_page() {
    let Some(browser) = std::env::var("ASSAY_TEST_CHROMIUM")
        .ok()
        .filter(|v| !v.is_empty())
    else {
        eprintln!("SKIPPED: ASSAY_TEST_CHROMIUM is not set; run `cargo xtask test`");
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
