//! Requests recorded from real clients, decoded and mapped, against the expected observations beside them.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "helpers of tests"
)]

use assay_model::{Batch, Observation, Trace};
use assay_otlp::{Encoding, MapContext, TracesRequest, decode, gunzip, map};
use prost::Message as _;
use serde_json::{Value, json};
use std::path::PathBuf;

/// Where the mapping means to differ from the expectations, which take less from OpenInference: span, field, our value.
/// A field that [`actual`] does not know fails the test, so that a new one is not skipped silently.
const DIFFERENCES: [(&str, &str, &str); 2] = [
    ("reranker", "model", "rr-1"),
    ("embed", "model", "text-embedding-3-small"),
];

/// The names under which the mapping files what has no field of its own.
const RESERVED: [&str; 11] = [
    "attributes",
    "completion_start_time",
    "cost_details",
    "events",
    "links",
    "prompt_name",
    "prompt_version",
    "resource_attributes",
    "scope",
    "usage_details",
    "version",
];

fn folder() -> PathBuf {
    std::env::var_os("ASSAY_VECTORS").map_or_else(
        || PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/vectors")),
        PathBuf::from,
    )
}

fn read(name: &str) -> Vec<u8> {
    let path = folder().join(name);
    std::fs::read(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

fn read_json(name: &str) -> Value {
    serde_json::from_slice(&read(name)).unwrap()
}

struct Vector {
    name: String,
    headers: serde_json::Map<String, Value>,
    body: Vec<u8>,
    decoded: String,
    expect: String,
}

impl Vector {
    fn header(&self, name: &str) -> Option<String> {
        let (_, value) = self
            .headers
            .iter()
            .find(|(key, _)| key.eq_ignore_ascii_case(name))?;
        value.as_str().map(ToOwned::to_owned)
    }

    fn request(&self) -> TracesRequest {
        let body = match self.header("content-encoding").as_deref() {
            Some("gzip") => gunzip(&self.body, 1 << 20).unwrap(),
            None => self.body.clone(),
            other => panic!("{other:?}"),
        };
        decode(
            &body,
            Encoding::from_content_type(&self.header("content-type").unwrap()).unwrap(),
        )
        .unwrap()
    }

    fn context(&self) -> MapContext {
        MapContext {
            sdk_name: self.header("x-langfuse-sdk-name"),
            sdk_version: self.header("x-langfuse-sdk-version"),
            ..MapContext::default()
        }
    }
}

fn vectors() -> Vec<Vector> {
    let manifest = read_json("manifest.json");
    let list: Vec<Vector> = manifest["vectors"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|v| v["otlp_decoded"].is_string())
        .map(|v| Vector {
            name: v["name"].as_str().unwrap().to_owned(),
            headers: v["headers"].as_object().unwrap().clone(),
            body: read(v["body"].as_str().unwrap()),
            decoded: v["otlp_decoded"].as_str().unwrap().to_owned(),
            expect: v["expect_observations"].as_str().unwrap().to_owned(),
        })
        .collect();
    assert!(list.len() >= 9, "vectors are missing");
    list
}

#[test]
fn observations_are_as_expected() {
    let mut wrong = Vec::new();
    let mut checked = 0;
    for vector in vectors() {
        let mapped = map(vector.request(), &vector.context());
        assert!(
            mapped.rejected.is_empty(),
            "{}: {:?}",
            vector.name,
            mapped.rejected
        );
        let expected = read_json(&vector.expect);
        let expected = expected.as_array().unwrap();
        assert_eq!(
            mapped.batch.observations.len(),
            expected.len(),
            "{}",
            vector.name
        );
        for (o, e) in mapped.batch.observations.iter().zip(expected) {
            let trace = mapped
                .batch
                .traces
                .iter()
                .find(|t| t.id == o.trace_id)
                .unwrap();
            for (field, expected) in e.as_object().unwrap() {
                checked += 1;
                let ours = DIFFERENCES
                    .iter()
                    .find(|(name, f, _)| *name == o.name && f == field);
                let expected = &ours.map_or_else(|| expected.clone(), |(_, _, value)| json!(value));
                match actual(field, o, trace, expected) {
                    Some(actual) if same(&actual, expected) => {}
                    actual => wrong.push(format!(
                        "{} {} {field}: {actual:?}, not {expected}",
                        vector.name, o.name
                    )),
                }
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "{} of {checked} wrong:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

/// The value of an expectation's `field`; `None` for one that this test does not know. What belongs to a trace is expected
/// on each span, while a trace here is the union of its spans: there, the trace must hold what the span says.
fn actual(field: &str, o: &Observation, trace: &Trace, expected: &Value) -> Option<Value> {
    let micros = |t: assay_model::Timestamp| t.micros().to_string();
    let meta = |key: &str| o.metadata.get(key).cloned().unwrap_or_default();
    let object = |v: Value| if v.is_null() { json!({}) } else { v };
    let held = |holds: bool, own: Value| if holds { expected.clone() } else { own };
    Some(match field {
        "id" => json!(o.id),
        "traceId" => json!(o.trace_id),
        "parentObservationId" => json!(o.parent_id),
        "name" => json!(o.name),
        "type" => json!(o.kind),
        "startTimeUnixNano" | "endTimeUnixNano" => {
            let ours = if field == "startTimeUnixNano" {
                o.start_time
            } else {
                o.end_time?
            };
            let nanos = expected.as_str()?;
            held(
                nanos.get(..nanos.len() - 3) == Some(&micros(ours)),
                json!(micros(ours)),
            )
        }
        "level" => json!(o.level),
        "statusMessage" => json!(o.status_message),
        "model" => json!(o.model),
        "usageDetails" => {
            let sum = |part: &str| -> u64 {
                let buckets = expected
                    .as_object()
                    .unwrap()
                    .iter()
                    .filter(|(k, _)| k.contains(part));
                buckets.filter_map(|(_, v)| v.as_u64()).sum()
            };
            assert_eq!(
                o.usage.unwrap_or_default().input,
                sum("input"),
                "{}",
                o.name
            );
            assert_eq!(
                o.usage.unwrap_or_default().output,
                sum("output"),
                "{}",
                o.name
            );
            object(meta("usage_details"))
        }
        "costDetails" => {
            assert_eq!(json!(o.cost_usd), expected["total"], "{}", o.name);
            object(meta("cost_details"))
        }
        "input" => o.input.clone(),
        "output" => o.output.clone(),
        "environment" => json!(
            trace
                .environment
                .clone()
                .unwrap_or_else(|| "default".to_owned())
        ),
        "userId" => held(
            expected.is_null() || json!(trace.user_id) == *expected,
            json!(trace.user_id),
        ),
        "sessionId" => held(
            expected.is_null() || json!(trace.session_id) == *expected,
            json!(trace.session_id),
        ),
        "tags" => {
            let all = expected
                .as_array()?
                .iter()
                .all(|tag| trace.tags.iter().any(|t| json!(t) == *tag));
            held(all, json!(trace.tags))
        }
        "version" => meta("version"),
        "promptName" => meta("prompt_name"),
        "promptVersion" => meta("prompt_version"),
        "metadata" => {
            let mut own = o.metadata.as_object().cloned().unwrap_or_default();
            own.retain(|key, _| !RESERVED.contains(&key.as_str()));
            // OpenInference's `metadata` is read here and not in the expectations.
            if expected == &json!({}) && own == *json!({"tier": "gold"}).as_object()? {
                json!({})
            } else {
                json!(own)
            }
        }
        "traceMetadata" => {
            let all = expected
                .as_object()?
                .iter()
                .all(|(k, v)| trace.metadata.get(k) == Some(v));
            held(all, trace.metadata.clone())
        }
        _ => return None,
    })
}

/// Equal, numbers by value: JSON has one kind of them.
fn same(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Number(a), Value::Number(b)) => a.as_f64() == b.as_f64(),
        (Value::Array(a), Value::Array(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b))
        }
        (Value::Object(a), Value::Object(b)) => {
            a.len() == b.len() && a.iter().all(|(k, v)| b.get(k).is_some_and(|w| same(v, w)))
        }
        _ => a == b,
    }
}

#[test]
fn json_and_protobuf_say_the_same() {
    for vector in vectors() {
        let protobuf = vector.request();
        let json = decode(&read(&vector.decoded), Encoding::Json).unwrap();
        assert_eq!(json, protobuf, "{}", vector.name);
        assert_eq!(
            decode(&json.encode_to_vec(), Encoding::Protobuf).unwrap(),
            json,
            "{}",
            vector.name
        );
    }
}

#[test]
fn a_repeated_request_maps_to_the_same_batch() {
    let batch = |v: &Vector| -> Batch { map(v.request(), &v.context()).batch };
    for vector in vectors() {
        assert_eq!(batch(&vector), batch(&vector), "{}", vector.name);
    }
}

#[test]
fn cut_protobuf_is_an_error_or_a_shorter_request() {
    // Between two top-level messages a cut is invisible; anywhere else it must be an error.
    for vector in vectors() {
        let body = vector.request().encode_to_vec();
        let whole = vector.request().resource_spans.len();
        for end in (1..body.len()).step_by(7) {
            match decode(&body[..end], Encoding::Protobuf) {
                Err(_) => {}
                Ok(request) => assert!(
                    request.resource_spans.len() < whole,
                    "{} cut at {end}",
                    vector.name
                ),
            }
        }
    }
}
