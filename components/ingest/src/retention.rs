//! Traces go when their workspace's time is over. A turn of the schedule takes a step in each workspace.

use assay_edge::db::ScopedDb;
use assay_edge::traces::TraceStore;
use assay_edge::traces::schedule::CLEARED_EVERY_MS;
use assay_edge::{Ctx, Problem, clock, log_error};
use assay_model::{Filter, Operand, Operator};

/// Steps that one turn takes in a workspace.
const STEPS: usize = 10;

const DAY_MS: i64 = 24 * 3_600_000;

/// Deletes what is too old; how many traces. One workspace's failure is no other's.
pub(crate) async fn enforce(ctx: &Ctx) -> Result<u64, Problem> {
    let sql = "SELECT workspace_id, retention_days FROM ingest_policies \
               WHERE retention_days IS NOT NULL AND COALESCE(cleared_at, 0) < $1";
    let due = clock::now().plus_millis(-CLEARED_EVERY_MS);
    let rows = ctx.platform.db().await?.query(sql, [due.into()]).await?;
    let mut deleted = 0;
    for row in rows {
        let (workspace, days) = (row.text("workspace_id")?, row.int("retention_days")?);
        match of_workspace(ctx, &workspace, days).await {
            Ok(n) => deleted += n,
            Err(problem) => log_error(
                ctx.component,
                &ctx.request_id,
                &format!("retention of workspace {workspace}"),
                &problem.to_string(),
            ),
        }
    }
    Ok(deleted)
}

async fn of_workspace(ctx: &Ctx, workspace: &str, days: i64) -> Result<u64, Problem> {
    let store = TraceStore::open(&ctx.platform, workspace).await?;
    let db = ScopedDb::for_internal(ctx.platform.db().await?, workspace.to_owned());
    let before = clock::now().plus_millis(-days.saturating_mul(DAY_MS));
    let old = Filter::default().and("timestamp", Operator::Less, Operand::Time(before));
    let (deleted, cleared) = store.erase_all(&db, old, STEPS).await?;
    if cleared {
        let sql = "UPDATE ingest_policies SET cleared_at = $2 WHERE workspace_id = $1";
        db.execute(sql, [clock::now().into()]).await?;
    }
    Ok(deleted)
}
