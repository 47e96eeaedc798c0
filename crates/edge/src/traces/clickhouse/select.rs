//! A [`Select`] in ClickHouse's SQL.
//!
//! The inner query finds the keys and reads only the columns it decides by; the outer one reads the whole rows of those
//! keys. `FINAL` merges what the background has not merged yet.

use super::client::Params;
use crate::traces::filter::{Condition, Select, TRACES, Table};
use std::fmt::Write as _;

const TRACE_COLUMNS: &str = "id, toUnixTimestamp64Micro(timestamp) AS timestamp, \
  if(name.1 = 0, NULL, name.2) AS name, if(user_id.1 = 0, NULL, user_id.2) AS user_id, \
  if(session_id.1 = 0, NULL, session_id.2) AS session_id, if(input.1 = 0, NULL, input.2) AS input, \
  if(output.1 = 0, NULL, output.2) AS output, if(metadata.1 = 0, NULL, metadata.2) AS metadata, tags, \
  if(environment.1 = 0, NULL, environment.2) AS environment, if(release.1 = 0, NULL, release.2) AS release, \
  if(version.1 = 0, NULL, version.2) AS version";

const OBSERVATION_COLUMNS: &str = "trace_id, id, parent_id, type, name, \
  toUnixTimestamp64Micro(start_time) AS start_time, toUnixTimestamp64Micro(end_time) AS end_time, level, \
  status_message, input, output, model, model_parameters, usage_input, usage_output, cost_usd, metadata";

const SCORE_COLUMNS: &str = "id, trace_id, observation_id, name, data_type, value, string_value, source, comment, \
  toUnixTimestamp64Micro(timestamp) AS timestamp, metadata";

fn columns(table: &Table) -> &'static str {
    match table.name {
        "traces" => TRACE_COLUMNS,
        "observations" => OBSERVATION_COLUMNS,
        _ => SCORE_COLUMNS,
    }
}

/// A time column against a parameter.
fn instant(params: &mut Params, micros: i64) -> String {
    format!("fromUnixTimestamp64Micro({}, 'UTC')", params.int(micros))
}

pub(super) fn sql(select: &Select, params: &mut Params) -> String {
    let table = select.table;
    let mut filter = String::from("workspace_id = {w:String}");
    for condition in &select.conditions {
        let condition = match condition {
            // Optional fields of traces are pairs; see the migration.
            Condition::Is(column, value) if *table == TRACES && *column != "id" => {
                format!("{column}.1 != 0 AND {column}.2 = {}", params.text(value))
            }
            Condition::Is(column, value) => format!("{column} = {}", params.text(value)),
            Condition::Tagged(tag) => format!("has(tags, {})", params.text(tag)),
            Condition::From(t) => format!("{} >= {}", table.time, instant(params, *t)),
            Condition::Before(t) => format!("{} < {}", table.time, instant(params, *t)),
            Condition::After(time, key) => {
                let mut values = vec![instant(params, *time)];
                values.extend(key.iter().map(|part| params.text(part)));
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
    let order: Vec<String> = std::iter::once(&table.time)
        .chain(table.key)
        .map(|column| format!("{column}{direction}"))
        .collect();
    let (order, key, name) = (order.join(", "), table.key.join(", "), table.name);
    format!(
        "SELECT {columns} FROM {name} FINAL WHERE workspace_id = {{w:String}} AND ({key}) IN \
         (SELECT {key} FROM {name} FINAL WHERE {filter} ORDER BY {order} LIMIT {limit}) ORDER BY {order}",
        columns = columns(table),
        limit = select.limit,
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::page::{Cursor, PageQuery};
    use crate::traces::TraceFilter;
    use crate::traces::filter::{OBSERVATIONS, SCORES};

    #[test]
    fn every_query_names_the_workspace() {
        for table in [&TRACES, &OBSERVATIONS, &SCORES] {
            let select = Select::of(table, "id", "x", 1);
            let text = sql(&select, &mut Params::of("w"));
            assert_eq!(
                text.matches("workspace_id = {w:String}").count(),
                text.matches("FINAL").count()
            );
        }
    }

    #[test]
    fn a_page_of_traces() {
        let filter = TraceFilter {
            user_id: Some("u".into()),
            tags: vec!["a".into()],
            ..TraceFilter::default()
        };
        let page = PageQuery {
            limit: 50,
            cursor: Some(Cursor(7, "t".into())),
        };
        let text = sql(&filter.select(&page).unwrap(), &mut Params::of("w"));
        assert!(text.ends_with(
            "(id) IN (SELECT id FROM traces FINAL WHERE workspace_id = {w:String} AND user_id.1 != 0 AND user_id.2 = {p1:String} \
             AND has(tags, {p2:String}) AND (timestamp, id) < (fromUnixTimestamp64Micro({p3:Int64}, 'UTC'), {p4:String}) \
             ORDER BY timestamp DESC, id DESC LIMIT 51) ORDER BY timestamp DESC, id DESC"
        ));
    }
}
