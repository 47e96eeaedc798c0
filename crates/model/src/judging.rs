//! How often something is judged and by whom, and what came of each time.

use crate::{MetricStatus, Validate, Validator};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Most judgements of one metric on one case.
pub const MAX_JUDGEMENTS: usize = 21;
/// Most models on a panel beside the first judge.
const MAX_PANEL: usize = 6;
/// Most times one model is asked.
const MAX_RUNS: u32 = 15;

/// How several judgements become one score.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Combine {
    /// The mean, with an interval.
    #[default]
    Mean,
    /// The median: of an odd number of judgements it passes when most of them pass.
    Median,
}

/// How often metrics are judged, and by whom. Metrics without a judge are scored once whatever it says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Judging {
    /// Models that judge beside `judge_model_id`, by id.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = MAX_PANEL))]
    pub panel: Vec<String>,
    /// How often each model judges, every time with a seed of its own. A model at temperature 0 mostly repeats itself.
    #[schemars(range(min = 1, max = MAX_RUNS))]
    pub runs: u32,
    /// How several judgements become one score.
    pub combine: Combine,
    /// Whether the answer to a question that the same model was asked before, with the same seed, is taken from then.
    pub reuse: bool,
}

impl Default for Judging {
    fn default() -> Self {
        Self {
            panel: Vec::new(),
            runs: 1,
            combine: Combine::Mean,
            reuse: true,
        }
    }
}

impl Judging {
    /// Whether it says nothing that goes without saying.
    #[must_use]
    pub fn is_default(&self) -> bool {
        *self == Self::default()
    }

    /// What the calls of one judgement of a metric are recorded under, where so many models judge.
    #[must_use]
    pub fn part(&self, metric: &str, judges: usize, model: &str, run: u32) -> String {
        if judges == 1 && self.runs == 1 {
            return metric.to_owned();
        }
        format!("{metric}#{model}#{run}")
    }

    /// Checks it beside `judge_model_id`.
    pub fn check_beside(&self, first: Option<&str>, v: &mut Validator) {
        self.check(v);
        for (i, id) in self.panel.iter().enumerate() {
            let again = first == Some(id.as_str());
            v.at("panel", |v| {
                let message = "is `judge_model_id`, which judges already";
                v.require(!again, &i.to_string(), message);
            });
        }
        v.require(
            first.is_some() || self.panel.is_empty(),
            "panel",
            "needs `judge_model_id`, the first of the judges",
        );
    }
}

impl Validate for Judging {
    fn check(&self, v: &mut Validator) {
        v.require(
            self.panel.len() <= MAX_PANEL,
            "panel",
            "must name at most 6 models",
        );
        for (i, id) in self.panel.iter().enumerate() {
            let twice = self.panel.iter().take(i).any(|earlier| earlier == id);
            v.at("panel", |v| {
                v.require(!twice, &i.to_string(), "is named twice")
            });
        }
        v.range("runs", self.runs, 1, MAX_RUNS);
        let all = (self.panel.len() + 1).saturating_mul(self.runs as usize);
        v.require(
            all <= MAX_JUDGEMENTS,
            "runs",
            "would make more than 21 judgements of each metric, with so many models",
        );
    }
}

/// One of several judgements.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Judgement {
    /// The model that judged, as its server names it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub judge_model: Option<String>,
    /// The how many-th time it judged, from 1.
    pub run: u32,
    /// What came of it.
    pub status: MetricStatus,
    /// In `[0, 1]`, present exactly when `status` is passed or failed.
    pub score: Option<f64>,
    /// Why, for a person; the beginning of it.
    pub reason: String,
}

/// What several judgements say together.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Judgements {
    /// Each of them: by model, then by run.
    pub all: Vec<Judgement>,
    /// The share of all of them that came to what was found, passed or failed. Those without a score are of another mind.
    pub agreement: f64,
    /// Where the mean of ever more judgements lies in 95 of 100 cases, by Student's distribution; of a mean of two scores or more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub interval: Option<[f64; 2]>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn fields(judging: Value) -> Vec<String> {
        let judging: Judging = serde_json::from_value(judging).unwrap();
        let mut v = Validator::default();
        judging.check(&mut v);
        let errors = v.finish().err().unwrap_or_default();
        errors.into_iter().map(|e| e.field).collect()
    }

    #[test]
    fn bounds_name_their_field() {
        assert!(fields(json!({})).is_empty());
        assert!(fields(json!({"runs": 15})).is_empty());
        assert_eq!(fields(json!({"runs": 0})), ["/runs"]);
        assert_eq!(fields(json!({"runs": 16})), ["/runs"]);
        assert_eq!(fields(json!({"panel": ["a"], "runs": 11})), ["/runs"]);
        assert_eq!(fields(json!({"panel": ["a", "b", "a"]})), ["/panel/2"]);
        assert_eq!(
            fields(json!({"panel": ["1", "2", "3", "4", "5", "6", "7"]})),
            ["/panel"]
        );
    }
}
