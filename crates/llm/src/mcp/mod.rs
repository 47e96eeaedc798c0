//! Model Context Protocol over Streamable HTTP, as a client: finding a server's tools and calling them, without I/O.
//!
//! The revisions until 2025-11-25 begin with a handshake, which may open a session; that of 2026-07-28 has neither and says
//! everything with each request. The handshake is tried first, for most servers know it, and who refuses it in the words of
//! the newer revision is spoken to in that. A stream of events is read when it has ended: servers are told that this client
//! can answer nothing, so that none has to wait for it. Streams that break off are not taken up again.

mod header;
mod message;

use crate::tool::ToolOutput;
use crate::{AnswerError, Headers, HttpCall, StatusClass, classify_status};
use assay_model::McpServer;
use header::{encode, param_headers};
use message::{RpcError, result};
use serde_json::{Map, Value, json};

/// The newest revision with a handshake, which is asked for first.
const HANDSHAKE: &str = "2025-11-25";
/// Older ones that a server may want instead.
const OLDER: [&str; 2] = ["2025-06-18", "2025-03-26"];
/// The revision without.
const STATELESS: &str = "2026-07-28";
/// The member of every request's `_meta` that names the revision, and those that name us.
const META: &str = "io.modelcontextprotocol/";
/// Most pages of a list of tools, and most tools.
const MAX_PAGES: usize = 50;
const MAX_TOOLS: usize = 1000;

/// What came back from a server.
#[derive(Debug, Clone, Copy)]
pub struct McpReply<'a> {
    /// The HTTP status.
    pub status: u16,
    /// The header `Mcp-Session-Id`, if it is there.
    pub session_id: Option<&'a str>,
    /// The body.
    pub body: &'a [u8],
}

/// Why a server cannot be used. The texts quote at most 200 characters.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum McpError {
    /// Another status than 2xx.
    #[error("answered {status}: {excerpt}")]
    Status {
        /// The status.
        status: u16,
        /// The beginning of the body.
        excerpt: String,
    },
    /// The answer cannot be read.
    #[error("gave an answer that cannot be read: {0}")]
    Answer(#[from] AnswerError),
    /// The server refused.
    #[error("refused: {0}")]
    Refused(String),
    /// No revision is known to both.
    #[error("speaks version `{0}` of MCP, which is not known")]
    Version(String),
    /// The list of tools does not end.
    #[error("has more tools than can be read")]
    TooMany,
}

impl McpError {
    /// Whether the server may be of use at another try.
    #[must_use]
    pub fn may_pass(&self) -> bool {
        match self {
            Self::Status { status, .. } => {
                matches!(
                    classify_status(*status, None),
                    StatusClass::Retry { .. } | StatusClass::RateLimited { .. }
                )
            }
            Self::Answer(_) => true,
            Self::Refused(_) | Self::Version(_) | Self::TooMany => false,
        }
    }
}

/// A tool of a server.
#[derive(Debug, Clone, PartialEq)]
pub struct McpTool {
    /// The name.
    pub name: String,
    /// What it is for.
    pub description: String,
    /// JSON Schema of its arguments.
    pub parameters: Value,
    /// Arguments that a request repeats as headers: where they are, and the header's name in lower case.
    pub headers: Vec<(Vec<String>, String)>,
}

/// What to do next while a server's tools are found.
#[derive(Debug, PartialEq)]
pub enum McpNext {
    /// Send this, and hand the reply to [`McpSession::hear`].
    Send(HttpCall),
    /// These are the server's tools.
    Ready(Vec<McpTool>),
}

/// What came of a call.
#[derive(Debug, PartialEq)]
pub enum McpCalled {
    /// The tool answered, or failed.
    Output(ToolOutput),
    /// The server has forgotten the session: begin anew.
    Expired,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    Initialize,
    Notify,
    List,
}

/// One server in use.
#[derive(Debug)]
pub struct McpSession {
    url: String,
    headers: Headers,
    timeout_ms: u64,
    phase: Phase,
    /// The revision that is spoken.
    version: String,
    id: Option<String>,
    /// Of the last request.
    request: u64,
    tools: Vec<McpTool>,
    cursors: Vec<String>,
}

impl McpSession {
    /// A session with a server. `headers` are the server's, rendered.
    #[must_use]
    pub fn new(server: &McpServer, headers: Headers) -> Self {
        Self {
            url: server.url.clone(),
            headers,
            timeout_ms: server.timeout_ms,
            phase: Phase::Initialize,
            version: HANDSHAKE.to_owned(),
            id: None,
            request: 0,
            tools: Vec::new(),
            cursors: Vec::new(),
        }
    }

    /// The first request, also of a session that begins anew.
    pub fn begin(&mut self) -> HttpCall {
        self.phase = Phase::Initialize;
        self.id = None;
        self.tools.clear();
        self.cursors.clear();
        let params = json!({
            "protocolVersion": HANDSHAKE, "capabilities": {},
            "clientInfo": {"name": "assay", "version": env!("CARGO_PKG_VERSION")},
        });
        self.request("initialize", params, &[])
    }

    /// Reads the reply to the last request that finds tools.
    ///
    /// # Errors
    /// [`McpError`] when the server cannot be used.
    pub fn hear(&mut self, reply: &McpReply<'_>) -> Result<McpNext, McpError> {
        match self.phase {
            Phase::Initialize => self.initialized(reply),
            Phase::Notify => {
                self.accepted(reply)?;
                Ok(McpNext::Send(self.list(None)))
            }
            Phase::List => self.listed(reply),
        }
    }

    /// Calls a tool.
    pub fn call(&mut self, tool: &McpTool, arguments: &Value) -> HttpCall {
        let params = json!({"name": tool.name, "arguments": arguments});
        let mut headers = Vec::new();
        if self.stateless() {
            headers.push(("mcp-name".to_owned(), encode(&tool.name)));
            headers.extend(param_headers(tool, arguments));
        }
        self.request("tools/call", params, &headers)
    }

    /// Reads the reply to a call.
    #[must_use]
    pub fn called(&self, reply: &McpReply<'_>) -> McpCalled {
        if reply.status == 404 && self.id.is_some() {
            return McpCalled::Expired;
        }
        McpCalled::Output(match self.read(reply) {
            Ok(result) => message::tool_output(&result),
            Err(fault) => ToolOutput::error(format!("the tool's server {fault}")),
        })
    }

    /// Ends the session, where there is one. What the server says to it does not matter.
    #[must_use]
    pub fn end(&self) -> Option<HttpCall> {
        self.id.as_ref()?;
        let mut call = self.post(&Value::Null, &[]);
        call.method = "DELETE";
        call.body.clear();
        Some(call)
    }

    fn initialized(&mut self, reply: &McpReply<'_>) -> Result<McpNext, McpError> {
        if message::is_stateless(reply.body, self.request) {
            STATELESS.clone_into(&mut self.version);
            return Ok(McpNext::Send(self.list(None)));
        }
        let result = self.read(reply)?;
        let version = result.get("protocolVersion").and_then(Value::as_str);
        let version = version.unwrap_or_default();
        if version != HANDSHAKE && !OLDER.contains(&version) {
            return Err(McpError::Version(crate::excerpt(version)));
        }
        version.clone_into(&mut self.version);
        let visible = |id: &&str| !id.is_empty() && id.bytes().all(|b| (0x21..0x7f).contains(&b));
        self.id = reply.session_id.filter(visible).map(str::to_owned);
        self.phase = Phase::Notify;
        let note = json!({"jsonrpc": "2.0", "method": "notifications/initialized"});
        Ok(McpNext::Send(self.post(&note, &[])))
    }

    fn listed(&mut self, reply: &McpReply<'_>) -> Result<McpNext, McpError> {
        let result = self.read(reply)?;
        let tools = result
            .get("tools")
            .and_then(Value::as_array)
            .ok_or(AnswerError::Shape("there is no `tools` list"))?;
        for tool in tools {
            self.tools.extend(message::tool(tool, self.stateless()));
        }
        let cursor = result.get("nextCursor").and_then(Value::as_str);
        let Some(cursor) = cursor.filter(|cursor| !cursor.is_empty()) else {
            return Ok(McpNext::Ready(std::mem::take(&mut self.tools)));
        };
        let again = self.cursors.iter().any(|known| known == cursor);
        if again || self.cursors.len() + 1 >= MAX_PAGES || self.tools.len() > MAX_TOOLS {
            return Err(McpError::TooMany);
        }
        self.cursors.push(cursor.to_owned());
        Ok(McpNext::Send(self.list(Some(cursor))))
    }

    fn list(&mut self, cursor: Option<&str>) -> HttpCall {
        self.phase = Phase::List;
        let params = cursor.map_or_else(|| json!({}), |cursor| json!({"cursor": cursor}));
        self.request("tools/list", params, &[])
    }

    fn stateless(&self) -> bool {
        self.version == STATELESS
    }

    fn request(
        &mut self,
        method: &str,
        mut params: Value,
        headers: &[(String, String)],
    ) -> HttpCall {
        self.request += 1;
        let mut headers = headers.to_vec();
        if self.stateless() && method != "initialize" {
            headers.push(("mcp-method".to_owned(), method.to_owned()));
            if let Some(params) = params.as_object_mut() {
                params.insert("_meta".into(), meta());
            }
        }
        let body =
            json!({"jsonrpc": "2.0", "id": self.request, "method": method, "params": params});
        self.post(&body, &headers)
    }

    fn post(&self, body: &Value, ours: &[(String, String)]) -> HttpCall {
        let mut headers = vec![
            ("content-type".to_owned(), "application/json".to_owned()),
            (
                "accept".to_owned(),
                "application/json, text/event-stream".to_owned(),
            ),
        ];
        // The handshake settles the version, and so cannot be under one.
        if self.phase != Phase::Initialize {
            headers.push(("mcp-protocol-version".to_owned(), self.version.clone()));
        }
        if let Some(id) = &self.id {
            headers.push(("mcp-session-id".to_owned(), id.clone()));
        }
        headers.extend(ours.iter().cloned());
        headers.extend(self.headers.plain.iter().cloned());
        HttpCall {
            method: "POST",
            url: self.url.clone(),
            headers,
            secret_headers: self.headers.secret.clone(),
            auth: None,
            body: body.to_string().into_bytes(),
            timeout_ms: self.timeout_ms,
        }
    }

    fn accepted(&self, reply: &McpReply<'_>) -> Result<(), McpError> {
        if (200..300).contains(&reply.status) {
            return Ok(());
        }
        let head = reply.body.get(..500).unwrap_or(reply.body);
        Err(McpError::Status {
            status: reply.status,
            excerpt: crate::excerpt(&String::from_utf8_lossy(head)),
        })
    }

    /// The result of the last request.
    fn read(&self, reply: &McpReply<'_>) -> Result<Value, McpError> {
        self.accepted(reply)?;
        match result(reply.body, self.request)? {
            Ok(result) => Ok(result),
            Err(RpcError { message, .. }) => Err(McpError::Refused(message)),
        }
    }
}

/// What a request without a session says of itself.
fn meta() -> Value {
    let mut meta = Map::new();
    for (name, value) in [
        ("protocolVersion", json!(STATELESS)),
        (
            "clientInfo",
            json!({"name": "assay", "version": env!("CARGO_PKG_VERSION")}),
        ),
        ("clientCapabilities", json!({})),
    ] {
        meta.insert(format!("{META}{name}"), value);
    }
    Value::Object(meta)
}

#[cfg(test)]
#[path = "mcp_tests.rs"]
mod tests;
