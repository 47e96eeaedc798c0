//! One answer of an agent from the first request to the last: between them tools are run, or a task is waited for.
//!
//! It is a state machine without I/O: the caller sends what [`Exchange::call`] says, hands the answer to
//! [`Exchange::hear`], and does what that says next.

use super::{Heard, More, Turn, a2a, anthropic, hears, http, openai_chat, openai_responses};
use crate::Partial;
use crate::messages_api;
use crate::template::TemplateError;
use crate::tool::{AskedCall, Tool, ToolResult};
use crate::{AnswerError, ChatAnswer, HttpCall};
use assay_model::{AgentKind, TokenUsage, ToolCall};
use serde_json::Value;

/// Most calls of one step.
const MAX_CALLS: usize = 128;

/// Shortest and longest wait before a task is asked for again, in milliseconds.
const POLL_MS: (u64, u64) = (250, 2000);

/// What the agent said before it had answered, and the results of the calls in it.
#[derive(Debug)]
pub(super) struct Step {
    pub(super) said: Vec<Value>,
    pub(super) results: Vec<ToolResult>,
}

/// What to do next.
#[derive(Debug, PartialEq)]
pub enum Next {
    /// That was the answer.
    Done(Box<Outcome>),
    /// Run these calls, and hand their results to [`Exchange::ran`]; then send the next request.
    Run(Vec<AskedCall>),
    /// Send the next request after a wait.
    Again {
        /// The wait, in milliseconds.
        after_ms: u64,
    },
}

/// An answer, and what it leaves behind.
#[derive(Debug, PartialEq)]
pub struct Outcome {
    /// The answer: usage and cost of all requests, calls of all steps.
    pub answer: ChatAnswer,
    /// What the run's next request is to carry; null when nothing is.
    pub session: Value,
}

/// What all requests so far have taken. Unknown once one of them did not say.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Spent {
    /// Tokens.
    pub usage: Option<TokenUsage>,
    /// US dollars.
    pub cost_usd: Option<f64>,
    /// The model that answered last, as the server names it.
    pub model: Option<String>,
}

/// One answer in the making.
#[derive(Debug)]
pub struct Exchange<'a> {
    turn: Turn<'a>,
    tools: &'a [Tool],
    steps: Vec<Step>,
    /// What was said last, while its calls are run.
    said: Vec<Value>,
    called: Vec<ToolCall>,
    retrieved: Vec<String>,
    /// `None` before the first answer.
    spent: Option<Spent>,
    /// The task that is waited for.
    task: Option<String>,
    polls: u32,
}

impl<'a> Exchange<'a> {
    /// Begins an exchange in which the agent is offered `tools`.
    #[must_use]
    pub const fn new(turn: Turn<'a>, tools: &'a [Tool]) -> Self {
        Self {
            turn,
            tools,
            steps: Vec::new(),
            said: Vec::new(),
            called: Vec::new(),
            retrieved: Vec::new(),
            spent: None,
            task: None,
            polls: 0,
        }
    }

    /// The next request.
    ///
    /// # Errors
    /// [`TemplateError`] when a template of the agent's cannot be rendered, or the request would be too large.
    pub fn call(&self) -> Result<HttpCall, TemplateError> {
        let (turn, tools, steps) = (&self.turn, self.tools, self.steps.as_slice());
        let bytes = |body: Value| body.to_string().into_bytes();
        let streamed = turn.agent.stream;
        match turn.agent.kind {
            AgentKind::OpenaiChat => {
                turn.post(bytes(openai_chat::body(turn, tools, steps)), streamed, &[])
            }
            AgentKind::OpenaiResponses => turn.post(
                bytes(openai_responses::body(turn, tools, steps)),
                streamed,
                &[],
            ),
            AgentKind::AnthropicMessages => turn.post(
                bytes(anthropic::body(turn, tools, steps)),
                streamed,
                &[messages_api::VERSION],
            ),
            AgentKind::A2a => {
                let task = self.task.as_deref();
                turn.post(
                    bytes(a2a::body(turn, task)),
                    streamed && task.is_none(),
                    a2a::headers(turn.agent),
                )
            }
            AgentKind::Http => turn.post(http::body(turn)?, streamed, &[]),
        }
    }

    /// Follows the answer to the last request while it comes, if it was asked for in pieces.
    #[must_use]
    pub fn partial(&self) -> Option<Partial> {
        let agent = self.turn.agent;
        // A task that is asked for again comes in one piece.
        let streamed = agent.stream && self.task.is_none();
        streamed.then(|| Partial::new(hears(agent)))
    }

    /// Reads the answer to the last request.
    ///
    /// # Errors
    /// [`AnswerError`] when it cannot be read, or the agent goes on asking for tools.
    pub fn hear(&mut self, body: &[u8]) -> Result<Next, AnswerError> {
        let agent = self.turn.agent;
        let heard = match agent.kind {
            AgentKind::OpenaiChat => openai_chat::read(agent, body, self.steps.len())?,
            AgentKind::OpenaiResponses => openai_responses::read(agent, body)?,
            AgentKind::AnthropicMessages => anthropic::read(agent, body)?,
            AgentKind::A2a => a2a::read(&self.turn, body)?,
            AgentKind::Http => http::read(agent, body)?,
        };
        if let More::Task(id) = heard.more {
            self.task = Some(id);
            let doubled = POLL_MS.0.saturating_mul(1 << self.polls.min(8));
            let after_ms = doubled.min(POLL_MS.1);
            self.polls = self.polls.saturating_add(1);
            return Ok(Next::Again { after_ms });
        }
        self.spend(&heard.answer);
        if heard.more == More::Paused {
            self.step(heard)?;
            self.ran(Vec::new());
            return Ok(Next::Again { after_ms: 0 });
        }
        // An agent that tells of a call in both places has run it.
        let all_ran = heard.ran.len() == heard.answer.tool_calls.len();
        if heard.asked.is_empty() || self.tools.is_empty() || all_ran {
            return Ok(Next::Done(Box::new(self.outcome(heard))));
        }
        if heard.asked.len() > MAX_CALLS {
            return Err(AnswerError::Shape("it asks for too many calls at once"));
        }
        self.step(heard).map(Next::Run)
    }

    /// Takes the results of the calls that [`Next::Run`] named, in their order.
    pub fn ran(&mut self, results: Vec<ToolResult>) {
        self.called.extend(results.iter().map(ToolResult::told));
        let said = std::mem::take(&mut self.said);
        self.steps.push(Step { said, results });
    }

    /// What was spent so far.
    #[must_use]
    pub fn spent(&self) -> Spent {
        self.spent.clone().unwrap_or_default()
    }

    /// Keeps what was said until the results of its calls are there; the calls.
    fn step(&mut self, heard: Heard) -> Result<Vec<AskedCall>, AnswerError> {
        let limit = self.turn.agent.max_tool_steps;
        if self.steps.len() >= usize::try_from(limit).unwrap_or(usize::MAX) {
            return Err(AnswerError::TooManySteps(limit));
        }
        self.called.extend(heard.ran);
        self.retrieved.extend(heard.answer.retrieval_context);
        self.said = heard.said;
        Ok(heard.asked)
    }

    fn outcome(&mut self, heard: Heard) -> Outcome {
        let spent = self.spent();
        let mut answer = heard.answer;
        let told = std::mem::take(&mut answer.tool_calls);
        answer.tool_calls = std::mem::take(&mut self.called);
        answer.tool_calls.extend(told);
        let mut retrieved = std::mem::take(&mut self.retrieved);
        retrieved.append(&mut answer.retrieval_context);
        answer.retrieval_context = retrieved;
        answer.usage = spent.usage;
        answer.cost_usd = spent.cost_usd;
        Outcome {
            answer,
            session: heard.session,
        }
    }

    fn spend(&mut self, answer: &ChatAnswer) {
        let before = self.spent.take();
        let first = before.is_none();
        let before = before.unwrap_or_default();
        let sum = |mut a: TokenUsage, b: TokenUsage| {
            a += b;
            a
        };
        self.spent = Some(Spent {
            usage: if first {
                answer.usage
            } else {
                before.usage.zip(answer.usage).map(|(a, b)| sum(a, b))
            },
            cost_usd: if first {
                answer.cost_usd
            } else {
                before.cost_usd.zip(answer.cost_usd).map(|(a, b)| a + b)
            },
            model: answer.model.clone().or(before.model),
        });
    }
}

#[cfg(test)]
#[path = "exchange_tests.rs"]
mod tests;
