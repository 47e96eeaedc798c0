//! Formulas and deterministic metrics compared with what DeepEval makes of the same cases. Cases are recognised by their
//! kind, those of other kinds passed over.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may fail loudly"
)]

mod common;

use assay_llm::{TokenAlternative, TokenLogprob};
use assay_metrics::{
    Comparison, Evaluation, RubricLevel, Step, Verdict, format_rubric, normalise, qag_normalize,
    qag_score, rubric_range, sort_rubric, tool_correctness, verdict_from_probability,
    weighted_score,
};
use assay_model::{MetricSpec, TestCase, ToolCall};
use common::{equal, list, run, same};
use serde_json::{Value, json};

#[test]
fn oracle_deterministic() {
    let kinds = [
        "tool_correctness",
        "geval_weighted_score",
        "geval_rubric",
        "geval_rubric_invalid",
        "exact_match",
        "pattern_match",
        "qag_normalize",
        "qag_score",
        "verdict_from_probability",
    ];
    run(
        &kinds,
        |case| Some(case.get("kind")?.as_str()?.to_owned()),
        |kind, case| match kind {
            "tool_correctness" => tools(case),
            "geval_weighted_score" => weighted(case),
            "geval_rubric" => rubric(case),
            "geval_rubric_invalid" => match sort_rubric(levels(&case["ranges"])?) {
                Err(_) => Ok(()),
                Ok(_) => Err("the rubric is taken".to_owned()),
            },
            "exact_match" => {
                let test_case = TestCase {
                    expected_output: text(&case["expected"]),
                    ..answered(case)
                };
                same(
                    scored(json!({"kind": "exact_match"}), &test_case)?,
                    &case["score"],
                )
            }
            "pattern_match" => {
                let params =
                    json!({"pattern": case["pattern"], "ignore_case": case["ignore_case"]});
                same(
                    scored(json!({"kind": "regex", "params": params}), &answered(case))?,
                    &case["score"],
                )
            }
            "qag_normalize" => {
                let raw = case["raw"].as_str().unwrap_or_default();
                equal(qag_normalize(raw, false), verdict(&case["yes_no"]))?;
                equal(qag_normalize(raw, true), verdict(&case["with_borderline"]))
            }
            "qag_score" => {
                let verdicts: Vec<_> = list(&case["verdicts"]).iter().map(verdict).collect();
                let passing: Vec<_> = list(&case["passing"]).iter().filter_map(verdict).collect();
                let empty = case["empty_score"].as_f64().unwrap_or(1.0);
                same(
                    qag_score(&verdicts, &passing, empty, case["strict"] == json!(true)),
                    &case["score"],
                )
            }
            _ => {
                let p = case["p"].as_f64().ok_or("no probability")?;
                equal(verdict_from_probability(p, false), verdict(&case["yes_no"]))?;
                equal(
                    verdict_from_probability(p, true),
                    verdict(&case["borderline"]),
                )
            }
        },
    );
}

fn text(value: &Value) -> Option<String> {
    value.as_str().map(str::to_owned)
}

fn answered(case: &Value) -> TestCase {
    TestCase {
        actual_output: text(&case["actual"]),
        ..TestCase::default()
    }
}

fn verdict(value: &Value) -> Option<Verdict> {
    match value.as_str()? {
        "yes" => Some(Verdict::Yes),
        "no" => Some(Verdict::No),
        "borderline" => Some(Verdict::Borderline),
        _ => None,
    }
}

/// The score of a metric that asks no judge.
fn scored(spec: Value, case: &TestCase) -> Result<f64, String> {
    let spec: MetricSpec = serde_json::from_value(spec).map_err(|e| e.to_string())?;
    match Evaluation::start(&spec, case).1 {
        Step::Done(result) => result.score.ok_or(result.reason),
        Step::Ask(_) => Err("a judge is asked".to_owned()),
    }
}

fn tools(case: &Value) -> Result<(), String> {
    let calls = |value: &Value| -> Vec<ToolCall> {
        let call = |c: &Value| ToolCall {
            name: text(&c[0]).unwrap_or_default(),
            input_parameters: c[1].clone(),
            output: Some(c[2].clone()).filter(|o| !o.is_null()),
        };
        list(value).iter().map(call).collect()
    };
    let (called, expected) = (calls(&case["called"]), calls(&case["expected"]));
    let evaluate = &case["evaluation_params"];
    let comparison = Comparison {
        input_parameters: list(evaluate).contains(&json!("input_parameters")),
        output: list(evaluate).contains(&json!("output")),
        consider_ordering: case["mode"] == json!("ordering"),
        exact_match: case["mode"] == json!("exact"),
    };
    let expected_score = &case["score"];
    if case["error"].is_null() {
        let got = tool_correctness(&called, &expected, comparison);
        if let Err(what) = same(got, expected_score) {
            // Upstream remembers taken calls by value: equal calls on both sides count once there. Documented as a bug.
            let doubled = |calls: &[ToolCall]| {
                calls
                    .iter()
                    .enumerate()
                    .any(|(i, c)| calls.iter().take(i).any(|d| d == c))
            };
            let bug = comparison
                == Comparison {
                    consider_ordering: false,
                    exact_match: false,
                    ..comparison
                }
                && doubled(&called)
                && doubled(&expected)
                && expected_score
                    .as_f64()
                    .is_some_and(|upstream| upstream < got);
            return if bug { Ok(()) } else { Err(what) };
        }
    }
    // The metric as a whole gives what the function gives.
    let params = json!({"evaluate": evaluate, "consider_ordering": comparison.consider_ordering,
        "exact_match": comparison.exact_match});
    let test_case = TestCase {
        tools_called: called.clone(),
        expected_tools: Some(expected.clone()),
        ..TestCase::default()
    };
    let whole = scored(
        json!({"kind": "tool_correctness", "params": params}),
        &test_case,
    )?;
    same(
        whole,
        &json!(tool_correctness(&called, &expected, comparison)),
    )
}

fn weighted(case: &Value) -> Result<(), String> {
    let raw = case["raw_score"].as_f64().ok_or("no raw score")?;
    same(
        weighted_score(raw, &tokens(&case["tokens"])).score,
        &case["expected"],
    )
}

fn tokens(value: &Value) -> Vec<TokenLogprob> {
    let top = |alternative: &Value| {
        Some(TokenAlternative {
            token: text(&alternative[0])?,
            logprob: alternative[1].as_f64()?,
        })
    };
    let token = |t: &Value| TokenLogprob {
        token: text(&t["token"]).unwrap_or_default(),
        logprob: 0.0,
        top: list(&t["top_logprobs"]).iter().filter_map(top).collect(),
    };
    list(value).iter().map(token).collect()
}

fn levels(ranges: &Value) -> Result<Vec<RubricLevel>, String> {
    let level = |range: &Value| {
        let score_range = serde_json::from_value(range.clone()).map_err(|e| e.to_string())?;
        Ok(RubricLevel {
            score_range,
            expected_outcome: format!("o{}", range[0]),
        })
    };
    list(ranges).iter().map(level).collect()
}

fn rubric(case: &Value) -> Result<(), String> {
    let sorted = sort_rubric(levels(&case["ranges"])?).map_err(|e| e.to_string())?;
    equal(
        json!(sorted.iter().map(|l| l.score_range).collect::<Vec<_>>()),
        case["sorted"].clone(),
    )?;
    equal(
        Some(format_rubric(&sorted).as_str()),
        case["formatted"].as_str(),
    )?;
    let range = rubric_range(&sorted).map_err(|e| e.to_string())?;
    equal(json!(range), case["score_range"].clone())?;
    for (score, expected) in case["normalised"].as_object().into_iter().flatten() {
        same(
            normalise(score.parse().map_err(|_| "not a score")?, range),
            expected,
        )?;
    }
    Ok(())
}
