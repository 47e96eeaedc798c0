//! Where traces are forwarded to, as it is managed: what is wrong is named, and only who may changes anything.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "test code"
)]

use assay_tests::{App, Client, Stores};
use serde_json::{Value, json};

const PATH: &str = "/api/v1/ingest/destinations";
const SECRET: &str = "canary-destination-5a1c\"quoted";

#[test]
fn forwarding_is_managed_by_who_may() {
    let app = App::start(&Stores::embedded());
    let client = &app.client();
    let wrong = |body: Value, field: &str| {
        let doc = client.post(PATH, &body).expect_problem(422, "validation");
        assert_eq!(doc["errors"][0]["field"], field, "{doc}");
    };
    let otlp = |more: Value| {
        let mut body =
            json!({"name": "d", "kind": "otlp", "url": "https://collector.example.com/v1/traces"});
        body.as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        body
    };
    wrong(otlp(json!({"name": ""})), "/name");
    wrong(otlp(json!({"kind": "jaeger"})), "/kind");
    wrong(otlp(json!({"url": "ftp://x"})), "/url");
    wrong(otlp(json!({"nmae": "x"})), "/nmae");
    wrong(otlp(json!({"sampling_rate": 2})), "/sampling_rate");
    wrong(otlp(json!({"credential": 7})), "/credential");
    wrong(otlp(json!({"credential": "x"})), "/auth");
    wrong(otlp(json!({"auth": {"type": "bearer"}})), "/credential");
    let unknown = json!([{"type": "string", "column": "nmae", "operator": "=", "value": "x"}]);
    wrong(otlp(json!({"filter": unknown})), "/filter/0");
    // No private addresses beyond loopback, no component, and not this platform in whatever words.
    for url in [
        "http://10.0.0.1/",
        "http://169.254.169.254/",
        "http://identity.spin.internal/",
    ] {
        wrong(otlp(json!({"url": url})), "/url");
    }
    let port = app
        .url
        .rsplit(':')
        .next()
        .unwrap()
        .trim_end_matches('/')
        .to_owned();
    for host in ["127.0.0.1", "localhost", "127.1", "[::1]", "x.localhost"] {
        let url = format!("http://{host}:{port}/v1/traces");
        wrong(otlp(json!({"url": url})), "/url");
    }
    assert_eq!(
        client.get(PATH).expect(200)["data"],
        json!([]),
        "nothing was kept"
    );

    let made = client.post(
        PATH,
        &otlp(json!({"auth": {"type": "bearer"}, "credential": SECRET, "enabled": false})),
    );
    assert!(!made.text.contains("canary"));
    let id = made.expect(201)["id"].as_str().unwrap().to_owned();
    assert_eq!(
        made.header("location"),
        Some(format!("{PATH}/{id}").as_str())
    );
    assert_eq!(made.header("etag"), Some("\"v1\""));
    client
        .post(PATH, &otlp(json!({})))
        .expect_problem(409, "already-exists");
    let one = format!("{PATH}/{id}");
    // Entrusted for one server, it is not sent to another.
    let moved = json!({"url": "https://elsewhere.example.com/"});
    let doc = client.patch(&one, &moved).expect_problem(422, "validation");
    assert_eq!(doc["errors"][0]["field"], "/credential");
    let _ = client
        .patch(&one, &json!({"url": "https://collector.example.com/other"}))
        .expect(200);
    let moved = json!({"url": "https://elsewhere.example.com/", "credential": "another-secret"});
    let changed = client.patch(&one, &moved).expect(200);
    assert_eq!(changed["url"], "https://elsewhere.example.com/");
    let none = json!({"auth": {"type": "none"}, "credential": null});
    assert_eq!(
        client.patch(&one, &none).expect(200)["has_credential"],
        false
    );
    let stale = [("content-type", "application/json"), ("if-match", "\"v1\"")];
    client
        .send("PATCH", &one, &stale, Some(b"{\"enabled\": false}"))
        .expect_problem(412, "precondition-failed");
    client
        .send("DELETE", &one, &stale, None)
        .expect_problem(412, "precondition-failed");

    // Pages and filters.
    for i in 0..19 {
        let body = otlp(json!({"name": format!("d{i}"), "enabled": i % 2 == 0}));
        let _ = client.post(PATH, &body).expect(201);
    }
    client
        .post(PATH, &otlp(json!({"name": "one too many"})))
        .expect_problem(409, "conflict");
    let page = client.get(&format!("{PATH}?limit=15")).expect(200);
    let cursor = page["next_cursor"].as_str().unwrap();
    let rest = client
        .get(&format!("{PATH}?limit=15&cursor={cursor}"))
        .expect(200);
    assert_eq!(
        (
            page["data"].as_array().unwrap().len(),
            rest["data"].as_array().unwrap().len()
        ),
        (15, 5)
    );
    let enabled = client
        .get(&format!("{PATH}?enabled=true&kind=otlp"))
        .expect(200);
    assert_eq!(enabled["data"].as_array().unwrap().len(), 10);
    client
        .get(&format!("{PATH}?kind=jaeger"))
        .expect_problem(422, "validation");
    client
        .get(&format!("{PATH}?knd=otlp"))
        .expect_problem(422, "validation");

    let viewer = client
        .post("/api/v1/api-keys", &json!({"name": "v", "role": "viewer"}))
        .expect(201);
    let viewer = Client::with_bearer(&app.url, viewer["secret_key"].as_str().unwrap());
    let _ = viewer.get(&one).expect(200);
    for answer in [
        viewer.post(PATH, &otlp(json!({"name": "v"}))),
        viewer.patch(&one, &json!({"enabled": true})),
        viewer.delete(&one),
        viewer.post(&format!("{one}/test"), &json!({})),
    ] {
        answer.expect_problem(403, "forbidden");
    }
    assert_eq!(client.delete(&one).status, 204);
    let audit = client.get("/api/v1/audit-log?limit=100").expect(200);
    assert!(!audit.to_string().contains("canary"));
    for action in ["create", "update", "delete"] {
        let action = format!("forward_destination.{action}");
        let acts = audit["data"].as_array().unwrap().iter();
        assert!(
            acts.filter(|a| a["action"] == action.as_str()).count() > 0,
            "{action}"
        );
    }
}
