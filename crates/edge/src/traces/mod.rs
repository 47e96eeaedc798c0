//! The trace store: traces, observations and scores, in embedded SQLite or in ClickHouse.
//!
//! Both adapters keep one contract. Rows carry the time at which they were received, and of two words on the same thing
//! the one received later wins, in whatever order they reach the store; so a replay is harmless. The same observation
//! (trace, id) and the same score (id) replace; patches of a trace merge: the earliest time, the latest value of each
//! field that was named, the union of tags. A trace that only an observation names exists all the same. An observation
//! that ends before it starts is kept as sent.
//!
//! What the store does not take goes to the [`spool`], so that an acknowledged batch is never lost.

mod among;
pub mod analysis;
mod capacity;
pub mod check;
mod clickhouse;
mod columns;
mod detail;
mod erase;
mod error;
mod experiments;
pub mod feed;
mod filter;
mod groups;
mod merged;
mod near;
mod payloads;
mod read;
mod render;
mod rows;
pub mod schedule;
mod select;
pub mod spool;
mod sqlite;
mod stored;
mod totals;
mod tree;
mod view;

pub use detail::TraceDetail;
pub(crate) use error::StoreError;
pub use experiments::ExperimentRecord;
pub use filter::{ListQuery, Sort, SortKey};
pub use groups::{GroupBy, TraceGroup};
pub use read::Members;
pub use stored::{ObservationRecord, ScoreRecord, TraceRecord};
pub use totals::Totals;
pub use tree::{TreeNode, TreeQuery};
pub use view::{Source, can_run, check_filter};

use crate::clock;
use crate::config::Config;
use crate::platform::Platform;
use crate::problem::Problem;
use assay_model::{Batch, Filter, Operand, Operator, Timestamp};
use clickhouse::ClickHouse;
use filter::{Select, TRACES};
use render::Dialect;
use stored::StoredRow;

/// Most observations, and most scores, that come with a trace. The rest is read by pages.
pub const TRACE_ROWS: usize = 10_000;

/// Whether the traces of a batch's observations are known to the store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Named {
    /// They may not be: a row is made of what the observations tell.
    Perhaps,
    /// The caller wrote them before.
    Before,
}

/// Who waits for a write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Patience {
    /// A client, for seconds: what does not come in time is spooled.
    Client,
    /// The spool, which has time, and nowhere else to put it.
    Spool,
}

enum Backend {
    Sqlite,
    ClickHouse(ClickHouse),
}

/// The configured store, bound to one workspace.
pub struct TraceStore {
    config: Config,
    workspace: String,
    backend: Backend,
}

impl TraceStore {
    /// Opens the configured store for `workspace`. The store is first called when something is read or written.
    ///
    /// # Errors
    /// When its configuration is wrong.
    pub async fn open(platform: &Platform, workspace: &str) -> Result<Self, Problem> {
        Self::configured(&platform.config, workspace)
    }

    fn configured(config: &Config, workspace: &str) -> Result<Self, Problem> {
        let backend = match config.clickhouse_url.as_str() {
            "" => Backend::Sqlite,
            _ => Backend::ClickHouse(ClickHouse::new(config)?),
        };
        Ok(Self {
            config: config.clone(),
            workspace: workspace.to_owned(),
            backend,
        })
    }

    /// Writes a batch: durable when this returns, in the store or in the spool. The same ids replace.
    ///
    /// # Errors
    /// `store-unavailable` when neither takes it.
    pub async fn write(&self, batch: &Batch) -> Result<(), Problem> {
        self.keep(batch, Named::Perhaps, clock::now()).await
    }

    /// As [`Self::write`], for observations of traces that the caller wrote before: spares the look whether they exist.
    ///
    /// # Errors
    /// As [`Self::write`].
    pub async fn append(&self, batch: &Batch) -> Result<(), Problem> {
        self.keep(batch, Named::Before, clock::now()).await
    }

    /// As [`Self::write`], as received at that time.
    ///
    /// # Errors
    /// As [`Self::write`].
    pub async fn write_at(&self, batch: &Batch, received: Timestamp) -> Result<(), Problem> {
        self.keep(batch, Named::Perhaps, received).await
    }

    async fn keep(&self, batch: &Batch, named: Named, received: Timestamp) -> Result<(), Problem> {
        if batch.is_empty() {
            return Ok(());
        }
        let error = if spool::store_is_down(received) {
            StoreError::Unavailable("it failed a moment ago".into())
        } else {
            match self.put(batch, received, named, Patience::Client).await {
                Ok(()) => {
                    feed::tell(&self.config, &self.workspace, batch).await;
                    spool::drain_later();
                    return Ok(());
                }
                Err(e) => e,
            }
        };
        // Where both rest in one file, the spool fails with the store.
        if matches!(self.backend, Backend::Sqlite) && self.config.database_url.is_empty() {
            return Err(error.into());
        }
        spool::put(&self.config, &self.workspace, batch, received, &error).await
    }

    /// Writes to the store itself, as received at `received`.
    async fn put(
        &self,
        batch: &Batch,
        received: Timestamp,
        named: Named,
        patience: Patience,
    ) -> Result<(), StoreError> {
        match &self.backend {
            Backend::Sqlite => {
                sqlite::write(
                    &sqlite::open(&self.config, &self.workspace).await?,
                    batch,
                    received,
                    named,
                )
                .await
            }
            Backend::ClickHouse(store) => {
                let workspace = &self.workspace;
                store
                    .write(workspace, batch, received, named, patience)
                    .await
            }
        }
    }

    /// Runs a statement that is written for the store's dialect, and reads its rows.
    async fn run<S: Statement>(&self, statement: &S) -> Result<Vec<S::Row>, Problem> {
        match &self.backend {
            Backend::Sqlite => {
                let mut params = sqlite::Params::default();
                let sql = statement.sql(&mut params)?;
                let db = sqlite::open(&self.config, &self.workspace).await?;
                let rows = db.query(&sql, params.0).await?;
                let read: Result<Vec<_>, _> = rows.iter().map(S::Row::from_row).collect();
                Ok(read?)
            }
            Backend::ClickHouse(store) => {
                let mut params = clickhouse::Params::of(&self.workspace);
                let sql = statement.sql(&mut params)?;
                Ok(store.rows(&sql, params).await?)
            }
        }
    }

    /// Deletes a trace with its observations and scores; whether there was one. What waits in the spool is brought in
    /// first, so that it cannot come back.
    ///
    /// # Errors
    /// `store-unavailable`.
    pub async fn delete_trace(&self, id: &str) -> Result<bool, Problem> {
        Ok(!self.delete_traces(&[id.to_owned()]).await?.is_empty())
    }

    /// As [`Self::delete_trace`], of many: those that there were.
    ///
    /// # Errors
    /// `store-unavailable`.
    pub async fn delete_traces(&self, ids: &[String]) -> Result<Vec<String>, Problem> {
        spool::drain_workspace(&self.config, &self.workspace).await?;
        let mut deleted = Vec::new();
        for some in ids.chunks(NAMED_AT_ONCE) {
            let found = self.matching(some, None).await?;
            if found.is_empty() {
                continue;
            }
            match &self.backend {
                Backend::Sqlite => {
                    let db = sqlite::open(&self.config, &self.workspace).await?;
                    sqlite::delete(&db, &found).await?;
                }
                Backend::ClickHouse(store) => store.delete(&self.workspace, &found).await?,
            }
            deleted.extend(found);
        }
        Ok(deleted)
    }

    /// Deletes a score; whether there was one.
    ///
    /// # Errors
    /// `store-unavailable`.
    pub async fn delete_score(&self, id: &str) -> Result<bool, Problem> {
        spool::drain_workspace(&self.config, &self.workspace).await?;
        if self.score(id).await?.is_none() {
            return Ok(false);
        }
        match &self.backend {
            Backend::Sqlite => {
                let db = sqlite::open(&self.config, &self.workspace).await?;
                sqlite::delete_score(&db, id).await?;
            }
            Backend::ClickHouse(store) => store.delete_score(&self.workspace, id).await?,
        }
        Ok(true)
    }

    /// Whether there is a trace of that id.
    ///
    /// # Errors
    /// `store-unavailable`.
    pub async fn has_trace(&self, id: &str) -> Result<bool, Problem> {
        Ok(!self.matching(&[id.to_owned()], None).await?.is_empty())
    }

    /// Those of the traces that there are, and that the filter selects.
    ///
    /// # Errors
    /// `store-unavailable`, or a validation problem that names the filter.
    pub async fn matching(
        &self,
        ids: &[String],
        filter: Option<&Filter>,
    ) -> Result<Vec<String>, Problem> {
        let mut found = Vec::new();
        for some in ids.chunks(NAMED_AT_ONCE) {
            let filter = filter.cloned().unwrap_or_default();
            let query = ListQuery {
                filter: filter.and("id", Operator::AnyOf, Operand::Options(some.to_vec())),
                ..ListQuery::default()
            };
            let mut select = Select::all(&TRACES, &query)?;
            select.limit = some.len() as i64;
            let rows = self.run(&read::TraceIds(&select)).await?;
            found.extend(rows.into_iter().map(|row| row.id));
        }
        Ok(found)
    }
}

/// Most traces that one statement names.
const NAMED_AT_ONCE: usize = 200;

/// A statement for either store.
trait Statement {
    /// What it answers.
    type Row: StoredRow;

    /// Its text in a dialect.
    ///
    /// # Errors
    /// A validation problem that names what cannot be asked for.
    fn sql<D: Dialect>(&self, d: &mut D) -> Result<String, Problem>;
}
