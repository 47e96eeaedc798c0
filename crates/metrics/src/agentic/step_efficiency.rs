//! `step_efficiency`: whether the agent took no more steps than its task needs. DeepEval's `StepEfficiencyMetric`.
//!
//! The judge names the task, then says from 0 to 1 how straight the way to it was. Whether the task was done in the end does not
//! count.
//!
//! Deviation: without a trace the judge is shown the calls of tools and what was said; upstream shows nothing but an empty trace.

use super::{Plain, grade, graded, plain_schema, strict_threshold, task, work};
use crate::judge::Judge;
use crate::kinds::read_params;
use crate::registry::{About, Metric, Plan, Scored, Unscored};
use assay_model::TestCase;
use serde_json::{Value, json};

pub(crate) struct StepEfficiency;

impl Metric for StepEfficiency {
    fn about(&self) -> About {
        About {
            name: "Step efficiency",
            description: "Whether the agent took no step that its task does not need, by its trace where there is one, else by its \
                          calls of tools.",
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
    let task = task(&judge, &work).await?;
    let ask = "Judge how efficient the agent's steps were (calls of tools and models, retrievals, hand-overs, questions to the user). \
               The score is a number from 0 (nearly all steps were needless) to 1 (every step was needed for the task and none was \
               repeated). A step is needless when the task would have been done as well without it; work beyond what the task asks \
               for is needless too. Do not judge whether the task was done. The reason names the needless steps.";
    let material = json!({"task": task, "work": work});
    let found = grade(&judge, "EfficiencyVerdict", "score", ask, &material).await?;
    Ok(graded(found, params))
}
