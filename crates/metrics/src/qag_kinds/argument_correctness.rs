//! `argument_correctness`: the share of tool calls whose arguments make sense for what was asked. As in DeepEval; but without tool calls
//! the metric has nothing to say, where upstream gives 1.

use super::common::{Plain, forced_threshold};
use crate::fields::shown;
use crate::judge::Judge;
use crate::kinds::read_params;
use crate::prompt::question;
use crate::qag::{Verdict, qag_score};
use crate::registry::{About, Metric, Plan, Scored, Unscored};
use crate::verdicts::{Wanted, explain, reasons, verdicts, verdicts_schema, words};
use assay_model::TestCase;
use serde_json::{Value, json};

pub(crate) struct ArgumentCorrectness;

impl Metric for ArgumentCorrectness {
    fn about(&self) -> About {
        About {
            name: "Argument correctness",
            description: "The share of tool calls whose arguments make sense for what the user asked.",
            required_fields: &["input", "tools_called"],
            default_threshold: 0.5,
            version: 1,
            params_schema: Plain::schema(),
        }
    }

    fn forced_threshold(&self, params: &Value) -> Option<f64> {
        forced_threshold(params)
    }

    fn begin(&self, params: &Value, case: &TestCase) -> Plan {
        let params: Plain = match read_params(params) {
            Ok(params) => params,
            Err(plan) => return plan,
        };
        if case.tools_called.is_empty() {
            return Plan::NotApplicable("the agent called no tools".to_owned());
        }
        let material = json!({
            "question": shown("input", case),
            "tool calls": shown("tools_called", case),
        });
        let wanted = Wanted::Exactly(case.tools_called.len());
        Plan::judge(move |judge| score(judge, params, material, wanted))
    }
}

async fn score(
    judge: Judge,
    params: Plain,
    material: Value,
    wanted: Wanted,
) -> Result<Scored, Unscored> {
    let task = "Give a verdict for each of the tool calls, in order: `yes` when its arguments are right and complete for what was asked, `no` \
                otherwise. Judge the arguments, not the choice of the tool. The reason says in a few words what decides.";
    let call = question("Verdicts", task, &material, verdicts_schema(false));
    let judged = verdicts(&judge, call, false, wanted).await?;
    let score = qag_score(&words(&judged), &[Verdict::Yes], 1.0, params.strict);
    if !params.include_reason {
        return Ok(Scored::judged(score, ""));
    }
    let what = "Tool calls were scored by the share whose arguments are right for what was asked.";
    let found = json!({"why some are not": reasons(&judged, &[Verdict::No])});
    let reason = explain(
        &judge,
        "ArgumentCorrectnessScoreReason",
        what,
        score,
        &found,
    )
    .await?;
    Ok(Scored::judged(score, reason))
}
