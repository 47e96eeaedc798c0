//! `tool_use`: in each exchange, whether the agent called the right tools and with the right arguments; the lower of both means. DeepEval's
//! `ToolUseMetric`.
//!
//! Deviations: where no tool was called in the whole conversation the choice alone counts; upstream takes 0 for the mean of no arguments, so
//! that an agent that rightly called nothing scores 0. Without an exchange the metric has nothing to say. The score is explained by one
//! call, upstream makes two.

use super::interactions::{shown, units};
use crate::agentic::offered::{Tool, tools_schema};
use crate::agentic::{grade, mean, shown_calls, shown_grades};
use crate::judge::Judge;
use crate::kinds::read_params;
use crate::qag_kinds::common::{forced_threshold, params_schema, yes};
use crate::registry::{About, Metric, Plan, Scored, Unscored};
use crate::verdicts::explain;
use assay_model::{TestCase, ToolCall};
use futures::future::{try_join, try_join_all};
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::BTreeMap;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Params {
    available_tools: Vec<Tool>,
    #[serde(default)]
    strict: bool,
    #[serde(default = "yes")]
    include_reason: bool,
}

/// An exchange, and whether a tool was called in it.
struct Exchange {
    material: Value,
    called: bool,
}

pub(crate) struct ToolUse;

impl Metric for ToolUse {
    fn about(&self) -> About {
        About {
            name: "Tool use",
            description: "Whether the agent called the right tools of those it had, and with the right arguments, exchange by exchange. The \
                          lower of both means counts.",
            required_fields: &["conversation"],
            default_threshold: 0.5,
            version: 1,
            params_schema: params_schema(
                json!({"available_tools": tools_schema(1, "The tools that the agent had.")}),
                &["available_tools"],
            ),
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
        let exchanges: Vec<Exchange> = units(&case.messages)
            .iter()
            .map(|unit| {
                let calls = unit.iter().flat_map(|m| m.tool_calls.iter().cloned());
                let calls: Vec<ToolCall> = calls.collect();
                let material = json!({
                    "conversation": shown(unit),
                    "tools called": shown_calls(&calls),
                    "available tools": params.available_tools,
                });
                Exchange {
                    material,
                    called: !calls.is_empty(),
                }
            })
            .collect();
        if exchanges.is_empty() {
            return Plan::NotApplicable("the agent answered nothing that the user said".to_owned());
        }
        Plan::judge(move |judge| score(judge, params, exchanges))
    }
}

async fn score(judge: Judge, params: Params, exchanges: Vec<Exchange>) -> Result<Scored, Unscored> {
    let choice = "Judge which tools the assistant called for what the user wants in this exchange, of those that were available. The score is a number \
                  from 0 (the wrong tools, or none where one was needed) to 1 (exactly the tools that were needed, be it none). It falls with each \
                  tool that was needed and not called, each that was called and not needed, and each for which a fitter one was available. Do not \
                  judge arguments and outputs. The reason names the tools that decide.";
    let arguments = "Judge the arguments of the tool calls in this exchange, taking the choice of the tools as given. The score is a number from 0 \
                     (wrong, missing or made up) to 1 (all are right and complete for what the user wants, and fit what the tool takes). The reason \
                     names the arguments that decide.";
    let count = exchanges.len();
    let ask = |i: usize, name, task: &'static str, material: &Value| {
        let (judge, material) = (judge.branch(i), material.clone());
        async move { grade(&judge, name, "score", task, &material).await }
    };
    let choices = exchanges.iter().enumerate();
    let choices = choices.map(|(i, e)| ask(i, "ToolSelectionScore", choice, &e.material));
    let called = exchanges.iter().enumerate().filter(|(_, e)| e.called);
    let fits = called.map(|(i, e)| {
        let name = "ArgumentCorrectnessScore";
        ask(count + i, name, arguments, &e.material)
    });
    let (choices, fits) = try_join(try_join_all(choices), try_join_all(fits)).await?;
    let chosen = mean(&choices).unwrap_or_default();
    let mut breakdown = BTreeMap::from([("tool_selection".to_owned(), chosen)]);
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
    let what = "An agent was scored by the tools that it called in a conversation and by their arguments; the lower of both means counts.";
    let found =
        json!({"choice of tools": shown_grades(&choices), "arguments": shown_grades(&fits)});
    let judge = judge.branch(2 * count);
    let reason = explain(&judge, "Reason", what, scored.score, &found).await?;
    Ok(Scored { reason, ..scored })
}
