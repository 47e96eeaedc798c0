//! `turn_taking_naturalness`: how long it is silent between user and agent, how long both speak at once, and how evenly the agent takes its
//! time. As in DeepEval. When each recording begins must be known: it is not guessed.

use super::signal::{mean, spread};
use super::timeline::timeline;
use super::{about, plan};
use crate::qag_kinds::common::forced_threshold;
use crate::registry::{About, Metric, Plan, Scored, Unscored};
use assay_model::TestCase;
use serde_json::Value;
use std::collections::BTreeMap;

/// Seconds in which what a transition is worth falls to a third: silence, the user breaking in, the agent speaking over the user.
const GAP_S: f64 = 2.5;
const USER_BREAKS_IN_S: f64 = 2.0;
const AGENT_OVERLAPS_S: f64 = 0.6;

/// So many delays of the agent are compared, and what their evenness weighs.
const LEAST_DELAYS: usize = 3;
const SPREAD_S: f64 = 2.0;
const EVENNESS_WEIGHT: f64 = 0.2;

pub(crate) struct TurnTakingNaturalness;

impl Metric for TurnTakingNaturalness {
    fn about(&self) -> About {
        about(
            "Turn-taking naturalness",
            "How natural the changes between user and agent are in time: silence, the user breaking in, the agent speaking over the user; the \
             mean over all changes, and from three answers on also (0.2) how evenly the agent takes its time. Each recording needs \
             `start_time`.",
        )
    }

    fn forced_threshold(&self, params: &Value) -> Option<f64> {
        forced_threshold(params)
    }

    fn begin(&self, params: &Value, case: &TestCase) -> Plan {
        plan(params, case, |turns| {
            let none = |why: &str| Err(Unscored::NotApplicable(why.to_owned()));
            let Some(entries) = timeline(turns)? else {
                return none("not every recording has a `start_time`");
            };
            let (mut scores, mut delays, mut overlaps) = (Vec::new(), Vec::new(), 0_usize);
            for (current, following) in entries.iter().zip(entries.iter().skip(1)) {
                let agents = |at: usize| turns.get(at).is_some_and(|turn| turn.is_agents());
                let (from_agent, to_agent) = (agents(current.at), agents(following.at));
                let Some(end) = current.end.filter(|_| from_agent != to_agent) else {
                    continue;
                };
                let gap = following.start - end;
                let lasts = if gap >= 0.0 {
                    if to_agent {
                        delays.push(gap);
                    }
                    GAP_S
                } else {
                    overlaps += 1;
                    if from_agent {
                        USER_BREAKS_IN_S
                    } else {
                        AGENT_OVERLAPS_S
                    }
                };
                scores.push((-gap.abs() / lasts).exp());
            }
            let Some(transitions) = mean(&scores) else {
                return none("user and agent do not follow one another in recordings");
            };
            let mut breakdown = BTreeMap::from([
                ("transitions".to_owned(), transitions),
                ("transition_count".to_owned(), scores.len() as f64),
                ("overlap_count".to_owned(), overlaps as f64),
            ]);
            let mut reason = format!(
                "{} changes between user and agent are worth {transitions:.2}; in {overlaps} of them both speak at once.",
                scores.len()
            );
            if let Some(delay) = mean(&delays) {
                breakdown.insert("response_delay_mean_s".to_owned(), delay);
                reason.push_str(&format!(" The agent takes {delay:.1} s to answer."));
            }
            let spread = spread(&delays).filter(|_| delays.len() >= LEAST_DELAYS);
            let score = match spread {
                None => transitions,
                Some(spread) => {
                    let evenness = (-spread / SPREAD_S).exp();
                    breakdown.insert("response_delay_spread_s".to_owned(), spread);
                    breakdown.insert("response_delay_evenness".to_owned(), evenness);
                    reason.push_str(&format!(" That varies by {spread:.1} s."));
                    (1.0 - EVENNESS_WEIGHT) * transitions + EVENNESS_WEIGHT * evenness
                }
            };
            Ok(Scored {
                breakdown,
                ..Scored::certain(score.clamp(0.0, 1.0), reason)
            })
        })
    }
}
