//! The order of a campaign's events: spans of its runs' events, one after the other, as they were first told.
//!
//! Whoever finds something new appends it, under the next number. Of two who do so at once one gets the number; the other reads what
//! that one has written. So there is one order for all, and each span is told once.

use assay_edge::db::{Db, DbError, Row, ScopedDb, Value as SqlValue};
use assay_edge::{Problem, clock};
use assay_model::Timestamp;
use assay_scenario::events::EventId;
use serde_json::{Value, json};
use std::collections::HashMap;

/// How long a campaign's events are told after it has ended, in milliseconds: seven days.
const KEPT_MS: i64 = 7 * 24 * 60 * 60 * 1000;

/// A span of a run's events, or an event of the campaign itself.
#[derive(Debug, Clone)]
pub(super) struct Span {
    /// The run; empty of an event of the campaign.
    pub(super) run: String,
    /// The last event before it.
    pub(super) since: Option<EventId>,
    /// The last event of it.
    pub(super) upto: Option<EventId>,
    /// The key of the record from which it is told.
    pub(super) checkpoint: Option<String>,
    /// The campaign's event.
    pub(super) event: Option<Value>,
    /// Whether nothing comes after it.
    pub(super) ended: bool,
}

fn id(row: &Row, column: &str) -> Result<Option<EventId>, Problem> {
    let text = row.opt_text(column)?;
    text.map(|t| t.parse().map_err(Problem::internal))
        .transpose()
}

/// Spans from a number on, with their numbers, in order.
pub(super) async fn from(
    db: &ScopedDb,
    campaign: &str,
    number: i64,
    limit: i64,
) -> Result<Vec<(i64, Span)>, Problem> {
    let sql = "SELECT number, run_id, since, upto, checkpoint, event, ended FROM campaign_events \
               WHERE workspace_id = $1 AND campaign_id = $2 AND number >= $3 ORDER BY number LIMIT $4";
    let params: [SqlValue; 3] = [campaign.into(), number.into(), limit.into()];
    let rows = db.query(sql, params).await?;
    rows.iter()
        .map(|row| {
            let event = row.opt_text("event")?;
            let event = event.map(|e| serde_json::from_str(&e).map_err(Problem::internal));
            let span = Span {
                run: row.text("run_id")?,
                since: id(row, "since")?,
                upto: id(row, "upto")?,
                checkpoint: row.opt_text("checkpoint")?,
                event: event.transpose()?,
                ended: row.int("ended")? == 1,
            };
            Ok((row.int("number")?, span))
        })
        .collect()
}

/// The greatest number that is taken, and whether nothing may come after it; 0 where nothing was told yet.
pub(super) async fn newest(db: &ScopedDb, campaign: &str) -> Result<(i64, bool), Problem> {
    let sql = "SELECT number, run_id, ended FROM campaign_events WHERE workspace_id = $1 AND campaign_id = $2 \
               ORDER BY number DESC LIMIT 1";
    let Some(row) = db.first(sql, [SqlValue::from(campaign)]).await? else {
        return Ok((0, false));
    };
    let over = row.text("run_id")?.is_empty() && row.int("ended")? == 1;
    Ok((row.int("number")?, over))
}

/// When the campaign itself has told something last.
pub(super) async fn last_of_campaign(db: &ScopedDb, campaign: &str) -> Result<Timestamp, Problem> {
    let sql = "SELECT max(at) AS at FROM campaign_events WHERE workspace_id = $1 AND campaign_id = $2 AND run_id = ''";
    let row = db.first(sql, [SqlValue::from(campaign)]).await?;
    let at = row.map(|r| r.opt_int("at")).transpose()?.flatten();
    Ok(at.map_or_else(Timestamp::default, Timestamp::from_micros))
}

/// Up to where runs have been told, and whether to their end.
pub(super) async fn told(
    db: &ScopedDb,
    campaign: &str,
    runs: &[String],
) -> Result<HashMap<String, (Option<EventId>, bool)>, Problem> {
    let of = "SELECT run_id, upto, ended FROM campaign_events WHERE workspace_id = $1 AND campaign_id = $2 AND number IN ( \
              SELECT max(number) FROM campaign_events WHERE workspace_id = $1 AND campaign_id = $2 AND run_id IN";
    let sql = format!(
        "{of} ({}) GROUP BY run_id)",
        db.pick(
            "SELECT value FROM json_each($3)",
            "SELECT jsonb_array_elements_text($3::text::jsonb)",
        )
    );
    let params: [SqlValue; 2] = [campaign.into(), json!(runs).to_string().into()];
    let rows = db.query(&sql, params).await?;
    rows.iter()
        .map(|row| {
            let told = (id(row, "upto")?, row.int("ended")? == 1);
            Ok((row.text("run_id")?, told))
        })
        .collect()
}

/// Appends spans after a number. `false` when somebody else has appended first.
pub(super) async fn append(
    db: &ScopedDb,
    campaign: &str,
    after: i64,
    spans: &[Span],
) -> Result<bool, Problem> {
    let rows = spans.iter().zip(after + 1..).map(|(span, number)| {
        json!({
            "number": number,
            "run": span.run,
            "since": span.since.map(|id| id.to_string()),
            "upto": span.upto.map(|id| id.to_string()),
            "checkpoint": span.checkpoint,
            "event": span.event.as_ref().map(Value::to_string),
            "ended": i64::from(span.ended),
        })
    });
    let rows = Value::Array(rows.collect()).to_string();
    let into = "INSERT INTO campaign_events \
                (workspace_id, campaign_id, number, run_id, since, upto, checkpoint, event, ended, at)";
    let sql = match db.pick("sqlite", "postgres") {
        "sqlite" => format!(
            "{into} SELECT $1, $2, r.value->>'number', r.value->>'run', r.value->>'since', r.value->>'upto', \
             r.value->>'checkpoint', r.value->>'event', r.value->>'ended', $3 FROM json_each($4) r"
        ),
        _ => format!(
            "{into} SELECT $1, $2, r.number, r.run, r.since, r.upto, r.checkpoint, r.event, r.ended, $3 \
             FROM jsonb_to_recordset($4::text::jsonb) AS r(number bigint, run text, since text, upto text, \
             checkpoint text, event text, ended bigint)"
        ),
    };
    let params: [SqlValue; 3] = [campaign.into(), clock::now().into(), rows.into()];
    match db.execute(&sql, params).await {
        Ok(_) => Ok(true),
        Err(DbError::Unique(_)) => Ok(false),
        Err(error) => Err(error.into()),
    }
}

/// Whether a campaign ended so long ago that nothing is told of it any more.
pub(super) fn is_over(finished: Option<Timestamp>) -> bool {
    finished.is_some_and(|at| clock::now().millis_since(at) >= KEPT_MS)
}

/// Forgets the order of campaigns that ended long ago.
pub(crate) async fn forget(db: &Db) -> Result<(), Problem> {
    let old = "at < $1 AND EXISTS (SELECT 1 FROM campaigns c WHERE c.workspace_id = campaign_events.workspace_id \
               AND c.id = campaign_events.campaign_id AND c.finished_at < $1)";
    let until = clock::now().plus_millis(-KEPT_MS);
    // A read first, since looking should not take the write lock.
    let found = format!("SELECT 1 AS one FROM campaign_events WHERE {old} LIMIT 1");
    if !db.query(&found, [until.into()]).await?.is_empty() {
        let sql = format!("DELETE FROM campaign_events WHERE {old}");
        db.execute(&sql, [until.into()]).await?;
    }
    Ok(())
}
