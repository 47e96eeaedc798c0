//! Reading a client's JSON object field by field, with errors that name the field.

use crate::{Invalid, MAX_ID};
use assay_model::{Timestamp, environment_name};
use serde_json::{Map, Value};

/// An object of which fields are taken. A field that is null counts as absent.
pub(crate) struct Body(Map<String, Value>);

impl Body {
    /// Refuses what is no object; `field` is what the error calls it.
    pub(crate) fn new(field: &str, value: Value) -> Result<Self, Invalid> {
        match value {
            Value::Object(map) => Ok(Self(map)),
            _ => Err(Invalid::new(field, "must be an object")),
        }
    }

    pub(crate) fn value(&mut self, field: &str) -> Option<Value> {
        self.0.remove(field).filter(|v| !v.is_null())
    }

    pub(crate) fn text(&mut self, field: &str) -> Result<Option<String>, Invalid> {
        self.value(field).map(|v| text(field, v)).transpose()
    }

    /// An id; an empty one counts as absent.
    pub(crate) fn id(&mut self, field: &str) -> Result<Option<String>, Invalid> {
        let Some(id) = self.text(field)?.filter(|id| !id.is_empty()) else {
            return Ok(None);
        };
        if id.chars().count() > MAX_ID {
            let message = format!("must be at most {MAX_ID} characters");
            return Err(Invalid::new(field, message));
        }
        if id.chars().any(char::is_control) {
            let message = "must not contain control characters";
            return Err(Invalid::new(field, message));
        }
        Ok(Some(id))
    }

    pub(crate) fn time(&mut self, field: &str) -> Result<Option<Timestamp>, Invalid> {
        let Some(text) = self.text(field)? else {
            return Ok(None);
        };
        let time = Timestamp::parse(&text);
        time.map(Some)
            .map_err(|e| Invalid::new(field, format!("must be a time as of RFC 3339: {e}")))
    }

    pub(crate) fn boolean(&mut self, field: &str) -> Result<Option<bool>, Invalid> {
        match self.value(field) {
            None => Ok(None),
            Some(Value::Bool(yes)) => Ok(Some(yes)),
            Some(_) => Err(Invalid::new(field, "must be true or false")),
        }
    }

    /// A whole number, or the text of one.
    pub(crate) fn integer(&mut self, field: &str) -> Result<Option<i64>, Invalid> {
        let number = match self.value(field) {
            None => return Ok(None),
            Some(Value::Number(n)) => n.as_i64(),
            Some(Value::String(text)) => text.trim().parse().ok(),
            Some(_) => None,
        };
        number
            .map(Some)
            .ok_or_else(|| Invalid::new(field, "must be a whole number"))
    }

    pub(crate) fn object(&mut self, field: &str) -> Result<Option<Value>, Invalid> {
        match self.value(field) {
            Some(v) if !v.is_object() => Err(Invalid::new(field, "must be an object")),
            value => Ok(value),
        }
    }

    pub(crate) fn texts(&mut self, field: &str) -> Result<Vec<String>, Invalid> {
        match self.value(field) {
            None => Ok(Vec::new()),
            Some(Value::Array(list)) => list
                .into_iter()
                .enumerate()
                .map(|(i, v)| text(&format!("{field}.{i}"), v))
                .collect(),
            Some(_) => Err(Invalid::new(field, "must be a list of texts")),
        }
    }

    /// Metadata may be anything, but is read as an object: what is none becomes the value of its key `metadata`.
    pub(crate) fn metadata(&mut self) -> Option<Value> {
        self.value("metadata").map(record)
    }

    /// An environment in the spelling that OTLP's gets too: lower case, short, never beginning with what Langfuse
    /// reserves for itself.
    pub(crate) fn environment(&mut self) -> Result<Option<String>, Invalid> {
        Ok(self.text("environment")?.map(|e| environment_name(&e)))
    }
}

/// An object, or one that holds `value` as `metadata`.
pub(crate) fn record(value: Value) -> Value {
    if value.is_object() {
        value
    } else {
        Value::Object(Map::from_iter([("metadata".to_owned(), value)]))
    }
}

fn text(field: &str, value: Value) -> Result<String, Invalid> {
    match value {
        Value::String(text) => Ok(text),
        _ => Err(Invalid::new(field, "must be a text")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn body(value: Value) -> Body {
        Body::new("body", value).unwrap()
    }

    #[test]
    fn ids() {
        assert_eq!(body(json!({"id": ""})).id("id"), Ok(None));
        assert_eq!(body(json!({"id": null})).id("id"), Ok(None));
        let longest = "é".repeat(MAX_ID);
        assert_eq!(body(json!({"id": longest})).id("id"), Ok(Some(longest)));
        for wrong in [json!("é".repeat(MAX_ID + 1)), json!("a\nb"), json!(7)] {
            assert_eq!(body(json!({"id": wrong})).id("id").unwrap_err().field, "id");
        }
    }

    #[test]
    fn times() {
        let time = body(json!({"t": "2026-11-24T06:00:00+02:00"})).time("t");
        assert_eq!(
            time.unwrap().unwrap().to_rfc3339(),
            "2026-11-24T04:00:00.000000Z"
        );
        for wrong in [json!("yesterday"), json!("2026-11-24"), json!(1)] {
            assert_eq!(body(json!({"t": wrong})).time("t").unwrap_err().field, "t");
        }
    }

    #[test]
    fn numbers_may_be_texts() {
        assert_eq!(body(json!({"n": "3"})).integer("n"), Ok(Some(3)));
        assert_eq!(body(json!({"n": 3})).integer("n"), Ok(Some(3)));
        assert!(body(json!({"n": 3.5})).integer("n").is_err());
    }

    #[test]
    fn lists_name_the_entry() {
        let wrong = body(json!({"tags": ["a", 1]})).texts("tags").unwrap_err();
        assert_eq!(wrong.to_string(), "tags.1: must be a text");
    }

    #[test]
    fn environments() {
        for (given, expected) in [
            ("Production", "production"),
            ("langfuse-x", "x"),
            ("langfuse", "default"),
            ("", "default"),
            ("sdk-experiment", "sdk-experiment"),
        ] {
            assert_eq!(environment_name(given), expected);
        }
    }

    #[test]
    fn metadata_becomes_an_object() {
        assert_eq!(
            body(json!({"metadata": "x"})).metadata(),
            Some(json!({"metadata": "x"}))
        );
        assert_eq!(
            body(json!({"metadata": {"a": 1}})).metadata(),
            Some(json!({"a": 1}))
        );
    }
}
