//! What the user does next.

use crate::prompt::persona_messages;
use assay_model::{DatasetItem, Message, Role, ScenarioSpec};
use serde::{Deserialize, Serialize};

/// What the user does next.
#[derive(Debug, Clone, PartialEq)]
#[must_use]
pub enum UserTurn {
    /// Says this.
    Say(String),
    /// The model that plays the user has to be asked; [`crate::read_reply`] reads its answer.
    Ask(PersonaCall),
    /// Says no more.
    Stop(StopReason),
}

/// What to ask the model that plays the user.
#[derive(Debug, Clone, PartialEq)]
pub struct PersonaCall {
    /// Instructions, then the conversation with its roles swapped: to the model, the agent under test is the user.
    pub messages: Vec<Message>,
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
    /// The persona has reached its goal.
    GoalReached,
    /// The persona sees no way to its goal.
    GaveUp,
}

impl StopReason {
    /// The name on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ScriptEnded => "script_ended",
            Self::MaxTurns => "max_turns",
            Self::StopPhrase => "stop_phrase",
            Self::GoalReached => "goal_reached",
            Self::GaveUp => "gave_up",
        }
    }
}

/// What the user does next, after `user_turns` turns of the at most `max_turns` (or the scenario's own fewer).
///
/// `messages` is the conversation so far, the item's history included. Who speaks: the scenario's script, else its persona, else
/// the turns of `item`. What ends it, in this order: a stop phrase in the agent's last answer, the end of the script, the number
/// of turns. A persona ends it by its own word as well, see [`crate::read_reply`].
pub fn next(
    item: &DatasetItem,
    scenario: Option<&ScenarioSpec>,
    messages: &[Message],
    user_turns: u32,
    max_turns: u32,
) -> UserTurn {
    if user_turns > 0 && scenario.is_some_and(|s| stop_phrase_said(s, messages)) {
        return UserTurn::Stop(StopReason::StopPhrase);
    }
    let turn = usize::try_from(user_turns).unwrap_or(usize::MAX);
    let limit = scenario
        .and_then(|s| s.max_turns)
        .map_or(max_turns, |own| own.min(max_turns));
    let within = user_turns < limit;
    let persona = scenario
        .filter(|s| s.script.is_empty() && (s.persona.is_some() || item.user_turns().is_empty()));
    if let Some(scenario) = persona {
        return match scenario
            .opening
            .as_deref()
            .filter(|text| !text.trim().is_empty())
        {
            _ if !within => UserTurn::Stop(StopReason::MaxTurns),
            Some(opening) if turn == 0 => UserTurn::Say(opening.to_owned()),
            _ => UserTurn::Ask(PersonaCall {
                messages: persona_messages(scenario, messages),
            }),
        };
    }
    let line = match scenario.filter(|s| !s.script.is_empty()) {
        Some(scripted) => scripted.script.get(turn).map(String::as_str),
        None => item.user_turns().get(turn).copied(),
    };
    match line {
        None => UserTurn::Stop(StopReason::ScriptEnded),
        Some(_) if !within => UserTurn::Stop(StopReason::MaxTurns),
        Some(line) => UserTurn::Say(line.to_owned()),
    }
}

fn stop_phrase_said(scenario: &ScenarioSpec, messages: &[Message]) -> bool {
    if scenario.stop_phrases.is_empty() {
        return false;
    }
    let Some(answer) = messages.iter().rfind(|m| m.role == Role::Assistant) else {
        return false;
    };
    let answer = answer.content.to_lowercase();
    scenario
        .stop_phrases
        .iter()
        .any(|phrase| !phrase.is_empty() && answer.contains(&phrase.to_lowercase()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use assay_model::PersonaSpec;

    fn item(turns: &[&str]) -> DatasetItem {
        DatasetItem {
            turns: turns.iter().map(|t| (*t).to_owned()).collect(),
            ..DatasetItem::default()
        }
    }

    fn scenario() -> ScenarioSpec {
        ScenarioSpec {
            name: "Refund".into(),
            goal: "get a refund".into(),
            persona: Some(PersonaSpec {
                name: "Ada".into(),
                ..PersonaSpec::default()
            }),
            ..ScenarioSpec::default()
        }
    }

    fn answer(text: &str) -> Vec<Message> {
        vec![
            Message::new(Role::User, "hi"),
            Message::new(Role::Assistant, text),
        ]
    }

    fn say(text: &str) -> UserTurn {
        UserTurn::Say(text.to_owned())
    }

    #[test]
    fn scripts() {
        let check =
            |item: &DatasetItem, scenario: Option<&ScenarioSpec>, turn, max, expected: UserTurn| {
                assert_eq!(
                    next(item, scenario, &answer("ok"), turn, max),
                    expected,
                    "turn {turn} of {max}"
                );
            };
        let single = DatasetItem {
            input: Some("q".into()),
            ..DatasetItem::default()
        };
        check(&single, None, 0, 10, say("q"));
        check(
            &single,
            None,
            1,
            10,
            UserTurn::Stop(StopReason::ScriptEnded),
        );
        check(&single, None, 1, 1, UserTurn::Stop(StopReason::ScriptEnded));
        check(&item(&["a", "b"]), None, 1, 10, say("b"));
        check(
            &item(&["a", "b"]),
            None,
            1,
            1,
            UserTurn::Stop(StopReason::MaxTurns),
        );
        check(
            &item(&[]),
            None,
            0,
            10,
            UserTurn::Stop(StopReason::ScriptEnded),
        );
        let scripted = ScenarioSpec {
            script: vec!["x".into(), "y".into()],
            max_turns: Some(1),
            ..scenario()
        };
        check(&scripted.to_item(), Some(&scripted), 0, 10, say("x"));
        check(
            &scripted.to_item(),
            Some(&scripted),
            1,
            10,
            UserTurn::Stop(StopReason::MaxTurns),
        );
        check(
            &scripted.to_item(),
            Some(&scripted),
            u32::MAX,
            10,
            UserTurn::Stop(StopReason::ScriptEnded),
        );
    }

    #[test]
    fn personas() {
        let opened = ScenarioSpec {
            opening: Some("Hello!".into()),
            ..scenario()
        };
        assert_eq!(next(&item(&[]), Some(&opened), &[], 0, 10), say("Hello!"));
        assert!(matches!(
            next(&item(&[]), Some(&opened), &answer("ok"), 1, 10),
            UserTurn::Ask(_)
        ));
        assert!(matches!(
            next(&item(&[]), Some(&scenario()), &[], 0, 10),
            UserTurn::Ask(_)
        ));
        let limited = ScenarioSpec {
            max_turns: Some(3),
            ..scenario()
        };
        for (turn, max) in [(3, 10), (2, 2), (0, 0)] {
            let stop = next(&item(&[]), Some(&limited), &answer("ok"), turn, max);
            assert_eq!(stop, UserTurn::Stop(StopReason::MaxTurns));
        }
    }

    #[test]
    fn stop_phrases() {
        let stopping = ScenarioSpec {
            stop_phrases: vec!["Have a GREAT day".into(), String::new()],
            ..scenario()
        };
        let check = |text: &str, turn, stops: bool| {
            let stopped = next(&item(&[]), Some(&stopping), &answer(text), turn, 10)
                == UserTurn::Stop(StopReason::StopPhrase);
            assert_eq!(stopped, stops, "{text}");
        };
        check("Bye! have a great DAY.", 1, true);
        check("Bye!", 1, false);
        // What stands in an item's history was said before this user came.
        check("have a great day", 0, false);
    }
}
