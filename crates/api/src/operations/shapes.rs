//! Shapes that operations share: a specification, a merge patch of it, and what is answered.

use crate::examples::with;
use crate::operation::Make;
use crate::schemas::Schemas;
use schemars::JsonSchema;
use serde_json::{Map, Value, json};

/// What is said of merge patches.
pub(super) const PATCH: &str =
    "JSON merge patch (RFC 7386): fields that are absent stay, null removes.";

/// Adds a property to a schema.
pub(super) fn property(map: &mut Map<String, Value>, name: &str, schema: Value, required: bool) {
    let properties = map.entry("properties").or_insert_with(|| json!({}));
    if let Some(properties) = properties.as_object_mut() {
        properties.insert(name.into(), schema);
    }
    if required
        && let Some(list) = map
            .entry("required")
            .or_insert_with(|| json!([]))
            .as_array_mut()
    {
        list.push(json!(name));
    }
}

/// The write-only field.
pub(super) fn secret_property() -> Value {
    json!({
        "type": ["string", "null"], "minLength": 1, "maxLength": 8192, "pattern": "^[ -~]+$", "writeOnly": true,
        "description": "Write-only, stored encrypted. What leaves it out keeps it; null removes it.",
    })
}

/// A property in a merge patch. Objects merge, so a part of one will do.
fn patch_of(property: &Value, schemas: &Schemas) -> Value {
    let leads = |p: &Value| {
        let to = p.get("$ref").and_then(Value::as_str);
        to.is_some_and(|to| schemas.leads_to_object(to))
    };
    let choices = property.get("anyOf").and_then(Value::as_array);
    let merges = property.get("type").is_some_and(|t| t == "object")
        || leads(property)
        || choices.is_some_and(|c| c.iter().any(leads));
    let mut patch = match (property.get("$ref"), property.get("type")) {
        _ if merges => {
            json!({"type": ["object", "null"], "description": property.get("description")})
        }
        (Some(to), _) => {
            json!({"anyOf": [{"$ref": to}, {"type": "null"}], "description": property.get("description")})
        }
        (None, Some(Value::String(kind))) => {
            with(property.clone(), json!({"type": [kind, "null"]}))
        }
        _ => property.clone(),
    };
    if let Some(map) = patch.as_object_mut() {
        map.remove("default");
        map.retain(|_, v| !v.is_null());
    }
    patch
}

/// A specification with what the platform keeps beside it.
pub(super) fn shown<T: JsonSchema, S: JsonSchema>(name: &'static str) -> Make {
    Box::new(move |s| {
        let mut schema = s.output_object::<T>();
        let mut state = s.output_object::<S>();
        for part in ["properties", "required"] {
            match (schema.get_mut(part), state.remove(part)) {
                (Some(Value::Object(all)), Some(Value::Object(more))) => all.extend(more),
                (Some(Value::Array(all)), Some(Value::Array(more))) => all.extend(more),
                _ => {}
            }
        }
        s.name_output(name, schema)
    })
}

/// A merge patch of a specification: any field, and null to remove one, unless it is not `optional`.
pub(super) fn patch_as(
    name: impl Into<String>,
    about: &'static str,
    optional: fn(&str) -> bool,
    spec: impl Fn(&mut Schemas) -> Map<String, Value> + 'static,
) -> Make {
    let name = name.into();
    Box::new(move |s| {
        let mut schema = spec(s);
        schema.remove("required");
        if let Some(Value::Object(properties)) = schema.get_mut("properties") {
            for (name, property) in properties.iter_mut() {
                if optional(name) {
                    *property = patch_of(property, s);
                }
            }
        }
        schema.insert("description".into(), json!(about));
        s.name_input(&name, schema)
    })
}
