//! Traces go when their workspace's time is over. A turn of the schedule takes a step in each workspace.

use assay_edge::db::ScopedDb;
use assay_edge::traces::{ListQuery, Sort, SortKey, TraceStore};
use assay_edge::{Ctx, PageQuery, Problem, clock, log_error};
use assay_model::{Filter, Operand, Operator};

/// Traces that one step takes.
const STEP: u32 = 200;
/// Steps that one turn takes in a workspace.
const STEPS: usize = 10;

/// How often a workspace is looked at when nothing is left to delete, in milliseconds.
const CLEARED_MS: i64 = 3_600_000;

const DAY_MS: i64 = 24 * 3_600_000;

/// Deletes what is too old; how many traces. One workspace's failure is no other's.
pub(crate) async fn enforce(ctx: &Ctx) -> Result<u64, Problem> {
    let sql = "SELECT workspace_id, retention_days FROM ingest_policies \
               WHERE retention_days IS NOT NULL AND COALESCE(cleared_at, 0) < $1";
    let due = clock::now().plus_millis(-CLEARED_MS);
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
    let query = ListQuery {
        filter: Filter::default().and("timestamp", Operator::Less, Operand::Time(before)),
        sort: Sort {
            key: SortKey::Time,
            descending: false,
        },
        offset: 0,
    };
    let page = PageQuery {
        limit: STEP,
        cursor: None,
    };
    let mut deleted = 0;
    for _ in 0..STEPS {
        let found = store.list_traces(&query, &page).await?;
        let ids: Vec<String> = found.data.into_iter().map(|r| r.trace.id).collect();
        if ids.is_empty() {
            let sql = "UPDATE ingest_policies SET cleared_at = $2 WHERE workspace_id = $1";
            db.execute(sql, [clock::now().into()]).await?;
            break;
        }
        deleted += store.erase(&db, &ids).await?.len() as u64;
    }
    Ok(deleted)
}
