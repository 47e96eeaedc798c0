//! `turn_contextual_precision`: contextual precision over windows of a conversation, by the expected outcome. See `windowed`.

use super::windowed::{self, Params, schema};
use crate::fields::shown;
use crate::kinds::read_params;
use crate::qag_kinds::common::{Plain, forced_threshold};
use crate::qag_kinds::contextual_precision;
use crate::registry::{About, Metric, Plan};
use crate::verdicts::Wanted;
use assay_model::TestCase;
use serde_json::{Value, json};

pub(crate) struct TurnContextualPrecision;

impl Metric for TurnContextualPrecision {
    fn about(&self) -> About {
        About {
            name: "Turn contextual precision",
            description: "Whether what helps to reach the expected outcome was retrieved before what does not, exchange by exchange.",
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
        let what = "What was retrieved in a conversation was scored by whether relevant documents come before others.";
        let switches = Plain::of(params.strict, params.include_reason);
        windowed::plan(
            case,
            params,
            "ContextualPrecisionScoreReason",
            what,
            move |judge, window| {
                let material = json!({"question": window.input, "expected answer": outcome, "documents": window.retrieved});
                let wanted = Wanted::Exactly(window.retrieved.len());
                contextual_precision::score(judge, switches, material, wanted)
            },
        )
    }
}
