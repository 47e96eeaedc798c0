//! Where two states differ, for people.

use crate::canonical::same_number;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The most differences that are told.
const MAX_DIFFERENCES: usize = 50;
/// The longest value that is shown, in bytes of JSON.
const MAX_SHOWN: usize = 500;

/// One place where two values differ.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Difference {
    /// JSON pointer to it.
    pub pointer: String,
    /// What should be there; missing when nothing should. A long value is shown as the beginning of its text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expected: Option<Value>,
    /// What is there; missing when nothing is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub found: Option<Value>,
}

/// Where `found` differs from `expected`, the first 50 places in the order of keys. Numbers are compared by value.
#[must_use]
pub fn differences(expected: &Value, found: &Value) -> Vec<Difference> {
    let mut list = Vec::new();
    walk(&mut String::new(), Some(expected), Some(found), &mut list);
    list
}

fn same(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Number(a), Value::Number(b)) => same_number(a, b),
        _ => a == b,
    }
}

fn walk(
    pointer: &mut String,
    expected: Option<&Value>,
    found: Option<&Value>,
    list: &mut Vec<Difference>,
) {
    if list.len() >= MAX_DIFFERENCES {
        return;
    }
    match (expected, found) {
        (Some(Value::Object(a)), Some(Value::Object(b))) => {
            let mut keys: Vec<&String> = a.keys().chain(b.keys()).collect();
            keys.sort();
            keys.dedup();
            for key in keys {
                below(pointer, key, |pointer| {
                    walk(pointer, a.get(key), b.get(key), list);
                });
            }
        }
        (Some(Value::Array(a)), Some(Value::Array(b))) => {
            for i in 0..a.len().max(b.len()) {
                below(pointer, &i.to_string(), |pointer| {
                    walk(pointer, a.get(i), b.get(i), list);
                });
            }
        }
        (Some(a), Some(b)) if same(a, b) => {}
        (None, None) => {}
        _ => list.push(Difference {
            pointer: pointer.clone(),
            expected: expected.map(shown),
            found: found.map(shown),
        }),
    }
}

fn below(pointer: &mut String, key: &str, act: impl FnOnce(&mut String)) {
    let length = pointer.len();
    pointer.push('/');
    pointer.push_str(&key.replace('~', "~0").replace('/', "~1"));
    act(pointer);
    pointer.truncate(length);
}

fn shown(value: &Value) -> Value {
    let text = value.to_string();
    if text.len() <= MAX_SHOWN {
        return value.clone();
    }
    let mut head: String = text.chars().take(MAX_SHOWN).collect();
    head.push('…');
    Value::String(head)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn told(expected: &Value, found: &Value) -> Vec<(String, Option<Value>, Option<Value>)> {
        differences(expected, found)
            .into_iter()
            .map(|d| (d.pointer, d.expected, d.found))
            .collect()
    }

    #[test]
    fn names_each_place() {
        assert_eq!(
            told(
                &json!({"a": 1, "b": [1, 2, 3], "c/d": {"e": null}, "same": 2.0}),
                &json!({"a": 2, "b": [1, 4], "c/d": {}, "x": {"y": 1}, "same": 2}),
            ),
            [
                ("/a".into(), Some(json!(1)), Some(json!(2))),
                ("/b/1".into(), Some(json!(2)), Some(json!(4))),
                ("/b/2".into(), Some(json!(3)), None),
                ("/c~1d/e".into(), Some(Value::Null), None),
                ("/x".into(), None, Some(json!({"y": 1}))),
            ]
        );
        assert_eq!(told(&json!([1]), &json!({"0": 1})).len(), 1);
    }

    #[test]
    fn is_bounded() {
        let many: Value = (0..1000).map(Value::from).collect();
        assert_eq!(differences(&many, &json!([])).len(), MAX_DIFFERENCES);
        let long = json!({"a": "é".repeat(1000)});
        let found = differences(&json!({"a": 1}), &long);
        assert!(
            found[0]
                .found
                .as_ref()
                .unwrap()
                .as_str()
                .unwrap()
                .chars()
                .count()
                <= MAX_SHOWN + 1
        );
    }
}
