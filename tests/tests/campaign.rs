//! A campaign from start to end on every store: simulate, call the target, evaluate, decide, and the trace that shows it.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "test code"
)]

use assay_tests::{App, Client, Server, Stores, chat, last_user_message};
use serde_json::{Value, json};

fn echo() -> Server {
    Server::start(|_, body| chat(&format!("you said {}", last_user_message(body))))
}

fn campaign_runs_on(stores: &Stores) {
    let app = App::start(stores);
    let (client, target) = (app.client(), echo());
    let agent = client.agent(&format!("{}/v1/chat/completions", target.url));
    let dataset = client.dataset(&json!([
        {"key": "right", "input": "one", "expected_output": "you said one"},
        {"key": "wrong", "input": "two", "expected_output": "something else"},
        {"key": "turns", "turns": ["a", "b", "c"], "expected_output": "you said c"},
        {"key": "own", "input": "4711", "expected_output": "you said 4711",
         "metrics": [{"kind": "regex", "params": {"pattern": ".*\\d{4}"}}]},
    ]));
    let spec = json!({
        "name": "first", "agent_id": agent, "dataset_id": dataset, "metrics": [{"kind": "exact_match"}],
        "repetitions": 2, "concurrency": 3, "gate": {"min_pass_rate": 0.7},
    });
    let id = client.start(&spec);
    let campaign = client.finished(&id, 60);
    assert_eq!(campaign["summary"]["total"], 8, "{campaign}");
    assert_eq!(campaign["summary"]["passed"], 6, "{campaign}");
    assert_eq!(campaign["summary"]["failed"], 2, "{campaign}");
    assert_eq!(campaign["verdict"], "passed");
    // Three items pass both times, one never does.
    let row =
        |k: u32| json!({"k": k, "pass_hat_k": 0.75, "pass_at_k": 0.75, "items": 4, "left_out": 0});
    assert_eq!(campaign["pass_k"], json!([row(1), row(2)]));
    let listed = client.get("/api/v1/campaigns?name=first").expect(200);
    assert_eq!(listed["data"][0]["pass_k"], campaign["pass_k"]);

    let runs = client.runs(&id);
    assert_eq!(runs.len(), 8);
    for run in &runs {
        let wrong = run["item_key"] == "wrong";
        assert_eq!(
            run["status"],
            if wrong { "failed" } else { "passed" },
            "{run}"
        );
        assert_eq!(run["scores"][0]["score"], if wrong { 0.0 } else { 1.0 });
        assert_eq!(run["turns"], if run["item_key"] == "turns" { 3 } else { 1 });
        assert_eq!(
            run["scores"].as_array().map(Vec::len),
            Some(if run["item_key"] == "own" { 2 } else { 1 })
        );
    }
    // Three turns, so three calls, each with the whole conversation before it.
    let turns = runs
        .iter()
        .find(|r| r["item_key"] == "turns")
        .expect("the run");
    let trace_id = turns["trace_id"].as_str().expect("a trace id");
    let trace = client
        .get(&format!("/api/v1/traces/{trace_id}"))
        .expect(200);
    let observations = trace["observations"].as_array().expect("observations");
    let of = |kind: &str| {
        observations
            .iter()
            .filter(|o| o["type"] == kind)
            .collect::<Vec<_>>()
    };
    assert_eq!(of("AGENT").len(), 1, "{trace}");
    assert_eq!(of("GENERATION").len(), 3, "{trace}");
    assert_eq!(of("EVALUATOR").len(), 1, "{trace}");
    assert!(of("AGENT")[0]["end_time"].is_string());
    let inputs: Vec<_> = of("GENERATION")
        .iter()
        .map(|o| o["input"].as_array().map_or(0, Vec::len))
        .collect();
    assert_eq!(inputs, [1, 3, 5]);
    assert_eq!(trace["scores"].as_array().map(Vec::len), Some(1));
    assert_eq!(trace["scores"][0]["value"], 1.0);

    let run = client.run(turns).expect(200);
    assert_eq!(run["messages"].as_array().map(Vec::len), Some(6), "{run}");
    assert_eq!(target.requests().len(), (3 + 3) * 2);
}

#[test]
fn campaign_runs_on_sqlite() {
    campaign_runs_on(&Stores::embedded());
}

#[test]
fn campaign_runs_on_postgres() {
    let Some(stores) = Stores::postgres() else {
        return;
    };
    campaign_runs_on(&stores);
}

#[test]
fn campaign_runs_on_redis_and_pg() {
    let Some(stores) = Stores::postgres_and_redis() else {
        return;
    };
    campaign_runs_on(&stores);
}

#[test]
fn campaign_runs_on_clickhouse() {
    let Some(stores) = Stores::clickhouse() else {
        return;
    };
    campaign_runs_on(&stores);
}

#[test]
fn an_idempotency_key_starts_one_campaign() {
    let app = App::start(&Stores::embedded());
    let (client, target) = (app.client(), echo());
    let agent = client.agent(&format!("{}/v1/chat/completions", target.url));
    let dataset = client.dataset(&json!([{"input": "x", "expected_output": "you said x"}]));
    let spec = json!({"name": "n", "agent_id": agent, "dataset_id": dataset, "metrics": [{"kind": "exact_match"}]});
    let headers = [
        ("content-type", "application/json"),
        ("idempotency-key", "k-1"),
    ];
    let post = |spec: &serde_json::Value| {
        client.send(
            "POST",
            "/api/v1/campaigns",
            &headers,
            Some(spec.to_string().as_bytes()),
        )
    };
    let (first, second) = (post(&spec).expect(202), post(&spec).expect(202));
    assert_eq!(first["id"], second["id"]);
    let mut other = spec.clone();
    other["name"] = json!("other");
    post(&other).expect_problem(409, "conflict");
}

#[test]
fn cancelling_stops_what_has_not_ended() {
    let app = App::start(&Stores::embedded());
    let client = app.client();
    let target = Server::start(|_, _| chat("late").after(std::time::Duration::from_millis(300)));
    let agent = client.agent(&format!("{}/v1/chat/completions", target.url));
    let items: Vec<_> = (0..30)
        .map(|i| json!({"input": format!("q{i}"), "expected_output": "late"}))
        .collect();
    let dataset = client.dataset(&json!(items));
    let id = client.start(&json!({
        "name": "c", "agent_id": agent, "dataset_id": dataset, "metrics": [{"kind": "exact_match"}], "concurrency": 2,
    }));
    assay_tests::wait_for("a run ends", 30, || {
        (client.get(&format!("/api/v1/campaigns/{id}")).json()["summary"]["passed"].as_u64()? > 0)
            .then_some(())
    });
    let cancelled = client
        .post(&format!("/api/v1/campaigns/{id}/cancel"), &json!({}))
        .expect(200);
    assert_eq!(cancelled["status"], "cancelled");
    assert!(cancelled["summary"]["cancelled"].as_u64().expect("n") > 0);
    let asked = target.requests().len();
    std::thread::sleep(std::time::Duration::from_millis(1200));
    assert!(
        target.requests().len() <= asked + 2,
        "runs go on after the campaign was cancelled"
    );
    let after = client.get(&format!("/api/v1/campaigns/{id}")).expect(200);
    assert_eq!(after["summary"], cancelled["summary"]);
    // Cancelling twice changes nothing.
    let _ = client
        .post(&format!("/api/v1/campaigns/{id}/cancel"), &json!({}))
        .expect(200);
}

#[test]
fn a_long_script_is_played_to_its_end() {
    let app = App::start(&Stores::embedded());
    let (client, target) = (app.client(), echo());
    let agent = client.agent(&format!("{}/v1/chat/completions", target.url));
    let turns: Vec<_> = (0..13).map(|i| format!("turn {i}")).collect();
    let dataset = client.dataset(&json!([{"turns": turns, "expected_output": "you said turn 12"}]));
    let id = client.start(&json!({
        "name": "long", "agent_id": agent, "dataset_id": dataset, "metrics": [{"kind": "exact_match"}], "max_turns": 10,
    }));
    let campaign = client.finished(&id, 60);
    assert_eq!(campaign["summary"]["passed"], 1, "{:?}", client.runs(&id));
    assert_eq!(client.runs(&id)[0]["turns"], 13);
}

#[test]
fn an_agent_that_passes_now_and_then_has_a_pass_k_of_its_own() {
    let app = App::start(&Stores::embedded());
    let client = app.client();
    // Of four runs of `odd` two pass; of `down` one is never answered.
    let n = std::sync::atomic::AtomicUsize::new(0);
    let failures = std::sync::atomic::AtomicUsize::new(0);
    let target = Server::start(move |_, body| {
        use std::sync::atomic::Ordering::SeqCst;
        match last_user_message(body) {
            "odd" if n.fetch_add(1, SeqCst) % 2 == 1 => chat("no"),
            "down" if failures.fetch_add(1, SeqCst) == 0 => {
                assay_tests::Reply::json(400, &json!({"error": "no"}))
            }
            _ => chat("yes"),
        }
    });
    let agent = client.agent(&format!("{}/v1/chat/completions", target.url));
    let dataset = client.dataset(&json!([
        {"key": "odd", "input": "odd", "expected_output": "yes"},
        {"key": "down", "input": "down", "expected_output": "yes"},
    ]));
    let spec = json!({
        "name": "k", "agent_id": agent, "dataset_id": dataset, "metrics": [{"kind": "exact_match"}], "repetitions": 4,
        "max_attempts": 1,
    });
    let campaign = client.finished(&client.start(&spec), 60);
    assert_eq!(campaign["summary"]["error"], 1, "{campaign}");
    let row = |k: usize| campaign["pass_k"][k - 1].clone();
    let number = |k: usize, field: &str| row(k)[field].as_f64().expect("a number");
    assert_eq!(
        (number(1, "pass_hat_k"), number(1, "pass_at_k")),
        (0.75, 0.75)
    );
    assert!(
        (number(2, "pass_hat_k") - (1.0 / 6.0 + 1.0) / 2.0).abs() < 1e-9,
        "{}",
        row(2)
    );
    assert!(
        (number(2, "pass_at_k") - (5.0 / 6.0 + 1.0) / 2.0).abs() < 1e-9,
        "{}",
        row(2)
    );
    // The item one of whose runs ended in error has three tries.
    assert_eq!(
        (row(3)["left_out"].clone(), row(4)["left_out"].clone()),
        (json!(0), json!(1))
    );
    assert_eq!(row(4)["pass_hat_k"], 0.0);
    let plain = json!({"name": "one", "agent_id": agent, "dataset_id": dataset, "metrics": [{"kind": "exact_match"}]});
    let campaign = client.finished(&client.start(&plain), 60);
    assert!(campaign.get("pass_k").is_none(), "{campaign}");
}

fn listed(client: &Client, query: &str) -> Vec<String> {
    let page = client
        .get(&format!("/api/v1/campaigns?{query}"))
        .expect(200);
    let data = page["data"].as_array().unwrap().iter();
    data.map(|c| c["name"].as_str().unwrap().to_owned())
        .collect()
}

fn a_list_on(stores: &Stores) {
    let app = App::start(stores);
    let client = &app.client();
    let echo = Server::start(|_, _| chat("yes"));
    let url = format!("{}/v1/chat/completions", echo.url);
    let (one, two) = (client.agent(&url), client.agent(&url));
    let items =
        json!([{"input": "q", "metrics": [{"kind": "contains", "params": {"values": ["yes"]}}]}]);
    let dataset = client.dataset(&items);
    let other = client.dataset(&items);
    let start = |name: &str, more: Value| {
        let mut spec = json!({"name": name, "agent_id": one, "dataset_id": dataset});
        spec.as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        let id = client.start(&spec);
        let _ = client.finished(&id, 30);
        id
    };
    let first = start(
        "Alpha nightly",
        json!({"tags": ["nightly", "it's \"odd\""]}),
    );
    let _ = start("\u{110}\u{1ea6}U beta", json!({"agent_id": two}));
    let _ = start("gamma", json!({"dataset_id": other, "tags": ["night"]}));
    let _ = start(
        "delta",
        json!({"agent_id": "", "agents": [{"id": one}, {"id": two}], "dataset_id": other}),
    );

    let all = ["delta", "gamma", "\u{110}\u{1ea6}U beta", "Alpha nightly"];
    assert_eq!(listed(client, ""), all);
    assert_eq!(
        listed(client, "sort=created_at&limit=2"),
        ["Alpha nightly", all[2]]
    );
    let by_name = listed(client, "sort=-name");
    assert_eq!(by_name.len(), 4);
    // How stores order letters beyond ASCII is theirs.
    let plain: Vec<&String> = by_name.iter().filter(|n| n.is_ascii()).collect();
    assert!(plain.iter().position(|n| **n == "gamma") < plain.iter().position(|n| **n == "delta"));
    for (query, found) in [
        ("q=NIGHTLY", &all[3..]),
        ("q=gamm", &all[1..2]),
        ("q=%C4%91%E1%BA%A7u", &all[2..3]),
        ("q=%22ODD", &all[3..]),
        ("name=gamma", &all[1..2]),
        ("tag=nightly", &all[3..]),
        ("tag=it's%20%22odd%22", &all[3..]),
        ("tag=nothing", &[]),
        ("status=completed", &all[..]),
        ("status=running,queued", &[]),
        ("created_after=2999-01-01T00:00:00Z", &[]),
        ("created_before=2999-01-01T00:00:00Z&name=gamma", &all[1..2]),
    ] {
        assert_eq!(listed(client, query), found, "{query}");
    }
    // Names and tags are both searched.
    assert_eq!(listed(client, "q=NIGHT"), [all[1], all[3]]);
    assert_eq!(
        listed(client, &format!("uses={one}")),
        [all[0], all[1], all[3]]
    );
    assert_eq!(
        listed(client, &format!("uses={one},{other}")),
        [all[0], all[1]]
    );
    assert_eq!(
        listed(client, &format!("uses={first}")),
        Vec::<String>::new()
    );

    // A page goes on where the last one ended, by the same filters only.
    for sort in ["created_at", "-created_at", "name", "-name"] {
        let (mut seen, mut cursor) = (Vec::new(), String::new());
        loop {
            let page = client
                .get(&format!("/api/v1/campaigns?sort={sort}&limit=1{cursor}"))
                .expect(200);
            seen.push(page["data"][0]["name"].as_str().unwrap().to_owned());
            let Some(next) = page["next_cursor"].as_str() else {
                break;
            };
            cursor = format!("&cursor={next}");
            let wrong = client.get(&format!("/api/v1/campaigns?sort={sort}&tag=x{cursor}"));
            assert_eq!(
                wrong.expect_problem(422, "validation")["errors"][0]["field"],
                "cursor"
            );
        }
        assert_eq!(seen, listed(client, &format!("sort={sort}")), "{sort}");
    }
    for (query, field) in [
        ("sort=spec", "sort"),
        ("status=done", "status"),
        ("status=", "status"),
        ("uses=", "uses"),
        ("uses=%22", "uses"),
        ("tag=", "tag"),
        ("created_after=yesterday", "created_after"),
        ("labels=x", "labels"),
    ] {
        let refusal = client.get(&format!("/api/v1/campaigns?{query}"));
        let problem = refusal.expect_problem(422, "validation");
        assert_eq!(problem["errors"][0]["field"], field, "{query}: {problem}");
    }
}

#[test]
fn campaigns_are_found_again() {
    a_list_on(&Stores::embedded());
}

#[test]
fn postgres_campaigns_are_found_again() {
    if let Some(stores) = Stores::postgres() {
        a_list_on(&stores);
    }
}
