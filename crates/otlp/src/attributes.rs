//! A span's attributes while they are being mapped: what is taken is gone, what is left goes to the metadata.

use crate::proto::{AnyKind, AnyValue, KeyValue};
use base64::Engine as _;
use serde_json::{Map, Number, Value};

/// Attributes by key.
#[derive(Debug, Default)]
pub(crate) struct Attributes(Map<String, Value>);

impl Attributes {
    /// Of the wire. A key that is there twice has its last value.
    pub(crate) fn new(list: Vec<KeyValue>) -> Self {
        Self(object(list))
    }

    /// The value at `key`, unless it is empty.
    pub(crate) fn get(&self, key: &str) -> Option<&Value> {
        self.0.get(key).filter(|v| !is_empty(v))
    }

    /// The text at `key`, unless it is empty or not text.
    pub(crate) fn text(&self, key: &str) -> Option<&str> {
        self.get(key).and_then(Value::as_str)
    }

    /// Whether there is a non-empty value at `key`.
    pub(crate) fn has(&self, key: &str) -> bool {
        self.get(key).is_some()
    }

    /// Removes the value at `key`; `None` when it is empty.
    pub(crate) fn take(&mut self, key: &str) -> Option<Value> {
        self.0.remove(key).filter(|v| !is_empty(v))
    }

    /// Removes the first of `keys` that has a non-empty value.
    pub(crate) fn take_first(&mut self, keys: &[&str]) -> Option<Value> {
        let key = keys.iter().find(|key| self.has(key))?;
        self.take(key)
    }

    /// Removes the first of `keys` that has a non-empty value, as text.
    pub(crate) fn take_text(&mut self, keys: &[&str]) -> Option<String> {
        self.take_first(keys).map(into_text)
    }

    /// Removes all keys that begin with `prefix`; the prefix is cut off them.
    pub(crate) fn take_prefix(&mut self, prefix: &str) -> Vec<(String, Value)> {
        let keys: Vec<String> = self
            .0
            .keys()
            .filter(|key| key.starts_with(prefix))
            .cloned()
            .collect();
        keys.into_iter()
            .filter_map(|key| {
                let value = self.0.remove(&key)?;
                key.strip_prefix(prefix)
                    .map(|rest| (rest.to_owned(), value))
            })
            .collect()
    }

    /// Puts a value back.
    pub(crate) fn put(&mut self, key: &str, value: Value) {
        self.0.insert(key.to_owned(), value);
    }

    /// What is left.
    pub(crate) fn into_rest(self) -> Map<String, Value> {
        self.0
    }
}

/// Null and the empty string stand for nothing.
fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        _ => false,
    }
}

/// A list of attributes as a JSON object.
pub(crate) fn object(list: Vec<KeyValue>) -> Map<String, Value> {
    list.into_iter()
        .map(|kv| (kv.key, kv.value.map_or(Value::Null, json)))
        .collect()
}

/// An attribute's value as JSON. Decoding has limited its depth. Bytes become base64, and numbers that JSON lacks text.
fn json(value: AnyValue) -> Value {
    match value.value {
        None => Value::Null,
        Some(AnyKind::String(text)) => Value::String(text),
        Some(AnyKind::Bool(truth)) => Value::Bool(truth),
        Some(AnyKind::Int(n)) => Value::from(n),
        Some(AnyKind::Double(n)) => {
            Number::from_f64(n).map_or_else(|| Value::String(n.to_string()), Value::Number)
        }
        Some(AnyKind::Array(list)) => Value::Array(list.values.into_iter().map(json).collect()),
        Some(AnyKind::KvList(list)) => Value::Object(object(list.values)),
        Some(AnyKind::Bytes(bytes)) => {
            Value::String(base64::engine::general_purpose::STANDARD.encode(bytes))
        }
    }
}

/// A value as text: strings as they are, anything else as JSON.
pub(crate) fn into_text(value: Value) -> String {
    match value {
        Value::String(text) => text,
        other => other.to_string(),
    }
}

/// A string that holds JSON as that JSON; anything else as it is.
pub(crate) fn parsed(value: Value) -> Value {
    match value {
        Value::String(text) => serde_json::from_str(&text).unwrap_or(Value::String(text)),
        other => other,
    }
}

/// As [`parsed`], when an object comes of it.
pub(crate) fn parsed_object(value: Value) -> Option<Map<String, Value>> {
    match parsed(value) {
        Value::Object(map) => Some(map),
        _ => None,
    }
}

/// How many bytes a list of attributes holds, its structure aside.
pub(crate) fn weight(list: &[KeyValue]) -> usize {
    list.iter()
        .map(|kv| kv.key.len() + kv.value.as_ref().map_or(0, weigh))
        .sum()
}

fn weigh(value: &AnyValue) -> usize {
    match &value.value {
        None => 0,
        Some(AnyKind::String(text)) => text.len(),
        Some(AnyKind::Bytes(bytes)) => bytes.len(),
        Some(AnyKind::Array(list)) => list.values.iter().map(weigh).sum(),
        Some(AnyKind::KvList(list)) => weight(&list.values),
        Some(_) => 8,
    }
}

/// The attributes that fit into `budget` bytes, in their order; `cut` tells whether some did not.
pub(crate) fn within(list: Vec<KeyValue>, mut budget: usize) -> (Vec<KeyValue>, bool) {
    let mut cut = false;
    let kept = list
        .into_iter()
        .filter(|kv| {
            let cost = weight(std::slice::from_ref(kv)) + 16;
            let fits = cost <= budget;
            if fits {
                budget -= cost;
            } else {
                cut = true;
            }
            fits
        })
        .collect();
    (kept, cut)
}
