//! What a list is asked for. Both stores read the same [`Select`]; each writes it in its own SQL.

use crate::page::{Cursor, PageQuery};
use crate::problem::Problem;
use assay_model::{ScoreSource, ScoreType, Timestamp};

/// A span of time: from `from` on, before `to`.
#[derive(Debug, Clone, Copy, Default)]
pub struct Between {
    /// The first instant.
    pub from: Option<Timestamp>,
    /// The first instant that is too late.
    pub to: Option<Timestamp>,
}

/// Which traces. Absent fields select everything.
#[derive(Debug, Clone, Default)]
pub struct TraceFilter {
    /// Exact name.
    pub name: Option<String>,
    /// The end user.
    pub user_id: Option<String>,
    /// The conversation.
    pub session_id: Option<String>,
    /// Labels; a trace must have all of them.
    pub tags: Vec<String>,
    /// Deployment.
    pub environment: Option<String>,
    /// When the trace began.
    pub between: Between,
}

/// Which observations. Absent fields select everything.
#[derive(Debug, Clone, Default)]
pub struct ObservationFilter {
    /// The trace.
    pub trace_id: Option<String>,
    /// The kind of work, by its name on the wire.
    pub kind: Option<assay_model::ObservationType>,
    /// Exact name.
    pub name: Option<String>,
    /// How grave.
    pub level: Option<assay_model::Level>,
    /// When it began.
    pub between: Between,
}

/// Which scores. Absent fields select everything.
#[derive(Debug, Clone, Default)]
pub struct ScoreFilter {
    /// The trace.
    pub trace_id: Option<String>,
    /// The observation.
    pub observation_id: Option<String>,
    /// Exact name.
    pub name: Option<String>,
    /// Who gave it.
    pub source: Option<ScoreSource>,
    /// The type of its value.
    pub data_type: Option<ScoreType>,
    /// When it was given.
    pub between: Between,
}

/// A table of the trace store.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Table {
    pub(super) name: &'static str,
    /// The column that lists are sorted by.
    pub(super) time: &'static str,
    /// The rest of the primary key after the workspace; breaks ties.
    pub(super) key: &'static [&'static str],
}

pub(super) const TRACES: Table = Table {
    name: "traces",
    time: "timestamp",
    key: &["id"],
};
pub(super) const OBSERVATIONS: Table = Table {
    name: "observations",
    time: "start_time",
    key: &["trace_id", "id"],
};
pub(super) const SCORES: Table = Table {
    name: "scores",
    time: "timestamp",
    key: &["id"],
};

/// What a row must be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Condition {
    /// The column has this text.
    Is(&'static str, String),
    /// The trace has this tag.
    Tagged(String),
    /// The row's time is this or later.
    From(i64),
    /// The row's time is earlier.
    Before(i64),
    /// Newest first, the row comes after this place: its time and its key.
    After(i64, Vec<String>),
}

/// Rows to read, of one workspace.
#[derive(Debug, Clone)]
pub(super) struct Select {
    pub(super) table: &'static Table,
    pub(super) conditions: Vec<Condition>,
    pub(super) newest_first: bool,
    pub(super) limit: i64,
}

/// Stands between the parts of a key in a cursor; ids hold no control characters.
const SEPARATOR: char = '\u{1f}';

impl Select {
    /// Rows with this text in this column, in the order of time.
    pub(super) fn of(table: &'static Table, column: &'static str, is: &str, limit: i64) -> Self {
        Self {
            table,
            conditions: vec![Condition::Is(column, is.to_owned())],
            newest_first: false,
            limit,
        }
    }

    fn page(
        table: &'static Table,
        conditions: impl IntoIterator<Item = Option<Condition>>,
        between: Between,
        page: &PageQuery,
    ) -> Result<Self, Problem> {
        let mut conditions: Vec<_> = conditions.into_iter().flatten().collect();
        conditions.extend(between.from.map(|t| Condition::From(t.micros())));
        conditions.extend(between.to.map(|t| Condition::Before(t.micros())));
        if let Some(Cursor(time, key)) = &page.cursor {
            let key: Vec<String> = key.split(SEPARATOR).map(str::to_owned).collect();
            if key.len() != table.key.len() {
                return Err(Problem::field("cursor", "is not a cursor of this list"));
            }
            conditions.push(Condition::After(*time, key));
        }
        Ok(Self {
            table,
            conditions,
            newest_first: true,
            limit: page.fetch(),
        })
    }
}

/// The place of a row.
pub(super) fn place(time: Timestamp, key: &[&str]) -> Cursor {
    Cursor(time.micros(), key.join(&SEPARATOR.to_string()))
}

fn is(column: &'static str, text: Option<impl Into<String>>) -> Option<Condition> {
    text.map(|t| Condition::Is(column, t.into()))
}

impl TraceFilter {
    pub(super) fn select(self, page: &PageQuery) -> Result<Select, Problem> {
        let mut conditions = vec![
            is("name", self.name),
            is("user_id", self.user_id),
            is("session_id", self.session_id),
            is("environment", self.environment),
        ];
        conditions.extend(self.tags.into_iter().map(Condition::Tagged).map(Some));
        Select::page(&TRACES, conditions, self.between, page)
    }
}

impl ObservationFilter {
    pub(super) fn select(self, page: &PageQuery) -> Result<Select, Problem> {
        let conditions = [
            is("trace_id", self.trace_id),
            is("type", self.kind.map(assay_model::ObservationType::as_str)),
            is("name", self.name),
            is("level", self.level.map(assay_model::Level::as_str)),
        ];
        Select::page(&OBSERVATIONS, conditions, self.between, page)
    }
}

impl ScoreFilter {
    pub(super) fn select(self, page: &PageQuery) -> Result<Select, Problem> {
        let conditions = [
            is("trace_id", self.trace_id),
            is("observation_id", self.observation_id),
            is("name", self.name),
            is("source", self.source.map(ScoreSource::as_str)),
            is("data_type", self.data_type.map(ScoreType::as_str)),
        ];
        Select::page(&SCORES, conditions, self.between, page)
    }
}
