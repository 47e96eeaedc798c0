//! A campaign as every step of its runs needs it.

use crate::run_rows::{Lease, RunRow};
use assay_edge::Problem;
use assay_edge::db::{Db, Value};
use assay_graph::protocol::{AgentSnapshot, CampaignSnapshot, ModelSnapshot, RunItem};
use assay_model::{CampaignSpec, MetricSpec, PaceSpec, ScenarioGraph};
use assay_persona::max_calls;
use assay_scenario::Course;
use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;

/// Campaigns an instance remembers. They never change.
const REMEMBERED: usize = 8;
/// How long a program may take that waits for others of its instance, in milliseconds.
const PROGRAM_MS: u64 = 120_000;

/// A campaign.
pub(crate) struct Campaign {
    id: String,
    pub(crate) snapshot: CampaignSnapshot,
    pub(crate) concurrency: u32,
    pub(crate) priority: u32,
    pub(crate) pace: Option<PaceSpec>,
    /// Whether it has a budget; what that is may change.
    pub(crate) bounded: bool,
}

thread_local! {
    static CAMPAIGNS: RefCell<VecDeque<Rc<Campaign>>> = const { RefCell::new(VecDeque::new()) };
}

impl Campaign {
    /// The campaign of a run.
    pub(crate) async fn of(db: &Db, workspace: &str, id: &str) -> Result<Rc<Self>, Problem> {
        if let Some(found) = CAMPAIGNS.with_borrow(|all| all.iter().find(|c| c.id == id).cloned()) {
            return Ok(found);
        }
        let sql = "SELECT spec, snapshot FROM campaigns WHERE workspace_id = $1 AND id = $2";
        let params: [Value; 2] = [workspace.into(), id.into()];
        let rows = db.query(sql, params).await?;
        let row = rows
            .first()
            .ok_or_else(|| Problem::internal(format!("campaign {id} is missing")))?;
        let spec: CampaignSpec = row.json("spec")?;
        let found = Rc::new(Self {
            id: id.to_owned(),
            snapshot: row.json("snapshot")?,
            concurrency: spec.concurrency,
            priority: spec.priority,
            pace: spec.pace,
            bounded: !spec.budget.is_unbounded(),
        });
        CAMPAIGNS.with_borrow_mut(|all| {
            all.truncate(REMEMBERED - 1);
            all.push_front(found.clone());
        });
        Ok(found)
    }

    /// The agent that a run tests.
    ///
    /// # Errors
    /// When the snapshot has none in its place.
    pub(crate) fn agent(&self, place: usize) -> Result<&AgentSnapshot, Problem> {
        let agent = self.snapshot.agent(place);
        agent.ok_or_else(|| Problem::internal(format!("campaign {} has no agent {place}", self.id)))
    }

    /// Whether any of its agents streams its answers.
    pub(crate) fn streams(&self) -> bool {
        let mut agents = self.snapshot.agents.iter().chain(&self.snapshot.agent);
        agents.any(|agent| agent.spec.stream)
    }

    /// The places of all versions of an agent, as a list in SQL.
    pub(crate) fn places(&self, agent: &str) -> String {
        let all = self.snapshot.agents.iter().chain(&self.snapshot.agent);
        let places = all.enumerate().filter(|(_, a)| a.id == agent);
        let places: Vec<String> = places.map(|(place, _)| place.to_string()).collect();
        if places.is_empty() {
            return "-1".to_owned();
        }
        places.join(", ")
    }

    /// What a run of the campaign plays.
    pub(crate) fn course(&self, run_id: &str, row: &RunRow) -> Course {
        Course {
            run_id: run_id.to_owned(),
            repetition: row.repetition,
            seed: self.snapshot.seed,
            item: row.item.clone(),
            metrics: self.snapshot.metrics.clone(),
            max_turns: self.snapshot.max_turns,
            max_attempts: self.snapshot.max_attempts,
            trigger: self.snapshot.trigger.clone(),
        }
    }

    /// How long the longest effect of a run may take before the platform takes it for lost, in milliseconds.
    pub(crate) fn longest_effect_ms(&self, item: &RunItem) -> i64 {
        let margin = 30_000;
        let model = |m: Option<&ModelSnapshot>| m.map_or(0, |m| m.spec.timeout_ms);
        let snapshot = &self.snapshot;
        let judge = snapshot.judges().map(|m| model(Some(m))).max().unwrap_or(0);
        let agents = snapshot.agents.iter().chain(&snapshot.agent);
        let agents = agents.map(|a| a.spec.timeout_ms);
        let scenarios = || item.scenario.iter().chain(item.scenarios.values());
        let turns = scenarios().map(|s| {
            let calls = u64::from(max_calls(Some(s)));
            model(snapshot.player(Some(s))).saturating_mul(calls)
        });
        // Before the persona a judge may be asked for the outcome: without a schema, and once more where it was no verdict.
        let outcome = judge.saturating_mul(3);
        let graphs = scenarios().filter_map(|s| s.graph.as_ref());
        let runs_program = graphs
            .clone()
            .flat_map(ScenarioGraph::programs)
            .next()
            .is_some();
        // Those of a step go on side by side.
        let metrics = (snapshot.metrics.iter().chain(&item.item.metrics))
            .chain(scenarios().flat_map(|s| &s.metrics))
            .chain(graphs.flat_map(|g| &g.nodes).flat_map(|n| n.does.metrics()));
        let errands = metrics.map(MetricSpec::errand_ms).max().unwrap_or(0);
        // A few tries of a few calls of the judge, with waits between.
        let longest = turns
            .max()
            .unwrap_or(0)
            .saturating_add(outcome)
            .max(agents.max().unwrap_or(0))
            .max(judge.saturating_mul(8))
            .max(if runs_program { PROGRAM_MS } else { 0 })
            .max(errands);
        i64::try_from(longest)
            .unwrap_or(600_000)
            .saturating_add(margin)
    }
}

/// The campaign of a lease.
pub(crate) async fn of(db: &Db, lease: &Lease) -> Result<Rc<Campaign>, Problem> {
    Campaign::of(db, &lease.workspace_id, &lease.campaign_id).await
}
