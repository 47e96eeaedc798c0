//! Literals of Python, as its `csv` module and pandas write lists and objects into cells: `['a', "it's"]`, `{'x': None}`.
//!
//! Only literals are read: strings, numbers, `True`, `False`, `None`, lists, tuples, sets and dictionaries. Nothing is run.

use serde_json::{Map, Number, Value};

/// Deepest nesting.
const MAX_DEPTH: usize = 64;

/// The value of a literal that is all of `text`; nothing when it is not one.
pub(crate) fn literal(text: &str) -> Option<Value> {
    let mut reader = Reader { rest: text };
    let value = reader.value(0)?;
    reader.blank();
    reader.rest.is_empty().then_some(value)
}

struct Reader<'a> {
    rest: &'a str,
}

impl<'a> Reader<'a> {
    fn blank(&mut self) {
        self.rest = self.rest.trim_start();
    }

    fn take(&mut self, token: &str) -> bool {
        match self.rest.strip_prefix(token) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    fn next(&mut self) -> Option<char> {
        let mut chars = self.rest.chars();
        let c = chars.next()?;
        self.rest = chars.as_str();
        Some(c)
    }

    fn value(&mut self, depth: usize) -> Option<Value> {
        if depth > MAX_DEPTH {
            return None;
        }
        self.blank();
        match self.rest.chars().next()? {
            '[' => self.list('[', ']', depth),
            '(' => self.list('(', ')', depth),
            '{' => self.braces(depth),
            '\'' | '"' => self.string().map(Value::String),
            c if c.is_ascii_digit() || matches!(c, '-' | '+' | '.') => self.number(),
            c if c.is_ascii_alphabetic() => self.word(),
            _ => None,
        }
    }

    fn list(&mut self, open: char, close: char, depth: usize) -> Option<Value> {
        self.take(open.encode_utf8(&mut [0; 4]));
        let mut out = Vec::new();
        loop {
            self.blank();
            if self.take(close.encode_utf8(&mut [0; 4])) {
                return Some(Value::Array(out));
            }
            out.push(self.value(depth + 1)?);
            self.blank();
            // An array of numpy has no commas: `['a' 'b']`.
            let goes_on = self.take(",") || self.rest.starts_with(close) || open == '[';
            if !goes_on {
                return None;
            }
        }
    }

    fn braces(&mut self, depth: usize) -> Option<Value> {
        self.take("{");
        let mut object = Map::new();
        let mut set = Vec::new();
        loop {
            self.blank();
            if self.take("}") {
                break;
            }
            let key = self.value(depth + 1)?;
            self.blank();
            if self.take(":") {
                let name = match key {
                    Value::String(name) => name,
                    Value::Number(_) | Value::Bool(_) | Value::Null => key.to_string(),
                    Value::Array(_) | Value::Object(_) => return None,
                };
                let value = self.value(depth + 1)?;
                object.insert(name, value);
            } else {
                set.push(key);
            }
            self.blank();
            if !self.take(",") && !self.rest.starts_with('}') {
                return None;
            }
        }
        match (object.is_empty(), set.is_empty()) {
            (_, true) => Some(Value::Object(object)),
            (true, false) => Some(Value::Array(set)),
            (false, false) => None,
        }
    }

    fn string(&mut self) -> Option<String> {
        let quote = self.next()?;
        let mut out = String::new();
        loop {
            match self.next()? {
                c if c == quote => return Some(out),
                '\\' => self.escape(&mut out)?,
                c => out.push(c),
            }
        }
    }

    fn escape(&mut self, out: &mut String) -> Option<()> {
        let code = |digits: Option<&str>| {
            u32::from_str_radix(digits?, 16)
                .ok()
                .map(|n| char::from_u32(n).unwrap_or(char::REPLACEMENT_CHARACTER))
        };
        match self.next()? {
            'n' => out.push('\n'),
            't' => out.push('\t'),
            'r' => out.push('\r'),
            'a' => out.push('\u{7}'),
            'b' => out.push('\u{8}'),
            'f' => out.push('\u{c}'),
            'v' => out.push('\u{b}'),
            '0' => out.push('\0'),
            '\n' => {}
            c @ ('\\' | '\'' | '"') => out.push(c),
            c @ ('x' | 'u' | 'U') => {
                let width = match c {
                    'x' => 2,
                    'u' => 4,
                    _ => 8,
                };
                out.push(code(self.rest.get(..width))?);
                self.rest = self.rest.get(width..)?;
            }
            c => {
                out.push('\\');
                out.push(c);
            }
        }
        Some(())
    }

    fn number(&mut self) -> Option<Value> {
        let end = self
            .rest
            .find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '.' | '+' | '-' | '_')))
            .unwrap_or(self.rest.len());
        let text = self.rest.get(..end)?;
        self.rest = self.rest.get(end..)?;
        let plain = text.trim_start_matches('+').replace('_', "");
        if let Ok(n) = plain.parse::<i64>() {
            return Some(n.into());
        }
        let n: f64 = plain.parse().ok()?;
        Some(Number::from_f64(n).map_or(Value::Null, Value::Number))
    }

    fn word(&mut self) -> Option<Value> {
        for (word, value) in [
            ("True", Value::Bool(true)),
            ("False", Value::Bool(false)),
            ("None", Value::Null),
            ("nan", Value::Null),
            // What JSON has of its own, where the two are mixed.
            ("true", Value::Bool(true)),
            ("false", Value::Bool(false)),
            ("null", Value::Null),
        ] {
            if self.take(word) {
                return Some(value);
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn literals() {
        let is = |text: &str, value: Value| assert_eq!(literal(text), Some(value), "{text}");
        is("[]", json!([]));
        is("['a', \"it's\", 'b\\'c',]", json!(["a", "it's", "b'c"]));
        is("['a' 'b'\n 'c']", json!(["a", "b", "c"]));
        is(
            " ('x', 1, -2.5, 1e3, True, None, nan) ",
            json!(["x", 1, -2.5, 1000.0, true, null, null]),
        );
        is(
            "{'a': [1], 2: {'b': 'c'}}",
            json!({"a": [1], "2": {"b": "c"}}),
        );
        is("{}", json!({}));
        is("{1, 2}", json!([1, 2]));
        is(
            r"'\n\x41\u00e9\U0001F600\q'",
            json!("\n\u{41}\u{e9}\u{1F600}\\q"),
        );
        is("''", json!(""));
    }

    #[test]
    fn what_is_no_literal_is_nothing() {
        for text in [
            "",
            "[",
            "['a'",
            "['a'] b",
            "open('x')",
            "[x]",
            "'a",
            "('a' 'b')",
            "{'a'}: 1",
            "{'a': 1, 2}",
            "{[1]: 2}",
            "'\\x4",
            "'\\xé1'",
            "--1",
            "__import__('os')",
        ] {
            assert_eq!(literal(text), None, "{text}");
        }
        assert_eq!(literal(&"[".repeat(100_000)), None);
        assert!(literal(&format!("{}{}", "[".repeat(60), "]".repeat(60))).is_some());
    }
}
