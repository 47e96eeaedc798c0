//! The words of agents while their answers stream, for whoever looks on at a run or a campaign.
//!
//! Whoever looks on says so; whoever calls an agent finds that, and writes what the agent has said so far (`assay_graph::live`). What is
//! told of it has no id: it is no event of the run, and is forgotten when the answer is there. A store that is away costs words, and
//! nothing else.

use crate::campaign::Campaign;
use assay_edge::db::ScopedDb;
use assay_edge::kv::Kv;
use assay_edge::sse::{self, Look};
use assay_edge::{Platform, Problem, clock};
use assay_graph::live::{Onlookers, RENEW_EVERY_MS, SoFar, Told};
use assay_model::Timestamp;
use assay_scenario::events::Asked;
use serde_json::json;
use std::collections::HashMap;

/// Most answers that are looked into at once.
const MOST_ANSWERS: usize = 200;

/// What one connection was told of answers that stream.
pub(super) struct Live {
    workspace: String,
    campaign: String,
    /// What is looked at: the run, or the campaign.
    id: String,
    /// When it was said last that somebody looks on.
    said: Option<Timestamp>,
    /// By run and task.
    told: HashMap<(String, String), Told>,
}

impl Live {
    /// For a connection that looks at the run, or the campaign, of that id; `None` where no agent of the campaign streams.
    ///
    /// # Errors
    /// When the campaign cannot be read.
    pub(super) async fn of(
        platform: &Platform,
        db: &ScopedDb,
        campaign: &str,
        id: &str,
    ) -> Result<Option<Self>, Problem> {
        let system = platform.db().await?;
        let found = Campaign::of(&system, db.workspace(), campaign).await?;
        Ok(found.streams().then(|| Self {
            workspace: db.workspace().to_owned(),
            campaign: campaign.to_owned(),
            id: id.to_owned(),
            said: None,
            told: HashMap::new(),
        }))
    }

    /// Says that somebody looks on, where that was not said just now.
    pub(super) async fn looks_on(&mut self) {
        let now = clock::now();
        let due = |at: Timestamp| now.millis_since(at) >= RENEW_EVERY_MS;
        if !self.said.is_none_or(due) {
            return;
        }
        let key = Onlookers::key(&self.workspace, &self.campaign);
        let said = async {
            let kv = Kv::open().await?;
            // One that cannot be read is of another version: it is written anew.
            let found = kv.get::<Onlookers>(&key).await.ok().flatten();
            let mut onlookers = found.unwrap_or_default();
            onlookers.add(&self.id, now);
            kv.set(&key, &onlookers).await
        };
        if said.await.is_ok() {
            self.said = Some(now);
        }
    }

    /// What is new of the answers to these tasks, of runs with the step that each is in.
    pub(super) async fn words<'r>(
        &mut self,
        runs: impl IntoIterator<Item = (&'r str, i64, &'r [Asked])>,
    ) -> Look {
        let asked = runs.into_iter().flat_map(|(run, step, asked)| {
            let asked = asked.iter();
            asked.map(move |asked| (run, step, asked))
        });
        let asked: Vec<_> = asked.take(MOST_ANSWERS).collect();
        if asked.is_empty() {
            self.told.clear();
            return Look::Nothing;
        }
        let Ok(kv) = Kv::open().await else {
            return Look::Nothing;
        };
        let mut before = std::mem::take(&mut self.told);
        let mut text = String::new();
        for (run, step, asked) in asked {
            let place = (run.to_owned(), asked.task.to_string());
            let mut told = before.remove(&place).unwrap_or_default();
            let key = SoFar::key(&self.workspace, run, &asked.task);
            let found = kv.get::<SoFar>(&key).await.ok().flatten();
            // One of another step is what a crash has left behind.
            let found = found.filter(|so_far| so_far.step == step);
            if let Some(so_far) = found
                && let Some(words) = told.news(&so_far)
            {
                let data = json!({
                    "event": "token", "run_id": run, "node": asked.node, "task": asked.task, "turn": so_far.turn,
                    "offset": words.offset, "text": words.text,
                });
                text.push_str(&sse::event("token", None, &data.to_string()));
            }
            self.told.insert(place, told);
        }
        if text.is_empty() {
            Look::Nothing
        } else {
            Look::Events(text)
        }
    }
}
