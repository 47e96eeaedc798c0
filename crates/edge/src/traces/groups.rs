//! Traces by session, and by end user: who was there when, how much it took.

use super::filter::{ListQuery, Select, TRACES};
use super::read::Number;
use super::render::{self, Dialect, from};
use super::select;
use super::stored::StoredRow;
use super::{Statement, TraceStore, columns};
use crate::db::{DbError, Row};
use crate::page::{Cursor, Page, PageQuery};
use crate::problem::Problem;
use assay_model::{Filter, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;

/// By what traces are grouped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GroupBy {
    /// The conversation.
    Session,
    /// The end user.
    User,
}

impl GroupBy {
    const fn column(self) -> &'static str {
        match self {
            Self::Session => "sessionId",
            Self::User => "userId",
        }
    }
}

/// The traces of one session, or of one end user.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TraceGroup {
    /// The session, or the user.
    pub id: String,
    /// When its first trace began.
    pub first_at: Timestamp,
    /// When its last trace began.
    pub last_at: Timestamp,
    /// How many traces.
    pub trace_count: i64,
    /// How many users a session has, or how many sessions a user.
    pub others: i64,
    /// A deployment that it was seen in.
    pub environment: Option<String>,
    /// How many observations.
    pub observation_count: i64,
    /// How many of them failed.
    pub error_count: i64,
    /// What they cost, in US dollars; null when no cost is known.
    pub total_cost_usd: Option<f64>,
    /// Tokens of the prompts.
    pub input_tokens: i64,
    /// Tokens generated.
    pub output_tokens: i64,
}

#[derive(Debug, Deserialize)]
struct GroupRow {
    id: String,
    first: i64,
    last: i64,
    n: i64,
}

impl StoredRow for GroupRow {
    fn from_row(row: &Row) -> Result<Self, DbError> {
        Ok(Self {
            id: row.text("id")?,
            first: row.int("first")?,
            last: row.int("last")?,
            n: row.int("n")?,
        })
    }
}

/// An expression of a trace's column.
fn expression<D: Dialect>(name: &str) -> String {
    match columns::find(columns::TRACES, name).map(|c| c.kind) {
        Some(columns::Kind::Text(sql)) => render::expr::<D>(sql, "t"),
        _ => "NULL".to_owned(),
    }
}

/// `FROM` the traces that are wanted, each as (id, at, other, environment, trace).
fn members<D: Dialect>(d: &mut D, by: GroupBy, filter: &Filter) -> Result<String, Problem> {
    let query = ListQuery {
        filter: filter.clone(),
        ..ListQuery::default()
    };
    let only = select::conditions(d, &Select::all(&TRACES, &query)?)?;
    let other = match by {
        GroupBy::Session => GroupBy::User,
        GroupBy::User => GroupBy::Session,
    };
    let at = if D::CLICKHOUSE {
        "toUnixTimestamp64Micro(t.timestamp)"
    } else {
        "t.timestamp"
    };
    let id = expression::<D>(by.column());
    Ok(format!(
        "(SELECT {id} AS id, {at} AS at, {} AS other, {} AS environment, t.id AS trace FROM {} WHERE {only} \
         AND {id} IS NOT NULL) AS m",
        expression::<D>(other.column()),
        expression::<D>("environment"),
        from::<D>("traces", "t"),
    ))
}

/// The groups, told by what an index has of their traces, since most are not wanted.
struct Groups<'a> {
    by: GroupBy,
    filter: &'a Filter,
    after: Option<(i64, &'a str)>,
    limit: i64,
    offset: u32,
}

impl Statement for Groups<'_> {
    type Row = GroupRow;

    fn sql<D: Dialect>(&self, d: &mut D) -> Result<String, Problem> {
        let members = members(d, self.by, self.filter)?;
        let after = self.after.map_or_else(String::new, |(at, id)| {
            format!(
                " HAVING (max(m.at), m.id) < ({}, {})",
                d.int(at),
                d.text(id)
            )
        });
        Ok(format!(
            "SELECT m.id AS id, min(m.at) AS first, max(m.at) AS last, count(*) AS n FROM {members} GROUP BY m.id{after} \
             ORDER BY max(m.at) DESC, m.id DESC LIMIT {} OFFSET {}",
            self.limit, self.offset
        ))
    }
}

#[derive(Debug, Deserialize)]
struct OthersRow {
    id: String,
    others: i64,
    environment: Option<String>,
}

impl StoredRow for OthersRow {
    fn from_row(row: &Row) -> Result<Self, DbError> {
        Ok(Self {
            id: row.text("id")?,
            others: row.int("others")?,
            environment: row.opt_text("environment")?,
        })
    }
}

/// What else is told of the traces of groups that are wanted.
struct Others<'a>(GroupBy, &'a Filter, &'a [String]);

impl Statement for Others<'_> {
    type Row = OthersRow;

    fn sql<D: Dialect>(&self, d: &mut D) -> Result<String, Problem> {
        let ids: Vec<&str> = self.2.iter().map(String::as_str).collect();
        let members = members(d, self.0, self.1)?;
        Ok(format!(
            "SELECT m.id AS id, count(DISTINCT m.other) AS others, max(m.environment) AS environment FROM {members} \
             WHERE m.id IN {} GROUP BY m.id",
            d.texts(&ids)
        ))
    }
}

struct GroupCount<'a>(GroupBy, &'a Filter);

impl Statement for GroupCount<'_> {
    type Row = Number;

    fn sql<D: Dialect>(&self, d: &mut D) -> Result<String, Problem> {
        let members = members(d, self.0, self.1)?;
        Ok(format!("SELECT count(DISTINCT m.id) AS n FROM {members}"))
    }
}

#[derive(Debug, Deserialize)]
struct SumRow {
    id: String,
    n: i64,
    errors: i64,
    cost: Option<f64>,
    input: Option<i64>,
    output: Option<i64>,
}

impl StoredRow for SumRow {
    fn from_row(row: &Row) -> Result<Self, DbError> {
        Ok(Self {
            id: row.text("id")?,
            n: row.int("n")?,
            errors: row.int("errors")?,
            cost: row.opt_real("cost")?,
            input: row.opt_int("input")?,
            output: row.opt_int("output")?,
        })
    }
}

/// Sums over the observations of groups.
struct GroupSums<'a>(GroupBy, &'a [String]);

impl Statement for GroupSums<'_> {
    type Row = SumRow;

    fn sql<D: Dialect>(&self, d: &mut D) -> Result<String, Problem> {
        let ids: Vec<&str> = self.1.iter().map(String::as_str).collect();
        let id = expression::<D>(self.0.column());
        let observations = from::<D>("observations", "o");
        let join = if D::CLICKHOUSE {
            format!(
                "INNER JOIN {observations} ON o.trace_id = t.id AND o.workspace_id = {}",
                D::WORKSPACE
            )
        } else {
            // In this order: left to itself SQLite begins with all observations of the workspace.
            format!(
                "CROSS JOIN {observations} ON o.trace_id = t.id AND o.workspace_id = t.workspace_id"
            )
        };
        Ok(format!(
            "SELECT {id} AS id, count(*) AS n, sum(CASE WHEN o.level = 'ERROR' THEN 1 ELSE 0 END) AS errors, \
             {cost} AS cost, sum(o.usage_input) AS input, sum(o.usage_output) AS output \
             FROM {traces} {join} WHERE t.workspace_id = {workspace} AND {id} IN {ids} GROUP BY {id}",
            cost = render::expr::<D>(columns::TRACE_COST, "o"),
            traces = from::<D>("traces", "t"),
            workspace = D::WORKSPACE,
            ids = d.texts(&ids),
        ))
    }
}

impl TraceStore {
    /// A page of groups, the one that was last seen first. `offset` leaves out as many, for clients that count pages.
    ///
    /// # Errors
    /// `store-unavailable`, or a validation problem that names the filter or the cursor.
    pub async fn groups(
        &self,
        by: GroupBy,
        filter: &Filter,
        offset: u32,
        page: &PageQuery,
    ) -> Result<Page<TraceGroup>, Problem> {
        let after = page
            .cursor
            .as_ref()
            .map(|Cursor(at, id)| (*at, id.as_str()));
        let rows = self
            .run(&Groups {
                by,
                filter,
                after,
                limit: page.fetch(),
                offset,
            })
            .await?;
        let page = page.page(rows, |g| Cursor(g.last, g.id.clone()));
        let ids: Vec<String> = page.data.iter().map(|g| g.id.clone()).collect();
        let (mut sums, mut others) = (HashMap::new(), HashMap::new());
        if !ids.is_empty() {
            let rows = self.run(&Others(by, filter, &ids)).await?;
            others.extend(rows.into_iter().map(|o| (o.id.clone(), o)));
            let rows = self.run(&GroupSums(by, &ids)).await?;
            sums.extend(rows.into_iter().map(|s| (s.id.clone(), s)));
        }
        let data = page.data.into_iter().map(|g| {
            let sum = sums.remove(&g.id);
            let sum = sum.as_ref();
            let other = others.remove(&g.id);
            TraceGroup {
                first_at: Timestamp::from_micros(g.first),
                last_at: Timestamp::from_micros(g.last),
                trace_count: g.n,
                others: other.as_ref().map_or(0, |o| o.others),
                environment: other.and_then(|o| o.environment),
                observation_count: sum.map_or(0, |s| s.n),
                error_count: sum.map_or(0, |s| s.errors),
                total_cost_usd: sum.and_then(|s| s.cost),
                input_tokens: sum.and_then(|s| s.input).unwrap_or_default(),
                output_tokens: sum.and_then(|s| s.output).unwrap_or_default(),
                id: g.id,
            }
        });
        Ok(Page {
            data: data.collect(),
            next_cursor: page.next_cursor,
        })
    }

    /// How many groups there are.
    ///
    /// # Errors
    /// `store-unavailable`, or a validation problem that names the filter.
    pub async fn count_groups(&self, by: GroupBy, filter: &Filter) -> Result<u64, Problem> {
        let rows = self.run(&GroupCount(by, filter)).await?;
        Ok(rows
            .first()
            .and_then(|row| u64::try_from(row.n).ok())
            .unwrap_or_default())
    }
}
