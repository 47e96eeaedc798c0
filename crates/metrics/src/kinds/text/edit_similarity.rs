//! `edit_similarity`: 1 less the edit distance (Levenshtein) from the answer to the expected output, by the length of the longer.

use super::MAX_STEPS;
use super::levenshtein::distance;
use super::symbols::{Chars, Words};
use crate::kinds::read_params;
use crate::registry::{About, Metric, Plan, Scored};
use crate::text::{strip, words};
use assay_model::TestCase;
use serde::Deserialize;
use serde_json::{Value, json};

/// What is counted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EditUnit {
    /// Characters (Unicode's scalar values), white space included.
    #[default]
    Characters,
    /// What stands between white space.
    Words,
}

/// How far two texts are from each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Edits {
    /// Insertions, deletions and substitutions.
    pub distance: usize,
    /// Units of the longer text.
    pub longest: usize,
}

impl Edits {
    /// From `left` to `right`; `None` when it takes too long to find out: the product of both lengths, less what they begin and
    /// end with alike, is above 64 * 200,000,000.
    #[must_use]
    pub fn between(left: &str, right: &str, unit: EditUnit) -> Option<Self> {
        let (left, right, symbols) = match unit {
            EditUnit::Characters => {
                let mut chars = Chars::default();
                let (left, right) = (chars.ids(left.chars()), chars.ids(right.chars()));
                (left, right, chars.len())
            }
            EditUnit::Words => {
                let mut ids = Words::default();
                let (left, right) = (ids.ids(words(left)), ids.ids(words(right)));
                (left, right, ids.len())
            }
        };
        Some(Self {
            distance: distance(&left, &right, symbols)?,
            longest: left.len().max(right.len()),
        })
    }

    /// 1 for equal texts, 0 where nothing is in its place.
    #[must_use]
    pub fn similarity(self) -> f64 {
        1.0 - self.distance as f64 / self.longest.max(1) as f64
    }
}

pub(crate) struct EditSimilarity;

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Params {
    unit: EditUnit,
    ignore_case: bool,
}

impl Metric for EditSimilarity {
    fn about(&self) -> About {
        About {
            name: "Edit similarity",
            description: "1 less the edit distance (Levenshtein) from the answer to the expected output, divided by the length \
                          of the longer. White space at either end is ignored.",
            required_fields: &["actual_output", "expected_output"],
            default_threshold: 0.5,
            version: 1,
            params_schema: json!({
                "type": "object",
                "properties": {
                    "unit": {"enum": ["characters", "words"], "default": "characters",
                        "description": "What is inserted, deleted and replaced."},
                    "ignore_case": {"type": "boolean", "default": false, "description": "Upper and lower case are the same."},
                },
                "additionalProperties": false,
            }),
        }
    }

    fn begin(&self, params: &Value, case: &TestCase) -> Plan {
        let params: Params = match read_params(params) {
            Ok(params) => params,
            Err(plan) => return plan,
        };
        let (answer, reference) = super::pair(case, params.ignore_case);
        let (answer, reference) = (strip(&answer), strip(&reference));
        if reference.is_empty() {
            return super::empty_reference();
        }
        let Some(edits) = Edits::between(answer, reference, params.unit) else {
            return super::too_long(match params.unit {
                EditUnit::Characters => " by characters: use the unit `words`",
                EditUnit::Words => " by words",
            });
        };
        let unit = match params.unit {
            EditUnit::Characters => "characters",
            EditUnit::Words => "words",
        };
        let reason = format!(
            "{} edits lead from the answer to the expected output; the longer has {} {unit}",
            edits.distance, edits.longest
        );
        let mut scored = Scored::certain(edits.similarity(), reason);
        let distance = ("distance".to_owned(), edits.distance as f64);
        scored.breakdown.extend([distance]);
        Plan::Scored(scored)
    }
}

/// The bound that [`Edits::between`] tells of.
const _: () = assert!(MAX_STEPS == 200_000_000);
