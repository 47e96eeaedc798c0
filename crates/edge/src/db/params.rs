//! Parameters of one statement.

use super::Value;

/// Parameters of one statement of a [`ScopedDb`](super::ScopedDb), numbered as they are added; `$1` is the workspace.
#[derive(Debug, Default)]
pub struct Params(Vec<Value>);

impl Params {
    /// Adds a value and names it.
    pub fn add(&mut self, value: impl Into<Value>) -> String {
        self.0.push(value.into());
        format!("${}", self.0.len() + 1)
    }

    /// The values of `$2..$n`.
    #[must_use]
    pub fn into_values(self) -> Vec<Value> {
        self.0
    }
}
