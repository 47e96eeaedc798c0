//! Secrets stay secret: canaries are planted everywhere a secret goes in, and looked for everywhere something comes out.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "test code"
)]

use assay_tests::{App, AppBuilder, Client, People, Reply, Server, Stores, chat, repository};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Value, json};
use std::path::Path;

const AGENT: &str = "canary-agent-7f1d\"quoted\\";
const MODEL: &str = "canary-model-2c9b";
const DESTINATION: &str = "canary-destination-90e2";
const NAMED: &str = "canary-named-51c8";

fn key(byte: u8) -> String {
    STANDARD.encode([byte; 32])
}

/// Every file below a folder, with its name.
fn files(dir: &Path) -> Vec<(String, Vec<u8>)> {
    let mut all = Vec::new();
    for entry in std::fs::read_dir(dir).unwrap().map_while(Result::ok) {
        let path = entry.path();
        if path.is_dir() {
            all.extend(files(&path));
        } else if let Ok(bytes) = std::fs::read(&path) {
            all.push((path.display().to_string(), bytes));
        }
    }
    all
}

/// Every row of every table, as text.
fn rows(url: &str) -> Vec<(String, Vec<u8>)> {
    let mut db = postgres::Client::connect(url, postgres::NoTls).unwrap();
    let tables = "SELECT tablename::text FROM pg_tables WHERE schemaname = 'public'";
    let tables: Vec<String> = db
        .query(tables, &[])
        .unwrap()
        .iter()
        .map(|row| row.get(0))
        .collect();
    assert!(tables.len() > 20, "{tables:?}");
    tables
        .into_iter()
        .map(|table| {
            let sql = format!("SELECT COALESCE(string_agg(t::text, ' '), '') FROM {table} t");
            let text: String = db.query_one(&sql, &[]).unwrap().get(0);
            (table, text.into_bytes())
        })
        .collect()
}

/// What came out, by where.
struct Seen(Vec<(String, Vec<u8>)>);

impl Seen {
    fn answer(&mut self, what: &str, text: &str) {
        self.0.push((what.to_owned(), text.as_bytes().to_vec()));
    }

    fn get(&mut self, client: &Client, path: &str) -> Value {
        let answer = client.get(path);
        self.answer(path, &answer.text);
        answer.json()
    }

    fn must_not_have(&self, name: &str, canary: &str) {
        let escaped = json!(canary).to_string();
        for form in [canary, escaped.trim_matches('"')] {
            for (place, bytes) in &self.0 {
                let found = bytes.windows(form.len()).any(|w| w == form.as_bytes());
                assert!(!found, "{name} is in {place}");
            }
        }
    }
}

/// Has a secret of the workspace sent by an agent's MCP server and by a node of a scenario, to servers that show it; what may be
/// read of that.
fn named_secrets(client: &Client, seen: &mut Seen, agent: &str) -> Vec<String> {
    let shows =
        Server::start(|_, _| Reply::json(401, &json!({"error": format!("who is {NAMED}?")})));
    let mut make = |hosts: Value, name: &str| {
        let secret = json!({"name": name, "hosts": hosts, "value": NAMED});
        let made = client.post("/api/v1/secrets", &secret);
        seen.answer("a new secret", &made.text);
        let made = made.expect(201);
        assert_eq!(made["has_credential"], true, "{made}");
        format!("/api/v1/secrets/{}", made["id"].as_str().unwrap())
    };
    let weather = make(json!(["127.0.0.1"]), "weather");
    let elsewhere = make(json!(["api.example.com"]), "elsewhere");
    for body in [
        json!({"value": [NAMED]}),
        json!({"value": NAMED, "hosts": ["https://a.example"]}),
        json!({"value": null}),
        // Whoever does not know it cannot have it sent to a host of their own.
        json!({"hosts": ["127.0.0.1"]}),
    ] {
        let answer = client.patch(&elsewhere, &body);
        answer.expect_problem(422, "validation");
        seen.answer("a refused change of a secret", &answer.text);
    }
    let none = json!({"name": "empty", "hosts": ["a.example"]});
    let doc = client
        .post("/api/v1/secrets", &none)
        .expect_problem(422, "validation");
    assert_eq!(doc["errors"][0]["field"], "/value", "{doc}");

    // By an MCP server's header.
    let with_server = |name: &str, secret: &str| {
        json!({
            "name": name, "kind": "openai_chat", "url": shows.url,
            "mcp_servers": [{"url": shows.url, "headers": {"Authorization": format!("Bearer {{{{ secrets.{secret} }}}}")}}],
        })
    };
    let doc = client
        .post("/api/v1/agents", &with_server("mcp", "nobody"))
        .expect_problem(422, "validation");
    assert_eq!(
        doc["errors"][0]["field"], "/mcp_servers/0/headers/Authorization",
        "{doc}"
    );
    for (secret, says) in [
        ("weather", "[credential]"),
        ("elsewhere", "may not be sent to `127.0.0.1`"),
    ] {
        let made = client
            .post("/api/v1/agents", &with_server(secret, secret))
            .expect(201);
        let path = format!("/api/v1/agents/{}/test", made["id"].as_str().unwrap());
        let tried = client.post(&path, &json!({}));
        assert!(
            tried.expect(200).to_string().contains(says),
            "{}",
            tried.text
        );
        seen.answer(&path, &tried.text);
    }
    let sent = shows.requests();
    assert_eq!(sent.len(), 1, "what may not be sent is not sent");
    assert!(
        sent[0].1["headers"]
            .to_string()
            .contains(&format!("Bearer {NAMED}")),
        "{}",
        sent[0].1
    );

    // By a node; the agent is told what the server said.
    let scenario = json!({"name": "weather", "graph": {"start": "ask", "nodes": [
        {"id": "ask", "does": {"type": "tool", "url": shows.url, "any_status": true, "output": "seen",
            "headers": {"Authorization": "Bearer {{ secrets.weather }}"}}},
        {"id": "say", "does": {"type": "persona_turn", "say": "It said {{ seen.body.error }}"}},
        {"id": "answer", "does": {"type": "target_call"}},
        {"id": "end", "does": {"type": "end", "result": "passed"}},
    ], "edges": [{"from": "ask", "to": "say"}, {"from": "say", "to": "answer"}, {"from": "answer", "to": "end"}]}});
    let scenario = client.post("/api/v1/scenarios", &scenario).expect(201)["id"].clone();
    let spec = json!({"name": "s", "agent_id": agent, "scenario_ids": [scenario], "max_attempts": 1, "record": true});
    let campaign = client.start(&spec);
    assert_eq!(client.finished(&campaign, 60)["summary"]["passed"], 1);
    let run = client.runs(&campaign).remove(0);
    let sent = shows.requests().pop().unwrap().1;
    assert!(
        sent["headers"]
            .to_string()
            .contains(&format!("Bearer {NAMED}")),
        "{sent}"
    );
    assert!(
        client
            .run(&run)
            .expect(200)
            .to_string()
            .contains("who is [credential]?")
    );

    // What is gone is missed when a campaign begins, by name.
    assert_eq!(client.delete(&weather).status, 204);
    let doc = client
        .post("/api/v1/campaigns", &spec)
        .expect_problem(422, "validation");
    assert_eq!(doc["errors"][0]["field"], "/scenario_ids/0", "{doc}");
    assert!(doc.to_string().contains("`weather`"), "{doc}");
    let run = run["run_id"].as_str().unwrap();
    [
        elsewhere,
        format!("/api/v1/campaigns/{campaign}"),
        format!("/api/v1/campaigns/{campaign}/events"),
        format!("/api/v1/runs/{run}"),
        format!("/api/v1/runs/{run}/checkpoints"),
        format!("/api/v1/traces/{run}"),
        format!("/api/v1/scenarios/{}", scenario.as_str().unwrap()),
    ]
    .into()
}

fn canaries(stores: &Stores) {
    let dir = tempfile::tempdir().unwrap();
    let people = People::start();
    let settings = [
        ("ASSAY_ENCRYPTION_KEY", key(7)),
        ("ASSAY_INTERNAL_KEY", "canary-internal-0123456789".into()),
        ("ASSAY_SETUP_TOKEN", "canary-setup-0123456789".into()),
        ("ASSAY_GOOGLE_CLIENT_ID", "an-id".into()),
        ("ASSAY_GOOGLE_CLIENT_SECRET", "canary-google-0123".into()),
        (
            "ASSAY_INVITATION_WEBHOOK_SECRET",
            "canary-webhook-0123".into(),
        ),
    ];
    let mut app = people.known_to(App::at(dir.path(), stores));
    for (name, value) in &settings {
        app = app.env(name, value);
    }
    let mut app = app.start();
    let client = app.client();
    let mut seen = Seen(Vec::new());

    // Servers that show what they were asked with, as a success and as an error.
    let target = Server::start(|path, _| match path {
        "/fails" => Reply::json(500, &json!({"error": format!("key {AGENT} is not valid")})),
        _ => chat(&format!("You sent {AGENT}, dear customer")),
    });
    let judge = Server::start(|_, _| {
        Reply::json(
            401,
            &json!({"error": {"message": format!("wrong key {MODEL}")}}),
        )
    });
    let model = json!({"name": "m", "base_url": judge.url, "model": "x", "api_key": MODEL});
    let model = client.post("/api/v1/models", &model);
    seen.answer("the new model", &model.text);
    let model = model.expect(201)["id"].as_str().unwrap().to_owned();
    let mut agents = Vec::new();
    for path in ["/works", "/fails"] {
        let agent = json!({
            "name": path, "kind": "openai_chat", "url": format!("{}{path}", target.url),
            "auth": {"type": "bearer"}, "credential": AGENT,
        });
        let headers = [
            ("content-type", "application/json"),
            ("idempotency-key", path),
        ];
        for _ in 0..2 {
            let made = client.send(
                "POST",
                "/api/v1/agents",
                &headers,
                Some(agent.to_string().as_bytes()),
            );
            seen.answer("a new agent", &made.text);
            let id = made.expect(201)["id"].as_str().unwrap().to_owned();
            if !agents.contains(&id) {
                agents.push(id);
            }
        }
    }
    assert_eq!(agents.len(), 2);
    // Requests that go wrong after the secret was read.
    let one = format!("/api/v1/agents/{}", agents[0]);
    for body in [
        json!({"credential": AGENT, "timeout_ms": -1}).to_string(),
        json!({"credential": [AGENT]}).to_string(),
        json!({"credentials": AGENT}).to_string(),
        json!({"credential": format!("{AGENT}\n")}).to_string(),
        format!("{{\"credential\": {}", json!(AGENT)),
    ] {
        let answer = client.send(
            "PATCH",
            &one,
            &[("content-type", "application/json")],
            Some(body.as_bytes()),
        );
        assert!((400..500).contains(&answer.status), "{}", answer.text);
        seen.answer("a refused change", &answer.text);
    }
    for path in [
        format!("{one}/test"),
        format!("/api/v1/agents/{}/test", agents[1]),
        format!("/api/v1/models/{model}/test"),
    ] {
        let tried = client.post(&path, &json!({}));
        let _ = tried.expect(200);
        seen.answer(&path, &tried.text);
    }
    // Another platform, to which traces are forwarded, shows it as well.
    let collector =
        Server::start(|_, _| Reply::json(401, &json!({"error": format!("who is {DESTINATION}?")})));
    let destination = json!({
        "name": "d", "kind": "langfuse", "url": collector.url, "auth": {"type": "basic", "user": "pk"}, "credential": DESTINATION,
    });
    let destination = client.post("/api/v1/ingest/destinations", &destination);
    seen.answer("the new destination", &destination.text);
    let destination = destination.expect(201)["id"].as_str().unwrap().to_owned();
    let path = format!("/api/v1/ingest/destinations/{destination}");
    let tried = client.post(&format!("{path}/test"), &json!({}));
    assert_eq!(tried.expect(200)["ok"], false);
    seen.answer("a trial of the destination", &tried.text);
    for body in [
        json!({"credential": [DESTINATION]}),
        json!({"credential": DESTINATION, "sampling_rate": 2}),
    ] {
        let answer = client.patch(&path, &body);
        assert!((400..500).contains(&answer.status), "{}", answer.text);
        seen.answer("a refused change of the destination", &answer.text);
    }
    // The agent says it in words, too: a conversation goes to the trace, the checkpoint and the judge.
    let dataset =
        client.dataset(&json!([{"key": "only", "input": "hi", "expected_output": "fine"}]));
    let mut paths = Vec::new();
    for agent in &agents {
        let campaign = client.start(&json!({
            "name": "t", "agent_id": agent, "dataset_id": dataset, "judge_model_id": model, "max_attempts": 1,
            "metrics": [{"kind": "exact_match"}, {"kind": "g_eval", "params": {"criteria": "Is it polite?"}}],
        }));
        let _ = client.finished(&campaign, 60);
        let run = client.runs(&campaign).remove(0);
        paths.push(format!("/api/v1/campaigns/{campaign}"));
        paths.push(format!("/api/v1/campaigns/{campaign}/runs"));
        paths.push(format!("/api/v1/runs/{}", run["run_id"].as_str().unwrap()));
        paths.push(format!(
            "/api/v1/traces/{}",
            run["trace_id"].as_str().unwrap()
        ));
    }
    paths.extend(named_secrets(&client, &mut seen, &agents[0]));
    // People and keys.
    let visitor = people.sign_in(&app.url, "ann@example.com");
    let session = visitor.browser.cookies.get("assay_session").cloned();
    let session = session.expect("a session's cookie");
    let (access, refresh) = people.tokens(&app.url, "eve@example.com");
    let made = client
        .post("/api/v1/api-keys", &json!({"name": "k", "role": "viewer"}))
        .expect(201);
    let secret = made["secret_key"].as_str().unwrap().to_owned();
    let invitation = client
        .post(
            "/api/v1/invitations",
            &json!({"email": "bob@example.com", "role": "viewer"}),
        )
        .expect(201);
    let link = invitation["accept_url"].as_str().unwrap();
    let link = link.rsplit(['=', '/', '#']).next().unwrap().to_owned();

    // Everything that can be read.
    let contract = std::fs::read_to_string(repository().join("docs/openapi.json")).unwrap();
    let contract: Value = serde_json::from_str(&contract).unwrap();
    for (path, operations) in contract["paths"].as_object().unwrap() {
        if operations.get("get").is_some() && !path.contains('{') {
            paths.push(path.clone());
        }
    }
    paths.push(one.clone());
    paths.push(path);
    paths.push(format!("/api/v1/models/{model}"));
    paths.push("/api/v1/agents?deleted=include&limit=100".into());
    assert!(paths.len() > 25, "{paths:?}");
    let mut read = String::new();
    for path in &paths {
        let answer = seen.get(&client, path);
        read.push_str(&answer.to_string());
    }
    assert!(
        read.contains("dear customer"),
        "the conversations were read"
    );
    assert!(read.contains("[credential]"), "what was echoed is marked");
    if let Some(url) = &stores.postgres {
        seen.0.extend(rows(url));
    }
    seen.0.extend(files(dir.path()));
    assert_eq!(app.terminate(), 0);
    seen.0.extend(files(dir.path()));
    seen.answer("the log", &app.log());

    for (name, value) in &settings {
        if !name.ends_with("_ID") {
            seen.must_not_have(name, value);
        }
    }
    for (name, canary) in [
        ("the agent's credential", AGENT),
        ("the model's key", MODEL),
        ("the destination's credential", DESTINATION),
        ("a secret of the workspace", NAMED),
        ("the owner's key", Client::SECRET),
        ("a new key", &secret),
        ("a session", &session),
        ("an invitation", &link),
        ("an access token", &access),
        ("a refresh token", &refresh),
    ] {
        assert!(canary.len() >= 16, "{name}: {canary}");
        seen.must_not_have(name, canary);
    }
    // The search finds what is there.
    let found = std::panic::catch_unwind(|| seen.must_not_have("a name", "ann@example.com"));
    assert!(found.is_err(), "the search looks at nothing");
}

#[test]
fn secrets_come_out_nowhere() {
    canaries(&Stores::embedded());
}

#[test]
fn postgres_secrets_come_out_nowhere() {
    if let Some(stores) = Stores::postgres() {
        canaries(&stores);
    }
}

fn rotation(stores: &Stores) {
    let dir = tempfile::tempdir().unwrap();
    let target = Server::start(|_, _| chat("fine"));
    let up = |keys: &str| -> AppBuilder {
        App::at(dir.path(), stores).env("ASSAY_ENCRYPTION_KEY", keys)
    };
    let works = |app: &App, agent: &str| {
        let path = format!("/api/v1/agents/{agent}/test");
        let test = app.client().post(&path, &json!({})).expect(200);
        assert_eq!(test["ok"], true, "{test}");
        let (_, asked) = target.requests().pop().unwrap();
        let sent = asked["headers"].to_string();
        assert!(sent.contains("canary-agent-rotated"), "{sent}");
        assert!(sent.contains("canary-team-rotated"), "{sent}");
    };

    let mut app = up(&key(1)).start();
    let team = json!({"name": "team", "hosts": ["127.0.0.1"], "value": "canary-team-rotated"});
    let _ = app.client().post("/api/v1/secrets", &team).expect(201);
    let headers = json!({"X-Team": "{{ secrets.team }}"});
    let agent = json!({
        "name": "a", "kind": "openai_chat", "url": target.url, "auth": {"type": "bearer"},
        "credential": "canary-agent-rotated", "headers": headers,
    });
    let agent = app.client().post("/api/v1/agents", &agent).expect(201);
    let agent = agent["id"].as_str().unwrap().to_owned();
    // A deleted one can be restored, so its secret is kept as well.
    let gone = json!({"name": "g", "kind": "openai_chat", "url": target.url, "auth": {"type": "bearer"},
        "credential": "canary-agent-rotated", "headers": headers});
    let gone = app.client().post("/api/v1/agents", &gone).expect(201);
    let gone = gone["id"].as_str().unwrap().to_owned();
    assert_eq!(
        app.client()
            .delete(&format!("/api/v1/agents/{gone}"))
            .status,
        204
    );
    let destination = json!({"name": "d", "kind": "otlp", "url": target.url, "auth": {"type": "bearer"}, "enabled": false,
        "credential": "canary-destination-rotated"});
    let made = app
        .client()
        .post("/api/v1/ingest/destinations", &destination)
        .expect(201);
    let destination = made["id"].as_str().unwrap().to_owned();
    let reaches = |app: &App| {
        let path = format!("/api/v1/ingest/destinations/{destination}/test");
        assert_eq!(app.client().post(&path, &json!({})).expect(200)["ok"], true);
        let (_, asked) = target.requests().pop().unwrap();
        let sent = asked["headers"].to_string();
        assert!(sent.contains("Bearer canary-destination-rotated"), "{sent}");
    };
    reaches(&app);
    works(&app, &agent);
    assert!(!app.log().contains("Rotated"), "{}", app.log());
    assert_eq!(app.terminate(), 0);

    let mut app = up(&format!("{},{}", key(2), key(1))).start();
    // Three credentials, a secret and the pepper.
    assert!(app.log().contains("Rotated  5 secrets"), "{}", app.log());
    works(&app, &agent);
    assert_eq!(app.terminate(), 0);

    // The second start with both finds nothing to do.
    let mut app = up(&format!("{},{}", key(2), key(1))).start();
    assert!(!app.log().contains("Rotated"), "{}", app.log());
    assert_eq!(app.terminate(), 0);

    let mut app = up(&key(2)).start();
    works(&app, &agent);
    reaches(&app);
    let restored = app
        .client()
        .post(&format!("/api/v1/agents/{gone}/restore"), &Value::Null);
    let _ = restored.expect(200);
    works(&app, &gone);
    assert_eq!(app.terminate(), 0);
    let (code, said) = up(&key(1)).start_refused();
    assert_eq!(code, 2, "{said}");
}

#[test]
fn a_new_encryption_key_takes_over() {
    rotation(&Stores::embedded());
}

#[test]
fn postgres_a_new_encryption_key_takes_over() {
    if let Some(stores) = Stores::postgres() {
        rotation(&stores);
    }
}
