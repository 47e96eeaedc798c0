//! Traces out.

use crate::examples::{self, with};
use crate::operation::Access::Needs;
use crate::operation::{Make, Operation, Part};
use crate::types::TraceDetail;
use assay_access::Permission::{ScoresWrite, TracesRead, TracesWrite};
use assay_model::schema::NAME;
use assay_model::{Observation, Score, Trace};
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
    let tags = json!({"type": "array", "items": {"type": "string"}, "maxItems": 10});
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
    vec![
        traces
            .op("list_traces", "GET", "/api/v1/traces", Needs(TracesRead), 200, "List traces, newest first")
            .page::<Trace>(examples::trace())
            .filter("name", "Only those of exactly that name.")
            .filter("user_id", "Only those of that end user.")
            .filter("session_id", "Only those of that conversation.")
            .query("tag", "Only those with all of these tags; repeat it for more.", tags)
            .filter("environment", "Only those of that deployment.")
            .between(),
        traces
            .op("get_trace", "GET", "/api/v1/traces/{id}", Needs(TracesRead), 200, "Get a trace with its observations and scores")
            .answer::<TraceDetail>(with(examples::trace(), json!({
                "latency_ms": 850, "total_cost_usd": 0.0001, "usage": {"input": 12, "output": 5}, "observation_count": 1,
                "observations": [examples::observation()], "scores": [examples::score()], "truncated": false,
            })))
            .without(422),
        traces
            .op("delete_trace", "DELETE", "/api/v1/traces/{id}", Needs(TracesWrite), 204, "Delete a trace with its observations and scores")
            .without(422),
        observations
            .op("list_observations", "GET", "/api/v1/observations", Needs(TracesRead), 200, "List observations, newest first")
            .page::<Observation>(examples::observation())
            .filter("trace_id", "Only those of that trace.")
            .query("type", "Only those of that kind.", kinds)
            .filter("name", "Only those of exactly that name.")
            .query("level", "Only those of that level.", one_of(&["DEBUG", "DEFAULT", "WARNING", "ERROR"]))
            .between(),
        scores
            .op("list_scores", "GET", "/api/v1/scores", Needs(TracesRead), 200, "List scores, newest first")
            .page::<Score>(examples::score())
            .filter("trace_id", "Only those of that trace.")
            .filter("observation_id", "Only those of that observation.")
            .filter("name", "Only those of exactly that name.")
            .query("source", "Only those that came from there.", one_of(&["API", "ANNOTATION", "EVAL"]))
            .query("data_type", "Only those of that type.", one_of(&["NUMERIC", "BOOLEAN", "CATEGORICAL", "TEXT"]))
            .between(),
        scores
            .op("put_score", "POST", "/api/v1/scores", Needs(ScoresWrite), 200, "Give a score, or replace the one with its id")
            .about("The trace may arrive later. Without an id it is a new score; without a timestamp it is given now.")
            .body_as(given_score(), json!({
                "trace_id": examples::TRACE, "name": "helpful", "data_type": "NUMERIC", "value": 1.0, "comment": "Answered at once",
            }))
            .answer::<Score>(examples::score()),
    ]
}
