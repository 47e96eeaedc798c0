//! Two agents on the same items.

use super::estimate::{Estimate, mean};
use crate::agreement::pearson;
use crate::bootstrap::Replicates;
use crate::distribution::sign_two_sided;
use crate::number::{finite, variance};
use std::collections::BTreeMap;

/// What pairs of results say of the difference between two agents.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Paired {
    /// The mean of candidate less baseline: its interval and test are those of the comparison.
    pub difference: Estimate,
    /// The standard error that the difference would have if the items were not the same; `None` of one pair.
    pub unpaired_error: Option<f64>,
    /// How far the two rise and fall together; `None` where one is always the same.
    pub correlation: Option<f64>,
    /// The difference in its own standard deviations (Cohen's d_z); `None` where all differences are the same.
    pub effect: Option<f64>,
}

/// Compares pairs of a baseline's and a candidate's result. `None` without pairs, and where a result is no number.
///
/// Where items come in clusters, take [`super::clustered_mean`] of the differences.
#[must_use]
pub fn paired(pairs: &[(f64, f64)]) -> Option<Paired> {
    let differences: Vec<f64> = pairs.iter().map(|(before, after)| after - before).collect();
    let difference = mean(&differences)?;
    let (before, after): (Vec<f64>, Vec<f64>) = pairs.iter().copied().unzip();
    let count = pairs.len() as f64;
    Some(Paired {
        difference,
        unpaired_error: finite(((variance(&before) + variance(&after)) / count).sqrt()),
        correlation: pearson(pairs),
        effect: difference
            .standard_error
            .and_then(|error| finite(difference.mean / (error * count.sqrt()))),
    })
}

/// The sign test: the chance, on both sides, of as many differences of one sign if both are as likely. Differences of 0 are left
/// out, and without any others the chance is 1.
///
/// Source: Arbuthnot, "An Argument for Divine Providence" (1710).
#[must_use]
pub fn sign_test(differences: &[f64]) -> f64 {
    let up = differences.iter().filter(|d| **d > 0.0).count();
    let down = differences.iter().filter(|d| **d < 0.0).count();
    sign_two_sided(up as u64, down as u64)
}

/// The bootstrap of a mean difference. Each difference comes with its cluster, and clusters are drawn as a whole; where items
/// stand for themselves, their places will do. `None` as in [`Replicates::draw`], and where a difference is no number.
#[must_use]
pub fn paired_bootstrap<K: Ord>(
    differences: &[(K, f64)],
    resamples: u32,
    seed: u64,
) -> Option<Replicates> {
    let mut clusters: BTreeMap<&K, (f64, f64)> = BTreeMap::new();
    for (cluster, difference) in differences {
        let (sum, count) = clusters.entry(cluster).or_default();
        *sum += finite(*difference)?;
        *count += 1.0;
    }
    let clusters: Vec<(f64, f64)> = clusters.into_values().collect();
    Replicates::draw(&clusters, resamples, seed, |drawn| {
        let (sum, count) = drawn
            .iter()
            .fold((0.0, 0.0), |all, one| (all.0 + one.0, all.1 + one.1));
        finite(sum / count)
    })
}
