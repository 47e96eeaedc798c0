//! What all who speak Anthropic's Messages API have in common: agents under test, and models that judge or play personas.

use crate::AnswerError;
use crate::answer::reported_error;
use assay_model::TokenUsage;
use serde_json::Value;

/// The version of the API, which every request names.
pub(crate) const VERSION: (&str, &str) = ("anthropic-version", "2023-06-01");

/// The blocks of an answer.
///
/// # Errors
/// The error that it reports instead, or that it has no list of blocks.
pub(crate) fn blocks(message: &Value) -> Result<&[Value], AnswerError> {
    if let Some(error) = reported_error(message) {
        return Err(error);
    }
    let blocks = message.get("content").and_then(Value::as_array);
    let blocks = blocks.ok_or(AnswerError::Shape("there is no `content` list"))?;
    Ok(blocks)
}

/// What the blocks say aloud: neither what was thought nor what was asked of tools.
pub(crate) fn text(blocks: &[Value]) -> String {
    let texts = blocks
        .iter()
        .filter(|block| block.get("type").and_then(Value::as_str) == Some("text"));
    texts
        .filter_map(|block| block.get("text").and_then(Value::as_str))
        .collect()
}

/// Tokens spent. Those that the cache took or gave are counted apart by the API, but were sent all the same.
pub(crate) fn usage(message: &Value) -> Option<TokenUsage> {
    let usage = message.get("usage")?;
    let count = |name: &str| usage.get(name).and_then(Value::as_u64);
    let cached = ["cache_creation_input_tokens", "cache_read_input_tokens"]
        .iter()
        .filter_map(|name| count(name));
    Some(TokenUsage {
        input: cached.fold(count("input_tokens")?, u64::saturating_add),
        output: count("output_tokens")?,
    })
}
