//! Whether two raters rise and fall together, whatever scale each uses.

use crate::number::{finite, mean, ranks};

/// The numbers of both sides, where all are numbers.
fn sides(pairs: &[(f64, f64)]) -> Option<(Vec<f64>, Vec<f64>)> {
    let usable = pairs.iter().all(|(a, b)| a.is_finite() && b.is_finite());
    usable.then(|| pairs.iter().copied().unzip())
}

/// Pearson's correlation, from -1 to 1. `None` where a side is always the same, and with fewer than two pairs.
#[must_use]
pub fn pearson(pairs: &[(f64, f64)]) -> Option<f64> {
    let (a, b) = sides(pairs)?;
    correlation(&a, &b)
}

/// Spearman's correlation: Pearson's of the ranks, where equal values share theirs. `None` as in [`pearson`].
///
/// Source: Spearman, "The Proof and Measurement of Association between Two Things" (1904).
#[must_use]
pub fn spearman(pairs: &[(f64, f64)]) -> Option<f64> {
    let (a, b) = sides(pairs)?;
    correlation(&ranks(&a).0, &ranks(&b).0)
}

/// Kendall's tau-b: pairs of items in the same order less those in the other one, over those that are in any order. `None` as in
/// [`pearson`]. Takes time in the square of the number of items.
///
/// Source: Kendall, "The Treatment of Ties in Ranking Problems" (1945).
#[must_use]
pub fn kendall_tau_b(pairs: &[(f64, f64)]) -> Option<f64> {
    sides(pairs)?;
    let sign = |x: f64, y: f64| f64::from(x > y) - f64::from(x < y);
    let (mut together, mut in_a, mut in_b) = (0.0, 0.0, 0.0);
    for (at, one) in pairs.iter().enumerate() {
        for other in pairs.iter().skip(at + 1) {
            let (a, b) = (sign(one.0, other.0), sign(one.1, other.1));
            together += a * b;
            in_a += a * a;
            in_b += b * b;
        }
    }
    finite(together / (in_a * in_b).sqrt())
}

/// Of two sides of the same length, all of them numbers.
pub(crate) fn correlation(a: &[f64], b: &[f64]) -> Option<f64> {
    // A constant side has no variance; its mean may still be off by a rounding.
    let constant = |v: &[f64]| v.iter().all(|x| Some(x) == v.first());
    if constant(a) || constant(b) {
        return None;
    }
    let (mean_a, mean_b) = (mean(a), mean(b));
    let (mut both, mut of_a, mut of_b) = (0.0, 0.0, 0.0);
    for (a, b) in a.iter().zip(b) {
        both += (a - mean_a) * (b - mean_b);
        of_a += (a - mean_a).powi(2);
        of_b += (b - mean_b).powi(2);
    }
    finite((both / of_a.sqrt() / of_b.sqrt()).clamp(-1.0, 1.0))
}
