//! Metrics that score a test case, without doing any I/O.
//!
//! A metric is data ([`assay_model::MetricSpec`]) and one implementation, found in the registry by its kind. Scoring is a
//! dialogue: [`Evaluation::start`] gives the first [`Step`]; as long as a step is [`Step::Ask`], the caller asks the judge
//! and hands the answers to [`Evaluation::answer`]; [`Step::Run`] is done outside and goes to [`Evaluation::came`].
//! Deterministic metrics are done at once. What cannot be scored ends as
//! `error` or `skipped`, never as a score of zero.
//!
//! A new metric is one file under `kinds` (or a folder beside it) and one line in the registry.

mod agentic;
mod arena;
mod catalogue;
mod combine;
mod compiled;
mod conversation;
mod custom;
mod dag;
mod errand;
mod evaluation;
mod fields;
mod g_eval;
mod images;
mod jev;
mod json_equality;
mod judge;
mod kinds;
mod mcp;
mod pictures;
pub use assay_stats::pass_k;
mod prompt;
mod qag;
mod qag_kinds;
mod ragas;
mod registry;
mod text;
mod traced;
mod verdicts;
mod voice;

pub use arena::{Contest, ContestStep, decide};
pub use catalogue::{CatalogueEntry, catalogue, check_into, check_params, check_spec};
pub use combine::combine;
pub use conversation::interactions::{unit_interactions, windows};
pub use conversation::topic_adherence::topic_adherence;
pub use errand::{Errand, lacking};
pub use evaluation::{Evaluation, Step, unscored};
pub use g_eval::{
    RubricError, RubricLevel, WeightedScore, format_rubric, normalise, rubric_range, sort_rubric,
    weighted_score,
};
pub use images::generated::image_score;
pub use json_equality::json_equal;
pub use judge::{Asked, JudgeCall};
pub use kinds::readability::TextCounts;
pub use kinds::retrieval::{Relevance, hit_rate, ndcg, precision_at, recall_at, reciprocal_rank};
pub use kinds::text::bleu::{Bleu, BleuCounts, Smoothing};
pub use kinds::text::chrf::ChrfCounts;
pub use kinds::text::edit_similarity::{EditUnit, Edits};
pub use kinds::text::porter::stem;
pub use kinds::text::rouge::{Rouge, RougeVariant, rouge};
pub use kinds::text::ter::TerCounts;
pub use kinds::tool_correctness::{Comparison, tool_correctness};
pub use qag::{Verdict, qag_normalize, qag_score, verdict_from_probability};
pub use qag_kinds::contextual_precision::average_precision;
pub use ragas::tool_call_accuracy::tool_call_accuracy;
pub use text::split_sentences;
pub use traced::case_of_trace;
pub use voice::{Measures, measure, transcribed, untranscribed};
