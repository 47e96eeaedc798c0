//! Spans to observations and traces.

use crate::attributes::{Attributes, object, parsed, weight, within};
use crate::proto::{Event, Link, Resource, Scope, Span, TracesRequest};
use crate::trace::{self, Traces};
use crate::{Limits, content, model};
use assay_model::{Batch, Level, Observation, Timestamp};
use serde_json::{Map, Value, json};

/// What the mapping depends on besides the spans.
#[derive(Debug, Clone, Default)]
pub struct MapContext {
    /// `x-langfuse-sdk-name`.
    pub sdk_name: Option<String>,
    /// `x-langfuse-sdk-version`.
    pub sdk_version: Option<String>,
    /// When the request arrived: the start of spans that give none.
    pub received_at: Timestamp,
    /// How much is accepted.
    pub limits: Limits,
}

impl MapContext {
    /// Langfuse's Python SDK encodes every metadata value as JSON from its major version 5 on, strings too. Its name
    /// must be asked for as well: the JavaScript SDK has a version 5 that does not.
    fn encodes_metadata(&self) -> bool {
        let python = self
            .sdk_name
            .as_deref()
            .is_some_and(|name| name.eq_ignore_ascii_case("python"));
        let major = self
            .sdk_version
            .as_deref()
            .and_then(|v| v.split('.').next()?.trim().parse::<u32>().ok());
        python && major.is_some_and(|major| major >= 5)
    }
}

/// A span that is not kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rejected {
    /// Which span of the request, from 0, in the order of the body.
    pub index: usize,
    /// Its id in hex as far as it has one, shortened.
    pub span_id: String,
    /// Why, for a person.
    pub reason: String,
}

/// What comes of a request.
#[derive(Debug, Clone, Default)]
pub struct Mapped {
    /// What to store. Keyed by (trace, span): a repeated request replaces itself.
    pub batch: Batch,
    /// What is not stored.
    pub rejected: Vec<Rejected>,
}

impl Mapped {
    /// One line on what was rejected, for the exporter; empty when nothing was.
    #[must_use]
    pub fn rejection(&self) -> String {
        let mut text: Vec<String> = self
            .rejected
            .iter()
            .take(5)
            .map(|r| format!("span {} ({}): {}", r.index, r.span_id, r.reason))
            .collect();
        if self.rejected.len() > text.len() {
            text.push(format!("and {} more", self.rejected.len() - text.len()));
        }
        text.join("; ")
    }
}

/// Attributes of resource and scope are copied onto each span: how many bytes of them.
const SHARED_BYTES: usize = 4096;

/// What the spans of one scope share.
struct Shared {
    resource: Attributes,
    resource_json: Value,
    scope_json: Value,
}

/// Maps the spans of a request. Never fails: a span that cannot be kept is in [`Mapped::rejected`].
#[must_use]
pub fn map(request: TracesRequest, ctx: &MapContext) -> Mapped {
    let mut mapped = Mapped::default();
    let mut traces = Traces::default();
    let mut index = 0;
    for resource_spans in request.resource_spans {
        let list = resource_spans
            .resource
            .map(|Resource { attributes }| attributes)
            .unwrap_or_default();
        let (kept, cut) = within(list, SHARED_BYTES);
        let mut resource_json = object(kept.clone());
        if cut {
            resource_json.insert("assay.truncated".to_owned(), Value::Bool(true));
        }
        let mut shared = Shared {
            resource: Attributes::new(kept),
            resource_json: Value::Object(resource_json),
            scope_json: Value::Null,
        };
        for scope_spans in resource_spans.scope_spans {
            shared.scope_json = scope(scope_spans.scope);
            for span in scope_spans.spans {
                let span_id = hex::encode(span.span_id.get(..8).unwrap_or(&span.span_id));
                match check(&span, index, &ctx.limits) {
                    Ok(()) => {
                        let (observation, word) = observation(span, &shared, ctx);
                        traces.add(word, &observation);
                        mapped.batch.observations.push(observation);
                    }
                    Err(reason) => mapped.rejected.push(Rejected {
                        index,
                        span_id,
                        reason,
                    }),
                }
                index += 1;
            }
        }
    }
    mapped.batch.traces = traces.into_vec();
    mapped
}

fn scope(scope: Option<Scope>) -> Value {
    let Some(scope) = scope else {
        return Value::Null;
    };
    if scope == Scope::default() {
        return Value::Null;
    }
    let (kept, _) = within(scope.attributes, SHARED_BYTES);
    let short = |text: String| -> String { text.chars().take(200).collect() };
    let mut json = json!({ "name": short(scope.name), "version": short(scope.version) });
    if let (false, Value::Object(map)) = (kept.is_empty(), &mut json) {
        map.insert("attributes".to_owned(), Value::Object(object(kept)));
    }
    json
}

fn check(span: &Span, index: usize, limits: &Limits) -> Result<(), String> {
    let zero = |id: &[u8]| id.iter().all(|byte| *byte == 0);
    if index >= limits.max_spans {
        return Err(format!(
            "the request has more than {} spans",
            limits.max_spans
        ));
    }
    if span.trace_id.len() != 16 || zero(&span.trace_id) {
        return Err("the trace id must be 16 bytes, not all zero".to_owned());
    }
    if span.span_id.len() != 8 || zero(&span.span_id) {
        return Err("the span id must be 8 bytes, not all zero".to_owned());
    }
    if !matches!(span.parent_span_id.len(), 0 | 8) {
        return Err("the parent span id must be 8 bytes or absent".to_owned());
    }
    let bytes = weight(&span.attributes)
        + span
            .events
            .iter()
            .map(|e| e.name.len() + weight(&e.attributes))
            .sum::<usize>()
        + span
            .links
            .iter()
            .map(|l| weight(&l.attributes))
            .sum::<usize>();
    if bytes > limits.max_attribute_bytes {
        return Err(format!(
            "the span has {bytes} bytes of attributes, more than {}",
            limits.max_attribute_bytes
        ));
    }
    Ok(())
}

fn micros(nanos: u64) -> Timestamp {
    Timestamp::from_micros(i64::try_from(nanos / 1000).unwrap_or(i64::MAX))
}

fn observation(span: Span, shared: &Shared, ctx: &MapContext) -> (Observation, trace::Word) {
    let encoded = ctx.encodes_metadata();
    let mut a = Attributes::new(span.attributes);
    let mut events = span.events;

    let word = trace::word(&mut a, &shared.resource, encoded);
    let kind = model::kind(&a);
    let name = name(&mut a, span.name);
    let (input, output) = content::content(&mut a, &mut events);
    let usage_details = model::usage_details(&mut a);
    let cost_details = model::cost_details(&mut a);
    let status = span.status.unwrap_or_default();
    let level = a
        .take("langfuse.observation.level")
        .as_ref()
        .and_then(level_of);
    let failed = status.code == 2;

    let o = Observation {
        id: hex::encode(&span.span_id),
        trace_id: hex::encode(&span.trace_id),
        parent_id: span
            .parent_span_id
            .iter()
            .any(|byte| *byte != 0)
            .then(|| hex::encode(&span.parent_span_id)),
        kind,
        name,
        start_time: match (span.start_time_unix_nano, span.end_time_unix_nano) {
            (0, 0) => ctx.received_at,
            (0, end) => micros(end),
            (start, _) => micros(start),
        },
        end_time: (span.end_time_unix_nano != 0).then(|| micros(span.end_time_unix_nano)),
        level: level.unwrap_or(if failed { Level::Error } else { Level::Default }),
        status_message: a
            .take_text(&["langfuse.observation.status_message"])
            .or_else(|| Some(status.message).filter(|m| !m.is_empty()))
            .or_else(|| if failed { exception(&events) } else { None }),
        input,
        output,
        model: model::model(&mut a),
        model_parameters: model::parameters(&mut a),
        usage: model::usage(&usage_details),
        cost_usd: model::cost(&cost_details),
        metadata: Value::Null,
    };
    let metadata = metadata(
        a,
        shared,
        encoded,
        Rest {
            usage_details,
            cost_details,
            events,
            links: span.links,
            word: &word,
        },
    );
    (Observation { metadata, ..o }, word)
}

fn name(a: &mut Attributes, span_name: String) -> String {
    // The tool's name stays readable under its own key: it says more than how the observation is called.
    let tool = a.text("gen_ai.tool.name").map(ToOwned::to_owned);
    let name = tool
        .or_else(|| a.take_text(&["logfire.msg", "ai.toolCall.name"]))
        .unwrap_or_else(
            || match (a.text("ai.operationId"), a.text("ai.telemetry.functionId")) {
                (Some(operation), Some(function)) => format!("{function}:{operation}"),
                (Some(operation), None) => operation.to_owned(),
                _ => span_name,
            },
        );
    if name.is_empty() {
        "unnamed".to_owned()
    } else {
        name
    }
}

fn level_of(value: &Value) -> Option<Level> {
    match value.as_str()?.to_ascii_uppercase().as_str() {
        "DEBUG" => Some(Level::Debug),
        "DEFAULT" => Some(Level::Default),
        "WARNING" => Some(Level::Warning),
        "ERROR" => Some(Level::Error),
        _ => None,
    }
}

/// The message of the last recorded exception.
fn exception(events: &[Event]) -> Option<String> {
    let event = events.iter().rev().find(|e| e.name == "exception")?;
    Attributes::new(event.attributes.clone()).take_text(&["exception.message", "exception.type"])
}

/// What has no field of its own.
struct Rest<'a> {
    usage_details: Map<String, Value>,
    cost_details: Map<String, Value>,
    events: Vec<Event>,
    links: Vec<Link>,
    word: &'a trace::Word,
}

/// The client's own metadata at the top, the rest under the reserved names below.
fn metadata(mut a: Attributes, shared: &Shared, encoded: bool, rest: Rest<'_>) -> Value {
    let mut m = Map::new();
    for key in ["langfuse.observation.metadata", "metadata"] {
        match a.take(key).map(parsed) {
            Some(Value::Object(map)) => m.extend(map),
            Some(other) => drop(m.insert("metadata".to_owned(), other)),
            None => {}
        }
    }
    for prefix in ["langfuse.observation.metadata.", "langfuse.metadata."] {
        for (key, value) in a.take_prefix(prefix) {
            m.insert(key, if encoded { parsed(value) } else { value });
        }
    }
    let mut put = |key: &str, value: Value| {
        if !value.is_null() {
            m.insert(key.to_owned(), value);
        }
    };
    put(
        "prompt_name",
        a.take("langfuse.observation.prompt.name")
            .unwrap_or_default(),
    );
    put(
        "prompt_version",
        a.take("langfuse.observation.prompt.version")
            .map(parsed)
            .unwrap_or_default(),
    );
    // A JSON text within a text: `"\"2026-…Z\""`.
    put(
        "completion_start_time",
        a.take("langfuse.observation.completion_start_time")
            .map(parsed)
            .unwrap_or_default(),
    );
    put(
        "version",
        rest.word.version.clone().map_or(Value::Null, Value::String),
    );
    let filled = |map: Map<String, Value>| {
        if map.is_empty() {
            Value::Null
        } else {
            Value::Object(map)
        }
    };
    put("usage_details", filled(rest.usage_details));
    put("cost_details", filled(rest.cost_details));
    let events: Vec<Value> = rest
        .events
        .into_iter()
        .map(|e| json!({ "name": e.name, "time": micros(e.time_unix_nano), "attributes": object(e.attributes) }))
        .collect();
    let links: Vec<Value> = rest
        .links
        .into_iter()
        .map(|l| {
            json!({ "trace_id": hex::encode(l.trace_id), "span_id": hex::encode(l.span_id),
                    "attributes": object(l.attributes) })
        })
        .collect();
    let listed = |list: Vec<Value>| {
        if list.is_empty() {
            Value::Null
        } else {
            Value::Array(list)
        }
    };
    put("events", listed(events));
    put("links", listed(links));
    put("attributes", filled(a.into_rest()));
    put(
        "resource_attributes",
        if shared.resource_json == json!({}) {
            Value::Null
        } else {
            shared.resource_json.clone()
        },
    );
    put("scope", shared.scope_json.clone());
    filled(m)
}
