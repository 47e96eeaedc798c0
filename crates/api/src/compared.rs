//! Bodies of campaigns that are compared and judged by gates.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// One of two campaigns that are compared.
#[derive(Serialize, JsonSchema)]
pub(crate) struct ComparedCampaign {
    campaign_id: String,
    name: String,
    agent_id: String,
    agent_version: i64,
    /// How many runs it has of the agent.
    runs: u64,
    /// Results in which a person's word stands in place of the machine's.
    overridden: u64,
}

/// Whose scores are compared.
#[derive(Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum WhoseScores {
    /// People's where they said otherwise, machines' elsewhere.
    #[default]
    Effective,
    /// Machines' alone.
    Machine,
    /// People's alone: only what they said otherwise.
    Human,
}

/// How two campaigns compare.
#[derive(Serialize, JsonSchema)]
pub(crate) struct CampaignComparison {
    baseline: ComparedCampaign,
    candidate: ComparedCampaign,
    /// How sure intervals are.
    level: f64,
    /// Whose scores were compared.
    scores: WhoseScores,
    /// Whether runs pass as a whole, then each metric that both have.
    metrics: Vec<assay_experiment::Comparison>,
}

/// A campaign to be judged.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "described, not read")]
pub(crate) struct GateRequest {
    gate: assay_experiment::gate::Gate,
    /// The campaign that rules with `not_worse_by` compare with.
    #[serde(default)]
    baseline_id: Option<String>,
    /// Which agent's runs, where the campaign has several.
    #[serde(default)]
    agent_id: Option<String>,
    /// The same of the baseline.
    #[serde(default)]
    baseline_agent_id: Option<String>,
    /// Whose scores are judged.
    #[serde(default)]
    scores: WhoseScores,
}

/// What a gate says of a campaign.
#[derive(Serialize, JsonSchema)]
pub(crate) struct GateJudged {
    candidate: ComparedCampaign,
    baseline: Option<ComparedCampaign>,
    /// Whose scores were judged.
    scores: WhoseScores,
    report: assay_experiment::gate::Report,
}
