//! One text for equal JSON, and its hash.

use serde_json::{Number, Value};
use sha2::{Digest as _, Sha256};

/// JSON with its keys in order and without spaces, in which equal numbers are written alike: `1.0` as `1`, `1e2` as `100`.
#[must_use]
pub fn canonical_json(value: &Value) -> String {
    let mut text = String::new();
    write(value, &mut text);
    text
}

/// SHA-256 of [`canonical_json`], in hexadecimal.
#[must_use]
pub fn canonical_hash(value: &Value) -> String {
    hex::encode(Sha256::digest(canonical_json(value).as_bytes()))
}

fn write(value: &Value, text: &mut String) {
    match value {
        Value::Object(fields) => {
            let mut fields: Vec<_> = fields.iter().collect();
            fields.sort_by(|a, b| a.0.cmp(b.0));
            text.push('{');
            for (i, (key, item)) in fields.into_iter().enumerate() {
                if i > 0 {
                    text.push(',');
                }
                text.push_str(&Value::from(key.as_str()).to_string());
                text.push(':');
                write(item, text);
            }
            text.push('}');
        }
        Value::Array(items) => {
            text.push('[');
            for (i, item) in items.iter().enumerate() {
                if i > 0 {
                    text.push(',');
                }
                write(item, text);
            }
            text.push(']');
        }
        Value::Number(number) => text.push_str(&number_text(number)),
        Value::String(_) | Value::Bool(_) | Value::Null => text.push_str(&value.to_string()),
    }
}

/// Doubles are whole from here on, and those below fit into the integers that they are written as.
const WHOLE: f64 = 1e18;

fn number_text(number: &Number) -> String {
    match number.as_f64() {
        Some(double) if number.is_f64() && double.fract() == 0.0 && double.abs() < WHOLE => {
            // Exact, and without the sign of a negative zero.
            format!("{}", double as i64)
        }
        _ => number.to_string(),
    }
}

/// Whether two numbers are equal, however they are written.
pub(crate) fn same_number(a: &Number, b: &Number) -> bool {
    number_text(a) == number_text(b)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn equal_json_has_one_text() {
        let a: Value =
            serde_json::from_str(r#"{"b": [1.0, -0.0, 1e2], "a": {"y": 1, "x": "é\n"}}"#).unwrap();
        let b: Value =
            serde_json::from_str(r#"{"a":{"x":"\u00e9\n","y":1.0},"b":[1,0,100]}"#).unwrap();
        assert_eq!(
            canonical_json(&a),
            r#"{"a":{"x":"é\n","y":1},"b":[1,0,100]}"#
        );
        assert_eq!(canonical_hash(&a), canonical_hash(&b));
    }

    #[test]
    fn unequal_json_has_another() {
        for (a, b) in [
            (json!(1), json!("1")),
            (json!(1), json!(1.5)),
            (json!(u64::MAX), json!(u64::MAX - 1)),
            (json!(i64::MAX), json!(i64::MAX - 1)),
            (json!([1, 2]), json!([2, 1])),
            (json!({"a": null}), json!({})),
            (json!(["a,b"]), json!(["a", "b"])),
            (json!({"a\":1,\"b": 1}), json!({"a": 1, "b": 1})),
        ] {
            assert_ne!(canonical_hash(&a), canonical_hash(&b), "{a} {b}");
        }
    }

    #[test]
    fn the_hash_is_that_of_the_text() {
        // printf '{}' | sha256sum
        assert_eq!(
            canonical_hash(&json!({})),
            "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"
        );
    }
}
