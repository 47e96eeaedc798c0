//! A language model that judges or plays a persona.

use crate::schema::{HTTP_URL, NAME};
use crate::{Validate, Validator};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

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

/// Whose API it is: they differ in small things.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ModelProvider {
    /// One that speaks OpenAI's chat completions: most servers and gateways do.
    #[default]
    OpenaiCompatible,
    /// OpenAI itself, which bounds an answer by `max_completion_tokens`.
    Openai,
    /// Azure OpenAI, which takes its key in `api-key`; `base_url` may end in a query such as `?api-version=…`.
    AzureOpenai,
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

/// A model behind an OpenAI-compatible endpoint, as a client writes it. The key is write-only and kept apart.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ModelSpec {
    /// Display name.
    #[schemars(length(min = 1, max = 200), regex(pattern = NAME))]
    pub name: String,
    /// Whose API it is.
    #[serde(default)]
    pub provider: ModelProvider,
    /// Base URL up to and including `/v1`; `/chat/completions` is appended.
    #[schemars(url, regex(pattern = HTTP_URL))]
    pub base_url: String,
    /// The model's id at its provider.
    #[schemars(length(min = 1, max = 200), regex(pattern = NAME))]
    pub model: String,
    /// Sampling temperature.
    #[serde(default)]
    #[schemars(range(min = 0, max = 2))]
    pub temperature: f64,
    /// Most tokens one answer may have.
    #[serde(default = "default_max_tokens")]
    #[schemars(range(min = 1, max = 128_000))]
    pub max_tokens: u32,
    /// Price, so that cost can be told; unknown when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub price: Option<Price>,
    /// What it takes of a request.
    #[serde(default)]
    pub capabilities: Capabilities,
    /// How long one call may take, in milliseconds.
    #[serde(default = "default_timeout_ms")]
    #[schemars(range(min = 100, max = 600_000))]
    pub timeout_ms: u64,
}

const fn default_max_tokens() -> u32 {
    1024
}

const fn default_timeout_ms() -> u64 {
    60_000
}

impl Validate for ModelSpec {
    fn check(&self, v: &mut Validator) {
        v.name("name", &self.name, 200);
        v.http_url("base_url", &self.base_url);
        v.name("model", &self.model, 200);
        v.range("temperature", self.temperature, 0.0, 2.0);
        v.range("max_tokens", self.max_tokens, 1, 128_000);
        v.range("timeout_ms", self.timeout_ms, 100, 600_000);
        if let Some(price) = &self.price {
            v.at("price", |v| price.check(v));
        }
    }
}
