//! Scoring of what a client sends.

use assay_model::{ContestSpec, Judging, MetricResult, MetricSpec, TestCase};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// One test case to score.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Evaluate {
    /// What is scored.
    pub(crate) case: TestCase,
    /// By which metrics.
    #[schemars(length(min = 1, max = 50))]
    pub(crate) metrics: Vec<MetricSpec>,
    /// The model that judges; needed by metrics that ask one.
    #[serde(default)]
    pub(crate) judge_model_id: Option<String>,
    /// How often metrics are judged, and by which models besides.
    #[serde(default)]
    pub(crate) judging: Judging,
    /// Passed to the model.
    #[serde(default)]
    pub(crate) seed: u64,
}

/// Verdicts, one a metric, in the order asked.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Verdicts {
    results: Vec<MetricResult>,
}

const fn yes() -> bool {
    true
}

/// Cases to score by the same metrics.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct EvaluateBatch {
    /// What is scored: at most 100 where a metric asks a judge, a program or a server.
    #[schemars(length(min = 1, max = 1000))]
    pub(crate) cases: Vec<TestCase>,
    /// By which metrics.
    #[schemars(length(min = 1, max = 50))]
    pub(crate) metrics: Vec<MetricSpec>,
    /// The model that judges; needed by metrics that ask one.
    #[serde(default)]
    pub(crate) judge_model_id: Option<String>,
    /// How often metrics are judged, and by which models besides.
    #[serde(default)]
    pub(crate) judging: Judging,
    /// Passed to the model.
    #[serde(default)]
    #[schemars(range(max = i64::MAX))]
    pub(crate) seed: u64,
}

/// Verdicts on cases, in the order asked.
#[derive(Serialize, JsonSchema)]
pub(crate) struct BatchVerdicts {
    cases: Vec<Verdicts>,
}

/// Answers to compare, and who does.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Compare {
    /// What is compared, and by what.
    pub(crate) contest: ContestSpec,
    /// The model that judges.
    pub(crate) judge_model_id: String,
    /// Whether answers to the same questions of before count.
    #[serde(default = "yes")]
    pub(crate) reuse: bool,
}
