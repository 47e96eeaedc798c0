//! `hallucination`: the share of known facts that an answer agrees with. As in DeepEval since its version 4: 1 is clean.

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

pub(crate) struct Hallucination;

impl Metric for Hallucination {
    fn about(&self) -> About {
        About {
            name: "Hallucination",
            description: "The share of the facts in `context` that the answer agrees with, or does not contradict. 1 is clean.",
            required_fields: &["input", "actual_output", "context"],
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
        let material = json!({
            "answer": shown("actual_output", case),
            "facts": shown("context", case),
        });
        let wanted = Wanted::Exactly(case.context.len());
        Plan::judge(move |judge| score(judge, params, material, wanted))
    }
}

async fn score(
    judge: Judge,
    params: Plain,
    material: Value,
    wanted: Wanted,
) -> Result<Scored, Unscored> {
    let task = "Give a verdict for each of the facts, in order: `yes` when the answer agrees with it, `no` when it contradicts it. That the \
                answer does not mention a fact is no contradiction. The reason says in a few words what decides.";
    let call = question("Verdicts", task, &material, verdicts_schema(false));
    let judged = verdicts(&judge, call, false, wanted).await?;
    let score = qag_score(&words(&judged), &[Verdict::Yes], 1.0, params.strict);
    if !params.include_reason {
        return Ok(Scored::judged(score, ""));
    }
    let what = "An answer was scored by the share of known facts that it agrees with.";
    let found = json!({
        "contradictions": reasons(&judged, &[Verdict::No]),
        "agreements": reasons(&judged, &[Verdict::Yes]),
    });
    let reason = explain(&judge, "HallucinationScoreReason", what, score, &found).await?;
    Ok(Scored::judged(score, reason))
}
