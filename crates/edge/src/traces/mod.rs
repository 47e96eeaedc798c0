//! The trace store: traces, observations and scores, in embedded SQLite or in ClickHouse.

use crate::platform::Platform;
use crate::problem::Problem;
use assay_model::Batch;

/// The configured store, bound to one workspace.
pub struct TraceStore {
    _workspace: String,
}

impl TraceStore {
    /// Opens the configured store for `workspace`.
    ///
    /// # Errors
    /// When it cannot be reached.
    pub async fn open(_platform: &Platform, workspace: &str) -> Result<Self, Problem> {
        Ok(Self {
            _workspace: workspace.to_owned(),
        })
    }

    /// Writes a batch: durable when this returns, in the store or in the spool. The same ids replace.
    ///
    /// # Errors
    /// When neither takes it.
    pub async fn write(&self, _batch: &Batch) -> Result<(), Problem> {
        Ok(())
    }
}
