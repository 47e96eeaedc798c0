//! Tools that the platform runs for an agent under test which only asks for them: a bare model, as a rule.

use crate::schema::{HTTP_URL, object_or_null};
use crate::{Validate, Validator, headers};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// Most tools of one agent.
pub(crate) const MAX_TOOLS: usize = 64;
/// Most MCP servers of one agent.
pub(crate) const MAX_SERVERS: usize = 8;
/// Most tools of one MCP server that can be named.
const MAX_ALLOWED: usize = 128;
/// Most bytes of a tool's description, and of what a failing tool says.
const MAX_TEXT: usize = 10_000;
/// Most bytes of a tool's parameters.
const MAX_SCHEMA: usize = 64 << 10;
/// Most bytes of a fixed answer.
const MAX_OUTPUT: usize = 256 << 10;
/// Most steps that a pattern within a schema may go back.
const MAX_BACKTRACKS: usize = 100_000;

/// How a tool's arguments are sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "UPPERCASE")]
pub enum ToolMethod {
    /// `POST`.
    #[default]
    Post,
    /// `PUT`.
    Put,
    /// `PATCH`.
    Patch,
}

impl ToolMethod {
    /// The name on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Patch => "PATCH",
        }
    }
}

/// What happens when the agent calls a tool.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", tag = "type", deny_unknown_fields)]
pub enum ToolAction {
    /// The tool answers the same whatever it is asked.
    Mock {
        /// The answer, of any JSON type; a string goes to the agent as it is.
        output: Value,
    },
    /// The tool fails, so that one sees what the agent makes of it.
    Fail {
        /// What the agent is told.
        #[schemars(length(min = 1, max = 10000))]
        message: String,
    },
    /// The arguments are sent as a JSON body; the body of the answer is the tool's. Any status but 2xx is a failure of the
    /// tool, which the agent is told of.
    Http {
        /// The whole URL.
        #[schemars(url, regex(pattern = HTTP_URL))]
        url: String,
        /// The method.
        #[serde(default)]
        method: ToolMethod,
        /// Further request headers. Values are templates, as those of the agent; a secret stands in them by its name alone.
        #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
        #[schemars(extend("maxProperties" = 50))]
        headers: BTreeMap<String, String>,
        /// How long one call may take, in milliseconds. The agent's own `timeout_ms` bounds all calls together.
        #[serde(default = "default_timeout_ms")]
        #[schemars(range(min = 100, max = 600_000))]
        timeout_ms: u64,
    },
}

/// A tool that the agent is offered and that the platform runs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ToolSpec {
    /// The name by which the agent calls it; no two of an agent have the same.
    #[schemars(regex(pattern = "^[A-Za-z0-9_-]{1,64}$"))]
    pub name: String,
    /// What it is for, as the agent is told.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    #[schemars(length(max = 10000))]
    pub description: String,
    /// JSON Schema of its arguments, an object whose `type` is `object`. None when it takes no arguments.
    #[serde(default, skip_serializing_if = "Value::is_null")]
    #[schemars(schema_with = "object_or_null")]
    pub parameters: Value,
    /// What happens when it is called.
    pub does: ToolAction,
}

/// A server whose tools the agent is offered: Model Context Protocol over Streamable HTTP. A session with it lasts for one
/// answer of the agent.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct McpServer {
    /// The server's one endpoint, e.g. `https://tools.example.com/mcp`.
    #[schemars(url, regex(pattern = HTTP_URL))]
    pub url: String,
    /// Further request headers. Values are templates, as those of the agent; a secret stands in them by its name alone.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[schemars(extend("maxProperties" = 50))]
    pub headers: BTreeMap<String, String>,
    /// The tools that the agent is offered; all of the server's when empty. It is an error when the server lacks one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 128), inner(length(min = 1, max = 128)))]
    pub allowed_tools: Vec<String>,
    /// How long one request may take, in milliseconds. The agent's own `timeout_ms` bounds all requests together.
    #[serde(default = "default_timeout_ms")]
    #[schemars(range(min = 100, max = 600_000))]
    pub timeout_ms: u64,
}

/// An answer that wins over what a tool does.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ToolMock {
    /// The tool's name, as the agent's specification or its MCP server has it.
    #[schemars(length(min = 1, max = 128))]
    pub tool: String,
    /// What it answers, of any JSON type; a string goes to the agent as it is.
    pub output: Value,
}

const fn default_timeout_ms() -> u64 {
    30_000
}

/// Headers that Streamable HTTP gives a meaning.
const MCP_HEADERS: [&str; 5] = [
    "accept",
    "mcp-method",
    "mcp-name",
    "mcp-protocol-version",
    "mcp-session-id",
];

impl Validate for ToolSpec {
    fn check(&self, v: &mut Validator) {
        let plain = |b: u8| b.is_ascii_alphanumeric() || b == b'_' || b == b'-';
        v.require(
            (1..=64).contains(&self.name.len()) && self.name.bytes().all(plain),
            "name",
            "must be 1 to 64 letters, digits, `_` or `-`",
        );
        v.longest("description", &self.description, MAX_TEXT);
        if let Err(fault) = check_parameters(&self.parameters) {
            v.error("parameters", fault);
        }
        v.at("does", |v| match &self.does {
            ToolAction::Mock { output } => check_output(v, output),
            ToolAction::Fail { message } => {
                v.require(!message.is_empty(), "message", "must not be empty");
                v.longest("message", message, MAX_TEXT);
            }
            ToolAction::Http {
                url,
                method: _,
                headers,
                timeout_ms,
            } => {
                check_server(v, url, headers, &[]);
                v.range("timeout_ms", *timeout_ms, 100, 600_000);
            }
        });
    }
}

impl Validate for McpServer {
    fn check(&self, v: &mut Validator) {
        check_server(v, &self.url, &self.headers, &MCP_HEADERS);
        v.texts("allowed_tools", &self.allowed_tools, MAX_ALLOWED, 128);
        v.at("allowed_tools", |v| {
            duplicates(v, self.allowed_tools.iter().map(String::as_str), "");
        });
        v.range("timeout_ms", self.timeout_ms, 100, 600_000);
    }
}

impl Validate for ToolMock {
    fn check(&self, v: &mut Validator) {
        v.name("tool", &self.tool, 128);
        check_output(v, &self.output);
    }
}

/// The tools of one agent: not too many, each right, no name twice.
pub(crate) fn check_tools(v: &mut Validator, tools: &[ToolSpec]) {
    v.require(
        tools.len() <= MAX_TOOLS,
        "tools",
        format!("must have at most {MAX_TOOLS} entries"),
    );
    v.each("tools", tools);
    v.at("tools", |v| {
        duplicates(v, tools.iter().map(|t| t.name.as_str()), "name");
    });
}

fn duplicates<'a>(v: &mut Validator, names: impl Iterator<Item = &'a str>, field: &str) {
    let mut seen = BTreeSet::new();
    for (i, name) in names.enumerate() {
        if !seen.insert(name) {
            v.at(i, |v| v.error(field, format!("`{name}` is there twice")));
        }
    }
}

/// A server of the client's that takes no credential of ours.
fn check_server(v: &mut Validator, url: &str, headers: &BTreeMap<String, String>, also: &[&str]) {
    let credentials =
        |u: &url::Url| !u.username().is_empty() || u.password().is_some_and(|p| !p.is_empty());
    if url::Url::parse(url).as_ref().is_ok_and(credentials) {
        v.error("url", "must not carry credentials: it is shown again");
    } else {
        v.http_url("url", url);
    }
    v.at("headers", |v| headers::check_shown(v, headers, also));
}

fn check_output(v: &mut Validator, output: &Value) {
    v.longest("output", &output.to_string(), MAX_OUTPUT);
}

/// A JSON Schema that every API takes as the parameters of a tool.
fn check_parameters(schema: &Value) -> Result<(), String> {
    if schema.is_null() {
        return Ok(());
    }
    if schema.get("type").and_then(Value::as_str) != Some("object") {
        return Err("must be a JSON Schema whose `type` is `object`".to_owned());
    }
    let size = schema.to_string().len();
    if size > MAX_SCHEMA {
        return Err(format!("must be at most {MAX_SCHEMA} bytes"));
    }
    let patterns = jsonschema::PatternOptions::fancy_regex()
        .backtrack_limit(MAX_BACKTRACKS)
        .size_limit(1 << 20);
    let built = jsonschema::options()
        .with_pattern_options(patterns)
        .build(schema);
    built.map(drop).map_err(|fault| {
        let fault: String = fault.to_string().chars().take(200).collect();
        format!("is not a JSON Schema: {fault}")
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[track_caller]
    fn check<T: Validate + serde::de::DeserializeOwned>(value: Value, expected: &[&str]) {
        let parsed: T = serde_json::from_value(value.clone()).unwrap();
        let found = parsed.validate().err().unwrap_or_default();
        let fields: Vec<&str> = found.iter().map(|e| e.field.as_str()).collect();
        assert_eq!(fields, expected, "{value} {found:?}");
    }

    #[test]
    fn tools() {
        let tool = |fields: Value| {
            let mut tool = json!({"name": "look", "does": {"type": "mock", "output": 1}});
            tool.as_object_mut()
                .unwrap()
                .extend(fields.as_object().unwrap().clone());
            tool
        };
        let fine = json!({"type": "object", "properties": {"x": {"type": "string"}}});
        check::<ToolSpec>(tool(json!({"parameters": fine})), &[]);
        check::<ToolSpec>(tool(json!({})), &[]);
        for name in ["", "a b", "a.b", "\u{e9}", &"a".repeat(65)] {
            check::<ToolSpec>(tool(json!({"name": name})), &["/name"]);
        }
        for parameters in [
            json!([]),
            json!({}),
            json!({"type": "string"}),
            json!({"type": "object", "properties": {"x": {"type": "strnig"}}}),
            json!({"type": "object", "properties": {"x": {"pattern": "("}}}),
            json!({"type": "object", "properties": {"x": {"$ref": "https://example.com/x"}}}),
            json!({"type": "object", "description": "x".repeat(MAX_SCHEMA)}),
        ] {
            check::<ToolSpec>(tool(json!({"parameters": parameters})), &["/parameters"]);
        }
        check::<ToolSpec>(
            tool(json!({"description": "x".repeat(10_001)})),
            &["/description"],
        );
        check::<ToolSpec>(
            tool(json!({"does": {"type": "mock", "output": "x".repeat(MAX_OUTPUT)}})),
            &["/does/output"],
        );
        check::<ToolSpec>(
            tool(json!({"does": {"type": "fail", "message": ""}})),
            &["/does/message"],
        );
        let http = |fields: Value| {
            let mut does = json!({"type": "http", "url": "https://example.com/t"});
            does.as_object_mut()
                .unwrap()
                .extend(fields.as_object().unwrap().clone());
            tool(json!({"does": does}))
        };
        check::<ToolSpec>(http(json!({"method": "PUT"})), &[]);
        check::<ToolSpec>(
            http(
                json!({"url": "ftp://x", "timeout_ms": 1, "headers": {"Authorization": "x", "a b": "x"}}),
            ),
            &[
                "/does/url",
                "/does/headers/Authorization",
                "/does/headers/a b",
                "/does/timeout_ms",
            ],
        );
        let keyed = |value: &str| http(json!({"headers": {"Authorization": value}}));
        check::<ToolSpec>(keyed("Bearer {{ secrets.team }}"), &[]);
        check::<ToolSpec>(
            keyed("Bearer {{ secret.team }}"),
            &["/does/headers/Authorization"],
        );
        check::<ToolSpec>(
            http(json!({"url": "https://a:b@example.com/"})),
            &["/does/url"],
        );
    }

    #[test]
    fn what_is_unknown_is_refused() {
        for does in [
            json!({"type": "mock"}),
            json!({"type": "mock", "output": 1, "more": 2}),
            json!({"type": "shell"}),
            json!({"type": "http", "url": "https://x", "method": "GET"}),
        ] {
            let tool = json!({"name": "t", "does": does});
            assert!(serde_json::from_value::<ToolSpec>(tool).is_err(), "{does}");
        }
    }

    #[test]
    fn servers() {
        check::<McpServer>(
            json!({"url": "https://example.com/mcp", "allowed_tools": ["a", "b"]}),
            &[],
        );
        check::<McpServer>(
            json!({"url": "mcp", "allowed_tools": ["a", "", "a"], "timeout_ms": 0,
                "headers": {"Mcp-Session-Id": "1", "X-Team": "qa"}}),
            &[
                "/url",
                "/headers/Mcp-Session-Id",
                "/allowed_tools/1",
                "/allowed_tools/2",
                "/timeout_ms",
            ],
        );
    }

    #[test]
    fn mocks() {
        check::<ToolMock>(json!({"tool": "a", "output": null}), &[]);
        check::<ToolMock>(
            json!({"tool": " ", "output": "x".repeat(MAX_OUTPUT)}),
            &["/tool", "/output"],
        );
    }

    #[test]
    fn names_are_there_once() {
        let tools: Vec<ToolSpec> = serde_json::from_value(json!([
            {"name": "a", "does": {"type": "mock", "output": 1}},
            {"name": "b", "does": {"type": "mock", "output": 1}},
            {"name": "a", "does": {"type": "mock", "output": 1}},
        ]))
        .unwrap();
        let mut v = Validator::default();
        check_tools(&mut v, &tools);
        assert_eq!(v.finish().unwrap_err()[0].field, "/tools/2/name");
    }
}
