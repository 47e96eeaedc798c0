//! `voice_consistency`: how much level, pitch and colour of the agent's voice stay the same over its recordings, of which two at least can be
//! played. As in DeepEval; but a recording in which nothing is heard has no voice, and no part.

use super::signal::{clamp, mean, spread};
use super::{Measures, about, measured, plan};
use crate::qag_kinds::common::forced_threshold;
use crate::registry::{About, Metric, Plan, Scored, Unscored};
use assay_model::TestCase;
use serde_json::Value;
use std::collections::BTreeMap;

/// A deviation of so many decibels is none of the same voice.
const DECIBELS: f64 = 12.0;
/// What divides by nothing divides by this.
const LEAST: f64 = 1e-6;

pub(crate) struct VoiceConsistency;

impl Metric for VoiceConsistency {
    fn about(&self) -> About {
        about(
            "Voice consistency",
            "How much the agent's voice stays the same from turn to turn, by the signal of its recordings alone: pitch (0.4), level (0.35) \
             and colour (0.25); without a pitch, level (0.6) and colour (0.4). Two of its turns must be recorded.",
        )
    }

    fn forced_threshold(&self, params: &Value) -> Option<f64> {
        forced_threshold(params)
    }

    fn begin(&self, params: &Value, case: &TestCase) -> Plan {
        plan(params, case, |turns| {
            let all = measured(turns, Measures::of)?;
            let heard = || all.iter().map(|(_, m)| m).filter(|m| !m.is_silent());
            let count = heard().count();
            if count < 2 {
                let why = "fewer than two recordings of the agent can be played";
                return Err(Unscored::NotApplicable(why.to_owned()));
            }
            let levels: Vec<f64> = heard().map(|m| m.rms_dbfs).collect();
            let crossings: Vec<f64> = heard().map(|m| m.zero_crossing_rate).collect();
            let pitches: Vec<f64> = heard().filter_map(|m| m.pitch_mean_hz).collect();
            let level = clamp(1.0 - spread(&levels).unwrap_or(0.0) / DECIBELS);
            let colour = steady(&crossings);
            let mut breakdown = BTreeMap::from([
                ("loudness_consistency".to_owned(), level),
                ("spectral_consistency".to_owned(), colour),
                ("turns".to_owned(), count as f64),
            ]);
            let score = if pitches.len() > 1 {
                let pitch = steady(&pitches);
                breakdown.insert("pitch_consistency".to_owned(), pitch);
                0.4 * pitch + 0.35 * level + 0.25 * colour
            } else {
                0.6 * level + 0.4 * colour
            };
            let reason = format!(
                "Over {count} recordings of the agent the level varies by {:.1} dB, the pitch by {:.0} Hz around {:.0} Hz.",
                spread(&levels).unwrap_or(0.0),
                spread(&pitches).unwrap_or(0.0),
                mean(&pitches).unwrap_or(0.0),
            );
            Ok(Scored {
                breakdown,
                ..Scored::certain(clamp(score), reason)
            })
        })
    }
}

/// 1 less the deviation of values as a share of their mean.
fn steady(values: &[f64]) -> f64 {
    let mean = mean(values).unwrap_or(0.0).max(LEAST);
    clamp(1.0 - spread(values).unwrap_or(0.0) / mean)
}
