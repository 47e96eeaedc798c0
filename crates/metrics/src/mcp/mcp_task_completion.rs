//! `mcp_task_completion`: how far an agent with MCP servers brought about what the user wanted, exchange by exchange; the mean. DeepEval's
//! `MCPTaskCompletionMetric`.
//!
//! What the user can see decides: results of calls count only where the agent passes them on.
//!
//! Deviations: see [`Params::exchanges`]. Without such an exchange the metric has nothing to say, where upstream gives 0.

use super::{Exchange, NO_EXCHANGE, Params, schema};
use crate::agentic::{grade, mean, shown_grades};
use crate::judge::Judge;
use crate::kinds::read_params;
use crate::qag_kinds::common::forced_threshold;
use crate::registry::{About, Metric, Plan, Scored, Unscored};
use crate::verdicts::explain;
use assay_model::{TestCase, Validator};
use futures::future::try_join_all;
use serde_json::{Value, json};

pub(crate) struct McpTaskCompletion;

impl Metric for McpTaskCompletion {
    fn about(&self) -> About {
        About {
            name: "MCP task completion",
            description: "How far the agent brought about what the user wanted in each exchange in which it used its MCP servers, by what the user \
                          could see.",
            required_fields: &["conversation"],
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
        let exchanges = params.exchanges(case);
        if exchanges.is_empty() {
            return Plan::NotApplicable(NO_EXCHANGE.to_owned());
        }
        Plan::judge(move |judge| score(judge, params, exchanges))
    }
}

async fn score(judge: Judge, params: Params, exchanges: Vec<Exchange>) -> Result<Scored, Unscored> {
    let task = "Judge how far the agent brought about what the user wants in this exchange. The user sees what was said and none of the calls: what a \
                call brought out counts only where the agent passes it on, and what the agent claims to have done only where a call bears it \
                out. The score is a number from 0 (nothing) to 1 (all of it). The reason names what is missing or wrong.";
    let each = exchanges.iter().enumerate().map(|(i, exchange)| {
        let material = json!({"user": exchange.task, "steps": exchange.steps});
        let judge = judge.branch(i);
        async move { grade(&judge, "TaskScore", "score", task, &material).await }
    });
    let grades = try_join_all(each).await?;
    let done = mean(&grades).unwrap_or_default();
    let scored = Scored::judged(done, "").strictly(params.strict);
    if !params.include_reason {
        return Ok(scored);
    }
    let what = "An agent with MCP servers was scored by how far it brought about what the user wanted, exchange by exchange.";
    let found = json!({"exchanges": shown_grades(&grades)});
    let judge = judge.branch(exchanges.len());
    let reason = explain(&judge, "Reason", what, scored.score, &found).await?;
    Ok(Scored { reason, ..scored })
}
