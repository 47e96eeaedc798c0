//! Metrics of what an agent does: which tools it takes, whether it turns in circles, and whether it gets the task done.
//!
//! Those that ask a judge show it the agent's work: its trace where there is one, else its calls of tools, and what was said. The
//! score and the reason come in one answer, so that `include_reason` spares no call: it says whether the result has the reason.

pub(crate) mod agent_loop_detection;
pub(crate) mod offered;
pub(crate) mod plan_adherence;
pub(crate) mod plan_quality;
mod python_text;
mod sequence_matcher;
mod stagnation;
pub(crate) mod step_efficiency;
pub(crate) mod task_completion;
pub(crate) mod tool_permission;
pub(crate) mod tool_selection;

use crate::fields::{shown, shown_call};
use crate::judge::Judge;
use crate::prompt::{list, object, question, text, unit};
use crate::registry::Scored;
use crate::text::clip;
use assay_model::{TestCase, ToolCall};
use serde::Deserialize;
use serde_json::{Map, Value, json};

/// Most calls of tools that a judge is shown: the first ones.
pub(crate) const MAX_CALLS: usize = 200;

/// Most steps of a plan that are taken from a judge.
const MAX_PLAN: usize = 100;

/// Most characters of a text that is taken from a judge to be shown to it again.
const MAX_TEXT_CHARS: usize = 4_000;

/// The parameters of a metric that has no others.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
struct Plain {
    #[serde(default)]
    strict: bool,
    #[serde(default = "yes")]
    include_reason: bool,
}

const fn yes() -> bool {
    true
}

/// The schema of [`Plain`].
fn plain_schema() -> Value {
    json!({
        "type": "object",
        "properties": {"strict": strict_property(), "include_reason": reason_property()},
        "additionalProperties": false,
    })
}

/// The description of the parameter `strict`.
fn strict_property() -> Value {
    json!({"type": "boolean", "default": false, "description": "Only a full score passes; any other is 0."})
}

/// The description of the parameter `include_reason`.
fn reason_property() -> Value {
    json!({"type": "boolean", "default": true,
        "description": "Whether the result says why. It comes in the answer that has the score and costs no further call."})
}

/// The threshold that the parameter `strict` forces.
pub(crate) fn strict_threshold(params: &Value) -> Option<f64> {
    (params.get("strict") == Some(&Value::Bool(true))).then_some(1.0)
}

/// What the agent did, as a judge is shown it: from the trace where there is one.
fn work(case: &TestCase) -> Value {
    let mut fields = vec!["input", "actual_output"];
    // Of a longer conversation the last question may be a word of thanks.
    if case.messages.len() > 2 {
        fields.push("conversation");
    }
    if case.trace.is_some() {
        fields.push("trace");
    }
    let mut work: Map<String, Value> = fields
        .iter()
        .map(|field| ((*field).to_owned(), shown(field, case)))
        .collect();
    if case.trace.is_none() {
        work.insert("tools_called".to_owned(), shown_calls(&case.tools_called));
    }
    Value::Object(work)
}

/// Calls of tools as a judge is shown them.
pub(crate) fn shown_calls(calls: &[ToolCall]) -> Value {
    let mut shown: Vec<Value> = calls.iter().take(MAX_CALLS).map(shown_call).collect();
    if let Some(more) = calls.len().checked_sub(MAX_CALLS).filter(|&more| more > 0) {
        shown.push(json!(format!("{more} more calls")));
    }
    json!(shown)
}

/// Has the judge say what the user wanted of the agent.
///
/// # Errors
/// As [`Judge::ask`].
async fn task(judge: &Judge, work: &Value) -> Result<String, String> {
    let ask = "Say in one or two sentences what the user wanted the agent to do: what was asked for, with every condition that was \
               named, whether or not it was done, and nothing that the agent chose to do on its own.";
    let schema = object(&[("task", text())]);
    let call = question("Task", ask, work, schema);
    judge.ask(call, |found, _| read_text(found, "task")).await
}

/// Has the judge find the plan that the agent made before or while it worked; empty where it made none.
///
/// # Errors
/// As [`Judge::ask`].
async fn plan(judge: &Judge, work: &Value) -> Result<Vec<String>, String> {
    let ask = "Find the plan that the agent itself stated for its work, in its reasoning, its messages or its inputs: the steps that \
               it meant to take, in their order, each in a few words that keep to its own. Do not make a plan out of what the agent \
               did: where it stated none, the list is empty.";
    let schema = object(&[("plan", list(&text()))]);
    let call = question("AgentPlan", ask, work, schema);
    let read = |found: &Value| {
        let steps = found.get("plan").and_then(Value::as_array);
        let steps = steps.ok_or("it has no list `plan`")?.iter();
        let texts: Option<Vec<&str>> = steps.take(MAX_PLAN).map(Value::as_str).collect();
        let texts = texts.ok_or("`plan` must have texts only")?;
        let stated = texts.into_iter().filter(|step| !step.trim().is_empty());
        Ok(stated.map(|step| clip(step, MAX_TEXT_CHARS)).collect())
    };
    judge.ask(call, |found, _| read(found)).await
}

/// Has the judge give a number from 0 to 1 under `key`, with its reason.
///
/// # Errors
/// As [`Judge::ask`].
pub(crate) async fn grade(
    judge: &Judge,
    schema_name: &'static str,
    key: &'static str,
    ask: &str,
    material: &Value,
) -> Result<(f64, String), String> {
    let schema = object(&[("reason", text()), (key, unit())]);
    let call = question(schema_name, ask, material, schema);
    let read = |found: &Value| {
        let number = found.get(key).ok_or_else(|| format!("it has no `{key}`"))?;
        // Some models write the number as text.
        let number = number
            .as_f64()
            .or_else(|| number.as_str()?.trim().parse().ok());
        let score = number
            .filter(|score| (0.0..=1.0).contains(score))
            .ok_or_else(|| format!("`{key}` must be a number from 0 to 1"))?;
        let reason = found.get("reason").and_then(Value::as_str);
        Ok((
            score,
            reason.unwrap_or("the judge gave no reason").to_owned(),
        ))
    };
    judge.ask(call, |found, _| read(found)).await
}

/// The mean of some grades; `None` of none.
pub(crate) fn mean(grades: &[(f64, String)]) -> Option<f64> {
    let sum: f64 = grades.iter().map(|(score, _)| score).sum();
    (!grades.is_empty()).then(|| sum / grades.len() as f64)
}

/// Grades as they are shown to a judge that explains what came of them.
pub(crate) fn shown_grades(grades: &[(f64, String)]) -> Value {
    let one = |(score, reason): &(f64, String)| json!({"score": score, "reason": reason});
    Value::Array(grades.iter().map(one).collect())
}

/// What comes of a grade.
fn graded((score, reason): (f64, String), params: Plain) -> Scored {
    let reason = if params.include_reason {
        reason
    } else {
        String::new()
    };
    Scored::judged(score, reason).strictly(params.strict)
}

/// The text under `key`, which must say something.
fn read_text(found: &Value, key: &str) -> Result<String, String> {
    let text = found.get(key).and_then(Value::as_str);
    let text = text.ok_or_else(|| format!("it has no text `{key}`"))?;
    if text.trim().is_empty() {
        return Err(format!("`{key}` must not be empty"));
    }
    Ok(clip(text, MAX_TEXT_CHARS))
}

#[cfg(test)]
#[path = "agentic_tests.rs"]
mod tests;
