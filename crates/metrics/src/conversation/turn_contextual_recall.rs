//! `turn_contextual_recall`: contextual recall over windows of a conversation, by the expected outcome. See `windowed`.

use super::windowed::{self, Params, schema};
use crate::fields::shown;
use crate::kinds::read_params;
use crate::qag_kinds::common::{Plain, forced_threshold};
use crate::qag_kinds::contextual_recall;
use crate::registry::{About, Metric, Plan};
use assay_model::TestCase;
use serde_json::{Value, json};

pub(crate) struct TurnContextualRecall;

impl Metric for TurnContextualRecall {
    fn about(&self) -> About {
        About {
            name: "Turn contextual recall",
            description: "The share of the expected outcome that something retrieved bears out, exchange by exchange.",
            required_fields: &["conversation", "expected_outcome"],
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
        let outcome = shown("expected_outcome", case);
        let what = "What was retrieved in a conversation was scored by the share of the expected outcome that it bears out.";
        let switches = Plain::of(params.strict, params.include_reason);
        windowed::plan(
            case,
            params,
            "ContextualRecallScoreReason",
            what,
            move |judge, window| {
                let material = json!({"expected answer": outcome, "documents": window.retrieved});
                contextual_recall::score(judge, switches, material)
            },
        )
    }
}
