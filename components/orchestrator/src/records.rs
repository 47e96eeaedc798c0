//! A run's records in the key-value store.

use crate::run_rows::RunRow;
use assay_edge::Problem;
use assay_edge::kv::Kv;
use assay_graph::pregel::{Fault, Journal, Record, Records};
use assay_scenario::Play;
use std::cell::RefCell;
use std::collections::VecDeque;

/// Runs that an instance remembers, so that the next step need not read what this one knew. Where many instances are at work most
/// steps are taken by another one, and what is remembered is of no use to anybody.
const REMEMBERED: usize = 16;

/// A run between two of its steps.
pub(crate) struct Hot {
    pub(crate) journal: Journal<KvRecords>,
    pub(crate) row: RunRow,
    /// Its graph, or why there is none.
    pub(crate) play: Result<Play, Fault>,
}

thread_local! {
    static HOT: RefCell<VecDeque<Hot>> = const { RefCell::new(VecDeque::new()) };
}

/// The store of records.
#[derive(Debug, Clone, Copy)]
pub(crate) struct KvRecords;

impl Records for KvRecords {
    type Error = Problem;

    async fn read(&self, key: &str) -> Result<Record, Problem> {
        let found: Option<Record> = Kv::open().await?.get(key).await?;
        found.ok_or_else(|| Problem::internal(format!("checkpoint {key} is missing")))
    }
}

/// The key of a run's record. The token, of a lease or a new one, keeps whoever lost the run from writing over the winner's.
pub(crate) fn key(run: &str, seq: i64, token: &str) -> String {
    let token: String = token.chars().rev().take(12).collect();
    format!("run/{run}/{seq}-{token}")
}

/// The history of a run by the key of its newest record; of a run that has not begun without one.
pub(crate) async fn open(key: Option<&str>) -> Result<Journal<KvRecords>, Problem> {
    match key {
        None => Ok(Journal::new(KvRecords)),
        Some(key) => Journal::open(KvRecords, key).await,
    }
}

/// As [`open`], of a run whose next step is to be taken.
pub(crate) async fn resume(key: Option<&str>) -> Result<Journal<KvRecords>, Problem> {
    match key {
        None => Ok(Journal::new(KvRecords)),
        Some(key) => Journal::resume(KvRecords, key).await,
    }
}

/// The run whose newest record has this key, if this instance has taken its last step.
pub(crate) fn recall(key: &str) -> Option<Hot> {
    HOT.with_borrow_mut(|all| {
        let is = |hot: &Hot| hot.journal.key() == Some(key);
        let at = all.iter().position(is)?;
        all.remove(at)
    })
}

/// Writes what was added to a history. Nobody knows of it before a run's row names the key.
pub(crate) async fn write(
    journal: &mut Journal<KvRecords>,
    key: String,
) -> Result<String, Problem> {
    let Some(record) = journal.record() else {
        // A run that could not even begin has none.
        return Ok(journal.key().unwrap_or_default().to_owned());
    };
    Kv::open().await?.set(&key, &record).await?;
    journal.written(key.clone(), record);
    Ok(key)
}

/// Remembers a run that goes on.
pub(crate) fn remember(hot: Hot) {
    HOT.with_borrow_mut(|all| {
        all.truncate(REMEMBERED - 1);
        all.push_front(hot);
    });
}

/// Whether a key names what runs kept before they were graphs: their state as one object.
pub(crate) async fn is_old(key: Option<&str>) -> Result<bool, Problem> {
    let Some(key) = key else { return Ok(false) };
    let found: Option<serde_json::Value> = Kv::open().await?.get(key).await?;
    Ok(found.is_some_and(|kept| kept.get("state").is_some()))
}
