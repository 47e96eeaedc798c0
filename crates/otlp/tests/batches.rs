//! Requests that are read span by span say the same as those that are read whole, and lose no more than what is wrong.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "helpers of tests"
)]

mod common;

use assay_model::Batch;
use assay_otlp::{BatchSize, DecodeError, Encoding, Limits, MapContext, Spans, decode, map};
use common::{span, text};
use prost::Message as _;
use serde_json::{Value, json};

const BOTH: [Encoding; 2] = [Encoding::Protobuf, Encoding::Json];

/// Three resources, the second with two scopes; so many spans each scope.
fn request(each: usize) -> Value {
    let mut next = 0_u64;
    let mut spans = |scope: &str| {
        let list: Vec<Value> = (0..each)
            .map(|_| {
                next += 1;
                let mut s = span(
                    json!({ "user.id": text(&format!("user {next}")), "k": text(&"x".repeat(50)) }),
                );
                s["spanId"] = json!(format!("{next:016x}"));
                s["traceId"] = json!(format!("{:032x}", next % 3 + 1));
                s
            })
            .collect();
        json!({ "scope": { "name": scope }, "spans": list })
    };
    let resource =
        |name: &str| json!({ "attributes": [{ "key": "service.version", "value": text(name) }] });
    json!({ "resourceSpans": [
        { "resource": resource("one"), "scopeSpans": [spans("a")] },
        { "scopeSpans": [spans("b"), spans("ai")] },
        { "resource": resource("three"), "scopeSpans": [spans("c")] },
    ] })
}

fn body(request: &Value, encoding: Encoding) -> Vec<u8> {
    let json = request.to_string().into_bytes();
    match encoding {
        Encoding::Json => json,
        Encoding::Protobuf => decode(&json, Encoding::Json).unwrap().encode_to_vec(),
    }
}

/// All batches, and what was rejected.
fn read(
    body: &[u8],
    encoding: Encoding,
    size: BatchSize,
) -> Result<(Vec<Batch>, u64, String), DecodeError> {
    let ctx = MapContext::default();
    let mut spans = Spans::read(body, encoding, &ctx)?;
    let mut batches = Vec::new();
    while let Some(batch) = spans.next_batch(size) {
        batches.push(batch);
    }
    Ok((batches, spans.rejected(), spans.rejection()))
}

fn of(observations: usize) -> BatchSize {
    BatchSize {
        observations,
        bytes: usize::MAX,
    }
}

#[test]
fn batches_together_are_the_whole() {
    let request = request(9);
    for encoding in BOTH {
        let body = body(&request, encoding);
        let whole = map(decode(&body, encoding).unwrap(), &MapContext::default()).batch;
        for size in [1, 7, 9, 36, 512] {
            let (batches, rejected, why) = read(&body, encoding, of(size)).unwrap();
            assert_eq!((rejected, why.as_str()), (0, ""));
            assert_eq!(batches.len(), 36_usize.div_ceil(size), "{size}");
            assert!(batches.iter().all(|b| b.observations.len() <= size));
            let observations: Vec<_> = batches
                .iter()
                .flat_map(|b| b.observations.clone())
                .collect();
            assert_eq!(observations, whole.observations, "{size}");
            // The last word on each trace is in the last batch that has one.
            let last = |id: &str| {
                let mut words = batches
                    .iter()
                    .flat_map(|b| &b.traces)
                    .filter(|t| t.id == id);
                words.next_back().unwrap().user_id.clone()
            };
            for trace in &whole.traces {
                assert_eq!(last(&trace.id), trace.user_id, "{size}");
            }
        }
    }
}

#[test]
fn a_batch_is_full_by_its_bytes_too() {
    for encoding in BOTH {
        let body = body(&request(5), encoding);
        let size = BatchSize {
            observations: 512,
            bytes: 150,
        };
        let (batches, ..) = read(&body, encoding, size).unwrap();
        let sizes: Vec<_> = batches.iter().map(|b| b.observations.len()).collect();
        // Some 64 bytes a span.
        assert_eq!(sizes, [3, 3, 3, 3, 3, 3, 2]);
    }
}

#[test]
fn a_span_that_cannot_be_read_is_rejected_alone() {
    let mut wrong = request(3);
    let spans = &mut wrong["resourceSpans"][1]["scopeSpans"][0]["spans"];
    spans[1]["startTimeUnixNano"] = json!("18446744073709551616");
    spans[2]["attributes"][0]["value"] = json!("not a value");
    let (batches, rejected, why) =
        read(wrong.to_string().as_bytes(), Encoding::Json, of(512)).unwrap();
    assert_eq!((batches[0].observations.len(), rejected), (10, 2));
    assert!(
        why.contains("span 4 (0000000000000005): startTimeUnixNano: not an unsigned"),
        "{why}"
    );
    assert!(
        why.contains("span 5 (0000000000000006): attributes[0].value: "),
        "{why}"
    );

    // A name that is not UTF-8, and an attribute that is longer than its span.
    let good = decode(request(3).to_string().as_bytes(), Encoding::Json).unwrap();
    for bad in [
        &[0x12, 2, 0xab, 0xcd, 0x2a, 1, 0xff][..],
        &[0x12, 2, 0xab, 0xcd, 0x4a, 9, 1][..],
    ] {
        let wrap = |tag: u8, inner: &[u8]| {
            let mut out = vec![tag];
            prost::encoding::encode_varint(inner.len() as u64, &mut out);
            out.extend_from_slice(inner);
            out
        };
        let mut body = wrap(0x0a, &wrap(0x12, &wrap(0x12, bad)));
        body.extend(good.encode_to_vec());
        let (batches, rejected, why) = read(&body, Encoding::Protobuf, of(512)).unwrap();
        assert_eq!((batches[0].observations.len(), rejected), (12, 1));
        assert!(
            why.starts_with("span 0 (abcd): it is not a valid span: "),
            "{why}"
        );
    }
}

#[test]
fn a_resource_that_cannot_be_read_costs_its_own_spans() {
    let mut wrong = request(3);
    wrong["resourceSpans"][0]["resource"] = json!({ "attributes": 7 });
    wrong["resourceSpans"][1]["scopeSpans"][1]["scope"] = json!("ai");
    let (batches, rejected, why) =
        read(wrong.to_string().as_bytes(), Encoding::Json, of(512)).unwrap();
    assert_eq!((batches[0].observations.len(), rejected), (6, 6));
    assert!(
        why.starts_with("span 0 (0000000000000001): its resource cannot be read: attributes: "),
        "{why}"
    );
}

#[test]
fn a_request_that_is_cut_off_gives_no_batch() {
    let whole = body(&request(2), Encoding::Protobuf);
    let request = decode(&whole, Encoding::Protobuf).unwrap();
    // Between two resources a cut cannot be seen.
    let seams: Vec<usize> = (0..=3)
        .map(|n| {
            let resource_spans = request.resource_spans[..n].to_vec();
            assay_otlp::TracesRequest { resource_spans }.encoded_len()
        })
        .collect();
    for cut in 0..whole.len() {
        let outcome = read(&whole[..cut], Encoding::Protobuf, of(512));
        assert_eq!(outcome.is_ok(), seams.contains(&cut), "cut at {cut}");
    }
    let json = body(
        &serde_json::json!({ "resourceSpans": [{}] }),
        Encoding::Json,
    );
    for cut in 0..json.len() {
        assert!(read(&json[..cut], Encoding::Json, of(512)).is_err());
    }
}

#[test]
fn what_is_no_request_is_refused_as_a_whole() {
    for wrong in [
        "[]",
        "7",
        r#"{"resourceSpans":7}"#,
        r#"{"resourceSpans":[7]}"#,
        r#"{"resourceSpans":[{"scopeSpans":{}}]}"#,
        r#"{"resourceSpans":[{"scopeSpans":[{"spans":{}}]}]}"#,
        r#"{"resourceSpans":[],"resourceSpans":[]}"#,
    ] {
        let error = read(wrong.as_bytes(), Encoding::Json, of(512)).unwrap_err();
        assert!(!error.is_too_large(), "{wrong}");
    }
    // A number where spans should be.
    assert!(read(&[0x0a, 4, 0x12, 2, 0x10, 1], Encoding::Protobuf, of(512)).is_err());
    assert!(read(b"", Encoding::Protobuf, of(512)).unwrap().0.is_empty());
    let limits = Limits {
        max_spans: 5,
        ..Limits::default()
    };
    let ctx = MapContext {
        limits,
        ..MapContext::default()
    };
    let body = body(&request(2), Encoding::Protobuf);
    let mut spans = Spans::read(&body, Encoding::Protobuf, &ctx).unwrap();
    assert_eq!(spans.next_batch(of(3)).unwrap().observations.len(), 3);
    assert_eq!(spans.next_batch(of(3)).unwrap().observations.len(), 2);
    assert!(spans.next_batch(of(3)).is_none());
    assert_eq!(spans.rejected(), 3);
}
