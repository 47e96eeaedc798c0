//! `exact_match`: the answer equals the reference. DeepEval's `ExactMatchMetric`: white space at either end is ignored.

use super::read_params;
use crate::registry::{About, Metric, Plan, Scored};
use crate::text::strip;
use assay_model::TestCase;
use serde::Deserialize;
use serde_json::{Value, json};

pub(crate) struct ExactMatch;

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Params {
    ignore_case: bool,
}

impl Metric for ExactMatch {
    fn about(&self) -> About {
        About {
            name: "Exact match",
            description: "1 when the answer equals the expected output, white space at either end aside; else 0.",
            required_fields: &["actual_output", "expected_output"],
            default_threshold: 1.0,
            version: 1,
            params_schema: json!({
                "type": "object",
                "properties": {
                    "ignore_case": {"type": "boolean", "default": false, "description": "Upper and lower case are the same."},
                },
                "additionalProperties": false,
            }),
        }
    }

    fn begin(&self, params: &Value, case: &TestCase) -> Plan {
        let params: Params = match read_params(params) {
            Ok(params) => params,
            Err(plan) => return plan,
        };
        let actual = strip(case.actual_output.as_deref().unwrap_or_default());
        let expected = strip(case.expected_output.as_deref().unwrap_or_default());
        let equal = if params.ignore_case {
            actual.to_lowercase() == expected.to_lowercase()
        } else {
            actual == expected
        };
        Plan::Scored(if equal {
            Scored::certain(1.0, "the answer equals the expected output")
        } else {
            Scored::certain(0.0, "the answer differs from the expected output")
        })
    }
}
