//! Metrics that score a test case, without doing any I/O.
//!
//! A metric is data ([`assay_model::MetricSpec`]) and one implementation, found in the registry by its kind. Scoring is a
//! dialogue: [`Evaluation::start`] gives the first [`Step`]; as long as a step is [`Step::Ask`], the caller asks the judge
//! and hands the answer to [`Evaluation::answer`]. Deterministic metrics are done at once. What cannot be scored ends as
//! `error` or `skipped`, never as a score of zero.
//!
//! A new metric is one file under `kinds` (or a folder beside it) and one line in the registry.

mod catalogue;
mod evaluation;
mod fields;
mod g_eval;
mod json_equality;
mod judge;
mod kinds;
pub use assay_stats::pass_k;
mod qag;
mod registry;
mod text;

pub use catalogue::{CatalogueEntry, catalogue, check_into, check_spec};
pub use evaluation::{Evaluation, Step};
pub use g_eval::{
    RubricError, RubricLevel, WeightedScore, format_rubric, normalise, rubric_range, sort_rubric,
    weighted_score,
};
pub use json_equality::json_equal;
pub use judge::JudgeCall;
pub use kinds::tool_correctness::{Comparison, tool_correctness};
pub use qag::{Verdict, qag_normalize, qag_score, verdict_from_probability};
