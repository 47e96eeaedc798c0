//! What a list is asked for. Both stores read the same [`Select`]; each writes it in its own SQL.

use super::columns::{self, Sql};
use super::render::Of;
use crate::page::{Cursor, PageQuery};
use crate::problem::Problem;
use assay_model::{Condition, Filter, Operand, Operator};

/// What a list is sorted by; ids break ties in the same direction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum SortKey {
    /// When it began, or was given.
    #[default]
    Time,
    /// How long it took.
    Latency,
    /// What it cost.
    Cost,
    /// Tokens spent.
    Tokens,
}

/// How a list is sorted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sort {
    /// By what.
    pub key: SortKey,
    /// The largest or newest first.
    pub descending: bool,
}

impl Default for Sort {
    fn default() -> Self {
        Self {
            key: SortKey::Time,
            descending: true,
        }
    }
}

/// A list: which rows, in which order.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ListQuery {
    /// Conditions that all hold.
    pub filter: Filter,
    /// The order.
    pub sort: Sort,
    /// Rows to leave out at the beginning, for clients that count pages.
    pub offset: u32,
}

/// A table of the trace store.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Table {
    pub(super) name: &'static str,
    pub(super) of: Of,
    /// The column that lists are sorted by.
    pub(super) time: &'static str,
    /// The rest of the primary key after the workspace; breaks ties.
    pub(super) key: &'static [&'static str],
}

pub(super) const TRACES: Table = Table {
    name: "traces",
    of: Of::Traces,
    time: "timestamp",
    key: &["id"],
};
pub(super) const OBSERVATIONS: Table = Table {
    name: "observations",
    of: Of::Observations,
    time: "start_time",
    key: &["trace_id", "id"],
};
pub(super) const SCORES: Table = Table {
    name: "scores",
    of: Of::Scores,
    time: "timestamp",
    key: &["id"],
};

/// By what rows are sorted, as a whole number that both stores tell alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Order {
    /// The table's time.
    Time,
    /// An expression over the row.
    Own(Sql),
    /// An aggregate over the observations of the trace.
    OfObservations(Sql),
}

/// What has no value comes before everything that has one.
const OBSERVATION_ORDERS: [Sql; 3] = [
    Sql {
        sqlite: "coalesce(max({t}.end_time - {t}.start_time, 0), -1)",
        clickhouse: "coalesce(greatest(dateDiff('microsecond', {t}.start_time, {t}.end_time), 0), -1)",
    },
    Sql {
        sqlite: "coalesce(CAST(round({t}.cost_usd * 1e9) AS INTEGER), -1)",
        clickhouse: "coalesce(toInt64(round({t}.cost_usd * 1e9)), -1)",
    },
    Sql {
        sqlite: "coalesce({t}.usage_input, 0) + coalesce({t}.usage_output, 0)",
        clickhouse: "toInt64(coalesce({t}.usage_input, 0) + coalesce({t}.usage_output, 0))",
    },
];
const TRACE_ORDERS: [Sql; 3] = [
    columns::TRACE_LATENCY,
    Sql {
        sqlite: "CAST(round(sum({t}.cost_usd) * 1e9) AS INTEGER)",
        clickhouse: "toInt64(round(sumKahan({t}.cost_usd) * 1e9))",
    },
    columns::TRACE_TOKENS,
];

impl Table {
    fn order(&self, key: SortKey) -> Result<Order, Problem> {
        let [latency, cost, tokens] = match self.of {
            Of::Traces => TRACE_ORDERS,
            Of::Observations | Of::Scores => OBSERVATION_ORDERS,
        };
        let sql = match (self.of, key) {
            (_, SortKey::Time) => return Ok(Order::Time),
            (Of::Scores, _) => return Err(Problem::field("sort", "scores are sorted by time")),
            (_, SortKey::Latency) => latency,
            (_, SortKey::Cost) => cost,
            (_, SortKey::Tokens) => tokens,
        };
        Ok(match self.of {
            Of::Traces => Order::OfObservations(sql),
            Of::Observations | Of::Scores => Order::Own(sql),
        })
    }
}

/// Rows to read, of one workspace.
#[derive(Debug, Clone)]
pub(super) struct Select {
    pub(super) table: &'static Table,
    pub(super) conditions: Vec<Condition>,
    pub(super) order: Order,
    pub(super) descending: bool,
    /// The row comes after this place: its sort key and its key.
    pub(super) after: Option<(i64, Vec<String>)>,
    pub(super) limit: i64,
    pub(super) offset: u32,
}

/// Stands between the parts of a key in a cursor; ids hold no control characters.
const SEPARATOR: char = '\u{1f}';

/// A condition that a column has this text.
pub(super) fn is(column: &str, text: &str) -> Condition {
    Condition {
        column: column.to_owned(),
        key: None,
        operator: Operator::Equal,
        operand: Operand::Text(text.to_owned()),
    }
}

impl Select {
    /// What stands behind a column that rows are sorted by.
    pub(super) const fn direction(&self) -> &'static str {
        if self.descending { " DESC" } else { "" }
    }

    /// Rows with this text in this column, in the order of time.
    pub(super) fn of(table: &'static Table, column: &str, text: &str, limit: i64) -> Self {
        Self {
            table,
            conditions: vec![is(column, text)],
            order: Order::Time,
            descending: false,
            after: None,
            limit,
            offset: 0,
        }
    }

    /// All rows of a list.
    ///
    /// # Errors
    /// A validation problem that names the sort.
    pub(super) fn all(table: &'static Table, query: &ListQuery) -> Result<Self, Problem> {
        Ok(Self {
            table,
            conditions: query.filter.conditions.clone(),
            order: table.order(query.sort.key)?,
            descending: query.sort.descending,
            after: None,
            limit: i64::MAX,
            offset: query.offset,
        })
    }

    /// A page of a list.
    ///
    /// # Errors
    /// A validation problem that names the cursor or the sort.
    pub(super) fn page(
        table: &'static Table,
        query: &ListQuery,
        page: &PageQuery,
    ) -> Result<Self, Problem> {
        let order = table.order(query.sort.key)?;
        let after = match &page.cursor {
            None => None,
            Some(Cursor(place, key)) => {
                let mut key = key.split(SEPARATOR);
                let bound = key.next().unwrap_or_default();
                let key: Vec<String> = key.map(str::to_owned).collect();
                if key.len() != table.key.len() || bound != bound_to(query.sort) {
                    let message = "is not a cursor of this list in this order";
                    return Err(Problem::field("cursor", message));
                }
                Some((*place, key))
            }
        };
        Ok(Self {
            table,
            conditions: query.filter.conditions.clone(),
            order,
            descending: query.sort.descending,
            after,
            limit: page.fetch(),
            offset: query.offset,
        })
    }
}

/// What a cursor says of its order.
const fn bound_to(sort: Sort) -> &'static str {
    match (sort.key, sort.descending) {
        (SortKey::Time, true) => "t",
        (SortKey::Time, false) => "T",
        (SortKey::Latency, true) => "l",
        (SortKey::Latency, false) => "L",
        (SortKey::Cost, true) => "c",
        (SortKey::Cost, false) => "C",
        (SortKey::Tokens, true) => "k",
        (SortKey::Tokens, false) => "K",
    }
}

/// The place of a row in a list.
pub(super) fn place(sort: Sort, at: i64, key: &[&str]) -> Cursor {
    let mut text = bound_to(sort).to_owned();
    for part in key {
        text.push(SEPARATOR);
        text.push_str(part);
    }
    Cursor(at, text)
}
