//! A conversation in units: what the user says until the agent has answered, and windows of such units.

use crate::pictures::{pieces, shown_content};
use crate::text::clip;
use assay_model::{Content, Message, Role};
use serde_json::{Value, json};

/// Most messages that are looked at: the last ones.
const MOST_MESSAGES: usize = 400;
/// Most characters of one that a judge is shown.
const MOST_CHARS: usize = 20_000;

/// What users and agents said, without what instructs and what tools answer.
pub(crate) fn said(messages: &[Message]) -> Vec<&Message> {
    let from = messages.len().saturating_sub(MOST_MESSAGES);
    let kept = messages.iter().skip(from);
    kept.filter(|m| matches!(m.role, Role::User | Role::Assistant))
        .collect()
}

/// Groups turns: a unit begins where the user speaks after the agent, once the user has spoken at all. The last one counts only where
/// the agent has the last word. As DeepEval does.
#[must_use]
pub fn unit_interactions<T: Copy>(turns: &[(Role, T)]) -> Vec<Vec<T>> {
    let mut units: Vec<Vec<T>> = Vec::new();
    let mut unit: Vec<T> = Vec::new();
    let mut asked = false;
    let mut last = None;
    for (role, turn) in turns {
        if *role == Role::User && last == Some(Role::Assistant) && asked {
            units.push(std::mem::take(&mut unit));
        }
        asked |= *role == Role::User;
        unit.push(*turn);
        last = Some(*role);
    }
    if last == Some(Role::Assistant) && asked {
        units.push(unit);
    }
    units
}

/// For each unit, it and those before it: at most `size` units.
#[must_use]
pub fn windows<T: Copy>(units: &[Vec<T>], size: usize) -> Vec<Vec<Vec<T>>> {
    (1..=units.len())
        .map(|end| {
            let from = end.saturating_sub(size.max(1));
            units.iter().take(end).skip(from).cloned().collect()
        })
        .collect()
}

/// The units of a conversation.
pub(crate) fn units(messages: &[Message]) -> Vec<Vec<&Message>> {
    let turns: Vec<(Role, &Message)> = said(messages).into_iter().map(|m| (m.role, m)).collect();
    unit_interactions(&turns)
}

/// Turns as a judge is shown them.
pub(crate) fn shown(turns: &[&Message]) -> Value {
    let one =
        |m: &&Message| json!({"role": m.role, "content": shown_content(&m.content, MOST_CHARS)});
    Value::Array(turns.iter().map(one).collect())
}

/// What one side says in some turns: as one text, or as a list of texts and images where it shows images.
pub(crate) fn words_of(role: Role, turns: &[&Message]) -> Value {
    let own: Vec<&Content> = turns
        .iter()
        .filter(|m| m.role == role)
        .map(|m| &m.content)
        .collect();
    if own.iter().any(|content| !content.parts().is_empty()) {
        return own.iter().flat_map(|c| pieces(c, MOST_CHARS)).collect();
    }
    let texts: Vec<String> = own.iter().map(|c| clip(c, MOST_CHARS)).collect();
    json!(texts.join("\n"))
}

/// What was retrieved in some turns.
pub(crate) fn retrieved(turns: &[&Message]) -> Vec<Value> {
    let all = turns.iter().flat_map(|m| &m.retrieval_context);
    all.map(|content| shown_content(content, MOST_CHARS))
        .collect()
}
