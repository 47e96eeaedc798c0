//! Talking to language models and to agents under test, without doing it: this crate writes requests and reads answers.
//!
//! Everything here is pure. A caller turns [`HttpCall`] into a real request, puts the decrypted secret where
//! [`HttpCall::auth`] says, and hands the bytes of the answer back to [`parse_model`] or [`Exchange::hear`]. Bytes from
//! outside are hostile until read: sizes and depths are bounded, and no error repeats more than a short, masked excerpt.

mod answer;
mod chat;
mod decoder;
mod embeddings;
mod excerpt;
mod extension;
mod http;
mod json_text;
mod mcp;
mod messages_api;
mod messages_stream;
mod model;
mod partial;
mod parts;
mod pictured;
mod price;
mod public_price;
mod stream;
mod target;
mod template;
mod tool;
mod transcription;

pub use answer::{AnswerError, ChatAnswer, MAX_ANSWER_BYTES, TokenAlternative, TokenLogprob};
pub use embeddings::{Embeddings, embeddings_call, embeds, parse_embeddings};
pub use excerpt::excerpt;
pub use http::{AuthSlot, Headers, HttpCall, StatusClass, classify_status};
pub use json_text::extract_json;
pub use mcp::{McpCalled, McpError, McpNext, McpReply, McpSession, McpTool};
pub use model::{ChatOptions, model_call, parse_model};
pub use partial::{MAX_PARTIAL_BYTES, Partial};
pub use price::cost;
pub use public_price::{PublicPrice, public_price};
pub use target::{Exchange, Next, Outcome, Spent, Turn};
pub use template::TemplateError;
pub use tool::{
    AskedCall, MAX_TOOL_OUTPUT, Plan, Tool, ToolOutput, ToolResult, Toolbox, ToolboxError,
    http_tool_answer, http_tool_call,
};
pub use transcription::{Transcript, parse_transcript, transcription_call};
