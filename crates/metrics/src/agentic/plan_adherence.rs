//! `plan_adherence`: whether the agent did what it had said it would do. DeepEval's `PlanAdherenceMetric`.
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

pub(crate) struct PlanAdherence;

impl Metric for PlanAdherence {
    fn about(&self) -> About {
        About {
            name: "Plan adherence",
            description: "Whether the agent did what it had planned: every step of the plan that it stated, in order, and nothing else.",
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
    let ask = "Compare the agent's work with its plan, step by step. The score is a number from 0 (the plan was not followed at all) to 1 \
               (every step was taken, in order, and nothing else was done). It falls with each step that was left out, done in \
               another order or done differently, and with each action that no step foresees. A change of plan that the agent \
               states and that its findings require is no fault. The reason names the steps that were not followed.";
    let material = json!({"task": task, "plan": plan, "work": work});
    let found = grade(&judge, "PlanAdherenceScore", "score", ask, &material).await?;
    Ok(graded(found, params))
}
