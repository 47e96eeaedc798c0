//! How a model plays one turn: drafts, and what becomes of them, as a machine that is fed replies.
//!
//! ```text
//! draft ──leak──► draft (at most MAX_LEAKS times, then an error)
//!   │ no leak
//!   ├── plain, react ──► said
//!   └── verify, reflection ──► review ──accepted──► said
//!                                │ a fault
//!                                └──► draft (at most MAX_REVIEWS times, then said without review)
//! ```
//!
//! Strategies are those of tau-bench: there as well the last draft is said whatever its review would be. What may never be said is
//! decided by [`find_leak`], which every draft must pass and no model is asked about.

use crate::leak::{Leak, find_leak};
use crate::prompt::{DONE, GIVE_UP, PromptStamp, note, persona_messages, shown, stamp};
use crate::reply::{Draft, read_draft};
use crate::review::{self, read_verdict};
use crate::turn::{StopReason, Turn, UserTurn};
use assay_model::{Message, PlayedBy, Role, ScenarioSpec, Strategy};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// How many drafts of one turn may give the script away before the turn fails, less one: so many times the model is told to write
/// anew.
pub const MAX_LEAKS: u32 = 2;

/// How many drafts of one turn are reviewed at most; the one after them is said as it is.
pub const MAX_REVIEWS: u32 = 2;

/// Why the user could not be played.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PersonaError {
    /// Nothing is left of a reply once marks around the message are taken away.
    #[error("the model that plays the user said nothing")]
    Empty,
    /// Draft after draft gave the script away; none was said.
    #[error("the model that plays the user wrote what must not be said: {0}")]
    Leak(Leak),
}

impl PersonaError {
    /// Whether to take the turn once more may help. A leak was answered with new drafts already.
    #[must_use]
    pub const fn is_retryable(&self) -> bool {
        matches!(self, Self::Empty)
    }
}

/// What a call is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Purpose {
    /// To write the user's message.
    Draft,
    /// To accept a draft, or say what is wrong with it.
    Check,
    /// To say how a draft can be better.
    Critique,
}

/// What to ask the model that plays the user.
#[derive(Debug, Clone, PartialEq)]
pub struct PersonaCall {
    /// What for.
    pub purpose: Purpose,
    /// Of a draft: instructions, then the conversation with its roles swapped: to the model, the agent under test is the user.
    pub messages: Vec<Message>,
    /// Name and JSON Schema of the object to answer with; none for a draft.
    pub response_schema: Option<(String, Value)>,
    /// Which words made this user.
    pub prompt: PromptStamp,
}

/// Most calls of the model that one turn takes; 0 where no model plays the user.
#[must_use]
pub fn max_calls(scenario: Option<&ScenarioSpec>) -> u32 {
    let played = scenario.filter(|s| s.script.is_empty() && s.played_by == PlayedBy::Model);
    match played.map(strategy) {
        None => 0,
        Some(Strategy::Plain | Strategy::React) => 1 + MAX_LEAKS,
        Some(Strategy::Verify | Strategy::Reflection) => 1 + MAX_LEAKS + 2 * MAX_REVIEWS,
    }
}

fn strategy(scenario: &ScenarioSpec) -> Strategy {
    scenario
        .persona
        .as_ref()
        .map(|p| p.strategy)
        .unwrap_or_default()
}

/// What the model is asked next.
struct Stage {
    /// The conversation with the model, and with drafts that were of no use.
    thread: Vec<Message>,
    /// Drafts that gave the script away.
    leaks: u32,
    /// Drafts that were found wanting.
    reviews: u32,
    /// The draft that is under review, as it was written and as it was read.
    draft: Option<(String, Draft)>,
}

/// What the user does, by the replies of the model; the next call when they do not suffice.
pub(crate) fn play(
    turn: &Turn<'_>,
    scenario: &ScenarioSpec,
    replies: &[String],
) -> Result<UserTurn, PersonaError> {
    let strategy = strategy(scenario);
    let mut stage = Stage {
        thread: persona_messages(turn, scenario),
        leaks: 0,
        reviews: 0,
        draft: None,
    };
    for reply in replies {
        let done = match stage.draft.take() {
            None => stage.drafted(turn, strategy, reply)?,
            Some((written, draft)) => stage.reviewed(written, draft, reply),
        };
        if let Some(draft) = done {
            return Ok(match draft {
                Draft::Say(said) => UserTurn::Say(said),
                Draft::Stop(reason) => UserTurn::Stop(reason),
            });
        }
    }
    Ok(UserTurn::Ask(stage.call(turn, scenario, strategy)))
}

impl Stage {
    /// Takes a draft; gives it back when it is final.
    fn drafted(
        &mut self,
        turn: &Turn<'_>,
        strategy: Strategy,
        reply: &str,
    ) -> Result<Option<Draft>, PersonaError> {
        let read = read_draft(reply, strategy).and_then(|draft| match &draft {
            Draft::Say(said) => match find_leak(turn, &said.text) {
                Some(leak) => Err(PersonaError::Leak(leak)),
                None => Ok(draft),
            },
            Draft::Stop(_) => Ok(draft),
        });
        match read {
            Err(PersonaError::Leak(leak)) if self.leaks < MAX_LEAKS => {
                self.leaks += 1;
                self.again(reply, &leak.to_string());
                Ok(None)
            }
            Err(e) => Err(e),
            Ok(draft) => match strategy {
                Strategy::Verify | Strategy::Reflection if self.reviews < MAX_REVIEWS => {
                    self.draft = Some((reply.to_owned(), draft));
                    Ok(None)
                }
                _ => Ok(Some(draft)),
            },
        }
    }

    /// Takes the verdict on a draft; gives the draft back when it is accepted.
    fn reviewed(&mut self, written: String, draft: Draft, reply: &str) -> Option<Draft> {
        let Some(problem) = read_verdict(reply) else {
            return Some(draft);
        };
        self.reviews += 1;
        self.again(&written, &problem);
        None
    }

    /// Has the model write anew.
    fn again(&mut self, written: &str, problem: &str) {
        self.thread
            .push(Message::new(Role::Assistant, shown(written)));
        self.thread.push(note(&format!(
            "That message was not sent: {problem}. Write the person's message anew, without this fault and without a word about it."
        )));
    }

    fn call(&self, turn: &Turn<'_>, scenario: &ScenarioSpec, strategy: Strategy) -> PersonaCall {
        let prompt = stamp(scenario);
        let Some((_, draft)) = &self.draft else {
            return PersonaCall {
                purpose: Purpose::Draft,
                messages: self.thread.clone(),
                response_schema: None,
                prompt,
            };
        };
        let purpose = match strategy {
            Strategy::Reflection => Purpose::Critique,
            _ => Purpose::Check,
        };
        let drafted = match draft {
            Draft::Say(said) => said.text.as_str(),
            Draft::Stop(StopReason::GoalReached) => DONE,
            Draft::Stop(_) => GIVE_UP,
        };
        PersonaCall {
            purpose,
            messages: review::messages(turn, scenario, purpose, drafted),
            response_schema: Some(review::schema()),
            prompt,
        }
    }
}

#[cfg(test)]
#[path = "play_tests.rs"]
mod tests;
