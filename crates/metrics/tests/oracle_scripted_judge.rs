//! Metrics that ask a judge compared with what DeepEval makes of the same cases and the same answers.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may fail loudly"
)]

mod common;
mod dag_text;

use assay_llm::ChatAnswer;
use assay_metrics::{Evaluation, JudgeCall, Step, check_spec};
use assay_model::{MetricKind, MetricResult, MetricSpec, MetricStatus, TestCase};
use common::{equal, list, run, same};
use serde_json::{Value, json};
use std::collections::BTreeMap;

fn text(value: &Value) -> Option<String> {
    value.as_str().map(str::to_owned)
}

/// Upstream's metrics that are known here, and the kinds that they are.
const KNOWN: [(&str, &str); 32] = [
    ("GEval", "g_eval"),
    ("AnswerRelevancyMetric", "answer_relevancy"),
    ("FaithfulnessMetric", "faithfulness"),
    ("ContextualPrecisionMetric", "contextual_precision"),
    ("ContextualRecallMetric", "contextual_recall"),
    ("ContextualRelevancyMetric", "contextual_relevancy"),
    ("HallucinationMetric", "hallucination"),
    ("BiasMetric", "bias"),
    ("ToxicityMetric", "toxicity"),
    ("PIILeakageMetric", "pii_leakage"),
    ("NonAdviceMetric", "non_advice"),
    ("MisuseMetric", "misuse"),
    ("RoleViolationMetric", "role_violation"),
    ("PromptAlignmentMetric", "prompt_alignment"),
    ("SummarizationMetric", "summarization"),
    ("ArgumentCorrectnessMetric", "argument_correctness"),
    ("TaskCompletionMetric", "task_completion"),
    ("StepEfficiencyMetric", "step_efficiency"),
    ("PlanQualityMetric", "plan_quality"),
    ("PlanAdherenceMetric", "plan_adherence"),
    ("TurnRelevancyMetric", "turn_relevancy"),
    ("TurnFaithfulnessMetric", "turn_faithfulness"),
    ("TurnContextualPrecisionMetric", "turn_contextual_precision"),
    ("TurnContextualRecallMetric", "turn_contextual_recall"),
    ("KnowledgeRetentionMetric", "knowledge_retention"),
    (
        "ConversationCompletenessMetric",
        "conversation_completeness",
    ),
    ("RoleAdherenceMetric", "role_adherence"),
    ("GoalAccuracyMetric", "goal_accuracy"),
    ("TopicAdherenceMetric", "topic_adherence"),
    ("DAGMetric", "dag"),
    ("ConversationalGEval", "conversational_g_eval"),
    ("TranscriptionAccuracyMetric", "transcription_accuracy"),
];

#[test]
fn oracle_scripted_judge() {
    run(
        &KNOWN.map(|(upstream, _)| upstream),
        |case| {
            case.get("judge_calls_in_order")
                .and_then(|_| Some(case.get("metric")?.as_str()?.to_owned()))
        },
        |_, case| {
            let spec = spec(case)?;
            let result = play(&spec, case)?;
            let expected = case["score"].as_f64();
            if spec.kind == MetricKind::GEval
                && case["strict_mode"] == json!(true)
                && expected.is_some_and(|s| s != 0.0 && s != 1.0)
            {
                // Upstream takes whatever number a strict judge says, so that 5 passes. Asked for 0 or 1, that is no answer:
                // the judge is asked once more, and then it is an error.
                return equal((result.status, result.score), (MetricStatus::Error, None));
            }
            let plans = [MetricKind::PlanQuality, MetricKind::PlanAdherence];
            if plans.contains(&spec.kind) && planless(case) {
                // Upstream says 1 where the agent has no plan. Here there is nothing to judge then.
                return equal(result.status, MetricStatus::Skipped);
            }
            if spec.kind == MetricKind::ArgumentCorrectness
                && list(&case["test_case"]["tools_called"]).is_empty()
            {
                // Upstream says 1 where no tools were called. Here there is nothing to judge then.
                return equal(result.status, MetricStatus::Skipped);
            }
            if spec.kind == MetricKind::TranscriptionAccuracy
                && !list(&case["judge_calls_in_order"])
                    .iter()
                    .any(|call| call["schema"] == "Verdicts")
            {
                // Upstream says 1 where there is nothing to compare, and asks the judge why. Here there is nothing to judge then.
                return equal(result.status, MetricStatus::Skipped);
            }
            same(result.score.ok_or(result.reason)?, &case["score"])?;
            if spec.kind == MetricKind::RoleViolation && case["strict_mode"] == json!(true) {
                // Upstream's strict threshold is 0, which every answer reaches.
                return equal(result.status == MetricStatus::Passed, expected == Some(1.0));
            }
            equal(
                result.status == MetricStatus::Passed,
                case["success"] == json!(true),
            )
        },
    );
}

/// Whether the judge found no plan.
fn planless(case: &Value) -> bool {
    list(&case["judge_calls_in_order"])
        .iter()
        .any(|call| call["schema"] == "AgentPlan" && list(&call["response"]["plan"]).is_empty())
}

/// The case's metric as Assay's spec.
fn spec(case: &Value) -> Result<MetricSpec, String> {
    let kind = KNOWN.iter().find(|(name, _)| case["metric"] == *name);
    let (_, kind) = kind.ok_or("an unknown metric")?;
    match *kind {
        "g_eval" | "conversational_g_eval" => geval_spec(kind, case),
        // The graph is recorded as text, with the case.
        "dag" => {
            let written = case["test_case"]["dag"].as_str().ok_or("no graph")?;
            let mut params =
                json!({"dag": dag_text::parse(written)?, "strict": case["strict_mode"]});
            if let Some(flag) = case["params"].get("include_reason") {
                params["include_reason"] = flag.clone();
            }
            let spec = json!({"kind": kind, "params": params, "threshold": case["threshold"]});
            let spec = serde_json::from_value(spec).map_err(|e| e.to_string())?;
            check_spec(&spec).map_err(|faults| format!("{faults:?}"))?;
            Ok(spec)
        }
        // Parameters have upstream's names.
        kind => {
            let mut params = case["params"].clone();
            params["strict"] = case["strict_mode"].clone();
            let spec = json!({"kind": kind, "params": params, "threshold": case["threshold"]});
            serde_json::from_value(spec).map_err(|e| e.to_string())
        }
    }
}

/// G-Eval's parameters have names of their own.
fn geval_spec(kind: &str, case: &Value) -> Result<MetricSpec, String> {
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
    serde_json::from_value(json!({"kind": kind, "params": params, "threshold": case["threshold"]}))
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

/// The case that is judged. A tool that was called may be recorded by its name alone.
fn test_case(recorded: &Value) -> Result<TestCase, String> {
    let mut recorded = recorded.clone();
    for field in ["tools_called", "expected_tools"] {
        if let Some(calls) = recorded.get_mut(field).and_then(Value::as_array_mut) {
            for call in calls {
                if let Some(written) = call.as_str() {
                    *call = tool_call(written);
                }
            }
        }
    }
    if let Some(roles) = recorded.get("roles").and_then(Value::as_str) {
        recorded["messages"] = turns(roles);
    }
    serde_json::from_value(recorded).map_err(|e| e.to_string())
}

/// A conversation as it was recorded: `uaua`. Two documents were retrieved for the first answer, so that every window has the two
/// that the recorded judge gives verdicts on.
fn turns(roles: &str) -> Value {
    let turns = roles.chars().enumerate().map(|(i, role)| match role {
        'u' => json!({"role": "user", "content": format!("u{i}")}),
        _ if i == 1 => {
            json!({"role": "assistant", "content": "a1", "retrieval_context": ["c1", "c2"]})
        }
        _ => json!({"role": "assistant", "content": format!("a{i}")}),
    });
    Value::Array(turns.collect())
}

/// A call as it was recorded: `t1`, or `t1{a:1}` with its arguments.
fn tool_call(written: &str) -> Value {
    let Some((name, arguments)) = written.trim_end_matches('}').split_once('{') else {
        return json!({"name": written});
    };
    let argument = |pair: &str| {
        let (key, value) = pair.split_once(':')?;
        let value = value.trim();
        let value = serde_json::from_str(value).unwrap_or_else(|_| json!(value));
        Some((key.trim().to_owned(), value))
    };
    let arguments: BTreeMap<String, Value> = arguments.split(',').filter_map(argument).collect();
    json!({"name": name, "input_parameters": arguments})
}

/// Answers as the case says, in order; a repeated question gets the same answer.
fn play(spec: &MetricSpec, case: &Value) -> Result<MetricResult, String> {
    let test_case = test_case(&case["test_case"])?;
    let calls = list(&case["judge_calls_in_order"]);
    let (mut evaluation, mut step) = Evaluation::start(spec, &test_case);
    let (mut asked, mut repeats) = (0, 0);
    // Asked one after the other, as upstream's synchronous way.
    let mut open: BTreeMap<(Vec<u32>, u64), JudgeCall> = BTreeMap::new();
    loop {
        match step {
            // What there is nothing to judge of is not explained either.
            Step::Done(result) if result.status == MetricStatus::Skipped && asked == 0 => {
                return Ok(result);
            }
            Step::Done(result) => {
                equal(asked, calls.len())?;
                return Ok(result);
            }
            Step::Ask(more) => open.extend(more.into_iter().map(|a| ((a.branch, a.id), a.call))),
            Step::Run(errand) => return Err(format!("{errand:?}")),
        }
        let ((_, id), call) = open.pop_first().ok_or("nothing is asked")?;
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
        let content = match recorded["schema"].as_str() {
            Some(schema) => {
                equal(call.schema_name, schema)?;
                recorded["response"].to_string()
            }
            // Upstream asks for plain text there.
            None => json!({"reason": recorded["response"]}).to_string(),
        };
        let answer = ChatAnswer {
            content,
            ..ChatAnswer::default()
        };
        step = evaluation.answer(id, Ok(answer));
    }
}
