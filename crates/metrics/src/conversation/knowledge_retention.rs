//! `knowledge_retention`: the share of the agent's turns that forget nothing of what the user has told. As in DeepEval.

use super::interactions::{said, shown};
use crate::judge::Judge;
use crate::kinds::read_params;
use crate::prompt::{object, question, text};
use crate::qag::{Verdict, qag_score};
use crate::qag_kinds::common::{Plain, forced_threshold};
use crate::registry::{About, Metric, Plan, Scored, Unscored};
use crate::verdicts::{explain, read_verdict, reasons, verdict_schema, words};
use assay_model::{Role, TestCase};
use futures::future::try_join_all;
use serde_json::{Value, json};

/// Most facts of one turn that are kept.
const MOST_FACTS: usize = 50;

pub(crate) struct KnowledgeRetention;

impl Metric for KnowledgeRetention {
    fn about(&self) -> About {
        About {
            name: "Knowledge retention",
            description: "The share of the agent's turns that ask for nothing, and contradict nothing, that the user has told before.",
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
        let said = said(&case.messages);
        let turns: Vec<(Role, Value)> = (0..said.len())
            .filter_map(|i| {
                let (before, turn) = (said.get(..i)?, said.get(i)?);
                let material = json!({"before": shown(before), "turn": shown(&[turn])});
                Some((turn.role, material))
            })
            .collect();
        Plan::judge(move |judge| score(judge, params, turns))
    }
}

async fn score(judge: Judge, params: Plain, turns: Vec<(Role, Value)>) -> Result<Scored, Unscored> {
    let task = "List the facts that the user tells in this turn of themself and of what they want, by a short name each. What they ask is no fact. \
                Where they tell none, `data` is empty.";
    let schema = object(&[(
        "data",
        json!({"type": "object", "additionalProperties": text()}),
    )]);
    let users = turns
        .iter()
        .enumerate()
        .filter(|(_, (role, _))| *role == Role::User);
    let each = users.map(|(i, (_, material))| {
        let call = question("Knowledge", task, material, schema.clone());
        let judge = judge.branch(i);
        async move {
            let facts = judge.ask(call, |found, _| read_facts(found)).await?;
            Ok::<_, String>((i, facts))
        }
    });
    let told: Vec<(usize, Vec<(String, Value)>)> = try_join_all(each).await?;
    let task = "Give a verdict on this turn of the assistant: `yes` when it asks for something, or contradicts something, that is among the \
                known facts, so that it has forgotten it; `no` otherwise. The reason names what was forgotten.";
    let agents = turns
        .iter()
        .enumerate()
        .filter_map(|(i, (role, material))| {
            let known: Vec<&(String, Value)> = told
                .iter()
                .take_while(|(at, _)| *at < i)
                .flat_map(|(_, facts)| facts)
                .collect();
            (*role == Role::Assistant && !known.is_empty()).then(|| {
                let material = json!({"known facts": known, "turn": material.get("turn")});
                let schema = verdict_schema(false);
                let call = question("KnowledgeRetentionVerdict", task, &material, schema);
                let judge = judge.branch(turns.len() + i);
                async move { judge.ask(call, |found, _| read_verdict(found, false)).await }
            })
        });
    let judged = try_join_all(agents).await?;
    let score = qag_score(&words(&judged), &[Verdict::No], 1.0, params.strict);
    if !params.include_reason {
        return Ok(Scored::judged(score, ""));
    }
    let judge = judge.branch(2 * turns.len());
    let what = "A conversation was scored by the share of the assistant's turns that forget nothing of what the user has told.";
    let found = json!({"what was forgotten": reasons(&judged, &[Verdict::Yes])});
    let reason = explain(&judge, "KnowledgeRetentionScoreReason", what, score, &found).await?;
    Ok(Scored::judged(score, reason))
}

fn read_facts(found: &Value) -> Result<Vec<(String, Value)>, String> {
    match found.get("data") {
        Some(Value::Null) => Ok(Vec::new()),
        Some(Value::Object(facts)) => {
            let facts = facts.iter().take(MOST_FACTS);
            Ok(facts.map(|(k, v)| (k.clone(), v.clone())).collect())
        }
        _ => Err("it has no object `data`".to_owned()),
    }
}
