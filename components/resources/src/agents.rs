//! Agents under test.

use crate::resource::Resource;
use assay_model::AgentSpec;

/// Agents under test.
pub(crate) struct Agents;

impl Resource for Agents {
    type Spec = AgentSpec;
    const TABLE: &'static str = "agents";
    const NOUN: &'static str = "agent";
    const VERSIONED: bool = true;
    const SECRET: Option<&'static str> = Some("credential");

    fn name(spec: &AgentSpec) -> &str {
        &spec.name
    }

    fn description(spec: &AgentSpec) -> &str {
        &spec.description
    }

    fn secrets(spec: &AgentSpec) -> Vec<(String, String)> {
        spec.secrets()
    }
}
