//! Tools that an agent is offered: their definitions, what it asks of them, and what they answer.

mod http;
mod toolbox;

pub use http::{http_tool_answer, http_tool_call};
pub use toolbox::{Plan, Tool, Toolbox, ToolboxError};

use assay_model::ToolCall;
use serde_json::{Value, json};
use std::borrow::Cow;

/// Most bytes of what a tool answers: 256 KiB. More would fill the model's context, and the request that carries it.
pub const MAX_TOOL_OUTPUT: usize = 256 << 10;

/// A call that an agent asks for.
#[derive(Debug, Clone, PartialEq)]
pub struct AskedCall {
    /// By what the agent knows it.
    pub id: String,
    /// The tool, as it was offered.
    pub name: String,
    /// The arguments; text when they are not JSON.
    pub arguments: Value,
}

impl AskedCall {
    pub(crate) const fn new(id: String, name: String, arguments: Value) -> Self {
        Self {
            id,
            name,
            arguments,
        }
    }

    /// The call as one that nobody has run.
    pub(crate) fn told(&self) -> ToolCall {
        ToolCall {
            name: self.name.clone(),
            input_parameters: self.arguments.clone(),
            output: None,
        }
    }
}

/// What a tool answered.
#[derive(Debug, Clone, PartialEq)]
pub struct ToolOutput {
    /// The answer; text goes to the agent as it is, everything else as JSON.
    pub value: Value,
    /// Whether the tool failed. The agent is told, and may try something else.
    pub is_error: bool,
}

impl ToolOutput {
    /// An answer. One that is too large is a failure.
    #[must_use]
    pub fn of(value: Value) -> Self {
        let size = text_of(&Some(value.clone())).len();
        if size > MAX_TOOL_OUTPUT {
            return Self::error(format!(
                "the tool's answer has {size} bytes, more than the {MAX_TOOL_OUTPUT} that can be taken"
            ));
        }
        Self {
            value,
            is_error: false,
        }
    }

    /// A failure, told in the words of `message`.
    #[must_use]
    pub fn error(message: impl Into<String>) -> Self {
        Self {
            value: json!({"error": message.into()}),
            is_error: true,
        }
    }
}

/// A call with what came of it.
#[derive(Debug, Clone, PartialEq)]
pub struct ToolResult {
    /// The call.
    pub call: AskedCall,
    /// The tool's own name, which on the wire may have to be another.
    pub tool: String,
    /// What came of it.
    pub output: ToolOutput,
}

impl ToolResult {
    /// The text that the agent gets.
    pub(crate) fn text(&self) -> Cow<'_, str> {
        text_of_value(&self.output.value)
    }

    /// The call as the report shows it.
    pub(crate) fn told(&self) -> ToolCall {
        ToolCall {
            name: self.tool.clone(),
            input_parameters: self.call.arguments.clone(),
            output: Some(self.output.value.clone()),
        }
    }
}

/// The text of an output that may be unknown.
pub(crate) fn text_of(output: &Option<Value>) -> Cow<'_, str> {
    output.as_ref().map_or(Cow::Borrowed(""), text_of_value)
}

fn text_of_value(value: &Value) -> Cow<'_, str> {
    match value {
        Value::String(text) => Cow::Borrowed(text),
        other => Cow::Owned(other.to_string()),
    }
}
