//! What a span says of a model call: type, model, parameters, tokens, cost.

use crate::attributes::{Attributes, parsed, parsed_object};
use assay_model::{ObservationType, TokenUsage};
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

/// What kind of work the span is. Reads, takes nothing.
pub(crate) fn kind(a: &Attributes) -> ObservationType {
    by_langfuse(a)
        .or_else(|| by_openinference(a))
        .or_else(|| by_operation(a))
        .or_else(|| by_vercel(a))
        .unwrap_or_else(|| by_presence(a))
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

fn by_langfuse(a: &Attributes) -> Option<ObservationType> {
    a.text("langfuse.observation.type").and_then(named)
}

fn by_openinference(a: &Attributes) -> Option<ObservationType> {
    match a.text("openinference.span.kind")? {
        kind if kind.eq_ignore_ascii_case("llm") => Some(ObservationType::Generation),
        // RERANKER, PROMPT and UNKNOWN are not among the names, and stay spans even when they name a model.
        kind => Some(named(kind).unwrap_or_default()),
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

fn by_presence(a: &Attributes) -> ObservationType {
    if a.has("gen_ai.tool.name") || a.has("gen_ai.tool.call.id") {
        ObservationType::Tool
    } else if MODEL.iter().any(|key| a.has(key)) {
        ObservationType::Generation
    } else {
        ObservationType::Span
    }
}

/// The model that was called.
pub(crate) fn model(a: &mut Attributes) -> Option<String> {
    a.take_text(&MODEL)
}

/// Parameters of the call: an object, or null.
pub(crate) fn parameters(a: &mut Attributes) -> Value {
    for key in [
        "langfuse.observation.model.parameters",
        "llm.invocation_parameters",
        "model_config",
    ] {
        if let Some(value) = a.take(key) {
            return match parsed(value) {
                Value::Object(map) => Value::Object(map),
                other => Value::Object(Map::from_iter([("value".to_owned(), other)])),
            };
        }
    }
    // The requested model stays with the attributes where the answering one won.
    let requested = a.take("gen_ai.request.model");
    let map: Map<String, Value> = a.take_prefix("gen_ai.request.").into_iter().collect();
    if let Some(requested) = requested {
        a.put("gen_ai.request.model", requested);
    }
    if map.is_empty() {
        Value::Null
    } else {
        Value::Object(map)
    }
}

/// Tokens by bucket; buckets are disjoint, `total` aside.
pub(crate) type Details = Map<String, Value>;

/// Tokens spent, by bucket, as Langfuse names them.
pub(crate) fn usage_details(a: &mut Attributes) -> Details {
    if let Some(given) = a
        .take("langfuse.observation.usage_details")
        .and_then(parsed_object)
    {
        return given.into_iter().filter(|(_, v)| v.is_number()).collect();
    }
    let cost = a.take("gen_ai.usage.cost");
    let mut raw: Map<String, Value> = a.take_prefix("llm.token_count.").into_iter().collect();
    raw.extend(a.take_prefix("gen_ai.usage."));
    if let Some(cost) = cost {
        a.put("gen_ai.usage.cost", cost);
    }
    let mut take = |keys: &[&str]| -> Option<u64> {
        let mut found = None;
        for key in keys {
            // All spellings of one bucket are consumed, so that none is counted beside the other.
            let value = raw.remove(*key).as_ref().and_then(count);
            found = found.or(value);
        }
        found
    };
    let input = take(&["prompt_tokens", "input_tokens", "prompt"]);
    let output = take(&["completion_tokens", "output_tokens", "completion"]);
    let total = take(&["total_tokens", "total"]);
    let cached = take(&[
        "cache_read.input_tokens",
        "cache_read_input_tokens",
        "prompt_details.cache_read",
    ]);
    let creation = take(&[
        "cache_creation.input_tokens",
        "cache_creation_input_tokens",
        "prompt_details.cache_write",
    ]);
    let reasoning = take(&["reasoning.output_tokens", "completion_details.reasoning"]);
    let audio = take(&["completion_details.audio"]);

    let mut details = Details::new();
    let mut put = |name: &str, value: Option<u64>| {
        if let Some(value) = value {
            details.insert(name.to_owned(), Value::from(value));
        }
    };
    let less = |whole: Option<u64>, a: Option<u64>, b: Option<u64>| {
        whole.map(|n| {
            n.saturating_sub(a.unwrap_or(0))
                .saturating_sub(b.unwrap_or(0))
        })
    };
    put("input", less(input, cached, creation));
    put("output", less(output, reasoning, audio));
    put("input_cached_tokens", cached);
    put("input_cache_creation", creation);
    put("output_reasoning_tokens", reasoning);
    put("output_audio_tokens", audio);
    for (key, value) in &raw {
        put(key, count(value));
    }
    if !details.is_empty() {
        let sum = details
            .values()
            .filter_map(Value::as_u64)
            .fold(0, u64::saturating_add);
        details.insert("total".to_owned(), Value::from(total.unwrap_or(sum)));
    } else if let Some(total) = total {
        details.insert("total".to_owned(), Value::from(total));
    }
    details
}

/// The two sums that Assay's own type has: buckets with `input` in their name, and with `output`.
pub(crate) fn usage(details: &Details) -> Option<TokenUsage> {
    let sum = |part: &str| {
        let mut buckets = details
            .iter()
            .filter(|(name, _)| name.contains(part))
            .filter_map(|(_, v)| count(v))
            .peekable();
        buckets.peek()?;
        Some(buckets.fold(0, u64::saturating_add))
    };
    match (sum("input"), sum("output")) {
        (None, None) => None,
        (input, output) => Some(TokenUsage {
            input: input.unwrap_or(0),
            output: output.unwrap_or(0),
        }),
    }
}

/// Cost by bucket, in US dollars.
pub(crate) fn cost_details(a: &mut Attributes) -> Details {
    if let Some(given) = a
        .take("langfuse.observation.cost_details")
        .and_then(parsed_object)
    {
        return given.into_iter().filter(|(_, v)| v.is_number()).collect();
    }
    match a
        .take_first(&["gen_ai.usage.cost", "llm.cost.total"])
        .as_ref()
        .and_then(amount)
    {
        Some(total) => Details::from_iter([("total".to_owned(), Value::from(total))]),
        None => Details::new(),
    }
}

/// The whole cost: `total`, else the sum of all buckets.
pub(crate) fn cost(details: &Details) -> Option<f64> {
    if let Some(total) = details.get("total").and_then(amount) {
        return Some(total);
    }
    (!details.is_empty()).then(|| details.values().filter_map(amount).sum())
}

fn count(value: &Value) -> Option<u64> {
    match value {
        Value::Number(n) => n
            .as_u64()
            .or_else(|| n.as_f64().filter(|n| *n >= 0.0).map(|n| n as u64)),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    }
}

fn amount(value: &Value) -> Option<f64> {
    let number = match value {
        Value::Number(n) => n.as_f64(),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    };
    number.filter(|n| n.is_finite() && *n >= 0.0)
}
