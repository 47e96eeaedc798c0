//! What a span says of its kind of work, and of the call of a model: model, parameters, prompt, first token.

use crate::attributes::Attributes;
use crate::value::{filled, merge, number, parsed};
use assay_model::{ObservationType, Timestamp};
use serde_json::{Map, Value};

/// The attributes that name the model, the most telling first.
const MODEL: [&str; 10] = [
    "langfuse.observation.model.name",
    "gen_ai.response.model",
    "ai.model.id",
    "gen_ai.request.model",
    "llm.response.model",
    "llm.model_name",
    "llm.response.model_name",
    "embedding.model_name",
    "reranker.model_name",
    "model",
];

/// What Langfuse's SDKs say of model calls alone.
const CALL: [&str; 6] = [
    "langfuse.observation.model.name",
    "langfuse.observation.model.parameters",
    "langfuse.observation.usage_details",
    "langfuse.observation.cost_details",
    "langfuse.observation.prompt.name",
    "langfuse.observation.completion_start_time",
];

/// What kind of work the span is. Takes Langfuse's word, which says nothing else; leaves the others'. `untyped` says that
/// the client is one that called its generations spans.
pub(crate) fn kind(a: &mut Attributes, untyped: bool) -> ObservationType {
    if let Some(kind) = a.take_as("langfuse.observation.type", |v| named(v.as_str()?)) {
        return if untyped && kind == ObservationType::Span && CALL.iter().any(|key| a.has(key)) {
            ObservationType::Generation
        } else {
            kind
        };
    }
    let openinference = a.text("openinference.span.kind");
    openinference
        .and_then(by_openinference)
        .or_else(|| by_operation(a))
        .or_else(|| by_vercel(a))
        .or_else(|| is_tool(a).then_some(ObservationType::Tool))
        .unwrap_or_else(|| {
            // RERANKER, PROMPT and UNKNOWN are none of our types, and stay spans even when they name a model.
            if openinference.is_none() && MODEL.iter().any(|key| a.has(key)) {
                ObservationType::Generation
            } else {
                ObservationType::Span
            }
        })
}

fn named(name: &str) -> Option<ObservationType> {
    Some(match name.to_ascii_lowercase().as_str() {
        "span" => ObservationType::Span,
        "generation" => ObservationType::Generation,
        "event" => ObservationType::Event,
        "embedding" => ObservationType::Embedding,
        "agent" => ObservationType::Agent,
        "tool" => ObservationType::Tool,
        "chain" => ObservationType::Chain,
        "retriever" => ObservationType::Retriever,
        "guardrail" => ObservationType::Guardrail,
        "evaluator" => ObservationType::Evaluator,
        _ => return None,
    })
}

fn by_openinference(kind: &str) -> Option<ObservationType> {
    if kind.eq_ignore_ascii_case("llm") {
        Some(ObservationType::Generation)
    } else {
        named(kind)
    }
}

fn by_operation(a: &Attributes) -> Option<ObservationType> {
    Some(match a.text("gen_ai.operation.name")? {
        "chat" | "completion" | "text_completion" | "generate_content" | "generate" => {
            ObservationType::Generation
        }
        "embeddings" => ObservationType::Embedding,
        "invoke_agent" | "create_agent" => ObservationType::Agent,
        "execute_tool" => ObservationType::Tool,
        "retrieval" => ObservationType::Retriever,
        "invoke_workflow" => ObservationType::Chain,
        _ => return None,
    })
}

fn by_vercel(a: &Attributes) -> Option<ObservationType> {
    let operation = a
        .text("ai.operationId")
        .or_else(|| a.text("operation.name"))?;
    // `operation.name` may carry the function's id after a blank.
    let operation = operation.split(' ').next().unwrap_or_default();
    let generates = operation.contains(".doGenerate") || operation.contains(".doStream");
    if operation == "ai.toolCall" {
        Some(ObservationType::Tool)
    } else if operation.contains(".doEmbed") {
        Some(ObservationType::Embedding)
    } else if generates && MODEL.iter().any(|key| a.has(key)) {
        Some(ObservationType::Generation)
    } else {
        None
    }
}

fn is_tool(a: &Attributes) -> bool {
    a.has("gen_ai.tool.name") || a.has("gen_ai.tool.call.id")
}

/// The model that was called.
pub(crate) fn model(a: &mut Attributes) -> Option<String> {
    a.take_text(&MODEL)
}

/// Parameters of the call: an object, or null.
pub(crate) fn parameters(a: &mut Attributes) -> Value {
    let given = a.take_first(&[
        "langfuse.observation.model.parameters",
        "llm.invocation_parameters",
        "model_config",
    ]);
    let mut map = Map::new();
    match given {
        Some(given) => merge(&mut map, given, "value"),
        // The requested model stays with the attributes where the answering one won.
        None => map.extend(a.take_prefix_if("gen_ai.request.", |name| name != "model")),
    }
    filled(map)
}

/// Name and version of the prompt that was used. Vercel's users pass Langfuse's prompt on as JSON.
pub(crate) fn prompt(a: &mut Attributes) -> (Option<String>, Option<i64>) {
    let name = a.take_text(&["langfuse.observation.prompt.name"]);
    let version = a.take_as("langfuse.observation.prompt.version", whole);
    if name.is_some() || version.is_some() {
        return (name, version);
    }
    a.take_as("ai.telemetry.metadata.langfusePrompt", |value| {
        let prompt: Map<String, Value> = serde_json::from_str(value.as_str()?).ok()?;
        let name = prompt.get("name")?.as_str()?.to_owned();
        Some((Some(name), prompt.get("version").and_then(whole)))
    })
    .unwrap_or_default()
}

/// A whole number, or the text of one.
fn whole(value: &Value) -> Option<i64> {
    match value {
        Value::Number(n) => n.as_i64(),
        Value::String(text) => text.trim().trim_matches('"').parse().ok(),
        _ => None,
    }
}

/// When a streamed answer began: as a time, or as what passed since `start`.
pub(crate) fn completion_start(a: &mut Attributes, start: Timestamp) -> Option<Timestamp> {
    let after = |seconds: f64| {
        // A year is longer than any answer takes, and far from where the sum would not fit.
        let micros = (0.0..=3.2e7).contains(&seconds).then_some(seconds * 1e6)?;
        Some(Timestamp::from_micros(
            start.micros().saturating_add(micros.round() as i64),
        ))
    };
    a.take_as("langfuse.observation.completion_start_time", time)
        .or_else(|| a.take_as("ai.response.msToFirstChunk", |v| after(number(v)? / 1000.0)))
        .or_else(|| a.take_as("gen_ai.response.time_to_first_chunk", |v| after(number(v)?)))
}

/// RFC 3339, mostly as a JSON text within a text: `"\"2026-…Z\""`. Without an offset it is UTC.
fn time(value: &Value) -> Option<Timestamp> {
    let text = parsed(value.clone());
    let text = text.as_str()?.trim();
    Timestamp::parse(text)
        .or_else(|_| Timestamp::parse(&format!("{text}Z")))
        .ok()
}
