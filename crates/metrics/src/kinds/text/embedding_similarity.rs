//! `embedding_similarity`: how near the answer and the expected answer are in meaning, as the cosine of the angle between their embeddings.
//! ragas's `SemanticSimilarity` (its `answer_similarity`).
//!
//! Deviation: a negative cosine, which upstream gives as it is, is 0: a score has no sign.

use crate::errand::Errand;
use crate::kinds::read_params;
use crate::registry::{About, Metric, Plan, Scored, Unscored};
use crate::text::clip;
use assay_llm::Embeddings;
use assay_model::{Content, TestCase};
use serde::Deserialize;
use serde_json::{Value, json};

/// Most characters of a text that is embedded: models of embeddings read some thousands of tokens.
const MAX_CHARS: usize = 30_000;

pub(crate) struct EmbeddingSimilarity;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Params {
    model_id: String,
}

impl Metric for EmbeddingSimilarity {
    fn about(&self) -> About {
        About {
            name: "Embedding similarity",
            description: "How near the answer is in meaning to the expected answer: the cosine between the two embeddings that a model of the \
                          workspace makes, 0 where it is negative.",
            required_fields: &["actual_output", "expected_output"],
            default_threshold: 0.8,
            version: 1,
            params_schema: json!({
                "type": "object",
                "properties": {"model_id": {"type": "string", "pattern": "^[A-Za-z0-9-]{1,64}$",
                    "description": "The model of the workspace that makes embeddings, by OpenAI's API."}},
                "required": ["model_id"],
                "additionalProperties": false,
            }),
        }
    }

    fn begin(&self, params: &Value, case: &TestCase) -> Plan {
        let params: Params = match read_params(params) {
            Ok(params) => params,
            Err(plan) => return plan,
        };
        let text = |content: Option<&Content>| content.map(|c| clip(c.as_str(), MAX_CHARS));
        let texts = [&case.actual_output, &case.expected_output].map(|c| text(c.as_ref()));
        let texts: Vec<String> = texts.into_iter().flatten().collect();
        if texts.iter().any(|text| text.trim().is_empty()) {
            return Plan::NotApplicable("a text is empty, or has images alone".to_owned());
        }
        Plan::Errand(Box::new(Errand::Embed {
            model_id: params.model_id,
            texts,
        }))
    }
}

/// The score of two embeddings.
pub(crate) fn read(found: &Embeddings) -> Result<Scored, Unscored> {
    let [a, b] = found.vectors.as_slice() else {
        return Err(Unscored::Error("there are not two embeddings".to_owned()));
    };
    let Some(cosine) = cosine(a, b) else {
        return Err(Unscored::Error(
            "an embedding has no direction, so that nothing is near it".to_owned(),
        ));
    };
    Ok(Scored::judged(
        cosine.max(0.0),
        format!("the cosine between the embeddings is {cosine:.3}"),
    ))
}

/// The cosine of the angle between two vectors; `None` where one has no direction, or they cannot be compared.
fn cosine(a: &[f64], b: &[f64]) -> Option<f64> {
    // By the largest number, so that no square is beyond what can be told.
    let scaled = |v: &[f64]| {
        let largest = v.iter().fold(0.0_f64, |most, x| most.max(x.abs()));
        let usable = largest.is_finite() && largest > 0.0;
        usable.then(|| v.iter().map(|x| x / largest).collect::<Vec<f64>>())
    };
    if a.len() != b.len() {
        return None;
    }
    let (a, b) = (scaled(a)?, scaled(b)?);
    let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(x, y)| x * y).sum::<f64>();
    let cosine = dot(&a, &b) / (dot(&a, &a).sqrt() * dot(&b, &b).sqrt());
    cosine.is_finite().then(|| cosine.clamp(-1.0, 1.0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn vectors_are_compared_by_their_direction() {
        assert_eq!(cosine(&[1.0, 0.0], &[3.0, 0.0]), Some(1.0));
        assert_eq!(cosine(&[1.0, 0.0], &[0.0, 2.0]), Some(0.0));
        assert_eq!(cosine(&[1.0, 0.0], &[-2.0, 0.0]), Some(-1.0));
        let of = |a: f64, b: f64| cosine(&[a, b], &[4.0, 3.0]).unwrap();
        assert!((of(3.0, 4.0) - 0.96).abs() < 1e-12);
        assert_eq!(cosine(&[0.0, 0.0], &[1.0, 0.0]), None);
        assert_eq!(cosine(&[1.0], &[1.0, 0.0]), None);
        assert_eq!(cosine(&[f64::NAN, 1.0], &[1.0, f64::INFINITY]), None);
    }

    proptest! {
        #[test]
        fn what_is_the_same_is_nearest(v in prop::collection::vec(-1e300_f64..1e300, 1..40), by in 1e-3_f64..1e3) {
            let longer: Vec<f64> = v.iter().map(|x| x / by).collect();
            if let Some(found) = cosine(&v, &longer) {
                prop_assert!((found - 1.0).abs() < 1e-9, "{found}");
            }
        }
    }
}
