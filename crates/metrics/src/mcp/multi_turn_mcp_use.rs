//! `multi_turn_mcp_use`: in each exchange, whether the agent used the right tools, resources and prompts of its MCP servers, and with the
//! right arguments; the lower of both means. DeepEval's `MultiTurnMCPUseMetric`.
//!
//! Deviations: see [`Params::exchanges`]. Without such an exchange the metric has nothing to say, where upstream gives 0. Arguments are
//! judged only where something was used.

use super::{ARGUMENTS, CHOICE, Exchange, NO_EXCHANGE, Params, schema};
use crate::agentic::{grade, mean, shown_grades};
use crate::judge::Judge;
use crate::kinds::read_params;
use crate::qag_kinds::common::forced_threshold;
use crate::registry::{About, Metric, Plan, Scored, Unscored};
use crate::verdicts::explain;
use assay_model::{TestCase, Validator};
use futures::future::{try_join, try_join_all};
use serde_json::{Value, json};
use std::collections::BTreeMap;

pub(crate) struct MultiTurnMcpUse;

impl Metric for MultiTurnMcpUse {
    fn about(&self) -> About {
        About {
            name: "Multi-turn MCP use",
            description: "Whether the agent used the right tools, resources and prompts of its MCP servers, and with the right arguments, exchange \
                          by exchange. The lower of both means counts.",
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
    let count = exchanges.len();
    let ask = |i: usize, name, task: &'static str, exchange: &Exchange| {
        let material =
            json!({"user": exchange.task, "steps": exchange.steps, "servers": params.mcp_servers});
        let judge = judge.branch(i);
        async move { grade(&judge, name, "score", task, &material).await }
    };
    let choices = exchanges.iter().enumerate();
    let choices = choices.map(|(i, e)| ask(i, "ToolScore", CHOICE, e));
    let used = exchanges.iter().enumerate().filter(|(_, e)| e.used);
    let fits = used.map(|(i, e)| ask(count + i, "ArgsScore", ARGUMENTS, e));
    let (choices, fits) = try_join(try_join_all(choices), try_join_all(fits)).await?;
    let chosen = mean(&choices).unwrap_or_default();
    let mut breakdown = BTreeMap::from([("primitives".to_owned(), chosen)]);
    let mut score = chosen;
    if let Some(fit) = mean(&fits) {
        breakdown.insert("arguments".to_owned(), fit);
        score = score.min(fit);
    }
    let scored = Scored {
        breakdown,
        ..Scored::judged(score, "").strictly(params.strict)
    };
    if !params.include_reason {
        return Ok(scored);
    }
    let what = "An agent was scored by what it used of its MCP servers in a conversation and by the arguments; the lower of both means counts.";
    let found = json!({"choice": shown_grades(&choices), "arguments": shown_grades(&fits)});
    let judge = judge.branch(2 * count);
    let reason = explain(&judge, "Reason", what, scored.score, &found).await?;
    Ok(Scored { reason, ..scored })
}
