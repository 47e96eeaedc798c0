//! The playground: a conversation with a model as one likes, of which nothing is kept.

use crate::{Message, RunError, TokenUsage, Validate, Validator};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// Most messages of a conversation.
const MAX_MESSAGES: usize = 200;

/// What a model is to go on with, and how. What is left out is as the model's own settings say.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ModelChatRequest {
    /// What was said so far.
    #[schemars(length(min = 1, max = 200))]
    pub messages: Vec<Message>,
    /// Sampling temperature; up to 1 for `anthropic`.
    #[serde(default)]
    #[schemars(range(min = 0, max = 2))]
    pub temperature: Option<f64>,
    /// Most tokens that the answer may have.
    #[serde(default)]
    #[schemars(range(min = 1, max = 128_000))]
    pub max_tokens: Option<u32>,
    /// For a repeatable answer, where the model keeps to it.
    #[serde(default)]
    pub seed: Option<u64>,
    /// A JSON Schema that the answer must fit, where the model takes one.
    #[serde(default)]
    pub response_schema: Option<Map<String, Value>>,
}

impl Validate for ModelChatRequest {
    fn check(&self, v: &mut Validator) {
        let count = self.messages.len();
        v.require(
            (1..=MAX_MESSAGES).contains(&count),
            "messages",
            "must have 1 to 200 messages",
        );
        v.each("messages", &self.messages);
        let said = self.messages.iter().any(|m| !m.content.is_empty());
        v.require(said || count == 0, "messages", "must say something");
        if let Some(temperature) = self.temperature {
            v.range("temperature", temperature, 0.0, 2.0);
        }
        if let Some(max_tokens) = self.max_tokens {
            v.range("max_tokens", max_tokens, 1, 128_000);
        }
        if let Some(seed) = self.seed {
            // Stores and providers count in signed integers.
            v.range("seed", seed, 0, i64::MAX.unsigned_abs());
        }
    }
}

/// What became of it.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
pub struct ModelChatReply {
    /// Whether there is an answer.
    pub ok: bool,
    /// The answer's text.
    pub answer: Option<String>,
    /// Why it ended: `stop`, `length`, or a word of the provider's.
    pub finish_reason: Option<String>,
    /// The model that answered, as the server names it.
    pub model: Option<String>,
    /// Tokens spent, when the server says.
    pub usage: Option<TokenUsage>,
    /// What it cost in US dollars, when usage and price are known.
    pub cost_usd: Option<f64>,
    /// How long it took, in milliseconds.
    pub latency_ms: i64,
    /// How long it took until the first words were there, in milliseconds, when it streamed.
    pub first_text_ms: Option<i64>,
    /// What went wrong.
    pub error: Option<RunError>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_cannot_be_asked_names_its_field() {
        let check = |request: Value, field: Option<&str>| {
            let read: ModelChatRequest = serde_json::from_value(request.clone()).unwrap();
            let errors = read.validate().err().unwrap_or_default();
            let fields: Vec<&str> = errors.iter().map(|e| e.field.as_str()).collect();
            assert_eq!(fields, Vec::from_iter(field), "{request}");
        };
        let hello = || json!({"role": "user", "content": "Hello"});
        check(json!({"messages": [hello()]}), None);
        check(
            json!({"messages": [hello()], "temperature": 0, "max_tokens": 1, "seed": 7, "response_schema": {}}),
            None,
        );
        check(json!({"messages": []}), Some("/messages"));
        check(
            json!({"messages": [{"role": "user", "content": ""}]}),
            Some("/messages"),
        );
        check(json!({"messages": vec![hello(); 201]}), Some("/messages"));
        check(
            json!({"messages": [hello()], "temperature": 2.1}),
            Some("/temperature"),
        );
        check(
            json!({"messages": [hello()], "max_tokens": 0}),
            Some("/max_tokens"),
        );
        check(
            json!({"messages": [hello()], "seed": u64::MAX}),
            Some("/seed"),
        );
    }
}
