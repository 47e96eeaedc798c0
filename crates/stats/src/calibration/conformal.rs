//! How far off a score may be, by how far off scores were before.

use crate::Interval;
use crate::number::sorted;

/// How far off new scores are at most, but for a share of them.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Conformal {
    /// Which of the distances it is, in order, from 1.
    pub rank: usize,
    /// The distance; `None` where there are too few to bound anything.
    pub distance: Option<f64>,
}

impl Conformal {
    /// Where the true score of something lies that was scored so; `None` where nothing is bounded.
    #[must_use]
    pub fn interval(&self, score: f64) -> Option<Interval> {
        Interval::around(score, self.distance?)
    }
}

/// From distances between a judge's scores and people's to a distance that new ones exceed with a chance of `alpha` at most, if
/// they are of the same kind: the ceil((n + 1)(1 - alpha))-th of n. `None` unless `alpha` is between 0 and 1 and all are
/// numbers.
///
/// Source: Papadopoulos et al., "Inductive Confidence Machines for Regression" (2002).
#[must_use]
pub fn split_conformal(distances: &[f64], alpha: f64) -> Option<Conformal> {
    if !(alpha > 0.0 && alpha < 1.0) || distances.iter().any(|d| !d.is_finite()) {
        return None;
    }
    let exact = (distances.len() as f64 + 1.0) * (1.0 - alpha);
    // What is whole but for rounding is whole.
    let rank = (exact * (1.0 - 1e-12)).ceil() as usize;
    Some(Conformal {
        rank,
        distance: sorted(distances).get(rank.checked_sub(1)?).copied(),
    })
}
