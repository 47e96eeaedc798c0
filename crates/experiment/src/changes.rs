//! Which cases have changed.

use crate::arm::{Arm, Case, Of};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Where a case went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "ChangeDirection")]
pub enum Direction {
    /// The candidate's result is greater.
    Improved,
    /// It is lesser.
    Worsened,
    /// It is the same.
    Unchanged,
    /// Only the baseline has a result.
    Gone,
    /// Only the candidate has one.
    New,
}

/// A case in both arms.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[schemars(rename = "ItemChange")]
pub struct Change {
    /// The item's key.
    pub item_key: String,
    /// The persona's id, where one was put in place of the scenario's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub persona_id: Option<String>,
    /// Where it went.
    pub direction: Direction,
    /// The baseline's result, the mean over repetitions.
    pub baseline: Option<f64>,
    /// The candidate's.
    pub candidate: Option<f64>,
    /// Candidate less baseline.
    pub difference: Option<f64>,
    /// The baseline's runs.
    pub baseline_runs: Vec<String>,
    /// The candidate's.
    pub candidate_runs: Vec<String>,
}

/// Every case that one of the arms has a result of: what got worse first, and what got better last; what only one arm has at the
/// end. Equal ones go by item and persona.
#[must_use]
pub fn changes(baseline: &Arm, candidate: &Arm, of: Of<'_>) -> Vec<Change> {
    let (before, _) = baseline.results(of);
    let (after, _) = candidate.results(of);
    let mut cases: Vec<&Case> = before.keys().chain(after.keys()).copied().collect();
    cases.sort_unstable();
    cases.dedup();
    let mut all: Vec<Change> = cases
        .into_iter()
        .map(|case| {
            let (one, other) = (before.get(case), after.get(case));
            let (first, second) = (one.map(|r| r.mean()), other.map(|r| r.mean()));
            let difference = first.zip(second).map(|(before, after)| after - before);
            let direction = match difference {
                Some(d) if d > 0.0 => Direction::Improved,
                Some(d) if d < 0.0 => Direction::Worsened,
                Some(_) => Direction::Unchanged,
                None if first.is_some() => Direction::Gone,
                None => Direction::New,
            };
            let runs =
                |of: Option<&crate::arm::Results>| of.map(|r| r.runs.clone()).unwrap_or_default();
            Change {
                item_key: case.item.clone(),
                persona_id: case.persona.clone(),
                direction,
                baseline: first,
                candidate: second,
                difference,
                baseline_runs: runs(one),
                candidate_runs: runs(other),
            }
        })
        .collect();
    // Stable: cases are in order already.
    let key = |change: &Change| change.difference.unwrap_or(f64::INFINITY);
    all.sort_by(|a, b| key(a).total_cmp(&key(b)));
    all
}
