//! Traces.

use crate::query::{TraceGroup, TraceGroups};
use crate::show::{environment, object, parsed};
use assay_model::{Observation, Timestamp, Trace};
use serde_json::{Value, json};

/// What a trace's own record does not say.
#[derive(Debug, Clone, Copy, Default)]
pub struct TraceContext<'a> {
    /// The project.
    pub project_id: &'a str,
    /// Its observations, for [`trace_row`].
    pub observation_ids: &'a [String],
    /// Its scores, for [`trace_row`].
    pub score_ids: &'a [String],
    /// From the earliest start to the latest end, in seconds.
    pub latency_seconds: Option<f64>,
    /// The sum over its observations, in US dollars.
    pub total_cost: Option<f64>,
    /// Where it begins; its name, input, output and environment stand in where the trace names none.
    pub root: Option<&'a Observation>,
    /// When it was first stored.
    pub created_at: Option<Timestamp>,
    /// When it was last stored.
    pub updated_at: Option<Timestamp>,
}

/// A trace as in a list, with the ids of its observations and scores.
#[must_use]
pub fn trace_row(trace: &Trace, c: &TraceContext) -> Value {
    shown(trace, c, json!(c.observation_ids), json!(c.score_ids))
}

/// A trace alone, with its observations as of [`crate::show::observation_v1`] and scores as of
/// [`crate::show::score_v1`].
#[must_use]
pub fn trace_single(
    trace: &Trace,
    c: &TraceContext,
    observations: Vec<Value>,
    scores: Vec<Value>,
) -> Value {
    shown(trace, c, Value::Array(observations), Value::Array(scores))
}

fn shown(trace: &Trace, c: &TraceContext, observations: Value, scores: Value) -> Value {
    let side = |own: &Value, root: fn(&Observation) -> &Value| match (own, c.root) {
        (Value::Null, Some(observation)) => parsed(root(observation)),
        (own, _) => parsed(own),
    };
    let root_name = c.root.map(|o| o.name.as_str()).filter(|n| !n.is_empty());
    let root_environment = c.root.and_then(|o| o.environment.as_deref());
    json!({
        "id": trace.id,
        "timestamp": trace.timestamp,
        "name": trace.name.as_deref().or(root_name),
        "input": side(&trace.input, |o| &o.input),
        "output": side(&trace.output, |o| &o.output),
        "sessionId": trace.session_id,
        "userId": trace.user_id,
        "release": trace.release,
        "version": trace.version,
        "metadata": object(&trace.metadata),
        "tags": trace.tags,
        "public": trace.public.unwrap_or_default(),
        "environment": environment(trace.environment.as_deref().or(root_environment)),
        "htmlPath": format!("/project/{}/traces/{}", c.project_id, trace.id),
        "createdAt": c.created_at.unwrap_or(trace.timestamp),
        "updatedAt": c.updated_at.unwrap_or(trace.timestamp),
        "projectId": c.project_id,
        "externalId": null,
        "bookmarked": false,
        "latency": c.latency_seconds,
        "totalCost": c.total_cost,
        "observations": observations,
        "scores": scores,
    })
}

/// Cuts a trace down to the groups that a client asks for. Observations and scores that are not asked for are empty
/// lists, and metrics are -1, as in Langfuse.
#[must_use]
pub fn select_trace(mut trace: Value, groups: &TraceGroups) -> Value {
    let Some(map) = trace.as_object_mut() else {
        return trace;
    };
    if !groups.has(TraceGroup::Io) {
        for field in ["input", "output", "metadata"] {
            map.remove(field);
        }
    }
    for (group, field) in [
        (TraceGroup::Observations, "observations"),
        (TraceGroup::Scores, "scores"),
    ] {
        if !groups.has(group) {
            map.insert(field.to_owned(), json!([]));
        }
    }
    if !groups.has(TraceGroup::Metrics) {
        for field in ["latency", "totalCost"] {
            map.insert(field.to_owned(), json!(-1));
        }
    }
    trace
}
