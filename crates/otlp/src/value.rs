//! Values of the wire as JSON.

use crate::proto::{AnyKind, AnyValue, ArrayValue, KeyValue, KvList};
use base64::Engine as _;
use serde_json::{Map, Number, Value};

/// A list of attributes as a JSON object. A key that is there twice has its last value.
pub(crate) fn object(list: Vec<KeyValue>) -> Map<String, Value> {
    list.into_iter()
        .map(|kv| (kv.key, kv.value.map_or(Value::Null, json)))
        .collect()
}

/// An attribute's value as JSON. Decoding has limited its depth. Bytes become base64, and numbers that JSON lacks the
/// names that protobuf's JSON has for them.
pub(crate) fn json(value: AnyValue) -> Value {
    match value.value {
        None => Value::Null,
        Some(AnyKind::String(text)) => Value::String(text),
        Some(AnyKind::Bool(truth)) => Value::Bool(truth),
        Some(AnyKind::Int(n)) => Value::from(n),
        Some(AnyKind::Double(n)) => Number::from_f64(n)
            .map_or_else(|| Value::String(no_number(n).to_owned()), Value::Number),
        Some(AnyKind::Array(list)) => Value::Array(list.values.into_iter().map(json).collect()),
        Some(AnyKind::KvList(list)) => Value::Object(object(list.values)),
        Some(AnyKind::Bytes(bytes)) => {
            Value::String(base64::engine::general_purpose::STANDARD.encode(bytes))
        }
    }
}

const fn no_number(n: f64) -> &'static str {
    if n.is_nan() {
        "NaN"
    } else if n.is_sign_negative() {
        "-Infinity"
    } else {
        "Infinity"
    }
}

/// The way back, for what was taken too early.
pub(crate) fn any(value: Value) -> AnyValue {
    let kind = match value {
        Value::Null => None,
        Value::Bool(truth) => Some(AnyKind::Bool(truth)),
        Value::Number(n) => n
            .as_i64()
            .map(AnyKind::Int)
            .or_else(|| n.as_f64().map(AnyKind::Double)),
        Value::String(text) => Some(AnyKind::String(text)),
        Value::Array(list) => Some(AnyKind::Array(ArrayValue {
            values: list.into_iter().map(any).collect(),
        })),
        Value::Object(map) => {
            let entry = |(key, value)| KeyValue {
                key,
                value: Some(any(value)),
            };
            let values = map.into_iter().map(entry).collect();
            Some(AnyKind::KvList(KvList { values }))
        }
    };
    AnyValue { value: kind }
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

/// Puts the fields of a JSON object, or of the JSON text of one, into `map`; anything else under `otherwise`.
pub(crate) fn merge(map: &mut Map<String, Value>, value: Value, otherwise: &str) {
    match parsed(value) {
        Value::Object(fields) if map.is_empty() => *map = fields,
        Value::Object(fields) => map.extend(fields),
        other => drop(map.insert(otherwise.to_owned(), other)),
    }
}

/// Null instead of an empty object.
pub(crate) fn filled(map: Map<String, Value>) -> Value {
    if map.is_empty() {
        Value::Null
    } else {
        Value::Object(map)
    }
}

/// `true`, or the text of it.
pub(crate) fn is_true(value: &Value) -> bool {
    value.as_bool() == Some(true) || value.as_str() == Some("true")
}

/// A finite number, or the text of one.
pub(crate) fn number(value: &Value) -> Option<f64> {
    let number = match value {
        Value::Number(n) => n.as_f64(),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    };
    number.filter(|n| n.is_finite())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn numbers_that_json_lacks_have_names() {
        for (n, name) in [
            (f64::NAN, "NaN"),
            (f64::INFINITY, "Infinity"),
            (f64::NEG_INFINITY, "-Infinity"),
        ] {
            let value = AnyValue {
                value: Some(AnyKind::Double(n)),
            };
            assert_eq!(super::json(value), json!(name));
        }
    }

    #[test]
    fn there_and_back() {
        let value = json!([null, true, -1, 1.5, "text", {"k": [1]}]);
        assert_eq!(super::json(any(value.clone())), value);
    }

    #[test]
    fn numbers_are_finite() {
        assert_eq!(number(&json!(" 1.5 ")), Some(1.5));
        assert_eq!(number(&json!(-2)), Some(-2.0));
        for none in [
            json!("NaN"),
            json!("inf"),
            json!("x"),
            json!(true),
            json!(null),
        ] {
            assert_eq!(number(&none), None, "{none}");
        }
    }

    #[test]
    fn what_is_no_object_gets_a_name() {
        let mut map = Map::new();
        merge(&mut map, json!("{\"a\": 1}"), "value");
        merge(&mut map, json!({"b": 2}), "value");
        merge(&mut map, json!("plain"), "value");
        assert_eq!(
            Value::Object(map),
            json!({"a": 1, "b": 2, "value": "plain"})
        );
    }
}
