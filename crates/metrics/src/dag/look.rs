//! What a step is shown.

use super::check::MAX_WINDOW;
use super::graph::Step;
use super::{Scope, TURN_FIELDS};
use crate::agentic::shown_calls;
use crate::fields::shown;
use crate::pictures::shown_content;
use assay_model::{Message, Role, TestCase};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// Most characters of one turn.
const MAX_TURN_CHARS: usize = 10_000;

/// Most passages that were retrieved for one turn, and most characters of one.
const MAX_PASSAGES: usize = 50;
const MAX_PASSAGE_CHARS: usize = 4_000;

/// What `step` is shown: what the tasks right before it brought out, and its fields of the case.
///
/// # Errors
/// The conversation lacks turns of the step's window.
pub(super) fn look(
    step: &Step,
    scope: Scope,
    case: &TestCase,
    outputs: &BTreeMap<String, (String, Value)>,
) -> Result<Value, String> {
    let mut material = Map::new();
    let told: Vec<Value> = step
        .tasks
        .iter()
        .filter_map(|task| outputs.get(task))
        .map(|(label, output)| json!({"label": label, "output": output}))
        .collect();
    if !told.is_empty() {
        material.insert("earlier_outputs".to_owned(), json!(told));
    }
    let of_turns =
        |field: &String| scope == Scope::Conversation && TURN_FIELDS.contains(&field.as_str());
    for field in step.fields.iter().filter(|field| !of_turns(field)) {
        let shown = match field.as_str() {
            "tools_called" => shown_calls(&case.tools_called),
            "expected_tools" => shown_calls(case.expected_tools.as_deref().unwrap_or_default()),
            field => shown(field, case),
        };
        material.insert(field.clone(), shown);
    }
    let fields: Vec<&String> = step.fields.iter().filter(|field| of_turns(field)).collect();
    if !fields.is_empty() {
        material.insert("turns".to_owned(), turns(step, case, &fields)?);
    }
    Ok(Value::Object(material))
}

/// The turns of a step's window.
fn turns(step: &Step, case: &TestCase, fields: &[&String]) -> Result<Value, String> {
    let turns: Vec<&Message> = case
        .messages
        .iter()
        .filter(|message| matches!(message.role, Role::User | Role::Assistant))
        .collect();
    let count = turns.len();
    if count == 0 {
        return Err("neither the user nor the agent said anything".to_owned());
    }
    let (start, end) = match step.window {
        Some((_, end)) if end >= count => {
            let id = &step.id;
            return Err(format!(
                "`turn_window` of node `{id}` ends at turn {end}, and the conversation has {count} turns, from 0"
            ));
        }
        Some(window) => window,
        None => (count.saturating_sub(MAX_WINDOW), count),
    };
    let window = turns
        .iter()
        .enumerate()
        .skip(start)
        .take((end + 1).saturating_sub(start));
    let turn = |(at, message): (usize, &&Message)| {
        let mut shown = Map::from_iter([("turn".to_owned(), json!(at))]);
        for field in fields {
            let value = match field.as_str() {
                "role" => json!(message.role),
                "content" => shown_content(&message.content, MAX_TURN_CHARS),
                "tools_called" => shown_calls(&message.tool_calls),
                _ => {
                    let passages = message.retrieval_context.iter().take(MAX_PASSAGES);
                    json!(
                        passages
                            .map(|passage| shown_content(passage, MAX_PASSAGE_CHARS))
                            .collect::<Vec<_>>()
                    )
                }
            };
            shown.insert((*field).clone(), value);
        }
        Value::Object(shown)
    };
    Ok(json!(window.map(turn).collect::<Vec<_>>()))
}
