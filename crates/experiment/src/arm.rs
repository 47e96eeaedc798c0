//! What one agent made of a set of items.

use assay_model::{MetricStatus, RunStatus};
use std::collections::{BTreeMap, BTreeSet};

/// One metric's result of a run.
#[derive(Debug, Clone, PartialEq)]
pub struct Score {
    /// The metric's display name.
    pub name: String,
    /// What came of it.
    pub status: MetricStatus,
    /// In `[0, 1]`, where it was scored.
    pub score: Option<f64>,
}

/// One run.
#[derive(Debug, Clone, PartialEq)]
pub struct Run {
    /// Its id.
    pub id: String,
    /// What it was about.
    pub case: Case,
    /// How it ended.
    pub status: RunStatus,
    /// What metrics say of it.
    pub scores: Vec<Score>,
}

/// What a run is about: an item under a persona. Repetitions are about the same.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Case {
    /// The item's key.
    pub item: String,
    /// The persona's id, where one was put in place of the scenario's.
    pub persona: Option<String>,
}

/// What is compared: a metric by its name, or with `None` whether the run as a whole has passed.
pub type Of<'m> = Option<&'m str>;

/// The runs of one agent.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Arm {
    /// In any order.
    pub runs: Vec<Run>,
}

/// The results of a case: one for each repetition that has one.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Results {
    pub(crate) scores: Vec<f64>,
    pub(crate) passed: Vec<bool>,
    pub(crate) runs: Vec<String>,
}

impl Results {
    /// The mean over repetitions.
    pub(crate) fn mean(&self) -> f64 {
        self.scores.iter().sum::<f64>() / self.scores.len() as f64
    }

    /// The share of repetitions that passed.
    pub(crate) fn rate(&self) -> f64 {
        self.passed.iter().filter(|p| **p).count() as f64 / self.passed.len() as f64
    }
}

impl Arm {
    /// The names of all metrics, in order.
    #[must_use]
    pub fn metrics(&self) -> BTreeSet<&str> {
        let scores = self.runs.iter().flat_map(|run| &run.scores);
        scores.map(|s| s.name.as_str()).collect()
    }

    /// The results by case, and how many there are not because of an error.
    pub(crate) fn results(&self, of: Of<'_>) -> (BTreeMap<&Case, Results>, usize) {
        let mut all: BTreeMap<&Case, Results> = BTreeMap::new();
        let mut errors = 0;
        for run in &self.runs {
            let result = match of {
                None => match run.status {
                    RunStatus::Passed => Some((1.0, true)),
                    RunStatus::Failed => Some((0.0, false)),
                    RunStatus::Error => {
                        errors += 1;
                        None
                    }
                    // It has not ended, or was taken back.
                    _ => None,
                },
                Some(name) => {
                    let score = run.scores.iter().find(|s| s.name == name);
                    let broke = score.map_or(run.status == RunStatus::Error, |s| {
                        s.status == MetricStatus::Error
                    });
                    errors += usize::from(broke);
                    score.and_then(|s| {
                        let value = s.score.filter(|v| v.is_finite())?;
                        match s.status {
                            MetricStatus::Passed => Some((value, true)),
                            MetricStatus::Failed => Some((value, false)),
                            _ => None,
                        }
                    })
                }
            };
            let Some((score, passed)) = result else {
                continue;
            };
            let of_case = all.entry(&run.case).or_default();
            of_case.scores.push(score);
            of_case.passed.push(passed);
            of_case.runs.push(run.id.clone());
        }
        (all, errors)
    }
}
