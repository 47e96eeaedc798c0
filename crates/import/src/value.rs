//! What files say, as the types that an item has.

use crate::python;
use assay_model::{Content, DatasetItem, Message, Role, ToolCall};
use serde_json::{Map, Value};

/// Whether a value says nothing.
pub(crate) fn is_void(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(s) => s.trim().is_empty(),
        Value::Array(a) => a.is_empty(),
        Value::Object(o) => o.is_empty(),
        Value::Bool(_) | Value::Number(_) => false,
    }
}

/// The kind of a value, as people who write JSON call it.
pub(crate) const fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

/// A value as one text: a text as it is, anything else as JSON.
pub(crate) fn text(value: &Value) -> String {
    match value {
        Value::String(s) => s.clone(),
        other => other.to_string(),
    }
}

/// A cell that holds a list or an object, as JSON or as a literal of Python; any other value as it is.
pub(crate) fn unfold(value: Value) -> Value {
    let Value::String(s) = &value else {
        return value;
    };
    if !s.trim_start().starts_with(['[', '{', '(']) {
        return value;
    }
    match serde_json::from_str(s).ok().or_else(|| python::literal(s)) {
        Some(found @ (Value::Array(_) | Value::Object(_))) => found,
        _ => value,
    }
}

/// A list of texts: a list, a cell that holds one, or a text with `separator` in it.
pub(crate) fn texts(value: Value, separator: Option<char>) -> Vec<String> {
    match unfold(value) {
        Value::Null => Vec::new(),
        Value::Array(list) => list.iter().filter(|v| !is_void(v)).map(text).collect(),
        Value::String(s) => match separator {
            Some(separator) => s
                .split(separator)
                .map(str::trim)
                .filter(|part| !part.is_empty())
                .map(str::to_owned)
                .collect(),
            None if s.trim().is_empty() => Vec::new(),
            None => vec![s],
        },
        other => vec![text(&other)],
    }
}

/// [`texts`], as an item has them.
pub(crate) fn contents(value: Value, separator: Option<char>) -> Vec<Content> {
    let texts = texts(value, separator);
    texts.into_iter().map(Into::into).collect()
}

/// Calls of tools: objects with a name and arguments under any of their usual names, or names alone. What a call says
/// besides comes second.
///
/// # Errors
/// What is wrong with them.
pub(crate) fn tools(value: Value) -> Result<(Vec<ToolCall>, Vec<String>), String> {
    let list = match unfold(value) {
        Value::Array(list) => list,
        Value::Object(one) => vec![Value::Object(one)],
        Value::String(s) if !s.trim_start().starts_with(['[', '{']) => s
            .split([';', '|'])
            .map(str::trim)
            .filter(|name| !name.is_empty())
            .map(|name| Value::String(name.to_owned()))
            .collect(),
        other => return Err(format!("{} is no list of calls", kind(&other))),
    };
    let mut besides = Vec::new();
    let mut out = Vec::with_capacity(list.len());
    for one in list {
        out.push(match one {
            Value::String(name) if !name.trim().is_empty() => ToolCall {
                name,
                ..ToolCall::default()
            },
            Value::Object(object) => tool(object, &mut besides)?,
            other => return Err(format!("{} is no call of a tool", kind(&other))),
        });
    }
    Ok((out, besides))
}

fn tool(mut object: Map<String, Value>, besides: &mut Vec<String>) -> Result<ToolCall, String> {
    // OpenAI's calls have a level more.
    if let Some(Value::Object(function)) = object.remove("function") {
        object = function;
    }
    let name = match object.remove("name") {
        Some(Value::String(name)) if !name.is_empty() => name,
        _ => return Err("a call of a tool has no `name`".to_owned()),
    };
    let arguments = [
        "input_parameters",
        "inputParameters",
        "arguments",
        "args",
        "input",
    ];
    let input = arguments
        .iter()
        .find_map(|key| object.remove(*key))
        .map(unfold)
        .unwrap_or_default();
    let output = object.remove("output").filter(|o| !o.is_null());
    for (key, value) in object {
        if !is_void(&value) && key != "type" && key != "id" && !besides.contains(&key) {
            besides.push(key);
        }
    }
    Ok(ToolCall {
        name,
        input_parameters: input,
        output,
    })
}

/// Whether a list looks like messages of a chat.
pub(crate) fn is_chat(list: &[Value]) -> bool {
    !list.is_empty()
        && list.iter().all(|m| {
            let role = m.get("role").or_else(|| m.get("type"));
            role.is_some_and(Value::is_string) && m.get("content").is_some()
        })
}

/// A message of a chat.
///
/// # Errors
/// What of it is no text.
pub(crate) fn message(value: &Value) -> Result<Message, String> {
    let role = value
        .get("role")
        .or_else(|| value.get("type"))
        .and_then(Value::as_str)
        .unwrap_or_default();
    let role = match role {
        "system" | "developer" => Role::System,
        "user" | "human" => Role::User,
        "assistant" | "ai" | "model" => Role::Assistant,
        "tool" | "function" => Role::Tool,
        other => return Err(format!("`{other}` is no role that a message can have")),
    };
    let content = match value.get("content") {
        Some(Value::String(s)) => s.clone(),
        Some(Value::Null) | None => String::new(),
        Some(Value::Array(parts)) => {
            let texts = parts.iter().map(|part| match part {
                Value::String(s) => Ok(s.as_str()),
                _ => part
                    .get("text")
                    .and_then(Value::as_str)
                    .ok_or("a message has a part that is no text"),
            });
            texts.collect::<Result<Vec<_>, _>>()?.join("\n")
        }
        Some(other) => return Err(format!("{} is no message", kind(other))),
    };
    let calls = value.get("tool_calls").cloned().unwrap_or_default();
    let tool_calls = match calls {
        Value::Null => Vec::new(),
        calls => tools(calls)?.0,
    };
    Ok(Message {
        tool_calls,
        ..Message::new(role, content)
    })
}

/// Makes the messages of a chat the question of an item: the last one is the input, the others come before it.
///
/// # Errors
/// What of the chat cannot be said to an agent.
pub(crate) fn ask(item: &mut DatasetItem, chat: &[Value]) -> Result<(), String> {
    let mut messages = chat.iter().map(message).collect::<Result<Vec<_>, _>>()?;
    let last = messages.pop().ok_or("the chat has no messages")?;
    if last.role != Role::User && last.role != Role::System {
        return Err("the last message of the chat is not the user's".to_owned());
    }
    if last.content.trim().is_empty() {
        return Err("the last message of the chat is empty".to_owned());
    }
    item.input = Some(last.content);
    item.history = messages;
    Ok(())
}

/// Adds what `value`, an object, says to `metadata`; anything else is kept under `name`.
pub(crate) fn spread(metadata: &mut Map<String, Value>, name: &str, value: Value) {
    match unfold(value) {
        Value::Object(object) => metadata.extend(object),
        other if is_void(&other) => {}
        other => {
            metadata.insert(name.to_owned(), other);
        }
    }
}

/// Keeps what says something.
pub(crate) fn keep(metadata: &mut Map<String, Value>, name: &str, value: Value) {
    if !is_void(&value) {
        metadata.insert(name.to_owned(), value);
    }
}

/// Metadata as an item has it.
pub(crate) fn metadata(object: Map<String, Value>) -> Value {
    if object.is_empty() {
        Value::Null
    } else {
        Value::Object(object)
    }
}

/// A name that the API takes: without control characters, cut at `max` characters. Nothing where nothing is left.
pub(crate) fn name(text: &str, max: usize) -> Option<String> {
    let flat: String = text
        .split(|c: char| c.is_whitespace() || c.is_control())
        .filter(|word| !word.is_empty())
        .collect::<Vec<_>>()
        .join(" ");
    let cut: String = flat.chars().take(max).collect();
    let cut = cut.trim();
    (!cut.is_empty()).then(|| cut.to_owned())
}
