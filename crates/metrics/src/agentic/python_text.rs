//! Values as Python prints them, where two of them count as the same when they are printed alike.

use serde_json::Value;
use std::fmt::Write;

/// As `str(value)` has it: a text is itself, so that `1` and `"1"` are the same. Keys of an object are in their order by name,
/// whatever order they were sent in.
pub(super) fn str_of(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => {
            let mut out = String::new();
            repr(other, &mut out);
            out
        }
    }
}

/// As `json.dumps(value, sort_keys=True)` has it: ASCII, a space after each comma and colon.
pub(super) fn dumps(value: &Value) -> String {
    let mut out = String::new();
    dump(value, &mut out);
    out
}

fn repr(value: &Value, out: &mut String) {
    match value {
        Value::Null => out.push_str("None"),
        Value::Bool(true) => out.push_str("True"),
        Value::Bool(false) => out.push_str("False"),
        Value::Number(number) => out.push_str(&number.to_string()),
        Value::String(text) => quote(text, out),
        Value::Array(items) => between('[', ']', items, out, repr),
        Value::Object(map) => between('{', '}', map, out, |(key, value), out| {
            quote(key, out);
            out.push_str(": ");
            repr(value, out);
        }),
    }
}

fn dump(value: &Value, out: &mut String) {
    match value {
        Value::String(text) => escape(text, out),
        Value::Array(items) => between('[', ']', items, out, dump),
        Value::Object(map) => between('{', '}', map, out, |(key, value), out| {
            escape(key, out);
            out.push_str(": ");
            dump(value, out);
        }),
        plain => out.push_str(&plain.to_string()),
    }
}

fn between<T>(
    open: char,
    close: char,
    items: impl IntoIterator<Item = T>,
    out: &mut String,
    one: impl Fn(T, &mut String),
) {
    out.push(open);
    for (at, item) in items.into_iter().enumerate() {
        if at > 0 {
            out.push_str(", ");
        }
        one(item, out);
    }
    out.push(close);
}

fn quote(text: &str, out: &mut String) {
    let mark = if text.contains('\'') && !text.contains('"') {
        '"'
    } else {
        '\''
    };
    out.push(mark);
    for c in text.chars() {
        match c {
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if c == mark || c == '\\' => out.extend(['\\', c]),
            c => out.push(c),
        }
    }
    out.push(mark);
}

fn escape(text: &str, out: &mut String) {
    for c in Value::from(text).to_string().chars() {
        if c.is_ascii() {
            out.push(c);
            continue;
        }
        for unit in c.encode_utf16(&mut [0; 2]) {
            // Writing to a text does not fail.
            let _ = write!(out, "\\u{unit:04x}");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    /// Recorded from CPython 3.11.7.
    #[test]
    fn as_python_prints() {
        let value = json!({"b": [1, 2.5, null, true, "it's"], "a": {"é😀": "\"x\"\n\\"}, "c": []});
        assert_eq!(
            str_of(&value),
            r#"{'a': {'é😀': '"x"\n\\'}, 'b': [1, 2.5, None, True, "it's"], 'c': []}"#
        );
        assert_eq!(
            dumps(&value),
            r#"{"a": {"\u00e9\ud83d\ude00": "\"x\"\n\\"}, "b": [1, 2.5, null, true, "it's"], "c": []}"#
        );
        assert_eq!(str_of(&json!("x")), "x");
        assert_eq!(str_of(&json!(false)), "False");
        assert_eq!(str_of(&json!(["'\""])), r#"['\'"']"#);
    }
}
