//! A language model that judges or plays a persona.

use crate::schema::{HTTP_URL, NAME};
use crate::{PaceSpec, Validate, Validator};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// US dollars for a million tokens.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Price {
    /// For a million tokens of prompt.
    #[schemars(range(min = 0, max = 1_000_000))]
    pub input_per_million: f64,
    /// For a million generated tokens.
    #[schemars(range(min = 0, max = 1_000_000))]
    pub output_per_million: f64,
}

impl Validate for Price {
    fn check(&self, v: &mut Validator) {
        v.range("input_per_million", self.input_per_million, 0.0, 1e6);
        v.range("output_per_million", self.output_per_million, 0.0, 1e6);
    }
}

/// Whose API it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ModelProvider {
    /// One that speaks OpenAI's chat completions: most servers and gateways do. `base_url` ends in `/v1`, the key goes into
    /// `Authorization: Bearer`.
    #[default]
    OpenaiCompatible,
    /// OpenAI itself, which bounds an answer by `max_completion_tokens`; else as `openai_compatible`.
    Openai,
    /// Azure OpenAI, which takes its key in `api-key`; `base_url` may end in a query such as `?api-version=…`.
    AzureOpenai,
    /// Anthropic's Messages API. `base_url` ends in `/v1`, e.g. `https://api.anthropic.com/v1`; the key goes into `x-api-key`,
    /// beside `anthropic-version: 2023-06-01`. It has no log probabilities and no seed, and temperatures up to 1.
    Anthropic,
    /// Google's Gemini API. `base_url` ends in its version, e.g. `https://generativelanguage.googleapis.com/v1beta`; the key goes
    /// into `x-goog-api-key`.
    Gemini,
}

/// What a model takes of a request. What it does not take is left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Capabilities {
    /// A JSON Schema that the answer must fit.
    pub json_schema: bool,
    /// The wish for probabilities of tokens, by which scores are weighted.
    pub logprobs: bool,
    /// A seed for a repeatable answer.
    pub seed: bool,
    /// A temperature.
    pub temperature: bool,
}

impl Default for Capabilities {
    fn default() -> Self {
        Self {
            json_schema: true,
            logprobs: true,
            seed: true,
            temperature: true,
        }
    }
}

/// A model that judges or plays personas, as a client writes it. The key is write-only and kept apart.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ModelSpec {
    /// Display name.
    #[schemars(length(min = 1, max = 200), regex(pattern = NAME))]
    pub name: String,
    /// Whose API it is.
    #[serde(default)]
    pub provider: ModelProvider,
    /// Base URL up to and including the API's version, e.g. `/v1`. What follows is appended: `/chat/completions` for OpenAI's API,
    /// `/messages` for Anthropic's, `/models/{model}:generateContent` for Google's.
    #[schemars(url, regex(pattern = HTTP_URL))]
    pub base_url: String,
    /// The model's id at its provider.
    #[schemars(length(min = 1, max = 200), regex(pattern = NAME))]
    pub model: String,
    /// Sampling temperature; up to 1 for `anthropic`. Left out where the server refuses it.
    #[serde(default)]
    #[schemars(range(min = 0, max = 2))]
    pub temperature: f64,
    /// Most tokens one answer may have. What a model thinks before it answers counts as well.
    #[serde(default = "default_max_tokens")]
    #[schemars(range(min = 1, max = 128_000))]
    pub max_tokens: u32,
    /// Price, so that cost can be told; unknown when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub price: Option<Price>,
    /// What it takes of a request.
    #[serde(default, deserialize_with = "crate::object")]
    pub capabilities: Capabilities,
    /// How long one call may take, in milliseconds.
    #[serde(default = "default_timeout_ms")]
    #[schemars(range(min = 100, max = 600_000))]
    pub timeout_ms: u64,
    /// How many questions it is asked at once as a judge, by each instance of the platform; fewer while it says that it is too much.
    #[serde(default = "default_concurrency")]
    #[schemars(range(min = 1, max = 1000))]
    pub concurrency: u32,
    /// How fast it is called as a judge; as fast as it answers where nothing is said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pace: Option<PaceSpec>,
}

const fn default_concurrency() -> u32 {
    64
}

const fn default_max_tokens() -> u32 {
    1024
}

const fn default_timeout_ms() -> u64 {
    60_000
}

impl ModelSpec {
    /// All of it that an answer depends on, in an order that stays.
    #[must_use]
    pub fn identity(&self) -> Vec<Value> {
        let Self {
            name: _,
            provider,
            base_url,
            model,
            temperature,
            max_tokens,
            price: _,
            capabilities,
            timeout_ms: _,
            concurrency: _,
            pace: _,
        } = self;
        vec![
            json!(provider),
            json!(base_url),
            json!(model),
            json!(temperature),
            json!(max_tokens),
            json!(capabilities),
        ]
    }
}

impl Validate for ModelSpec {
    fn check(&self, v: &mut Validator) {
        v.name("name", &self.name, 200);
        v.http_url("base_url", &self.base_url);
        v.name("model", &self.model, 200);
        let warmest = if self.provider == ModelProvider::Anthropic {
            1.0
        } else {
            2.0
        };
        v.range("temperature", self.temperature, 0.0, warmest);
        v.range("max_tokens", self.max_tokens, 1, 128_000);
        v.range("timeout_ms", self.timeout_ms, 100, 600_000);
        v.range("concurrency", self.concurrency, 1, 1000);
        if let Some(pace) = &self.pace {
            v.at("pace", |v| pace.check(v));
        }
        if let Some(price) = &self.price {
            v.at("price", |v| price.check(v));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn temperatures_have_the_bounds_of_their_api() {
        for (provider, temperature, good) in [
            ("openai_compatible", 2.0, true),
            ("gemini", 2.0, true),
            ("gemini", 2.1, false),
            ("anthropic", 1.0, true),
            ("anthropic", 1.1, false),
        ] {
            let spec = json!({"name": "m", "provider": provider, "model": "m", "temperature": temperature,
                "base_url": "https://api.example.com/v1"});
            let spec: ModelSpec = serde_json::from_value(spec).unwrap();
            match spec.validate() {
                Ok(()) => assert!(good, "{provider} {temperature}"),
                Err(errors) => {
                    assert!(!good, "{provider} {temperature}");
                    let fields: Vec<&str> = errors.iter().map(|e| e.field.as_str()).collect();
                    assert_eq!(fields, ["/temperature"]);
                }
            }
        }
    }
}
