//! `chrf`: the characters, and runs of up to six of them, that the answer has in common with the expected output.
//!
//! Popović, "chrF: character n-gram F-score for automatic MT evaluation", 2015, and "chrF++", 2017, which counts words and pairs
//! of words as well; as `sacrebleu` computes them. White space does not count.

use super::overlap::{Overlap, overlap};
use super::symbols::{Chars, Words};
use crate::kinds::read_params;
use crate::registry::{About, Metric, Plan, Scored};
use crate::text::{is_space, words};
use assay_model::TestCase;
use serde::Deserialize;
use serde_json::{Value, json};
use std::ops::AddAssign;

/// The longest runs of characters, and of words.
const CHARACTERS: usize = 6;
const WORDS: usize = 2;

/// The n-grams of one text or of many, from which chrF follows; those of many texts are added up.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ChrfCounts {
    characters: [Overlap; CHARACTERS],
    words: [Overlap; WORDS],
}

impl ChrfCounts {
    /// The counts of one answer, words only where `word_order` (0 for chrF, 2 for chrF++) is above 0; it is at most 2.
    #[must_use]
    pub fn of(answer: &str, reference: &str, word_order: usize) -> Self {
        let mut chars = Chars::default();
        let mut ids = |text: &str| chars.ids(text.chars().filter(|c| !is_space(*c)));
        let characters = overlap(&ids(answer), &ids(reference));
        let mut counts = Self {
            characters,
            ..Self::default()
        };
        if word_order > 0 {
            let mut words = Words::default();
            let answer = words.ids(words_and_marks(answer));
            let reference = words.ids(words_and_marks(reference));
            let all: [Overlap; WORDS] = overlap(&answer, &reference);
            for (kept, found) in counts.words.iter_mut().zip(all).take(word_order) {
                *kept = found;
            }
        }
        for order in counts.characters.iter_mut().chain(&mut counts.words) {
            // N-grams of an order that the reference has none of are not held against the answer.
            if order.right == 0 {
                order.left = 0;
            }
        }
        counts
    }

    /// The F-score of the mean precision and the mean recall over all orders that both texts have n-grams of; recall weighs
    /// `beta` times as much (2 as a rule). Within `[0, 1]`.
    #[must_use]
    pub fn score(&self, beta: f64) -> f64 {
        let [precision, recall] = self.means();
        let factor = beta * beta;
        if precision + recall > 0.0 {
            (1.0 + factor) * precision * recall / (factor * precision + recall)
        } else {
            0.0
        }
    }

    /// The mean precision and the mean recall.
    fn means(&self) -> [f64; 2] {
        let (mut precision, mut recall, mut orders) = (0.0, 0.0, 0.0);
        let all = self.characters.iter().chain(&self.words);
        for order in all.filter(|order| order.left > 0 && order.right > 0) {
            precision += order.shared as f64 / order.left as f64;
            recall += order.shared as f64 / order.right as f64;
            orders += 1.0;
        }
        let mean = |sum: f64| if orders > 0.0 { sum / orders } else { 0.0 };
        [mean(precision), mean(recall)]
    }
}

impl AddAssign for ChrfCounts {
    fn add_assign(&mut self, other: Self) {
        let sums = self.characters.iter_mut().chain(&mut self.words);
        for (sum, order) in sums.zip(other.characters.into_iter().chain(other.words)) {
            *sum += order;
        }
    }
}

/// The words of `text`, a mark of punctuation at the end of one, or else at its beginning, apart from it.
fn words_and_marks(text: &str) -> impl Iterator<Item = &str> {
    words(text).flat_map(|word| {
        let mark = |c: Option<char>| c.is_some_and(|c| c.is_ascii_punctuation());
        let parts = if word.chars().nth(1).is_none() {
            ("", word)
        } else if mark(word.chars().next_back()) {
            word.split_at(word.len() - 1)
        } else if mark(word.chars().next()) {
            word.split_at(1)
        } else {
            ("", word)
        };
        [parts.0, parts.1]
            .into_iter()
            .filter(|part| !part.is_empty())
    })
}

pub(crate) struct ChrfMetric;

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Params {
    word_order: usize,
    beta: Option<f64>,
    ignore_case: bool,
}

impl Metric for ChrfMetric {
    fn about(&self) -> About {
        About {
            name: "chrF",
            description: "How many of the characters, and of the runs of up to six of them, the answer and the expected output \
                          have in common; with `word_order` 2, words and pairs of words too (chrF++). As sacrebleu has it, from \
                          0 to 1. For texts in any language.",
            required_fields: &["actual_output", "expected_output"],
            default_threshold: 0.5,
            version: 1,
            params_schema: json!({
                "type": "object",
                "properties": {
                    "word_order": {"type": "integer", "minimum": 0, "maximum": 2, "default": 0,
                        "description": "The longest runs of words that count: 0 for chrF, 2 for chrF++."},
                    "beta": {"type": "number", "exclusiveMinimum": 0, "maximum": 100, "default": 2,
                        "description": "How much more the share of the expected output weighs than that of the answer."},
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
        if words(&reference).next().is_none() {
            return super::empty_reference();
        }
        let counts = ChrfCounts::of(&answer, &reference, params.word_order);
        let [precision, recall] = counts.means();
        let reason = format!(
            "on average {:.1} % of the answer's runs of characters are in the expected output, and {:.1} % of the expected \
             output's in the answer",
            precision * 100.0,
            recall * 100.0
        );
        let mut scored = Scored::certain(counts.score(params.beta.unwrap_or(2.0)).min(1.0), reason);
        let parts = [("precision", precision), ("recall", recall)];
        let named = parts.map(|(name, share)| (name.to_owned(), share));
        scored.breakdown.extend(named);
        Plan::Scored(scored)
    }
}
