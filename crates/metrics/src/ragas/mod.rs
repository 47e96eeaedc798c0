//! Metrics of ragas, by its published formulas. Where the same is measured by a metric of DeepEval, that one is under `qag_kinds`.

pub(crate) mod aspect_critic;
pub(crate) mod factual_correctness;
pub(crate) mod noise_sensitivity;
pub(crate) mod tool_call_accuracy;

use crate::judge::Judge;
use crate::prompt::question;
use crate::qag::Verdict;
use crate::verdicts::{Judgement, Wanted, verdicts, verdicts_schema};
use serde_json::{Value, json};

/// How a judge is told to take a text apart.
const CLAIMS: &str = "List the factual claims of the text, each as one sentence that stands for itself and says one thing, whether they are true or \
     not. Questions, offers and courtesies are no claims.";

/// Has a judge say of each of `claims` whether `text` bears it out. Without claims nothing is asked.
///
/// # Errors
/// As [`Judge::ask`].
async fn borne_out(
    judge: &Judge,
    claims: &[String],
    text: &Value,
) -> Result<Vec<Judgement>, String> {
    if claims.is_empty() {
        return Ok(Vec::new());
    }
    let task = "Give a verdict for each claim, in order: `yes` when it follows from the text alone, `no` otherwise. The reason says in a few words \
                what decides.";
    let material = json!({"text": text, "claims": claims});
    let call = question("Verdicts", task, &material, verdicts_schema(false));
    verdicts(judge, call, false, Wanted::Exactly(claims.len())).await
}

/// Whether each claim is borne out.
fn holds(judged: &[Judgement]) -> Vec<bool> {
    judged.iter().map(|j| j.verdict == Verdict::Yes).collect()
}
