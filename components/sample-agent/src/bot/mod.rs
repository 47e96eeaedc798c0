//! What the bot says. A function of the conversation: no clock, no state, no chance.

mod articles;
mod dialogue;
mod tools;

pub use articles::{Article, retrieve};
pub use dialogue::{GREETING, answer};
pub use tools::ToolCall;

use serde_json::Value;

/// Who said a message. The bot does not act on what tools or system messages say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Speaker {
    /// The customer.
    User,
    /// The bot, earlier.
    Assistant,
    /// Instructions, or the answer of a tool.
    Other,
}

/// One message of the conversation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// Who said it.
    pub speaker: Speaker,
    /// The text.
    pub text: String,
}

/// What the bot answers.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Reply {
    /// The text.
    pub text: String,
    /// Tools it called for that, in order.
    pub tools_called: Vec<ToolCall>,
    /// Articles it read for that.
    pub retrieval_context: Vec<String>,
    /// How long it takes its time, in milliseconds.
    pub delay_ms: u64,
}

impl Reply {
    fn say(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            ..Self::default()
        }
    }

    fn called(&mut self, name: &'static str, input: Value, output: Value) {
        self.tools_called.push(ToolCall {
            name,
            input_parameters: input,
            output,
        });
    }
}
