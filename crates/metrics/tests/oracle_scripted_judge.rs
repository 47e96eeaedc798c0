//! Metrics that ask a judge compared with what DeepEval makes of the same cases and the same answers.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may fail loudly"
)]

mod common;

use assay_llm::ChatAnswer;
use assay_metrics::{Evaluation, Step};
use assay_model::{MetricResult, MetricSpec, MetricStatus, TestCase};
use common::{equal, list, run, same};
use serde_json::{Value, json};

fn text(value: &Value) -> Option<String> {
    value.as_str().map(str::to_owned)
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
