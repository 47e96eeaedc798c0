//! `bleu`: the words and runs of words that the answer has in common with the expected output.
//!
//! Papineni and others, "BLEU: a Method for Automatic Evaluation of Machine Translation", 2002, as `sacrebleu` computes it:
//! tokeniser 13a; of a single text the orders that it has no n-gram of are left out (`effective_order`).

use super::symbols::Words;
use super::{overlap, tokens_13a};
use crate::kinds::read_params;
use crate::registry::{About, Metric, Plan, Scored};
use assay_model::{TestCase, Validator};
use serde::Deserialize;
use serde_json::{Value, json};
use std::ops::AddAssign;

/// The longest n-grams.
const ORDERS: usize = 4;

/// What is done about orders without a match, which would make the whole score 0.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
pub enum Smoothing {
    /// Nothing.
    None,
    /// The first such order counts as half a match, the next as a quarter, and so on: method 3 of Chen and Cherry, 2014.
    Exp,
    /// This many matches, and as many n-grams, are added to all orders but the first: method 2.
    AddK(f64),
}

/// The n-grams of one text or of many, from which BLEU follows; those of many texts are added up.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct BleuCounts {
    matched: [u64; ORDERS],
    total: [u64; ORDERS],
    /// Tokens of the answer.
    pub answer_len: u64,
    /// Tokens of the reference.
    pub reference_len: u64,
}

/// BLEU and what it was made of, all within `[0, 1]`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bleu {
    /// The geometric mean of the precisions, times the brevity penalty.
    pub score: f64,
    /// The share of the answer's n-grams that the reference has, by order.
    pub precisions: [f64; ORDERS],
    /// What is taken off an answer that is shorter than the reference: a factor.
    pub brevity_penalty: f64,
}

impl BleuCounts {
    /// The counts of one answer.
    #[must_use]
    pub fn of(answer: &str, reference: &str) -> Self {
        let (answer, reference) = (tokens_13a::prepare(answer), tokens_13a::prepare(reference));
        let mut words = Words::default();
        let answer = words.ids(tokens_13a::tokens(&answer));
        let reference = words.ids(tokens_13a::tokens(&reference));
        let orders = overlap::overlap::<ORDERS>(&answer, &reference);
        Self {
            matched: orders.map(|order| order.shared),
            total: orders.map(|order| order.left),
            answer_len: answer.len() as u64,
            reference_len: reference.len() as u64,
        }
    }

    /// BLEU. With `effective_order` the orders that there are no n-grams of are left out; without, they make it 0.
    #[must_use]
    pub fn score(&self, smoothing: Smoothing, effective_order: bool) -> Bleu {
        let (answer, reference) = (self.answer_len as f64, self.reference_len as f64);
        let brevity_penalty = match (answer < reference, answer > 0.0) {
            (true, true) => (1.0 - reference / answer).exp(),
            (true, false) => 0.0,
            (false, _) => 1.0,
        };
        let mut precisions = [0.0; ORDERS];
        let nothing = Bleu {
            score: 0.0,
            precisions,
            brevity_penalty,
        };
        if self.matched.iter().all(|&matched| matched == 0) {
            return nothing;
        }
        let mut orders = if effective_order { 0 } else { ORDERS };
        let mut missed = 1.0;
        let counts = self.matched.iter().zip(&self.total);
        for (n, (precision, (&matched, &total))) in precisions.iter_mut().zip(counts).enumerate() {
            let added = match smoothing {
                Smoothing::AddK(k) if n > 0 => k,
                _ => 0.0,
            };
            let (matched, total) = (matched as f64 + added, total as f64 + added);
            if total == 0.0 {
                break;
            }
            if effective_order {
                orders = n + 1;
            }
            if matched > 0.0 {
                *precision = matched / total;
            } else if smoothing == Smoothing::Exp {
                missed *= 2.0;
                *precision = 1.0 / (missed * total);
            }
        }
        let logs = precisions.iter().take(orders).map(|p| p.ln());
        let mean = logs.sum::<f64>() / orders as f64;
        Bleu {
            score: brevity_penalty * mean.exp(),
            precisions,
            brevity_penalty,
        }
    }
}

impl AddAssign for BleuCounts {
    fn add_assign(&mut self, other: Self) {
        for (sum, n) in self.matched.iter_mut().zip(other.matched) {
            *sum += n;
        }
        for (sum, n) in self.total.iter_mut().zip(other.total) {
            *sum += n;
        }
        self.answer_len += other.answer_len;
        self.reference_len += other.reference_len;
    }
}

pub(crate) struct BleuMetric;

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Method {
    None,
    #[default]
    Exp,
    AddK,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Params {
    smoothing: Method,
    k: Option<f64>,
    ignore_case: bool,
}

impl Metric for BleuMetric {
    fn about(&self) -> About {
        About {
            name: "BLEU",
            description: "How many of the answer's words, and of its runs of two, three and four words, the expected output \
                          has: their geometric mean, less for an answer that is too short. BLEU of one text as sacrebleu \
                          has it, from 0 to 1.",
            required_fields: &["actual_output", "expected_output"],
            default_threshold: 0.5,
            version: 1,
            params_schema: json!({
                "type": "object",
                "properties": {
                    "smoothing": {"enum": ["none", "exp", "add_k"], "default": "exp",
                        "description": "What is done about runs of a length of which none matches: nothing, so that the score \
                                        is 0; count half a match, then a quarter, and so on; or add `k` to all counts."},
                    "k": {"type": "number", "exclusiveMinimum": 0, "maximum": 1000, "default": 1,
                        "description": "What `add_k` adds."},
                    "ignore_case": {"type": "boolean", "default": false, "description": "Upper and lower case are the same."},
                },
                "additionalProperties": false,
            }),
        }
    }

    fn check(&self, params: &Value, v: &mut Validator) {
        if let Ok(params) = read_params::<Params>(params) {
            let used = params.k.is_none() || params.smoothing == Method::AddK;
            v.require(used, "k", "is for the smoothing `add_k` alone");
        }
    }

    fn begin(&self, params: &Value, case: &TestCase) -> Plan {
        let params: Params = match read_params(params) {
            Ok(params) => params,
            Err(plan) => return plan,
        };
        let smoothing = match params.smoothing {
            Method::None => Smoothing::None,
            Method::Exp => Smoothing::Exp,
            Method::AddK => Smoothing::AddK(params.k.unwrap_or(1.0)),
        };
        let (answer, reference) = super::pair(case, params.ignore_case);
        let counts = BleuCounts::of(&answer, &reference);
        if counts.reference_len == 0 {
            return super::empty_reference();
        }
        let bleu = counts.score(smoothing, true);
        let reason = format!(
            "BLEU is {:.3}; the answer has {} tokens, the expected output {}",
            bleu.score, counts.answer_len, counts.reference_len
        );
        let mut scored = Scored::certain(bleu.score.min(1.0), reason);
        let names = ["precision_1", "precision_2", "precision_3", "precision_4"];
        for (name, precision) in names.into_iter().zip(bleu.precisions) {
            scored.breakdown.insert(name.to_owned(), precision);
        }
        let penalty = ("brevity_penalty".to_owned(), bleu.brevity_penalty);
        scored.breakdown.extend([penalty]);
        Plan::Scored(scored)
    }
}
