//! One step of a run.
//!
//! Answer 202, then: read the checkpoint, do the effect, write observations, write the next checkpoint, advance the row,
//! invoke the next step. A crash anywhere before the row advances repeats the step from the same checkpoint; after it,
//! the sweep invokes the next one. The checkpoint's key holds the lease's token, so that a step which lost its lease
//! cannot overwrite the winner's.

use crate::effects::{lease_ms, perform};
use crate::input::turn_limit;
use crate::observe;
use crate::pump;
use crate::run_rows::{self, Lease};
use assay_edge::db::{Db, Value};
use assay_edge::kv::Kv;
use assay_edge::traces::TraceStore;
use assay_edge::{
    Ctx, Platform, Problem, Reply, clock, forward, log_error, parse_json, random_bytes, reply,
};
use assay_graph::protocol::{CampaignSnapshot, RunItem};
use assay_graph::{Effect, Limits, RunState};
use assay_model::{
    Batch, CampaignSpec, ItemOutcome, Role, RunError, RunErrorKind, RunStatus, Timestamp,
};
use serde::{Deserialize, Serialize};
use std::cell::RefCell;
use std::collections::{HashSet, VecDeque};
use std::rc::Rc;

/// Lost leases after which a run is given up: something kills whoever works on it.
const MAX_RECOVERIES: i64 = 25;
/// How much longer than needed a lease is made, so that a run of quick steps needs one. A lost run waits as much longer.
const LEASE_HEADROOM_MS: i64 = 20_000;
/// Campaigns an instance remembers. They never change.
const REMEMBERED: usize = 8;

/// What is saved after each step.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Checkpoint {
    pub(crate) item_key: String,
    pub(crate) repetition: u32,
    pub(crate) item: RunItem,
    pub(crate) started_at: Timestamp,
    pub(crate) state: RunState,
}

/// A campaign as every step needs it.
struct Campaign {
    id: String,
    snapshot: CampaignSnapshot,
    concurrency: u32,
}

thread_local! {
    static CAMPAIGNS: RefCell<VecDeque<Rc<Campaign>>> = const { RefCell::new(VecDeque::new()) };
}

pub(crate) async fn step(mut ctx: Ctx) -> Result<Reply, Problem> {
    let body = ctx.bytes(64 << 10).await?;
    let lease: Lease = parse_json(&body)?;
    let platform = ctx.platform.clone();
    spin_sdk::wasip3::spawn(async move {
        if let Err(e) = take(&platform, &lease).await {
            log_error(
                "orchestrator",
                &lease.run_id,
                "a step failed and will be taken again",
                &e.to_string(),
            );
            // Best effort: without it the lease runs out by itself.
            if let Ok(db) = platform.db().await {
                let _ = run_rows::release(&db, &lease, clock::now().plus_millis(1000)).await;
            }
        }
    });
    Ok(reply::accepted())
}

async fn take(platform: &Platform, lease: &Lease) -> Result<(), Problem> {
    let db = platform.db().await?;
    let Some(mut cp) = checkpoint(&db, lease).await? else {
        return Ok(());
    };
    let campaign = campaign(&db, lease).await?;
    let traces = TraceStore::open(platform, &lease.workspace_id).await?;
    if lease.recoveries > MAX_RECOVERIES {
        return give_up(platform, &db, lease, &mut cp, &campaign).await;
    }
    let effect = cp.state.effect();
    let started = clock::now();
    let performed = perform(
        platform,
        &campaign.snapshot,
        &lease.run_id,
        &cp.item,
        &cp.state,
        effect,
    )
    .await?;
    let mut batch = if lease.seq == 0 {
        observe::begin(lease, &cp, &campaign.snapshot)
    } else {
        Batch::default()
    };
    let mut wait_ms = 0;
    if let Some(performed) = performed {
        let seen = observe::effect(
            lease,
            &cp.state,
            &campaign.snapshot,
            effect,
            &performed,
            (started, clock::now()),
        );
        batch.observations.extend(seen.observations);
        batch.scores.extend(seen.scores);
        let limits = Limits {
            max_turns: turn_limit(&campaign.snapshot, &cp.item),
            max_attempts: campaign.snapshot.max_attempts,
        };
        let jitter = random_bytes::<1>().map_or(0.5, |[b]| f64::from(b) / 256.0);
        let transition = cp.state.clone().apply(performed.event, limits, jitter);
        cp.state = transition.state;
        wait_ms = transition.wait_ms;
    }
    match cp.state.effect() {
        Effect::Finish(status) => {
            finish(platform, &db, lease, &cp, &campaign, status, &traces, batch).await
        }
        next => {
            let key = keep(platform, &traces, &batch, lease, &cp).await?;
            let lasts = lease_ms(&campaign.snapshot, &cp.item, next);
            let needed = clock::now().plus_millis(lasts.saturating_add_unsigned(wait_ms));
            let until = match lease.until {
                Some(held) if held >= needed => None,
                _ => Some(needed.plus_millis(LEASE_HEADROOM_MS)),
            };
            if !run_rows::advance(&db, lease, &key, until).await? {
                return Ok(());
            }
            if wait_ms > 0 {
                clock::sleep(wait_ms).await;
            }
            let next = Lease {
                seq: lease.seq + 1,
                checkpoint: Some(key),
                until: until.or(lease.until),
                ..lease.clone()
            };
            pump::hand_on(platform, &db, &next).await;
            Ok(())
        }
    }
}

/// The newest checkpoint, or the state before the first step. `None` when the lease is lost.
async fn checkpoint(db: &Db, lease: &Lease) -> Result<Option<Checkpoint>, Problem> {
    if let Some(key) = &lease.checkpoint {
        let found = Kv::open().await?.get(key).await?;
        return found
            .map(Some)
            .ok_or_else(|| Problem::internal(format!("checkpoint {key} is missing")));
    }
    let Some(row) = run_rows::load(db, lease).await? else {
        return Ok(None);
    };
    let state = RunState::start(&row.item.item);
    Ok(Some(Checkpoint {
        item_key: row.item_key,
        repetition: row.repetition,
        item: row.item,
        started_at: row.started_at,
        state,
    }))
}

/// Writes observations and checkpoint; their order is free, since neither counts before the row has advanced. The first
/// step names the trace, the others add to it.
async fn keep(
    platform: &Platform,
    traces: &TraceStore,
    batch: &Batch,
    lease: &Lease,
    cp: &Checkpoint,
) -> Result<String, Problem> {
    let observed = async {
        if lease.seq == 0 {
            traces.write(batch).await
        } else {
            traces.append(batch).await
        }
    };
    let ((), key) = futures::try_join!(observed, save(lease, cp))?;
    forward::queue(platform, &lease.workspace_id, batch, &HashSet::new()).await;
    Ok(key)
}

async fn save(lease: &Lease, cp: &Checkpoint) -> Result<String, Problem> {
    let token: String = lease.token.chars().rev().take(12).collect();
    let key = format!("run/{}/{}-{token}", lease.run_id, lease.seq + 1);
    Kv::open().await?.set(&key, cp).await?;
    Ok(key)
}

async fn campaign(db: &Db, lease: &Lease) -> Result<Rc<Campaign>, Problem> {
    if let Some(found) =
        CAMPAIGNS.with_borrow(|all| all.iter().find(|c| c.id == lease.campaign_id).cloned())
    {
        return Ok(found);
    }
    let sql = "SELECT spec, snapshot FROM campaigns WHERE workspace_id = $1 AND id = $2";
    let params: [Value; 2] = [
        lease.workspace_id.as_str().into(),
        lease.campaign_id.as_str().into(),
    ];
    let rows = db.query(sql, params).await?;
    let row = rows
        .first()
        .ok_or_else(|| Problem::internal(format!("campaign {} is missing", lease.campaign_id)))?;
    let spec: CampaignSpec = row.json("spec")?;
    let found = Rc::new(Campaign {
        id: lease.campaign_id.clone(),
        snapshot: row.json("snapshot")?,
        concurrency: spec.concurrency,
    });
    CAMPAIGNS.with_borrow_mut(|all| {
        all.truncate(REMEMBERED - 1);
        all.push_front(found.clone());
    });
    Ok(found)
}

#[allow(clippy::too_many_arguments, reason = "everything the last step knows")]
async fn finish(
    platform: &Platform,
    db: &Db,
    lease: &Lease,
    cp: &Checkpoint,
    campaign: &Campaign,
    status: RunStatus,
    traces: &TraceStore,
    mut batch: Batch,
) -> Result<(), Problem> {
    let now = clock::now();
    let outcome = outcome(lease, cp, status);
    let end = observe::end(lease, cp, &campaign.snapshot, &outcome, now);
    batch.traces = end.traces;
    batch.observations.extend(end.observations);
    let key = keep(platform, traces, &batch, lease, cp).await?;
    if run_rows::finish(db, lease, &key, &outcome, now).await? {
        pump::pump(
            platform,
            db,
            &lease.workspace_id,
            &lease.campaign_id,
            campaign.concurrency,
        )
        .await?;
    }
    Ok(())
}

async fn give_up(
    platform: &Platform,
    db: &Db,
    lease: &Lease,
    cp: &mut Checkpoint,
    campaign: &Campaign,
) -> Result<(), Problem> {
    cp.state.error = Some(RunError {
        kind: RunErrorKind::Internal,
        message: format!("given up: the step was lost {} times", lease.recoveries),
    });
    let outcome = outcome(lease, cp, RunStatus::Error);
    let key = lease.checkpoint.clone().unwrap_or_default();
    if run_rows::finish(db, lease, &key, &outcome, clock::now()).await? {
        pump::pump(
            platform,
            db,
            &lease.workspace_id,
            &lease.campaign_id,
            campaign.concurrency,
        )
        .await?;
    }
    Ok(())
}

fn outcome(lease: &Lease, cp: &Checkpoint, status: RunStatus) -> ItemOutcome {
    let state = &cp.state;
    ItemOutcome {
        run_id: lease.run_id.clone(),
        trace_id: lease.run_id.clone(),
        item_key: cp.item_key.clone(),
        repetition: cp.repetition,
        status,
        input: state.last(Role::User).map(str::to_owned),
        output: state.last(Role::Assistant).map(str::to_owned),
        expected_output: cp.item.item.expected_output.clone(),
        turns: state.user_turns,
        scores: state.scores.clone(),
        error: state.error.clone().or_else(|| metric_error(state, status)),
        latency_ms: state.latency_ms,
        cost_usd: state.cost_usd,
        usage: state.usage,
    }
}

/// A run that ended in error through its metrics says through which.
fn metric_error(state: &RunState, status: RunStatus) -> Option<RunError> {
    if status != RunStatus::Error {
        return None;
    }
    let broken = state
        .scores
        .iter()
        .find(|s| s.status == assay_model::MetricStatus::Error);
    let message = broken.map_or_else(
        || "no metric applies to this item".to_owned(),
        |s| format!("metric `{}` could not be computed: {}", s.name, s.reason),
    );
    Some(RunError {
        kind: RunErrorKind::Metric,
        message,
    })
}
