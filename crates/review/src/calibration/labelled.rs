//! A machine's score beside what people said of it.

use crate::judge::passes;
use assay_model::{LabelKind, LabelSchemaSpec, LabelTarget, MachineScore};
use serde_json::Value;

/// A score that people labelled.
#[derive(Debug, Clone, PartialEq)]
pub struct Labelled {
    /// What the score is about. Scores of one item, e.g. of its repetitions, come to the same half: the other would know them.
    pub item: String,
    /// The machine's, in `[0, 1]`.
    pub score: f64,
    /// How sure it was; [`None`] where it did not say.
    pub confidence: Option<f64>,
    /// Whether people let pass what it lets pass; `None` where as many say one thing as another.
    pub agrees: Option<bool>,
    /// The mean of people's scores, in `[0, 1]`; `None` where they answer yes or no.
    pub people: Option<f64>,
}

/// What people said of a score, taken together: several people's verdict is that of most of them. `None` where there is nothing to
/// hold against each other: no score, or no answer to `schema` that is worth one.
#[must_use]
pub fn labelled(
    schema: &LabelSchemaSpec,
    answers: &[&Value],
    machine: &MachineScore,
    item: &str,
) -> Option<Labelled> {
    let score = machine.score.filter(|s| s.is_finite())?;
    if schema.target != LabelTarget::Case {
        return None;
    }
    let scores: Vec<f64> = answers.iter().filter_map(|v| schema.score_of(v)).collect();
    if scores.is_empty() {
        return None;
    }
    let votes = answers
        .iter()
        .filter_map(|v| passes(schema, v, machine.threshold));
    let (yes, no) = votes.fold(
        (0, 0),
        |(y, n), pass| if pass { (y + 1, n) } else { (y, n + 1) },
    );
    let passed = score >= machine.threshold;
    let mean = scores.iter().sum::<f64>() / scores.len() as f64;
    Some(Labelled {
        item: item.to_owned(),
        score,
        confidence: machine.confidence.filter(|c| (0.0..=1.0).contains(c)),
        agrees: (yes != no).then_some((yes > no) == passed),
        people: (schema.kind != LabelKind::Boolean).then_some(mean),
    })
}
