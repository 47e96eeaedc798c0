//! Anthropic's Messages API: instructions apart, messages made of blocks.

use super::exchange::Step;
use super::history::{Entry, entries};
use super::{Heard, More, Turn};
use crate::answer::{parse_json, text_at};
use crate::extension::{merge_calls, read_extension};
use crate::messages_api::{blocks, text, usage};
use crate::messages_stream::streamed;
use crate::tool::Tool;
use crate::{AnswerError, AskedCall, ChatAnswer, cost, parts, stream};
use assay_model::{AgentSpec, Role, ToolCall};
use serde_json::{Map, Value, json};

pub(super) fn body(turn: &Turn<'_>, tools: &[Tool], steps: &[Step]) -> Value {
    let agent = turn.agent;
    let mut system: Vec<&str> = agent.system_prompt.iter().map(String::as_str).collect();
    let mut messages = Vec::new();
    for entry in entries(turn.messages, !tools.is_empty()) {
        match entry {
            Entry::Said {
                role: Role::System,
                content,
            } => system.push(parts::words(content)),
            Entry::Said { role, content } => {
                messages.push(json!({"role": role, "content": parts::anthropic(role, content)}));
            }
            Entry::Called(calls) => {
                let uses: Vec<Value> = calls
                    .iter()
                    .map(|c| json!({"type": "tool_use", "id": c.id, "name": c.name, "input": c.arguments}))
                    .collect();
                let results: Vec<Value> = calls
                    .iter()
                    .map(|c| json!({"type": "tool_result", "tool_use_id": c.id, "content": c.output}))
                    .collect();
                messages.push(json!({"role": "assistant", "content": uses}));
                messages.push(json!({"role": "user", "content": results}));
            }
        }
    }
    for step in steps {
        messages.push(json!({"role": "assistant", "content": step.said}));
        if step.results.is_empty() {
            continue;
        }
        let results: Vec<Value> = step
            .results
            .iter()
            .map(|r| {
                json!({"type": "tool_result", "tool_use_id": r.call.id, "content": r.text(),
                    "is_error": r.output.is_error})
            })
            .collect();
        messages.push(json!({"role": "user", "content": results}));
    }
    let max_tokens = agent.max_tokens.unwrap_or(AgentSpec::DEFAULT_MAX_TOKENS);
    let mut body = Map::new();
    body.insert("model".into(), json!(agent.model));
    body.insert("max_tokens".into(), json!(max_tokens));
    if !system.is_empty() {
        body.insert("system".into(), json!(system.join("\n\n")));
    }
    body.insert("messages".into(), Value::Array(messages));
    if !tools.is_empty() {
        let define = |tool: &Tool| {
            let mut described = tool.described();
            described.insert("input_schema".into(), tool.parameters().clone());
            Value::Object(described)
        };
        body.insert("tools".into(), tools.iter().map(define).collect());
    }
    body.insert("stream".into(), json!(agent.stream));
    Value::Object(body)
}

pub(super) fn read(agent: &AgentSpec, body: &[u8]) -> Result<Heard, AnswerError> {
    let message = if agent.stream && stream::is_events(body) {
        streamed(body)?
    } else {
        parse_json(body)?
    };
    let blocks = blocks(&message)?;
    let (mut ran, retrieval_context) = read_extension(&message)?;
    let mut asked = Vec::new();
    for block in blocks {
        let kind = block
            .get("type")
            .and_then(Value::as_str)
            .unwrap_or_default();
        match kind {
            "tool_use" => {
                let id = text_at(block, "id")
                    .ok_or(AnswerError::Shape("a `tool_use` block has no `id`"))?;
                let name = text_at(block, "name")
                    .filter(|name| !name.is_empty())
                    .ok_or(AnswerError::Shape("a `tool_use` block has no `name`"))?;
                let input = block.get("input").cloned().unwrap_or(Value::Null);
                asked.push(AskedCall::new(id, name, input));
            }
            // `server_tool_use`, `mcp_tool_use`: the provider ran these itself.
            _ if kind.ends_with("_tool_use") => ran.extend(server_call(block, blocks)),
            _ => {}
        }
    }
    let stop = text_at(&message, "stop_reason");
    let usage = usage(&message);
    Ok(Heard {
        answer: ChatAnswer {
            content: text(blocks),
            tool_calls: merge_calls(ran.clone(), asked.iter().map(AskedCall::told).collect()),
            usage,
            cost_usd: cost(agent.price.as_ref(), usage.as_ref()),
            model: text_at(&message, "model"),
            retrieval_context,
            finish_reason: stop.clone(),
            ..ChatAnswer::default()
        },
        ran,
        asked,
        said: blocks.iter().filter_map(sendable).collect(),
        more: if stop.as_deref() == Some("pause_turn") {
            More::Paused
        } else {
            More::Nothing
        },
        ..Heard::default()
    })
}

/// A block as the API takes it back: no empty text, and arguments that are an object even where they were cut off.
fn sendable(block: &Value) -> Option<Value> {
    let kind = block.get("type").and_then(Value::as_str);
    if kind == Some("text") && block.get("text").and_then(Value::as_str) == Some("") {
        return None;
    }
    let mut block = block.clone();
    if kind == Some("tool_use")
        && let Some(input) = block.get_mut("input").filter(|input| !input.is_object())
    {
        *input = json!({});
    }
    Some(block)
}

/// A call that the provider ran, with the result that stands in another block.
fn server_call(block: &Value, blocks: &[Value]) -> Option<ToolCall> {
    let id = block.get("id");
    let result = blocks
        .iter()
        .find(|b| id.is_some() && b.get("tool_use_id") == id);
    Some(ToolCall {
        name: text_at(block, "name").filter(|name| !name.is_empty())?,
        input_parameters: block.get("input").cloned().unwrap_or(Value::Null),
        output: result.and_then(|r| r.get("content")).cloned(),
    })
}

#[cfg(test)]
#[path = "anthropic_tests.rs"]
mod tests;
