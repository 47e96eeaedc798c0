//! The key-value port: checkpoints, caches, rings. No compare-and-swap: leases and counters live in SQL.

use crate::problem::{Problem, ProblemKind};
use serde::{Serialize, de::DeserializeOwned};
use spin_sdk::key_value::{Error, Store};

/// Spin's name for the store that plain `spin up` provides.
const STORE: &str = "default";

/// The store.
pub struct Kv(Store);

fn error(e: Error) -> Problem {
    Problem::new(
        ProblemKind::StoreUnavailable,
        "The key-value store is not available. Try again.",
    )
    .retry_after(1)
    .caused_by(format!("key-value: {e:?}"))
}

impl Kv {
    /// Opens the default store.
    ///
    /// # Errors
    /// When the engine has none for this component.
    #[allow(
        clippy::disallowed_methods,
        reason = "this is the one place that opens stores"
    )]
    pub async fn open() -> Result<Self, Problem> {
        Store::open(STORE).await.map(Self).map_err(error)
    }

    /// The value, if any.
    ///
    /// # Errors
    /// When the store fails, or the value is not a `T`.
    pub async fn get<T: DeserializeOwned>(&self, key: &str) -> Result<Option<T>, Problem> {
        let Some(bytes) = self.0.get(key).await.map_err(error)? else {
            return Ok(None);
        };
        serde_json::from_slice(&bytes)
            .map(Some)
            .map_err(|e| Problem::internal(format!("value of key `{key}` cannot be read: {e}")))
    }

    /// Writes a value.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn set<T: Serialize>(&self, key: &str, value: &T) -> Result<(), Problem> {
        let bytes = serde_json::to_vec(value).map_err(Problem::internal)?;
        self.0.set(key, bytes).await.map_err(error)
    }

    /// Removes a value; one that is not there is no error.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn delete(&self, key: &str) -> Result<(), Problem> {
        self.0.delete(key).await.map_err(error)
    }
}
