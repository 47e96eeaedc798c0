//! The workspace's own metrics, each change a version. What a metric can be is told by `GET /api/v1/metrics`.

use crate::resource::Resource;
use assay_graph::protocol::MetricList;
use assay_model::LibraryMetricSpec;

/// The workspace's own metrics.
pub(crate) struct MetricLibrary;

impl Resource for MetricLibrary {
    type Spec = LibraryMetricSpec;
    const TABLE: &'static str = "metric_library";
    const NOUN: &'static str = "metric";
    const VERSIONED: bool = true;

    fn name(spec: &LibraryMetricSpec) -> &str {
        &spec.name
    }

    fn description(spec: &LibraryMetricSpec) -> &str {
        &spec.description
    }

    fn metrics(spec: &LibraryMetricSpec) -> Option<MetricList> {
        Some(MetricList {
            pointer: "/metric".into(),
            metrics: vec![spec.metric.clone()],
            single: true,
        })
    }
}
