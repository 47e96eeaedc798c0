//! What went into a model and came out, as messages, where it can be read so.

use crate::value::{into_text, parsed};
use serde_json::Value;

/// Most messages that are shown one by one; a longer conversation is sent as a whole only.
const MAX_MESSAGES: usize = 200;

/// One message.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Message {
    pub(super) role: String,
    pub(super) content: Option<String>,
    /// The call of a tool that it answers.
    pub(super) answers: Option<String>,
    /// The tools that it calls.
    pub(super) calls: Vec<Call>,
}

/// The call of a tool.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Call {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) arguments: Value,
}

/// The messages of a value; a plain text is one message of that role.
pub(super) fn messages(value: &Value, role: &str) -> Option<Vec<Message>> {
    match value {
        Value::String(text) => {
            let inner = parsed(Value::String(text.clone()));
            let read = if inner.is_string() {
                None
            } else {
                listed(&inner)
            };
            read.or_else(|| (!text.is_empty()).then(|| vec![said(role, text)]))
        }
        other => listed(other),
    }
}

fn said(role: &str, text: &str) -> Message {
    Message {
        role: role.to_owned(),
        content: Some(text.to_owned()),
        answers: None,
        calls: Vec::new(),
    }
}

fn listed(value: &Value) -> Option<Vec<Message>> {
    let list = match value {
        Value::Array(list) => list.iter().map(one).collect(),
        Value::Object(map) => match ["messages", "choices"].iter().find_map(|k| map.get(*k)) {
            Some(Value::Array(list)) => list.iter().map(one).collect(),
            _ => one(value).map(|m| vec![m]),
        },
        _ => None,
    };
    list.filter(|list: &Vec<Message>| !list.is_empty() && list.len() <= MAX_MESSAGES)
}

/// A message of OpenAI's kind, or one that OpenInference and choices wrap in `message`.
fn one(value: &Value) -> Option<Message> {
    let value = value.get("message").unwrap_or(value);
    let role = value.get("role")?.as_str()?.to_owned();
    let calls = value.get("tool_calls").and_then(Value::as_array);
    let answers = value.get("tool_call_id").and_then(Value::as_str);
    let parts = value.get("content").or_else(|| value.get("parts"));
    Some(Message {
        role,
        content: parts.and_then(text),
        answers: answers.map(str::to_owned),
        calls: calls.into_iter().flatten().filter_map(call).collect(),
    })
}

fn call(value: &Value) -> Option<Call> {
    let value = value.get("tool_call").unwrap_or(value);
    let function = value.get("function").unwrap_or(value);
    let text = |of: &Value, key: &str| of.get(key).and_then(Value::as_str).map(str::to_owned);
    Some(Call {
        id: text(value, "id").unwrap_or_default(),
        name: text(function, "name")?,
        arguments: function.get("arguments").cloned().unwrap_or_default(),
    })
}

/// A text, or the texts of parts one below the other.
fn text(content: &Value) -> Option<String> {
    match content {
        Value::Null => None,
        Value::Array(parts) => {
            let texts: Vec<&str> = parts
                .iter()
                .filter_map(|part| {
                    let own = part.get("text").or_else(|| part.get("content"));
                    own.and_then(Value::as_str).or_else(|| part.as_str())
                })
                .collect();
            (!texts.is_empty()).then(|| texts.join("\n"))
        }
        other => Some(into_text(other.clone())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[track_caller]
    fn check(value: Value, expected: &[(&str, &str)]) {
        let found = messages(&value, "user").unwrap_or_default();
        let found: Vec<(&str, &str)> = found
            .iter()
            .map(|m| (m.role.as_str(), m.content.as_deref().unwrap_or_default()))
            .collect();
        assert_eq!(found, expected, "{value}");
    }

    #[test]
    fn messages_in_every_dress() {
        let hi =
            json!([{"role": "system", "content": "Be kind"}, {"role": "user", "content": "hi"}]);
        let both = [("system", "Be kind"), ("user", "hi")];
        check(hi.clone(), &both);
        check(json!(hi.to_string()), &both);
        check(json!({"messages": hi, "model": "m"}), &both);
        check(
            json!([{"message": {"role": "user", "content": "hi"}}]),
            &[("user", "hi")],
        );
        check(
            json!({"choices": [{"index": 0, "message": {"role": "assistant", "content": "yes"}}]}),
            &[("assistant", "yes")],
        );
        check(
            json!([{"role": "user", "parts": [{"type": "text", "content": "a"}, {"type": "text", "content": "b"}]}]),
            &[("user", "a\nb")],
        );
        check(
            json!([{"role": "user", "content": [{"type": "text", "text": "a"}, {"type": "image_url"}]}]),
            &[("user", "a")],
        );
        check(json!("plain"), &[("user", "plain")]);
        check(json!("{\"a\": 1}"), &[("user", "{\"a\": 1}")]);
        for nothing in [
            json!(null),
            json!(""),
            json!(7),
            json!([]),
            json!([1]),
            json!({"a": 1}),
        ] {
            assert_eq!(messages(&nothing, "user"), None, "{nothing}");
        }
        let many = vec![json!({"role": "user", "content": "x"}); MAX_MESSAGES + 1];
        assert_eq!(messages(&Value::Array(many), "user"), None);
    }

    #[test]
    fn calls_of_tools_and_their_answers() {
        let call =
            json!({"id": "c1", "type": "function", "function": {"name": "f", "arguments": "{}"}});
        let value = json!([{"role": "assistant", "content": null, "tool_calls": [call]},
            {"role": "tool", "tool_call_id": "c1", "content": "42"}]);
        let found = messages(&value, "user").unwrap();
        assert_eq!(found[0].content, None);
        let expected = Call {
            id: "c1".to_owned(),
            name: "f".to_owned(),
            arguments: json!("{}"),
        };
        assert_eq!(found[0].calls, [expected]);
        assert_eq!(found[1].answers.as_deref(), Some("c1"));
    }
}
