//! What metrics that need no judge make of texts that nobody has thought of: bounds, equal texts, empty ones, long ones.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may fail loudly"
)]

use assay_metrics::{Evaluation, Step, split_sentences};
use assay_model::{Content, MetricResult, MetricStatus, TestCase};
use proptest::prelude::*;
use serde_json::{Value, json};
use std::time::{Duration, Instant};

/// Metrics that hold the answer against the expected output.
fn comparisons() -> Vec<Value> {
    let rouge = |variant| json!({"kind": "rouge", "params": {"variant": variant}});
    vec![
        json!({"kind": "bleu"}),
        json!({"kind": "bleu", "params": {"smoothing": "none"}}),
        json!({"kind": "bleu", "params": {"smoothing": "add_k", "k": 0.5, "ignore_case": true}}),
        rouge("rouge1"),
        rouge("rouge2"),
        rouge("rougeL"),
        rouge("rougeLsum"),
        json!({"kind": "rouge", "params": {"stem": true, "measure": "recall"}}),
        json!({"kind": "chrf"}),
        json!({"kind": "chrf", "params": {"word_order": 2, "ignore_case": true}}),
        json!({"kind": "ter"}),
        json!({"kind": "edit_similarity"}),
        json!({"kind": "edit_similarity", "params": {"unit": "words", "ignore_case": true}}),
    ]
}

/// Metrics of the answer alone.
fn of_one_text() -> Vec<Value> {
    vec![
        json!({"kind": "readability"}),
        json!({"kind": "readability", "params": {"formula": "flesch_kincaid_grade", "max": 8}}),
        json!({"kind": "length", "params": {"unit": "characters", "min": 3, "max": 20}}),
        json!({"kind": "length", "params": {"unit": "tokens", "max": 0}}),
        json!({"kind": "length", "params": {"unit": "sentences", "min": 2}}),
    ]
}

const RETRIEVAL: [&str; 5] = [
    "ndcg",
    "precision_at_k",
    "recall_at_k",
    "hit_rate",
    "reciprocal_rank",
];

fn result(spec: &Value, case: &TestCase) -> MetricResult {
    let spec = serde_json::from_value(spec.clone()).unwrap();
    assert_eq!(assay_metrics::check_spec(&spec), Ok(()));
    match Evaluation::start(&spec, case).1 {
        Step::Done(result) => result,
        other => panic!("{spec:?} is not done: {other:?}"),
    }
}

fn pair(answer: &str, reference: &str) -> TestCase {
    TestCase {
        actual_output: Some(answer.into()),
        expected_output: Some(reference.into()),
        ..TestCase::default()
    }
}

/// Words, marks, white space of many kinds, letters whose case changes their length, parts of characters, what has no glyph.
fn hostile() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        "[a-c]{1,3}",
        "[ .,\\-0-9&;]{1,4}",
        Just("&quot;".to_owned()),
        Just("<skipped>".to_owned()),
        Just("-\n".to_owned()),
        Just("İSTANBUL ẞ ŉ".to_owned()),
        Just("e\u{301}\u{200d}\u{fe0f}👩\u{200d}👧".to_owned()),
        Just("\u{202e}\u{0}\u{1c}\u{85}\u{2028}\u{feff}".to_owned()),
        Just("ذلك 中文。日本".to_owned()),
        "\\PC{0,6}",
        any::<char>().prop_map(String::from),
    ];
    prop::collection::vec(piece, 0..30).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn scores_are_within_bounds(answer in hostile(), reference in hostile()) {
        let case = pair(&answer, &reference);
        for spec in comparisons().iter().chain(&of_one_text()) {
            let result = result(spec, &case);
            match result.status {
                MetricStatus::Passed | MetricStatus::Failed => {
                    let score = result.score.unwrap();
                    prop_assert!((0.0..=1.0).contains(&score), "{} {}", spec, score);
                    prop_assert!(result.breakdown.values().all(|value| value.is_finite()));
                }
                MetricStatus::Skipped => prop_assert!(result.reason.starts_with("not applicable")),
                MetricStatus::Error => prop_assert!(answer.is_empty(), "{} {}", spec, result.reason),
            }
        }
    }

    #[test]
    fn equal_texts_score_1(text in hostile()) {
        let case = pair(&text, &text);
        for spec in comparisons() {
            let result = result(&spec, &case);
            let pairs_of_one_word = spec["params"]["variant"] == json!("rouge2");
            if let Some(score) = result.score
                && !pairs_of_one_word
            {
                prop_assert_eq!(score, 1.0, "{}", spec);
            }
        }
    }

    #[test]
    fn distances_are_the_same_both_ways(left in hostile(), right in hostile()) {
        for spec in [json!({"kind": "edit_similarity"}), json!({"kind": "rouge"}), json!({"kind": "chrf", "params": {"beta": 1}})] {
            let there = result(&spec, &pair(&left, &right)).score;
            let back = result(&spec, &pair(&right, &left)).score;
            if let (Some(there), Some(back)) = (there, back) {
                prop_assert!((there - back).abs() < 1e-12, "{} {} {}", spec, there, back);
            }
        }
    }

    #[test]
    fn sentences_leave_nothing_out(text in hostile()) {
        let bare = |text: &str| text.split_whitespace().collect::<String>().replace(['\x1c', '\x1d', '\x1e', '\x1f'], "");
        prop_assert_eq!(bare(&split_sentences(&text).concat()), bare(&text));
    }

    #[test]
    fn retrieval_is_within_bounds(
        retrieved in prop::collection::vec("[a-d] ?", 1..8),
        relevant in prop::collection::vec("[a-d]", 1..5),
        k in 1_u32..10,
    ) {
        let texts = |all: Vec<String>| all.into_iter().map(Into::into).collect::<Vec<Content>>();
        let case = TestCase { retrieval_context: texts(retrieved), context: texts(relevant), ..TestCase::default() };
        for kind in RETRIEVAL {
            for params in [json!({}), json!({"k": k})] {
                let score = result(&json!({"kind": kind, "params": params}), &case).score.unwrap();
                prop_assert!((0.0..=1.0).contains(&score), "{} {}", kind, score);
            }
        }
    }
}

#[test]
fn what_is_empty_has_no_score_or_0() {
    let check = |answer: &str, reference: &str, status: MetricStatus, score: Option<f64>| {
        for spec in comparisons() {
            let result = result(&spec, &pair(answer, reference));
            assert_eq!(result.status, status, "{spec} {}", result.reason);
            assert_eq!(result.score, score, "{spec}");
            assert!(!result.reason.is_empty());
        }
    };
    check("", "a word", MetricStatus::Error, None);
    check(" \n", "a word", MetricStatus::Failed, Some(0.0));
    check("a word", "", MetricStatus::Skipped, None);
    check("a word", "\u{a0} \n", MetricStatus::Skipped, None);
    let rouge = result(&json!({"kind": "rouge"}), &pair("你好", "你好"));
    assert_eq!(rouge.status, MetricStatus::Skipped, "{}", rouge.reason);
}

#[test]
fn fields_that_are_absent() {
    for spec in comparisons() {
        let case = TestCase {
            actual_output: Some("an answer".into()),
            ..TestCase::default()
        };
        assert_eq!(result(&spec, &case).status, MetricStatus::Skipped, "{spec}");
    }
    let grades = json!([{"document": "a", "relevance": 1}]);
    for kind in RETRIEVAL {
        let check = |params: &Value, retrieved: &[&str], status: MetricStatus| {
            let case = TestCase {
                retrieval_context: retrieved.iter().map(|&text| text.into()).collect(),
                ..TestCase::default()
            };
            let result = result(&json!({"kind": kind, "params": params}), &case);
            assert_eq!(result.status, status, "{kind} {}", result.reason);
        };
        check(&json!({}), &["a"], MetricStatus::Skipped);
        check(&json!({"grades": grades}), &[], MetricStatus::Skipped);
        check(&json!({"grades": grades}), &["a"], MetricStatus::Passed);
        check(&json!({"grades": grades}), &["b"], MetricStatus::Failed);
    }
}

#[test]
fn what_retrieval_is_worth() {
    let check = |retrieved: &[&str], relevant: &[&str], kind: &str, k: usize, expected: f64| {
        let texts = |texts: &[&str]| texts.iter().map(|&text| text.into()).collect();
        let case = TestCase {
            retrieval_context: texts(retrieved),
            context: texts(relevant),
            ..TestCase::default()
        };
        let result = result(&json!({"kind": kind, "params": {"k": k}}), &case);
        let score = result.score.unwrap();
        assert!((score - expected).abs() < 1e-9, "{kind} {score} {expected}");
    };
    let retrieved = ["x", " the\n first ", "y", "second"];
    let relevant = ["the first", "second", "third"];
    check(&retrieved, &relevant, "precision_at_k", 4, 0.5);
    check(&retrieved, &relevant, "recall_at_k", 4, 2.0 / 3.0);
    check(&retrieved, &relevant, "recall_at_k", 2, 1.0 / 3.0);
    check(&retrieved, &relevant, "hit_rate", 1, 0.0);
    check(&retrieved, &relevant, "hit_rate", 2, 1.0);
    check(&retrieved, &relevant, "reciprocal_rank", 9, 0.5);
    check(&retrieved, &relevant, "reciprocal_rank", 1, 0.0);
    // What was missed lowers it: one of two relevant documents in the first place is not the best there is.
    let best = 1.0 + 1.0 / 3_f64.log2();
    check(&["a"], &["a", "b"], "ndcg", 2, 1.0 / best);
    check(&["b", "a"], &["a", "b"], "ndcg", 2, 1.0);
    // A document counts once.
    check(&["a", "a"], &["a"], "precision_at_k", 2, 0.5);
    check(&["a", "a"], &["a", "b"], "recall_at_k", 2, 0.5);
}

#[test]
fn grades_weigh() {
    let grades = json!([{"document": "best", "relevance": 3}, {"document": "good", "relevance": 1}, {"document": "bad", "relevance": 0}]);
    let score = |retrieved: [&str; 2]| {
        let case = TestCase {
            retrieval_context: retrieved.map(Into::into).to_vec(),
            ..TestCase::default()
        };
        result(
            &json!({"kind": "ndcg", "params": {"grades": grades}}),
            &case,
        )
        .score
        .unwrap()
    };
    assert_eq!(score(["best", "good"]), 1.0);
    assert!(score(["good", "best"]) < 1.0);
    assert!(score(["bad", "best"]) < score(["good", "best"]));
    assert_eq!(score(["bad", "other"]), 0.0);
}

#[test]
fn parameters_that_are_wrong() {
    let check = |kind: &str, params: Value, expected: &[&str]| {
        let spec = serde_json::from_value(json!({"kind": kind, "params": params})).unwrap();
        let faults = assay_metrics::check_spec(&spec).err().unwrap_or_default();
        let fields: Vec<&str> = faults.iter().map(|fault| fault.field.as_str()).collect();
        assert_eq!(fields, expected, "{kind} {params} {faults:?}");
        // A stored spec may be wrong all the same; that is no panic.
        let _ = Evaluation::start(&spec, &pair("some words", "some others"));
    };
    check(
        "bleu",
        json!({"smoothing": "floor"}),
        &["/params/smoothing"],
    );
    check("bleu", json!({"k": 2}), &["/params/k"]);
    check(
        "bleu",
        json!({"smoothing": "add_k", "k": 0}),
        &["/params/k"],
    );
    check(
        "rouge",
        json!({"variant": "rouge3", "stem": 1}),
        &["/params/stem", "/params/variant"],
    );
    check("chrf", json!({"word_order": 3}), &["/params/word_order"]);
    check(
        "chrf",
        json!({"word_order": -1, "beta": 0}),
        &["/params/beta", "/params/word_order"],
    );
    check("ter", json!({"unit": "words"}), &["/params/unit"]);
    check(
        "edit_similarity",
        json!({"unit": "bytes"}),
        &["/params/unit"],
    );
    for kind in RETRIEVAL {
        check(kind, json!({"k": 0}), &["/params/k"]);
        check(kind, json!({"k": 1.5}), &["/params/k"]);
        check(kind, json!({"grades": []}), &["/params/grades"]);
        check(
            kind,
            json!({"grades": [{"document": "a"}]}),
            &["/params/grades/0/relevance"],
        );
        let grade =
            |document: &str, relevance: f64| json!({"document": document, "relevance": relevance});
        check(
            kind,
            json!({"grades": [grade("a b", 1.0), grade(" ", 1.0)]}),
            &["/params/grades/1/document"],
        );
        check(
            kind,
            json!({"grades": [grade("a b", 1.0), grade("a  b", 2.0)]}),
            &["/params/grades/1/document"],
        );
        check(
            kind,
            json!({"grades": [grade("a", 0.0)]}),
            &["/params/grades"],
        );
        check(
            kind,
            json!({"grades": [grade("a", -1.0)]}),
            &["/params/grades/0/relevance"],
        );
    }
    check(
        "readability",
        json!({"formula": "smog"}),
        &["/params/formula"],
    );
    check(
        "readability",
        json!({"min": 60, "max": 50}),
        &["/params/max"],
    );
    check("length", json!({}), &["/params/max"]);
    check("length", json!({"min": 5, "max": 4}), &["/params/max"]);
    check(
        "length",
        json!({"min": -5, "unit": "lines"}),
        &["/params/min", "/params/unit"],
    );
}

#[test]
fn how_long_an_answer_is() {
    let check = |params: Value, text: &str, expected: f64| {
        let result = result(
            &json!({"kind": "length", "params": params}),
            &pair(text, ""),
        );
        assert_eq!(result.score, Some(expected), "{params} {}", result.reason);
    };
    check(json!({"min": 2, "max": 3}), "two words", 1.0);
    check(json!({"min": 4}), "two words", 0.5);
    check(json!({"max": 1}), "two words", 0.5);
    check(json!({"max": 0}), "two words", 0.0);
    check(json!({"unit": "characters", "max": 4}), "été!", 1.0);
    check(
        json!({"unit": "sentences", "min": 2, "max": 2}),
        "One. Two, 2.5!",
        1.0,
    );
    check(
        json!({"unit": "tokens", "min": 7, "max": 7}),
        "It's internationally",
        1.0,
    );
}

#[test]
fn how_easily_an_answer_is_read() {
    let text = "The cat sat on the mat. It was a very sunny day.";
    let plain = result(&json!({"kind": "readability"}), &pair(text, ""));
    // 12 words, 2 sentences, 14 syllables.
    let ease = 206.835 - 1.015 * 6.0 - 84.6 * 14.0 / 12.0;
    assert!(
        (plain.breakdown["flesch_reading_ease"] - ease).abs() < 1e-9,
        "{plain:?}"
    );
    assert!(
        (plain.breakdown["flesch_kincaid_grade"] - (0.39 * 6.0 + 11.8 * 14.0 / 12.0 - 15.59)).abs()
            < 1e-9
    );
    assert_eq!(plain.score, Some(1.0));
    let check = |params: Value, expected: f64| {
        let result = result(
            &json!({"kind": "readability", "params": params}),
            &pair(text, ""),
        );
        assert_eq!(result.score, Some(expected), "{params}");
    };
    check(json!({"min": 90}), 1.0);
    check(json!({"min": 110}), 0.0);
    check(json!({"max": 60}), 0.0);
    check(json!({"formula": "flesch_kincaid_grade", "max": 5}), 1.0);
    let none = result(&json!({"kind": "readability"}), &pair("?! ...", ""));
    assert_eq!(none.status, MetricStatus::Skipped);
}

/// Long texts: alike, unlike, without white space, of one letter, of short lines. Not as long as may be: tests are not optimised.
#[test]
fn long_texts_take_bounded_time() {
    const LEN: usize = 20_000;
    let varied = |seed: usize, words: &[&str], between: &str| {
        let mut text = String::new();
        let mut state = seed;
        while text.len() < LEN {
            state = state.wrapping_mul(1_103_515_245).wrapping_add(12345) % (1 << 31);
            text.push_str(words[(state >> 8) % words.len()]);
            text.push_str(between);
        }
        text
    };
    let words = [
        "an", "order", "was", "sent", "on", "Monday,", "it", "arrives", "soon.\n",
    ];
    let texts = [
        varied(1, &words, " "),
        varied(2, &words, " "),
        varied(3, &words, ""),
        "y".repeat(LEN),
        varied(4, &["a", "b"], "\n"),
        varied(5, &["1.", ",", "-"], ""),
    ];
    for (i, left) in texts.iter().enumerate() {
        for right in texts.iter().skip(i + 1).take(1) {
            for spec in comparisons().iter().chain(&of_one_text()) {
                let started = Instant::now();
                let result = result(spec, &pair(left, right));
                // Others use the machine.
                assert!(
                    started.elapsed() < Duration::from_secs(60),
                    "{spec} {:?}",
                    started.elapsed()
                );
                assert!(
                    result.score.is_some()
                        || result.reason.contains("too long")
                        || result.status == MetricStatus::Skipped,
                    "{spec} {}",
                    result.reason
                );
            }
        }
    }
}
