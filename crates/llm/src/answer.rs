//! Answers of OpenAI's chat completion API, and what else may come in their place.

use crate::extension::{merge_calls, openai_tool_calls, read_extension};
use crate::{cost, excerpt, pictured, stream};
use assay_model::{Image, Price, TokenUsage, ToolCall};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Most bytes of an answer that are read: 4 MiB.
pub const MAX_ANSWER_BYTES: usize = 4 << 20;

/// Why an answer could not be read. The texts quote at most 200 characters, with what looks like a credential masked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AnswerError {
    /// Larger than [`MAX_ANSWER_BYTES`].
    #[error("the answer has {0} bytes, more than can be read")]
    TooLarge(usize),
    /// Not JSON, or nested deeper than 128.
    #[error("the answer is not JSON ({fault}): {excerpt}")]
    NotJson {
        /// What the parser says.
        fault: String,
        /// The beginning of the answer.
        excerpt: String,
    },
    /// A stream of events, which was not asked for.
    #[error("the answer is a stream of events; switch streaming off")]
    Streamed,
    /// JSON, but not of the protocol's shape.
    #[error("the answer has not the shape of its protocol: {0}")]
    Shape(&'static str),
    /// The answer is an error report under a status of success.
    #[error("the answer reports an error: {0}")]
    Reported(String),
    /// The pointer leads nowhere.
    #[error("the answer has nothing at `{0}`")]
    NothingAt(String),
    /// A task of the agent's that cannot come to an answer any more.
    #[error("the agent's task ended as `{state}`{}{said}", if said.is_empty() { "" } else { ": " })]
    Task {
        /// Its state, e.g. `failed`.
        state: String,
        /// What the agent said of it.
        said: String,
    },
    /// The agent asks for tools again and again.
    #[error("the agent has asked for tools {0} times and not answered yet")]
    TooManySteps(u32),
    /// The model, or a filter before or behind it, will not answer.
    #[error("the model refused to answer: {0}")]
    Refused(String),
    /// No words came before the answer's bound.
    #[error(
        "the model reached `max_tokens` before it said anything; what it thinks counts as well"
    )]
    NoRoom,
    /// No words, and no reason that would explain it.
    #[error("the model said nothing{}", .0.as_ref().map(|end| format!(" and ended as `{end}`")).unwrap_or_default())]
    Silent(Option<String>),
}

impl AnswerError {
    /// Whether the same request may get another answer: garbage may be a hiccup of a gateway, but who refused once will
    /// refuse again.
    #[must_use]
    pub fn may_pass(&self) -> bool {
        match self {
            Self::TooManySteps(_) | Self::Refused(_) | Self::NoRoom => false,
            Self::Task { state, .. } => state == "failed",
            _ => true,
        }
    }
}

/// One alternative of a generated token.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TokenAlternative {
    /// The token's text.
    pub token: String,
    /// Natural logarithm of its probability.
    pub logprob: f64,
}

/// A generated token with its likeliest alternatives, itself among them.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct TokenLogprob {
    /// The token's text.
    pub token: String,
    /// Natural logarithm of its probability.
    pub logprob: f64,
    /// The likeliest tokens at its place.
    pub top: Vec<TokenAlternative>,
}

/// What a model or an agent answered.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct ChatAnswer {
    /// The text; that of the refusal when the model refused.
    pub content: String,
    /// Images that stand beside the text.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub images: Vec<Image>,
    /// Tools that were called, those the agent ran itself first.
    pub tool_calls: Vec<ToolCall>,
    /// Tokens spent, when the server says.
    pub usage: Option<TokenUsage>,
    /// Cost in US dollars, when usage and price are known.
    pub cost_usd: Option<f64>,
    /// The model that answered, as the server names it.
    pub model: Option<String>,
    /// Token probabilities, empty unless asked for and given.
    pub logprobs: Vec<TokenLogprob>,
    /// Passages the agent retrieved.
    pub retrieval_context: Vec<String>,
    /// Why generation ended, e.g. `stop`, `length`.
    pub finish_reason: Option<String>,
    /// Whether it was given to the same question before; then it cost nothing now.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub reused: bool,
}

/// Reads the body of a successful chat completion.
///
/// # Errors
/// [`AnswerError`] when it is too large, not JSON, an error report, or without a message.
pub(crate) fn parse_chat(body: &[u8], price: Option<&Price>) -> Result<ChatAnswer, AnswerError> {
    let answer = if stream::is_events(body) {
        stream::completion(body)?
    } else {
        parse_json(body)?
    };
    chat_answer(&answer, price)
}

pub(crate) fn parse_json(body: &[u8]) -> Result<Value, AnswerError> {
    if body.len() > MAX_ANSWER_BYTES {
        return Err(AnswerError::TooLarge(body.len()));
    }
    serde_json::from_slice(body).map_err(|fault| {
        let head = String::from_utf8_lossy(body.get(..2000).unwrap_or(body));
        if head.trim_start().starts_with("data:") || head.trim_start().starts_with("event:") {
            return AnswerError::Streamed;
        }
        AnswerError::NotJson {
            fault: fault.to_string(),
            excerpt: excerpt(&head),
        }
    })
}

/// The error that `answer` reports, if it is an error report.
pub(crate) fn reported_error(answer: &Value) -> Option<AnswerError> {
    let error = answer.get("error").filter(|e| !e.is_null())?;
    let text = error.get("message").unwrap_or(error);
    Some(AnswerError::Reported(excerpt(
        &text
            .as_str()
            .map_or_else(|| text.to_string(), str::to_owned),
    )))
}

pub(crate) fn chat_answer(
    answer: &Value,
    price: Option<&Price>,
) -> Result<ChatAnswer, AnswerError> {
    let Some(choice) = answer.pointer("/choices/0") else {
        return Err(
            reported_error(answer).unwrap_or(AnswerError::Shape("there is no `choices[0]`"))
        );
    };
    let message = choice.get("message").filter(|m| m.is_object());
    let message = message.ok_or(AnswerError::Shape("there is no `choices[0].message`"))?;
    let (ran, retrieval_context) = read_extension(answer)?;
    let tool_calls = merge_calls(ran, openai_tool_calls(message));
    let lists = ["content", "images"].map(|name| message.get(name).and_then(Value::as_array));
    let images = pictured::images(lists.into_iter().flatten().flatten());
    let content = match content_text(message) {
        Some(text) => text,
        None if !tool_calls.is_empty() || !images.is_empty() => String::new(),
        None => {
            return Err(AnswerError::Shape(
                "the message has neither text nor tool calls",
            ));
        }
    };
    let usage = read_usage(answer);
    Ok(ChatAnswer {
        content,
        images,
        tool_calls,
        usage,
        cost_usd: cost(price, usage.as_ref()),
        model: text_at(answer, "model"),
        logprobs: read_logprobs(choice),
        retrieval_context,
        finish_reason: text_at(choice, "finish_reason"),
        reused: false,
    })
}

pub(crate) fn text_at(value: &Value, key: &str) -> Option<String> {
    value.get(key).and_then(Value::as_str).map(str::to_owned)
}

/// The message's text: a string, or a list of parts of which the texts are joined; else the refusal.
fn content_text(message: &Value) -> Option<String> {
    match message.get("content") {
        Some(Value::String(text)) if !text.is_empty() => return Some(text.clone()),
        Some(Value::Array(parts)) => {
            let texts = parts.iter().filter_map(|part| {
                let text = part
                    .get("text")
                    .or_else(|| part.get("refusal"))
                    .unwrap_or(part);
                text.as_str()
                    .or_else(|| text.get("value").and_then(Value::as_str))
            });
            return Some(texts.collect());
        }
        _ => {}
    }
    text_at(message, "refusal").or_else(|| text_at(message, "content"))
}

/// Tokens spent, by the names of either of OpenAI's APIs. Half a count is no count.
pub(crate) fn read_usage(answer: &Value) -> Option<TokenUsage> {
    let usage = answer.get("usage")?;
    let count = |names: [&str; 2]| {
        names
            .iter()
            .find_map(|name| usage.get(name))
            .and_then(Value::as_u64)
    };
    Some(TokenUsage {
        input: count(["prompt_tokens", "input_tokens"])?,
        output: count(["completion_tokens", "output_tokens"])?,
    })
}

/// A token, with its probability's logarithm under the name that the API gives it.
pub(crate) fn alternative(value: &Value, logprob: &str) -> Option<TokenAlternative> {
    Some(TokenAlternative {
        token: text_at(value, "token")?,
        logprob: value.get(logprob)?.as_f64().filter(|p| p.is_finite())?,
    })
}

/// Token probabilities of the text. They only refine a score, so what is malformed is left out rather than refused.
fn read_logprobs(choice: &Value) -> Vec<TokenLogprob> {
    let tokens = choice
        .pointer("/logprobs/content")
        .and_then(Value::as_array)
        .into_iter()
        .flatten();
    let read = tokens.filter_map(|value| {
        let TokenAlternative { token, logprob } = alternative(value, "logprob")?;
        let top = value
            .get("top_logprobs")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
            .filter_map(|value| alternative(value, "logprob"))
            .collect();
        Some(TokenLogprob {
            token,
            logprob,
            top,
        })
    });
    read.collect()
}

#[cfg(test)]
#[path = "answer_tests.rs"]
mod tests;
