//! Reading what the model that plays the user wrote.

use crate::prompt::{DONE, GIVE_UP};
use crate::{StopReason, UserTurn};
use assay_llm::extract_json;
use serde_json::Value;

/// Most characters of one message of a user.
const MAX_CHARS: usize = 20_000;

/// Names that models put before what the user says.
const SPEAKERS: [&str; 7] = [
    "user", "me", "customer", "human", "person", "you", "persona",
];

/// Pairs of quotation marks around a whole message.
const QUOTES: [(char, char); 6] = [
    ('"', '"'),
    ('\'', '\''),
    ('“', '”'),
    ('„', '“'),
    ('«', '»'),
    ('‘', '’'),
];

/// Why a reply cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ReplyError {
    /// Nothing is left of it once marks around the message are taken away.
    #[error("the model that plays the user said nothing")]
    Empty,
}

/// What the user does, by the words of the model that plays it.
///
/// A message loses reasoning in `<think>` tags, a speaker's name before it and quotation marks around it, and is cut at 20000
/// characters. `[[DONE]]` anywhere ends the conversation with the goal reached, `[[GIVE_UP]]` without; so does a JSON object
/// with `stop` (true, `done`, `goal_reached`; `gave_up`, `give_up`). A JSON object with `message` says that.
///
/// # Errors
/// [`ReplyError::Empty`]; never gives [`UserTurn::Ask`].
pub fn read_reply(text: &str) -> Result<UserTurn, ReplyError> {
    let text = without_thoughts(text).trim();
    let upper = text.to_ascii_uppercase();
    if upper.contains(DONE) {
        return Ok(UserTurn::Stop(StopReason::GoalReached));
    }
    if upper.contains(GIVE_UP) || upper.contains("[[GAVE_UP]]") {
        return Ok(UserTurn::Stop(StopReason::GaveUp));
    }
    let said = match read_object(text) {
        Some(Object::Stop(reason)) => return Ok(UserTurn::Stop(reason)),
        Some(Object::Message(message)) => message,
        None => text.to_owned(),
    };
    let said: String = bare(&said)
        .chars()
        .filter(|&c| !c.is_control() || c == '\n' || c == '\t')
        .take(MAX_CHARS)
        .collect();
    let said = said.trim();
    // Invisible characters alone are no message either.
    if said.chars().all(|c| {
        c.is_whitespace() || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}')
    }) {
        return Err(ReplyError::Empty);
    }
    Ok(UserTurn::Say(said.to_owned()))
}

/// What follows the last closing tag of reasoning; nothing when reasoning was cut off.
fn without_thoughts(text: &str) -> &str {
    match (
        text.rsplit_once("</think>"),
        text.trim_start().starts_with("<think>"),
    ) {
        (Some((_, after)), _) => after,
        (None, true) => "",
        (None, false) => text,
    }
}

enum Object {
    Stop(StopReason),
    Message(String),
}

/// A reply that is an object as a whole. One that is quoted within a message is part of it.
fn read_object(text: &str) -> Option<Object> {
    if !text.starts_with('{') && !text.starts_with("```") {
        return None;
    }
    let object = extract_json(text)?;
    let stop = match object.get("stop") {
        Some(Value::Bool(true)) => Some(StopReason::GoalReached),
        Some(Value::String(word)) => match word.to_ascii_lowercase().as_str() {
            "done" | "true" | "goal_reached" => Some(StopReason::GoalReached),
            "give_up" | "gave_up" => Some(StopReason::GaveUp),
            _ => None,
        },
        _ => None,
    };
    stop.map(Object::Stop)
        .or_else(|| Some(Object::Message(object.get("message")?.as_str()?.to_owned())))
}

/// `text` without speaker's name and quotation marks, in either order and once each.
fn bare(text: &str) -> &str {
    unquoted(unnamed(unquoted(text.trim())))
}

fn unnamed(text: &str) -> &str {
    let Some((name, rest)) = text.split_once(':') else {
        return text;
    };
    let name = name.trim_matches(|c: char| c == '*' || c.is_whitespace());
    if SPEAKERS.iter().any(|s| s.eq_ignore_ascii_case(name)) {
        rest.trim_start_matches(|c: char| c == '*' || c.is_whitespace())
    } else {
        text
    }
}

fn unquoted(text: &str) -> &str {
    let text = text.trim();
    let inner = QUOTES.iter().find_map(|&(open, close)| {
        let inner = text.strip_prefix(open)?.strip_suffix(close)?;
        // `"Yes" or "no"` is not one quotation.
        (!inner.contains(open) && !inner.contains(close)).then_some(inner)
    });
    inner.map_or(text, str::trim)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn messages() {
        let check = |text: &str, expected: &str| {
            assert_eq!(
                read_reply(text),
                Ok(UserTurn::Say(expected.into())),
                "{text}"
            )
        };
        check("  Where is it?\n", "Where is it?");
        check("\"Where is it?\"", "Where is it?");
        check("User: Where is it?", "Where is it?");
        check("**User:** \"Where is it?\"", "Where is it?");
        check("\"User: Where is it?\"", "Where is it?");
        check("“Wo ist es?”", "Wo ist es?");
        check("„Wo ist es?“", "Wo ist es?");
        check("\"Yes\" or \"no\"", "\"Yes\" or \"no\"");
        check("My order: 42", "My order: 42");
        check("<think>hm: [[DONE]]?</think>Where is it?", "Where is it?");
        check("{\"message\": \"Where is it?\"}", "Where is it?");
        check("{\"stop\": false, \"message\": \"more\"}", "more");
        check(
            "it says {\"stop\": true} here",
            "it says {\"stop\": true} here",
        );
        check("it's", "it's");
        check("a\u{7}b", "ab");
    }

    #[test]
    fn stops() {
        let check =
            |text: &str, reason| assert_eq!(read_reply(text), Ok(UserTurn::Stop(reason)), "{text}");
        check("[[DONE]]", StopReason::GoalReached);
        check("Thanks, bye! [[done]]", StopReason::GoalReached);
        check("[[GIVE_UP]]", StopReason::GaveUp);
        check("[[GAVE_UP]]", StopReason::GaveUp);
        check("{\"stop\": true}", StopReason::GoalReached);
        check(
            "```json\n{\"stop\": \"gave_up\", \"message\": \"bah\"}\n```",
            StopReason::GaveUp,
        );
    }

    #[test]
    fn nothing() {
        for text in [
            "",
            "  \n",
            "\"\"",
            "User:",
            "User: \"\"",
            "\u{200b}\u{feff}",
            "<think>never ends",
            "<think>a</think>",
            "\0",
        ] {
            assert_eq!(read_reply(text), Err(ReplyError::Empty), "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn what_is_said_is_bounded_and_never_blank(text in "(?s).{0,200}") {
            if let Ok(UserTurn::Say(said)) = read_reply(&text) {
                prop_assert!(!said.trim().is_empty());
                prop_assert!(said.chars().count() <= MAX_CHARS);
            }
        }
    }

    #[test]
    fn a_flood_is_cut() {
        let Ok(UserTurn::Say(said)) = read_reply(&"é".repeat(1_000_000)) else {
            panic!("nothing is said")
        };
        assert_eq!(said.chars().count(), MAX_CHARS);
    }
}
