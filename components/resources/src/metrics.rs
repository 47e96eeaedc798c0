//! Metrics within items and scenarios, checked down to their parameters by the component that knows them.

use assay_edge::{Platform, Problem, chain};
use assay_graph::protocol::{CheckMetricsRequest, MetricList};
use assay_model::MetricSpec;

/// The list of `metrics` that stands at `pointer` in the client's request; `None` when it is empty.
pub(crate) fn list(pointer: String, metrics: &[MetricSpec]) -> Option<MetricList> {
    (!metrics.is_empty()).then(|| MetricList {
        pointer,
        metrics: metrics.to_vec(),
        single: false,
    })
}

/// Checks the parameters of all metrics in one call, and what of the workspace they name; none where there are none.
///
/// # Errors
/// A validation problem that names the wrong parameters.
pub(crate) async fn check(
    platform: &Platform,
    workspace: &str,
    lists: Vec<MetricList>,
) -> Result<(), Problem> {
    if lists.is_empty() {
        return Ok(());
    }
    let request = CheckMetricsRequest {
        workspace_id: workspace.to_owned(),
        lists,
    };
    chain::call(platform, "evaluator", "/internal/check-metrics", &request).await
}
