//! The queue as people see it.

use super::State;
use super::turns::spent_today;
use crate::db::{ScopedDb, Value};
use crate::page::{Cursor, Page, PageQuery};
use crate::problem::Problem;
use assay_model::Timestamp;
use serde::Serialize;
use std::collections::BTreeMap;

/// An entry.
#[derive(Debug, Clone, Serialize)]
pub struct Entry {
    /// The rule.
    pub rule_id: String,
    /// The trace.
    pub trace_id: String,
    /// Where it stands.
    pub state: State,
    /// When it is looked at, or was.
    pub due_at: Timestamp,
    /// How often it was given out.
    pub attempts: i64,
    /// Until when somebody has it.
    pub lease_until: Option<Timestamp>,
    /// Why it stands where it stands.
    pub reason: Option<String>,
    /// When the rule picked it.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}

/// Which entries.
#[derive(Debug, Clone, Default)]
pub struct Selection {
    /// Of that rule.
    pub rule: Option<String>,
    /// Of that trace.
    pub trace: Option<String>,
    /// Those that stand so.
    pub state: Option<State>,
}

/// What a rule's queue holds.
#[derive(Debug, Clone, Serialize)]
pub struct Summary {
    /// The rule.
    pub rule_id: String,
    /// Entries by state; all states are named.
    pub counts: BTreeMap<&'static str, i64>,
    /// Since when the oldest that is ready has been so.
    pub oldest_ready_at: Option<Timestamp>,
    /// What judges have spent for it since midnight UTC, in US dollars, where the platform evaluates.
    pub cost_usd_today: f64,
    /// How often they were called.
    pub judge_calls_today: u64,
    /// Why nothing of it is evaluated for now.
    pub paused: Option<String>,
}

/// Stands between the parts of a key in a cursor; ids hold no control characters.
const SEPARATOR: char = '\u{1f}';

/// A page of entries, the one that changed last first.
///
/// # Errors
/// When the relational store fails, or the cursor is none of this list.
pub async fn list(
    db: &ScopedDb,
    only: &Selection,
    page: &PageQuery,
) -> Result<Page<Entry>, Problem> {
    let (at, rule, trace) = match &page.cursor {
        None => (i64::MAX, "", ""),
        Some(Cursor(at, key)) => {
            let (rule, trace) = key
                .split_once(SEPARATOR)
                .ok_or_else(|| Problem::field("cursor", "is not a cursor of this list"))?;
            (*at, rule, trace)
        }
    };
    let sql = "SELECT rule_id, trace_id, state, due_at, attempts, lease_until, reason, created_at, updated_at \
               FROM evaluation_queue WHERE workspace_id = $1 AND ($2 = '' OR rule_id = $2) AND ($3 = '' OR trace_id = $3) \
               AND ($4 = '' OR state = $4) AND (updated_at, rule_id, trace_id) < ($5, $6, $7) \
               ORDER BY updated_at DESC, rule_id DESC, trace_id DESC LIMIT $8";
    let text = |t: &Option<String>| Value::from(t.as_deref().unwrap_or_default());
    let params: [Value; 7] = [
        text(&only.rule),
        text(&only.trace),
        only.state.map_or("", State::name).into(),
        at.into(),
        rule.into(),
        trace.into(),
        page.fetch().into(),
    ];
    let mut entries = Vec::new();
    for row in db.query(sql, params).await? {
        let state = row.text("state")?;
        entries.push(Entry {
            rule_id: row.text("rule_id")?,
            trace_id: row.text("trace_id")?,
            state: State::of(&state)
                .ok_or_else(|| Problem::internal(format!("an entry is `{state}`")))?,
            due_at: row.time("due_at")?,
            attempts: row.int("attempts")?,
            lease_until: row.opt_int("lease_until")?.map(Timestamp::from_micros),
            reason: row.opt_text("reason")?,
            created_at: row.time("created_at")?,
            updated_at: row.time("updated_at")?,
        });
    }
    Ok(page.page(entries, |e| {
        let key = format!("{}{SEPARATOR}{}", e.rule_id, e.trace_id);
        Cursor(e.updated_at.micros(), key)
    }))
}

/// What the queue of each rule holds; rules without entries are not among them.
///
/// # Errors
/// When the relational store fails.
pub async fn summary(db: &ScopedDb, now: Timestamp) -> Result<Vec<Summary>, Problem> {
    let sql = "SELECT rule_id, state, count(*) AS n, min(due_at) AS oldest FROM evaluation_queue WHERE workspace_id = $1 \
               GROUP BY rule_id, state ORDER BY rule_id";
    let mut all: BTreeMap<String, Summary> = BTreeMap::new();
    for row in db.query(sql, []).await? {
        let rule = row.text("rule_id")?;
        let one = all.entry(rule.clone()).or_insert_with(|| Summary {
            rule_id: rule,
            counts: State::ALL.iter().map(|s| (s.name(), 0)).collect(),
            oldest_ready_at: None,
            cost_usd_today: 0.0,
            judge_calls_today: 0,
            paused: None,
        });
        if let Some(state) = State::of(&row.text("state")?) {
            one.counts.insert(state.name(), row.int("n")?);
            if state == State::Ready {
                one.oldest_ready_at = Some(row.time("oldest")?);
            }
        }
    }
    for (rule, (spent, paused)) in spent_today(db, now).await? {
        if let Some(one) = all.get_mut(&rule) {
            one.cost_usd_today = spent.cost_usd;
            one.judge_calls_today = spent.judge_calls;
            one.paused = paused;
        }
    }
    Ok(all.into_values().collect())
}
