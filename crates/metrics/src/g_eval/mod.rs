//! `g_eval`: a model judges a case by criteria. G-Eval of Liu et al. (2023), as DeepEval runs it.
//!
//! Criteria are first turned into steps, unless steps are given; then the case is scored by them, on a rubric's range or 0 to
//! 10, and the score is weighted by its token probabilities where the judge gives them. Strict mode asks for 0 or 1, takes the
//! word as it is, and forces the threshold to 1.
//!
//! Deviations: a score beyond the range that was asked for is an answer that cannot be used. Upstream takes it as it is, so
//! that in strict mode a judge that says 5 passes.

pub(crate) mod conversational;
pub(crate) mod prompt;
mod rubric;
mod weighted;

pub use rubric::{RubricError, RubricLevel, format_rubric, normalise, rubric_range, sort_rubric};
pub use weighted::{WeightedScore, weighted_score};

use crate::fields::shown;
use crate::judge::Judge;
use crate::kinds::read_params;
use crate::registry::{About, Metric, Plan, Scored, Unscored};
use crate::verdicts::read_texts;
use assay_llm::ChatAnswer;
use assay_model::{TestCase, Validator};
use prompt::Known;
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

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Params {
    #[serde(default)]
    criteria: String,
    #[serde(default)]
    evaluation_steps: Vec<String>,
    fields: Option<Vec<String>>,
    #[serde(default)]
    rubric: Vec<RubricLevel>,
    #[serde(default)]
    strict: bool,
}

const DEFAULT_FIELDS: [&str; 2] = ["input", "actual_output"];

const BASELESS: &str = "the metric's parameters are wrong: neither criteria nor evaluation steps";

/// How the judge is asked to score.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Strictness {
    /// 0 or 1.
    Strict,
    /// An integer of this range.
    Scale((u32, u32)),
    /// An integer of this range, of which only the highest counts.
    Whole((u32, u32)),
}

/// The schema of the parameters.
fn params_schema(fields: &[&str], default: &[&str], seen: &str, strict: &str) -> Value {
    let text = |max: u32| json!({"type": "string", "minLength": 1, "maxLength": max});
    json!({
        "type": "object",
        "properties": {
            "criteria": {"type": "string", "maxLength": 20000,
                "description": "What makes a case good. Needed unless `evaluation_steps` are given."},
            "evaluation_steps": {"type": "array", "maxItems": 50, "items": text(5000),
                "description": "How to judge, step by step; made from `criteria` when absent."},
            "fields": {"type": "array", "minItems": 1, "uniqueItems": true, "items": {"enum": fields},
                "default": default, "description": seen},
            "rubric": {"type": "array", "maxItems": 11, "description": "What ranges of scores mean; they must not overlap.",
                "items": {"type": "object", "additionalProperties": false,
                    "required": ["score_range", "expected_outcome"],
                    "properties": {
                        "score_range": {"type": "array", "minItems": 2, "maxItems": 2,
                            "items": {"type": "integer", "minimum": 0, "maximum": 10}},
                        "expected_outcome": text(5000)}}},
            "strict": {"type": "boolean", "default": false, "description": strict},
        },
        "additionalProperties": false,
    })
}

impl Params {
    /// Whether there is nothing to judge by.
    fn is_baseless(&self) -> bool {
        self.criteria.trim().is_empty() && self.evaluation_steps.is_empty()
    }

    fn check_basis(&self, v: &mut Validator) {
        v.require(
            !self.is_baseless(),
            "criteria",
            "is required unless `evaluation_steps` are given",
        );
    }

    /// The fields that the judge sees.
    fn fields(&self, default: &[&str]) -> Vec<String> {
        let default = || default.iter().map(|&field| field.to_owned()).collect();
        self.fields.clone().unwrap_or_else(default)
    }
}

/// Has a judge score `material`, which has `fields`, by the steps of `params`, or by steps that it makes of the criteria.
async fn judged(
    judge: Judge,
    params: Params,
    rubric: String,
    strictness: Strictness,
    (fields, known): (Vec<String>, &Known),
    material: Value,
) -> Result<Scored, Unscored> {
    let steps = if params.evaluation_steps.is_empty() {
        let call = prompt::steps_call(&params.criteria, &fields, known);
        judge.ask(call, |verdict, _| read_steps(verdict)).await?
    } else {
        params.evaluation_steps
    };
    let call = prompt::score_call(&steps, &rubric, strictness, &fields, known, &material);
    let scored = judge.ask(call, |verdict, answer| read(strictness, verdict, answer));
    Ok(scored.await?)
}

impl Metric for GEval {
    fn about(&self) -> About {
        let fields: Vec<&str> = FIELDS.iter().map(|(name, _)| *name).collect();
        About {
            name: "G-Eval",
            description: "A model judges the case by criteria or evaluation steps. Its score, weighted by token probabilities \
                          where the model gives them, is scaled to 0 to 1.",
            required_fields: &["actual_output"],
            default_threshold: 0.5,
            version: 1,
            params_schema: params_schema(
                &fields,
                &DEFAULT_FIELDS,
                "What of the case the judge sees.",
                "The judge says 0 or 1, and only 1 passes.",
            ),
        }
    }

    fn check(&self, params: &Value, v: &mut Validator) {
        let Ok(params) = read_params::<Params>(params) else {
            return;
        };
        params.check_basis(v);
        if let Err(fault) = sort_rubric(params.rubric).and_then(|sorted| rubric_range(&sorted)) {
            v.error("rubric", fault.to_string());
        }
    }

    fn required_fields(&self, params: &Value) -> Vec<String> {
        let params = read_params::<Params>(params).unwrap_or_default();
        params.fields(&DEFAULT_FIELDS)
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
        if params.is_baseless() {
            return Plan::Error(BASELESS.to_owned());
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
        let fields = params.fields(&DEFAULT_FIELDS);
        let each = fields
            .iter()
            .map(|field| (field.clone(), shown(field, case)));
        let material = Value::Object(each.collect());
        Plan::judge(move |judge| {
            judged(
                judge,
                params,
                rubric,
                strictness,
                (fields, &FIELDS),
                material,
            )
        })
    }
}

/// The score in a judge's answer.
fn read(strictness: Strictness, verdict: &Value, answer: &ChatAnswer) -> Result<Scored, String> {
    let said = read_score(verdict)?;
    let reason = verdict
        .get("reason")
        .and_then(Value::as_str)
        .unwrap_or("the judge gave no reason");
    let (score, confidence) = match strictness {
        // As upstream, what comes after the point is dropped: only a whole 1 passes.
        Strictness::Strict if (0.0..2.0).contains(&said) => (said.trunc(), None),
        Strictness::Strict => return Err("`score` must be 0 or 1".to_owned()),
        Strictness::Scale((lo, hi)) | Strictness::Whole((lo, hi))
            if !(f64::from(lo)..=f64::from(hi)).contains(&said) =>
        {
            return Err(format!("`score` must be from {lo} to {hi}"));
        }
        Strictness::Whole((_, hi)) => (f64::from(u8::from(said >= f64::from(hi))), None),
        Strictness::Scale(range) => {
            let weighted = weighted_score(said, &answer.logprobs);
            // Alternatives may lie beyond the range even where the score does not.
            (
                normalise(weighted.score, range).clamp(0.0, 1.0),
                weighted.confidence,
            )
        }
    };
    Ok(Scored {
        confidence,
        ..Scored::judged(score, reason)
    })
}

pub(crate) fn read_steps(verdict: &Value) -> Result<Vec<String>, String> {
    let steps = read_texts(verdict, "steps")?;
    let texts = steps
        .iter()
        .map(|step| step.trim())
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
