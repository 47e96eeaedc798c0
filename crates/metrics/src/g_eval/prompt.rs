//! What G-Eval asks the judge.
//!
//! The material stands in JSON strings, so that an answer under test cannot close its own quotation and speak to the judge.

use super::Strictness;
use crate::judge::JudgeCall;
use crate::prompt::SYSTEM;
use assay_model::{Message, Role};
use serde_json::{Value, json};

/// What can be judged, and what it is.
pub(crate) type Known = [(&'static str, &'static str)];

/// What each field is called before the judge.
fn title(field: &str, known: &Known) -> &'static str {
    known
        .iter()
        .find(|(name, _)| *name == field)
        .map_or("field", |(_, title)| title)
}

/// Turns criteria into steps. Says nothing of the case, so that all cases of a campaign ask the same question and the
/// answer can be kept.
pub(crate) fn steps_call(criteria: &str, fields: &[String], known: &Known) -> JudgeCall {
    let titles = fields
        .iter()
        .map(|f| format!("`{f}` ({})", title(f, known)))
        .collect::<Vec<_>>()
        .join(", ");
    let system = "You design evaluations of the work of AI agents. You answer with one JSON object and nothing else.";
    let user = format!(
        "Turn the criteria below into three or four concise steps that tell an evaluator how to judge a case. The evaluator \
         sees these fields of the case, and the steps must say how they bear on one another: {titles}.\n\n\
         Criteria:\n{criteria}\n\nAnswer as {{\"steps\": [\"...\", \"...\"]}}."
    );
    let schema = json!({
        "type": "object",
        "properties": {"steps": {"type": "array", "items": {"type": "string"}}},
        "required": ["steps"],
        "additionalProperties": false,
    });
    JudgeCall::new(
        vec![
            Message::new(Role::System, system),
            Message::new(Role::User, user),
        ],
        "Steps",
        schema,
        false,
    )
}

/// Scores what stands in `material` by `steps`.
pub(super) fn score_call(
    steps: &[String],
    rubric: &str,
    strictness: Strictness,
    fields: &[String],
    known: &Known,
    material: &Value,
) -> JudgeCall {
    let numbered: Vec<String> = steps
        .iter()
        .enumerate()
        .map(|(i, step)| format!("{}. {step}", i + 1))
        .collect();
    let scale = match strictness {
        Strictness::Strict => {
            "The score is 1 when every step is satisfied without reserve, and 0 otherwise."
                .to_owned()
        }
        Strictness::Scale((lo, hi)) | Strictness::Whole((lo, hi)) => {
            format!(
                "The score is an integer from {lo} (the steps are not satisfied at all) to {hi} (they are satisfied in full)."
            )
        }
    };
    let rubric = if rubric.is_empty() {
        String::new()
    } else {
        format!("\n\nRubric, score ranges and their meaning:\n{rubric}")
    };
    let titles: Vec<String> = fields
        .iter()
        .map(|f| format!("`{f}` is {}", title(f, known)))
        .collect();
    let user = format!(
        "Judge the case below by these evaluation steps:\n{}{rubric}\n\n{scale} The reason names, in two or three sentences, what \
         in the material decides, and does not mention the score.\n\nThe case as JSON, where {}:\n{material}\n\n\
         Answer as {{\"reason\": \"...\", \"score\": <integer>}}.",
        numbered.join("\n"),
        titles.join(", "),
    );
    let schema = json!({
        "type": "object",
        "properties": {"reason": {"type": "string"}, "score": {"type": "integer"}},
        "required": ["reason", "score"],
        "additionalProperties": false,
    });
    let logprobs = matches!(strictness, Strictness::Scale(_));
    JudgeCall::new(
        vec![
            Message::new(Role::System, SYSTEM),
            Message::new(Role::User, user),
        ],
        "ReasonScore",
        schema,
        logprobs,
    )
}
