//! Answers of judges that are too old to be used again, or older than their workspace keeps what was said.

use assay_edge::Problem;
use assay_edge::clock;
use assay_edge::db::Db;

/// How long they are kept where the workspace keeps traces for as long: 30 days, in milliseconds.
const KEPT_MS: i64 = 30 * 24 * 3_600_000;
const DAY_US: i64 = 24 * 3_600_000_000;

/// Whether there are any.
pub(crate) async fn wait(db: &Db) -> Result<bool, Problem> {
    let now = clock::now();
    let sql = format!(
        "SELECT 1 AS one WHERE EXISTS (SELECT 1 FROM judge_answers WHERE created_at < $1) OR EXISTS ( \
           SELECT 1 FROM ingest_policies p JOIN judge_answers a ON a.workspace_id = p.workspace_id \
           AND a.created_at < CAST($2 AS BIGINT) - p.retention_days * {DAY_US})"
    );
    let params = [now.plus_millis(-KEPT_MS).into(), now.into()];
    Ok(!db.query(&sql, params).await?.is_empty())
}

/// Deletes them.
pub(crate) async fn forget(db: &Db) -> Result<(), Problem> {
    let now = clock::now();
    let sql = format!(
        "DELETE FROM judge_answers WHERE created_at < $1 OR EXISTS ( \
           SELECT 1 FROM ingest_policies p WHERE p.workspace_id = judge_answers.workspace_id \
           AND judge_answers.created_at < CAST($2 AS BIGINT) - p.retention_days * {DAY_US})"
    );
    let params = [now.plus_millis(-KEPT_MS).into(), now.into()];
    db.execute(&sql, params).await?;
    Ok(())
}
