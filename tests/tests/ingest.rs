//! Traces in and out, on both stores: OTLP as a real SDK sends it, native batches, replays, and a store that is down.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "test code"
)]

use assay_tests::{Answer, App, Client, Stores, repository, wait_for};
use serde_json::{Value, json};
use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};

fn vector(name: &str) -> Vec<u8> {
    std::fs::read(repository().join("tests/vectors").join(name)).expect("a recorded request")
}

fn otlp(client: &Client, body: &[u8], encoding: Option<&str>) -> Answer {
    let mut headers = vec![("content-type", "application/x-protobuf")];
    headers.extend(encoding.map(|e| ("content-encoding", e)));
    client.send("POST", "/v1/traces", &headers, Some(body))
}

fn sdk_traces_are_read_back_from(stores: &Stores) {
    let app = App::start(stores);
    let client = app.client();
    // Twice: an SDK that saw no answer sends again, and nothing is doubled.
    for _ in 0..2 {
        let answer = otlp(&client, &vector("otlp_py4_trace_plain.bin"), None);
        assert_eq!(answer.status, 200, "{}", answer.text);
        let answer = otlp(
            &client,
            &vector("otlp_genai_semconv_gzip.bin"),
            Some("gzip"),
        );
        assert_eq!(answer.status, 200, "{}", answer.text);
    }
    let expected: Value =
        serde_json::from_slice(&vector("otlp_py4_trace_plain.expect.json")).expect("JSON");
    let expected = expected.as_array().expect("observations");
    let trace_id = expected[0]["traceId"].as_str().expect("an id");
    let trace = client
        .get(&format!("/api/v1/traces/{trace_id}"))
        .expect(200);
    let stored = trace["observations"].as_array().expect("observations");
    let wanted: Vec<_> = expected
        .iter()
        .filter(|o| o["traceId"] == trace_id)
        .collect();
    assert_eq!(stored.len(), wanted.len(), "{trace}");
    for want in wanted {
        let found = stored
            .iter()
            .find(|o| o["id"] == want["id"])
            .unwrap_or_else(|| panic!("{want}"));
        assert_eq!(found["name"], want["name"]);
        assert_eq!(found["type"], want["type"]);
        assert_eq!(found["level"], want["level"]);
        assert_eq!(found["parent_id"], want["parentObservationId"]);
    }
    assert_eq!(trace["user_id"], expected[0]["userId"]);
    assert_eq!(trace["session_id"], expected[0]["sessionId"]);
    let session = expected[0]["sessionId"].as_str().expect("a session");
    let list = client
        .get(&format!("/api/v1/traces?session_id={session}"))
        .expect(200);
    assert_eq!(list["data"].as_array().map(Vec::len), Some(1), "{list}");

    let deleted = client.delete(&format!("/api/v1/traces/{trace_id}"));
    assert_eq!(deleted.status, 204, "{}", deleted.text);
    client
        .get(&format!("/api/v1/traces/{trace_id}"))
        .expect_problem(404, "not-found");
}

#[test]
fn sdk_traces_are_read_back_from_sqlite() {
    sdk_traces_are_read_back_from(&Stores::embedded());
}

#[test]
fn sdk_traces_are_read_back_from_clickhouse() {
    let Some(stores) = Stores::clickhouse() else {
        return;
    };
    sdk_traces_are_read_back_from(&stores);
}

#[test]
fn bad_otlp_is_refused_and_good_spans_beside_it_are_kept() {
    let app = App::start(&Stores::embedded());
    let client = app.client();
    let body = vector("otlp_py4_trace_plain.bin");
    // A refusal is a `google.rpc.Status` in the request's own encoding.
    for (wrong, encoding) in [
        (&body[..body.len() / 2], None),
        (b"\x1f\x8b not gzip".as_slice(), Some("gzip")),
        (b"not zlib".as_slice(), Some("deflate")),
    ] {
        let answer = otlp(&client, wrong, encoding);
        assert_eq!(answer.status, 400, "{}", answer.text);
        assert_eq!(
            answer.header("content-type"),
            Some("application/x-protobuf")
        );
        assert!(answer.text.contains("he body is not"), "{}", answer.text);
    }
    let json_type = [("content-type", "application/json")];
    let answer = client.send("POST", "/v1/traces", &json_type, Some(b"{"));
    answer.expect_problem(400, "malformed-body");
    let answer = client.send(
        "POST",
        "/v1/traces",
        &[("content-type", "text/plain")],
        Some(b"x"),
    );
    answer.expect_problem(415, "unsupported-media-type");
    assert_eq!(
        Client::anonymous(&app.url)
            .send("POST", "/v1/traces", &[], Some(b""))
            .status,
        401
    );

    let span = |id: &str| {
        json!({"traceId": "0af7651916cd43dd8448eb211c80319c", "spanId": id, "name": "s",
               "startTimeUnixNano": "1700000000000000000", "endTimeUnixNano": "1700000001000000000"})
    };
    let request = json!({"resourceSpans": [{"scopeSpans": [{"spans": [span("00f067aa0ba902b7"), span("not-hex")]}]}]});
    let json_type = [("content-type", "application/json; charset=utf-8")];
    let answer = client.send(
        "POST",
        "/v1/traces",
        &json_type,
        Some(request.to_string().as_bytes()),
    );
    let partial = answer.expect(200);
    let rejected = &partial["partialSuccess"]["rejectedSpans"];
    assert!(*rejected == "1" || *rejected == 1, "{partial}");
    let trace = client
        .get("/api/v1/traces/0af7651916cd43dd8448eb211c80319c")
        .expect(200);
    assert_eq!(trace["observations"].as_array().map(Vec::len), Some(1));
}

#[test]
fn a_native_batch_is_read_back_by_its_own_key_alone() {
    let app = App::start(&Stores::embedded());
    let client = app.client();
    let batch = json!({"traces": [{"id": "t-1", "name": "mine"}], "observations": [{"id": "o-1", "trace_id": "t-1", "name": "o"}]});
    let answer = client.post("/api/v1/ingest", &batch).expect(200);
    assert_eq!(answer["accepted"], 2, "{answer}");
    let _ = client.get("/api/v1/traces/t-1").expect(200);
    let stranger = Client::with_keys(&app.url, Client::PUBLIC, "sk-as-somebody-else-000");
    stranger
        .get("/api/v1/traces/t-1")
        .expect_problem(401, "unauthenticated");
}

/// ClickHouse comes up later than its first traces: they are acknowledged, wait in the spool, and arrive.
#[test]
fn traces_sent_while_clickhouse_is_down_arrive() {
    let Some(mut stores) = Stores::clickhouse() else {
        return;
    };
    let (url, ..) = stores.clickhouse.clone().expect("ClickHouse");
    let real = url
        .trim_start_matches("http://")
        .trim_end_matches('/')
        .to_owned();
    // A port that nobody listens on yet.
    let port = TcpListener::bind("127.0.0.1:0")
        .expect("a port")
        .local_addr()
        .expect("an address")
        .port();
    stores.clickhouse.as_mut().expect("ClickHouse").0 = format!("http://127.0.0.1:{port}");
    let app = App::start(&stores);
    let client = app.client();
    for n in 0..5 {
        let id = format!("early-{n}");
        let batch = json!({"traces": [{"id": id, "name": "early"}], "observations": [{"id": "o", "trace_id": id, "name": "o"}]});
        let _ = client.post("/api/v1/ingest", &batch).expect(200);
    }
    let forwarder = TcpListener::bind(("127.0.0.1", port)).expect("the port is still free");
    std::thread::spawn(move || {
        for client in forwarder.incoming().flatten() {
            let server = TcpStream::connect(&real).expect("ClickHouse");
            let (from, to) = (
                client.try_clone().expect("clone"),
                server.try_clone().expect("clone"),
            );
            std::thread::spawn(move || pipe(from, to));
            std::thread::spawn(move || pipe(server, client));
        }
    });
    for n in 0..5 {
        wait_for("a spooled trace arrives", 60, || {
            (client.get(&format!("/api/v1/traces/early-{n}")).status == 200).then_some(())
        });
    }
}

fn pipe(mut from: TcpStream, mut to: TcpStream) {
    let mut buffer = [0; 16 << 10];
    while let Ok(n) = from.read(&mut buffer) {
        if n == 0 || to.write_all(&buffer[..n]).is_err() {
            break;
        }
    }
    let _ = to.shutdown(Shutdown::Write);
}
