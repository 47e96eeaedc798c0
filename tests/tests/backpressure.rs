//! Too much at once: who finds no room is told to try again, and what was acknowledged is kept; nothing is dropped in silence.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "test code"
)]

use assay_tests::otlp::{self, Span};
use assay_tests::ways::{JSON, LINES, ids, partly, protobuf, refused};
use assay_tests::{Answer, App, Client, Fault, FaultProxy, Stores, wait_for};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::json;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

/// A request of one span of about so many KiB.
fn of_kib(trace: u128, kib: usize) -> Vec<u8> {
    let span = Span::new(trace, 1).text("input.value", "x".repeat(kib << 10));
    otlp::protobuf(&[span])
}

/// A request whose body comes slowly: the rest of it when the test says so.
struct Slow {
    stream: TcpStream,
    rest: Vec<u8>,
}

impl Slow {
    fn begin(app: &App, body: &[u8]) -> Self {
        let address = app.url.strip_prefix("http://").expect("an address");
        let mut stream = TcpStream::connect(address).expect("a connection");
        let patience = Duration::from_secs(30);
        stream.set_read_timeout(Some(patience)).expect("a timeout");
        let basic = STANDARD.encode(format!("{}:{}", Client::PUBLIC, Client::SECRET));
        let head = format!(
            "POST /v1/traces HTTP/1.1\r\nHost: {address}\r\nAuthorization: Basic {basic}\r\n\
             Content-Type: application/x-protobuf\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
            body.len()
        );
        stream.write_all(head.as_bytes()).expect("a head");
        let (begin, rest) = body.split_at(body.len() / 2);
        stream.write_all(begin).expect("half a body");
        let rest = rest.to_vec();
        Self { stream, rest }
    }

    /// The first line of the answer.
    fn end(mut self) -> String {
        self.stream.write_all(&self.rest).expect("the other half");
        let mut answer = String::new();
        let _ = self.stream.read_to_string(&mut answer);
        answer.lines().next().unwrap_or_default().to_owned()
    }
}

#[test]
fn bodies_beyond_the_room_of_an_instance_are_told_to_come_again() {
    let dir = tempfile::tempdir().expect("a folder");
    let app = App::at(dir.path(), &Stores::embedded())
        .env("ASSAY_INGEST_MEMORY_MIB", "1")
        .start();
    let client = app.client();
    // Alone, a body is let in though it is larger than the room.
    assert_eq!(partly(&protobuf(&client, &of_kib(1, 3_000))).0, 0);
    let slow = Slow::begin(&app, &of_kib(2, 700));
    let again = |answer: &Answer| answer.header("retry-after") == Some("1");
    // Until the slow one has come as far as to hold its room.
    let answer = wait_for("there is no room", 20, || {
        let answer = protobuf(&client, &of_kib(3, 400));
        (answer.status != 200).then_some(answer)
    });
    refused(&answer, 429, 8);
    assert!(again(&answer), "{answer:?}");
    for (path, headers) in [
        ("/v1/traces", JSON),
        ("/v1/logs", JSON),
        ("/api/public/ingestion", JSON),
        ("/api/v1/ingest", JSON),
        ("/api/v1/ingest", LINES),
    ] {
        let answer = client.send("POST", path, &headers, Some(&vec![b' '; 400 << 10]));
        answer.expect_problem(429, "too-many-requests");
        assert!(again(&answer), "{path}: {answer:?}");
    }
    // A small one has room beside it.
    assert_eq!(partly(&protobuf(&client, &of_kib(4, 1))).0, 0);
    assert!(slow.end().contains(" 200 "), "the slow one is kept");
    assert_eq!(partly(&protobuf(&client, &of_kib(5, 400))).0, 0);
    for trace in [1, 2, 4, 5] {
        let span = Span::new(trace, 1);
        assert_eq!(ids(&client, &span.trace_id()), [span.span_id()], "{trace}");
    }
}

#[test]
fn postgres_spools_for_clickhouse_no_more_than_it_may() {
    let (Some(mut stores), Some(rows)) = (Stores::clickhouse(), Stores::postgres()) else {
        return;
    };
    let rows = rows.postgres.expect("PostgreSQL");
    stores.postgres = Some(rows.clone());
    spool_is_bounded(stores, || {
        let mut db = postgres::Client::connect(&rows, postgres::NoTls).expect("connect");
        let sql = "SELECT CAST(COALESCE(SUM(octet_length(batch)), 0) AS BIGINT) FROM trace_spool";
        let bytes: i64 = db.query_one(sql, &[]).expect("a sum").get(0);
        Some(bytes.unsigned_abs())
    });
}

#[test]
fn clickhouse_finds_no_more_in_the_embedded_spool_than_it_may_hold() {
    if let Some(stores) = Stores::clickhouse() {
        spool_is_bounded(stores, || None);
    }
}

/// `waiting` tells the spool's bytes, where it can be asked.
fn spool_is_bounded(mut stores: Stores, waiting: impl Fn() -> Option<u64>) {
    let server = stores.clickhouse.as_mut().expect("ClickHouse");
    let proxy = FaultProxy::before(&server.0);
    server.0.clone_from(&proxy.url);
    let dir = tempfile::tempdir().expect("a folder");
    let app = App::at(dir.path(), &stores)
        .env("ASSAY_SPOOL_MAX_MIB", "1")
        .start();
    let client = app.client();
    assert_eq!(partly(&protobuf(&client, &of_kib(1, 1))).0, 0);
    proxy.set(Fault::ReadOnly);
    let mut kept = vec![1];
    let full = (2..20).find_map(|trace| {
        let answer = protobuf(&client, &of_kib(trace, 150));
        if answer.status == 200 {
            kept.push(trace);
            return None;
        }
        Some(answer)
    });
    let full = full.expect("the spool is full");
    refused(&full, 503, 14);
    assert_eq!(full.header("retry-after"), Some("5"));
    // Six of 150 KiB fit into 1 MiB, and a small one still does.
    assert_eq!(kept.len(), 1 + 6, "{kept:?}");
    let batch = json!({"observations": [{"id": "o", "trace_id": "large", "name": "n", "input": "x".repeat(200 << 10)}]});
    let refusal = client.post("/api/v1/ingest", &batch);
    refusal.expect_problem(503, "store-unavailable");
    assert_eq!(refusal.header("retry-after"), Some("5"));
    assert_eq!(partly(&protobuf(&client, &of_kib(30, 1))).0, 0);
    kept.push(30);
    if let Some(bytes) = waiting() {
        assert!((900 << 10..1 << 20).contains(&bytes), "{bytes} bytes wait");
    }
    proxy.set(Fault::None);
    wait_for("batches are taken again", 30, || {
        (client.post("/api/v1/ingest", &batch).status == 200).then_some(())
    });
    for trace in kept {
        let span = Span::new(trace, 1);
        let id = span.trace_id();
        // A trace and its observations are told to ClickHouse at the same time, and may be seen one before the other.
        wait_for("what waited arrives", 30, || {
            (ids(&client, &id) == [span.span_id()]).then_some(())
        });
    }
    assert_eq!(ids(&client, "large"), ["o"]);
}
