//! Experiments: observations that say which one they belong to, put together.

use super::filter::{ListQuery, OBSERVATIONS, Select};
use super::render::{Dialect, from};
use super::select;
use super::stored::StoredRow;
use super::{Statement, TraceStore};
use crate::db::{DbError, Row};
use crate::page::{Cursor, Page, PageQuery};
use crate::problem::Problem;
use assay_model::{ExperimentLink, Filter, Timestamp};
use serde::Deserialize;

/// An experiment, from what its observations say.
#[derive(Debug, Clone, PartialEq)]
pub struct ExperimentRecord {
    /// What one of its observations says of it.
    pub link: ExperimentLink,
    /// When its first observation began.
    pub start_time: Timestamp,
    /// When its last observation ended.
    pub end_time: Timestamp,
    /// How many items it ran over.
    pub item_count: i64,
}

#[derive(Debug, Deserialize)]
struct ExperimentRow {
    id: String,
    link: String,
    first: i64,
    last: i64,
    items: i64,
}

impl StoredRow for ExperimentRow {
    fn from_row(row: &Row) -> Result<Self, DbError> {
        Ok(Self {
            id: row.text("id")?,
            link: row.text("link")?,
            first: row.int("first")?,
            last: row.int("last")?,
            items: row.int("items")?,
        })
    }
}

struct Experiments<'a> {
    filter: &'a Filter,
    after: Option<(i64, &'a str)>,
    limit: i64,
}

impl Statement for Experiments<'_> {
    type Row = ExperimentRow;

    fn sql<D: Dialect>(&self, d: &mut D) -> Result<String, Problem> {
        let query = ListQuery {
            filter: self.filter.clone(),
            ..ListQuery::default()
        };
        let only = select::conditions(d, &Select::all(&OBSERVATIONS, &query)?)?;
        // Not every observation says all of it: the one that says most speaks for it.
        let (link, first, last, item) = if D::CLICKHOUSE {
            (
                "argMax(t.experiment, length(t.experiment))",
                "toUnixTimestamp64Micro(min(t.start_time))",
                "toUnixTimestamp64Micro(max(coalesce(t.end_time, t.start_time)))",
                "JSONExtractString(coalesce(t.experiment, ''), 'root_observation_id')",
            )
        } else {
            (
                "substr(max(printf('%010d', length(t.experiment)) || t.experiment), 11)",
                "min(t.start_time)",
                "max(coalesce(t.end_time, t.start_time))",
                "t.experiment ->> 'root_observation_id'",
            )
        };
        let after = self.after.map_or_else(String::new, |(at, id)| {
            format!(
                " HAVING ({first}, t.experiment_id) < ({}, {})",
                d.int(at),
                d.text(id)
            )
        });
        Ok(format!(
            "SELECT t.experiment_id AS id, {link} AS link, {first} AS first, {last} AS last, \
             count(DISTINCT {item}) AS items FROM {} WHERE {only} AND t.experiment_id IS NOT NULL \
             GROUP BY t.experiment_id{after} ORDER BY {first} DESC, t.experiment_id DESC LIMIT {}",
            from::<D>("observations", "t"),
            self.limit
        ))
    }
}

impl TraceStore {
    /// A page of experiments, the latest first. `filter` is on their observations.
    ///
    /// # Errors
    /// `store-unavailable`, or a validation problem that names the filter.
    pub async fn experiments(
        &self,
        filter: &Filter,
        page: &PageQuery,
    ) -> Result<Page<ExperimentRecord>, Problem> {
        let after = page
            .cursor
            .as_ref()
            .map(|Cursor(at, id)| (*at, id.as_str()));
        let rows = self
            .run(&Experiments {
                filter,
                after,
                limit: page.fetch(),
            })
            .await?;
        let page = page.page(rows, |e| Cursor(e.first, e.id.clone()));
        let data = page.data.into_iter().map(|row| {
            let link: ExperimentLink = serde_json::from_str(&row.link).unwrap_or_default();
            ExperimentRecord {
                link: ExperimentLink { id: row.id, ..link },
                start_time: Timestamp::from_micros(row.first),
                end_time: Timestamp::from_micros(row.last),
                item_count: row.items,
            }
        });
        Ok(Page {
            data: data.collect(),
            next_cursor: page.next_cursor,
        })
    }
}
