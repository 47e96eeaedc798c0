//! What the server says of a campaign.

use super::{Compared, Dataset, Head, Named};
use crate::api::{ApiError, Client};
use anyhow::{Context, Result};
use assay_model::{CampaignStatus, Gate, GateVerdict, ItemOutcome, Message, Timestamp};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use url::form_urlencoded::Serializer;

/// Reads one campaign.
pub(crate) struct Source {
    client: Client,
    id: String,
    agent: Option<String>,
}

#[derive(Deserialize)]
struct Campaign {
    id: String,
    name: String,
    status: CampaignStatus,
    #[serde(default)]
    verdict: Option<GateVerdict>,
    spec: Spec,
    created_at: Timestamp,
    #[serde(default)]
    finished_at: Option<Timestamp>,
}

/// What is looked at of how it was set up. A later server may say more.
#[derive(Deserialize)]
#[serde(default)]
struct Spec {
    agent_id: String,
    agents: Vec<Id>,
    dataset_id: Option<String>,
    scenario_ids: Vec<String>,
    judge_model_id: Option<String>,
    repetitions: u32,
    gate: Gate,
    tags: Vec<String>,
}

impl Default for Spec {
    fn default() -> Self {
        Self {
            agent_id: String::new(),
            agents: Vec::new(),
            dataset_id: None,
            scenario_ids: Vec::new(),
            judge_model_id: None,
            repetitions: 1,
            gate: Gate::default(),
            tags: Vec::new(),
        }
    }
}

#[derive(Deserialize)]
struct Id {
    id: String,
}

/// What agents, models and datasets have in common.
#[derive(Deserialize)]
struct Resource {
    name: String,
    #[serde(default)]
    version: Option<i64>,
    #[serde(default)]
    updated_at: Option<Timestamp>,
}

impl Source {
    /// Of the campaign of this id; of one agent's runs where one is named.
    pub(crate) const fn new(client: Client, id: String, agent: Option<String>) -> Self {
        Self { client, id, agent }
    }

    /// What is known before any run is looked at.
    ///
    /// # Errors
    /// When the server does not say.
    pub(crate) fn head(&self) -> Result<Head> {
        let campaign: Campaign = self
            .client
            .get(&format!("/api/v1/campaigns/{}", self.id))
            .context("campaign")?;
        let spec = campaign.spec;
        let mut ids: Vec<String> = spec.agents.into_iter().map(|a| a.id).collect();
        if ids.is_empty() {
            ids.push(spec.agent_id);
        }
        if let Some(only) = &self.agent {
            ids.retain(|id| id == only);
        }
        ids.sort();
        ids.dedup();
        let agents = ids
            .into_iter()
            .map(|id| self.named("agents", id))
            .collect::<Result<Vec<_>>>()?;
        let dataset = match spec.dataset_id {
            Some(id) => Some(self.dataset(id, campaign.created_at)?),
            None => None,
        };
        let judge = match spec.judge_model_id {
            Some(id) => Some(self.named("models", id)?),
            None => None,
        };
        Ok(Head {
            id: campaign.id,
            name: campaign.name,
            status: campaign.status,
            verdict: campaign.verdict,
            gate: spec.gate,
            duration_ms: campaign
                .finished_at
                .map(|end| end.millis_since(campaign.created_at)),
            created_at: campaign.created_at.to_rfc3339(),
            finished_at: campaign.finished_at.map(Timestamp::to_rfc3339),
            agents,
            dataset,
            scenarios: spec.scenario_ids.len(),
            judge,
            repetitions: spec.repetitions,
            tags: spec.tags,
            server: self.client.base().to_owned(),
            only_agent: self.agent.clone(),
        })
    }

    /// Each run, in the campaign's order.
    ///
    /// # Errors
    /// When the server does not say, and those of `f`.
    pub(crate) fn each_run(&self, f: impl FnMut(ItemOutcome) -> Result<()>) -> Result<()> {
        let mut query = Serializer::new(String::new());
        query.append_pair("limit", "100");
        if let Some(agent) = &self.agent {
            query.append_pair("agent_id", agent);
        }
        let path = format!("/api/v1/campaigns/{}/runs?{}", self.id, query.finish());
        self.client.each(&path, f)
    }

    /// A run's conversation; none where the run is gone.
    ///
    /// # Errors
    /// When the server does not say.
    pub(crate) fn conversation(&self, run: &str) -> Result<Vec<Message>> {
        #[derive(Deserialize)]
        struct Run {
            #[serde(default)]
            messages: Vec<Message>,
        }
        let run: Option<Run> = self.found(&format!("/api/v1/runs/{run}"))?;
        Ok(run.map(|r| r.messages).unwrap_or_default())
    }

    /// How it compares with another campaign.
    ///
    /// # Errors
    /// When the server refuses to compare them.
    pub(crate) fn compared(
        &self,
        baseline: &str,
        baseline_agent: Option<&str>,
        level: f64,
    ) -> Result<Compared> {
        let mut query = Serializer::new(String::new());
        query.append_pair("baseline", baseline);
        query.append_pair("level", &level.to_string());
        if let Some(agent) = &self.agent {
            query.append_pair("agent_id", agent);
        }
        if let Some(agent) = baseline_agent {
            query.append_pair("baseline_agent_id", agent);
        }
        let path = format!("/api/v1/campaigns/{}/compare?{}", self.id, query.finish());
        self.client.get(&path).context("comparison")
    }

    fn named(&self, kind: &str, id: String) -> Result<Named> {
        let found: Option<Resource> = self.found(&format!("/api/v1/{kind}/{id}"))?;
        Ok(Named {
            id,
            name: found.map(|r| r.name),
        })
    }

    fn dataset(&self, id: String, begun: Timestamp) -> Result<Dataset> {
        let found: Option<Resource> = self.found(&format!("/api/v1/datasets/{id}"))?;
        Ok(Dataset {
            version: found.as_ref().and_then(|r| r.version),
            changed_since: found
                .as_ref()
                .and_then(|r| r.updated_at)
                .map(|at| at > begun),
            named: Named {
                id,
                name: found.map(|r| r.name),
            },
        })
    }

    /// What a path has; none where it is not there, or not for this key.
    fn found<T: DeserializeOwned>(&self, path: &str) -> Result<Option<T>> {
        match self.client.get(path) {
            Ok(found) => Ok(Some(found)),
            Err(ApiError::Refused(p)) if matches!(p.status, 403 | 404) => Ok(None),
            Err(e) => Err(e.into()),
        }
    }
}
