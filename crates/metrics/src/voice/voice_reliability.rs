//! `voice_reliability`: the mean of `agent_responsiveness` and `audio_integrity`, and 0 where either has a critical fault. As in DeepEval.

use super::agent_responsiveness::Responses;
use super::audio_integrity::Defects;
use super::{about, plan};
use crate::qag_kinds::common::forced_threshold;
use crate::registry::{About, Metric, Plan, Scored};
use assay_model::TestCase;
use serde_json::Value;
use std::collections::BTreeMap;

pub(crate) struct VoiceReliability;

impl Metric for VoiceReliability {
    fn about(&self) -> About {
        about(
            "Voice reliability",
            "Whether the agent answers, and its recordings are whole: the mean of agent responsiveness and audio integrity, and 0 where either \
             has a critical fault.",
        )
    }

    fn forced_threshold(&self, params: &Value) -> Option<f64> {
        forced_threshold(params)
    }

    fn begin(&self, params: &Value, case: &TestCase) -> Plan {
        plan(params, case, |turns| {
            let responses = Responses::of(turns, case.end_reason.as_deref());
            let defects = Defects::of(turns)?;
            let score = match responses.is_critical() || defects.is_critical() {
                true => 0.0,
                false => 0.5 * responses.score() + 0.5 * defects.score(),
            };
            Ok(Scored {
                breakdown: BTreeMap::from([
                    ("responsiveness".to_owned(), responses.score()),
                    ("audio_integrity".to_owned(), defects.score()),
                ]),
                ..Scored::certain(score, format!("{} {}", responses.told(), defects.told()))
            })
        })
    }
}
