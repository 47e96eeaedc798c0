//! `turn_relevancy`: the share of exchanges in which the agent's words bear on what the user said before. As in DeepEval; but without an
//! exchange the metric has nothing to say, where upstream gives 1.

use super::interactions::{shown, units, windows};
use crate::judge::Judge;
use crate::kinds::read_params;
use crate::prompt::question;
use crate::qag::{Verdict, qag_score};
use crate::qag_kinds::common::{forced_threshold, params_schema, yes};
use crate::registry::{About, Metric, Plan, Scored, Unscored};
use crate::verdicts::{explain, read_verdict, reasons, verdict_schema, words};
use assay_model::{Message, TestCase};
use futures::future::try_join_all;
use serde::Deserialize;
use serde_json::{Value, json};

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
struct Params {
    #[serde(default = "ten")]
    window_size: u32,
    #[serde(default)]
    strict: bool,
    #[serde(default = "yes")]
    include_reason: bool,
}

const fn ten() -> u32 {
    10
}

pub(crate) struct TurnRelevancy;

impl Metric for TurnRelevancy {
    fn about(&self) -> About {
        About {
            name: "Turn relevancy",
            description: "The share of exchanges in which what the agent says bears on what the user has said.",
            required_fields: &["conversation"],
            default_threshold: 0.5,
            version: 1,
            params_schema: params_schema(
                json!({"window_size": {"type": "integer", "minimum": 1, "maximum": 100, "default": 10,
                    "description": "How many exchanges, the last one included, are seen together."}}),
                &[],
            ),
        }
    }

    fn forced_threshold(&self, params: &Value) -> Option<f64> {
        forced_threshold(params)
    }

    fn begin(&self, params: &Value, case: &TestCase) -> Plan {
        let params: Params = match read_params(params) {
            Ok(params) => params,
            Err(plan) => return plan,
        };
        let units = units(&case.messages);
        if units.is_empty() {
            return Plan::NotApplicable("the agent answered nothing that the user said".to_owned());
        }
        let size = usize::try_from(params.window_size).unwrap_or(usize::MAX);
        let windows: Vec<Value> = windows(&units, size)
            .iter()
            .map(|window| {
                let turns: Vec<&Message> = window.iter().flatten().copied().collect();
                json!({"conversation": shown(&turns)})
            })
            .collect();
        Plan::judge(move |judge| score(judge, params, windows))
    }
}

async fn score(judge: Judge, params: Params, windows: Vec<Value>) -> Result<Scored, Unscored> {
    let task = "Give a verdict on the last thing that the assistant says: `yes` when it bears on what the user said before, `no` when it has \
                nothing to do with it. The reason says in a few words why it has not.";
    let each = windows.iter().enumerate().map(|(i, window)| {
        let call = question("TurnRelevancyVerdict", task, window, verdict_schema(false));
        let judge = judge.branch(i);
        async move { judge.ask(call, |found, _| read_verdict(found, false)).await }
    });
    let judged = try_join_all(each).await?;
    let score = qag_score(&words(&judged), &[Verdict::Yes], 1.0, params.strict);
    if !params.include_reason {
        return Ok(Scored::judged(score, ""));
    }
    let judge = judge.branch(windows.len());
    let what = "A conversation was scored by the share of exchanges in which the assistant's words bear on what the user said.";
    let found = json!({"why some do not": reasons(&judged, &[Verdict::No])});
    let reason = explain(&judge, "TurnRelevancyScoreReason", what, score, &found).await?;
    Ok(Scored::judged(score, reason))
}
