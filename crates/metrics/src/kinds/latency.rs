//! `latency`: the slowest answer came within a number of milliseconds.

use super::read_params;
use crate::registry::{About, Metric, Plan, Scored};
use assay_model::TestCase;
use serde::Deserialize;
use serde_json::{Value, json};

pub(crate) struct Latency;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Params {
    max_ms: f64,
}

impl Metric for Latency {
    fn about(&self) -> About {
        About {
            name: "Latency",
            description: "1 when the slowest answer took no longer than `max_ms`; else `max_ms` divided by what it took.",
            required_fields: &["latency_ms"],
            default_threshold: 1.0,
            version: 1,
            params_schema: json!({
                "type": "object",
                "properties": {
                    "max_ms": {"type": "number", "exclusiveMinimum": 0, "maximum": 86_400_000,
                        "description": "The longest an answer may take, in milliseconds."},
                },
                "required": ["max_ms"],
                "additionalProperties": false,
            }),
        }
    }

    fn begin(&self, params: &Value, case: &TestCase) -> Plan {
        let Params { max_ms } = match read_params(params) {
            Ok(params) => params,
            Err(plan) => return plan,
        };
        let took = case.latency_ms.unwrap_or(f64::NAN);
        let Some(score) = limit_score(took, max_ms) else {
            return Plan::Error(format!(
                "the latency {took} ms or the limit {max_ms} ms is not a duration"
            ));
        };
        Plan::Scored(Scored::certain(
            score,
            format!("the slowest answer took {took:.0} ms of at most {max_ms:.0} ms"),
        ))
    }
}

/// 1 when `spent` is within `limit`; else the share of it that the limit is. `None` unless both are finite and not negative.
pub(crate) fn limit_score(spent: f64, limit: f64) -> Option<f64> {
    let amount = |x: f64| x.is_finite() && x >= 0.0;
    if !amount(spent) || !amount(limit) {
        return None;
    }
    Some(if spent <= limit { 1.0 } else { limit / spent })
}
