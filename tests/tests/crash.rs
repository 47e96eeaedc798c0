//! Power cuts: `kill -9` at a random moment of a campaign, again and again. Every campaign completes; no item is scored
//! twice, none is lost, and people are asked once for each.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "test code"
)]

use assay_tests::{App, Client, Random, Server, Stores, chat, last_user_message};
use serde_json::{Value, json};
use std::collections::HashMap;
use std::time::Duration;

const ITEMS: usize = 24;
const ROUNDS: u64 = 20;

#[test]
fn twenty_kills_lose_nothing_and_score_nothing_twice() {
    let dir = tempfile::tempdir().expect("a folder");
    let stores = Stores::embedded();
    let target = Server::start(|_, body| {
        chat(&format!("echo {}", last_user_message(body))).after(Duration::from_millis(60))
    });
    let mut random = Random::seeded();
    let mut app = App::at(dir.path(), &stores).start();
    let agent = app
        .client()
        .agent(&format!("{}/v1/chat/completions", target.url));
    let items: Vec<_> = (0..ITEMS)
        .map(|i| json!({"key": format!("k{i}"), "turns": [format!("a{i}"), format!("b{i}")], "expected_output": format!("echo b{i}")}))
        .collect();
    let dataset = app.client().dataset(&json!(items));
    let queue = review_queue(&app.client());
    let mut in_the_middle = 0;
    for round in 0..ROUNDS {
        let spec = json!({
            "name": format!("round {round}"), "agent_id": agent, "dataset_id": dataset,
            "metrics": [{"kind": "exact_match"}, {"kind": "latency", "params": {"max_ms": 60000}}], "concurrency": 6,
        });
        let campaign = app.client().start(&spec);
        std::thread::sleep(Duration::from_millis(random.below(400)));
        let before = app
            .client()
            .get(&format!("/api/v1/campaigns/{campaign}"))
            .expect(200);
        in_the_middle += u64::from(before["status"] == "running");
        app.kill();
        app = App::at(dir.path(), &stores).start();
        let client = app.client();
        let ended = client.finished(&campaign, 60);
        assert_eq!(ended["summary"]["passed"], ITEMS, "round {round}: {ended}");
        let runs = client.runs(&campaign);
        let mut seen: HashMap<String, usize> = HashMap::new();
        for run in &runs {
            *seen
                .entry(run["item_key"].as_str().expect("key").to_owned())
                .or_default() += 1;
            check_trace(&client.trace(run).expect(200), 2, round);
        }
        assert_eq!(seen.len(), ITEMS, "round {round}: {seen:?}");
        assert!(seen.values().all(|n| *n == 1), "round {round}: {seen:?}");
        check_reviews(&client, &queue, &runs, round);
    }
    // A kill after the end proves nothing.
    assert!(
        in_the_middle >= ROUNDS * 3 / 4,
        "{in_the_middle} of {ROUNDS} kills hit a campaign that went on"
    );
}

/// A queue that takes every score of one metric.
fn review_queue(client: &Client) -> String {
    let id = |made: Value| made["id"].as_str().expect("an id").to_owned();
    let schema = client.post(
        "/api/v1/label-schemas",
        &json!({"name": "good", "kind": "boolean"}),
    );
    let rule = json!({"name": "all", "metric": "exact_match", "when": {"type": "always"}});
    let spec =
        json!({"name": "all", "label_schema_ids": [id(schema.expect(201))], "rules": [rule]});
    let made = client.post("/api/v1/review-queues", &spec).expect(201);
    format!("/api/v1/review-queues/{}", id(made))
}

/// What a run was scored is looked at once, whenever the process was killed: between the score and its entry, too.
fn check_reviews(client: &Client, queue: &str, runs: &[Value], round: u64) {
    let mut entered: HashMap<String, usize> = HashMap::new();
    let mut cursor = String::new();
    loop {
        let path = format!("{queue}/items?limit=200{cursor}");
        let page = client.get(&path).expect(200);
        for item in page["data"].as_array().expect("items") {
            let run = item["subject"]["run_id"].as_str().expect("a run");
            *entered.entry(run.to_owned()).or_default() += 1;
        }
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    for run in runs {
        let times = entered.get(run["run_id"].as_str().expect("a run"));
        assert_eq!(times, Some(&1), "round {round}: {run}");
    }
}

#[test]
fn a_polite_end_finishes_what_is_under_way_and_exits_0() {
    let dir = tempfile::tempdir().expect("a folder");
    let mut app = App::at(dir.path(), &Stores::embedded()).start();
    let _ = app.client().get("/api/v1/me").expect(200);
    assert_eq!(app.terminate(), 0, "{}", app.log());
}

/// A trace holds so many scores and two calls of the agent, whatever was done again.
fn check_trace(trace: &Value, wanted: usize, round: u64) {
    let scores = trace["scores"].as_array().expect("scores");
    let message = "one score a metric";
    assert_eq!(scores.len(), wanted, "round {round}: {message}: {trace}");
    let mut calls: Vec<_> = trace["observations"]
        .as_array()
        .expect("observations")
        .iter()
        // A try that the server under load did not answer in time is followed by another.
        .filter(|o| o["type"] == "GENERATION" && o["level"] != "ERROR")
        .collect();
    calls.dedup_by_key(|o| o["id"].clone());
    let message = "one observation a call";
    assert_eq!(calls.len(), 2, "round {round}: {message}: {trace}");
}

/// Two processes on one PostgreSQL, one Redis and one ClickHouse, of which one or the other is killed again and again, and started
/// anew. No step has an effect twice: what was said is said once, each metric scores once, and traces tell the same.
#[test]
fn postgres_redis_and_clickhouse_two_replicas_never_take_one_step_twice() {
    let Some(stores) = Stores::shared() else {
        return;
    };
    let target = Server::start(|_, body| {
        chat(&format!("echo {}", last_user_message(body))).after(Duration::from_millis(60))
    });
    let mut random = Random::seeded();
    let (here, there) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let dirs = [here.path(), there.path()];
    let mut apps = vec![App::at(dirs[0], &stores).start()];
    // The second one has the keys of the first: they are one installation.
    copy_secrets(dirs[0], dirs[1]);
    apps.push(App::at(dirs[1], &stores).start());
    let client = apps[0].client();
    let agent = client.agent(&format!("{}/v1/chat/completions", target.url));
    // Leases are as long as an answer may take, and a little more.
    let _ = client
        .patch(
            &format!("/api/v1/agents/{agent}"),
            &json!({"timeout_ms": 1000}),
        )
        .expect(200);
    let items: Vec<_> = (0..ITEMS)
        .map(|i| json!({"key": format!("k{i}"), "turns": [format!("a{i}"), format!("b{i}")], "expected_output": format!("echo b{i}")}))
        .collect();
    let dataset = client.dataset(&json!(items));
    let queue = review_queue(&client);
    for round in 0..2_u64 {
        let spec = json!({
            "name": format!("round {round}"), "agent_id": agent, "dataset_id": dataset,
            "metrics": [{"kind": "exact_match"}], "concurrency": 6,
        });
        let asked_before = target.requests().len();
        let campaign = apps[usize::from(round == 1)].client().start(&spec);
        std::thread::sleep(Duration::from_millis(random.below(400)));
        // First it is the one that looks on; then the one whose steps go on, which the other takes up when their leases have run out.
        let victim = 1;
        let runs_there = round == 1;
        apps[victim].kill();
        apps[victim] = App::at(dirs[victim], &stores).start();
        let client = apps[victim].client();
        let ended = client.finished(&campaign, if runs_there { 150 } else { 60 });
        assert_eq!(ended["summary"]["passed"], ITEMS, "round {round}: {ended}");
        let runs = client.runs(&campaign);
        assert_eq!(runs.len(), ITEMS);
        for run in &runs {
            let scores = run["scores"].as_array().map(Vec::len);
            assert_eq!(scores, Some(1), "round {round}: {run}");
            // Two questions and two answers: none was said twice.
            let shown = client.run(run).expect(200);
            let said: Vec<&str> = shown["messages"]
                .as_array()
                .expect("messages")
                .iter()
                .map(|m| m["content"].as_str().expect("words"))
                .collect();
            let key = run["item_key"]
                .as_str()
                .expect("a key")
                .trim_start_matches('k');
            let wanted = [
                format!("a{key}"),
                format!("echo a{key}"),
                format!("b{key}"),
                format!("echo b{key}"),
            ];
            assert_eq!(said, wanted, "round {round}: {shown}");
            check_trace(&client.trace(run).expect(200), 1, round);
        }
        check_reviews(&client, &queue, &runs, round);
        // Only what was under way in the one that was killed was asked again, and what the other had not told of yet.
        let asked = target.requests().len() - asked_before;
        assert!(
            (ITEMS * 2..=ITEMS * 2 + 12).contains(&asked),
            "round {round}: {asked}"
        );
    }
}

/// What makes two processes one installation.
fn copy_secrets(from: &std::path::Path, to: &std::path::Path) {
    for name in ["secrets.toml", "credentials.toml"] {
        let file = from.join(name);
        // Where the environment gives the keys there is no file of them.
        if file.exists() {
            std::fs::copy(file, to.join(name)).expect("a copy");
        }
    }
}
