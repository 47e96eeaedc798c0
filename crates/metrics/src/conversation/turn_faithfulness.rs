//! `turn_faithfulness`: faithfulness over windows of a conversation. See `windowed`.

use super::windowed::{self, Params, schema};
use crate::kinds::read_params;
use crate::qag_kinds::common::{forced_threshold, yes};
use crate::qag_kinds::faithfulness;
use crate::registry::{About, Metric, Plan};
use assay_model::TestCase;
use serde::Deserialize;
use serde_json::{Value, json};

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
struct Own {
    #[serde(default = "ten")]
    window_size: u32,
    truths_extraction_limit: Option<u32>,
    #[serde(default)]
    penalize_ambiguous_claims: bool,
    #[serde(default)]
    strict: bool,
    #[serde(default = "yes")]
    include_reason: bool,
}

const fn ten() -> u32 {
    10
}

pub(crate) struct TurnFaithfulness;

impl Metric for TurnFaithfulness {
    fn about(&self) -> About {
        About {
            name: "Turn faithfulness",
            description: "The share of the agent's claims that what it retrieved bears out, exchange by exchange.",
            required_fields: &["conversation"],
            default_threshold: 0.5,
            version: 1,
            params_schema: schema(json!({
                "truths_extraction_limit": {"type": ["integer", "null"], "minimum": 1, "maximum": 200,
                    "description": "Most facts that are taken from what was retrieved, the most important ones; all when absent."},
                "penalize_ambiguous_claims": {"type": "boolean", "default": false,
                    "description": "Whether a claim that nothing bears out or contradicts counts as wrong."},
            })),
        }
    }

    fn forced_threshold(&self, params: &Value) -> Option<f64> {
        forced_threshold(params)
    }

    fn begin(&self, params: &Value, case: &TestCase) -> Plan {
        let params: Own = match read_params(params) {
            Ok(params) => params,
            Err(plan) => return plan,
        };
        let what = "A conversation was scored by the share of the assistant's claims that what it retrieved bears out.";
        let inner = faithfulness::Params {
            truths_extraction_limit: params.truths_extraction_limit,
            penalize_ambiguous_claims: params.penalize_ambiguous_claims,
            strict: params.strict,
            include_reason: params.include_reason,
        };
        let outer = Params {
            window_size: params.window_size,
            strict: params.strict,
            include_reason: params.include_reason,
        };
        windowed::plan(
            case,
            outer,
            "FaithfulnessScoreReason",
            what,
            move |judge, window| {
                faithfulness::score(judge, inner, window.output, json!(window.retrieved))
            },
        )
    }
}
