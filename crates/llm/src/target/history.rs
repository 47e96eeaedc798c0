//! Calls of tools in what was said before. APIs want each call beside its result, and refuse one without the other.

use crate::tool::text_of;
use assay_model::{Content, Message, Role, ToolCall};
use serde_json::{Value, json};
use std::borrow::Cow;

/// A piece of the conversation.
#[derive(Debug, PartialEq)]
pub(super) enum Entry<'a> {
    /// Words and images.
    Said { role: Role, content: &'a Content },
    /// Calls of the assistant, each with its result.
    Called(Vec<Past<'a>>),
}

/// A call that has its result.
#[derive(Debug, PartialEq)]
pub(super) struct Past<'a> {
    pub(super) id: String,
    pub(super) name: &'a str,
    pub(super) arguments: Value,
    pub(super) output: Cow<'a, str>,
}

/// The conversation in pieces. Results are taken from the messages of the tools that follow or, when `own` says that the
/// platform ran the tools, from the calls themselves. Calls without results and results without calls are left out.
pub(super) fn entries(messages: &[Message], own: bool) -> Vec<Entry<'_>> {
    let mut out = Vec::with_capacity(messages.len());
    for (i, message) in messages.iter().enumerate() {
        let said = (!message.content.is_empty()).then_some(Entry::Said {
            role: message.role,
            content: &message.content,
        });
        let following = results(messages, i);
        match message.role {
            Role::Tool => {}
            Role::Assistant if !following.is_empty() => {
                let outputs = following.iter().map(|m| Cow::Borrowed(m.content.as_str()));
                out.extend(said);
                out.push(called(i, message, outputs));
            }
            Role::Assistant if own && told(message) => {
                let outputs = message.tool_calls.iter().map(|call| text_of(&call.output));
                // The calls came first: what the message says was said when their results were known.
                out.push(called(i, message, outputs));
                out.extend(said);
            }
            _ => out.extend(said),
        }
    }
    out
}

/// The conversation with calls that the platform ran put as [`crate::chat::wire_messages`] wants them.
pub(super) fn expanded(messages: &[Message]) -> Vec<Message> {
    let mut out = Vec::with_capacity(messages.len());
    for (i, message) in messages.iter().enumerate() {
        if message.role != Role::Assistant || !results(messages, i).is_empty() || !told(message) {
            out.push(message.clone());
            continue;
        }
        out.push(Message {
            content: Content::default(),
            ..message.clone()
        });
        out.extend(
            message
                .tool_calls
                .iter()
                .map(|call| Message::new(Role::Tool, text_of(&call.output))),
        );
        out.push(Message::new(Role::Assistant, &message.content));
    }
    out
}

/// Whether the message has calls, and each of them its result.
fn told(message: &Message) -> bool {
    !message.tool_calls.is_empty() && message.tool_calls.iter().all(|c| c.output.is_some())
}

/// The messages of tools that follow the assistant's at `at`, if there is one for each of its calls.
fn results(messages: &[Message], at: usize) -> Vec<&Message> {
    let following: Vec<&Message> = messages
        .iter()
        .skip(at + 1)
        .take_while(|m| m.role == Role::Tool)
        .collect();
    let calls = messages.get(at).map_or(0, |m| m.tool_calls.len());
    if calls == following.len() {
        following
    } else {
        Vec::new()
    }
}

fn called<'a>(
    at: usize,
    message: &'a Message,
    outputs: impl Iterator<Item = Cow<'a, str>>,
) -> Entry<'a> {
    let past = |(n, (call, output)): (usize, (&'a ToolCall, Cow<'a, str>))| Past {
        id: format!("call_{at}_{n}"),
        name: &call.name,
        arguments: if call.input_parameters.is_object() {
            call.input_parameters.clone()
        } else {
            json!({})
        },
        output,
    };
    Entry::Called(
        message
            .tool_calls
            .iter()
            .zip(outputs)
            .enumerate()
            .map(past)
            .collect(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chat::wire_messages;

    fn said(content: &str, calls: &[(&str, Option<Value>)]) -> Message {
        Message {
            tool_calls: calls
                .iter()
                .map(|(name, output)| ToolCall {
                    name: (*name).into(),
                    input_parameters: json!({"x": 1}),
                    output: output.clone(),
                })
                .collect(),
            ..Message::new(Role::Assistant, content)
        }
    }

    fn names(messages: &[Message], own: bool) -> Vec<String> {
        entries(messages, own)
            .iter()
            .map(|entry| match entry {
                Entry::Said { content, .. } => content.to_string(),
                Entry::Called(calls) => calls
                    .iter()
                    .map(|c| format!("{}={}", c.name, c.output))
                    .collect::<Vec<_>>()
                    .join(","),
            })
            .collect()
    }

    #[test]
    fn calls_go_with_their_results() {
        let user = Message::new(Role::User, "q");
        let tool = Message::new(Role::Tool, "42");
        let ran = said("done", &[("t", Some(json!({"a": 1})))]);
        let asked = said("wait", &[("t", None)]);
        let check = |messages: &[Message], own: bool, expected: &[&str]| {
            assert_eq!(names(messages, own), expected);
        };
        check(
            &[user.clone(), ran.clone()],
            true,
            &["q", "t={\"a\":1}", "done"],
        );
        check(&[user.clone(), ran.clone()], false, &["q", "done"]);
        check(
            &[user.clone(), asked.clone(), tool.clone()],
            false,
            &["q", "wait", "t=42"],
        );
        check(&[asked.clone(), user.clone()], true, &["wait", "q"]);
        check(&[user, tool], true, &["q"]);
        check(&[said("", &[])], true, &[]);
    }

    #[test]
    fn expanded_calls_reach_the_wire() {
        let messages = [
            Message::new(Role::User, "q"),
            said("done", &[("t", Some(json!("text"))), ("u", Some(json!(5)))]),
        ];
        let wire = wire_messages(&expanded(&messages));
        assert_eq!(wire[1]["tool_calls"][1]["function"]["name"], "u");
        assert_eq!(wire[2]["tool_call_id"], wire[1]["tool_calls"][0]["id"]);
        assert_eq!(wire[2]["content"], "text");
        assert_eq!(wire[3]["content"], "5");
        assert_eq!(wire[4], json!({"role": "assistant", "content": "done"}));
        let unknown = [said("a", &[("t", None)])];
        assert_eq!(expanded(&unknown), unknown);
    }
}
