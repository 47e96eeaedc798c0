//! `contextual_recall`: the share of the expected answer's sentences that something retrieved bears out. As in DeepEval.

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

pub(crate) struct ContextualRecall;

impl Metric for ContextualRecall {
    fn about(&self) -> About {
        About {
            name: "Contextual recall",
            description: "The share of the sentences of the expected answer that something the agent retrieved bears out.",
            required_fields: &["input", "retrieval_context", "expected_output"],
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
            "expected answer": shown("expected_output", case),
            "documents": shown("retrieval_context", case),
        });
        Plan::judge(move |judge| score(judge, params, material))
    }
}

/// Scores what was retrieved by an answer that it should lead to.
///
/// # Errors
/// When the judge gives no usable answers.
pub(crate) async fn score(
    judge: Judge,
    params: Plain,
    material: Value,
) -> Result<Scored, Unscored> {
    let task = "Go through the expected answer sentence by sentence and give a verdict for each, in order: `yes` when it can be \
                attributed to a part of some document, `no` otherwise. The reason names the document and the part.";
    let call = question("Verdicts", task, &material, verdicts_schema(false));
    let judged = verdicts(&judge, call, false, Wanted::AtLeast(1)).await?;
    let score = qag_score(&words(&judged), &[Verdict::Yes], 0.0, params.strict);
    if !params.include_reason {
        return Ok(Scored::judged(score, ""));
    }
    let what = "What was retrieved was scored by the share of the expected answer's sentences that it bears out.";
    let found = json!({
        "expected answer": material.get("expected answer"),
        "sentences that nothing bears out": reasons(&judged, &[Verdict::No]),
        "sentences that something does": reasons(&judged, &[Verdict::Yes]),
    });
    let reason = explain(&judge, "ContextualRecallScoreReason", what, score, &found).await?;
    Ok(Scored::judged(score, reason))
}
