//! Programs in WebAssembly: uploaded, refused where they cannot be run, and run by scenarios within their bounds.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "test code"
)]

use assay_tests::{App, Client, Server, Stores, chat};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

const LIST: &str = "/api/v1/programs";

/// Writes `{"read": ...}` with what it reads, and a line to its standard error.
const READS: &str = r#"(module
    (import "wasi_snapshot_preview1" "fd_read" (func $fd_read (param i32 i32 i32 i32) (result i32)))
    (import "wasi_snapshot_preview1" "fd_write" (func $fd_write (param i32 i32 i32 i32) (result i32)))
    (memory (export "memory") 2)
    (data (i32.const 100) "{\"read\":}")
    (data (i32.const 200) "has read")
    (func (export "_start")
        (i32.store (i32.const 0) (i32.const 1024))
        (i32.store (i32.const 4) (i32.const 60000))
        (drop (call $fd_read (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 48)))
        (i32.store (i32.const 8) (i32.const 200))
        (i32.store (i32.const 12) (i32.const 8))
        (drop (call $fd_write (i32.const 2) (i32.const 8) (i32.const 1) (i32.const 52)))
        (i32.store (i32.const 16) (i32.const 100))
        (i32.store (i32.const 20) (i32.const 8))
        (i32.store (i32.const 24) (i32.const 1024))
        (i32.store (i32.const 28) (i32.load (i32.const 48)))
        (i32.store (i32.const 32) (i32.const 108))
        (i32.store (i32.const 36) (i32.const 1))
        (drop (call $fd_write (i32.const 1) (i32.const 16) (i32.const 3) (i32.const 52)))))"#;

/// Never ends.
const SPINS: &str =
    r#"(module (memory (export "memory") 1) (func (export "_start") (loop $l (br $l))))"#;

/// Says that it has failed.
const FAILS: &str = r#"(module
    (import "wasi_snapshot_preview1" "proc_exit" (func $proc_exit (param i32)))
    (memory (export "memory") 1)
    (func (export "_start") (call $proc_exit (i32.const 3))))"#;

fn spec(name: &str, text: &str) -> Value {
    json!({"name": name, "wasm": STANDARD.encode(wat::parse_str(text).unwrap())})
}

fn upload(client: &Client, name: &str, text: &str) -> String {
    let made = client.post(LIST, &spec(name, text)).expect(201);
    made["id"].as_str().unwrap().to_owned()
}

/// A scenario that runs a program on `{number}` and passes where it has read that.
fn scenario(client: &Client, name: &str, program: &str, first: &Value) -> String {
    let body = json!({
        "name": name,
        "graph": {
            "start": "first",
            "variables": {"number": 4711},
            "nodes": [
                {"id": "first", "does": first},
                {"id": "ask", "does": {"type": "task", "instruction": "hello"}},
                {"id": "all", "does": {"type": "code", "program_id": program, "output": "all"}},
                {"id": "one", "does": {"type": "code", "program_id": program, "input": "{'said': answer}", "output": "one"}},
                {"id": "which", "does": {"type": "condition"}},
                {"id": "good", "does": {"type": "end", "result": "passed"}},
                {"id": "bad", "does": {"type": "end", "result": "failed"}},
            ],
            "edges": [
                {"from": "first", "to": "ask"},
                {"from": "ask", "to": "all"},
                {"from": "all", "to": "one"},
                {"from": "one", "to": "which"},
                {"from": "which", "to": "good",
                    "when": {"expression": "all.read.number == 4711 && one.read.said == 'of course'"}},
                {"from": "which", "to": "bad"},
            ],
        },
    });
    let made = client.post("/api/v1/scenarios", &body).expect(201);
    made["id"].as_str().unwrap().to_owned()
}

fn campaign(client: &Client, agent: &str, scenario: &str, more: &Value) -> String {
    let mut spec = json!({"name": "programs", "agent_id": agent, "scenario_ids": [scenario]});
    let more = more.as_object().unwrap().clone();
    spec.as_object_mut().unwrap().extend(more);
    client.start(&spec)
}

/// The only run of a campaign that has come to its end.
fn only_run(client: &Client, campaign: &str) -> Value {
    let _ = client.finished(campaign, 120);
    client.run(&client.runs(campaign).remove(0)).expect(200)
}

#[test]
fn programs_are_kept_as_they_were_given() {
    let app = App::start(&Stores::embedded());
    kept(&app.client());
}

#[test]
fn postgres_programs_are_kept_as_they_were_given() {
    if let Some(stores) = Stores::postgres() {
        let app = App::start(&stores);
        kept(&app.client());
    }
}

fn kept(client: &Client) {
    let bytes = wat::parse_str(READS).unwrap();
    let made = client.post(LIST, &spec("reads", READS)).expect(201);
    assert_eq!(made["size"], bytes.len());
    assert_eq!(
        made["sha256"].as_str().unwrap(),
        Sha256::digest(&bytes)
            .iter()
            .map(|b| format!("{b:02x}"))
            .collect::<String>()
    );
    assert!(made.get("wasm").is_none(), "{made}");
    let one = format!("{LIST}/{}", made["id"].as_str().unwrap());
    assert_eq!(client.get(&one).expect(200), made);
    assert_eq!(client.get(LIST).expect(200)["data"], json!([made]));
    let file = client.get(&format!("{one}/wasm"));
    assert_eq!(
        (file.status, file.header("content-type")),
        (200, Some("application/wasm"))
    );
    assert_eq!(file.bytes, bytes);
    // What is said of it changes; it does not.
    let changed = client
        .patch(&one, &json!({"description": "of all"}))
        .expect(200);
    assert_eq!(
        (&changed["version"], &changed["size"], &changed["sha256"]),
        (&json!(2), &made["size"], &made["sha256"])
    );
    for (change, field) in [
        (json!({"wasm": spec("x", FAILS)["wasm"]}), "/wasm"),
        (json!({"name": ""}), "/name"),
    ] {
        let doc = client
            .patch(&one, &change)
            .expect_problem(422, "validation");
        assert_eq!(doc["errors"][0]["field"], field, "{doc}");
    }
    client
        .patch(&one, &json!({"size": 1}))
        .expect_problem(422, "validation");
    client
        .post(LIST, &spec("reads", FAILS))
        .expect_problem(409, "already-exists");
    assert_eq!(client.delete(&one).status, 204);
    client
        .get(&format!("{one}/wasm"))
        .expect_problem(404, "not-found");
    client
        .get(&format!("{LIST}/no-such/wasm"))
        .expect_problem(404, "not-found");
    let restored = client
        .post(&format!("{one}/restore"), &json!({}))
        .expect(200);
    assert_eq!(restored, changed);
    assert_eq!(client.get(&format!("{one}/wasm")).bytes, bytes);
}

#[test]
fn what_cannot_be_run_is_refused_when_it_is_uploaded() {
    let app = App::start(&Stores::embedded());
    let client = app.client();
    let refused = |wasm: Value, words: &str| {
        let body = json!({"name": "bad", "wasm": wasm});
        let doc = client.post(LIST, &body).expect_problem(422, "validation");
        let error = &doc["errors"][0];
        assert_eq!(error["field"], "/wasm", "{doc}");
        assert!(error["message"].as_str().unwrap().contains(words), "{doc}");
    };
    let text = |text: &str| spec("x", text)["wasm"].clone();
    refused(Value::Null, "must be a string");
    refused(json!("not base64!"), "is not base64");
    refused(
        json!(STANDARD.encode("#!/bin/sh")),
        "is no WebAssembly module",
    );
    refused(
        json!(STANDARD.encode(vec![0; (2 << 20) + 1])),
        "it may have 2097152",
    );
    refused(text("(component)"), "is a component");
    refused(text("(module)"), "`_start`");
    refused(
        text(r#"(module (import "env" "fetch" (func)))"#),
        "imports `env` `fetch`",
    );
    let doc = client
        .post(LIST, &json!({"name": "bad"}))
        .expect_problem(422, "validation");
    assert_eq!(doc["errors"][0]["field"], "/wasm");
    assert_eq!(client.get(LIST).expect(200)["data"], json!([]));
}

#[test]
fn scenarios_run_programs() {
    let app = App::start(&Stores::embedded());
    runs(&app.client());
}

#[test]
fn postgres_scenarios_run_programs() {
    if let Some(stores) = Stores::postgres() {
        let app = App::start(&stores);
        runs(&app.client());
    }
}

fn runs(client: &Client) {
    let server = Server::start(|_, _| chat("of course"));
    let agent = client.agent(&server.url);
    let start = json!({"type": "start"});
    let reads = upload(client, "reads", READS);
    let good = scenario(client, "good", &reads, &start);
    let recorded = campaign(client, &agent, &good, &json!({"record": true}));
    let run = only_run(client, &recorded);
    assert_eq!(run["status"], "passed", "{run}");
    let trace = client.trace(&run).expect(200).to_string();
    assert!(
        trace.contains("has read"),
        "what it said is in the trace: {trace}"
    );
    let again = campaign(client, &agent, &good, &json!({"replay_of": recorded}));
    let replayed = only_run(client, &again);
    assert_eq!(
        (
            &replayed["status"],
            &replayed["scores"],
            &replayed["messages"]
        ),
        (&run["status"], &run["scores"], &run["messages"])
    );

    // What a program does wrong ends its run, in words, and not its campaign.
    for (name, text, words) in [
        ("spins", SPINS, "node `all`: the program has used up the"),
        ("fails", FAILS, "node `all`: the program exited with code 3"),
    ] {
        let program = upload(client, name, text);
        let scenario = scenario(client, name, &program, &start);
        let ended = campaign(client, &agent, &scenario, &json!({}));
        let run = only_run(client, &ended);
        assert_eq!(run["status"], "error", "{run}");
        assert_eq!(run["error"]["kind"], "scenario", "{run}");
        let message = run["error"]["message"].as_str().unwrap();
        assert!(message.starts_with(words), "{message}");
        let campaign = client
            .get(&format!("/api/v1/campaigns/{ended}"))
            .expect(200);
        assert_eq!(campaign["status"], "completed", "{campaign}");
    }

    // Without a call the path is shown, with what the program is taken to come to.
    let assumed = json!({"replies": {
        "all": "{\"read\": {\"number\": 4711}}", "one": "{\"read\": {\"said\": \"of course\"}}",
    }});
    let dry = client
        .post(&format!("/api/v1/scenarios/{good}/dry-run"), &assumed)
        .expect(200);
    let path = dry["path"].as_array().unwrap();
    let visit = path.iter().find(|v| v["node"] == "all").unwrap();
    assert_eq!(visit["does"], format!("runs the program {reads}"), "{dry}");
    assert!(path.iter().any(|v| v["node"] == "good"), "{dry}");

    // A program that is deleted meanwhile is missed by the run that comes to it.
    let waits = json!({"type": "wait", "seconds": 3});
    let late = scenario(client, "late", &reads, &waits);
    let ended = campaign(client, &agent, &late, &json!({}));
    assert_eq!(client.delete(&format!("{LIST}/{reads}")).status, 204);
    let run = only_run(client, &ended);
    let message = run["error"]["message"].as_str().unwrap();
    assert!(message.ends_with("is not there any more"), "{message}");
    // From now on it is missed before anything runs, and before anything is saved.
    let doc = client
        .post(
            "/api/v1/campaigns",
            &json!({"name": "c", "agent_id": agent, "scenario_ids": [late]}),
        )
        .expect_problem(422, "validation");
    assert_eq!(doc["errors"][0]["field"], "/scenario_ids/0", "{doc}");
    let doc = client
        .patch(
            &format!("/api/v1/scenarios/{late}"),
            &json!({"situation": "s"}),
        )
        .expect_problem(422, "validation");
    let field = doc["errors"][0]["field"].as_str().unwrap();
    assert_eq!(field, "/graph/nodes/2/does/program_id", "{doc}");
}
