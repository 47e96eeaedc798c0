//! Tests in CSV: a column a variable, and columns with two underscores before their names.

use super::tests::Test;
use crate::note::Notes;
use crate::records::{Row, place};
use crate::{metrics, value};
use serde_json::{Map, Value, json};

/// Assertions that have a threshold in CSV where none is written, and which.
const THRESHOLDS: [(&str, f64); 14] = [
    ("similar", 0.8),
    ("answer-relevance", 0.75),
    ("classifier", 0.75),
    ("context-faithfulness", 0.75),
    ("context-recall", 0.75),
    ("context-relevance", 0.75),
    ("cost", 0.75),
    ("latency", 0.75),
    ("levenshtein", 0.75),
    ("perplexity", 0.75),
    ("perplexity-score", 0.75),
    ("rouge-n", 0.75),
    ("starts-with", 0.75),
    ("conversation-relevance", 0.75),
];

/// The test of a row.
pub(super) fn test(row: Row, notes: &mut Notes) -> Test {
    let mut vars = Map::new();
    let mut fields = Map::new();
    let mut options = Map::new();
    let mut kept = Map::new();
    let mut asserts: Vec<(String, Map<String, Value>)> = Vec::new();
    let mut label = Value::Null;
    let mut thresholds = Vec::new();
    for (name, cell) in row.fields {
        let at = place(&row.at, &name);
        let text = value::text(&cell);
        let said = text.trim().to_owned();
        if name.starts_with("__expected") {
            if !said.is_empty() {
                asserts.push((at, assertion(&said)));
            }
        } else if let Some(key) = name.strip_prefix("__metadata:") {
            match key.strip_suffix("[]") {
                _ if said.is_empty() => {}
                Some(key) => {
                    kept.insert(key.to_owned(), json!(escaped_list(&said)));
                }
                None => {
                    kept.insert(key.to_owned(), cell);
                }
            }
        } else if let Some(setting) = name.strip_prefix("__config:") {
            match setting.strip_suffix(":threshold") {
                _ if said.is_empty() => {}
                Some(column) => thresholds.push((place(&row.at, column), said)),
                None => notes.dropped(at, format!("`{name}`"), "only thresholds are carried over"),
            }
        } else if let Some(special) = name.strip_prefix("__") {
            match special {
                _ if said.is_empty() => {}
                "prefix" | "suffix" => {
                    options.insert(special.to_owned(), cell);
                }
                "description" | "providerOutput" => {
                    fields.insert(special.to_owned(), cell);
                }
                "threshold" => {
                    fields.insert("threshold".to_owned(), number(&said));
                }
                "metric" => label = cell,
                _ => notes.dropped(
                    at,
                    format!("`{name}`"),
                    "promptfoo has no such column that is known here",
                ),
            }
        } else {
            vars.insert(name, cell);
        }
    }
    for (at, assertion) in &mut asserts {
        if !label.is_null() {
            assertion.insert("metric".to_owned(), label.clone());
        }
        if let Some((_, said)) = thresholds.iter().find(|(column, _)| column == at) {
            assertion.insert("threshold".to_owned(), number(said));
        }
    }
    for (name, object) in [("vars", vars), ("options", options), ("metadata", kept)] {
        if !object.is_empty() {
            fields.insert(name.to_owned(), Value::Object(object));
        }
    }
    Test {
        asserts,
        ..Test::of(row.at, row.index, fields)
    }
}

fn number(text: &str) -> Value {
    text.parse::<f64>()
        .map_or(Value::String(text.to_owned()), Value::from)
}

/// Elements between commas; `\,` is a comma of an element.
fn escaped_list(text: &str) -> Vec<String> {
    let mut out = vec![String::new()];
    let mut escaped = false;
    for c in text.chars() {
        match (c, out.last_mut()) {
            (',', Some(last)) if escaped => {
                last.pop();
                last.push(',');
            }
            (',', _) => out.push(String::new()),
            (_, Some(last)) => last.push(c),
            (_, None) => {}
        }
        escaped = c == '\\';
    }
    out.iter().map(|one| one.trim().to_owned()).collect()
}

/// An assertion in one text: `type(threshold):value`; what names no type is what the answer equals.
fn assertion(text: &str) -> Map<String, Value> {
    let of = |kind: &str, value: &str, threshold: Option<f64>| {
        let mut out = Map::new();
        out.insert("type".to_owned(), json!(kind));
        if !value.is_empty() {
            out.insert("value".to_owned(), json!(value));
        }
        if let Some(threshold) = threshold {
            out.insert("threshold".to_owned(), json!(threshold));
        }
        out
    };
    for (before, kind) in [
        ("fn:", "javascript"),
        ("eval:", "javascript"),
        ("grade:", "llm-rubric"),
    ] {
        if let Some(value) = text.strip_prefix(before) {
            return of(kind, value.trim(), None);
        }
    }
    if let Some(path) = text.strip_prefix("file://") {
        match super::files::ending(path).as_str() {
            "js" | "cjs" | "mjs" | "ts" => return of("javascript", text, None),
            "py" => return of("python", text, None),
            _ => {}
        }
    }
    let end = text.find([':', '(']).unwrap_or(text.len());
    let (kind, rest) = text.split_at_checked(end).unwrap_or((text, ""));
    if !metrics::is_known(kind) {
        return of("equals", text, None);
    }
    let (threshold, rest) = match rest.strip_prefix('(').and_then(|r| r.split_once(')')) {
        Some((number, rest)) => match number.parse::<f64>() {
            Ok(number) => (Some(number), rest),
            Err(_) => return of("equals", text, None),
        },
        None => (None, rest),
    };
    let value = match (rest.strip_prefix(':'), rest) {
        (Some(value), _) => value.trim(),
        (None, "") => "",
        (None, _) => return of("equals", text, None),
    };
    let base = kind.strip_prefix("not-").unwrap_or(kind);
    let usual = THRESHOLDS
        .iter()
        .find(|(name, _)| *name == base)
        .map(|(_, t)| *t);
    of(kind, value, threshold.or(usual))
}

#[cfg(test)]
mod unit {
    use super::*;

    #[test]
    fn assertions_in_one_text() {
        let is = |text: &str, expected: Value| {
            assert_eq!(Value::Object(assertion(text)), expected, "{text}")
        };
        is("Paris", json!({"type": "equals", "value": "Paris"}));
        is(
            "note: this",
            json!({"type": "equals", "value": "note: this"}),
        );
        is("contains: a:b", json!({"type": "contains", "value": "a:b"}));
        is(
            "similar(0.9):x",
            json!({"type": "similar", "value": "x", "threshold": 0.9}),
        );
        is(
            "similar:x",
            json!({"type": "similar", "value": "x", "threshold": 0.8}),
        );
        is(
            "not-icontains-any:a,b",
            json!({"type": "not-icontains-any", "value": "a,b"}),
        );
        is("is-json", json!({"type": "is-json"}));
        is(
            "grade: nice",
            json!({"type": "llm-rubric", "value": "nice"}),
        );
        is(
            "fn:output.x",
            json!({"type": "javascript", "value": "output.x"}),
        );
        is(
            "file://a.py",
            json!({"type": "python", "value": "file://a.py"}),
        );
        is(
            "latency(500)",
            json!({"type": "latency", "threshold": 500.0}),
        );
        is(
            "contains (x)",
            json!({"type": "equals", "value": "contains (x)"}),
        );
    }

    #[test]
    fn special_columns() {
        let cells = json!({
            "q": "why", "__expected1": "contains:x", "__expected2": " ", "__metric": "m", "__prefix": "P ",
            "__metadata:k": "v", "__metadata:l[]": "a\\,b, c", "__config:__expected1:threshold": "0.5",
            "__threshold": "0.7", "__odd": "1",
        });
        let row = Row {
            at: "line 2".into(),
            index: 0,
            fields: cells.as_object().cloned().unwrap(),
        };
        let mut notes = Notes::default();
        let test = test(row, &mut notes);
        assert_eq!(test.asserts.len(), 1);
        assert_eq!(test.asserts[0].0, "line 2, `__expected1`");
        assert_eq!(
            Value::Object(test.asserts[0].1.clone()),
            json!({"type": "contains", "value": "x", "metric": "m", "threshold": 0.5})
        );
        assert_eq!(
            Value::Object(test.fields),
            json!({"vars": {"q": "why"}, "options": {"prefix": "P "}, "metadata": {"k": "v", "l": ["a,b", "c"]}, "threshold": 0.7})
        );
        assert_eq!(notes.finish().len(), 1);
    }
}
