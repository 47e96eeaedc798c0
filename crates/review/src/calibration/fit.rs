//! From labelled scores to curves, and what the curves are worth.

use super::{Labelled, SURE, at};
use assay_model::CalibrationCurves;
use assay_model::sampling::fraction;
use assay_stats::calibration::{
    Isotonic, auroc, brier, calibration_error, choose_threshold, split_conformal,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

/// Bins of the reliability curve.
const BINS: u32 = 10;
/// Most points of a curve: it is carried along with each campaign.
const MOST_POINTS: usize = 200;
/// Fewer verdicts in a half say nothing.
const FEWEST: usize = 5;
/// The chance that a trusted share of verdicts has more wrong ones than was asked.
const DELTA: f64 = 0.1;

/// A bin of a reliability curve: verdicts whose confidence is above `low` and at most `high`; the first also holds 0.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct CalibrationBin {
    /// The lower end.
    pub low: f64,
    /// The upper end.
    pub high: f64,
    /// Verdicts in it.
    pub items: usize,
    /// How sure they are in the mean; null of none.
    pub confidence: Option<f64>,
    /// The share of them that people agree with; null of none.
    pub agreed: Option<f64>,
}

/// What a confidence is worth, on the scores that the curves were not fitted on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct CalibrationMeasures {
    /// The mean of squares between confidence and being right; 0 is best.
    pub brier: Option<f64>,
    /// How far confidence is from the share that is right, over ten bins.
    pub expected_calibration_error: Option<f64>,
    /// The same in the worst bin.
    pub maximum_calibration_error: Option<f64>,
    /// The chance that it is higher where the verdict is right than where it is wrong.
    pub auroc: Option<f64>,
    /// The reliability curve.
    pub bins: Vec<CalibrationBin>,
}

/// From which calibrated confidence on verdicts need nobody to look at them.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct TrustFrom {
    /// The least confidence.
    pub confidence: f64,
    /// Verdicts that are as sure or surer, of those that the curves were not fitted on.
    pub kept: usize,
    /// How many of them people do not agree with.
    pub wrong: usize,
    /// The share of wrong ones that is not exceeded with a chance of 0.9.
    pub bound: f64,
}

/// What came of labelled scores.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct CalibrationFit {
    /// Labelled scores of which people have a verdict.
    pub labelled: usize,
    /// Those of which as many people say one thing as another: they are in no verdict.
    pub ties: usize,
    /// Those without a confidence of their own, which are taken for ones with a confidence of 1.
    pub without_confidence: usize,
    /// Verdicts that the curves were fitted on.
    pub fitted_on: usize,
    /// Verdicts that they were measured on.
    pub held_out: usize,
    /// The share of verdicts that people agree with.
    pub agreement: Option<f64>,
    /// What is applied to new scores.
    #[serde(flatten)]
    pub curves: CalibrationCurves,
    /// What the confidence as it comes is worth.
    pub raw: CalibrationMeasures,
    /// What the calibrated one is.
    pub calibrated: CalibrationMeasures,
    /// From where on at most a share of 1 - `coverage` is wrong; null where too few were held out to say so.
    pub trust_from: Option<TrustFrom>,
}

/// Why there is no calibration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unfit {
    /// There are that many verdicts, and more are needed.
    TooFew(usize),
    /// They are of too few different items to have two halves that know nothing of each other.
    TooAlike,
}

/// Fits curves to one half of labelled scores and measures them on the other. Which half an item belongs to is decided by its name
/// and the seed alone, so that the same scores make the same calibration in whatever order they come.
///
/// The curves are isotonic regressions; the distance is split conformal prediction's, from scores held out: people's score of a
/// new case is within it of the expected one as often as `coverage` says, if cases are of the same kind.
///
/// # Errors
/// [`Unfit`] where there are fewer than `minimum` verdicts, or they are all of a few items.
pub fn fit(
    labelled: &[Labelled],
    coverage: f64,
    minimum: usize,
    seed: u64,
) -> Result<CalibrationFit, Unfit> {
    let verdicts = labelled.iter().filter(|l| l.agrees.is_some());
    let count = verdicts.clone().count();
    if count < minimum {
        return Err(Unfit::TooFew(count));
    }
    let (fitted, held): (Vec<&Labelled>, Vec<&Labelled>) =
        labelled.iter().partition(|l| is_fitted_on(&l.item, seed));
    let raw = |half: &[&Labelled]| -> Vec<(f64, bool)> {
        let forecast = |l: &&Labelled| Some((l.confidence.unwrap_or(SURE), l.agrees?));
        half.iter().filter_map(forecast).collect()
    };
    let (on, off) = (raw(&fitted), raw(&held));
    if on.len() < FEWEST || off.len() < FEWEST {
        return Err(Unfit::TooAlike);
    }
    let agreed: Vec<(f64, f64)> = on.iter().map(|(c, came)| (*c, f64::from(*came))).collect();
    let scores = |half: &[&Labelled]| -> Vec<(f64, f64)> {
        let pair = |l: &&Labelled| Some((l.score, l.people?));
        half.iter().filter_map(pair).collect()
    };
    let confidence = curve(&agreed);
    let score = curve(&scores(&fitted));
    let distances: Vec<f64> = scores(&held)
        .into_iter()
        .filter_map(|(judge, people)| Some((at(&score, judge)? - people).abs()))
        .collect();
    let conformal = split_conformal(&distances, 1.0 - coverage);
    let calibrated: Vec<(f64, bool)> = off
        .iter()
        .filter_map(|(c, came)| Some((at(&confidence, *c)?, *came)))
        .collect();
    let agreeing = verdicts.clone().filter(|l| l.agrees == Some(true)).count();
    Ok(CalibrationFit {
        labelled: count,
        ties: labelled.len() - count,
        without_confidence: verdicts.filter(|l| l.confidence.is_none()).count(),
        fitted_on: on.len(),
        held_out: off.len(),
        agreement: (count > 0).then(|| agreeing as f64 / count as f64),
        curves: CalibrationCurves {
            confidence,
            score,
            distance: conformal.and_then(|c| c.distance),
        },
        raw: measures(&off),
        calibrated: measures(&calibrated),
        trust_from: choose_threshold(&calibrated, 1.0 - coverage, DELTA).map(|t| TrustFrom {
            confidence: t.confidence,
            kept: t.kept,
            wrong: t.wrong,
            bound: t.bound,
        }),
    })
}

fn is_fitted_on(item: &str, seed: u64) -> bool {
    let mut digest = Sha256::new();
    digest.update(seed.to_be_bytes());
    digest.update(item.as_bytes());
    fraction(&digest.finalize()) < 0.5
}

/// The best increasing function through points, without those that a line between their neighbours goes through; of very many a part.
fn curve(points: &[(f64, f64)]) -> Vec<[f64; 2]> {
    let Some(fitted) = Isotonic::fit(points) else {
        return Vec::new();
    };
    let all = fitted.points();
    let value = |at: Option<usize>| at.and_then(|at| all.get(at)).map(|(_, y)| *y);
    let bends = all.iter().enumerate().filter(|(i, (_, y))| {
        let (before, after) = (value(i.checked_sub(1)), value(Some(i + 1)));
        before != Some(*y) || after != Some(*y)
    });
    let bends: Vec<[f64; 2]> = bends.map(|(_, (x, y))| [*x, *y]).collect();
    let every = bends.len().div_ceil(MOST_POINTS - 1).max(1);
    let last = bends.len().saturating_sub(1);
    let kept = bends.iter().enumerate();
    kept.filter(|(i, _)| i % every == 0 || *i == last)
        .map(|(_, point)| *point)
        .collect()
}

fn measures(forecasts: &[(f64, bool)]) -> CalibrationMeasures {
    let error = calibration_error(forecasts, BINS);
    CalibrationMeasures {
        brier: brier(forecasts),
        expected_calibration_error: error.map(|e| e.expected),
        maximum_calibration_error: error.map(|e| e.maximum),
        auroc: auroc(forecasts),
        bins: (0..BINS).map(|bin| of_bin(bin, forecasts)).collect(),
    }
}

fn of_bin(bin: u32, forecasts: &[(f64, bool)]) -> CalibrationBin {
    // As the calibration error counts them.
    let bin_of = |p: f64| ((p * f64::from(BINS)).ceil().max(1.0) as u32).min(BINS);
    let within: Vec<&(f64, bool)> = forecasts
        .iter()
        .filter(|(p, _)| bin_of(*p) == bin + 1)
        .collect();
    let mean = |sum: f64| (!within.is_empty()).then(|| sum / within.len() as f64);
    CalibrationBin {
        low: f64::from(bin) / f64::from(BINS),
        high: f64::from(bin + 1) / f64::from(BINS),
        items: within.len(),
        confidence: mean(within.iter().map(|(p, _)| p).sum()),
        agreed: mean(within.iter().map(|(_, came)| f64::from(*came)).sum()),
    }
}
