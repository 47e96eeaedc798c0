//! `agent_responsiveness`: whether the user was answered in voice, and did not have to ask again. As in DeepEval: an answer that fails to
//! come, one without a recording and an unexpected end are worth 0, each time that the user spoke again takes a quarter away.

use super::{Turn, about, counted, plan};
use crate::qag_kinds::common::forced_threshold;
use crate::registry::{About, Metric, Plan, Scored};
use assay_model::{Role, TestCase};
use serde_json::Value;
use std::collections::BTreeMap;

/// What each time costs that the user had to speak again.
const REPROMPT: f64 = 0.25;

/// Words at the end of what the user says after which no answer is owed.
const FAREWELLS: [&str; 6] = [
    "bye",
    "goodbye",
    "thank you",
    "thanks",
    "that's all",
    "that is all",
];

/// Why a conversation ends that should have gone on.
const UNEXPECTED_ENDS: [&str; 3] = ["AGENT_HANGUP", "ERROR", "IDLE_TIMEOUT"];

pub(crate) struct AgentResponsiveness;

impl Metric for AgentResponsiveness {
    fn about(&self) -> About {
        about(
            "Agent responsiveness",
            "Whether the user was answered. 0 where an answer fails to come, has no recording, or `end_reason` is AGENT_HANGUP, ERROR or \
             IDLE_TIMEOUT; else 1 less 0.25 for each time the user had to speak again. After a farewell no answer is owed.",
        )
    }

    fn forced_threshold(&self, params: &Value) -> Option<f64> {
        forced_threshold(params)
    }

    fn begin(&self, params: &Value, case: &TestCase) -> Plan {
        plan(params, case, |turns| {
            let found = Responses::of(turns, case.end_reason.as_deref());
            let breakdown = found.counts();
            Ok(Scored {
                breakdown,
                ..Scored::certain(found.score(), found.told())
            })
        })
    }
}

/// How the user's turns were answered.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Responses {
    /// What must not happen, for a person.
    critical: Vec<String>,
    /// How often the user spoke again.
    reprompts: usize,
}

impl Responses {
    pub(super) fn of(turns: &[Turn<'_>], end_reason: Option<&str>) -> Self {
        let mut found = Self::default();
        for (i, turn) in turns.iter().enumerate() {
            if turn.is_agents() || !is_answer_owed(&turn.message.content) {
                continue;
            }
            match turns.get(i + 1) {
                None => {
                    let why = format!("turn {} is not answered", turn.number);
                    found.critical.push(why);
                }
                Some(next) if next.message.role == Role::User => found.reprompts += 1,
                Some(next) if next.audio().is_none() => {
                    let why = format!("turn {} has no recording", next.number);
                    found.critical.push(why);
                }
                Some(_) => {}
            }
        }
        let is_unexpected = |reason: &&str| {
            UNEXPECTED_ENDS
                .iter()
                .any(|end| end.eq_ignore_ascii_case(reason))
        };
        if let Some(reason) = end_reason.filter(is_unexpected) {
            let why = format!("the conversation ended by {}", reason.to_ascii_uppercase());
            found.critical.push(why);
        }
        found
    }

    pub(super) fn is_critical(&self) -> bool {
        !self.critical.is_empty()
    }

    pub(super) fn score(&self) -> f64 {
        match self.is_critical() {
            true => 0.0,
            false => (1.0 - self.reprompts as f64 * REPROMPT).max(0.0),
        }
    }

    fn counts(&self) -> BTreeMap<String, f64> {
        BTreeMap::from([
            ("critical_failures".to_owned(), self.critical.len() as f64),
            ("reprompts".to_owned(), self.reprompts as f64),
        ])
    }

    /// For a person.
    pub(super) fn told(&self) -> String {
        let reprompts = match self.reprompts {
            0 => "the user did not have to speak again".to_owned(),
            n => format!("the user had to speak again {}", counted(n, "time")),
        };
        match self.is_critical() {
            true => format!("Critical: {}; {reprompts}.", self.critical.join(", ")),
            false => format!("Every turn was answered; {reprompts}."),
        }
    }
}

/// Whether the agent has to say something to that.
fn is_answer_owed(said: &str) -> bool {
    let said = crate::text::strip(said).to_lowercase();
    let said = said.trim_end_matches(['.', '!']);
    !FAREWELLS.iter().any(|farewell| said.ends_with(farewell))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn farewells_need_no_answer() {
        for (said, owed) in [
            ("Where is it?", true),
            ("Thanks, where is it?", true),
            ("Fine, thanks.", false),
            ("  THANK YOU!!! ", false),
            ("That's all!", false),
            ("Goodbye...", false),
            ("", true),
        ] {
            assert_eq!(is_answer_owed(said), owed, "{said}");
        }
    }
}
