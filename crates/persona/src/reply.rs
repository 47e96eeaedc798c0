//! Reading what the model that plays the user wrote.

use crate::play::PersonaError;
use crate::prompt::{DONE, GIVE_UP, UNHELPFUL};
use crate::text::is_invisible;
use crate::{Leak, Said, StopReason};
use assay_llm::extract_json;
use assay_model::Strategy;
use serde_json::Value;

/// Most characters of one message of a user.
pub(crate) const MAX_CHARS: usize = 20_000;

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

/// What templates of chats put around turns. A model that was not told where to stop writes them, and then the turns of others.
const TURN_MARKS: [&str; 9] = [
    "<|im_start|>",
    "<|im_end|>",
    "<|start_header_id|>",
    "<|end_header_id|>",
    "<|eot_id|>",
    "<|endoftext|>",
    "<|end|>",
    "<start_of_turn>",
    "<end_of_turn>",
];

/// What the persona wants to do; whether it may is another question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Draft {
    /// Say this.
    Say(Said),
    /// End the conversation.
    Stop(StopReason),
}

/// What the user wants to do, by the words of the model that plays it.
///
/// A message loses reasoning in `<think>` tags, and what stands behind its end by the marks of a chat's template; with the strategy
/// `react` all that stands before `Message:`; then a speaker's name before it, quotation marks around it and `[[UNHELPFUL]]`, and it
/// is cut at 20000 characters. `[[DONE]]` anywhere ends the conversation with the goal reached, `[[GIVE_UP]]` without; so does a JSON
/// object with `stop` (true, `done`, `goal_reached`; `gave_up`, `give_up`). A JSON object with `message` says that.
pub(crate) fn read_draft(text: &str, strategy: Strategy) -> Result<Draft, PersonaError> {
    let mut text = first_turn(without_thoughts(text)).trim();
    // An object has its parts by itself.
    if strategy == Strategy::React && !text.starts_with(['{', '`']) {
        text = spoken(text)?;
    }
    let upper = text.to_ascii_uppercase();
    if upper.contains(DONE) {
        return Ok(Draft::Stop(StopReason::GoalReached));
    }
    if upper.contains(GIVE_UP) || upper.contains("[[GAVE_UP]]") {
        return Ok(Draft::Stop(StopReason::GaveUp));
    }
    let said = match read_object(text) {
        Some(Object::Stop(reason)) => return Ok(Draft::Stop(reason)),
        Some(Object::Message(message)) => message,
        None => text.to_owned(),
    };
    let (said, unhelpful) = unmarked(&said);
    let text = bounded(bare(&said));
    if is_blank(&text) {
        return Err(PersonaError::Empty);
    }
    let text = text.into();
    Ok(Draft::Say(Said { text, unhelpful }))
}

/// The first of the turns that a model has written.
fn first_turn(text: &str) -> &str {
    let mut text = text.trim_start();
    let leading = |text: &str| {
        TURN_MARKS
            .iter()
            .find(|mark| text.starts_with(**mark))
            .copied()
    };
    while let Some(rest) = leading(text).and_then(|mark| text.strip_prefix(mark)) {
        text = rest.trim_start();
        // The mark of a beginning is followed by who speaks, on a line or before another mark.
        let end = text.find(['\n', '<']).unwrap_or(text.len());
        let (name, rest) = text.split_at(end);
        if SPEAKERS.contains(&name.trim().to_ascii_lowercase().as_str()) {
            text = rest.trim_start();
        }
    }
    let end = TURN_MARKS.iter().filter_map(|mark| text.find(mark)).min();
    text.get(..end.unwrap_or(text.len())).unwrap_or_default()
}

/// What is left of a message without control characters, and no more than may be said at once.
pub(crate) fn bounded(text: &str) -> String {
    let kept: String = text
        .chars()
        .filter(|&c| !c.is_control() || c == '\n' || c == '\t')
        .take(MAX_CHARS)
        .collect();
    kept.trim().to_owned()
}

/// Whether there is nothing to be seen: invisible characters alone are no message either.
pub(crate) fn is_blank(text: &str) -> bool {
    text.chars().all(|c| c.is_whitespace() || is_invisible(c))
}

/// A message without the mark that says that the last answer was of no use, and whether it was there.
fn unmarked(text: &str) -> (String, bool) {
    // Case is changed in ASCII alone, so that places are the same in both.
    let upper = text.to_ascii_uppercase();
    let (mut kept, mut from) = (String::new(), 0);
    for (at, mark) in upper.match_indices(UNHELPFUL) {
        kept.push_str(text.get(from..at).unwrap_or_default());
        from = at + mark.len();
    }
    kept.push_str(text.get(from..).unwrap_or_default());
    (kept, from > 0)
}

/// What is said of a thought and a message. A reply that is neither is the message alone.
fn spoken(text: &str) -> Result<&str, PersonaError> {
    let mut at = 0;
    let mut thinks = false;
    for line in text.split_inclusive('\n') {
        if let Some((name, said)) = line.split_once(':') {
            let name = name
                .trim_matches(|c: char| !c.is_alphabetic())
                .to_lowercase();
            if name == "message" || name == "user response" {
                let from = at + (line.len() - said.len());
                let said = text.get(from..).unwrap_or_default();
                return Ok(said.trim_start_matches(['*', ' ', '\n']));
            }
            thinks |= name == "thought";
        }
        at += line.len();
    }
    if thinks {
        Err(PersonaError::Leak(Leak::Thought))
    } else {
        Ok(text)
    }
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

    fn read(text: &str) -> Result<Draft, PersonaError> {
        read_draft(text, assay_model::Strategy::Plain)
    }

    fn says(text: &str, unhelpful: bool) -> Result<Draft, PersonaError> {
        let text = text.to_owned();
        let text = text.into();
        Ok(Draft::Say(Said { text, unhelpful }))
    }

    #[test]
    fn a_turn_of_marks_alone_says_nothing() {
        for text in ["<|im_end|>", "<|im_start|>user\n<|im_end|>"] {
            assert!(matches!(read(text), Err(PersonaError::Empty)), "{text}");
        }
    }

    #[test]
    fn messages() {
        let check =
            |text: &str, expected: &str| assert_eq!(read(text), says(expected, false), "{text}");
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
        check(
            "Where is it?\n<|im_end|>\n<|im_start|>assistant\nHere. [[DONE]]",
            "Where is it?",
        );
        check("<|im_start|>user\nWhere is it?<|im_end|>", "Where is it?");
        check(
            "<|start_header_id|>user<|end_header_id|>\n\nWhere is it?<|eot_id|>",
            "Where is it?",
        );
        check("me too <end_of_turn>", "me too");
        check("a <b>bold</b> <s>word</s>", "a <b>bold</b> <s>word</s>");
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
        let check = |text: &str, reason| assert_eq!(read(text), Ok(Draft::Stop(reason)), "{text}");
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
            assert_eq!(read(text), Err(PersonaError::Empty), "{text:?}");
        }
    }

    #[test]
    fn marks_of_unhelpful_answers_are_not_said() {
        let check =
            |text: &str, expected: &str| assert_eq!(read(text), says(expected, true), "{text}");
        check("[[UNHELPFUL]] I told you.", "I told you.");
        check("I told you. [[unhelpful]]", "I told you.");
        check("[[UNHELPFUL]] \"I told you.\" [[UNHELPFUL]]", "I told you.");
        check("Tôi đã nói rồi. [[UNHELPFUL]]", "Tôi đã nói rồi.");
        check("{\"message\": \"[[UNHELPFUL]] no\"}", "no");
        assert_eq!(read("[[UNHELPFUL]]"), Err(PersonaError::Empty));
        assert_eq!(
            read("[[UNHELPFUL]] [[GIVE_UP]]"),
            Ok(Draft::Stop(StopReason::GaveUp))
        );
    }

    #[test]
    fn thoughts_are_not_said() {
        let react = |text: &str| read_draft(text, assay_model::Strategy::React);
        let check =
            |text: &str, expected: &str| assert_eq!(react(text), says(expected, false), "{text}");
        check("Thought: he dodges.\nMessage: Where is it?", "Where is it?");
        check(
            "**Thought:** he dodges.\n\n**Message:** Where is it?",
            "Where is it?",
        );
        check(
            "Thought:\nnot yet [[DONE]]\n\nUser Response:\nWhere\nis it?",
            "Where\nis it?",
        );
        check("Where is it?", "Where is it?");
        check("{\"thought\": \"x\", \"message\": \"Where?\"}", "Where?");
        check("Thought: é: à\nMessage: a: b", "a: b");
        assert_eq!(
            react("Thought: good.\nMessage: [[DONE]]"),
            Ok(Draft::Stop(StopReason::GoalReached))
        );
        let thought = Err(PersonaError::Leak(Leak::Thought));
        assert_eq!(react("Thought: I am [[DONE]] with him"), thought);
        assert_eq!(react("Thought: x\nMessage:"), Err(PersonaError::Empty));
    }

    proptest! {
        #[test]
        fn what_is_said_is_bounded_and_never_blank(text in "(?s).{0,200}") {
            for strategy in [assay_model::Strategy::Plain, assay_model::Strategy::React] {
                if let Ok(Draft::Say(said)) = read_draft(&text, strategy) {
                    prop_assert!(!said.text.trim().is_empty());
                    prop_assert!(said.text.chars().count() <= MAX_CHARS);
                }
            }
        }
    }

    #[test]
    fn a_flood_is_cut() {
        let Ok(Draft::Say(said)) = read(&"é".repeat(1_000_000)) else {
            panic!("nothing is said")
        };
        assert_eq!(said.text.chars().count(), MAX_CHARS);
    }
}
