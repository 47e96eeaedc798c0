//! Conditions: which edge is taken when, and by what that is told.

use super::python;
use super::source::{Data, Link, Source};
use super::words::Names;
use assay_model::{Sentiment, When};

/// Most texts of which one must be in the answer, and bytes of each.
const MAX_TEXTS: usize = 100;
const MAX_TEXT: usize = 500;
/// Most bytes of what a judge is asked.
const MAX_QUESTION: usize = 5_000;

/// The two ways out of a condition, as edges of the source.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Fork {
    pub(super) yes: Option<usize>,
    pub(super) no: Option<usize>,
}

/// The side that a word names.
fn side(word: &str) -> Option<bool> {
    let word = word.trim().to_lowercase();
    let first = word
        .split(|c: char| !c.is_alphanumeric())
        .find(|part| !part.is_empty())?;
    match first {
        "true" | "yes" | "y" | "pass" | "passed" | "success" | "match" | "matched" | "đúng"
        | "có" | "high" => Some(true),
        "false" | "no" | "n" | "else" | "otherwise" | "fail" | "failed" | "failure" | "default"
        | "sai" | "không" | "low" => Some(false),
        _ => None,
    }
}

impl Fork {
    /// Of the condition's edges. What cannot be taken over is told by edge, or of the condition itself (`None`).
    pub(super) fn of(
        source: &Source,
        item: usize,
        says: &mut Vec<(Option<usize>, String)>,
    ) -> Self {
        let mut fork = Self::default();
        let mut unclear: Vec<(usize, &Link)> = Vec::new();
        for (index, link) in source.out(item) {
            let by_handle = link.handle.as_deref().filter(|handle| *handle != "default");
            let named = by_handle.and_then(side);
            match named.or_else(|| link.label.as_deref().and_then(side)) {
                Some(true) => fork.put(true, index, says),
                Some(false) => fork.put(false, index, says),
                None if by_handle.is_some() && link.label.is_none() => {
                    let handle = by_handle.unwrap_or_default();
                    let message =
                        format!("is left out: a condition has no way out named `{handle}`");
                    says.push((Some(index), message));
                }
                None => unclear.push((index, link)),
            }
        }
        for (index, link) in unclear {
            let label = link.label.as_deref().unwrap_or_default();
            let free = [true, false]
                .into_iter()
                .find(|yes| fork.way(*yes).is_none());
            let Some(yes) = free else {
                says.push((
                    Some(index),
                    format!("is left out: nothing says when `{label}` is taken"),
                ));
                continue;
            };
            let when = if yes { "holds" } else { "does not hold" };
            let message =
                format!("nothing says when it is taken: that is when the condition {when}");
            says.push((Some(index), message));
            fork.put(yes, index, says);
        }
        fork
    }

    const fn way(&self, yes: bool) -> Option<usize> {
        if yes { self.yes } else { self.no }
    }

    /// As in the program it comes from, the last of several edges for one outcome is the one that counts.
    fn put(&mut self, yes: bool, link: usize, says: &mut Vec<(Option<usize>, String)>) {
        let way = if yes { &mut self.yes } else { &mut self.no };
        if let Some(before) = way.replace(link) {
            let message = "is left out: a later edge is for the same outcome".to_owned();
            says.push((Some(before), message));
        }
    }
}

/// When the condition holds. Where that is not certain it never does, and the reason is told.
pub(super) fn when(
    data: &mut Data,
    names: &Names,
    score: Option<&str>,
    says: &mut Vec<String>,
) -> When {
    let logic = data.text(&["logicType", "logic_type", "conditionType"]);
    let logic = logic.map(|logic| logic.trim().to_lowercase());
    let value = data.text(&[
        "conditionValue",
        "condition_value",
        "keyword",
        "value",
        "condition",
    ]);
    let expression = data.text(&["expression"]);
    let criteria = data.text(&["judgeCriteria", "judge_criteria"]);
    match (logic.as_deref(), value, expression, criteria) {
        (Some("expression" | "code"), value, expression, _)
        | (None, value, expression @ Some(_), _) => match expression.or(value) {
            Some(source) => computed(&source, names, score, says),
            None => never(says, "it has no expression"),
        },
        (Some("llm_judge" | "judge" | "llm"), value, _, criteria)
        | (None, value, _, criteria @ Some(_)) => {
            let question = [value, criteria]
                .into_iter()
                .flatten()
                .collect::<Vec<_>>()
                .join(": ");
            match super::ids::cut(&question, MAX_QUESTION) {
                _ if question.trim().is_empty() => never(says, "it has no criteria"),
                Some(short) => {
                    says.push(format!(
                        "its criteria are longer than {MAX_QUESTION} bytes, the rest is left out"
                    ));
                    When::Judge(short.to_owned())
                }
                None => When::Judge(question),
            }
        }
        (Some("sentiment"), value, ..) => sentiment(value.as_deref().unwrap_or_default(), says),
        (Some("keyword" | "contains") | None, None, ..) => {
            let message = "it looks for no word, so it always holds, as it did there";
            says.push(message.to_owned());
            When::Expression("true".to_owned())
        }
        // Some have an expression where words are looked for.
        (None, Some(value), ..)
            if [" > ", " < ", ">=", "<=", "==", "!="]
                .iter()
                .any(|sign| value.contains(sign)) =>
        {
            computed(&value, names, score, says)
        }
        (Some("keyword" | "contains") | None, Some(value), ..) => keyword(&value, says),
        (Some(other), ..) => never(says, &format!("the kind `{other}` is not known")),
    }
}

/// A condition that never holds, so that the edge without `when` is taken.
fn never(says: &mut Vec<String>, why: &str) -> When {
    says.push(format!(
        "it never holds, so that the edge for `false` is taken, until somebody writes what is meant: {why}"
    ));
    When::Expression("false".to_owned())
}

fn computed(source: &str, names: &Names, score: Option<&str>, says: &mut Vec<String>) -> When {
    match python::condition(source, names, score) {
        Ok(expression) => When::Expression(expression),
        Err(why) => never(says, &format!("{why}, in `{source}`")),
    }
}

fn sentiment(word: &str, says: &mut Vec<String>) -> When {
    let sentiment = match word.trim().to_lowercase().as_str() {
        "positive" | "happy" | "satisfied" | "tích cực" => Sentiment::Positive,
        "neutral" | "trung tính" => Sentiment::Neutral,
        "negative" | "angry" | "frustrated" | "sad" | "tiêu cực" => Sentiment::Negative,
        other => return never(says, &format!("`{other}` is no sentiment that is known")),
    };
    When::Sentiment(sentiment)
}

fn keyword(value: &str, says: &mut Vec<String>) -> When {
    let texts: Vec<&str> = value
        .split(',')
        .map(str::trim)
        .filter(|text| !text.is_empty())
        .collect();
    let fits = texts.len() <= MAX_TEXTS && texts.iter().all(|text| text.len() <= MAX_TEXT);
    match texts.as_slice() {
        _ if !fits || value.len() > MAX_QUESTION => {
            never(says, "its words are too many or too long")
        }
        [] => never(says, "it has nothing but commas to look for"),
        [only] => When::AnswerContains((*only).to_owned()),
        several => {
            says.push(
                "it holds when one of its words is in the answer; the program it comes from looked for all of them as one text, \
                 commas and all"
                    .to_owned(),
            );
            When::AnswerContainsAny(several.iter().map(|text| (*text).to_owned()).collect())
        }
    }
}
