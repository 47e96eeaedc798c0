//! Rows whose keys are known, merged as they are read.
//!
//! `FINAL` reads every granule that lies beside those that are wanted, which for some dozen ids among a million costs ten times
//! what the ids do. Here the rows are found by their keys first and merged then, by what the tables' engines would do.

use super::filter::Table;
use super::render::{Dialect, Of, in_clickhouse};

/// The columns of a trace by the aggregates of its table, under `r`.
const TRACE: &str = "min(r.timestamp) AS timestamp, max(r.name) AS name, max(r.user_id) AS user_id, \
  max(r.session_id) AS session_id, max(r.input) AS input, max(r.output) AS output, max(r.metadata) AS metadata, \
  groupUniqArrayArray(r.words) AS words, groupUniqArrayArray(r.tags) AS tags, max(r.environment) AS environment, \
  max(r.release) AS release, max(r.version) AS version, max(r.public) AS public, min(r.root) AS root, \
  min(r.created_at) AS created_at, max(r.received_at) AS received_at";

/// Rows of a table in ClickHouse as `t`, of those keys alone that `only` selects under `r`.
pub(super) fn of_keys<D: Dialect>(table: &Table, only: &str) -> String {
    let name = in_clickhouse(table.name);
    let workspace = D::WORKSPACE;
    let only = format!("r.workspace_id = {workspace} AND {only}");
    match table.of {
        Of::Traces => format!(
            "(SELECT {workspace} AS workspace_id, r.id AS id, {TRACE} FROM {name} AS r WHERE {only} GROUP BY r.id) AS t"
        ),
        Of::Observations | Of::Scores => by_receipt(name, "r", &only, "t"),
    }
}

/// Rows of observations or scores as `t`, of those that `only` selects under `t`; it names nothing but keys.
pub(super) fn latest<D: Dialect>(name: &str, only: &str) -> String {
    if D::CLICKHOUSE {
        by_receipt(in_clickhouse(name), "t", only, "t")
    } else {
        format!("(SELECT * FROM {name} AS t WHERE {only}) AS t")
    }
}

fn by_receipt(name: &str, alias: &str, only: &str, of: &str) -> String {
    let key = if name == in_clickhouse("observations") {
        format!("{alias}.trace_id, {alias}.id")
    } else {
        format!("{alias}.id")
    };
    format!(
        "(SELECT * FROM {name} AS {alias} WHERE {only} ORDER BY {alias}.received_at DESC LIMIT 1 BY {key}) AS {of}"
    )
}
