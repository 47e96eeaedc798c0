//! A span's attributes while they are being written.

use crate::proto::{AnyKind, AnyValue, ArrayValue, KeyValue};
use crate::value::any;
use serde_json::{Map, Value};
use std::collections::HashSet;

/// One attribute.
pub(super) const fn attribute(key: String, value: AnyValue) -> KeyValue {
    KeyValue {
        key,
        value: Some(value),
    }
}

/// Attributes in the order in which they were put. What is nothing is left out.
#[derive(Debug, Default)]
pub(super) struct Bag(Vec<KeyValue>);

impl Bag {
    fn push(&mut self, key: impl Into<String>, kind: AnyKind) {
        let value = AnyValue { value: Some(kind) };
        self.0.push(attribute(key.into(), value));
    }

    /// A text, unless it is empty.
    pub(super) fn text(&mut self, key: impl Into<String>, text: &str) {
        if !text.is_empty() {
            self.push(key, AnyKind::String(text.to_owned()));
        }
    }

    /// A text that may be absent.
    pub(super) fn maybe(&mut self, key: impl Into<String>, text: Option<&str>) {
        if let Some(text) = text {
            self.text(key, text);
        }
    }

    /// A whole number; one beyond what the wire counts is cut to it.
    pub(super) fn count(&mut self, key: impl Into<String>, n: u64) {
        self.push(key, AnyKind::Int(i64::try_from(n).unwrap_or(i64::MAX)));
    }

    /// A whole number.
    pub(super) fn int(&mut self, key: impl Into<String>, n: i64) {
        self.push(key, AnyKind::Int(n));
    }

    /// A number.
    pub(super) fn real(&mut self, key: impl Into<String>, n: f64) {
        self.push(key, AnyKind::Double(n));
    }

    /// `true`; what is not so is not said.
    pub(super) fn yes(&mut self, key: impl Into<String>, is: bool) {
        if is {
            self.push(key, AnyKind::Bool(true));
        }
    }

    /// A list of texts, unless it is empty.
    pub(super) fn texts(&mut self, key: impl Into<String>, texts: &[String]) {
        if texts.is_empty() {
            return;
        }
        let one = |text: &String| AnyValue {
            value: Some(AnyKind::String(text.clone())),
        };
        let values = texts.iter().map(one).collect();
        self.push(key, AnyKind::Array(ArrayValue { values }));
    }

    /// A value as it is, unless it is null.
    pub(super) fn value(&mut self, key: impl Into<String>, value: &Value) {
        if let Some(kind) = any(value.clone()).value {
            self.push(key, kind);
        }
    }

    /// JSON as text, unless it is null or an empty object.
    pub(super) fn json(&mut self, key: impl Into<String>, value: &Value) {
        if !value.is_null() && value.as_object().is_none_or(|map| !map.is_empty()) {
            self.push(key, AnyKind::String(value.to_string()));
        }
    }

    /// Those of `others` whose keys are not taken.
    pub(super) fn beside(&mut self, others: &Map<String, Value>) {
        let taken: HashSet<&str> = self.0.iter().map(|kv| kv.key.as_str()).collect();
        let free: Vec<KeyValue> = others
            .iter()
            .filter(|(key, value)| !taken.contains(key.as_str()) && !value.is_null())
            .map(|(key, value)| attribute(key.clone(), any(value.clone())))
            .collect();
        self.0.extend(free);
    }

    /// All of them.
    pub(super) fn into_list(self) -> Vec<KeyValue> {
        self.0
    }
}

/// What goes in or comes out, as text: a text as it is, anything else as JSON, of which the second tells. Nothing when
/// there is nothing.
pub(super) fn content(value: &Value) -> Option<(String, bool)> {
    match value {
        Value::Null => None,
        // An empty attribute is none on the wire.
        Value::String(text) if !text.is_empty() => Some((text.clone(), false)),
        other => Some((other.to_string(), true)),
    }
}
