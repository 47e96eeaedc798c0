//! `faithfulness`: the share of an answer's claims that what was retrieved bears out. As in DeepEval.

use super::common::{forced_threshold, params_schema, yes};
use crate::fields::shown;
use crate::judge::Judge;
use crate::kinds::read_params;
use crate::prompt::question;
use crate::qag::{Verdict, qag_score};
use crate::registry::{About, Metric, Plan, Scored, Unscored};
use crate::verdicts::{Wanted, explain, reasons, statements, verdicts, verdicts_schema, words};
use assay_model::TestCase;
use futures::future::try_join;
use serde::Deserialize;
use serde_json::{Value, json};

/// How claims are judged.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Params {
    pub(crate) truths_extraction_limit: Option<u32>,
    #[serde(default)]
    pub(crate) penalize_ambiguous_claims: bool,
    #[serde(default)]
    pub(crate) strict: bool,
    #[serde(default = "yes")]
    pub(crate) include_reason: bool,
}

pub(crate) struct Faithfulness;

impl Metric for Faithfulness {
    fn about(&self) -> About {
        About {
            name: "Faithfulness",
            description: "The share of the answer's claims that what the agent retrieved bears out, or at least does not contradict.",
            required_fields: &["input", "actual_output", "retrieval_context"],
            default_threshold: 0.5,
            version: 1,
            params_schema: params_schema(
                json!({
                    "truths_extraction_limit": {"type": ["integer", "null"], "minimum": 1, "maximum": 200,
                        "description": "Most facts that are taken from what was retrieved, the most important ones; all when absent."},
                    "penalize_ambiguous_claims": {"type": "boolean", "default": false,
                        "description": "Whether a claim that nothing bears out or contradicts counts as wrong."},
                }),
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
        let (output, retrieved) = (
            shown("actual_output", case),
            shown("retrieval_context", case),
        );
        Plan::judge(move |judge| score(judge, params, output, retrieved))
    }
}

/// Scores an answer by what was retrieved for it.
///
/// # Errors
/// When the judge gives no usable answers.
pub(crate) async fn score(
    judge: Judge,
    params: Params,
    output: Value,
    retrieved: Value,
) -> Result<Scored, Unscored> {
    let most = match params.truths_extraction_limit {
        None => "Leave none out.".to_owned(),
        Some(1) => "Give only the single most important one.".to_owned(),
        Some(n) => format!("Give at most {n}, the most important ones."),
    };
    let task = format!(
        "List the facts that the documents state, each as one sentence that stands for itself, without judging whether they are true. {most}"
    );
    let documents = json!({"documents": retrieved});
    let (first, second) = (judge.branch(0), judge.branch(1));
    let truths = statements(&first, "Truths", "truths", &task, &documents);
    let task = "List the factual claims of the answer, each as one sentence that stands for itself, whether they are true or not. \
                Questions, offers and courtesies are no claims.";
    let answer = json!({"answer": output});
    let claims = statements(&second, "Claims", "claims", task, &answer);
    let (truths, claims) = try_join(truths, claims).await?;
    // After both branches.
    let judge = judge.branch(2);
    let judged = if claims.is_empty() {
        Vec::new()
    } else {
        let task = "Give a verdict for each claim, in order: `yes` when the facts bear it out, `no` when they contradict it, \
                    `borderline` when they say nothing of it. Rely on the facts alone. The reason says in a few words what decides.";
        let material = json!({"facts": truths, "claims": claims});
        let call = question("Verdicts", task, &material, verdicts_schema(true));
        verdicts(&judge, call, true, Wanted::Exactly(claims.len())).await?
    };
    let passing: &[Verdict] = if params.penalize_ambiguous_claims {
        &[Verdict::Yes]
    } else {
        &[Verdict::Yes, Verdict::Borderline]
    };
    let score = qag_score(&words(&judged), passing, 1.0, params.strict);
    let reason = if params.include_reason {
        let what = "An answer was scored by the share of its claims that the documents bear out.";
        let against = json!({"claims that are contradicted": reasons(&judged, &[Verdict::No])});
        explain(&judge, "FaithfulnessScoreReason", what, score, &against).await?
    } else {
        String::new()
    };
    Ok(Scored::judged(score, reason))
}
