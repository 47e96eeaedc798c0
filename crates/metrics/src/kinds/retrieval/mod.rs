//! `ndcg`, `precision_at_k`, `recall_at_k`, `hit_rate`, `reciprocal_rank`: whether the agent retrieved the right documents and put
//! them first, without a judge.
//!
//! Which documents are relevant is data: the parameter `grades`, or else the item's `context`, each of whose texts has the
//! relevance 1. A retrieved document is one of them when the texts are the same, white space aside. A document that was
//! retrieved twice is relevant the first time only, so that repeating it is worth nothing.

mod formulas;

pub use formulas::{Relevance, hit_rate, ndcg, precision_at, recall_at, reciprocal_rank};

use super::read_params;
use crate::registry::{About, Metric, Plan, Scored};
use crate::text::words;
use assay_model::{TestCase, Validator};
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::HashMap;

/// What is computed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Retrieval {
    Ndcg,
    Precision,
    Recall,
    HitRate,
    ReciprocalRank,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Params {
    k: Option<usize>,
    grades: Option<Vec<Grade>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Grade {
    document: String,
    relevance: f64,
}

/// What is relevant of a case, and what was retrieved.
struct Found {
    retrieved: Vec<Relevance>,
    /// The relevance of all documents that have any.
    all: Vec<f64>,
}

impl Found {
    fn new(grades: Option<&[Grade]>, case: &TestCase) -> Self {
        let mut known: HashMap<String, f64> = match grades {
            Some(grades) => grades
                .iter()
                .map(|grade| (folded(&grade.document), grade.relevance))
                .collect(),
            None => case
                .context
                .iter()
                .map(|text| (folded(text), 1.0))
                .collect(),
        };
        let all = known.values().copied().filter(|relevance| *relevance > 0.0);
        let all = all.collect();
        let retrieved = case
            .retrieval_context
            .iter()
            .map(|text| Some(known.remove(&folded(text)).unwrap_or(0.0)))
            .collect();
        Self { retrieved, all }
    }
}

/// `text` with one space for all white space between words and none around them.
fn folded(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    for word in words(text) {
        if !folded.is_empty() {
            folded.push(' ');
        }
        folded.push_str(word);
    }
    folded
}

impl Metric for Retrieval {
    fn about(&self) -> About {
        let (name, description) = match self {
            Self::Ndcg => (
                "nDCG",
                "Whether the relevant documents were retrieved first, the more relevant the earlier: the discounted gain of the \
                 first `k`, divided by that of the best order of all relevant documents.",
            ),
            Self::Precision => (
                "Precision at k",
                "The share of the first `k` retrieved documents that are relevant. Places that were left empty count as not \
                 relevant.",
            ),
            Self::Recall => (
                "Recall at k",
                "The share of the relevant documents that are among the first `k` retrieved ones.",
            ),
            Self::HitRate => (
                "Hit rate",
                "1 when one of the first `k` retrieved documents is relevant; else 0.",
            ),
            Self::ReciprocalRank => (
                "Reciprocal rank",
                "1 divided by the place of the first relevant one of the first `k` retrieved documents; 0 when there is none. \
                 The mean over all items is MRR.",
            ),
        };
        About {
            name,
            description,
            required_fields: &["retrieval_context", "context"],
            default_threshold: 0.5,
            version: 1,
            params_schema: json!({
                "type": "object",
                "properties": {
                    "k": {"type": "integer", "minimum": 1, "maximum": 10000,
                        "description": "How many of the retrieved documents count, from the first; all when absent."},
                    "grades": {
                        "type": "array", "minItems": 1, "maxItems": 1000,
                        "description": "How relevant documents are; others are not. When absent, each text of the item's \
                                        `context` has the relevance 1.",
                        "items": {
                            "type": "object",
                            "properties": {
                                "document": {"type": "string", "minLength": 1, "maxLength": 100_000,
                                    "description": "The document's text; white space does not matter."},
                                "relevance": {"type": "number", "minimum": 0, "maximum": 1000,
                                    "description": "0 for a document that is not relevant."},
                            },
                            "required": ["document", "relevance"],
                            "additionalProperties": false,
                        },
                    },
                },
                "additionalProperties": false,
            }),
        }
    }

    fn check(&self, params: &Value, v: &mut Validator) {
        let Ok(Params {
            grades: Some(grades),
            ..
        }) = read_params(params)
        else {
            return;
        };
        let mut seen = HashMap::new();
        v.at("grades", |v| {
            for (i, grade) in grades.iter().enumerate() {
                v.at(i.to_string(), |v| {
                    let document = folded(&grade.document);
                    v.require(!document.is_empty(), "document", "must not be blank");
                    let first = *seen.entry(document).or_insert(i);
                    v.require(first == i, "document", "has a grade already");
                });
            }
        });
        let some = grades.iter().any(|grade| grade.relevance > 0.0);
        v.require(some, "grades", "must have a document that is relevant");
    }

    fn required_fields(&self, params: &Value) -> Vec<String> {
        let graded = params.get("grades").is_some_and(|grades| !grades.is_null());
        let fields: &[&str] = if graded {
            &["retrieval_context"]
        } else {
            &["retrieval_context", "context"]
        };
        fields.iter().map(|&field| field.to_owned()).collect()
    }

    fn begin(&self, params: &Value, case: &TestCase) -> Plan {
        let params: Params = match read_params(params) {
            Ok(params) => params,
            Err(plan) => return plan,
        };
        let Found { retrieved, all } = Found::new(params.grades.as_deref(), case);
        if all.is_empty() {
            return Plan::NotApplicable("no document is known to be relevant".to_owned());
        }
        let k = params.k;
        let score = match self {
            Self::Ndcg => ndcg(&retrieved, &all, k),
            Self::Precision => precision_at(&retrieved, k),
            Self::Recall => recall_at(&retrieved, all.len(), k),
            Self::HitRate => hit_rate(&retrieved, k),
            Self::ReciprocalRank => reciprocal_rank(&retrieved, k),
        };
        let Some(score) = score else {
            return Plan::NotApplicable("nothing is known of what was retrieved".to_owned());
        };
        let places = k.unwrap_or(retrieved.len());
        let first = || retrieved.iter().take(places).flatten().enumerate();
        let found = first().filter(|(_, relevance)| **relevance > 0.0).count();
        let at = first().find(|(_, relevance)| **relevance > 0.0);
        let at = at.map_or_else(String::new, |(place, _)| {
            format!(", the first in place {}", place + 1)
        });
        let reason = format!(
            "{found} of {} relevant documents are among the first {places} places, of which {} are taken{at}",
            all.len(),
            retrieved.len().min(places),
        );
        Plan::Scored(Scored::certain(score.min(1.0), reason))
    }
}
