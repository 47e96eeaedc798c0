//! As much of `opentelemetry.proto.metrics.v1` as it takes to count data points.

use crate::json;
use serde::Deserialize;

/// How many data points a request has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct MetricsCount {
    /// All of them.
    pub data_points: u64,
    /// Those of metrics named `gen_ai.*`.
    pub gen_ai: u64,
}

/// `ExportMetricsServiceRequest`.
#[derive(Clone, PartialEq, prost::Message, Deserialize)]
#[serde(default)]
pub(crate) struct MetricsRequest {
    #[prost(message, repeated, tag = "1")]
    #[serde(
        rename = "resourceMetrics",
        alias = "resource_metrics",
        deserialize_with = "json::or_default"
    )]
    resource_metrics: Vec<ResourceMetrics>,
}

#[derive(Clone, PartialEq, prost::Message, Deserialize)]
#[serde(default)]
struct ResourceMetrics {
    #[prost(message, repeated, tag = "2")]
    #[serde(
        rename = "scopeMetrics",
        alias = "scope_metrics",
        deserialize_with = "json::or_default"
    )]
    scope_metrics: Vec<ScopeMetrics>,
}

#[derive(Clone, PartialEq, prost::Message, Deserialize)]
#[serde(default)]
struct ScopeMetrics {
    #[prost(message, repeated, tag = "2")]
    #[serde(deserialize_with = "json::or_default")]
    metrics: Vec<Metric>,
}

/// In the wire's terms a oneof; whoever sends two kinds of points has both counted.
#[derive(Clone, PartialEq, prost::Message, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Metric {
    #[prost(string, tag = "1")]
    #[serde(deserialize_with = "json::or_default")]
    name: String,
    #[prost(message, optional, tag = "5")]
    gauge: Option<Points>,
    #[prost(message, optional, tag = "7")]
    sum: Option<Points>,
    #[prost(message, optional, tag = "9")]
    histogram: Option<Points>,
    #[prost(message, optional, tag = "10")]
    #[serde(alias = "exponential_histogram")]
    exponential_histogram: Option<Points>,
    #[prost(message, optional, tag = "11")]
    summary: Option<Points>,
}

#[derive(Clone, PartialEq, prost::Message, Deserialize)]
#[serde(default)]
struct Points {
    #[prost(message, repeated, tag = "1")]
    #[serde(
        rename = "dataPoints",
        alias = "data_points",
        deserialize_with = "json::or_default"
    )]
    data_points: Vec<Point>,
}

/// A data point, nothing of which is read.
#[derive(Clone, PartialEq, prost::Message, Deserialize)]
#[serde(default)]
struct Point {}

impl MetricsRequest {
    pub(crate) fn count(&self) -> MetricsCount {
        let mut count = MetricsCount::default();
        let scopes = self.resource_metrics.iter().flat_map(|r| &r.scope_metrics);
        for metric in scopes.flat_map(|s| &s.metrics) {
            let kinds = [
                &metric.gauge,
                &metric.sum,
                &metric.histogram,
                &metric.exponential_histogram,
                &metric.summary,
            ];
            let points: u64 = kinds
                .into_iter()
                .flatten()
                .map(|points| points.data_points.len() as u64)
                .sum();
            count.data_points += points;
            if metric.name.starts_with("gen_ai.") {
                count.gen_ai += points;
            }
        }
        count
    }
}
