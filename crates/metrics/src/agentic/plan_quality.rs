//! `plan_quality`: whether the plan that the agent stated is a good one for its task. DeepEval's `PlanQualityMetric`.
//!
//! The judge names the task and finds the plan, then says from 0 to 1 what it makes of them.
//!
//! Deviations: an agent that stated no plan has none to be judged, which is not applicable; upstream says 1. Without a trace the
//! judge is shown the calls of tools and what was said; upstream shows nothing but an empty trace.

use super::{Plain, grade, graded, plain_schema, plan, strict_threshold, task, work};
use crate::judge::Judge;
use crate::kinds::read_params;
use crate::registry::{About, Metric, Plan, Scored, Unscored};
use assay_model::TestCase;
use futures::future::try_join;
use serde_json::{Value, json};

pub(crate) struct PlanQuality;

impl Metric for PlanQuality {
    fn about(&self) -> About {
        About {
            name: "Plan quality",
            description: "Whether the plan that the agent stated leads to what the user wanted: complete, in order, and no longer than it has to be.",
            required_fields: &["input", "actual_output"],
            default_threshold: 0.5,
            version: 1,
            params_schema: plain_schema(),
        }
    }

    fn forced_threshold(&self, params: &Value) -> Option<f64> {
        strict_threshold(params)
    }

    fn begin(&self, params: &Value, case: &TestCase) -> Plan {
        let params: Plain = match read_params(params) {
            Ok(params) => params,
            Err(plan) => return plan,
        };
        let work = work(case);
        Plan::judge(move |judge| score(judge, params, work))
    }
}

async fn score(judge: Judge, params: Plain, work: Value) -> Result<Scored, Unscored> {
    let (first, second) = (judge.branch(0), judge.branch(1));
    let (task, plan) = try_join(task(&first, &work), plan(&second, &work)).await?;
    if plan.is_empty() {
        return Err(Unscored::NotApplicable(
            "the agent stated no plan".to_owned(),
        ));
    }
    let ask = "Judge the agent's plan for its task, whatever came of it. The score is a number from 0 (it cannot lead to the task being \
               done) to 1 (it would, in full and without detours). It falls with each part of the task that no step covers, each step \
               that cannot be taken before a later one, each step that serves nothing, and each that is too vague to be followed. The \
               reason names what is wrong with the plan.";
    let material = json!({"task": task, "plan": plan});
    let found = grade(&judge, "PlanQualityScore", "score", ask, &material).await?;
    Ok(graded(found, params))
}
