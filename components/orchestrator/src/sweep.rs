//! Picks up what a crash dropped: runs whose lease has run out, campaigns with room. Run at start, by a timer, and when
//! somebody looks.

use crate::pump::{self, FIRST_LEASE_MS};
use crate::run_rows;
use assay_edge::db::{Db, Value};
use assay_edge::{
    Ctx, Platform, Problem, Reply, chain, clock, log_error, new_id, parse_json, reply,
};
use assay_model::CampaignSpec;
use serde::Deserialize;
use serde_json::json;

/// Runs picked up in one go.
const BATCH: i64 = 64;

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
    let recovered = recover(&ctx.platform, &db).await?;
    let started = refill(&ctx.platform, &db).await?;
    drain(&ctx, &db).await?;
    reply::ok(&json!({"recovered": recovered, "started": started}))
}

/// Traces that wait in the spool are replayed by the component that owns it. Nobody else may come by while it is idle.
async fn drain(ctx: &Ctx, db: &Db) -> Result<(), Problem> {
    let waiting = db
        .query("SELECT id FROM trace_spool LIMIT 1", Vec::new())
        .await?;
    if waiting.is_empty() {
        return Ok(());
    }
    let drained: Result<serde_json::Value, Problem> =
        chain::call(&ctx.platform, "ingest", "/internal/drain", &json!({})).await;
    if let Err(e) = drained {
        log_error(
            ctx.component,
            &ctx.request_id,
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
    let sql = "SELECT workspace_id, id, spec FROM campaigns WHERE status IN ('queued', 'running') ORDER BY created_at LIMIT $1";
    let mut started = 0;
    for row in db.query(sql, [Value::Int(500)]).await? {
        let spec: CampaignSpec = row.json("spec")?;
        let (workspace, id) = (row.text("workspace_id")?, row.text("id")?);
        started += pump::pump(platform, db, &workspace, &id, spec.concurrency).await?;
    }
    Ok(started)
}
