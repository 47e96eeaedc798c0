//! `prompt_alignment`: the share of instructions that an answer follows. As in DeepEval.

use super::common::{forced_threshold, params_schema, yes};
use crate::fields::shown;
use crate::judge::Judge;
use crate::kinds::read_params;
use crate::prompt::question;
use crate::qag::{Verdict, qag_score};
use crate::registry::{About, Metric, Plan, Scored, Unscored};
use crate::verdicts::{Wanted, explain, reasons, verdicts, verdicts_schema, words};
use assay_model::TestCase;
use serde::Deserialize;
use serde_json::{Value, json};

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Params {
    prompt_instructions: Vec<String>,
    #[serde(default)]
    strict: bool,
    #[serde(default = "yes")]
    include_reason: bool,
}

pub(crate) struct PromptAlignment;

impl Metric for PromptAlignment {
    fn about(&self) -> About {
        About {
            name: "Prompt alignment",
            description: "The share of the prompt's instructions that the answer follows.",
            required_fields: &["input", "actual_output"],
            default_threshold: 0.5,
            version: 1,
            params_schema: params_schema(
                json!({
                    "prompt_instructions": {"type": "array", "minItems": 1, "maxItems": 50,
                        "items": {"type": "string", "minLength": 1, "maxLength": 5000},
                        "description": "The instructions, one by one."},
                }),
                &["prompt_instructions"],
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
        let material = json!({
            "instructions": params.prompt_instructions,
            "question": shown("input", case),
            "answer": shown("actual_output", case),
        });
        Plan::judge(move |judge| score(judge, params, material))
    }
}

async fn score(judge: Judge, params: Params, material: Value) -> Result<Scored, Unscored> {
    let task = "Give a verdict for each of the instructions, in order: `yes` when the answer follows it in full, `no` otherwise. One that does not \
                apply to the question is followed. The reason says in a few words what decides.";
    let call = question("Verdicts", task, &material, verdicts_schema(false));
    let wanted = Wanted::Exactly(params.prompt_instructions.len());
    let judged = verdicts(&judge, call, false, wanted).await?;
    let score = qag_score(&words(&judged), &[Verdict::Yes], 1.0, params.strict);
    if !params.include_reason {
        return Ok(Scored::judged(score, ""));
    }
    let what = "An answer was scored by the share of instructions that it follows.";
    let found = json!({"why some are not followed": reasons(&judged, &[Verdict::No])});
    let reason = explain(&judge, "PromptAlignmentScoreReason", what, score, &found).await?;
    Ok(Scored::judged(score, reason))
}
