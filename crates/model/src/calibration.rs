//! What people's answers say of a judge's scores: what is asked for, what is applied, and what results tell of it.

use crate::{Judging, Timestamp, Validate, Validator};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What a score was judged by. Scores of which all of it is the same can be held against one another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct JudgedBy {
    /// Who judged: the model's id; of a panel and of several runs also those and how they were combined.
    pub judge: String,
    /// SHA-256 of the metric: its kind, the version of its implementation, its parameters and its threshold.
    pub metric_hash: String,
    /// SHA-256 of all that the judges' answers depend on: the models and what is set of them.
    pub judge_hash: String,
}

/// Why a calibration is not applied.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum StaleCalibration {
    /// The metric has other parameters, another threshold or another version than the scores that people labelled.
    MetricChanged,
    /// A judge's model has other settings than when it gave those scores.
    JudgeChanged,
}

/// What a calibration makes of a score. The score itself and the raw confidence stay what they are.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Calibrated {
    /// The calibration.
    pub id: String,
    /// The chance that people agree with the verdict, passed or failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub confidence: Option<f64>,
    /// The score that people would give in the mean, in `[0, 1]`; where they answer on a scale.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expected_score: Option<f64>,
    /// Where people's score lies as often as the calibration's `coverage` says, within `[0, 1]`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub interval: Option<[f64; 2]>,
    /// Why it was not applied, where it was not: then it says nothing else.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stale: Option<StaleCalibration>,
}

/// The curves of a calibration. Each is a list of points in order, linear between them and flat outside.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
pub struct CalibrationCurves {
    /// From raw confidence to the chance that people agree with the verdict.
    pub confidence: Vec<[f64; 2]>,
    /// From the judge's score to the score that people give in the mean; empty where they do not answer on a scale.
    pub score: Vec<[f64; 2]>,
    /// How far people's score is from the expected one at most, as often as `coverage` says; null where too few say anything.
    pub distance: Option<f64>,
}

/// A calibration as it is applied: that of one metric by one judge.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ActiveCalibration {
    /// Its id.
    pub id: String,
    /// The metric, by its name.
    pub metric: String,
    /// What the scores were judged by that people labelled.
    pub judged_by: JudgedBy,
    /// What it says.
    pub curves: CalibrationCurves,
}

const fn usual_coverage() -> f64 {
    0.9
}

const fn thirty() -> u32 {
    30
}

/// A calibration as a client asks for it: which scores that people labelled it is made of.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CalibrationSpec {
    /// The metric, by its name.
    #[schemars(length(min = 1, max = 200))]
    pub metric: String,
    /// The model that judges, as it is now.
    #[schemars(length(min = 1, max = 64))]
    pub judge_model_id: String,
    /// How often, and by which models besides. A panel is another judge than each of its models; `reuse` makes no difference.
    #[serde(
        default,
        skip_serializing_if = "Judging::is_default",
        deserialize_with = "crate::object"
    )]
    pub judging: Judging,
    /// The label schema that people answered, by its name; needed where they answered several that can be held against scores.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 200))]
    pub schema: Option<String>,
    /// Only answers in this review queue.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 64))]
    pub queue_id: Option<String>,
    /// Only answers about runs over this dataset.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 64))]
    pub dataset_id: Option<String>,
    /// Only answers given at that time or later.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answered_from: Option<Timestamp>,
    /// Only answers given before that time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answered_to: Option<Timestamp>,
    /// How often people's score lies in the interval.
    #[serde(default = "usual_coverage")]
    #[schemars(range(min = 0.5, max = 0.99))]
    pub coverage: f64,
    /// The fewest labelled scores of which a calibration is made.
    #[serde(default = "thirty")]
    #[schemars(range(min = 20, max = 10_000))]
    pub minimum: u32,
    /// What decides which labelled scores the curves are fitted on, and on which they are measured.
    #[serde(default)]
    pub seed: u64,
}

impl Validate for CalibrationSpec {
    fn check(&self, v: &mut Validator) {
        v.name("metric", &self.metric, 200);
        v.name("judge_model_id", &self.judge_model_id, 64);
        v.at("judging", |v| {
            self.judging.check_beside(Some(&self.judge_model_id), v);
            v.texts("panel", &self.judging.panel, 6, 64);
        });
        for (field, text, most) in [
            ("schema", &self.schema, 200),
            ("queue_id", &self.queue_id, 64),
            ("dataset_id", &self.dataset_id, 64),
        ] {
            if let Some(text) = text {
                v.name(field, text, most);
            }
        }
        if let (Some(from), Some(to)) = (self.answered_from, self.answered_to) {
            v.require(from < to, "answered_to", "must be after `answered_from`");
        }
        v.range("coverage", self.coverage, 0.5, 0.99);
        v.range("minimum", self.minimum, 20, 10_000);
        v.range("seed", self.seed, 0, i64::MAX.unsigned_abs());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn fields(more: Value) -> Vec<String> {
        let mut spec = json!({"metric": "m", "judge_model_id": "j"});
        spec.as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        let spec: CalibrationSpec = serde_json::from_value(spec).unwrap();
        let errors = spec.validate().err().unwrap_or_default();
        errors.into_iter().map(|e| e.field).collect()
    }

    #[test]
    fn bounds_name_their_field() {
        assert!(fields(json!({})).is_empty());
        assert_eq!(
            fields(json!({"coverage": 1, "minimum": 3, "schema": " "})),
            ["/schema", "/coverage", "/minimum"]
        );
        let times =
            json!({"answered_from": "2026-11-24T06:00:00Z", "answered_to": "2026-11-24T06:00:00Z"});
        assert_eq!(fields(times), ["/answered_to"]);
        assert_eq!(
            fields(json!({"judging": {"panel": ["j"], "runs": 0}})),
            ["/judging/runs", "/judging/panel/0"]
        );
    }

    #[test]
    fn what_is_undefined_is_left_out_of_results() {
        let stale = Calibrated {
            id: "c".into(),
            confidence: None,
            expected_score: None,
            interval: None,
            stale: Some(StaleCalibration::JudgeChanged),
        };
        let wire = json!({"id": "c", "stale": "judge_changed"});
        assert_eq!(serde_json::to_value(&stale).unwrap(), wire);
        assert_eq!(serde_json::from_value::<Calibrated>(wire).unwrap(), stale);
    }
}
