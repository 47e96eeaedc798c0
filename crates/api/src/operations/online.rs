//! Traces as a whole: aggregates, files, as they come in, and which of them are evaluated. Part of the component `traces`.

use super::traces::{selecting_observations, selecting_scores, selecting_traces};
use crate::examples::{self, ID, TIME, TRACE};
use crate::operation::Access::Needs;
use crate::operation::{Make, Operation, Part};
use assay_access::Permission::{EvaluationsRun, TracesRead};
use assay_model::analysis::Analysis;
use serde_json::{Value, json};

fn part(tag: &'static str) -> Part {
    Part {
        component: "traces",
        tag,
    }
}

fn text() -> Make {
    Box::new(|_| json!({"type": "string"}))
}

/// A file of rows.
fn file(id: &str, path: &str, words: &str) -> Operation {
    part("Exports")
        .op(id, "GET", path, Needs(TracesRead), 200, words)
        .about("Everything that the parameters select, sent as it is read. A file that breaks off was not sent as a whole. In CSV lists and objects are JSON, and a text that a spreadsheet would take for a formula begins with an apostrophe.")
        .query("format", "How the file is written.", json!({"type": "string", "enum": ["ndjson", "csv", ""], "default": "ndjson"}))
        .gives("application/x-ndjson", text(), json!("{\"id\":\"4bf92f3577b34da6a3ce929d0e0e4736\"}\n"))
        .gives("text/csv", text(), json!("id,name\n4bf92f3577b34da6a3ce929d0e0e4736,chat\n"))
}

/// An id that a client names.
fn id() -> Value {
    json!({"type": "string", "minLength": 1, "maxLength": 200})
}

fn object(required: &[&str], properties: Value) -> Make {
    let schema = json!({
        "type": "object", "required": required, "properties": properties, "additionalProperties": false,
    });
    Box::new(move |_| schema.clone())
}

fn state() -> Value {
    json!({"type": "string", "enum": ["waiting", "ready", "leased", "done", "failed", "skipped"]})
}

pub(super) fn operations() -> Vec<Operation> {
    let mut all = vec![
        part("Analytics")
            .op("describe_analytics", "GET", "/api/v1/analytics", Needs(TracesRead), 200, "Tell what can be aggregated")
            .about("Each view with its dimensions and measures.")
            .answer_as(Box::new(|_| json!({
                "type": "object", "required": ["data"],
                "properties": {"data": {"type": "array", "items": {
                    "type": "object", "required": ["view", "dimensions", "measures"],
                    "properties": {
                        "view": {"type": "string"},
                        "dimensions": {"type": "array", "items": {
                            "type": "object", "required": ["name", "description", "high_cardinality"],
                            "properties": {"name": {"type": "string"}, "description": {"type": "string"}, "high_cardinality": {"type": "boolean"}},
                        }},
                        "measures": {"type": "array", "items": {
                            "type": "object", "required": ["name", "description", "unit", "kind", "aggregations"],
                            "properties": {
                                "name": {"type": "string"}, "description": {"type": "string"}, "unit": {"type": "string"},
                                "kind": {"type": "string"}, "aggregations": {"type": "array", "items": {"type": "string"}},
                            },
                        }},
                    },
                }}},
            })), json!({"data": [{
                "view": "traces",
                "dimensions": [{"name": "name", "description": "Its name, or its root's.", "high_cardinality": false}],
                "measures": [{"name": "count", "description": "How many there are.", "unit": "rows", "kind": "integer", "aggregations": ["count"]}],
            }]})),
        part("Analytics")
            .op("ask_analytics", "POST", "/api/v1/analytics", Needs(TracesRead), 200, "Aggregate traces, observations or scores")
            .about("Changes nothing. A row is an object of the dimensions, `time_dimension` where a granularity is given, and the metrics, each named `aggregation_measure`. Percentiles are nearest ranks. What has no value is null.")
            .body::<Analysis>(json!({
                "view": "observations", "dimensions": ["providedModelName"],
                "metrics": [{"measure": "latency", "aggregation": "p95"}, {"measure": "totalCost", "aggregation": "sum"}],
                "filter": [{"type": "string", "column": "type", "operator": "=", "value": "GENERATION"}],
                "from": TIME, "to": "2026-12-31T00:00:00Z", "granularity": "day",
            }))
            .answer_as(Box::new(|_| json!({
                "type": "object", "required": ["granularity", "data", "truncated"],
                "properties": {
                    "granularity": {"type": ["string", "null"], "enum": ["minute", "hour", "day", "week", "month", null]},
                    "data": {"type": "array", "items": {"type": "object"}}, "truncated": {"type": "boolean"},
                },
            })), json!({
                "granularity": "day", "truncated": false,
                "data": [{"providedModelName": "gpt-4o-mini", "time_dimension": TIME, "p95_latency": 850.0, "sum_totalCost": 0.0001}],
            })),
        selecting_traces(file("export_traces", "/api/v1/exports/traces", "Export traces as a file")),
        selecting_observations(file("export_observations", "/api/v1/exports/observations", "Export observations as a file")),
        selecting_scores(file("export_scores", "/api/v1/exports/scores", "Export scores as a file")),
        selecting_traces(
            part("Traces")
                .op("watch_traces", "GET", "/api/v1/live/traces", Needs(TracesRead), 200, "Watch traces as they come in")
                .about("Server-sent events: `trace`, a trace as the list shows it, whenever it had something new; `skipped`, how many were too many to show. A client that names the last event in `Last-Event-ID`, or in the parameter, goes on from there, for ten minutes; then a trace may come twice. A stream ends after five minutes, and the client connects again.")
                .filter("last_event_id", "The last event that was seen, for clients that cannot send the header.")
                .gives("text/event-stream", text(), json!("event: trace\nid: 1790000000000000-0197\ndata: {\"id\":\"4bf92f3577b34da6a3ce929d0e0e4736\"}\n\n")),
        ),
    ];
    all.extend(queue());
    all
}

/// The queue of online evaluation.
fn queue() -> Vec<Operation> {
    let part = part("Online evaluation");
    let entry = json!({
        "rule_id": ID, "trace_id": TRACE, "state": "ready", "due_at": TIME, "attempts": 0, "lease_until": null,
        "reason": null, "created_at": TIME, "updated_at": TIME,
    });
    let entry_schema = || -> Make {
        Box::new(|s| {
            let schema = json!({
                "type": "object",
                "required": ["rule_id", "trace_id", "state", "due_at", "attempts", "lease_until", "reason", "created_at", "updated_at"],
                "properties": {
                    "rule_id": {"type": "string"}, "trace_id": {"type": "string"}, "state": state(), "due_at": {"type": "string"},
                    "attempts": {"type": "integer"}, "lease_until": {"type": ["string", "null"]}, "reason": {"type": ["string", "null"]},
                    "created_at": {"type": "string"}, "updated_at": {"type": "string"},
                },
            });
            s.name_output(
                "EvaluationQueueEntry",
                schema.as_object().cloned().unwrap_or_default(),
            )
        })
    };
    let list_of = |items: Value| {
        object(
            &["data"],
            json!({"data": {"type": "array", "items": items}}),
        )
    };
    let counts = |name: &'static str| -> Make {
        Box::new(
            move |_| json!({"type": "object", "required": [name], "properties": {name: {"type": "integer"}}}),
        )
    };
    let named = json!({"type": "object", "required": ["rule_id", "trace_id"], "properties": {"rule_id": {"type": "string"}, "trace_id": {"type": "string"}}});
    vec![
        part.op("list_evaluation_queue", "GET", "/api/v1/evaluation-queue", Needs(TracesRead), 200, "List what is to be evaluated, and what was")
            .about("Traces that evaluation rules picked as they came in, once each; the one that changed last first. A trace waits until it had nothing new for as long as its rule says; then the rule's filter decides. What came to an end is kept for 30 days.")
            .page_as(entry_schema(), entry)
            .filter("rule_id", "Only those of that rule.")
            .filter("trace_id", "Only those of that trace.")
            .query("state", "Only those that stand so.", json!({"type": "string", "enum": ["waiting", "ready", "leased", "done", "failed", "skipped", ""]})),
        part.op("summarise_evaluation_queue", "GET", "/api/v1/evaluation-queue/summary", Needs(TracesRead), 200, "Count what is to be evaluated, and what was")
            .about("By rule, with what its judges have spent since midnight UTC, and why it pauses where it does.")
            .answer_as(
                list_of(json!({
                    "type": "object", "required": ["rule_id", "counts", "oldest_ready_at", "cost_usd_today", "judge_calls_today", "paused"],
                    "properties": {
                        "rule_id": {"type": "string"}, "counts": {"type": "object"}, "oldest_ready_at": {"type": ["string", "null"]},
                        "cost_usd_today": {"type": "number"}, "judge_calls_today": {"type": "integer"}, "paused": {"type": ["string", "null"]},
                    },
                })),
                json!({"data": [{
                    "rule_id": ID, "counts": {"waiting": 1, "ready": 2, "leased": 0, "done": 5, "failed": 0, "skipped": 3},
                    "oldest_ready_at": TIME, "cost_usd_today": 0.42, "judge_calls_today": 12, "paused": null,
                }]}),
            ),
        part.op("claim_evaluations", "POST", "/api/v1/evaluation-queue/claim", Needs(EvaluationsRun), 200, "Take traces to evaluate")
            .about("For evaluators of your own: of the rules whose `evaluator` is `external`. What is taken is nobody else's until the lease runs out; then it is given to the next one, five times at most.")
            .body_as(
                object(&[], json!({
                    "limit": {"type": "integer", "minimum": 1, "maximum": 100, "default": 10},
                    "lease_s": {"type": "integer", "minimum": 1, "maximum": 3600, "default": 300},
                    "rule_id": {"type": ["string", "null"], "minLength": 1, "maxLength": 200},
                })),
                json!({"limit": 5, "lease_s": 60}),
            )
            .answer_as(
                list_of(json!({
                    "type": "object", "required": ["rule_id", "trace_id", "attempts", "lease_token", "lease_until", "rule"],
                    "properties": {
                        "rule_id": {"type": "string"}, "trace_id": {"type": "string"}, "attempts": {"type": "integer"},
                        "lease_token": {"type": "string"}, "lease_until": {"type": "string"}, "rule": {"type": "object"},
                    },
                })),
                json!({"data": [{
                    "rule_id": ID, "trace_id": TRACE, "attempts": 1, "lease_token": ID, "lease_until": TIME, "rule": examples::evaluation_rule(),
                }]}),
            ),
        part.op("finish_evaluations", "POST", "/api/v1/evaluation-queue/finish", Needs(EvaluationsRun), 200, "Say what became of them")
            .about("An entry whose lease ran out and that somebody else has by now is named in `lost`.")
            .body_as(
                object(&["items"], json!({"items": {"type": "array", "minItems": 1, "maxItems": 100, "items": {
                    "type": "object", "additionalProperties": false, "required": ["rule_id", "trace_id", "lease_token", "outcome"],
                    "properties": {
                        "rule_id": id(), "trace_id": id(), "lease_token": id(),
                        "outcome": {"type": "string", "enum": ["done", "failed", "retry"]},
                        "reason": {"type": ["string", "null"], "maxLength": 2000},
                        "delay_s": {"type": "integer", "minimum": 0, "maximum": 86400, "default": 0},
                    },
                }}})),
                json!({"items": [{"rule_id": ID, "trace_id": TRACE, "lease_token": ID, "outcome": "done"}]}),
            )
            .answer_as(
                object(&["finished", "lost"], json!({"finished": {"type": "integer"}, "lost": {"type": "array", "items": named}})),
                json!({"finished": 1, "lost": []}),
            ),
        part.op("retry_evaluations", "POST", "/api/v1/evaluation-queue/retry", Needs(EvaluationsRun), 200, "Evaluate again what came to an end")
            .body_as(
                object(&["rule_id"], json!({
                    "rule_id": id(),
                    "trace_ids": {"type": ["array", "null"], "minItems": 1, "maxItems": 1000, "items": id()},
                    "states": {"type": "array", "minItems": 1, "items": {"type": "string", "enum": ["done", "failed", "skipped"]}, "default": ["failed"]},
                })),
                json!({"rule_id": ID, "states": ["failed"]}),
            )
            .answer_as(counts("requeued"), json!({"requeued": 3})),
        part.op("backfill_evaluations", "POST", "/api/v1/evaluation-queue/backfill", Needs(EvaluationsRun), 200, "Evaluate traces that are there already")
            .about("The newest first. What the rule picked before is not picked again.")
            .body_as(
                object(&["rule_id", "from", "to"], json!({
                    "rule_id": id(), "from": {"type": "string", "format": "date-time"}, "to": {"type": "string", "format": "date-time"},
                    "limit": {"type": "integer", "minimum": 1, "maximum": 10000, "default": 10000},
                })),
                json!({"rule_id": ID, "from": TIME, "to": "2026-12-31T00:00:00Z"}),
            )
            .answer_as(
                object(&["matched", "enqueued"], json!({"matched": {"type": "integer"}, "enqueued": {"type": "integer"}})),
                json!({"matched": 40, "enqueued": 12}),
            ),
    ]
}
