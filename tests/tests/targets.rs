//! Targets that are down, slow, rude or hostile: the item ends in error with the reason, never as a score of zero, and
//! the others go on.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "test code"
)]

use assay_tests::{App, Client, Reply, Server, Stores, chat};
use serde_json::{Value, json};
use std::io::{Read, Write};
use std::net::TcpListener;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

fn one_item(client: &Client, url: &str, extra: &Value) -> Value {
    let name = format!("agent {url} {}", std::process::id());
    let mut agent = json!({"name": name, "kind": "openai_chat", "url": url, "timeout_ms": 1500});
    if let (Some(agent), Some(extra)) = (agent.as_object_mut(), extra.as_object()) {
        agent.extend(extra.clone());
    }
    let agent = client.post("/api/v1/agents", &agent).expect(201);
    let dataset =
        client.dataset(&json!([{"key": "only", "input": "hi", "expected_output": "fine"}]));
    let campaign = client.start(&json!({
        "name": "t", "agent_id": agent["id"], "dataset_id": dataset, "metrics": [{"kind": "exact_match"}], "max_attempts": 2,
    }));
    let ended = client.finished(&campaign, 60);
    let run = client.runs(&campaign).remove(0);
    assert_eq!(ended["summary"]["total"], 1);
    run
}

#[track_caller]
fn check_error(client: &Client, url: &str, kind: &str, says: &str) {
    let run = one_item(client, url, &json!({}));
    assert_eq!(run["status"], "error", "{run}");
    assert_eq!(run["error"]["kind"], kind, "{run}");
    let message = run["error"]["message"].as_str().unwrap_or_default();
    assert!(message.contains(says), "{message}");
    assert_eq!(run["scores"], json!([]), "an error is never a score");
    let trace = client.trace(&run).expect(200);
    assert_eq!(trace["scores"], json!([]));
}

#[test]
fn every_way_to_fail_is_an_error_with_its_reason() {
    let app = App::start(&Stores::embedded());
    let client = app.client();
    let server = Server::start(|path, _| match path {
        "/slow" => chat("fine").after(Duration::from_secs(4)),
        "/limited" => Reply::json(429, &json!({"error": "slow down"})).header("retry-after", "0"),
        "/broken" => Reply::json(500, &json!({"error": "boom"})),
        "/denied" => Reply::json(403, &json!({"error": "no"})),
        "/garbage" => Reply {
            body: b"<html>{{{".to_vec(),
            ..Reply::json(200, &json!({}))
        },
        "/not-chat" => Reply::json(200, &json!({"hello": "world"})),
        "/huge" => Reply {
            body: vec![b'x'; 50 << 20],
            ..Reply::json(200, &json!({}))
        },
        "/loop" => Reply::json(302, &json!({})).header("location", "/loop"),
        "/deep" => Reply {
            body: vec![b'['; 1 << 20],
            ..Reply::json(200, &json!({}))
        },
        _ => chat("fine"),
    });
    for (path, kind, says) in [
        ("/slow", "target_timeout", "1500 ms"),
        ("/limited", "target_rate_limited", "429"),
        ("/broken", "target_status", "500"),
        ("/denied", "target_status", "403"),
        ("/garbage", "target_bad_response", "JSON"),
        ("/not-chat", "target_bad_response", ""),
        ("/huge", "target_too_large", "larger"),
        ("/loop", "target_status", "redirect"),
        ("/deep", "target_bad_response", ""),
    ] {
        check_error(&client, &format!("{}{path}", server.url), kind, says);
    }
    // Nobody listens on a port that was just given back.
    let free = TcpListener::bind("127.0.0.1:0")
        .expect("a port")
        .local_addr()
        .expect("an address");
    check_error(
        &client,
        &format!("http://{free}/"),
        "target_unreachable",
        "",
    );
    // Speaks something, but not TLS.
    let plain = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = plain.local_addr().expect("an address");
    std::thread::spawn(move || {
        for stream in plain.incoming().flatten() {
            let mut stream = stream;
            let _ = stream.read(&mut [0; 64]);
            let _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n");
        }
    });
    check_error(
        &client,
        &format!("https://{address}/"),
        "target_unreachable",
        "TLS",
    );
}

#[test]
fn a_wait_that_was_asked_for_is_kept_and_the_run_passes() {
    let app = App::start(&Stores::embedded());
    let calls = AtomicUsize::new(0);
    let server = Server::start(move |_, _| {
        if calls.fetch_add(1, Ordering::SeqCst) == 0 {
            Reply::json(429, &json!({})).header("retry-after", "1")
        } else {
            chat("fine")
        }
    });
    let began = std::time::Instant::now();
    let run = one_item(&app.client(), &server.url, &json!({}));
    assert_eq!(run["status"], "passed", "{run}");
    assert!(
        began.elapsed() >= Duration::from_secs(1),
        "Retry-After was not kept"
    );
    assert_eq!(server.requests().len(), 2);
}

#[test]
fn others_go_on_beside_a_failing_item() {
    let app = App::start(&Stores::embedded());
    let client = app.client();
    let server = Server::start(|_, body| match assay_tests::last_user_message(body) {
        "bad" => Reply::json(400, &json!({"error": "bad"})),
        _ => chat("fine"),
    });
    let agent = client.agent(&server.url);
    let items: Vec<_> = (0..20)
        .map(|i| json!({"key": format!("k{i}"), "input": if i % 5 == 0 { "bad" } else { "good" }, "expected_output": "fine"}))
        .collect();
    let dataset = client.dataset(&json!(items));
    let id = client.start(&json!({"name": "m", "agent_id": agent, "dataset_id": dataset, "metrics": [{"kind": "exact_match"}]}));
    let campaign = client.finished(&id, 60);
    assert_eq!(campaign["summary"]["error"], 4, "{campaign}");
    assert_eq!(campaign["summary"]["passed"], 16);
    assert_eq!(campaign["pass_rate"], 1.0);
    assert_eq!(
        campaign["verdict"], "inconclusive",
        "a fifth could not be scored"
    );
}

#[test]
fn credentials_are_sent_to_the_agent_and_shown_to_nobody() {
    let dir = tempfile::tempdir().expect("a folder");
    let app = App::at(dir.path(), &Stores::embedded()).start();
    let client = app.client();
    let server = Server::start(|_, _| chat("fine"));
    let run = one_item(
        &client,
        &server.url,
        &json!({"auth": {"type": "bearer"}, "credential": "sk-canary-77"}),
    );
    assert_eq!(run["status"], "passed", "{run}");
    assert!(
        server.requests()[0]
            .1
            .to_string()
            .contains("Bearer sk-canary-77"),
        "{:?}",
        server.requests()
    );
    let mut shown = vec![app.log(), run.to_string()];
    for path in [
        "/api/v1/agents",
        "/api/v1/campaigns",
        "/api/v1/traces",
        "/api/v1/observations",
    ] {
        shown.push(client.get(path).text);
    }
    shown.push(client.trace(&run).text);
    shown.push(client.run(&run).text);
    assert!(
        shown.iter().all(|s| !s.contains("canary")),
        "the credential was shown"
    );
    drop(app);
    let mut files = 0;
    for entry in std::fs::read_dir(dir.path())
        .expect("read the folder")
        .flatten()
        .filter(|e| e.path().is_file())
    {
        let bytes = std::fs::read(entry.path()).expect("read a file");
        files += 1;
        let found = bytes.windows(12).any(|w| w == b"sk-canary-77");
        assert!(
            !found,
            "{} holds the credential in the clear",
            entry.path().display()
        );
    }
    assert!(files > 0);
}

#[test]
fn private_addresses_are_refused_unless_allowed() {
    let app = App::start(&Stores::embedded());
    let client = app.client();
    for url in [
        "http://169.254.169.254/latest",
        "http://10.0.0.1/",
        "http://identity.spin.internal/internal/boot",
    ] {
        check_error(&client, url, "target_forbidden", "");
    }
}
