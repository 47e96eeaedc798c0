//! The runs in SQL: claims, fences, ends. One statement each, so that two replicas never agree to differ.

use assay_edge::db::{Db, DbError, Dialect, Row, Statement, Value};
use assay_graph::protocol::RunItem;
use assay_model::{DatasetItem, ItemOutcome, RunStatus, Timestamp};
use assay_scenario::Waits;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

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
    /// Whether the run waited for something that has come.
    #[serde(default)]
    pub(crate) resumes: bool,
}

/// The columns of a lease.
const LEASED: &str = "workspace_id, campaign_id, id, seq, checkpoint, recoveries, CASE WHEN waits IS NULL THEN 0 ELSE 1 END AS resumes";

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
            resumes: row.int("resumes")? == 1,
        })
    }
}

/// What a run is about, as its row holds it.
pub(crate) struct RunRow {
    pub(crate) item_key: String,
    pub(crate) repetition: u32,
    /// Whether it went on from a checkpoint of another run.
    pub(crate) forked: bool,
    pub(crate) item: RunItem,
    /// The agent under test: its place in the campaign's snapshot.
    pub(crate) agent: usize,
    /// The persona that was put in place of the scenario's.
    pub(crate) persona_id: Option<String>,
    pub(crate) started_at: Timestamp,
    /// What it waits for.
    pub(crate) waits: Vec<Asked>,
    /// What it was answered, by question.
    pub(crate) answers: BTreeMap<String, serde_json::Value>,
}

/// A question of a run, as its row holds it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Asked {
    /// By which it is answered.
    pub(crate) id: String,
    /// What is asked.
    #[serde(flatten)]
    pub(crate) waits: Waits,
    /// When time itself answers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) due: Option<Timestamp>,
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
            scenarios: BTreeMap::new(),
        },
    })
}

/// What is claimed, and for whom.
pub(crate) struct Claim<'c> {
    pub(crate) workspace: &'c str,
    pub(crate) campaign: &'c str,
    /// Runs that may go on at once.
    pub(crate) most: u32,
    pub(crate) priority: u32,
    pub(crate) token: &'c str,
    pub(crate) now: Timestamp,
    pub(crate) until: Timestamp,
}

/// Claims queued runs of a campaign until so many of them go on; none while it is paused, or while one with a higher priority has
/// runs that have not begun. The order is that of the index `runs_status`, and no finer: with another column a store would walk
/// over all runs that have ended, once for each that ends.
pub(crate) async fn claim_queued(db: &Db, claim: &Claim<'_>) -> Result<Vec<Lease>, DbError> {
    let picked = "SELECT id FROM runs WHERE workspace_id = $1 AND campaign_id = $2 AND status = 'queued' ORDER BY position";
    let going = "SELECT count(*) FROM runs WHERE workspace_id = $1 AND campaign_id = $2 AND status = 'running'";
    let stopped =
        "SELECT 1 FROM campaigns WHERE workspace_id = $1 AND id = $2 AND status = 'paused'";
    let first = "SELECT 1 FROM campaigns o WHERE o.workspace_id = $1 AND o.status = 'running' AND o.priority > $7 AND EXISTS ( \
                   SELECT 1 FROM runs q WHERE q.workspace_id = $1 AND q.campaign_id = o.id AND q.status = 'queued')";
    let room = format!(
        "CASE WHEN EXISTS ({stopped}) OR EXISTS ({first}) THEN 0 ELSE CAST($6 AS BIGINT) END"
    );
    let set = "UPDATE runs SET status = 'running', lease_token = $3, lease_until = $4, started_at = COALESCE(started_at, $5) \
               WHERE workspace_id = $1 AND status = 'queued' AND id IN";
    let sql = match db.dialect() {
        Dialect::Sqlite => {
            format!("{set} ({picked} LIMIT max(0, {room} - ({going}))) RETURNING {LEASED}")
        }
        // Picked once, and then taken: a subquery may run again for each row, and its lock then picks others.
        Dialect::Postgres => format!(
            "WITH picked AS ({picked} LIMIT greatest(0, {room} - ({going})) FOR UPDATE SKIP LOCKED) \
             {set} (SELECT id FROM picked) RETURNING {LEASED}"
        ),
    };
    let params: [Value; 7] = [
        claim.workspace.into(),
        claim.campaign.into(),
        claim.token.into(),
        claim.until.into(),
        claim.now.into(),
        claim.most.into(),
        claim.priority.into(),
    ];
    db.query(&sql, params)
        .await?
        .iter()
        .map(|r| Lease::read(r, claim.token, claim.until))
        .collect()
}

/// Claims runs whose lease has run out, and those that wait for a time that has come.
pub(crate) async fn claim_lost(
    db: &Db,
    token: &str,
    now: Timestamp,
    until: Timestamp,
    limit: i64,
) -> Result<Vec<Lease>, DbError> {
    let lost = "status IN ('running', 'waiting_for_person') AND lease_until < $3";
    let picked =
        format!("SELECT workspace_id, id FROM runs WHERE {lost} ORDER BY lease_until LIMIT $4");
    // Whoever waits has lost nothing.
    let set = format!(
        "UPDATE runs SET status = 'running', lease_token = $1, lease_until = $2, \
         recoveries = recoveries + CASE WHEN lease_token IS NULL THEN 0 ELSE 1 END \
         WHERE {lost} AND (workspace_id, id) IN"
    );
    let sql = match db.dialect() {
        Dialect::Sqlite => format!("{set} ({picked}) RETURNING {LEASED}"),
        Dialect::Postgres => format!(
            "WITH picked AS ({picked} FOR UPDATE SKIP LOCKED) {set} (SELECT workspace_id, id FROM picked) RETURNING {LEASED}"
        ),
    };
    let params: [Value; 4] = [token.into(), until.into(), now.into(), limit.into()];
    db.query(&sql, params)
        .await?
        .iter()
        .map(|r| Lease::read(r, token, until))
        .collect()
}

/// Claims a run that waits for a time that has come.
pub(crate) async fn claim_due(
    db: &Db,
    workspace: &str,
    run: &str,
    token: &str,
    now: Timestamp,
    until: Timestamp,
) -> Result<Option<Lease>, DbError> {
    let sql = format!(
        "UPDATE runs SET status = 'running', lease_token = $3, lease_until = $4 \
         WHERE workspace_id = $1 AND id = $2 AND status IN ('running', 'waiting_for_person') \
         AND lease_token IS NULL AND lease_until <= $5 RETURNING {LEASED}"
    );
    let params: [Value; 5] = [
        workspace.into(),
        run.into(),
        token.into(),
        until.into(),
        now.into(),
    ];
    let rows = db.query(&sql, params).await?;
    rows.first()
        .map(|r| Lease::read(r, token, until))
        .transpose()
}

/// What the run is about; `None` when the lease is lost or the run has ended.
pub(crate) async fn load(db: &Db, lease: &Lease) -> Result<Option<RunRow>, DbError> {
    let sql = format!("SELECT {COLUMNS} FROM runs {FENCE}");
    let rows = db.query(&sql, fence(lease)).await?;
    rows.first().map(RunRow::read).transpose()
}

/// The columns of a [`RunRow`].
pub(crate) const COLUMNS: &str =
    "item_key, repetition, forked_from, item, agent, persona_id, started_at, waits, answers";

impl RunRow {
    pub(crate) fn read(row: &Row) -> Result<Self, DbError> {
        Ok(Self {
            item_key: row.text("item_key")?,
            repetition: u32::try_from(row.int("repetition")?).unwrap_or_default(),
            forked: row.opt_text("forked_from")?.is_some(),
            item: read_item(row)?,
            agent: usize::try_from(row.int("agent")?).unwrap_or_default(),
            persona_id: row.opt_text("persona_id")?,
            started_at: row
                .opt_int("started_at")?
                .map_or_else(Timestamp::default, Timestamp::from_micros),
            waits: opt_json(row, "waits")?.unwrap_or_default(),
            answers: opt_json(row, "answers")?.unwrap_or_default(),
        })
    }
}

/// A column of JSON that may be null.
pub(crate) fn opt_json<T: serde::de::DeserializeOwned>(
    row: &Row,
    column: &str,
) -> Result<Option<T>, DbError> {
    match row.opt_text(column)? {
        Some(_) => row.json(column).map(Some),
        None => Ok(None),
    }
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

/// What became of a run that was moved on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Moved {
    /// It goes on.
    On,
    /// Its campaign is paused, and so is it.
    Paused,
    /// The lease is lost: the caller's work counts for nothing.
    Lost,
}

/// Moves the run to its next step, and its lease to `until` if that is given: the lease is in an index, whose pages would
/// be written with every step.
pub(crate) async fn advance(
    db: &Db,
    lease: &Lease,
    checkpoint: &str,
    until: Option<Timestamp>,
) -> Result<Moved, DbError> {
    let mut params = fence(lease);
    params.push(checkpoint.into());
    params.push(lease.campaign_id.as_str().into());
    let lease_until = match until {
        Some(until) => {
            params.push(until.into());
            ", lease_until = $7"
        }
        None => "",
    };
    let resumed = if lease.resumes {
        ", waits = NULL, answers = NULL"
    } else {
        ""
    };
    let sql = format!(
        "UPDATE runs SET seq = seq + 1, checkpoint = $5, status = CASE WHEN EXISTS ( \
           SELECT 1 FROM campaigns WHERE workspace_id = $1 AND id = $6 AND status = 'paused') THEN 'paused' ELSE status END\
         {lease_until}{resumed} {FENCE} RETURNING status"
    );
    let rows = db.query(&sql, params).await?;
    Ok(match rows.first() {
        None => Moved::Lost,
        Some(row) if row.text("status")? == RunStatus::Paused.as_str() => Moved::Paused,
        Some(_) => Moved::On,
    })
}

/// The run stops where it is: its campaign pauses.
pub(crate) async fn stop(db: &Db, lease: &Lease) -> Result<(), DbError> {
    let sql = format!(
        "UPDATE runs SET status = 'paused', lease_token = NULL, lease_until = NULL {FENCE}"
    );
    db.execute(&sql, fence(lease)).await.map(|_| ())
}

/// The run waits: for a person, then until somebody answers, or for time alone, then until the earliest that it waits for.
/// `false` when the lease is lost.
pub(crate) async fn park(
    db: &Db,
    lease: &Lease,
    checkpoint: &str,
    waits: &[Asked],
) -> Result<bool, DbError> {
    let due = waits.iter().filter_map(|w| w.due).min();
    let status = if waits.iter().all(|w| w.due.is_some()) {
        RunStatus::Running
    } else {
        RunStatus::WaitingForPerson
    };
    let waits = serde_json::to_string(waits).map_err(|e| DbError::Other(e.to_string()))?;
    let sql = format!(
        "UPDATE runs SET seq = seq + 1, checkpoint = $5, status = $6, waits = $7, answers = NULL, \
         lease_token = NULL, lease_until = $8 {FENCE}"
    );
    let mut params = fence(lease);
    params.extend([
        checkpoint.into(),
        status.as_str().into(),
        waits.into(),
        due.map(Timestamp::micros).into(),
    ]);
    Ok(db.execute(&sql, params).await? == 1)
}

/// Ends the run, and does what goes with it. `false` when the lease is lost: then nothing is done.
pub(crate) async fn finish(
    db: &Db,
    lease: &Lease,
    checkpoint: &str,
    outcome: &ItemOutcome,
    now: Timestamp,
    also: Vec<Statement>,
) -> Result<bool, DbError> {
    let sql = format!(
        "UPDATE runs SET seq = seq + 1, checkpoint = $5, status = $6, outcome = $7, finished_at = $8, \
         lease_token = NULL, lease_until = NULL, waits = NULL, answers = NULL {FENCE}"
    );
    let outcome_json = serde_json::to_string(outcome).map_err(|e| DbError::Other(e.to_string()))?;
    let mut params = fence(lease);
    params.extend([
        checkpoint.into(),
        outcome.status.as_str().into(),
        outcome_json.into(),
        now.into(),
    ]);
    let mut statements = vec![Statement::new(sql, params)];
    statements.extend(also);
    db.guarded_batch(&statements).await
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
        agent_id: None,
        agent_version: None,
        persona_id: row.opt_text("persona_id")?,
        carried_from: row.opt_text("carried_from")?,
        status,
        input: item.item.user_turns().last().map(ToString::to_string),
        output: None,
        expected_output: item.item.expected_output.map(|said| said.to_string()),
        turns: 0,
        scores: Vec::new(),
        error: None,
        latency_ms: None,
        cost_usd: None,
        usage: None,
    })
}
