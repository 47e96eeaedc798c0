//! What a metric needs done where neither computation nor a judge finds the score: done by whoever drives the evaluation, which
//! hands back the JSON that came of it, and read here.

use crate::fields::first_missing;
use crate::kinds::text::embedding_similarity;
use crate::registry::{Scored, Unscored};
use assay_llm::{Embeddings, HttpCall};
use assay_model::{MetricStatus, TestCase};
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Most scores of a breakdown, and most characters of the name of one.
const MAX_BREAKDOWN: usize = 50;
const MAX_NAME_CHARS: usize = 100;

/// Something to be done outside, once.
#[derive(Debug, Clone, PartialEq)]
pub enum Errand {
    /// A program of the workspace is to be run, and what it writes is the answer.
    Program {
        /// The program.
        program_id: String,
        /// What it reads.
        input: Value,
    },
    /// A server is to be asked, and the JSON that it answers is the answer.
    Call(HttpCall),
    /// A model is to be asked for the embeddings of texts: what comes of it is [`Embeddings`].
    Embed {
        /// The model.
        model_id: String,
        /// The texts.
        texts: Vec<String>,
    },
    /// A component of the installation is to be asked, and what it answers is the answer.
    Component {
        /// Its name, without what the installation puts before it.
        name: String,
        /// What it is asked: `{"case": {...}, "params": {...}}`.
        input: Value,
    },
}

/// How what came of an errand is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reading {
    /// It says the score.
    Score,
    /// It is embeddings.
    Embeddings,
}

impl Errand {
    pub(crate) const fn reading(&self) -> Reading {
        match self {
            Self::Program { .. } | Self::Call(_) | Self::Component { .. } => Reading::Score,
            Self::Embed { .. } => Reading::Embeddings,
        }
    }
}

/// The embeddings in what came of an errand, and their score.
pub(crate) fn embedded(answer: &Value) -> Result<(Embeddings, Scored), Unscored> {
    let found = Embeddings::deserialize(answer)
        .map_err(|fault| Unscored::Error(assay_llm::excerpt(&fault.to_string())))?;
    let scored = embedding_similarity::read(&found)?;
    Ok((found, scored))
}

/// What comes of an errand for a case that lacks a field of those, so that nobody need be asked; `None` where it has them all. What it
/// means that one is absent is the same for every metric; a name that is no field's is not missed.
#[must_use]
pub fn lacking(fields: &[String], case: &TestCase) -> Option<Result<Value, String>> {
    let named = fields.iter().map(|field| match field.as_str() {
        "messages" => "conversation".to_owned(),
        other => other.to_owned(),
    });
    let (status, why) = first_missing(&named.collect::<Vec<_>>(), case)?;
    Some(match status {
        MetricStatus::Skipped => {
            let why = why.strip_prefix(NOT_APPLICABLE).unwrap_or(&why);
            Ok(json!({"not_applicable": why}))
        }
        _ => Err(why),
    })
}

/// What the reason of a metric that does not apply begins with.
const NOT_APPLICABLE: &str = "not applicable: ";

/// An answer: a score and why, or that there is none to give.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Answer {
    #[serde(default)]
    score: Option<f64>,
    #[serde(default)]
    reason: Option<String>,
    #[serde(default)]
    breakdown: Option<BTreeMap<String, f64>>,
    #[serde(default)]
    not_applicable: Option<String>,
}

/// The score in what came of an errand: `{"score": 0.5, "reason": "...", "breakdown": {"part": 0.5}}`, of which the score alone must
/// be there, or `{"not_applicable": "why"}`. Anything else is an error, never a score.
pub(crate) fn read(answer: &Value) -> Result<Scored, Unscored> {
    let wrong = |what: String| {
        Err(Unscored::Error(format!(
            "the answer cannot be used: {what}"
        )))
    };
    if !answer.is_object() {
        return wrong("it is no object with a `score`".to_owned());
    }
    let answer = match Answer::deserialize(answer) {
        Ok(answer) => answer,
        Err(fault) => return wrong(assay_llm::excerpt(&fault.to_string())),
    };
    let score = match (answer.score, answer.not_applicable) {
        (None, Some(why)) => return Err(Unscored::NotApplicable(why)),
        (None, None) => return wrong("it has no `score`".to_owned()),
        (Some(_), Some(_)) => {
            return wrong("it has both a `score` and `not_applicable`".to_owned());
        }
        (Some(score), None) => score,
    };
    let within = |score: &f64| (0.0..=1.0).contains(score);
    if !within(&score) {
        return wrong(format!("`score` is {score}, not from 0 to 1"));
    }
    let breakdown = answer.breakdown.unwrap_or_default();
    if breakdown.len() > MAX_BREAKDOWN {
        return wrong(format!("`breakdown` has more than {MAX_BREAKDOWN} entries"));
    }
    if let Some((name, score)) = breakdown.iter().find(|(_, score)| !within(score)) {
        let name = assay_llm::excerpt(name);
        return wrong(format!(
            "`breakdown` has {score} for `{name}`, not from 0 to 1"
        ));
    }
    let unnamed = |name: &String| name.trim().is_empty() || name.chars().count() > MAX_NAME_CHARS;
    if breakdown.keys().any(unnamed) {
        return wrong(format!(
            "`breakdown` has a name that does not have 1 to {MAX_NAME_CHARS} characters"
        ));
    }
    Ok(Scored {
        breakdown,
        ..Scored::judged(score, answer.reason.unwrap_or_default())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_case_that_lacks_a_field_is_not_shown() {
        let case = TestCase {
            input: "q".into(),
            actual_output: Some("a".into()),
            ..TestCase::default()
        };
        let lacks = |fields: &[&str]| {
            let fields: Vec<String> = fields.iter().map(|&f| f.to_owned()).collect();
            lacking(&fields, &case)
        };
        assert_eq!(lacks(&["input", "actual_output", "tools_called"]), None);
        assert_eq!(
            lacks(&["context"]),
            Some(Ok(json!({"not_applicable": "the item has no `context`"})))
        );
        assert!(matches!(lacks(&["messages"]), Some(Err(why)) if why.contains("no messages")));
    }

    #[test]
    fn a_score_and_why() {
        let scored =
            read(&json!({"score": 0.5, "reason": "r", "breakdown": {"a": 0, "b": 1}})).unwrap();
        assert_eq!((scored.score, scored.reason.as_str()), (0.5, "r"));
        assert_eq!(scored.breakdown["b"], 1.0);
        assert_eq!(scored.confidence, None);
        let least = read(&json!({"score": 1, "reason": null})).unwrap();
        assert_eq!((least.score, least.reason.as_str()), (1.0, ""));
        assert_eq!(
            read(&json!({"not_applicable": "no orders"})),
            Err(Unscored::NotApplicable("no orders".into()))
        );
    }

    #[test]
    fn anything_else_is_an_error() {
        let many: BTreeMap<String, f64> = (0..51).map(|i| (i.to_string(), 0.0)).collect();
        for (answer, words) in [
            (json!(null), "no object"),
            (json!(0.5), "no object"),
            (json!([0.5]), "no object"),
            (json!({}), "no `score`"),
            (json!({"score": null}), "no `score`"),
            (json!({"score": 7}), "7, not from 0 to 1"),
            (json!({"score": -0.001}), "not from 0 to 1"),
            (json!({"score": 1e300}), "not from 0 to 1"),
            (json!({"score": "1"}), "string"),
            (json!({"score": "NaN"}), "string"),
            (json!({"score": true}), "boolean"),
            (json!({"score": 1, "not_applicable": "x"}), "both"),
            (json!({"score": 1, "raeson": "x"}), "raeson"),
            (json!({"score": 1, "reason": 7}), "integer"),
            (json!({"score": 1, "breakdown": {"a": 2}}), "`a`"),
            (json!({"score": 1, "breakdown": {" ": 1}}), "a name"),
            (json!({"score": 1, "breakdown": [1]}), "sequence"),
            (json!({"score": 1, "breakdown": many}), "more than 50"),
        ] {
            match read(&answer) {
                Err(Unscored::Error(why)) => assert!(why.contains(words), "{answer}: {why}"),
                other => panic!("{answer}: {other:?}"),
            }
        }
    }
}
