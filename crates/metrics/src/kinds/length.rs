//! `length`: whether the answer is as long as it should be.

use super::read_params;
use crate::registry::{About, Metric, Plan, Scored};
use crate::text::{split_sentences, words};
use assay_model::{TestCase, Validator};
use serde::Deserialize;
use serde_json::{Value, json};

pub(crate) struct Length;

/// What is counted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Unit {
    Characters,
    #[default]
    Words,
    Sentences,
    Tokens,
}

impl Unit {
    const fn name(self) -> &'static str {
        match self {
            Self::Characters => "characters",
            Self::Words => "words",
            Self::Sentences => "sentences",
            Self::Tokens => "tokens",
        }
    }

    fn count(self, text: &str) -> usize {
        match self {
            Self::Characters => text.chars().count(),
            Self::Words => words(text).count(),
            Self::Sentences => split_sentences(text).len(),
            Self::Tokens => words(text).map(tokens).sum(),
        }
    }
}

/// About how many tokens of a model `word` is: a token for every four letters that hang together, or for every other character.
///
/// An estimate: the true number depends on the model.
fn tokens(word: &str) -> usize {
    let (mut tokens, mut letters) = (0, 0_usize);
    for c in word.chars() {
        if c.is_ascii_alphanumeric() {
            letters += 1;
        } else {
            tokens += letters.div_ceil(4) + 1;
            letters = 0;
        }
    }
    tokens + letters.div_ceil(4)
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Params {
    unit: Unit,
    min: Option<usize>,
    max: Option<usize>,
}

impl Metric for Length {
    fn about(&self) -> About {
        let bound = |description| json!({"type": "integer", "minimum": 0, "maximum": 1_000_000_000, "description": description});
        About {
            name: "Length",
            description: "1 when the answer has no fewer than `min` and no more than `max` characters, words, sentences or \
                          tokens; else the share that it has of `min`, or `max` of what it has.",
            required_fields: &["actual_output"],
            default_threshold: 1.0,
            version: 1,
            params_schema: json!({
                "type": "object",
                "properties": {
                    "unit": {"enum": ["characters", "words", "sentences", "tokens"], "default": "words",
                        "description": "What is counted: characters (Unicode's scalar values), what stands between white space, \
                                        what ends in a full stop, a question or an exclamation mark, or an estimate of a \
                                        model's tokens from the words."},
                    "min": bound("The least there may be."),
                    "max": bound("The most there may be."),
                },
                "additionalProperties": false,
            }),
        }
    }

    fn check(&self, params: &Value, v: &mut Validator) {
        let Ok(Params { min, max, .. }) = read_params(params) else {
            return;
        };
        v.require(
            min.is_some() || max.is_some(),
            "max",
            "is required unless `min` is given",
        );
        if let (Some(min), Some(max)) = (min, max) {
            v.require(min <= max, "max", "must be no less than `min`");
        }
    }

    fn begin(&self, params: &Value, case: &TestCase) -> Plan {
        let params: Params = match read_params(params) {
            Ok(params) => params,
            Err(plan) => return plan,
        };
        let (min, max) = (params.min.unwrap_or(0), params.max.unwrap_or(usize::MAX));
        if min > max || (params.min.is_none() && params.max.is_none()) {
            return Plan::Error("the metric's parameters are wrong: no length is right".to_owned());
        }
        let count = params
            .unit
            .count(case.actual_output.as_deref().unwrap_or_default());
        let unit = params.unit.name();
        let (score, verdict) = if count < min {
            let share = count as f64 / min as f64;
            (share, format!("fewer than {min}"))
        } else if count > max {
            let share = max as f64 / count as f64;
            (share, format!("more than {max}"))
        } else {
            (1.0, "as it should be".to_owned())
        };
        let mut scored =
            Scored::certain(score, format!("the answer has {count} {unit}, {verdict}"));
        let counted = (unit.to_owned(), count as f64);
        scored.breakdown.extend([counted]);
        Plan::Scored(scored)
    }
}
