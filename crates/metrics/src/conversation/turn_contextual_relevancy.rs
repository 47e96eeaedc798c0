//! `turn_contextual_relevancy`: contextual relevancy over windows of a conversation. See `windowed`.

use super::windowed::{self, Params, schema};
use crate::kinds::read_params;
use crate::qag_kinds::common::{Plain, forced_threshold};
use crate::qag_kinds::contextual_relevancy;
use crate::registry::{About, Metric, Plan};
use assay_model::TestCase;
use serde_json::{Value, json};

pub(crate) struct TurnContextualRelevancy;

impl Metric for TurnContextualRelevancy {
    fn about(&self) -> About {
        About {
            name: "Turn contextual relevancy",
            description: "The share of what was retrieved that bears on what the user said, exchange by exchange.",
            required_fields: &["conversation"],
            default_threshold: 0.5,
            version: 1,
            params_schema: schema(json!({})),
        }
    }

    fn forced_threshold(&self, params: &Value) -> Option<f64> {
        forced_threshold(params)
    }

    fn begin(&self, params: &Value, case: &TestCase) -> Plan {
        let params: Params = match read_params(params) {
            Ok(params) => params,
            Err(plan) => return plan,
        };
        let what = "What was retrieved in a conversation was scored by the share of it that bears on what the user said.";
        let switches = Plain::of(params.strict, params.include_reason);
        windowed::plan(
            case,
            params,
            "ContextualRelevancyScoreReason",
            what,
            move |judge, window| {
                contextual_relevancy::score(judge, switches, window.input, window.retrieved)
            },
        )
    }
}
