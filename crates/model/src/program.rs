//! Programs in WebAssembly that scenarios run.

use crate::schema::NAME;
use crate::{Validate, Validator};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What a client says of a program. Its bytes are given when it is made, and never change.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ProgramSpec {
    /// Display name, unique in the workspace.
    #[schemars(length(min = 1, max = 200), regex(pattern = NAME))]
    pub name: String,
    /// For people.
    #[serde(default)]
    #[schemars(length(max = 10000))]
    pub description: String,
}

impl Validate for ProgramSpec {
    fn check(&self, v: &mut Validator) {
        v.name("name", &self.name, 200);
        v.longest("description", &self.description, 10_000);
    }
}
