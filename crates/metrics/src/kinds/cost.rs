//! `cost`: the target's calls cost no more than a number of US dollars.

use super::latency::limit_score;
use super::read_params;
use crate::registry::{About, Metric, Plan, Scored};
use assay_model::TestCase;
use serde::Deserialize;
use serde_json::{Value, json};

pub(crate) struct Cost;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Params {
    max_usd: f64,
}

impl Metric for Cost {
    fn about(&self) -> About {
        About {
            name: "Cost",
            description: "1 when the conversation cost no more than `max_usd`; else `max_usd` divided by what it cost.",
            required_fields: &["cost_usd"],
            default_threshold: 1.0,
            version: 1,
            params_schema: json!({
                "type": "object",
                "properties": {
                    "max_usd": {"type": "number", "minimum": 0, "maximum": 1_000_000,
                        "description": "The most a conversation may cost, in US dollars."},
                },
                "required": ["max_usd"],
                "additionalProperties": false,
            }),
        }
    }

    fn begin(&self, params: &Value, case: &TestCase) -> Plan {
        let Params { max_usd } = match read_params(params) {
            Ok(params) => params,
            Err(plan) => return plan,
        };
        let spent = case.cost_usd.unwrap_or(f64::NAN);
        let Some(score) = limit_score(spent, max_usd) else {
            return Plan::Error(format!(
                "the cost {spent} or the limit {max_usd} is not an amount of dollars"
            ));
        };
        Plan::Scored(Scored::certain(
            score,
            format!("the conversation cost ${spent:.6} of at most ${max_usd:.6}"),
        ))
    }
}
