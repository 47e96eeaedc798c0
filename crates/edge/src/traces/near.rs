//! Pages of lists in ClickHouse without a look at every row.
//!
//! Rows lie in the order of ids, and lists are wanted in the order of time. Beside each table is one of *entries*, (time, id),
//! in the order of time: one for each time that was ever said of a thing, and so one at least that is right. The first
//! `n` entries name candidates; their rows say the true times. Whatever truly stands before the `n`th entry has its right
//! entry among them. So when the page's last row stands before it, the page is right; else more entries are read, and at last
//! all rows.

use super::columns::{self, Kind};
use super::filter::{Order, Select};
use super::render::{Dialect, condition, in_clickhouse};
use super::select::{after_of, keys};
use super::stored::StoredRow;
use super::{Statement, TraceStore, select};
use crate::db::{DbError, Row};
use crate::problem::Problem;
use assay_model::Operator;
use serde::Deserialize;
use std::fmt::Write as _;
use std::marker::PhantomData;

/// Most rows of a page that is found so.
const MOST_ROWS: i64 = 2_000;
/// Entries that are read when few did not do, or when a filter leaves rows out.
const MANY: u64 = 8_192;

/// How many entries are read, at one attempt after the other; none where the list cannot be found so.
fn attempts(select: &Select) -> Vec<u64> {
    let rows = select.limit.saturating_add(i64::from(select.offset));
    if select.order != Order::Time || rows > MOST_ROWS {
        return Vec::new();
    }
    let mut all = true;
    for c in &select.conditions {
        match columns::find(select.table.of.columns(), &c.column).map(|c| c.kind) {
            // Ids are found by the key of the rows, or by an index of their own.
            _ if ["id", "traceId", "trace_id"].contains(&c.column.as_str()) => return Vec::new(),
            Some(Kind::Time(_)) => {}
            Some(Kind::Text(_) | Kind::Number(_) | Kind::Bool(_) | Kind::Tags | Kind::Json) => {
                all = false;
            }
            _ => return Vec::new(),
        }
    }
    let few = u64::try_from(rows).unwrap_or_default() * 2 + 32;
    if all { vec![few, MANY] } else { vec![MANY] }
}

/// The statement of the first entries' keys, and two values: the time of the last of them, and how many there are.
///
/// # Errors
/// A validation problem that names the condition that cannot be.
pub(super) fn entries<D: Dialect>(
    d: &mut D,
    select: &Select,
    entries: u64,
) -> Result<(String, String, String), Problem> {
    let table = select.table;
    let name = in_clickhouse(table.name).replace("_rows", "_times");
    let time = format!("e.{}", table.time);
    let mut only = format!("e.workspace_id = {}", D::WORKSPACE);
    for c in &select.conditions {
        let at = columns::find(table.of.columns(), &c.column)
            .is_some_and(|column| column.names.contains(&table_time(table.time)));
        let compared = matches!(
            c.operator,
            Operator::Less | Operator::AtMost | Operator::Greater | Operator::AtLeast
        );
        if at && compared {
            let _ = write!(only, " AND {}", condition(d, table.of, "e", c)?);
        }
    }
    only.push_str(&after_of(d, select, &time, "e"));
    let (direction, last) = if select.descending {
        (" DESC", "min")
    } else {
        ("", "max")
    };
    let order = format!("{time}{direction}, {}", keys(table, "e", direction));
    let first = |columns: &str| {
        format!("SELECT {columns} FROM {name} AS e WHERE {only} ORDER BY {order} LIMIT {entries}")
    };
    let times = first(&format!("toUnixTimestamp64Micro({time}) AS at"));
    Ok((
        first(&keys(table, "e", "")),
        format!("(SELECT {last}(at) FROM ({times}))"),
        format!("(SELECT count() FROM ({times}))"),
    ))
}

/// The name that filters have for a table's time.
fn table_time(column: &str) -> &'static str {
    if column == "start_time" {
        "startTime"
    } else {
        "timestamp"
    }
}

/// A row with what tells whether its page is right.
#[derive(Debug, Deserialize)]
struct Near<R> {
    #[serde(flatten)]
    row: R,
    /// Where it stands.
    place: i64,
    /// Where the last entry stands.
    edge: i64,
    /// How many entries there are, up to those that were asked for.
    entries: u64,
}

impl<R: StoredRow> StoredRow for Near<R> {
    fn from_row(_: &Row) -> Result<Self, DbError> {
        Err(DbError::Other("entries are ClickHouse's alone".into()))
    }
}

struct NearRows<'a, R> {
    select: &'a Select,
    entries: u64,
    row: PhantomData<R>,
}

impl<R: StoredRow> Statement for NearRows<'_, R> {
    type Row = Near<R>;

    fn sql<D: Dialect>(&self, d: &mut D) -> Result<String, Problem> {
        select::rows_near(d, self.select, self.entries)
    }
}

/// Whether the page is what a look at every row would find.
fn is_right<R>(rows: &[Near<R>], select: &Select, asked: u64) -> bool {
    let Some(last) = rows.last() else {
        return false;
    };
    if last.entries < asked {
        return true;
    }
    let before = if select.descending {
        last.place > last.edge
    } else {
        last.place < last.edge
    };
    before && rows.len() as i64 >= select.limit
}

impl TraceStore {
    /// The rows of a page in ClickHouse, if they can be found without a look at every row.
    pub(super) async fn near<R: StoredRow>(
        &self,
        select: &Select,
    ) -> Result<Option<Vec<R>>, Problem> {
        for entries in attempts(select) {
            let rows = self
                .run(&NearRows {
                    select,
                    entries,
                    row: PhantomData::<R>,
                })
                .await?;
            if is_right(&rows, select, entries) {
                return Ok(Some(rows.into_iter().map(|near| near.row).collect()));
            }
        }
        Ok(None)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::page::PageQuery;
    use crate::traces::filter::{ListQuery, SCORES, TRACES};
    use assay_model::{Filter, Operand};

    fn select(filter: Filter) -> Select {
        let query = ListQuery {
            filter,
            ..ListQuery::default()
        };
        let page = PageQuery {
            limit: 50,
            cursor: None,
        };
        Select::page(&TRACES, &query, &page).unwrap()
    }

    fn text(column: &str) -> Filter {
        Filter::default().and(column, Operator::Equal, Operand::Text("x".into()))
    }

    #[test]
    fn what_is_found_by_entries() {
        assert_eq!(attempts(&select(Filter::default())), [134, MANY]);
        assert_eq!(attempts(&select(text("userId"))), [MANY]);
        // By the key, by other tables, by text within.
        for column in ["id", "model", "input", "search"] {
            assert_eq!(attempts(&select(text(column))), [0; 0], "{column}");
        }
        let mut of_trace = select(text("traceId"));
        of_trace.table = &SCORES;
        assert_eq!(attempts(&of_trace), [0; 0]);
        of_trace.conditions = text("name").conditions;
        assert_eq!(attempts(&of_trace), [MANY]);
    }

    #[test]
    fn a_page_is_right_when_its_last_row_stands_before_the_last_entry() {
        let mut select = select(Filter::default());
        select.limit = 2;
        let rows = |places: [i64; 2], edge, entries| {
            places.map(|place| Near {
                row: (),
                place,
                edge,
                entries,
            })
        };
        assert!(is_right(&rows([9, 8], 7, 10), &select, 10));
        assert!(!is_right(&rows([9, 7], 7, 10), &select, 10));
        assert!(!is_right(&rows([9, 3], 7, 10), &select, 10));
        // There are no more entries than these.
        assert!(is_right(&rows([9, 3], 7, 9), &select, 10));
        assert!(!is_right(&rows([9, 8], 7, 10)[..1], &select, 10));
        select.descending = false;
        assert!(is_right(&rows([1, 2], 3, 10), &select, 10));
        assert!(!is_right(&rows([1, 3], 3, 10), &select, 10));
    }
}
