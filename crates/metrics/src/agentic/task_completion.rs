//! `task_completion`: how much of what the user wanted the agent brought about. DeepEval's `TaskCompletionMetric`.
//!
//! The judge names the task and the outcome, then says from 0 to 1 how much of the task the outcome is. A task that is given as a
//! parameter goes before the one that the judge names.
//!
//! Deviation: of a conversation of several turns the judge is shown all, where upstream shows the last question and answer.

use super::{
    Plain, grade, graded, read_text, reason_property, strict_property, strict_threshold, work, yes,
};
use crate::judge::Judge;
use crate::kinds::read_params;
use crate::prompt::{object, question, text};
use crate::registry::{About, Metric, Plan, Scored, Unscored};
use assay_model::TestCase;
use serde::Deserialize;
use serde_json::{Value, json};

pub(crate) struct TaskCompletion;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Params {
    task: Option<String>,
    #[serde(default)]
    strict: bool,
    #[serde(default = "yes")]
    include_reason: bool,
}

impl Metric for TaskCompletion {
    fn about(&self) -> About {
        About {
            name: "Task completion",
            description: "How much of what the user wanted the agent brought about, by its trace where there is one, else by its \
                          answer and its calls of tools.",
            required_fields: &["input", "actual_output"],
            default_threshold: 0.5,
            version: 1,
            params_schema: json!({
                "type": "object",
                "properties": {
                    "task": {"type": "string", "minLength": 1, "maxLength": 4000,
                        "description": "What the agent was to do. The judge works it out when it is absent."},
                    "strict": strict_property(),
                    "include_reason": reason_property(),
                },
                "additionalProperties": false,
            }),
        }
    }

    fn forced_threshold(&self, params: &Value) -> Option<f64> {
        strict_threshold(params)
    }

    fn begin(&self, params: &Value, case: &TestCase) -> Plan {
        let params: Params = match read_params(params) {
            Ok(params) => params,
            Err(plan) => return plan,
        };
        let work = work(case);
        Plan::judge(move |judge| score(judge, params, work))
    }
}

async fn score(judge: Judge, params: Params, work: Value) -> Result<Scored, Unscored> {
    let ask = "Say what the user wanted the agent to do (`task`) and what the agent brought about (`outcome`), each in one or two \
               sentences. The task is what was asked for, whether or not it was done. The outcome has facts only: what was done, by \
               which tools, and what came of it; what the agent merely claims to have done is told as a claim.";
    let schema = object(&[("task", text()), ("outcome", text())]);
    let call = question("TaskAndOutcome", ask, &work, schema);
    let read = |found: &Value| Ok((read_text(found, "task")?, read_text(found, "outcome")?));
    let (task, outcome) = judge.ask(call, |found, _| read(found)).await?;
    let ask = "Compare the outcome of an agent's work with its task. The verdict is a number from 0 (nothing of the task was brought \
               about) to 1 (all of it was): the share of what the task asks for that the outcome fulfils. The reason names what is \
               fulfilled and what is not.";
    let material = json!({"task": params.task.unwrap_or(task), "outcome": outcome});
    let found = grade(&judge, "TaskCompletionVerdict", "verdict", ask, &material).await?;
    let (strict, include_reason) = (params.strict, params.include_reason);
    Ok(graded(
        found,
        Plain {
            strict,
            include_reason,
        },
    ))
}
