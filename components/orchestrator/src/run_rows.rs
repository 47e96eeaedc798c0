//! The runs in SQL: claims, fences, ends. One statement each, so that two replicas never agree to differ.

use assay_edge::db::{Db, DbError, Row, Value};
use assay_graph::protocol::RunItem;
use assay_model::{DatasetItem, ItemOutcome, RunStatus, Timestamp};
use serde::{Deserialize, Serialize};

/// A run that this invocation may work on: the lease.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Lease {
    pub(crate) workspace_id: String,
    pub(crate) campaign_id: String,
    pub(crate) run_id: String,
    /// The step that is next.
    pub(crate) seq: i64,
    /// Proves the lease; a newer claim has another.
    pub(crate) token: String,
    /// Key of the newest checkpoint; none before the first step.
    pub(crate) checkpoint: Option<String>,
    /// How often a lost lease of this run was picked up.
    #[serde(default)]
    pub(crate) recoveries: i64,
    /// Until when the lease holds; unknown is taken for run out.
    #[serde(default)]
    pub(crate) until: Option<Timestamp>,
}

impl Lease {
    fn read(row: &Row, token: &str, until: Timestamp) -> Result<Self, DbError> {
        Ok(Self {
            workspace_id: row.text("workspace_id")?,
            campaign_id: row.text("campaign_id")?,
            run_id: row.text("id")?,
            seq: row.int("seq")?,
            token: token.to_owned(),
            checkpoint: row.opt_text("checkpoint")?,
            recoveries: row.int("recoveries")?,
            until: Some(until),
        })
    }
}

/// What a run is about, as its row holds it.
pub(crate) struct RunRow {
    pub(crate) item_key: String,
    pub(crate) repetition: u32,
    pub(crate) item: RunItem,
    pub(crate) started_at: Timestamp,
}

/// A dataset's item is stored as it is, a scenario within an object of one key, so that both can be copied in SQL.
#[derive(Deserialize)]
#[serde(untagged)]
enum StoredItem {
    Scenario { run_item: Box<RunItem> },
    Item(Box<DatasetItem>),
}

/// Reads `runs.item`.
pub(crate) fn read_item(row: &Row) -> Result<RunItem, DbError> {
    Ok(match row.json::<StoredItem>("item")? {
        StoredItem::Scenario { run_item } => *run_item,
        StoredItem::Item(item) => RunItem {
            item: *item,
            scenario: None,
        },
    })
}

/// Claims queued runs of a campaign until `concurrency` of them go on. The order is that of the index `runs_status`, and no
/// finer: with another column a store would walk over all runs that have ended, once for each that ends.
pub(crate) async fn claim_queued(
    db: &Db,
    workspace: &str,
    campaign: &str,
    concurrency: u32,
    token: &str,
    now: Timestamp,
    until: Timestamp,
) -> Result<Vec<Lease>, DbError> {
    let sql = db.pick(
        "UPDATE runs SET status = 'running', lease_token = $3, lease_until = $4, started_at = $5 \
         WHERE workspace_id = $1 AND status = 'queued' AND id IN ( \
           SELECT id FROM runs WHERE workspace_id = $1 AND campaign_id = $2 AND status = 'queued' ORDER BY position \
           LIMIT max(0, $6 - (SELECT count(*) FROM runs WHERE workspace_id = $1 AND campaign_id = $2 AND status = 'running'))) \
         RETURNING workspace_id, campaign_id, id, seq, checkpoint, recoveries",
        // Picked once, and then taken: a subquery may run again for each row, and its lock then picks others.
        "WITH picked AS ( \
           SELECT id FROM runs WHERE workspace_id = $1 AND campaign_id = $2 AND status = 'queued' ORDER BY position \
           LIMIT greatest(0, $6 - (SELECT count(*) FROM runs WHERE workspace_id = $1 AND campaign_id = $2 AND status = 'running')) \
           FOR UPDATE SKIP LOCKED) \
         UPDATE runs SET status = 'running', lease_token = $3, lease_until = $4, started_at = $5 \
         WHERE workspace_id = $1 AND status = 'queued' AND id IN (SELECT id FROM picked) \
         RETURNING workspace_id, campaign_id, id, seq, checkpoint, recoveries",
    );
    let params: [Value; 6] = [
        workspace.into(),
        campaign.into(),
        token.into(),
        until.into(),
        now.into(),
        concurrency.into(),
    ];
    db.query(sql, params)
        .await?
        .iter()
        .map(|r| Lease::read(r, token, until))
        .collect()
}

/// Claims runs whose lease has run out.
pub(crate) async fn claim_lost(
    db: &Db,
    token: &str,
    now: Timestamp,
    until: Timestamp,
    limit: i64,
) -> Result<Vec<Lease>, DbError> {
    let sql = db.pick(
        "UPDATE runs SET lease_token = $1, lease_until = $2, recoveries = recoveries + 1 \
         WHERE status = 'running' AND lease_until < $3 AND (workspace_id, id) IN ( \
           SELECT workspace_id, id FROM runs WHERE status = 'running' AND lease_until < $3 ORDER BY lease_until LIMIT $4) \
         RETURNING workspace_id, campaign_id, id, seq, checkpoint, recoveries",
        "WITH picked AS ( \
           SELECT workspace_id, id FROM runs WHERE status = 'running' AND lease_until < $3 ORDER BY lease_until LIMIT $4 \
           FOR UPDATE SKIP LOCKED) \
         UPDATE runs SET lease_token = $1, lease_until = $2, recoveries = recoveries + 1 \
         WHERE status = 'running' AND lease_until < $3 AND (workspace_id, id) IN (SELECT workspace_id, id FROM picked) \
         RETURNING workspace_id, campaign_id, id, seq, checkpoint, recoveries",
    );
    let params: [Value; 4] = [token.into(), until.into(), now.into(), limit.into()];
    db.query(sql, params)
        .await?
        .iter()
        .map(|r| Lease::read(r, token, until))
        .collect()
}

/// What the run is about; `None` when the lease is lost or the run has ended.
pub(crate) async fn load(db: &Db, lease: &Lease) -> Result<Option<RunRow>, DbError> {
    let sql = format!("SELECT item_key, repetition, item, started_at FROM runs {FENCE}");
    let rows = db.query(&sql, fence(lease)).await?;
    rows.first()
        .map(|row| {
            Ok(RunRow {
                item_key: row.text("item_key")?,
                repetition: u32::try_from(row.int("repetition")?).unwrap_or_default(),
                item: read_item(row)?,
                started_at: row.time("started_at")?,
            })
        })
        .transpose()
}

/// The run as its lease knows it; the values are [`fence`]'s.
const FENCE: &str =
    "WHERE workspace_id = $1 AND id = $2 AND seq = $3 AND lease_token = $4 AND status = 'running'";

fn fence(lease: &Lease) -> Vec<Value> {
    vec![
        lease.workspace_id.as_str().into(),
        lease.run_id.as_str().into(),
        lease.seq.into(),
        lease.token.as_str().into(),
    ]
}

/// Moves the run to its next step, and its lease to `until` if that is given: the lease is in an index, whose pages would
/// be written with every step. `false` when the lease is lost: the caller's work then counts for nothing.
pub(crate) async fn advance(
    db: &Db,
    lease: &Lease,
    checkpoint: &str,
    until: Option<Timestamp>,
) -> Result<bool, DbError> {
    let mut params = fence(lease);
    params.push(checkpoint.into());
    let lease_until = match until {
        Some(until) => {
            params.push(until.into());
            ", lease_until = $6"
        }
        None => "",
    };
    let sql = format!("UPDATE runs SET seq = seq + 1, checkpoint = $5{lease_until} {FENCE}");
    Ok(db.execute(&sql, params).await? == 1)
}

/// Ends the run. `false` when the lease is lost.
pub(crate) async fn finish(
    db: &Db,
    lease: &Lease,
    checkpoint: &str,
    outcome: &ItemOutcome,
    now: Timestamp,
) -> Result<bool, DbError> {
    let sql = format!(
        "UPDATE runs SET seq = seq + 1, checkpoint = $5, status = $6, outcome = $7, finished_at = $8, \
         lease_token = NULL, lease_until = NULL {FENCE}"
    );
    let outcome_json = serde_json::to_string(outcome).map_err(|e| DbError::Other(e.to_string()))?;
    let mut params = fence(lease);
    params.extend([
        checkpoint.into(),
        outcome.status.as_str().into(),
        outcome_json.into(),
        now.into(),
    ]);
    Ok(db.execute(&sql, params).await? == 1)
}

/// Gives the lease back, so that the sweep picks the run up at `at`.
pub(crate) async fn release(db: &Db, lease: &Lease, at: Timestamp) -> Result<(), DbError> {
    let sql = format!("UPDATE runs SET lease_until = $5 {FENCE}");
    let mut params = fence(lease);
    params.push(at.into());
    db.execute(&sql, params).await.map(|_| ())
}

/// An outcome of a run that has not ended, or was stopped.
pub(crate) fn open_outcome(row: &Row, status: RunStatus) -> Result<ItemOutcome, DbError> {
    let item = read_item(row)?;
    let run_id = row.text("id")?;
    Ok(ItemOutcome {
        trace_id: run_id.clone(),
        run_id,
        item_key: row.text("item_key")?,
        repetition: u32::try_from(row.int("repetition")?).unwrap_or_default(),
        status,
        input: item.item.user_turns().last().map(|s| (*s).to_owned()),
        output: None,
        expected_output: item.item.expected_output,
        turns: 0,
        scores: Vec::new(),
        error: None,
        latency_ms: None,
        cost_usd: None,
        usage: None,
    })
}
