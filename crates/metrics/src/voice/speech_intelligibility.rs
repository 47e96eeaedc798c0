//! `speech_intelligibility`: how well the agent can be understood, by noise, level, distortion and holes of its recordings, the mean over all
//! that can be played. As in DeepEval; so noise without a pause counts as speech, for nothing shows how loud it is.

use super::{Measures, about, counted, each_recording, plan};
use crate::qag_kinds::common::forced_threshold;
use crate::registry::{About, Metric, Plan};
use assay_model::TestCase;
use serde_json::Value;

pub(crate) struct SpeechIntelligibility;

impl Metric for SpeechIntelligibility {
    fn about(&self) -> About {
        about(
            "Speech intelligibility",
            "How well the agent's voice can be understood, by the signal of its recordings alone: how far speech stands above noise \
             (0.4), its level (0.25), distortion (0.2) and holes (0.15); the mean over its turns.",
        )
    }

    fn forced_threshold(&self, params: &Value) -> Option<f64> {
        forced_threshold(params)
    }

    fn begin(&self, params: &Value, case: &TestCase) -> Plan {
        plan(params, case, |turns| {
            each_recording(turns, Measures::without_pitch, |_, measures| {
                let told = format!(
                    "speech is about {:.0} dB above noise, level {:.0} dB, {:.2}% distorted, {}",
                    measures.estimated_snr_db,
                    measures.rms_dbfs,
                    measures.clipping_fraction * 100.0,
                    counted(measures.dropout_events, "hole")
                );
                (measures.intelligibility(), told)
            })
        })
    }
}
