//! Distances between two samples of numbers, without bins.

use crate::number::{finite, sorted, usable};

/// Up to so many pairs of a number of each sample the p-value is exact.
const EXACT: usize = 4_000_000;

/// The test of Kolmogorov and Smirnov.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct KolmogorovSmirnov {
    /// The greatest difference between the shares of both samples that are at most some number, 0 to 1.
    pub statistic: f64,
    /// The chance of one that great or greater between samples of the same kind.
    pub p: f64,
}

/// Both samples in order, and at each number that occurs: how many of each sample are at most that.
fn steps(first: &[f64], second: &[f64]) -> Option<Vec<(f64, usize, usize)>> {
    if !usable(first) || !usable(second) {
        return None;
    }
    let (first, second) = (sorted(first), sorted(second));
    let mut numbers: Vec<f64> = first.iter().chain(&second).copied().collect();
    numbers.sort_by(f64::total_cmp);
    numbers.dedup();
    let (mut in_first, mut in_second) = (first.iter().peekable(), second.iter().peekable());
    let (mut at_most_first, mut at_most_second) = (0, 0);
    Some(
        numbers
            .into_iter()
            .map(|number| {
                while in_first.next_if(|v| **v <= number).is_some() {
                    at_most_first += 1;
                }
                while in_second.next_if(|v| **v <= number).is_some() {
                    at_most_second += 1;
                }
                (number, at_most_first, at_most_second)
            })
            .collect(),
    )
}

/// Whether two samples are of the same kind, whatever that is. `None` where one is empty or has something that is no number. The
/// p-value is exact for up to 4 million pairs (and then takes as many steps), else the limit's.
///
/// Source: Smirnov, "On the Estimation of the Discrepancy Between Empirical Curves of Distribution for Two Independent Samples"
/// (1939); exact by Hodges, "The Significance Probability of the Smirnov Two-Sample Test" (1958); the limit with the correction
/// of Stephens (1970).
#[must_use]
pub fn kolmogorov_smirnov(first: &[f64], second: &[f64]) -> Option<KolmogorovSmirnov> {
    let (m, n) = (first.len(), second.len());
    // As a whole number: times m times n.
    let apart = steps(first, second)?
        .into_iter()
        .map(|(_, i, j)| (i as u64 * n as u64).abs_diff(j as u64 * m as u64))
        .max()?;
    let statistic = apart as f64 / (m as f64 * n as f64);
    let p = if m.saturating_mul(n) <= EXACT {
        exact(m as u64, n as u64, apart)
    } else {
        let root = (m as f64 * n as f64 / (m as f64 + n as f64)).sqrt();
        limit((root + 0.12 + 0.11 / root) * statistic)
    };
    Some(KolmogorovSmirnov {
        statistic,
        p: finite(p)?,
    })
}

/// The chance that a path from (0, 0) to (m, n), each as likely, is somewhere as far from the diagonal, by the last step.
fn exact(m: u64, n: u64, apart: u64) -> f64 {
    let outside = |i: u64, j: u64| (i * n).abs_diff(j * m) >= apart;
    if apart == 0 {
        return 1.0;
    }
    // The chances at (i - 1, j), turned into those at (i, j).
    let mut chances: Vec<f64> = (0..=n).map(|j| f64::from(outside(0, j))).collect();
    // The path along an edge stays outside once it is.
    for i in 1..=m {
        let mut beside = 0.0;
        for (j, chance) in (0..).zip(chances.iter_mut()) {
            let steps = (i + j) as f64;
            *chance = if outside(i, j) {
                1.0
            } else {
                *chance * (i as f64 / steps) + beside * (j as f64 / steps)
            };
            beside = *chance;
        }
    }
    chances.last().copied().unwrap_or(1.0).min(1.0)
}

/// The chance of as much or more in the limit of great samples.
fn limit(scaled: f64) -> f64 {
    // The series converges too slowly where it is 1 to all digits.
    if scaled < 0.2 {
        return 1.0;
    }
    let sum: f64 = (1..=100)
        .map(|k| {
            let k = f64::from(k);
            let sign = if k % 2.0 == 1.0 { 1.0 } else { -1.0 };
            sign * (-2.0 * k * k * scaled * scaled).exp()
        })
        .sum();
    (2.0 * sum).clamp(0.0, 1.0)
}

/// How far, on average, one sample's numbers must be moved to become the other's, in their unit: the first distance of Wasserstein.
/// `None` where one is empty or has something that is no number.
///
/// Source: Vallender, "Calculation of the Wasserstein Distance Between Probability Distributions on the Line" (1974).
#[must_use]
pub fn wasserstein(first: &[f64], second: &[f64]) -> Option<f64> {
    let (m, n) = (first.len() as f64, second.len() as f64);
    let steps = steps(first, second)?;
    finite(
        steps
            .iter()
            .zip(steps.iter().skip(1))
            .map(|((from, i, j), (to, ..))| (*i as f64 / m - *j as f64 / n).abs() * (to - from))
            .sum(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_limit_is_near_the_exact_chance() {
        for apart in [20_000, 40_000, 60_000] {
            let root = 500f64.sqrt();
            let scaled = (root + 0.12 + 0.11 / root) * apart as f64 / 1e6;
            let (exact, limit) = (exact(1000, 1000, apart), limit(scaled));
            assert!((exact - limit).abs() < 0.01, "{exact} {limit}");
        }
    }

    #[test]
    fn samples_that_do_not_touch_are_as_far_apart_as_can_be() {
        let test = kolmogorov_smirnov(&[1.0, 2.0, 3.0], &[4.0, 5.0, 6.0]).unwrap();
        // 2 of the 20 orders.
        assert_eq!((test.statistic, (test.p * 1e12).round()), (1.0, 1e11));
        let moved = wasserstein(&[1.0, 2.0, 3.0], &[4.0, 5.0, 6.0]).unwrap();
        assert!((moved - 3.0).abs() < 1e-12);
        assert_eq!(kolmogorov_smirnov(&[1.0], &[]), None);
        assert_eq!(wasserstein(&[1.0], &[f64::NAN]), None);
    }
}
