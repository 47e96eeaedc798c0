//! The ways in for traces: OTLP in protobuf and in JSON, Langfuse's events, native batches; and the way back.

use crate::otlp::rejected;
use crate::{Answer, Client};
use serde_json::{Value, json};

/// The header of a JSON body.
pub const JSON: [(&str, &str); 1] = [("content-type", "application/json")];
/// The header of a protobuf body.
pub const PROTOBUF: [(&str, &str); 1] = [("content-type", "application/x-protobuf")];
/// The header of a body of one record a line.
pub const LINES: [(&str, &str); 1] = [("content-type", "application/x-ndjson")];

/// Sends OTLP in protobuf.
#[must_use]
pub fn protobuf(client: &Client, body: &[u8]) -> Answer {
    client.send("POST", "/v1/traces", &PROTOBUF, Some(body))
}

/// What a success in protobuf says was rejected.
#[must_use]
#[track_caller]
pub fn partly(answer: &Answer) -> (u64, String) {
    assert_eq!(answer.status, 200, "{}", answer.text);
    rejected(&answer.bytes)
}

/// The same of one in JSON.
#[must_use]
#[track_caller]
pub fn partly_json(answer: &Answer) -> (u64, String) {
    let partial = answer.expect(200)["partialSuccess"].clone();
    let count = partial["rejectedSpans"].as_str().unwrap_or("0");
    let why = partial["errorMessage"].as_str().unwrap_or_default();
    (count.parse().expect("a number"), why.to_owned())
}

/// A refusal in protobuf: a `google.rpc.Status` with that code.
#[track_caller]
pub fn refused(answer: &Answer, status: u16, code: u8) {
    assert_eq!(answer.status, status, "{}", answer.text);
    let media = answer.header("content-type");
    assert_eq!(media, Some("application/x-protobuf"));
    assert_eq!(answer.bytes[..2], [0x08, code], "{}", answer.text);
}

/// Sends events as Langfuse's clients do, and gives their outcomes.
#[must_use]
#[track_caller]
pub fn langfuse(client: &Client, events: &Value) -> Value {
    let batch = json!({ "batch": events });
    client.post("/api/public/ingestion", &batch).expect(207)
}

/// An event as Langfuse's clients send it.
#[must_use]
pub fn event(id: &str, kind: &str, body: Value) -> Value {
    json!({"id": id, "type": kind, "timestamp": "2026-11-20T10:00:00Z", "body": body})
}

/// Sends a native batch, and gives what became of it.
#[must_use]
#[track_caller]
pub fn native(client: &Client, batch: &Value) -> Value {
    client.post("/api/v1/ingest", batch).expect(200)
}

/// The observations of a trace, by id.
#[must_use]
#[track_caller]
pub fn observations(client: &Client, trace: &str) -> Vec<Value> {
    let answer = client.get(&format!("/api/v1/traces/{trace}"));
    if answer.status == 404 {
        return Vec::new();
    }
    let mut list = answer.expect(200)["observations"]
        .as_array()
        .unwrap()
        .clone();
    list.sort_by_key(|o| o["id"].to_string());
    list
}

/// The ids of a trace's observations, in order.
#[must_use]
#[track_caller]
pub fn ids(client: &Client, trace: &str) -> Vec<String> {
    let list = observations(client, trace);
    list.iter()
        .map(|o| o["id"].as_str().unwrap().to_owned())
        .collect()
}
