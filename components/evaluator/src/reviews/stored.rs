//! Queues and items as they are kept.

use assay_edge::db::{DbError, Row, ScopedDb};
use assay_edge::{Problem, clock};
use assay_model::{
    LabelAnswer, LabelSchemaSpec, MachineScore, ReviewQueueSpec, ReviewSubject, Timestamp,
};
use serde::{Deserialize, Serialize};

pub(super) const QUEUE: &str = "review queue";
pub(super) const ITEM: &str = "item of this queue";

/// A label schema as it was when the queue was made.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct KeptSchema {
    pub(super) id: String,
    pub(super) version: i64,
    pub(super) spec: LabelSchemaSpec,
}

/// A queue.
#[derive(Serialize)]
pub(super) struct Queue {
    pub(super) id: String,
    #[serde(flatten)]
    pub(super) spec: ReviewQueueSpec,
    pub(super) label_schemas: Vec<KeptSchema>,
    pub(super) version: i64,
    pub(super) created_by: String,
    pub(super) created_at: Timestamp,
    pub(super) updated_at: Timestamp,
}

pub(super) const QUEUE_COLUMNS: &str =
    "id, spec, schemas, version, created_by, created_at, updated_at";

impl Queue {
    pub(super) fn read(row: &Row) -> Result<Self, DbError> {
        Ok(Self {
            id: row.text("id")?,
            spec: row.json("spec")?,
            label_schemas: row.json("schemas")?,
            version: row.int("version")?,
            created_by: row.text("created_by")?,
            created_at: row.time("created_at")?,
            updated_at: row.time("updated_at")?,
        })
    }

    pub(super) async fn find(db: &ScopedDb, id: &str) -> Result<Self, Problem> {
        let sql = format!(
            "SELECT {QUEUE_COLUMNS} FROM review_queues WHERE workspace_id = $1 AND id = $2"
        );
        let row = db.first(&sql, [id.into()]).await?;
        Ok(Self::read(&row.ok_or_else(|| Problem::not_found(QUEUE))?)?)
    }

    /// What is asked.
    pub(super) fn schemas(&self) -> Vec<LabelSchemaSpec> {
        self.label_schemas.iter().map(|s| s.spec.clone()).collect()
    }
}

/// How an item stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum ItemState {
    /// Nobody answers or has answered.
    Pending,
    /// Somebody does or has, and more are wanted.
    InProgress,
    /// As many have answered as are wanted.
    Done,
    /// So many skipped it that nobody else is asked.
    Skipped,
}

impl ItemState {
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::InProgress => "in_progress",
            Self::Done => "done",
            Self::Skipped => "skipped",
        }
    }
}

/// An item of a queue.
pub(super) struct Item {
    pub(super) id: String,
    pub(super) queue_id: String,
    pub(super) subject: ReviewSubject,
    pub(super) machine: Option<MachineScore>,
    pub(super) rule: Option<String>,
    pub(super) gold: Option<Vec<LabelAnswer>>,
    pub(super) priority: i64,
    pub(super) wanted: i64,
    pub(super) done: i64,
    pub(super) held: i64,
    pub(super) skips: i64,
    pub(super) state: ItemState,
    pub(super) created_by: Option<String>,
    pub(super) created_at: Timestamp,
}

/// Items with their counts and state, of the condition `only` over the table `i`; `now` names the time.
pub(super) fn select_items(only: &str, now: &str) -> String {
    let counted = |state: &str| {
        format!(
            "(SELECT count(*) FROM review_slots s WHERE s.workspace_id = i.workspace_id AND s.item_id = i.id AND {state})"
        )
    };
    let done = counted("s.state = 'done'");
    let held = counted(&format!(
        "s.state = 'leased' AND s.lease_until >= CAST({now} AS BIGINT)"
    ));
    format!(
        "SELECT c.*, CASE WHEN c.done >= c.wanted THEN 'done' WHEN c.set_aside_at IS NOT NULL THEN 'skipped' \
           WHEN c.done > 0 OR c.held > 0 THEN 'in_progress' ELSE 'pending' END AS state \
         FROM (SELECT i.id, i.queue_id, i.subject, i.machine, i.rule, i.gold, i.priority, i.wanted, i.set_aside_at, i.created_by, \
           i.created_at, {done} AS done, {held} AS held, \
           (SELECT count(*) FROM review_skips k WHERE k.workspace_id = i.workspace_id AND k.item_id = i.id) AS skips \
           FROM review_items i WHERE {only}) c"
    )
}

impl Item {
    pub(super) fn read(row: &Row) -> Result<Self, Problem> {
        let state = serde_json::Value::String(row.text("state")?);
        Ok(Self {
            id: row.text("id")?,
            queue_id: row.text("queue_id")?,
            subject: row.json("subject")?,
            machine: opt_json(row, "machine")?,
            rule: row.opt_text("rule")?,
            gold: opt_json(row, "gold")?,
            priority: row.int("priority")?,
            wanted: row.int("wanted")?,
            done: row.int("done")?,
            held: row.int("held")?,
            skips: row.int("skips")?,
            state: serde_json::from_value(state).map_err(Problem::internal)?,
            created_by: row.opt_text("created_by")?,
            created_at: row.time("created_at")?,
        })
    }

    pub(super) async fn find(db: &ScopedDb, queue: &str, id: &str) -> Result<Self, Problem> {
        let sql = select_items(
            "i.workspace_id = $1 AND i.queue_id = $2 AND i.id = $3",
            "$4",
        );
        let row = db
            .first(&sql, [queue.into(), id.into(), clock::now().into()])
            .await?;
        Self::read(&row.ok_or_else(|| Problem::not_found(ITEM))?)
    }
}

/// A column of JSON that may be null.
pub(super) fn opt_json<T: serde::de::DeserializeOwned>(
    row: &Row,
    column: &str,
) -> Result<Option<T>, DbError> {
    match row.opt_text(column)? {
        Some(_) => row.json(column).map(Some),
        None => Ok(None),
    }
}
