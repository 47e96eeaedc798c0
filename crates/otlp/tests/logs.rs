//! GenAI events in logs, and counts of metrics.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "helpers of tests"
)]

mod common;

use assay_model::{Level, ObservationType, Timestamp};
use assay_otlp::{
    Encoding, Limits, LogsRequest, MapContext, MappedLogs, MetricsCount, decode_logs,
    decode_metrics, map_logs,
};
use common::{SPAN, START, TRACE, attributes, int, text};
use prost::Message as _;
use serde_json::{Value, json};

fn record(event: &str, body: Value) -> Value {
    json!({ "timeUnixNano": START.to_string(), "traceId": TRACE, "spanId": SPAN, "eventName": event, "body": body })
}

fn object(own: &Value) -> Value {
    json!({ "kvlistValue": { "values": attributes(own) } })
}

fn request(records: &Value) -> LogsRequest {
    let body = json!({ "resourceLogs": [{
        "resource": { "attributes": attributes(&json!({ "service.version": text("1") })) },
        "scopeLogs": [{ "scope": { "name": "openai" }, "logRecords": records }] }] });
    let bytes = body.to_string();
    decode_logs(bytes.as_bytes(), Encoding::Json, &Limits::default()).unwrap()
}

fn run(records: &Value) -> MappedLogs {
    map_logs(request(records), &MapContext::default())
}

#[test]
fn messages_are_events_below_their_span() {
    let content = object(&json!({ "content": text("hi") }));
    let mapped = run(&json!([
        record("gen_ai.user.message", content.clone()),
        record(
            "gen_ai.tool.message",
            object(&json!({ "role": text("custom"), "id": text("c") }))
        ),
        record("gen_ai.assistant.message", text("plain")),
        record(
            "gen_ai.choice",
            object(&json!({ "index": int(0), "message": content }))
        ),
    ]));
    assert_eq!((mapped.rejected.len(), mapped.ignored), (0, 0));
    let list = &mapped.batch.observations;
    let sides: Vec<Value> = list.iter().map(|o| json!([o.input, o.output])).collect();
    assert_eq!(
        sides,
        [
            json!([{ "role": "user", "content": "hi" }, null]),
            json!([{ "role": "custom", "id": "c" }, null]),
            json!(["plain", null]),
            json!([null, { "index": 0, "message": { "content": "hi" } }]),
        ]
    );
    for o in list {
        assert_eq!(o.kind, ObservationType::Event);
        assert_eq!(
            (o.trace_id.as_str(), o.parent_id.as_deref()),
            (TRACE, Some(SPAN))
        );
        let time = Timestamp::from_micros((START / 1000).cast_signed());
        assert_eq!((o.start_time, o.end_time), (time, Some(time)));
        assert_eq!(o.version.as_deref(), Some("1"));
        assert_eq!(
            o.metadata,
            json!({ "resource_attributes": { "service.version": "1" }, "scope": { "name": "openai", "version": "" } })
        );
    }
    let mut ids: Vec<&str> = list.iter().map(|o| o.id.as_str()).collect();
    assert!(ids.iter().all(|id| id.len() == 16));
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), 4);
    assert_eq!(mapped.batch.traces[0].version.as_deref(), Some("1"));
}

#[test]
fn ids_are_the_same_in_both_encodings_and_each_time() {
    let records = json!([record("gen_ai.choice", object(&json!({ "index": int(0) })))]);
    let json = request(&records);
    let bytes = json.encode_to_vec();
    let protobuf = decode_logs(&bytes, Encoding::Protobuf, &Limits::default()).unwrap();
    assert_eq!(json, protobuf);
    let batch = |request| map_logs(request, &MapContext::default()).batch;
    assert_eq!(batch(json), batch(protobuf));
    assert_eq!(run(&records).batch.observations[0].id, "fe86bf76ae14c989");
}

#[test]
fn details_of_a_call_have_both_sides_and_no_usage() {
    let own = json!({ "gen_ai.input.messages": text("[1]"), "gen_ai.usage.input_tokens": int(5),
        "gen_ai.request.model": text("m"), "session.id": text("s") });
    let mut in_attributes = record(
        "gen_ai.client.inference.operation.details",
        object(&json!({ "gen_ai.output.messages": { "arrayValue": { "values": [int(2)] } } })),
    );
    in_attributes["attributes"] = json!(attributes(&own));
    let batch = run(&json!([in_attributes])).batch;
    let o = &batch.observations[0];
    assert_eq!((&o.input, &o.output), (&json!("[1]"), &json!([2])));
    assert_eq!((o.usage, o.model.as_ref()), (None, None));
    assert_eq!(
        o.metadata["attributes"],
        json!({ "gen_ai.usage.input_tokens": 5, "gen_ai.request.model": "m" })
    );
    assert!(o.metadata.get("body").is_none());
    assert_eq!(batch.traces[0].session_id.as_deref(), Some("s"));
}

#[test]
fn other_events_keep_their_body_and_their_gravity() {
    let mut failed = record("gen_ai.client.operation.exception", text("why"));
    failed["severityNumber"] = json!("SEVERITY_NUMBER_ERROR");
    failed["attributes"] = json!(attributes(&json!({ "exception.message": text("broke") })));
    failed["spanId"] = json!("");
    failed["timeUnixNano"] = json!("0");
    failed["observedTimeUnixNano"] = json!("5000");
    let mut named = record("", json!(null));
    named["attributes"] = json!(attributes(&json!({ "event.name": text("gen_ai.other") })));
    named["severityNumber"] = json!(13);
    let list = run(&json!([failed, named])).batch.observations;
    assert_eq!(list[0].level, Level::Error);
    assert_eq!(list[0].status_message.as_deref(), Some("broke"));
    assert_eq!(list[0].metadata["body"], "why");
    assert_eq!(
        (list[0].parent_id.as_ref(), list[0].start_time.micros()),
        (None, 5)
    );
    assert_eq!(
        (list[1].name.as_str(), list[1].level),
        ("gen_ai.other", Level::Warning)
    );
}

#[test]
fn what_is_no_event_of_a_trace_is_ignored_and_what_is_broken_is_rejected() {
    let event = |field: &str, value: Value| {
        let mut r = record("gen_ai.choice", text("x"));
        r[field] = value;
        r
    };
    let records = json!([
        event("traceId", json!("")),
        event("traceId", json!("0".repeat(32))),
        event("eventName", json!("http.request")),
        event("eventName", json!("")),
        event("traceId", json!("abcd")),
        event("spanId", json!("abcd")),
        event("body", text(&"x".repeat(200))),
        event("severityNumber", json!(9)),
    ]);
    let limits = Limits {
        max_attribute_bytes: 100,
        ..Limits::default()
    };
    let ctx = MapContext {
        limits,
        ..MapContext::default()
    };
    let mapped = map_logs(request(&records), &ctx);
    assert_eq!(mapped.ignored, 4);
    let rejected: Vec<usize> = mapped.rejected.iter().map(|r| r.index).collect();
    assert_eq!(rejected, [4, 5, 6]);
    assert_eq!(mapped.batch.observations.len(), 1);
    assert!(
        mapped.rejection().starts_with("record 4 ("),
        "{}",
        mapped.rejection()
    );
    let few = Limits {
        max_spans: 7,
        ..Limits::default()
    };
    let ctx = MapContext {
        limits: few,
        ..MapContext::default()
    };
    let mapped = map_logs(request(&records), &ctx);
    assert_eq!(mapped.rejected.last().map(|r| r.index), Some(7));
}

#[test]
fn data_points_are_counted() {
    let points =
        |n: usize| json!({ "dataPoints": vec![json!({ "asInt": "1", "attributes": [] }); n] });
    let body = json!({ "resourceMetrics": [{ "resource": {}, "scopeMetrics": [{ "metrics": [
        { "name": "gen_ai.client.token.usage", "histogram": points(3) },
        { "name": "a", "gauge": points(1) }, { "name": "b", "sum": points(2) },
        { "name": "c", "exponentialHistogram": points(1) }, { "name": "d", "summary": points(1) },
        { "name": "empty" } ] }] }] });
    let count = |bytes: &[u8], encoding| decode_metrics(bytes, encoding, &Limits::default());
    let expected = MetricsCount {
        data_points: 8,
        gen_ai: 3,
    };
    assert_eq!(
        count(body.to_string().as_bytes(), Encoding::Json).unwrap(),
        expected
    );
    // ResourceMetrics{ ScopeMetrics{ Metric{ "gen_ai.x", Sum{ Point{ a fixed64 }, Point{} } } } }.
    let mut bytes = vec![0x0a, 9, 0x11, 1, 2, 3, 4, 5, 6, 7, 8, 0x0a, 0];
    for (tag, before) in [
        (0x3a, b"\x0a\x08gen_ai.x".as_slice()),
        (0x12, b""),
        (0x12, b""),
        (0x0a, b""),
    ] {
        let mut outer = before.to_vec();
        outer.push(tag);
        outer.push(u8::try_from(bytes.len()).unwrap());
        outer.extend(&bytes);
        bytes = outer;
    }
    let expected = MetricsCount {
        data_points: 2,
        gen_ai: 2,
    };
    assert_eq!(count(&bytes, Encoding::Protobuf).unwrap(), expected);
    assert_eq!(
        count(b"", Encoding::Protobuf).unwrap(),
        MetricsCount::default()
    );
    assert!(count(b"x", Encoding::Json).is_err());
}

#[test]
fn limits_hold_for_logs_and_metrics() {
    let small = Limits {
        max_messages: 10,
        max_decompressed: 100,
        ..Limits::default()
    };
    let many = json!({ "resourceMetrics": [{ "scopeMetrics": [{ "metrics": [{ "name": "n",
        "sum": { "dataPoints": [{}, {}, {}, {}, {}, {}, {}, {}] } }] }] }] })
    .to_string();
    let error = decode_metrics(many.as_bytes(), Encoding::Json, &small).unwrap_err();
    assert!(error.is_too_large());
    // ResourceLogs{ ScopeLogs{ LogRecord{} x 3 } }.
    let records = [0x0a, 8, 0x12, 6, 0x12, 0, 0x12, 0, 0x12, 0];
    let error = decode_logs(&records, Encoding::Protobuf, &small).unwrap_err();
    assert!(error.is_too_large());
    assert!(decode_logs(&records, Encoding::Protobuf, &Limits::default()).is_ok());
    let large = vec![0; 101];
    assert!(
        decode_logs(&large, Encoding::Protobuf, &small)
            .unwrap_err()
            .is_too_large()
    );
}
