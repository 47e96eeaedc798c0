//! Distances between counts in bins.

use crate::number::{finite, quantile, sorted, usable};
use std::collections::BTreeMap;

/// How far two distributions over the same bins are apart, in natural units.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Divergence {
    /// The population stability index: the divergences of Kullback and Leibler both ways. In practice 0.1 is worth a look and
    /// 0.25 an alarm.
    pub psi: f64,
    /// The divergence of Kullback and Leibler of the primary sample from the reference.
    pub kl: f64,
    /// The distance of Jensen and Shannon: the root of their divergence, at most the root of ln 2.
    pub js_distance: f64,
}

/// Compares counts, bin by bin. Bins that are empty in both are left out, then `pseudocount` is added to each, so that a bin
/// that one of them lacks does not make the distance infinite. `None` unless both have the same bins and a count; where the
/// pseudocount is negative; and where it is 0 and one of them lacks a bin.
///
/// Source: Kullback and Leibler, "On Information and Sufficiency" (1951); Lin, "Divergence Measures Based on the Shannon
/// Entropy" (1991). As in Arize Phoenix 4.
#[must_use]
pub fn divergence(reference: &[u64], primary: &[u64], pseudocount: f64) -> Option<Divergence> {
    let some = |counts: &[u64]| counts.iter().any(|c| *c > 0);
    if reference.len() != primary.len() || !some(reference) || !some(primary) || pseudocount < 0.0 {
        return None;
    }
    let bins: Vec<(f64, f64)> = reference
        .iter()
        .zip(primary)
        .filter(|(r, p)| **r > 0 || **p > 0)
        .map(|(r, p)| (*r as f64 + pseudocount, *p as f64 + pseudocount))
        .collect();
    let all = bins
        .iter()
        .fold((0.0, 0.0), |sum, bin| (sum.0 + bin.0, sum.1 + bin.1));
    // What a bin adds to a divergence; nothing where the share is 0.
    let term = |p: f64, q: f64| if p > 0.0 { p * (p / q).ln() } else { 0.0 };
    let (mut forth, mut back, mut between) = (0.0, 0.0, 0.0);
    for (reference, primary) in bins {
        let (r, p) = (reference / all.0, primary / all.1);
        let middle = (r + p) / 2.0;
        forth += term(p, r);
        back += term(r, p);
        between += (term(p, middle) + term(r, middle)) / 2.0;
    }
    Some(Divergence {
        psi: finite(forth + back)?.max(0.0),
        kl: finite(forth)?.max(0.0),
        // Rounding may leave less than nothing.
        js_distance: finite(between.max(0.0).sqrt())?,
    })
}

/// Compares categories. Where something has none, that is a category too: give an `Option`. `None` as in [`divergence`].
#[must_use]
pub fn categorical<T: Ord>(reference: &[T], primary: &[T], pseudocount: f64) -> Option<Divergence> {
    let mut counts: BTreeMap<&T, (u64, u64)> = BTreeMap::new();
    for one in reference {
        counts.entry(one).or_default().0 += 1;
    }
    for one in primary {
        counts.entry(one).or_default().1 += 1;
    }
    let (reference, primary): (Vec<u64>, Vec<u64>) = counts.into_values().unzip();
    divergence(&reference, &primary, pseudocount)
}

/// Bins of numbers that each hold about as many of a reference. The first and the last have no outer end.
#[derive(Debug, Clone, PartialEq)]
pub struct QuantileBins {
    breaks: Vec<f64>,
}

impl QuantileBins {
    /// So many bins, or fewer where many numbers are the same. `None` without bins or numbers, and where a number is none.
    #[must_use]
    pub fn of(reference: &[f64], bins: u32) -> Option<Self> {
        if bins == 0 || !usable(reference) {
            return None;
        }
        let sorted = sorted(reference);
        let mut breaks: Vec<f64> = (1..bins)
            .map(|i| quantile(&sorted, f64::from(i) / f64::from(bins)))
            .collect::<Option<_>>()?;
        breaks.dedup();
        Some(Self { breaks })
    }

    /// Where one bin ends and the next begins, which holds that number.
    #[must_use]
    pub fn breaks(&self) -> &[f64] {
        &self.breaks
    }

    /// How many numbers each bin has. `None` where a number is none.
    #[must_use]
    pub fn count(&self, values: &[f64]) -> Option<Vec<u64>> {
        let mut counts = vec![0; self.breaks.len() + 1];
        for value in values {
            finite(*value)?;
            *counts.get_mut(self.breaks.partition_point(|b| b <= value))? += 1;
        }
        Some(counts)
    }
}
