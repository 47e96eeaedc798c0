//! Traces in.

use crate::examples;
use crate::operation::Access::Needs;
use crate::operation::{Make, Operation, Part};
use crate::types::{Batch, BatchDone};
use assay_access::Permission::TracesWrite;
use serde_json::{Value, json};

fn otlp_request() -> Make {
    Box::new(|s| {
        let spans = json!({
            "type": "object",
            "description": "ExportTraceServiceRequest of OpenTelemetry's protocol, in its JSON encoding.",
            "properties": {"resourceSpans": {"type": ["array", "null"], "items": {"type": "object"}}},
        });
        let map = spans.as_object().cloned().unwrap_or_default();
        s.name_input("OtlpTraces", map)
    })
}

fn otlp_answer() -> Make {
    Box::new(|s| {
        let answer = json!({
            "type": "object",
            "description": "ExportTraceServiceResponse: empty when every span was kept.",
            "properties": {"partialSuccess": {
                "type": "object",
                "properties": {
                    "rejectedSpans": {"type": "string", "pattern": "^[0-9]+$"},
                    "errorMessage": {"type": "string"},
                },
            }},
        });
        let map = answer.as_object().cloned().unwrap_or_default();
        s.name_output("OtlpTracesDone", map)
    })
}

fn bytes() -> Make {
    Box::new(|_| json!({}))
}

pub(super) fn operations() -> Vec<Operation> {
    let part = Part {
        component: "ingest",
        tag: "Ingestion",
    };
    let otlp = |id: &str, path: &str| {
        part.op(
            id,
            "POST",
            path,
            Needs(TracesWrite),
            200,
            "Take OpenTelemetry spans (OTLP/HTTP)",
        )
        .about(
            "As it is or with gzip. A span that cannot be kept is counted in the partial success.",
        )
        .takes(
            "application/json",
            otlp_request(),
            json!({"resourceSpans": []}),
        )
        .takes("application/x-protobuf", bytes(), Value::Null)
        .gives("application/json", otlp_answer(), json!({}))
        .gives("application/x-protobuf", bytes(), Value::Null)
        .without(422)
    };
    let batch = json!({
        "traces": [examples::trace()],
        "observations": [examples::observation()],
        "scores": [examples::score()],
    });
    let lines =
        json!({"type": "trace", "body": {"id": examples::TRACE, "name": "chat"}}).to_string();
    vec![
        otlp("otlp_traces", "/v1/traces"),
        otlp("otlp_traces_langfuse", "/api/public/otel/v1/traces"),
        part.op("ingest", "POST", "/api/v1/ingest", Needs(TracesWrite), 200, "Take traces, observations and scores")
            .about("One object of three lists, or one record a line as `{\"type\":\"trace\",\"body\":{...}}`; at most 20000 \
                    records, as it is or with gzip. A record that cannot be kept costs its neighbours nothing: it is named \
                    in the answer. What is answered as accepted is durable.")
            .body::<Batch>(batch)
            .takes("application/x-ndjson", bytes(), json!(lines))
            .answer::<BatchDone>(json!({"accepted": 3, "rejected": []})),
    ]
}
