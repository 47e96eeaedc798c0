//! Trials of agents and models, and the addresses that are refused whoever asks for them.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "test code"
)]

use assay_tests::{App, Client, Reply, Server, Stores, chat};
use serde_json::{Value, json};
use std::net::ToSocketAddrs as _;

fn agent(client: &Client, url: &str, extra: Value) -> String {
    let name = format!("agent {}", uuid::Uuid::now_v7());
    let mut body = json!({"name": name, "kind": "openai_chat", "url": url, "timeout_ms": 3000});
    if let (Some(body), Value::Object(extra)) = (body.as_object_mut(), extra) {
        body.extend(extra);
    }
    let made = client.post("/api/v1/agents", &body).expect(201);
    made["id"].as_str().unwrap().to_owned()
}

fn test(client: &Client, kind: &str, id: &str) -> Value {
    client
        .post(
            &format!("/api/v1/{kind}/{id}/test"),
            &json!({"message": "Anyone there?"}),
        )
        .expect(200)
}

#[test]
fn an_agent_or_a_model_is_tried() {
    let app = App::start(&Stores::embedded());
    let client = &app.client();
    let server = Server::start(|path, body| {
        match path {
        "/v1/chat/completions" if body["stream"] == true => Reply {
            body: b"data: {\"choices\":[{\"delta\":{\"content\":\"Str\"}}]}\n\n\
                data: {\"choices\":[{\"delta\":{\"content\":\"eamed\"},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n"
                .to_vec(),
            ..Reply::json(200, &json!({})).header("content-type", "text/event-stream")
        },
        "/v1/chat/completions" => chat("Yes."),
        _ => Reply::json(404, &json!({"error": "no such thing"})),
    }
    });
    let url = format!("{}/v1/chat/completions", server.url);

    let good = test(client, "agents", &agent(client, &url, json!({})));
    assert_eq!(good["ok"], true, "{good}");
    assert_eq!(good["answer"], "Yes.");
    assert_eq!(good["model"], "scripted-1");
    assert_eq!(good["usage"], json!({"input": 7, "output": 3}));
    assert_eq!(good["error"], Value::Null);
    let (_, asked) = server.requests().pop().unwrap();
    assert_eq!(asked["body"]["messages"][0]["content"], "Anyone there?");

    let id = agent(
        client,
        &url,
        json!({"stream": true, "headers": {"x-run": "{{ run_id }}"}}),
    );
    let streamed = test(client, "agents", &id);
    assert_eq!(streamed["answer"], "Streamed", "{streamed}");
    let (_, asked) = server.requests().pop().unwrap();
    let headers = asked["headers"].to_string().to_lowercase();
    assert!(
        headers.contains("x-run: 0") && !headers.contains("run_id"),
        "{headers}"
    );

    let bad = test(
        client,
        "agents",
        &agent(client, &format!("{}/other", server.url), json!({})),
    );
    assert_eq!(bad["ok"], false);
    assert_eq!(bad["error"]["kind"], "target_status", "{bad}");
    assert!(bad["error"]["message"].as_str().unwrap().contains("404"));

    let model = |base: &str, extra: Value| {
        let mut body =
            json!({"name": format!("m {}", uuid::Uuid::now_v7()), "base_url": base, "model": "x"});
        if let (Some(body), Value::Object(extra)) = (body.as_object_mut(), extra) {
            body.extend(extra);
        }
        client.post("/api/v1/models", &body).expect(201)["id"]
            .as_str()
            .unwrap()
            .to_owned()
    };
    let azure = json!({"provider": "azure_openai", "api_key": "k-0123456", "capabilities": {"temperature": false}});
    let id = model(&format!("{}/v1?api-version=1", server.url), azure);
    let asked = test(client, "models", &id);
    // The server knows no path with a query.
    assert_eq!(asked["error"]["kind"], "target_status", "{asked}");
    let (path, asked) = server.requests().pop().unwrap();
    assert_eq!(path, "/v1/chat/completions?api-version=1");
    assert!(asked["headers"].to_string().contains("k-0123456"));
    assert!(asked["body"].get("temperature").is_none());
    let good = test(
        client,
        "models",
        &model(&format!("{}/v1", server.url), json!({})),
    );
    assert_eq!(good["ok"], true, "{good}");

    // Who may only look may not spend.
    let viewer = client
        .post("/api/v1/api-keys", &json!({"name": "v", "role": "viewer"}))
        .expect(201);
    let viewer = Client::with_bearer(&app.url, viewer["secret_key"].as_str().unwrap());
    viewer
        .post(&format!("/api/v1/agents/{id}/test"), &json!({}))
        .expect_problem(403, "forbidden");
    client
        .post("/api/v1/agents/nothing/test", &json!({}))
        .expect_problem(404, "not-found");
    let doc = client
        .post(
            &format!("/api/v1/models/{id}/test"),
            &json!({"message": " "}),
        )
        .expect_problem(422, "validation");
    assert_eq!(doc["errors"][0]["field"], "/message");
}

#[test]
fn what_is_not_stored_is_tried_and_stays_so() {
    let app = App::start(&Stores::embedded());
    let client = &app.client();
    let server = Server::start(|_, _| chat("Yes."));
    let secret = json!({"name": "TOKEN", "value": "s3cret-0123", "hosts": ["127.0.0.1"]});
    let _ = client.post("/api/v1/secrets", &secret).expect(201);
    let spec = json!({
        "name": "Not yet", "kind": "openai_chat", "url": format!("{}/v1/chat/completions", server.url),
        "auth": {"type": "bearer"}, "credential": "k-0123456", "headers": {"x-token": "{{ secrets.TOKEN }}"},
    });
    let tried = client
        .post(
            "/api/v1/agents/test",
            &json!({"spec": spec, "message": "Anyone there?"}),
        )
        .expect(200);
    assert_eq!(
        (&tried["ok"], &tried["answer"]),
        (&json!(true), &json!("Yes.")),
        "{tried}"
    );
    assert!(!tried.to_string().contains("k-0123456"));
    let (_, asked) = server.requests().pop().unwrap();
    let headers = asked["headers"].to_string();
    assert!(
        headers.contains("Bearer k-0123456") && headers.contains("s3cret-0123"),
        "{headers}"
    );
    assert_eq!(asked["body"]["messages"][0]["content"], "Anyone there?");
    let model = json!({"name": "Not yet", "base_url": format!("{}/v1", server.url), "model": "x"});
    let tried = client
        .post("/api/v1/models/test", &json!({"spec": model}))
        .expect(200);
    assert_eq!(tried["ok"], true, "{tried}");
    for kind in ["agents", "models"] {
        let page = client
            .get(&format!("/api/v1/{kind}?name=Not%20yet&deleted=include"))
            .expect(200);
        assert_eq!(page["data"], json!([]), "{kind}");
    }

    // Wrong fields are named where they stand; an agent that answers nothing is told as a stored one is.
    let wrong = |body: Value| {
        let doc = client
            .post("/api/v1/agents/test", &body)
            .expect_problem(422, "validation");
        doc["errors"][0]["field"].as_str().unwrap().to_owned()
    };
    let with = |field: &str, value: Value| {
        let mut spec = spec.clone();
        spec[field] = value;
        json!({"spec": spec})
    };
    assert_eq!(wrong(json!({})), "/spec");
    assert_eq!(wrong(json!({"spec": []})), "/spec");
    assert_eq!(wrong(with("url", json!("nowhere"))), "/spec/url");
    assert_eq!(
        wrong(with("headers", json!({"x": "{{ secrets.NONE }}"}))),
        "/spec/headers/x"
    );
    assert_eq!(wrong(json!({"spec": spec, "message": " "})), "/message");
    let away = with("url", json!("http://127.0.0.1:1/"));
    let tried = client.post("/api/v1/agents/test", &away).expect(200);
    assert_eq!(tried["error"]["kind"], "target_unreachable", "{tried}");

    // It has the platform call an address of one's choice: more than running what others have stored.
    let role = json!({"name": "Writer", "permissions": ["resources_read", "resources_write"]});
    let writer = client.post("/api/v1/roles", &role).expect(201);
    let writer = writer["role"].as_str().unwrap();
    for role in ["viewer", "reviewer", writer] {
        let made = client
            .post("/api/v1/api-keys", &json!({"name": role, "role": role}))
            .expect(201);
        let other = Client::with_bearer(&app.url, made["secret_key"].as_str().unwrap());
        other
            .post("/api/v1/agents/test", &json!({"spec": spec}))
            .expect_problem(403, "forbidden");
    }
}

/// A name that is not `localhost` and leads to this machine all the same, as the operating system has it.
fn private_name() -> Option<String> {
    let hosts = std::fs::read_to_string("/etc/hosts").unwrap_or_default();
    let names = hosts
        .lines()
        .filter(|l| !l.trim_start().starts_with('#'))
        .flat_map(|l| l.split_whitespace().skip(1))
        .map(str::to_owned);
    let leads_home = |name: &String| {
        !name.contains("localhost")
            && (name.as_str(), 80)
                .to_socket_addrs()
                .is_ok_and(|mut a| a.any(|a| a.ip().is_loopback()))
    };
    names.into_iter().find(leads_home)
}

#[test]
fn private_addresses_are_refused_in_every_form() {
    // On all interfaces, so that nothing private is allowed.
    let dir = tempfile::tempdir().unwrap();
    let app = App::at(dir.path(), &Stores::embedded())
        .listen("0.0.0.0:0")
        .start();
    let client = &app.client();
    let server = Server::start(|_, _| chat("I was reached"));
    let port = server.url.rsplit(':').next().unwrap().to_owned();
    let mut hosts: Vec<String> = [
        "127.0.0.1",
        "127.1",
        "2130706433",
        "0x7f000001",
        "0177.0.0.1",
        "0x7f.0.0.1",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
        "localhost",
        "LOCALHOST.",
        "x.localhost",
        "10.0.0.1",
        "172.16.0.1",
        "192.168.0.1",
        "169.254.169.254",
        "[fd00::1]",
        "[fe80::1]",
        "[64:ff9b::7f00:1]",
        "0.0.0.0",
        "metadata.google.internal",
        "identity.spin.internal",
        "resources.spin.internal.",
    ]
    .map(str::to_owned)
    .into();
    let by_name = private_name();
    match &by_name {
        Some(name) => hosts.push(name.clone()),
        None => eprintln!(
            "no name of this machine leads to loopback: resolved names are tested in the engine only"
        ),
    }
    for host in &hosts {
        let id = agent(client, &format!("http://{host}:{port}/"), json!({}));
        let tried = test(client, "agents", &id);
        assert_eq!(tried["ok"], false, "{host}: {tried}");
        assert_eq!(
            tried["error"]["kind"], "target_forbidden",
            "{host}: {tried}"
        );
    }
    assert!(server.requests().is_empty(), "{:?}", server.requests());
}

#[test]
fn a_redirect_is_not_followed() {
    let app = App::start(&Stores::embedded());
    let client = &app.client();
    let inner = Server::start(|_, _| chat("secret of the network"));
    let to = inner.url.clone();
    let server = Server::start(move |_, _| Reply::json(302, &json!({})).header("location", &to));
    let tried = test(client, "agents", &agent(client, &server.url, json!({})));
    assert_eq!(tried["ok"], false);
    assert!(
        tried["error"]["message"]
            .as_str()
            .unwrap()
            .contains("redirect"),
        "{tried}"
    );
    assert!(inner.requests().is_empty());
}

#[test]
fn the_stores_are_no_targets() {
    let Some(stores) = Stores::clickhouse() else {
        return;
    };
    let app = App::start(&stores);
    let client = &app.client();
    let (url, ..) = stores.clickhouse.unwrap();
    let tried = test(
        client,
        "agents",
        &agent(client, &format!("{url}/?query=SELECT%201"), json!({})),
    );
    assert_eq!(tried["error"]["kind"], "target_forbidden", "{tried}");
}
