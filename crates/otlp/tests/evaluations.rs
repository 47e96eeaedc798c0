//! Results of evaluations in the events of spans and in logs become the same scores.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "helpers of tests"
)]

mod common;

use assay_model::{Score, ScoreSource, ScoreType, Timestamp};
use assay_otlp::{Encoding, Limits, MapContext, decode_logs, map_logs};
use common::{SPAN, START, TRACE, attributes, run, span, spans, text};
use serde_json::{Value, json};

const TIME: u64 = START + 5_000_000;

fn result() -> Value {
    json!({ "gen_ai.evaluation.name": text("Relevance"),
            "gen_ai.evaluation.score.value": { "doubleValue": 0.75 },
            "gen_ai.evaluation.score.label": text("relevant"),
            "gen_ai.evaluation.explanation": text("it is") })
}

fn of_span(own: &Value) -> assay_model::Batch {
    let mut s = span(json!({ "langfuse.environment": text("prod") }));
    s["events"] = json!([{ "name": "gen_ai.evaluation.result", "timeUnixNano": TIME.to_string(),
        "attributes": attributes(own) }, { "name": "other" }]);
    run(&spans(json!([s])), &MapContext::default()).batch
}

fn of_logs(own: &Value) -> assay_model::Batch {
    let mut list = attributes(own);
    list.push(json!({ "key": "langfuse.environment", "value": text("prod") }));
    let body = json!({ "resourceLogs": [{ "scopeLogs": [{ "logRecords": [{
        "timeUnixNano": TIME.to_string(), "traceId": TRACE, "spanId": SPAN,
        "eventName": "gen_ai.evaluation.result", "attributes": list }] }] }] });
    let request = decode_logs(
        body.to_string().as_bytes(),
        Encoding::Json,
        &Limits::default(),
    )
    .unwrap();
    map_logs(request, &MapContext::default()).batch
}

#[test]
fn a_number_is_the_score() {
    let batch = of_span(&result());
    let expected = Score {
        id: "21bde4bcfc2ca15c7159db46c60cf9e2".to_owned(),
        trace_id: TRACE.to_owned(),
        observation_id: Some(SPAN.to_owned()),
        name: "Relevance".to_owned(),
        data_type: ScoreType::Numeric,
        value: Some(0.75),
        source: ScoreSource::Eval,
        comment: Some("it is".to_owned()),
        environment: Some("prod".to_owned()),
        timestamp: Timestamp::from_micros((TIME / 1000).cast_signed()),
        metadata: json!({ "gen_ai.evaluation.score.label": "relevant" }),
        ..Score::default()
    };
    assert_eq!(batch.scores, [expected]);
    assert_eq!(batch.scores, of_logs(&result()).scores);
    // The event is not kept twice.
    let events = batch.observations[0].metadata["events"].as_array().unwrap();
    assert_eq!(events.len(), 1);
    assert_eq!(events[0]["name"], "other");
}

#[test]
fn a_label_alone_is_a_category() {
    for unusable in [json!({ "doubleValue": "NaN" }), text("high"), json!({})] {
        let mut own = result();
        own["gen_ai.evaluation.score.value"] = unusable;
        let score = of_span(&own).scores.remove(0);
        assert_eq!(score.data_type, ScoreType::Categorical);
        assert_eq!(
            (score.value, score.string_value.as_deref()),
            (None, Some("relevant"))
        );
        assert_eq!(of_logs(&own).scores, [score]);
    }
}

#[test]
fn an_event_without_a_verdict_stays_an_event() {
    let own = json!({ "gen_ai.evaluation.name": text("Relevance") });
    let batch = of_span(&own);
    assert_eq!(batch.scores, []);
    let event = &batch.observations[0].metadata["events"][0];
    assert_eq!(
        event["attributes"],
        json!({ "gen_ai.evaluation.name": "Relevance" })
    );
    let batch = of_logs(&own);
    assert_eq!(batch.scores, []);
    assert_eq!(batch.observations.len(), 1);
}

#[test]
fn ids_tell_names_and_times_apart() {
    let first = of_span(&result()).scores.remove(0);
    assert_eq!(of_span(&result()).scores[0].id, first.id);
    let mut other = result();
    other["gen_ai.evaluation.name"] = text("Tone");
    assert_ne!(of_span(&other).scores[0].id, first.id);
}
