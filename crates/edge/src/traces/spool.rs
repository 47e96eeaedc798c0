//! The durable spool: batches that were acknowledged while the trace store did not take them.
//!
//! It lives in the relational store. A batch keeps the time at which it was received, so that its replay changes
//! nothing that was received later; two instances that drain at once do the same work twice, to no harm.

use super::{Named, Patience, StoreError, TraceStore, capacity, feed};
use crate::clock;
use crate::config::Config;
use crate::db::{Db, DbError};
use crate::ids::new_id;
use crate::log::log_error;
use crate::platform::{Platform, platform};
use crate::problem::{Problem, ProblemKind};
use assay_model::{Batch, Timestamp};
use futures::future::join_all;
use std::cell::Cell;

/// How long a store that failed is left alone by this instance, in milliseconds: every write would wait for it.
const LEAVE_ALONE_MS: i64 = 5_000;
/// After so many refusals, for other reasons than being down, a batch is left for a person to look at.
const MAX_ATTEMPTS: i64 = 10;
/// When who finds the spool full is to try again, in seconds.
const FULL_RETRY_S: u64 = 5;
/// Bytes of batches that are replayed at once; a single one may be as large as a body.
const AT_ONCE: i64 = 4 << 20;
/// Most batches that are replayed at once.
const MOST_AT_ONCE: i64 = 16;

thread_local! {
    /// Whether there may be batches to replay: another instance may have left some before this one began.
    static FILLED: Cell<bool> = const { Cell::new(true) };
    /// Whether this instance is draining.
    static DRAINING: Cell<bool> = const { Cell::new(false) };
    /// Until when the store is left alone, in microseconds.
    static DOWN_UNTIL: Cell<i64> = const { Cell::new(0) };
}

/// Whether the store failed a moment ago.
pub(super) fn store_is_down(now: Timestamp) -> bool {
    now.micros() < DOWN_UNTIL.get()
}

/// What a drain did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize)]
pub struct Drained {
    /// Batches that are now in the trace store.
    pub replayed: u64,
    /// Batches that still wait, among them those that the store keeps refusing.
    pub waiting: u64,
}

/// Keeps a batch that the store did not take.
pub(super) async fn put(
    config: &Config,
    workspace: &str,
    batch: &Batch,
    received: Timestamp,
    why: &StoreError,
) -> Result<(), Problem> {
    // Told once, not with every batch while the store is left alone.
    if !store_is_down(received) {
        log_error("traces", "", "batches go to the spool", &why.to_string());
        if matches!(why, StoreError::Unavailable(_)) {
            DOWN_UNTIL.set(clock::now().plus_millis(LEAVE_ALONE_MS).micros());
        }
    }
    let json = serde_json::to_string(batch).map_err(Problem::internal)?;
    let bytes = i64::try_from(json.len()).unwrap_or(i64::MAX);
    let kept = async {
        let db = Db::open(config).await?;
        if !capacity::take(&db, bytes, config.spool_bytes).await? {
            return Ok(false);
        }
        let sql = "INSERT INTO trace_spool (workspace_id, id, batch, attempts, last_error, created_at) \
                   VALUES ($1, $2, $3, 0, $4, $5)";
        let params = [
            workspace.into(),
            new_id().into(),
            json.into(),
            why.to_string().into(),
            received.into(),
        ];
        db.execute(sql, params).await.map(|_| true)
    };
    let kept: Result<bool, DbError> = kept.await;
    FILLED.set(true);
    match kept {
        Ok(true) => Ok(()),
        Ok(false) => Err(Problem::new(
            ProblemKind::StoreUnavailable,
            "The trace store is not available and its spool is full. Try again.",
        )
        .retry_after(FULL_RETRY_S)
        .caused_by(format!("{why}; spool: full"))),
        Err(e) => Err(Problem::new(
            ProblemKind::StoreUnavailable,
            "Neither the trace store nor its spool takes the batch. Try again.",
        )
        .retry_after(1)
        .caused_by(format!("{why}; spool: {e}"))),
    }
}

/// After a write that the store took: brings in what waits, when the answer is out.
pub(super) fn drain_later() {
    if !FILLED.get() || DRAINING.get() {
        return;
    }
    spin_sdk::wasip3::spawn(async {
        let drained = async { drain(&*platform().await?).await };
        if let Err(problem) = drained.await {
            log_error(
                "traces",
                "",
                "the spool was not drained",
                &problem.to_string(),
            );
        }
    });
}

/// Replays what waits, of every workspace, in the order in which it was received. Stops when a batch that is tried alone
/// finds the store down.
///
/// # Errors
/// When the relational store fails; a trace store that is still down is no error.
pub async fn drain(platform: &Platform) -> Result<Drained, Problem> {
    run(&platform.config, None)
        .await
        .map(|(drained, _)| drained)
}

/// Replays what waits of one workspace; fails when something is left because the store is down.
pub(super) async fn drain_workspace(config: &Config, workspace: &str) -> Result<(), Problem> {
    match run(config, Some(workspace)).await? {
        (_, Some(down)) => Err(down.into()),
        (_, None) => Ok(()),
    }
}

/// Marks this instance as draining for as long as it lives.
struct Draining;

impl Draining {
    fn begin() -> Self {
        DRAINING.set(true);
        Self
    }
}

impl Drop for Draining {
    fn drop(&mut self) {
        DRAINING.set(false);
    }
}

async fn run(
    config: &Config,
    workspace: Option<&str>,
) -> Result<(Drained, Option<StoreError>), Problem> {
    let _draining = Draining::begin();
    // Batches that other requests spool meanwhile set the flag again.
    FILLED.set(false);
    let result = replay(config, workspace.unwrap_or_default()).await;
    capacity::forget();
    if workspace.is_some() || !matches!(result, Ok((_, None))) {
        FILLED.set(true);
    }
    result
}

/// A batch that waits.
struct Waiting {
    workspace: String,
    id: String,
    received: Timestamp,
}

/// What became of one.
enum Outcome {
    Replayed,
    Refused,
    Down(StoreError),
}

async fn replay(
    config: &Config,
    workspace: &str,
) -> Result<(Drained, Option<StoreError>), Problem> {
    let db = Db::open(config).await?;
    let mut drained = Drained::default();
    let (mut after_time, mut after_id) = (i64::MIN, String::new());
    // A store that has just come back, or is slow, takes one where it would not take many: so one is tried first, then twice
    // as many each time, and one again when that was too much. As long as it takes any, the spool becomes emptier.
    let mut at_once = 1;
    let mut down = None;
    while down.is_none() {
        let sql = "SELECT workspace_id, id, CAST(octet_length(batch) AS BIGINT) AS size, created_at FROM trace_spool \
                   WHERE attempts < $1 AND ($2 = '' OR workspace_id = $2) AND (created_at, id) > ($3, $4) \
                   ORDER BY created_at, id LIMIT $5";
        let params = [
            MAX_ATTEMPTS.into(),
            workspace.into(),
            after_time.into(),
            after_id.as_str().into(),
            at_once.into(),
        ];
        let mut waiting = Vec::new();
        let mut size = 0;
        for row in db.query(sql, params).await? {
            size += row.int("size")?;
            if size > AT_ONCE && !waiting.is_empty() {
                break;
            }
            waiting.push(Waiting {
                workspace: row.text("workspace_id")?,
                id: row.text("id")?,
                received: row.time("created_at")?,
            });
        }
        let Some(last) = waiting.last() else { break };
        // At once, which the times of receipt make the same as one after the other.
        let mut missed = None;
        for outcome in join_all(waiting.iter().map(|w| one(config, w))).await {
            match outcome? {
                Outcome::Replayed => drained.replayed += 1,
                Outcome::Refused => {}
                Outcome::Down(why) => missed = Some(why),
            }
        }
        match missed {
            None => {
                (after_time, after_id) = (last.received.micros(), last.id.clone());
                at_once = (at_once * 2).min(MOST_AT_ONCE);
            }
            Some(_) if waiting.len() > 1 => at_once = 1,
            why => down = why,
        }
    }
    let count = "SELECT count(*) AS n FROM trace_spool WHERE ($1 = '' OR workspace_id = $1)";
    let rows = db.query(count, [workspace.into()]).await?;
    let waiting = rows
        .first()
        .map(|r| r.int("n"))
        .transpose()?
        .unwrap_or_default();
    drained.waiting = u64::try_from(waiting).unwrap_or_default();
    Ok((drained, down))
}

async fn one(config: &Config, waiting: &Waiting) -> Result<Outcome, Problem> {
    let db = Db::open(config).await?;
    let key = || {
        [
            waiting.workspace.as_str().into(),
            waiting.id.as_str().into(),
        ]
    };
    let sql = "SELECT batch FROM trace_spool WHERE workspace_id = $1 AND id = $2";
    let rows = db.query(sql, key()).await?;
    // Another instance was quicker.
    let Some(row) = rows.first() else {
        return Ok(Outcome::Replayed);
    };
    let replayed = match row.json::<Batch>("batch") {
        Ok(batch) => {
            let store = TraceStore::configured(config, &waiting.workspace)?;
            let (received, named) = (waiting.received, Named::Perhaps);
            let put = store.put(&batch, received, named, Patience::Spool).await;
            if put.is_ok() {
                feed::tell(config, &waiting.workspace, &batch).await;
            }
            put
        }
        Err(e) => Err(StoreError::Other(e.to_string())),
    };
    match replayed {
        Ok(()) => {
            DOWN_UNTIL.set(0);
            let sql = "DELETE FROM trace_spool WHERE workspace_id = $1 AND id = $2";
            db.execute(sql, key()).await?;
            Ok(Outcome::Replayed)
        }
        Err(StoreError::Other(why)) => {
            let what = format!("the trace store refuses spooled batch {}", waiting.id);
            log_error("traces", "", &what, &why);
            let sql = "UPDATE trace_spool SET attempts = attempts + 1, last_error = $3 \
                       WHERE workspace_id = $1 AND id = $2";
            let [workspace, id] = key();
            db.execute(sql, [workspace, id, why.into()]).await?;
            Ok(Outcome::Refused)
        }
        Err(down) => Ok(Outcome::Down(down)),
    }
}
