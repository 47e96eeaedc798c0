//! What goes on while traces come in: rules pick some of them for evaluation, and people look on.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "test code"
)]

use assay_tests::{Answer, App, Client, Stores, wait_for};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::io::BufRead;
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
    rules_pick_traces_as_they_come_in postgres_rules_pick_traces_as_they_come_in clickhouse_rules_pick_traces_as_they_come_in rules;
    the_evaluation_queue_is_worked_by_leases postgres_the_evaluation_queue_is_worked_by_leases clickhouse_the_evaluation_queue_is_worked_by_leases leases;
    traces_are_watched_as_they_come_in postgres_traces_are_watched_as_they_come_in clickhouse_traces_are_watched_as_they_come_in live;
    traces_are_exported_as_files postgres_traces_are_exported_as_files clickhouse_traces_are_exported_as_files export;
}

fn trace(id: &str, name: &str) -> Value {
    json!({
        "traces": [{"id": id, "timestamp": "2026-11-20T10:00:00Z", "name": name, "user_id": "ann"}],
        "observations": [{"id": "o", "trace_id": id, "name": "llm", "type": "GENERATION", "model": "large-1",
            "start_time": "2026-11-20T10:00:00Z", "end_time": "2026-11-20T10:00:01Z", "input": "Hello", "output": "=1+1"}],
    })
}

fn ingest(client: &Client, batch: &Value) {
    let done = client.post("/api/v1/ingest", batch).expect(200);
    assert_eq!(done["rejected"], json!([]), "{done}");
}

fn rule(client: &Client, change: Value) -> Answer {
    let mut body = json!({"name": "r", "metrics": [{"kind": "latency", "params": {"max_ms": 500}}], "delay_s": 0, "evaluator": "external"});
    body.as_object_mut()
        .unwrap()
        .extend(change.as_object().unwrap().clone());
    client.post("/api/v1/evaluation-rules", &body)
}

fn new_rule(client: &Client, change: Value) -> String {
    rule(client, change).expect(201)["id"]
        .as_str()
        .unwrap()
        .to_owned()
}

fn traces_in(client: &Client, rule: &str, state: &str) -> BTreeSet<String> {
    let path = format!("/api/v1/evaluation-queue?rule_id={rule}&state={state}&limit=200");
    let page = client.get(&path).expect(200);
    let entries = page["data"].as_array().unwrap().iter();
    entries
        .map(|e| e["trace_id"].as_str().unwrap().to_owned())
        .collect()
}

fn set(ids: &[&str]) -> BTreeSet<String> {
    ids.iter().map(|id| (*id).to_owned()).collect()
}

/// Waits until the queue of a rule has these traces in this state.
#[track_caller]
fn settles(client: &Client, rule: &str, state: &str, wanted: &[&str]) {
    let wanted = set(wanted);
    wait_for(&format!("{wanted:?} to be {state}"), 40, || {
        (traces_in(client, rule, state) == wanted).then_some(())
    });
}

fn rules(stores: &Stores) {
    let app = App::start(stores);
    let client = app.client();
    let chats = new_rule(
        &client,
        json!({"name": "chats", "filter": [{"type": "string", "column": "name", "operator": "=", "value": "chat"}]}),
    );
    let slow = new_rule(&client, json!({"name": "later", "delay_s": 3600}));
    let none = new_rule(&client, json!({"name": "none", "sampling_rate": 0.0}));
    let off = new_rule(&client, json!({"name": "off", "enabled": false}));
    // An instance learns of a rule within seconds.
    std::thread::sleep(Duration::from_millis(3_200));
    ingest(&client, &trace("a", "chat"));
    ingest(&client, &trace("b", "search"));
    ingest(&client, &trace("c", "chat"));
    // The same again changes nothing.
    ingest(&client, &trace("a", "chat"));
    settles(&client, &chats, "ready", &["a", "c"]);
    settles(&client, &chats, "skipped", &["b"]);
    assert_eq!(traces_in(&client, &slow, "waiting"), set(&["a", "b", "c"]));
    for quiet in [&none, &off] {
        assert_eq!(traces_in(&client, quiet, ""), set(&[]));
    }
    let skipped = client
        .get(&format!(
            "/api/v1/evaluation-queue?rule_id={chats}&trace_id=b"
        ))
        .expect(200);
    assert_eq!(skipped["data"][0]["reason"], "the filter does not match");
    // What was not wanted may become so.
    ingest(&client, &trace("b", "chat"));
    settles(&client, &chats, "ready", &["a", "b", "c"]);
    // Deleted traces are not evaluated.
    let _ = client.delete("/api/v1/traces/c").expect(204);
    assert_eq!(traces_in(&client, &chats, ""), set(&["a", "b"]));
    let summary = client.get("/api/v1/evaluation-queue/summary").expect(200);
    let of = |rule: &str| {
        let all = summary["data"].as_array().unwrap();
        all.iter().find(|s| s["rule_id"] == rule).cloned()
    };
    assert_eq!(of(&chats).unwrap()["counts"]["ready"], 2);
    assert!(of(&chats).unwrap()["oldest_ready_at"].is_string());
    assert_eq!(of(&slow).unwrap()["counts"]["waiting"], 2);
    assert!(of(&none).is_none());
    // A rule that is deleted wants nothing more.
    let _ = client
        .delete(&format!("/api/v1/evaluation-rules/{slow}"))
        .expect(204);
    // Pages.
    let first = client
        .get(&format!("/api/v1/evaluation-queue?rule_id={chats}&limit=1"))
        .expect(200);
    let cursor = first["next_cursor"].as_str().unwrap();
    let second = client
        .get(&format!(
            "/api/v1/evaluation-queue?rule_id={chats}&limit=1&cursor={cursor}"
        ))
        .expect(200);
    assert_ne!(first["data"][0]["trace_id"], second["data"][0]["trace_id"]);
    assert_eq!(second["next_cursor"], Value::Null);
    // Traces that are there already, once each.
    let all = new_rule(&client, json!({"name": "all"}));
    let past =
        json!({"rule_id": all, "from": "2026-11-20T00:00:00Z", "to": "2026-11-21T00:00:00Z"});
    let done = client
        .post("/api/v1/evaluation-queue/backfill", &past)
        .expect(200);
    assert_eq!(done, json!({"matched": 2, "enqueued": 2}));
    settles(&client, &all, "ready", &["a", "b"]);
    let again = client
        .post("/api/v1/evaluation-queue/backfill", &past)
        .expect(200);
    assert_eq!(again, json!({"matched": 2, "enqueued": 0}));
    // What is wrong is named.
    for (change, field) in [
        (json!({"metrics": []}), "/metrics"),
        (json!({"sampling_rate": 2}), "/sampling_rate"),
        (
            json!({"filter": [{"type": "string", "column": "nope", "operator": "=", "value": "x"}]}),
            "/filter",
        ),
        (
            json!({"filter": [{"type": "number", "column": "latency", "operator": "=", "value": "x"}]}),
            "/filter/0/value",
        ),
        (
            json!({"metrics": [{"kind": "latency", "params": {"nope": 1}}]}),
            "/metrics/0/params/nope",
        ),
    ] {
        let problem = rule(&client, change).expect(422);
        assert_eq!(problem["errors"][0]["field"], field, "{problem}");
    }
}

fn claim(client: &Client, body: Value) -> Vec<Value> {
    let claimed = client
        .post("/api/v1/evaluation-queue/claim", &body)
        .expect(200);
    claimed["data"].as_array().unwrap().clone()
}

fn said(of: &Value, outcome: &str) -> Value {
    json!({"rule_id": of["rule_id"], "trace_id": of["trace_id"], "lease_token": of["lease_token"], "outcome": outcome})
}

fn finish(client: &Client, items: Value) -> Value {
    client
        .post("/api/v1/evaluation-queue/finish", &json!({"items": items}))
        .expect(200)
}

fn leases(stores: &Stores) {
    let app = App::start(stores);
    let client = app.client();
    for i in 0..20 {
        ingest(&client, &trace(&format!("t{i:02}"), "chat"));
    }
    let rule = new_rule(&client, json!({"name": "all"}));
    let past =
        json!({"rule_id": rule, "from": "2026-11-20T00:00:00Z", "to": "2026-11-21T00:00:00Z"});
    let _ = client
        .post("/api/v1/evaluation-queue/backfill", &past)
        .expect(200);
    wait_for("all to be ready", 40, || {
        (traces_in(&client, &rule, "ready").len() == 20).then_some(())
    });
    // Several at once never get the same.
    let taken: Vec<Vec<Value>> = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..4)
            .map(|_| scope.spawn(|| claim(&client, json!({"limit": 4, "lease_s": 60}))))
            .collect();
        workers.into_iter().map(|w| w.join().unwrap()).collect()
    });
    let ids: Vec<&str> = taken
        .iter()
        .flatten()
        .map(|c| c["trace_id"].as_str().unwrap())
        .collect();
    assert_eq!(ids.len(), 16);
    assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), 16, "{ids:?}");
    assert_eq!(taken[0][0]["rule"]["metrics"][0]["kind"], "latency");
    // The last four, for a moment only.
    let short = claim(&client, json!({"limit": 10, "lease_s": 1, "rule_id": rule}));
    assert_eq!(short.len(), 4);
    assert_eq!(claim(&client, json!({})), Vec::<Value>::new());
    let done = finish(
        &client,
        json!([
            said(&taken[0][0], "done"),
            said(&taken[0][1], "failed"),
            said(&taken[0][2], "retry")
        ]),
    );
    assert_eq!(done, json!({"finished": 3, "lost": []}));
    // Said twice, it is nobody's any more.
    let twice = finish(&client, json!([said(&taken[0][0], "failed")]));
    assert_eq!(twice["finished"], 0);
    assert_eq!(twice["lost"][0]["trace_id"], taken[0][0]["trace_id"]);
    assert_eq!(traces_in(&client, &rule, "done").len(), 1);
    // A lease that ran out is given to the next one, and the first one's word counts no more.
    let next = wait_for("leases to run out", 20, || {
        let next = claim(&client, json!({"limit": 10, "lease_s": 60}));
        (next.len() >= 4).then_some(next)
    });
    let lost = finish(&client, json!([said(&short[0], "done")]));
    assert_eq!(lost["finished"], 0);
    let of_short = next.iter().find(|n| n["trace_id"] == short[0]["trace_id"]);
    assert_eq!(of_short.unwrap()["attempts"], 2);
    let done = finish(&client, json!([said(of_short.unwrap(), "done")]));
    assert_eq!(done["finished"], 1);
    // What failed can be tried again, and what is done.
    let again = client
        .post(
            "/api/v1/evaluation-queue/retry",
            &json!({"rule_id": rule, "states": ["failed", "done"]}),
        )
        .expect(200);
    assert_eq!(again["requeued"], 3);
    let problem = client
        .post(
            "/api/v1/evaluation-queue/retry",
            &json!({"rule_id": "nope"}),
        )
        .expect(422);
    assert_eq!(problem["errors"][0]["field"], "/rule_id");
    let problem = client
        .post("/api/v1/evaluation-queue/claim", &json!({"limit": 0}))
        .expect(422);
    assert_eq!(problem["errors"][0]["field"], "/limit");
}

/// The stream of events of a path, as an `EventSource` reads it.
struct Events(Box<dyn BufRead>);

struct Event {
    name: String,
    id: String,
    data: Value,
}

impl Events {
    fn open(client: &Client, path: &str, last: Option<&str>) -> Self {
        let headers: Vec<(&str, &str)> = last.map(|id| ("last-event-id", id)).into_iter().collect();
        let mut events = Self(client.stream(path, &headers));
        // The stream has begun: what comes in from now on is told.
        assert_eq!(events.line(), "retry: 1000");
        events
    }

    fn line(&mut self) -> String {
        loop {
            let mut line = String::new();
            assert_ne!(self.0.read_line(&mut line).unwrap(), 0, "the stream ended");
            let line = line.trim_end();
            if !line.is_empty() && !line.starts_with(':') {
                return line.to_owned();
            }
        }
    }

    fn next(&mut self) -> Event {
        let name = self.line().strip_prefix("event: ").unwrap().to_owned();
        let id = self.line().strip_prefix("id: ").unwrap().to_owned();
        let data = self.line();
        let data = serde_json::from_str(data.strip_prefix("data: ").unwrap()).unwrap();
        Event { name, id, data }
    }
}

fn live(stores: &Stores) {
    let app = App::start(stores);
    let client = app.client();
    ingest(&client, &trace("before", "chat"));
    let mut all = Events::open(&client, "/api/v1/live/traces", None);
    let mut chats = Events::open(&client, "/api/v1/live/traces?name=chat", None);
    // An instance learns within seconds that somebody looks on.
    std::thread::sleep(Duration::from_millis(2_200));
    ingest(&client, &trace("a", "search"));
    let first = all.next();
    assert_eq!(
        (first.name.as_str(), &first.data["id"]),
        ("trace", &json!("a"))
    );
    assert_eq!(first.data["observation_count"], 1);
    ingest(&client, &trace("b", "chat"));
    assert_eq!(all.next().data["id"], "b");
    assert_eq!(chats.next().data["id"], "b");
    // It comes again when it grows.
    ingest(
        &client,
        &json!({"observations": [{"id": "o2", "trace_id": "b", "name": "tool", "start_time": "2026-11-20T10:00:01Z"}]}),
    );
    let grown = chats.next();
    assert_eq!(grown.data["observation_count"], 2);
    // Who lost the connection goes on from the last event.
    drop(chats);
    ingest(&client, &trace("c", "chat"));
    let mut again = Events::open(&client, "/api/v1/live/traces?name=chat", Some(&grown.id));
    let mut missed = again.next();
    while missed.data["id"] != "c" {
        assert_eq!(missed.data["id"], "b", "only what is near comes twice");
        missed = again.next();
    }
    let refused = client
        .get("/api/v1/live/traces?last_event_id=x")
        .expect(422);
    assert_eq!(refused["errors"][0]["field"], "last_event_id");
}

fn export(stores: &Stores) {
    let app = App::start(stores);
    let client = app.client();
    let mut batch = json!({"traces": [], "observations": [], "scores": []});
    for i in 0..450 {
        let one = trace(&format!("t{i:03}"), if i % 2 == 0 { "even" } else { "odd" });
        for list in ["traces", "observations"] {
            batch[list]
                .as_array_mut()
                .unwrap()
                .push(one[list][0].clone());
        }
        batch["scores"].as_array_mut().unwrap().push(json!({
            "id": format!("s{i}"), "trace_id": format!("t{i:03}"), "name": "helpful", "value": 0.5, "comment": "fine, \"really\"",
        }));
    }
    ingest(&client, &batch);
    let lines = |path: &str| -> Vec<Value> {
        let answer = client.get(path);
        assert_eq!(answer.status, 200);
        assert!(
            answer
                .header("content-disposition")
                .unwrap()
                .starts_with("attachment")
        );
        answer
            .text
            .lines()
            .map(|l| serde_json::from_str(l).unwrap())
            .collect()
    };
    let all = lines("/api/v1/exports/traces");
    let ids: BTreeSet<&str> = all.iter().map(|t| t["id"].as_str().unwrap()).collect();
    assert_eq!((all.len(), ids.len()), (450, 450));
    let listed = client.get("/api/v1/traces?limit=1").expect(200);
    assert_eq!(all[0], listed["data"][0]);
    assert_eq!(lines("/api/v1/exports/traces?name=even").len(), 225);
    assert_eq!(lines("/api/v1/exports/observations?trace_id=t007").len(), 1);
    assert_eq!(lines("/api/v1/exports/scores?name=helpful").len(), 450);
    assert_eq!(lines("/api/v1/exports/scores?name=nothing").len(), 0);
    let answer = client.get("/api/v1/exports/observations?format=csv");
    assert!(
        answer
            .header("content-type")
            .unwrap()
            .starts_with("text/csv")
    );
    let mut reader = csv::Reader::from_reader(answer.text.as_bytes());
    let names = reader.headers().unwrap().clone();
    let at = |name: &str| names.iter().position(|n| n == name).unwrap();
    let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    assert_eq!(rows.len(), 450);
    assert_eq!(&rows[0][at("latency_ms")], "1000");
    // No spreadsheet calculates what a model said.
    assert_eq!(&rows[0][at("output")], "'=1+1");
    let refused = client.get("/api/v1/exports/scores?format=xlsx").expect(422);
    assert_eq!(refused["errors"][0]["field"], "format");
    let log = client
        .get("/api/v1/audit-log?action=traces.export&limit=1")
        .expect(200);
    assert_eq!(log["data"][0]["action"], "traces.export", "{log}");
}
