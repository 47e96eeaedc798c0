//! Whether a message gives away that its user is played.
//!
//! The check is pure and knows no meaning: a fact told in other words, or a phrase in a language that [`crate::phrases`] does not
//! have, passes. The strategy `verify` has a model look for these.

use crate::phrases::{
    ASSISTANT, CONFESSIONS, OTHER_SPEAKERS, Pairs, Phrases, STAGE, STAGE_BETWEEN_ASTERISKS,
    THOUGHTS, UNLESS_SPOKEN_OF, UNLESS_WRITTEN, USER_SPEAKERS,
};
use crate::secret::Script;
use crate::text::{contains, is_invisible, words};
use crate::turn::Turn;
use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization;

/// Most characters of what gives a user away that are repeated.
const MAX_SHOWN: usize = 200;

/// How a message gives the script away. What it displays is told to the model that wrote it, and to people who read reports.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "snake_case", tag = "kind", content = "what")]
pub enum Leak {
    /// It speaks of being simulated, of instructions, or of a goal.
    #[error("it gives away that the person is played: `{0}`")]
    Confession(String),
    /// It has a mark such as `[[DONE]]` in it, or part of one.
    #[error("it has a mark in it that no person writes: `{0}`")]
    Mark(String),
    /// It repeats eight words in a row of the situation, a goal or the rules.
    #[error("it repeats instructions word for word: `{0}`")]
    Quotation(String),
    /// It tells a fact that is never told.
    #[error("it tells what the person never tells: `{0}`")]
    NeverTold(String),
    /// It says what the assistant would say.
    #[error("it speaks as the assistant: `{0}`")]
    AssistantVoice(String),
    /// It has a speaker's name within: it is several messages, perhaps of both sides.
    #[error("it is more than one message: a line begins with `{0}:`")]
    Dialogue(String),
    /// It tells what the person does rather than says.
    #[error("it has a stage direction in it: `{0}`")]
    StageDirection(String),
    /// It tells what the model thinks.
    #[error("it shows what the person thinks, not only what it says")]
    Thought,
}

/// What in `text`, which a model wrote as the user's message of `turn`, must not be said; `None` when nothing is, or when nobody
/// plays the user.
///
/// Words that the scenario's author wrote in an opening, as knowledge or as a fact that may be told are no leak, and neither are
/// eight words in a row that were said before.
#[must_use]
pub fn find_leak(turn: &Turn<'_>, text: &str) -> Option<Leak> {
    let scenario = turn.played()?;
    let plain: String = text.nfkc().filter(|&c| !is_invisible(c)).collect();
    let message = words(text);
    let script = Script::new(turn, scenario);
    mark(&plain)
        .map(Leak::Mark)
        .or_else(|| labelled(&plain))
        .or_else(|| stage_direction(&plain).map(Leak::StageDirection))
        .or_else(|| confession(&message, &script).map(Leak::Confession))
        .or_else(|| phrase(&message, &ASSISTANT).map(Leak::AssistantVoice))
        .or_else(|| {
            script
                .never_told(&message)
                .map(|fact| Leak::NeverTold(cut(&fact)))
        })
        .or_else(|| {
            script
                .quotation(&message)
                .map(|run| Leak::Quotation(cut(&run)))
        })
}

fn cut(text: &str) -> String {
    text.chars().take(MAX_SHOWN).collect()
}

/// A word between two pairs of brackets, and pieces of marks that a model got wrong. What is no word, as in `list[[1]]`, is no
/// mark.
fn mark(text: &str) -> Option<String> {
    const PIECES: [&str; 10] = [
        "[[DONE",
        "DONE]]",
        "[DONE]",
        "GIVE_UP",
        "GAVE_UP",
        "[GIVE UP]",
        "[UNHELPFUL",
        "UNHELPFUL]",
        "###STOP",
        "<THINK",
    ];
    let upper = text.to_uppercase();
    let piece = PIECES.iter().find(|piece| upper.contains(**piece));
    let is_word = |inner: &str| {
        inner.chars().any(char::is_alphabetic)
            && inner
                .chars()
                .all(|c| c.is_alphabetic() || c == '_' || c.is_whitespace())
    };
    let inners = text
        .split("[[")
        .skip(1)
        .filter_map(|part| part.split_once("]]"));
    let between = inners.map(|(inner, _)| inner).find(|inner| is_word(inner));
    piece
        .map(|p| (*p).to_owned())
        .or_else(|| Some(format!("[[{}]]", cut(between?))))
}

/// A line that begins with the name of a speaker, or of a thought.
fn labelled(text: &str) -> Option<Leak> {
    text.lines().enumerate().find_map(|(i, line)| {
        let (name, _) = line.split_once(':')?;
        let spoken = words(name);
        if THOUGHTS.words().contains(&spoken) {
            Some(Leak::Thought)
        } else if OTHER_SPEAKERS.words().contains(&spoken)
            || (i > 0 && USER_SPEAKERS.words().contains(&spoken))
        {
            Some(Leak::Dialogue(cut(name.trim())))
        } else {
            None
        }
    })
}

/// What stands in brackets or between asterisks and begins as stage directions do.
fn stage_direction(text: &str) -> Option<String> {
    // Twice is bold, and means the same here.
    let text = text.replace("**", "*").replace("__", "_");
    let bracketed = [('(', ')'), ('[', ']')]
        .into_iter()
        .flat_map(|(open, close)| {
            let parts = text.split(open).skip(1);
            parts.filter_map(move |part| part.split_once(close).map(|(inner, _)| (inner, false)))
        });
    let emphasised = ['*', '_'].into_iter().flat_map(|sign| {
        let parts: Vec<&str> = text.split(sign).collect();
        let last = parts.len().saturating_sub(1);
        // Every second part stands between two signs; a last one that has no end does not.
        let inner = parts
            .into_iter()
            .enumerate()
            .filter(move |(i, _)| i % 2 == 1 && *i < last);
        inner.map(|(_, part)| (part, true))
    });
    let found = bracketed.chain(emphasised).find(|(inner, emphasis)| {
        let inner = words(inner);
        begins_with(&inner, STAGE.words())
            || (*emphasis && begins_with(&inner, STAGE_BETWEEN_ASTERISKS.words()))
    });
    found.map(|(inner, _)| cut(inner.trim()))
}

/// Whether one of `phrases` begins `text`; an adverb may stand before it.
fn begins_with(text: &[String], phrases: &[Vec<String>]) -> bool {
    let after = text.get(1..).unwrap_or_default();
    phrases
        .iter()
        .any(|p| text.starts_with(p) || after.starts_with(p))
}

fn phrase(message: &[String], phrases: &Phrases) -> Option<String> {
    let found = phrases.words().iter().find(|p| contains(message, p));
    found.map(|p| p.join(" "))
}

fn confession(message: &[String], script: &Script) -> Option<String> {
    let came_up = |texts: &[Vec<String>], what: &[String]| texts.iter().any(|t| contains(t, what));
    let written = |of: &[String]| came_up(&script.written, of);
    let spoken_of = |of: &[String]| written(of) || came_up(&script.said, of);
    let unless = |phrases: &Pairs, named: &dyn Fn(&[String]) -> bool| {
        let said = phrases
            .words()
            .iter()
            .find(|(p, of)| contains(message, p) && !named(of));
        said.map(|(p, _)| p.join(" "))
    };
    phrase(message, &CONFESSIONS)
        .or_else(|| unless(&UNLESS_WRITTEN, &written))
        .or_else(|| unless(&UNLESS_SPOKEN_OF, &spoken_of))
}

#[cfg(test)]
#[path = "leak_tests.rs"]
mod tests;
