//! Traces, observations, scores and sessions in the paths and shapes of Langfuse. Part of the components `traces` and
//! `ingest`. Their shapes are Langfuse's, which its SDKs know: here they are objects.

use super::langfuse::{number, page_meta, time};
use crate::examples::{ID, TIME, TRACE};
use crate::operation::Access::{Needs, Public};
use crate::operation::{Make, Operation, Part};
use assay_access::Permission::{ScoresWrite, TracesRead, TracesWrite};
use serde_json::{Value, json};

fn object() -> Make {
    Box::new(|_| json!({"type": "object"}))
}

/// A list of objects, and where the next page begins.
fn list() -> Make {
    Box::new(|_| {
        json!({
            "type": "object",
            "required": ["data"],
            "properties": {
                "data": {"type": "array", "items": {"type": "object"}},
                "meta": {"type": "object"},
            },
        })
    })
}

fn trace() -> Value {
    json!({"id": TRACE, "name": "chat", "timestamp": TIME, "tags": [], "public": false})
}

fn observation() -> Value {
    json!({"id": "4bf92f3577b34da6", "traceId": TRACE, "type": "GENERATION", "startTime": TIME})
}

fn score() -> Value {
    json!({"id": ID, "traceId": TRACE, "name": "helpful", "dataType": "NUMERIC", "value": 1.0})
}

fn counted(op: Operation, max: i64) -> Operation {
    op.query("page", "Which page, from 1.", number(1_000_000, 1))
        .query("limit", "Most rows of the page.", number(max, 50))
}

fn by_cursor(op: Operation, max: i64) -> Operation {
    op.filter("cursor", "Where the last page ended.")
        .query("limit", "Most rows of the page.", number(max, 50))
        .filter("fields", "Groups of fields, between commas.")
}

const FILTER: &str =
    "Conditions that all hold, a JSON list of `{type, column, operator, value, key}`.";

fn given_time() -> Value {
    json!({"type": "string", "format": "date-time"})
}

fn between(op: Operation, from: &str, to: &str) -> Operation {
    op.query(from, "From then on.", time())
        .query(to, "Before then.", time())
}

pub(super) fn operations() -> Vec<Operation> {
    let part = Part {
        component: "traces",
        tag: "Langfuse",
    };
    let meta = page_meta();
    let page = |row: Value| json!({"data": [row], "meta": meta});
    let read = Needs(TracesRead);
    let op = |id: &str, method, path: &str, access, status, words: &str| {
        part.op(id, method, path, access, status, words)
    };
    let metrics_query = || json!({"type": "string", "minLength": 1});
    vec![
        part.op("langfuse_metrics", "GET", "/api/public/metrics", Needs(TracesRead), 200, "Aggregate traces as Langfuse did")
            .required_query("query", "The question, a JSON object as Langfuse's clients write it.", metrics_query())
            .answer_as(list(), json!({"data": [{"name": "chat", "count_count": 12}]})),
        part.op("langfuse_metrics_v2", "GET", "/api/public/v2/metrics", Needs(TracesRead), 200, "Aggregate traces as Langfuse does")
            .required_query("query", "The question, a JSON object as Langfuse's clients write it. There is no view of traces.", metrics_query())
            .answer_as(list(), json!({"data": [{"providedModelName": "gpt-4o-mini", "sum_totalCost": 0.0001}]})),
        between(
            counted(
                part.op("langfuse_daily_metrics", "GET", "/api/public/metrics/daily", Needs(TracesRead), 200, "Sum up days as Langfuse does"),
                100,
            ),
            "fromTimestamp",
            "toTimestamp",
        )
        .filter("traceName", "Only traces of exactly that name.")
        .filter("userId", "Only those of that end user.")
        .query("tags", "Only those with all of these tags; repeat it for more.", json!({"type": "array", "items": {"type": "string"}, "maxItems": 20}))
        .query("environment", "Only those of these deployments; repeat it for more.", json!({"type": "array", "items": {"type": "string"}, "maxItems": 100}))
        .answer_as(list(), json!({"data": [{"date": "2026-11-24", "countTraces": 3, "countObservations": 12, "totalCost": 0.0031, "usage": []}], "meta": page_meta()})),
        op("langfuse_health", "GET", "/api/public/health", Public, 200, "Tell that the server is well")
            .answer_as(object(), json!({"status": "OK", "version": "0.1.0"})),
        op("langfuse_projects", "GET", "/api/public/projects", read, 200, "Tell the project of a key as Langfuse does")
            .answer_as(list(), json!({"data": [{"id": ID, "name": "Acme"}]}))
            .problem(404),
        between(counted(op("langfuse_list_traces", "GET", "/api/public/traces", read, 200, "List traces as Langfuse does"), 100), "fromTimestamp", "toTimestamp")
            .filter("filter", FILTER)
            .filter("fields", "Groups of fields, between commas.")
            .filter("name", "Only those of exactly that name.")
            .filter("userId", "Only those of that end user.")
            .filter("sessionId", "Only those of that conversation.")
            .filter("orderBy", "`timestamp`, `latency` or `totalCost`, then `.asc` or `.desc`.")
            .answer_as(list(), page(trace())),
        op("langfuse_delete_traces", "DELETE", "/api/public/traces", Needs(TracesWrite), 200, "Delete traces as Langfuse does")
            .body_as(object(), json!({"traceIds": [TRACE]}))
            .answer_as(object(), json!({"message": "Traces deleted successfully"})),
        op("langfuse_get_trace", "GET", "/api/public/traces/{id}", read, 200, "Get a trace as Langfuse does")
            .filter("fields", "Groups of fields, between commas.")
            .answer_as(object(), trace()),
        op("langfuse_delete_trace", "DELETE", "/api/public/traces/{id}", Needs(TracesWrite), 200, "Delete a trace as Langfuse does")
            .about("The same whether or not there was one.")
            .answer_as(object(), json!({"message": "Trace deleted successfully"})),
        between(counted(op("langfuse_list_observations_v1", "GET", "/api/public/observations", read, 200, "List observations as Langfuse did"), 1000), "fromStartTime", "toStartTime")
            .filter("filter", FILTER)
            .answer_as(list(), page(observation())),
        op("langfuse_get_observation", "GET", "/api/public/observations/{id}", read, 200, "Get an observation as Langfuse did")
            .answer_as(object(), observation()),
        between(by_cursor(op("langfuse_list_observations", "GET", "/api/public/v2/observations", read, 200, "List observations as Langfuse does"), 1000), "fromStartTime", "toStartTime")
            .filter("filter", FILTER)
            .answer_as(list(), json!({"data": [observation()], "meta": {}})),
        op("langfuse_put_scores", "POST", "/api/public/scores", Needs(ScoresWrite), 200, "Give scores as Langfuse does")
            .about("A list is answered with 202, or with 207 where some of it was refused.")
            .body_as(Box::new(|_| json!({"type": ["object", "array"]})), json!({"traceId": TRACE, "name": "helpful", "value": 1.0}))
            .answer_as(object(), json!({"id": ID}))
            .also(202, "All of the list is kept")
            .also(207, "What was refused is told"),
        counted(op("langfuse_list_scores_v1", "GET", "/api/public/scores", read, 200, "List scores as Langfuse did"), 100)
            .answer_as(list(), page(score())),
        op("langfuse_get_score_v1", "GET", "/api/public/scores/{id}", read, 200, "Get a score as Langfuse did")
            .answer_as(object(), score()),
        op("langfuse_delete_score", "DELETE", "/api/public/scores/{id}", Needs(ScoresWrite), 202, "Delete a score as Langfuse does")
            .about("The same whether or not there was one.")
            .answer_as(object(), json!({"message": "Score deleted successfully"})),
        between(counted(op("langfuse_list_scores_v2", "GET", "/api/public/v2/scores", read, 200, "List scores as Langfuse does"), 100), "fromTimestamp", "toTimestamp")
            .filter("filter", FILTER)
            .answer_as(list(), page(score())),
        op("langfuse_get_score", "GET", "/api/public/v2/scores/{id}", read, 200, "Get a score as Langfuse does")
            .answer_as(object(), score()),
        between(by_cursor(op("langfuse_list_scores", "GET", "/api/public/v3/scores", read, 200, "List scores by cursor as Langfuse does"), 100), "fromTimestamp", "toTimestamp")
            .answer_as(list(), json!({"data": [score()], "meta": {"limit": 50}})),
        between(counted(op("langfuse_list_sessions", "GET", "/api/public/sessions", read, 200, "List sessions as Langfuse does"), 100), "fromTimestamp", "toTimestamp")
            .answer_as(list(), page(json!({"id": "s-4", "createdAt": TIME, "projectId": ID}))),
        op("langfuse_get_session", "GET", "/api/public/sessions/{id}", read, 200, "Get a session as Langfuse does")
            .answer_as(object(), json!({"id": "s-4", "createdAt": TIME, "projectId": ID, "traces": []})),
        by_cursor(op("langfuse_list_experiments", "GET", "/api/public/experiments", read, 200, "List experiments as Langfuse does"), 100)
            .required_query("fromStartTime", "From then on.", given_time())
            .query("toStartTime", "Before then.", time())
            .answer_as(list(), json!({"data": [], "meta": {}})),
        by_cursor(op("langfuse_list_experiment_items", "GET", "/api/public/experiment-items", read, 200, "List items of experiments as Langfuse does"), 100)
            .required_query("fromStartTime", "From then on.", given_time())
            .query("toStartTime", "Before then.", time())
            .filter("experimentId", "Only those of that experiment.")
            .answer_as(list(), json!({"data": [], "meta": {}})),
        Part { component: "ingest", tag: "Langfuse" }
            .op("langfuse_ingestion", "POST", "/api/public/ingestion", Needs(TracesWrite), 207, "Take a batch of events as Langfuse does")
            .about("What is told of an event stands for it alone: its neighbours are kept.")
            .body_as(object(), json!({"batch": [{"id": ID, "type": "trace-create", "timestamp": TIME, "body": {"id": TRACE, "name": "chat"}}]}))
            .answer_as(object(), json!({"successes": [{"id": ID, "status": 201}], "errors": []})),
    ]
}
