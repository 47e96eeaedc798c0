//! Scenarios.

use crate::resource::Resource;
use assay_model::{MetricSpec, ScenarioSpec};

/// Scenarios.
pub(crate) struct Scenarios;

impl Resource for Scenarios {
    type Spec = ScenarioSpec;
    const TABLE: &'static str = "scenarios";
    const NOUN: &'static str = "scenario";

    fn name(spec: &ScenarioSpec) -> &str {
        &spec.name
    }

    fn metrics(spec: &ScenarioSpec) -> &[MetricSpec] {
        &spec.metrics
    }
}
