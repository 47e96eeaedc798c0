//! Lists and single traces.

use super::filter::{OBSERVATIONS, SCORES, Select, TRACES, is, place};
use super::merged::latest;
use super::render::{Dialect, from};
use super::stored::{Listed, StoredObservation, StoredRow, StoredScore, StoredTrace, value};
use super::{
    Backend, ListQuery, ObservationRecord, ScoreRecord, Statement, TRACE_ROWS, Totals, TraceDetail,
    TraceRecord, TraceStore, select,
};
use crate::db::{DbError, Row};
use crate::page::{Cursor, Page, PageQuery};
use crate::problem::Problem;
use assay_model::{Filter, Operand, Operator};
use serde::Deserialize;
use std::collections::{BTreeSet, HashMap};
use std::marker::PhantomData;

/// Most ids or hashes of one statement.
const AT_ONCE: usize = 200;

/// The rows of a select.
pub(super) struct Rows<'a, R> {
    select: &'a Select,
    row: PhantomData<R>,
}

impl<'a, R> Rows<'a, R> {
    pub(super) const fn of(select: &'a Select) -> Self {
        Self {
            select,
            row: PhantomData,
        }
    }
}

impl<R: StoredRow> Statement for Rows<'_, R> {
    type Row = R;

    fn sql<D: Dialect>(&self, d: &mut D) -> Result<String, Problem> {
        select::rows(d, self.select)
    }
}

/// A count.
#[derive(Debug, Deserialize)]
pub(super) struct Number {
    pub(super) n: i64,
}

impl StoredRow for Number {
    fn from_row(row: &Row) -> Result<Self, DbError> {
        Ok(Self { n: row.int("n")? })
    }
}

struct Count<'a>(&'a Select);

impl Statement for Count<'_> {
    type Row = Number;

    fn sql<D: Dialect>(&self, d: &mut D) -> Result<String, Problem> {
        select::count(d, self.0)
    }
}

/// An id.
#[derive(Debug, Deserialize)]
pub(super) struct Id {
    pub(super) id: String,
}

impl StoredRow for Id {
    fn from_row(row: &Row) -> Result<Self, DbError> {
        Ok(Self {
            id: row.text("id")?,
        })
    }
}

/// The ids of traces, and nothing else of them.
pub(super) struct TraceIds<'a>(pub(super) &'a Select);

impl Statement for TraceIds<'_> {
    type Row = Id;

    fn sql<D: Dialect>(&self, d: &mut D) -> Result<String, Problem> {
        let only = select::conditions(d, self.0)?;
        Ok(format!(
            "SELECT t.id AS id FROM {} WHERE {only} LIMIT {}",
            from::<D>("traces", "t"),
            self.0.limit
        ))
    }
}

#[derive(Debug, Deserialize)]
struct PayloadRow {
    hash: String,
    text: String,
}

impl StoredRow for PayloadRow {
    fn from_row(row: &Row) -> Result<Self, DbError> {
        Ok(Self {
            hash: row.text("hash")?,
            text: row.text("text")?,
        })
    }
}

/// Large texts by hash.
struct PayloadTexts<'a>(&'a [&'a str]);

impl Statement for PayloadTexts<'_> {
    type Row = PayloadRow;

    fn sql<D: Dialect>(&self, d: &mut D) -> Result<String, Problem> {
        Ok(format!(
            "SELECT t.hash AS hash, t.text AS text FROM {} WHERE t.workspace_id = {} AND t.hash IN {}",
            from::<D>("payloads", "t"),
            D::WORKSPACE,
            d.texts(self.0)
        ))
    }
}

/// Ids by trace.
pub type Members = HashMap<String, Vec<String>>;

#[derive(Debug, Deserialize)]
struct Member {
    trace_id: String,
    id: String,
}

impl StoredRow for Member {
    fn from_row(row: &Row) -> Result<Self, DbError> {
        Ok(Self {
            trace_id: row.text("trace_id")?,
            id: row.text("id")?,
        })
    }
}

struct MembersOf<'a> {
    table: &'static str,
    traces: &'a [&'a str],
}

impl Statement for MembersOf<'_> {
    type Row = Member;

    fn sql<D: Dialect>(&self, d: &mut D) -> Result<String, Problem> {
        let ids = d.texts(self.traces);
        let only = format!("t.workspace_id = {} AND t.trace_id IN {ids}", D::WORKSPACE);
        Ok(format!(
            "SELECT t.trace_id AS trace_id, t.id AS id FROM {} ORDER BY t.trace_id, t.id LIMIT {MAX_MEMBERS}",
            latest::<D>(self.table, &only),
        ))
    }
}

/// Most ids of a page of traces.
const MAX_MEMBERS: usize = 100_000;

/// What went in and came out of a trace's root.
#[derive(Debug, Deserialize)]
struct RootRow {
    trace_id: String,
    id: String,
    input: Option<String>,
    input_hash: Option<String>,
    output: Option<String>,
    output_hash: Option<String>,
}

impl StoredRow for RootRow {
    fn from_row(row: &Row) -> Result<Self, DbError> {
        Ok(Self {
            trace_id: row.text("trace_id")?,
            id: row.text("id")?,
            input: row.opt_text("input")?,
            input_hash: row.opt_text("input_hash")?,
            output: row.opt_text("output")?,
            output_hash: row.opt_text("output_hash")?,
        })
    }
}

struct Roots<'a>(&'a [(&'a str, &'a str)]);

impl Statement for Roots<'_> {
    type Row = RootRow;

    fn sql<D: Dialect>(&self, d: &mut D) -> Result<String, Problem> {
        let only = format!(
            "t.workspace_id = {} AND (t.trace_id, t.id) IN {}",
            D::WORKSPACE,
            d.pairs(self.0)
        );
        Ok(format!(
            "SELECT t.trace_id AS trace_id, t.id AS id, t.input AS input, t.input_hash AS input_hash, t.output AS output, \
             t.output_hash AS output_hash FROM {}",
            latest::<D>("observations", &only),
        ))
    }
}

/// A row whose texts may be in `payloads`.
trait Contents {
    /// Each text with its hash.
    fn contents(&mut self) -> [(&mut Option<String>, &Option<String>); 2];
}

impl Contents for StoredObservation {
    fn contents(&mut self) -> [(&mut Option<String>, &Option<String>); 2] {
        [
            (&mut self.input, &self.input_hash),
            (&mut self.output, &self.output_hash),
        ]
    }
}

impl Contents for RootRow {
    fn contents(&mut self) -> [(&mut Option<String>, &Option<String>); 2] {
        [
            (&mut self.input, &self.input_hash),
            (&mut self.output, &self.output_hash),
        ]
    }
}

impl TraceStore {
    /// Puts the large texts in their places.
    async fn fill<R: Contents>(&self, rows: &mut [R]) -> Result<(), Problem> {
        let mut hashes = BTreeSet::new();
        for row in rows.iter_mut() {
            for (_, hash) in row.contents() {
                hashes.extend(hash.clone());
            }
        }
        if hashes.is_empty() {
            return Ok(());
        }
        let hashes: Vec<&str> = hashes.iter().map(String::as_str).collect();
        let mut texts = HashMap::new();
        for some in hashes.chunks(AT_ONCE) {
            let found = self.run(&PayloadTexts(some)).await?;
            texts.extend(found.into_iter().map(|p| (p.hash, p.text)));
        }
        for row in rows {
            for (text, hash) in row.contents() {
                if let Some(hash) = hash {
                    *text = texts.get(hash).cloned();
                }
            }
        }
        Ok(())
    }

    /// The rows of a list.
    async fn rows<R: Listed>(&self, select: &Select) -> Result<Vec<R>, Problem> {
        if matches!(self.backend, Backend::ClickHouse(_))
            && let Some(rows) = self.near(select).await?
        {
            return Ok(rows);
        }
        self.run(&Rows::of(select)).await
    }

    async fn traces(&self, select: &Select) -> Result<Vec<TraceRecord>, Problem> {
        let rows: Vec<StoredTrace> = self.rows(select).await?;
        Ok(rows.into_iter().map(TraceRecord::from).collect())
    }

    pub(super) async fn observations(
        &self,
        select: &Select,
    ) -> Result<Vec<ObservationRecord>, Problem> {
        let mut rows: Vec<StoredObservation> = self.rows(select).await?;
        self.fill(&mut rows).await?;
        Ok(rows.into_iter().map(ObservationRecord::from).collect())
    }

    pub(super) async fn scores(&self, select: &Select) -> Result<Vec<ScoreRecord>, Problem> {
        let rows: Vec<StoredScore> = self.rows(select).await?;
        Ok(rows.into_iter().map(ScoreRecord::from).collect())
    }

    /// Gives traces that say nothing of their input and output what their roots say.
    async fn with_roots(&self, traces: &mut [TraceRecord]) -> Result<(), Problem> {
        let keys: Vec<(String, String)> = traces
            .iter()
            .filter(|r| r.trace.input.is_null() || r.trace.output.is_null())
            .filter_map(|r| Some((r.trace.id.clone(), r.root_id.clone()?)))
            .collect();
        let keys: Vec<(&str, &str)> = keys
            .iter()
            .map(|(trace, id)| (trace.as_str(), id.as_str()))
            .collect();
        let mut roots = HashMap::new();
        for some in keys.chunks(AT_ONCE) {
            let mut rows = self.run(&Roots(some)).await?;
            self.fill(&mut rows).await?;
            roots.extend(
                rows.into_iter()
                    .map(|r| ((r.trace_id.clone(), r.id.clone()), r)),
            );
        }
        for record in traces {
            let Some(id) = record.root_id.clone() else {
                continue;
            };
            if let Some(root) = roots.remove(&(record.trace.id.clone(), id)) {
                let trace = &mut record.trace;
                if trace.input.is_null() {
                    trace.input = value(root.input);
                }
                if trace.output.is_null() {
                    trace.output = value(root.output);
                }
            }
        }
        Ok(())
    }

    /// A trace with its observations and scores.
    ///
    /// # Errors
    /// `store-unavailable`.
    pub async fn trace(&self, id: &str) -> Result<Option<TraceDetail>, Problem> {
        let limit = TRACE_ROWS as i64 + 1;
        let trace = Select::of(&TRACES, "id", id, 1);
        let observations = Select::of(&OBSERVATIONS, "trace_id", id, limit);
        let scores = Select::of(&SCORES, "trace_id", id, limit);
        let (traces, mut observations, mut scores) = futures::try_join!(
            self.traces(&trace),
            self.observations(&observations),
            self.scores(&scores)
        )?;
        let Some(mut trace) = traces.into_iter().next() else {
            return Ok(None);
        };
        let truncated = observations.len() > TRACE_ROWS || scores.len() > TRACE_ROWS;
        observations.truncate(TRACE_ROWS);
        scores.truncate(TRACE_ROWS);
        let root = observations
            .iter()
            .find(|o| trace.root_id.as_ref() == Some(&o.observation.id));
        match root {
            Some(root) => {
                if trace.trace.input.is_null() {
                    trace.trace.input = root.observation.input.clone();
                }
                if trace.trace.output.is_null() {
                    trace.trace.output = root.observation.output.clone();
                }
            }
            None => self.with_roots(std::slice::from_mut(&mut trace)).await?,
        }
        let totals = if truncated {
            let mut totals = self.totals(&[id]).await?;
            totals.remove(id).unwrap_or_default()
        } else {
            Totals::of(observations.iter().map(|o| &o.observation))
        };
        Ok(Some(TraceDetail {
            trace,
            observations,
            scores,
            totals,
            truncated,
        }))
    }

    /// A trace alone, with what its root says of input and output.
    ///
    /// # Errors
    /// `store-unavailable`.
    pub async fn trace_alone(&self, id: &str) -> Result<Option<TraceRecord>, Problem> {
        let mut found = self.traces(&Select::of(&TRACES, "id", id, 1)).await?;
        self.with_roots(&mut found).await?;
        Ok(found.into_iter().next())
    }

    /// Traces by id, without what their roots say.
    ///
    /// # Errors
    /// `store-unavailable`.
    pub async fn traces_by_id(
        &self,
        ids: &[&str],
    ) -> Result<HashMap<String, TraceRecord>, Problem> {
        let mut all = HashMap::new();
        for some in ids.chunks(AT_ONCE) {
            let options = some.iter().map(|id| (*id).to_owned()).collect();
            let query = ListQuery {
                filter: Filter::default().and("id", Operator::AnyOf, Operand::Options(options)),
                ..ListQuery::default()
            };
            let found = self.traces(&Select::all(&TRACES, &query)?).await?;
            all.extend(found.into_iter().map(|r| (r.trace.id.clone(), r)));
        }
        Ok(all)
    }

    /// The ids of the observations, and of the scores, of some traces.
    ///
    /// # Errors
    /// `store-unavailable`.
    pub async fn members(&self, traces: &[&str]) -> Result<(Members, Members), Problem> {
        let (mut observations, mut scores) = (Members::new(), Members::new());
        for some in traces.chunks(AT_ONCE) {
            for (table, all) in [("observations", &mut observations), ("scores", &mut scores)] {
                let statement = MembersOf {
                    table,
                    traces: some,
                };
                for member in self.run(&statement).await? {
                    all.entry(member.trace_id).or_default().push(member.id);
                }
            }
        }
        Ok((observations, scores))
    }

    /// One observation, in whatever trace it is; of several with the same id, the one that began first.
    ///
    /// # Errors
    /// `store-unavailable`.
    pub async fn observation(&self, id: &str) -> Result<Option<ObservationRecord>, Problem> {
        let found = self
            .observations(&Select::of(&OBSERVATIONS, "id", id, 1))
            .await?;
        Ok(found.into_iter().next())
    }

    /// One observation of a trace.
    ///
    /// # Errors
    /// `store-unavailable`.
    pub async fn observation_of(
        &self,
        trace: &str,
        id: &str,
    ) -> Result<Option<ObservationRecord>, Problem> {
        let mut select = Select::of(&OBSERVATIONS, "trace_id", trace, 1);
        select.conditions.push(is("id", id));
        Ok(self.observations(&select).await?.into_iter().next())
    }

    /// One score.
    ///
    /// # Errors
    /// `store-unavailable`.
    pub async fn score(&self, id: &str) -> Result<Option<ScoreRecord>, Problem> {
        let found = self.scores(&Select::of(&SCORES, "id", id, 1)).await?;
        Ok(found.into_iter().next())
    }

    /// A page of traces.
    ///
    /// # Errors
    /// `store-unavailable`, or a validation problem that names the cursor or the filter.
    pub async fn list_traces(
        &self,
        query: &ListQuery,
        page: &PageQuery,
    ) -> Result<Page<TraceRecord>, Problem> {
        let found = self.traces(&Select::page(&TRACES, query, page)?).await?;
        let mut page = page.page(found, |r| place(query.sort, r.sort_key, &[&r.trace.id]));
        self.with_roots(&mut page.data).await?;
        Ok(page)
    }

    /// The ids of a page of traces, and where the next page begins.
    ///
    /// # Errors
    /// As [`Self::list_traces`].
    pub async fn trace_ids(
        &self,
        query: &ListQuery,
        page: &PageQuery,
    ) -> Result<(Vec<String>, Option<Cursor>), Problem> {
        let found = self.traces(&Select::page(&TRACES, query, page)?).await?;
        let more = found.len() > page.limit as usize;
        let last = found.get((page.limit as usize).saturating_sub(1));
        let next = last
            .filter(|_| more)
            .map(|r| place(query.sort, r.sort_key, &[&r.trace.id]));
        let ids = found.into_iter().take(page.limit as usize);
        Ok((ids.map(|r| r.trace.id).collect(), next))
    }

    /// A page of observations.
    ///
    /// # Errors
    /// `store-unavailable`, or a validation problem that names the cursor or the filter.
    pub async fn list_observations(
        &self,
        query: &ListQuery,
        page: &PageQuery,
    ) -> Result<Page<ObservationRecord>, Problem> {
        let found = self
            .observations(&Select::page(&OBSERVATIONS, query, page)?)
            .await?;
        Ok(page.page(found, |r| {
            let o = &r.observation;
            place(query.sort, r.sort_key, &[&o.trace_id, &o.id])
        }))
    }

    /// A page of scores.
    ///
    /// # Errors
    /// `store-unavailable`, or a validation problem that names the cursor or the filter.
    pub async fn list_scores(
        &self,
        query: &ListQuery,
        page: &PageQuery,
    ) -> Result<Page<ScoreRecord>, Problem> {
        let found = self.scores(&Select::page(&SCORES, query, page)?).await?;
        Ok(page.page(found, |r| place(query.sort, r.sort_key, &[&r.score.id])))
    }

    /// How many traces there are of a kind.
    ///
    /// # Errors
    /// `store-unavailable`, or a validation problem that names the filter.
    pub async fn count_traces(&self, filter: &Filter) -> Result<u64, Problem> {
        self.count(&TRACES, filter).await
    }

    /// How many observations there are of a kind.
    ///
    /// # Errors
    /// `store-unavailable`, or a validation problem that names the filter.
    pub async fn count_observations(&self, filter: &Filter) -> Result<u64, Problem> {
        self.count(&OBSERVATIONS, filter).await
    }

    /// How many scores there are of a kind.
    ///
    /// # Errors
    /// `store-unavailable`, or a validation problem that names the filter.
    pub async fn count_scores(&self, filter: &Filter) -> Result<u64, Problem> {
        self.count(&SCORES, filter).await
    }

    async fn count(
        &self,
        table: &'static super::filter::Table,
        filter: &Filter,
    ) -> Result<u64, Problem> {
        let query = ListQuery {
            filter: filter.clone(),
            ..ListQuery::default()
        };
        let rows = self.run(&Count(&Select::all(table, &query)?)).await?;
        let n = rows.first().map_or(0, |row| row.n);
        Ok(u64::try_from(n).unwrap_or_default())
    }
}
