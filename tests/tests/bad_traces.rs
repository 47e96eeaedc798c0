//! Bodies of traces that are wrong, by each way in: cut off, mislabelled, bombs, unknown fields, the same ids twice. Each has
//! the outcome of `docs/ingestion.md`, and nothing else of its batch is lost. Odd values are in `odd_traces.rs`.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "test code"
)]

use assay_tests::otlp::{self, Span};
use assay_tests::ways::{
    JSON, LINES, PROTOBUF, event, ids, langfuse, native, observations, partly, partly_json,
    protobuf, refused,
};
use assay_tests::{App, Client, People, Stores};
use serde_json::json;
use std::io::Write as _;

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

#[test]
fn a_body_that_is_cut_off_leaves_nothing() {
    let app = App::start(&Stores::embedded());
    let client = app.client();
    // More than is written at once: the first part would be stored when the cut is found.
    let spans: Vec<Span> = (1..=1_500).map(|id| Span::new(1, id)).collect();
    let whole = otlp::protobuf(&spans);
    refused(&protobuf(&client, &whole[..whole.len() - 3]), 400, 3);
    let packed = gzip(&whole);
    let headers = [PROTOBUF[0], ("content-encoding", "gzip")];
    let answer = client.send(
        "POST",
        "/v1/traces",
        &headers,
        Some(&packed[..packed.len() - 9]),
    );
    refused(&answer, 400, 3);
    let text = otlp::json(&spans).to_string();
    let answer = client.send(
        "POST",
        "/v1/traces",
        &JSON,
        Some(&text.as_bytes()[..text.len() - 3]),
    );
    answer.expect_problem(400, "malformed-body");
    assert!(observations(&client, &spans[0].trace_id()).is_empty());
    let events = json!({"batch": [event("e", "span-create", json!({"id": "o", "traceId": "cut", "name": "n"}))]}).to_string();
    let answer = client.send(
        "POST",
        "/api/public/ingestion",
        &JSON,
        Some(&events.as_bytes()[..events.len() - 2]),
    );
    assert_eq!(
        answer.expect_problem(400, "malformed-body")["error"],
        "InvalidRequestError"
    );
    let batch = json!({"observations": [{"id": "o", "trace_id": "cut", "name": "n"}]}).to_string();
    let answer = client.send(
        "POST",
        "/api/v1/ingest",
        &JSON,
        Some(&batch.as_bytes()[..batch.len() - 2]),
    );
    answer.expect_problem(400, "malformed-body");
    assert!(observations(&client, "cut").is_empty());
    // Lines are records: the whole ones are kept.
    let lines = "{\"type\":\"observation\",\"body\":{\"id\":\"o\",\"trace_id\":\"cut\",\"name\":\"n\"}}\n{\"type\":\"obser";
    let done = client
        .send("POST", "/api/v1/ingest", &LINES, Some(lines.as_bytes()))
        .expect(200);
    assert_eq!(
        (&done["accepted"], &done["rejected"][0]["index"]),
        (&json!(1), &json!(1))
    );
    assert_eq!(ids(&client, "cut"), ["o"]);

    // What is wrong within one span costs that span: its name is no text, or an attribute is longer than it.
    let mut encoded: Vec<Vec<u8>> = spans[..3].iter().map(Span::protobuf).collect();
    encoded[1].extend([0x2a, 2, 0xff, 0xfe]);
    encoded[2].extend([0x4a, 9, 1]);
    let (count, why) = partly(&protobuf(&client, &otlp::protobuf_of(&encoded)));
    assert_eq!(count, 2, "{why}");
    assert!(
        why.starts_with("span 1 (0000000000000002): it is not a valid span"),
        "{why}"
    );
    assert_eq!(ids(&client, &spans[0].trace_id()), [spans[0].span_id()]);
    assert_eq!(partly(&protobuf(&client, &whole)).0, 0);
    let trace = client.get(&format!("/api/v1/traces/{}", spans[0].trace_id()));
    assert_eq!(trace.expect(200)["observation_count"], 1_500);
}

#[test]
fn a_body_that_is_not_what_it_is_said_to_be_is_refused() {
    let app = App::start(&Stores::embedded());
    let client = app.client();
    let spans = [Span::new(1, 1)];
    let (bytes, text) = (otlp::protobuf(&spans), otlp::json(&spans).to_string());
    let send = |path: &str, media: &str, body: &[u8]| {
        client.send("POST", path, &[("content-type", media)], Some(body))
    };
    for media in ["text/plain", "application/x-www-form-urlencoded", ""] {
        send("/v1/traces", media, &bytes).expect_problem(415, "unsupported-media-type");
    }
    send("/v1/traces", "application/json", &bytes).expect_problem(400, "malformed-body");
    refused(
        &send("/v1/traces", "application/x-protobuf", text.as_bytes()),
        400,
        3,
    );
    let headers = [PROTOBUF[0], ("content-encoding", "br")];
    refused(
        &client.send("POST", "/v1/traces", &headers, Some(&bytes)),
        415,
        3,
    );
    let headers = [PROTOBUF[0], ("content-encoding", "gzip")];
    refused(
        &client.send("POST", "/v1/traces", &headers, Some(&bytes)),
        400,
        3,
    );
    assert!(observations(&client, &spans[0].trace_id()).is_empty());
    for path in ["/api/public/ingestion", "/api/v1/ingest"] {
        let problem = send(path, "text/plain", b"{\"batch\":[]}")
            .expect_problem(415, "unsupported-media-type");
        assert!(
            problem["detail"].as_str().unwrap().contains("text/plain"),
            "{problem}"
        );
    }
    // A list where an object is asked for, and an object where a list is.
    send("/api/public/ingestion", "application/json", b"[]").expect_problem(400, "validation");
    send(
        "/api/public/ingestion",
        "application/json",
        b"{\"batch\":{}}",
    )
    .expect_problem(400, "validation");
    let problem = send(
        "/api/v1/ingest",
        "application/json",
        b"{\"observations\":{}}",
    )
    .expect_problem(422, "validation");
    assert_eq!(problem["errors"][0]["field"], "/observations");
}

#[test]
fn a_bomb_is_refused_at_the_cap() {
    let app = App::start(&Stores::embedded());
    let client = app.client();
    let _ = native(&client, &json!({}));
    let before = peak_kib(app.pid());
    let bomb = gzip(&vec![0; 400 << 20]);
    assert!(bomb.len() < 1 << 20);
    let send = |path: &str, media: &str| {
        let headers = [("content-type", media), ("content-encoding", "gzip")];
        client.send("POST", path, &headers, Some(&bomb))
    };
    refused(&send("/v1/traces", "application/x-protobuf"), 413, 8);
    send("/v1/traces", "application/json").expect_problem(413, "body-too-large");
    send("/api/public/ingestion", "application/json").expect_problem(413, "body-too-large");
    send("/api/v1/ingest", "application/json").expect_problem(413, "body-too-large");
    send("/api/v1/ingest", "application/x-ndjson").expect_problem(413, "body-too-large");
    // Nor does text grow: as many values as fit into a body.
    let zeros = format!("{{\"observations\":[{}0]}}", "0,".repeat(9 << 20));
    let answer = client.send("POST", "/api/v1/ingest", &JSON, Some(zeros.as_bytes()));
    answer.expect_problem(413, "body-too-large");
    let zeros = format!("{{\"batch\":[{}0]}}", "0,".repeat(9 << 20));
    let answer = client.send(
        "POST",
        "/api/public/ingestion",
        &JSON,
        Some(zeros.as_bytes()),
    );
    answer.expect_problem(413, "body-too-large");
    // Many at once: each is stopped, or told that there is no room for it.
    std::thread::scope(|scope| {
        for _ in 0..16 {
            scope.spawn(|| {
                let status = send("/v1/traces", "application/x-protobuf").status;
                assert!(matches!(status, 413 | 429), "{status}");
            });
        }
    });
    let grown = peak_kib(app.pid()).saturating_sub(before) >> 10;
    // Sixteen of them whole would be 6400 MiB, and sixteen at the cap 320.
    assert!(grown < 300, "the process grew by {grown} MiB");
    assert_eq!(
        partly(&protobuf(&client, &otlp::protobuf(&[Span::new(1, 1)]))).0,
        0
    );
}

/// The most memory that the process has had, in KiB; 0 where the system does not tell.
fn peak_kib(pid: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmHWM:"));
    let number = line.and_then(|line| line.split_whitespace().nth(1)?.parse().ok());
    number.unwrap_or_default()
}

#[test]
fn what_nobody_knows_is_ignored_where_the_protocol_says_so_and_named_where_it_is_ours() {
    let app = App::start(&Stores::embedded());
    let client = app.client();
    let mut span = Span::new(1, 1).protobuf();
    // Field 99 as a number, as bytes and as an empty group.
    span.extend([
        0x98, 0x06, 1, 0x9a, 0x06, 2, 0xff, 0xff, 0x9b, 0x06, 0x9c, 0x06,
    ]);
    let mut body = otlp::protobuf_of(&[span, Span::new(1, 2).protobuf()]);
    otlp::field(&mut body, 99, b"what");
    assert_eq!(partly(&protobuf(&client, &body)).0, 0);
    assert_eq!(ids(&client, &Span::new(1, 1).trace_id()).len(), 2);
    let mut span = Span::new(2, 1).json();
    span["novelty"] = json!({"deep": [1, {"er": null}]});
    let mut body = otlp::json_of(vec![span, Span::new(2, 2).json()]);
    body["novelty"] = json!(1);
    assert_eq!(partly_json(&client.post("/v1/traces", &body)).0, 0);
    assert_eq!(ids(&client, &Span::new(2, 1).trace_id()).len(), 2);
    let mut first = event(
        "u1",
        "span-create",
        json!({"id": "a", "traceId": "l", "name": "n", "novelty": 1}),
    );
    first["novelty"] = json!(1);
    let second = event(
        "u2",
        "span-create",
        json!({"id": "b", "traceId": "l", "name": "n"}),
    );
    let third = event(
        "u3",
        "novelty-create",
        json!({"id": "c", "traceId": "l", "name": "n"}),
    );
    let done = langfuse(&client, &json!([first, second, third]));
    assert_eq!(done["errors"].as_array().unwrap().len(), 1, "{done}");
    assert!(
        done["errors"][0]["message"]
            .as_str()
            .unwrap()
            .contains("type"),
        "{done}"
    );
    assert_eq!(ids(&client, "l"), ["a", "b"]);
    let done = native(
        &client,
        &json!({"observations": [
            {"id": "a", "trace_id": "n", "name": "n", "ouput": "lost"}, {"id": "b", "trace_id": "n", "name": "n"},
        ]}),
    );
    assert_eq!(
        done["rejected"][0]["errors"][0]["field"], "/observations/0/ouput",
        "{done}"
    );
    assert_eq!(ids(&client, "n"), ["b"]);
    let problem = client
        .post("/api/v1/ingest", &json!({"spans": []}))
        .expect_problem(422, "validation");
    assert!(problem.to_string().contains("spans"), "{problem}");
}

#[test]
fn the_same_ids_in_two_workspaces_are_two_things() {
    same_ids(&Stores::embedded());
}

#[test]
fn postgres_the_same_ids_in_two_workspaces_are_two_things_in_clickhouse() {
    let (Some(mut stores), Some(rows)) = (Stores::clickhouse(), Stores::postgres()) else {
        return;
    };
    stores.postgres = rows.postgres;
    same_ids(&stores);
}

fn same_ids(stores: &Stores) {
    let dir = tempfile::tempdir().expect("a folder");
    let people = People::start();
    let app = people.known_to(App::at(dir.path(), stores)).start();
    let first = app.client();
    let (token, _) = people.tokens(&app.url, "second@x.example");
    let person = Client::with_bearer(&app.url, &token);
    let made = person
        .post("/api/v1/workspaces", &json!({"name": "Second"}))
        .expect(201);
    let workspace = made["id"].as_str().unwrap().to_owned();
    let headers = [JSON[0], ("x-assay-workspace", workspace.as_str())];
    let key = json!({"name": "key", "role": "editor"}).to_string();
    let key = person
        .send("POST", "/api/v1/api-keys", &headers, Some(key.as_bytes()))
        .expect(201);
    let text = |field: &str| key[field].as_str().unwrap().to_owned();
    let second = Client::with_keys(&app.url, &text("public_key"), &text("secret_key"));
    for (client, word) in [(&first, "one"), (&second, "two")] {
        let span = |trace| {
            Span::new(trace, 1)
                .text("input.value", word)
                .text("user.id", word)
        };
        // Twice in one request: the last word counts, once.
        let spans = [Span::new(1, 1).text("input.value", "before"), span(1)];
        assert_eq!(partly(&protobuf(client, &otlp::protobuf(&spans))).0, 0);
        assert_eq!(
            partly_json(&client.post("/v1/traces", &otlp::json(&[span(2)]))).0,
            0
        );
        let done = langfuse(
            client,
            &json!([
                event(
                    "same",
                    "span-create",
                    json!({"id": "o", "traceId": "l", "name": "n", "input": word})
                ),
                event(
                    "same-score",
                    "score-create",
                    json!({"id": "s-l", "traceId": "l", "name": "n", "value": 1, "comment": word})
                ),
            ]),
        );
        assert_eq!(done["errors"], json!([]));
        let done = native(
            client,
            &json!({
                "traces": [{"id": "n", "user_id": word}],
                "observations": [{"id": "o", "trace_id": "n", "name": "n", "input": word}],
                "scores": [{"id": "s-n", "trace_id": "n", "name": "n", "value": 1, "comment": word}],
            }),
        );
        assert_eq!(done["rejected"], json!([]));
    }
    for (client, word) in [(&first, "one"), (&second, "two")] {
        for trace in [
            Span::new(1, 1).trace_id().as_str(),
            &Span::new(2, 1).trace_id(),
            "l",
            "n",
        ] {
            let found = observations(client, trace);
            assert_eq!(found.len(), 1, "{trace}");
            assert_eq!(found[0]["input"], word, "{trace}");
        }
        for trace in ["l", "n"] {
            let whole = client.get(&format!("/api/v1/traces/{trace}")).expect(200);
            assert_eq!(whole["scores"][0]["comment"], word, "{whole}");
        }
    }
    // What one takes back, the other keeps.
    assert_eq!(second.delete("/api/v1/traces/n").status, 204);
    assert_eq!(ids(&first, "n"), ["o"]);
    assert_eq!(second.get("/api/v1/traces/n").status, 404);
}
