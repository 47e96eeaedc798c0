//! Requests of one span or a few, as tests write them.
#![allow(dead_code, unreachable_pub, reason = "each test uses some of it")]
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "helpers of tests"
)]

use assay_model::Observation;
use assay_otlp::{Encoding, MapContext, Mapped, decode, map};
use serde_json::{Map, Value, json};

/// The trace of every span here.
pub const TRACE: &str = "5b8efff798038103d269b633813fc60c";
/// The span of every request of one.
pub const SPAN: &str = "eee19b7ec3c1b174";
/// When it starts: 2018-12-13T14:51:00Z.
pub const START: u64 = 1_544_712_660_000_000_000;

/// A request of these spans.
pub fn spans(spans: Value) -> Value {
    json!({ "resourceSpans": [{ "scopeSpans": [{ "spans": spans }] }] })
}

/// Attributes of the wire.
pub fn attributes(attributes: &Value) -> Vec<Value> {
    attributes
        .as_object()
        .unwrap()
        .iter()
        .map(|(k, v)| json!({ "key": k, "value": v }))
        .collect()
}

/// A span of a second with these attributes.
pub fn span(own: Value) -> Value {
    json!({ "traceId": TRACE, "spanId": SPAN, "name": "s", "startTimeUnixNano": START.to_string(),
            "endTimeUnixNano": START + 1_000_000_000, "attributes": attributes(&own) })
}

/// A value of text.
pub fn text(s: &str) -> Value {
    json!({ "stringValue": s })
}

/// A value that is a whole number.
pub fn int(n: i64) -> Value {
    json!({ "intValue": n })
}

/// Decodes and maps.
pub fn run(body: &Value, ctx: &MapContext) -> Mapped {
    map(
        decode(body.to_string().as_bytes(), Encoding::Json).unwrap(),
        ctx,
    )
}

/// What becomes of one span with these attributes.
pub fn mapped(own: Value) -> Mapped {
    run(&spans(json!([span(own)])), &MapContext::default())
}

/// The observation of one span with these attributes.
pub fn observation(own: Value) -> Observation {
    mapped(own).batch.observations.remove(0)
}

/// Gives each of `keys` a text of its own, and asserts that `read` finds the first one's, then, without it, the second's,
/// and so on, until there is none.
#[track_caller]
pub fn in_order(keys: &[&str], read: impl Fn(Value) -> Option<String>) {
    let mut all: Map<String, Value> = keys
        .iter()
        .map(|key| ((*key).to_owned(), text(&format!("of {key}"))))
        .collect();
    for key in keys {
        let found = read(Value::Object(all.clone()));
        assert_eq!(found, Some(format!("of {key}")));
        all.remove(*key);
        // What is empty is not there.
        all.insert((*key).to_owned(), text(""));
    }
    assert_eq!(read(Value::Object(all)), None);
}
