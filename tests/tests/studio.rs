//! The web app, walked in a real browser by its own tests: `studio/e2e`, a test for each of its files.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "test code"
)]

use assay_tests::{App, Client, Stores, repository};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::fs;
use std::process::Command;

/// Walks what a file of `studio/e2e` says, on a platform of its own.
fn walks(spec: &str) {
    let given = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
    let (Some(browser), Some(node)) = (given("ASSAY_TEST_CHROMIUM"), given("ASSAY_TEST_NODE"))
    else {
        eprintln!("SKIPPED: it needs Chromium and Node.js; run `cargo xtask test`");
        return;
    };
    let app = App::start(&Stores::embedded());
    demonstrate(&app);
    let studio = repository().join("studio");
    let output = Command::new(node)
        .arg(studio.join("node_modules/vitest/vitest.mjs"))
        .args(["run", "--config", "e2e/vitest.config.ts"])
        .arg(studio.join(format!("e2e/{spec}.spec.ts")))
        .current_dir(&studio)
        .env("ASSAY_TEST_CHROMIUM", browser)
        .env("ASSAY_URL", &app.url)
        .env_remove("ASSAY_STUDIO_URL")
        .env("ASSAY_PUBLIC_KEY", Client::PUBLIC)
        .env("ASSAY_SECRET_KEY", Client::SECRET)
        .output()
        .expect("run the tests");
    let said = String::from_utf8_lossy(&output.stdout);
    println!("{said}");
    assert!(
        output.status.success(),
        "{said}{}",
        String::from_utf8_lossy(&output.stderr)
    );
}

/// Leaves the workspace as `assay up --demo` does: a campaign of the shipped cases with the sample agent.
fn demonstrate(app: &App) {
    let client = app.client();
    let made = |path: &str, body: Value| {
        let made = client.post(path, &body).expect(201);
        made["id"].as_str().expect("an id").to_owned()
    };
    let agent = made(
        "/api/v1/agents",
        json!({
            "name": "Sample support agent", "kind": "openai_chat", "model": "sample-agent",
            "url": format!("{}/sample-agent/v1/chat/completions", app.url),
        }),
    );
    let dataset = made("/api/v1/datasets", json!({"name": "Sample support cases"}));
    let cases = fs::read(repository().join("examples/support.jsonl")).unwrap();
    let import = format!("/api/v1/datasets/{dataset}/import?format=jsonl");
    let media = [("content-type", "application/jsonl")];
    let _ = client
        .send("POST", &import, &media, Some(&cases))
        .expect(200);
    let campaign = client.start(&json!({
        "name": "Sample support campaign", "agent_id": agent, "dataset_id": dataset, "concurrency": 8,
    }));
    let _ = client.finished(&campaign, 120);
}

macro_rules! walked {
    ($($test:ident $spec:literal;)*) => {
        $(
            #[test]
            fn $test() {
                walks($spec);
            }
        )*

        const WALKED: &[&str] = &[$($spec),*];
    };
}

walked! {
    chromium_walks_agents "agents";
    chromium_walks_alerts "alerts";
    chromium_walks_analytics "analytics";
    chromium_walks_what_is_away "away";
    chromium_walks_calibrations "calibrations";
    chromium_walks_campaign_list "campaign-list";
    chromium_walks_campaigns "campaigns";
    chromium_walks_hostile_words "canary";
    chromium_walks_console "console";
    chromium_walks_datasets "datasets";
    chromium_walks_knowledge "knowledge";
    chromium_walks_metrics "metrics";
    chromium_walks_models "models";
    chromium_walks_onboarding "onboarding";
    chromium_walks_online "online";
    chromium_walks_every_role "permissions";
    chromium_walks_personas "personas";
    chromium_walks_playground "playground";
    chromium_walks_programs "programs";
    chromium_walks_prompts "prompts";
    chromium_walks_review "review";
    chromium_walks_runs "runs";
    chromium_walks_the_scenario_builder "scenario-builder";
    chromium_walks_scenarios "scenarios";
    chromium_walks_secrets "secrets";
    chromium_walks_sessions "sessions";
    chromium_walks_settings "settings";
    chromium_walks_the_sign_in "sign-in";
    chromium_walks_a_trace "trace";
    chromium_walks_trace_large "trace-large";
    chromium_walks_traces "traces";
}

#[test]
fn the_web_apps_own_tests_pass() {
    let Some(node) = std::env::var_os("ASSAY_TEST_NODE") else {
        eprintln!("SKIPPED: it needs Node.js; run `cargo xtask test`");
        return;
    };
    let studio = repository().join("studio");
    for tool in [
        &["typescript/bin/tsc", "--noEmit"][..],
        &["vitest/vitest.mjs", "run"],
    ] {
        let (program, args) = tool.split_first().unwrap();
        let output = Command::new(&node)
            .arg(studio.join("node_modules").join(program))
            .args(args)
            .current_dir(&studio)
            .output()
            .expect("run Node.js");
        assert!(
            output.status.success(),
            "{}{}",
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr)
        );
    }
}

#[test]
fn every_walk_is_a_test() {
    let folder = fs::read_dir(repository().join("studio/e2e")).unwrap();
    let names = folder.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let specs: BTreeSet<String> = names
        .filter_map(|name| name.strip_suffix(".spec.ts").map(str::to_owned))
        .collect();
    let walked: BTreeSet<String> = WALKED.iter().map(|spec| (*spec).to_owned()).collect();
    assert_eq!(specs, walked);
}
