//! What comes in, for who looks on: one row a batch, of the traces that had something new.
//!
//! Nothing is written while nobody looks on, which an instance learns every two seconds. The feed is not a log: what an
//! instance lost when it was ended, and what came in while nobody looked on, is in the lists.

use crate::clock;
use crate::config::Config;
use crate::db::{Db, ScopedDb};
use crate::ids::new_id;
use crate::log::log_error;
use crate::problem::Problem;
use assay_model::{Batch, Timestamp};
use std::cell::RefCell;
use std::collections::{BTreeSet, HashMap};

/// How long an instance believes what it knows of who looks on, in milliseconds.
const FRESH_MS: i64 = 2_000;
/// How long somebody is waited for who lost the connection, in milliseconds.
pub const WATCHED_MS: i64 = 600_000;
/// How long the feed is kept, in milliseconds.
pub const KEPT_MS: i64 = 900_000;
/// Workspaces that one instance knows of.
const WORKSPACES: usize = 1024;

thread_local! {
    /// By workspace: until when it is believed, in microseconds, and whether somebody looks on.
    static WATCHED: RefCell<HashMap<String, (i64, bool)>> = RefCell::new(HashMap::new());
}

async fn is_watched(config: &Config, workspace: &str, now: Timestamp) -> Result<bool, Problem> {
    let known = WATCHED.with_borrow(|all| all.get(workspace).copied());
    if let Some((until, watched)) = known
        && now.micros() < until
    {
        return Ok(watched);
    }
    let db = Db::open(config).await?;
    let sql = "SELECT 1 AS one FROM trace_watches WHERE workspace_id = $1 AND until > $2";
    let watched = !db
        .query(sql, [workspace.into(), now.into()])
        .await?
        .is_empty();
    WATCHED.with_borrow_mut(|all| {
        if all.len() >= WORKSPACES {
            all.clear();
        }
        let until = now.plus_millis(FRESH_MS).micros();
        all.insert(workspace.to_owned(), (until, watched));
    });
    Ok(watched)
}

/// Tells who looks on that these traces had something new. That this fails is no reason to refuse the batch.
pub(super) async fn tell(config: &Config, workspace: &str, batch: &Batch) {
    if let Err(problem) = told(config, workspace, batch).await {
        log_error(
            "traces",
            "",
            "who looks on was not told",
            &problem.to_string(),
        );
    }
}

async fn told(config: &Config, workspace: &str, batch: &Batch) -> Result<(), Problem> {
    let now = clock::now();
    if !is_watched(config, workspace, now).await? {
        return Ok(());
    }
    let traces: BTreeSet<&str> = batch
        .traces
        .iter()
        .map(|t| t.id.as_str())
        .chain(batch.observations.iter().map(|o| o.trace_id.as_str()))
        .chain(batch.scores.iter().map(|s| s.trace_id.as_str()))
        .filter(|id| !id.is_empty())
        .collect();
    if traces.is_empty() {
        return Ok(());
    }
    let list = serde_json::to_string(&traces).map_err(Problem::internal)?;
    let sql = "INSERT INTO trace_feed (workspace_id, at, id, traces) VALUES ($1, $2, $3, $4)";
    let params = [workspace.into(), now.into(), new_id().into(), list.into()];
    Db::open(config).await?.execute(sql, params).await?;
    Ok(())
}

/// Says that somebody looks on, for the next minutes, and forgets what is too old of the feed.
///
/// # Errors
/// When the relational store fails.
pub async fn watch(db: &ScopedDb) -> Result<(), Problem> {
    let now = clock::now();
    let sql = "INSERT INTO trace_watches (workspace_id, until) VALUES ($1, $2) \
               ON CONFLICT (workspace_id) DO UPDATE SET until = excluded.until";
    db.execute(sql, [now.plus_millis(WATCHED_MS).into()])
        .await?;
    let sql = "DELETE FROM trace_feed WHERE workspace_id = $1 AND at < $2";
    db.execute(sql, [now.plus_millis(-KEPT_MS).into()]).await?;
    Ok(())
}

/// A row of the feed.
#[derive(Debug, Clone)]
pub struct News {
    /// When.
    pub at: Timestamp,
    /// Its id.
    pub id: String,
    /// Traces that had something new.
    pub traces: Vec<String>,
}

/// What came in after a place, in order, at most so many rows.
///
/// # Errors
/// When the relational store fails.
pub async fn news(
    db: &ScopedDb,
    (at, id): (Timestamp, &str),
    limit: i64,
) -> Result<Vec<News>, Problem> {
    let sql = "SELECT at, id, traces FROM trace_feed WHERE workspace_id = $1 AND (at, id) > ($2, $3) \
               ORDER BY at, id LIMIT $4";
    let rows = db.query(sql, [at.into(), id.into(), limit.into()]).await?;
    rows.iter()
        .map(|row| {
            Ok(News {
                at: row.time("at")?,
                id: row.text("id")?,
                traces: row.json("traces")?,
            })
        })
        .collect()
}
