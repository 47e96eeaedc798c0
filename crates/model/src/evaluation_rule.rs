//! Rules of online evaluation: which traces are evaluated as they come in, and by what.

use crate::schema::NAME;
use crate::{Filter, Judging, MetricSpec, Validate, Validator};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Longest that a rule waits for a trace to be complete, in seconds.
pub const MAX_DELAY_S: u32 = 86_400;

/// Most traces of a rule that are evaluated at once.
const MAX_AT_ONCE: u32 = 32;
/// Most times that a trace is tried.
const MAX_ATTEMPTS: u32 = 10;

/// Who evaluates what a rule picked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum RuleEvaluator {
    /// The platform: its scores are on the trace some seconds after it is ready.
    #[default]
    Platform,
    /// An evaluator of your own, which takes entries of the queue and says what became of them.
    External,
}

/// What a rule may have its judges spend in a day, which begins at midnight UTC. What would be more waits for the next day.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct DailyBudget {
    /// US dollars. The calls under way are taken to cost what calls cost on the mean of that day; of the first it is not known.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0, max = 1_000_000_000))]
    pub cost_usd: Option<f64>,
    /// Calls of judges; answers that were given to the same question before are none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub judge_calls: Option<u64>,
}

impl DailyBudget {
    /// Whether nothing is said.
    #[must_use]
    pub fn is_unbounded(&self) -> bool {
        *self == Self::default()
    }
}

impl Validate for DailyBudget {
    fn check(&self, v: &mut Validator) {
        if let Some(cost) = self.cost_usd {
            v.range("cost_usd", cost, 0.0, 1e9);
        }
        if let Some(calls) = self.judge_calls {
            v.range("judge_calls", calls, 0, i64::MAX.unsigned_abs());
        }
    }
}

const fn all() -> f64 {
    1.0
}

const fn four() -> u32 {
    4
}

const fn five() -> u32 {
    5
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
    /// Who measures it.
    #[serde(default)]
    pub evaluator: RuleEvaluator,
    /// The model that judges, where the platform measures by metrics that need one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub judge_model_id: Option<String>,
    /// How often metrics are judged, and by whom besides.
    #[serde(
        default,
        skip_serializing_if = "Judging::is_default",
        deserialize_with = "crate::object"
    )]
    pub judging: Judging,
    /// How many of its traces the platform evaluates at once.
    #[serde(default = "four")]
    #[schemars(range(min = 1, max = MAX_AT_ONCE))]
    pub at_once: u32,
    /// How often the platform tries a trace that no metric can score; it waits for longer and longer between.
    #[serde(default = "five")]
    #[schemars(range(min = 1, max = MAX_ATTEMPTS))]
    pub max_attempts: u32,
    /// What judges may cost in a day.
    #[serde(
        default,
        deserialize_with = "crate::object",
        skip_serializing_if = "DailyBudget::is_unbounded"
    )]
    pub daily_budget: DailyBudget,
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
        v.range("at_once", self.at_once, 1, MAX_AT_ONCE);
        v.range("max_attempts", self.max_attempts, 1, MAX_ATTEMPTS);
        v.at("daily_budget", |v| self.daily_budget.check(v));
        let first = self.judge_model_id.as_deref();
        v.at("judging", |v| self.judging.check_beside(first, v));
        let by_us = self.evaluator == RuleEvaluator::Platform;
        v.require(
            !by_us || first.is_some() || !self.metrics.iter().any(|m| m.kind.needs_judge()),
            "judge_model_id",
            "is required by a metric",
        );
        // A score is known by its metric's name.
        for (i, metric) in self.metrics.iter().enumerate() {
            let name = metric.display_name();
            let twice = self
                .metrics
                .iter()
                .take(i)
                .any(|m| m.display_name() == name);
            v.at("metrics", |v| {
                v.at(i, |v| {
                    let message = format!("`{name}` is the name of another metric of the rule");
                    v.require(!(by_us && twice), "name", message);
                });
            });
        }
        v.texts("tags", &self.tags, 50, 200);
        if let Err(errors) = self.conditions() {
            v.pointers(errors);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn fields(more: Value) -> Vec<String> {
        let mut body =
            json!({"name": "r", "metrics": [{"kind": "latency", "params": {"max_ms": 1}}]});
        let (Some(all), Value::Object(more)) = (body.as_object_mut(), more) else {
            panic!("objects");
        };
        all.extend(more);
        let rule: EvaluationRuleSpec = serde_json::from_value(body).unwrap();
        let errors = rule.validate().err().unwrap_or_default();
        errors.into_iter().map(|e| e.field).collect()
    }

    #[test]
    fn metrics_that_need_a_judge_have_one_where_the_platform_measures() {
        let judged = json!([{"kind": "g_eval", "params": {"criteria": "polite"}}]);
        assert_eq!(fields(json!({"metrics": judged})), ["/judge_model_id"]);
        assert!(fields(json!({"metrics": judged, "judge_model_id": "m"})).is_empty());
        assert!(fields(json!({"metrics": judged, "evaluator": "external"})).is_empty());
        assert_eq!(
            fields(json!({"judging": {"panel": ["m"]}})),
            ["/judging/panel"]
        );
        let both = json!({"judge_model_id": "m", "judging": {"panel": ["m"]}});
        assert_eq!(fields(both), ["/judging/panel/0"]);
    }

    #[test]
    fn bounds_name_their_field() {
        assert!(fields(json!({})).is_empty());
        for (field, value) in [
            ("at_once", 0),
            ("at_once", 33),
            ("max_attempts", 0),
            ("max_attempts", 11),
        ] {
            assert_eq!(fields(json!({field: value})), [format!("/{field}")]);
        }
        let budget = json!({"daily_budget": {"cost_usd": -1.0, "judge_calls": u64::MAX}});
        let expected = ["/daily_budget/cost_usd", "/daily_budget/judge_calls"];
        assert_eq!(fields(budget), expected);
        let twice = json!([{"kind": "exact_match"}, {"kind": "exact_match"}]);
        assert_eq!(fields(json!({"metrics": twice})), ["/metrics/1/name"]);
        let named = json!([{"kind": "exact_match"}, {"kind": "exact_match", "name": "again"}]);
        assert!(fields(json!({"metrics": named})).is_empty());
    }
}
