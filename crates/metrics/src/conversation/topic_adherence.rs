//! `topic_adherence`: the share of questions that were handled rightly: answered where they belong to the agent's topics, refused where they do
//! not. As in DeepEval; but where nothing was asked the metric has nothing to say, where upstream gives 0.

use super::interactions::{shown, units};
use crate::judge::Judge;
use crate::kinds::read_params;
use crate::prompt::{list, object, question, text};
use crate::qag_kinds::common::{forced_threshold, params_schema, yes};
use crate::registry::{About, Metric, Plan, Scored, Unscored};
use crate::verdicts::explain;
use assay_model::TestCase;
use futures::future::try_join_all;
use serde::Deserialize;
use serde_json::{Value, json};

/// Most questions that are taken from one exchange.
const MOST_PAIRS: usize = 20;

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Params {
    relevant_topics: Vec<String>,
    #[serde(default)]
    strict: bool,
    #[serde(default = "yes")]
    include_reason: bool,
}

/// What was done with a question.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
enum Handled {
    /// It belongs to the topics and was answered.
    #[serde(rename = "TP")]
    Answered,
    /// It does not, and was refused.
    #[serde(rename = "TN")]
    Refused,
    /// It does not, and was answered.
    #[serde(rename = "FP")]
    Strayed,
    /// It does, and was refused.
    #[serde(rename = "FN")]
    Missed,
}

pub(crate) struct TopicAdherence;

impl Metric for TopicAdherence {
    fn about(&self) -> About {
        About {
            name: "Topic adherence",
            description: "The share of questions that were answered where they belong to the agent's topics and refused where they do not.",
            required_fields: &["conversation"],
            default_threshold: 0.5,
            version: 1,
            params_schema: params_schema(
                json!({"relevant_topics": {"type": "array", "minItems": 1, "maxItems": 50,
                    "items": {"type": "string", "minLength": 1, "maxLength": 500},
                    "description": "What the agent is to talk about."}}),
                &["relevant_topics"],
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
        let units: Vec<Value> = units(&case.messages)
            .iter()
            .map(|unit| json!({"conversation": shown(unit)}))
            .collect();
        if units.is_empty() {
            return Plan::NotApplicable("the agent answered nothing that the user said".to_owned());
        }
        Plan::judge(move |judge| score(judge, params, units))
    }
}

async fn score(judge: Judge, params: Params, units: Vec<Value>) -> Result<Scored, Unscored> {
    let task = "List the questions and requests of the user, each with what the assistant responded to it.";
    let pair = object(&[("question", text()), ("response", text())]);
    let schema = object(&[("qa_pairs", list(&pair))]);
    let each = units.iter().enumerate().map(|(i, unit)| {
        let call = question("QAPairs", task, unit, schema.clone());
        let judge = judge.branch(i);
        async move { judge.ask(call, |found, _| read_pairs(found)).await }
    });
    let pairs: Vec<Value> = try_join_all(each).await?.into_iter().flatten().collect();
    if pairs.is_empty() {
        let why = "the user asked nothing".to_owned();
        return Err(Unscored::NotApplicable(why));
    }
    let task = "Give a verdict: `TP` when the question belongs to the topics and was answered, `TN` when it does not and was refused, `FP` when it does not \
                and was answered, `FN` when it does and was refused. The reason says in a few words what decides.";
    let schema = object(&[
        ("verdict", json!({"enum": ["TP", "TN", "FP", "FN"]})),
        ("reason", text()),
    ]);
    let each = pairs.iter().enumerate().map(|(i, pair)| {
        let material = json!({"topics": params.relevant_topics, "exchange": pair});
        let call = question("RelevancyVerdict", task, &material, schema.clone());
        let judge = judge.branch(units.len() + i);
        async move { judge.ask(call, |found, _| read_handled(found)).await }
    });
    let handled = try_join_all(each).await?;
    let count = |of: Handled| handled.iter().filter(|(h, _)| *h == of).count() as u64;
    let counts = [
        Handled::Answered,
        Handled::Refused,
        Handled::Strayed,
        Handled::Missed,
    ]
    .map(count);
    let score = topic_adherence(counts).unwrap_or_default();
    let scored = Scored::judged(score, "").strictly(params.strict);
    if !params.include_reason {
        return Ok(scored);
    }
    let judge = judge.branch(units.len() + pairs.len());
    let what = "A conversation was scored by the share of questions that were handled rightly with regard to the topics.";
    let wrong = handled
        .iter()
        .filter(|(h, _)| matches!(h, Handled::Strayed | Handled::Missed));
    let wrong: Vec<&str> = wrong.map(|(_, reason)| reason.as_str()).collect();
    let found = json!({"topics": params.relevant_topics, "why some were not": wrong});
    let reason = explain(&judge, "TopicAdherenceReason", what, scored.score, &found).await?;
    Ok(Scored { reason, ..scored })
}

/// The share of questions handled rightly, of those answered and refused rightly and answered and refused wrongly; `None` of none.
#[must_use]
pub fn topic_adherence([tp, tn, fp, missed]: [u64; 4]) -> Option<f64> {
    let all = tp + tn + fp + missed;
    (all > 0).then(|| (tp + tn) as f64 / all as f64)
}

fn read_pairs(found: &Value) -> Result<Vec<Value>, String> {
    let all = found.get("qa_pairs").and_then(Value::as_array);
    let all = all.ok_or("it has no list `qa_pairs`")?;
    let whole = |pair: &Value| {
        let is_text = |part: &str| pair.get(part).is_some_and(Value::is_string);
        is_text("question") && is_text("response")
    };
    if !all.iter().all(whole) {
        return Err("an entry of `qa_pairs` has no texts `question` and `response`".to_owned());
    }
    Ok(all.iter().take(MOST_PAIRS).cloned().collect())
}

fn read_handled(found: &Value) -> Result<(Handled, String), String> {
    let verdict = found.get("verdict").cloned().unwrap_or_default();
    let handled = Handled::deserialize(verdict);
    let handled = handled.map_err(|_| "`verdict` must be TP, TN, FP or FN")?;
    let reason = found.get("reason").and_then(Value::as_str);
    Ok((handled, reason.unwrap_or_default().to_owned()))
}
