//! Requests to the agent under test, and its answers: a file a protocol, and [`Exchange`], which leads from one to the other
//! and runs an agent's tools in between.

mod a2a;
mod anthropic;
mod exchange;
mod history;
mod http;
#[cfg(test)]
mod image_tests;
#[cfg(test)]
mod loop_wire_tests;
mod openai_chat;
mod openai_responses;
#[cfg(test)]
mod scripted;
#[cfg(test)]
pub(crate) mod testing;

pub use exchange::{Exchange, Next, Outcome, Spent};

use crate::chat::{headers, wire_messages};
use crate::stream::{Completion, Hears, Joined};
use crate::template::{Names, TemplateError, render_header};
use crate::{AskedCall, AuthSlot, ChatAnswer, Headers, HttpCall};
use assay_model::{
    AgentKind, AgentSpec, AuthScheme, Content, Message, Role, SecretHeader, ToolCall,
};
use serde_json::Value;
use std::collections::BTreeMap;

/// Most bytes of a request: 16 MiB.
const MAX_REQUEST: usize = 16 << 20;

/// What is asked of an agent: its answer to a conversation.
#[derive(Debug, Clone, Copy)]
pub struct Turn<'a> {
    /// The agent.
    pub agent: &'a AgentSpec,
    /// What was said so far; the last message is the user's.
    pub messages: &'a [Message],
    /// Names the run to the agent.
    pub run_id: &'a str,
    /// What the run's last answer left to be sent back ([`Outcome::session`]); null at first.
    pub session: &'a Value,
}

impl Turn<'_> {
    /// What the user said last.
    fn said(&self) -> Option<&Content> {
        let last = self.messages.iter().rev().find(|m| m.role == Role::User);
        last.map(|message| &message.content)
    }

    /// The words of that, empty when nobody spoke.
    fn input(&self) -> &str {
        self.said().map_or("", Content::as_str)
    }

    /// The conversation with the agent's instructions before it.
    fn conversation(&self) -> Vec<Message> {
        let system = self.agent.system_prompt.iter();
        system
            .map(|text| Message::new(Role::System, text))
            .chain(self.messages.iter().cloned())
            .collect()
    }

    /// Headers, rendered.
    ///
    /// # Errors
    /// [`TemplateError`] when one of them cannot be rendered.
    pub fn render_headers(
        &self,
        headers: &BTreeMap<String, String>,
    ) -> Result<Headers, TemplateError> {
        let wire = wire_messages(&self.conversation());
        let names = self.names(&wire);
        let mut rendered = Headers::default();
        for (name, value) in headers {
            let render = |template: &str| render_header(name, template, &names);
            match SecretHeader::of(name, value, render)? {
                Some(header) => rendered.secret.push(header),
                None => {
                    let header = (name.to_ascii_lowercase(), render(value)?);
                    rendered.plain.push(header);
                }
            }
        }
        Ok(rendered)
    }

    fn names<'a>(&'a self, wire: &'a Value) -> Names<'a> {
        Names {
            input: self.input(),
            messages: wire,
            run_id: self.run_id,
        }
    }

    /// The request that carries `body`. `ours` are headers of the protocol; a client's own win over them.
    fn post(
        &self,
        body: Vec<u8>,
        streamed: bool,
        ours: &[(&str, &str)],
    ) -> Result<HttpCall, TemplateError> {
        if body.len() > MAX_REQUEST {
            return Err(TemplateError::TooLarge(body.len()));
        }
        let mut headers = headers(streamed);
        headers.extend(
            ours.iter()
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned())),
        );
        let own = self.render_headers(&self.agent.headers)?;
        let auth = match &self.agent.auth {
            AuthScheme::None {} => None,
            AuthScheme::Bearer {} => Some(AuthSlot::bearer()),
            AuthScheme::Header { name } => Some(AuthSlot::header(name)),
        };
        Ok(HttpCall {
            method: "POST",
            url: self.agent.url.clone(),
            headers: own.over(headers),
            secret_headers: own.secret,
            auth,
            body,
            timeout_ms: self.agent.timeout_ms,
        })
    }
}

/// What hears the agent's answer while it streams.
pub(crate) fn hears(agent: &AgentSpec) -> Box<dyn Hears> {
    match agent.kind {
        AgentKind::OpenaiChat => Box::<Completion>::default(),
        AgentKind::OpenaiResponses => Box::<openai_responses::Streamed>::default(),
        AgentKind::AnthropicMessages => Box::<crate::messages_stream::Streamed>::default(),
        AgentKind::A2a => Box::<a2a::Told>::default(),
        AgentKind::Http => {
            let pointer = agent.response_pointer.as_deref().unwrap_or_default();
            Box::new(Joined::new(pointer))
        }
    }
}

/// What an agent answered to one request.
#[derive(Debug, Default)]
struct Heard {
    /// The answer, as far as it goes; with all calls that it tells of.
    answer: ChatAnswer,
    /// Calls that the agent ran itself.
    ran: Vec<ToolCall>,
    /// Calls that somebody is to run.
    asked: Vec<AskedCall>,
    /// The answer in its API's own words, to be sent back in front of the calls' results.
    said: Vec<Value>,
    /// What the run's next request is to carry.
    session: Value,
    /// Whether that was all.
    more: More,
}

/// What is left of an answer.
#[derive(Debug, Default, PartialEq, Eq)]
enum More {
    #[default]
    Nothing,
    /// The agent paused: it goes on when it gets back what it said.
    Paused,
    /// The task of that id is not done.
    Task(String),
}
