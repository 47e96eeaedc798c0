//! Two raters who put each item into a category.

use crate::number::finite;
use std::collections::{BTreeMap, BTreeSet};

/// How much a disagreement weighs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Weight {
    /// All disagreements weigh the same: categories without an order.
    Same,
    /// By how many categories lie between.
    Linear,
    /// By the square of that.
    Quadratic,
}

impl Weight {
    fn of(self, a: usize, b: usize) -> f64 {
        let apart = a.abs_diff(b) as f64;
        match self {
            Self::Same => f64::from(a != b),
            Self::Linear => apart,
            Self::Quadratic => apart * apart,
        }
    }
}

/// Cohen's kappa of pairs of ratings, one pair an item: 1 where the raters always agree, 0 where they agree as often as chance
/// would have it that keeps their habits, -1 at least.
///
/// Categories are those that somebody used, in their own order. `None` without items, and where both raters know one category only,
/// the same: then chance agrees always.
///
/// Source: Cohen, "A Coefficient of Agreement for Nominal Scales" (1960), and "Weighted Kappa" (1968).
#[must_use]
pub fn cohen_kappa<T: Ord>(pairs: &[(T, T)], weight: Weight) -> Option<f64> {
    let categories: BTreeSet<&T> = pairs.iter().flat_map(|(a, b)| [a, b]).collect();
    let place: BTreeMap<&T, usize> = categories.into_iter().zip(0..).collect();
    let mut of_a = vec![0u64; place.len()];
    let mut of_b = vec![0u64; place.len()];
    let mut observed = 0.0;
    for (a, b) in pairs {
        let (a, b) = (*place.get(a)?, *place.get(b)?);
        *of_a.get_mut(a)? += 1;
        *of_b.get_mut(b)? += 1;
        observed += weight.of(a, b);
    }
    let mut expected = 0.0;
    for (a, in_a) in of_a.iter().enumerate() {
        for (b, in_b) in of_b.iter().enumerate() {
            expected += weight.of(a, b) * (*in_a as f64) * (*in_b as f64);
        }
    }
    finite(1.0 - observed * pairs.len() as f64 / expected)
}

/// The share of items that both rate the same; `None` without items.
#[must_use]
pub fn percent_agreement<T: PartialEq>(pairs: &[(T, T)]) -> Option<f64> {
    let same = pairs.iter().filter(|(a, b)| a == b).count();
    finite(same as f64 / pairs.len() as f64)
}
