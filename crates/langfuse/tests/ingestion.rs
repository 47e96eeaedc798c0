//! Batches and scores recorded from real clients, and events in any order.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    unreachable_pub,
    reason = "helpers of tests"
)]

mod common;

use assay_langfuse::ingestion::{Entry, Event, ObservationPatch, fold, parse, response};
use assay_langfuse::score::{list_response, parse_score};
use assay_model::{Level, Observation, ObservationType, Score, ScoreType, TokenUsage};
use common::read;
use serde_json::{Value, json};

const AT: &str = "2026-11-24T04:20:50.600000Z";

fn patches(entries: &[Entry], id: &str) -> Vec<ObservationPatch> {
    let of = |e: &Entry| match &e.outcome {
        Ok(Event::Observation(patch)) if patch.id == id => Some(patch.clone()),
        _ => None,
    };
    entries.iter().filter_map(of).collect()
}

fn observation(entries: &[Entry], id: &str) -> Observation {
    fold(patches(entries, id))
}

fn batch(events: &[(&str, Value)]) -> Vec<Entry> {
    let event = |(i, (kind, body)): (usize, &(&str, Value))| json!({"id": format!("e{i}"), "type": kind, "timestamp": AT, "body": body});
    let events: Vec<Value> = events.iter().enumerate().map(event).collect();
    parse(json!({"batch": events})).unwrap()
}

fn folded(events: &[(&str, Value)]) -> Observation {
    observation(&batch(events), "o")
}

#[test]
fn everything_of_the_python_client_2() {
    let entries = parse(read("ingestion_py2_full_batch.json")).unwrap();
    assert_eq!(
        response(&entries),
        read("ingestion_py2_full_batch.response.json")
    );

    let traces: Vec<_> = entries
        .iter()
        .filter_map(|e| match &e.outcome {
            Ok(Event::Trace(trace)) => Some(trace),
            _ => None,
        })
        .collect();
    let trace = "55e25d8b-aaca-416a-a154-d27ecf7b003f";
    assert!(traces.len() == 2 && traces.iter().all(|t| t.id == trace));
    assert_eq!(traces[0].name.as_deref(), Some("v2-trace"));
    assert_eq!(traces[0].user_id.as_deref(), Some("u2"));
    assert_eq!(traces[0].session_id.as_deref(), Some("s2"));
    assert_eq!(traces[0].input, json!({"q": 1}));
    assert_eq!(traces[0].metadata, json!({"k": 1}));
    assert_eq!(traces[0].tags, ["a"]);
    assert_eq!(
        traces[0].timestamp.to_rfc3339(),
        "2026-11-24T04:20:50.604311Z"
    );
    assert_eq!(traces[1].name, None);
    assert_eq!(traces[1].output, json!({"a": 2}));

    let span = observation(&entries, "c4fe9493-9be6-41ca-b5de-d1fbe5a24fb2");
    assert_eq!(span.kind, ObservationType::Span);
    assert_eq!(
        (span.name.as_str(), span.trace_id.as_str()),
        ("v2-span", trace)
    );
    assert_eq!((&span.input, &span.output), (&json!("x"), &json!("y")));
    assert_eq!(
        span.end_time.unwrap().to_rfc3339(),
        "2026-11-24T04:20:50.606304Z"
    );
    assert_eq!((span.usage, span.cost_usd), (None, None));

    let generation = observation(&entries, "fa8c0eda-a57b-48fe-ac2e-540a73c1d11a");
    assert_eq!(generation.kind, ObservationType::Generation);
    assert_eq!(generation.parent_id.as_deref(), Some(span.id.as_str()));
    assert_eq!(generation.model.as_deref(), Some("gpt-4o-mini"));
    assert_eq!(generation.model_parameters, json!({"temperature": "0.1"}));
    assert_eq!(
        generation.usage,
        Some(TokenUsage {
            input: 3,
            output: 2
        })
    );
    assert_eq!(
        json!(generation.usage_details),
        json!({"input": 3, "output": 2, "total": 5})
    );
    assert_eq!(generation.cost_usd, Some(0.001));
    assert_eq!(generation.output, json!("yo"));

    let event = observation(&entries, "c7951955-34b4-4c2c-95cc-1e7b24681810");
    assert_eq!(event.kind, ObservationType::Event);
    assert_eq!(event.end_time, None);
}

fn scores(entries: &[Entry]) -> Vec<Score> {
    let score = |e: &Entry| match &e.outcome {
        Ok(Event::Score(score)) => Some(score.clone()),
        _ => None,
    };
    entries.iter().filter_map(score).collect()
}

#[test]
fn scores_of_the_python_clients_3_and_4() {
    for name in ["ingestion_py3_scores", "ingestion_py4_scores"] {
        let body = read(&format!("{name}.json"));
        let entries = parse(body.clone()).unwrap();
        assert_eq!(response(&entries), read(&format!("{name}.response.json")));
        let scores = scores(&entries);
        assert_eq!(scores.len(), 5);
        for (score, event) in scores.iter().zip(body["batch"].as_array().unwrap()) {
            let row = &event["body"];
            assert_eq!(score.id, row["id"]);
            assert_eq!(score.name, row["name"]);
            assert_eq!(score.timestamp.to_rfc3339(), event["timestamp"]);
            assert_eq!(score.environment.as_deref(), Some("acceptance"));
            assert_eq!(json!(score.data_type), row["dataType"]);
            match score.data_type {
                ScoreType::Categorical => assert_eq!(json!(score.string_value), row["value"]),
                _ => assert_eq!(score.value, row["value"].as_f64()),
            }
            assert_eq!(json!(score.session_id), row["sessionId"]);
            assert_eq!(json!(score.observation_id), row["observationId"]);
            assert_eq!(score.metadata, row["metadata"]);
        }
    }
}

#[test]
fn scores_alone() {
    let single = parse_score(read("scores_single_object.json")).unwrap();
    assert_eq!(
        (single.name.as_str(), single.value),
        ("legacy-single", Some(1.5))
    );

    let rows = read("scores_partial_207.json");
    let rows = rows.as_array().unwrap().clone();
    let (good, bad): (Vec<_>, Vec<_>) = rows.into_iter().map(parse_score).partition(Result::is_ok);
    let messages: Vec<String> = bad
        .iter()
        .map(|e| format!("{}", e.as_ref().unwrap_err()))
        .collect();
    assert_eq!(messages, ["value: must be a number"]);
    let (status, body) = list_response(good.len(), &messages);
    let expected = read("scores_partial_207.response.json");
    assert_eq!(status, 207);
    assert_eq!(
        (&body["accepted"], &body["rejected"]),
        (&expected["accepted"], &expected["rejected"])
    );
}

#[test]
fn a_wrong_event_is_refused_alone() {
    let good = |id: &str| json!({"id": id, "type": "span-create", "timestamp": AT, "body": {"id": id, "name": "n"}});
    let wrong = [
        (json!(3), "", "event"),
        (
            json!({"type": "sdk-log", "timestamp": AT, "body": {}}),
            "",
            "id",
        ),
        (
            json!({"id": 5, "type": "sdk-log", "timestamp": AT, "body": {}}),
            "",
            "id",
        ),
        (
            json!({"id": "a", "type": "span-create", "timestamp": "now", "body": {}}),
            "a",
            "timestamp",
        ),
        (
            json!({"id": "b", "type": "span-create", "body": {}}),
            "b",
            "timestamp",
        ),
        (json!({"id": "c", "timestamp": AT, "body": {}}), "c", "type"),
        (
            json!({"id": "d", "type": "dream-create", "timestamp": AT, "body": {}}),
            "d",
            "type",
        ),
        (
            json!({"id": "e", "type": "SPAN-create", "timestamp": AT, "body": {}}),
            "e",
            "type",
        ),
        (
            json!({"id": "f", "type": "span-create", "timestamp": AT, "body": []}),
            "f",
            "body",
        ),
        (
            json!({"id": "g", "type": "trace-create", "timestamp": AT}),
            "g",
            "body",
        ),
        (
            json!({"id": "h", "type": "sdk-log", "timestamp": AT, "body": "x"}),
            "h",
            "body",
        ),
        (
            json!({"id": "i", "type": "span-update", "timestamp": AT, "body": {}}),
            "i",
            "id",
        ),
        (
            json!({"id": "j", "type": "span-create", "timestamp": AT, "body": {"id": "x\u{0}"}}),
            "j",
            "id",
        ),
        (
            json!({"id": "k", "type": "span-create", "timestamp": AT, "body": {"id": "x", "startTime": "soon"}}),
            "k",
            "startTime",
        ),
        (
            json!({"id": "l", "type": "span-create", "timestamp": AT, "body": {"id": "x", "level": "LOUD"}}),
            "l",
            "level",
        ),
        (
            json!({"id": "m", "type": "observation-create", "timestamp": AT, "body": {"id": "x", "type": "DREAM"}}),
            "m",
            "type",
        ),
        (
            json!({"id": "n", "type": "generation-update", "timestamp": AT, "body": {"id": "x", "usage": {"input": -1}}}),
            "n",
            "usage.input",
        ),
        (
            json!({"id": "o", "type": "trace-create", "timestamp": AT, "body": {"id": "x", "tags": "a"}}),
            "o",
            "tags",
        ),
        (
            json!({"id": "p", "type": "score-create", "timestamp": AT, "body": {"traceId": "x", "name": "n"}}),
            "p",
            "value",
        ),
    ];
    for (event, id, field) in wrong {
        let entries = parse(json!({"batch": [good("1"), event, good("2")]})).unwrap();
        assert!(entries[0].outcome.is_ok() && entries[2].outcome.is_ok());
        assert_eq!(entries[1].id, id);
        let error = entries[1].outcome.as_ref().unwrap_err();
        assert_eq!(error.status, 400);
        assert!(
            error.message.starts_with(&format!("{field}: ")),
            "{field}, not {}",
            error.message
        );
        let answer = response(&entries);
        assert_eq!(answer["successes"].as_array().unwrap().len(), 2);
        assert_eq!(answer["errors"][0]["error"], "InvalidRequestError");
    }
    for body in [
        json!([]),
        json!({}),
        json!({"batch": {}}),
        json!({"batch": null}),
    ] {
        assert!(parse(body).is_err());
    }
}

#[test]
fn every_type_of_event() {
    for (noun, kind) in [
        ("span", ObservationType::Span),
        ("generation", ObservationType::Generation),
        ("event", ObservationType::Event),
        ("agent", ObservationType::Agent),
        ("tool", ObservationType::Tool),
        ("chain", ObservationType::Chain),
        ("retriever", ObservationType::Retriever),
        ("evaluator", ObservationType::Evaluator),
        ("embedding", ObservationType::Embedding),
        ("guardrail", ObservationType::Guardrail),
    ] {
        let body = json!({"id": "o", "traceId": "t"});
        for verb in ["create", "update"] {
            let event = format!("{noun}-{verb}");
            assert_eq!(folded(&[(&event, body.clone())]).kind, kind, "{event}");
        }
        let named = json!({"id": "o", "type": kind.as_str()});
        assert_eq!(folded(&[("observation-create", named)]).kind, kind);
    }
    let log = batch(&[("sdk-log", json!({"log": [1]}))]);
    assert_eq!(log[0].outcome, Ok(Event::Log));
}

#[test]
fn later_words_win_and_metadata_is_united() {
    let o = folded(&[
        (
            "agent-create",
            json!({"id": "o", "traceId": "t", "name": "a", "input": 1, "metadata": {"x": 1, "y": 1},
                "usageDetails": {"input": 5, "other": 1}, "level": "WARNING", "version": "1"}),
        ),
        (
            "span-update",
            json!({"id": "o", "traceId": "t", "name": null, "output": 2, "metadata": {"y": 2},
                "usageDetails": {"output": 1}, "environment": "Prod", "promptName": "p",
                "promptVersion": 3, "statusMessage": "m", "level": "ERROR"}),
        ),
    ]);
    assert_eq!(o.kind, ObservationType::Agent);
    assert_eq!(
        (o.name.as_str(), &o.input, &o.output),
        ("a", &json!(1), &json!(2))
    );
    assert_eq!(o.metadata, json!({"x": 1, "y": 2}));
    assert_eq!(json!(o.usage_details), json!({"output": 1, "total": 1}));
    assert_eq!(o.level, Level::Error);
    assert_eq!(o.version.as_deref(), Some("1"));
    assert_eq!(o.environment.as_deref(), Some("prod"));
    assert_eq!(
        (o.prompt_name.as_deref(), o.prompt_version),
        (Some("p"), Some(3))
    );
    assert_eq!(o.start_time.to_rfc3339(), AT);
}

#[test]
fn observations_without_a_trace() {
    let entries = batch(&[
        ("span-create", json!({"id": "alone"})),
        ("span-update", json!({"id": "o", "output": 1})),
        ("span-create", json!({"id": "o", "traceId": "t"})),
        ("event-create", json!({"name": "no id"})),
    ]);
    assert_eq!(observation(&entries, "alone").trace_id, "alone");
    assert!(patches(&entries, "o").iter().all(|p| p.trace_id == "t"));
    assert_eq!(observation(&entries, "e3").name, "no id");

    // In two batches, it is the fold that knows better.
    let mut apart = patches(&batch(&[("span-update", json!({"id": "o"}))]), "o");
    assert_eq!(apart[0].trace_id, "o");
    apart.extend(patches(&entries, "o"));
    assert_eq!(fold(apart).trace_id, "t");
}

#[test]
fn scores_without_id_and_time_have_those_of_the_envelope() {
    let entries = batch(&[(
        "score-create",
        json!({"sessionId": "s", "name": "n", "value": 1}),
    )]);
    let score = &scores(&entries)[0];
    assert_eq!(
        (score.id.as_str(), score.timestamp.to_rfc3339().as_str()),
        ("e0", AT)
    );
}

#[test]
fn a_field_that_does_not_fit_leaves_the_others() {
    let mut patches = patches(
        &batch(&[("span-create", json!({"id": "o", "name": "n"}))]),
        "o",
    );
    patches[0].fields.insert("level".to_owned(), json!("LOUD"));
    let o = fold(patches);
    assert_eq!((o.name.as_str(), o.level), ("n", Level::Default));
    assert_eq!(fold(Vec::new()), Observation::default());
}
