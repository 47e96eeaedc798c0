//! Scenarios.

use crate::metrics;
use crate::resource::Resource;
use assay_graph::protocol::MetricList;
use assay_model::ScenarioSpec;

/// Scenarios.
pub(crate) struct Scenarios;

impl Resource for Scenarios {
    type Spec = ScenarioSpec;
    const TABLE: &'static str = "scenarios";
    const NOUN: &'static str = "scenario";
    const VERSIONED: bool = true;

    fn name(spec: &ScenarioSpec) -> &str {
        &spec.name
    }

    fn description(spec: &ScenarioSpec) -> &str {
        &spec.situation
    }

    fn metrics(spec: &ScenarioSpec) -> Option<MetricList> {
        metrics::list("/metrics".into(), &spec.metrics)
    }
}
