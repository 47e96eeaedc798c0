//! What OpenInference says of an observation: Phoenix reads it.

use super::LARGE;
use super::bag::{Bag, content};
use super::messages::{Message, messages};
use super::span::{Contents, Stored};
use crate::value::parsed;
use assay_model::{Observation, ObservationType};
use serde_json::Value;

/// Most documents of a retrieval that are shown one by one.
const MAX_DOCUMENTS: usize = 50;

/// What concerns the observation.
pub(super) fn observation(bag: &mut Bag, o: &Observation, contents: &Contents) {
    bag.text("openinference.span.kind", kind(o.kind));
    for (side, of) in [("input", &contents.input), ("output", &contents.output)] {
        if let Some((text, is_json)) = of {
            bag.text(format!("{side}.value"), text);
            let text = text.trim_start();
            let is_json = *is_json || text.starts_with('{') || text.starts_with('[');
            let mime = if is_json {
                "application/json"
            } else {
                "text/plain"
            };
            bag.text(format!("{side}.mime_type"), mime);
        }
    }
    match o.kind {
        ObservationType::Embedding => bag.maybe("embedding.model_name", o.model.as_deref()),
        _ => bag.maybe("llm.model_name", o.model.as_deref()),
    }
    bag.json("llm.invocation_parameters", &o.model_parameters);
    usage(bag, o);
    match o.kind {
        ObservationType::Generation if !contents.large => {
            for (side, value, role) in [
                ("input", &o.input, "user"),
                ("output", &o.output, "assistant"),
            ] {
                for (i, message) in messages(value, role).into_iter().flatten().enumerate() {
                    flattened(bag, &format!("llm.{side}_messages.{i}.message"), &message);
                }
            }
        }
        ObservationType::Tool => {
            bag.text("tool.name", &o.name);
            if !contents.large {
                bag.json("tool.parameters", &o.input);
            }
        }
        ObservationType::Agent => bag.text("agent.name", &o.name),
        ObservationType::Retriever if !contents.large => documents(bag, &o.output),
        _ => {}
    }
    let metadata = o.metadata.to_string();
    if metadata.len() <= LARGE {
        bag.json("metadata", &o.metadata);
    }
}

/// What concerns the trace. User and session have the names that Langfuse knows as well.
pub(super) fn trace(bag: &mut Bag, stored: &Stored<'_>) {
    if let Some(trace) = stored.trace {
        bag.texts("tag.tags", &trace.tags);
    }
}

const fn kind(of: ObservationType) -> &'static str {
    match of {
        ObservationType::Generation => "LLM",
        ObservationType::Embedding => "EMBEDDING",
        ObservationType::Agent => "AGENT",
        ObservationType::Tool => "TOOL",
        ObservationType::Chain => "CHAIN",
        ObservationType::Retriever => "RETRIEVER",
        ObservationType::Guardrail => "GUARDRAIL",
        ObservationType::Evaluator => "EVALUATOR",
        ObservationType::Span | ObservationType::Event => "UNKNOWN",
    }
}

fn usage(bag: &mut Bag, o: &Observation) {
    if let Some(usage) = o.usage {
        bag.count("llm.token_count.prompt", usage.input);
        bag.count("llm.token_count.completion", usage.output);
        let sum = usage.input.saturating_add(usage.output);
        let total = o.usage_details.get("total").copied();
        bag.count("llm.token_count.total", total.unwrap_or(sum));
    }
    for (bucket, key) in [
        ("input_cached_tokens", "prompt_details.cache_read"),
        ("input_cache_creation", "prompt_details.cache_write"),
        ("input_audio_tokens", "prompt_details.audio"),
        ("output_reasoning_tokens", "completion_details.reasoning"),
        ("output_audio_tokens", "completion_details.audio"),
    ] {
        if let Some(n) = o.usage_details.get(bucket) {
            bag.count(format!("llm.token_count.{key}"), *n);
        }
    }
    if let Some(cost) = o.cost_usd {
        bag.real("llm.cost.total", cost);
    }
    for (bucket, key) in [("input", "prompt"), ("output", "completion")] {
        if let Some(cost) = o.cost_details.get(bucket) {
            bag.real(format!("llm.cost.{key}"), *cost);
        }
    }
}

fn flattened(bag: &mut Bag, place: &str, m: &Message) {
    bag.text(format!("{place}.role"), &m.role);
    bag.maybe(format!("{place}.content"), m.content.as_deref());
    bag.maybe(format!("{place}.tool_call_id"), m.answers.as_deref());
    for (i, call) in m.calls.iter().enumerate() {
        let place = format!("{place}.tool_calls.{i}.tool_call");
        bag.text(format!("{place}.id"), &call.id);
        bag.text(format!("{place}.function.name"), &call.name);
        let arguments = content(&call.arguments).unwrap_or_default().0;
        bag.text(format!("{place}.function.arguments"), &arguments);
    }
}

/// What a retrieval found, where it is a list.
fn documents(bag: &mut Bag, output: &Value) {
    let output = parsed(output.clone());
    let list = output.get("documents").unwrap_or(&output).as_array();
    for (i, document) in list.into_iter().flatten().take(MAX_DOCUMENTS).enumerate() {
        let place = format!("retrieval.documents.{i}.document");
        let text = ["content", "page_content", "text"]
            .iter()
            .find_map(|key| document.get(key)?.as_str())
            .or_else(|| document.as_str());
        bag.maybe(format!("{place}.content"), text);
        let id = document.get("id").and_then(Value::as_str);
        bag.maybe(format!("{place}.id"), id);
        if let Some(score) = document.get("score").and_then(Value::as_f64) {
            bag.real(format!("{place}.score"), score);
        }
        if let Some(metadata) = document.get("metadata") {
            bag.json(format!("{place}.metadata"), metadata);
        }
    }
}
