//! OpenAI's Responses API: a list of items in, a list of items out.

use super::exchange::Step;
use super::history::{Entry, entries};
use super::{Heard, Turn};
use crate::answer::{parse_json, read_usage, reported_error, text_at};
use crate::extension::{merge_calls, read_arguments, read_call, read_extension};
use crate::tool::Tool;
use crate::{AnswerError, AskedCall, ChatAnswer, cost, parts, pictured, stream};
use assay_model::{AgentSpec, ToolCall};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// Most items of an answer.
const MAX_ITEMS: u64 = 10_000;

pub(super) fn body(turn: &Turn<'_>, tools: &[Tool], steps: &[Step]) -> Value {
    let agent = turn.agent;
    let mut input = Vec::new();
    for entry in entries(turn.messages, !tools.is_empty()) {
        match entry {
            Entry::Said { role, content } => {
                input
                    .push(json!({"role": role, "content": parts::openai_responses(role, content)}));
            }
            Entry::Called(calls) => {
                for call in &calls {
                    input.push(
                        json!({"type": "function_call", "call_id": call.id, "name": call.name,
                        "arguments": call.arguments.to_string()}),
                    );
                }
                for call in &calls {
                    input.push(result(&call.id, &call.output));
                }
            }
        }
    }
    for step in steps {
        // Reasoning goes back with the calls that it led to: the API refuses one without the other.
        input.extend(step.said.iter().cloned());
        let results = step.results.iter();
        input.extend(results.map(|r| result(&r.call.id, &r.text())));
    }
    let mut body = Map::new();
    let mut set = |name: &str, value: Option<Value>| {
        if let Some(value) = value {
            body.insert(name.to_owned(), value);
        }
    };
    set("model", agent.model.as_ref().map(|m| json!(m)));
    set(
        "instructions",
        agent.system_prompt.as_ref().map(|text| json!(text)),
    );
    set("input", Some(Value::Array(input)));
    set("max_output_tokens", agent.max_tokens.map(|n| json!(n)));
    set("tools", definitions(tools));
    set("stream", Some(json!(agent.stream)));
    Value::Object(body)
}

fn definitions(tools: &[Tool]) -> Option<Value> {
    let define = |tool: &Tool| {
        let mut function = tool.described();
        function.insert("type".into(), json!("function"));
        function.insert("parameters".into(), tool.parameters().clone());
        // The API's own default would refuse schemas with optional properties.
        function.insert("strict".into(), json!(false));
        Value::Object(function)
    };
    (!tools.is_empty()).then(|| tools.iter().map(define).collect())
}

fn result(call_id: &str, output: &str) -> Value {
    json!({"type": "function_call_output", "call_id": call_id, "output": output})
}

pub(super) fn read(agent: &AgentSpec, body: &[u8]) -> Result<Heard, AnswerError> {
    let response = if agent.stream && stream::is_events(body) {
        streamed(body)?
    } else {
        parse_json(body)?
    };
    heard(agent, &response)
}

fn heard(agent: &AgentSpec, response: &Value) -> Result<Heard, AnswerError> {
    if let Some(error) = reported_error(response) {
        return Err(error);
    }
    match response.get("status").and_then(Value::as_str) {
        Some("failed" | "cancelled") => {
            return Err(AnswerError::Reported("the response has failed".to_owned()));
        }
        Some("queued" | "in_progress") => {
            return Err(AnswerError::Shape("the response is not complete"));
        }
        _ => {}
    }
    let items = response
        .get("output")
        .and_then(Value::as_array)
        .ok_or(AnswerError::Shape("there is no `output` list"))?;
    let (mut ran, mut retrieval_context) = read_extension(response)?;
    let (mut asked, mut images) = (Vec::new(), Vec::new());
    for item in items {
        match item.get("type").and_then(Value::as_str) {
            Some("function_call") => {
                let id = text_at(item, "call_id")
                    .ok_or(AnswerError::Shape("a `function_call` has no `call_id`"))?;
                let name = text_at(item, "name")
                    .filter(|name| !name.is_empty())
                    .ok_or(AnswerError::Shape("a `function_call` has no `name`"))?;
                asked.push(AskedCall::new(
                    id,
                    name,
                    read_arguments(item.get("arguments")),
                ));
            }
            // Tools of the provider's own: it ran them already.
            Some("mcp_call") => ran.extend(read_call(item)),
            Some(kind @ "file_search_call") => {
                let passages = item.get("results").and_then(Value::as_array);
                let texts = passages.into_iter().flatten();
                retrieval_context.extend(texts.filter_map(|r| text_at(r, "text")));
                ran.push(builtin(kind, item, "queries"));
            }
            Some("image_generation_call") => images.extend(pictured::generated(item)),
            Some(kind @ "web_search_call") => ran.push(builtin(kind, item, "action")),
            Some(kind @ "code_interpreter_call") => ran.push(builtin(kind, item, "code")),
            _ => {}
        }
    }
    let content = texts(items);
    if content.is_none() && images.is_empty() && asked.is_empty() && ran.is_empty() {
        return Err(AnswerError::Shape("the output has neither text nor calls"));
    }
    let usage = read_usage(response);
    Ok(Heard {
        answer: ChatAnswer {
            content: content.unwrap_or_default(),
            images,
            tool_calls: merge_calls(ran.clone(), asked.iter().map(AskedCall::told).collect()),
            usage,
            cost_usd: cost(agent.price.as_ref(), usage.as_ref()),
            model: text_at(response, "model"),
            retrieval_context,
            finish_reason: response
                .pointer("/incomplete_details/reason")
                .and_then(Value::as_str)
                .map(str::to_owned)
                .or_else(|| text_at(response, "status")),
            ..ChatAnswer::default()
        },
        ran,
        asked,
        said: items.clone(),
        ..Heard::default()
    })
}

/// A call of a tool that the provider has: `web_search_call` is one of `web_search`, with what it was asked.
fn builtin(kind: &str, item: &Value, asked: &str) -> ToolCall {
    ToolCall {
        name: kind.trim_end_matches("_call").to_owned(),
        input_parameters: json!({asked: item.get(asked).cloned().unwrap_or(Value::Null)}),
        output: None,
    }
}

/// The text of all messages; where some are marked as the final answer, of those alone. Refusals are text.
fn texts(items: &[Value]) -> Option<String> {
    let messages: Vec<&Value> = items
        .iter()
        .filter(|item| item.get("type").and_then(Value::as_str) == Some("message"))
        .collect();
    let last = |item: &&&Value| item.get("phase").and_then(Value::as_str) == Some("final_answer");
    let marked = messages.iter().any(|item| last(&item));
    let parts = messages
        .iter()
        .filter(|item| !marked || last(item))
        .filter_map(|item| item.get("content")?.as_array())
        .flatten();
    let text = parts.filter_map(|part| {
        let text = part.get("text").or_else(|| part.get("refusal"))?;
        text.as_str()
    });
    (!messages.is_empty()).then(|| text.collect())
}

/// The response that a stream of events ends with.
fn streamed(body: &[u8]) -> Result<Value, AnswerError> {
    let mut streamed = Streamed::default();
    stream::hear_all(body, &mut streamed)?;
    streamed
        .response
        .ok_or(AnswerError::Shape("the stream broke off"))
}

/// A response while it is streamed.
#[derive(Default)]
pub(super) struct Streamed {
    /// Items that are done. Some servers leave them out of the last event, for they have sent them one by one.
    items: BTreeMap<u64, Value>,
    /// Messages that are not, by their items' places.
    open: BTreeMap<u64, Open>,
    response: Option<Value>,
}

/// A message that has begun.
#[derive(Default)]
struct Open {
    phase: Value,
    /// Texts by their places in it.
    parts: BTreeMap<u64, String>,
}

impl Open {
    fn as_item(&self) -> Value {
        let parts = self.parts.values().map(|text| json!({"text": text}));
        json!({"type": "message", "phase": self.phase, "content": parts.collect::<Vec<_>>()})
    }
}

impl stream::Hears for Streamed {
    fn hear(&mut self, data: &str) -> Result<bool, AnswerError> {
        if data.trim().is_empty() || data.trim() == "[DONE]" {
            return Ok(false);
        }
        let mut event = parse_json(data.as_bytes())?;
        let number = |name: &str| event.get(name).and_then(Value::as_u64);
        let index = number("output_index").filter(|index| *index < MAX_ITEMS);
        let part = number("content_index").filter(|part| *part < MAX_ITEMS);
        let kind = text_at(&event, "type").unwrap_or_default();
        match kind.as_str() {
            "response.output_item.added" => {
                if let Some(index) = index
                    && let Some(item) = event.get("item")
                    && item.get("type").and_then(Value::as_str) == Some("message")
                {
                    let phase = item.get("phase").cloned().unwrap_or(Value::Null);
                    self.open.entry(index).or_default().phase = phase;
                }
            }
            "response.output_text.delta" | "response.refusal.delta" => {
                if let Some(index) = index
                    && let Some(delta) = event.get("delta").and_then(Value::as_str)
                {
                    let parts = &mut self.open.entry(index).or_default().parts;
                    parts
                        .entry(part.unwrap_or_default())
                        .or_default()
                        .push_str(delta);
                }
            }
            "response.output_item.done" => {
                let index = number("output_index");
                let index = index.unwrap_or(u64::try_from(self.items.len()).unwrap_or(MAX_ITEMS));
                if let Some(item) = event.get("item").filter(|_| index < MAX_ITEMS) {
                    self.items.insert(index, item.clone());
                    self.open.remove(&index);
                }
            }
            "response.completed" | "response.incomplete" | "response.failed" => {
                let mut response = event.get_mut("response").map_or(Value::Null, Value::take);
                let empty = |output: &Value| output.as_array().is_some_and(Vec::is_empty);
                if let Some(fields) = response.as_object_mut()
                    && fields.get("output").is_none_or(empty)
                {
                    let items = std::mem::take(&mut self.items);
                    fields.insert("output".into(), items.into_values().collect());
                }
                self.response = Some(response);
                return Ok(true);
            }
            "error" => {
                let nested = reported_error(&event);
                let plain = || text_at(&event, "message").unwrap_or_else(|| "error".to_owned());
                return Err(
                    nested.unwrap_or_else(|| AnswerError::Reported(crate::excerpt(&plain())))
                );
            }
            _ => {
                if let Some(error) = reported_error(&event) {
                    return Err(error);
                }
            }
        }
        Ok(false)
    }

    fn said(&self) -> String {
        let whole = self.response.as_ref().and_then(|r| r.get("output"));
        if let Some(Value::Array(items)) = whole {
            return texts(items).unwrap_or_default();
        }
        let mut items: BTreeMap<u64, Value> = self.items.clone();
        let open = self.open.iter();
        items.extend(open.map(|(index, open)| (*index, open.as_item())));
        let items: Vec<Value> = items.into_values().collect();
        texts(&items).unwrap_or_default()
    }
}

#[cfg(test)]
#[path = "openai_responses_tests.rs"]
mod tests;
