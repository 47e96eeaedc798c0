//! The tools that an agent had, as parameters name them.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// Most tools that an agent has.
const MAX_TOOLS: usize = 200;

/// A tool that the agent had.
#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Tool {
    pub(crate) name: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    description: String,
    #[serde(default, skip_serializing_if = "Value::is_null")]
    input_parameters: Value,
}

/// The schema of a list of at least `least` of them.
pub(crate) fn tools_schema(least: u32, description: &str) -> Value {
    json!({"type": "array", "minItems": least, "maxItems": MAX_TOOLS, "description": description,
        "items": {"type": "object", "additionalProperties": false, "required": ["name"], "properties": {
            "name": {"type": "string", "minLength": 1, "maxLength": 200, "description": "How it is called."},
            "description": {"type": "string", "maxLength": 4000, "description": "What it is for."},
            "input_parameters": {"type": "object", "maxProperties": 50,
                "description": "Its arguments by name, or their JSON Schema."}}}})
}
