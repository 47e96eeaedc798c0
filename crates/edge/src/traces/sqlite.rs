//! Traces in embedded SQLite.
//!
//! A write is one statement a table, each with one JSON parameter and a commit of its own: no transaction spans a trip
//! between guest and engine, so that writers hold the lock for as short as can be. A crash between two of them leaves a
//! part of a batch that nobody was told is safe; its repetition completes it.

use super::filter::{Condition, OBSERVATIONS, SCORES, Select, TRACES};
use super::rows;
use super::stored::StoredRow;
use super::{Named, StoreError, Totals};
use crate::config::Config;
use crate::db::{Db, ScopedDb, Statement, Value};
use crate::migrate;
use crate::problem::Problem;
use assay_model::{Batch, Timestamp, TokenUsage};
use serde::Serialize;
use std::cell::Cell;
use std::fmt::Write as _;

thread_local! {
    /// Whether the embedded database is known to have the tables. Only asked where the relational store is Postgres.
    static READY: Cell<bool> = const { Cell::new(false) };
}

/// Reading `value` of `json_each` writes the element out, hence the materialised list: once a row, not once a column.
const WRITE_TRACES: &str = "\
INSERT INTO traces (workspace_id, id, timestamp, name, user_id, session_id, input, output, metadata, tags, environment, \
  release, version, received_at) \
WITH r AS MATERIALIZED (SELECT value AS v FROM json_each($2)) \
SELECT $1, v->>'id', v->>'timestamp', v->>'name', v->>'user_id', v->>'session_id', v->>'input', v->>'output', \
  v->>'metadata', v->'tags', v->>'environment', v->>'release', v->>'version', $3 FROM r WHERE true \
ON CONFLICT (workspace_id, id) DO UPDATE SET \
  timestamp = min(timestamp, excluded.timestamp), \
  name = iif(excluded.received_at >= received_at, coalesce(excluded.name, name), coalesce(name, excluded.name)), \
  user_id = iif(excluded.received_at >= received_at, coalesce(excluded.user_id, user_id), coalesce(user_id, excluded.user_id)), \
  session_id = iif(excluded.received_at >= received_at, coalesce(excluded.session_id, session_id), coalesce(session_id, excluded.session_id)), \
  input = iif(excluded.received_at >= received_at, coalesce(excluded.input, input), coalesce(input, excluded.input)), \
  output = iif(excluded.received_at >= received_at, coalesce(excluded.output, output), coalesce(output, excluded.output)), \
  metadata = iif(excluded.received_at >= received_at, coalesce(excluded.metadata, metadata), coalesce(metadata, excluded.metadata)), \
  tags = iif(excluded.tags = '[]' OR excluded.tags = tags, tags, (SELECT json_group_array(tag) FROM \
    (SELECT value AS tag FROM json_each(traces.tags) UNION SELECT value FROM json_each(excluded.tags)))), \
  environment = iif(excluded.received_at >= received_at, coalesce(excluded.environment, environment), coalesce(environment, excluded.environment)), \
  release = iif(excluded.received_at >= received_at, coalesce(excluded.release, release), coalesce(release, excluded.release)), \
  version = iif(excluded.received_at >= received_at, coalesce(excluded.version, version), coalesce(version, excluded.version)), \
  received_at = max(received_at, excluded.received_at)";

/// Traces that only observations name: the usual step of a run adds one observation to a trace that is known.
const WRITE_NAMED: &str = "\
INSERT INTO traces (workspace_id, id, timestamp, tags, received_at) \
SELECT $1, value->>0, value->>1, '[]', $3 FROM json_each($2) WHERE true \
ON CONFLICT (workspace_id, id) DO UPDATE SET timestamp = excluded.timestamp WHERE excluded.timestamp < timestamp";

const WRITE_OBSERVATIONS: &str = "\
INSERT INTO observations (workspace_id, trace_id, id, parent_id, type, name, start_time, end_time, level, \
  status_message, input, output, model, model_parameters, usage_input, usage_output, cost_usd, metadata, received_at) \
WITH r AS MATERIALIZED (SELECT value AS v FROM json_each($2)) \
SELECT $1, v->>'trace_id', v->>'id', v->>'parent_id', v->>'type', v->>'name', v->>'start_time', v->>'end_time', \
  v->>'level', v->>'status_message', v->>'input', v->>'output', v->>'model', v->>'model_parameters', \
  v->>'usage_input', v->>'usage_output', v->>'cost_usd', v->>'metadata', $3 FROM r WHERE true \
ON CONFLICT (workspace_id, trace_id, id) DO UPDATE SET \
  parent_id = excluded.parent_id, type = excluded.type, name = excluded.name, start_time = excluded.start_time, \
  end_time = excluded.end_time, level = excluded.level, status_message = excluded.status_message, \
  input = excluded.input, output = excluded.output, model = excluded.model, \
  model_parameters = excluded.model_parameters, usage_input = excluded.usage_input, \
  usage_output = excluded.usage_output, cost_usd = excluded.cost_usd, metadata = excluded.metadata, \
  received_at = excluded.received_at \
WHERE excluded.received_at >= received_at";

const WRITE_SCORES: &str = "\
INSERT INTO scores (workspace_id, id, trace_id, observation_id, name, data_type, value, string_value, source, comment, \
  timestamp, metadata, received_at) \
WITH r AS MATERIALIZED (SELECT value AS v FROM json_each($2)) \
SELECT $1, v->>'id', v->>'trace_id', v->>'observation_id', v->>'name', v->>'data_type', v->>'value', \
  v->>'string_value', v->>'source', v->>'comment', v->>'timestamp', v->>'metadata', $3 FROM r WHERE true \
ON CONFLICT (workspace_id, id) DO UPDATE SET \
  trace_id = excluded.trace_id, observation_id = excluded.observation_id, name = excluded.name, \
  data_type = excluded.data_type, value = excluded.value, string_value = excluded.string_value, \
  source = excluded.source, comment = excluded.comment, timestamp = excluded.timestamp, \
  metadata = excluded.metadata, received_at = excluded.received_at \
WHERE excluded.received_at >= received_at";

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

async fn put<T: Serialize>(
    db: &ScopedDb,
    sql: &str,
    list: &[T],
    received: Timestamp,
) -> Result<(), StoreError> {
    if list.is_empty() {
        return Ok(());
    }
    let json = serde_json::to_string(list).map_err(|e| StoreError::Other(e.to_string()))?;
    // `query`, because `execute` asks the engine for a count that nobody needs here.
    db.query(sql, [json.into(), received.into()]).await?;
    Ok(())
}

pub(super) async fn write(
    db: &ScopedDb,
    batch: &Batch,
    received: Timestamp,
    named: Named,
) -> Result<(), StoreError> {
    let traces = rows::traces(batch, received, named);
    if batch.traces.is_empty() {
        let named: Vec<_> = traces.iter().map(|t| (&t.id, t.timestamp)).collect();
        put(db, WRITE_NAMED, &named, received).await?;
    } else {
        put(db, WRITE_TRACES, &traces, received).await?;
    }
    let observations: Vec<_> = batch
        .observations
        .iter()
        .map(|o| rows::observation(o, received, |t| t))
        .collect();
    put(db, WRITE_OBSERVATIONS, &observations, received).await?;
    let scores: Vec<_> = batch
        .scores
        .iter()
        .map(|s| rows::score(s, received, |t| t))
        .collect();
    put(db, WRITE_SCORES, &scores, received).await
}

/// Up to here a read of one trace is a page, not the whole.
const PAGE: i64 = 1000;

/// The statement of a [`Select`], with the values of `$2..$n`.
fn sql(select: &Select) -> (String, Vec<Value>) {
    let table = select.table;
    // Left to itself SQLite prefers the index that spares it the sort, and walks the whole workspace to find one trace.
    let of_trace = |c: &Condition| matches!(c, Condition::Is("trace_id", _));
    let by_key = *table == OBSERVATIONS && select.conditions.iter().any(of_trace);
    let mut filter = String::from("workspace_id = $1");
    let mut params: Vec<Value> = Vec::new();
    let mut next = |v: Value| {
        params.push(v);
        format!("${}", params.len() + 1)
    };
    for condition in &select.conditions {
        let condition = match condition {
            Condition::Is(column, value) => format!("{column} = {}", next(value.into())),
            Condition::Tagged(tag) => format!(
                "EXISTS (SELECT 1 FROM json_each(tags) WHERE value = {})",
                next(tag.into())
            ),
            Condition::From(t) => format!("{} >= {}", table.time, next((*t).into())),
            Condition::Before(t) => format!("{} < {}", table.time, next((*t).into())),
            Condition::After(micros, key) => {
                let mut values = vec![next((*micros).into())];
                values.extend(key.iter().map(|part| next(part.into())));
                format!(
                    "({}, {}) < ({})",
                    table.time,
                    table.key.join(", "),
                    values.join(", ")
                )
            }
        };
        // Writing to a String never fails.
        let _ = write!(filter, " AND {condition}");
    }
    let direction = if select.newest_first { " DESC" } else { "" };
    let order: Vec<String> = std::iter::once(table.time)
        .chain(table.key.iter().copied())
        .map(|column| format!("{column}{direction}"))
        .collect();
    let (name, order, limit) = (table.name, order.join(", "), next(select.limit.into()));
    let from = if by_key {
        format!("{name} INDEXED BY sqlite_autoindex_{name}_1")
    } else {
        name.to_owned()
    };
    let rest = format!("FROM {from} WHERE {filter} ORDER BY {order} LIMIT {limit}");
    let text = if by_key && select.limit <= PAGE {
        // Sorts keys, not whole rows, most of which are not wanted. The `+` keeps the outer query on the keys.
        format!(
            "SELECT * FROM {name} WHERE +workspace_id = $1 AND rowid IN (SELECT rowid {rest}) ORDER BY {order}"
        )
    } else {
        format!("SELECT * {rest}")
    };
    (text, params)
}

pub(super) async fn read<R: StoredRow>(
    db: &ScopedDb,
    select: &Select,
) -> Result<Vec<R>, StoreError> {
    let (sql, params) = sql(select);
    let rows = db.query(&sql, params).await?;
    rows.iter()
        .map(|row| R::from_row(row).map_err(StoreError::from))
        .collect()
}

pub(super) async fn totals(db: &ScopedDb, trace_id: &str) -> Result<Totals, StoreError> {
    let sql = "SELECT count(*) AS n, sum(cost_usd) AS cost, sum(usage_input) AS input, sum(usage_output) AS output, \
               min(start_time) AS first, max(max(start_time, coalesce(end_time, start_time))) AS last \
               FROM observations WHERE workspace_id = $1 AND trace_id = $2";
    let Some(row) = db.first(sql, [trace_id.into()]).await? else {
        return Ok(Totals::default());
    };
    let tokens = |n: Option<i64>| n.and_then(|n| u64::try_from(n).ok());
    let (input, output) = (
        tokens(row.opt_int("input")?),
        tokens(row.opt_int("output")?),
    );
    let usage = (input.is_some() || output.is_some()).then(|| TokenUsage {
        input: input.unwrap_or_default(),
        output: output.unwrap_or_default(),
    });
    Ok(Totals {
        observations: u64::try_from(row.int("n")?).unwrap_or_default(),
        cost_usd: row.opt_real("cost")?,
        usage,
        latency_ms: Totals::latency(row.opt_int("first")?, row.opt_int("last")?),
    })
}

pub(super) async fn delete(db: &ScopedDb, trace_id: &str) -> Result<(), StoreError> {
    let statement = |table: &str, column: &str| {
        let sql = format!("DELETE FROM {table} WHERE workspace_id = $1 AND {column} = $2");
        Statement::new(sql, [trace_id.into()])
    };
    let statements = vec![
        statement(TRACES.name, "id"),
        statement(OBSERVATIONS.name, "trace_id"),
        statement(SCORES.name, "trace_id"),
    ];
    Ok(db.batch(statements).await?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::page::{Cursor, PageQuery};
    use crate::traces::{ObservationFilter, TraceFilter};

    #[test]
    fn a_page_of_observations() {
        let page = PageQuery {
            limit: 50,
            cursor: Some(Cursor(7, "t\u{1f}o".into())),
        };
        let filter = ObservationFilter {
            name: Some("chat".into()),
            ..ObservationFilter::default()
        };
        let (text, params) = sql(&filter.select(&page).unwrap());
        assert_eq!(
            text,
            "SELECT * FROM observations WHERE workspace_id = $1 AND name = $2 \
             AND (start_time, trace_id, id) < ($3, $4, $5) \
             ORDER BY start_time DESC, trace_id DESC, id DESC LIMIT $6"
        );
        assert_eq!(
            params,
            [
                "chat".into(),
                7i64.into(),
                "t".into(),
                "o".into(),
                Value::Int(51)
            ]
        );
    }

    #[test]
    fn observations_of_a_trace_are_found_by_the_key() {
        let (text, _) = sql(&Select::of(&OBSERVATIONS, "trace_id", "t", PAGE + 1));
        assert_eq!(
            text,
            "SELECT * FROM observations INDEXED BY sqlite_autoindex_observations_1 \
             WHERE workspace_id = $1 AND trace_id = $2 ORDER BY start_time, trace_id, id LIMIT $3"
        );
    }

    #[test]
    fn a_cursor_of_another_list_is_refused() {
        let page = PageQuery {
            limit: 50,
            cursor: Some(Cursor(7, "t\u{1f}o".into())),
        };
        assert!(TraceFilter::default().select(&page).is_err());
    }
}
