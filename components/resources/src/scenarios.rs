//! Scenarios.

use crate::metrics;
use crate::resource::Resource;
use assay_edge::Problem;
use assay_graph::protocol::MetricList;
use assay_model::{NodeKind, ScenarioGraph, ScenarioSpec, Validator};

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

    fn metrics(spec: &ScenarioSpec) -> Vec<MetricList> {
        let nodes = spec
            .graph
            .iter()
            .flat_map(|graph| graph.nodes.iter().enumerate());
        let within = nodes.filter_map(|(i, node)| match &node.does {
            NodeKind::Evaluate { metrics } => {
                metrics::list(format!("/graph/nodes/{i}/does/metrics"), metrics)
            }
            NodeKind::Expectation { metric, .. } => Some(MetricList {
                pointer: format!("/graph/nodes/{i}/does/metric"),
                metrics: vec![metric.clone()],
                single: true,
            }),
            _ => None,
        });
        let own = metrics::list("/metrics".into(), &spec.metrics);
        own.into_iter().chain(within).collect()
    }

    fn check(spec: &ScenarioSpec) -> Result<(), Problem> {
        let mut v = Validator::default();
        assay_scenario::check(spec, &mut v);
        v.finish().map_err(Problem::validation)
    }

    fn programs(spec: &ScenarioSpec) -> Vec<(String, &str)> {
        let named = spec.graph.iter().flat_map(ScenarioGraph::programs);
        named
            .map(|(pointer, id)| (format!("/graph{pointer}"), id))
            .collect()
    }

    fn references(spec: &ScenarioSpec) -> Vec<(String, &str)> {
        let within = spec.graph.iter().flat_map(ScenarioGraph::sub_scenarios);
        within
            .map(|(pointer, id)| (format!("/graph{pointer}"), id))
            .collect()
    }

    fn secrets(spec: &ScenarioSpec) -> Vec<(String, String)> {
        let named = spec.graph.iter().flat_map(ScenarioGraph::secrets);
        named
            .map(|(pointer, secret)| (format!("/graph{pointer}"), secret))
            .collect()
    }

    fn models(spec: &ScenarioSpec) -> Vec<(String, &str)> {
        let model = spec.persona.as_ref().and_then(|p| p.model.as_deref());
        let model = model.map(|id| ("/persona/model".into(), id));
        model.into_iter().collect()
    }
}
