//! What went in and what came out: the many ways in which spans carry it.

use crate::attributes::{Attributes, object};
use crate::flat;
use crate::proto::Event;
use serde_json::{Map, Value};

/// Input and output. Each convention is asked for both sides at once; the first with either ends the search, so that the
/// two never come from different conventions. Text is kept as it was sent, JSON or not.
pub(crate) fn content(a: &mut Attributes, events: &mut Vec<Event>) -> (Value, Value) {
    pair(
        a,
        &["langfuse.observation.input"],
        &["langfuse.observation.output"],
    )
    .or_else(|| vercel(a))
    .or_else(|| messages_in_events(events))
    .or_else(|| {
        pair(
            a,
            &["gcp.vertex.agent.llm_request"],
            &["gcp.vertex.agent.llm_response"],
        )
    })
    .or_else(|| {
        pair(
            a,
            &["gcp.vertex.agent.tool_call_args"],
            &["gcp.vertex.agent.tool_response"],
        )
    })
    .or_else(|| pair(a, &["mlflow.spanInputs"], &["mlflow.spanOutputs"]))
    .or_else(|| pair(a, &["traceloop.entity.input"], &["traceloop.entity.output"]))
    .or_else(|| pair(a, &["input.value"], &["output.value"]))
    .or_else(|| pair(a, &["input"], &["output"]))
    .or_else(|| pair(a, &["tool_arguments"], &["tool_response"]))
    .or_else(|| flattened(a, "gen_ai.prompt.", "gen_ai.completion."))
    .or_else(|| flattened(a, "llm.input_messages.", "llm.output_messages."))
    .or_else(|| pair(a, &["gen_ai.input.messages"], &["gen_ai.output.messages"]))
    .or_else(|| pair(a, &["gen_ai.prompt"], &["gen_ai.completion"]))
    .or_else(|| {
        pair(
            a,
            &["gen_ai.tool.call.arguments"],
            &["gen_ai.tool.call.result"],
        )
    })
    .unwrap_or_default()
}

fn both(input: Option<Value>, output: Option<Value>) -> Option<(Value, Value)> {
    (input.is_some() || output.is_some())
        .then(|| (input.unwrap_or_default(), output.unwrap_or_default()))
}

fn pair(a: &mut Attributes, input: &[&str], output: &[&str]) -> Option<(Value, Value)> {
    let (input, output) = (a.take_first(input), a.take_first(output));
    both(input, output)
}

/// Vercel's AI SDK.
fn vercel(a: &mut Attributes) -> Option<(Value, Value)> {
    if !a.has("ai.operationId") {
        return None;
    }
    pair(
        a,
        &[
            "ai.prompt.messages",
            "ai.prompt",
            "ai.toolCall.args",
            "ai.value",
            "ai.values",
        ],
        &[
            "ai.response.text",
            "ai.response.object",
            "ai.response.toolCalls",
            "ai.result.text",
            "ai.result.object",
            "ai.result.toolCalls",
            "ai.toolCall.result",
            "ai.embedding",
            "ai.embeddings",
        ],
    )
}

/// The first GenAI conventions put every message into an event of its own.
fn messages_in_events(events: &mut Vec<Event>) -> Option<(Value, Value)> {
    let role = |name: &str| {
        let role = name.strip_prefix("gen_ai.")?.strip_suffix(".message")?;
        matches!(role, "system" | "user" | "assistant" | "tool").then(|| role.to_owned())
    };
    let mut input = Vec::new();
    let mut output = Vec::new();
    let mut others = Vec::new();
    for event in std::mem::take(events) {
        if let Some(role) = role(&event.name) {
            let mut message = Map::from_iter([("role".to_owned(), Value::String(role))]);
            message.extend(object(event.attributes));
            input.push(Value::Object(message));
        } else if event.name == "gen_ai.choice" {
            output.push(Value::Object(object(event.attributes)));
        } else {
            others.push(event);
        }
    }
    *events = others;
    let output = match output.len() {
        0 => None,
        1 => output.pop(),
        _ => Some(Value::Array(output)),
    };
    both((!input.is_empty()).then_some(Value::Array(input)), output)
}

fn flattened(a: &mut Attributes, input: &str, output: &str) -> Option<(Value, Value)> {
    let mut side = |prefix: &str| {
        let entries = a.take_prefix(prefix);
        let (indexed, others): (Vec<_>, Vec<_>) = entries.into_iter().partition(|(key, _)| {
            key.split('.')
                .next()
                .is_some_and(|first| !first.is_empty() && first.bytes().all(|b| b.is_ascii_digit()))
        });
        for (key, value) in others {
            a.put(&format!("{prefix}{key}"), value);
        }
        (!indexed.is_empty()).then(|| flat::rebuild(indexed))
    };
    let (input, output) = (side(input), side(output));
    both(input, output)
}
