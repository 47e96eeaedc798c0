//! JSON Schemas of the wire types, under the names that clients see.
//!
//! A type may look different on its way in (defaults may be left out) and out (they are always there). Both ways are
//! collected apart; where they differ, the way in is called `<Name>Input`.

use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, SchemaGenerator};
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};

const IN: &str = "#/components/inputs/";
const OUT: &str = "#/components/schemas/";

/// Schemas by name, collected while operations are described.
pub(crate) struct Schemas {
    input: SchemaGenerator,
    output: SchemaGenerator,
    /// Named by hand, each way.
    made_in: BTreeMap<String, Value>,
    made_out: BTreeMap<String, Value>,
}

impl Schemas {
    pub(crate) fn new() -> Self {
        let settings = |path: &'static str| {
            SchemaSettings::draft2020_12().with(|s| {
                s.meta_schema = None;
                s.definitions_path = path.into();
            })
        };
        Self {
            input: settings("/components/inputs").into_generator(),
            output: settings("/components/schemas")
                .for_serialize()
                .into_generator(),
            made_in: BTreeMap::new(),
            made_out: BTreeMap::new(),
        }
    }

    /// A type as clients send it.
    pub(crate) fn input<T: JsonSchema>(&mut self) -> Value {
        self.input.subschema_for::<T>().into()
    }

    /// A type as it is answered.
    pub(crate) fn output<T: JsonSchema>(&mut self) -> Value {
        self.output.subschema_for::<T>().into()
    }

    /// The properties of a type as clients send it, to be added to.
    pub(crate) fn input_object<T: JsonSchema>(&mut self) -> Map<String, Value> {
        object(T::json_schema(&mut self.input).into())
    }

    /// The properties of a type as it is answered, to be added to.
    pub(crate) fn output_object<T: JsonSchema>(&mut self) -> Map<String, Value> {
        object(T::json_schema(&mut self.output).into())
    }

    /// Names what clients send.
    pub(crate) fn name_input(&mut self, name: &str, schema: Map<String, Value>) -> Value {
        self.made_in.insert(name.into(), Value::Object(schema));
        json!({"$ref": format!("{IN}{name}")})
    }

    /// Names what is answered.
    pub(crate) fn name_output(&mut self, name: &str, schema: Map<String, Value>) -> Value {
        self.made_out.insert(name.into(), Value::Object(schema));
        json!({"$ref": format!("{OUT}{name}")})
    }

    /// Whether a ref to what clients send leads to an object, which a merge patch changes in part.
    pub(crate) fn leads_to_object(&self, to: &str) -> bool {
        let schema = to
            .strip_prefix(IN)
            .and_then(|name| self.input.definitions().get(name));
        let is_object = |s: &Value| s.get("type").is_some_and(|t| t == "object");
        schema.is_some_and(|s| {
            let variants = s.get("oneOf").and_then(Value::as_array);
            is_object(s) || variants.is_some_and(|v| v.iter().all(is_object))
        })
    }

    /// A page of a list of `T`.
    pub(crate) fn page_of(&mut self, item: &Value) -> Value {
        let name = item
            .get("$ref")
            .and_then(Value::as_str)
            .and_then(|r| r.rsplit('/').next())
            .unwrap_or("Any");
        let schema = json!({
            "type": "object",
            "required": ["data", "next_cursor"],
            "properties": {
                "data": {"type": "array", "items": item, "description": "The rows."},
                "next_cursor": {
                    "type": ["string", "null"],
                    "description": "`cursor` of the next page; null on the last one.",
                },
            },
        });
        self.name_output(&format!("{name}Page"), object(schema))
    }

    /// All schemas; refs in `document` and in them are made to lead to their last names.
    pub(crate) fn finish(mut self, document: &mut Value) -> Map<String, Value> {
        let mut input: BTreeMap<String, Value> =
            self.input.take_definitions(true).into_iter().collect();
        input.extend(self.made_in);
        let mut output: BTreeMap<String, Value> =
            self.output.take_definitions(true).into_iter().collect();
        output.extend(self.made_out);

        let mut differing: BTreeSet<String> = input
            .iter()
            .filter(|(name, schema)| {
                let mut same = (*schema).clone();
                rename(&mut same, &BTreeSet::new());
                output.get(*name).is_some_and(|out| *out != same)
            })
            .map(|(name, _)| name.clone())
            .collect();
        loop {
            let more: Vec<String> = input
                .iter()
                .filter(|(name, schema)| {
                    !differing.contains(*name)
                        && output.contains_key(*name)
                        && refers(schema, &differing)
                })
                .map(|(name, _)| name.clone())
                .collect();
            if more.is_empty() {
                break;
            }
            differing.extend(more);
        }

        let mut all: Map<String, Value> = output.into_iter().collect();
        for (name, mut schema) in input {
            rename(&mut schema, &differing);
            let name = if differing.contains(&name) {
                format!("{name}Input")
            } else {
                name
            };
            all.insert(name, schema);
        }
        rename(document, &differing);
        all.values_mut().for_each(bounds);
        all
    }
}

fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(map) => map,
        _ => Map::new(),
    }
}

/// Makes refs to what clients send lead to where it is in the end.
fn rename(value: &mut Value, differing: &BTreeSet<String>) {
    match value {
        Value::String(text) => {
            if let Some(name) = text.strip_prefix(IN) {
                let suffix = if differing.contains(name) {
                    "Input"
                } else {
                    ""
                };
                *text = format!("{OUT}{name}{suffix}");
            }
        }
        Value::Array(list) => list.iter_mut().for_each(|v| rename(v, differing)),
        Value::Object(map) => map.values_mut().for_each(|v| rename(v, differing)),
        _ => {}
    }
}

fn refers(value: &Value, names: &BTreeSet<String>) -> bool {
    match value {
        Value::String(text) => text.strip_prefix(IN).is_some_and(|n| names.contains(n)),
        Value::Array(list) => list.iter().any(|v| refers(v, names)),
        Value::Object(map) => map.values().any(|v| refers(v, names)),
        _ => false,
    }
}

/// Says in JSON Schema's own words how large an integer may be: Rust's names for it are no formats that clients know.
fn bounds(value: &mut Value) {
    match value {
        Value::Array(list) => list.iter_mut().for_each(bounds),
        Value::Object(map) => {
            let (format, most) = match map.get("format").and_then(Value::as_str) {
                Some("uint32") => ("int64", json!(u32::MAX)),
                Some("uint64") => ("int64", json!(i64::MAX)),
                _ => ("", Value::Null),
            };
            if !format.is_empty() {
                map.insert("format".into(), json!(format));
                map.entry("maximum").or_insert(most);
            }
            map.values_mut().for_each(bounds);
        }
        _ => {}
    }
}
