//! Traces in ClickHouse, over its HTTP interface.
//!
//! Stateless instances cannot batch, so the server does: `async_insert=1` collects inserts of all instances, and
//! `wait_for_async_insert=1` answers when they are on disk. Values only travel as bound parameters.

mod client;
mod schema;

pub(super) use client::Params;

use super::payloads::Payloads;
use super::render::{Dialect as _, in_clickhouse};
use super::rows::{self, Text, TraceRow};
use super::{Named, Patience, StoreError};
use crate::config::Config;
use crate::problem::{Problem, ProblemKind};
use assay_model::{Batch, Timestamp};
use chrono::{DateTime, Utc};
use client::Client;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The trace store in ClickHouse.
pub(super) struct ClickHouse {
    client: Client,
    ttl_days: u32,
}

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
    /// Words on the metadata, key by key.
    words: Vec<(i64, &'a str, String)>,
    tags: &'a [String],
    environment: (i64, &'a str),
    release: (i64, &'a str),
    version: (i64, &'a str),
    public: (i64, &'a str),
    root: (i64, &'a str, &'a str),
    created_at: At,
    received_at: At,
}

fn patch<'a>(workspace_id: &'a str, row: &'a TraceRow<'_>, received: Timestamp) -> Patch<'a> {
    let at = received.micros();
    let field = |text: &'a Option<Text<'_>>| text.as_deref().map_or((0, ""), |t| (at, t));
    let words = match &row.metadata {
        None => Vec::new(),
        Some(Value::Object(map)) => map
            .iter()
            .map(|(key, value)| (at, key.as_str(), value.to_string()))
            .collect(),
        Some(other) => vec![(at, "", other.to_string())],
    };
    Patch {
        workspace_id,
        id: &row.id,
        timestamp: At(row.timestamp),
        name: field(&row.name),
        user_id: field(&row.user_id),
        session_id: field(&row.session_id),
        input: field(&row.input),
        output: field(&row.output),
        words,
        tags: &row.tags,
        environment: field(&row.environment),
        release: field(&row.release),
        version: field(&row.version),
        public: row
            .public
            .map_or((0, ""), |p| (at, if p == 0 { "0" } else { "1" })),
        root: row
            .root
            .as_ref()
            .map_or((i64::MAX, "", ""), |r| (r.key, &r.id, &r.name)),
        created_at: At(at),
        received_at: At(at),
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
        Ok(Self {
            client: Client::new(config),
            ttl_days: config.clickhouse_ttl_days,
        })
    }

    async fn ready(&self) -> Result<&Client, StoreError> {
        schema::ensure(&self.client, self.ttl_days).await?;
        Ok(&self.client)
    }

    pub(super) async fn write(
        &self,
        workspace: &str,
        batch: &Batch,
        received: Timestamp,
        named: Named,
        patience: Patience,
    ) -> Result<(), StoreError> {
        let client = self.ready().await?;
        let traces = rows::traces(batch, received, named);
        let traces = lines(traces.iter().map(|t| patch(workspace, t, received)))?;
        let mut payloads = Payloads::default();
        let observations = lines(batch.observations.iter().map(|o| Stamped {
            workspace_id: workspace,
            received_at: At(received.micros()),
            row: rows::observation(o, received, &mut payloads, At),
        }))?;
        let scores = lines(batch.scores.iter().map(|s| Stamped {
            workspace_id: workspace,
            received_at: At(received.micros()),
            row: rows::score(s, received, At),
        }))?;
        if !payloads.is_empty() {
            let refs = payloads.refs.iter().map(|(trace_id, hash)| Reference {
                workspace_id: workspace,
                trace_id,
                hash,
            });
            client
                .insert("payload_refs", lines(refs)?, patience)
                .await?;
            let texts = payloads.texts.iter().map(|(hash, text)| Payload {
                workspace_id: workspace,
                hash,
                text,
            });
            client.insert("payloads", lines(texts)?, patience).await?;
        }
        // At once: each waits for the server to flush.
        futures::try_join!(
            client.insert(in_clickhouse("traces"), traces, patience),
            client.insert(in_clickhouse("observations"), observations, patience),
            client.insert(in_clickhouse("scores"), scores, patience)
        )?;
        Ok(())
    }

    pub(super) async fn rows<R: DeserializeOwned>(
        &self,
        sql: &str,
        params: Params,
    ) -> Result<Vec<R>, StoreError> {
        self.ready().await?.rows(sql, params).await
    }

    pub(super) async fn delete_score(&self, workspace: &str, id: &str) -> Result<(), StoreError> {
        let client = self.ready().await?;
        let mut params = Params::of(workspace);
        let only = format!("id = {}", params.text(id));
        for table in ["score_rows", "score_entries"] {
            mutate(client, table, &only, params.clone()).await?;
        }
        Ok(())
    }

    /// Rewrites the parts that hold the traces, so that they are gone from the disk when this returns.
    pub(super) async fn delete(
        &self,
        workspace: &str,
        traces: &[String],
    ) -> Result<(), StoreError> {
        let client = self.ready().await?;
        let among = |params: &mut Params| {
            let ids: Vec<String> = traces.iter().map(|id| params.text(id)).collect();
            ids.join(", ")
        };
        let mut params = Params::of(workspace);
        let ids = among(&mut params);
        // What no other trace refers to; found before the references go.
        let orphans = format!(
            "SELECT DISTINCT hash FROM payload_refs WHERE workspace_id = {{w:String}} AND trace_id IN ({ids}) AND hash NOT IN \
             (SELECT hash FROM payload_refs WHERE workspace_id = {{w:String}} AND trace_id NOT IN ({ids}))"
        );
        let orphans: Vec<Hash> = client.rows(&orphans, params).await?;
        for some in orphans.chunks(500) {
            let mut params = Params::of(workspace);
            let hashes: Vec<String> = some.iter().map(|h| params.text(&h.hash)).collect();
            let only = format!("hash IN ({})", hashes.join(", "));
            mutate(client, "payloads", &only, params).await?;
        }
        // Where a score stands in time does not name its trace.
        let mut params = Params::of(workspace);
        let scores = format!(
            "id IN (SELECT id FROM score_rows WHERE workspace_id = {{w:String}} AND trace_id IN ({}))",
            among(&mut params)
        );
        mutate(client, "score_entries", &scores, params).await?;
        for (table, column) in [
            ("payload_refs", "trace_id"),
            ("observation_entries", "trace_id"),
            ("observation_rows", "trace_id"),
            ("score_rows", "trace_id"),
            ("trace_entries", "id"),
            ("trace_rows", "id"),
        ] {
            let mut params = Params::of(workspace);
            let only = format!("{column} IN ({})", among(&mut params));
            mutate(client, table, &only, params).await?;
        }
        Ok(())
    }
}

/// Deletes rows of the workspace; returns when they are gone.
async fn mutate(
    client: &Client,
    table: &str,
    only: &str,
    params: Params,
) -> Result<(), StoreError> {
    let sql = format!("ALTER TABLE {table} DELETE WHERE workspace_id = {{w:String}} AND {only}");
    client
        .command(&sql, params, &[("mutations_sync", "2")])
        .await
}

#[derive(Serialize)]
struct Reference<'a> {
    workspace_id: &'a str,
    trace_id: &'a str,
    hash: &'a str,
}

#[derive(Serialize)]
struct Payload<'a> {
    workspace_id: &'a str,
    hash: &'a str,
    text: &'a str,
}

#[derive(Deserialize)]
struct Hash {
    hash: String,
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
        assert_eq!(line["root"], json!([i64::MAX, "", ""]));
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
            row: rows::observation(&o, received, &mut Payloads::default(), At),
        };
        let line = read(&lines([row]).unwrap());
        assert_eq!(line["received_at"], "2025-11-24 16:00:00.000001");
        assert_eq!(
            (&line["type"], &line["start_time"]),
            (&json!("SPAN"), &json!("2025-11-24 16:00:00.000001"))
        );
    }
}
