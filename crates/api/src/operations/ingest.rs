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

fn object() -> Make {
    Box::new(|_| json!({"type": "object"}))
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
        let words = "Take OpenTelemetry spans (OTLP/HTTP)";
        part.op(id, "POST", path, Needs(TracesWrite), 200, words)
            .about("As it is, with gzip or with deflate. A span that cannot be kept is counted in the partial success.")
            .takes("application/json", otlp_request(), json!({"resourceSpans": []}))
            .takes("application/x-protobuf", bytes(), Value::Null)
            .gives("application/json", otlp_answer(), json!({}))
            .gives("application/x-protobuf", bytes(), Value::Null)
            .without(422)
    };
    let others = |id: &str, path: &str, words: &str, about: &str| {
        part.op(id, "POST", path, Needs(TracesWrite), 200, words)
            .about(about)
            .takes("application/json", object(), json!({}))
            .takes("application/x-protobuf", bytes(), Value::Null)
            .gives("application/json", object(), json!({}))
            .gives("application/x-protobuf", bytes(), Value::Null)
            .without(422)
    };
    let events = "Take OpenTelemetry events (OTLP/HTTP)";
    let of_events = "Events of the GenAI conventions become observations and scores; other records are counted as not kept.";
    let metrics = "Read OpenTelemetry metrics (OTLP/HTTP)";
    let of_metrics = "Counted, not kept: tokens, costs and latencies are derived from spans.";
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
        others("otlp_logs", "/v1/logs", events, of_events),
        others("otlp_logs_langfuse", "/api/public/otel/v1/logs", events, of_events),
        others("otlp_metrics", "/v1/metrics", metrics, of_metrics),
        others("otlp_metrics_langfuse", "/api/public/otel/v1/metrics", metrics, of_metrics),
        part.op("ingest", "POST", "/api/v1/ingest", Needs(TracesWrite), 200, "Take traces, observations and scores")
            .about("One object of three lists, or one record a line as `{\"type\":\"trace\",\"body\":{...}}`; at most 20000 \
                    records, as it is or with gzip. A record that cannot be kept costs its neighbours nothing: it is named \
                    in the answer. What is answered as accepted is durable.")
            .body::<Batch>(batch)
            .takes("application/x-ndjson", bytes(), json!(lines))
            .answer::<BatchDone>(json!({"accepted": 3, "rejected": []})),
    ]
}
