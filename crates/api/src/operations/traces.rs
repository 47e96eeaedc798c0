//! Traces out.

use crate::examples::{self, TIME, with};
use crate::operation::Access::Needs;
use crate::operation::{Make, Operation, Part};
use crate::types::{ObservationShown, TraceDetail, TraceShown, TreeNode};
use assay_access::Permission::{ScoresWrite, TracesRead, TracesWrite};
use assay_model::Score;
use assay_model::schema::NAME;
use serde_json::{Value, json};

/// One of some names, in any case; an empty one selects everything.
fn one_of(names: &[&str]) -> Value {
    let names = [names, &[""]].concat();
    json!({"type": "string", "enum": names})
}

/// A score as it is given: what has no default of its own must be there.
fn given_score() -> Make {
    Box::new(|s| {
        let mut schema = s.input_object::<Score>();
        schema.insert("required".into(), json!(["trace_id", "name"]));
        if let Some(Value::Object(properties)) = schema.get_mut("properties") {
            let id = json!({"type": "string", "minLength": 1, "maxLength": 200, "description": "The trace that is scored."});
            properties.insert("trace_id".into(), id);
            let name = json!({
                "type": "string", "minLength": 1, "maxLength": 1000, "pattern": NAME, "description": "What was measured.",
            });
            properties.insert("name".into(), name);
        }
        s.name_input("ScoreGiven", schema)
    })
}

pub(super) fn operations() -> Vec<Operation> {
    let part = |tag| Part {
        component: "traces",
        tag,
    };
    let (traces, observations, scores) = (part("Traces"), part("Observations"), part("Scores"));
    let shown = with(
        examples::trace(),
        json!({
            "latency_ms": 850, "total_cost_usd": 0.0001, "usage": {"input": 12, "output": 5}, "observation_count": 1,
            "error_count": 0, "warning_count": 0, "created_at": TIME, "updated_at": TIME,
        }),
    );
    let observation = with(
        examples::observation(),
        json!({"latency_ms": 850, "received_at": TIME}),
    );
    vec![
        selecting_traces(
            traces
                .op("list_traces", "GET", "/api/v1/traces", Needs(TracesRead), 200, "List traces, newest first")
                .page::<TraceShown>(shown.clone()),
        )
        .query("sort", "By what; `-` before it for the reverse.", sorts("timestamp")),
        traces
            .op("get_trace", "GET", "/api/v1/traces/{id}", Needs(TracesRead), 200, "Get a trace with its observations and scores")
            .answer::<TraceDetail>(with(shown, json!({
                "observations": [observation], "scores": [examples::score()], "truncated": false,
            }))),
        traces
            .op("get_trace_tree", "GET", "/api/v1/traces/{id}/tree", Needs(TracesRead), 200, "Get a trace as a tree, by pages")
            .about("Observations in reading order, each before its children, without what went in and came out. What has no parent in the trace is a root.")
            .page::<TreeNode>(json!({
                "id": "4bf92f3577b34da6", "parent_id": null, "depth": 0, "children": 2, "descendants": 5, "type": "AGENT",
                "name": "answer", "start_time": TIME, "end_time": TIME, "level": "DEFAULT", "status_message": null,
                "model": null, "input_tokens": null, "output_tokens": null, "cost_usd": null,
            }))
            .filter("under", "Only what is below this observation.")
            .query("depth", "Levels to show; all when absent.", json!({"type": "integer", "minimum": 1, "maximum": 1_000_000})),
        traces
            .op("delete_trace", "DELETE", "/api/v1/traces/{id}", Needs(TracesWrite), 204, "Delete a trace with its observations and scores"),
        selecting_observations(
            observations
                .op("list_observations", "GET", "/api/v1/observations", Needs(TracesRead), 200, "List observations, newest first")
                .page::<ObservationShown>(observation.clone()),
        )
        .query("sort", "By what; `-` before it for the reverse.", sorts("start_time")),
        observations
            .op("get_observation", "GET", "/api/v1/observations/{id}", Needs(TracesRead), 200, "Get an observation")
            .about("Ids are unique within a trace. Of several with the same id it is the one that began first.")
            .answer::<ObservationShown>(observation),
        selecting_scores(
            scores
                .op("list_scores", "GET", "/api/v1/scores", Needs(TracesRead), 200, "List scores, newest first")
                .page::<Score>(examples::score()),
        ),
        scores
            .op("put_score", "POST", "/api/v1/scores", Needs(ScoresWrite), 200, "Give a score, or replace the one with its id")
            .about("The trace may arrive later. Without an id it is a new score; without a timestamp it is given now.")
            .body_as(given_score(), json!({
                "trace_id": examples::TRACE, "name": "helpful", "data_type": "NUMERIC", "value": 1.0, "comment": "Answered at once",
            }))
            .answer::<Score>(examples::score()),
        scores
            .op("get_score", "GET", "/api/v1/scores/{id}", Needs(TracesRead), 200, "Get a score")
            .answer::<Score>(examples::score()),
        groups("list_trace_sessions", "/api/v1/sessions", "List sessions, the one last seen first", "user_count"),
        groups("list_end_users", "/api/v1/users", "List end users, the one last seen first", "session_count"),
        part("End users")
            .op("forget_end_user", "DELETE", "/api/v1/users/{id}", Needs(TracesWrite), 200, "Delete all traces of an end user")
            .about("With all that is known of them, in every store. It is done when it answers; the same whether or not there were any.")
            .answer_as(Box::new(|_| json!({"type": "object", "required": ["deleted"], "properties": {"deleted": {"type": "integer"}}})), json!({"deleted": 12})),
        scores
            .op("delete_score", "DELETE", "/api/v1/scores/{id}", Needs(ScoresWrite), 204, "Delete a score"),
    ]
}

/// A list of groups of traces.
fn groups(id: &str, path: &str, words: &str, others: &'static str) -> Operation {
    let part = Part {
        component: "traces",
        tag: if path.ends_with("users") {
            "End users"
        } else {
            "Sessions"
        },
    };
    let op = part.op(id, "GET", path, Needs(TracesRead), 200, words).page_as(
        Box::new(move |s| {
            let group = json!({
                "type": "object",
                "required": ["id", "first_at", "last_at", "trace_count", others, "environment", "observation_count",
                             "error_count", "total_cost_usd", "usage"],
                "properties": {
                    "id": {"type": "string"}, "first_at": {"type": "string"}, "last_at": {"type": "string"},
                    "trace_count": {"type": "integer"}, others: {"type": "integer"},
                    "environment": {"type": ["string", "null"]}, "observation_count": {"type": "integer"},
                    "error_count": {"type": "integer"}, "total_cost_usd": {"type": ["number", "null"]},
                    "usage": {"type": "object", "properties": {"input": {"type": "integer"}, "output": {"type": "integer"}}},
                },
            });
            let name = if others == "user_count" { "TraceSession" } else { "EndUser" };
            s.name_output(name, group.as_object().cloned().unwrap_or_default())
        }),
        json!({
            "id": "s-4", "first_at": TIME, "last_at": TIME, "trace_count": 3, others: 1, "environment": "production",
            "observation_count": 12, "error_count": 0, "total_cost_usd": 0.0031, "usage": {"input": 120, "output": 45},
        }),
    );
    selecting_traces(op)
}

const FILTER: &str = "More conditions, all of which hold: a JSON list of `{type, column, operator, value, key}`, as Langfuse's clients write it.";

fn tags() -> Value {
    json!({"type": "array", "items": {"type": "string"}, "maxItems": 20})
}

fn truth() -> Value {
    json!({"type": "string", "enum": ["true", "false", ""]})
}

/// What lists are sorted by.
fn sorts(time: &str) -> Value {
    let names: Vec<String> = [time, "latency", "cost", "tokens"]
        .iter()
        .flat_map(|name| [(*name).to_owned(), format!("-{name}")])
        .collect();
    json!({"type": "string", "enum": names, "default": format!("-{time}")})
}

/// The parameters that select traces.
pub(super) fn selecting_traces(op: Operation) -> Operation {
    op.filter("q", "Words in names, ids, messages, input or output.")
        .filter("filter", FILTER)
        .filter("name", "Only those of exactly that name.")
        .filter("user_id", "Only those of that end user.")
        .filter("session_id", "Only those of that conversation.")
        .query(
            "tag",
            "Only those with all of these tags; repeat it for more.",
            tags(),
        )
        .filter("environment", "Only those of that deployment.")
        .filter("release", "Only those of that version of the application.")
        .filter("version", "Only those of that version of the traced code.")
        .filter("model", "Only those with an observation of that model.")
        .filter(
            "prompt_name",
            "Only those with an observation that used that prompt.",
        )
        .query(
            "status",
            "Only those in which something failed, or only the others.",
            json!({"type": "string", "enum": ["ok", "error", ""]}),
        )
        .query(
            "public",
            "Only those that anyone with the link may read, or only the others.",
            truth(),
        )
        .query(
            "min_latency",
            "Only those that took at least so many seconds.",
            json!({"type": "number"}),
        )
        .query(
            "max_latency",
            "Only those that took at most so many seconds.",
            json!({"type": "number"}),
        )
        .query(
            "min_cost",
            "Only those that cost at least so many dollars.",
            json!({"type": "number"}),
        )
        .query(
            "max_cost",
            "Only those that cost at most so many dollars.",
            json!({"type": "number"}),
        )
        .query(
            "min_tokens",
            "Only those that spent at least so many tokens.",
            json!({"type": "number"}),
        )
        .query(
            "max_tokens",
            "Only those that spent at most so many tokens.",
            json!({"type": "number"}),
        )
        .between()
}

/// The parameters that select observations.
pub(super) fn selecting_observations(op: Operation) -> Operation {
    let kinds = one_of(&[
        "SPAN",
        "GENERATION",
        "EVENT",
        "EMBEDDING",
        "AGENT",
        "TOOL",
        "CHAIN",
        "RETRIEVER",
        "GUARDRAIL",
        "EVALUATOR",
    ]);
    op.filter("q", "Words in names, model, messages, input or output.")
        .filter("filter", FILTER)
        .filter("trace_id", "Only those of that trace.")
        .filter("parent_id", "Only those directly below that observation.")
        .query("type", "Only those of that kind.", kinds)
        .filter("name", "Only those of exactly that name.")
        .query(
            "level",
            "Only those of that level.",
            one_of(&["DEBUG", "DEFAULT", "WARNING", "ERROR"]),
        )
        .filter("model", "Only those of that model.")
        .filter("prompt_name", "Only those that used that prompt.")
        .filter("environment", "Only those of that deployment.")
        .filter("version", "Only those of that version of the traced code.")
        .filter("user_id", "Only those of that end user.")
        .filter("session_id", "Only those of that conversation.")
        .filter("trace_name", "Only those in traces of that name.")
        .filter("experiment_id", "Only those of that experiment.")
        .query(
            "root",
            "Only those where a trace begins, or only the others.",
            truth(),
        )
        .query(
            "min_latency",
            "Only those that took at least so many seconds.",
            json!({"type": "number"}),
        )
        .query(
            "max_latency",
            "Only those that took at most so many seconds.",
            json!({"type": "number"}),
        )
        .query(
            "min_cost",
            "Only those that cost at least so many dollars.",
            json!({"type": "number"}),
        )
        .query(
            "max_cost",
            "Only those that cost at most so many dollars.",
            json!({"type": "number"}),
        )
        .query(
            "tag",
            "Only those in traces with all of these tags; repeat it for more.",
            tags(),
        )
        .between()
}

/// The parameters that select scores.
pub(super) fn selecting_scores(op: Operation) -> Operation {
    op.filter("q", "Words in the name, the value or the comment.")
        .filter("filter", FILTER)
        .filter("trace_id", "Only those of that trace.")
        .filter("observation_id", "Only those of that observation.")
        .filter("session_id", "Only those of that conversation as a whole.")
        .filter("experiment_id", "Only those of that experiment as a whole.")
        .filter("name", "Only those of exactly that name.")
        .query(
            "source",
            "Only those that came from there.",
            one_of(&["API", "ANNOTATION", "EVAL"]),
        )
        .query(
            "data_type",
            "Only those of that type.",
            one_of(&["NUMERIC", "BOOLEAN", "CATEGORICAL", "TEXT", "CORRECTION"]),
        )
        .filter("environment", "Only those of that deployment.")
        .filter("user_id", "Only those on traces of that end user.")
        .filter("trace_name", "Only those on traces of that name.")
        .query(
            "min_value",
            "Only those of at least that value.",
            json!({"type": "number"}),
        )
        .query(
            "max_value",
            "Only those of at most that value.",
            json!({"type": "number"}),
        )
        .query(
            "tag",
            "Only those on traces with all of these tags; repeat it for more.",
            tags(),
        )
        .between()
}
