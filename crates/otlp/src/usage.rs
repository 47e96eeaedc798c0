//! Tokens and cost by bucket, under Langfuse's names.

use crate::attributes::Attributes;
use crate::value::number;
use assay_model::TokenUsage;
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// Tokens by bucket; buckets are disjoint, `total` aside.
pub(crate) type Tokens = BTreeMap<String, u64>;

/// US dollars by bucket.
pub(crate) type Cost = BTreeMap<String, f64>;

const INPUT: [&str; 6] = [
    "prompt_tokens",
    "input_tokens",
    "prompt",
    "inputTokens",
    "promptTokens",
    "tokens",
];
const OUTPUT: [&str; 5] = [
    "completion_tokens",
    "output_tokens",
    "completion",
    "outputTokens",
    "completionTokens",
];
const TOTAL: [&str; 3] = ["total_tokens", "total", "totalTokens"];
const CACHE_READ: [&str; 6] = [
    "cache_read.input_tokens",
    "cache_read_input_tokens",
    "prompt_details.cache_read",
    "cachedInputTokens",
    "inputTokenDetails.cacheReadTokens",
    "details.cache_read_tokens",
];
const CACHE_WRITE: [&str; 5] = [
    "cache_creation.input_tokens",
    "cache_creation_input_tokens",
    "prompt_details.cache_write",
    "inputTokenDetails.cacheWriteTokens",
    "details.cache_write_tokens",
];
const REASONING: [&str; 6] = [
    "reasoning.output_tokens",
    "completion_details.reasoning",
    "reasoningTokens",
    "outputTokenDetails.reasoningTokens",
    "reasoning_tokens",
    "details.reasoning_tokens",
];
const INPUT_AUDIO: [&str; 1] = ["prompt_details.audio"];
const OUTPUT_AUDIO: [&str; 1] = ["completion_details.audio"];

/// What is no bucket of its own: money, and what other buckets already hold.
const NO_BUCKET: [&str; 3] = [
    "cost",
    "inputTokenDetails.noCacheTokens",
    "outputTokenDetails.textTokens",
];

/// Under which keys conventions count tokens, the most telling first.
const PREFIXES: [&str; 4] = [
    "gen_ai.usage.",
    "llm.token_count.",
    "ai.usage.",
    "llm.usage.",
];

/// Tokens spent. What is no count stays with the attributes.
pub(crate) fn tokens(a: &mut Attributes) -> Tokens {
    if let Some(given) = a.take_as("langfuse.observation.usage_details", fields) {
        return given
            .into_iter()
            .filter_map(|(name, value)| Some((name, count(&value)?)))
            .collect();
    }
    let mut raw: Vec<(String, u64)> = Vec::new();
    for prefix in PREFIXES {
        for (name, value) in a.take_prefix_if(prefix, |name| !NO_BUCKET.contains(&name)) {
            match count(&value) {
                Some(n) => raw.push((name, n)),
                None => a.put(format!("{prefix}{name}"), value),
            }
        }
    }
    if raw.is_empty() {
        return Tokens::new();
    }
    // All spellings of one bucket are consumed, so that none is counted beside the other.
    let mut take = |names: &[&str]| -> Option<u64> {
        let best = names
            .iter()
            .find_map(|name| raw.iter().find(|(n, _)| n == name).map(|(_, count)| *count))?;
        raw.retain(|(n, _)| !names.contains(&n.as_str()));
        Some(best)
    };
    let (input, output, total) = (take(&INPUT), take(&OUTPUT), take(&TOTAL));
    let (cached, written) = (take(&CACHE_READ), take(&CACHE_WRITE));
    let (heard, reasoning, spoken) = (take(&INPUT_AUDIO), take(&REASONING), take(&OUTPUT_AUDIO));
    let less = |whole: Option<u64>, parts: &[Option<u64>]| {
        let parts = parts.iter().flatten().copied();
        whole.map(|n| parts.fold(n, u64::saturating_sub))
    };
    let mut tokens = Tokens::new();
    for (name, count) in [
        ("input", less(input, &[cached, written, heard])),
        ("output", less(output, &[reasoning, spoken])),
        ("input_cached_tokens", cached),
        ("input_cache_creation", written),
        ("input_audio_tokens", heard),
        ("output_reasoning_tokens", reasoning),
        ("output_audio_tokens", spoken),
    ] {
        if let Some(count) = count {
            tokens.insert(name.to_owned(), count);
        }
    }
    for (name, count) in raw {
        tokens.entry(name).or_insert(count);
    }
    let total = total.unwrap_or_else(|| sum(tokens.values().copied()));
    tokens.insert("total".to_owned(), total);
    tokens
}

/// The two sums that Assay's own type has: buckets with `input` in their name, and with `output`.
pub(crate) fn usage(tokens: &Tokens) -> Option<TokenUsage> {
    let part = |part: &str| {
        let mut counts = tokens
            .iter()
            .filter(|(name, _)| name.contains(part))
            .map(|(_, count)| *count)
            .peekable();
        counts.peek()?;
        Some(sum(counts))
    };
    match (part("input"), part("output")) {
        (None, None) => None,
        (input, output) => Some(TokenUsage {
            input: input.unwrap_or(0),
            output: output.unwrap_or(0),
        }),
    }
}

/// What the call cost, where the client says so.
pub(crate) fn cost(a: &mut Attributes) -> Cost {
    if let Some(given) = a.take_as("langfuse.observation.cost_details", fields) {
        return given
            .into_iter()
            .filter_map(|(name, value)| Some((name, amount(&value)?)))
            .collect();
    }
    ["gen_ai.usage.cost", "llm.cost.total"]
        .into_iter()
        .find_map(|key| a.take_as(key, amount))
        .map(|total| Cost::from_iter([("total".to_owned(), total)]))
        .unwrap_or_default()
}

/// The whole cost: `total`, else the sum of all buckets.
pub(crate) fn total_cost(cost: &Cost) -> Option<f64> {
    let sum = || (!cost.is_empty()).then(|| cost.values().sum::<f64>());
    cost.get("total")
        .copied()
        .or_else(sum)
        .filter(|n| n.is_finite())
}

/// An object, or the JSON text of one.
fn fields(value: &Value) -> Option<Map<String, Value>> {
    match value {
        Value::String(text) => serde_json::from_str(text).ok(),
        Value::Object(map) => Some(map.clone()),
        _ => None,
    }
}

/// Stores count in signed integers.
const MAX: u64 = i64::MAX.unsigned_abs();

fn sum(counts: impl Iterator<Item = u64>) -> u64 {
    counts.fold(0, u64::saturating_add).min(MAX)
}

/// A whole number that is not negative, or the text of one.
fn count(value: &Value) -> Option<u64> {
    let whole = |n: f64| (n.fract() == 0.0 && (0.0..9e15).contains(&n)).then_some(n as u64);
    match value {
        Value::Number(n) => n.as_u64().or_else(|| n.as_f64().and_then(whole)),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    }
    .filter(|n| *n <= MAX)
}

/// An amount of money, or the text of one.
fn amount(value: &Value) -> Option<f64> {
    number(value).filter(|n| *n >= 0.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn counts_are_whole_and_not_negative() {
        for (value, expected) in [
            (json!(3), Some(3)),
            (json!(3.0), Some(3)),
            (json!(" 3 "), Some(3)),
            (json!(3.5), None),
            (json!(-1), None),
            (json!(u64::MAX), None),
            (json!(1e300), None),
            (json!("NaN"), None),
            (json!(null), None),
            (json!(true), None),
        ] {
            assert_eq!(count(&value), expected, "{value}");
        }
    }

    #[test]
    fn sums_stay_within_what_stores_hold() {
        let tokens = Tokens::from_iter([("input".to_owned(), MAX), ("input_x".to_owned(), MAX)]);
        assert_eq!(usage(&tokens).map(|u| u.input), Some(MAX));
        let cost = Cost::from_iter([("a".to_owned(), f64::MAX), ("b".to_owned(), f64::MAX)]);
        assert_eq!(total_cost(&cost), None);
    }
}
