//! Key-value stores in a SQLite file, in the same table that Spin uses.

use std::sync::Arc;

use rusqlite::{Connection, OptionalExtension, params};

use super::{Answer, Backend, Error};
use crate::sqlite::database::Database;

const CREATE: &str = "CREATE TABLE IF NOT EXISTS spin_key_value (
    store TEXT NOT NULL, key TEXT NOT NULL, value BLOB NOT NULL, PRIMARY KEY (store, key))";
const GET: &str = "SELECT value FROM spin_key_value WHERE store = ?1 AND key = ?2";
const SET: &str = "INSERT INTO spin_key_value (store, key, value) VALUES (?1, ?2, ?3)
    ON CONFLICT (store, key) DO UPDATE SET value = excluded.value";
const DELETE: &str = "DELETE FROM spin_key_value WHERE store = ?1 AND key = ?2";
const EXISTS: &str = "SELECT 1 FROM spin_key_value WHERE store = ?1 AND key = ?2";
const KEYS: &str = "SELECT key FROM spin_key_value WHERE store = ?1";

/// One store in a file that may hold several.
pub(crate) struct Embedded {
    database: Arc<Database>,
    store: Arc<str>,
}

impl Embedded {
    pub(crate) fn new(database: Arc<Database>, store: &str) -> Self {
        Self {
            database,
            store: store.into(),
        }
    }

    /// Creates the table. Blocks: for use at the start.
    pub(crate) fn prepare(database: &Arc<Database>) -> Result<(), rusqlite::Error> {
        database.lease(None)?.sql().execute_batch(CREATE)
    }

    async fn read<T: Send + 'static>(
        &self,
        sql: &'static str,
        mut work: impl FnMut(&Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, Error> {
        let lease = self.database.lease_to_read(sql).map_err(other)?;
        let (_lease, result) = self.database.run(sql, false, lease, move |c| work(c)).await;
        result.map_err(other)
    }

    async fn write(
        &self,
        sql: &'static str,
        mut work: impl FnMut(&Connection) -> rusqlite::Result<usize> + Send + 'static,
    ) -> Result<(), Error> {
        let guard = self
            .database
            .lock()
            .await
            .ok_or_else(|| Error::Other("database is locked".into()))?;
        let lease = self.database.lease(Some(guard)).map_err(other)?;
        let (_lease, result) = self.database.run(sql, true, lease, move |c| work(c)).await;
        result.map(|_| ()).map_err(other)
    }
}

impl Backend for Embedded {
    fn get<'a>(&'a self, key: &'a str) -> Answer<'a, Option<Vec<u8>>> {
        let (store, key) = (self.store.clone(), key.to_owned());
        Box::pin(self.read(GET, move |c| {
            c.prepare_cached(GET)?
                .query_row(params![store, key], |row| row.get(0))
                .optional()
        }))
    }

    fn set<'a>(&'a self, key: &'a str, value: Vec<u8>) -> Answer<'a, ()> {
        let (store, key) = (self.store.clone(), key.to_owned());
        Box::pin(self.write(SET, move |c| {
            c.prepare_cached(SET)?.execute(params![store, key, value])
        }))
    }

    fn delete<'a>(&'a self, key: &'a str) -> Answer<'a, ()> {
        let (store, key) = (self.store.clone(), key.to_owned());
        Box::pin(self.write(DELETE, move |c| {
            c.prepare_cached(DELETE)?.execute(params![store, key])
        }))
    }

    fn exists<'a>(&'a self, key: &'a str) -> Answer<'a, bool> {
        let (store, key) = (self.store.clone(), key.to_owned());
        Box::pin(self.read(EXISTS, move |c| {
            c.prepare_cached(EXISTS)?.exists(params![store, key])
        }))
    }

    fn keys(&self) -> Answer<'_, Vec<String>> {
        let store = self.store.clone();
        Box::pin(self.read(KEYS, move |c| {
            c.prepare_cached(KEYS)?
                .query_map(params![store], |row| row.get(0))?
                .collect()
        }))
    }
}

fn other(error: rusqlite::Error) -> Error {
    Error::Other(error.to_string())
}
