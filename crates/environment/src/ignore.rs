//! What does not count when states are compared.

use serde_json::Value;

/// The segments of a JSON pointer that is not empty.
pub(crate) fn segments(pointer: &str) -> Result<Vec<String>, &'static str> {
    let rest = pointer
        .strip_prefix('/')
        .ok_or("must be a JSON pointer: begin with `/`")?;
    rest.split('/').map(unescape).collect()
}

/// `~0` and `~1` as what they stand for.
pub(crate) fn unescape(segment: &str) -> Result<String, &'static str> {
    let escapes = segment.matches('~').count();
    if escapes != segment.matches("~0").count() + segment.matches("~1").count() {
        return Err("`~` must be followed by `0` or `1`");
    }
    Ok(segment.replace("~1", "/").replace("~0", "~"))
}

/// The value without what the pointers lead to. An element of a list becomes null, so that its neighbours keep their places.
pub(crate) fn without(mut value: Value, pointers: &[Vec<String>]) -> Value {
    for pointer in pointers {
        remove(&mut value, pointer);
    }
    value
}

fn remove(value: &mut Value, path: &[String]) {
    let Some((first, rest)) = path.split_first() else {
        return;
    };
    let hit = |key: &str| first == "*" || first == key;
    match value {
        Value::Object(fields) if rest.is_empty() => fields.retain(|key, _| !hit(key)),
        Value::Object(fields) => fields
            .iter_mut()
            .filter(|(key, _)| hit(key))
            .for_each(|(_, item)| remove(item, rest)),
        Value::Array(items) => {
            for (index, item) in items.iter_mut().enumerate() {
                if hit(&index.to_string()) {
                    if rest.is_empty() {
                        *item = Value::Null;
                    } else {
                        remove(item, rest);
                    }
                }
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn takes_away_what_pointers_lead_to() {
        let value = json!({"a": {"t": 1, "x": 2}, "b": {"t": 3}, "l": [{"t": 4}, 5], "c/d": 6});
        for (pointer, expected) in [
            ("/a", json!({"b": {"t": 3}, "l": [{"t": 4}, 5], "c/d": 6})),
            (
                "/*/t",
                json!({"a": {"x": 2}, "b": {}, "l": [{"t": 4}, 5], "c/d": 6}),
            ),
            (
                "/l/*/t",
                json!({"a": {"t": 1, "x": 2}, "b": {"t": 3}, "l": [{}, 5], "c/d": 6}),
            ),
            (
                "/l/1",
                json!({"a": {"t": 1, "x": 2}, "b": {"t": 3}, "l": [{"t": 4}, null], "c/d": 6}),
            ),
            (
                "/c~1d",
                json!({"a": {"t": 1, "x": 2}, "b": {"t": 3}, "l": [{"t": 4}, 5]}),
            ),
            ("/none/x", value.clone()),
        ] {
            let pointers = [segments(pointer).unwrap()];
            assert_eq!(without(value.clone(), &pointers), expected, "{pointer}");
        }
        for bad in ["", "a", "/~2", "/a~"] {
            assert!(segments(bad).is_err(), "{bad}");
        }
    }
}
