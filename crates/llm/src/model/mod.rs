//! Requests to models that judge or play personas, and their answers: a file an API, and one way in.
//!
//! A caller sends what [`model_call`] says and hands a successful answer to [`parse_model`]. Where the server refuses the request,
//! [`ChatOptions::after_refusal`] says what to leave out.

mod anthropic;
mod gemini;
mod options;
mod schema;
#[cfg(test)]
mod stream_tests;

pub use options::ChatOptions;

use crate::answer::parse_chat;
use crate::chat::chat_call;
use crate::messages_stream::Streamed;
use crate::stream::{Completion, Hears};
use crate::{AnswerError, ChatAnswer, HttpCall};
use assay_model::{Message, ModelProvider, ModelSpec, Role};
use serde_json::Value;

/// How many alternatives of each token are asked for: the most that OpenAI's and Google's APIs allow.
pub(crate) const TOP_LOGPROBS: u32 = 20;

/// The request that asks `model` to go on with `messages`, without what the model does not take.
#[must_use]
pub fn model_call(model: &ModelSpec, messages: &[Message], options: &ChatOptions) -> HttpCall {
    match model.provider {
        ModelProvider::OpenaiCompatible | ModelProvider::Openai | ModelProvider::AzureOpenai => {
            chat_call(model, messages, options)
        }
        ModelProvider::Anthropic => anthropic::call(model, messages, options),
        ModelProvider::Gemini => gemini::call(model, messages, options),
    }
}

/// Reads the body of a successful answer of `model`.
///
/// # Errors
/// [`AnswerError`] when it is too large, not JSON, an error report, a refusal, or without words.
pub fn parse_model(model: &ModelSpec, body: &[u8]) -> Result<ChatAnswer, AnswerError> {
    match model.provider {
        ModelProvider::OpenaiCompatible | ModelProvider::Openai | ModelProvider::AzureOpenai => {
            parse_chat(body, model.price.as_ref())
        }
        ModelProvider::Anthropic => anthropic::read(model, body),
        ModelProvider::Gemini => gemini::read(model, body),
    }
}

/// What hears the model's answer while it streams.
pub(crate) fn hears(model: &ModelSpec) -> Box<dyn Hears> {
    match model.provider {
        ModelProvider::OpenaiCompatible | ModelProvider::Openai | ModelProvider::AzureOpenai => {
            Box::<Completion>::default()
        }
        ModelProvider::Anthropic => Box::<Streamed>::default(),
        ModelProvider::Gemini => Box::<gemini::Streamed>::default(),
    }
}

/// The address of `path` below `base`, whose query stays.
pub(crate) fn below(base: &str, path: &str) -> String {
    let (base, query) = match base.split_once('?') {
        Some((base, query)) => (base, format!("?{query}")),
        None => (base, String::new()),
    };
    format!("{}{path}{query}", base.trim_end_matches('/'))
}

/// Instructions, which some APIs want apart from the conversation.
fn instructions(messages: &[Message]) -> Option<String> {
    let system: Vec<&str> = messages
        .iter()
        .filter(|m| m.role == Role::System && !m.content.is_empty())
        .map(|m| m.content.as_str())
        .collect();
    (!system.is_empty()).then(|| system.join("\n\n"))
}

/// The conversation in turns that alternate, each made of the `parts` of its messages. A model is offered no tools, so that what
/// tools said is no part of it.
fn turns(messages: &[Message], parts: fn(&Message) -> Vec<Value>) -> Vec<(Role, Vec<Value>)> {
    let mut out: Vec<(Role, Vec<Value>)> = Vec::new();
    for message in messages {
        if !matches!(message.role, Role::User | Role::Assistant) {
            continue;
        }
        let parts = parts(message);
        match out.last_mut() {
            _ if parts.is_empty() => {}
            Some((role, said)) if *role == message.role => said.extend(parts),
            _ => out.push((message.role, parts)),
        }
    }
    out
}

/// An answer without words, by the reason for its end in OpenAI's words.
fn wordless(ended: Option<String>) -> AnswerError {
    match ended.as_deref() {
        Some("length") => AnswerError::NoRoom,
        _ => AnswerError::Silent(ended),
    }
}
