//! The queue of what is to be forwarded: which observations wait for which of a workspace's destinations.
//!
//! It holds references, not contents: what is sent is what the store has by then, redacted and put together, and what was
//! deleted meanwhile is not sent. Whoever writes traces queues them between the write and the answer, so that a client
//! that saw no answer sends again and nothing is forgotten. A workspace without destinations pays a look a few seconds.

use crate::clock;
use crate::db::{DbError, ScopedDb, Statement, Value};
use crate::log::log_error;
use crate::platform::Platform;
use crate::problem::Problem;
use crate::remembered::Remembered;
use assay_model::sampling::fraction;
use assay_model::{Batch, Timestamp};
use sha2::{Digest as _, Sha256};
use std::cell::Cell;
use std::collections::{BTreeSet, HashSet};
use std::rc::Rc;

/// Most observations that wait for a destination; beyond it the oldest are dropped, and counted.
pub const MAX_WAITING: i64 = 100_000;
/// How long destinations are remembered, in milliseconds.
const FRESH_MS: i64 = 3_000;
/// Rows that one statement writes.
const AT_ONCE: usize = 5_000;

/// A destination as the queue knows it.
struct Known {
    id: String,
    sampling_rate: f64,
    /// How many wait, as far as this instance knows.
    waiting: Cell<i64>,
}

thread_local! {
    static KNOWN: Remembered<Vec<Known>> = Remembered::default();
}

/// Forgets what is known of a workspace's destinations.
pub fn forget(workspace: &str) {
    KNOWN.with(|known| known.forget(workspace));
}

/// Queues what a stored batch says, `except` some observations by trace and id; whether anything waits for it. A failure is
/// logged: it is no reason to refuse traces.
pub async fn queue(
    platform: &Platform,
    workspace: &str,
    batch: &Batch,
    except: &HashSet<(String, String)>,
) -> bool {
    match try_queue(platform, workspace, batch, except).await {
        Ok(queued) => queued,
        Err(problem) => {
            let what = format!("traces of workspace {workspace} are not forwarded");
            log_error("forward", "", &what, &problem.to_string());
            false
        }
    }
}

async fn try_queue(
    platform: &Platform,
    workspace: &str,
    batch: &Batch,
    except: &HashSet<(String, String)>,
) -> Result<bool, Problem> {
    if batch.observations.is_empty() && batch.traces.is_empty() {
        return Ok(false);
    }
    let known = known(platform, workspace).await?;
    if known.is_empty() {
        return Ok(false);
    }
    let references = references(batch, except);
    let db = ScopedDb::for_internal(platform.db().await?, workspace.to_owned());
    let now = clock::now();
    let mut queued = false;
    for destination in known.iter() {
        let rows: Vec<[&str; 3]> = references
            .iter()
            .filter(|(trace, _)| chosen(trace, destination.sampling_rate))
            .map(|(trace, id)| [destination.id.as_str(), trace, id])
            .collect();
        for some in rows.chunks(AT_ONCE) {
            insert(&db, some, now).await?;
        }
        queued |= !rows.is_empty();
        let waiting = destination.waiting.get() + rows.len() as i64;
        destination.waiting.set(waiting);
        // Other instances queue as well: half of it may be all of it.
        if waiting > MAX_WAITING / 2 {
            trim(&db, &destination.id).await?;
        }
    }
    Ok(queued)
}

/// The workspace's destinations that are enabled.
async fn known(platform: &Platform, workspace: &str) -> Result<Rc<Vec<Known>>, Problem> {
    if let Some(known) = KNOWN.with(|known| known.get(workspace)) {
        return Ok(known);
    }
    let db = ScopedDb::for_internal(platform.db().await?, workspace.to_owned());
    let sql = "SELECT id, sampling_rate, (SELECT count(*) FROM forward_queue q WHERE q.workspace_id = d.workspace_id \
               AND q.destination_id = d.id) AS waiting FROM forward_destinations d WHERE workspace_id = $1 AND enabled = 1";
    let mut all = Vec::new();
    for row in db.query(sql, []).await? {
        all.push(Known {
            id: row.text("id")?,
            sampling_rate: row.opt_real("sampling_rate")?.unwrap_or_default(),
            waiting: Cell::new(row.int("waiting")?),
        });
    }
    Ok(KNOWN.with(|known| known.keep(workspace, all, FRESH_MS)))
}

/// Each observation once, in an order that is the same for all. A trace of which the batch has no observation is named
/// without one: something was said of it as a whole.
fn references<'a>(
    batch: &'a Batch,
    except: &HashSet<(String, String)>,
) -> BTreeSet<(&'a str, &'a str)> {
    let mut named: HashSet<&str> = HashSet::new();
    let mut all = BTreeSet::new();
    for o in &batch.observations {
        named.insert(&o.trace_id);
        // Looked up only where there is something to be found: the key must be made of owned texts.
        let forwarded = !except.is_empty() && except.contains(&(o.trace_id.clone(), o.id.clone()));
        if !forwarded {
            all.insert((o.trace_id.as_str(), o.id.as_str()));
        }
    }
    for t in &batch.traces {
        if !named.contains(t.id.as_str()) {
            all.insert((t.id.as_str(), ""));
        }
    }
    all
}

/// Whether the trace is in the part that is sent. Not by the hash that ingestion samples by: a half of a half is a quarter.
fn chosen(trace: &str, rate: f64) -> bool {
    if rate >= 1.0 {
        return true;
    }
    let mut hash = Sha256::new();
    hash.update(b"forward\0");
    hash.update(trace.as_bytes());
    fraction(&hash.finalize()) < rate
}

/// A destination that was deleted meanwhile gets nothing.
const INSERT_SQLITE: &str = "INSERT INTO forward_queue (workspace_id, destination_id, trace_id, observation_id, word_at, \
     attempts, queued_at, due_at) SELECT $1, r.value->>0, r.value->>1, r.value->>2, $3, 0, $3, $3 FROM json_each($2) AS r \
     WHERE EXISTS (SELECT 1 FROM forward_destinations d WHERE d.workspace_id = $1 AND d.id = r.value->>0) \
     ON CONFLICT (workspace_id, destination_id, trace_id, observation_id) \
     DO UPDATE SET word_at = excluded.word_at, due_at = excluded.due_at, attempts = 0";
const INSERT_POSTGRES: &str = "INSERT INTO forward_queue (workspace_id, destination_id, trace_id, observation_id, word_at, \
     attempts, queued_at, due_at) SELECT $1::text, r->>0, r->>1, r->>2, $3::bigint, 0, $3::bigint, $3::bigint \
     FROM jsonb_array_elements($2::text::jsonb) AS r \
     WHERE EXISTS (SELECT 1 FROM forward_destinations d WHERE d.workspace_id = $1::text AND d.id = r->>0) \
     ON CONFLICT (workspace_id, destination_id, trace_id, observation_id) \
     DO UPDATE SET word_at = excluded.word_at, due_at = excluded.due_at, attempts = 0";

async fn insert(db: &ScopedDb, rows: &[[&str; 3]], now: Timestamp) -> Result<(), Problem> {
    let rows = serde_json::to_string(rows).map_err(Problem::internal)?;
    let sql = db.pick(INSERT_SQLITE, INSERT_POSTGRES);
    db.execute(sql, [rows.into(), now.into()]).await?;
    Ok(())
}

/// How many are too many, and which: the oldest.
const TOO_MANY_SQLITE: &str = "(SELECT max(count(*) - $3, 0) FROM forward_queue WHERE workspace_id = $1 AND destination_id = $2)";
/// One statement, so that what is counted is what is gone.
const TRIM_POSTGRES: &str = "WITH gone AS (DELETE FROM forward_queue WHERE workspace_id = $1::text AND destination_id = $2::text \
     AND (trace_id, observation_id) IN (SELECT trace_id, observation_id FROM forward_queue WHERE workspace_id = $1::text \
       AND destination_id = $2::text ORDER BY queued_at DESC, trace_id DESC, observation_id DESC OFFSET $3::bigint) \
     RETURNING 1) UPDATE forward_destinations SET dropped = dropped + (SELECT count(*) FROM gone) \
     WHERE workspace_id = $1::text AND id = $2::text";

/// Drops the oldest of what waits for a destination beyond [`MAX_WAITING`], and counts it.
///
/// # Errors
/// When the store fails.
pub async fn trim(db: &ScopedDb, destination: &str) -> Result<(), DbError> {
    let params = || -> [Value; 2] { [destination.into(), MAX_WAITING.into()] };
    let count = format!(
        "UPDATE forward_destinations SET dropped = dropped + {TOO_MANY_SQLITE} WHERE workspace_id = $1 AND id = $2"
    );
    let delete = format!(
        "DELETE FROM forward_queue WHERE workspace_id = $1 AND destination_id = $2 AND (trace_id, observation_id) IN \
         (SELECT trace_id, observation_id FROM forward_queue WHERE workspace_id = $1 AND destination_id = $2 \
         ORDER BY queued_at, trace_id, observation_id LIMIT {TOO_MANY_SQLITE})"
    );
    let statements = if db.pick("sqlite", "postgres") == "postgres" {
        vec![Statement::new(TRIM_POSTGRES, params())]
    } else {
        vec![
            Statement::new(count, params()),
            Statement::new(delete, params()),
        ]
    };
    db.batch(statements).await
}

#[cfg(test)]
mod tests {
    use super::*;
    use assay_model::{Observation, Trace};

    #[test]
    fn a_part_of_all_traces_is_chosen_whole() {
        let chosen_of = |rate| {
            (0..10_000)
                .filter(|i| chosen(&format!("t{i}"), rate))
                .count()
        };
        assert_eq!((chosen_of(0.0), chosen_of(1.0)), (0, 10_000));
        let third = chosen_of(0.3);
        assert!((2_700..3_300).contains(&third), "{third}");
        // What a smaller part has, a larger one has too.
        let both = |i: &u32| chosen(&format!("t{i}"), 0.1) && !chosen(&format!("t{i}"), 0.3);
        assert_eq!((0..1_000).filter(both).count(), 0);
    }

    #[test]
    fn each_is_named_once() {
        let o = |trace: &str, id: &str| Observation {
            id: id.to_owned(),
            trace_id: trace.to_owned(),
            ..Observation::default()
        };
        let t = |id: &str| Trace {
            id: id.to_owned(),
            ..Trace::default()
        };
        let batch = Batch {
            traces: vec![t("a"), t("b"), t("c")],
            observations: vec![o("a", "2"), o("a", "1"), o("a", "2"), o("c", "x")],
            scores: vec![],
        };
        let except = HashSet::from([("c".to_owned(), "x".to_owned())]);
        let found: Vec<_> = references(&batch, &except).into_iter().collect();
        assert_eq!(found, [("a", "1"), ("a", "2"), ("b", "")]);
    }
}
