//! The tools of one agent: those of its environment, its own and those of its MCP servers, under names that every API takes.

use super::{AskedCall, ToolOutput, http_tool_call};
use crate::mcp::McpTool;
use crate::template::TemplateError;
use crate::{HttpCall, Turn};
use assay_model::{AgentSpec, EnvTool, McpServer, ToolAction, ToolMock, ToolSpec};
use serde_json::{Map, Value, json};

/// Most tools that an agent can be offered: what OpenAI's APIs take.
const MAX_OFFERED: usize = 128;

/// Longest name that every API takes.
const MAX_NAME: usize = 64;

/// Why an agent cannot be offered its tools.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ToolboxError {
    /// A header of a tool is a template that cannot be rendered.
    #[error("a request to a tool cannot be made from its templates: {0}")]
    Template(#[from] TemplateError),
    /// With those of its servers and its environment there are too many.
    #[error(
        "the agent has {0} tools with those of its MCP servers and its environment, more than {MAX_OFFERED}"
    )]
    TooMany(usize),
    /// A server has no tool of a name that the agent is to be offered.
    #[error("the MCP server `{url}` has no tool `{tool}`")]
    Missing {
        /// The server.
        url: String,
        /// The tool.
        tool: String,
    },
    /// A mock is of a tool that the agent is not offered.
    #[error("there is a mock of `{0}`, but the agent is offered no such tool")]
    UnknownMock(String),
}

/// A tool as the agent is offered it.
#[derive(Debug, Clone)]
pub struct Tool {
    /// The name on the wire.
    wire: String,
    name: String,
    description: String,
    parameters: Value,
    runs: Runs,
}

#[derive(Debug, Clone)]
enum Runs {
    Fixed(ToolOutput),
    Http(HttpCall),
    Mcp { server: usize, tool: McpTool },
    Environment,
}

impl Tool {
    /// Name and description, the beginning of a definition in every API.
    pub(crate) fn described(&self) -> Map<String, Value> {
        let mut fields = Map::new();
        fields.insert("name".into(), json!(self.wire));
        if !self.description.is_empty() {
            fields.insert("description".into(), json!(self.description));
        }
        fields
    }

    /// JSON Schema of the arguments.
    pub(crate) const fn parameters(&self) -> &Value {
        &self.parameters
    }
}

/// How a call is to be run.
#[derive(Debug)]
pub enum Plan<'a> {
    /// Not at all: what it answers is known.
    Known(ToolOutput),
    /// By this request; [`super::http_tool_answer`] reads the answer.
    Http(HttpCall),
    /// By an MCP server.
    Mcp {
        /// Its place among the agent's servers.
        server: usize,
        /// The tool as the server has it.
        tool: &'a McpTool,
        /// The arguments.
        arguments: Value,
    },
    /// By the environment.
    Environment {
        /// The tool's name.
        tool: &'a str,
        /// The arguments.
        arguments: Value,
    },
}

/// All tools of an agent.
#[derive(Debug, Default)]
pub struct Toolbox {
    tools: Vec<Tool>,
    mocks: Vec<ToolMock>,
}

impl Toolbox {
    /// The tools of the environment and the agent's own. Those of its servers follow by [`Self::add_server`].
    ///
    /// An environment stands for what the agent acts on: a tool of the agent's, or of a server's, that has the name of one of
    /// the environment's is not offered. An agent that runs its tools itself is offered none.
    ///
    /// # Errors
    /// [`ToolboxError`] when a header's template cannot be rendered, or there are too many.
    pub fn new(
        turn: &Turn<'_>,
        environment: &[EnvTool],
        mocks: &[ToolMock],
    ) -> Result<Self, ToolboxError> {
        let mut toolbox = Self {
            tools: Vec::new(),
            mocks: mocks.to_vec(),
        };
        if turn.agent.kind.takes_tools() {
            for tool in environment {
                let runs = Runs::Environment;
                toolbox.add(&tool.name, &tool.description, &tool.parameters, runs);
            }
        }
        for spec in &turn.agent.tools {
            let runs = runs(turn, spec)?;
            toolbox.add(&spec.name, &spec.description, &spec.parameters, runs);
        }
        toolbox.few_enough()?;
        Ok(toolbox)
    }

    fn few_enough(&self) -> Result<(), ToolboxError> {
        if self.tools.len() > MAX_OFFERED {
            return Err(ToolboxError::TooMany(self.tools.len()));
        }
        Ok(())
    }

    /// Adds the tools that the agent's server of that place has.
    ///
    /// # Errors
    /// [`ToolboxError`] when the server lacks one that it should have, or there are too many.
    pub fn add_server(
        &mut self,
        agent: &AgentSpec,
        server: usize,
        tools: Vec<McpTool>,
    ) -> Result<(), ToolboxError> {
        let allowed: &[String] = agent
            .mcp_servers
            .get(server)
            .map_or(&[], |s: &McpServer| s.allowed_tools.as_slice());
        if let Some(missing) = allowed
            .iter()
            .find(|name| !tools.iter().any(|tool| tool.name == **name))
        {
            return Err(ToolboxError::Missing {
                url: agent
                    .mcp_servers
                    .get(server)
                    .map_or_else(String::new, |s| s.url.clone()),
                tool: missing.clone(),
            });
        }
        for tool in tools {
            if allowed.is_empty() || allowed.contains(&tool.name) {
                let (name, description) = (tool.name.clone(), tool.description.clone());
                let parameters = tool.parameters.clone();
                self.add(&name, &description, &parameters, Runs::Mcp { server, tool });
            }
        }
        self.few_enough()
    }

    /// Proves that every mock is of a tool that is there.
    ///
    /// # Errors
    /// [`ToolboxError::UnknownMock`] with the first that is not.
    pub fn check_mocks(&self) -> Result<(), ToolboxError> {
        let unknown = |mock: &&ToolMock| !self.tools.iter().any(|tool| tool.name == mock.tool);
        match self.mocks.iter().find(unknown) {
            Some(mock) => Err(ToolboxError::UnknownMock(mock.tool.clone())),
            None => Ok(()),
        }
    }

    /// The tools, to be offered.
    #[must_use]
    pub fn tools(&self) -> &[Tool] {
        &self.tools
    }

    /// How to run a call, and the called tool's own name.
    #[must_use]
    pub fn plan<'a>(&'a self, call: &AskedCall) -> (String, Plan<'a>) {
        let Some(tool) = self.tools.iter().find(|tool| tool.wire == call.name) else {
            let told = ToolOutput::error(format!("there is no tool `{}`", call.name));
            return (call.name.clone(), Plan::Known(told));
        };
        let known = |output: ToolOutput| (tool.name.clone(), Plan::Known(output));
        let arguments = match &call.arguments {
            Value::Null => json!({}),
            Value::Object(_) => call.arguments.clone(),
            _ => return known(ToolOutput::error("the arguments are not a JSON object")),
        };
        if let Some(mock) = self.mocks.iter().find(|mock| mock.tool == tool.name) {
            return known(ToolOutput::of(mock.output.clone()));
        }
        let plan = match &tool.runs {
            Runs::Fixed(output) => Plan::Known(output.clone()),
            Runs::Http(call) => Plan::Http(HttpCall {
                body: arguments.to_string().into_bytes(),
                ..call.clone()
            }),
            Runs::Mcp { server, tool } => Plan::Mcp {
                server: *server,
                tool,
                arguments,
            },
            Runs::Environment => Plan::Environment {
                tool: &tool.name,
                arguments,
            },
        };
        (tool.name.clone(), plan)
    }

    fn add(&mut self, name: &str, description: &str, parameters: &Value, runs: Runs) {
        let environments = |tool: &Tool| matches!(tool.runs, Runs::Environment);
        if self
            .tools
            .iter()
            .any(|tool| tool.name == name && environments(tool))
        {
            return;
        }
        let wire = self.wire_name(name);
        let parameters = if parameters.is_object() {
            parameters.clone()
        } else {
            json!({"type": "object", "properties": {}})
        };
        self.tools.push(Tool {
            wire,
            name: name.to_owned(),
            description: description.to_owned(),
            parameters,
            runs,
        });
    }

    /// A name that every API takes and that no tool has yet: servers may use dots, and two may have tools of one name.
    fn wire_name(&self, name: &str) -> String {
        let plain = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
        let base: String = name
            .chars()
            .map(|c| if plain(c) { c } else { '_' })
            .take(MAX_NAME)
            .collect();
        let taken = |wire: &str| self.tools.iter().any(|tool| tool.wire == wire);
        let mut wire = base.clone();
        let mut n = 2;
        while taken(&wire) {
            let suffix = format!("_{n}");
            wire = base.chars().take(MAX_NAME - suffix.len()).collect();
            wire.push_str(&suffix);
            n += 1;
        }
        wire
    }
}

fn runs(turn: &Turn<'_>, spec: &ToolSpec) -> Result<Runs, ToolboxError> {
    Ok(match &spec.does {
        ToolAction::Mock { output } => Runs::Fixed(ToolOutput::of(output.clone())),
        ToolAction::Fail { message } => Runs::Fixed(ToolOutput::error(message)),
        ToolAction::Http {
            url,
            method,
            headers,
            timeout_ms,
        } => {
            let headers = turn.render_headers(headers)?;
            Runs::Http(http_tool_call(
                url,
                *method,
                &headers,
                *timeout_ms,
                &Value::Null,
            ))
        }
    })
}

#[cfg(test)]
#[path = "toolbox_tests.rs"]
mod tests;
