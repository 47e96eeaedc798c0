//! The workspace's own metrics: kinds of the catalogue with their parameters, under a name.

use crate::schema::NAME;
use crate::{MetricSpec, Validate, Validator};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A metric of the workspace's library as a client writes it. Each change makes a version.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LibraryMetricSpec {
    /// Display name, unique in the workspace.
    #[schemars(length(min = 1, max = 200), regex(pattern = NAME))]
    pub name: String,
    /// For people.
    #[serde(default)]
    #[schemars(length(max = 10000))]
    pub description: String,
    /// The metric, as a campaign or an item takes it.
    pub metric: MetricSpec,
    /// Labels to filter by.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 50), inner(length(min = 1, max = 200)))]
    pub tags: Vec<String>,
}

impl LibraryMetricSpec {
    /// What every workspace's library begins with: each kind of metric that needs nothing of the workspace, and judges of
    /// what is asked for most.
    ///
    /// # Errors
    /// Never in a build that passed its tests.
    pub fn built_in() -> Result<Vec<Self>, serde_json::Error> {
        serde_json::from_str(include_str!("library.json"))
    }
}

impl Validate for LibraryMetricSpec {
    fn check(&self, v: &mut Validator) {
        v.name("name", &self.name, 200);
        v.longest("description", &self.description, 10_000);
        v.at("metric", |v| self.metric.check(v));
        v.texts("tags", &self.tags, 50, 200);
    }
}
