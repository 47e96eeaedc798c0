//! The platform's own evaluator of traces as they come in: a trace goes in, and its scores are on it.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "test code"
)]

use assay_tests::team::Team;
use assay_tests::{App, Client, Reply, Server, Stores, chat, wait_for};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

/// One test a store.
macro_rules! on_all {
    ($($embedded:ident $postgres:ident $clickhouse:ident $body:ident;)*) => {$(
        #[test]
        fn $embedded() {
            $body(&Stores::embedded());
        }

        #[test]
        fn $postgres() {
            if let Some(stores) = Stores::postgres() {
                $body(&stores);
            }
        }

        #[test]
        fn $clickhouse() {
            if let Some(stores) = Stores::clickhouse() {
                $body(&stores);
            }
        }
    )*};
}

on_all! {
    a_trace_that_comes_in_is_scored_once postgres_a_trace_that_comes_in_is_scored_once clickhouse_a_trace_that_comes_in_is_scored_once scored;
    what_would_pass_the_budget_waits postgres_what_would_pass_the_budget_waits clickhouse_what_would_pass_the_budget_waits budget;
    a_judge_that_is_down_gives_no_score postgres_a_judge_that_is_down_gives_no_score clickhouse_a_judge_that_is_down_gives_no_score down;
}

fn trace(id: &str) -> Value {
    json!({
        "traces": [{"id": id, "timestamp": "2026-11-20T10:00:00Z", "name": "chat", "environment": "production",
            "input": [{"role": "user", "content": format!("Is {id} open?")}], "output": "It is, until six."}],
        "observations": [
            {"id": "root", "trace_id": id, "name": "agent", "type": "AGENT", "start_time": "2026-11-20T10:00:00Z",
                "end_time": "2026-11-20T10:00:01Z"},
            {"id": "tool", "trace_id": id, "parent_id": "root", "name": "hours", "type": "TOOL", "input": {"of": id},
                "output": "9 to 6", "start_time": "2026-11-20T10:00:00.1Z", "end_time": "2026-11-20T10:00:00.2Z"},
        ],
    })
}

fn ingest(client: &Client, batch: &Value) {
    let done = client.post("/api/v1/ingest", batch).expect(200);
    assert_eq!(done["rejected"], json!([]), "{done}");
}

fn judged(name: &str) -> Value {
    json!({"kind": "g_eval", "name": name, "params": {"evaluation_steps": ["Check that it answers."]}})
}

/// A rule of the platform's; an instance has learnt of it when this returns.
fn rule(client: &Client, more: Value) -> String {
    let mut body = json!({"name": "all", "delay_s": 0});
    let all = body.as_object_mut().unwrap();
    all.extend(more.as_object().unwrap().clone());
    let made = client.post("/api/v1/evaluation-rules", &body).expect(201);
    std::thread::sleep(Duration::from_millis(3_200));
    made["id"].as_str().unwrap().to_owned()
}

/// The entries of a rule's queue by trace.
fn entries(client: &Client, rule: &str) -> BTreeMap<String, Value> {
    let path = format!("/api/v1/evaluation-queue?rule_id={rule}&limit=200");
    let page = client.get(&path).expect(200);
    let entries = page["data"].as_array().unwrap().iter();
    entries
        .map(|e| (e["trace_id"].as_str().unwrap().to_owned(), e.clone()))
        .collect()
}

#[track_caller]
fn settles(client: &Client, rule: &str, trace: &str, state: &str) -> Value {
    let what = format!("{trace} to be {state}");
    let found = std::cell::RefCell::new(Value::Null);
    wait_for(&what, 60, || {
        let all = entries(client, rule);
        let entry = all.get(trace)?;
        *found.borrow_mut() = entry.clone();
        (entry["state"] == state).then_some(())
    });
    found.into_inner()
}

fn scores_of(client: &Client, trace: &str) -> Vec<Value> {
    let page = client
        .get(&format!("/api/v1/scores?trace_id={trace}&limit=200"))
        .expect(200);
    page["data"].as_array().unwrap().clone()
}

fn verdict(score: u32) -> Reply {
    chat(&json!({"reason": "It answers.", "score": score}).to_string())
}

fn scored(stores: &Stores) {
    let judge = Server::start(|_, _| verdict(8));
    let team = Team::start(stores);
    let client = team.owner();
    let model = client.model(&format!("{}/v1", judge.url));
    let rule = rule(
        &client,
        json!({
            "judge_model_id": model,
            "metrics": [
                judged("answers"),
                {"kind": "latency", "params": {"max_ms": 500}},
                {"kind": "exact_match"},
                {"kind": "tool_correctness"},
            ],
        }),
    );
    ingest(&client, &trace("t1"));
    let entry = settles(&client, &rule, "t1", "done");
    assert_eq!(entry["reason"], Value::Null, "{entry}");
    // What the trace has no reference for is no score.
    let mut scores = scores_of(&client, "t1");
    scores.sort_by_key(|s| s["name"].as_str().unwrap().to_owned());
    let names: Vec<&str> = scores.iter().map(|s| s["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["answers", "latency"], "{scores:?}");
    let (judged, timed) = (&scores[0], &scores[1]);
    assert_eq!(judged["value"], 0.8);
    assert_eq!(judged["source"], "EVAL");
    assert_eq!(judged["comment"], "It answers.");
    assert_eq!(judged["environment"], "production");
    assert_eq!(judged["metadata"]["rule_id"], *rule);
    assert_eq!(judged["metadata"]["passed"], true);
    assert_eq!(judged["metadata"]["judge_model"], "scripted-1");
    assert_eq!(timed["metadata"]["passed"], false, "{timed}");
    // The judge saw what was asked, answered and done.
    let asked = judge.requests()[0].1["body"].to_string();
    for seen in ["Is t1 open?", "It is, until six."] {
        assert!(asked.contains(seen), "{asked}");
    }
    // The trace has them, and so have aggregates.
    let whole = client.get("/api/v1/traces/t1").expect(200);
    assert_eq!(whole["scores"].as_array().unwrap().len(), 2);
    let question = json!({
        "view": "scores-numeric", "dimensions": ["name"], "metrics": [{"measure": "value", "aggregation": "avg"}],
        "from": "2026-11-01T00:00:00Z", "to": "2099-01-01T00:00:00Z",
    });
    let means = client.post("/api/v1/analytics", &question).expect(200);
    let mean = means["data"].as_array().unwrap().iter();
    let mean = mean.clone().find(|row| row["name"] == "answers").unwrap();
    assert_eq!(mean["avg_value"], 0.8, "{means}");
    // Evaluated again it is the same score.
    let again = json!({"rule_id": rule, "states": ["done"]});
    let again = client.post("/api/v1/evaluation-queue/retry", &again);
    assert_eq!(again.expect(200)["requeued"], 1);
    let before = entry["updated_at"].clone();
    wait_for("it to be evaluated again", 60, || {
        let entry = entries(&client, &rule).remove("t1")?;
        (entry["state"] == "done" && entry["updated_at"] != before).then_some(())
    });
    let mut ids: Vec<Value> = scores.iter().map(|s| s["id"].clone()).collect();
    let mut now: Vec<Value> = scores_of(&client, "t1")
        .iter()
        .map(|s| s["id"].clone())
        .collect();
    ids.sort_by_key(Value::to_string);
    now.sort_by_key(Value::to_string);
    assert_eq!(now, ids);
    // The judge was asked the same once.
    assert_eq!(judge.requests().len(), 1);
    // Nobody outside takes what the platform evaluates.
    let claimed = client.post("/api/v1/evaluation-queue/claim", &json!({"limit": 100}));
    assert_eq!(claimed.expect(200), json!({"data": []}));
    // Another workspace sees nothing.
    let stranger = team.stranger();
    assert_eq!(
        stranger.get("/api/v1/scores").expect(200)["data"],
        json!([])
    );
    let queue = stranger.get("/api/v1/evaluation-queue").expect(200);
    assert_eq!(queue["data"], json!([]));
    // What is wrong is named.
    for (more, field) in [
        (
            json!({"metrics": [judged_without_judge()]}),
            "/judge_model_id",
        ),
        (
            json!({"metrics": [judged_without_judge()], "judge_model_id": "nobody"}),
            "/judge_model_id",
        ),
        (json!({"at_once": 0}), "/at_once"),
        (
            json!({"daily_budget": {"cost_usd": -1}}),
            "/daily_budget/cost_usd",
        ),
        (json!({"evaluator": "somebody"}), "/evaluator"),
    ] {
        let mut body =
            json!({"name": "wrong", "metrics": [{"kind": "latency", "params": {"max_ms": 1}}]});
        let all = body.as_object_mut().unwrap();
        all.extend(more.as_object().unwrap().clone());
        let problem = client.post("/api/v1/evaluation-rules", &body).expect(422);
        assert_eq!(problem["errors"][0]["field"], field, "{problem}");
    }
}

fn judged_without_judge() -> Value {
    judged("answers")
}

fn budget(stores: &Stores) {
    let judge = Server::start(|_, _| verdict(9));
    let app = App::start(stores);
    let client = app.client();
    let model = client.model(&format!("{}/v1", judge.url));
    let rule = rule(
        &client,
        json!({
            "judge_model_id": model, "metrics": [judged("answers")], "at_once": 3, "daily_budget": {"judge_calls": 2},
        }),
    );
    for id in ["a", "b", "c", "d"] {
        ingest(&client, &trace(id));
    }
    let waiting = wait_for("two to be scored and two to wait", 60, || {
        let all = entries(&client, &rule);
        let of = |state: &str| -> Vec<Value> {
            let of = all.values().filter(|e| e["state"] == state);
            of.cloned().collect()
        };
        let told = |e: &Value| e["reason"].as_str().is_some_and(|r| r.contains("midnight"));
        let waiting = of("ready");
        (of("done").len() == 2 && waiting.len() == 2 && waiting.iter().all(told)).then_some(waiting)
    });
    assert_eq!(judge.requests().len(), 2);
    // What was refused is no attempt.
    assert!(waiting.iter().all(|e| e["attempts"] == 0), "{waiting:?}");
    let summary = client.get("/api/v1/evaluation-queue/summary").expect(200);
    assert_eq!(summary["data"][0]["judge_calls_today"], 2, "{summary}");
    assert!(summary["data"][0]["paused"].is_string(), "{summary}");
    // The next sweeps leave it alone.
    std::thread::sleep(Duration::from_secs(11));
    assert_eq!(judge.requests().len(), 2);
    let scored = |ids: [&str; 4]| ids.map(|id| scores_of(&client, id).len());
    assert_eq!(scored(["a", "b", "c", "d"]).iter().sum::<usize>(), 2);
    // A higher bound holds at once.
    let more = json!({"daily_budget": {"judge_calls": 10}});
    let path = format!("/api/v1/evaluation-rules/{rule}");
    let _ = client.patch(&path, &more).expect(200);
    for id in ["a", "b", "c", "d"] {
        let _ = settles(&client, &rule, id, "done");
    }
    assert_eq!(scored(["a", "b", "c", "d"]), [1; 4]);
    assert_eq!(judge.requests().len(), 4);
}

fn down(stores: &Stores) {
    let up = Arc::new(AtomicBool::new(false));
    let works = up.clone();
    let judge = Server::start(move |_, _| {
        if works.load(Ordering::Relaxed) {
            verdict(7)
        } else {
            Reply::json(400, &json!({"error": {"message": "out of order"}}))
        }
    });
    let app = App::start(stores);
    let client = app.client();
    let model = client.model(&format!("{}/v1", judge.url));
    let rule = rule(
        &client,
        json!({"judge_model_id": model, "metrics": [judged("answers")], "max_attempts": 2}),
    );
    ingest(&client, &trace("t"));
    let entry = settles(&client, &rule, "t", "failed");
    assert_eq!(entry["attempts"], 2);
    let reason = entry["reason"].as_str().unwrap();
    assert!(
        reason.starts_with("answers: ") && reason.contains("out of order"),
        "{reason}"
    );
    assert_eq!(scores_of(&client, "t"), Vec::<Value>::new());
    // When the judge is well again, whoever wants it has it tried again.
    up.store(true, Ordering::Relaxed);
    let again = json!({"rule_id": rule, "trace_ids": ["t"]});
    let again = client.post("/api/v1/evaluation-queue/retry", &again);
    assert_eq!(again.expect(200)["requeued"], 1);
    let _ = settles(&client, &rule, "t", "done");
    assert_eq!(scores_of(&client, "t")[0]["value"], 0.7);
    // A judge that is gone has what is ready wait, and say why.
    let _ = client
        .delete(&format!("/api/v1/models/{model}"))
        .expect(204);
    ingest(&client, &trace("u"));
    let entry = wait_for("it to say why it waits", 60, || {
        let entry = entries(&client, &rule).remove("u")?;
        let told = entry["reason"].as_str()?.contains("judge");
        told.then_some(entry)
    });
    assert_eq!(entry["state"], "ready", "{entry}");
    // It can be switched off as it is, and on again only with a judge that is there. A rule that is off evaluates nothing.
    let path = format!("/api/v1/evaluation-rules/{rule}");
    let switch = |on: bool| client.patch(&path, &json!({"enabled": on}));
    assert_eq!(switch(false).expect(200)["enabled"], false);
    let refused = switch(true).expect(422);
    assert_eq!(
        refused["errors"][0]["field"], "/judge_model_id",
        "{refused}"
    );
    let entry = settles(&client, &rule, "u", "skipped");
    assert_eq!(entry["reason"], "the rule is off");
    let _ = client.delete(&path).expect(204);
}

/// Two replicas that share their stores evaluate each trace once, at most so many at once.
#[test]
fn postgres_redis_and_clickhouse_two_replicas_score_a_trace_once() {
    let Some(stores) = Stores::shared() else {
        return;
    };
    let (now, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let (counted, highest) = (now.clone(), most.clone());
    let judge = Server::start(move |_, _| {
        let under_way = counted.fetch_add(1, Ordering::SeqCst) + 1;
        highest.fetch_max(under_way, Ordering::SeqCst);
        std::thread::sleep(Duration::from_millis(300));
        counted.fetch_sub(1, Ordering::SeqCst);
        verdict(6)
    });
    let folders = [
        tempfile::tempdir().expect("a folder"),
        tempfile::tempdir().expect("a folder"),
    ];
    let apps: Vec<App> = folders
        .iter()
        .map(|dir| {
            App::at(dir.path(), &stores)
                .env("ASSAY_ENCRYPTION_KEY", KEY)
                .start()
        })
        .collect();
    let client = apps[0].client();
    let model = client.model(&format!("{}/v1", judge.url));
    let rule = rule(
        &client,
        json!({
            "judge_model_id": model, "metrics": [judged("answers")], "at_once": 3, "judging": {"reuse": false},
        }),
    );
    let ids: Vec<String> = (0..24).map(|i| format!("t{i:02}")).collect();
    for (i, id) in ids.iter().enumerate() {
        ingest(&apps[i % 2].client(), &trace(id));
    }
    wait_for("all to be scored", 120, || {
        let all = entries(&client, &rule);
        (all.len() == 24 && all.values().all(|e| e["state"] == "done")).then_some(())
    });
    for id in &ids {
        assert_eq!(scores_of(&client, id).len(), 1, "{id}");
    }
    assert_eq!(judge.requests().len(), 24);
    assert!(most.load(Ordering::SeqCst) <= 3, "{most:?}");
}

/// Replicas share one key; 32 bytes in Base64.
const KEY: &str = "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=";

/// A platform that is killed in the middle of a judgement evaluates the trace when it is back, and writes one score.
#[test]
fn a_trace_is_scored_once_though_the_platform_is_killed() {
    let judge = Server::start(|_, _| verdict(5).after(Duration::from_secs(2)));
    let dir = tempfile::tempdir().expect("a folder");
    let stores = Stores::embedded();
    let mut app = App::at(dir.path(), &stores).start();
    let client = app.client();
    let model = client.model(&format!("{}/v1", judge.url));
    let rule = rule(
        &client,
        json!({"judge_model_id": model, "metrics": [judged("answers")]}),
    );
    ingest(&client, &trace("t"));
    wait_for("the judge to be asked", 60, || {
        (!judge.requests().is_empty()).then_some(())
    });
    app.kill();
    let app = App::at(dir.path(), &stores).start();
    let client = app.client();
    let what = "the trace to be taken up again";
    wait_for(what, 150, || {
        let entry = entries(&client, &rule).remove("t")?;
        (entry["state"] == "done").then_some(())
    });
    assert_eq!(scores_of(&client, "t").len(), 1);
}

/// What a judge is in doubt of goes to people.
#[test]
fn scores_of_traces_enter_review_queues() {
    let judge = Server::start(|_, _| verdict(4));
    let app = App::start(&Stores::embedded());
    let client = app.client();
    let model = client.model(&format!("{}/v1", judge.url));
    let schema = json!({"name": "right", "kind": "boolean"});
    let schema = client.post("/api/v1/label-schemas", &schema).expect(201);
    let queue = json!({
        "name": "In doubt", "label_schema_ids": [schema["id"]],
        "rules": [
            {"name": "of runs", "when": {"type": "always"}},
            {"name": "low", "source": "online", "metric": "answers", "when": {"type": "score_below", "value": 0.5}},
        ],
    });
    let queue = client.post("/api/v1/review-queues", &queue).expect(201);
    let rule = rule(
        &client,
        json!({
            "judge_model_id": model,
            "metrics": [judged("answers"), {"kind": "latency", "params": {"max_ms": 5000}}],
        }),
    );
    ingest(&client, &trace("t"));
    let _ = settles(&client, &rule, "t", "done");
    let path = format!(
        "/api/v1/review-queues/{}/items",
        queue["id"].as_str().unwrap()
    );
    let items = client.get(&path).expect(200);
    assert_eq!(items["data"].as_array().unwrap().len(), 1, "{items}");
    let subject = json!({"type": "trace", "trace_id": "t", "metric": "answers"});
    let item = &items["data"][0];
    assert_eq!(item["subject"]["type"], subject["type"], "{item}");
    assert_eq!(item["subject"]["trace_id"], subject["trace_id"], "{item}");
    assert_eq!(item["subject"]["metric"], subject["metric"], "{item}");
    assert_eq!(item["machine"]["score"], 0.4, "{item}");
    assert_eq!(item["rule"], "low", "{item}");
}
