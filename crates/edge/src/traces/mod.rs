//! The trace store: traces, observations and scores, in embedded SQLite or in ClickHouse.
//!
//! Both adapters keep one contract. Rows carry the time at which they were received, and of two words on the same thing
//! the one received later wins, in whatever order they reach the store; so a replay is harmless. The same observation
//! (trace, id) and the same score (id) replace; patches of a trace merge: the earliest time, the latest value of each
//! field that was named, the union of tags. A trace that only an observation names exists all the same. An observation
//! that ends before it starts is kept as sent.
//!
//! What the store does not take goes to the [`spool`], so that an acknowledged batch is never lost.

pub mod check;
mod clickhouse;
mod detail;
mod error;
mod filter;
mod rows;
pub mod spool;
mod sqlite;
mod stored;

pub use detail::{Totals, TraceDetail};
pub(crate) use error::StoreError;
pub use filter::{Between, ObservationFilter, ScoreFilter, TraceFilter};

use crate::clock;
use crate::config::Config;
use crate::page::{Page, PageQuery};
use crate::platform::Platform;
use crate::problem::Problem;
use assay_model::{Batch, Observation, Score, Timestamp, Trace};
use clickhouse::ClickHouse;
use filter::{OBSERVATIONS, SCORES, Select, TRACES, place};
use rows::{ObservationRow, ScoreRow, TraceRow};
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
        self.keep(batch, Named::Perhaps).await
    }

    /// As [`Self::write`], for observations of traces that the caller wrote before: spares the look whether they exist.
    ///
    /// # Errors
    /// As [`Self::write`].
    pub async fn append(&self, batch: &Batch) -> Result<(), Problem> {
        self.keep(batch, Named::Before).await
    }

    async fn keep(&self, batch: &Batch, named: Named) -> Result<(), Problem> {
        if batch.is_empty() {
            return Ok(());
        }
        let received = clock::now();
        let error = if spool::store_is_down(received) {
            StoreError::Unavailable("it failed a moment ago".into())
        } else {
            match self.put(batch, received, named).await {
                Ok(()) => {
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
                store.write(&self.workspace, batch, received, named).await
            }
        }
    }

    async fn read<R: StoredRow>(&self, select: &Select) -> Result<Vec<R>, StoreError> {
        match &self.backend {
            Backend::Sqlite => {
                sqlite::read(&sqlite::open(&self.config, &self.workspace).await?, select).await
            }
            Backend::ClickHouse(store) => store.read(&self.workspace, select).await,
        }
    }

    async fn totals(&self, trace_id: &str) -> Result<Totals, StoreError> {
        match &self.backend {
            Backend::Sqlite => {
                sqlite::totals(
                    &sqlite::open(&self.config, &self.workspace).await?,
                    trace_id,
                )
                .await
            }
            Backend::ClickHouse(store) => store.totals(&self.workspace, trace_id).await,
        }
    }

    /// A trace with its observations and scores.
    ///
    /// # Errors
    /// `store-unavailable`.
    pub async fn trace(&self, id: &str) -> Result<Option<TraceDetail>, Problem> {
        let limit = TRACE_ROWS as i64 + 1;
        let trace = Select::of(&TRACES, "id", id, 1);
        let observations = Select::of(&OBSERVATIONS, "trace_id", id, limit);
        let scores = Select::of(&SCORES, "trace_id", id, limit);
        let (traces, observations, scores) = futures::try_join!(
            self.read::<TraceRow<'_>>(&trace),
            self.read::<ObservationRow<'_>>(&observations),
            self.read::<ScoreRow<'_>>(&scores)
        )?;
        let Some(trace) = traces.into_iter().next() else {
            return Ok(None);
        };
        let truncated = observations.len() > TRACE_ROWS || scores.len() > TRACE_ROWS;
        let observations: Vec<Observation> = observations
            .into_iter()
            .take(TRACE_ROWS)
            .map(Into::into)
            .collect();
        let scores = scores
            .into_iter()
            .take(TRACE_ROWS)
            .map(Into::into)
            .collect();
        let totals = if truncated {
            self.totals(id).await?
        } else {
            Totals::of(&observations)
        };
        Ok(Some(TraceDetail {
            trace: trace.into(),
            observations,
            scores,
            totals,
            truncated,
        }))
    }

    /// A page of traces, newest first.
    ///
    /// # Errors
    /// `store-unavailable`, or a validation problem that names the cursor.
    pub async fn list_traces(
        &self,
        filter: TraceFilter,
        page: &PageQuery,
    ) -> Result<Page<Trace>, Problem> {
        let rows: Vec<TraceRow<'_>> = self.read(&filter.select(page)?).await?;
        let traces = rows.into_iter().map(Trace::from).collect();
        Ok(page.page(traces, |t| place(t.timestamp, &[&t.id])))
    }

    /// A page of observations, newest first.
    ///
    /// # Errors
    /// `store-unavailable`, or a validation problem that names the cursor.
    pub async fn list_observations(
        &self,
        filter: ObservationFilter,
        page: &PageQuery,
    ) -> Result<Page<Observation>, Problem> {
        let rows: Vec<ObservationRow<'_>> = self.read(&filter.select(page)?).await?;
        let observations = rows.into_iter().map(Observation::from).collect();
        Ok(page.page(observations, |o| place(o.start_time, &[&o.trace_id, &o.id])))
    }

    /// A page of scores, newest first.
    ///
    /// # Errors
    /// `store-unavailable`, or a validation problem that names the cursor.
    pub async fn list_scores(
        &self,
        filter: ScoreFilter,
        page: &PageQuery,
    ) -> Result<Page<Score>, Problem> {
        let rows: Vec<ScoreRow<'_>> = self.read(&filter.select(page)?).await?;
        let scores = rows.into_iter().map(Score::from).collect();
        Ok(page.page(scores, |s| place(s.timestamp, &[&s.id])))
    }

    /// Deletes a trace with its observations and scores; whether there was one. What waits in the spool is brought in
    /// first, so that it cannot come back.
    ///
    /// # Errors
    /// `store-unavailable`.
    pub async fn delete_trace(&self, id: &str) -> Result<bool, Problem> {
        spool::drain_workspace(&self.config, &self.workspace).await?;
        let found: Vec<TraceRow<'_>> = self.read(&Select::of(&TRACES, "id", id, 1)).await?;
        if found.is_empty() {
            return Ok(false);
        }
        match &self.backend {
            Backend::Sqlite => {
                sqlite::delete(&sqlite::open(&self.config, &self.workspace).await?, id).await?
            }
            Backend::ClickHouse(store) => store.delete(&self.workspace, id).await?,
        }
        Ok(true)
    }
}
