//! The three kinds of questions, and what an answer to each is worth.

use super::chosen::Answered;
use assay_model::Validator;
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};

/// Most questions of a metric, and most options of a choice.
pub(super) const MAX_QUESTIONS: usize = 20;
pub(super) const MAX_OPTIONS: usize = 20;

/// A choice whose options that say it does not apply have so much probability does not.
const NOT_APPLICABLE_FROM: f64 = 0.5;
/// How near the second answer must be to the first to be told as well.
const NEAR: f64 = 0.15;

const fn one() -> f64 {
    1.0
}

/// A question with its weight.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub(super) enum Question {
    /// A statement: worth the probability that it is true.
    Statement {
        statement: String,
        #[serde(default = "one")]
        weight: f64,
    },
    /// Ordered levels, the worst first: worth the expected level as a share of the highest.
    Levels {
        question: String,
        levels: Vec<String>,
        #[serde(default = "one")]
        weight: f64,
    },
    /// Options without an order: worth the mean of their credits. Those without one say that the question does not apply.
    Choice {
        question: String,
        options: BTreeMap<String, Option<f64>>,
        #[serde(default = "one")]
        weight: f64,
    },
}

/// What came of a question.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Outcome {
    /// From 0 to 1; `None` where the question does not apply.
    pub(super) value: Option<f64>,
    /// Whether the likeliest answer is the best that there is.
    pub(super) best: bool,
    /// How sure the judge was, where it gave probabilities.
    pub(super) confidence: Option<f64>,
    /// For a person.
    pub(super) said: String,
}

impl Question {
    /// What is asked.
    pub(super) fn text(&self) -> &str {
        match self {
            Self::Statement { statement, .. } => statement,
            Self::Levels { question, .. } | Self::Choice { question, .. } => question,
        }
    }

    pub(super) const fn weight(&self) -> f64 {
        match self {
            Self::Statement { weight, .. }
            | Self::Levels { weight, .. }
            | Self::Choice { weight, .. } => *weight,
        }
    }

    /// What may be answered, in the order of the letters.
    pub(super) fn answers(&self) -> Vec<&str> {
        match self {
            Self::Statement { .. } => vec!["it is true", "it is not true"],
            Self::Levels { levels, .. } => levels.iter().map(String::as_str).collect(),
            Self::Choice { options, .. } => options.keys().map(String::as_str).collect(),
        }
    }

    /// What the schema of the parameters does not say.
    pub(super) fn check(&self, v: &mut Validator) {
        let asked = match self {
            Self::Statement { .. } => "statement",
            _ => "question",
        };
        v.require(!self.text().trim().is_empty(), asked, "must not be empty");
        let answers = self.answers();
        let distinct: BTreeSet<&str> = answers.iter().map(|answer| answer.trim()).collect();
        let clear = distinct.len() == answers.len() && !distinct.contains("");
        match self {
            Self::Statement { .. } => {}
            Self::Levels { .. } => v.require(clear, "levels", "must differ, and none be empty"),
            Self::Choice { options, .. } => {
                v.require(clear, "options", "must differ, and none be empty");
                v.require(
                    options.values().any(Option::is_some),
                    "options",
                    "must have one with a credit",
                );
            }
        }
    }

    /// What an answer is worth.
    pub(super) fn outcome(&self, answered: &Answered) -> Outcome {
        let each = &answered.probabilities;
        let top = highest(each.iter().copied());
        let (value, best) = match self {
            Self::Statement { .. } => {
                let holds = each.first().copied().unwrap_or(0.0);
                (Some(holds), holds >= 0.5)
            }
            Self::Levels { levels, .. } => {
                let highest = levels.len().saturating_sub(1);
                let expected: f64 = each.iter().enumerate().map(|(i, p)| i as f64 * p).sum();
                let value = (expected / (highest.max(1)) as f64).clamp(0.0, 1.0);
                (Some(value), top == Some(highest))
            }
            Self::Choice { options, .. } => credit(options, each),
        };
        let confidence = answered.known.then(|| match self {
            Self::Statement { .. } => (2.0 * each.first().copied().unwrap_or(0.5) - 1.0).abs(),
            _ => each.iter().copied().fold(0.0, f64::max),
        });
        Outcome {
            value,
            best,
            confidence,
            said: match (self, value) {
                (Self::Statement { .. }, Some(holds)) => held(holds).to_owned(),
                (_, None) => "does not apply".to_owned(),
                _ => self.told(each),
            },
        }
    }

    /// The likeliest answer, and the next where it is near.
    fn told(&self, each: &[f64]) -> String {
        let answers = self.answers();
        let mut ranked: Vec<(&str, f64)> = answers.into_iter().zip(each.iter().copied()).collect();
        ranked.sort_by(|a, b| b.1.total_cmp(&a.1));
        match ranked.as_slice() {
            [(first, p), (second, q), ..] if p - q <= NEAR => {
                format!("\"{first}\", or else \"{second}\"")
            }
            [(first, _), ..] => format!("\"{first}\""),
            [] => String::new(),
        }
    }
}

/// The mean credit of the options that have one, and whether the likeliest of these has all of it.
fn credit(options: &BTreeMap<String, Option<f64>>, each: &[f64]) -> (Option<f64>, bool) {
    let credits: Vec<(f64, f64)> = options
        .values()
        .zip(each)
        .filter_map(|(credit, &p)| Some(((*credit)?, p)))
        .collect();
    let applies: f64 = credits.iter().map(|(_, p)| p).sum();
    let all: f64 = each.iter().sum();
    if all - applies >= NOT_APPLICABLE_FROM || applies <= 0.0 {
        return (None, false);
    }
    let sum: f64 = credits.iter().map(|(credit, p)| credit * p).sum();
    let chosen = highest(credits.iter().map(|(_, p)| *p));
    let best = chosen.and_then(|at| credits.get(at));
    (
        Some((sum / applies).clamp(0.0, 1.0)),
        best.is_some_and(|(credit, _)| *credit >= 1.0),
    )
}

/// Where the highest of numbers is; the first of equal ones.
fn highest(of: impl Iterator<Item = f64>) -> Option<usize> {
    of.enumerate()
        .fold(None, |best: Option<(usize, f64)>, (at, p)| match best {
            Some((_, most)) if most >= p => best,
            _ => Some((at, p)),
        })
        .map(|(at, _)| at)
}

/// A probability in words.
fn held(p: f64) -> &'static str {
    match p {
        p if p >= 0.85 => "clearly holds",
        p if p >= 0.65 => "likely holds",
        p if p >= 0.35 => "unclear",
        p if p >= 0.15 => "likely fails",
        _ => "clearly fails",
    }
}
