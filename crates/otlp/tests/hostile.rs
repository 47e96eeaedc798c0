//! Bodies that nobody should send: no panic, no growth, and neighbours of a bad span are kept.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "helpers of tests"
)]

mod common;

use assay_model::Level;
use assay_otlp::{
    Encoding, Limits, MapContext, decode, decode_logs, decode_metrics, gunzip, inflate, map,
    map_logs,
};
use common::{SPAN, START, int, observation, run, span, spans, text};
use proptest::prelude::*;
use prost::Message as _;
use serde_json::{Value, json};

#[test]
fn bad_ids_are_rejected_alone() {
    let mut list = Vec::new();
    for (field, value) in [
        ("traceId", ""),
        ("traceId", "00000000000000000000000000000000"),
        ("traceId", "5b8efff798038103d269b633813fc60"),
        ("traceId", "zz8efff798038103d269b633813fc60c"),
        ("spanId", "0000000000000000"),
        ("spanId", "eee19b7ec3c1b17400"),
        ("parentSpanId", "eee1"),
    ] {
        let mut bad = span(json!({}));
        bad[field] = json!(value);
        list.push(bad);
    }
    let mut good = span(json!({}));
    good["traceId"] = json!("5B8EFFF798038103D269B633813FC60C");
    good["parentSpanId"] = json!("0000000000000000");
    list.push(good);
    let mapped = run(&spans(json!(list)), &MapContext::default());
    assert_eq!(
        mapped.rejected.iter().map(|r| r.index).collect::<Vec<_>>(),
        [0, 1, 2, 3, 4, 5, 6]
    );
    assert_eq!(mapped.batch.observations.len(), 1);
    assert_eq!(
        mapped.batch.observations[0].trace_id,
        "5b8efff798038103d269b633813fc60c"
    );
    assert_eq!(mapped.batch.observations[0].parent_id, None);
    assert!(
        mapped.rejection().ends_with("and 2 more"),
        "{}",
        mapped.rejection()
    );
}

#[test]
fn limits_reject_spans_not_requests() {
    let ctx = MapContext {
        limits: Limits {
            max_spans: 2,
            max_attribute_bytes: 100,
            ..Limits::default()
        },
        ..MapContext::default()
    };
    let big = span(json!({ "k": text(&"x".repeat(100)) }));
    let mapped = run(&spans(json!([big, span(json!({})), span(json!({}))])), &ctx);
    let reasons: Vec<_> = mapped.rejected.iter().map(|r| r.reason.as_str()).collect();
    assert_eq!(
        reasons,
        [
            "the span has 101 bytes of attributes, more than 100",
            "the request has more than 2 spans"
        ]
    );
    assert_eq!(mapped.batch.observations.len(), 1);
}

#[test]
fn a_large_resource_is_not_multiplied() {
    let list: Vec<Value> = (0..1000)
        .map(|i| {
            let mut s = span(json!({}));
            s["spanId"] = json!(format!("{:016x}", i + 1));
            s
        })
        .collect();
    let mut body = spans(json!(list));
    body["resourceSpans"][0]["resource"] = json!({ "attributes": [
        { "key": "service.version", "value": text("1") }, { "key": "big", "value": text(&"x".repeat(1 << 20)) } ]});
    let mapped = run(&body, &MapContext::default());
    let size = serde_json::to_vec(&mapped.batch).unwrap().len();
    assert!(size < 2 << 20, "{size}");
    let resource = &mapped.batch.observations[0].metadata["resource_attributes"];
    assert_eq!(
        *resource,
        json!({ "service.version": "1", "assay.truncated": true })
    );
    assert_eq!(mapped.batch.traces[0].version.as_deref(), Some("1"));
}

#[test]
fn nulls_enum_names_numbers_and_text_in_json() {
    let mut s = span(
        json!({ "n": { "intValue": "-7" }, "d": { "doubleValue": "NaN" }, "b": { "bytesValue": "AAE=" },
        "l": { "arrayValue": { "values": [{ "boolValue": true }, {}] } },
        "m": { "kvlistValue": { "values": [{ "key": "k", "value": { "doubleValue": 1 } }] } } }),
    );
    s["events"] = Value::Null;
    s["links"] = Value::Null;
    s["status"] = json!({ "code": "STATUS_CODE_ERROR", "message": null });
    s["unknownField"] = json!({ "deep": [1, 2] });
    let mapped = run(&spans(json!([s])), &MapContext::default());
    let o = &mapped.batch.observations[0];
    assert_eq!(o.level, Level::Error);
    assert_eq!(
        o.metadata["attributes"],
        json!({ "n": -7, "d": "NaN", "b": "AAE=", "l": [true, null], "m": { "k": 1.0 } })
    );
}

#[test]
fn values_that_do_not_fit_their_type_stay_what_they_are() {
    let o = observation(json!({
        "big": { "intValue": "9223372036854775808" }, "bigger": { "intValue": u64::MAX },
        "half": { "intValue": 1.5 }, "word": { "intValue": "one" }, "wide": { "doubleValue": "1e999" },
        "low": { "doubleValue": "-Infinity" }, "bytes": { "bytesValue": "%" }, "none": {},
    }));
    assert_eq!(
        o.metadata["attributes"],
        json!({ "big": "9223372036854775808", "bigger": "18446744073709551615", "half": 1.5, "word": "one",
                "wide": "Infinity", "low": "-Infinity", "bytes": "%", "none": null })
    );
}

#[test]
fn times_at_the_ends_of_their_range_are_kept_and_those_beyond_are_malformed() {
    let times = |start: Value, end: Value| {
        let mut s = span(json!({}));
        s["startTimeUnixNano"] = start;
        s["endTimeUnixNano"] = end;
        spans(json!([s]))
    };
    let ctx = MapContext {
        received_at: assay_model::Timestamp::from_micros(7),
        ..MapContext::default()
    };
    for (start, end, expected) in [
        (json!(0), json!(0), (7, None)),
        (json!(0), json!(5000), (5, Some(5))),
        (json!(5000), json!(0), (5, None)),
        // An end before the start is kept as it was sent.
        (json!(5000), json!(4000), (5, Some(4))),
        (
            json!("18446744073709551615"),
            json!(1.5e18),
            (18_446_744_073_709_551, Some(1_500_000_000_000_000)),
        ),
        (json!(null), json!(null), (7, None)),
    ] {
        let o = &run(&times(start, end), &ctx).batch.observations[0];
        let end = o.end_time.map(assay_model::Timestamp::micros);
        assert_eq!((o.start_time.micros(), end), expected);
        let json = serde_json::to_string(o).unwrap();
        assert!(serde_json::from_str::<assay_model::Observation>(&json).is_ok());
    }
    for bad in [
        json!("18446744073709551616"),
        json!(-1),
        json!(1.5),
        json!(1e300),
        json!("soon"),
        json!(true),
    ] {
        let body = times(bad.clone(), json!(0)).to_string();
        let error = decode(body.as_bytes(), Encoding::Json).unwrap_err();
        assert!(!error.is_too_large(), "{bad}");
    }
}

#[test]
fn a_key_twice_has_its_last_value_and_a_field_twice_is_malformed() {
    let mut s = span(json!({}));
    s["attributes"] = json!([
        { "key": "user.id", "value": text("first") }, { "key": "k", "value": int(1) },
        { "key": "user.id", "value": text("last") }, { "key": "k", "value": int(2) },
    ]);
    let mut body = spans(json!([s]));
    body["resourceSpans"][0]["resource"] = json!({ "attributes": [
        { "key": "service.version", "value": text("1") }, { "key": "service.version", "value": text("2") } ]});
    let batch = run(&body, &MapContext::default()).batch;
    assert_eq!(batch.traces[0].user_id.as_deref(), Some("last"));
    assert_eq!(batch.observations[0].version.as_deref(), Some("2"));
    let metadata = &batch.observations[0].metadata;
    assert_eq!(metadata["attributes"], json!({ "k": 2 }));
    assert_eq!(
        metadata["resource_attributes"],
        json!({ "service.version": "2" })
    );
    let twice = r#"{"resourceSpans":[],"resourceSpans":[]}"#;
    assert!(decode(twice.as_bytes(), Encoding::Json).is_err());
}

#[test]
fn many_keys_of_one_span_take_no_square_of_time() {
    let list: Vec<Value> = (0..200_000)
        .map(|i| json!({ "key": format!("k{}", i % 100_000), "value": int(i) }))
        .collect();
    let mut s = span(json!({}));
    s["attributes"] = json!(list);
    let start = std::time::Instant::now();
    let mapped = run(&spans(json!([s])), &MapContext::default());
    assert!(start.elapsed().as_secs() < 20);
    let attributes = &mapped.batch.observations[0].metadata["attributes"];
    assert_eq!(attributes.as_object().unwrap().len(), 100_000);
    assert_eq!(attributes["k1"], json!(100_001));
}

#[test]
fn rings_of_parents_are_kept_and_a_span_is_never_its_own() {
    let of = |id: &str, parent: &str| {
        let mut s = span(json!({}));
        s["spanId"] = json!(id);
        s["parentSpanId"] = json!(parent);
        s
    };
    let (a, b) = ("00000000000000aa", "00000000000000bb");
    let batch = run(
        &spans(json!([of(SPAN, SPAN), of(a, b), of(b, a)])),
        &MapContext::default(),
    )
    .batch;
    let parents: Vec<_> = batch
        .observations
        .iter()
        .map(|o| o.parent_id.as_deref())
        .collect();
    assert_eq!(parents, [None, Some(b), Some(a)]);
}

#[test]
fn unknown_fields_are_skipped_in_protobuf_too() {
    let request = decode(
        spans(json!([span(json!({}))])).to_string().as_bytes(),
        Encoding::Json,
    )
    .unwrap();
    let mut body = request.encode_to_vec();
    // Field 99 of each wire type there is: varint, fixed64, bytes, an empty group, fixed32.
    body.extend([0x98, 0x06, 1]);
    body.extend([0x99, 0x06, 1, 2, 3, 4, 5, 6, 7, 8]);
    body.extend([0x9a, 0x06, 2, 0xff, 0xff]);
    body.extend([0x9b, 0x06, 0x9c, 0x06]);
    body.extend([0x9d, 0x06, 1, 2, 3, 4]);
    assert_eq!(decode(&body, Encoding::Protobuf).unwrap(), request);
    let start = request.resource_spans[0].scope_spans[0].spans[0].start_time_unix_nano;
    assert_eq!(start, START);
}

#[test]
fn what_a_resource_is_sought_by_is_kept_when_it_is_cut() {
    let mut body = spans(json!([span(json!({}))]));
    let mut list: Vec<Value> = (0..100)
        .map(|i| json!({ "key": format!("k{i}"), "value": text(&"x".repeat(100)) }))
        .collect();
    list.push(json!({ "key": "openinference.project.name", "value": text("px") }));
    body["resourceSpans"][0]["resource"] = json!({ "attributes": list });
    let mapped = run(&body, &MapContext::default());
    let resource = &mapped.batch.observations[0].metadata["resource_attributes"];
    assert_eq!(resource["openinference.project.name"], "px");
    assert_eq!(resource["assay.truncated"], true);
}

/// Protobuf of some structure: random bytes alone seldom get past the first field.
fn nested() -> impl Strategy<Value = Vec<u8>> {
    let leaf = proptest::collection::vec(any::<u8>(), 0..24);
    leaf.prop_recursive(6, 64, 6, |inner| {
        proptest::collection::vec((1_u8..16, inner), 0..6).prop_map(|fields| {
            let mut out = Vec::new();
            for (tag, value) in fields {
                out.push((tag << 3) | 2);
                prost::encoding::encode_varint(value.len() as u64, &mut out);
                out.extend(value);
            }
            out
        })
    })
}

proptest! {
    #[test]
    fn bytes_never_panic(body in proptest::collection::vec(any::<u8>(), 0..256)) {
        for encoding in [Encoding::Protobuf, Encoding::Json] {
            if let Ok(request) = decode(&body, encoding) {
                let _ = map(request, &MapContext::default());
            }
        }
        for encoding in [Encoding::Protobuf, Encoding::Json] {
            if let Ok(request) = decode_logs(&body, encoding, &Limits::default()) {
                let _ = map_logs(request, &MapContext::default());
            }
            let _ = decode_metrics(&body, encoding, &Limits::default());
        }
        let _ = gunzip(&body, 1 << 16);
        let _ = inflate(&body, 1 << 16);
    }

    #[test]
    fn structured_bytes_never_panic(body in nested()) {
        if let Ok(request) = decode(&body, Encoding::Protobuf) {
            prop_assert_eq!(&decode(&request.encode_to_vec(), Encoding::Protobuf).unwrap().encode_to_vec(), &request.encode_to_vec());
            let _ = map(request, &MapContext::default());
        }
        if let Ok(request) = decode_logs(&body, Encoding::Protobuf, &Limits::default()) {
            let _ = map_logs(request, &MapContext::default());
        }
        let _ = decode_metrics(&body, Encoding::Protobuf, &Limits::default());
    }

    #[test]
    fn any_attributes_map(pairs in proptest::collection::vec((key(), ".{0,40}"), 0..12)) {
        let attributes: serde_json::Map<String, Value> = pairs.into_iter().map(|(k, v)| (k, text(&v))).collect();
        let mapped = run(&spans(json!([span(json!(attributes))])), &MapContext::default());
        prop_assert_eq!(mapped.batch.observations.len(), 1);
        // What is stored can be read again.
        let json = serde_json::to_string(&mapped.batch).unwrap();
        prop_assert_eq!(&serde_json::from_str::<assay_model::Batch>(&json).unwrap(), &mapped.batch);
    }
}

/// Keys that the mapping knows, and some that it does not.
fn key() -> impl Strategy<Value = String> {
    let known = proptest::sample::select(vec![
        "langfuse.observation.usage_details",
        "langfuse.observation.cost_details",
        "langfuse.observation.metadata",
        "langfuse.observation.metadata.a.b",
        "langfuse.observation.level",
        "langfuse.observation.model.parameters",
        "langfuse.trace.tags",
        "langfuse.environment",
        "langfuse.experiment.id",
        "langfuse.experiment.metadata.x",
        "langfuse.observation.completion_start_time",
        "gen_ai.response.time_to_first_chunk",
        "ai.usage.promptTokens",
        "gen_ai.prompt.0.content",
        "gen_ai.prompt.0",
        "gen_ai.prompt.x",
        "gen_ai.usage.input_tokens",
        "gen_ai.request.model",
        "gen_ai.request.",
        "llm.input_messages.3.message.role",
        "llm.token_count.total",
        "llm.invocation_parameters",
        "metadata",
        "user.id",
    ]);
    prop_oneof![known.prop_map(str::to_owned), "[a-z0-9.]{0,30}"]
}
