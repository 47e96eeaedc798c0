//! Calibration of a judge on scores that people labelled: how often they agree with a verdict of such a confidence, and what they
//! would have scored.
//!
//! Labelled scores are told by what they were judged by ([`judged_by`]): only those of the same metric and the same judge go
//! together. [`fit`] takes one half of them for the curves and the other half to measure what the curves are worth; [`apply`] reads
//! the curves at a new score.

mod fit;
mod labelled;

pub use fit::{CalibrationBin, CalibrationFit, CalibrationMeasures, TrustFrom, Unfit, fit};
pub use labelled::{Labelled, labelled};

use assay_model::{
    ActiveCalibration, Calibrated, Combine, JudgedBy, Judging, MetricResult, MetricSpec, ModelSpec,
    StaleCalibration,
};
use assay_stats::calibration::Isotonic;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

/// What a score without a confidence is taken for: its judge did not say that it was in doubt.
const SURE: f64 = 1.0;

fn hash(value: &Value) -> String {
    hex::encode(Sha256::digest(value.to_string().as_bytes()))
}

/// A judge, by its models' ids and how they judge: the id alone of one that judges once. A panel is the same in any order.
#[must_use]
pub fn judge_key(first: &str, judging: &Judging) -> String {
    if judging.panel.is_empty() && judging.runs == 1 {
        return first.to_owned();
    }
    let mut ids: Vec<&str> = judging.panel.iter().map(String::as_str).collect();
    ids.push(first);
    ids.sort_unstable();
    let combine = match judging.combine {
        Combine::Mean => "mean",
        Combine::Median => "median",
    };
    format!("{} x{} {combine}", ids.join("+"), judging.runs)
}

/// What scores are judged by: `result` has the version and the threshold that are in force.
#[must_use]
pub fn judged_by(
    metric: &MetricSpec,
    result: &MetricResult,
    judges: &[(&str, &ModelSpec)],
    judging: &Judging,
) -> Option<JudgedBy> {
    let ((first, _), _) = judges.split_first()?;
    let params = match &metric.params {
        Value::Null => json!({}),
        params => params.clone(),
    };
    let models: Vec<&ModelSpec> = judges.iter().map(|(_, spec)| *spec).collect();
    Some(JudgedBy {
        judge: judge_key(first, judging),
        metric_hash: hash(&json!([
            metric.kind,
            result.version,
            result.threshold,
            params
        ])),
        judge_hash: judge_hash(&models, judging),
    })
}

/// SHA-256 of all that the judges' answers depend on, and of how they are made into one.
#[must_use]
pub fn judge_hash(judges: &[&ModelSpec], judging: &Judging) -> String {
    let mut models: Vec<String> = judges
        .iter()
        .map(|spec| json!(spec.identity()).to_string())
        .collect();
    models.sort_unstable();
    // One judgement alone is combined with nothing.
    let several = models.len() > 1 || judging.runs > 1;
    hash(&json!([
        models,
        judging.runs,
        several.then_some(judging.combine)
    ]))
}

/// What the calibration of a metric's judge makes of a score; `None` without a score, and where none of `known` is about it. One that
/// was made of scores that were judged otherwise is named and not applied.
#[must_use]
pub fn apply(known: &[ActiveCalibration], result: &MetricResult) -> Option<Calibrated> {
    let by = result.judged_by.as_ref()?;
    let score = result.score?;
    let mut all = known.iter();
    let found = all.find(|c| c.metric == result.name && c.judged_by.judge == by.judge)?;
    let stale = if found.judged_by.metric_hash != by.metric_hash {
        Some(StaleCalibration::MetricChanged)
    } else if found.judged_by.judge_hash != by.judge_hash {
        Some(StaleCalibration::JudgeChanged)
    } else {
        None
    };
    let mut calibrated = Calibrated {
        id: found.id.clone(),
        confidence: None,
        expected_score: None,
        interval: None,
        stale,
    };
    if stale.is_none() {
        let curves = &found.curves;
        calibrated.confidence = at(&curves.confidence, result.confidence.unwrap_or(SURE));
        calibrated.expected_score = at(&curves.score, score);
        calibrated.interval = around(calibrated.expected_score, curves.distance);
    }
    Some(calibrated)
}

/// A curve's value, within what a share can be.
fn at(curve: &[[f64; 2]], x: f64) -> Option<f64> {
    let points: Vec<(f64, f64)> = curve.iter().map(|[x, y]| (*x, *y)).collect();
    Isotonic::through(&points)?.at(x).map(|y| y.clamp(0.0, 1.0))
}

fn around(score: Option<f64>, distance: Option<f64>) -> Option<[f64; 2]> {
    let (score, distance) = score.zip(distance)?;
    Some([score - distance, score + distance].map(|end| end.clamp(0.0, 1.0)))
}

#[cfg(test)]
mod tests;
