//! `tool_selection`: whether the tools that the agent called are the ones to call of those it had. The part of DeepEval's
//! `ToolCorrectnessMetric` that its `available_tools` switch on: a kind of its own here, as it needs a judge and
//! `tool_correctness` needs none.
//!
//! The judge says from 0 to 1 how well the tools were chosen. Where the case expects tools, the calls are compared with those as
//! `tool_correctness` does it, and the lower of both scores counts, which is upstream's score.
//!
//! Deviation: a case that expects no tools in particular is scored by the choice alone; upstream asks for expected tools.

use super::offered::{Tool, tools_schema};
use super::{
    Plain, grade, graded, reason_property, shown_calls, strict_property, strict_threshold, yes,
};
use crate::fields::shown;
use crate::judge::Judge;
use crate::kinds::read_params;
use crate::kinds::tool_correctness::{Aspect, Comparison, MAX_CALLS, tool_correctness};
use crate::registry::{About, Metric, Plan, Scored, Unscored};
use assay_model::TestCase;
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::BTreeMap;

pub(crate) struct ToolSelection;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Params {
    available_tools: Vec<Tool>,
    #[serde(default)]
    evaluate: Vec<Aspect>,
    #[serde(default)]
    consider_ordering: bool,
    #[serde(default)]
    exact_match: bool,
    #[serde(default)]
    strict: bool,
    #[serde(default = "yes")]
    include_reason: bool,
}

impl Metric for ToolSelection {
    fn about(&self) -> About {
        About {
            name: "Tool selection",
            description: "Whether the agent called the right tools of those it had. Where the case expects tools, the lower score \
                          counts of that and of `tool_correctness`.",
            required_fields: &["input", "tools_called"],
            default_threshold: 0.5,
            version: 1,
            params_schema: json!({
                "type": "object",
                "properties": {
                    "available_tools": tools_schema(1, "The tools that the agent had."),
                    "evaluate": {"type": "array", "uniqueItems": true, "items": {"enum": ["input_parameters", "output"]},
                        "default": [],
                        "description": "What is compared with the expected tools besides the name."},
                    "consider_ordering": {"type": "boolean", "default": false,
                        "description": "The order of the expected tools counts."},
                    "exact_match": {"type": "boolean", "default": false,
                        "description": "The calls must agree with the expected ones place by place."},
                    "strict": strict_property(),
                    "include_reason": reason_property(),
                },
                "required": ["available_tools"],
                "additionalProperties": false,
            }),
        }
    }

    fn forced_threshold(&self, params: &Value) -> Option<f64> {
        strict_threshold(params)
    }

    fn begin(&self, params: &Value, case: &TestCase) -> Plan {
        let params: Params = match read_params(params) {
            Ok(params) => params,
            Err(plan) => return plan,
        };
        let comparison = Comparison {
            input_parameters: params.evaluate.contains(&Aspect::InputParameters),
            output: params.evaluate.contains(&Aspect::Output),
            consider_ordering: params.consider_ordering,
            exact_match: params.exact_match,
        };
        let expected = case.expected_tools.as_deref();
        if case.tools_called.len() > MAX_CALLS || expected.is_some_and(|e| e.len() > MAX_CALLS) {
            let why = format!("more than {MAX_CALLS} tool calls cannot be compared");
            return Plan::Error(why);
        }
        let correctness =
            expected.map(|expected| tool_correctness(&case.tools_called, expected, comparison));
        let material = json!({
            "input": shown("input", case),
            "available_tools": params.available_tools,
            "tools_called": shown_calls(&case.tools_called),
        });
        Plan::judge(move |judge| score(judge, params, material, correctness))
    }
}

async fn score(
    judge: Judge,
    params: Params,
    material: Value,
    correctness: Option<f64>,
) -> Result<Scored, Unscored> {
    let ask = "Judge which tools the agent called for what the user said, of those that were available. The score is a number from 0 \
               (the wrong tools, or none where one was needed) to 1 (exactly the tools that were needed). It falls with each tool \
               that was needed and not called, each that was called and not needed, and each for which a fitter one was available. \
               Do not judge arguments and outputs. The reason names the tools that decide.";
    let (selection, why) = grade(&judge, "ToolSelectionScore", "score", ask, &material).await?;
    let mut breakdown = BTreeMap::from([("tool_selection".to_owned(), selection)]);
    let mut found = (selection, why);
    if let Some(correctness) = correctness {
        breakdown.insert("tool_correctness".to_owned(), correctness);
        found = (
            selection.min(correctness),
            format!(
                "{} (the calls agree with the expected ones by {correctness:.2})",
                found.1
            ),
        );
    }
    let (strict, include_reason) = (params.strict, params.include_reason);
    let scored = graded(
        found,
        Plain {
            strict,
            include_reason,
        },
    );
    Ok(Scored {
        breakdown,
        ..scored
    })
}
