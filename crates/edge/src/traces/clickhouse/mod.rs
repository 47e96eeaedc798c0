//! Traces in ClickHouse, over its HTTP interface.
//!
//! Stateless instances cannot batch, so the server does: `async_insert=1` collects inserts of all instances, and
//! `wait_for_async_insert=1` answers when they are on disk. Values only travel as bound parameters.

mod client;
mod schema;
mod select;

use super::filter::{OBSERVATIONS, SCORES, Select, TRACES};
use super::rows::{self, Text, TraceRow};
use super::stored::StoredRow;
use super::{Named, StoreError, Totals};
use crate::config::Config;
use crate::problem::{Problem, ProblemKind};
use assay_model::{Batch, Timestamp, TokenUsage};
use chrono::{DateTime, Utc};
use client::{Client, Params};
use serde::{Deserialize, Serialize};

/// The trace store in ClickHouse.
pub(super) struct ClickHouse(Client);

/// A time as `DateTime64(6, 'UTC')` reads it. A bare number would be read as seconds or as microseconds, by its size.
struct At(i64);

impl Serialize for At {
    fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        let time = DateTime::<Utc>::from_timestamp_micros(self.0).unwrap_or_default();
        s.collect_str(&time.format("%Y-%m-%d %H:%M:%S%.6f"))
    }
}

/// What is written with every row.
#[derive(Serialize)]
struct Stamped<'a, R> {
    workspace_id: &'a str,
    received_at: At,
    #[serde(flatten)]
    row: R,
}

/// A patch of a trace: each optional field with the time at which it was received, 0 where the patch does not name it.
#[derive(Serialize)]
struct Patch<'a> {
    workspace_id: &'a str,
    id: &'a str,
    timestamp: At,
    name: (i64, &'a str),
    user_id: (i64, &'a str),
    session_id: (i64, &'a str),
    input: (i64, &'a str),
    output: (i64, &'a str),
    metadata: (i64, &'a str),
    tags: &'a [String],
    environment: (i64, &'a str),
    release: (i64, &'a str),
    version: (i64, &'a str),
}

fn patch<'a>(workspace_id: &'a str, row: &'a TraceRow<'_>, received: Timestamp) -> Patch<'a> {
    let field =
        |text: &'a Option<Text<'_>>| text.as_deref().map_or((0, ""), |t| (received.micros(), t));
    Patch {
        workspace_id,
        id: &row.id,
        timestamp: At(row.timestamp),
        name: field(&row.name),
        user_id: field(&row.user_id),
        session_id: field(&row.session_id),
        input: field(&row.input),
        output: field(&row.output),
        metadata: field(&row.metadata),
        tags: &row.tags,
        environment: field(&row.environment),
        release: field(&row.release),
        version: field(&row.version),
    }
}

fn lines<R: Serialize>(rows: impl IntoIterator<Item = R>) -> Result<Vec<u8>, StoreError> {
    let mut out = Vec::new();
    for row in rows {
        serde_json::to_writer(&mut out, &row).map_err(|e| StoreError::Other(e.to_string()))?;
        out.push(b'\n');
    }
    Ok(out)
}

#[derive(Deserialize)]
struct TotalsRow {
    n: u64,
    cost: Option<f64>,
    input: Option<u64>,
    output: Option<u64>,
    first: Option<i64>,
    last: Option<i64>,
}

impl ClickHouse {
    pub(super) fn new(config: &Config) -> Result<Self, Problem> {
        let database = &config.clickhouse_database;
        // The one name that cannot be a parameter where the database is made.
        if database.is_empty()
            || !database
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b == b'_')
        {
            let detail = "`clickhouse_database` must be letters, digits and underscores.";
            return Err(Problem::new(ProblemKind::Misconfigured, detail));
        }
        Ok(Self(Client::new(config)))
    }

    async fn ready(&self) -> Result<&Client, StoreError> {
        schema::ensure(&self.0).await?;
        Ok(&self.0)
    }

    pub(super) async fn write(
        &self,
        workspace: &str,
        batch: &Batch,
        received: Timestamp,
        named: Named,
    ) -> Result<(), StoreError> {
        let client = self.ready().await?;
        let traces = rows::traces(batch, received, named);
        let traces = lines(traces.iter().map(|t| patch(workspace, t, received)))?;
        let observations = lines(batch.observations.iter().map(|o| Stamped {
            workspace_id: workspace,
            received_at: At(received.micros()),
            row: rows::observation(o, received, At),
        }))?;
        let scores = lines(batch.scores.iter().map(|s| Stamped {
            workspace_id: workspace,
            received_at: At(received.micros()),
            row: rows::score(s, received, At),
        }))?;
        // At once: each waits for the server to flush.
        futures::try_join!(
            client.insert(TRACES.name, traces),
            client.insert(OBSERVATIONS.name, observations),
            client.insert(SCORES.name, scores)
        )?;
        Ok(())
    }

    pub(super) async fn read<R: StoredRow>(
        &self,
        workspace: &str,
        select: &Select,
    ) -> Result<Vec<R>, StoreError> {
        let mut params = Params::of(workspace);
        let sql = select::sql(select, &mut params);
        self.ready().await?.rows(&sql, params).await
    }

    pub(super) async fn totals(
        &self,
        workspace: &str,
        trace_id: &str,
    ) -> Result<Totals, StoreError> {
        let mut params = Params::of(workspace);
        let id = params.text(trace_id);
        let sql = format!(
            "SELECT count() AS n, sumKahan(cost_usd) AS cost, sum(usage_input) AS input, sum(usage_output) AS output, \
             toUnixTimestamp64Micro(min(start_time)) AS first, \
             toUnixTimestamp64Micro(max(greatest(start_time, coalesce(end_time, start_time)))) AS last \
             FROM observations FINAL WHERE workspace_id = {{w:String}} AND trace_id = {id}"
        );
        let rows: Vec<TotalsRow> = self.ready().await?.rows(&sql, params).await?;
        let Some(row) = rows.into_iter().next() else {
            return Ok(Totals::default());
        };
        let usage = (row.input.is_some() || row.output.is_some()).then(|| TokenUsage {
            input: row.input.unwrap_or_default(),
            output: row.output.unwrap_or_default(),
        });
        Ok(Totals {
            observations: row.n,
            cost_usd: row.cost,
            usage,
            latency_ms: Totals::latency(row.first, row.last),
        })
    }

    /// Rewrites the parts that hold the trace, so that it is gone from the disk when this returns.
    pub(super) async fn delete(&self, workspace: &str, trace_id: &str) -> Result<(), StoreError> {
        let client = self.ready().await?;
        for (table, column) in [
            (&TRACES, "id"),
            (&OBSERVATIONS, "trace_id"),
            (&SCORES, "trace_id"),
        ] {
            let mut params = Params::of(workspace);
            let id = params.text(trace_id);
            let sql = format!(
                "ALTER TABLE {} DELETE WHERE workspace_id = {{w:String}} AND {column} = {id}",
                table.name
            );
            client
                .command(&sql, params, &[("mutations_sync", "2")])
                .await?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use assay_model::{Observation, Trace};
    use serde_json::{Value, json};

    fn read(line: &[u8]) -> Value {
        serde_json::from_slice(line).unwrap()
    }

    #[test]
    fn patches_carry_the_time_of_what_they_name() {
        let trace = Trace {
            id: "t".into(),
            user_id: Some("u".into()),
            input: json!("in"),
            ..Trace::default()
        };
        let batch = Batch {
            traces: vec![trace],
            ..Batch::default()
        };
        let received = Timestamp::from_micros(1_764_000_000_000_001);
        let rows = rows::traces(&batch, received, Named::Perhaps);
        let line = read(&lines(rows.iter().map(|t| patch("w", t, received))).unwrap());
        assert_eq!(line["user_id"], json!([1_764_000_000_000_001_i64, "u"]));
        assert_eq!(line["input"], json!([1_764_000_000_000_001_i64, "\"in\""]));
        assert_eq!(line["name"], json!([0, ""]));
        assert_eq!(line["timestamp"], "2025-11-24 16:00:00.000001");
    }

    #[test]
    fn observations_carry_the_time_of_receipt() {
        let o = Observation {
            id: "o".into(),
            trace_id: "t".into(),
            ..Observation::default()
        };
        let received = Timestamp::from_micros(1_764_000_000_000_001);
        let row = Stamped {
            workspace_id: "w",
            received_at: At(received.micros()),
            row: rows::observation(&o, received, At),
        };
        let line = read(&lines([row]).unwrap());
        assert_eq!(line["received_at"], "2025-11-24 16:00:00.000001");
        assert_eq!(
            (&line["type"], &line["start_time"]),
            (&json!("SPAN"), &json!("2025-11-24 16:00:00.000001"))
        );
    }
}
