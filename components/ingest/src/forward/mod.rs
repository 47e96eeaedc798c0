//! Sends what waits to where it is forwarded: after the answer that queued it, and whenever the schedule comes by.
//!
//! One instance at a time sends to a destination, under a lease. A destination that does not answer is left alone for a
//! time that grows, and what waits for it keeps waiting, up to [`assay_edge::forward::MAX_WAITING`]; no other destination
//! and no client waits for it. Whatever is taken is taken off the queue in one transaction with its count. A crash between
//! the other side's answer and that sends again what replaces itself there: ids are the same.

mod deliver;
mod load;
mod waiting;

use crate::destinations::{Destination, TABLE, find_by_id};
use assay_edge::backoff::Backoff;
use assay_edge::db::{Db, ScopedDb};
use assay_edge::{Ctx, Platform, Problem, clock, log_error, new_id, platform, random_bytes};
use assay_model::{Batch, Observation, Timestamp};
use assay_otlp::{EncodeContext, encode, gzip, receipt, to_protobuf};
use deliver::{Refusal, deliver};
use serde::Serialize;
use std::cell::Cell;
use std::collections::HashSet;
use waiting::{Sent, Waiting};

/// How long a batch waits for others that may go with it, in milliseconds.
const GATHER_MS: u64 = 300;
/// How long who sends may be silent before another takes over, in milliseconds: longer than a delivery takes.
const LEASE_MS: i64 = 60_000;
/// Destinations that one look finds.
const AT_ONCE: i64 = 32;
/// Waits after failures.
const WAITS: Backoff = Backoff {
    first_ms: 1_000,
    factor: 2,
    longest_ms: 300_000,
};
/// How long nothing is sent while batches wait for the trace store, in milliseconds.
const SPOOLED_MS: i64 = 2_000;

thread_local! {
    /// Whether this instance is about to look.
    static SOON: Cell<bool> = const { Cell::new(false) };
}

/// Queues what a stored batch says, and sends it when the answer is out.
pub(crate) async fn hand_on(ctx: &Ctx, batch: &Batch) -> Result<(), Problem> {
    hand_on_except(ctx, batch, &HashSet::new()).await
}

/// As [`hand_on`], without what was forwarded to here: it would go round for ever.
pub(crate) async fn hand_on_except(
    ctx: &Ctx,
    batch: &Batch,
    forwarded: &HashSet<(String, String)>,
) -> Result<(), Problem> {
    let workspace = &ctx.actor()?.workspace;
    if assay_edge::forward::queue(&ctx.platform, workspace, batch, forwarded).await {
        soon(GATHER_MS);
    }
    Ok(())
}

/// Sends what is due, beside whatever else this instance does.
pub(crate) fn soon(after_ms: u64) {
    if SOON.replace(true) {
        return;
    }
    spin_sdk::wasip3::spawn(async move {
        if after_ms > 0 {
            clock::sleep(after_ms).await;
        }
        SOON.set(false);
        let looked = async {
            let platform = platform().await?;
            for (workspace, id) in due(&platform.db().await?).await? {
                spin_sdk::wasip3::spawn(send_all(workspace, id));
            }
            Ok::<(), Problem>(())
        };
        if let Err(problem) = looked.await {
            log_error("ingest", "", "nothing is forwarded", &problem.to_string());
        }
    });
}

/// Destinations for which something is due, and to which nobody is sending.
async fn due(db: &Db) -> Result<Vec<(String, String)>, Problem> {
    let sql = format!(
        "SELECT workspace_id, id FROM {TABLE} d WHERE enabled = 1 AND retry_at <= $1 AND lease_until <= $1 AND EXISTS \
         (SELECT 1 FROM forward_queue q WHERE q.workspace_id = d.workspace_id AND q.destination_id = d.id AND q.due_at <= $1) \
         ORDER BY retry_at, id LIMIT $2"
    );
    let rows = db
        .query(&sql, [clock::now().into(), AT_ONCE.into()])
        .await?;
    rows.iter()
        .map(|row| Ok((row.text("workspace_id")?, row.text("id")?)))
        .collect()
}

/// Sends to one destination until nothing is due, or it fails.
async fn send_all(workspace: String, id: String) {
    let done = async {
        let platform = platform().await?;
        let db = ScopedDb::for_internal(platform.db().await?, workspace.clone());
        let turn = Turn {
            platform: &platform,
            db: &db,
            id: &id,
            token: new_id(),
        };
        if !turn.claim().await? {
            return Ok(());
        }
        let outcome = turn.run().await;
        turn.release().await?;
        outcome
    };
    if let Err(problem) = done.await {
        let what = format!("forwarding to {id} of workspace {workspace}");
        let problem: Problem = problem;
        log_error("ingest", "", &what, &problem.to_string());
    }
}

/// One instance's turn at one destination.
struct Turn<'a> {
    platform: &'a Platform,
    db: &'a ScopedDb,
    id: &'a str,
    /// Proves the lease.
    token: String,
}

impl Turn<'_> {
    /// Takes the lease, unless another has it or there is nothing to be done.
    async fn claim(&self) -> Result<bool, Problem> {
        let sql = format!(
            "UPDATE {TABLE} SET lease_token = $3, lease_until = $4 WHERE workspace_id = $1 AND id = $2 AND enabled = 1 \
             AND retry_at <= $5 AND lease_until <= $5"
        );
        let now = clock::now();
        let params = [
            self.id.into(),
            self.token.as_str().into(),
            now.plus_millis(LEASE_MS).into(),
            now.into(),
        ];
        Ok(self.db.execute(&sql, params).await? > 0)
    }

    /// Keeps the lease; false when it is lost, or when the destination is to be left alone, or gone.
    async fn renew(&self) -> Result<bool, Problem> {
        let sql = format!(
            "UPDATE {TABLE} SET lease_until = $4 WHERE workspace_id = $1 AND id = $2 AND lease_token = $3 AND enabled = 1 \
             AND retry_at <= $5"
        );
        let now = clock::now();
        let params = [
            self.id.into(),
            self.token.as_str().into(),
            now.plus_millis(LEASE_MS).into(),
            now.into(),
        ];
        Ok(self.db.execute(&sql, params).await? > 0)
    }

    async fn release(&self) -> Result<(), Problem> {
        let sql = format!(
            "UPDATE {TABLE} SET lease_token = NULL, lease_until = 0 WHERE workspace_id = $1 AND id = $2 AND lease_token = $3"
        );
        let params = [self.id.into(), self.token.as_str().into()];
        self.db.execute(&sql, params).await?;
        Ok(())
    }

    async fn run(&self) -> Result<(), Problem> {
        assay_edge::forward::trim(self.db, self.id).await?;
        while self.renew().await? {
            let Some(destination) = find_by_id(self.db, self.id).await? else {
                return Ok(());
            };
            if waiting::is_spooled(self.db).await? {
                // What the trace store does not have yet cannot be sent, and what it has may be old.
                return waiting::put_off(self.db, self.id, SPOOLED_MS).await;
            }
            let waiting = waiting::next(self.db, self.id).await?;
            if waiting.is_empty() || !self.send(&destination, waiting).await? {
                return Ok(());
            }
        }
        Ok(())
    }

    /// Sends some of what waits; whether to go on.
    async fn send(&self, to: &Destination, waiting: Vec<Waiting>) -> Result<bool, Problem> {
        let load = load::load(self.platform, self.db, to, waiting).await?;
        waiting::wait_for_end(self.db, self.id, &load.unfinished).await?;
        if load.batch.observations.is_empty() {
            let nothing = Sent::default();
            waiting::done(self.db, self.id, &load.taken, nothing).await?;
            return Ok(true);
        }
        let spans = load.batch.observations.len() as u64;
        match deliver(self.platform, to, load.body).await {
            Ok(answer) => {
                let receipt = receipt(&answer);
                let rejected = receipt.rejected.min(spans);
                let message = deliver::partial(rejected, &receipt.message);
                let sent = Sent {
                    sent: spans - rejected,
                    failed: rejected,
                    message,
                };
                waiting::done(self.db, self.id, &load.taken, sent).await?;
                Ok(true)
            }
            Err(refusal) => {
                let wait_ms = self.wait_ms(to, &refusal);
                waiting::failed(self.db, self.id, &load.taken, &refusal, wait_ms).await?;
                Ok(false)
            }
        }
    }

    /// How long to leave the destination alone: as long as it asked for, and longer with each failure.
    fn wait_ms(&self, to: &Destination, refusal: &Refusal) -> i64 {
        let own = WAITS.after(to.failures.saturating_add(1));
        // Half of it by chance, so that many destinations on one server do not come back together.
        let jitter = random_bytes::<1>().map_or(0.5, |[b]| f64::from(b) / 256.0);
        let own = own / 2 + (own as f64 / 2.0 * jitter) as i64;
        match refusal.retry_after_ms {
            Some(asked) => own.max(WAITS.asked(asked)),
            None => own,
        }
    }
}

/// What came of a trial.
#[derive(Serialize)]
pub(crate) struct Probed {
    /// Whether the span was taken.
    ok: bool,
    latency_ms: i64,
    /// The status of a refusal; null when it was taken, or when there was no answer.
    status: Option<u16>,
    /// What was said, by the other side or of the way to it.
    message: Option<String>,
    /// The trace that was sent.
    trace_id: String,
}

/// Sends one span that says it is a trial.
pub(crate) async fn probe(platform: &Platform, to: &Destination) -> Result<Probed, Problem> {
    let now = clock::now();
    let trace_id = hex::encode(random_bytes::<16>()?);
    let batch = Batch {
        observations: vec![Observation {
            id: hex::encode(random_bytes::<8>()?),
            trace_id: trace_id.clone(),
            name: "assay forwarding test".to_owned(),
            start_time: Timestamp::from_micros(now.micros() - 1000),
            end_time: Some(now),
            input: "Can you hear me?".into(),
            ..Observation::default()
        }],
        ..Batch::default()
    };
    let body = body(&batch, to);
    let answer = deliver(platform, to, body).await;
    let latency_ms = clock::now().millis_since(now).max(0);
    let (ok, status, message) = match answer {
        Ok(answer) => {
            let receipt = receipt(&answer);
            let message = deliver::partial(receipt.rejected.min(1), &receipt.message);
            (receipt.rejected == 0, None, message)
        }
        Err(refusal) => (false, refusal.status, Some(refusal.message)),
    };
    Ok(Probed {
        ok,
        latency_ms,
        status,
        message,
        trace_id,
    })
}

/// The body of a request.
fn body(batch: &Batch, to: &Destination) -> Vec<u8> {
    let ctx = EncodeContext {
        project: to.spec.project.as_deref(),
    };
    gzip(&to_protobuf(&encode(batch, ctx)))
}
