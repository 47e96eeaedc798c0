//! What a campaign with a budget has spent, and whether it may spend more.

use crate::effects::call_of;
use crate::run_rows::Lease;
use assay_edge::db::{Db, DbError, Row, Value};
use assay_edge::{Problem, clock};
use assay_graph::budget::{Cap, Spent, before_call};
use assay_model::{Budget, CampaignSpec};
use assay_scenario::{Act, Did};

/// The columns of [`read`].
pub(crate) const COLUMNS: &str = "spent_cost_usd, spent_tokens, spent_judge_calls, spent_calls, ran_ms, resumed_at, created_at, status";

/// What was spent until now.
pub(crate) fn read(row: &Row) -> Result<Spent, DbError> {
    let count = |column: &str| row.int(column).map(|n| u64::try_from(n).unwrap_or(0));
    let since = match row.opt_int("resumed_at")? {
        Some(at) => Some(at),
        // One that was never paused runs since it was made.
        None if row.text("status")? == "running" => Some(row.int("created_at")?),
        None => None,
    };
    let goes_on = since.map_or(0, |at| clock::now().micros().saturating_sub(at) / 1000);
    Ok(Spent {
        cost_usd: row.opt_real("spent_cost_usd")?.unwrap_or(0.0),
        tokens: count("spent_tokens")?,
        wall_ms: count("ran_ms")?.saturating_add_signed(goes_on.max(0)),
        judge_calls: count("spent_judge_calls")?,
        calls: count("spent_calls")?,
    })
}

/// The bound that an act could pass.
pub(crate) async fn cap(db: &Db, lease: &Lease, act: &Act) -> Result<Option<Cap>, Problem> {
    let sql = format!(
        "SELECT spec, {COLUMNS}, (SELECT count(*) FROM runs WHERE workspace_id = $1 AND campaign_id = $2 AND status = 'running') \
           AS under_way FROM campaigns WHERE workspace_id = $1 AND id = $2"
    );
    let params: [Value; 2] = [
        lease.workspace_id.as_str().into(),
        lease.campaign_id.as_str().into(),
    ];
    let rows = db.query(&sql, params).await?;
    let Some(row) = rows.first() else {
        return Ok(None);
    };
    let budget: Budget = row.json::<CampaignSpec>("spec")?.budget;
    let others = u64::try_from(row.int("under_way")? - 1).unwrap_or(0);
    let judges = matches!(act, Act::Evaluate { .. });
    Ok(before_call(&budget, &read(row)?, others, judges))
}

/// Adds what a call took.
pub(crate) async fn add(db: &Db, lease: &Lease, did: &Did) -> Result<(), Problem> {
    let (mut cost, mut tokens, mut judge_calls, mut calls) = (0.0, 0_u64, 0_i64, 0_i64);
    if let Some(call) = call_of(did) {
        calls += 1;
        cost += call.cost_usd.unwrap_or(0.0);
        tokens += call.usage.map_or(0, |u| u.total());
    }
    if let Did::Evaluated(results) = did {
        for result in results.iter().filter(|r| r.judge_model.is_some()) {
            judge_calls += 1;
            calls += 1;
            cost += result.cost_usd.unwrap_or(0.0);
            tokens += result.usage.map_or(0, |u| u.total());
        }
    }
    if calls == 0 {
        return Ok(());
    }
    let sql = "UPDATE campaigns SET spent_cost_usd = spent_cost_usd + $3, spent_tokens = spent_tokens + $4, \
               spent_judge_calls = spent_judge_calls + $5, spent_calls = spent_calls + $6 WHERE workspace_id = $1 AND id = $2";
    let params: [Value; 6] = [
        lease.workspace_id.as_str().into(),
        lease.campaign_id.as_str().into(),
        cost.into(),
        i64::try_from(tokens).unwrap_or(i64::MAX).into(),
        judge_calls.into(),
        calls.into(),
    ];
    db.execute(sql, params).await?;
    Ok(())
}

/// The campaign pauses, for a `reason` where it is not a person who has it pause. Whether it was running.
pub(crate) async fn pause(
    db: &Db,
    workspace: &str,
    campaign: &str,
    reason: Option<&str>,
) -> Result<bool, Problem> {
    let sql = "UPDATE campaigns SET status = 'paused', paused_reason = $3, \
               ran_ms = ran_ms + ($4 - COALESCE(resumed_at, created_at)) / 1000, resumed_at = NULL \
               WHERE workspace_id = $1 AND id = $2 AND status = 'running'";
    let params: [Value; 4] = [
        workspace.into(),
        campaign.into(),
        reason.into(),
        clock::now().into(),
    ];
    Ok(db.execute(sql, params).await? == 1)
}
