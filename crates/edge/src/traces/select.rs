//! A [`Select`] in the SQL of either store.
//!
//! In ClickHouse an inner query finds the keys and reads only the columns it decides by; the outer one reads the whole
//! rows of those keys. `FINAL` merges what the background has not merged yet.

use super::filter::{OBSERVATIONS, Order, Select, Table};
use super::merged::of_keys;
use super::render::{Dialect, Of, condition, expr, from};
use crate::problem::Problem;
use assay_model::{Operand, Operator};
use std::fmt::Write as _;

/// Words come with the times at which they were said.
const TRACE_COLUMNS: &str = "t.id AS id, toUnixTimestamp64Micro(t.timestamp) AS timestamp, t.name AS name, \
  t.user_id AS user_id, t.session_id AS session_id, t.input AS input, t.output AS output, t.metadata AS metadata, \
  t.words AS words, t.tags AS tags, t.environment AS environment, t.release AS release, t.version AS version, \
  t.public AS public, t.root AS root, toUnixTimestamp64Micro(t.created_at) AS created_at, \
  toUnixTimestamp64Micro(t.received_at) AS received_at";

const OBSERVATION_COLUMNS: &str = "t.trace_id AS trace_id, t.id AS id, t.parent_id AS parent_id, t.type AS type, \
  t.name AS name, toUnixTimestamp64Micro(t.start_time) AS start_time, toUnixTimestamp64Micro(t.end_time) AS end_time, \
  toUnixTimestamp64Micro(t.completion_start_time) AS completion_start_time, t.level AS level, \
  t.status_message AS status_message, t.input AS input, t.input_hash AS input_hash, t.output AS output, \
  t.output_hash AS output_hash, t.model AS model, t.model_parameters AS model_parameters, \
  t.usage_input AS usage_input, t.usage_output AS usage_output, t.usage_details AS usage_details, \
  t.cost_usd AS cost_usd, t.cost_details AS cost_details, t.prompt_name AS prompt_name, \
  t.prompt_version AS prompt_version, t.environment AS environment, t.version AS version, t.app_root AS app_root, \
  t.experiment AS experiment, t.metadata AS metadata, toUnixTimestamp64Micro(t.received_at) AS received_at";

const SCORE_COLUMNS: &str = "t.id AS id, t.trace_id AS trace_id, t.observation_id AS observation_id, \
  t.session_id AS session_id, t.experiment_id AS experiment_id, t.name AS name, t.data_type AS data_type, \
  t.value AS value, t.string_value AS string_value, t.source AS source, t.comment AS comment, \
  t.environment AS environment, t.config_id AS config_id, t.queue_id AS queue_id, t.author_id AS author_id, \
  toUnixTimestamp64Micro(t.timestamp) AS timestamp, t.metadata AS metadata, \
  toUnixTimestamp64Micro(t.received_at) AS received_at";

/// Up to here a read of one trace is a page, not the whole.
const PAGE: i64 = 1000;

/// The conditions of a list, all of them, on `t`.
pub(super) fn conditions<D: Dialect>(d: &mut D, select: &Select) -> Result<String, Problem> {
    let mut all = format!("t.workspace_id = {}", D::WORKSPACE);
    for c in &select.conditions {
        let one = condition(d, select.table.of, "t", c)?;
        // Writing to a String never fails.
        let _ = write!(all, " AND {one}");
    }
    Ok(all)
}

/// The aggregate that a list of traces is sorted by, on `t`.
fn sort_key<D: Dialect>(select: &Select) -> String {
    match select.order {
        Order::Time if D::CLICKHOUSE => {
            format!("toUnixTimestamp64Micro(t.{})", select.table.time)
        }
        Order::Time => format!("t.{}", select.table.time),
        Order::Own(sql) => expr::<D>(sql, "t"),
        Order::OfObservations(_) if D::CLICKHOUSE => "if(j.n = 0, -1, coalesce(j.k, -1))".into(),
        Order::OfObservations(sql) => format!(
            "coalesce((SELECT {} FROM observations AS o WHERE o.workspace_id = t.workspace_id AND o.trace_id = t.id), -1)",
            expr::<D>(sql, "o")
        ),
    }
}

/// The rows of a list come from here.
fn source<D: Dialect>(select: &Select) -> String {
    let mut source = from::<D>(select.table.name, "t");
    if by_key(select) && !D::CLICKHOUSE {
        // Left to itself SQLite prefers the index that spares it the sort, and walks the whole workspace to find one trace.
        source.push_str(" INDEXED BY sqlite_autoindex_observations_1");
    }
    if let (Order::OfObservations(sql), true) = (select.order, D::CLICKHOUSE) {
        let _ = write!(
            source,
            " LEFT JOIN (SELECT o.trace_id AS trace_id, count() AS n, toInt64({}) AS k FROM {} WHERE o.workspace_id = {} \
             GROUP BY o.trace_id) AS j ON j.trace_id = t.id",
            expr::<D>(sql, "o"),
            from::<D>("observations", "o"),
            D::WORKSPACE
        );
    }
    source
}

/// Whether these are the observations of one trace.
fn by_key(select: &Select) -> bool {
    *select.table == OBSERVATIONS
        && select.conditions.iter().any(|c| {
            matches!(c.column.as_str(), "traceId" | "trace_id")
                && c.operator == Operator::Equal
                && matches!(c.operand, Operand::Text(_))
        })
}

/// Keys under an alias: `t.trace_id, t.id`.
pub(super) fn keys(table: &Table, alias: &str, direction: &str) -> String {
    let all: Vec<String> = table
        .key
        .iter()
        .map(|column| format!("{alias}.{column}{direction}"))
        .collect();
    all.join(", ")
}

/// The condition that a row comes after the cursor.
fn after<D: Dialect>(d: &mut D, select: &Select, sort: &str) -> String {
    after_of(d, select, sort, "t")
}

/// As [`after`], of rows under another alias.
pub(super) fn after_of<D: Dialect>(d: &mut D, select: &Select, sort: &str, alias: &str) -> String {
    let Some((at, key)) = &select.after else {
        return String::new();
    };
    let mut values = vec![match select.order {
        Order::Time => d.time(*at),
        _ => d.int(*at),
    }];
    values.extend(key.iter().map(|part| d.text(part)));
    let beyond = if select.descending { "<" } else { ">" };
    let sort = match select.order {
        Order::Time => format!("{alias}.{}", select.table.time),
        _ => sort.to_owned(),
    };
    format!(
        " AND ({sort}, {}) {beyond} ({})",
        keys(select.table, alias, ""),
        values.join(", ")
    )
}

/// The statement that reads the rows.
///
/// # Errors
/// A validation problem that names the condition that cannot be.
pub(super) fn rows<D: Dialect>(d: &mut D, select: &Select) -> Result<String, Problem> {
    let parts = Parts::of(d, select)?;
    let (from, name) = (source::<D>(select), select.table.name);
    let Parts {
        sort,
        only,
        order,
        limit,
    } = &parts;
    if D::CLICKHOUSE {
        let key = keys(select.table, "t", "");
        return Ok(format!(
            "SELECT {}, {sort} AS sort_key FROM {from} WHERE t.workspace_id = {} AND ({key}) IN \
             (SELECT {key} FROM {from} WHERE {only} ORDER BY {order} {limit}) ORDER BY {order}",
            columns(select),
            D::WORKSPACE
        ));
    }
    if by_key(select) && select.limit <= PAGE && select.order == Order::Time {
        // Sorts keys, not whole rows, most of which are not wanted. The `+` keeps the outer query on the keys.
        return Ok(format!(
            "SELECT t.*, {sort} AS sort_key FROM {name} AS t WHERE +t.workspace_id = $1 AND t.rowid IN \
             (SELECT t.rowid FROM {from} WHERE {only} ORDER BY {order} {limit}) ORDER BY {order}"
        ));
    }
    Ok(format!(
        "SELECT t.*, {sort} AS sort_key FROM {from} WHERE {only} ORDER BY {order} {limit}"
    ))
}

/// As [`rows`] in ClickHouse, of those few alone whose keys `among` selects under `r`.
///
/// # Errors
/// As [`rows`].
pub(super) fn rows_of_keys<D: Dialect>(
    d: &mut D,
    select: &Select,
    among: &str,
) -> Result<String, Problem> {
    let parts = Parts::of(d, select)?;
    Ok(format!(
        "SELECT {}, {} AS sort_key FROM {} WHERE {} ORDER BY {} {}",
        columns(select),
        parts.sort,
        of_keys::<D>(select.table, among),
        parts.only,
        parts.order,
        parts.limit
    ))
}

/// As [`rows_of_keys`], where they are many: whole rows are read of the page alone.
///
/// # Errors
/// As [`rows`].
pub(super) fn rows_among<D: Dialect>(
    d: &mut D,
    select: &Select,
    among: &str,
) -> Result<String, Problem> {
    let parts = Parts::of(d, select)?;
    let page = format!(
        "SELECT {} FROM {} WHERE {} ORDER BY {} {}",
        keys(select.table, "t", ""),
        of_keys::<D>(select.table, among),
        parts.only,
        parts.order,
        parts.limit
    );
    let page = format!("({}) IN ({page})", keys(select.table, "r", ""));
    Ok(format!(
        "SELECT {}, {} AS sort_key FROM {} ORDER BY {}",
        columns(select),
        parts.sort,
        of_keys::<D>(select.table, &page),
        parts.order
    ))
}

/// What ClickHouse reads of a row.
const fn columns(select: &Select) -> &'static str {
    match select.table.of {
        Of::Traces => TRACE_COLUMNS,
        Of::Observations => OBSERVATION_COLUMNS,
        Of::Scores => SCORE_COLUMNS,
    }
}

/// The parts of a statement that reads rows.
struct Parts {
    /// What they are sorted by, as a number.
    sort: String,
    /// The conditions.
    only: String,
    order: String,
    limit: String,
}

impl Parts {
    fn of<D: Dialect>(d: &mut D, select: &Select) -> Result<Self, Problem> {
        let sort = sort_key::<D>(select);
        let mut only = conditions(d, select)?;
        only.push_str(&after(d, select, &sort));
        let direction = select.direction();
        let order = match select.order {
            Order::Time => format!("t.{}{direction}", select.table.time),
            _ => format!("{sort}{direction}"),
        };
        let order = format!("{order}, {}", keys(select.table, "t", direction));
        let mut limit = format!("LIMIT {}", select.limit);
        if select.offset > 0 {
            let _ = write!(limit, " OFFSET {}", select.offset);
        }
        Ok(Self {
            sort,
            only,
            order,
            limit,
        })
    }
}

/// The statement that counts the rows, as `n`.
///
/// # Errors
/// A validation problem that names the condition that cannot be.
pub(super) fn count<D: Dialect>(d: &mut D, select: &Select) -> Result<String, Problem> {
    let only = conditions(d, select)?;
    Ok(format!(
        "SELECT count(*) AS n FROM {} WHERE {only}",
        from::<D>(select.table.name, "t")
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::page::{Cursor, PageQuery};
    use crate::traces::clickhouse::Params;
    use crate::traces::filter::{ListQuery, SCORES, Sort, SortKey, TRACES, is};
    use crate::traces::sqlite::Params as SqliteParams;
    use assay_model::Filter;

    fn page(cursor: Option<Cursor>) -> PageQuery {
        PageQuery { limit: 50, cursor }
    }

    #[test]
    fn a_page_of_observations_in_sqlite() {
        let query = ListQuery {
            filter: Filter {
                conditions: vec![is("name", "chat")],
            },
            ..ListQuery::default()
        };
        let cursor = Cursor(7, "t\u{1f}t\u{1f}o".into());
        let select = Select::page(&OBSERVATIONS, &query, &page(Some(cursor))).unwrap();
        let mut d = SqliteParams::default();
        assert_eq!(
            rows(&mut d, &select).unwrap(),
            "SELECT t.*, t.start_time AS sort_key FROM observations AS t WHERE t.workspace_id = $1 AND t.name = $2 \
             AND (t.start_time, t.trace_id, t.id) < ($3, $4, $5) \
             ORDER BY t.start_time DESC, t.trace_id DESC, t.id DESC LIMIT 51"
        );
    }

    #[test]
    fn every_table_of_a_query_is_bound_to_the_workspace() {
        let filter = Filter::default()
            .and("latency", Operator::Greater, Operand::Number(1.0))
            .and(
                "model",
                Operator::NoneOf,
                Operand::Options(vec!["m".into()]),
            )
            .and("input", Operator::Contains, Operand::Text("x".into()))
            .and("search", Operator::Contains, Operand::Text("x".into()))
            .and_key("scores_avg", "s", Operator::AtLeast, Operand::Number(0.5))
            .and_key("metadata", "k", Operator::Equal, Operand::Text("v".into()));
        let query = ListQuery {
            filter,
            sort: Sort {
                key: SortKey::Cost,
                descending: true,
            },
            offset: 0,
        };
        let select = Select::page(&TRACES, &query, &page(None)).unwrap();
        let text = rows(&mut Params::of("w"), &select).unwrap();
        let count = |text: &str, tables: &[&str]| -> usize {
            let named = tables
                .iter()
                .map(|t| text.matches(&format!("{t} AS ")).count());
            named.sum()
        };
        let named = count(
            &text,
            &["trace_rows", "observation_rows", "score_rows", "payloads"],
        );
        assert!(named > 8, "{text}");
        assert_eq!(text.matches("workspace_id = {w:String}").count(), named);
        let text = rows(&mut SqliteParams::default(), &select).unwrap();
        let named = count(&text, &["traces", "observations", "scores", "payloads"]);
        let bound = text.matches("workspace_id = $1").count()
            + text.matches("workspace_id = t.workspace_id").count()
            + text.matches("workspace_id = o.workspace_id").count();
        assert_eq!(bound, named, "{text}");
    }

    #[test]
    fn observations_of_a_trace_are_found_by_the_key() {
        let select = Select::of(&OBSERVATIONS, "trace_id", "t", PAGE + 1);
        assert_eq!(
            rows(&mut SqliteParams::default(), &select).unwrap(),
            "SELECT t.*, t.start_time AS sort_key FROM observations AS t INDEXED BY sqlite_autoindex_observations_1 \
             WHERE t.workspace_id = $1 AND t.trace_id = $2 ORDER BY t.start_time, t.trace_id, t.id LIMIT 1001"
        );
    }

    #[test]
    fn a_cursor_of_another_list_or_order_is_refused() {
        let query = ListQuery::default();
        let other = page(Some(Cursor(7, "t\u{1f}t\u{1f}o".into())));
        assert!(Select::page(&TRACES, &query, &other).is_err());
        let by_cost = page(Some(Cursor(7, "c\u{1f}o".into())));
        assert!(Select::page(&TRACES, &query, &by_cost).is_err());
        let same = page(Some(Cursor(7, "t\u{1f}o".into())));
        assert!(Select::page(&SCORES, &query, &same).is_ok());
    }
}
