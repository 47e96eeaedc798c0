//! The deterministic metrics, one file each.

use crate::registry::Plan;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

pub(crate) mod contains;
pub(crate) mod cost;
pub(crate) mod exact_match;
pub(crate) mod json_schema;
pub(crate) mod latency;
pub(crate) mod length;
pub(crate) mod readability;
pub(crate) mod regex;
pub(crate) mod retrieval;
pub(crate) mod text;
pub(crate) mod tool_correctness;

/// The parameters as a metric wants them; null stands for none.
///
/// # Errors
/// A plan that ends in error: a stored spec may be older than the rules it breaks.
pub(crate) fn read_params<T: DeserializeOwned>(params: &Value) -> Result<T, Plan> {
    let params = if params.is_null() {
        json!({})
    } else {
        params.clone()
    };
    serde_json::from_value(params)
        .map_err(|fault| Plan::Error(format!("the metric's parameters are wrong: {fault}")))
}
