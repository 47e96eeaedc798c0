//! Whether what a judge is sure of is so as often as it is sure of it.
//!
//! All take pairs of a probability that was given and whether it came to be. They are `None` without pairs, and where a probability
//! is not between 0 and 1.

use crate::number::{finite, ranks};

fn usable(forecasts: &[(f64, bool)]) -> Option<()> {
    let fine = forecasts.iter().all(|(p, _)| (0.0..=1.0).contains(p));
    (fine && !forecasts.is_empty()).then_some(())
}

/// The mean squared difference between a probability and what came, 0 at best and 1 at worst.
///
/// Source: Brier, "Verification of Forecasts Expressed in Terms of Probability" (1950).
#[must_use]
pub fn brier(forecasts: &[(f64, bool)]) -> Option<f64> {
    usable(forecasts)?;
    let sum: f64 = forecasts
        .iter()
        .map(|(p, came)| (p - f64::from(*came)).powi(2))
        .sum();
    finite(sum / forecasts.len() as f64)
}

/// How far probabilities and frequencies are apart, over bins of equal width.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CalibrationError {
    /// The mean over forecasts (ECE), 0 to 1.
    pub expected: f64,
    /// The worst bin (MCE), 0 to 1.
    pub maximum: f64,
}

/// The calibration error over so many bins of equal width, each of which holds its upper end (the first also 0). `None` also
/// without bins.
///
/// Source: Naeini et al., "Obtaining Well Calibrated Probabilities Using Bayesian Binning" (2015).
#[must_use]
pub fn calibration_error(forecasts: &[(f64, bool)], bins: u32) -> Option<CalibrationError> {
    usable(forecasts)?;
    let bin_of = |p: f64| (p * f64::from(bins)).ceil().max(1.0) as u32;
    let mut ordered: Vec<(u32, f64, f64)> = forecasts
        .iter()
        .map(|(p, came)| (bin_of(*p), *p, f64::from(*came)))
        .collect();
    if bins == 0 {
        return None;
    }
    ordered.sort_by_key(|(bin, ..)| *bin);
    let (mut sum, mut maximum) = (0.0, 0f64);
    for bin in ordered.chunk_by(|a, b| a.0 == b.0) {
        let off = bin.iter().map(|(_, p, came)| p - came).sum::<f64>().abs();
        sum += off;
        maximum = maximum.max(off / bin.len() as f64);
    }
    Some(CalibrationError {
        expected: sum / forecasts.len() as f64,
        maximum,
    })
}

/// The chance that something that came to be had a higher score than something that did not, equal ones counting half: the area
/// under the ROC curve. Scores may be any numbers. `None` where all came, or none.
///
/// Source: Hanley and McNeil, "The Meaning and Use of the Area under a Receiver Operating Characteristic Curve" (1982).
#[must_use]
pub fn auroc(scored: &[(f64, bool)]) -> Option<f64> {
    if scored.iter().any(|(score, _)| !score.is_finite()) {
        return None;
    }
    let scores: Vec<f64> = scored.iter().map(|(score, _)| *score).collect();
    let came = scored.iter().filter(|(_, came)| *came).count() as f64;
    let others = scored.len() as f64 - came;
    let of_those: f64 = ranks(&scores)
        .0
        .iter()
        .zip(scored)
        .filter(|(_, (_, came))| *came)
        .map(|(rank, _)| rank)
        .sum();
    finite((of_those - came * (came + 1.0) / 2.0) / (came * others))
}
