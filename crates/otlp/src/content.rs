//! What went in and what came out: the many ways in which spans carry it.

use crate::attributes::Attributes;
use crate::flat;
use crate::proto::Event;
use crate::value::{json, object};
use serde_json::{Map, Value};

/// The keys of conventions that have one for each side, the most telling first. A span of a tool of Google's kit has empty
/// objects for the model's request and answer as well.
const BEFORE_FLATTENED: [(&str, &str); 7] = [
    (
        "gcp.vertex.agent.tool_call_args",
        "gcp.vertex.agent.tool_response",
    ),
    (
        "gcp.vertex.agent.llm_request",
        "gcp.vertex.agent.llm_response",
    ),
    ("mlflow.spanInputs", "mlflow.spanOutputs"),
    ("traceloop.entity.input", "traceloop.entity.output"),
    ("input.value", "output.value"),
    ("input", "output"),
    ("tool_arguments", "tool_response"),
];

const AFTER_FLATTENED: [(&str, &str); 3] = [
    (MESSAGES.0, MESSAGES.1),
    ("gen_ai.prompt", "gen_ai.completion"),
    ("gen_ai.tool.call.arguments", "gen_ai.tool.call.result"),
];

/// All messages of a call, as attributes of its span or of an event.
pub(crate) const MESSAGES: (&str, &str) = ("gen_ai.input.messages", "gen_ai.output.messages");

/// The event that has [`MESSAGES`].
pub(crate) const DETAILS: &str = "gen_ai.client.inference.operation.details";

/// Input and output. Each convention is asked for both sides at once; the first with either ends the search, so that the
/// two never come from different conventions. Text is kept as it was sent, JSON or not. `vercel` says that the scope is
/// Vercel's AI SDK.
pub(crate) fn content(a: &mut Attributes, events: &mut Vec<Event>, vercel: bool) -> (Value, Value) {
    pair(
        a,
        "langfuse.observation.input",
        "langfuse.observation.output",
    )
    .or_else(|| {
        (vercel || a.has("ai.operationId"))
            .then(|| by_vercel(a))
            .flatten()
    })
    .or_else(|| messages_in_events(events))
    .or_else(|| details_in_event(events))
    .or_else(|| first_pair(a, &BEFORE_FLATTENED))
    .or_else(|| flattened(a, "gen_ai.prompt.", "gen_ai.completion."))
    .or_else(|| flattened(a, "llm.input_messages.", "llm.output_messages."))
    .or_else(|| first_pair(a, &AFTER_FLATTENED))
    .unwrap_or_default()
}

fn both(input: Option<Value>, output: Option<Value>) -> Option<(Value, Value)> {
    (input.is_some() || output.is_some())
        .then(|| (input.unwrap_or_default(), output.unwrap_or_default()))
}

fn pair(a: &mut Attributes, input: &str, output: &str) -> Option<(Value, Value)> {
    let (input, output) = (a.take(input), a.take(output));
    both(input, output)
}

fn first_pair(a: &mut Attributes, pairs: &[(&str, &str)]) -> Option<(Value, Value)> {
    pairs
        .iter()
        .find_map(|(input, output)| pair(a, input, output))
}

/// Vercel's AI SDK: a key for each kind of call.
fn by_vercel(a: &mut Attributes) -> Option<(Value, Value)> {
    let input = a.take_first(&[
        "ai.prompt.messages",
        "ai.prompt",
        "ai.toolCall.args",
        "ai.value",
        "ai.values",
    ]);
    let output = a.take_first(&[
        "ai.response.text",
        "ai.response.object",
        "ai.response.toolCalls",
        "ai.result.text",
        "ai.result.object",
        "ai.result.toolCalls",
        "ai.toolCall.result",
        "ai.embedding",
        "ai.embeddings",
    ]);
    both(input, output)
}

/// The first GenAI conventions put every message into an event of its own.
fn messages_in_events(events: &mut Vec<Event>) -> Option<(Value, Value)> {
    if !events.iter().any(|e| e.name.starts_with("gen_ai.")) {
        return None;
    }
    let mut input = Vec::new();
    let mut output = Vec::new();
    let mut others = Vec::new();
    for event in std::mem::take(events) {
        if let Some(role) = role(&event.name) {
            let mut message = Map::from_iter([("role".to_owned(), Value::from(role))]);
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

/// The role of a message whose event is called `name`.
pub(crate) fn role(name: &str) -> Option<&str> {
    let role = name.strip_prefix("gen_ai.")?.strip_suffix(".message")?;
    matches!(role, "system" | "user" | "assistant" | "tool").then_some(role)
}

/// The current conventions put all messages into one event, where they are not on the span. Other attributes of the event
/// stay with it.
fn details_in_event(events: &mut [Event]) -> Option<(Value, Value)> {
    let event = events.iter_mut().find(|e| e.name == DETAILS)?;
    let mut side = |key: &str| {
        let at = event.attributes.iter().position(|kv| kv.key == key)?;
        let value = event.attributes.remove(at).value.map(json);
        value.filter(|v| !v.is_null() && v.as_str() != Some(""))
    };
    let (input, output) = (side(MESSAGES.0), side(MESSAGES.1));
    both(input, output)
}

fn flattened(a: &mut Attributes, input: &str, output: &str) -> Option<(Value, Value)> {
    let numbered = |rest: &str| {
        let first = rest.split('.').next().unwrap_or_default();
        !first.is_empty() && first.bytes().all(|b| b.is_ascii_digit())
    };
    let mut side = |prefix: &str| {
        let entries = a.take_prefix_if(prefix, numbered);
        (!entries.is_empty()).then(|| flat::rebuild(entries))
    };
    let (input, output) = (side(input), side(output));
    both(input, output)
}
