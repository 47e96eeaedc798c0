//! The agent under test: an HTTP endpoint and how to talk to it.

use crate::schema::{HTTP_URL, NAME};
use crate::{Price, Validate, Validator, headers};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;

/// The protocol the agent speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum AgentKind {
    /// `POST` of an OpenAI chat completion.
    OpenaiChat,
    /// `POST` of a templated JSON body; the answer is found by JSON pointer.
    Http,
}

/// How the credential is presented to the agent. The secret itself is stored encrypted and apart.
// Unit variants would take any further field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", tag = "type", deny_unknown_fields)]
pub enum AuthScheme {
    /// No credential.
    None {},
    /// `Authorization: Bearer <secret>`.
    Bearer {},
    /// `<name>: <secret>`.
    Header {
        /// The header's name.
        #[schemars(regex(pattern = "^[A-Za-z0-9_-]+$"))]
        name: String,
    },
}

impl Default for AuthScheme {
    fn default() -> Self {
        Self::None {}
    }
}

/// An agent as a client writes it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AgentSpec {
    /// Display name.
    #[schemars(length(min = 1, max = 200), regex(pattern = NAME))]
    pub name: String,
    /// For people.
    #[serde(default)]
    #[schemars(length(max = 10000))]
    pub description: String,
    /// The protocol.
    pub kind: AgentKind,
    /// The whole URL that is posted to.
    #[schemars(url, regex(pattern = HTTP_URL))]
    pub url: String,
    /// `model` of an OpenAI request.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// Instructions sent as the first message.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub system_prompt: Option<String>,
    /// Further request headers. Values are templates, as `body_template` is. Never a place for secrets: they are shown
    /// again.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[schemars(extend("maxProperties" = 50))]
    pub headers: BTreeMap<String, String>,
    /// For `http`: a JSON template, strings in it rendered with `{{ input }}`, `{{ messages }}`, `{{ run_id }}`.
    #[serde(default, skip_serializing_if = "Value::is_null")]
    pub body_template: Value,
    /// For `http`: JSON pointer to the answer's text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(regex(pattern = "^(/|$)"))]
    pub response_pointer: Option<String>,
    /// Whether the agent answers by server-sent events. `openai_chat` asks for them; of `http` the texts at
    /// `response_pointer` of all events are joined.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub stream: bool,
    /// How the credential is presented.
    #[serde(default)]
    pub auth: AuthScheme,
    /// How long one answer may take, in milliseconds.
    #[serde(default = "default_timeout_ms")]
    #[schemars(range(min = 100, max = 600_000))]
    pub timeout_ms: u64,
    /// Price per token, so that cost can be told; unknown when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub price: Option<Price>,
}

const fn default_timeout_ms() -> u64 {
    60_000
}

impl Validate for AgentSpec {
    fn check(&self, v: &mut Validator) {
        v.name("name", &self.name, 200);
        v.require(
            self.description.len() <= 10_000,
            "description",
            "must be at most 10000 bytes",
        );
        v.http_url("url", &self.url);
        v.range("timeout_ms", self.timeout_ms, 100, 600_000);
        v.at("headers", |v| headers::check(v, &self.headers, &[]));
        if let AuthScheme::Header { name } = &self.auth {
            v.at("auth", |v| headers::check_auth_name(v, name));
        }
        if let Some(price) = &self.price {
            v.at("price", |v| price.check(v));
        }
        if let Some(pointer) = &self.response_pointer {
            v.require(
                pointer.is_empty() || pointer.starts_with('/'),
                "response_pointer",
                "must be a JSON pointer",
            );
        }
        if self.kind == AgentKind::Http {
            v.require(
                !self.body_template.is_null(),
                "body_template",
                "is required for kind `http`",
            );
            v.require(
                self.response_pointer.is_some(),
                "response_pointer",
                "is required for kind `http`",
            );
        }
    }
}
