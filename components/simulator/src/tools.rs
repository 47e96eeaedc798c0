//! Runs the tools of an agent under test: over HTTP, and by the MCP servers that it is offered.

use crate::target::{Deadline, Fault};
use assay_edge::Platform;
use assay_edge::dial::{DialError, dial_taped, exchange_taped};
use assay_edge::tape::Tape;
use assay_llm::{
    HttpCall, McpCalled, McpNext, McpReply, McpSession, McpTool, Plan, ToolOutput, Toolbox,
    ToolboxError, Turn, http_tool_answer,
};
use assay_model::SealedSecret;
use bytes::Bytes;
use serde_json::Value;
use std::collections::BTreeMap;

/// Longest wait for a server to end a session, in milliseconds. Nothing depends on it.
const END_MS: u64 = 1000;

/// A reply of a server.
struct Reply {
    status: u16,
    session_id: Option<String>,
    body: Bytes,
}

impl Reply {
    fn as_mcp(&self) -> McpReply<'_> {
        McpReply {
            status: self.status,
            session_id: self.session_id.as_deref(),
            body: &self.body,
        }
    }
}

/// The way out, for as long as there is time.
#[derive(Clone, Copy)]
struct Line<'a> {
    platform: &'a Platform,
    tape: &'a Tape,
    deadline: Deadline,
    /// The secrets that headers name.
    secrets: &'a BTreeMap<String, SealedSecret>,
}

impl Line<'_> {
    /// Begins a session; the server's tools.
    async fn find(self, session: &mut McpSession, who: &str) -> Result<Vec<McpTool>, Fault> {
        let mut call = session.begin();
        loop {
            let reply = self.send(call).await?.map_err(|e| Fault::dial(who, e))?;
            match session.hear(&reply.as_mcp()) {
                Ok(McpNext::Send(next)) => call = next,
                Ok(McpNext::Ready(tools)) => return Ok(tools),
                Err(e) => return Err(Fault::server(who, &e)),
            }
        }
    }

    async fn call(
        self,
        session: &mut McpSession,
        tool: &McpTool,
        arguments: &Value,
    ) -> Result<ToolOutput, Fault> {
        const WHO: &str = "the tool's server";
        for again in [false, true] {
            let call = session.call(tool, arguments);
            let reply = match self.send(call).await? {
                Ok(reply) => reply,
                Err(e) => return Ok(ToolOutput::error(format!("{WHO} {}", e.message))),
            };
            match session.called(&reply.as_mcp()) {
                McpCalled::Output(output) => return Ok(output),
                McpCalled::Expired if !again => {
                    if let Err(fault) = self.find(session, WHO).await {
                        return Ok(ToolOutput::error(fault.into_message()));
                    }
                }
                McpCalled::Expired => break,
            }
        }
        Ok(ToolOutput::error(format!("{WHO} ends every session")))
    }

    async fn send(self, call: HttpCall) -> Result<Result<Reply, DialError>, Fault> {
        let call = self.deadline.bound(call)?;
        let incoming = match exchange_taped(self.platform, self.tape, call, self.secrets).await {
            Ok(incoming) => incoming,
            Err(e) => return Ok(Err(e)),
        };
        let session_id = incoming.headers.get("mcp-session-id");
        Ok(Ok(Reply {
            status: incoming.status.as_u16(),
            session_id: session_id
                .and_then(|id| id.to_str().ok())
                .map(str::to_owned),
            body: incoming.body,
        }))
    }
}

/// The MCP servers of one agent while it answers.
pub(crate) struct Servers<'a> {
    line: Line<'a>,
    sessions: Vec<McpSession>,
}

impl<'a> Servers<'a> {
    pub(crate) const fn new(
        platform: &'a Platform,
        tape: &'a Tape,
        deadline: Deadline,
        secrets: &'a BTreeMap<String, SealedSecret>,
    ) -> Self {
        Self {
            line: Line {
                platform,
                tape,
                deadline,
                secrets,
            },
            sessions: Vec::new(),
        }
    }

    /// Begins a session with each of the agent's servers and puts their tools into the box.
    pub(crate) async fn open(
        &mut self,
        turn: &Turn<'_>,
        toolbox: &mut Toolbox,
    ) -> Result<(), Fault> {
        for (place, server) in turn.agent.mcp_servers.iter().enumerate() {
            let headers = turn
                .render_headers(&server.headers)
                .map_err(ToolboxError::from)?;
            let mut session = McpSession::new(server, headers);
            let who = format!("the MCP server `{}`", server.url);
            let found = self.line.find(&mut session, &who).await;
            // Also one whose list could not be read is to be ended.
            self.sessions.push(session);
            toolbox.add_server(turn.agent, place, found?)?;
        }
        Ok(())
    }

    /// Runs one call. What goes wrong with a tool is an output; only the end of the time is a fault.
    pub(crate) async fn run(&mut self, plan: Plan<'_>) -> Result<ToolOutput, Fault> {
        let line = self.line;
        let output = match plan {
            Plan::Known(output) => output,
            Plan::Http(call) => {
                let call = line.deadline.bound(call)?;
                let dialled = dial_taped(line.platform, line.tape, call, line.secrets).await;
                match dialled.answer {
                    Ok(bytes) => http_tool_answer(&bytes),
                    Err(e) => ToolOutput::error(format!("the tool {}", e.message)),
                }
            }
            Plan::Mcp {
                server,
                tool,
                arguments,
            } => match self.sessions.get_mut(server) {
                Some(session) => line.call(session, tool, &arguments).await?,
                None => ToolOutput::error("the tool's server is not there"),
            },
            Plan::Environment { .. } => ToolOutput::error("the tool is not a server's"),
        };
        line.deadline.left()?;
        Ok(output)
    }

    /// Ends all sessions.
    pub(crate) async fn close(self) {
        for call in self.sessions.iter().filter_map(McpSession::end) {
            let call = HttpCall {
                timeout_ms: END_MS,
                ..call
            };
            // Many servers do not let clients end a session, and say so.
            let line = self.line;
            drop(exchange_taped(line.platform, line.tape, call, line.secrets).await);
        }
    }
}
