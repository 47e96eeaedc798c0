//! Write-only secrets of a request: sealed when they come in, and never shown again.

use crate::platform::Platform;
use crate::problem::Problem;
use serde_json::{Map, Value};

/// Longest secret, in bytes.
const MAX: usize = 8192;

/// What a request says of the resource's secret.
#[derive(PartialEq, Eq)]
pub enum Secret {
    /// Nothing: it stays as it is.
    Keep,
    /// There shall be none.
    Clear,
    /// The new one.
    Set(String),
}

impl Secret {
    /// Takes the write-only field out of a body, so that it reaches neither the specification nor a message.
    ///
    /// # Errors
    /// A validation problem that names the field and does not repeat it.
    pub fn take(body: &mut Map<String, Value>, field: Option<&str>) -> Result<Self, Problem> {
        let Some(field) = field else {
            return Ok(Self::Keep);
        };
        let wrong = |message: &str| Err(Problem::field(format!("/{field}"), message));
        match body.remove(field) {
            None => Ok(Self::Keep),
            Some(Value::Null) => Ok(Self::Clear),
            Some(Value::String(text)) if text.is_empty() || text.len() > MAX => {
                wrong("must have 1 to 8192 characters; null removes it")
            }
            // It goes into a header.
            Some(Value::String(text)) if text.bytes().any(|b| !(32..127).contains(&b)) => {
                wrong("must be printable ASCII")
            }
            Some(Value::String(text)) => Ok(Self::Set(text)),
            Some(_) => wrong("must be a string or null"),
        }
    }

    /// What the audit log says of it.
    #[must_use]
    pub const fn told(&self) -> &'static str {
        match self {
            Self::Keep => "as it was",
            Self::Clear => "removed",
            Self::Set(_) => "set",
        }
    }

    /// What is kept from now on: the envelope, sealed for its row.
    ///
    /// # Errors
    /// When the engine gives no randomness.
    pub fn seal(
        &self,
        platform: &Platform,
        table: &str,
        id: &str,
        kept: Option<String>,
    ) -> Result<Option<String>, Problem> {
        match self {
            Self::Keep => Ok(kept),
            Self::Clear => Ok(None),
            Self::Set(text) => platform.keyring.seal(&place(table, id), text).map(Some),
        }
    }
}

/// What the secret of a row of that table belongs to.
#[must_use]
pub fn place(table: &str, id: &str) -> String {
    format!("{table}/{id}/credential")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn take(body: Value) -> Result<(Secret, Map<String, Value>), Problem> {
        let Value::Object(mut map) = body else {
            panic!("not an object")
        };
        Secret::take(&mut map, Some("credential")).map(|s| (s, map))
    }

    #[test]
    fn absent_keeps_null_clears_text_sets() {
        assert!(take(json!({"name": "a"})).unwrap().0 == Secret::Keep);
        assert!(take(json!({"credential": null})).unwrap().0 == Secret::Clear);
        let (secret, rest) = take(json!({"credential": "s3cret", "name": "a"})).unwrap();
        assert!(secret == Secret::Set("s3cret".into()));
        assert_eq!(rest.len(), 1);
    }

    #[test]
    fn wrong_ones_are_named_and_not_repeated() {
        for bad in [
            json!(""),
            json!("line\nbreak"),
            json!(7),
            json!({"a": "s3cret"}),
            json!("x".repeat(9000)),
        ] {
            let problem = take(json!({"credential": bad})).err().unwrap();
            assert!(problem.to_string().contains("/credential"));
            assert!(!problem.to_string().contains("s3cret"));
        }
    }
}
