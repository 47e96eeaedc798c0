//! `factual_correctness`: how far the claims of the answer and those of the expected answer agree. ragas's `FactualCorrectness`.
//!
//! Both are taken apart into claims. A claim of the answer that the expected answer bears out is a true positive, another one a false
//! positive; a claim of the expected answer that the answer does not bear out is a false negative. Precision, recall or their F-beta is
//! the score.
//!
//! Deviations: where the score is a share of nothing the metric has nothing to say, where upstream gives 0. The score is not rounded to two
//! places, and has no small number in its denominators.

use super::{CLAIMS, borne_out, holds};
use crate::fields::shown;
use crate::judge::Judge;
use crate::kinds::read_params;
use crate::qag::Verdict;
use crate::qag_kinds::common::{forced_threshold, params_schema, yes};
use crate::registry::{About, Metric, Plan, Scored, Unscored};
use crate::verdicts::{explain, reasons, statements};
use assay_model::TestCase;
use futures::future::try_join;
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// What the score is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Mode {
    Precision,
    Recall,
    #[default]
    F1,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Params {
    #[serde(default)]
    mode: Mode,
    #[serde(default = "one")]
    beta: f64,
    #[serde(default)]
    strict: bool,
    #[serde(default = "yes")]
    include_reason: bool,
}

const fn one() -> f64 {
    1.0
}

pub(crate) struct FactualCorrectness;

impl Metric for FactualCorrectness {
    fn about(&self) -> About {
        About {
            name: "Factual correctness",
            description: "How far the factual claims of the answer and those of the expected answer agree: precision, recall, or their F-beta.",
            required_fields: &["actual_output", "expected_output"],
            default_threshold: 0.5,
            version: 1,
            params_schema: params_schema(
                json!({
                    "mode": {"enum": ["precision", "recall", "f1"], "default": "f1",
                        "description": "The share of the answer's claims that are right, the share of the expected claims that it makes, or both."},
                    "beta": {"type": "number", "exclusiveMinimum": 0, "maximum": 10, "default": 1.0,
                        "description": "How much recall weighs in mode `f1`, as a multiple of precision."},
                }),
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
        let (answer, expected) = (shown("actual_output", case), shown("expected_output", case));
        Plan::judge(move |judge| score(judge, params, answer, expected))
    }
}

async fn score(
    judge: Judge,
    params: Params,
    answer: Value,
    expected: Value,
) -> Result<Scored, Unscored> {
    let check = async |judge: Judge, of: &Value, by: &Value| {
        let claims = statements(&judge, "Claims", "claims", CLAIMS, &json!({"text": of})).await?;
        borne_out(&judge, &claims, by).await
    };
    let made = check(judge.branch(0), &answer, &expected);
    let wanted = async {
        if params.mode == Mode::Precision {
            return Ok(Vec::new());
        }
        check(judge.branch(1), &expected, &answer).await
    };
    let (made, wanted) = try_join(made, wanted).await?;
    let count =
        |of: &[bool], which: bool| of.iter().filter(|&&holds| holds == which).count() as f64;
    let (right, found) = (holds(&made), holds(&wanted));
    let (tp, fp, missed) = (
        count(&right, true),
        count(&right, false),
        count(&found, false),
    );
    let (precision, recall) = (share(tp, fp), share(tp, missed));
    let score = match params.mode {
        Mode::Precision => precision,
        Mode::Recall => recall,
        Mode::F1 => f_beta(tp, fp, missed, params.beta),
    };
    let Some(score) = score else {
        let why = "there are no claims to compare".to_owned();
        return Err(Unscored::NotApplicable(why));
    };
    // The parts are the score itself in the other modes.
    let parts = [("precision", precision), ("recall", recall)];
    let parts = parts.into_iter().filter(|_| params.mode == Mode::F1);
    let breakdown: BTreeMap<String, f64> = parts
        .filter_map(|(name, part)| Some((name.to_owned(), part?)))
        .collect();
    let scored = Scored {
        breakdown,
        ..Scored::judged(score, "").strictly(params.strict)
    };
    if !params.include_reason {
        return Ok(scored);
    }
    let what = "An answer was scored by how far its claims and those of the expected answer agree.";
    let found = json!({
        "claims of the answer that the expected answer does not bear out": reasons(&made, &[Verdict::No]),
        "claims of the expected answer that the answer does not bear out": reasons(&wanted, &[Verdict::No]),
    });
    let judge = judge.branch(2);
    let name = "FactualCorrectnessReason";
    let reason = explain(&judge, name, what, scored.score, &found).await?;
    Ok(Scored { reason, ..scored })
}

/// `part` of `part` and `rest`; `None` of nothing.
fn share(part: f64, rest: f64) -> Option<f64> {
    (part + rest > 0.0).then(|| part / (part + rest))
}

/// The F-beta score of true positives, false positives and false negatives: the harmonic mean of precision and recall, recall weighted
/// by `beta` squared. `None` where there are none of either.
fn f_beta(tp: f64, fp: f64, missed: f64, beta: f64) -> Option<f64> {
    let square = beta * beta;
    let whole = (1.0 + square).mul_add(tp, square.mul_add(missed, fp));
    (whole > 0.0).then(|| (1.0 + square) * tp / whole)
}
