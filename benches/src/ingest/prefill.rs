//! Very many traces, written beside the platform: to send a million would take longer than to measure.

use super::clickhouse::{ClickHouse, Column};
use super::columns::{self, Conflict};
use super::template::now_nanos;
use anyhow::Result;
use chrono::DateTime;
use rusqlite::Connection;
use rusqlite::types::Value as Sql;
use serde_json::{Map, Value, json};
use std::ops::Range;
use std::path::Path;

/// A name that one trace in [`NAMES`] has.
pub(crate) const NAME: &str = "flow-07";
/// A user that one trace in [`USERS`] has.
pub(crate) const USER: &str = "user-0007";
/// How many names there are.
pub(crate) const NAMES: u64 = 20;
/// How many users there are.
pub(crate) const USERS: u64 = 200;
/// Observations of a trace.
pub(crate) const OBSERVATIONS: u64 = 2;
/// Traces begin so far apart: a million of them is about 90 days.
const APART_MICROS: u64 = 7_776_000;
/// The last of so many traces begins about now.
const SPAN_OF: u64 = 1_000_000;
/// Rows of an insert into ClickHouse.
const BATCH: u64 = 10_000;

const TRACE: [&str; 14] = [
    "workspace_id",
    "id",
    "timestamp",
    "name",
    "user_id",
    "session_id",
    "input",
    "output",
    "metadata",
    "tags",
    "environment",
    "release",
    "version",
    "received_at",
];

const OBSERVATION: [&str; 18] = [
    "workspace_id",
    "trace_id",
    "id",
    "parent_id",
    "type",
    "name",
    "start_time",
    "end_time",
    "level",
    "input",
    "output",
    "model",
    "model_parameters",
    "usage_input",
    "usage_output",
    "cost_usd",
    "metadata",
    "received_at",
];

/// A value, before it is known how a store writes it.
#[derive(Clone)]
enum Cell {
    Null,
    Text(String),
    Int(i64),
    Real(f64),
    /// Microseconds since the epoch.
    Time(i64),
    Tags([&'static str; 2]),
}

/// What is written, and for whom.
pub(crate) struct Prefill {
    workspace: String,
    first_micros: u64,
}

impl Prefill {
    /// Traces of this workspace.
    pub(crate) fn new(workspace: &str) -> Self {
        Self {
            workspace: workspace.to_owned(),
            first_micros: (now_nanos() / 1000).saturating_sub(SPAN_OF * APART_MICROS),
        }
    }

    fn time(&self, trace: u64, later_ms: u64) -> Cell {
        Cell::Time((self.first_micros + trace * APART_MICROS + later_ms * 1000) as i64)
    }

    fn trace(&self, number: u64) -> [Cell; 14] {
        let text = |text: &str| Cell::Text(text.to_owned());
        [
            Cell::Text(self.workspace.clone()),
            Cell::Text(id(number)),
            self.time(number, 0),
            Cell::Text(format!("flow-{:02}", number % NAMES)),
            Cell::Text(format!("user-{:04}", number % USERS)),
            Cell::Text(format!("session-{}", number / 4)),
            text(
                "\"My order has not arrived although the page says that it was delivered. What now?\"",
            ),
            text("\"I am sorry. The carrier left it at the counter of the shop next door.\""),
            text("{\"plan\":\"team\",\"region\":\"eu\"}"),
            Cell::Tags(["support", "web"]),
            text("production"),
            text("2.4"),
            text("2.4.1"),
            self.time(number, 5000),
        ]
    }

    fn observation(&self, trace: u64, number: u64) -> [Cell; 18] {
        let text = |text: &str| Cell::Text(text.to_owned());
        let root = number == 0;
        let own = |text: &str| {
            if root {
                Cell::Null
            } else {
                Cell::Text(text.to_owned())
            }
        };
        [
            Cell::Text(self.workspace.clone()),
            Cell::Text(id(trace)),
            Cell::Text(observation_id(trace, number)),
            if root {
                Cell::Null
            } else {
                Cell::Text(observation_id(trace, 0))
            },
            text(if root { "AGENT" } else { "GENERATION" }),
            text(if root {
                "invoke_agent support"
            } else {
                "chat gpt-4o-mini"
            }),
            self.time(trace, number * 10),
            self.time(trace, 900 + number * 10),
            text("DEFAULT"),
            text("[{\"role\":\"user\",\"content\":\"My order has not arrived. What now?\"}]"),
            text("[{\"role\":\"assistant\",\"content\":\"The carrier left it at the counter.\"}]"),
            own("gpt-4o-mini"),
            own("{\"temperature\":0.2}"),
            if root { Cell::Null } else { Cell::Int(412) },
            if root { Cell::Null } else { Cell::Int(96) },
            if root {
                Cell::Null
            } else {
                Cell::Real(0.00012)
            },
            text("{\"attributes\":{\"gen_ai.operation.name\":\"chat\"}}"),
            self.time(trace, 5000),
        ]
    }

    /// Writes traces and their observations into the platform's database, which nobody has open.
    pub(crate) fn sqlite(&self, database: &Path, numbers: Range<u64>) -> Result<()> {
        let database = Connection::open(database)?;
        // A database that a power cut spoils is made again.
        database.execute_batch("PRAGMA synchronous = OFF; PRAGMA cache_size = -262144;")?;
        let of_traces = columns::insert(&database, "traces", &TRACE, Conflict::Fail)?;
        let of_observations =
            columns::insert(&database, "observations", &OBSERVATION, Conflict::Fail)?;
        let numbers: Vec<u64> = numbers.collect();
        for batch in numbers.chunks(BATCH as usize) {
            let transaction = database.unchecked_transaction()?;
            let mut traces = transaction.prepare_cached(&of_traces.sql)?;
            let mut observations = transaction.prepare_cached(&of_observations.sql)?;
            for number in batch {
                let row = self.trace(*number);
                traces.execute(values(&row, &of_traces.used))?;
                for observation in 0..OBSERVATIONS {
                    let row = self.observation(*number, observation);
                    observations.execute(values(&row, &of_observations.used))?;
                }
            }
            drop((traces, observations));
            transaction.commit()?;
        }
        database.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
        Ok(())
    }

    /// Inserts the same into ClickHouse's tables, which the platform has made.
    pub(crate) fn clickhouse(&self, clickhouse: &ClickHouse, numbers: Range<u64>) -> Result<()> {
        let of_traces = clickhouse.columns("trace_rows")?;
        let of_observations = clickhouse.columns("observation_rows")?;
        let numbers: Vec<u64> = numbers.collect();
        for batch in numbers.chunks(BATCH as usize) {
            let mut traces = Vec::new();
            let mut observations = Vec::new();
            for number in batch {
                let received = self.first_micros + number * APART_MICROS;
                line(
                    &mut traces,
                    &of_traces,
                    &TRACE,
                    &self.trace(*number),
                    received,
                );
                for observation in 0..OBSERVATIONS {
                    let row = self.observation(*number, observation);
                    line(
                        &mut observations,
                        &of_observations,
                        &OBSERVATION,
                        &row,
                        received,
                    );
                }
            }
            clickhouse.insert("trace_rows", traces)?;
            clickhouse.insert("observation_rows", observations)?;
        }
        Ok(())
    }
}

/// Ids of tracers are random: each lands in another place of an index.
fn id(trace: u64) -> String {
    let scattered = trace.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    format!("{scattered:016x}{trace:016x}")
}

fn observation_id(trace: u64, number: u64) -> String {
    format!("{:016x}", trace * OBSERVATIONS + number + 1)
}

fn values(row: &[Cell], used: &[usize]) -> rusqlite::ParamsFromIter<impl Iterator<Item = Sql>> {
    rusqlite::params_from_iter(used.iter().filter_map(|index| {
        Some(match row.get(*index)? {
            Cell::Null => Sql::Null,
            Cell::Text(text) => Sql::Text(text.clone()),
            Cell::Int(number) | Cell::Time(number) => Sql::Integer(*number),
            Cell::Real(number) => Sql::Real(*number),
            Cell::Tags(tags) => Sql::Text(json!(tags).to_string()),
        })
    }))
}

/// Appends a row of those known values that the table has a column for, in the column's way.
fn line(out: &mut Vec<u8>, columns: &[Column], known: &[&str], row: &[Cell], received: u64) {
    let mut object = Map::new();
    for column in columns {
        let index = known.iter().position(|name| *name == column.name);
        if let Some(cell) = index.and_then(|index| row.get(index)) {
            object.insert(column.name.clone(), written(cell, &column.kind, received));
        }
    }
    out.extend_from_slice(Value::Object(object).to_string().as_bytes());
    out.push(b'\n');
}

fn written(cell: &Cell, kind: &str, received: u64) -> Value {
    let value = match cell {
        Cell::Null => Value::Null,
        Cell::Text(text) => text.as_str().into(),
        Cell::Int(number) => (*number).into(),
        Cell::Real(number) => (*number).into(),
        Cell::Time(micros) if kind.contains("DateTime") => DateTime::from_timestamp_micros(*micros)
            .unwrap_or_default()
            .format("%Y-%m-%d %H:%M:%S%.6f")
            .to_string()
            .into(),
        Cell::Time(micros) => (*micros).into(),
        Cell::Tags(tags) => json!(tags),
    };
    // A field that merges by the time of receipt carries it.
    if kind.contains("Tuple(Int64") {
        json!([received, value])
    } else {
        value
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_platforms_database_takes_the_rows() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.db");
        let database = Connection::open(&path).unwrap();
        let migrations = Path::new(env!("CARGO_MANIFEST_DIR")).join("../migrations/sqlite");
        columns::migrate(&database, &migrations).unwrap();
        let prefill = Prefill::new("w");
        prefill.sqlite(&path, 0..30).unwrap();
        prefill.sqlite(&path, 30..40).unwrap();
        let count = |sql: &str| -> i64 { database.query_row(sql, [], |row| row.get(0)).unwrap() };
        assert_eq!(count("SELECT count(*) FROM traces"), 40);
        assert_eq!(count("SELECT count(*) FROM observations"), 80);
        let named =
            format!("SELECT count(*) FROM traces WHERE name = '{NAME}' AND workspace_id = 'w'");
        assert_eq!(count(&named), 2);
        let of_user = format!("SELECT count(*) FROM traces WHERE user_id = '{USER}'");
        assert_eq!(count(&of_user), 1);
    }

    #[test]
    fn fields_are_written_in_the_way_of_their_column() {
        let column = |name: &str, kind: &str| Column {
            name: name.to_owned(),
            kind: kind.to_owned(),
        };
        let columns = [
            column("name", "SimpleAggregateFunction(max, Tuple(Int64, String))"),
            column(
                "timestamp",
                "SimpleAggregateFunction(min, DateTime64(6, 'UTC'))",
            ),
            column(
                "tags",
                "SimpleAggregateFunction(groupUniqArrayArray, Array(String))",
            ),
            column("new", "String"),
        ];
        let prefill = Prefill {
            workspace: "w".to_owned(),
            first_micros: 1_764_000_000_000_001,
        };
        let mut out = Vec::new();
        line(&mut out, &columns, &TRACE, &prefill.trace(0), 5);
        let line: Value = serde_json::from_slice(&out).unwrap();
        let wanted = json!({
            "name": [5, "flow-00"], "timestamp": "2025-11-24 16:00:00.000001", "tags": ["support", "web"],
        });
        assert_eq!(line, wanted);
    }
}
