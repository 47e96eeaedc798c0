//! Bodies and paths that are wrong in every way: a 4xx problem document that names the field, never a 5xx.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "test code"
)]

use assay_tests::{App, Client, Stores};
use serde_json::json;
use std::{
    io::{Read as _, Write as _},
    net::TcpStream,
    time::Duration,
};

#[test]
fn bad_bodies_and_routes_are_problems() {
    let app = App::start(&Stores::embedded());
    let client = app.client();
    let json_type = [("content-type", "application/json")];
    let post = |body: &[u8]| client.send("POST", "/api/v1/agents", &json_type, Some(body));

    post(b"").expect_problem(400, "malformed-body");
    post(b"{\"name\": ").expect_problem(400, "malformed-body");
    post(b"{\"name\": \"\xff\xfe\"}").expect_problem(400, "malformed-body");
    post("[".repeat(1 << 20).as_bytes()).expect_problem(422, "validation");
    post(format!("{{\"name\":{}}}", "{\"a\":".repeat(5000)).as_bytes())
        .expect_problem(400, "malformed-body");
    post(&vec![b' '; 5 << 20]).expect_problem(413, "body-too-large");
    // Beyond the engine's own cap the engine answers, and knows nothing of the product's problem types.
    let answer = post(&vec![b' '; 100 << 20]);
    assert_eq!(answer.status, 413, "{}", answer.text);
    assert_eq!(
        answer.header("content-type"),
        Some("application/problem+json")
    );
    client
        .send(
            "POST",
            "/api/v1/agents",
            &[("content-type", "text/plain")],
            Some(b"{}"),
        )
        .expect_problem(415, "unsupported-media-type");

    let doc = client
        .post(
            "/api/v1/agents",
            &json!({"name": "", "kind": "openai_chat", "url": "ftp://x"}),
        )
        .expect_problem(422, "validation");
    let fields: Vec<_> = doc["errors"]
        .as_array()
        .expect("errors")
        .iter()
        .map(|e| e["field"].clone())
        .collect();
    assert_eq!(fields, ["/name", "/url"], "every wrong field at once");
    let doc = client
        .post(
            "/api/v1/agents",
            &json!({"name": "x", "kind": "soap", "url": "http://x"}),
        )
        .expect_problem(422, "validation");
    assert_eq!(doc["errors"][0]["field"], "/kind");

    client
        .get("/api/v1/agents?limit=0")
        .expect_problem(422, "validation");
    client
        .get("/api/v1/agents?cursor=%25%25")
        .expect_problem(422, "validation");
    client
        .get("/api/v1/agents?nmae=x")
        .expect_problem(422, "validation");
    client
        .get("/api/v1/agents/no-such")
        .expect_problem(404, "not-found");
    client
        .get("/api/v1/nowhere")
        .expect_problem(404, "not-found");
    client
        .get("/api/v1/campaigns/no-such/runs")
        .expect_problem(404, "not-found");
    client
        .get("/api/v1/traces/no-such")
        .expect_problem(404, "not-found");
    let answer = client.delete("/api/v1/campaigns");
    answer.expect_problem(405, "method-not-allowed");
    assert!(
        answer.header("allow").is_some_and(|a| a.contains("GET")),
        "{answer:?}"
    );
}

#[test]
fn campaigns_name_what_is_missing() {
    let app = App::start(&Stores::embedded());
    let client = app.client();
    let dataset = client.dataset(&json!([{"input": "x"}]));
    let agent = client.agent("http://127.0.0.1:9/");
    let field = |spec: serde_json::Value| {
        client
            .post("/api/v1/campaigns", &spec)
            .expect_problem(422, "validation")["errors"][0]["field"]
            .clone()
    };
    assert_eq!(
        field(json!({"name": "c", "agent_id": "nope", "dataset_id": dataset})),
        "/agent_id"
    );
    assert_eq!(
        field(json!({"name": "c", "agent_id": agent, "dataset_id": "nope"})),
        "/dataset_id"
    );
    assert_eq!(
        field(json!({"name": "c", "agent_id": agent})),
        "/dataset_id"
    );
    assert_eq!(
        field(
            json!({"name": "c", "agent_id": agent, "dataset_id": dataset, "metrics": [{"kind": "g_eval", "params": {"criteria": "is it good?"}}]})
        ),
        "/judge_model_id"
    );
    assert_eq!(
        field(
            json!({"name": "c", "agent_id": agent, "dataset_id": dataset, "metrics": [{"kind": "regex", "params": {"pattern": "("}}]})
        ),
        "/metrics/0/params/pattern"
    );
    let empty = client
        .post("/api/v1/datasets", &json!({"name": "empty"}))
        .expect(201);
    assert_eq!(
        field(
            json!({"name": "c", "agent_id": agent, "dataset_id": empty["id"], "metrics": [{"kind": "exact_match"}]})
        ),
        "/dataset_id"
    );
}

#[test]
fn strangers_are_refused() {
    let app = App::start(&Stores::embedded());
    for path in [
        "/api/v1/agents",
        "/api/v1/campaigns",
        "/api/v1/traces",
        "/api/v1/me",
        "/api/v1/metrics",
    ] {
        let answer = Client::anonymous(&app.url).get(path);
        answer.expect_problem(401, "unauthenticated");
        assert!(answer.header("www-authenticate").is_some());
        Client::with_keys(&app.url, Client::PUBLIC, "sk-as-wrong-secret")
            .get(path)
            .expect_problem(401, "unauthenticated");
        Client::with_keys(&app.url, "pk-as-wrong", Client::SECRET)
            .get(path)
            .expect_problem(401, "unauthenticated");
    }
    // Internal routes do not exist for the world, signed or not.
    for path in [
        "/internal/boot",
        "/internal/step",
        "/internal/sweep",
        "/api/v1/campaigns/../../internal/sweep",
    ] {
        let answer = app.client().post(path, &json!({}));
        assert!(
            matches!(answer.status, 404 | 405),
            "{path}: {}",
            answer.status
        );
    }
}

#[test]
fn one_who_is_refused_is_not_waited_for() {
    let app = App::start(&Stores::embedded());
    let address = app.url.strip_prefix("http://").expect("an address");
    let mut stream = TcpStream::connect(address).expect("a connection");
    let patience = Duration::from_secs(30);
    stream.set_read_timeout(Some(patience)).expect("a timeout");
    // The rest of the body never comes.
    let head = format!(
        "POST /api/v1/agents HTTP/1.1\r\nHost: {address}\r\nAuthorization: Bearer sk-as-unknown\r\n\
         Content-Type: application/json\r\nContent-Length: 1000\r\n\r\n{{"
    );
    stream.write_all(head.as_bytes()).expect("a head");
    let mut start = [0; 12];
    stream.read_exact(&mut start).expect("an answer");
    assert_eq!(&start, b"HTTP/1.1 401");
}

#[test]
fn a_viewer_sees_and_does_not_write() {
    let app = App::start(&Stores::embedded());
    let owner = app.client();
    let key = owner
        .post(
            "/api/v1/api-keys",
            &json!({"name": "viewer", "role": "viewer"}),
        )
        .expect(201);
    let text = |field: &str| key[field].as_str().expect("text").to_owned();
    let viewer = Client::with_keys(&app.url, &text("public_key"), &text("secret_key"));
    let _ = viewer.get("/api/v1/agents").expect(200);
    viewer
        .post("/api/v1/agents", &json!({}))
        .expect_problem(403, "forbidden");
    viewer
        .post("/api/v1/campaigns", &json!({}))
        .expect_problem(403, "forbidden");
    viewer
        .get("/api/v1/api-keys")
        .expect_problem(403, "forbidden");
    let revoked = owner.delete(&format!("/api/v1/api-keys/{}", text("id")));
    assert_eq!(revoked.status, 204, "{}", revoked.text);
    viewer
        .get("/api/v1/agents")
        .expect_problem(401, "unauthenticated");
    assert!(
        !owner
            .get("/api/v1/api-keys")
            .text
            .contains(&text("secret_key"))
    );
}
