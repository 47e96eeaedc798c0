//! One observation as a span.

use super::bag::{Bag, attribute, content};
use super::{LARGE, genai, langfuse, openinference, scores};
use crate::id;
use crate::own;
use crate::proto::{Event, KeyValue, Link, Span, Status};
use crate::value::any;
use assay_model::{Level, Observation, ObservationType, Score, Timestamp, Trace};
use serde_json::{Map, Value, json};

/// Most events, and most links, that are sent again with a span.
const MAX_EVENTS: usize = 128;

/// An observation with what is known around it.
pub(super) struct Stored<'a> {
    pub(super) observation: &'a Observation,
    pub(super) trace: Option<&'a Trace>,
    /// Whether this span speaks for the trace.
    pub(super) first: bool,
    pub(super) scores: Vec<&'a Score>,
}

/// What our own attributes say: which texts are JSON, and what is otherwise in the store than the others are told.
#[derive(Default)]
pub(super) struct Own {
    pub(super) json: Vec<String>,
    pub(super) stored: Map<String, Value>,
}

impl Own {
    /// Notes that the field is another one here.
    pub(super) fn stored(&mut self, field: &str, value: Value) {
        self.stored.insert(field.to_owned(), value);
    }

    /// Notes that the text of the field is JSON.
    pub(super) fn is_json(&mut self, field: &str) {
        self.json.push(field.to_owned());
    }
}

/// What goes in and comes out, as text.
pub(super) struct Contents {
    pub(super) input: Option<(String, bool)>,
    pub(super) output: Option<(String, bool)>,
    /// Whether either is too large to be sent more than once.
    pub(super) large: bool,
}

impl Stored<'_> {
    /// The span.
    pub(super) fn span(&self) -> Span {
        let o = self.observation;
        let (mut bag, mut own) = (Bag::default(), Own::default());
        let (trace_id, span_id, parent_span_id) = ids(o, &mut own);
        let contents = Contents::of(o);
        langfuse::observation(&mut bag, o, &contents, &mut own);
        langfuse::trace(&mut bag, self, &mut own);
        genai::observation(&mut bag, o, &contents);
        genai::trace(&mut bag, self);
        openinference::observation(&mut bag, o, &contents);
        openinference::trace(&mut bag, self);
        let start = nanos(o.start_time);
        let end = match o.end_time {
            Some(end) => nanos(end),
            None => {
                // A span has an end, and a viewer that finds none makes one up far away.
                own.stored("end_time", Value::Null);
                start
            }
        };
        bag.texts(own::JSON, &own.json);
        bag.json(own::STORED, &Value::Object(own.stored));
        // What the client sent and no field of ours holds goes on as it came.
        if let Some(rest) = o.metadata.get("attributes").and_then(Value::as_object) {
            bag.beside(rest);
        }
        let mut events = events(&o.metadata);
        events.extend(self.scores.iter().map(|score| scores::event(score)));
        Span {
            trace_id,
            span_id,
            parent_span_id,
            name: o.name.clone(),
            kind: kind(o.kind),
            start_time_unix_nano: start,
            end_time_unix_nano: end,
            attributes: bag.into_list(),
            events,
            links: links(&o.metadata),
            status: Some(status(o)),
        }
    }
}

impl Contents {
    fn of(o: &Observation) -> Self {
        let (input, output) = (content(&o.input), content(&o.output));
        let large = [&input, &output]
            .iter()
            .any(|side| side.as_ref().is_some_and(|(text, _)| text.len() > LARGE));
        Self {
            input,
            output,
            large,
        }
    }
}

/// The ids of trace, span and parent. One that the wire cannot carry is a digest there, and kept beside it.
fn ids(o: &Observation, own: &mut Own) -> (Vec<u8>, Vec<u8>, Vec<u8>) {
    let (trace, digested) = id::trace_bytes(&o.trace_id);
    if digested {
        own.stored("trace_id", json!(o.trace_id));
    }
    let (span, digested) = id::span_bytes(&o.trace_id, &o.id);
    if digested {
        own.stored("id", json!(o.id));
    }
    let Some(parent) = &o.parent_id else {
        return (trace, span, Vec::new());
    };
    let (parent_bytes, digested) = id::span_bytes(&o.trace_id, parent);
    if digested {
        own.stored("parent_id", json!(parent));
    }
    (trace, span, parent_bytes)
}

fn nanos(at: Timestamp) -> u64 {
    u64::try_from(at.micros())
        .unwrap_or_default()
        .saturating_mul(1000)
}

/// `SpanKind`: a call of another process, or work within.
const fn kind(of: ObservationType) -> i32 {
    match of {
        ObservationType::Generation | ObservationType::Embedding | ObservationType::Retriever => 3,
        _ => 1,
    }
}

fn status(o: &Observation) -> Status {
    if o.level == Level::Error {
        Status {
            message: o.status_message.clone().unwrap_or_default(),
            code: 2,
        }
    } else {
        Status {
            message: String::new(),
            code: i32::from(o.end_time.is_some()),
        }
    }
}

fn listed<'a>(metadata: &'a Value, key: &str) -> impl Iterator<Item = &'a Value> {
    let list = metadata.get(key).and_then(Value::as_array);
    list.into_iter().flatten().take(MAX_EVENTS)
}

fn attributes(of: &Value) -> Vec<KeyValue> {
    let map = of.get("attributes").and_then(Value::as_object);
    let all = map.into_iter().flatten();
    all.map(|(key, value)| attribute(key.clone(), any(value.clone())))
        .collect()
}

fn events(metadata: &Value) -> Vec<Event> {
    listed(metadata, "events")
        .filter_map(|event| {
            let at = Timestamp::parse(event.get("time")?.as_str()?).ok()?;
            Some(Event {
                time_unix_nano: nanos(at),
                name: event.get("name")?.as_str()?.to_owned(),
                attributes: attributes(event),
            })
        })
        .collect()
}

fn links(metadata: &Value) -> Vec<Link> {
    listed(metadata, "links")
        .filter_map(|link| {
            let id = |key: &str, bytes: usize| {
                let id = hex::decode(link.get(key)?.as_str()?).ok()?;
                (id.len() == bytes).then_some(id)
            };
            Some(Link {
                trace_id: id("trace_id", 16)?,
                span_id: id("span_id", 8)?,
                attributes: attributes(link),
            })
        })
        .collect()
}
