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
const RESERVED: [&str; 5] = [
    "attributes",
    "events",
    "links",
    "resource_attributes",
    "scope",
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
                .cloned()
                .unwrap_or_default();
            for (field, expected) in e.as_object().unwrap() {
                checked += 1;
                let ours = DIFFERENCES
                    .iter()
                    .find(|(name, f, _)| *name == o.name && f == field);
                let expected = &ours.map_or_else(|| expected.clone(), |(_, _, value)| json!(value));
                match actual(field, o, &trace, expected) {
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
            let usage = o.usage.unwrap_or_default();
            assert_eq!(usage.input, sum("input"), "{}", o.name);
            assert_eq!(usage.output, sum("output"), "{}", o.name);
            json!(o.usage_details)
        }
        "costDetails" => {
            assert_eq!(json!(o.cost_usd), expected["total"], "{}", o.name);
            json!(o.cost_details)
        }
        "input" => o.input.clone(),
        "output" => o.output.clone(),
        "environment" => json!(o.environment.as_deref().unwrap_or("default")),
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
        "version" => json!(o.version),
        "promptName" => json!(o.prompt_name),
        "promptVersion" => json!(o.prompt_version),
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

/// All observations and traces of the vectors whose name begins with `prefix`.
fn batches(prefix: &str) -> Vec<(String, Batch)> {
    let list: Vec<_> = vectors()
        .into_iter()
        .filter(|v| v.name.starts_with(prefix))
        .map(|v| (v.name.clone(), map(v.request(), &v.context()).batch))
        .collect();
    assert!(!list.is_empty(), "{prefix}");
    list
}

#[test]
fn nothing_that_has_a_field_is_in_the_metadata_as_well() {
    for (name, batch) in batches("otlp_") {
        for o in &batch.observations {
            let attributes = o.metadata["attributes"].as_object();
            for key in attributes.into_iter().flat_map(|map| map.keys()) {
                assert!(!key.starts_with("langfuse."), "{name} {}: {key}", o.name);
            }
        }
    }
}

#[test]
fn experiments_are_linked() {
    let mut items = 0;
    for (name, batch) in ["otlp_py3_experiment", "otlp_py4_experiment"]
        .map(batches)
        .concat()
    {
        for o in &batch.observations {
            let link = o.experiment.as_ref().unwrap();
            assert_eq!(link.id.len(), 16, "{name}");
            assert!(link.name.as_ref().unwrap().starts_with("run-"), "{name}");
            assert!(link.dataset_id.as_ref().unwrap().starts_with("ds-"));
            assert!(link.item_id.as_ref().unwrap().starts_with("it-"));
            assert_eq!(link.metadata, json!({ "model": "m" }), "{name} {}", o.name);
            assert_eq!(o.environment.as_deref(), Some("sdk-experiment"));
            assert_eq!(link.item_version, None);
            // What stands for the item is among them, on the same item.
            let root = batch
                .observations
                .iter()
                .find(|r| Some(&r.id) == link.root_observation_id.as_ref())
                .unwrap();
            let of_root = root.experiment.as_ref().unwrap();
            assert_eq!(of_root.item_id, link.item_id, "{name}");
            if o.id == root.id {
                items += 1;
                assert_eq!(link.description.as_deref(), Some("desc"));
                assert_eq!(link.expected_output, o.output, "{name}");
            }
            assert_eq!(o.is_root(), o.name == "experiment-item-run");
        }
    }
    assert!(items >= 6, "{items}");
}

#[test]
fn prompts_and_first_tokens_have_fields() {
    for (name, batch) in batches("otlp_py4_trace") {
        let call = batch
            .observations
            .iter()
            .find(|o| o.name == "llm-call")
            .unwrap();
        assert!(
            call.prompt_name
                .as_ref()
                .unwrap()
                .starts_with("acc/folder prompt-")
        );
        assert_eq!(call.prompt_version, Some(2));
        let first = call.completion_start_time.unwrap();
        assert!(
            call.start_time <= first && Some(first) <= call.end_time,
            "{name}: {first}"
        );
    }
}

#[test]
fn traces_hold_what_was_said_of_them_alone() {
    // A span that failed is all that this one has, with an environment of its own and its resource's release.
    let (_, batch) = batches("otlp_py5_error").remove(0);
    let said = Trace {
        id: batch.traces[0].id.clone(),
        timestamp: batch.observations[0].start_time,
        environment: Some("acceptance".to_owned()),
        release: Some("rel-1".to_owned()),
        ..Trace::default()
    };
    assert_eq!(batch.traces, [said]);
    // Nobody says anything of this one.
    let (_, batch) = batches("otlp_phoenix_register").remove(0);
    assert_eq!(batch.traces, []);
    let (_, batch) = batches("otlp_py3_trace").remove(0);
    let trace = &batch.traces[0];
    assert_eq!(trace.name.as_deref(), Some("root-op"));
    assert!(trace.input.as_str().unwrap().contains("messages"));
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
