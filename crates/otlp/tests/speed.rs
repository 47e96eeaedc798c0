//! How long a body of 100 GenAI spans takes, natively. Run it on its own, optimised:
//! `cargo test --release -p assay-otlp --test speed -- --ignored --nocapture`.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a measurement of tests"
)]

use assay_otlp::{BatchSize, Encoding, MapContext, Spans, decode, map};
use prost::Message as _;
use serde_json::{Value, json};
use std::time::{Duration, Instant};

const SPANS: usize = 100;
const ROUNDS: u32 = 400;

/// A chat as OpenTelemetry's instrumentation of a client reports it, with about 1 KiB of messages.
fn chat(i: usize) -> Value {
    let attribute = |(key, value): (&str, Value)| json!({ "key": key, "value": value });
    let text = |s: &str| json!({ "stringValue": s });
    let int = |n: u64| json!({ "intValue": n });
    let message = |role: &str, length: usize| {
        let content = "lorem ipsum ".repeat(length / 12);
        text(
            &json!([{ "role": role, "parts": [{ "type": "text", "content": content }] }])
                .to_string(),
        )
    };
    let attributes: Vec<Value> = [
        ("gen_ai.operation.name", text("chat")),
        ("gen_ai.provider.name", text("openai")),
        ("gen_ai.request.model", text("gpt-4o-mini")),
        ("gen_ai.response.model", text("gpt-4o-mini-2024-07-18")),
        ("gen_ai.request.temperature", json!({ "doubleValue": 0.3 })),
        ("gen_ai.request.max_tokens", int(256)),
        ("gen_ai.response.id", text("chatcmpl-1")),
        (
            "gen_ai.response.finish_reasons",
            json!({ "arrayValue": { "values": [text("stop")] } }),
        ),
        ("gen_ai.usage.input_tokens", int(120)),
        ("gen_ai.usage.output_tokens", int(45)),
        ("gen_ai.conversation.id", text("conversation-1")),
        ("server.address", text("llm.example.test")),
        ("server.port", int(443)),
        ("user.id", text("user-1")),
        ("gen_ai.input.messages", message("user", 700)),
        ("gen_ai.output.messages", message("assistant", 300)),
    ]
    .into_iter()
    .map(attribute)
    .collect();
    json!({ "traceId": format!("{:032x}", i / 10 + 1), "spanId": format!("{:016x}", i + 1),
            "parentSpanId": if i.is_multiple_of(10) { String::new() } else { format!("{:016x}", i / 10 * 10 + 1) },
            "name": "chat gpt-4o-mini", "kind": 3, "startTimeUnixNano": "1544712660000000000",
            "endTimeUnixNano": "1544712661000000000", "attributes": attributes, "status": { "code": 1 } })
}

fn body() -> Vec<u8> {
    let resource = [
        ("telemetry.sdk.language", "python"),
        ("telemetry.sdk.name", "opentelemetry"),
        ("telemetry.sdk.version", "1.45.2"),
        ("service.name", "bench"),
        ("service.version", "1.2.3"),
        ("deployment.environment.name", "staging"),
    ]
    .map(|(key, value)| json!({ "key": key, "value": { "stringValue": value } }));
    let spans: Vec<Value> = (0..SPANS).map(chat).collect();
    let json = json!({ "resourceSpans": [{ "resource": { "attributes": resource }, "scopeSpans": [{
        "scope": { "name": "opentelemetry.instrumentation.openai_v2", "version": "2.1" }, "spans": spans }] }] });
    decode(json.to_string().as_bytes(), Encoding::Json)
        .unwrap()
        .encode_to_vec()
}

#[test]
#[ignore = "a measurement, to be run alone and optimised"]
fn a_body_of_100_spans() {
    let body = body();
    let (mut decoding, mut mapping) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        let start = Instant::now();
        let request = decode(&body, Encoding::Protobuf).unwrap();
        let decoded = Instant::now();
        let mapped = map(request, &MapContext::default());
        mapping.push(decoded.elapsed());
        decoding.push(decoded - start);
        assert_eq!(mapped.batch.observations.len(), SPANS);
    }
    let median = |list: &mut Vec<Duration>| {
        list.sort();
        list[list.len() / 2]
    };
    let (decoding, mapping) = (median(&mut decoding), median(&mut mapping));
    let mut streaming = Vec::new();
    for _ in 0..ROUNDS {
        let start = Instant::now();
        let context = MapContext::default();
        let mut spans = Spans::read(&body, Encoding::Protobuf, &context).unwrap();
        let batch = spans.next_batch(BatchSize::default()).unwrap();
        streaming.push(start.elapsed());
        assert_eq!(batch.observations.len(), SPANS);
    }
    let streaming = median(&mut streaming);
    println!(
        "{} bytes: as a whole: decode {decoding:?}, map {mapping:?}; span by span: {streaming:?}",
        body.len()
    );
    // Two orders of magnitude above what a desktop takes: only a change of complexity fails here.
    assert!(decoding + mapping < Duration::from_millis(100));
    assert!(streaming < Duration::from_millis(100));
}
