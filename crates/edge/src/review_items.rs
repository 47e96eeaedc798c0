//! What enters review queues: by rules, as a run ends, and by hand. Both write the same rows, each item once a queue.

use crate::db::{Dialect, Statement, Value};
use crate::problem::Problem;
use assay_model::{LabelAnswer, MachineScore, ReviewSubject, Timestamp};
use serde_json::json;

/// An item that is to enter.
#[derive(Debug, Clone)]
pub struct NewItem {
    /// Its id, if it is new.
    pub id: String,
    /// What it is about.
    pub subject: ReviewSubject,
    /// What the metric said that it is about.
    pub machine: Option<MachineScore>,
    /// The rule by which it enters; none of what somebody put in.
    pub rule: Option<String>,
    /// The answers that are known.
    pub gold: Option<Vec<LabelAnswer>>,
    /// How many people are to answer.
    pub wanted: u32,
    /// Those who alone may, in the order of their places; the places that are left are everybody's.
    pub reserved: Vec<String>,
    /// The higher comes first.
    pub priority: i64,
}

/// Writes items, and as many places for answers as are wanted; what is in the queue already stays as it is. Both statements
/// belong into one transaction. `$1` is the workspace.
///
/// # Errors
/// When an item cannot be written as JSON, which is a fault of ours.
pub fn enter(
    dialect: Dialect,
    queue: &str,
    items: &[NewItem],
    by: Option<&str>,
    now: Timestamp,
) -> Result<[Statement; 2], Problem> {
    let (mut rows, mut places) = (Vec::new(), Vec::new());
    for item in items {
        let id = &item.id;
        let text = |value: serde_json::Result<String>| value.map_err(Problem::internal);
        let machine = item.machine.as_ref().map(serde_json::to_string);
        let gold = item.gold.as_ref().map(serde_json::to_string);
        // Texts within the text: Postgres' jsonb has no strings with NUL, what machines say may.
        rows.push(json!({
            "id": id, "key": item.subject.key(), "subject": text(serde_json::to_string(&item.subject))?,
            "run": item.subject.run(), "metric": item.subject.metric(), "machine": machine.map(text).transpose()?,
            "rule": item.rule, "gold": gold.map(text).transpose()?, "priority": item.priority, "wanted": item.wanted,
        }));
        let mut reserved = item.reserved.iter();
        for slot in 0..item.wanted {
            places.push(
                json!({"item": id, "slot": slot, "priority": item.priority, "reserved": reserved.next()}),
            );
        }
    }
    let (into_items, into_slots) = match dialect {
        Dialect::Sqlite => (ITEMS_SQLITE, SLOTS_SQLITE),
        Dialect::Postgres => (ITEMS_POSTGRES, SLOTS_POSTGRES),
    };
    let rows = serde_json::to_string(&rows).map_err(Problem::internal)?;
    let places = serde_json::to_string(&places).map_err(Problem::internal)?;
    let items: [Value; 4] = [
        queue.into(),
        rows.into(),
        by.map(str::to_owned).into(),
        now.into(),
    ];
    Ok([
        Statement::new(into_items, items),
        Statement::new(into_slots, [queue.into(), places.into()]),
    ])
}

const ITEMS_SQLITE: &str = "INSERT INTO review_items \
     (workspace_id, id, queue_id, item_key, subject, run_id, metric, machine, rule, gold, priority, wanted, created_by, created_at) \
     SELECT $1, r.value->>'id', $2, r.value->>'key', r.value->>'subject', r.value->>'run', r.value->>'metric', r.value->>'machine', \
       r.value->>'rule', r.value->>'gold', r.value->>'priority', r.value->>'wanted', $4, $5 FROM json_each($3) r \
     WHERE EXISTS (SELECT 1 FROM review_queues q WHERE q.workspace_id = $1 AND q.id = $2) \
     ON CONFLICT (workspace_id, queue_id, item_key) DO NOTHING";
const ITEMS_POSTGRES: &str = "INSERT INTO review_items \
     (workspace_id, id, queue_id, item_key, subject, run_id, metric, machine, rule, gold, priority, wanted, created_by, created_at) \
     SELECT $1::text, r.id, $2::text, r.key, r.subject, r.run, r.metric, r.machine, r.rule, r.gold, r.priority, r.wanted, \
       $4::text, $5::bigint \
     FROM jsonb_to_recordset($3::text::jsonb) AS r (id TEXT, key TEXT, subject TEXT, run TEXT, metric TEXT, machine TEXT, rule TEXT, \
       gold TEXT, priority BIGINT, wanted BIGINT) \
     WHERE EXISTS (SELECT 1 FROM review_queues q WHERE q.workspace_id = $1::text AND q.id = $2::text) \
     ON CONFLICT (workspace_id, queue_id, item_key) DO NOTHING";

/// Only items that were new have their ids.
const SLOTS_SQLITE: &str = "INSERT INTO review_slots (workspace_id, item_id, slot, queue_id, priority, state, reserved_for) \
     SELECT $1, r.value->>'item', r.value->>'slot', $2, r.value->>'priority', 'open', r.value->>'reserved' FROM json_each($3) r \
     WHERE EXISTS (SELECT 1 FROM review_items i WHERE i.workspace_id = $1 AND i.id = r.value->>'item')";
const SLOTS_POSTGRES: &str = "INSERT INTO review_slots (workspace_id, item_id, slot, queue_id, priority, state, reserved_for) \
     SELECT $1::text, r.item, r.slot, $2::text, r.priority, 'open', r.reserved \
     FROM jsonb_to_recordset($3::text::jsonb) AS r (item TEXT, slot BIGINT, priority BIGINT, reserved TEXT) \
     WHERE EXISTS (SELECT 1 FROM review_items i WHERE i.workspace_id = $1::text AND i.id = r.item)";
