//! What metrics of many small questions have in common.

use serde::Deserialize;
use serde_json::{Map, Value, json};

/// The parameters that all of them have.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Plain {
    #[serde(default)]
    pub(crate) strict: bool,
    #[serde(default = "yes")]
    pub(crate) include_reason: bool,
}

impl Plain {
    /// With these.
    pub(crate) const fn of(strict: bool, include_reason: bool) -> Self {
        Self {
            strict,
            include_reason,
        }
    }

    /// Their schema.
    pub(crate) fn schema() -> Value {
        params_schema(json!({}), &[])
    }
}

/// The schema of parameters: the two that all of these metrics have, and a metric's own.
pub(crate) fn params_schema(own: Value, required: &[&str]) -> Value {
    let mut properties = Map::new();
    if let Value::Object(own) = own {
        properties.extend(own);
    }
    properties.insert(
        "strict".into(),
        json!({"type": "boolean", "default": false, "description": "Only a full score passes; any other is 0."}),
    );
    properties.insert(
        "include_reason".into(),
        json!({"type": "boolean", "default": true,
            "description": "Whether the judge is asked to explain the score, with one more call."}),
    );
    json!({"type": "object", "properties": properties, "required": required, "additionalProperties": false})
}

/// The threshold of strict mode.
pub(crate) fn forced_threshold(params: &Value) -> Option<f64> {
    (params.get("strict") == Some(&Value::Bool(true))).then_some(1.0)
}

/// For `serde(default)`.
pub(crate) const fn yes() -> bool {
    true
}
