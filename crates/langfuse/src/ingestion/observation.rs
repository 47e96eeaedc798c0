//! What an event says of an observation.

use crate::Invalid;
use crate::body::Body;
use crate::ingestion::usage::{self, Spent};
use assay_model::{Level, ObservationType, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

/// What one event says of an observation.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ObservationPatch {
    /// The trace it belongs to.
    pub trace_id: String,
    /// The observation.
    pub id: String,
    /// The envelope's id; the same event again changes nothing.
    pub event_id: String,
    /// The envelope's time: later patches win.
    pub at: Timestamp,
    /// Whether the event begins the observation, rather than adding to it.
    pub create: bool,
    /// What the event names, in the shape in which [`assay_model::Observation`] is serialised. Nothing in it is null.
    pub fields: Map<String, Value>,
}

/// What an event does: its type, taken apart.
pub(crate) struct Verb {
    /// The type of the observation, where the event's own type says it.
    kind: Option<ObservationType>,
    create: bool,
}

impl Verb {
    /// `None` for what is no event of an observation.
    pub(crate) fn parse(event: &str) -> Option<Self> {
        let (noun, verb) = event.rsplit_once('-')?;
        let create = match verb {
            "create" => true,
            "update" => false,
            _ => return None,
        };
        let kind = match noun {
            "observation" => None,
            noun if noun.bytes().all(|b| b.is_ascii_lowercase()) => Some(kind(noun)?),
            _ => return None,
        };
        Some(Self { kind, create })
    }
}

fn kind(text: &str) -> Option<ObservationType> {
    serde_json::from_value(Value::String(text.to_uppercase())).ok()
}

fn level(text: &str) -> Option<Level> {
    serde_json::from_value(Value::String(text.to_uppercase())).ok()
}

/// `event` and `at` are the envelope's. An observation that begins without an id gets the envelope's.
pub(crate) fn read(
    event: String,
    at: Timestamp,
    verb: Verb,
    mut body: Body,
) -> Result<ObservationPatch, Invalid> {
    let id = match body.id("id")? {
        Some(id) => id,
        None if verb.create => event.clone(),
        None => return Err(Invalid::new("id", "is missing")),
    };
    Ok(ObservationPatch {
        trace_id: body.id("traceId")?.unwrap_or_default(),
        id,
        event_id: event,
        at,
        create: verb.create,
        fields: fields(&verb, &mut body)?,
    })
}

fn text(body: &mut Body, field: &str) -> Result<Option<Value>, Invalid> {
    Ok(body.text(field)?.map(Value::String))
}

fn time(body: &mut Body, field: &str) -> Result<Option<Value>, Invalid> {
    Ok(body.time(field)?.map(|t| json!(t)))
}

fn fields(verb: &Verb, body: &mut Body) -> Result<Map<String, Value>, Invalid> {
    let mut named = Map::new();
    let mut put = |field: &str, value: Option<Value>| {
        if let Some(value) = value {
            named.insert(field.to_owned(), value);
        }
    };
    put("type", kind_of(verb, body)?.map(|k| json!(k)));
    put("level", level_of(body)?.map(|l| json!(l)));
    put(
        "parent_id",
        body.id("parentObservationId")?.map(Value::String),
    );
    put("name", text(body, "name")?);
    put("start_time", time(body, "startTime")?);
    put("end_time", time(body, "endTime")?);
    put("completion_start_time", time(body, "completionStartTime")?);
    put("status_message", text(body, "statusMessage")?);
    put("input", body.value("input"));
    put("output", body.value("output"));
    put("model", text(body, "model")?);
    put("model_parameters", body.object("modelParameters")?);
    put("prompt_name", text(body, "promptName")?);
    put(
        "prompt_version",
        body.integer("promptVersion")?.map(Value::from),
    );
    put("version", text(body, "version")?);
    put("environment", body.environment()?.map(Value::String));
    put("metadata", body.metadata());
    let Spent { usage, cost } = usage::read(body)?;
    put("usage_details", (!usage.is_empty()).then(|| json!(usage)));
    put("cost_details", (!cost.is_empty()).then(|| json!(cost)));
    Ok(named)
}

/// `span-update` is what clients send for observations of other types too, so it says nothing of the type.
fn kind_of(verb: &Verb, body: &mut Body) -> Result<Option<ObservationType>, Invalid> {
    if verb.kind.is_some() {
        let silent = !verb.create && verb.kind == Some(ObservationType::Span);
        return Ok(verb.kind.filter(|_| !silent));
    }
    let Some(text) = body.text("type")? else {
        return Ok(None);
    };
    kind(&text)
        .map(Some)
        .ok_or_else(|| Invalid::new("type", format!("`{text}` is no type of an observation")))
}

fn level_of(body: &mut Body) -> Result<Option<Level>, Invalid> {
    let Some(text) = body.text("level")? else {
        return Ok(None);
    };
    level(&text)
        .map(Some)
        .ok_or_else(|| Invalid::new("level", "must be DEBUG, DEFAULT, WARNING or ERROR"))
}
