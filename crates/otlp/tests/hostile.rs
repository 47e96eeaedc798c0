//! Bodies that nobody should send: no panic, no growth, and neighbours of a bad span are kept.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "helpers of tests"
)]

use assay_model::{Level, ObservationType};
use assay_otlp::{Encoding, Limits, MapContext, Mapped, decode, gunzip, map};
use proptest::prelude::*;
use prost::Message as _;
use serde_json::{Value, json};

fn spans(spans: Value) -> Value {
    json!({ "resourceSpans": [{ "scopeSpans": [{ "spans": spans }] }] })
}

fn run(body: &Value, ctx: &MapContext) -> Mapped {
    map(
        decode(body.to_string().as_bytes(), Encoding::Json).unwrap(),
        ctx,
    )
}

fn span(attributes: Value) -> Value {
    let attributes: Vec<Value> = attributes
        .as_object()
        .unwrap()
        .iter()
        .map(|(k, v)| json!({ "key": k, "value": v }))
        .collect();
    json!({ "traceId": "5b8efff798038103d269b633813fc60c", "spanId": "eee19b7ec3c1b174", "name": "s",
            "startTimeUnixNano": "1544712660000000000", "endTimeUnixNano": 1544712661000000000_u64,
            "attributes": attributes })
}

fn text(s: &str) -> Value {
    json!({ "stringValue": s })
}

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
fn python_5_metadata_is_json_and_javascript_5_metadata_is_not() {
    let body = spans(json!([span(json!({
        "langfuse.observation.metadata.tier": text("\"gold\""),
        "langfuse.observation.metadata.a.b": text("{\"n\":1}"),
        "langfuse.observation.metadata.bad": text("not json"),
        "langfuse.trace.metadata.t": text("\"x\""),
    }))]));
    let as_sent = |name: &str, version: &str| {
        let ctx = MapContext {
            sdk_name: Some(name.to_owned()),
            sdk_version: Some(version.to_owned()),
            ..MapContext::default()
        };
        let batch = run(&body, &ctx).batch;
        let o = &batch.observations[0].metadata;
        json!([o["tier"], o["a.b"], o["bad"], batch.traces[0].metadata["t"]])
    };
    assert_eq!(
        as_sent("python", "5.0.4"),
        json!(["gold", { "n": 1 }, "not json", "x"])
    );
    for (name, version) in [
        ("python", "4.18.0"),
        ("javascript", "5.11.1"),
        ("python", ""),
    ] {
        assert_eq!(
            as_sent(name, version),
            json!(["\"gold\"", "{\"n\":1}", "not json", "\"x\""]),
            "{name} {version}"
        );
    }
}

#[test]
fn types_by_convention() {
    for (attributes, expected) in [
        (json!({}), ObservationType::Span),
        (
            json!({ "langfuse.observation.type": text("guardrail"), "openinference.span.kind": text("LLM") }),
            ObservationType::Guardrail,
        ),
        (
            json!({ "openinference.span.kind": text("LLM") }),
            ObservationType::Generation,
        ),
        (
            json!({ "gen_ai.operation.name": text("execute_tool") }),
            ObservationType::Tool,
        ),
        (
            json!({ "gen_ai.operation.name": text("retrieval") }),
            ObservationType::Retriever,
        ),
        (
            json!({ "gen_ai.tool.name": text("f") }),
            ObservationType::Tool,
        ),
        (
            json!({ "ai.operationId": text("ai.generateText.doGenerate"), "ai.model.id": text("m") }),
            ObservationType::Generation,
        ),
        (
            json!({ "ai.operationId": text("ai.toolCall") }),
            ObservationType::Tool,
        ),
        (
            json!({ "gen_ai.request.model": text("m") }),
            ObservationType::Generation,
        ),
    ] {
        let mapped = run(
            &spans(json!([span(attributes.clone())])),
            &MapContext::default(),
        );
        assert_eq!(mapped.batch.observations[0].kind, expected, "{attributes}");
    }
}

#[test]
fn two_spellings_of_one_usage_are_counted_once() {
    let body = spans(json!([span(json!({
        "gen_ai.usage.input_tokens": { "intValue": 5 }, "gen_ai.usage.prompt_tokens": { "intValue": 5 },
        "gen_ai.usage.output_tokens": { "intValue": -1 }, "gen_ai.usage.cost": { "doubleValue": 0.25 } }))]));
    let o = run(&body, &MapContext::default())
        .batch
        .observations
        .remove(0);
    assert_eq!(o.usage.map(|u| (u.input, u.output)), Some((5, 0)));
    assert_eq!(o.cost_usd, Some(0.25));
    assert_eq!(
        o.metadata["usage_details"],
        json!({ "input": 5, "total": 5 })
    );
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
        let _ = gunzip(&body, 1 << 16);
    }

    #[test]
    fn structured_bytes_never_panic(body in nested()) {
        if let Ok(request) = decode(&body, Encoding::Protobuf) {
            prop_assert_eq!(&decode(&request.encode_to_vec(), Encoding::Protobuf).unwrap().encode_to_vec(), &request.encode_to_vec());
            let _ = map(request, &MapContext::default());
        }
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
