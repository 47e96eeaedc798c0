//! Whether differences lean to one side, by their order alone.

use crate::distribution::normal_two_sided;
use crate::number::{finite, ranks};

/// Up to so many differences the distribution is exact where no two are equal and none is 0.
const EXACT: usize = 50;
/// Up to so many it is exact in any case.
const EXACT_WITH_TIES: usize = 13;

/// The signed-rank test of Wilcoxon.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SignedRank {
    /// The smaller of the sums of ranks of positive and of negative differences.
    pub statistic: f64,
    /// The chance of one that small or smaller, on both sides.
    pub p: f64,
}

/// The signed-rank test of differences. Those of 0 are left out; equal ones share their ranks, and are equal only to the last
/// digit. Exact for up to 50 differences of which no two are equal and none is 0, and for up to 13 of any kind; else by the
/// normal distribution. `None` where no difference is left, and where one is no number.
///
/// Source: Wilcoxon, "Individual Comparisons by Ranking Methods" (1945); which distribution is used when is as in SciPy 1.17.
#[must_use]
pub fn signed_rank(differences: &[f64]) -> Option<SignedRank> {
    if differences.iter().any(|d| !d.is_finite()) {
        return None;
    }
    let left: Vec<f64> = differences.iter().copied().filter(|d| *d != 0.0).collect();
    if left.is_empty() {
        return None;
    }
    let sizes: Vec<f64> = left.iter().map(|d| d.abs()).collect();
    let (ranks, groups) = ranks(&sizes);
    let up: f64 = ranks
        .iter()
        .zip(&left)
        .filter(|(_, d)| **d > 0.0)
        .map(|(rank, _)| rank)
        .sum();
    let n = left.len() as f64;
    let all = n * (n + 1.0) / 2.0;
    let statistic = up.min(all - up);
    let tied = groups.iter().any(|g| *g > 1) || left.len() < differences.len();
    let exact = if tied { EXACT_WITH_TIES } else { EXACT };
    let p = if differences.len() <= exact {
        (2.0 * at_most(&ranks, statistic)).min(1.0)
    } else {
        let ties: f64 = groups.iter().map(|g| (*g as f64).powi(3) - *g as f64).sum();
        let variance = (n * (n + 1.0) * (2.0 * n + 1.0) - ties / 2.0) / 24.0;
        normal_two_sided((up - all / 2.0) / variance.sqrt())
    };
    Some(SignedRank {
        statistic,
        p: finite(p)?,
    })
}

/// The chance that ranks, each positive or not with the same chance, add up to so much or less.
fn at_most(ranks: &[f64], statistic: f64) -> f64 {
    // In halves, which shared ranks may have.
    let halves = |rank: f64| (rank * 2.0).round() as usize;
    let most = halves(statistic);
    // The chance of each sum.
    let mut chances = vec![0.0; most + 1];
    if let Some(none) = chances.first_mut() {
        *none = 1.0;
    }
    for rank in ranks.iter().map(|rank| halves(*rank)) {
        let before = chances.clone();
        let shifted = std::iter::repeat_n(&0.0, rank).chain(&before);
        for (chance, with) in chances.iter_mut().zip(shifted) {
            *chance = (*chance + with) / 2.0;
        }
    }
    chances.iter().sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    // Wanted values: SciPy 1.17.1.
    #[test]
    fn ties_and_zeros_are_counted_as_scipy_does() {
        let few = signed_rank(&[1.0, 1.0, -1.0, 2.0, 0.0, 3.0, 3.0, -2.0]).unwrap();
        assert_eq!((few.statistic, few.p), (6.5, 0.28125));
        let many: Vec<f64> = (0..30).map(|i| f64::from(i % 4) - 1.0).collect();
        let many = signed_rank(&many).unwrap();
        assert_eq!(many.statistic, 64.0);
        assert!(
            (many.p - 0.034_275_082_101_732_04).abs() < 1e-10,
            "{}",
            many.p
        );
        assert_eq!(signed_rank(&[0.0, 0.0]), None);
    }
}
