//! The queue of a destination: what is next, and what became of it.

use super::deliver::Refusal;
use assay_edge::db::{ScopedDb, Statement, Value as Sql};
use assay_edge::{Problem, clock};
use assay_model::Timestamp;
use serde_json::json;

/// How many go together, by how often the oldest was refused: a span that is not taken shall not take others with it.
const TOGETHER: [i64; 4] = [128, 32, 8, 1];
/// After so many refusals an observation is given up.
const MAX_REFUSALS: i64 = 5;
/// The same where the credential was refused, which people mend.
const MAX_DENIALS: i64 = 10;

/// An observation that waits.
#[derive(Debug, Clone)]
pub(super) struct Waiting {
    pub(super) trace_id: String,
    /// Empty where it is the trace as a whole.
    pub(super) observation_id: String,
    /// When something was said of it the last time.
    pub(super) word_at: Timestamp,
}

/// What became of what was sent.
#[derive(Debug, Default)]
pub(super) struct Sent {
    pub(super) sent: u64,
    pub(super) failed: u64,
    /// What was said against it.
    pub(super) message: Option<String>,
}

/// Whether batches of the workspace wait for the trace store.
pub(super) async fn is_spooled(db: &ScopedDb) -> Result<bool, Problem> {
    // A batch that the store keeps refusing is left to a person.
    let sql = "SELECT 1 AS one FROM trace_spool WHERE workspace_id = $1 AND attempts < 10 LIMIT 1";
    Ok(db.first(sql, []).await?.is_some())
}

/// What goes next, the oldest first.
pub(super) async fn next(db: &ScopedDb, destination: &str) -> Result<Vec<Waiting>, Problem> {
    let sql = "SELECT trace_id, observation_id, word_at, attempts FROM forward_queue WHERE workspace_id = $1 \
               AND destination_id = $2 AND due_at <= $3 ORDER BY queued_at, trace_id, observation_id LIMIT $4";
    let [most, ..] = TOGETHER;
    let params = [destination.into(), clock::now().into(), most.into()];
    let rows = db.query(sql, params).await?;
    let refused = rows
        .first()
        .map(|row| row.int("attempts"))
        .transpose()?
        .unwrap_or_default();
    let together = usize::try_from(refused)
        .ok()
        .and_then(|n| TOGETHER.get(n).copied())
        .unwrap_or(1);
    let together = usize::try_from(together).unwrap_or(1);
    rows.iter()
        .take(together)
        .map(|row| {
            Ok(Waiting {
                trace_id: row.text("trace_id")?,
                observation_id: row.text("observation_id")?,
                word_at: row.time("word_at")?,
            })
        })
        .collect()
}

/// The keys of some, with the word that was read.
fn list(of: &[Waiting]) -> String {
    let keys = of
        .iter()
        .map(|w| json!([w.trace_id, w.observation_id, w.word_at.micros()]));
    serde_json::Value::Array(keys.collect()).to_string()
}

/// Rows `q` among the list `$3`; one on which something was said since is another one.
const AMONG_SQLITE: &str = "workspace_id = $1 AND destination_id = $2 AND (trace_id, observation_id, word_at) IN \
     (SELECT value->>0, value->>1, value->>2 FROM json_each($3))";
const AMONG_POSTGRES: &str = "workspace_id = $1 AND destination_id = $2 AND (trace_id, observation_id, word_at) IN \
     (SELECT k->>0, k->>1, CAST(k->>2 AS BIGINT) FROM jsonb_array_elements($3::text::jsonb) AS k)";

/// Takes what was settled off the queue, and counts it.
pub(super) async fn done(
    db: &ScopedDb,
    destination: &str,
    taken: &[Waiting],
    sent: Sent,
) -> Result<(), Problem> {
    let among = db.pick(AMONG_SQLITE, AMONG_POSTGRES);
    let delete = format!("DELETE FROM forward_queue WHERE {among}");
    let mut statements = vec![Statement::new(
        delete,
        [destination.into(), list(taken).into()],
    )];
    if sent.sent + sent.failed > 0 {
        let count = |n: u64| Sql::from(i64::try_from(n).unwrap_or(i64::MAX));
        let now = clock::now();
        let sql = "UPDATE forward_destinations SET sent = sent + $3, failed = failed + $4, last_sent_at = $5, failures = 0, \
                   retry_at = 0, last_error = COALESCE($6, last_error), last_error_at = COALESCE($7, last_error_at) \
                   WHERE workspace_id = $1 AND id = $2";
        let at = sent.message.as_ref().map(|_| now);
        let params: [Sql; 6] = [
            destination.into(),
            count(sent.sent),
            count(sent.failed),
            now.into(),
            sent.message.into(),
            at.into(),
        ];
        statements.push(Statement::new(sql, params));
    }
    Ok(db.batch(statements).await?)
}

/// Puts those off that are still going on.
pub(super) async fn wait_for_end(
    db: &ScopedDb,
    destination: &str,
    unfinished: &[(Waiting, Timestamp)],
) -> Result<(), Problem> {
    let among = db.pick(AMONG_SQLITE, AMONG_POSTGRES);
    // They have all been spoken of at about the same time: the latest is late enough for each.
    let Some(until) = unfinished.iter().map(|(_, until)| *until).max() else {
        return Ok(());
    };
    let all: Vec<Waiting> = unfinished.iter().map(|(w, _)| w.clone()).collect();
    let sql = format!("UPDATE forward_queue SET due_at = $4 WHERE {among}");
    let params = [destination.into(), list(&all).into(), until.into()];
    db.execute(&sql, params).await?;
    Ok(())
}

/// Leaves a destination alone for a time.
pub(super) async fn put_off(db: &ScopedDb, destination: &str, ms: i64) -> Result<(), Problem> {
    let sql = "UPDATE forward_destinations SET retry_at = $3 WHERE workspace_id = $1 AND id = $2";
    let until = clock::now().plus_millis(ms);
    db.execute(sql, [destination.into(), until.into()]).await?;
    Ok(())
}

/// Notes that something was not taken. What was refused for good is given up after some times, and counted.
pub(super) async fn failed(
    db: &ScopedDb,
    destination: &str,
    taken: &[Waiting],
    refusal: &Refusal,
    wait_ms: i64,
) -> Result<(), Problem> {
    let among = db.pick(AMONG_SQLITE, AMONG_POSTGRES);
    let keys = list(taken);
    let now = clock::now();
    let mut statements = Vec::new();
    if refusal.for_good {
        let most = match refusal.status {
            Some(401 | 403) => MAX_DENIALS,
            _ => MAX_REFUSALS,
        };
        let params = |more: Option<i64>| -> Vec<Sql> {
            let mut params = vec![destination.into(), keys.as_str().into()];
            params.extend(more.map(Sql::from));
            params
        };
        let given_up =
            format!("SELECT count(*) FROM forward_queue WHERE {among} AND attempts >= $4");
        for (sql, more) in [
            (
                format!("UPDATE forward_queue SET attempts = attempts + 1 WHERE {among}"),
                None,
            ),
            (
                format!(
                    "UPDATE forward_destinations SET failed = failed + ({given_up}) WHERE workspace_id = $1 AND id = $2"
                ),
                Some(most),
            ),
            (
                format!("DELETE FROM forward_queue WHERE {among} AND attempts >= $4"),
                Some(most),
            ),
        ] {
            statements.push(Statement::new(sql, params(more)));
        }
    }
    let sql = "UPDATE forward_destinations SET failures = failures + 1, retry_at = $3, last_error = $4, last_error_at = $5 \
               WHERE workspace_id = $1 AND id = $2";
    let params: [Sql; 4] = [
        destination.into(),
        now.plus_millis(wait_ms).into(),
        refusal.message.as_str().into(),
        now.into(),
    ];
    statements.push(Statement::new(sql, params));
    Ok(db.batch(statements).await?)
}
