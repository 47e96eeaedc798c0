//! The web app, walked in a real browser by its own tests: `studio/e2e`.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "test code")]

use assay_tests::{App, Client, Stores, repository};
use std::process::Command;

#[test]
fn chromium_walks_the_web_app() {
    let given = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
    let (Some(browser), Some(node)) = (given("ASSAY_TEST_CHROMIUM"), given("ASSAY_TEST_NODE"))
    else {
        eprintln!("SKIPPED: it needs Chromium and Node.js; run `cargo xtask test`");
        return;
    };
    let app = App::start(&Stores::embedded());
    let studio = repository().join("studio");
    let output = Command::new(node)
        .arg(studio.join("node_modules/vitest/vitest.mjs"))
        .args(["run", "--config", "e2e/vitest.config.ts"])
        .current_dir(&studio)
        .env("ASSAY_TEST_CHROMIUM", browser)
        .env("ASSAY_URL", &app.url)
        .env_remove("ASSAY_STUDIO_URL")
        .env("ASSAY_PUBLIC_KEY", Client::PUBLIC)
        .env("ASSAY_SECRET_KEY", Client::SECRET)
        .output()
        .expect("run the tests");
    assert!(
        output.status.success(),
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
}
