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

/// The tables, and since when a row of theirs is there. What lies beyond `DateTime` is kept until its end.
const AGED: [(&str, &str); 8] = [
    ("trace_rows", "timestamp"),
    ("trace_entries", "timestamp"),
    ("observation_rows", "start_time"),
    ("observation_entries", "start_time"),
    ("score_rows", "timestamp"),
    ("score_entries", "timestamp"),
    ("payloads", "inserted_at"),
    ("payload_refs", "inserted_at"),
];

#[derive(Deserialize)]
struct Described {
    name: String,
    engine_full: String,
}

/// Has ClickHouse let go of rows after so many days, or never where that is 0. Where it is so already, nothing is altered.
async fn keep_for(client: &Client, days: u32) -> Result<(), StoreError> {
    let sql = "SELECT name, engine_full FROM system.tables WHERE database = currentDatabase()";
    let tables: Vec<Described> = client.rows(sql, Params::none()).await?;
    let interval = format!("toIntervalDay({days})");
    for (table, column) in AGED {
        let engine = tables
            .iter()
            .find(|t| t.name == table)
            .map_or("", |t| t.engine_full.as_str());
        let change = match (days, engine.contains(" TTL ")) {
            (0, false) => continue,
            (0, true) => "REMOVE TTL".to_owned(),
            (_, true) if engine.contains(&interval) => continue,
            _ => format!(
                "MODIFY TTL toDateTime(least({column}, toDateTime('2100-01-01 00:00:00', 'UTC'))) + {interval}"
            ),
        };
        let sql = format!("ALTER TABLE {table} {change}");
        client.command(&sql, Params::none(), &[]).await?;
    }
    Ok(())
}

/// Applies what is missing. Cheap when this instance has done it before.
pub(super) async fn ensure(client: &Client, ttl_days: u32) -> Result<(), StoreError> {
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
    keep_for(client, ttl_days).await?;
    READY.set(true);
    Ok(())
}
