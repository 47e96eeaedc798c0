//! Equality of JSON values where numbers are compared by value.

use serde_json::{Number, Value};

/// Whether `a` and `b` are the same JSON value; `1` and `1.0` are, as in Python, where the oracles come from.
#[must_use]
pub fn json_equal(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Number(a), Value::Number(b)) => number_equal(a, b),
        (Value::Array(a), Value::Array(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| json_equal(a, b))
        }
        (Value::Object(a), Value::Object(b)) => {
            a.len() == b.len()
                && a.iter()
                    .all(|(key, a)| b.get(key).is_some_and(|b| json_equal(a, b)))
        }
        _ => a == b,
    }
}

fn number_equal(a: &Number, b: &Number) -> bool {
    // Integers are compared as such: as floats, neighbours above 2^53 would be equal.
    a == b || (a.is_f64() || b.is_f64()) && a.as_f64() == b.as_f64()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn equality() {
        let check =
            |a: Value, b: Value, expected| assert_eq!(json_equal(&a, &b), expected, "{a} {b}");
        check(json!(1), json!(1.0), true);
        check(json!({"a": [1.0]}), json!({"a": [1]}), true);
        check(json!({"a": 1}), json!({"a": 1, "b": null}), false);
        check(json!(u64::MAX), json!(u64::MAX - 1), false);
        check(json!(1), json!(true), false);
        check(json!("1"), json!(1), false);
    }
}
