//! Metrics that hold the answer against the expected output, letter by letter or word by word, without a judge.
//!
//! Where two algorithms give the same, the one is taken whose time is bounded and small: n-grams of all orders are counted by one
//! sort, and edit distances and common subsequences are found 64 rows at a time. What takes time by the product of
//! two lengths has a bound, [`MAX_STEPS`]; above it the metric ends in error rather than in a guess.

mod beam;
pub(crate) mod bleu;
pub(crate) mod chrf;
pub(crate) mod edit_similarity;
pub(crate) mod embedding_similarity;
mod lcs;
mod levenshtein;
mod overlap;
pub(crate) mod porter;
pub(crate) mod rouge;
mod symbols;
pub(crate) mod ter;
mod tokens_13a;

use crate::registry::Plan;
use assay_model::TestCase;
use std::borrow::Cow;

/// The most steps on 64 bits that one comparison takes, some tenths of a second: two texts of 100 KB letter by letter.
pub(crate) const MAX_STEPS: u64 = 200_000_000;

/// The answer and the expected output, in lower case on demand.
fn pair(case: &TestCase, ignore_case: bool) -> (Cow<'_, str>, Cow<'_, str>) {
    (
        fold(case.actual_output.as_deref(), ignore_case),
        fold(case.expected_output.as_deref(), ignore_case),
    )
}

fn fold(text: Option<&str>, ignore_case: bool) -> Cow<'_, str> {
    let text = text.unwrap_or_default();
    if ignore_case {
        text.to_lowercase().into()
    } else {
        text.into()
    }
}

/// Nothing can be held against a text without a word.
fn empty_reference() -> Plan {
    Plan::NotApplicable("the expected output has no words to compare with".to_owned())
}

/// The plan for texts whose comparison takes more than [`MAX_STEPS`].
fn too_long(hint: &str) -> Plan {
    Plan::Error(format!("the texts are too long to be compared{hint}"))
}
