//! What OpenTelemetry's GenAI conventions say of an observation.

use super::bag::Bag;
use super::messages::{Message, messages};
use super::span::{Contents, Stored};
use assay_model::{Level, Observation, ObservationType};
use serde_json::{Value, json};

/// Parameters of a call that have a name of their own.
const PARAMETERS: [&str; 9] = [
    "temperature",
    "top_p",
    "top_k",
    "max_tokens",
    "seed",
    "frequency_penalty",
    "presence_penalty",
    "stop_sequences",
    "stream",
];

/// What concerns the observation.
pub(super) fn observation(bag: &mut Bag, o: &Observation, contents: &Contents) {
    bag.maybe("gen_ai.operation.name", operation(o.kind));
    match o.kind {
        ObservationType::Agent => bag.text("gen_ai.agent.name", &o.name),
        ObservationType::Tool => {
            bag.text("gen_ai.tool.name", &o.name);
            if !contents.large {
                bag.value("gen_ai.tool.call.arguments", &o.input);
                bag.value("gen_ai.tool.call.result", &o.output);
            }
        }
        _ => {}
    }
    if let Some(model) = &o.model {
        bag.text("gen_ai.request.model", model);
        bag.text("gen_ai.response.model", model);
    }
    for name in PARAMETERS {
        if let Some(value) = o.model_parameters.get(name) {
            bag.value(format!("gen_ai.request.{name}"), value);
        }
    }
    if let Some(usage) = o.usage {
        bag.count("gen_ai.usage.input_tokens", usage.input);
        bag.count("gen_ai.usage.output_tokens", usage.output);
    }
    for (bucket, key) in [
        ("input_cached_tokens", "cache_read.input_tokens"),
        ("input_cache_creation", "cache_creation.input_tokens"),
        ("output_reasoning_tokens", "reasoning.output_tokens"),
    ] {
        if let Some(n) = o.usage_details.get(bucket) {
            bag.count(format!("gen_ai.usage.{key}"), *n);
        }
    }
    if let Some(cost) = o.cost_usd {
        bag.real("gen_ai.usage.cost", cost);
    }
    if let Some(first) = o.completion_start_time {
        let after = first.micros().saturating_sub(o.start_time.micros());
        if after >= 0 {
            bag.real("gen_ai.response.time_to_first_chunk", after as f64 / 1e6);
        }
    }
    if o.kind == ObservationType::Generation && !contents.large {
        let all = |list: Vec<Message>, ended: bool| {
            Value::Array(list.iter().map(|m| parts(m, ended)).collect())
        };
        if let Some(list) = messages(&o.input, "user") {
            bag.json("gen_ai.input.messages", &all(list, false));
        }
        if let Some(list) = messages(&o.output, "assistant") {
            bag.json("gen_ai.output.messages", &all(list, true));
        }
    }
    if o.level == Level::Error {
        bag.text("error.type", "_OTHER");
    }
}

/// What concerns the trace.
pub(super) fn trace(bag: &mut Bag, stored: &Stored<'_>) {
    let session = stored.trace.and_then(|t| t.session_id.as_deref());
    bag.maybe("gen_ai.conversation.id", session);
    let environment = stored.observation.environment.as_deref();
    bag.maybe("deployment.environment.name", environment);
}

const fn operation(kind: ObservationType) -> Option<&'static str> {
    Some(match kind {
        ObservationType::Generation => "chat",
        ObservationType::Embedding => "embeddings",
        ObservationType::Agent => "invoke_agent",
        ObservationType::Tool => "execute_tool",
        ObservationType::Chain => "invoke_workflow",
        ObservationType::Retriever => "retrieval",
        ObservationType::Span
        | ObservationType::Event
        | ObservationType::Guardrail
        | ObservationType::Evaluator => return None,
    })
}

/// A message with its parts; one that a model gave says why it ended, which is not kept here.
fn parts(m: &Message, ended: bool) -> Value {
    let mut parts = Vec::new();
    match (&m.answers, &m.content) {
        (Some(call), content) => parts.push(json!({
            "type": "tool_call_response", "id": call, "response": content,
        })),
        (None, Some(content)) => parts.push(json!({"type": "text", "content": content})),
        (None, None) => {}
    }
    for call in &m.calls {
        parts.push(json!({
            "type": "tool_call", "id": call.id, "name": call.name, "arguments": call.arguments,
        }));
    }
    let mut message = json!({"role": m.role, "parts": parts});
    if let (true, Some(message)) = (ended, message.as_object_mut()) {
        message.insert("finish_reason".to_owned(), json!("stop"));
    }
    message
}
