//! A campaign from its start to its report, over the HTTP API.

use crate::api::{ApiError, Client};
use crate::cancel::Cancel;
use crate::dataset::Dataset;
use crate::progress::Progress;
use crate::report::Report;
use crate::{resources, term, waiting};
use anyhow::{Context, Result, bail};
use assay_model::{
    AgentSpec, Budget, CampaignSpec, CampaignStatus, CampaignSummary, Gate, GateVerdict,
    ItemOutcome, Judging, MetricSpec, ModelSpec, Validate,
};
use serde::Deserialize;
use std::collections::{BTreeSet, HashMap};
use std::time::{Duration, Instant};

/// How long a server may be away while a campaign is followed.
const PATIENCE: Duration = Duration::from_secs(60);

/// How long a cancelled campaign may take to come to rest.
const REST: Duration = Duration::from_secs(10);

/// All that a campaign is made from.
pub(crate) struct Plan {
    /// Its name.
    pub(crate) name: String,
    /// The agent under test.
    pub(crate) agent: AgentSpec,
    /// The agent's credential.
    pub(crate) credential: Option<String>,
    /// The items.
    pub(crate) dataset: Dataset,
    /// Metrics of every item.
    pub(crate) metrics: Vec<MetricSpec>,
    /// The model that judges, and its key.
    pub(crate) judge: Option<(ModelSpec, Option<String>)>,
    /// How often each item is run.
    pub(crate) repetitions: u32,
    /// How many runs go on at the same time.
    pub(crate) concurrency: u32,
    /// Most turns of the user in one run.
    pub(crate) max_turns: u32,
    /// How often one call of the target is tried.
    pub(crate) max_attempts: u32,
    /// Passed to models that take one.
    pub(crate) seed: u64,
    /// What must be reached.
    pub(crate) gate: Gate,
    /// Whether to stay while nothing goes on but that runs wait for somebody.
    pub(crate) waits: bool,
}

/// How following a campaign ended.
pub(crate) enum Outcome {
    /// It came to its end.
    Finished(Box<Report>),
    /// Its runs wait for somebody, and nobody waits for that; it goes on at the server.
    Waiting {
        /// The campaign's id.
        id: String,
        /// The counts.
        summary: CampaignSummary,
    },
    /// A person stopped it; this many of its runs had ended.
    Stopped {
        /// The campaign's id.
        id: String,
        /// The counts when it came to rest.
        summary: CampaignSummary,
    },
}

#[derive(Deserialize)]
struct Campaign {
    id: String,
    status: CampaignStatus,
    #[serde(default)]
    summary: CampaignSummary,
    #[serde(default)]
    verdict: Option<GateVerdict>,
    #[serde(default)]
    created_at: Option<String>,
}

impl Campaign {
    const fn is_over(&self) -> bool {
        matches!(
            self.status,
            CampaignStatus::Completed | CampaignStatus::Cancelled
        )
    }
}

/// Runs `plan` and follows it to its end.
///
/// # Errors
/// When the server refuses something, or goes away for long.
pub(crate) fn run(client: &Client, plan: &Plan, cancel: &Cancel) -> Result<Outcome> {
    let agent_id = resources::agent(client, &plan.agent, plan.credential.as_deref())?;
    let judge_model_id = match &plan.judge {
        Some((spec, key)) => Some(resources::model(client, spec, key.as_deref())?),
        None => None,
    };
    let (dataset_id, dataset) = resources::dataset(client, &plan.dataset)?;
    let spec = CampaignSpec {
        name: plan.name.clone(),
        agent_id,
        agents: Vec::new(),
        persona_ids: Vec::new(),
        budget: Budget::default(),
        pace: None,
        priority: 5,
        record: false,
        replay_of: None,
        dataset_id: Some(dataset_id),
        scenario_ids: Vec::new(),
        metrics: plan.metrics.clone(),
        judge_model_id,
        judging: Judging::default(),
        persona_model_id: None,
        repetitions: plan.repetitions,
        concurrency: plan.concurrency,
        max_turns: plan.max_turns,
        max_attempts: plan.max_attempts,
        seed: plan.seed,
        gate: plan.gate,
        tags: Vec::new(),
    };
    if let Err(errors) = spec.validate() {
        let list: Vec<String> = errors
            .iter()
            .map(|e| format!("{} {}", e.field.trim_start_matches('/'), e.message))
            .collect();
        bail!("{}", list.join("; "));
    }
    if cancel.is_set() {
        return Ok(Outcome::Stopped {
            id: String::new(),
            summary: CampaignSummary::default(),
        });
    }
    let started = Instant::now();
    let key = uuid::Uuid::now_v7().to_string();
    let campaign: Campaign = client
        .post("/api/v1/campaigns", &spec, Some(&key))
        .context("campaign")?;
    let Some(campaign) = follow(client, campaign, cancel, plan.waits)? else {
        bail!("the campaign has gone away")
    };
    if cancel.is_set() && campaign.status != CampaignStatus::Completed {
        return Ok(Outcome::Stopped {
            id: campaign.id,
            summary: campaign.summary,
        });
    }
    if !campaign.is_over() {
        return Ok(Outcome::Waiting {
            id: campaign.id,
            summary: campaign.summary,
        });
    }
    let duration_ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
    let report = Report {
        items: outcomes(client, &campaign.id, &plan.dataset)?,
        campaign_id: campaign.id,
        name: plan.name.clone(),
        target: plan.agent.url.clone(),
        dataset,
        server: client.base().to_owned(),
        status: campaign.status,
        verdict: campaign.verdict,
        gate: plan.gate,
        summary: campaign.summary,
        pass_rate: None,
        pass_rate_interval: None,
        metrics: Vec::new(),
        created_at: campaign.created_at,
        duration_ms,
    };
    Ok(Outcome::Finished(Box::new(report.complete())))
}

/// Asks after the campaign until it is over, or until it was cancelled and had its time to come to rest. Of runs that wait for
/// somebody it tells once; without `waits` that is the end of it.
fn follow(
    client: &Client,
    mut campaign: Campaign,
    cancel: &Cancel,
    waits: bool,
) -> Result<Option<Campaign>> {
    let path = format!("/api/v1/campaigns/{}", campaign.id);
    let mut progress = Progress::new(campaign.summary.total);
    let mut pause = Duration::from_millis(50);
    let mut heard = Instant::now();
    let mut deadline = None;
    let (mut told, mut settled) = (BTreeSet::new(), false);
    loop {
        progress.show(&campaign.summary);
        if campaign.is_over() || deadline.is_some_and(|end| Instant::now() >= end) {
            return Ok(Some(campaign));
        }
        let idle = waiting::is_idle(&campaign.summary) && deadline.is_none();
        settled &= idle;
        if idle && !settled {
            match waiting::look(client, &campaign.id) {
                Ok(found) => {
                    // What time answers may be followed by a question.
                    settled = !found.timed && !found.lines.is_empty();
                    let new = found.lines.into_iter();
                    for line in new.filter(|line| told.insert(line.clone())) {
                        progress.note(&line);
                    }
                    if settled && !waits {
                        return Ok(Some(campaign));
                    }
                }
                Err(e) if e.is_passing() => {}
                Err(e) => return Err(e).context("the runs that wait"),
            }
        }
        if cancel.is_set() && deadline.is_none() {
            progress.note(&format!(
                "stopping campaign {} (once more to leave at once)",
                campaign.id
            ));
            client
                .act(&format!("{path}/cancel"))
                .context("the campaign could not be cancelled")?;
            deadline = Some(Instant::now() + REST);
        }
        if deadline.is_some() {
            std::thread::sleep(Duration::from_millis(100));
        } else {
            cancel.sleep(pause);
            pause = (pause * 3 / 2).min(Duration::from_secs(1));
        }
        match client.get::<Campaign>(&path) {
            Ok(now) => {
                campaign = now;
                heard = Instant::now();
            }
            Err(e) if e.is_passing() && heard.elapsed() < PATIENCE => {
                progress.note(&format!(
                    "{e}; trying again (the campaign goes on at the server)"
                ));
            }
            Err(ApiError::Refused(problem)) if problem.status == 404 => return Ok(None),
            Err(e) => {
                return Err(e)
                    .with_context(|| format!("campaign {} cannot be followed", campaign.id));
            }
        }
    }
}

/// Every run's result, in the dataset's order.
fn outcomes(client: &Client, id: &str, dataset: &Dataset) -> Result<Vec<ItemOutcome>> {
    let mut out: Vec<ItemOutcome> = Vec::new();
    let path = format!("/api/v1/campaigns/{id}/runs?limit=100");
    let all = client.each(&path, |outcome| {
        out.push(outcome);
        Ok(())
    });
    all.context("results")?;
    let order: HashMap<&str, usize> = dataset
        .items
        .iter()
        .enumerate()
        .filter_map(|(i, item)| Some((item.key.as_deref()?, i)))
        .collect();
    out.sort_by_key(|o| {
        (
            order
                .get(o.item_key.as_str())
                .copied()
                .unwrap_or(usize::MAX),
            o.repetition,
        )
    });
    Ok(out)
}

/// What is said of a campaign that waits for somebody.
pub(crate) fn tell_waiting(id: &str, summary: &CampaignSummary) {
    term::note(format!(
        "campaign {id} goes on at the server; {} of {} runs wait",
        summary.waiting_for_person, summary.total
    ));
}

/// What is said of a campaign that a person stopped.
pub(crate) fn tell_stopped(id: &str, summary: &CampaignSummary) {
    if id.is_empty() {
        term::note("stopped before the campaign began");
    } else {
        term::note(format!(
            "campaign {id} is cancelled; {} of {} runs had ended",
            summary.passed + summary.failed + summary.error,
            summary.total
        ));
    }
}
