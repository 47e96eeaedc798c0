//! Metrics within items and scenarios, checked down to their parameters.

use assay_model::{MetricSpec, Validator};

/// Checks the parameters of each of `metrics`, which stand at `metrics` below the current path.
pub(crate) fn check(metrics: &[MetricSpec], v: &mut Validator) {
    v.at("metrics", |v| {
        for (i, metric) in metrics.iter().enumerate() {
            v.at(i, |v| assay_metrics::check_into(metric, v));
        }
    });
}
