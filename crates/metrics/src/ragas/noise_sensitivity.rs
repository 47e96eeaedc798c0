//! `noise_sensitivity`: how little an answer was led astray by what was retrieved. ragas's `NoiseSensitivity`, turned round.
//!
//! A document is relevant when it bears out some claim of the expected answer. Upstream's score is the share of the answer's claims that are
//! wrong (the expected answer does not bear them out) and borne out by a relevant document; in mode `irrelevant`, by irrelevant documents
//! alone. There less is better; here the score is what is left to 1, so that more is better as everywhere.
//!
//! Deviation: without claims of either answer the metric has nothing to say, where upstream fails.

use super::{CLAIMS, borne_out, holds};
use crate::fields::shown;
use crate::judge::Judge;
use crate::kinds::read_params;
use crate::qag_kinds::common::{forced_threshold, params_schema, yes};
use crate::registry::{About, Metric, Plan, Scored, Unscored};
use crate::verdicts::{explain, statements};
use assay_model::TestCase;
use futures::future::{try_join, try_join_all};
use serde::Deserialize;
use serde_json::{Value, json};

/// Most documents that are judged, each with two questions.
const MAX_DOCUMENTS: usize = 100;

/// Which documents are looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Noise {
    /// Those that bear out some claim of the expected answer.
    #[default]
    Relevant,
    /// The others.
    Irrelevant,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Params {
    #[serde(default)]
    mode: Noise,
    #[serde(default)]
    strict: bool,
    #[serde(default = "yes")]
    include_reason: bool,
}

pub(crate) struct NoiseSensitivity;

impl Metric for NoiseSensitivity {
    fn about(&self) -> About {
        About {
            name: "Noise sensitivity",
            description: "The share of the answer's claims that are not wrong because of what was retrieved: of relevant documents, or of \
                          irrelevant ones. 1 is best, other than in ragas.",
            required_fields: &["actual_output", "expected_output", "retrieval_context"],
            default_threshold: 0.5,
            version: 1,
            params_schema: params_schema(
                json!({"mode": {"enum": ["relevant", "irrelevant"], "default": "relevant",
                    "description": "Whether wrong claims count that relevant documents bear out, or those that only irrelevant ones do."}}),
                &[],
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
        let documents = match shown("retrieval_context", case) {
            Value::Array(documents) => documents,
            _ => Vec::new(),
        };
        if documents.len() > MAX_DOCUMENTS {
            let why = format!("more than {MAX_DOCUMENTS} documents cannot be judged one by one");
            return Plan::Error(why);
        }
        let (answer, expected) = (shown("actual_output", case), shown("expected_output", case));
        Plan::judge(move |judge| score(judge, params, answer, expected, documents))
    }
}

async fn score(
    judge: Judge,
    params: Params,
    answer: Value,
    expected: Value,
    documents: Vec<Value>,
) -> Result<Scored, Unscored> {
    let (first, second) = (judge.branch(0), judge.branch(1));
    let (truth_text, claim_text) = (json!({"text": expected}), json!({"text": answer}));
    let truths = statements(&first, "Claims", "claims", CLAIMS, &truth_text);
    let claims = statements(&second, "Claims", "claims", CLAIMS, &claim_text);
    let (truths, claims) = try_join(truths, claims).await?;
    for (claims, whose) in [(&truths, "the expected answer"), (&claims, "the answer")] {
        if claims.is_empty() {
            let why = format!("{whose} makes no claims");
            return Err(Unscored::NotApplicable(why));
        }
    }
    // Two questions a document, then whether the claims are right.
    let each = documents.iter().enumerate().map(|(i, document)| {
        let (first, second) = (judge.branch(2 + 2 * i), judge.branch(3 + 2 * i));
        let (truths, claims) = (&truths, &claims);
        async move {
            try_join(
                borne_out(&first, truths, document),
                borne_out(&second, claims, document),
            )
            .await
        }
    });
    let last = judge.branch(2 + 2 * documents.len());
    let right = borne_out(&last, &claims, &expected);
    let (by_document, right) = try_join(try_join_all(each), right).await?;
    let by_document: Vec<Retrieved> = by_document
        .iter()
        .map(|(truths, claims)| Retrieved {
            truths: holds(truths),
            claims: holds(claims),
        })
        .collect();
    let led = led_astray(&by_document, &holds(&right), params.mode);
    let wrong = led.iter().filter(|&&led| led).count();
    let score = 1.0 - wrong as f64 / led.len() as f64;
    let scored = Scored::judged(score, "").strictly(params.strict);
    if !params.include_reason {
        return Ok(scored);
    }
    let what = "An answer was scored by the share of its claims that are not wrong because of documents that were retrieved.";
    let wrong = claims.iter().zip(&led).filter(|(_, led)| **led);
    let wrong: Vec<&String> = wrong.map(|(claim, _)| claim).collect();
    let found = json!({"wrong claims that documents bear out": wrong});
    let judge = judge.branch(3 + 2 * documents.len());
    let reason = explain(&judge, "NoiseSensitivityReason", what, scored.score, &found).await?;
    Ok(Scored { reason, ..scored })
}

/// What one document bears out.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Retrieved {
    /// Of the claims of the expected answer.
    truths: Vec<bool>,
    /// Of the claims of the answer.
    claims: Vec<bool>,
}

/// For each claim of the answer, whether it is wrong (not among the `right`) and a document of the sort that `noise` names bears it out;
/// of irrelevant documents, only where no relevant one does.
fn led_astray(retrieved: &[Retrieved], right: &[bool], noise: Noise) -> Vec<bool> {
    let says = |i: usize, relevant: bool| {
        let of_sort = retrieved
            .iter()
            .filter(|r| r.truths.iter().any(|&t| t) == relevant);
        of_sort.into_iter().any(|r| r.claims.get(i) == Some(&true))
    };
    let each = right.iter().enumerate().map(|(i, right)| {
        !right
            && match noise {
                Noise::Relevant => says(i, true),
                Noise::Irrelevant => says(i, false) && !says(i, true),
            }
    });
    each.collect()
}
