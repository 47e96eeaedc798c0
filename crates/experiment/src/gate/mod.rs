//! Gates: whether a change may go out, as data.

mod judge;
mod words;

pub use judge::{Report, RuleReport, Verdict, judge};

use assay_model::{Validate, Validator};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Most rules of a gate.
const MOST_RULES: usize = 100;

/// What a rule looks at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "GateStatistic")]
pub enum Statistic {
    /// The mean score.
    #[default]
    Mean,
    /// The share of cases that pass the metric's threshold.
    PassRate,
}

/// How much it weighs that a rule is broken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "GateSeverity")]
pub enum Weight {
    /// It stops the change.
    #[default]
    Blocking,
    /// It is told, and no more.
    Warning,
}

/// One rule. Without a metric it is about whether runs pass as a whole.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "GateRule")]
pub struct Rule {
    /// The metric's display name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 100))]
    pub metric: Option<String>,
    /// What of it.
    #[serde(default)]
    pub statistic: Statistic,
    /// The least value that is good enough. One of this and `not_worse_by` must be there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0, max = 1))]
    pub at_least: Option<f64>,
    /// How much less than the baseline's value is good enough; 0 for none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0, max = 1))]
    pub not_worse_by: Option<f64>,
    /// With fewer items nothing is decided.
    #[serde(default = "few")]
    #[schemars(range(min = 1, max = 1_000_000))]
    pub min_items: u32,
    /// What it stops.
    #[serde(default)]
    pub severity: Weight,
}

const fn few() -> u32 {
    1
}

/// A gate.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Gate {
    /// What must hold.
    #[schemars(length(min = 1, max = 100))]
    pub rules: Vec<Rule>,
    /// How sure a decision is: the level of intervals.
    #[serde(default = "sure")]
    #[schemars(range(min = 0.5, max = 0.999))]
    pub level: f64,
    /// The greatest share of runs that may end in error. With more nothing is decided.
    #[serde(default = "some_errors")]
    #[schemars(range(min = 0, max = 1))]
    pub max_error_share: f64,
}

const fn sure() -> f64 {
    0.95
}

const fn some_errors() -> f64 {
    0.05
}

impl Gate {
    /// Whether any rule compares with a baseline.
    #[must_use]
    pub fn needs_baseline(&self) -> bool {
        self.rules.iter().any(|rule| rule.not_worse_by.is_some())
    }
}

impl Validate for Gate {
    fn check(&self, v: &mut Validator) {
        let count = self.rules.len();
        v.require(count > 0, "rules", "must not be empty");
        let few = count <= MOST_RULES;
        v.require(few, "rules", "must have at most 100 entries");
        v.range("level", self.level, 0.5, 0.999);
        v.range("max_error_share", self.max_error_share, 0.0, 1.0);
        v.at("rules", |v| {
            for (i, rule) in self.rules.iter().enumerate().take(MOST_RULES) {
                v.at(i, |v| rule.check(v));
            }
        });
    }
}

impl Validate for Rule {
    fn check(&self, v: &mut Validator) {
        if let Some(metric) = &self.metric {
            v.name("metric", metric, 100);
        }
        match (self.at_least, self.not_worse_by) {
            (None, None) => v.error("at_least", "is required, unless there is `not_worse_by`"),
            (Some(_), Some(_)) => v.error("not_worse_by", "must not stand beside `at_least`"),
            (Some(floor), None) => v.range("at_least", floor, 0.0, 1.0),
            (None, Some(margin)) => v.range("not_worse_by", margin, 0.0, 1.0),
        }
        v.range("min_items", self.min_items, 1, 1_000_000);
    }
}
