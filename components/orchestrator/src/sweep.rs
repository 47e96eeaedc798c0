//! Picks up what a crash dropped: runs whose lease has run out, campaigns with room; and sets off what waits elsewhere. Run at start,
//! by a timer, and when somebody looks.

use crate::events;
use crate::hooks::{deliveries, statuses};
use crate::judge_answers;
use crate::pump::{self, FIRST_LEASE_MS};
use crate::recordings;
use crate::run_rows;
use crate::schedules;
use assay_edge::db::{Db, Value};
use assay_edge::evaluation_queue::OLDEST_MS;
use assay_edge::traces::schedule::{CLEARED_EVERY_MS, EVENTS_KEPT_MS};
use assay_edge::{
    Ctx, Platform, Problem, Reply, chain, clock, log_error, new_id, parse_json, reply,
};
use assay_model::Timestamp;
use serde::Deserialize;
use serde_json::json;
use std::cell::Cell;

/// Runs picked up in one go.
const BATCH: i64 = 64;
/// How long an instance does not look again, in milliseconds.
const LOOK_EVERY_MS: i64 = 5_000;
const COMPONENT: &str = "orchestrator";

thread_local! {
    static LOOKED: Cell<Option<Timestamp>> = const { Cell::new(None) };
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Sweep {
    /// No other process works on this store, and this one has just started: every lease is a dead one's.
    exclusive: bool,
}

pub(crate) async fn sweep(mut ctx: Ctx) -> Result<Reply, Problem> {
    let body = ctx.bytes(1024).await?;
    let request: Sweep = if body.is_empty() {
        Sweep::default()
    } else {
        parse_json(&body)?
    };
    let db = ctx.platform.db().await?;
    if request.exclusive {
        db.execute(
            "UPDATE runs SET lease_until = 0 WHERE status = 'running'",
            Vec::new(),
        )
        .await?;
    }
    let (recovered, started) = run(&ctx.platform, &db, &ctx.request_id).await?;
    reply::ok(&json!({"recovered": recovered, "started": started}))
}

/// Somebody reads campaigns. An engine that runs components for requests alone has no timer, so that this is when it
/// notices what was dropped. The answer does not wait for it.
pub(crate) fn look(ctx: &Ctx) {
    let now = clock::now();
    if LOOKED
        .get()
        .is_some_and(|at| now < at.plus_millis(LOOK_EVERY_MS))
    {
        return;
    }
    LOOKED.set(Some(now));
    let (platform, request_id) = (ctx.platform.clone(), ctx.request_id.clone());
    spin_sdk::wasip3::spawn(async move {
        let looked = async {
            let db = platform.db().await?;
            if dropped(&db).await? {
                run(&platform, &db, &request_id).await?;
            }
            Ok::<(), Problem>(())
        };
        if let Err(e) = looked.await {
            log_error(
                COMPONENT,
                &request_id,
                "campaigns could not be swept",
                &e.to_string(),
            );
        }
    });
}

/// Whether there is anything to pick up. A read, since looking should not take the write lock.
async fn dropped(db: &Db) -> Result<bool, Problem> {
    let sql = "SELECT 1 AS one FROM runs WHERE status = 'running' AND lease_until < $1 \
               UNION ALL SELECT 1 FROM campaigns c WHERE c.status IN ('queued', 'running') AND NOT EXISTS ( \
                 SELECT 1 FROM runs r WHERE r.workspace_id = c.workspace_id AND r.campaign_id = c.id AND r.status = 'running') \
               LIMIT 1";
    Ok(!db.query(sql, [clock::now().into()]).await?.is_empty()
        || triggers_wait(db).await?
        || recordings::wait(db).await?
        || judge_answers::wait(db).await?
        || traces_wait(db).await?
        || alerts_wait(db).await?
        || ingest_waits(db).await?)
}

/// Whether traces that rules picked are ready, and nobody works for their rule. Those of evaluators outside are among them: the
/// component that evaluates tells them apart.
async fn traces_wait(db: &Db) -> Result<bool, Problem> {
    let sql = "SELECT 1 AS one FROM evaluation_rules r LEFT JOIN evaluation_turns t \
                 ON t.workspace_id = r.workspace_id AND t.rule_id = r.id \
               WHERE COALESCE(t.lease_until, 0) <= $1 AND (EXISTS (SELECT 1 FROM evaluation_queue q \
                   WHERE q.workspace_id = r.workspace_id AND q.rule_id = r.id AND q.state = 'ready' AND q.due_at <= $1) \
                 OR EXISTS (SELECT 1 FROM evaluation_queue q \
                   WHERE q.workspace_id = r.workspace_id AND q.rule_id = r.id AND q.state = 'leased' AND q.lease_until < $1)) LIMIT 1";
    Ok(!db.query(sql, [clock::now().into()]).await?.is_empty())
}

/// Whether an alert is to be looked at, or a channel of one to be told.
async fn alerts_wait(db: &Db) -> Result<bool, Problem> {
    let sql = "SELECT 1 AS one WHERE EXISTS (SELECT 1 FROM alerts a LEFT JOIN alert_states s \
                 ON s.workspace_id = a.workspace_id AND s.alert_id = a.id WHERE a.deleted_at IS NULL \
                 AND COALESCE(s.next_at, 0) <= $1 AND COALESCE(s.lease_until, 0) <= $1) \
               OR EXISTS (SELECT 1 FROM alert_notifications WHERE due_at <= $1 AND lease_until <= $1)";
    Ok(!db.query(sql, [clock::now().into()]).await?.is_empty())
}

/// What rules picked is evaluated by the component that has the metrics, and so are alerts looked at; it does not keep the schedule waiting.
async fn evaluate(platform: &Platform, db: &Db, request_id: &str) -> Result<(), Problem> {
    let begin = async |path: &str, what: &str| {
        let begun: Result<serde_json::Value, Problem> =
            chain::call(platform, "evaluator", path, &json!({})).await;
        if let Err(e) = begun {
            log_error(COMPONENT, request_id, what, &e.to_string());
        }
    };
    if traces_wait(db).await? {
        begin("/internal/online", "traces could not be evaluated").await;
    }
    if alerts_wait(db).await? {
        begin("/internal/alerts", "alerts could not be looked at").await;
    }
    Ok(())
}

/// Whether the component that takes traces in has work: batches in the spool, traces that may be too old, events that nobody
/// needs any more, traces whose evaluation is to be decided, observations that are due to be forwarded.
async fn ingest_waits(db: &Db) -> Result<bool, Problem> {
    let sql = "SELECT 1 AS one WHERE EXISTS (SELECT 1 FROM trace_spool) \
               OR EXISTS (SELECT 1 FROM ingest_policies WHERE retention_days IS NOT NULL AND COALESCE(cleared_at, 0) < $1) \
               OR EXISTS (SELECT 1 FROM observation_patches WHERE received_at < $2) \
               OR EXISTS (SELECT 1 FROM evaluation_queue WHERE state = 'waiting' AND due_at <= $3) \
               OR EXISTS (SELECT 1 FROM evaluation_queue WHERE state IN ('done', 'skipped', 'failed') AND updated_at < $4) \
               OR EXISTS (SELECT 1 FROM forward_destinations d WHERE d.enabled = 1 AND d.retry_at <= $3 AND d.lease_until <= $3 \
                 AND EXISTS (SELECT 1 FROM forward_queue q WHERE q.workspace_id = d.workspace_id AND q.destination_id = d.id \
                   AND q.due_at <= $3))";
    let now = clock::now();
    let params = [
        now.plus_millis(-CLEARED_EVERY_MS).into(),
        now.plus_millis(-EVENTS_KEPT_MS).into(),
        now.into(),
        now.plus_millis(-OLDEST_MS).into(),
    ];
    Ok(!db.query(sql, params).await?.is_empty())
}

async fn run(platform: &Platform, db: &Db, request_id: &str) -> Result<(usize, usize), Problem> {
    let recovered = recover(platform, db).await?;
    let started = refill(platform, db).await?;
    events::forget(db).await?;
    triggers(platform, db, request_id).await;
    drain(platform, db, request_id).await?;
    // What was settled just now is evaluated in the same round.
    evaluate(platform, db, request_id).await?;
    Ok((recovered, started))
}

/// Campaigns that begin by the clock, commits that are to be told, deliveries, recordings and answers of judges that are old: none keeps the others from going
/// on.
async fn triggers(platform: &Platform, db: &Db, request_id: &str) {
    let log = |what: &str, done: Result<(), Problem>| {
        if let Err(e) = done {
            log_error(COMPONENT, request_id, what, &e.to_string());
        }
    };
    let begun = schedules::due::start_due(platform, db, request_id).await;
    log("schedules could not be kept", begun);
    log("commits could not be told", statuses::drain(platform).await);
    log(
        "old deliveries could not be forgotten",
        deliveries::forget_all(db).await,
    );
    let forgotten = recordings::forget(db).await;
    log("old recordings could not be deleted", forgotten);
    log(
        "old answers of judges could not be forgotten",
        judge_answers::forget(db).await,
    );
}

/// Whether there is anything of that to do.
async fn triggers_wait(db: &Db) -> Result<bool, Problem> {
    let sql = "SELECT 1 AS one WHERE EXISTS (SELECT 1 FROM schedules WHERE next_at <= $1) \
               OR EXISTS (SELECT 1 FROM schedules WHERE starting_at IS NOT NULL AND lease_until <= $1) \
               OR EXISTS (SELECT 1 FROM hook_statuses WHERE due_at <= $1 AND lease_until <= $1) \
               OR EXISTS (SELECT 1 FROM hook_statuses s JOIN campaigns c ON c.workspace_id = s.workspace_id AND c.id = s.campaign_id \
                 WHERE s.wanted = 'pending' AND c.status IN ('completed', 'cancelled')) \
               OR EXISTS (SELECT 1 FROM hook_deliveries WHERE received_at < $2)";
    let now = clock::now();
    let old = now.plus_millis(-deliveries::KEPT_MS);
    Ok(!db.query(sql, [now.into(), old.into()]).await?.is_empty())
}

/// What waits for the component that takes traces in is done by it. Nobody else may come by while it is idle.
async fn drain(platform: &Platform, db: &Db, request_id: &str) -> Result<(), Problem> {
    if !ingest_waits(db).await? {
        return Ok(());
    }
    let drained: Result<serde_json::Value, Problem> =
        chain::call(platform, "ingest", "/internal/drain", &json!({})).await;
    if let Err(e) = drained {
        log_error(
            COMPONENT,
            request_id,
            "the spool could not be drained",
            &e.to_string(),
        );
    }
    Ok(())
}

async fn recover(platform: &Platform, db: &Db) -> Result<usize, Problem> {
    let mut recovered = 0;
    loop {
        let now = clock::now();
        let leases =
            run_rows::claim_lost(db, &new_id(), now, now.plus_millis(FIRST_LEASE_MS), BATCH)
                .await?;
        for lease in &leases {
            pump::hand_on(platform, db, lease).await;
        }
        recovered += leases.len();
        if leases.len() < BATCH as usize {
            return Ok(recovered);
        }
    }
}

/// Open campaigns may have room that a crash left, or be over without anyone having said so.
async fn refill(platform: &Platform, db: &Db) -> Result<usize, Problem> {
    let sql = "SELECT workspace_id, id FROM campaigns WHERE status IN ('queued', 'running') ORDER BY priority DESC, created_at LIMIT $1";
    let mut started = 0;
    for row in db.query(sql, [Value::Int(500)]).await? {
        let (workspace, id) = (row.text("workspace_id")?, row.text("id")?);
        started += pump::pump(platform, db, &workspace, &id).await?;
    }
    Ok(started)
}
