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
    Comparison, Evaluation, RubricLevel, Step, Verdict, average_precision, format_rubric,
    image_score, normalise, qag_normalize, qag_score, rubric_range, sort_rubric, split_sentences,
    tool_correctness, topic_adherence, unit_interactions, verdict_from_probability, weighted_score,
    windows,
};
use assay_model::{MetricResult, MetricSpec, MetricStatus, Role, TestCase, ToolCall};
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
        "contextual_precision",
        "topic_adherence",
        "unit_interactions",
        "agent_loop_detection",
        "split_sentences",
        "text_to_image_score",
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
            "contextual_precision" => {
                let relevant = list(&case["relevance"]).iter().map(|r| {
                    Some(if r == &json!(1) {
                        Verdict::Yes
                    } else {
                        Verdict::No
                    })
                });
                same(
                    average_precision(&relevant.collect::<Vec<_>>()),
                    &case["score"],
                )
            }
            "text_to_image_score" => {
                let points = |key: &str| -> Vec<f64> {
                    list(&case[key]).iter().filter_map(Value::as_f64).collect()
                };
                let score = image_score(&points("sc"), &points("pq"));
                same(score.ok_or("no score")?, &case["score"])
            }
            "topic_adherence" => {
                let counts: [u64; 4] = serde_json::from_value(case["tp_tn_fp_fn"].clone())
                    .map_err(|e| e.to_string())?;
                // Upstream says 0 where nothing was asked. Here there is no score then.
                match topic_adherence(counts) {
                    None => equal(counts, [0; 4]),
                    Some(score) => same(score, &case["score"]),
                }
            }
            "unit_interactions" => interactions(case),
            "exact_match" => {
                let test_case = TestCase {
                    expected_output: text(&case["expected"]).map(Into::into),
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
            "agent_loop_detection" => loops(case),
            "split_sentences" => {
                let text = case["text"].as_str().ok_or("no text")?;
                equal(json!(split_sentences(text)), case["out"].clone())
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

fn interactions(case: &Value) -> Result<(), String> {
    let roles = case["roles"].as_str().ok_or("no roles")?;
    let turns: Vec<(Role, (char, usize))> = roles
        .chars()
        .enumerate()
        .map(|(i, role)| match role {
            'u' => (Role::User, (role, i)),
            _ => (Role::Assistant, (role, i)),
        })
        .collect();
    let units = unit_interactions(&turns);
    let named = |unit: &Vec<(char, usize)>| -> Value {
        unit.iter()
            .map(|(role, i)| json!(format!("{role}{i}")))
            .collect()
    };
    let all: Value = units.iter().map(named).collect();
    equal(&all, &case["units"])?;
    let windows: Value = windows(&units, 2)
        .iter()
        .map(|window| window.iter().map(named).collect::<Value>())
        .collect();
    equal(&windows, &case["windows_size_2"])
}

fn answered(case: &Value) -> TestCase {
    TestCase {
        actual_output: text(&case["actual"]).map(Into::into),
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
    let result = done(spec, case)?;
    result.score.ok_or(result.reason)
}

/// The result of a metric that asks no judge.
fn done(spec: Value, case: &TestCase) -> Result<MetricResult, String> {
    let spec: MetricSpec = serde_json::from_value(spec).map_err(|e| e.to_string())?;
    match Evaluation::start(&spec, case).1 {
        Step::Done(result) => Ok(result),
        other => Err(format!("{other:?}")),
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

fn loops(case: &Value) -> Result<(), String> {
    let mut params = case["params"].clone();
    if case["strict_mode"].is_boolean() {
        params["strict"] = case["strict_mode"].clone();
    }
    let test_case = TestCase {
        trace: serde_json::from_value(case["trace"].clone()).map_err(|e| e.to_string())?,
        ..TestCase::default()
    };
    let spec = json!({"kind": "agent_loop_detection", "params": params});
    let result = done(spec, &test_case)?;
    if test_case.trace.is_none() {
        // Upstream says 0 where there is no trace. Here the metric is not applicable.
        return equal(result.status, MetricStatus::Skipped);
    }
    same(result.score.ok_or(result.reason)?, &case["score"])?;
    // Upstream's breakdown has a full score for what was not checked.
    for (check, score) in result.breakdown {
        same(score, &case["breakdown"][check])?;
    }
    Ok(())
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
