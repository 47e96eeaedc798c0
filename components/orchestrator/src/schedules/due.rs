//! Starts what is due: once, however many instances look at the clock.
//!
//! One statement moves a schedule to its next time and notes the time that it was due at, with a lease; whoever wrote it starts
//! the campaign, under a key of schedule and time. Should that instance end first, another one takes the noted time up when
//! the lease has run out, and the key sees to it that there is one campaign.

use super::{COLUMNS, Schedule};
use crate::campaigns::{self, Begin};
use crate::hooks::deliveries::told;
use assay_edge::db::{Db, Row, Value as Sql};
use assay_edge::{Platform, Problem, clock, log_error};
use assay_model::Timestamp;
use assay_scenario::next_time;
use serde_json::json;

/// Schedules that are looked at in one go.
const BATCH: i64 = 100;
/// How long whoever starts a campaign has for it, in milliseconds.
const LEASE_MS: i64 = 120_000;
/// Longest reason, in characters.
const MAX_REASON: usize = 500;

/// Starts the campaigns that are due. Times that were missed are made up for by one campaign.
pub(crate) async fn start_due(
    platform: &Platform,
    db: &Db,
    request_id: &str,
) -> Result<(), Problem> {
    let now = clock::now();
    let sql = format!(
        "SELECT {COLUMNS} FROM schedules WHERE next_at <= $1 OR (starting_at IS NOT NULL AND lease_until <= $1) \
         ORDER BY next_at LIMIT $2"
    );
    let rows = db.query(&sql, [now.into(), BATCH.into()]).await?;
    for row in &rows {
        let started = one(platform, db, request_id, row, now).await;
        if let Err(e) = started {
            // It is taken up again when its lease has run out.
            let what = "a schedule's campaign could not be started";
            log_error("orchestrator", request_id, what, &e.to_string());
        }
    }
    Ok(())
}

async fn one(
    platform: &Platform,
    db: &Db,
    request_id: &str,
    row: &Row,
    now: Timestamp,
) -> Result<(), Problem> {
    let schedule = Schedule::read(row)?;
    let Some(due) = claim(db, &schedule, now).await? else {
        return Ok(());
    };
    let begin = Begin {
        key: Some(format!("schedule:{}:{due}", schedule.id)),
        trigger: json!({"schedule_id": schedule.id, "at": Timestamp::from_micros(due)}),
        ..Begin::by(&schedule.workspace, &schedule.id)
    };
    let spec = schedule.spec.campaign.clone();
    let (campaign, error) = match campaigns::start(platform, request_id, begin, spec).await {
        Ok(started) => (Some(started.campaign().id), None),
        // Whether it began is not known: the next try finds out.
        Err(problem) if problem.kind().status().is_server_error() => return Err(problem),
        Err(problem) => (None, Some(told(&problem))),
    };
    // Postgres has no text with NUL in it.
    let error = error.map(|e| {
        e.replace('\0', "")
            .chars()
            .take(MAX_REASON)
            .collect::<String>()
    });
    let sql = "UPDATE schedules SET starting_at = NULL, lease_until = 0, last_at = $3, last_error = $4, \
               last_campaign_id = COALESCE($5, last_campaign_id) \
               WHERE workspace_id = $1 AND id = $2 AND starting_at = $3";
    let params: [Sql; 5] = [
        schedule.workspace.as_str().into(),
        schedule.id.as_str().into(),
        due.into(),
        error.into(),
        campaign.into(),
    ];
    db.execute(sql, params).await?;
    Ok(())
}

/// Takes the time that a schedule is due at; `None` when another instance has it.
async fn claim(db: &Db, schedule: &Schedule, now: Timestamp) -> Result<Option<i64>, Problem> {
    let until = now.plus_millis(LEASE_MS);
    let mut params: Vec<Sql> = vec![
        schedule.workspace.as_str().into(),
        schedule.id.as_str().into(),
        until.into(),
        now.into(),
    ];
    if let Some(begun) = schedule.starting_at {
        let sql = "UPDATE schedules SET lease_until = $3 \
                   WHERE workspace_id = $1 AND id = $2 AND starting_at = $5 AND lease_until <= $4 RETURNING id";
        params.push(begun.into());
        let taken = db.query(sql, params).await?;
        return Ok((!taken.is_empty()).then_some(begun));
    }
    let Some(due) = schedule.next_at else {
        return Ok(None);
    };
    // A schedule that has no next time has had its last.
    let next = next_time(&schedule.spec.cron, &schedule.spec.time_zone, now.micros()).ok();
    let sql = "UPDATE schedules SET starting_at = next_at, next_at = $6, lease_until = $3 \
               WHERE workspace_id = $1 AND id = $2 AND next_at = $5 AND next_at <= $4 AND starting_at IS NULL AND enabled = 1 \
               RETURNING id";
    params.extend([due.micros().into(), next.into()]);
    let taken = db.query(sql, params).await?;
    Ok((!taken.is_empty()).then(|| due.micros()))
}
