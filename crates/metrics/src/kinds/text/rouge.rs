//! `rouge`: how much of the expected output's words the answer has, and how much of the answer's words the expected output has.
//!
//! Lin, "ROUGE: a Package for Automatic Evaluation of Summaries", 2004, as `rouge-score` computes it: tokens are runs of `a` to `z`
//! and digits, so that texts in other scripts have none.

use super::symbols::Words;
use super::{MAX_STEPS, lcs, overlap, porter};
use crate::kinds::read_params;
use crate::registry::{About, Metric, Plan, Scored};
use assay_model::TestCase;
use serde::Deserialize;
use serde_json::{Value, json};

/// Most columns of 64 rows that `rougeLsum` keeps for one line: 64 MiB.
const MAX_KEPT: u64 = 1 << 23;

/// What is counted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
pub enum RougeVariant {
    /// Words.
    #[serde(rename = "rouge1")]
    Rouge1,
    /// Pairs of words.
    #[serde(rename = "rouge2")]
    Rouge2,
    /// The longest common subsequence of words.
    #[default]
    #[serde(rename = "rougeL")]
    RougeL,
    /// The same line by line: of each line of the reference, what is in a common subsequence with any line of the answer.
    #[serde(rename = "rougeLsum")]
    RougeLsum,
}

/// The shares of two texts that are in both.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Rouge {
    /// Of the answer.
    pub precision: f64,
    /// Of the reference.
    pub recall: f64,
    /// The harmonic mean of both.
    pub f1: f64,
}

impl Rouge {
    fn new(hits: u64, answer: u64, reference: u64) -> Self {
        let precision = hits as f64 / answer.max(1) as f64;
        let recall = hits as f64 / reference.max(1) as f64;
        let f1 = if hits > 0 {
            2.0 * precision * recall / (precision + recall)
        } else {
            0.0
        };
        Self {
            precision,
            recall,
            f1,
        }
    }
}

/// ROUGE of an answer; `None` when the texts are too long for it. With `stemmed`, words of more than three letters are cut
/// to their stems.
#[must_use]
pub fn rouge(variant: RougeVariant, stemmed: bool, answer: &str, reference: &str) -> Option<Rouge> {
    let (answer, reference) = (answer.to_lowercase(), reference.to_lowercase());
    Texts::new(&answer, &reference, stemmed).rouge(variant)
}

/// Two texts as lines of numbered tokens.
struct Texts {
    answer: Vec<Vec<u32>>,
    reference: Vec<Vec<u32>>,
    symbols: usize,
}

impl Texts {
    /// Of texts in lower case.
    fn new(answer: &str, reference: &str, stemmed: bool) -> Self {
        let mut words = Words::default();
        let mut lines = |text| -> Vec<Vec<u32>> {
            let lines = str::split(text, '\n');
            lines.map(|line| words.ids(tokens(line))).collect()
        };
        let (mut answer, mut reference) = (lines(answer), lines(reference));
        if stemmed {
            let stems = words.by_id().map(|word| match word.len() {
                ..=3 => word.into(),
                _ => porter::stem(word),
            });
            let stems: Vec<_> = stems.collect();
            let mut words = Words::default();
            let ids = words.ids(stems.iter().map(AsRef::as_ref));
            for token in answer.iter_mut().chain(&mut reference).flatten() {
                let id = ids.get((*token as usize).saturating_sub(1));
                *token = id.copied().unwrap_or_default();
            }
        }
        Self {
            answer,
            reference,
            symbols: words.len(),
        }
    }

    fn rouge(&self, variant: RougeVariant) -> Option<Rouge> {
        let (answer, reference) = (self.answer.concat(), self.reference.concat());
        let lengths = (answer.len() as u64, reference.len() as u64);
        let hits = match variant {
            RougeVariant::Rouge1 | RougeVariant::Rouge2 => {
                let [single, double] = overlap::overlap::<2>(&answer, &reference);
                let found = if variant == RougeVariant::Rouge1 {
                    single
                } else {
                    double
                };
                return Some(Rouge::new(found.shared, found.left, found.right));
            }
            RougeVariant::RougeL => {
                if lcs::steps(answer.len(), reference.len()) > MAX_STEPS {
                    return None;
                }
                lcs::length(&answer, &reference, self.symbols) as u64
            }
            RougeVariant::RougeLsum => self.union_hits(&answer, &reference)?,
        };
        Some(Rouge::new(hits, lengths.0, lengths.1))
    }

    /// The tokens of the reference's lines that are in a common subsequence; each token counts as often as both texts have it.
    fn union_hits(&self, answer: &[u32], reference: &[u32]) -> Option<u64> {
        let steps = self.reference.iter().map(|line| {
            let table = lcs::steps(line.len(), answer.len());
            // The way back passes each line of the answer, and each row of the table once for each of them.
            let back = (line.len() as u64 + 1).saturating_mul(self.answer.len() as u64);
            (
                table,
                table
                    .saturating_add(back)
                    .saturating_add(answer.len() as u64),
            )
        });
        let mut all = 0_u64;
        for (kept, steps) in steps {
            all = all.saturating_add(steps);
            if kept > MAX_KEPT || all > MAX_STEPS {
                return None;
            }
        }
        let (mut left_of_answer, mut left_of_reference) =
            (self.count(answer), self.count(reference));
        let mut masks = lcs::Masks::new(self.symbols);
        let mut hits = 0;
        for line in &self.reference {
            let found = lcs::union(line, &self.answer, &mut masks);
            for (&token, _) in line.iter().zip(found).filter(|(_, found)| *found) {
                let of_answer = left_of_answer.get_mut(token as usize)?;
                let of_reference = left_of_reference.get_mut(token as usize)?;
                if *of_answer > 0 && *of_reference > 0 {
                    hits += 1;
                    *of_answer -= 1;
                    *of_reference -= 1;
                }
            }
        }
        Some(hits)
    }

    /// How often each token occurs.
    fn count(&self, tokens: &[u32]) -> Vec<u32> {
        let mut counts = vec![0; self.symbols + 1];
        for &token in tokens {
            if let Some(count) = counts.get_mut(token as usize) {
                *count += 1;
            }
        }
        counts
    }
}

/// The tokens of a text in lower case.
fn tokens(text: &str) -> impl Iterator<Item = &str> {
    let runs = text.split(|c: char| !c.is_ascii_alphanumeric());
    runs.filter(|token| !token.is_empty())
}

pub(crate) struct RougeMetric;

/// The share that becomes the score.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Measure {
    #[default]
    F1,
    Precision,
    Recall,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Params {
    variant: RougeVariant,
    stem: bool,
    measure: Measure,
}

impl Metric for RougeMetric {
    fn about(&self) -> About {
        About {
            name: "ROUGE",
            description: "The words (or pairs of words, or the longest sequence of words in the same order) that the answer and \
                          the expected output have in common, as a share of either text, and the harmonic mean of both shares. \
                          Words are of the letters a to z and digits.",
            required_fields: &["actual_output", "expected_output"],
            default_threshold: 0.5,
            version: 1,
            params_schema: json!({
                "type": "object",
                "properties": {
                    "variant": {"enum": ["rouge1", "rouge2", "rougeL", "rougeLsum"], "default": "rougeL",
                        "description": "Words, pairs of words, the longest common sequence of words, or that line by line."},
                    "stem": {"type": "boolean", "default": false,
                        "description": "English words of the same stem are the same (Porter's stemmer)."},
                    "measure": {"enum": ["f1", "precision", "recall"], "default": "f1",
                        "description": "The score: the share of the answer, that of the expected output, or the mean of both."},
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
        let (answer, reference) = super::pair(case, true);
        if tokens(&reference).next().is_none() {
            return Plan::NotApplicable(
                "the expected output has no words of the letters a to z or digits".to_owned(),
            );
        }
        let texts = Texts::new(&answer, &reference, params.stem);
        let Some(rouge) = texts.rouge(params.variant) else {
            return super::too_long(": use the variant `rouge1` or `rouge2`");
        };
        let score = match params.measure {
            Measure::F1 => rouge.f1,
            Measure::Precision => rouge.precision,
            Measure::Recall => rouge.recall,
        };
        let reason = format!(
            "{:.1} % of the answer is in the expected output, {:.1} % of the expected output in the answer",
            rouge.precision * 100.0,
            rouge.recall * 100.0
        );
        let mut scored = Scored::certain(score.min(1.0), reason);
        for (name, share) in [
            ("precision", rouge.precision),
            ("recall", rouge.recall),
            ("f1", rouge.f1),
        ] {
            scored.breakdown.insert(name.to_owned(), share);
        }
        Plan::Scored(scored)
    }
}
