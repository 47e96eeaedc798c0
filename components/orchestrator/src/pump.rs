//! Keeps a campaign's runs going: claims queued ones while there is room, and ends the campaign after the last.

use crate::campaign::Campaign;
use crate::hooks::statuses;
use crate::run_rows::{self, Claim, Lease};
use crate::target_pace::Target;
use assay_edge::db::{Db, Value};
use assay_edge::{Platform, Problem, chain, clock, log_error, new_id};

/// A step's lease before its effect is known, in milliseconds.
pub(crate) const FIRST_LEASE_MS: i64 = 60_000;

/// Starts queued runs up to the campaign's concurrency, and as many as its agents have shown they can take. Returns how many were
/// started.
pub(crate) async fn pump(
    platform: &Platform,
    db: &Db,
    workspace: &str,
    campaign: &str,
) -> Result<usize, Problem> {
    let known = Campaign::of(db, workspace, campaign).await?;
    let mut most = 0_u32;
    for agent in known.snapshot.agents.iter().chain(&known.snapshot.agent) {
        let target = Target::of(&known, workspace, &agent.id);
        most = most.saturating_add(target.at_once(db).await?);
    }
    let most = most.min(known.concurrency);
    let now = clock::now();
    let token = new_id();
    let claim = Claim {
        workspace,
        campaign,
        most,
        priority: known.priority,
        token: &token,
        now,
        until: now.plus_millis(FIRST_LEASE_MS),
    };
    let leases = run_rows::claim_queued(db, &claim).await?;
    for lease in &leases {
        hand_on(platform, db, lease).await;
    }
    if leases.is_empty() {
        complete(db, workspace, campaign).await?;
        Box::pin(others(platform, db, workspace, known.priority)).await?;
    }
    Ok(leases.len())
}

/// Campaigns that had to wait for one with a higher priority.
async fn others(
    platform: &Platform,
    db: &Db,
    workspace: &str,
    priority: u32,
) -> Result<(), Problem> {
    let sql = "SELECT c.id FROM campaigns c WHERE c.workspace_id = $1 AND c.status = 'running' AND c.priority < $2 AND EXISTS ( \
                 SELECT 1 FROM runs r WHERE r.workspace_id = $1 AND r.campaign_id = c.id AND r.status = 'queued') \
               AND NOT EXISTS ( \
                 SELECT 1 FROM runs r WHERE r.workspace_id = $1 AND r.campaign_id = c.id AND r.status = 'running') \
               ORDER BY c.priority DESC LIMIT 10";
    let params: [Value; 2] = [workspace.into(), i64::from(priority).into()];
    for row in db.query(sql, params).await? {
        pump(platform, db, workspace, &row.text("id")?).await?;
    }
    Ok(())
}

/// Invokes the next step of a run. When that fails the lease is given back and the sweep tries again.
pub(crate) async fn hand_on(platform: &Platform, db: &Db, lease: &Lease) {
    if let Err(e) = chain::next(platform, "orchestrator", "/internal/step", lease).await {
        log_error(
            "orchestrator",
            &lease.run_id,
            "the next step could not be invoked",
            &e.to_string(),
        );
        if let Err(e) = run_rows::release(db, lease, clock::now().plus_millis(1000)).await {
            log_error(
                "orchestrator",
                &lease.run_id,
                "the lease could not be given back",
                &e.to_string(),
            );
        }
    }
}

/// Goes on with a run that waited for a time that has come.
pub(crate) async fn wake(
    platform: &Platform,
    db: &Db,
    workspace: &str,
    run: &str,
) -> Result<(), Problem> {
    let now = clock::now();
    let until = now.plus_millis(FIRST_LEASE_MS);
    if let Some(lease) = run_rows::claim_due(db, workspace, run, &new_id(), now, until).await? {
        hand_on(platform, db, &lease).await;
    }
    Ok(())
}

/// Ends the campaign when none of its runs is open.
async fn complete(db: &Db, workspace: &str, campaign: &str) -> Result<(), Problem> {
    let sql = "UPDATE campaigns SET status = 'completed', finished_at = $3 \
               WHERE workspace_id = $1 AND id = $2 AND status = 'running' AND NOT EXISTS ( \
                 SELECT 1 FROM runs WHERE workspace_id = $1 AND campaign_id = $2 AND forked_from IS NULL \
                   AND status IN ('queued', 'running', 'waiting_for_person', 'paused'))";
    let params: [Value; 3] = [workspace.into(), campaign.into(), clock::now().into()];
    if db.execute(sql, params).await? > 0 {
        statuses::in_background(campaign);
    }
    Ok(())
}
