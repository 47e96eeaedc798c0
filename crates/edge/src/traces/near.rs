//! Pages of lists in ClickHouse without a look at every row.
//!
//! Rows lie in the order of ids, and lists are wanted in the order of time. Beside each table is one of *entries*: key, time,
//! and what lists are filtered by most, in the order of time. The first of them name candidates, whose rows say the truth. When
//! the page's last row stands before the last entry that was read, whatever else there is stands behind it, and the page is
//! right; else more entries are read, and at last all rows.
//!
//! An observation or a score has an entry for each time that was ever said of it, with what was said last at that time; so the
//! right one is among them, and conditions hold of it as they hold of the row. A trace has an entry for each patch. The one with its
//! earliest time is its place; a word, say its user, may only be in a later one. So one word at most is looked for in entries of traces:
//! newest first, a trace that has it is found no later than it stands. Bounds from above do not hold of such entries.

use super::columns::{self, Kind};
use super::filter::{Order, Select};
use super::render::{self, Dialect, Of, condition, in_clickhouse};
use super::select::{after_of, keys};
use super::stored::{Listed, StoredRow};
use super::{Statement, TraceStore, select};
use crate::db::{DbError, Row};
use crate::problem::Problem;
use assay_model::{Condition, Operand, Operator};
use serde::Deserialize;
use std::collections::HashSet;
use std::fmt::Write as _;
use std::marker::PhantomData;

/// Most rows of a page that is found by keys which are named one by one.
const FEW_ROWS: usize = 256;
/// Candidates beyond the rows of a page: some have been moved by a later word.
const SPARE: usize = 8;
/// Most rows of a page that is found by entries at all.
const MOST_ROWS: usize = 2_000;
/// Entries that are read when few did not do, or when conditions leave out candidates.
const MANY: u64 = 8_192;

/// What entries of observations and scores tell, besides times.
const CARRIED: [&str; 11] = [
    "parent_id",
    "type",
    "name",
    "level",
    "model",
    "environment",
    "version",
    "prompt_name",
    "is_root",
    "source",
    "data_type",
];
/// What one looks for in entries of traces, by how few they are likely to leave: the filter's name, and the column.
const WORDS: [(&str, &str); 7] = [
    ("userId", "user_id"),
    ("sessionId", "session_id"),
    ("name", "name"),
    ("tags", "tags"),
    ("version", "version"),
    ("release", "release"),
    ("environment", "environment"),
];

/// How a page is found.
struct Plan<'a> {
    select: &'a Select,
    /// Rows before the page, and its own.
    rows: usize,
    /// Conditions that hold of entries.
    held: Vec<&'a Condition>,
    /// The word that is looked for in entries of traces.
    word: Option<(&'a Condition, &'static str)>,
    /// Whether entries leave out all that the page leaves out.
    all: bool,
}

/// What a condition is to entries.
enum Held<'a> {
    /// It holds of the entry of every row that it holds of.
    Yes,
    /// As [`Held::Yes`], where entries stand where their rows do: a bound that the order meets first.
    Above,
    /// It holds of one of the entries of a trace.
    Word(usize, &'static str, &'a Condition),
    /// Only the rows tell.
    No,
}

impl<'a> Plan<'a> {
    /// `None` where the list cannot be found so.
    fn of(select: &'a Select) -> Option<Self> {
        let offset = usize::try_from(select.offset).ok()?;
        let rows = usize::try_from(select.limit).ok()?.checked_add(offset)?;
        if select.order != Order::Time || rows > MOST_ROWS {
            return None;
        }
        let mut plan = Self {
            select,
            rows,
            held: Vec::new(),
            word: None,
            all: true,
        };
        let mut above = Vec::new();
        let mut words = Vec::new();
        for c in &select.conditions {
            match held(select, c)? {
                Held::Yes => plan.held.push(c),
                Held::Above => above.push(c),
                Held::Word(rank, column, c) => words.push((rank, column, c)),
                Held::No => plan.all = false,
            }
        }
        if let Some((_, column, word)) = words.iter().min_by_key(|(rank, ..)| *rank) {
            plan.word = Some((word, column));
            plan.all &= words.len() == 1 && above.is_empty() && select.after.is_none();
        } else {
            plan.held.append(&mut above);
        }
        Some(plan)
    }

    /// The first `n` entries, as a statement of these columns of `e`.
    fn entries<D: Dialect>(&self, d: &mut D, columns: &str, n: u64) -> Result<String, Problem> {
        let table = self.select.table;
        let only = self.only(d)?;
        let direction = self.select.direction();
        let (time, key) = (self.time(), keys(table, "e", direction));
        Ok(format!(
            "SELECT {columns} FROM {} AS e WHERE {only} ORDER BY {time}{direction}, {key} LIMIT {n}",
            self.name()
        ))
    }

    fn name(&self) -> String {
        in_clickhouse(self.select.table.name).replace("_rows", "_entries")
    }

    fn time(&self) -> String {
        format!("e.{}", self.select.table.time)
    }

    /// The conditions on entries.
    fn only<D: Dialect>(&self, d: &mut D) -> Result<String, Problem> {
        let table = self.select.table;
        let mut only = format!("e.workspace_id = {}", D::WORKSPACE);
        for c in &self.held {
            // Writing to a String never fails.
            let _ = write!(only, " AND {}", condition(d, table.of, "e", c)?);
        }
        match self.word {
            None => only.push_str(&after_of(d, self.select, &self.time(), "e")),
            Some((c, "tags")) => {
                let _ = write!(only, " AND {}", render::tags(d, "e", c)?);
            }
            Some((c, column)) => {
                let _ = write!(only, " AND {}", render::text(d, &format!("e.{column}"), c)?);
            }
        }
        Ok(only)
    }
}

/// `None` for what is found by a key, by other tables or by text within, which entries do not help with.
fn held<'a>(select: &Select, c: &'a Condition) -> Option<Held<'a>> {
    let table = select.table;
    if ["id", "traceId", "trace_id"].contains(&c.column.as_str()) {
        return None;
    }
    let column = columns::find(table.of.columns(), &c.column)?;
    let is = |name: &str| column.names.contains(&name);
    if is(table.time) {
        return Some(match (c.operator, select.descending) {
            (Operator::Greater | Operator::AtLeast, true)
            | (Operator::Less | Operator::AtMost, false) => Held::Yes,
            (Operator::Greater | Operator::AtLeast, false)
            | (Operator::Less | Operator::AtMost, true) => Held::Above,
            _ => Held::No,
        });
    }
    if table.of == Of::Traces {
        let said = match c.operator {
            Operator::Equal
            | Operator::Contains
            | Operator::StartsWith
            | Operator::EndsWith
            | Operator::AnyOf => true,
            // Each of them may have been said in another patch.
            Operator::AllOf => matches!(&c.operand, Operand::Options(all) if all.len() == 1),
            _ => false,
        };
        let word = WORDS.iter().enumerate().find(|(_, (name, _))| is(name));
        if let (true, true, Some((rank, (_, column)))) = (said, select.descending, word) {
            return Some(Held::Word(rank, column, c));
        }
    } else if CARRIED.into_iter().any(is) {
        return Some(Held::Yes);
    }
    match column.kind {
        Kind::Text(_)
        | Kind::Number(_)
        | Kind::Bool(_)
        | Kind::Time(_)
        | Kind::Tags
        | Kind::Json => Some(Held::No),
        _ => None,
    }
}

#[derive(Debug, Deserialize)]
struct Entry {
    #[serde(default)]
    trace_id: String,
    id: String,
    /// Where it stands.
    at: i64,
}

/// The first entries.
struct Entries<'a>(&'a Plan<'a>, u64);

impl Statement for Entries<'_> {
    type Row = Entry;

    fn sql<D: Dialect>(&self, d: &mut D) -> Result<String, Problem> {
        let Self(plan, n) = self;
        let mut columns = format!("toUnixTimestamp64Micro({}) AS at", plan.time());
        for column in plan.select.table.key {
            let _ = write!(columns, ", e.{column} AS {column}");
        }
        plan.entries(d, &columns, *n)
    }
}

/// Where the last of the first entries stands.
#[derive(Debug, Deserialize)]
struct Last {
    edge: i64,
    /// How many there are, up to those that were asked for.
    n: u64,
}

struct LastOf<'a>(&'a Plan<'a>);

impl Statement for LastOf<'_> {
    type Row = Last;

    fn sql<D: Dialect>(&self, d: &mut D) -> Result<String, Problem> {
        let plan = self.0;
        let last = if plan.select.descending { "min" } else { "max" };
        let at = format!("toUnixTimestamp64Micro({}) AS at", plan.time());
        let entries = plan.entries(d, &at, MANY)?;
        Ok(format!(
            "SELECT {last}(at) AS edge, count() AS n FROM ({entries})"
        ))
    }
}

/// Whose rows a page is made of.
enum Among {
    /// These.
    Keys(Vec<Entry>),
    /// Those whose entries stand here or before.
    Until(i64),
}

struct RowsOf<'a, R> {
    plan: &'a Plan<'a>,
    among: Among,
    row: PhantomData<R>,
}

impl<R: StoredRow> Statement for RowsOf<'_, R> {
    type Row = R;

    fn sql<D: Dialect>(&self, d: &mut D) -> Result<String, Problem> {
        let plan = self.plan;
        let select = plan.select;
        let key = keys(select.table, "r", "");
        match &self.among {
            Among::Keys(entries) => {
                let among = if select.table.of == Of::Observations {
                    let pairs: Vec<(&str, &str)> = entries
                        .iter()
                        .map(|e| (e.trace_id.as_str(), e.id.as_str()))
                        .collect();
                    d.pairs(&pairs)
                } else {
                    let ids: Vec<&str> = entries.iter().map(|e| e.id.as_str()).collect();
                    d.texts(&ids)
                };
                select::rows_of_keys(d, select, &format!("({key}) IN {among}"))
            }
            Among::Until(edge) => {
                let only = plan.only(d)?;
                let sign = if select.descending { ">=" } else { "<=" };
                let among = format!(
                    "SELECT {} FROM {} AS e WHERE {only} AND {} {sign} {}",
                    keys(select.table, "e", ""),
                    plan.name(),
                    plan.time(),
                    d.time(*edge)
                );
                select::rows_among(d, select, &format!("({key}) IN ({among})"))
            }
        }
    }
}

/// The first keys that there are, each once, and where the last of them stands: `None` where there are no others.
fn first_keys(entries: Vec<Entry>, asked: u64, wanted: usize) -> (Vec<Entry>, Option<i64>) {
    let read = entries.len();
    let mut seen = HashSet::new();
    let mut keys = Vec::new();
    let (mut taken, mut last) = (0, None);
    for entry in entries {
        if keys.len() == wanted {
            break;
        }
        taken += 1;
        last = Some(entry.at);
        if seen.insert((entry.trace_id.clone(), entry.id.clone())) {
            keys.push(entry);
        }
    }
    let edge = last.filter(|_| read as u64 >= asked || taken < read);
    (keys, edge)
}

/// Whether the page is what a look at every row would find, where the candidates end at `edge`.
fn is_right<R: Listed>(rows: &[R], select: &Select, edge: Option<i64>) -> bool {
    let Some(edge) = edge else {
        return true;
    };
    let Some(last) = rows.last() else {
        return false;
    };
    let before = if select.descending {
        last.place() > edge
    } else {
        last.place() < edge
    };
    before && rows.len() as i64 >= select.limit
}

impl TraceStore {
    /// The rows of a page in ClickHouse, if they can be found without a look at every row.
    pub(super) async fn near<R: Listed>(&self, select: &Select) -> Result<Option<Vec<R>>, Problem> {
        let Some(plan) = Plan::of(select) else {
            return Ok(None);
        };
        let rows_of = |among| RowsOf {
            plan: &plan,
            among,
            row: PhantomData::<R>,
        };
        if plan.all && plan.rows <= FEW_ROWS {
            // Patches of one trace have entries of their own, which are cheaper to read than to ask for again.
            let asked = plan.rows as u64 * 4 + 32;
            let entries = self.run(&Entries(&plan, asked)).await?;
            let (keys, edge) = first_keys(entries, asked, plan.rows + SPARE);
            if keys.is_empty() {
                return Ok(Some(Vec::new()));
            }
            let rows = self.run(&rows_of(Among::Keys(keys))).await?;
            if is_right(&rows, select, edge) {
                return Ok(Some(rows));
            }
        }
        let last = self.run(&LastOf(&plan)).await?;
        let Some(last) = last.first().filter(|last| last.n > 0) else {
            return Ok(Some(Vec::new()));
        };
        let rows = self.run(&rows_of(Among::Until(last.edge))).await?;
        let edge = (last.n >= MANY).then_some(last.edge);
        Ok(is_right(&rows, select, edge).then_some(rows))
    }
}

impl StoredRow for Entry {
    fn from_row(_: &Row) -> Result<Self, DbError> {
        Err(only_clickhouse())
    }
}

impl StoredRow for Last {
    fn from_row(_: &Row) -> Result<Self, DbError> {
        Err(only_clickhouse())
    }
}

fn only_clickhouse() -> DbError {
    DbError::Other("entries are ClickHouse's alone".into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::page::{Cursor, PageQuery};
    use crate::traces::clickhouse::Params;
    use crate::traces::filter::{ListQuery, OBSERVATIONS, SCORES, Sort, SortKey, TRACES, Table};
    use assay_model::{Filter, Timestamp};

    fn select(table: &'static Table, filter: Filter, descending: bool, cursor: bool) -> Select {
        let query = ListQuery {
            filter,
            sort: Sort {
                key: SortKey::Time,
                descending,
            },
            ..ListQuery::default()
        };
        let page = PageQuery {
            limit: 50,
            cursor: cursor.then(|| Cursor(7, "t\u{1f}o".into())),
        };
        Select::page(table, &query, &page).unwrap()
    }

    fn text(column: &str) -> Filter {
        Filter::default().and(column, Operator::Equal, Operand::Text("x".into()))
    }

    fn at(filter: Filter, column: &str, operator: Operator) -> Filter {
        filter.and(column, operator, Operand::Time(Timestamp::from_micros(5)))
    }

    /// Conditions on entries, the column of the word, and whether entries tell all.
    fn plan(select: &Select) -> Option<(usize, Option<&'static str>, bool)> {
        let plan = Plan::of(select)?;
        let word = plan.word.map(|(_, column)| column);
        Some((plan.held.len(), word, plan.all))
    }

    #[test]
    fn what_is_found_by_entries_of_traces() {
        let of = |filter, descending, cursor| plan(&select(&TRACES, filter, descending, cursor));
        assert_eq!(of(Filter::default(), true, false), Some((0, None, true)));
        assert_eq!(of(Filter::default(), true, true), Some((0, None, true)));
        let user = || text("userId");
        assert_eq!(of(user(), true, false), Some((0, Some("user_id"), true)));
        // A later page, or one that ends before now: the user may have been told in a later patch than the page's.
        assert_eq!(of(user(), true, true), Some((0, Some("user_id"), false)));
        let until = || at(user(), "timestamp", Operator::Less);
        assert_eq!(of(until(), true, false), Some((0, Some("user_id"), false)));
        let since = || at(user(), "timestamp", Operator::AtLeast);
        assert_eq!(of(since(), true, false), Some((1, Some("user_id"), true)));
        // From the oldest on, an entry with the user may stand far behind the trace.
        assert_eq!(of(user(), false, false), Some((0, None, false)));
        // One word alone, that which leaves the fewest.
        let mut both = text("environment");
        both.conditions.extend(user().conditions);
        assert_eq!(of(both, true, false), Some((0, Some("user_id"), false)));
        let not = Filter::default().and("name", Operator::NotEqual, Operand::Text("x".into()));
        assert_eq!(of(not, true, false), Some((0, None, false)));
        let within = at(Filter::default(), "timestamp", Operator::Less);
        assert_eq!(of(within, true, true), Some((1, None, true)));
        // By the key, by other tables, by text within.
        for column in ["id", "model", "input", "search"] {
            assert_eq!(of(text(column), true, false), None, "{column}");
        }
    }

    #[test]
    fn what_is_found_by_entries_of_observations_and_scores() {
        let of = |table, filter| plan(&select(table, filter, false, false));
        let mut both = text("name");
        both.conditions.extend(text("level").conditions);
        assert_eq!(of(&OBSERVATIONS, both), Some((2, None, true)));
        assert_eq!(
            of(&OBSERVATIONS, text("statusMessage")),
            Some((0, None, false))
        );
        let ended = at(text("name"), "endTime", Operator::Less);
        assert_eq!(of(&OBSERVATIONS, ended), Some((1, None, false)));
        assert_eq!(of(&SCORES, text("source")), Some((1, None, true)));
        assert_eq!(of(&SCORES, text("traceId")), None);
    }

    #[test]
    fn every_table_of_a_page_is_bound_to_the_workspace() {
        for table in [&TRACES, &OBSERVATIONS, &SCORES] {
            let select = select(table, text("name"), true, false);
            let plan = Plan::of(&select).unwrap();
            let rows = |among| {
                let statement = RowsOf {
                    plan: &plan,
                    among,
                    row: PhantomData::<Placed>,
                };
                statement.sql(&mut Params::of("w")).unwrap()
            };
            for (sql, tables) in [
                (Entries(&plan, 9).sql(&mut Params::of("w")).unwrap(), 1),
                (LastOf(&plan).sql(&mut Params::of("w")).unwrap(), 1),
                (rows(Among::Keys(vec![entry("a", 1)])), 1),
                (rows(Among::Until(7)), 3),
            ] {
                let named = sql.matches("_rows AS ").count() + sql.matches("_entries AS ").count();
                let bound = sql.matches(".workspace_id = {w:String}").count();
                assert_eq!(named, tables, "{sql}");
                assert!(bound >= tables, "{sql}");
            }
        }
    }

    fn entry(id: &str, at: i64) -> Entry {
        Entry {
            trace_id: String::new(),
            id: id.into(),
            at,
        }
    }

    #[test]
    fn keys_are_taken_once_each() {
        let entries = || vec![entry("a", 9), entry("b", 8), entry("a", 7), entry("c", 6)];
        let of = |asked, wanted| {
            let (keys, edge) = first_keys(entries(), asked, wanted);
            let ids: String = keys.iter().map(|e| e.id.as_str()).collect();
            (ids, edge)
        };
        assert_eq!(of(4, 3), ("abc".into(), Some(6)));
        assert_eq!(of(5, 3), ("abc".into(), None));
        assert_eq!(of(5, 2), ("ab".into(), Some(8)));
        assert_eq!(of(5, 9), ("abc".into(), None));
        assert!(first_keys(Vec::new(), 4, 3).0.is_empty());
    }

    #[derive(Debug, Deserialize)]
    struct Placed(i64);

    impl StoredRow for Placed {
        fn from_row(_: &Row) -> Result<Self, DbError> {
            Err(only_clickhouse())
        }
    }

    impl Listed for Placed {
        fn place(&self) -> i64 {
            self.0
        }
    }

    #[test]
    fn a_page_is_right_when_its_last_row_stands_before_the_last_entry() {
        let mut select = select(&TRACES, Filter::default(), true, false);
        select.limit = 2;
        let rows = |places: [i64; 2]| places.map(Placed);
        assert!(is_right(&rows([9, 8]), &select, Some(7)));
        assert!(!is_right(&rows([9, 7]), &select, Some(7)));
        assert!(!is_right(&rows([9, 3]), &select, Some(7)));
        assert!(!is_right::<Placed>(&[], &select, Some(7)));
        // There are no more entries than these.
        assert!(is_right(&rows([9, 3]), &select, None));
        assert!(!is_right(&rows([9, 8])[..1], &select, Some(7)));
        select.descending = false;
        assert!(is_right(&rows([1, 2]), &select, Some(3)));
        assert!(!is_right(&rows([1, 3]), &select, Some(3)));
    }
}
