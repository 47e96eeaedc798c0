//! Environments and goals in them, as clients write them. What calls do, whether a goal is reached, and what is wrong with either
//! is known to `assay-environment`, which has the expressions.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

/// A world: what is the case, and what can be done about it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct EnvironmentSpec {
    /// The state that each conversation begins with; at most 1 MiB of JSON.
    #[serde(default)]
    pub state: Map<String, Value>,
    /// What agents may call.
    #[schemars(length(min = 1, max = 100))]
    pub tools: Vec<EnvTool>,
}

/// A tool.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct EnvTool {
    /// Its name, as models call it.
    #[schemars(regex(pattern = "^[A-Za-z0-9_-]{1,64}$"))]
    pub name: String,
    /// What it does, for the model.
    #[serde(default)]
    #[schemars(length(max = 4000))]
    pub description: String,
    /// JSON Schema of its arguments, whose type is `object`.
    #[serde(default = "no_parameters")]
    pub parameters: Value,
    /// What must be the case, in this order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 30))]
    pub checks: Vec<EnvCheck>,
    /// What becomes of the state, in this order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 50))]
    pub changes: Vec<EnvChange>,
    /// CEL over `args`, `state` and `before`: what the agent gets.
    #[serde(default = "nothing")]
    #[schemars(length(min = 1, max = 4096))]
    pub result: String,
}

/// A condition of a call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct EnvCheck {
    /// CEL over `args` and `state` that must be true.
    #[schemars(length(min = 1, max = 4096))]
    pub expression: String,
    /// What the agent is told when it is false.
    #[schemars(length(min = 1, max = 1000))]
    pub error: String,
}

/// A change of one place of the state: exactly one of `value`, `append` and `delete`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct EnvChange {
    /// JSON pointer into the state. What stands in braces in a segment is CEL, whose text becomes part of the key:
    /// `/orders/{args.order_id}/status`. All but the last segment must be there; `-` is the end of a list.
    #[schemars(length(min = 2, max = 2000), regex(pattern = "^/"))]
    pub path: String,
    /// CEL that must be true for the change to be made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 4096))]
    pub when: Option<String>,
    /// CEL: what is there from now on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 4096))]
    pub value: Option<String>,
    /// CEL: what is put at the end of the list that is there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 4096))]
    pub append: Option<String>,
    /// Whether what is there is taken away.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub delete: bool,
}

/// What an agent is to achieve. All parts that are given count; one must be.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct GoalState {
    /// The final state.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<Map<String, Value>>,
    /// Calls whose result the final state must be; none at all when nothing may change.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 100))]
    pub actions: Option<Vec<GoldAction>>,
    /// JSON pointers to what does not count when states are compared; `*` stands for any one segment.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 100), inner(regex(pattern = "^/"), length(max = 1000)))]
    pub ignore: Vec<String>,
    /// What must be true of the final state.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 50))]
    pub assertions: Vec<GoalAssertion>,
    /// What must be in some message of the agent's, whatever the case of letters and without regard to commas.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 50), inner(length(min = 1, max = 1000)))]
    pub outputs: Vec<String>,
}

/// A call that the goal's state is made by.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct GoldAction {
    /// The tool's name.
    pub tool: String,
    /// Its arguments.
    #[serde(default)]
    pub arguments: Map<String, Value>,
}

/// Something that must be true in the end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct GoalAssertion {
    /// CEL over `state` and `before`, the state that the conversation began with.
    #[schemars(length(min = 1, max = 4096))]
    pub expression: String,
    /// What it says, for people.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    #[schemars(length(max = 500))]
    pub description: String,
}

fn no_parameters() -> Value {
    json!({"type": "object", "properties": {}, "additionalProperties": false})
}

fn nothing() -> String {
    "null".to_owned()
}

impl EnvironmentSpec {
    /// The state that a conversation begins with.
    #[must_use]
    pub fn initial_state(&self) -> Value {
        Value::Object(self.state.clone())
    }

    /// The tool of that name, and where it stands.
    #[must_use]
    pub fn tool(&self, name: &str) -> Option<(usize, &EnvTool)> {
        self.tools
            .iter()
            .enumerate()
            .find(|(_, tool)| tool.name == name)
    }

    /// The tools as OpenAI's API takes them.
    #[must_use]
    pub fn definitions(&self) -> Vec<Value> {
        self.tools
            .iter()
            .map(|tool| {
                json!({"type": "function", "function": {
                    "name": tool.name, "description": tool.description, "parameters": tool.parameters,
                }})
            })
            .collect()
    }
}
