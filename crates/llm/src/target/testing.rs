//! What the tests of the protocols share.

use super::{Exchange, Next, Outcome, Turn};
use crate::template::TemplateError;
use crate::{AnswerError, HttpCall};
use assay_model::{AgentSpec, Message, Role};
use serde_json::{Value, json};

/// An agent with these fields, of kind `http` unless they say otherwise.
pub(crate) fn agent(mut fields: Value) -> AgentSpec {
    for (key, value) in [
        ("name", json!("a")),
        ("kind", json!("http")),
        ("url", json!("https://example.com/chat")),
    ] {
        if fields.get(key).is_none() {
            fields[key] = value;
        }
    }
    serde_json::from_value(fields).unwrap()
}

pub(crate) fn user(text: &str) -> Message {
    Message::new(Role::User, text)
}

pub(crate) const fn turn<'a>(
    agent: &'a AgentSpec,
    messages: &'a [Message],
    session: &'a Value,
) -> Turn<'a> {
    Turn {
        agent,
        messages,
        run_id: "run-1",
        session,
    }
}

/// The first request.
pub(crate) fn call(agent: &AgentSpec, messages: &[Message]) -> Result<HttpCall, TemplateError> {
    Exchange::new(turn(agent, messages, &Value::Null), &[]).call()
}

/// Its body.
pub(crate) fn sent(agent: &AgentSpec, messages: &[Message]) -> Result<Value, TemplateError> {
    call(agent, messages).map(|call| serde_json::from_slice(&call.body).unwrap())
}

/// What an answer in one piece, to a question, comes to.
pub(crate) fn heard(agent: &AgentSpec, body: &[u8]) -> Result<Outcome, AnswerError> {
    let messages = [user("q")];
    match Exchange::new(turn(agent, &messages, &Value::Null), &[]).hear(body)? {
        Next::Done(outcome) => Ok(*outcome),
        other => panic!("{other:?}"),
    }
}

/// Events as servers send them, each with its type's name where it has one.
pub(crate) fn events(all: &[Value]) -> Vec<u8> {
    let mut out = String::new();
    for event in all {
        if let Some(kind) = event.get("type").and_then(Value::as_str) {
            out.push_str(&format!("event: {kind}\n"));
        }
        out.push_str(&format!("data: {event}\n\n"));
    }
    out.into_bytes()
}

/// That an answer is refused, saying so.
#[track_caller]
pub(crate) fn refused(agent: &AgentSpec, body: &[u8], says: &str) {
    let fault = heard(agent, body).unwrap_err().to_string();
    assert!(fault.contains(says), "{fault}");
    assert!(fault.chars().count() < 400, "{fault}");
}
