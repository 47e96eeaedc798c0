//! Metrics of ragas compared with what it makes of the same verdicts, recorded in `ragas.json`.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may fail loudly"
)]

use assay_llm::ChatAnswer;
use assay_metrics::{Asked, Evaluation, Step, check_spec, tool_call_accuracy};
use assay_model::{MetricResult, MetricSpec, MetricStatus, TestCase, ToolCall};
use serde_json::{Value, json};
use std::collections::BTreeSet;

fn spec(kind: &str, params: &Value) -> MetricSpec {
    let spec = json!({"kind": kind, "params": params});
    let spec = serde_json::from_value(spec).unwrap();
    assert_eq!(check_spec(&spec), Ok(()));
    spec
}

/// Answers one question after the other, in the order of their branches; the result and every question.
fn play(
    spec: &MetricSpec,
    case: &TestCase,
    mut answer: impl FnMut(usize, &Asked) -> Value,
) -> (MetricResult, Vec<Asked>) {
    let (mut evaluation, mut step) = Evaluation::start(spec, case);
    let (mut open, mut asked): (Vec<Asked>, Vec<Asked>) = (Vec::new(), Vec::new());
    loop {
        match step {
            Step::Done(result) => return (result, asked),
            Step::Ask(more) => open.extend(more),
            Step::Run(errand) => panic!("{errand:?}"),
        }
        open.sort_by(|a, b| (&a.branch, a.id).cmp(&(&b.branch, b.id)));
        let one = open.remove(0);
        let answer = ChatAnswer {
            content: answer(asked.len(), &one).to_string(),
            ..ChatAnswer::default()
        };
        step = evaluation.answer(one.id, Ok(answer));
        asked.push(one);
    }
}

/// The score on the scale of the recorded one.
fn as_recorded(kind: &str, score: f64) -> f64 {
    match kind {
        // There less is better.
        "noise_sensitivity" => 1.0 - score,
        // There it is rounded.
        "factual_correctness" => (score * 100.0).round() / 100.0,
        _ => score,
    }
}

#[test]
fn recorded_cases() {
    let recorded: Value = serde_json::from_str(include_str!("ragas.json")).unwrap();
    let mut ran = BTreeSet::new();
    for recorded in recorded["cases"].as_array().unwrap() {
        let kind = recorded["metric"].as_str().unwrap();
        let case: TestCase = serde_json::from_value(recorded["test_case"].clone()).unwrap();
        let answers = recorded["answers"].as_array().unwrap();
        let (result, asked) = play(&spec(kind, &recorded["params"]), &case, |at, asked| {
            let Some(answer) = answers.get(at) else {
                assert!(asked.call.schema_name.ends_with("Reason"), "{recorded}");
                return json!({"reason": "because"});
            };
            assert_eq!(asked.call.schema_name, answer[0], "{recorded}");
            answer[1].clone()
        });
        let score = result
            .score
            .unwrap_or_else(|| panic!("{recorded} {result:?}"));
        let expected = recorded["score"].as_f64().unwrap();
        assert!(
            (as_recorded(kind, score) - expected).abs() < 1e-9,
            "{score} {recorded}"
        );
        assert!(asked.len() >= answers.len(), "{recorded}");
        ran.insert(kind.to_owned());
    }
    assert_eq!(ran.len(), 4);
}

fn case() -> TestCase {
    TestCase {
        input: "q".into(),
        actual_output: Some("a".into()),
        expected_output: Some("e".into()),
        retrieval_context: vec!["d".into()],
        ..TestCase::default()
    }
}

#[test]
fn a_share_of_nothing_is_no_score() {
    let nothing = |_: usize, _: &Asked| json!({"claims": []});
    for (kind, params) in [
        ("factual_correctness", json!({})),
        ("factual_correctness", json!({"mode": "precision"})),
        ("factual_correctness", json!({"mode": "recall"})),
        ("noise_sensitivity", json!({})),
    ] {
        let (result, _) = play(&spec(kind, &params), &case(), nothing);
        assert_eq!((result.status, result.score), (MetricStatus::Skipped, None));
    }
    let (result, asked) = play(
        &spec("factual_correctness", &json!({})),
        &TestCase {
            expected_output: None,
            ..case()
        },
        |_, _| panic!("nothing to ask"),
    );
    assert_eq!((result.status, asked.len()), (MetricStatus::Skipped, 0));
}

#[test]
fn the_parts_of_a_score_are_told() {
    let verdicts = |words: &[&str]| {
        let all: Vec<Value> = words
            .iter()
            .map(|w| json!({"verdict": w, "reason": "r"}))
            .collect();
        json!({ "verdicts": all })
    };
    let params = json!({"include_reason": false});
    let (result, _) = play(
        &spec("factual_correctness", &params),
        &case(),
        |at, _| match at {
            0 => json!({"claims": ["1", "2"]}),
            1 => verdicts(&["yes", "no"]),
            2 => json!({"claims": ["1"]}),
            _ => verdicts(&["yes"]),
        },
    );
    assert_eq!(
        json!(result.breakdown),
        json!({"precision": 0.5, "recall": 1.0})
    );
    assert!((result.score.unwrap() - 2.0 / 3.0).abs() < 1e-12);
}

#[test]
fn votes_are_questions_of_their_own_and_say_how_sure() {
    let params = json!({"definition": "Is it \"short\"?", "strictness": 2});
    let (result, asked) = play(
        &spec("aspect_critic", &params),
        &case(),
        |at, _| json!({"verdict": if at == 0 { "no" } else { "yes" }, "reason": format!("r{at}")}),
    );
    assert_eq!((result.score, result.reason.as_str()), (Some(1.0), "r1"));
    assert!((result.confidence.unwrap() - 2.0 / 3.0).abs() < 1e-12);
    let hashes: BTreeSet<&String> = asked.iter().map(|q| &q.call.prompt_hash).collect();
    assert_eq!(hashes.len(), 3);
    assert!(
        asked[0].call.messages[1]
            .content
            .contains(r#""Is it \"short\"?""#)
    );

    let one = spec(
        "aspect_critic",
        &json!({"definition": "d", "fields": ["context"]}),
    );
    let (result, _) = play(&one, &case(), |_, _| panic!("nothing to ask"));
    assert_eq!(result.status, MetricStatus::Skipped);
    let one = spec("aspect_critic", &json!({"definition": "d"}));
    let (result, asked) = play(&one, &case(), |_, _| json!({"verdict": "perhaps"}));
    assert_eq!(
        (result.status, result.score, asked.len()),
        (MetricStatus::Error, None, 2)
    );
}

#[test]
fn wrong_parameters_are_named() {
    let check = |kind: &str, params: Value, expected: &[&str]| {
        let spec: MetricSpec =
            serde_json::from_value(json!({"kind": kind, "params": params})).unwrap();
        let found = check_spec(&spec).err().unwrap_or_default();
        let fields: Vec<&str> = found.iter().map(|e| e.field.as_str()).collect();
        assert_eq!(fields, expected);
    };
    check("aspect_critic", json!({}), &["/params/definition"]);
    check(
        "aspect_critic",
        json!({"definition": " "}),
        &["/params/definition"],
    );
    check(
        "aspect_critic",
        json!({"definition": "d", "strictness": 12}),
        &["/params/strictness"],
    );
    check("factual_correctness", json!({"beta": 0}), &["/params/beta"]);
    check(
        "factual_correctness",
        json!({"mode": "f2"}),
        &["/params/mode"],
    );
    check(
        "noise_sensitivity",
        json!({"mode": "all"}),
        &["/params/mode"],
    );
    check(
        "tool_call_accuracy",
        json!({"strict_order": 1}),
        &["/params/strict_order"],
    );
}

#[test]
fn an_expected_call_takes_the_one_that_agrees_best() {
    let call = |arguments: Value| ToolCall {
        name: "w".into(),
        input_parameters: arguments,
        output: None,
    };
    let called = [call(json!({"a": 9, "b": 1})), call(json!({"a": 1, "b": 9}))];
    let expected = [call(json!({"a": 1, "b": 2})), call(json!({"a": 9, "b": 1}))];
    assert_eq!(tool_call_accuracy(&called, &expected, false), Some(0.75));
    assert_eq!(tool_call_accuracy(&called, &expected, true), Some(0.0));
    let texts = [call(json!({"a": "1"}))];
    assert_eq!(
        tool_call_accuracy(&texts, &[call(json!({"a": 1}))], true),
        Some(0.0)
    );
}

#[test]
fn more_documents_than_can_be_judged_are_an_error() {
    let many = TestCase {
        retrieval_context: vec!["d".into(); 101],
        ..case()
    };
    let (result, _) = play(&spec("noise_sensitivity", &json!({})), &many, |_, _| {
        panic!("nothing to ask")
    });
    assert_eq!((result.status, result.score), (MetricStatus::Error, None));
}
