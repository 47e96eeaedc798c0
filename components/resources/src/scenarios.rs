//! Scenarios.

use crate::metrics;
use crate::resource::Resource;
use assay_model::{ScenarioSpec, Validator};

/// Scenarios.
pub(crate) struct Scenarios;

impl Resource for Scenarios {
    type Spec = ScenarioSpec;
    const TABLE: &'static str = "scenarios";
    const NOUN: &'static str = "scenario";

    fn name(spec: &ScenarioSpec) -> &str {
        &spec.name
    }

    fn check(spec: &ScenarioSpec, v: &mut Validator) {
        metrics::check(&spec.metrics, v);
    }
}
