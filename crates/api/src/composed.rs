//! Metrics that are components of the installation, as the catalogue shows them.

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Map, Value};

/// A metric that the operator composed into the installation.
#[derive(Serialize, JsonSchema)]
pub(crate) struct MetricComponent {
    /// As metrics name it in `params.component`.
    component: String,
    /// Display name, where it says it.
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    /// What is measured, and how the score comes about, where it says it.
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<String>,
    /// Fields of the test case without which it has nothing to say.
    required_fields: Vec<String>,
    /// JSON Schema of `params.params`.
    params_schema: Map<String, Value>,
    /// Why it does not say what it is: it cannot be used then.
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
}
