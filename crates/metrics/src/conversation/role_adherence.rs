//! `role_adherence`: the share of the agent's turns in which it keeps to its role. As in DeepEval; but without a turn of the agent the metric has
//! nothing to say, where upstream gives 1.

use super::interactions::{said, shown};
use crate::judge::Judge;
use crate::kinds::read_params;
use crate::prompt::{list, object, question, text};
use crate::qag_kinds::common::{Plain, forced_threshold, params_schema, yes};
use crate::registry::{About, Metric, Plan, Scored, Unscored};
use crate::verdicts::explain;
use assay_model::{Role, TestCase};
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

pub(crate) struct RoleAdherence;

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Params {
    #[serde(default)]
    role: Option<String>,
    #[serde(default)]
    strict: bool,
    #[serde(default = "yes")]
    include_reason: bool,
}

impl Metric for RoleAdherence {
    fn about(&self) -> About {
        About {
            name: "Role adherence",
            description: "The share of the agent's turns in which it keeps to its role: the parameter `role`, or else the case's `chatbot_role`. In a \
                          campaign that is the agent's system prompt.",
            required_fields: &["conversation", "chatbot_role"],
            default_threshold: 0.5,
            version: 1,
            params_schema: params_schema(
                json!({"role": {"type": ["string", "null"], "minLength": 1, "maxLength": 20000, "description": "The role, e.g. `a patient tutor who never gives the solution away`."}}),
                &[],
            ),
        }
    }

    fn required_fields(&self, params: &Value) -> Vec<String> {
        let own = params.get("role").is_some_and(Value::is_string);
        let needed: &[&str] = if own {
            &["conversation"]
        } else {
            self.about().required_fields
        };
        needed.iter().map(|field| (*field).to_owned()).collect()
    }

    fn forced_threshold(&self, params: &Value) -> Option<f64> {
        forced_threshold(params)
    }

    fn begin(&self, params: &Value, case: &TestCase) -> Plan {
        let params: Params = match read_params(params) {
            Ok(params) => params,
            Err(plan) => return plan,
        };
        let said = said(&case.messages);
        let turns = said.iter().enumerate();
        let own = turns.filter(|(_, m)| m.role == Role::Assistant);
        let own: BTreeSet<u64> = own.map(|(i, _)| i as u64).collect();
        if own.is_empty() {
            return Plan::NotApplicable("the agent has said nothing".to_owned());
        }
        let turns: Vec<Value> = said
            .iter()
            .enumerate()
            .map(|(i, turn)| json!({"index": i, "turn": shown(&[turn])}))
            .collect();
        let role = params.role.map(Value::String);
        let role = role.unwrap_or_else(|| crate::fields::shown("chatbot_role", case));
        let material = json!({"role": role, "conversation": turns});
        let switches = Plain::of(params.strict, params.include_reason);
        Plan::judge(move |judge| score(judge, switches, material, own))
    }
}

async fn score(
    judge: Judge,
    params: Plain,
    material: Value,
    own: BTreeSet<u64>,
) -> Result<Scored, Unscored> {
    let task = "List the turns of the assistant in which it falls out of its role, by their index, each with a reason in a few words. The list is empty \
                where it keeps to its role throughout.";
    let one = object(&[
        ("index", json!({"type": "integer", "minimum": 0})),
        ("reason", text()),
    ]);
    let schema = object(&[("verdicts", list(&one))]);
    let call = question("OutOfCharacterResponseVerdicts", task, &material, schema);
    let bad = judge.ask(call, |found, _| read(found, &own)).await?;
    let kept = own.len() - bad.len();
    let scored = Scored::judged(kept as f64 / own.len() as f64, "").strictly(params.strict);
    if !params.include_reason {
        return Ok(scored);
    }
    let what =
        "A conversation was scored by the share of the assistant's turns that keep to its role.";
    let found = json!({"role": material.get("role"), "turns that do not": bad});
    let name = "RoleAdherenceScoreReason";
    let reason = explain(&judge, name, what, scored.score, &found).await?;
    Ok(Scored { reason, ..scored })
}

/// The reasons, one for each of the turns of `own` that is named.
fn read(found: &Value, own: &BTreeSet<u64>) -> Result<Vec<String>, String> {
    let all = found.get("verdicts").and_then(Value::as_array);
    let all = all.ok_or("it has no list `verdicts`")?;
    let mut seen = BTreeMap::new();
    for one in all {
        let index = one.get("index").and_then(Value::as_u64);
        let index = index.ok_or("an entry of `verdicts` has no whole number `index`")?;
        if !own.contains(&index) {
            return Err(format!("`index` {index} is no turn of the assistant"));
        }
        let reason = one
            .get("reason")
            .and_then(Value::as_str)
            .unwrap_or_default();
        seen.entry(index).or_insert_with(|| reason.to_owned());
    }
    Ok(seen.into_values().collect())
}
