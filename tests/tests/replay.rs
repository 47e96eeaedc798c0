//! A campaign that is played again from its recording.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "test code"
)]

use assay_tests::{App, Client, Server, Stores, chat, wait_for};
use serde_json::{Value, json};
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::time::Duration;

/// An agent, a persona and a judge that never say the same twice.
fn unsteady() -> Server {
    let n = AtomicUsize::new(0);
    Server::start(move |path, body| {
        let n = n.fetch_add(1, SeqCst);
        let schema = body["response_format"]["json_schema"]["name"]
            .as_str()
            .unwrap_or_default()
            .to_lowercase();
        let said = if schema.contains("step") {
            json!({"steps": ["Read it.", "Rate it."]}).to_string()
        } else if !schema.is_empty() {
            json!({"score": n % 10, "reason": format!("reason {n}")}).to_string()
        } else if path.starts_with("/agent") {
            format!("answer {n}")
        } else {
            format!("question {n}")
        };
        chat(&said).after(Duration::from_millis(5 + n as u64))
    })
}

/// What a run came to, without what is its own: the conversation and the scores.
fn told(client: &Client, campaign: &str) -> Vec<Value> {
    let runs = client.runs(campaign);
    let of = |run: &Value| {
        let run = client.run(run).expect(200);
        json!([
            run["item_key"],
            run["repetition"],
            run["status"],
            run["messages"],
            run["scores"],
            run["stop_reason"],
            run["latency_ms"],
            run["usage"],
            run["error"],
        ])
    };
    runs.iter().map(of).collect()
}

#[test]
fn conversations_and_scores_are_the_same_byte_for_byte() {
    let app = App::start(&Stores::embedded());
    let client = app.client();
    let server = unsteady();
    let agent = client.agent(&format!("{}/agent", server.url));
    let model = client.model(&format!("{}/v1", server.url));
    let scenario = client
        .post("/api/v1/scenarios", &json!({
            "name": "Talk", "situation": "A parcel is late.", "goal": "Learn where it is.", "max_turns": 3,
            "persona": {"name": "Ada"},
            "metrics": [{"kind": "g_eval", "params": {"criteria": "It is polite.", "fields": ["input", "actual_output"]}},
                {"kind": "latency", "threshold": 0.5, "params": {"max_ms": 60000}}],
        }))
        .expect(201);
    let spec = |more: Value| {
        let mut spec = json!({
            "name": "r", "agent_id": agent, "scenario_ids": [scenario["id"]], "persona_model_id": model,
            "judge_model_id": model, "repetitions": 2, "max_attempts": 1,
        });
        let more = more.as_object().expect("an object").clone();
        spec.as_object_mut().expect("an object").extend(more);
        spec
    };
    let first = client.start(&spec(json!({"record": true})));
    let _ = client.finished(&first, 60);
    let asked = server.requests().len();
    let recorded = told(&client, &first);
    assert_eq!(recorded.len(), 2);
    assert_ne!(recorded[0][3], recorded[1][3], "each run has its own words");

    let again = client.start(&spec(json!({"replay_of": first})));
    let _ = client.finished(&again, 60);
    assert_eq!(server.requests().len(), asked, "nobody was called");
    assert_eq!(
        serde_json::to_string(&told(&client, &again)).unwrap(),
        serde_json::to_string(&recorded).unwrap()
    );

    // With another seed the persona is asked something else.
    let other = client.start(&spec(json!({"replay_of": first, "seed": 7})));
    let _ = client.finished(&other, 60);
    assert_eq!(server.requests().len(), asked);
    let run = client.run(&client.runs(&other).remove(0)).expect(200);
    assert_eq!(run["status"], "error", "{run}");
    let message = run["error"]["message"].as_str().expect("a message");
    assert!(
        message.contains("was not recorded: POST") && message.contains("/v1/chat/completions"),
        "{message}"
    );
}

/// Recordings go when their workspace's time is over. The campaign is made old in the store.
#[test]
fn postgres_an_old_recording_goes() {
    let Some(stores) = Stores::postgres() else {
        return;
    };
    let app = App::start(&stores);
    let client = app.client();
    let server = unsteady();
    let agent = client.agent(&format!("{}/agent", server.url));
    let dataset = client.dataset(&json!([{"key": "a", "input": "hi"}]));
    let spec = |more: (&str, Value)| {
        let mut spec = json!({
            "name": "r", "agent_id": agent, "dataset_id": dataset, "max_attempts": 1,
            "metrics": [{"kind": "latency", "threshold": 0.5, "params": {"max_ms": 60000}}],
        });
        spec[more.0] = more.1;
        spec
    };
    let [old, young] = ["old", "young"].map(|_| {
        let id = client.start(&spec(("record", json!(true))));
        let _ = client.finished(&id, 60);
        id
    });
    let mut db =
        postgres::Client::connect(stores.postgres.as_ref().unwrap(), postgres::NoTls).unwrap();
    let count = "SELECT count(*) FROM recordings WHERE campaign_id = $1";
    let places = |db: &mut postgres::Client, id: &String| -> i64 {
        db.query_one(count, &[id]).unwrap().get(0)
    };
    assert!(places(&mut db, &old) > 0);
    let policy = json!({"retention_days": 30}).to_string();
    let headers = [("content-type", "application/json")];
    let _ = client
        .send(
            "PUT",
            "/api/v1/ingest/policy",
            &headers,
            Some(policy.as_bytes()),
        )
        .expect(200);
    db.execute(
        "UPDATE campaigns SET finished_at = 1 WHERE id = $1",
        &[&old],
    )
    .unwrap();
    wait_for("the recording goes", 90, || {
        let sql = "SELECT recording FROM campaigns WHERE id = $1";
        let state: String = db.query_one(sql, &[&old]).unwrap().get(0);
        (state == "deleted").then_some(())
    });
    assert_eq!(places(&mut db, &old), 0);
    let doc = client
        .post("/api/v1/campaigns", &spec(("replay_of", json!(old))))
        .expect_problem(422, "validation");
    assert_eq!(doc["errors"][0]["field"], "/replay_of", "{doc}");
    assert!(
        doc.to_string().contains("its recording was deleted"),
        "{doc}"
    );

    // The answers are gone as well, and those of the other campaign are not.
    let sql = "UPDATE campaigns SET recording = 'kept', finished_at = created_at WHERE id = $1";
    db.execute(sql, &[&old]).unwrap();
    for (of, status) in [(&old, "error"), (&young, "passed")] {
        let again = client.start(&spec(("replay_of", json!(of))));
        let _ = client.finished(&again, 60);
        assert_eq!(client.runs(&again)[0]["status"], status);
    }
}
