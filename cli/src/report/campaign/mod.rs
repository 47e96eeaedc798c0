//! A campaign as a document that people keep: what is known of it as a whole, and the forms.
//!
//! Runs come one after the other and are let go of: what stays is counts, scores, and the few runs that are shown.

pub(crate) mod csv;
mod figures;
pub(crate) mod html;
pub(crate) mod json;
pub(crate) mod markdown;
mod run_view;
pub(crate) mod select;
pub(crate) mod source;
pub(crate) mod summary;
mod svg;
pub(crate) mod tally;
pub(crate) mod text;
mod view;

#[cfg(test)]
mod fixtures;
#[cfg(test)]
mod tests;

use assay_experiment::Comparison;
use assay_model::{CampaignStatus, Gate, GateVerdict};
use serde::{Deserialize, Serialize};

/// What a campaign is, beside its runs.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct Head {
    /// Its id.
    pub(crate) id: String,
    /// Its name.
    pub(crate) name: String,
    /// Where it stands.
    pub(crate) status: CampaignStatus,
    /// What its own gate says; none while runs go on.
    pub(crate) verdict: Option<GateVerdict>,
    /// That gate.
    pub(crate) gate: Gate,
    /// When it was created, RFC 3339.
    pub(crate) created_at: String,
    /// When it ended.
    pub(crate) finished_at: Option<String>,
    /// How long it took, in milliseconds; none while it goes on.
    pub(crate) duration_ms: Option<i64>,
    /// The agents under test.
    pub(crate) agents: Vec<Named>,
    /// The dataset; none where scenarios were run.
    pub(crate) dataset: Option<Dataset>,
    /// How many scenarios were run.
    pub(crate) scenarios: usize,
    /// The model that judged.
    pub(crate) judge: Option<Named>,
    /// How often each item was run.
    pub(crate) repetitions: u32,
    /// Labels.
    pub(crate) tags: Vec<String>,
    /// The server that ran it.
    pub(crate) server: String,
    /// Only runs of this agent are told of.
    pub(crate) only_agent: Option<String>,
}

/// Something that has an id, and a name where it is still there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Named {
    /// Its id.
    pub(crate) id: String,
    /// Its name; none where it was deleted.
    pub(crate) name: Option<String>,
}

impl Named {
    /// The name, else the id.
    pub(crate) fn shown(&self) -> &str {
        self.name.as_deref().unwrap_or(&self.id)
    }
}

/// The dataset as it is now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Dataset {
    /// Which one.
    #[serde(flatten)]
    pub(crate) named: Named,
    /// Its version now; none where it was deleted.
    pub(crate) version: Option<i64>,
    /// Whether it was changed after the campaign had begun, so that this version is not what was run.
    pub(crate) changed_since: Option<bool>,
}

/// One side of a comparison.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Arm {
    pub(crate) campaign_id: String,
    pub(crate) name: String,
    pub(crate) agent_id: String,
    pub(crate) agent_version: i64,
    pub(crate) runs: u64,
}

/// How the campaign compares with another, as the server says.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Compared {
    pub(crate) baseline: Arm,
    pub(crate) candidate: Arm,
    pub(crate) level: f64,
    pub(crate) metrics: Vec<Comparison>,
}

/// What made the document.
pub(crate) const GENERATOR: &str = concat!("assay-cli/", env!("CARGO_PKG_VERSION"));
