//! What the user does next.

use crate::exchange::{goes_in_circles, has_had_enough, unhelpful_in_a_row};
use crate::person::task;
use crate::play::{PersonaCall, PersonaError, play};
use assay_model::{Content, DatasetItem, Message, PlayedBy, Role, ScenarioSpec};
use serde::{Deserialize, Serialize};

/// The conversation so far, and what the user of it is told.
#[derive(Debug, Clone, Copy)]
pub struct Turn<'a> {
    /// The item; of a scenario, what is expected.
    pub item: &'a DatasetItem,
    /// The scenario, when there is one.
    pub scenario: Option<&'a ScenarioSpec>,
    /// What was said so far, the item's history included.
    pub messages: &'a [Message],
    /// Turns the user has had.
    pub user_turns: u32,
    /// Most turns of the user; the scenario's own fewer count as well.
    pub max_turns: u32,
    /// What the user is after in this turn alone, as a node of a scenario's graph says.
    pub instructions: Option<&'a str>,
    /// Turns, counted from 0, whose [`Said::unhelpful`] was true.
    pub unhelpful_turns: &'a [u32],
}

impl<'a> Turn<'a> {
    /// The first turn of a user, without instructions of its own.
    #[must_use]
    pub const fn first(
        item: &'a DatasetItem,
        scenario: Option<&'a ScenarioSpec>,
        messages: &'a [Message],
        max_turns: u32,
    ) -> Self {
        Self {
            item,
            scenario,
            messages,
            user_turns: 0,
            max_turns,
            instructions: None,
            unhelpful_turns: &[],
        }
    }

    /// The scenario, when somebody plays its user, be it a model or a person.
    pub(crate) fn played(&self) -> Option<&'a ScenarioSpec> {
        let plays = |s: &&ScenarioSpec| {
            s.script.is_empty()
                && (s.persona.is_some()
                    || s.played_by == PlayedBy::Person
                    || self.item.user_turns().is_empty())
        };
        self.scenario.filter(plays)
    }
}

/// What the user does next.
#[derive(Debug, Clone, PartialEq)]
#[must_use]
pub enum UserTurn {
    /// Says this.
    Say(Said),
    /// The model has to be asked; what it answers is the next of the replies that [`next`] is given.
    Ask(PersonaCall),
    /// A person has to be asked for the message; [`crate::read_person`] reads the answer.
    AskPerson {
        /// What the person is told: who it is, what it wants, and what the agent said last.
        prompt: String,
    },
    /// Says no more.
    Stop(StopReason),
}

/// What the user says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    /// The words, and in a script images too.
    pub text: Content,
    /// Whether the persona marked the agent's last answer as unhelpful. The mark is not part of the words: whoever keeps the
    /// conversation keeps it beside them and gives it back as [`Turn::unhelpful_turns`].
    pub unhelpful: bool,
}

impl Said {
    pub(crate) fn new(text: impl Into<Content>) -> Self {
        Self {
            text: text.into(),
            unhelpful: false,
        }
    }
}

/// Why a conversation ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StopReason {
    /// Every line of the script has been said.
    ScriptEnded,
    /// The user has had all the turns there are.
    MaxTurns,
    /// The agent said one of the scenario's stop phrases.
    StopPhrase,
    /// The agent ended the conversation by one of the scenario's end phrases.
    AgentEnded,
    /// The persona has reached its goal, or a judge says that the expected outcome is reached.
    GoalReached,
    /// The persona sees no way to its goal, or is out of patience.
    GaveUp,
    /// The conversation goes round in circles.
    LoopDetected,
}

impl StopReason {
    /// The name on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ScriptEnded => "script_ended",
            Self::MaxTurns => "max_turns",
            Self::StopPhrase => "stop_phrase",
            Self::AgentEnded => "agent_ended",
            Self::GoalReached => "goal_reached",
            Self::GaveUp => "gave_up",
            Self::LoopDetected => "loop_detected",
        }
    }
}

/// What the user does next, given the `replies` to the calls that were asked for in this turn, in their order.
///
/// Who speaks: the scenario's script, else its persona, played by a model or a person, else the turns of the item. What ends the
/// conversation, in this order: an end phrase or a stop phrase in the agent's last answer, the end of the script, the number of
/// turns; of a persona that a model plays also the end of its patience (as many unhelpful answers in a row as
/// [`assay_model::PersonaSpec::patience`] says: answers without words, answers that repeat an earlier one, and answers that the
/// persona marked), a conversation that goes round in circles (the last exchanges are the same one, two or three exchanges three
/// times over), and the persona's own word.
///
/// Call it without replies first. While it gives [`UserTurn::Ask`], call it again with one more reply: after at most
/// [`crate::max_calls`] replies it gives something else. It is a function of its arguments alone, so that a turn can be taken up
/// again anywhere.
///
/// # Errors
/// The model said nothing, or nothing that may be said; never without replies.
pub fn next(turn: &Turn<'_>, replies: &[String]) -> Result<UserTurn, PersonaError> {
    if let Some(reason) = ended_by_the_agent(turn) {
        return Ok(UserTurn::Stop(reason));
    }
    let limit = turn
        .scenario
        .and_then(|s| s.max_turns)
        .map_or(turn.max_turns, |own| own.min(turn.max_turns));
    let within = turn.user_turns < limit;
    let Some(scenario) = turn.played() else {
        return Ok(line(turn, within));
    };
    if !within {
        return Ok(UserTurn::Stop(StopReason::MaxTurns));
    }
    let opening = scenario.opening.as_deref().filter(|_| turn.user_turns == 0);
    if let Some(opening) = opening.filter(|text| !text.trim().is_empty()) {
        return Ok(UserTurn::Say(Said::new(opening)));
    }
    if scenario.played_by == PlayedBy::Person {
        let prompt = task(turn, scenario);
        return Ok(UserTurn::AskPerson { prompt });
    }
    let patience = scenario.persona.clone().unwrap_or_default().patience;
    if has_had_enough(patience, unhelpful_in_a_row(turn, false)) {
        return Ok(UserTurn::Stop(StopReason::GaveUp));
    }
    if goes_in_circles(turn) {
        return Ok(UserTurn::Stop(StopReason::LoopDetected));
    }
    let done = play(turn, scenario, replies)?;
    if let UserTurn::Say(said) = &done
        && has_had_enough(patience, unhelpful_in_a_row(turn, said.unhelpful))
    {
        return Ok(UserTurn::Stop(StopReason::GaveUp));
    }
    Ok(done)
}

/// The next line of the script, or of the item.
fn line(turn: &Turn<'_>, within: bool) -> UserTurn {
    let at = usize::try_from(turn.user_turns).unwrap_or(usize::MAX);
    let line = match turn.scenario.filter(|s| !s.script.is_empty()) {
        Some(scripted) => scripted.script.get(at).map(Content::from),
        None => turn.item.user_turns().get(at).copied().cloned(),
    };
    match line {
        None => UserTurn::Stop(StopReason::ScriptEnded),
        Some(_) if !within => UserTurn::Stop(StopReason::MaxTurns),
        Some(line) => UserTurn::Say(Said::new(line)),
    }
}

/// Whether the agent's last answer ends the conversation. What stands in an item's history was said before this user came.
fn ended_by_the_agent(turn: &Turn<'_>) -> Option<StopReason> {
    let scenario = turn.scenario.filter(|_| turn.user_turns > 0)?;
    let answer = turn
        .messages
        .iter()
        .rfind(|m| m.role == Role::Assistant)?
        .content
        .to_lowercase();
    let said = |phrases: &[String]| {
        phrases
            .iter()
            .any(|phrase| !phrase.is_empty() && answer.contains(&phrase.to_lowercase()))
    };
    if said(&scenario.end_phrases) {
        Some(StopReason::AgentEnded)
    } else if said(&scenario.stop_phrases) {
        Some(StopReason::StopPhrase)
    } else {
        None
    }
}

#[cfg(test)]
#[path = "turn_tests.rs"]
mod tests;
