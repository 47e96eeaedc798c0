//! `audio_integrity`: whether the agent's recordings are whole. As in DeepEval: a turn without one, one that cannot be played and much that is
//! repeated are worth 0, and what is cut off, repeated, lost or distorted takes something away.

use super::measure::Measures;
use super::{Turn, about, counted, plan};
use crate::qag_kinds::common::forced_threshold;
use crate::registry::{About, Metric, Plan, Scored, Unscored};
use assay_model::TestCase;
use serde_json::Value;
use std::collections::BTreeMap;

/// What defects cost: an end in the midst of sound; each repetition, hole and share of distortion, up to so much a recording.
const ABRUPT_END: f64 = 0.12;
const REPETITION: (f64, f64) = (0.15, 0.4);
const HOLE: (f64, f64) = (0.08, 0.35);
const DISTORTION: (f64, f64) = (10.0, 0.35);
/// From so many repetitions on a recording is worth nothing, and from such a share of distorted samples on they cost something.
const CRITICAL_REPETITIONS: usize = 3;
const LEAST_DISTORTION: f64 = 0.01;

pub(crate) struct AudioIntegrity;

impl Metric for AudioIntegrity {
    fn about(&self) -> About {
        about(
            "Audio integrity",
            "Whether the agent's recordings are whole. 0 where one is missing, cannot be played, is silent or repeats itself again and \
             again; else 1 less what abrupt ends, repetitions, holes and distortion take away.",
        )
    }

    fn forced_threshold(&self, params: &Value) -> Option<f64> {
        forced_threshold(params)
    }

    fn begin(&self, params: &Value, case: &TestCase) -> Plan {
        plan(params, case, |turns| {
            let found = Defects::of(turns)?;
            Ok(Scored {
                breakdown: BTreeMap::from([
                    ("critical_failures".to_owned(), found.critical.len() as f64),
                    ("defects".to_owned(), found.defects.len() as f64),
                    ("penalty".to_owned(), found.penalty),
                ]),
                ..Scored::certain(found.score(), found.told())
            })
        })
    }
}

/// What is wrong with the agent's recordings.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Defects {
    /// What must not happen, and what takes something away, for a person.
    critical: Vec<String>,
    defects: Vec<String>,
    penalty: f64,
}

impl Defects {
    pub(super) fn of(turns: &[Turn<'_>]) -> Result<Self, Unscored> {
        let mut found = Self::default();
        let mut agents = turns.iter().filter(|turn| turn.is_agents()).peekable();
        if agents.peek().is_none() {
            found.critical.push("the agent says nothing".to_owned());
        }
        for turn in agents {
            let n = turn.number;
            match turn.sound()? {
                None => found.critical.push(format!("turn {n} has no recording")),
                Some(Err(why)) => {
                    let why = format!("the recording of turn {n} cannot be played: {why}");
                    found.critical.push(why);
                }
                Some(Ok(sound)) => found.add(n, &Measures::without_pitch(&sound)),
            }
        }
        Ok(found)
    }

    fn add(&mut self, n: usize, measures: &Measures) {
        if measures.is_silent() {
            self.critical.push(format!("nothing is heard in turn {n}"));
            return;
        }
        if measures.ends_abruptly {
            self.defect(ABRUPT_END, format!("turn {n} ends abruptly"));
        }
        let loops = measures.loop_events;
        if loops > 0 {
            let told = format!("turn {n} has {}", counted(loops, "repetition"));
            if loops >= CRITICAL_REPETITIONS {
                self.critical.push(told.clone());
            }
            self.defect(most(REPETITION, loops as f64), told);
        }
        let holes = measures.dropout_events;
        if holes > 0 {
            let told = format!("turn {n} has {}", counted(holes, "hole"));
            self.defect(most(HOLE, holes as f64), told);
        }
        let distorted = measures.clipping_fraction;
        if distorted > LEAST_DISTORTION {
            let told = format!("{:.1}% of turn {n} is distorted", distorted * 100.0);
            self.defect(most(DISTORTION, distorted), told);
        }
    }

    fn defect(&mut self, penalty: f64, told: String) {
        self.penalty += penalty;
        self.defects.push(told);
    }

    pub(super) fn is_critical(&self) -> bool {
        !self.critical.is_empty()
    }

    pub(super) fn score(&self) -> f64 {
        match self.is_critical() {
            true => 0.0,
            false => (1.0 - self.penalty).max(0.0),
        }
    }

    /// For a person.
    pub(super) fn told(&self) -> String {
        match (self.is_critical(), self.defects.is_empty()) {
            (true, _) => format!("Critical: {}.", self.critical.join(", ")),
            (false, true) => "Every recording of the agent is whole.".to_owned(),
            (false, false) => format!("Defects: {}.", self.defects.join(", ")),
        }
    }
}

/// What so much of something costs.
fn most((each, most): (f64, f64), amount: f64) -> f64 {
    (amount * each).min(most)
}
