//! Weighted questions with a judge that is scripted. Expected values follow DeepEval 4.3.1's `jev_eval/utils.py` by hand.

use crate::{Evaluation, Step, check_spec};
use assay_llm::{ChatAnswer, TokenAlternative, TokenLogprob};
use assay_model::{MetricResult, MetricSpec, MetricStatus, TestCase};
use serde_json::{Value, json};

fn spec(params: &Value) -> MetricSpec {
    serde_json::from_value(json!({"kind": "jev_eval", "params": params})).unwrap()
}

/// A judge's pick, with the probabilities of letters where it gives them.
type Pick<'a> = (&'a str, &'a [(&'a str, f64)]);

fn said((letter, top): &Pick<'_>) -> ChatAnswer {
    let top: Vec<TokenAlternative> = top
        .iter()
        .map(|(token, p)| TokenAlternative {
            token: (*token).to_owned(),
            logprob: p.ln(),
        })
        .collect();
    let token = |text: &str, top: Vec<TokenAlternative>| TokenLogprob {
        token: text.to_owned(),
        logprob: -0.1,
        top,
    };
    let tokens = match top.is_empty() {
        true => Vec::new(),
        false => vec![
            // A letter before the answer is not the answer.
            token(letter, Vec::new()),
            token("{\"answer\":", Vec::new()),
            token(&format!(" \"{letter}"), top),
            token("\"}", Vec::new()),
        ],
    };
    ChatAnswer {
        content: json!({"answer": letter}).to_string(),
        logprobs: tokens,
        ..ChatAnswer::default()
    }
}

fn judged(params: &Value, picks: &[Pick<'_>]) -> MetricResult {
    let spec = spec(params);
    assert_eq!(check_spec(&spec), Ok(()));
    let case = TestCase {
        input: "Where is it?".into(),
        actual_output: Some("In Lyon.".into()),
        ..TestCase::default()
    };
    let (mut evaluation, mut step) = Evaluation::start(&spec, &case);
    let (mut open, mut picks) = (Vec::new(), picks.iter());
    loop {
        match step {
            Step::Ask(more) => open.extend(more),
            Step::Done(result) => {
                assert_eq!(picks.next(), None);
                return result;
            }
            Step::Run(errand) => panic!("{errand:?}"),
        }
        let asked = open.remove(0);
        assert!(asked.call.logprobs);
        step = evaluation.answer(asked.id, Ok(said(picks.next().unwrap())));
    }
}

#[track_caller]
fn near(result: &MetricResult, expected: f64) {
    let score = result.score.unwrap_or(f64::NAN);
    assert!((score - expected).abs() < 1e-12, "{result:?}");
}

fn three(strict: bool) -> Value {
    json!({"strict": strict, "questions": [
        {"type": "statement", "statement": "It says where.", "weight": 2},
        {"type": "levels", "question": "How polite is it?", "levels": ["rude", "plain", "kind"]},
        {"type": "choice", "question": "How long is it?", "options": {"fine": 1.0, "long": 0.25, "no answer": null}},
    ]})
}

#[test]
fn probabilities_make_the_score() {
    let result = judged(
        &three(false),
        &[
            ("A", &[("A", 0.9), ("B", 0.1)]),
            ("B", &[("A", 0.1), (" B", 0.4), ("C", 0.3)]),
            ("A", &[("A", 0.6), ("B", 0.2), ("C", 0.2)]),
        ],
    );
    // Levels: (0.4 + 2 * 0.3) / 0.8 / 2; the choice: (0.6 + 0.2 * 0.25) / 0.8.
    let (levels, choice) = (0.625, 0.65 / 0.8);
    near(&result, (2.0 * 0.9 + levels + choice) / 4.0);
    assert!(
        (result.confidence.unwrap() - 0.5).abs() < 1e-12,
        "{result:?}"
    );
    assert_eq!(
        result.reason,
        "It says where.: clearly holds; How polite is it?: \"plain\", or else \"kind\"; How long is it?: \"fine\""
    );
}

#[test]
fn a_judge_without_probabilities_is_taken_at_its_word() {
    let result = judged(&three(false), &[("b", &[]), ("C", &[]), ("B", &[])]);
    near(&result, (0.0 + 1.0 + 0.25) / 4.0);
    assert_eq!(result.confidence, None);
}

#[test]
fn what_does_not_apply_has_no_part() {
    let result = judged(
        &three(false),
        &[("A", &[]), ("C", &[]), ("C", &[("C", 0.5), ("A", 0.5)])],
    );
    near(&result, 1.0);
    let only = json!({"questions": [{"type": "choice", "question": "q", "options": {"a": 0.0, "none": null}}]});
    let result = judged(&only, &[("B", &[])]);
    assert_eq!(result.status, MetricStatus::Skipped, "{result:?}");
}

#[test]
fn strictly_every_answer_is_the_best_one() {
    let best: Pick<'_> = ("A", &[("A", 0.5), ("B", 0.5)]);
    near(&judged(&three(true), &[best, ("C", &[]), ("A", &[])]), 1.0);
    near(&judged(&three(true), &[best, ("B", &[]), ("A", &[])]), 0.0);
    near(&judged(&three(true), &[best, ("C", &[]), ("B", &[])]), 0.0);
    near(&judged(&three(true), &[best, ("C", &[]), ("C", &[])]), 1.0);
    assert_eq!(
        judged(&three(true), &[best, ("C", &[]), ("A", &[])]).threshold,
        1.0
    );
}

#[test]
fn a_letter_that_is_no_answer_is_asked_for_again() {
    let only = json!({"questions": [{"type": "statement", "statement": "s"}]});
    near(&judged(&only, &[("C", &[]), ("A", &[])]), 1.0);
    let result = judged(&only, &[("C", &[]), ("AB", &[])]);
    assert_eq!((result.status, result.score), (MetricStatus::Error, None));
}

#[test]
fn questions_that_cannot_be_asked_are_refused() {
    let wrong = |question: Value, field: &str| {
        let params = json!({"questions": [question]});
        let errors = check_spec(&spec(&params)).unwrap_err();
        assert!(
            errors.iter().any(|e| e.field.starts_with(field)),
            "{errors:?}"
        );
    };
    wrong(
        json!({"type": "statement", "statement": "  "}),
        "/params/questions/0/statement",
    );
    wrong(
        json!({"type": "levels", "question": "q", "levels": ["a", "a "]}),
        "/params/questions/0/levels",
    );
    wrong(
        json!({"type": "choice", "question": "q", "options": {"a": null, "b": null}}),
        "/params/questions/0/options",
    );
    wrong(
        json!({"type": "statement", "statement": "s", "weight": 0}),
        "/params/questions/0",
    );
    wrong(
        json!({"type": "levels", "question": "q", "levels": ["a"]}),
        "/params/questions/0",
    );
}
