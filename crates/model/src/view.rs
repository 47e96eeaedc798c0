//! Saved views: what a person wants to see of a list again.

use crate::schema::NAME;
use crate::{Filter, Validate, Validator};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::HashSet;

/// Longest filter, in bytes of JSON: it has to fit a request's line.
const MAX_FILTER: usize = 16_000;

/// Which list a view is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ViewTable {
    /// `GET /api/v1/traces`.
    Traces,
    /// `GET /api/v1/observations`.
    Observations,
    /// `GET /api/v1/scores`.
    Scores,
    /// `GET /api/v1/sessions`.
    Sessions,
    /// `GET /api/v1/users`.
    Users,
}

impl ViewTable {
    /// The name on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Traces => "traces",
            Self::Observations => "observations",
            Self::Scores => "scores",
            Self::Sessions => "sessions",
            Self::Users => "users",
        }
    }

    /// What the list can be sorted by, newest first when nothing is said.
    #[must_use]
    pub const fn sorts(self) -> &'static [&'static str] {
        match self {
            Self::Traces => &["timestamp", "latency", "cost", "tokens"],
            Self::Observations => &["start_time", "latency", "cost", "tokens"],
            Self::Scores | Self::Sessions | Self::Users => &[],
        }
    }
}

/// Who sees a view.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Visibility {
    /// Its owner alone.
    #[default]
    Private,
    /// Everyone in the workspace who may read traces.
    Shared,
}

impl Visibility {
    /// The name on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Private => "private",
            Self::Shared => "shared",
        }
    }
}

/// A view as a client writes it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ViewSpec {
    /// Unique among its owner's views of the table.
    #[schemars(length(min = 1, max = 200), regex(pattern = NAME))]
    pub name: String,
    /// Which list it is of.
    pub table: ViewTable,
    /// Conditions that all hold, as the list's parameter `filter` takes them; at most 16,000 bytes.
    #[serde(default = "no_conditions")]
    #[schemars(schema_with = "conditions")]
    pub filter: Value,
    /// As the list's parameter `sort` takes it; the list's own order when null.
    #[serde(default)]
    pub sort: Option<String>,
    /// Columns to show, in this order; those that the page shows by itself when empty.
    #[serde(default)]
    #[schemars(length(max = 100), inner(length(min = 1, max = 200), regex(pattern = NAME)))]
    pub columns: Vec<String>,
    /// Who sees it.
    #[serde(default)]
    pub visibility: Visibility,
    /// Whether the list begins with it: for its owner, or for the workspace when it is shared. The one that was the default
    /// before no longer is.
    #[serde(default)]
    pub default: bool,
}

fn no_conditions() -> Value {
    Value::Array(Vec::new())
}

fn conditions(_: &mut SchemaGenerator) -> Schema {
    json_schema!({
        "type": "array",
        "maxItems": 30,
        "items": {
            "type": "object",
            "required": ["type", "column", "operator"],
            "properties": {
                "type": {"type": "string", "enum": [
                    "datetime", "string", "number", "stringOptions", "categoryOptions", "arrayOptions", "stringObject",
                    "numberObject", "boolean", "booleanObject", "null",
                ]},
                "column": {"type": "string"},
                "operator": {"type": "string"},
                "value": {},
                "key": {"type": ["string", "null"]},
            },
        },
    })
}

impl ViewSpec {
    /// The filter, read.
    ///
    /// # Errors
    /// One error a wrong condition, below `/filter`.
    pub fn conditions(&self) -> Result<Filter, Vec<crate::FieldError>> {
        Filter::parse("/filter", &self.filter)
    }
}

impl Validate for ViewSpec {
    fn check(&self, v: &mut Validator) {
        v.name("name", &self.name, 200);
        let fits = self.filter.to_string().len() <= MAX_FILTER;
        let message = format!("must be at most {MAX_FILTER} bytes of JSON");
        v.require(fits, "filter", message);
        if let Some(sort) = &self.sort {
            let known = self.table.sorts();
            let name = sort.strip_prefix('-').unwrap_or(sort);
            if known.is_empty() {
                let message = format!("{} are always the newest first", self.table.as_str());
                v.error("sort", message);
            } else if !known.contains(&name) {
                let message = format!(
                    "must be one of {}, with `-` before it for the reverse",
                    known.join(", ")
                );
                v.error("sort", message);
            }
        }
        v.texts("columns", &self.columns, 100, 200);
        let mut seen = HashSet::new();
        v.at("columns", |v| {
            for (i, column) in self.columns.iter().enumerate() {
                v.require(seen.insert(column), &i.to_string(), "is there twice");
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[track_caller]
    fn check(spec: Value, fields: &[&str]) {
        let spec: ViewSpec = serde_json::from_value(spec).unwrap();
        let mut errors = spec.validate().err().unwrap_or_default();
        errors.extend(spec.conditions().err().unwrap_or_default());
        let found: Vec<&str> = errors.iter().map(|e| e.field.as_str()).collect();
        assert_eq!(found, fields);
    }

    #[test]
    fn every_wrong_field_is_named() {
        check(json!({"name": "mine", "table": "traces"}), &[]);
        check(
            json!({"name": "mine", "table": "observations", "sort": "-start_time", "columns": ["name", "cost"],
                   "filter": [{"type": "string", "column": "name", "operator": "=", "value": "chat"}]}),
            &[],
        );
        check(
            json!({"name": " ", "table": "traces", "sort": "start_time", "columns": ["a", "a"], "filter": {}}),
            &["/name", "/sort", "/columns/1", "/filter"],
        );
        check(
            json!({"name": "s", "table": "scores", "sort": "timestamp", "filter": [{"type": "string"}]}),
            &["/sort", "/filter/0"],
        );
        let long = json!([{"type": "string", "column": "name", "operator": "=", "value": "x".repeat(MAX_FILTER)}]);
        check(
            json!({"name": "l", "table": "users", "filter": long}),
            &["/filter", "/filter/0/value"],
        );
    }
}
