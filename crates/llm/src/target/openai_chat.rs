//! OpenAI's chat completions.

use super::exchange::Step;
use super::{Heard, Turn, history};
use crate::answer::{chat_answer, parse_json};
use crate::chat::wire_messages;
use crate::extension::{read_arguments, read_extension};
use crate::tool::Tool;
use crate::{AnswerError, AskedCall, stream};
use assay_model::AgentSpec;
use serde_json::{Map, Value, json};

pub(super) fn body(turn: &Turn<'_>, tools: &[Tool], steps: &[Step]) -> Value {
    let agent = turn.agent;
    let mut body = Map::new();
    if let Some(model) = &agent.model {
        body.insert("model".into(), json!(model));
    }
    let conversation = turn.conversation();
    let mut messages = if tools.is_empty() {
        wire_messages(&conversation)
    } else {
        wire_messages(&history::expanded(&conversation))
    };
    if let Some(messages) = messages.as_array_mut() {
        for step in steps {
            messages.extend(step.said.iter().cloned());
            messages.extend(step.results.iter().map(|result| {
                json!({"role": "tool", "tool_call_id": result.call.id, "content": result.text()})
            }));
        }
    }
    body.insert("messages".into(), messages);
    if !tools.is_empty() {
        let tools: Vec<Value> = tools
            .iter()
            .map(|tool| {
                let mut function = tool.described();
                function.insert("parameters".into(), tool.parameters().clone());
                json!({"type": "function", "function": function})
            })
            .collect();
        body.insert("tools".into(), Value::Array(tools));
    }
    body.insert("stream".into(), json!(agent.stream));
    if agent.stream {
        body.insert("stream_options".into(), json!({"include_usage": true}));
    }
    Value::Object(body)
}

pub(super) fn read(agent: &AgentSpec, body: &[u8], step: usize) -> Result<Heard, AnswerError> {
    let answer = if agent.stream && stream::is_events(body) {
        stream::completion(body)?
    } else {
        parse_json(body)?
    };
    let (ran, _) = read_extension(&answer)?;
    let mut heard = Heard {
        answer: chat_answer(&answer, agent.price.as_ref())?,
        ran,
        ..Heard::default()
    };
    let message = answer.pointer("/choices/0/message").unwrap_or(&Value::Null);
    let mut calls = Vec::new();
    for call in message
        .get("tool_calls")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
    {
        let Some(function) = call.get("function") else {
            continue;
        };
        let text = |value: &Value, key: &str| value.get(key)?.as_str().map(str::to_owned);
        let Some(name) = text(function, "name").filter(|n| !n.is_empty()) else {
            continue;
        };
        // Some servers give their calls no ids, though results have to name them.
        let id = text(call, "id")
            .filter(|id| !id.is_empty())
            .unwrap_or_else(|| format!("step_{step}_{}", calls.len()));
        // As it came: servers keep more in a call than the API says, and want it back.
        let mut call = call.clone();
        if let Some(fields) = call.as_object_mut() {
            fields.insert("id".into(), json!(id));
            fields.entry("type").or_insert_with(|| json!("function"));
        }
        calls.push(call);
        heard.asked.push(AskedCall::new(
            id,
            name,
            read_arguments(function.get("arguments")),
        ));
    }
    let content = message.get("content").cloned().unwrap_or(Value::Null);
    heard.said = vec![json!({"role": "assistant", "content": content, "tool_calls": calls})];
    Ok(heard)
}

#[cfg(test)]
mod tests {
    use super::super::testing::{agent, call, events, heard, refused, sent, user};
    use crate::AuthSlot;
    use crate::template::TemplateError;
    use assay_model::{AgentSpec, Message, Role, ToolCall};
    use serde_json::{Value, json};

    #[test]
    fn openai_request() {
        let agent = agent(
            json!({"kind": "openai_chat", "model": "m", "system_prompt": "Be kind.",
            "headers": {"X-Team": "qa"}, "auth": {"type": "bearer"}}),
        );
        let call = call(&agent, &[user("hi")]).unwrap();
        assert_eq!(call.auth, Some(AuthSlot::bearer()));
        assert!(call.headers.contains(&("x-team".into(), "qa".into())));
        assert_eq!(
            serde_json::from_slice::<Value>(&call.body).unwrap(),
            json!({"model": "m", "stream": false,
            "messages": [{"role": "system", "content": "Be kind."}, {"role": "user", "content": "hi"}]})
        );
    }

    #[test]
    fn headers_are_templates() {
        let headers = |value: &str| {
            let agent = agent(json!({"kind": "openai_chat", "headers": {"X-Run": value}}));
            call(&agent, &[user("hi\u{e9}")]).map(|call| call.headers)
        };
        let has = |value: &str, expected: &str| {
            let wanted = ("x-run".to_owned(), expected.to_owned());
            assert!(headers(value).unwrap().contains(&wanted), "{value}");
        };
        has("plain", "plain");
        has("run {{ run_id }}", "run run-1");
        assert_eq!(
            headers("{{ input }}"),
            Err(TemplateError::Header("X-Run".into()))
        );
        assert!(matches!(
            headers("{{ nothing }}"),
            Err(TemplateError::Render { pointer, .. }) if pointer == "headers/X-Run"
        ));
    }

    #[test]
    fn calls_of_an_agent_that_runs_its_tools_are_not_sent_again() {
        let agent = agent(json!({"kind": "openai_chat"}));
        let mut said = Message::new(Role::Assistant, "It is late.");
        said.tool_calls = vec![ToolCall {
            name: "look".into(),
            input_parameters: json!({}),
            output: Some(json!("late")),
        }];
        let body = sent(&agent, &[user("q"), said, user("and?")]).unwrap();
        assert_eq!(
            body["messages"][1],
            json!({"role": "assistant", "content": "It is late."})
        );
        assert!(body.get("tools").is_none());
    }

    #[test]
    fn streamed_answers() {
        let openai: AgentSpec = agent(json!({"kind": "openai_chat", "stream": true}));
        let call = call(&openai, &[]).unwrap();
        let sent: Value = serde_json::from_slice(&call.body).unwrap();
        assert_eq!(sent["stream"], true);
        assert!(
            call.headers
                .contains(&("accept".into(), "text/event-stream".into()))
        );
        let chunks = events(&[
            json!({"choices": [{"delta": {"content": "a"}}]}),
            json!({"choices": [{"delta": {"content": "b"}, "finish_reason": "stop"}]}),
        ]);
        assert_eq!(heard(&openai, &chunks).unwrap().answer.content, "ab");
        let whole = json!({"choices": [{"message": {"content": "whole"}}]}).to_string();
        assert_eq!(
            heard(&openai, whole.as_bytes()).unwrap().answer.content,
            "whole"
        );
        let broken = events(&[json!({"choices": [{"delta": {"content": "a"}}]})]);
        refused(&openai, &broken, "broke off");
    }

    #[test]
    fn calls_that_nobody_runs_are_told() {
        let agent = agent(json!({"kind": "openai_chat"}));
        let body = json!({"choices": [{"message": {"content": null, "tool_calls": [
            {"id": "1", "type": "function", "function": {"name": "look", "arguments": "{\"x\":1}"}}]}}]});
        let answer = heard(&agent, body.to_string().as_bytes()).unwrap().answer;
        assert_eq!(answer.content, "");
        assert_eq!(answer.tool_calls[0].input_parameters, json!({"x": 1}));
        assert_eq!(answer.tool_calls[0].output, None);
    }
}
