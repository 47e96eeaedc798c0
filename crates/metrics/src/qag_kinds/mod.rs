//! Metrics that ask many small questions, one file each.
//!
//! What is judged comes in two ways: statements that the judge finds in a text first, or parts of the case that are there already.

pub(crate) mod answer_relevancy;
pub(crate) mod argument_correctness;
pub(crate) mod bias;
pub(crate) mod common;
pub(crate) mod contextual_precision;
pub(crate) mod contextual_recall;
pub(crate) mod contextual_relevancy;
pub(crate) mod faithfulness;
pub(crate) mod hallucination;
pub(crate) mod misuse;
pub(crate) mod non_advice;
pub(crate) mod pii_leakage;
pub(crate) mod prompt_alignment;
pub(crate) mod role_violation;
pub(crate) mod summarization;
pub(crate) mod toxicity;
mod violations;
