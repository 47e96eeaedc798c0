//! `voice_naturalness`: how much the agent's recordings sound as speech does, the mean over all that can be played. As in DeepEval.

use super::{Measures, about, counted, each_recording, plan};
use crate::qag_kinds::common::forced_threshold;
use crate::registry::{About, Metric, Plan};
use crate::text::words;
use assay_model::TestCase;
use serde_json::Value;

pub(crate) struct VoiceNaturalness;

impl Metric for VoiceNaturalness {
    fn about(&self) -> About {
        about(
            "Voice naturalness",
            "How much the agent's voice sounds as speech does, by the signal of its recordings alone: 1 less what distortion, holes, \
             repetitions, silence, noise, a strange speed and a strange pitch take away; the mean over its turns.",
        )
    }

    fn forced_threshold(&self, params: &Value) -> Option<f64> {
        forced_threshold(params)
    }

    fn begin(&self, params: &Value, case: &TestCase) -> Plan {
        plan(params, case, |turns| {
            each_recording(turns, Measures::of, |turn, measures| {
                let rate = measures.speaking_rate_wpm(words(&turn.message.content).count());
                let mut told = vec![format!("{:.0}% silent", measures.silence_fraction * 100.0)];
                if let Some(rate) = rate {
                    told.push(format!("{rate:.0} words a minute"));
                }
                if let Some(hz) = measures.pitch_variation_hz {
                    told.push(format!("pitch varies by {hz:.0} Hz"));
                }
                if measures.clipping_fraction > 0.0 {
                    told.push(format!(
                        "{:.2}% distorted",
                        measures.clipping_fraction * 100.0
                    ));
                }
                if measures.dropout_events > 0 {
                    told.push(counted(measures.dropout_events, "hole"));
                }
                if measures.loop_events > 0 {
                    told.push(counted(measures.loop_events, "repetition"));
                }
                (measures.naturalness(rate), told.join(", "))
            })
        })
    }
}
