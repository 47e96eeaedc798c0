//! `POST /api/public/ingestion`: batches of events, by which older clients write everything and some newer ones scores.
//!
//! Events come in any order and more than once; an observation is what [`fold`] makes of all that was said of it.

mod fold;
mod observation;
mod trace;
mod usage;

pub use fold::fold;
pub use observation::ObservationPatch;

use crate::body::Body;
use crate::{Invalid, error_name, score};
use assay_model::{Score, Timestamp, Trace};
use observation::Verb;
use serde_json::{Value, json};
use std::collections::HashMap;

/// One event of a batch: what it says, or why it is refused.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// The id of the envelope, by which the client tells the answers apart; empty when it has none.
    pub id: String,
    /// What it says.
    pub outcome: Result<Event, EventError>,
}

/// What an event says.
#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    /// What is newly known of a trace.
    Trace(Trace),
    /// What is newly known of an observation.
    Observation(ObservationPatch),
    /// A score.
    Score(Score),
    /// A line of the client's own log: accepted, and of no use here.
    Log,
}

/// Why an event is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventError {
    /// As of HTTP. Clients drop an event on 4xx, and send the batch again on 429 and 5xx.
    pub status: u16,
    /// Which field is wrong and why, for a person.
    pub message: String,
    /// The kind of error.
    pub error: String,
}

impl EventError {
    /// An error of this HTTP status.
    #[must_use]
    pub fn new(status: u16, message: impl Into<String>) -> Self {
        Self {
            status,
            message: message.into(),
            error: error_name(status).to_owned(),
        }
    }
}

impl From<Invalid> for EventError {
    fn from(invalid: Invalid) -> Self {
        Self::new(400, invalid.to_string())
    }
}

/// Reads the body of a request, in the order of its events. A wrong event is refused alone.
///
/// An observation without `traceId` belongs to the trace that another event of the batch names for it, else to one with
/// the observation's own id, as in Langfuse.
///
/// # Errors
/// When the body is no object with a list `batch`.
pub fn parse(body: Value) -> Result<Vec<Entry>, Invalid> {
    let Some(Value::Array(batch)) = Body::new("body", body)?.value("batch") else {
        return Err(Invalid::new("batch", "must be a list of events"));
    };
    let mut entries: Vec<Entry> = batch.into_iter().map(entry).collect();
    let mut traces = HashMap::new();
    for patch in observations(&mut entries) {
        if !patch.trace_id.is_empty() {
            traces.insert(patch.id.clone(), patch.trace_id.clone());
        }
    }
    for patch in observations(&mut entries) {
        if patch.trace_id.is_empty() {
            let named = traces.get(&patch.id);
            patch.trace_id = named.unwrap_or(&patch.id).clone();
        }
    }
    Ok(entries)
}

fn observations(entries: &mut [Entry]) -> impl Iterator<Item = &mut ObservationPatch> {
    entries.iter_mut().filter_map(|e| match &mut e.outcome {
        Ok(Event::Observation(patch)) => Some(patch),
        _ => None,
    })
}

fn entry(envelope: Value) -> Entry {
    let id = envelope.get("id").and_then(Value::as_str);
    Entry {
        id: id.unwrap_or_default().to_owned(),
        outcome: event(envelope).map_err(EventError::from),
    }
}

fn event(envelope: Value) -> Result<Event, Invalid> {
    let mut envelope = Body::new("event", envelope)?;
    let id = envelope
        .id("id")?
        .ok_or_else(|| Invalid::new("id", "is missing"))?;
    let at = envelope
        .time("timestamp")?
        .ok_or_else(|| Invalid::new("timestamp", "is missing"))?;
    let kind = envelope
        .text("type")?
        .ok_or_else(|| Invalid::new("type", "is missing"))?;
    let body = envelope.value("body").unwrap_or_default();
    match kind.as_str() {
        "trace-create" => trace::read(id, at, Body::new("body", body)?).map(Event::Trace),
        "score-create" => scored(id, at, body).map(Event::Score),
        "sdk-log" => Body::new("body", body).map(|_| Event::Log),
        kind => {
            let verb = Verb::parse(kind)
                .ok_or_else(|| Invalid::new("type", format!("`{kind}` is not known")))?;
            let body = Body::new("body", body)?;
            observation::read(id, at, verb, body).map(Event::Observation)
        }
    }
}

/// A score without an id gets that of its envelope, so that a batch that is sent again replaces it.
fn scored(id: String, at: Timestamp, body: Value) -> Result<Score, Invalid> {
    let mut score = score::parse_score(body)?;
    if score.id.is_empty() {
        score.id = id;
    }
    if score.timestamp == Timestamp::default() {
        score.timestamp = at;
    }
    Ok(score)
}

/// The body of the answer, whose status is 207 whatever became of the events.
#[must_use]
pub fn response(entries: &[Entry]) -> Value {
    let mut successes = Vec::new();
    let mut errors = Vec::new();
    for entry in entries {
        match &entry.outcome {
            Ok(_) => successes.push(json!({"id": entry.id, "status": 201})),
            Err(e) => errors.push(json!({
                "id": entry.id,
                "status": e.status,
                "message": e.message,
                "error": e.error,
            })),
        }
    }
    json!({"successes": successes, "errors": errors})
}
