//! What people and programs said to each other, where what went in or came out can be read so.

use assay_model::{Content, Image, Message, Part, Role, ToolCall};
use serde_json::{Map, Value};

/// Most messages of a conversation; of a longer one the last so many.
const MAX_MESSAGES: usize = 200;

/// Keys under which frameworks put what a user asks, the most telling first.
const ASKED: [&str; 7] = [
    "input", "question", "query", "prompt", "message", "content", "text",
];
/// And what is answered.
const ANSWERED: [&str; 8] = [
    "output",
    "answer",
    "response",
    "result",
    "completion",
    "message",
    "content",
    "text",
];

/// How contents are read.
#[derive(Debug, Clone, Copy)]
pub(super) struct Reader {
    /// Whether images are kept.
    pub(super) pictured: bool,
}

impl Reader {
    /// The messages of a list of them, of an object that has such a list, or of JSON in a text; `None` of anything else. What a
    /// tool answered stands with the call where one is answered, and is no message then.
    pub(super) fn conversation(self, value: &Value) -> Option<Vec<Message>> {
        let parsed = as_json(value);
        let list = list(parsed.as_ref().unwrap_or(value))?;
        let mut messages: Vec<Message> = Vec::new();
        // The ids of the calls of the last message that made some, in their order.
        let mut open: Vec<(usize, String)> = Vec::new();
        for one in list {
            let one = one.get("message").unwrap_or(one);
            let role = role(one.get("role").or_else(|| one.get("type"))?.as_str()?)?;
            let content = one.get("content").or_else(|| one.get("parts"));
            if role == Role::Tool && answer(&mut messages, &open, one, content) {
                continue;
            }
            let mut message = Message::new(role, self.content(content.unwrap_or(&Value::Null)));
            let calls = one.get("tool_calls").and_then(Value::as_array);
            for call in calls.into_iter().flatten() {
                let Some((id, call)) = tool_call(call) else {
                    continue;
                };
                open.push((messages.len(), id));
                message.tool_calls.push(call);
            }
            messages.push(message);
        }
        let older = messages.len().saturating_sub(MAX_MESSAGES);
        messages.drain(..older);
        (!messages.is_empty()).then_some(messages)
    }

    /// What a user asks, where it is no conversation.
    pub(super) fn asked(self, value: &Value) -> Content {
        self.named(value, &ASKED)
    }

    /// What is answered: the last message of the assistant's, or what else came out.
    pub(super) fn answered(self, value: &Value) -> Option<Message> {
        if value.is_null() {
            return None;
        }
        let parsed = as_json(value);
        let choices = parsed.as_ref().unwrap_or(value).get("choices");
        let said = match choices.and_then(Value::as_array) {
            Some(choices) => self.conversation(&Value::Array(choices.clone())),
            None => self.conversation(value),
        };
        let mut said = said.into_iter().flatten().rev();
        let last = said.find(|message| message.role == Role::Assistant);
        Some(last.unwrap_or_else(|| Message::new(Role::Assistant, self.named(value, &ANSWERED))))
    }

    /// A text, the first text under one of those keys, or JSON as it is written.
    fn named(self, value: &Value, keys: &[&str]) -> Content {
        match value {
            Value::Object(map) => {
                let found = keys.iter().find_map(|key| match map.get(*key)? {
                    Value::String(text) => Some(text.as_str().into()),
                    _ => None,
                });
                found.unwrap_or_else(|| written(value).into())
            }
            Value::Array(_) => self.content(value),
            other => written(other).into(),
        }
    }

    /// A text, or the texts and images of parts.
    fn content(self, value: &Value) -> Content {
        let Value::Array(list) = value else {
            return written(value).into();
        };
        let parts: Option<Vec<Option<Part>>> = list.iter().map(|part| self.part(part)).collect();
        match parts {
            Some(parts) => Content::of(parts.into_iter().flatten().collect()),
            // No list of parts after all.
            None => written(value).into(),
        }
    }

    /// A part; `Some(None)` of one that is not shown, `None` of what is no part.
    fn part(self, part: &Value) -> Option<Option<Part>> {
        let text = |text: &str| {
            let text = text.to_owned();
            Some(Some(Part::Text { text }))
        };
        if let Value::String(words) = part {
            return text(words);
        }
        let kind = part.get("type")?.as_str()?;
        if kind == "image_url" {
            let image = part.get("image_url")?;
            let url = image.get("url").unwrap_or(image).as_str()?;
            let image_url = Image::new(url);
            let shown = self.pictured && image_url.check().is_ok();
            return Some(shown.then_some(Part::ImageUrl { image_url }));
        }
        let words = part.get("text").or_else(|| part.get("content"));
        match words.and_then(Value::as_str) {
            Some(words) => text(words),
            None => Some(None),
        }
    }
}

/// Puts a tool's answer to the call that it answers; whether there is one.
fn answer(
    messages: &mut [Message],
    open: &[(usize, String)],
    one: &Value,
    content: Option<&Value>,
) -> bool {
    let Some(id) = one.get("tool_call_id").and_then(Value::as_str) else {
        return false;
    };
    let Some((at, _)) = open.iter().rev().find(|(_, of)| of == id) else {
        return false;
    };
    let before = open.iter().filter(|(other, _)| other == at);
    let place = before.map(|(_, of)| of).position(|of| of == id);
    let message = messages.get_mut(*at);
    let call = message.and_then(|m| m.tool_calls.get_mut(place?));
    let Some(call) = call else {
        return false;
    };
    let output = content.cloned().unwrap_or_default();
    call.output = Some(as_json(&output).unwrap_or(output));
    true
}

/// The list of messages that a value is or has.
fn list(value: &Value) -> Option<Vec<&Value>> {
    match value {
        Value::Array(list) => Some(list.iter().collect()),
        Value::Object(map) => match map.get("messages") {
            Some(Value::Array(list)) => Some(list.iter().collect()),
            _ => map.contains_key("role").then(|| vec![value]),
        },
        _ => None,
    }
}

/// The roles of OpenAI, LangChain and Google.
fn role(name: &str) -> Option<Role> {
    match name {
        "system" | "developer" => Some(Role::System),
        "user" | "human" => Some(Role::User),
        "assistant" | "ai" | "model" => Some(Role::Assistant),
        "tool" | "function" => Some(Role::Tool),
        _ => None,
    }
}

/// A call of a tool with its id, as OpenAI, OpenInference and LangChain write it.
fn tool_call(value: &Value) -> Option<(String, ToolCall)> {
    let value = value.get("tool_call").unwrap_or(value);
    let function = value.get("function").unwrap_or(value);
    let arguments = ["arguments", "args", "input"]
        .iter()
        .find_map(|key| function.get(*key));
    let arguments = arguments.cloned().unwrap_or_default();
    let id = value.get("id").and_then(Value::as_str).unwrap_or_default();
    let call = ToolCall {
        name: function.get("name")?.as_str()?.to_owned(),
        input_parameters: as_json(&arguments).unwrap_or(arguments),
        output: None,
    };
    Some((id.to_owned(), call))
}

/// The JSON in a text; `None` where there is none, or a number or such, which is text as well.
pub(super) fn as_json(value: &Value) -> Option<Value> {
    let text = value.as_str()?.trim();
    if !text.starts_with(['{', '[']) {
        return None;
    }
    serde_json::from_str(text).ok()
}

/// A value as text: strings as they are, what is not there as nothing, all else as JSON.
pub(super) fn written(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// A text of an object.
pub(super) fn text_of(map: &Map<String, Value>, key: &str) -> Option<String> {
    let text = map.get(key)?.as_str()?;
    (!text.is_empty()).then(|| text.to_owned())
}
