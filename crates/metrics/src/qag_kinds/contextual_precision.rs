//! `contextual_precision`: whether what is relevant was retrieved before what is not. The mean over relevant ranks of the share that
//! is relevant down to there (average precision). As in DeepEval.

use super::common::{Plain, forced_threshold};
use crate::fields::shown;
use crate::judge::Judge;
use crate::kinds::read_params;
use crate::prompt::question;
use crate::qag::Verdict;
use crate::registry::{About, Metric, Plan, Scored, Unscored};
use crate::verdicts::{Wanted, explain, reasons, verdicts, verdicts_schema, words};
use assay_model::TestCase;
use serde_json::{Value, json};

pub(crate) struct ContextualPrecision;

impl Metric for ContextualPrecision {
    fn about(&self) -> About {
        About {
            name: "Contextual precision",
            description: "Whether what helps to give the expected answer was retrieved before what does not.",
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
            "question": shown("input", case),
            "expected answer": shown("expected_output", case),
            "documents": shown("retrieval_context", case),
        });
        let wanted = Wanted::Exactly(case.retrieval_context.len());
        Plan::judge(move |judge| score(judge, params, material, wanted))
    }
}

/// Scores documents, in the order in which they were retrieved.
///
/// # Errors
/// When the judge gives no usable answers.
pub(crate) async fn score(
    judge: Judge,
    params: Plain,
    material: Value,
    wanted: Wanted,
) -> Result<Scored, Unscored> {
    let task = "Give a verdict for each document, in order: `yes` when it helps to arrive at the expected answer to the question, `no` \
                otherwise. The reason says in a few words why.";
    let call = question("Verdicts", task, &material, verdicts_schema(false));
    let judged = verdicts(&judge, call, false, wanted).await?;
    let scored = Scored::judged(average_precision(&words(&judged)), "").strictly(params.strict);
    if !params.include_reason {
        return Ok(scored);
    }
    let what = "What was retrieved was scored by whether relevant documents come before others.";
    let found = json!({
        "question": material.get("question"),
        "verdicts in order": words(&judged).iter().map(|v| *v == Some(Verdict::Yes)).collect::<Vec<_>>(),
        "why some are not relevant": reasons(&judged, &[Verdict::No]),
    });
    let reason = explain(
        &judge,
        "ContextualPrecisionScoreReason",
        what,
        scored.score,
        &found,
    );
    Ok(Scored {
        reason: reason.await?,
        ..scored
    })
}

/// The mean over the ranks of what is relevant of the share that is relevant down to there; 0 where nothing is. Verdicts outside of
/// the vocabulary are dropped.
#[must_use]
pub fn average_precision(verdicts: &[Option<Verdict>]) -> f64 {
    let (mut relevant, mut sum) = (0.0, 0.0);
    for (rank, verdict) in (1..).zip(verdicts.iter().flatten()) {
        if *verdict == Verdict::Yes {
            relevant += 1.0;
            sum += relevant / f64::from(rank);
        }
    }
    if relevant > 0.0 { sum / relevant } else { 0.0 }
}
