//! `contextual_relevancy`: the share of all statements in what was retrieved that bear on the question. As in DeepEval.

use super::common::{Plain, forced_threshold};
use crate::fields::shown;
use crate::judge::Judge;
use crate::kinds::read_params;
use crate::prompt::{list, object, question, text};
use crate::qag::{Verdict, qag_score};
use crate::registry::{About, Metric, Plan, Scored, Unscored};
use crate::verdicts::{Judgement, Wanted, explain, reasons, verdicts, words};
use assay_model::TestCase;
use futures::future::try_join_all;
use serde_json::{Value, json};

/// Most documents that are judged, each with a question of its own.
const MAX_DOCUMENTS: usize = 200;

pub(crate) struct ContextualRelevancy;

impl Metric for ContextualRelevancy {
    fn about(&self) -> About {
        About {
            name: "Contextual relevancy",
            description: "The share of the statements in what the agent retrieved that bear on what the user asked.",
            required_fields: &["input", "retrieval_context"],
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
        let retrieved = match shown("retrieval_context", case) {
            Value::Array(documents) => documents,
            _ => Vec::new(),
        };
        let input = shown("input", case);
        Plan::judge(move |judge| score(judge, params, input, retrieved))
    }
}

/// Scores documents by a question.
///
/// # Errors
/// When there are more documents than can be judged, or the judge gives no usable answers.
pub(crate) async fn score(
    judge: Judge,
    params: Plain,
    input: Value,
    retrieved: Vec<Value>,
) -> Result<Scored, Unscored> {
    if retrieved.len() > MAX_DOCUMENTS {
        let why = format!("more than {MAX_DOCUMENTS} documents cannot be judged one by one");
        return Err(Unscored::Error(why));
    }
    let task = "Split the document into its statements and give a verdict for each: `yes` when it bears on the question, `no` \
                otherwise. The reason says in a few words why it does not.";
    let one = object(&[
        ("statement", text()),
        ("verdict", json!({"enum": ["yes", "no"]})),
        ("reason", text()),
    ]);
    let schema = object(&[("verdicts", list(&one))]);
    let each = retrieved.iter().enumerate().map(|(i, document)| {
        let material = json!({"question": input, "document": document});
        let call = question(
            "ContextualRelevancyVerdicts",
            task,
            &material,
            schema.clone(),
        );
        let judge = judge.branch(i);
        async move { verdicts(&judge, call, false, Wanted::AtLeast(0)).await }
    });
    let judged: Vec<Judgement> = try_join_all(each).await?.into_iter().flatten().collect();
    let score = qag_score(&words(&judged), &[Verdict::Yes], 0.0, params.strict);
    if !params.include_reason {
        return Ok(Scored::judged(score, ""));
    }
    let what =
        "What was retrieved was scored by the share of its statements that bear on the question.";
    let relevant = judged.iter().filter(|j| j.verdict == Verdict::Yes);
    let relevant: Vec<&str> = relevant.filter_map(|j| j.statement.as_deref()).collect();
    let found = json!({
        "question": input,
        "why some do not": reasons(&judged, &[Verdict::No]),
        "statements that do": relevant,
    });
    // After all documents.
    let judge = judge.branch(retrieved.len());
    let reason = explain(
        &judge,
        "ContextualRelevancyScoreReason",
        what,
        score,
        &found,
    );
    Ok(Scored::judged(score, reason.await?))
}
