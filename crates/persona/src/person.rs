//! A user whose turns a person takes: what the person is told, and what comes of the answer.

use crate::play::PersonaError;
use crate::prompt::{DONE, GIVE_UP, shown};
use crate::reply::{bounded, is_blank};
use crate::turn::{Said, StopReason, Turn, UserTurn};
use assay_model::{Role, ScenarioSpec};

/// What a person who takes this turn is told.
pub(crate) fn task(turn: &Turn<'_>, scenario: &ScenarioSpec) -> String {
    let persona = scenario.persona.clone().unwrap_or_default();
    let answer = turn.messages.iter().rfind(|m| m.role == Role::Assistant);
    let parts = [
        ("You are", persona.name),
        ("What you are like", persona.description),
        ("Your situation", scenario.situation.clone()),
        ("What you want to reach", scenario.goal.clone()),
        (
            "What you are after in this message",
            turn.instructions.unwrap_or_default().to_owned(),
        ),
        (
            "The assistant said",
            answer.map(|m| shown(&m.content)).unwrap_or_default(),
        ),
    ];
    let mut text = String::from("Take the user's turn in a conversation with an assistant.\n");
    for (title, body) in parts {
        if !body.trim().is_empty() {
            text.push_str(&format!("\n{title}:\n{}\n", body.trim()));
        }
    }
    text.push_str(&format!(
        "\nAnswer with what the user says next, or with {DONE} when the goal is reached, or with {GIVE_UP} when it is out of \
         reach.\n"
    ));
    text
}

/// What the user does, by the words of the person who takes its turns: they are said as they are, but for control characters and
/// what stands beyond 20000 characters. `[[DONE]]` and `[[GIVE_UP]]` end the conversation when nothing else is written.
///
/// # Errors
/// [`PersonaError::Empty`], when nothing is.
pub fn read_person(text: &str) -> Result<UserTurn, PersonaError> {
    let said = bounded(text);
    if is_blank(&said) {
        return Err(PersonaError::Empty);
    }
    Ok(match said.to_ascii_uppercase().as_str() {
        DONE => UserTurn::Stop(StopReason::GoalReached),
        GIVE_UP => UserTurn::Stop(StopReason::GaveUp),
        _ => UserTurn::Say(Said::new(said)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_a_person_are_said_as_they_are() {
        let say = |text: &str| Ok(UserTurn::Say(Said::new(text)));
        assert_eq!(
            read_person(" \"My goal is a refund\"\n"),
            say("\"My goal is a refund\"")
        );
        assert_eq!(read_person("what is [[DONE]]?"), say("what is [[DONE]]?"));
        assert_eq!(
            read_person(" [[done]] "),
            Ok(UserTurn::Stop(StopReason::GoalReached))
        );
        assert_eq!(
            read_person("[[GIVE_UP]]"),
            Ok(UserTurn::Stop(StopReason::GaveUp))
        );
        for nothing in ["", " \n", "\u{200b}", "\0"] {
            assert_eq!(
                read_person(nothing),
                Err(PersonaError::Empty),
                "{nothing:?}"
            );
        }
    }
}
