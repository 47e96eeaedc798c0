//! `audio_glitch`: the share of recorded turns, of user and agent, in which nothing is wrong. As in DeepEval; but the reason is made of what was
//! found, where upstream has a model word it, and so no judge is needed.

use super::glitch::glitches;
use super::{about, plan};
use crate::qag_kinds::common::forced_threshold;
use crate::registry::{About, Metric, Plan, Scored};
use assay_model::TestCase;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

pub(crate) struct AudioGlitch;

impl Metric for AudioGlitch {
    fn about(&self) -> About {
        about(
            "Audio glitch",
            "The share of recorded turns, the user's and the agent's, without a held tone, dead sound, a stream that was cut, distortion, or a \
             recording that cannot be played. Streams that were cut need `start_time` on every recording.",
        )
    }

    fn forced_threshold(&self, params: &Value) -> Option<f64> {
        forced_threshold(params)
    }

    fn begin(&self, params: &Value, case: &TestCase) -> Plan {
        plan(params, case, |turns| {
            let found = glitches(turns)?;
            let recorded = turns.iter().filter(|turn| turn.audio().is_some()).count();
            let wrong: BTreeSet<usize> = found.iter().map(|glitch| glitch.at).collect();
            let mut breakdown = BTreeMap::from([
                ("turns_with_audio".to_owned(), recorded as f64),
                ("turns_with_events".to_owned(), wrong.len() as f64),
            ]);
            let mut told = Vec::new();
            for glitch in &found {
                *breakdown.entry(glitch.fault.name().to_owned()).or_default() += 1.0;
                if let Some(turn) = turns.get(glitch.at) {
                    let who = if turn.is_agents() { "agent" } else { "user" };
                    let (n, what) = (turn.number, glitch.fault.told());
                    told.push(format!("turn {n} ({who}) at {:.1} s {what}", glitch.offset));
                }
            }
            let reason = match told.is_empty() {
                true => format!("Nothing is wrong with the {recorded} recordings."),
                false => format!(
                    "Something is wrong with {} of {recorded} recordings: {}.",
                    wrong.len(),
                    told.join("; ")
                ),
            };
            let score = 1.0 - wrong.len() as f64 / recorded as f64;
            Ok(Scored {
                breakdown,
                ..Scored::certain(score.clamp(0.0, 1.0), reason)
            })
        })
    }
}
