//! Why the trace store failed, and what the client is told of it.

use crate::db::DbError;
use crate::problem::{Problem, ProblemKind};

/// Why the trace store failed.
#[derive(Debug, Clone, thiserror::Error)]
pub(crate) enum StoreError {
    /// It is down, slow, full or read-only.
    #[error("trace store unavailable: {0}")]
    Unavailable(String),
    /// It was written by a newer program, or a migration was edited.
    #[error("trace store incompatible: {0}")]
    Incompatible(Problem),
    /// It does not understand us.
    #[error("trace store: {0}")]
    Other(String),
}

impl From<DbError> for StoreError {
    fn from(e: DbError) -> Self {
        match e {
            DbError::Unavailable(cause) => Self::Unavailable(cause),
            other => Self::Other(other.to_string()),
        }
    }
}

impl From<StoreError> for Problem {
    fn from(e: StoreError) -> Self {
        match e {
            StoreError::Unavailable(cause) => Self::new(
                ProblemKind::StoreUnavailable,
                "The trace store is not available. Try again.",
            )
            .retry_after(1)
            .caused_by(cause),
            StoreError::Incompatible(problem) => problem,
            StoreError::Other(cause) => Self::internal(cause),
        }
    }
}
