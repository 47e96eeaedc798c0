//! Anthropic's Messages API: instructions apart, messages made of blocks.

use super::exchange::Step;
use super::history::{Entry, entries};
use super::{Heard, More, Turn};
use crate::answer::{parse_json, reported_error, text_at};
use crate::extension::{merge_calls, read_extension};
use crate::messages_api::{blocks, text, usage};
use crate::tool::Tool;
use crate::{AnswerError, AskedCall, ChatAnswer, cost, parts, stream};
use assay_model::{AgentSpec, Role, ToolCall};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// Most blocks of an answer.
const MAX_BLOCKS: u64 = 10_000;

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

/// The message that a stream of events adds up to.
fn streamed(body: &[u8]) -> Result<Value, AnswerError> {
    let mut streamed = Streamed::default();
    stream::hear_all(body, &mut streamed)?;
    if !streamed.ended {
        return Err(AnswerError::Shape("the stream broke off"));
    }
    let Streamed {
        mut message,
        blocks,
        ..
    } = streamed;
    let blocks = blocks.into_values().map(Block::whole).collect();
    message.insert("content".into(), blocks);
    Ok(Value::Object(message))
}

/// A message while it is streamed.
#[derive(Default)]
pub(super) struct Streamed {
    message: Map<String, Value>,
    blocks: BTreeMap<u64, Block>,
    ended: bool,
}

impl stream::Hears for Streamed {
    fn hear(&mut self, data: &str) -> Result<bool, AnswerError> {
        if data.trim().is_empty() {
            return Ok(false);
        }
        let event = parse_json(data.as_bytes())?;
        if let Some(error) = reported_error(&event) {
            return Err(error);
        }
        let index = event
            .get("index")
            .and_then(Value::as_u64)
            .filter(|index| *index < MAX_BLOCKS);
        match (event.get("type").and_then(Value::as_str), index) {
            (Some("message_start"), _) => {
                if let Some(Value::Object(start)) = event.get("message") {
                    self.message = start.clone();
                }
            }
            (Some("content_block_start"), Some(index)) => {
                if let Some(Value::Object(block)) = event.get("content_block") {
                    self.blocks.insert(index, Block::new(block.clone()));
                }
            }
            (Some("content_block_delta"), Some(index)) => {
                if let (Some(block), Some(delta)) =
                    (self.blocks.get_mut(&index), event.get("delta"))
                {
                    block.add(delta);
                }
            }
            (Some("message_delta"), _) => self.change(&event),
            (Some("message_stop"), _) => self.ended = true,
            _ => {}
        }
        Ok(false)
    }

    fn said(&self) -> String {
        let texts = self.blocks.values().filter_map(Block::text);
        texts.collect()
    }
}

impl Streamed {
    /// What is said of the whole message near its end.
    fn change(&mut self, event: &Value) {
        let message = &mut self.message;
        let fields = event.get("delta").and_then(Value::as_object);
        message.extend(
            fields
                .into_iter()
                .flatten()
                .map(|(k, v)| (k.clone(), v.clone())),
        );
        let spent = event.get("usage").and_then(Value::as_object);
        let usage = message.entry("usage").or_insert_with(|| json!({}));
        if let (Some(usage), Some(spent)) = (usage.as_object_mut(), spent) {
            let known = spent.iter().filter(|(_, count)| !count.is_null());
            usage.extend(known.map(|(k, v)| (k.clone(), v.clone())));
        }
        self.ended |= message.get("stop_reason").is_some_and(|r| !r.is_null());
    }
}

/// A block while it is streamed.
struct Block {
    fields: Map<String, Value>,
    /// Arguments of a call, as far as they are there.
    input: String,
}

impl Block {
    const fn new(fields: Map<String, Value>) -> Self {
        Self {
            fields,
            input: String::new(),
        }
    }

    fn add(&mut self, delta: &Value) {
        for field in ["text", "thinking", "signature"] {
            let Some(part) = delta.get(field).and_then(Value::as_str) else {
                continue;
            };
            let whole = self.fields.entry(field).or_insert_with(|| json!(""));
            *whole = json!(format!("{}{part}", whole.as_str().unwrap_or_default()));
        }
        if let Some(part) = delta.get("partial_json").and_then(Value::as_str) {
            self.input.push_str(part);
        }
    }

    /// Its text, where it is one.
    fn text(&self) -> Option<&str> {
        let field = |name: &str| self.fields.get(name).and_then(Value::as_str);
        field("text").filter(|_| field("type") == Some("text"))
    }

    fn whole(mut self) -> Value {
        if !self.input.is_empty() {
            let input = serde_json::from_str(&self.input).unwrap_or(Value::String(self.input));
            self.fields.insert("input".into(), input);
        }
        Value::Object(self.fields)
    }
}

#[cfg(test)]
#[path = "anthropic_tests.rs"]
mod tests;
