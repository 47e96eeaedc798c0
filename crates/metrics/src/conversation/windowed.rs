//! Metrics of one answer, run over windows of a conversation; the score is the mean.
//!
//! As in DeepEval; but windows for which nothing was retrieved are left out, where upstream gives them 1, and without any other the metric has
//! nothing to say.

use super::interactions::{retrieved, units, windows, words_of};
use crate::judge::Judge;
use crate::registry::{Plan, Scored, Unscored};
use crate::verdicts::explain;
use assay_model::{Message, Role, TestCase};
use futures::future::try_join_all;
use serde::Deserialize;
use serde_json::{Value, json};

/// What the user said in a window, what the agent answered, and what was retrieved for it.
#[derive(Debug, Clone)]
pub(super) struct Window {
    pub(super) input: Value,
    pub(super) output: Value,
    pub(super) retrieved: Vec<Value>,
}

/// The parameters that all of them have.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Params {
    #[serde(default = "ten")]
    pub(super) window_size: u32,
    #[serde(default)]
    pub(super) strict: bool,
    #[serde(default = "crate::qag_kinds::common::yes")]
    pub(super) include_reason: bool,
}

const fn ten() -> u32 {
    10
}

/// Their schema, with a metric's own.
pub(super) fn schema(own: Value) -> Value {
    let mut all = json!({"window_size": {"type": "integer", "minimum": 1, "maximum": 100, "default": 10,
        "description": "How many exchanges, the last one included, are seen together."}});
    if let (Some(all), Value::Object(own)) = (all.as_object_mut(), own) {
        all.extend(own);
    }
    crate::qag_kinds::common::params_schema(all, &[])
}

/// The windows of a conversation for which something was retrieved.
fn of(case: &TestCase, size: u32) -> Vec<Window> {
    let size = usize::try_from(size).unwrap_or(usize::MAX);
    let windows = windows(&units(&case.messages), size);
    windows
        .iter()
        .map(|window| {
            let turns: Vec<&Message> = window.iter().flatten().copied().collect();
            Window {
                input: words_of(Role::User, &turns),
                output: words_of(Role::Assistant, &turns),
                retrieved: retrieved(&turns),
            }
        })
        .filter(|w| !w.retrieved.is_empty())
        .collect()
}

/// The plan of a metric that scores each window by itself. `reason` names the schema of the final word, `what` says what was scored.
pub(super) fn plan<F>(
    case: &TestCase,
    params: Params,
    reason: &'static str,
    what: &'static str,
    score: impl Fn(Judge, Window) -> F + 'static,
) -> Plan
where
    F: Future<Output = Result<Scored, Unscored>> + 'static,
{
    let windows = of(case, params.window_size);
    if windows.is_empty() {
        return Plan::NotApplicable(
            "the agent reported nothing retrieved for any answer".to_owned(),
        );
    }
    Plan::judge(async move |judge: Judge| {
        let count = windows.len();
        let each = windows.into_iter().enumerate();
        let scored: Vec<Scored> =
            try_join_all(each.map(|(i, window)| score(judge.branch(i), window))).await?;
        let mean = scored.iter().map(|s| s.score).sum::<f64>() / count as f64;
        if !params.include_reason {
            return Ok(Scored::judged(mean, ""));
        }
        let found: Vec<Value> = scored
            .iter()
            .map(|s| json!({"score": s.score, "reason": s.reason}))
            .collect();
        let found = json!({ "exchanges": found });
        let said = explain(&judge.branch(count), reason, what, mean, &found).await?;
        Ok(Scored::judged(mean, said))
    })
}
