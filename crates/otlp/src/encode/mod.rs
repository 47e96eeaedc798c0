//! A batch as it is stored, on its way to another platform: the inverse of [`crate::map`].
//!
//! Each observation becomes one span that says what it is three times: in OpenTelemetry's GenAI conventions, in
//! OpenInference, which Phoenix reads, and in Langfuse's attributes, so that each of them shows it as its own. What a
//! trace knows as a whole rides on the first span of the trace. What none of the conventions can say, such as an id that
//! is not hex, is said in attributes of our own ([`crate::own`]): what this platform sends it reads back as it was.

mod bag;
mod genai;
mod langfuse;
mod messages;
mod openinference;
mod scores;
mod span;

use crate::own;
use crate::proto::{Resource, ResourceSpans, Scope, ScopeSpans, Span, TracesRequest};
use crate::value::any;
use assay_model::{Batch, Observation, Score, Trace};
use prost::Message as _;
use serde_json::{Map, Value};
use std::collections::{BTreeMap, HashMap, HashSet};

/// Contents of more bytes are sent once, under the names that all of the others read as well.
pub(crate) const LARGE: usize = 64 << 10;
/// Who made a span, where its observation does not tell.
const SERVICE: &str = "assay";

/// What an encoding depends on besides the batch.
#[derive(Debug, Clone, Copy, Default)]
pub struct EncodeContext<'a> {
    /// Phoenix's project.
    pub project: Option<&'a str>,
}

/// The observations of a batch as spans, with what the batch says of their traces, and their scores as events. A trace or
/// a score without an observation in the batch is not sent: the protocol has no place for it.
#[must_use]
pub fn encode(batch: &Batch, ctx: EncodeContext<'_>) -> TracesRequest {
    let traces: HashMap<&str, &Trace> = batch.traces.iter().map(|t| (t.id.as_str(), t)).collect();
    let scores = scores::by_observation(batch);
    let mut told = HashSet::new();
    let mut resources: BTreeMap<String, (Resource, Vec<Span>)> = BTreeMap::new();
    for observation in &batch.observations {
        let id = observation.trace_id.as_str();
        let stored = span::Stored {
            observation,
            trace: traces.get(id).copied(),
            first: told.insert(id),
            scores: scores_of(&scores, observation),
        };
        let resource = resource(observation, ctx);
        let key = resource_key(&resource);
        let (_, spans) = resources
            .entry(key)
            .or_insert_with(|| (resource, Vec::new()));
        spans.push(stored.span());
    }
    let resource_spans = resources
        .into_values()
        .map(|(resource, spans)| ResourceSpans {
            resource: Some(resource),
            scope_spans: vec![ScopeSpans {
                scope: Some(scope()),
                spans,
            }],
        })
        .collect();
    TracesRequest { resource_spans }
}

/// The bytes of a request, in protobuf.
#[must_use]
pub fn to_protobuf(request: &TracesRequest) -> Vec<u8> {
    request.encode_to_vec()
}

fn scores_of<'a>(
    scores: &HashMap<(&str, &str), Vec<&'a Score>>,
    o: &Observation,
) -> Vec<&'a Score> {
    let key = (o.trace_id.as_str(), o.id.as_str());
    scores.get(&key).cloned().unwrap_or_default()
}

fn scope() -> Scope {
    Scope {
        name: own::SCOPE.to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        attributes: Vec::new(),
    }
}

/// The process that made the observation, as far as its metadata tells.
fn resource(o: &Observation, ctx: EncodeContext<'_>) -> Resource {
    let known = o.metadata.get("resource_attributes");
    let mut all: Map<String, Value> = known
        .and_then(Value::as_object)
        .cloned()
        .unwrap_or_default();
    all.entry("service.name").or_insert_with(|| SERVICE.into());
    if let Some(project) = ctx.project {
        all.insert("openinference.project.name".to_owned(), project.into());
    }
    let attributes = all
        .into_iter()
        .map(|(key, value)| bag::attribute(key, any(value)))
        .collect();
    Resource { attributes }
}

/// Equal of equal resources.
fn resource_key(resource: &Resource) -> String {
    hex::encode(resource.encode_to_vec())
}
