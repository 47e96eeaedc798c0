//! A node as it is written.

use assay_model::{MetricSpec, Validate, Validator};
use serde::Deserialize;
use serde_json::Value;

/// A node as it is written.
#[derive(Debug, Clone, Deserialize)]
#[serde(tag = "type", deny_unknown_fields)]
#[allow(
    clippy::enum_variant_names,
    reason = "the names are those of DeepEval's documents"
)]
pub(super) enum Node {
    TaskNode {
        instructions: String,
        output_label: String,
        label: Option<String>,
        evaluation_params: Option<Vec<String>>,
        turn_window: Option<(usize, usize)>,
        children: Vec<String>,
    },
    BinaryJudgementNode {
        criteria: String,
        label: Option<String>,
        evaluation_params: Option<Vec<String>>,
        turn_window: Option<(usize, usize)>,
        children: Vec<String>,
    },
    NonBinaryJudgementNode {
        criteria: String,
        label: Option<String>,
        evaluation_params: Option<Vec<String>>,
        turn_window: Option<(usize, usize)>,
        children: Vec<String>,
    },
    VerdictNode {
        verdict: Value,
        score: Option<f64>,
        child: Option<Child>,
    },
}

/// Where a verdict leads.
#[derive(Debug, Clone, Deserialize)]
#[serde(tag = "type", rename_all = "lowercase", deny_unknown_fields)]
pub(super) enum Child {
    Node {
        #[serde(rename = "ref")]
        to: String,
    },
    Metric {
        metric: MetricSpec,
    },
}

impl Node {
    /// The metric that it leads to.
    const fn metric(&self) -> Option<&MetricSpec> {
        match self {
            Self::VerdictNode {
                child: Some(Child::Metric { metric }),
                ..
            } => Some(metric),
            _ => None,
        }
    }

    /// Checks the metric that it leads to.
    pub(super) fn check_metric(&self, v: &mut Validator) {
        let Some(metric) = self.metric() else { return };
        v.at("child", |v| {
            v.at("metric", |v| {
                metric.check(v);
                crate::check_into(metric, v);
            });
        });
    }

    /// The fields of the case that it is shown.
    pub(super) fn fields(&self) -> &[String] {
        match self {
            Self::TaskNode {
                evaluation_params, ..
            }
            | Self::BinaryJudgementNode {
                evaluation_params, ..
            }
            | Self::NonBinaryJudgementNode {
                evaluation_params, ..
            } => evaluation_params.as_deref().unwrap_or_default(),
            Self::VerdictNode { .. } => &[],
        }
    }

    pub(super) const fn window(&self) -> Option<(usize, usize)> {
        match self {
            Self::TaskNode { turn_window, .. }
            | Self::BinaryJudgementNode { turn_window, .. }
            | Self::NonBinaryJudgementNode { turn_window, .. } => *turn_window,
            Self::VerdictNode { .. } => None,
        }
    }

    pub(super) fn children(&self) -> &[String] {
        match self {
            Self::TaskNode { children, .. }
            | Self::BinaryJudgementNode { children, .. }
            | Self::NonBinaryJudgementNode { children, .. } => children,
            Self::VerdictNode { .. } => &[],
        }
    }

    /// All that it leads to, by id.
    pub(super) fn next(&self) -> impl Iterator<Item = &str> {
        let child = match self {
            Self::VerdictNode {
                child: Some(Child::Node { to }),
                ..
            } => Some(to.as_str()),
            _ => None,
        };
        self.children().iter().map(String::as_str).chain(child)
    }

    pub(super) const fn is_task(&self) -> bool {
        matches!(self, Self::TaskNode { .. })
    }

    pub(super) const fn is_verdict(&self) -> bool {
        matches!(self, Self::VerdictNode { .. })
    }
}
