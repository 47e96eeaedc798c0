//! What came in is stored, and its traces are put into the queues of the rules that pick them, before it is acknowledged.

use assay_edge::evaluation_queue::{Rule, enqueue, rules};
use assay_edge::traces::TraceStore;
use assay_edge::{Ctx, Problem, Remembered, clock};
use assay_model::{Batch, Timestamp};
use std::collections::BTreeSet;
use std::rc::Rc;

/// How long the rules of a workspace are remembered, in milliseconds.
const FRESH_MS: i64 = 3_000;

thread_local! {
    static RULES: Remembered<Vec<Rule>> = Remembered::default();
}

async fn of_workspace(ctx: &Ctx) -> Result<Rc<Vec<Rule>>, Problem> {
    let workspace = &ctx.actor()?.workspace;
    if let Some(known) = RULES.with(|all| all.get(workspace)) {
        return Ok(known);
    }
    let found = rules(&ctx.db().await?).await?;
    Ok(RULES.with(|all| all.keep(workspace, found, FRESH_MS)))
}

/// Stores a batch as received now.
pub(crate) async fn keep(ctx: &Ctx, batch: &Batch) -> Result<(), Problem> {
    keep_at(ctx, batch, clock::now()).await
}

/// As [`keep`], as received at that time.
pub(crate) async fn keep_at(ctx: &Ctx, batch: &Batch, received: Timestamp) -> Result<(), Problem> {
    let rules = of_workspace(ctx).await?;
    let store = TraceStore::open(&ctx.platform, &ctx.actor()?.workspace).await?;
    store.write_at(batch, received).await?;
    if rules.is_empty() {
        return Ok(());
    }
    // Scores alone are no reason to evaluate a trace: evaluations give scores.
    let traces: BTreeSet<&str> = batch
        .traces
        .iter()
        .map(|t| t.id.as_str())
        .chain(batch.observations.iter().map(|o| o.trace_id.as_str()))
        .collect();
    enqueue(&ctx.db().await?, &rules, &traces, clock::now()).await?;
    Ok(())
}
