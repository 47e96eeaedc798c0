//! What a workspace lets in: redaction before storage, sampling by trace, retention.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "test code"
)]

use assay_tests::{App, Client, Stores, wait_for};
use serde_json::{Value, json};
use std::time::Duration;

/// One test a store.
macro_rules! on_all {
    ($($name:ident $postgres:ident $clickhouse:ident $body:ident;)*) => {$(
        #[test]
        fn $name() {
            $body(&App::start(&Stores::embedded()).client());
        }

        #[test]
        fn $postgres() {
            if let Some(stores) = Stores::postgres() {
                $body(&App::start(&stores).client());
            }
        }

        #[test]
        fn $clickhouse() {
            if let Some(stores) = Stores::clickhouse() {
                $body(&App::start(&stores).client());
            }
        }
    )*};
}

on_all! {
    secrets_are_taken_out_before_storage postgres_secrets_are_taken_out_before_storage clickhouse_secrets_are_taken_out_before_storage redaction;
    a_part_of_all_traces_is_kept postgres_a_part_of_all_traces_is_kept clickhouse_a_part_of_all_traces_is_kept sampling;
    old_traces_go postgres_old_traces_go clickhouse_old_traces_go retention;
}

const PATH: &str = "/api/v1/ingest/policy";

fn put(client: &Client, policy: &Value) -> Value {
    let body = policy.to_string();
    let headers = [("content-type", "application/json")];
    let made = client
        .send("PUT", PATH, &headers, Some(body.as_bytes()))
        .expect(200);
    // Every instance has read it by then.
    std::thread::sleep(Duration::from_millis(3_200));
    made
}

fn redaction(client: &Client) {
    let none = client.get(PATH);
    assert_eq!(none.header("etag"), Some("\"v0\""));
    assert_eq!(
        none.expect(200),
        json!({"redaction": {"rules": []}, "sampling_rate": 1.0, "retention_days": null, "updated_at": null, "updated_by": null})
    );
    let rules = json!([
        {"name": "mail", "kind": {"type": "class", "class": "email"}, "action": "hash"},
        {"name": "ticket", "kind": {"type": "pattern", "pattern": "TICKET-[0-9]+"}},
        {"name": "card", "kind": {"type": "pointer", "pointer": "/payment/card"}, "fields": ["metadata"], "action": "remove"},
    ]);
    let made = put(client, &json!({"redaction": {"rules": rules}}));
    assert!(made["updated_at"].is_string(), "{made}");

    let metadata = json!({"payment": {"card": "4111 1111 1111 1111", "sum": 3}});
    let _ = client
        .post(
            "/api/v1/ingest",
            &json!({"observations": [
                {"id": "n", "trace_id": "t", "name": "n", "input": "ann@example.com has TICKET-77", "metadata": metadata},
            ]}),
        )
        .expect(200);
    let event = |id: &str, kind: &str, at: u32, body: Value| json!({"id": id, "type": kind, "timestamp": format!("2026-11-20T10:00:0{at}Z"), "body": body});
    // Also where an observation is put together of what was kept before.
    for batch in [
        event(
            "e1",
            "span-create",
            1,
            json!({"id": "l", "traceId": "t", "input": "TICKET-88", "metadata": {"a": 1}}),
        ),
        event(
            "e2",
            "span-update",
            2,
            json!({"id": "l", "traceId": "t", "output": "ask ann@example.com"}),
        ),
    ] {
        let _ = client
            .post("/api/public/ingestion", &json!({"batch": [batch]}))
            .expect(207);
    }
    let span = json!({"traceId": "0af7651916cd43dd8448eb211c80319c", "spanId": "00f067aa0ba902b7", "name": "s",
        "startTimeUnixNano": "1700000000000000000", "endTimeUnixNano": "1700000001000000000",
        "attributes": [{"key": "langfuse.observation.input", "value": {"stringValue": "TICKET-99 of ann@example.com"}}]});
    let request = json!({"resourceSpans": [{"scopeSpans": [{"spans": [span]}]}]});
    let _ = client.post("/v1/traces", &request).expect(200);

    let trace = client.get("/api/v1/traces/t").expect(200);
    let of = |id: &str| {
        let all = trace["observations"].as_array().unwrap();
        all.iter().find(|o| o["id"] == id).unwrap().clone()
    };
    let (n, l) = (of("n"), of("l"));
    assert_eq!(n["metadata"], json!({"payment": {"sum": 3}}));
    assert_eq!(l["input"], "[REDACTED:ticket]");
    assert_eq!(l["metadata"], json!({"a": 1}));
    let hashed = n["input"].as_str().unwrap();
    let mail = hashed.strip_suffix(" has [REDACTED:ticket]").unwrap();
    assert!(mail.starts_with("[HASH:"), "{hashed}");
    assert_eq!(
        l["output"],
        format!("ask {mail}"),
        "equal values stay equal"
    );
    let other = client
        .get("/api/v1/traces/0af7651916cd43dd8448eb211c80319c")
        .expect(200);
    assert_eq!(other["input"], format!("[REDACTED:ticket] of {mail}"));
    for words in ["TICKET-", "ann%40example"] {
        let found = client.get(&format!("/api/v1/traces?q={words}")).expect(200);
        assert_eq!(found["data"], json!([]), "{words}");
    }

    // What cannot be is named; an older version is not written over.
    let send = |policy: Value, tag: &str| {
        let headers = [("content-type", "application/json"), ("if-match", tag)];
        client.send("PUT", PATH, &headers, Some(policy.to_string().as_bytes()))
    };
    let wrong = json!({"redaction": {"rules": [{"name": "x", "kind": {"type": "pattern", "pattern": "("}}]}});
    let problem = send(wrong, "*").expect_problem(422, "validation");
    assert_eq!(
        problem["errors"][0]["field"],
        "/redaction/rules/0/kind/pattern"
    );
    send(json!({"sampling_rate": 2}), "*").expect_problem(422, "validation");
    send(json!({}), "\"v0\"").expect_problem(412, "precondition-failed");
    let audit = client
        .get("/api/v1/audit-log?action=ingest_policy.update")
        .expect(200);
    assert_eq!(audit["data"].as_array().unwrap().len(), 1, "{audit}");
}

fn sampling(client: &Client) {
    put(client, &json!({"sampling_rate": 0.3}));
    let observation = |i: u32, part: u32| json!({"id": format!("o{part}"), "trace_id": format!("t{i}"), "name": "n"});
    for part in 0..2 {
        let observations: Vec<Value> = (0..300).map(|i| observation(i, part)).collect();
        let done = client.post("/api/v1/ingest", &json!({ "observations": observations }));
        assert_eq!(done.expect(200)["accepted"], 300);
    }
    let (mut kept, mut cursor) = (0, String::new());
    loop {
        let page = client
            .get(&format!("/api/v1/traces?limit=200{cursor}"))
            .expect(200);
        for trace in page["data"].as_array().unwrap() {
            kept += 1;
            assert_eq!(trace["observation_count"], 2, "a trace is kept whole");
        }
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    assert!((60..=120).contains(&kept), "{kept} of 300");
}

fn retention(client: &Client) {
    let trace = |id: &str, at: &str| json!({"id": id, "timestamp": at, "name": id});
    let young = {
        let page = json!({"traces": [trace("old", "2020-01-01T00:00:00Z"), {"id": "young", "name": "young"}]});
        let _ = client.post("/api/v1/ingest", &page).expect(200);
        "/api/v1/traces/young"
    };
    let body = json!({"retention_days": 30}).to_string();
    let headers = [("content-type", "application/json")];
    let _ = client
        .send("PUT", PATH, &headers, Some(body.as_bytes()))
        .expect(200);
    wait_for("the old trace goes", 90, || {
        (client.get("/api/v1/traces/old").status == 404).then_some(())
    });
    let _ = client.get(young).expect(200);
}
