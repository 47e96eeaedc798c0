//! Arguments that a request to an MCP server repeats as headers, so that what stands between can route by them
//! (`x-mcp-header`, since 2026-07-28).

use super::McpTool;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::Value;
use std::collections::BTreeSet;

/// The annotation.
const ANNOTATION: &str = "x-mcp-header";
/// What surrounds a value that is not plain.
const SENTINEL: (&str, &str) = ("=?base64?", "?=");

/// The annotated arguments of a schema, each with its header's name; `None` when an annotation is wrong.
pub(super) fn mirrored(schema: &Value) -> Option<Vec<(Vec<String>, String)>> {
    let mut found = Vec::new();
    walk(schema, &mut Vec::new(), &mut found)?;
    let names: BTreeSet<&String> = found.iter().map(|(_, name)| name).collect();
    // One that is reached by anything but properties is not among those found.
    let reached = names.len() == found.len() && found.len() == count(schema);
    reached.then_some(found)
}

fn walk(
    schema: &Value,
    path: &mut Vec<String>,
    found: &mut Vec<(Vec<String>, String)>,
) -> Option<()> {
    let properties = schema.get("properties").and_then(Value::as_object);
    for (name, property) in properties.into_iter().flatten() {
        path.push(name.clone());
        if let Some(annotation) = property.get(ANNOTATION) {
            let header = annotation.as_str().filter(|name| is_token(name))?;
            let kind = property.get("type").and_then(Value::as_str)?;
            if !["string", "integer", "boolean"].contains(&kind) {
                return None;
            }
            found.push((
                path.clone(),
                format!("mcp-param-{}", header.to_ascii_lowercase()),
            ));
        }
        walk(property, path, found)?;
        path.pop();
    }
    Some(())
}

fn count(schema: &Value) -> usize {
    match schema {
        Value::Object(fields) => fields
            .iter()
            .map(|(name, value)| usize::from(name == ANNOTATION) + count(value))
            .sum(),
        Value::Array(items) => items.iter().map(count).sum(),
        _ => 0,
    }
}

fn is_token(name: &str) -> bool {
    let token = |b: u8| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b);
    !name.is_empty() && name.bytes().all(token)
}

/// The headers that go with a call. An argument that is not there, or null, has none.
pub(super) fn param_headers(tool: &McpTool, arguments: &Value) -> Vec<(String, String)> {
    let value = |path: &Vec<String>| {
        let mut at = arguments;
        for name in path {
            at = at.get(name)?;
        }
        match at {
            Value::String(text) => Some(encode(text)),
            Value::Bool(_) | Value::Number(_) => Some(at.to_string()),
            _ => None,
        }
    };
    tool.headers
        .iter()
        .filter_map(|(path, name)| Some((name.clone(), value(path)?)))
        .collect()
}

/// A value as a header holds it: as it is when it is plain, else in base64.
pub(super) fn encode(value: &str) -> String {
    let plain = value.bytes().all(|b| (0x20..0x7f).contains(&b)) && value.trim() == value;
    let looks_encoded = value.starts_with(SENTINEL.0) && value.ends_with(SENTINEL.1);
    if plain && !looks_encoded {
        return value.to_owned();
    }
    format!("{}{}{}", SENTINEL.0, STANDARD.encode(value), SENTINEL.1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn values_as_the_specification_encodes_them() {
        for (value, expected) in [
            ("us-west1", "us-west1"),
            ("Hello, \u{4e16}\u{754c}", "=?base64?SGVsbG8sIOS4lueVjA==?="),
            (" padded ", "=?base64?IHBhZGRlZCA=?="),
            ("line1\nline2", "=?base64?bGluZTEKbGluZTI=?="),
            ("=?base64?literal?=", "=?base64?PT9iYXNlNjQ/bGl0ZXJhbD89?="),
        ] {
            assert_eq!(encode(value), expected, "{value}");
        }
    }

    #[test]
    fn annotations() {
        let schema =
            |property: Value| json!({"type": "object", "properties": {"region": property}});
        let region = json!({"type": "string", "x-mcp-header": "Region"});
        assert_eq!(
            mirrored(&schema(region.clone())),
            Some(vec![(
                vec!["region".to_owned()],
                "mcp-param-region".to_owned()
            )])
        );
        let nested = schema(json!({"type": "object", "properties": {"name": region}}));
        let found = mirrored(&nested).unwrap();
        assert_eq!(found[0].0, ["region", "name"]);
        assert_eq!(mirrored(&schema(json!({"type": "string"}))), Some(vec![]));
        for wrong in [
            json!({"type": "number", "x-mcp-header": "Region"}),
            json!({"type": "string", "x-mcp-header": ""}),
            json!({"type": "string", "x-mcp-header": "a b"}),
            json!({"type": "string", "x-mcp-header": 5}),
            json!({"x-mcp-header": "Region"}),
            json!({"type": "array", "items": region}),
            json!({"anyOf": [region]}),
        ] {
            assert_eq!(mirrored(&schema(wrong.clone())), None, "{wrong}");
        }
        let twice = json!({"properties": {
            "a": {"type": "string", "x-mcp-header": "R"}, "b": {"type": "string", "x-mcp-header": "r"}}});
        assert_eq!(mirrored(&twice), None);
    }

    #[test]
    fn headers_of_a_call() {
        let schema = json!({"properties": {
            "region": {"type": "string", "x-mcp-header": "Region"},
            "deep": {"type": "object", "properties": {"n": {"type": "integer", "x-mcp-header": "N"}}},
            "flag": {"type": "boolean", "x-mcp-header": "Flag"}}});
        let tool = McpTool {
            name: "t".into(),
            description: String::new(),
            headers: mirrored(&schema).unwrap(),
            parameters: schema,
        };
        let mut headers = param_headers(
            &tool,
            &json!({"region": "us-west1", "deep": {"n": -7}, "flag": null}),
        );
        headers.sort();
        assert_eq!(
            headers,
            [
                ("mcp-param-n".to_owned(), "-7".to_owned()),
                ("mcp-param-region".to_owned(), "us-west1".to_owned()),
            ]
        );
    }

    proptest::proptest! {
        #[test]
        fn every_value_is_fit_for_a_header(value in ".*") {
            let encoded = encode(&value);
            assert!(encoded.bytes().all(|b| (0x20..0x7f).contains(&b)));
            assert_eq!(encoded.trim(), encoded);
            let inner = encoded
                .strip_prefix(SENTINEL.0)
                .and_then(|rest| rest.strip_suffix(SENTINEL.1));
            let decoded = match inner {
                Some(inner) => String::from_utf8(STANDARD.decode(inner).unwrap()).unwrap(),
                None => encoded,
            };
            assert_eq!(decoded, value);
        }
    }
}
