//! `g_eval`: a model judges a case by criteria. G-Eval of Liu et al. (2023), as DeepEval runs it.
//!
//! Criteria are first turned into steps, unless steps are given; then the case is scored by them, on a rubric's range or 0 to
//! 10, and the score is weighted by its token probabilities where the judge gives them. Strict mode asks for 0 or 1, takes the
//! word as it is, and forces the threshold to 1.
//!
//! Deviations: a score beyond the range that was asked for is an answer that cannot be used. Upstream takes it as it is, so
//! that in strict mode a judge that says 5 passes.

mod prompt;
mod rubric;
mod weighted;

pub use rubric::{RubricError, RubricLevel, format_rubric, normalise, rubric_range, sort_rubric};
pub use weighted::{WeightedScore, weighted_score};

use crate::judge::{JudgeCall, Judged, Next};
use crate::kinds::read_params;
use crate::registry::{About, Metric, Plan, Scored};
use assay_llm::ChatAnswer;
use assay_model::{TestCase, Validator};
use serde::Deserialize;
use serde_json::{Value, json};

/// Fields that can be judged, and what they are.
const FIELDS: [(&str, &str); 7] = [
    ("input", "what the user said"),
    ("actual_output", "what the agent answered"),
    ("expected_output", "the reference answer"),
    ("context", "facts that hold"),
    ("retrieval_context", "what the agent retrieved"),
    ("tools_called", "the tools the agent called"),
    ("conversation", "all that was said"),
];

/// Most steps that are taken from a judge.
const MAX_STEPS: usize = 20;

/// Most characters of one of them.
const MAX_STEP_CHARS: usize = 2000;

pub(crate) struct GEval;

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Params {
    #[serde(default)]
    criteria: String,
    #[serde(default)]
    evaluation_steps: Vec<String>,
    #[serde(default = "default_fields")]
    fields: Vec<String>,
    #[serde(default)]
    rubric: Vec<RubricLevel>,
    #[serde(default)]
    strict: bool,
}

fn default_fields() -> Vec<String> {
    vec!["input".to_owned(), "actual_output".to_owned()]
}

/// How the judge is asked to score.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Strictness {
    /// 0 or 1.
    Strict,
    /// An integer of this range.
    Scale((u32, u32)),
}

impl Metric for GEval {
    fn about(&self) -> About {
        let fields: Vec<&str> = FIELDS.iter().map(|(name, _)| *name).collect();
        let text = |max: u32| json!({"type": "string", "minLength": 1, "maxLength": max});
        About {
            name: "G-Eval",
            description: "A model judges the case by criteria or evaluation steps. Its score, weighted by token probabilities \
                          where the model gives them, is scaled to 0 to 1.",
            required_fields: &["actual_output"],
            default_threshold: 0.5,
            version: 1,
            params_schema: json!({
                "type": "object",
                "properties": {
                    "criteria": {"type": "string", "maxLength": 20000,
                        "description": "What makes a case good. Needed unless `evaluation_steps` are given."},
                    "evaluation_steps": {"type": "array", "maxItems": 50, "items": text(5000),
                        "description": "How to judge, step by step; made from `criteria` when absent."},
                    "fields": {"type": "array", "minItems": 1, "uniqueItems": true, "items": {"enum": fields},
                        "default": default_fields(), "description": "What of the case the judge sees."},
                    "rubric": {"type": "array", "maxItems": 11, "description": "What ranges of scores mean; they must not overlap.",
                        "items": {"type": "object", "additionalProperties": false,
                            "required": ["score_range", "expected_outcome"],
                            "properties": {
                                "score_range": {"type": "array", "minItems": 2, "maxItems": 2,
                                    "items": {"type": "integer", "minimum": 0, "maximum": 10}},
                                "expected_outcome": text(5000)}}},
                    "strict": {"type": "boolean", "default": false,
                        "description": "The judge says 0 or 1, and only 1 passes."},
                },
                "additionalProperties": false,
            }),
        }
    }

    fn check(&self, params: &Value, v: &mut Validator) {
        let Ok(params) = read_params::<Params>(params) else {
            return;
        };
        let basis = !params.criteria.trim().is_empty() || !params.evaluation_steps.is_empty();
        v.require(
            basis,
            "criteria",
            "is required unless `evaluation_steps` are given",
        );
        if let Err(fault) = sort_rubric(params.rubric).and_then(|sorted| rubric_range(&sorted)) {
            v.error("rubric", fault.to_string());
        }
    }

    fn required_fields(&self, params: &Value) -> Vec<String> {
        read_params::<Params>(params).map_or_else(|_| default_fields(), |params| params.fields)
    }

    fn forced_threshold(&self, params: &Value) -> Option<f64> {
        read_params::<Params>(params)
            .is_ok_and(|params| params.strict)
            .then_some(1.0)
    }

    fn begin(&self, params: &Value, case: &TestCase) -> Plan {
        let params: Params = match read_params(params) {
            Ok(params) => params,
            Err(plan) => return plan,
        };
        if params.criteria.trim().is_empty() && params.evaluation_steps.is_empty() {
            return Plan::Error(
                "the metric's parameters are wrong: neither criteria nor evaluation steps"
                    .to_owned(),
            );
        }
        let rubric = match sort_rubric(params.rubric.clone()) {
            Ok(sorted) => sorted,
            Err(fault) => return Plan::Error(format!("the rubric is wrong: {fault}")),
        };
        let strictness = match rubric_range(&rubric) {
            _ if params.strict => Strictness::Strict,
            Ok(range) => Strictness::Scale(range),
            Err(fault) => return Plan::Error(format!("the rubric is wrong: {fault}")),
        };
        let rubric = format_rubric(&rubric);
        Plan::Judge(Box::new(Dialogue {
            steps: params.evaluation_steps.clone(),
            params,
            rubric,
            strictness,
            case: case.clone(),
        }))
    }
}

/// A case before the judge. Without steps the open question is that for steps.
struct Dialogue {
    params: Params,
    steps: Vec<String>,
    rubric: String,
    strictness: Strictness,
    case: TestCase,
}

impl Judged for Dialogue {
    fn call(&self) -> JudgeCall {
        if self.steps.is_empty() {
            return prompt::steps_call(&self.params.criteria, &self.params.fields);
        }
        prompt::score_call(
            &self.steps,
            &self.rubric,
            self.strictness,
            &self.params.fields,
            &self.case,
        )
    }

    fn read(&mut self, verdict: &Value, answer: &ChatAnswer) -> Result<Next, String> {
        if self.steps.is_empty() {
            self.steps = read_steps(verdict)?;
            return Ok(Next::Ask);
        }
        let said = read_score(verdict)?;
        let reason = verdict
            .get("reason")
            .and_then(Value::as_str)
            .unwrap_or("the judge gave no reason")
            .to_owned();
        let (score, confidence) = match self.strictness {
            // As upstream, what comes after the point is dropped: only a whole 1 passes.
            Strictness::Strict if (0.0..2.0).contains(&said) => (said.trunc(), None),
            Strictness::Strict => return Err("`score` must be 0 or 1".to_owned()),
            Strictness::Scale((lo, hi)) if !(f64::from(lo)..=f64::from(hi)).contains(&said) => {
                return Err(format!("`score` must be from {lo} to {hi}"));
            }
            Strictness::Scale(range) => {
                let weighted = weighted_score(said, &answer.logprobs);
                // Alternatives may lie beyond the range even where the score does not.
                (
                    normalise(weighted.score, range).clamp(0.0, 1.0),
                    weighted.confidence,
                )
            }
        };
        Ok(Next::Scored(Scored {
            score,
            reason,
            confidence,
        }))
    }
}

fn read_steps(verdict: &Value) -> Result<Vec<String>, String> {
    let steps = verdict
        .get("steps")
        .and_then(Value::as_array)
        .ok_or("it has no list `steps`")?;
    let texts = steps
        .iter()
        .filter_map(Value::as_str)
        .map(str::trim)
        .filter(|step| !step.is_empty());
    let steps: Vec<String> = texts
        .take(MAX_STEPS)
        .map(|step| crate::text::clip(step, MAX_STEP_CHARS))
        .collect();
    if steps.is_empty() {
        Err("`steps` has no text in it".to_owned())
    } else {
        Ok(steps)
    }
}

fn read_score(verdict: &Value) -> Result<f64, String> {
    let score = verdict.get("score").ok_or("it has no `score`")?;
    // Some models write the number as text.
    let number = score
        .as_f64()
        .or_else(|| score.as_str()?.trim().parse().ok());
    number
        .filter(|n| n.is_finite())
        .ok_or_else(|| "`score` is not a number".to_owned())
}

#[cfg(test)]
#[path = "g_eval_tests.rs"]
mod tests;
