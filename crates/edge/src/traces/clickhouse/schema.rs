//! Brings ClickHouse up to date, once an instance.
//!
//! ClickHouse has no lock that two first requests could race for, so every statement of a migration is one that may
//! run twice (`IF NOT EXISTS`), and the record of it is a row that replaces itself.

use super::client::{Client, Params};
use crate::clock;
use crate::migrate::{CLICKHOUSE, checksum, pending, statements};
use crate::traces::{Patience, StoreError};
use serde::Deserialize;
use serde_json::json;
use std::cell::Cell;

thread_local! {
    static READY: Cell<bool> = const { Cell::new(false) };
}

const RECORD: &str = "CREATE TABLE IF NOT EXISTS schema_migrations \
  (version Int64, name String, checksum String, applied_at Int64) ENGINE = ReplacingMergeTree(applied_at) ORDER BY version";

#[derive(Deserialize)]
struct Applied {
    version: i64,
    checksum: String,
}

async fn applied(client: &Client) -> Result<Vec<(i64, String)>, StoreError> {
    let sql = "SELECT version, checksum FROM schema_migrations FINAL ORDER BY version";
    let rows: Vec<Applied> = client.rows(sql, Params::none()).await?;
    Ok(rows.into_iter().map(|a| (a.version, a.checksum)).collect())
}

/// Applies what is missing. Cheap when this instance has done it before.
pub(super) async fn ensure(client: &Client) -> Result<(), StoreError> {
    if READY.get() {
        return Ok(());
    }
    client.alive().await?;
    if client.database() != "default" {
        client.create_database().await?;
    }
    client.command(RECORD, Params::none(), &[]).await?;
    for migration in
        pending(CLICKHOUSE, &applied(client).await?).map_err(StoreError::Incompatible)?
    {
        for statement in statements(migration.sql) {
            client.command(&statement, Params::none(), &[]).await?;
        }
        let row = json!({
            "version": migration.version,
            "name": migration.name,
            "checksum": checksum(migration.sql),
            "applied_at": clock::now().micros(),
        });
        client
            .insert(
                "schema_migrations",
                row.to_string().into_bytes(),
                Patience::Client,
            )
            .await?;
    }
    READY.set(true);
    Ok(())
}
