//! Scores compared with what DeepEval makes of the same cases. Every file of the folder that `ASSAY_ORACLES` names (by
//! default `tests/oracles` of the repository) is read; cases are recognised by their kind, those of other kinds passed over.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may fail loudly"
)]

use assay_llm::{ChatAnswer, TokenAlternative, TokenLogprob};
use assay_metrics::{
    Comparison, Evaluation, RubricLevel, Step, Verdict, format_rubric, normalise, qag_normalize,
    qag_score, rubric_range, sort_rubric, tool_correctness, verdict_from_probability,
    weighted_score,
};
use assay_model::{MetricResult, MetricSpec, MetricStatus, TestCase, ToolCall};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::PathBuf;

const TOLERANCE: f64 = 1e-9;

/// Every case of every file, with the file's name.
fn cases() -> Vec<(String, Value)> {
    let default = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../tests/oracles");
    let folder = std::env::var_os("ASSAY_ORACLES").map_or(default, PathBuf::from);
    let mut files: Vec<PathBuf> = std::fs::read_dir(&folder)
        .unwrap_or_else(|e| panic!("{}: {e}", folder.display()))
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|e| e == "json"))
        .collect();
    files.sort();
    let mut cases = Vec::new();
    for file in files {
        let name = file.file_name().unwrap().to_string_lossy().into_owned();
        let value: Value = serde_json::from_slice(&std::fs::read(&file).unwrap())
            .unwrap_or_else(|e| panic!("{name}: {e}"));
        let list = value
            .get("cases")
            .unwrap_or(&value)
            .as_array()
            .cloned()
            .unwrap_or_default();
        cases.extend(list.into_iter().map(|case| (name.clone(), case)));
    }
    cases
}

/// Runs `check` on each case that `kind_of` names; fails with all that differ, and when one of `kinds` never ran.
fn run(
    kinds: &[&str],
    kind_of: impl Fn(&Value) -> Option<String>,
    check: impl Fn(&str, &Value) -> Result<(), String>,
) {
    let mut ran: BTreeMap<String, usize> = kinds.iter().map(|k| ((*k).to_owned(), 0)).collect();
    let mut wrong = Vec::new();
    for (file, case) in cases() {
        let Some(kind) = kind_of(&case) else { continue };
        let Some(count) = ran.get_mut(&kind) else {
            continue;
        };
        *count += 1;
        if let Err(what) = check(&kind, &case) {
            wrong.push(format!("{file}: {what}\n  {case}"));
        }
    }
    for (kind, count) in &ran {
        println!("{kind}: {count} cases");
    }
    assert!(
        wrong.is_empty(),
        "{} cases differ:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
    let idle: Vec<&String> = ran
        .iter()
        .filter(|(_, count)| **count == 0)
        .map(|(kind, _)| kind)
        .collect();
    assert!(idle.is_empty(), "no case ran of {idle:?}");
}

fn same(got: f64, expected: &Value) -> Result<(), String> {
    let expected = expected.as_f64().ok_or("the case expects no number")?;
    if (got - expected).abs() <= TOLERANCE {
        Ok(())
    } else {
        Err(format!("got {got}, expected {expected}"))
    }
}

fn equal<T: PartialEq + std::fmt::Debug>(got: T, expected: T) -> Result<(), String> {
    if got == expected {
        Ok(())
    } else {
        Err(format!("got {got:?}, expected {expected:?}"))
    }
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

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

#[test]
fn oracle_scripted_judge() {
    run(
        &["GEval"],
        |case| {
            case.get("judge_calls_in_order")
                .and_then(|_| Some(case.get("metric")?.as_str()?.to_owned()))
        },
        |_, case| {
            let spec = geval_spec(case)?;
            let result = play(&spec, case)?;
            let expected = case["score"].as_f64();
            if case["strict_mode"] == json!(true) && expected.is_some_and(|s| s != 0.0 && s != 1.0)
            {
                // Upstream takes whatever number a strict judge says, so that 5 passes. Asked for 0 or 1, that is no answer:
                // the judge is asked once more, and then it is an error.
                return equal((result.status, result.score), (MetricStatus::Error, None));
            }
            same(result.score.ok_or(result.reason)?, &case["score"])?;
            equal(
                result.status == MetricStatus::Passed,
                case["success"] == json!(true),
            )
        },
    );
}

/// The case's metric as Assay's spec.
fn geval_spec(case: &Value) -> Result<MetricSpec, String> {
    let upstream = &case["params"];
    let name = |field: &Value| {
        text(field).map(|f| f.rsplit('.').next().unwrap_or_default().to_lowercase())
    };
    let mut params = json!({
        "fields": list(&upstream["evaluation_params"]).iter().filter_map(name).collect::<Vec<_>>(),
        "strict": case["strict_mode"],
    });
    for same_name in ["criteria", "evaluation_steps"] {
        if let Some(value) = upstream.get(same_name).filter(|v| !v.is_null()) {
            params[same_name] = value.clone();
        }
    }
    let levels: Vec<Value> = list(&upstream["rubric"])
        .iter()
        .filter_map(|l| recorded_level(l.as_str()?))
        .collect();
    params["rubric"] = json!(levels);
    serde_json::from_value(
        json!({"kind": "g_eval", "params": params, "threshold": case["threshold"]}),
    )
    .map_err(|e| e.to_string())
}

/// A level as it was recorded: `score_range=(2, 4) expected_outcome='lo'`.
fn recorded_level(text: &str) -> Option<Value> {
    let (range, outcome) = text
        .strip_prefix("score_range=(")?
        .split_once(") expected_outcome=")?;
    let (lo, hi) = range.split_once(',')?;
    let number = |n: &str| n.trim().parse::<u32>().ok();
    Some(
        json!({"score_range": [number(lo)?, number(hi)?], "expected_outcome": outcome.trim_matches('\'')}),
    )
}

/// Answers as the case says, in order; a repeated question gets the same answer.
fn play(spec: &MetricSpec, case: &Value) -> Result<MetricResult, String> {
    let test_case: TestCase =
        serde_json::from_value(case["test_case"].clone()).map_err(|e| e.to_string())?;
    let calls = list(&case["judge_calls_in_order"]);
    let (mut evaluation, mut step) = Evaluation::start(spec, &test_case);
    let (mut asked, mut repeats) = (0, 0);
    loop {
        let call = match step {
            Step::Done(result) => {
                equal(asked, calls.len())?;
                return Ok(result);
            }
            Step::Ask(call) => call,
        };
        let repeated = call
            .messages
            .last()
            .is_some_and(|m| m.content.starts_with("That answer cannot be used"));
        if repeated {
            repeats += 1;
        } else {
            asked += 1;
        }
        let recorded = calls
            .get(asked - 1)
            .filter(|_| repeats < 5)
            .ok_or("more calls than recorded")?;
        equal(Some(call.schema_name), recorded["schema"].as_str())?;
        let content = recorded["response"].to_string();
        step = evaluation.answer(Ok(ChatAnswer {
            content,
            ..ChatAnswer::default()
        }));
    }
}
