//! `goal_accuracy`: in each exchange, how far the user's goal was reached and how good the way there was; the mean of both means. As in DeepEval;
//! but without an exchange the metric has nothing to say.

use super::interactions::{shown, units};
use crate::judge::Judge;
use crate::kinds::read_params;
use crate::prompt::{object, question, text, unit};
use crate::qag_kinds::common::{Plain, forced_threshold};
use crate::registry::{About, Metric, Plan, Scored, Unscored};
use crate::verdicts::explain;
use assay_model::{Message, TestCase};
use futures::future::try_join_all;
use serde_json::{Value, json};
use std::collections::BTreeMap;

pub(crate) struct GoalAccuracy;

impl Metric for GoalAccuracy {
    fn about(&self) -> About {
        About {
            name: "Goal accuracy",
            description: "How far the user's goals were reached and how well the agent went about them, by exchange.",
            required_fields: &["conversation"],
            default_threshold: 0.5,
            version: 1,
            params_schema: Plain::schema(),
        }
    }

    fn forced_threshold(&self, params: &Value) -> Option<f64> {
        forced_threshold(params)
    }

    fn begin(&self, params: &Value, case: &TestCase) -> Plan {
        let params: Plain = match read_params(params) {
            Ok(params) => params,
            Err(plan) => return plan,
        };
        let units = units(&case.messages);
        if units.is_empty() {
            return Plan::NotApplicable("the agent answered nothing that the user said".to_owned());
        }
        let material: Vec<Value> = units.iter().map(|unit| material(unit)).collect();
        Plan::judge(move |judge| score(judge, params, material))
    }
}

/// An exchange with the tools that were called in it.
fn material(unit: &[&Message]) -> Value {
    let calls = unit.iter().flat_map(|m| &m.tool_calls);
    let calls: Vec<Value> = calls.map(crate::fields::shown_call).collect();
    json!({"conversation": shown(unit), "tool calls": calls})
}

async fn score(judge: Judge, params: Plain, units: Vec<Value>) -> Result<Scored, Unscored> {
    let goal = "Work out what the user wants in this exchange and score from 0 to 1 how far the assistant brought it about. Claims of the assistant to have done \
                something count only where a tool call or its words bear them out.";
    let plan = "Work out what the user wants in this exchange and score from 0 to 1 how good the way is that the assistant took: whether each step was needed, in a \
                sensible order, and none was missing.";
    let count = units.len();
    let goals = ask_each(&judge, "GoalScore", goal, &units, 0);
    let plans = ask_each(&judge, "PlanScore", plan, &units, count);
    let (goals, plans) = futures::future::try_join(goals, plans).await?;
    let mean = |of: &[(f64, String)]| of.iter().map(|(s, _)| s).sum::<f64>() / of.len() as f64;
    let (reached, went) = (mean(&goals), mean(&plans));
    let scored = Scored {
        breakdown: BTreeMap::from([("goal".to_owned(), reached), ("plan".to_owned(), went)]),
        ..Scored::judged(f64::midpoint(reached, went), "").strictly(params.strict)
    };
    if !params.include_reason {
        return Ok(scored);
    }
    let judge = judge.branch(2 * count);
    let what = "A conversation was scored by how far the user's goals were reached and how good the way there was.";
    let said = |of: &[(f64, String)]| {
        of.iter()
            .map(|(s, r)| json!({"score": s, "reason": r}))
            .collect::<Vec<_>>()
    };
    let found = json!({"goals": said(&goals), "ways": said(&plans)});
    let name = "GoalAccuracyScoreReason";
    let reason = explain(&judge, name, what, scored.score, &found).await?;
    Ok(Scored { reason, ..scored })
}

/// A score and a reason for each exchange.
async fn ask_each(
    judge: &Judge,
    name: &'static str,
    task: &str,
    units: &[Value],
    first: usize,
) -> Result<Vec<(f64, String)>, String> {
    let schema = object(&[("score", unit()), ("reason", text())]);
    let each = units.iter().enumerate().map(|(i, material)| {
        let call = question(name, task, material, schema.clone());
        let judge = judge.branch(first + i);
        async move { judge.ask(call, |found, _| read_score(found)).await }
    });
    try_join_all(each).await
}

fn read_score(found: &Value) -> Result<(f64, String), String> {
    let score = found.get("score").and_then(Value::as_f64);
    let score = score.filter(|s| (0.0..=1.0).contains(s));
    let reason = found.get("reason").and_then(Value::as_str);
    Ok((
        score.ok_or("`score` must be a number from 0 to 1")?,
        reason.unwrap_or_default().to_owned(),
    ))
}
