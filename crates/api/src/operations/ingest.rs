//! Traces in.

use crate::examples::{self, ID, TIME, with};
use crate::operation::Access::Needs;
use crate::operation::{Make, Operation, Part};
use crate::types::{Batch, BatchDone, IngestPolicy, IngestPolicyShown};
use assay_access::Permission::{TracesWrite, WorkspaceManage, WorkspaceRead};
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
    let policy = json!({
        "redaction": {"rules": [
            {"name": "mail", "kind": {"type": "class", "class": "email"}, "fields": ["input", "output", "metadata"], "action": "hash"},
            {"name": "ticket", "kind": {"type": "pattern", "pattern": "TICKET-[0-9]+"}, "fields": ["input"], "action": "mask"},
        ]},
        "sampling_rate": 1.0,
        "retention_days": 90,
    });
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
        part.op("get_ingest_policy", "GET", "/api/v1/ingest/policy", Needs(WorkspaceRead), 200, "Tell what is let in and for how long")
            .about("What a workspace without one of its own has: nothing is taken out, all is kept, for ever.")
            .answer::<IngestPolicyShown>(with(policy.clone(), json!({"updated_at": TIME, "updated_by": ID})))
            .sends("ETag"),
        part.op("put_ingest_policy", "PUT", "/api/v1/ingest/policy", Needs(WorkspaceManage), 200, "Say what is let in and for how long")
            .about("Acts within seconds, on what comes from then on: secrets and personal data are taken out, and of all traces a part is \
                    kept, before anything is stored. Hashed values of equal content stay equal.")
            .body::<IngestPolicy>(policy.clone())
            .answer::<IngestPolicyShown>(with(policy, json!({"updated_at": TIME, "updated_by": ID})))
            .if_match()
            .sends("ETag"),
        part.op("ingest", "POST", "/api/v1/ingest", Needs(TracesWrite), 200, "Take traces, observations and scores")
            .about("One object of three lists, or one record a line as `{\"type\":\"trace\",\"body\":{...}}`; at most 20000 \
                    records, as it is or with gzip. A record that cannot be kept costs its neighbours nothing: it is named \
                    in the answer. What is answered as accepted is durable.")
            .body::<Batch>(batch)
            .takes("application/x-ndjson", bytes(), json!(lines))
            .answer::<BatchDone>(json!({"accepted": 3, "rejected": []})),
    ]
}
