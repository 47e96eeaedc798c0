//! A metric as data: its kind, parameters and threshold.

use crate::schema::{NAME, object_or_null};
use crate::{Validate, Validator};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The metrics that exist.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum MetricKind {
    /// The answer equals `expected_output`, trailing white space aside.
    ExactMatch,
    /// The answer matches a regular expression as a whole.
    Regex,
    /// The answer contains all (or any) of the given strings.
    Contains,
    /// The answer is JSON that satisfies a JSON Schema.
    JsonSchema,
    /// The answer came within a number of milliseconds.
    Latency,
    /// The conversation cost no more than a number of US dollars.
    Cost,
    /// The agent called the expected tools.
    ToolCorrectness,
    /// A model judges the answer by criteria (G-Eval).
    GEval,
}

impl MetricKind {
    /// Every kind, in the order of the catalogue.
    pub const ALL: [Self; 8] = [
        Self::ExactMatch,
        Self::Regex,
        Self::Contains,
        Self::JsonSchema,
        Self::Latency,
        Self::Cost,
        Self::ToolCorrectness,
        Self::GEval,
    ];

    /// The name on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ExactMatch => "exact_match",
            Self::Regex => "regex",
            Self::Contains => "contains",
            Self::JsonSchema => "json_schema",
            Self::Latency => "latency",
            Self::Cost => "cost",
            Self::ToolCorrectness => "tool_correctness",
            Self::GEval => "g_eval",
        }
    }

    /// Whether a judge model must be configured.
    #[must_use]
    pub const fn needs_judge(self) -> bool {
        matches!(self, Self::GEval)
    }
}

/// One metric as a campaign or an item asks for it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MetricSpec {
    /// Which metric.
    pub kind: MetricKind,
    /// Display name; the kind's name when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 100), regex(pattern = NAME))]
    pub name: Option<String>,
    /// The score at and above which a case passes; the kind's default when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0, max = 1))]
    pub threshold: Option<f64>,
    /// Parameters of the kind, an object; see `GET /api/v1/metrics` for each kind's schema.
    #[serde(default, skip_serializing_if = "Value::is_null")]
    #[schemars(schema_with = "object_or_null")]
    pub params: Value,
}

impl MetricSpec {
    /// A metric of `kind` with its defaults.
    #[must_use]
    pub const fn of(kind: MetricKind) -> Self {
        Self {
            kind,
            name: None,
            threshold: None,
            params: Value::Null,
        }
    }

    /// The name it reports under.
    #[must_use]
    pub fn display_name(&self) -> &str {
        self.name.as_deref().unwrap_or(self.kind.as_str())
    }
}

impl Validate for MetricSpec {
    fn check(&self, v: &mut Validator) {
        if let Some(name) = &self.name {
            v.name("name", name, 100);
        }
        if let Some(t) = self.threshold {
            v.range("threshold", t, 0.0, 1.0);
        }
        v.require(
            self.params.is_null() || self.params.is_object(),
            "params",
            "must be an object",
        );
    }
}
