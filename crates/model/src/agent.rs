//! The agent under test: an HTTP endpoint and how to talk to it.

use crate::schema::{HTTP_URL, NAME};
use crate::secret::named;
use crate::tool::{MAX_SERVERS, check_tools};
use crate::{McpServer, Price, ToolAction, ToolSpec, Validate, Validator, headers};
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
    /// `POST` of a request of OpenAI's Responses API.
    OpenaiResponses,
    /// `POST` of a request of Anthropic's Messages API. Its key goes in a header: `"auth": {"type": "header", "name":
    /// "x-api-key"}`.
    AnthropicMessages,
    /// Agent2Agent: JSON-RPC over HTTP. The agent keeps the conversation, so that only what is new is sent; a task that is
    /// not done at once is asked for until it is.
    A2a,
    /// `POST` of a templated JSON body; the answer is found by JSON pointer.
    Http,
}

impl AgentKind {
    /// Whether the platform offers such an agent tools and runs those that it asks for. Agents of the other kinds run
    /// their tools themselves.
    #[must_use]
    pub const fn takes_tools(self) -> bool {
        matches!(
            self,
            Self::OpenaiChat | Self::OpenaiResponses | Self::AnthropicMessages
        )
    }

    /// The name on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::OpenaiChat => "openai_chat",
            Self::OpenaiResponses => "openai_responses",
            Self::AnthropicMessages => "anthropic_messages",
            Self::A2a => "a2a",
            Self::Http => "http",
        }
    }
}

/// A version of the Agent2Agent protocol. Answers of either are understood.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub enum A2aVersion {
    /// 0.3: `message/send`.
    #[default]
    #[serde(rename = "0.3")]
    V0_3,
    /// 1.0: `SendMessage`.
    #[serde(rename = "1.0")]
    V1_0,
}

impl A2aVersion {
    #[allow(clippy::trivially_copy_pass_by_ref, reason = "serde gives a reference")]
    fn is_default(&self) -> bool {
        *self == Self::default()
    }
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
    /// `model` of a request of OpenAI's or Anthropic's APIs; the latter requires it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// Instructions: the first message, or the field that the API has for them. `a2a` has no place for any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub system_prompt: Option<String>,
    /// Most tokens of one answer. For `openai_responses`, and for `anthropic_messages`, whose API requires it: there 4096
    /// when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 1_000_000))]
    pub max_tokens: Option<u32>,
    /// For `a2a`: the version that is spoken.
    #[serde(default, skip_serializing_if = "A2aVersion::is_default")]
    pub a2a_version: A2aVersion,
    /// Tools that the agent is offered and that the platform runs, for a bare model. For `openai_chat`,
    /// `openai_responses` and `anthropic_messages`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 64))]
    pub tools: Vec<ToolSpec>,
    /// Servers whose tools the agent is offered as well.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 8))]
    pub mcp_servers: Vec<McpServer>,
    /// How often the agent may ask for tools before it must have answered.
    #[serde(
        default = "default_tool_steps",
        skip_serializing_if = "is_default_tool_steps"
    )]
    #[schemars(range(min = 1, max = 100))]
    pub max_tool_steps: u32,
    /// Further request headers. Values are templates, as `body_template` is, in which `{{ secrets.name }}` is a secret of the
    /// workspace, put in when the request is made. Secrets stand in no other form here: headers are shown again. The agent's
    /// own credential goes into `auth`.
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
    /// Whether the agent answers by server-sent events. Every kind but `http` asks for them; of `http` the texts at
    /// `response_pointer` of all events are joined.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub stream: bool,
    /// How the credential is presented.
    #[serde(default)]
    pub auth: AuthScheme,
    /// How long one answer may take, in milliseconds, with all calls of tools and all waiting for a task that it needs.
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

const fn default_tool_steps() -> u32 {
    30
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde gives a reference")]
const fn is_default_tool_steps(steps: &u32) -> bool {
    *steps == default_tool_steps()
}

impl AgentSpec {
    /// The secrets that its headers and those of its tools and servers name, each with its JSON pointer.
    #[must_use]
    pub fn secrets(&self) -> Vec<(String, String)> {
        let mut all = named("/headers", &self.headers);
        for (i, tool) in self.tools.iter().enumerate() {
            if let ToolAction::Http { headers, .. } = &tool.does {
                all.extend(named(&format!("/tools/{i}/does/headers"), headers));
            }
        }
        for (i, server) in self.mcp_servers.iter().enumerate() {
            let at = format!("/mcp_servers/{i}/headers");
            all.extend(named(&at, &server.headers));
        }
        all
    }

    /// Most tokens that an agent whose API demands a bound may say when the client named none.
    pub const DEFAULT_MAX_TOKENS: u32 = 4096;

    /// An agent of which nothing is said but how to reach it.
    #[must_use]
    pub fn new(name: impl Into<String>, kind: AgentKind, url: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            description: String::new(),
            kind,
            url: url.into(),
            model: None,
            system_prompt: None,
            max_tokens: None,
            a2a_version: A2aVersion::default(),
            tools: Vec::new(),
            mcp_servers: Vec::new(),
            max_tool_steps: default_tool_steps(),
            headers: BTreeMap::new(),
            body_template: Value::Null,
            response_pointer: None,
            stream: false,
            auth: AuthScheme::default(),
            timeout_ms: default_timeout_ms(),
            price: None,
        }
    }

    /// What only agents of some kinds have.
    fn check_kind(&self, v: &mut Validator) {
        let kind = self.kind.as_str();
        let runs = format!("an agent of kind `{kind}` runs its tools itself");
        v.require(
            self.tools.is_empty() || self.kind.takes_tools(),
            "tools",
            runs.as_str(),
        );
        v.require(
            self.mcp_servers.is_empty() || self.kind.takes_tools(),
            "mcp_servers",
            runs,
        );
        let bounded = matches!(
            self.kind,
            AgentKind::OpenaiResponses | AgentKind::AnthropicMessages
        );
        v.require(
            self.max_tokens.is_none() || bounded,
            "max_tokens",
            format!("is not sent to an agent of kind `{kind}`"),
        );
        match self.kind {
            AgentKind::Http => {
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
            AgentKind::AnthropicMessages => v.require(
                self.model.as_deref().is_some_and(|m| !m.trim().is_empty()),
                "model",
                "is required for kind `anthropic_messages`",
            ),
            AgentKind::A2a => v.require(
                self.system_prompt.is_none(),
                "system_prompt",
                "cannot be sent to an agent of kind `a2a`",
            ),
            AgentKind::OpenaiChat | AgentKind::OpenaiResponses => {}
        }
    }
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
        if let Some(max_tokens) = self.max_tokens {
            v.range("max_tokens", max_tokens, 1, 1_000_000);
        }
        check_tools(v, &self.tools);
        v.require(
            self.mcp_servers.len() <= MAX_SERVERS,
            "mcp_servers",
            format!("must have at most {MAX_SERVERS} entries"),
        );
        v.each("mcp_servers", &self.mcp_servers);
        v.range("max_tool_steps", self.max_tool_steps, 1, 100);
        self.check_kind(v);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[track_caller]
    fn check(fields: Value, expected: &[&str]) {
        let mut agent = json!({"name": "a", "kind": "openai_chat", "url": "https://example.com/"});
        agent
            .as_object_mut()
            .unwrap()
            .extend(fields.as_object().unwrap().clone());
        let spec: AgentSpec = serde_json::from_value(agent).unwrap();
        let found = spec.validate().err().unwrap_or_default();
        let fields: Vec<&str> = found.iter().map(|e| e.field.as_str()).collect();
        assert_eq!(fields, expected, "{spec:?} {found:?}");
    }

    #[test]
    fn kinds() {
        let tool = json!({"name": "t", "does": {"type": "mock", "output": 1}});
        let server = json!({"url": "https://example.com/mcp"});
        check(json!({"tools": [tool], "mcp_servers": [server]}), &[]);
        check(json!({"kind": "openai_responses", "max_tokens": 5}), &[]);
        check(json!({"kind": "anthropic_messages", "model": "m"}), &[]);
        check(
            json!({"kind": "a2a", "a2a_version": "1.0", "stream": true}),
            &[],
        );
        check(json!({"kind": "anthropic_messages"}), &["/model"]);
        check(
            json!({"kind": "a2a", "system_prompt": "x", "tools": [tool], "mcp_servers": [server], "max_tokens": 5}),
            &["/tools", "/mcp_servers", "/max_tokens", "/system_prompt"],
        );
        check(
            json!({"kind": "http", "tools": [tool]}),
            &["/tools", "/body_template", "/response_pointer"],
        );
        check(json!({"max_tokens": 5}), &["/max_tokens"]);
    }

    #[test]
    fn tools_are_located() {
        check(
            json!({"tools": [{"name": "a b", "does": {"type": "http", "url": "x"}}],
                "mcp_servers": [{"url": "x"}], "max_tool_steps": 0}),
            &[
                "/tools/0/name",
                "/tools/0/does/url",
                "/mcp_servers/0/url",
                "/max_tool_steps",
            ],
        );
        let many = vec![json!({"url": "https://example.com/mcp"}); MAX_SERVERS + 1];
        check(json!({"mcp_servers": many}), &["/mcp_servers"]);
    }

    #[test]
    fn what_was_not_said_is_not_shown() {
        let spec = AgentSpec::new("a", AgentKind::OpenaiChat, "https://example.com/");
        assert_eq!(
            serde_json::to_value(&spec).unwrap(),
            json!({"name": "a", "description": "", "kind": "openai_chat", "url": "https://example.com/",
                "auth": {"type": "none"}, "timeout_ms": 60_000})
        );
        for kind in [
            "openai_chat",
            "openai_responses",
            "anthropic_messages",
            "a2a",
            "http",
        ] {
            let read: AgentKind = serde_json::from_value(json!(kind)).unwrap();
            assert_eq!(read.as_str(), kind);
        }
    }
}
