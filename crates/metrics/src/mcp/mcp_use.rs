//! `mcp_use`: whether the agent used the right tools, resources and prompts of its MCP servers, and with the right arguments; the lower of
//! both scores. DeepEval's `MCPUseMetric`.
//!
//! Deviation: where nothing was used there are no arguments to judge, and the choice alone counts.

use super::{ARGUMENTS, CHOICE, Params, schema};
use crate::agentic::grade;
use crate::fields::shown;
use crate::judge::Judge;
use crate::kinds::read_params;
use crate::qag_kinds::common::forced_threshold;
use crate::registry::{About, Metric, Plan, Scored, Unscored};
use assay_model::{TestCase, Validator};
use futures::future::try_join;
use serde_json::{Value, json};
use std::collections::BTreeMap;

pub(crate) struct McpUse;

impl Metric for McpUse {
    fn about(&self) -> About {
        About {
            name: "MCP use",
            description: "Whether the agent used the right tools, resources and prompts of its MCP servers, and with the right arguments. The \
                          lower score counts.",
            required_fields: &["input", "actual_output", "tools_called"],
            default_threshold: 0.5,
            version: 1,
            params_schema: schema(),
        }
    }

    fn check(&self, params: &Value, v: &mut Validator) {
        if let Ok(params) = read_params::<Params>(params) {
            params.check(v);
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
        let used = case.tools_called.iter().any(|call| params.is_mcp(call));
        let material = json!({
            "question": shown("input", case),
            "answer": shown("actual_output", case),
            "servers": params.mcp_servers,
            "calls": params.shown(&case.tools_called),
        });
        Plan::judge(move |judge| score(judge, params, material, used))
    }
}

async fn score(
    judge: Judge,
    params: Params,
    material: Value,
    used: bool,
) -> Result<Scored, Unscored> {
    let (first, second) = (judge.branch(0), judge.branch(1));
    let choice = grade(&first, "MCPPrimitivesScore", "score", CHOICE, &material);
    let arguments = async {
        if !used {
            return Ok(None);
        }
        let asked = grade(&second, "MCPArgsScore", "score", ARGUMENTS, &material);
        Ok(Some(asked.await?))
    };
    let ((chosen, mut reason), fit) = try_join(choice, arguments).await?;
    let mut breakdown = BTreeMap::from([("primitives".to_owned(), chosen)]);
    let mut score = chosen;
    if let Some((fit, why)) = fit {
        breakdown.insert("arguments".to_owned(), fit);
        score = score.min(fit);
        reason = format!("{reason} {why}");
    }
    if !params.include_reason {
        reason = String::new();
    }
    Ok(Scored {
        breakdown,
        ..Scored::judged(score, reason).strictly(params.strict)
    })
}
