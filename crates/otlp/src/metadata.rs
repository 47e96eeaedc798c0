//! An observation's metadata: the client's own at the top, what has no field of its own under reserved names.

use crate::attributes::Attributes;
use crate::id::hex_id;
use crate::map::micros;
use crate::proto::{Event, Link};
use crate::shared::Shared;
use crate::value::{filled, merge, object, parsed};
use serde_json::{Map, Value, json};

/// Takes the client's metadata from `a`, and all that is left of it.
pub(crate) fn metadata(
    mut a: Attributes,
    events: Vec<Event>,
    links: Vec<Link>,
    shared: &Shared,
) -> Map<String, Value> {
    let mut m = Map::new();
    for key in ["langfuse.observation.metadata", "metadata"] {
        if let Some(value) = a.take(key) {
            merge(&mut m, value, "metadata");
        }
    }
    for prefix in ["langfuse.observation.metadata.", "langfuse.metadata."] {
        for (key, value) in a.take_prefix(prefix) {
            let value = if shared.encoded { parsed(value) } else { value };
            m.insert(key, value);
        }
    }
    // Mostly the client has none of its own.
    if m.is_empty() {
        m = shared.metadata.clone();
    } else {
        m.extend(shared.metadata.clone());
    }
    let mut put = |key: &str, value: Value| {
        if !value.is_null() {
            m.insert(key.to_owned(), value);
        }
    };
    put("attributes", filled(a.into_rest()));
    put("events", listed(events, event));
    put("links", listed(links, link));
    m
}

fn listed<T>(list: Vec<T>, one: fn(T) -> Value) -> Value {
    if list.is_empty() {
        Value::Null
    } else {
        Value::Array(list.into_iter().map(one).collect())
    }
}

fn event(e: Event) -> Value {
    json!({ "name": e.name, "time": micros(e.time_unix_nano), "attributes": object(e.attributes) })
}

fn link(l: Link) -> Value {
    json!({ "trace_id": hex_id(&l.trace_id), "span_id": hex_id(&l.span_id),
            "attributes": object(l.attributes) })
}
