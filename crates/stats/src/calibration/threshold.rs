//! From which confidence on a judge is believed without being looked at.

use crate::distribution::beta_quantile;

/// A confidence from which on a judge errs as seldom as was asked.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Threshold {
    /// The least confidence that is kept.
    pub confidence: f64,
    /// How many of the labelled items are kept.
    pub kept: usize,
    /// How many of those are wrong.
    pub wrong: usize,
    /// The share of wrong ones that is not exceeded, as surely as was asked.
    pub bound: f64,
}

/// The least confidence at which the share of wrong verdicts among those kept is `alpha` at most, with a chance of 1 - `delta`.
///
/// Items are confidences with whether the verdict was right. Confidences are tried from the highest down, and the first that
/// fails ends the search: that is why trying many does not cost certainty. Confidences that keep so few items that even no error
/// would not prove anything are not tried; that depends on no label. `None` where none succeeds, and where an argument is out of
/// range.
///
/// Source: Jung et al., "Trust or Escalate: LLM Judges with Provable Guarantees for Human Agreement" (2024), with the bound of
/// Clopper and Pearson, "The Use of Confidence or Fiducial Limits" (1934).
#[must_use]
pub fn choose_threshold(items: &[(f64, bool)], alpha: f64, delta: f64) -> Option<Threshold> {
    let share = |x: f64| x > 0.0 && x < 1.0;
    if !share(alpha) || !share(delta) || items.iter().any(|(c, _)| !c.is_finite()) {
        return None;
    }
    let mut ordered = items.to_vec();
    ordered.sort_by(|a, b| b.0.total_cmp(&a.0));
    let (mut kept, mut wrong) = (0, 0);
    let mut best = None;
    for same in ordered.chunk_by(|a, b| a.0 == b.0) {
        kept += same.len();
        wrong += same.iter().filter(|(_, right)| !right).count();
        if upper_bound(0, kept, delta) > alpha {
            continue;
        }
        let bound = upper_bound(wrong, kept, delta);
        if bound > alpha {
            break;
        }
        best = same.first().map(|(confidence, _)| Threshold {
            confidence: *confidence,
            kept,
            wrong,
            bound,
        });
    }
    best
}

/// The share that is not exceeded with a chance of 1 - `delta` where so many of so many were.
fn upper_bound(wrong: usize, of: usize, delta: f64) -> f64 {
    if wrong >= of {
        return 1.0;
    }
    beta_quantile(wrong as f64 + 1.0, (of - wrong) as f64, 1.0 - delta)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_least_confidence_that_is_sure_enough() {
        // Right down to 0.5, half wrong below.
        let items: Vec<(f64, bool)> = (0..400u32)
            .map(|i| (1.0 - f64::from(i) / 400.0, i < 200 || i % 2 == 0))
            .collect();
        let found = choose_threshold(&items, 0.05, 0.05).unwrap();
        // 5 of 211 have a bound of 0.0492 and 6 of 212 one of 0.0551 (SciPy 1.17.1).
        assert!((found.confidence - 0.475).abs() < 1e-12, "{found:?}");
        assert!(found.bound <= 0.05 && (found.kept, found.wrong) == (211, 5));
        assert_eq!(choose_threshold(&items[200..], 0.05, 0.05), None);
    }

    #[test]
    fn too_few_items_prove_nothing() {
        let items = vec![(0.9, true); 58];
        assert_eq!(choose_threshold(&items, 0.05, 0.05), None);
        let items = vec![(0.9, true); 59];
        assert_eq!(
            choose_threshold(&items, 0.05, 0.05).map(|t| t.kept),
            Some(59)
        );
    }
}
