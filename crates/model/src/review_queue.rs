//! Review queues: what people look at, how many of them, and which scores enter by themselves.

use crate::schema::NAME;
use crate::{Calibrated, JudgedBy, MetricStatus, Validate, Validator};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeSet;

/// Which scores a rule takes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub enum ReviewCondition {
    /// Every score.
    Always,
    /// A score of less than that.
    ScoreBelow {
        /// In `[0, 1]`.
        #[schemars(range(min = 0, max = 1))]
        value: f64,
    },
    /// A score of more than that.
    ScoreAbove {
        /// In `[0, 1]`.
        #[schemars(range(min = 0, max = 1))]
        value: f64,
    },
    /// A score between two, both included: where a judge wavers.
    ScoreBetween {
        /// In `[0, 1]`.
        #[schemars(range(min = 0, max = 1))]
        low: f64,
        /// In `[0, 1]`, not less than `low`.
        #[schemars(range(min = 0, max = 1))]
        high: f64,
    },
    /// A score of which one is less sure than that: by the judge's calibration where there is one, else as sure as the metric is.
    ConfidenceBelow {
        /// In `[0, 1]`.
        #[schemars(range(min = 0, max = 1))]
        value: f64,
    },
    /// No score, for an error.
    Error,
    /// A score that could as well pass as fail: the threshold lies within the interval of people's score by the judge's calibration,
    /// where there is none within that of the mean of several judgements.
    IntervalCrossesThreshold,
    /// The scores of these metrics, where some pass and others fail; where none are named, a score whose own judgements do, of a panel
    /// or of several runs.
    Disagreement {
        /// Names of metrics, two or more; none for the judgements of one.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        #[schemars(length(max = 20), inner(length(min = 1, max = 200)))]
        metrics: Vec<String>,
    },
}

const fn all() -> f64 {
    100.0
}

const fn one() -> u32 {
    1
}

const fn two() -> u32 {
    2
}

const fn quarter_of_an_hour() -> u32 {
    900
}

const fn on() -> bool {
    true
}

/// Where the scores come from that a rule takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ReviewSource {
    /// Runs of campaigns, as they end.
    #[default]
    Runs,
    /// Traces of production, as the platform's online evaluation scores them.
    Online,
}

impl ReviewSource {
    const fn is_runs(&self) -> bool {
        matches!(self, Self::Runs)
    }
}

/// Which scores enter a queue by themselves.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ReviewRule {
    /// Display name, unique in the queue: items say by which rule they came.
    #[schemars(length(min = 1, max = 200), regex(pattern = NAME))]
    pub name: String,
    /// Scores of what.
    #[serde(default, skip_serializing_if = "ReviewSource::is_runs")]
    pub source: ReviewSource,
    /// The metric, by its name; any when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 200))]
    pub metric: Option<String>,
    /// Which of its scores.
    pub when: ReviewCondition,
    /// How many of a hundred of those enter, chosen by the run's id, or the trace's.
    #[serde(default = "all")]
    #[schemars(range(min = 0, max = 100))]
    pub sample_percent: f64,
    /// Only of these campaigns, by name or id; of all when empty.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 100), inner(length(min = 1, max = 200)))]
    pub campaigns: Vec<String>,
    /// Only of these agents, by id; of all when empty.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 100), inner(length(min = 1, max = 64)))]
    pub agent_ids: Vec<String>,
}

/// A review queue as a client writes it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ReviewQueueSpec {
    /// Display name, unique in the workspace.
    #[schemars(length(min = 1, max = 200), regex(pattern = NAME))]
    pub name: String,
    /// For people.
    #[serde(default)]
    #[schemars(length(max = 10000))]
    pub description: String,
    /// What is asked: label schemas as they are now. They cannot be changed later.
    #[schemars(length(min = 1, max = 20), inner(length(min = 1, max = 64)))]
    pub label_schema_ids: Vec<String>,
    /// How many people answer each item; of those that enter from now on.
    #[serde(default = "one")]
    #[schemars(range(min = 1, max = 10))]
    pub annotators_per_item: u32,
    /// How long a claimed item is kept for whoever claimed it, in seconds.
    #[serde(default = "quarter_of_an_hour")]
    #[schemars(range(min = 1, max = 86_400))]
    pub lease_s: u32,
    /// How many people must skip an item before nobody else is asked.
    #[serde(default = "two")]
    #[schemars(range(min = 1, max = 10))]
    pub max_skips: u32,
    /// Whether whoever claims an item sees what the machine said of it. People agree more with what they see.
    #[serde(default)]
    pub show_scores: bool,
    /// Who may claim: ids of members, service accounts or API keys. All who may give scores when empty.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 100), inner(length(min = 1, max = 64)))]
    pub assignees: Vec<String>,
    /// Whether rules put scores in.
    #[serde(default = "on")]
    pub enabled: bool,
    /// Which scores enter by themselves.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 20))]
    pub rules: Vec<ReviewRule>,
}

impl Validate for ReviewRule {
    fn check(&self, v: &mut Validator) {
        v.name("name", &self.name, 200);
        if let Some(metric) = &self.metric {
            v.name("metric", metric, 200);
        }
        v.range("sample_percent", self.sample_percent, 0.0, 100.0);
        v.texts("campaigns", &self.campaigns, 100, 200);
        v.texts("agent_ids", &self.agent_ids, 100, 64);
        v.at("when", |v| match &self.when {
            ReviewCondition::Always
            | ReviewCondition::Error
            | ReviewCondition::IntervalCrossesThreshold => {}
            ReviewCondition::ScoreBelow { value }
            | ReviewCondition::ScoreAbove { value }
            | ReviewCondition::ConfidenceBelow { value } => v.range("value", *value, 0.0, 1.0),
            ReviewCondition::ScoreBetween { low, high } => {
                v.range("low", *low, 0.0, 1.0);
                v.range("high", *high, 0.0, 1.0);
                v.require(low <= high, "high", "must not be less than `low`");
            }
            ReviewCondition::Disagreement { metrics } => {
                v.texts("metrics", metrics, 20, 200);
                let different: BTreeSet<&String> = metrics.iter().collect();
                let fits = metrics.is_empty() || different.len() > 1;
                v.require(fits, "metrics", "must be two or more, or none");
            }
        });
        let of_runs = self.source.is_runs();
        for (field, empty) in [
            ("campaigns", self.campaigns.is_empty()),
            ("agent_ids", self.agent_ids.is_empty()),
        ] {
            v.require(of_runs || empty, field, "is of runs, and not of traces");
        }
        let names_its_own =
            matches!(&self.when, ReviewCondition::Disagreement { metrics } if !metrics.is_empty());
        v.require(
            self.metric.is_none() || !names_its_own,
            "metric",
            "cannot stand beside `disagreement` of metrics, which names its own",
        );
    }
}

impl Validate for ReviewQueueSpec {
    fn check(&self, v: &mut Validator) {
        v.name("name", &self.name, 200);
        v.longest("description", &self.description, 10_000);
        v.texts("label_schema_ids", &self.label_schema_ids, 20, 64);
        let different: BTreeSet<&String> = self.label_schema_ids.iter().collect();
        let once = different.len() == self.label_schema_ids.len() && !different.is_empty();
        v.require(once, "label_schema_ids", "must be one or more, none twice");
        v.range("annotators_per_item", self.annotators_per_item, 1, 10);
        v.range("lease_s", self.lease_s, 1, 86_400);
        v.range("max_skips", self.max_skips, 1, 10);
        v.texts("assignees", &self.assignees, 100, 64);
        v.require(self.rules.len() <= 20, "rules", "must be at most 20");
        v.each("rules", &self.rules);
        let mut names = BTreeSet::new();
        v.at("rules", |v| {
            for (i, rule) in self.rules.iter().enumerate() {
                let new = names.insert(rule.name.as_str());
                v.at(i, |v| v.require(new, "name", "is used twice"));
            }
        });
    }
}

/// What a metric said of a run, as it was when an item about it entered.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct MachineScore {
    /// What came of the metric.
    pub status: MetricStatus,
    /// In `[0, 1]`, where there is one.
    pub score: Option<f64>,
    /// The score at and above which a case passes.
    pub threshold: f64,
    /// How sure the metric was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub confidence: Option<f64>,
    /// The model that judged, where one did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub judge_model: Option<String>,
    /// What it was judged by, where it was judged.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub judged_by: Option<JudgedBy>,
    /// What the judge's calibration made of it, where there was one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub calibration: Option<Calibrated>,
    /// Why, for a person.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub reason: String,
}

/// What an item of a queue is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub enum ReviewSubject {
    /// A run, or what one metric said of it.
    Run {
        /// The run.
        #[schemars(length(min = 1, max = 64))]
        run_id: String,
        /// The metric, by its name.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[schemars(length(min = 1, max = 200))]
        metric: Option<String>,
    },
    /// A trace, one observation of it, or what one metric said of it.
    Trace {
        /// The trace.
        #[schemars(length(min = 1, max = 200))]
        trace_id: String,
        /// The observation.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[schemars(length(min = 1, max = 200))]
        observation_id: Option<String>,
        /// The metric, by its name.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[schemars(length(min = 1, max = 200))]
        metric: Option<String>,
    },
    /// An item of a dataset, as it is now.
    DatasetItem {
        /// The dataset.
        #[schemars(length(min = 1, max = 64))]
        dataset_id: String,
        /// The item's key.
        #[schemars(length(min = 1, max = 200))]
        item_key: String,
    },
}

impl ReviewSubject {
    /// The run.
    #[must_use]
    pub fn run(&self) -> Option<&str> {
        match self {
            Self::Run { run_id, .. } => Some(run_id),
            _ => None,
        }
    }

    /// The metric.
    #[must_use]
    pub fn metric(&self) -> Option<&str> {
        match self {
            Self::Run { metric, .. } | Self::Trace { metric, .. } => metric.as_deref(),
            Self::DatasetItem { .. } => None,
        }
    }

    /// What tells it from all others: in a queue it is once.
    #[must_use]
    pub fn key(&self) -> String {
        // A list in JSON: no part can be taken for two.
        let part = match self {
            Self::Run { run_id, metric } => ("run", run_id, metric.as_ref()),
            Self::Trace {
                trace_id,
                observation_id,
                metric: Some(metric),
            } => {
                let parts = ("trace", trace_id, observation_id.as_ref(), metric);
                return serde_json::json!(parts).to_string();
            }
            Self::Trace {
                trace_id,
                observation_id,
                metric: None,
            } => ("trace", trace_id, observation_id.as_ref()),
            Self::DatasetItem {
                dataset_id,
                item_key,
            } => ("dataset_item", dataset_id, Some(item_key)),
        };
        serde_json::json!(part).to_string()
    }
}

impl Validate for ReviewSubject {
    fn check(&self, v: &mut Validator) {
        match self {
            Self::Run { run_id, metric } => {
                v.name("run_id", run_id, 64);
                if let Some(metric) = metric {
                    v.name("metric", metric, 200);
                }
            }
            Self::Trace {
                trace_id,
                observation_id,
                metric,
            } => {
                v.name("trace_id", trace_id, 200);
                if let Some(id) = observation_id {
                    v.name("observation_id", id, 200);
                }
                if let Some(metric) = metric {
                    v.name("metric", metric, 200);
                }
            }
            Self::DatasetItem {
                dataset_id,
                item_key,
            } => {
                v.name("dataset_id", dataset_id, 64);
                v.name("item_key", item_key, 200);
            }
        }
    }
}

/// One answer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LabelAnswer {
    /// The label schema, by its name.
    #[schemars(length(min = 1, max = 200))]
    pub schema: String,
    /// The answer: a number, a label, true or false, or words, as the schema says.
    pub value: Value,
    /// The turn that it is about, from 0, where the schema is about turns.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0, max = 9999))]
    pub turn: Option<u32>,
    /// The observation that it is about, where the schema is about observations.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 200))]
    pub observation_id: Option<String>,
    /// What else there is to say.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    #[schemars(length(max = 5000))]
    pub note: String,
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[track_caller]
    fn check(spec: Value, fields: &[&str]) {
        let spec: ReviewQueueSpec = serde_json::from_value(spec).unwrap();
        let errors = spec.validate().err().unwrap_or_default();
        let found: Vec<&str> = errors.iter().map(|e| e.field.as_str()).collect();
        assert_eq!(found, fields);
    }

    #[test]
    fn queues() {
        check(json!({"name": "q", "label_schema_ids": ["a"]}), &[]);
        check(
            json!({"name": "q", "label_schema_ids": ["a", "a"], "annotators_per_item": 11, "lease_s": 0}),
            &["/label_schema_ids", "/annotators_per_item", "/lease_s"],
        );
        let rule = |when: Value| json!({"name": "r", "when": when});
        check(
            json!({"name": "q", "label_schema_ids": ["a"], "rules": [
                rule(json!({"type": "score_below", "value": 2})),
                rule(json!({"type": "score_between", "low": 0.6, "high": 0.4})),
                rule(json!({"type": "disagreement", "metrics": ["a", "a"]})),
                {"name": "t", "metric": "m", "when": {"type": "disagreement"}},
                {"name": "s", "metric": "m", "when": {"type": "disagreement", "metrics": ["a", "b"]}, "sample_percent": 101},
            ]}),
            &[
                "/rules/0/when/value",
                "/rules/1/when/high",
                "/rules/2/when/metrics",
                "/rules/4/sample_percent",
                "/rules/4/metric",
                "/rules/1/name",
                "/rules/2/name",
            ],
        );
    }

    #[test]
    fn keys_tell_subjects_apart() {
        let run = |metric: Option<&str>| ReviewSubject::Run {
            run_id: "r".into(),
            metric: metric.map(str::to_owned),
        };
        let trace = ReviewSubject::Trace {
            trace_id: "r".into(),
            observation_id: None,
            metric: None,
        };
        let keys: BTreeSet<String> = [run(None), run(Some("m")), run(Some("n")), trace]
            .iter()
            .map(ReviewSubject::key)
            .collect();
        assert_eq!(keys.len(), 4);
        assert_eq!(run(Some("m")).key(), r#"["run","r","m"]"#);
    }
}
