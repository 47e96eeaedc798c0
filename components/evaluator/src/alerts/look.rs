//! A look at each alert that is due. What it comes to is written in one transaction, and only by who still has the lease: the state,
//! the change of it, and what the channels are to be told.

use super::{COMPONENT, reading, url};
use assay_alert::{Note, Reading, Standing, decide};
use assay_edge::db::{Db, Row, ScopedDb, Statement, Value as Sql};
use assay_edge::{Platform, Problem, clock, log_error, new_id, storable};
use assay_model::{AlertSpec, AlertState, Timestamp};
use serde_json::json;

/// Alerts of one round.
const AT_ONCE: i64 = 200;
/// How long who looks has for it, in milliseconds.
const LEASE_MS: i64 = 60_000;
/// How often an alert is looked at: a tenth of its window, between these, in milliseconds.
const SOONEST_MS: i64 = 10_000;
const LATEST_MS: i64 = 300_000;
/// How long changes are kept, and notifications that are over, in milliseconds.
const EVENTS_KEPT_MS: i64 = 90 * 86_400_000;
const NOTIFICATIONS_KEPT_MS: i64 = 30 * 86_400_000;

/// Looks at all that are due, one after the other. One workspace's failure is no other's.
pub(super) async fn all(platform: &Platform, request_id: &str) -> Result<(), Problem> {
    let db = platform.db().await?;
    forget(&db).await?;
    for (workspace, id) in due(&db).await? {
        let scoped = ScopedDb::for_internal(platform.db().await?, workspace);
        if let Err(problem) = look(platform, &scoped, &id).await {
            let what = format!("alert {id} of workspace {}", scoped.workspace());
            log_error(COMPONENT, request_id, &what, &problem.to_string());
        }
    }
    Ok(())
}

async fn due(db: &Db) -> Result<Vec<(String, String)>, Problem> {
    let sql = "SELECT a.workspace_id, a.id FROM alerts a LEFT JOIN alert_states s \
                 ON s.workspace_id = a.workspace_id AND s.alert_id = a.id \
               WHERE a.deleted_at IS NULL AND COALESCE(s.next_at, 0) <= $1 AND COALESCE(s.lease_until, 0) <= $1 \
               ORDER BY COALESCE(s.next_at, 0), a.id LIMIT $2";
    let params: [Sql; 2] = [clock::now().into(), AT_ONCE.into()];
    let rows = db.query(sql, params).await?;
    rows.iter()
        .map(|row| Ok((row.text("workspace_id")?, row.text("id")?)))
        .collect()
}

async fn forget(db: &Db) -> Result<(), Problem> {
    let now = clock::now();
    let sql = "DELETE FROM alert_events WHERE at < $1";
    db.execute(sql, [now.plus_millis(-EVENTS_KEPT_MS).into()])
        .await?;
    let sql = "DELETE FROM alert_notifications WHERE due_at IS NULL AND created_at < $1";
    db.execute(sql, [now.plus_millis(-NOTIFICATIONS_KEPT_MS).into()])
        .await?;
    Ok(())
}

/// Where an alert stands, as it is kept.
fn standing(row: &Row) -> Result<Standing, Problem> {
    let time = |column: &str| row.opt_int(column).map(|at| at.map(Timestamp::from_micros));
    Ok(Standing {
        state: AlertState::of(&row.text("state")?).unwrap_or_default(),
        since: row.time("since")?,
        firing_since: time("firing_since")?,
        told_at: time("told_at")?,
        told_no_data: row.int("told_no_data")? == 1,
    })
}

async fn look(platform: &Platform, db: &ScopedDb, id: &str) -> Result<(), Problem> {
    let now = clock::now();
    let sql = "INSERT INTO alert_states (workspace_id, alert_id, state, since, told_no_data, samples, sentence, next_at, lease_until) \
               VALUES ($1, $2, 'ok', $3, 0, 0, '', 0, 0) ON CONFLICT (workspace_id, alert_id) DO NOTHING";
    db.execute(sql, [id.into(), now.into()]).await?;
    let token = new_id();
    let sql = "UPDATE alert_states SET lease_token = $3, lease_until = $4 WHERE workspace_id = $1 AND alert_id = $2 \
               AND next_at <= $5 AND lease_until <= $5 RETURNING state, since, firing_since, told_at, told_no_data";
    let params: [Sql; 4] = [
        id.into(),
        token.as_str().into(),
        now.plus_millis(LEASE_MS).into(),
        now.into(),
    ];
    let Some(row) = db.first(sql, params).await? else {
        return Ok(());
    };
    let before = standing(&row)?;
    let sql = "SELECT spec FROM alerts WHERE workspace_id = $1 AND id = $2 AND deleted_at IS NULL";
    let spec: Option<AlertSpec> = match db.first(sql, [id.into()]).await? {
        Some(row) => Some(row.json("spec")?),
        None => None,
    };
    let lease = Lease { db, id, token };
    let Some(spec) = spec.filter(|spec| spec.enabled) else {
        // Nothing is known of it until it is on again.
        return lease.leave(now.plus_millis(SOONEST_MS), None).await;
    };
    let next = now.plus_millis(every_ms(&spec));
    match reading(platform, db.workspace(), &spec, now).await {
        Ok(found) => {
            lease
                .write(platform, &spec, &before, &found, (now, next))
                .await
        }
        // What cannot be asked is no state of what is asked for.
        Err(problem) => {
            let why = storable(&problem.to_string(), 500);
            lease.leave(next, Some(why)).await?;
            Err(problem)
        }
    }
}

/// How long until the next look, in milliseconds.
fn every_ms(spec: &AlertSpec) -> i64 {
    (i64::from(spec.window_minutes) * 6_000).clamp(SOONEST_MS, LATEST_MS)
}

/// A look under way.
struct Lease<'a> {
    db: &'a ScopedDb,
    id: &'a str,
    token: String,
}

impl Lease<'_> {
    /// Leaves the alert as it is, until the next look.
    async fn leave(&self, next: Timestamp, error: Option<String>) -> Result<(), Problem> {
        let sql = "UPDATE alert_states SET lease_token = NULL, lease_until = 0, next_at = $4, error = $5 \
                   WHERE workspace_id = $1 AND alert_id = $2 AND lease_token = $3";
        let params: [Sql; 4] = [
            self.id.into(),
            self.token.as_str().into(),
            next.into(),
            error.into(),
        ];
        self.db.execute(sql, params).await?;
        Ok(())
    }

    async fn write(
        &self,
        platform: &Platform,
        spec: &AlertSpec,
        before: &Standing,
        found: &Reading,
        (now, next): (Timestamp, Timestamp),
    ) -> Result<(), Problem> {
        let decision = decide(spec, before, found, now);
        let after = &decision.standing;
        let samples = i64::try_from(found.samples).unwrap_or(i64::MAX);
        let sql = "UPDATE alert_states SET lease_token = NULL, lease_until = 0, next_at = $4, error = NULL, state = $5, since = $6, \
                   firing_since = $7, told_at = $8, told_no_data = $9, value = $10, samples = $11, sentence = $12, looked_at = $13 \
                   WHERE workspace_id = $1 AND alert_id = $2 AND lease_token = $3";
        let params: [Sql; 12] = [
            self.id.into(),
            self.token.as_str().into(),
            next.into(),
            after.state.as_str().into(),
            after.since.into(),
            after.firing_since.map(Timestamp::micros).into(),
            after.told_at.map(Timestamp::micros).into(),
            i64::from(after.told_no_data).into(),
            found.value.into(),
            samples.into(),
            found.sentence.as_str().into(),
            now.into(),
        ];
        let mut statements = vec![Statement::new(sql, params)];
        if let Some(left) = decision.left {
            let sql = "INSERT INTO alert_events (workspace_id, id, alert_id, left_state, state, value, samples, sentence, at) \
                       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
            let params: [Sql; 8] = [
                new_id().into(),
                self.id.into(),
                left.as_str().into(),
                after.state.as_str().into(),
                found.value.into(),
                samples.into(),
                found.sentence.as_str().into(),
                now.into(),
            ];
            statements.push(Statement::new(sql, params));
        }
        if let Some(news) = decision.news {
            let note = Note {
                news,
                alert_id: self.id.to_owned(),
                name: spec.name.clone(),
                description: spec.description.clone(),
                severity: spec.severity,
                sentence: found.sentence.clone(),
                value: found.value,
                samples: found.samples,
                firing_since: after.firing_since.or(before.firing_since),
                at: now,
                url: url(platform, self.id),
            };
            for (place, channel) in spec.channels.iter().enumerate() {
                let sql = "INSERT INTO alert_notifications (workspace_id, id, alert_id, place, channel, note, news, attempts, due_at, \
                           lease_until, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, 0, $8, 0, $8)";
                // Ids sort by time: a channel is told in their order.
                let params: [Sql; 7] = [
                    new_id().into(),
                    self.id.into(),
                    i64::try_from(place).unwrap_or_default().into(),
                    json!(channel).to_string().into(),
                    json!(note).to_string().into(),
                    news.as_str().into(),
                    now.into(),
                ];
                statements.push(Statement::new(sql, params));
            }
        }
        // Who lost the lease has decided nothing.
        self.db.guarded_batch(statements).await?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_alert_is_looked_at_ten_times_a_window() {
        let every = |minutes: u32| {
            let spec = json!({
                "name": "a", "measure": {"type": "latency"}, "window_minutes": minutes, "channels": [],
                "condition": {"type": "threshold", "aggregation": "p95", "comparison": "above", "value": 1},
            });
            every_ms(&serde_json::from_value(spec).unwrap())
        };
        assert_eq!([1, 5, 1_440].map(every), [SOONEST_MS, 30_000, LATEST_MS]);
    }
}
