//! Scores, in three shapes.

use crate::query::{ScoreGroup, ScoreGroups};
use crate::show::{environment, object};
use assay_model::{Score, ScoreType, Timestamp, Trace};
use serde_json::{Value, json};

/// What a score's own record does not say.
#[derive(Debug, Clone, Copy, Default)]
pub struct ScoreContext<'a> {
    /// The project.
    pub project_id: &'a str,
    /// The trace that is scored, of which v2 shows some where it is known.
    pub trace: Option<&'a Trace>,
    /// When it was first stored.
    pub created_at: Option<Timestamp>,
    /// When it was last stored.
    pub updated_at: Option<Timestamp>,
}

/// The oldest shape, within traces. `None` for corrections and for scores of no trace, which it does not know, and for a
/// score without a value of its type: one such would make the clients refuse the whole trace.
#[must_use]
pub fn score_v1(score: &Score, c: &ScoreContext) -> Option<Value> {
    if score.data_type == ScoreType::Correction || score.trace_id.is_empty() {
        return None;
    }
    score_v2(score, &ScoreContext { trace: None, ..*c })
}

/// The shape of `GET /api/public/v2/scores`. `None` for a score without a value of its type.
#[must_use]
pub fn score_v2(score: &Score, c: &ScoreContext) -> Option<Value> {
    let (value, text) = valued_v2(score)?;
    let mut shown = json!({
        "id": score.id,
        "traceId": named(&score.trace_id),
        "observationId": score.observation_id,
        "sessionId": score.session_id,
        "datasetRunId": score.experiment_id,
        "name": score.name,
        "source": score.source,
        "dataType": score.data_type,
        "comment": score.comment,
        "configId": score.config_id,
        "queueId": score.queue_id,
        "authorUserId": score.author_id,
        "environment": environment(score.environment.as_deref()),
        "timestamp": score.timestamp,
        "createdAt": c.created_at.unwrap_or(score.timestamp),
        "updatedAt": c.updated_at.unwrap_or(score.timestamp),
        "metadata": object(&score.metadata),
    });
    let map = shown.as_object_mut()?;
    if let Some(value) = value {
        map.insert("value".to_owned(), json!(value));
    }
    if let Some(text) = text {
        map.insert("stringValue".to_owned(), json!(text));
    }
    if let Some(trace) = c.trace {
        let trace = json!({
            "userId": trace.user_id,
            "tags": trace.tags,
            "environment": environment(trace.environment.as_deref()),
        });
        map.insert("trace".to_owned(), trace);
    }
    Some(shown)
}

/// A number, and a text for all but numeric scores; texts have no number.
fn valued_v2(score: &Score) -> Option<(Option<f64>, Option<&str>)> {
    let text = score.string_value.as_deref();
    Some(match score.data_type {
        ScoreType::Numeric => (Some(score.value?), None),
        ScoreType::Boolean => {
            let value = score.value?;
            (
                Some(value),
                Some(if value == 0.0 { "False" } else { "True" }),
            )
        }
        ScoreType::Categorical => (Some(score.value.unwrap_or(0.0)), Some(text?)),
        ScoreType::Correction => (Some(0.0), Some(text?)),
        ScoreType::Text => (None, Some(text?)),
    })
}

/// The shape of `GET /api/public/v3/scores`, whose value is of the score's type. `None` for a score without one.
#[must_use]
pub fn score_v3(score: &Score, groups: &ScoreGroups, c: &ScoreContext) -> Option<Value> {
    let value = match score.data_type {
        ScoreType::Numeric => json!(score.value?),
        ScoreType::Boolean => json!(score.value? != 0.0),
        ScoreType::Categorical | ScoreType::Text | ScoreType::Correction => {
            json!(score.string_value.as_ref()?)
        }
    };
    let mut shown = json!({
        "id": score.id,
        "projectId": c.project_id,
        "name": score.name,
        "value": value,
        "dataType": score.data_type,
        "source": score.source,
        "timestamp": score.timestamp,
        "environment": environment(score.environment.as_deref()),
        "createdAt": c.created_at.unwrap_or(score.timestamp),
        "updatedAt": c.updated_at.unwrap_or(score.timestamp),
    });
    let map = shown.as_object_mut()?;
    if groups.has(ScoreGroup::Details) {
        map.insert("comment".to_owned(), json!(score.comment));
        map.insert("configId".to_owned(), json!(score.config_id));
        map.insert("metadata".to_owned(), object(&score.metadata));
    }
    if groups.has(ScoreGroup::Subject) {
        map.insert("subject".to_owned(), subject(score));
    }
    if groups.has(ScoreGroup::Annotation) {
        map.insert("authorUserId".to_owned(), json!(score.author_id));
        map.insert("queueId".to_owned(), json!(score.queue_id));
    }
    Some(shown)
}

/// What is scored: the narrowest that is named.
fn subject(score: &Score) -> Value {
    if let Some(id) = &score.observation_id {
        return json!({"kind": "observation", "id": id, "traceId": named(&score.trace_id)});
    }
    if let Some(id) = named(&score.trace_id) {
        return json!({"kind": "trace", "id": id});
    }
    if let Some(id) = &score.session_id {
        return json!({"kind": "session", "id": id});
    }
    match &score.experiment_id {
        Some(id) => json!({"kind": "experiment", "id": id}),
        None => Value::Null,
    }
}

fn named(id: &str) -> Option<&str> {
    Some(id).filter(|id| !id.is_empty())
}
