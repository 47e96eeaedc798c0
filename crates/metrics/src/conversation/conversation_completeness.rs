//! `conversation_completeness`: the share of what the user wanted that the conversation satisfied. As in DeepEval.

use super::interactions::{said, shown};
use crate::judge::Judge;
use crate::kinds::read_params;
use crate::prompt::question;
use crate::qag::{Verdict, qag_score};
use crate::qag_kinds::common::{Plain, forced_threshold};
use crate::registry::{About, Metric, Plan, Scored, Unscored};
use crate::verdicts::{explain, read_verdict, reasons, statements, verdict_schema, words};
use assay_model::TestCase;
use futures::future::try_join_all;
use serde_json::{Value, json};

pub(crate) struct ConversationCompleteness;

impl Metric for ConversationCompleteness {
    fn about(&self) -> About {
        About {
            name: "Conversation completeness",
            description: "The share of what the user wanted that was satisfied by the end of the conversation.",
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
        let turns = shown(&said(&case.messages));
        Plan::judge(move |judge| score(judge, params, turns))
    }
}

async fn score(judge: Judge, params: Plain, turns: Value) -> Result<Scored, Unscored> {
    let task = "List what the user wants to achieve in the conversation: each intention once, as one short sentence.";
    let material = json!({"conversation": turns});
    let first = judge.branch(0);
    let wanted = statements(&first, "UserIntentions", "intentions", task, &material).await?;
    let task = "Give a verdict: `yes` when the assistant has satisfied the intention by the end of the conversation, `no` otherwise. The reason \
                says in a few words what is missing.";
    let each = wanted.iter().enumerate().map(|(i, intention)| {
        let material = json!({"conversation": turns, "intention": intention});
        let schema = verdict_schema(false);
        let call = question("ConversationCompletenessVerdict", task, &material, schema);
        let judge = judge.branch(i + 1);
        async move { judge.ask(call, |found, _| read_verdict(found, false)).await }
    });
    let judged = try_join_all(each).await?;
    let score = qag_score(&words(&judged), &[Verdict::Yes], 1.0, params.strict);
    if !params.include_reason {
        return Ok(Scored::judged(score, ""));
    }
    let judge = judge.branch(wanted.len() + 1);
    let what =
        "A conversation was scored by the share of the user's intentions that were satisfied.";
    let found =
        json!({"intentions": wanted, "why some were not": reasons(&judged, &[Verdict::No])});
    let name = "ConversationCompletenessScoreReason";
    let reason = explain(&judge, name, what, score, &found).await?;
    Ok(Scored::judged(score, reason))
}
