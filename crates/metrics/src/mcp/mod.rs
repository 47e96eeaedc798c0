//! Metrics of agents that use servers of the Model Context Protocol: what the servers offer, and which of it the agent used.
//!
//! What the servers offer is a parameter, as it is the same for all cases of a campaign. What the agent used is among its tool calls: a tool
//! by its name; a resource as a call of `resources/read` with its `uri`; a prompt as one of `prompts/get` with its `name`, which are the
//! protocol's own names. Calls of anything else are shown as well, and not judged: an agent may have tools of its own.

pub(crate) mod mcp_task_completion;
pub(crate) mod mcp_use;
pub(crate) mod multi_turn_mcp_use;

use crate::agentic::MAX_CALLS;
use crate::agentic::offered::{Tool, tools_schema};
use crate::conversation::interactions::{shown, units, words_of};
use crate::fields::shown_call;
use crate::qag_kinds::common::{params_schema, yes};
use assay_model::{Message, Role, TestCase, ToolCall, Validator};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// The parameters that all of them have.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Params {
    mcp_servers: Vec<Server>,
    #[serde(default)]
    strict: bool,
    #[serde(default = "yes")]
    include_reason: bool,
}

/// A server and what it offers.
#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Server {
    name: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    tools: Vec<Tool>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    resources: Vec<Resource>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    prompts: Vec<Tool>,
}

/// A resource that can be read.
#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Resource {
    uri: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    description: String,
}

/// The schema of [`Params`].
fn schema() -> Value {
    let text = |max: u32, what: &str| json!({"type": "string", "minLength": 1, "maxLength": max, "description": what});
    let resource = json!({"type": "object", "additionalProperties": false, "required": ["uri"], "properties": {
        "uri": text(2000, "Where it is, e.g. `file:///prices.csv`."),
        "description": {"type": "string", "maxLength": 4000, "description": "What it holds."}}});
    let server = json!({"type": "object", "additionalProperties": false, "required": ["name"], "properties": {
        "name": text(200, "The server's name."),
        "tools": tools_schema(0, "Its tools."),
        "resources": {"type": "array", "maxItems": 200, "items": resource, "description": "What can be read of it."},
        "prompts": tools_schema(0, "Its prompts.")}});
    params_schema(
        json!({"mcp_servers": {"type": "array", "minItems": 1, "maxItems": 20, "items": server,
            "description": "The MCP servers that the agent had, with what they offer. A call of the agent counts for a tool by its name; for a \
                            resource as `resources/read` with its `uri`; for a prompt as `prompts/get` with its `name`."}}),
        &["mcp_servers"],
    )
}

impl Params {
    /// Names servers that offer nothing.
    fn check(&self, v: &mut Validator) {
        v.at("mcp_servers", |v| {
            for (i, server) in self.mcp_servers.iter().enumerate() {
                let offers = server.tools.len() + server.resources.len() + server.prompts.len();
                let name = i.to_string();
                v.require(
                    offers > 0,
                    &name,
                    "must offer a tool, a resource or a prompt",
                );
            }
        });
    }

    /// The server that offers what `call` uses, and what that is.
    fn find(&self, call: &ToolCall) -> (&'static str, Option<&str>) {
        let argument = |name: &str| call.input_parameters.get(name).and_then(Value::as_str);
        let offering = |offers: &dyn Fn(&Server) -> bool| {
            let server = self.mcp_servers.iter().find(|server| offers(server));
            server.map(|server| server.name.as_str())
        };
        match call.name.as_str() {
            "resources/read" => {
                let offers = |s: &Server| {
                    s.resources
                        .iter()
                        .any(|r| Some(r.uri.as_str()) == argument("uri"))
                };
                ("resource", offering(&offers))
            }
            "prompts/get" => {
                let offers = |s: &Server| {
                    s.prompts
                        .iter()
                        .any(|p| Some(p.name.as_str()) == argument("name"))
                };
                ("prompt", offering(&offers))
            }
            name => (
                "tool",
                offering(&|s: &Server| s.tools.iter().any(|t| t.name == name)),
            ),
        }
    }

    /// Whether `call` is one of something that is MCP's, be it something that no server offers.
    fn is_mcp(&self, call: &ToolCall) -> bool {
        let (what, server) = self.find(call);
        what != "tool" || server.is_some()
    }

    /// Calls as a judge is shown them, each with what it uses and of which server.
    fn shown<'a>(&self, calls: impl IntoIterator<Item = &'a ToolCall>) -> Value {
        let one = |call: &ToolCall| {
            let (what, server) = self.find(call);
            json!({"uses": what, "of server": server, "call": shown_call(call)})
        };
        let calls: Vec<&ToolCall> = calls.into_iter().collect();
        let mut shown: Vec<Value> = calls.iter().take(MAX_CALLS).map(|c| one(c)).collect();
        if let Some(more) = calls.len().checked_sub(MAX_CALLS).filter(|&more| more > 0) {
            shown.push(json!(format!("{more} more calls")));
        }
        json!(shown)
    }

    /// The exchanges of a conversation in which something of a server was used, or which took more than a question and an answer.
    ///
    /// Upstream takes those of more than two turns, since it has a turn for what was used and another for what was said of it. Here one
    /// turn has both.
    fn exchanges(&self, case: &TestCase) -> Vec<Exchange> {
        let units = units(&case.messages);
        let each = units.iter().filter_map(|unit| {
            let used = unit
                .iter()
                .flat_map(|m| &m.tool_calls)
                .any(|c| self.is_mcp(c));
            (used || unit.len() > 2).then(|| self.exchange(unit, used))
        });
        each.collect()
    }

    fn exchange(&self, unit: &[&Message], used: bool) -> Exchange {
        let own = unit.iter().filter(|m| m.role == Role::Assistant);
        let steps: Vec<Value> = own
            .map(|turn| json!({"calls": self.shown(&turn.tool_calls), "said": shown(&[turn])}))
            .collect();
        Exchange {
            task: words_of(Role::User, unit),
            steps: json!(steps),
            used,
        }
    }
}

/// Why a conversation is not judged.
const NO_EXCHANGE: &str = "the agent used nothing of the servers in any exchange";

/// What the user wanted, and what the agent did.
struct Exchange {
    task: Value,
    steps: Value,
    /// Whether something of a server was used.
    used: bool,
}

/// How a judge is told to grade the choice of what to use.
const CHOICE: &str = "Judge which tools, resources and prompts of the MCP servers the agent used for what the user wants, of those that the servers \
     offer. The score is a number from 0 (the wrong ones, or none where one was needed) to 1 (exactly what was needed). It falls with \
     each that was needed and not used, each that was used and not needed, and each for which a fitter one was on offer. Do not judge \
     arguments, outputs and the answer. Calls whose server is null are of nothing that a server offers and are not judged. The reason \
     names what decides.";

/// How a judge is told to grade the arguments.
const ARGUMENTS: &str = "Judge the arguments with which the agent used tools, resources and prompts of the MCP servers, taking the choice as given. \
     The score is a number from 0 (wrong, missing or made up) to 1 (all are right and complete for what the user wants, and fit what is \
     taken). Calls whose server is null are of nothing that a server offers and are not judged. The reason names the arguments that \
     decide.";

#[cfg(test)]
#[path = "mcp_tests.rs"]
mod tests;
