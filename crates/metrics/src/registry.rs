//! What a metric has to offer, and where each kind's implementation is found.

use crate::{g_eval, judge::Judged, kinds};
use assay_model::{MetricKind, TestCase, Validator};
use serde_json::Value;

/// What is told of a kind in the catalogue.
#[derive(Debug, Clone)]
pub(crate) struct About {
    /// Display name.
    pub(crate) name: &'static str,
    /// One or two sentences for people: what is measured, and how the score comes about.
    pub(crate) description: &'static str,
    /// Fields of the test case without which there is no score; names as in [`crate::fields`].
    pub(crate) required_fields: &'static [&'static str],
    /// Threshold when the spec names none.
    pub(crate) default_threshold: f64,
    /// Counts up with every change that can change a score.
    pub(crate) version: u32,
    /// JSON Schema of the parameters; what it says is enforced.
    pub(crate) params_schema: Value,
}

/// A score and why.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Scored {
    /// Anything; what is not within `[0, 1]` ends as an error.
    pub(crate) score: f64,
    /// For a person.
    pub(crate) reason: String,
    /// How sure, in `[0, 1]`, when that is known.
    pub(crate) confidence: Option<f64>,
}

impl Scored {
    /// A score that computation alone has found.
    pub(crate) fn certain(score: f64, reason: impl Into<String>) -> Self {
        Self {
            score,
            reason: reason.into(),
            confidence: Some(1.0),
        }
    }
}

/// How a metric goes about a case.
pub(crate) enum Plan {
    /// No judge is needed.
    Scored(Scored),
    /// It cannot be scored, for this reason.
    Error(String),
    /// A judge must be asked.
    Judge(Box<dyn Judged>),
}

/// One kind of metric.
pub(crate) trait Metric: Sync {
    /// What is told of it.
    fn about(&self) -> About;

    /// Names what is wrong with `params` beyond what the schema tells; the schema holds for them already.
    fn check(&self, _params: &Value, _v: &mut Validator) {}

    /// Fields that these parameters make necessary.
    fn required_fields(&self, _params: &Value) -> Vec<String> {
        self.about()
            .required_fields
            .iter()
            .map(|&f| f.to_owned())
            .collect()
    }

    /// A threshold that the parameters force, above the spec's own.
    fn forced_threshold(&self, _params: &Value) -> Option<f64> {
        None
    }

    /// Scores `case`, or plans how. The required fields are present. `params` may be wrong in a stored spec: that is an
    /// error as well, not a panic.
    fn begin(&self, params: &Value, case: &TestCase) -> Plan;
}

/// The implementation of `kind`.
pub(crate) fn metric(kind: MetricKind) -> &'static dyn Metric {
    match kind {
        MetricKind::ExactMatch => &kinds::exact_match::ExactMatch,
        MetricKind::Regex => &kinds::regex::RegexMatch,
        MetricKind::Contains => &kinds::contains::Contains,
        MetricKind::JsonSchema => &kinds::json_schema::JsonSchema,
        MetricKind::Latency => &kinds::latency::Latency,
        MetricKind::Cost => &kinds::cost::Cost,
        MetricKind::ToolCorrectness => &kinds::tool_correctness::ToolCorrectness,
        MetricKind::GEval => &g_eval::GEval,
    }
}
