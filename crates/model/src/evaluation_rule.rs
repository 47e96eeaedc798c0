//! Rules of online evaluation: which traces are evaluated as they come in, and by what.

use crate::schema::NAME;
use crate::{Filter, MetricSpec, Validate, Validator};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Longest that a rule waits for a trace to be complete, in seconds.
pub const MAX_DELAY_S: u32 = 86_400;

const fn all() -> f64 {
    1.0
}

const fn half_a_minute() -> u32 {
    30
}

const fn on() -> bool {
    true
}

/// A rule of online evaluation as a client writes it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct EvaluationRuleSpec {
    /// Display name, unique in the workspace.
    #[schemars(length(min = 1, max = 200), regex(pattern = NAME))]
    pub name: String,
    /// For people.
    #[serde(default)]
    #[schemars(length(max = 10000))]
    pub description: String,
    /// Whether it picks traces.
    #[serde(default = "on")]
    pub enabled: bool,
    /// Which traces: conditions that all hold, in the grammar of the list of traces. They are looked at once a trace has had
    /// nothing new for `delay_s`.
    #[serde(default)]
    #[schemars(length(max = 30))]
    pub filter: Vec<Value>,
    /// Which part of all traces is looked at, chosen by the trace's id.
    #[serde(default = "all")]
    #[schemars(range(min = 0, max = 1))]
    pub sampling_rate: f64,
    /// How long a trace must have had nothing new, in seconds.
    #[serde(default = "half_a_minute")]
    #[schemars(range(max = 86_400))]
    pub delay_s: u32,
    /// What is measured.
    #[schemars(length(min = 1, max = 20))]
    pub metrics: Vec<MetricSpec>,
    /// Labels to filter by.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 50), inner(length(min = 1, max = 200)))]
    pub tags: Vec<String>,
}

impl EvaluationRuleSpec {
    /// Its filter.
    ///
    /// # Errors
    /// One error a wrong condition, below `/filter`.
    pub fn conditions(&self) -> Result<Filter, Vec<crate::FieldError>> {
        Filter::parse("/filter", &Value::Array(self.filter.clone()))
    }
}

impl Validate for EvaluationRuleSpec {
    fn check(&self, v: &mut Validator) {
        v.name("name", &self.name, 200);
        v.longest("description", &self.description, 10_000);
        v.range("sampling_rate", self.sampling_rate, 0.0, 1.0);
        v.range("delay_s", self.delay_s, 0, MAX_DELAY_S);
        v.require(
            (1..=20).contains(&self.metrics.len()),
            "metrics",
            "must be 1 to 20",
        );
        v.each("metrics", &self.metrics);
        v.texts("tags", &self.tags, 50, 200);
        if let Err(errors) = self.conditions() {
            v.pointers(errors);
        }
    }
}
