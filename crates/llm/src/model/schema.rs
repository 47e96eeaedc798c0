//! JSON Schemas as APIs take them. Each knows a part of the language, and refuses a request with more of it.
//!
//! What cannot be said in keywords is said to the model in the description, as Anthropic's own clients do.

use serde_json::{Map, Value, json};

/// Formats of texts that Anthropic's API knows.
const FORMATS: [&str; 10] = [
    "date-time",
    "time",
    "date",
    "duration",
    "email",
    "hostname",
    "uri",
    "ipv4",
    "ipv6",
    "uuid",
];

/// Keywords that Google's API knows besides `description`, by what it says of `responseJsonSchema`.
const GEMINI: [&str; 19] = [
    "$id",
    "$defs",
    "$ref",
    "$anchor",
    "type",
    "format",
    "title",
    "enum",
    "items",
    "prefixItems",
    "minItems",
    "maxItems",
    "minimum",
    "maximum",
    "anyOf",
    "oneOf",
    "properties",
    "additionalProperties",
    "required",
];

/// Keywords that say nothing to a model.
const SILENT: [&str; 2] = ["$schema", "$comment"];

/// `schema` as Anthropic's structured outputs take it: what `transform_schema` of its Python client makes of it. Objects are closed.
pub(super) fn for_anthropic(schema: &Value) -> Value {
    let Value::Object(given) = schema else {
        return schema.clone();
    };
    let mut left = given.clone();
    let mut out = Map::new();
    if let Some(Value::Object(definitions)) = left.remove("$defs") {
        out.insert("$defs".into(), each(&definitions, for_anthropic));
    }
    if let Some(target) = left.remove("$ref") {
        out.insert("$ref".into(), target);
        return Value::Object(out);
    }
    let kind = left.remove("type");
    let [any, one, all] = ["anyOf", "oneOf", "allOf"].map(|name| left.remove(name));
    let mut literal = false;
    for name in ["enum", "const"] {
        let plain = match left.get(name) {
            Some(Value::Array(values)) => !values.is_empty() && values.iter().all(primitive),
            Some(value) => name == "const" && primitive(value),
            None => false,
        };
        if plain && let Some(value) = left.remove(name) {
            out.insert(name.into(), value);
            literal = true;
        }
    }
    match (any.or(one), all) {
        (Some(Value::Array(variants)), _) => {
            let variants = variants.iter().map(for_anthropic);
            out.insert("anyOf".into(), variants.collect());
        }
        (_, Some(Value::Array(variants))) => {
            let variants = variants.iter().map(for_anthropic);
            out.insert("allOf".into(), variants.collect());
        }
        _ => {}
    }
    let kind = kind.filter(|_| !literal);
    match kind.as_ref().and_then(Value::as_str) {
        Some("object") => {
            let properties = left.remove("properties");
            let properties = properties.as_ref().and_then(Value::as_object);
            let properties = properties.map_or_else(|| json!({}), |p| each(p, for_anthropic));
            out.insert("properties".into(), properties);
            left.remove("additionalProperties");
            out.insert("additionalProperties".into(), json!(false));
            keep(&mut out, &mut left, "required", |_| true);
        }
        Some("array") => {
            if let Some(items) = left.remove("items") {
                out.insert("items".into(), for_anthropic(&items));
            }
            let few = |least: &Value| matches!(least.as_u64(), Some(0 | 1));
            keep(&mut out, &mut left, "minItems", few);
        }
        Some("string") => {
            let known = |format: &Value| format.as_str().is_some_and(|f| FORMATS.contains(&f));
            keep(&mut out, &mut left, "format", known);
        }
        _ => {}
    }
    if let Some(kind) = kind {
        out.insert("type".into(), kind);
    }
    keep(&mut out, &mut left, "title", |_| true);
    describe(&mut out, left);
    Value::Object(out)
}

/// `schema` as Google's API takes it in `responseJsonSchema`.
pub(super) fn for_gemini(schema: &Value) -> Value {
    let Value::Object(given) = schema else {
        return schema.clone();
    };
    let mut left = given.clone();
    let mut out = Map::new();
    if let Some(value) = left.remove("const") {
        left.insert("enum".into(), json!([value]));
    }
    // Beside a reference the API takes nothing but what begins with a dollar sign.
    let refers = left.contains_key("$ref");
    for name in GEMINI {
        if refers && !name.starts_with('$') {
            continue;
        }
        // Values are texts or numbers.
        if name == "enum" && left.get(name).is_some_and(|values| !plain(values)) {
            continue;
        }
        let Some(value) = left.remove(name) else {
            continue;
        };
        let value = match (name, &value) {
            ("$defs" | "properties", Value::Object(schemas)) => each(schemas, for_gemini),
            ("items" | "additionalProperties", schema) => for_gemini(schema),
            ("anyOf" | "oneOf" | "prefixItems", Value::Array(schemas)) => {
                schemas.iter().map(for_gemini).collect()
            }
            _ => value,
        };
        out.insert(name.to_owned(), value);
    }
    if !refers {
        describe(&mut out, left);
    }
    Value::Object(out)
}

fn each(schemas: &Map<String, Value>, change: fn(&Value) -> Value) -> Value {
    let changed = schemas.iter().map(|(name, s)| (name.clone(), change(s)));
    Value::Object(changed.collect())
}

/// Moves a keyword whose value is `good`.
fn keep(
    out: &mut Map<String, Value>,
    left: &mut Map<String, Value>,
    name: &str,
    good: impl Fn(&Value) -> bool,
) {
    if left.get(name).is_some_and(good)
        && let Some(value) = left.remove(name)
    {
        out.insert(name.to_owned(), value);
    }
}

const fn primitive(value: &Value) -> bool {
    !matches!(value, Value::Array(_) | Value::Object(_))
}

/// Whether all values are texts or numbers.
fn plain(values: &Value) -> bool {
    let values = values.as_array();
    values.is_some_and(|values| values.iter().all(|v| v.is_string() || v.is_number()))
}

/// Writes the keywords that are left into the description.
fn describe(out: &mut Map<String, Value>, mut left: Map<String, Value>) {
    let said = match left.remove("description") {
        Some(Value::String(said)) => Some(said),
        _ => None,
    };
    let notes: Vec<String> = left
        .iter()
        .filter(|(name, _)| !SILENT.contains(&name.as_str()))
        .map(|(name, value)| match value {
            Value::String(text) => format!("{name}: {text}"),
            value => format!("{name}: {value}"),
        })
        .collect();
    let notes = (!notes.is_empty()).then(|| format!("{{{}}}", notes.join(", ")));
    let parts: Vec<String> = said.into_iter().chain(notes).collect();
    if !parts.is_empty() {
        out.insert("description".into(), json!(parts.join("\n\n")));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_anthropic_does_not_take_is_said_in_words() {
        let given = json!({
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "type": "object", "description": "A verdict.", "maxProperties": 9, "additionalProperties": {"type": "string"},
            "required": ["score"],
            "properties": {
                "score": {"type": "number", "minimum": 0, "maximum": 1},
                "kind": {"const": "a"},
                "what": {"oneOf": [{"type": "string", "format": "email"}, {"type": "string", "format": "colour"}]},
                "all": {"allOf": [{"type": "integer", "exclusiveMinimum": 3}]},
                "list": {"type": "array", "items": {"type": "string", "pattern": "^a$"}, "minItems": 2, "uniqueItems": true},
                "open": true,
                "odd": {"enum": [{"a": 1}], "type": ["object", "null"]},
            },
        });
        assert_eq!(
            for_anthropic(&given),
            json!({
                "type": "object", "description": "A verdict.\n\n{maxProperties: 9}", "additionalProperties": false,
                "required": ["score"],
                "properties": {
                    "score": {"type": "number", "description": "{maximum: 1, minimum: 0}"},
                    "kind": {"const": "a"},
                    "what": {"anyOf": [{"type": "string", "format": "email"},
                        {"type": "string", "description": "{format: colour}"}]},
                    "all": {"allOf": [{"type": "integer", "description": "{exclusiveMinimum: 3}"}]},
                    "list": {"type": "array", "items": {"type": "string", "description": "{pattern: ^a$}"},
                        "description": "{minItems: 2, uniqueItems: true}"},
                    "open": true,
                    "odd": {"type": ["object", "null"], "description": "{enum: [{\"a\":1}]}"},
                },
            })
        );
    }

    #[test]
    fn gemini_takes_all_but_a_few() {
        let given = json!({
            "$schema": "https://json-schema.org/draft/2020-12/schema", "type": "object", "additionalProperties": false,
            "required": ["score"], "$defs": {"Note": {"type": "string", "minLength": 1}},
            "properties": {
                "score": {"type": "integer", "minimum": 0, "maximum": 10, "multipleOf": 2},
                "kind": {"const": "a", "description": "Its kind."},
                "yes": {"const": true},
                "note": {"$ref": "#/$defs/Note", "description": "What to note."},
                "list": {"type": "array", "items": {"anyOf": [{"type": "null"}, {"pattern": "a"}]}, "maxItems": 3},
            },
        });
        assert_eq!(
            for_gemini(&given),
            json!({
                "type": "object", "additionalProperties": false, "required": ["score"],
                "$defs": {"Note": {"type": "string", "description": "{minLength: 1}"}},
                "properties": {
                    "score": {"type": "integer", "minimum": 0, "maximum": 10, "description": "{multipleOf: 2}"},
                    "kind": {"enum": ["a"], "description": "Its kind."},
                    "yes": {"description": "{enum: [true]}"},
                    "note": {"$ref": "#/$defs/Note"},
                    "list": {"type": "array", "items": {"anyOf": [{"type": "null"}, {"description": "{pattern: a}"}]},
                        "maxItems": 3},
                },
            })
        );
        assert_eq!(for_gemini(&json!(true)), json!(true));
    }
}
