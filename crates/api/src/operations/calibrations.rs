//! Calibrations of judges on what people labelled. Part of the component `evaluator`.

use crate::examples::{ID, TIME, with};
use crate::operation::Access::Needs;
use crate::operation::{Operation, Part};
use assay_access::Permission::{CampaignsRead, ResourcesWrite};
use assay_model::{CalibrationSpec, JudgedBy, StaleCalibration, Timestamp};
use assay_review::calibration::CalibrationFit;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Value, json};

/// A calibration of one metric by one judge, without its curves.
#[derive(Serialize, JsonSchema)]
struct Calibration {
    id: String,
    metric: String,
    /// What the scores were judged by that people labelled: it is applied to scores of which all of it is the same.
    judged_by: JudgedBy,
    /// Counts the calibrations of the metric and judge.
    #[schemars(range(min = 1))]
    version: i64,
    /// Whether it is the newest of them: that is the one that is applied.
    active: bool,
    /// Why it is not applied to what the judge scores now; null where it is. Whether the metric has changed is told by results.
    stale: Option<StaleCalibration>,
    /// What was asked for.
    spec: CalibrationSpec,
    /// Scores that it was made of.
    #[schemars(range(min = 0))]
    labelled: u64,
    /// The share of verdicts that people agree with.
    #[schemars(range(min = 0, max = 1))]
    agreement: Option<f64>,
    created_by: String,
    created_at: Timestamp,
}

/// A calibration with its curves and what they are worth.
#[derive(Serialize, JsonSchema)]
struct CalibrationDetail {
    #[serde(flatten)]
    calibration: Calibration,
    fit: CalibrationFit,
}

fn spec() -> Value {
    json!({"metric": "Answer relevancy", "judge_model_id": ID, "coverage": 0.9, "minimum": 30, "seed": 0})
}

fn calibration() -> Value {
    json!({
        "id": ID, "metric": "Answer relevancy",
        "judged_by": {"judge": ID, "metric_hash": "0".repeat(64), "judge_hash": "1".repeat(64)},
        "version": 1, "active": true, "stale": null, "spec": spec(), "labelled": 120, "agreement": 0.8, "created_by": ID,
        "created_at": TIME,
    })
}

fn measures(error: f64) -> Value {
    json!({
        "brier": 0.14, "expected_calibration_error": error, "maximum_calibration_error": 0.2, "auroc": 0.71,
        "bins": [{"low": 0.9, "high": 1.0, "items": 41, "confidence": 0.97, "agreed": 0.8}],
    })
}

fn detail() -> Value {
    let fit = json!({
        "labelled": 120, "ties": 3, "without_confidence": 0, "fitted_on": 58, "held_out": 62, "agreement": 0.8,
        "confidence": [[0.5, 0.55], [0.9, 0.7], [1.0, 0.88]], "score": [[0.0, 0.1], [1.0, 0.85]], "distance": 0.3,
        "raw": measures(0.17), "calibrated": measures(0.04),
        "trust_from": {"confidence": 0.88, "kept": 44, "wrong": 1, "bound": 0.09},
    });
    with(calibration(), json!({"fit": fit}))
}

pub(super) fn operations() -> Vec<Operation> {
    let part = Part {
        component: "evaluator",
        tag: "Calibrations",
    };
    let path = "/api/v1/calibrations";
    let one = "/api/v1/calibrations/{id}";
    vec![
        part.op("list_calibrations", "GET", path, Needs(CampaignsRead), 200, "List calibrations of judges, newest first")
            .about("Without their curves.")
            .page::<Calibration>(calibration())
            .filter("metric", "Only those of this metric.")
            .filter("judge", "Only those of this judge: a model's id, or what `judged_by.judge` says of a panel.")
            .query("active", "Only those that are applied, or are not.", json!({"type": "boolean"})),
        part.op("create_calibration", "POST", path, Needs(ResourcesWrite), 201, "Calibrate a judge on what people labelled")
            .about("From people's answers in review queues: how often they agree with a verdict of such a confidence, and what they would have scored. It is applied to what the judge scores from then on; campaigns keep those of their beginning.")
            .body::<CalibrationSpec>(spec())
            .answer::<CalibrationDetail>(detail())
            .sends("Location")
            .also(200, "It is what the newest one is made of: that one")
            .problem_as(409, "People have not labelled enough of what this judge scores as it is now; `detail` says what was left out"),
        part.op("get_calibration", "GET", one, Needs(CampaignsRead), 200, "Get a calibration with its curves")
            .answer::<CalibrationDetail>(detail()),
        part.op("delete_calibration", "DELETE", one, Needs(ResourcesWrite), 204, "Delete a calibration")
            .about("Of the newest one: the version before is applied again. What was scored by it keeps what it said."),
    ]
}
