//! Traces in embedded SQLite.
//!
//! A write is one statement, an INSERT into the view `trace_writes`, whose trigger writes the tables: one trip between
//! guest and engine, one commit, all or nothing. See the migration.

use super::payloads::Payloads;
use super::render::Dialect;
use super::rows::{self, TraceRow};
use super::{Named, StoreError};
use crate::config::Config;
use crate::db::{Db, ScopedDb, Statement, Value};
use crate::migrate;
use crate::problem::Problem;
use assay_model::{Batch, Timestamp};
use serde::Serialize;
use std::cell::Cell;

thread_local! {
    /// Whether the embedded database is known to have the tables. Only asked where the relational store is Postgres.
    static READY: Cell<bool> = const { Cell::new(false) };
}

const WRITE: &str = "INSERT INTO trace_writes (workspace_id, refs, payloads, named, traces, observations, scores, received_at) \
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";

/// Values of `$2..$n`; `$1` is the workspace.
#[derive(Default)]
pub(super) struct Params(pub(super) Vec<Value>);

impl Params {
    fn add(&mut self, value: Value) -> String {
        self.0.push(value);
        format!("${}", self.0.len() + 1)
    }
}

impl Dialect for Params {
    const CLICKHOUSE: bool = false;
    const WORKSPACE: &'static str = "$1";

    fn text(&mut self, value: &str) -> String {
        self.add(value.into())
    }

    fn texts(&mut self, values: &[&str]) -> String {
        let all: Vec<String> = values.iter().map(|value| self.text(value)).collect();
        format!("({})", all.join(", "))
    }

    /// SQLite takes a list of pairs as a table.
    fn pairs(&mut self, values: &[(&str, &str)]) -> String {
        let all: Vec<String> = values
            .iter()
            .map(|(a, b)| format!("({}, {})", self.text(a), self.text(b)))
            .collect();
        format!("(VALUES {})", all.join(", "))
    }

    fn int(&mut self, value: i64) -> String {
        self.add(value.into())
    }

    fn real(&mut self, value: f64) -> String {
        self.add(Value::Real(value))
    }

    fn time(&mut self, micros: i64) -> String {
        self.add(micros.into())
    }
}

pub(super) async fn open(config: &Config, workspace: &str) -> Result<ScopedDb, StoreError> {
    let db = Db::open_embedded().await?;
    // Where SQLite is the relational store too, the platform has migrated it.
    if !config.database_url.is_empty() && !READY.get() {
        migrate::run(&db)
            .await
            .map_err(|e: Problem| StoreError::Unavailable(e.to_string()))?;
        READY.set(true);
    }
    Ok(ScopedDb::for_internal(db, workspace.to_owned()))
}

/// A list as JSON text; null when there is nothing in it.
fn list<T: Serialize>(rows: &[T]) -> Result<Value, StoreError> {
    if rows.is_empty() {
        return Ok(Value::Null);
    }
    serde_json::to_string(rows)
        .map(Value::Text)
        .map_err(|e| StoreError::Other(e.to_string()))
}

pub(super) async fn write(
    db: &ScopedDb,
    batch: &Batch,
    received: Timestamp,
    named: Named,
) -> Result<(), StoreError> {
    let traces = rows::traces(batch, received, named);
    let (told, only_named): (Vec<TraceRow<'_>>, Vec<_>) = traces.into_iter().partition(|t| t.told);
    let only_named: Vec<_> = only_named
        .iter()
        .filter_map(|t| {
            let root = t.root.as_ref()?;
            Some((&t.id, t.timestamp, root.key, &root.id, &root.name))
        })
        .collect();
    let mut payloads = Payloads::default();
    let observations: Vec<_> = batch
        .observations
        .iter()
        .map(|o| rows::observation(o, received, &mut payloads, |t| t))
        .collect();
    let scores: Vec<_> = batch
        .scores
        .iter()
        .map(|s| rows::score(s, received, |t| t))
        .collect();
    let refs: Vec<_> = payloads.refs.iter().collect();
    let texts: Vec<_> = payloads.texts.iter().collect();
    let params = [
        list(&refs)?,
        list(&texts)?,
        list(&only_named)?,
        list(&told)?,
        list(&observations)?,
        list(&scores)?,
        received.into(),
    ];
    // `query`, because `execute` asks the engine for a count that nobody needs here.
    db.query(WRITE, params).await?;
    Ok(())
}

/// Deletes traces, and what only they have.
pub(super) async fn delete(db: &ScopedDb, traces: &[String]) -> Result<(), StoreError> {
    let ids = list(traces)?;
    let all = "(SELECT value FROM json_each($2))";
    let statement = |sql: String| Statement::new(sql, [ids.clone()]);
    // What no other trace refers to; found before the references go.
    let orphans = format!(
        "DELETE FROM payloads WHERE workspace_id = $1 AND hash IN (SELECT r.hash FROM payload_refs r \
         WHERE r.workspace_id = $1 AND r.trace_id IN {all}) AND NOT EXISTS (SELECT 1 FROM payload_refs s \
         WHERE s.workspace_id = $1 AND s.hash = payloads.hash AND s.trace_id NOT IN {all})"
    );
    let mut statements = vec![statement(orphans)];
    for (table, column) in [
        ("payload_refs", "trace_id"),
        ("observations", "trace_id"),
        ("trace_sums", "trace_id"),
        ("scores", "trace_id"),
        ("traces", "id"),
    ] {
        statements.push(statement(format!(
            "DELETE FROM {table} WHERE workspace_id = $1 AND {column} IN {all}"
        )));
    }
    Ok(db.batch(statements).await?)
}

pub(super) async fn delete_score(db: &ScopedDb, id: &str) -> Result<(), StoreError> {
    let sql = "DELETE FROM scores WHERE workspace_id = $1 AND id = $2";
    db.execute(sql, [id.into()]).await?;
    Ok(())
}
