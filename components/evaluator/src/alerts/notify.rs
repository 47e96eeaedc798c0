//! What channels are to be told: rows, each sent under a lease and tried again for longer and longer. A channel is told in order: that
//! all is well again does not overtake that it was not.

use assay_alert::{Note, request};
use assay_edge::backoff::Backoff;
use assay_edge::db::{Db, DbError, Dialect, Row, ScopedDb, Value as Sql};
use assay_edge::dial::{DialError, dial_taped};
use assay_edge::tape::Tape;
use assay_edge::{Platform, Problem, clock, named_secrets, storable};
use assay_llm::HttpCall;
use assay_model::{AlertChannel, HeaderPart};
use futures::future::try_join_all;
use std::collections::BTreeSet;

/// Rows that are sent at once.
const BATCH: i64 = 8;
/// Batches of one drain.
const ROUNDS: usize = 25;
/// How long whoever sends has for it, in milliseconds; a call has less.
const LEASE_MS: i64 = 60_000;
/// Tries of one notification before it is given up: some two hours.
const MOST_ATTEMPTS: i64 = 12;
/// Waits before another try.
const WAITS: Backoff = Backoff {
    first_ms: 5_000,
    factor: 2,
    longest_ms: 30 * 60 * 1000,
};

/// One that is to be sent, leased.
struct Waiting {
    workspace: String,
    id: String,
    channel: AlertChannel,
    note: Note,
    attempts: i64,
}

impl Waiting {
    fn read(row: &Row) -> Result<Self, DbError> {
        Ok(Self {
            workspace: row.text("workspace_id")?,
            id: row.text("id")?,
            channel: row.json("channel")?,
            note: row.json("note")?,
            attempts: row.int("attempts")?,
        })
    }
}

/// Sends what is due.
pub(super) async fn drain(platform: &Platform) -> Result<(), Problem> {
    let db = platform.db().await?;
    for _ in 0..ROUNDS {
        let claimed = claim(&db).await?;
        if claimed.is_empty() {
            break;
        }
        let all = claimed.iter().map(|one| tell(platform, &db, one));
        try_join_all(all).await?;
    }
    Ok(())
}

async fn claim(db: &Db) -> Result<Vec<Waiting>, Problem> {
    let open = "due_at <= $1 AND lease_until <= $1";
    let picked = "SELECT n.workspace_id, n.id FROM alert_notifications n WHERE n.due_at <= $1 AND n.lease_until <= $1 \
                  AND NOT EXISTS (SELECT 1 FROM alert_notifications o WHERE o.workspace_id = n.workspace_id \
                    AND o.alert_id = n.alert_id AND o.place = n.place AND o.due_at IS NOT NULL AND o.id < n.id) \
                  ORDER BY n.due_at LIMIT $3";
    let set = format!(
        "UPDATE alert_notifications SET lease_until = $2, attempts = attempts + 1 WHERE {open} AND (workspace_id, id) IN"
    );
    let columns = "workspace_id, id, channel, note, attempts";
    let sql = match db.dialect() {
        Dialect::Sqlite => format!("{set} ({picked}) RETURNING {columns}"),
        Dialect::Postgres => format!(
            "WITH picked AS ({picked} FOR UPDATE OF n SKIP LOCKED) {set} (SELECT workspace_id, id FROM picked) RETURNING {columns}"
        ),
    };
    let now = clock::now();
    let params: [Sql; 3] = [now.into(), now.plus_millis(LEASE_MS).into(), BATCH.into()];
    let rows = db.query(&sql, params).await?;
    Ok(rows.iter().map(Waiting::read).collect::<Result<_, _>>()?)
}

async fn tell(platform: &Platform, db: &Db, one: &Waiting) -> Result<(), Problem> {
    let scoped = ScopedDb::for_internal(platform.db().await?, one.workspace.clone());
    let call = request(&one.channel, &one.id, &one.note);
    let sent = send(platform, &scoped, call).await?;
    let now = clock::now();
    let (due, sent_at, error) = match sent {
        Ok(()) => (None, Some(now), None),
        Err(e) if e.retryable && one.attempts < MOST_ATTEMPTS => {
            let due = now.plus_millis(WAITS.after_asked(one.attempts, e.retry_after_ms));
            (Some(due), None, Some(said(&e)))
        }
        Err(e) => (None, None, Some(said(&e))),
    };
    let sql = "UPDATE alert_notifications SET due_at = $3, sent_at = $4, error = $5, lease_until = 0 \
               WHERE workspace_id = $1 AND id = $2";
    let params: [Sql; 5] = [
        one.workspace.as_str().into(),
        one.id.as_str().into(),
        due.map(assay_model::Timestamp::micros).into(),
        sent_at.map(assay_model::Timestamp::micros).into(),
        error.into(),
    ];
    db.execute(sql, params).await?;
    Ok(())
}

/// Sends, with the secrets that the call names. An error beyond the channel's own is a fault of ours.
pub(super) async fn send(
    platform: &Platform,
    db: &ScopedDb,
    call: HttpCall,
) -> Result<Result<(), DialError>, Problem> {
    let parts = call.secret_headers.iter().flat_map(|header| &header.parts);
    let names: BTreeSet<String> = parts
        .filter_map(|part| match part {
            HeaderPart::Secret(name) | HeaderPart::Signature(name) => Some(name.clone()),
            HeaderPart::Text(_) => None,
        })
        .collect();
    let secrets = named_secrets::sealed(db, &names).await?;
    let dialled = dial_taped(platform, &Tape::off(), call, &secrets).await;
    Ok(dialled.answer.map(|_| ()))
}

/// What went wrong, for a person.
pub(super) fn said(e: &DialError) -> String {
    storable(&format!("the channel {}", e.message), 500)
}
