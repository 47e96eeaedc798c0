//! What a guest sees as one connection.
//!
//! Between statements it holds nothing; a real connection is kept only while there is a transaction, a temporary table or a
//! setting that the next statement must find.

use std::sync::Arc;

use rusqlite::types::{ToSqlOutput, ValueRef};

use super::database::{Database, Lease, Outcome, is_busy};
use crate::bindings::spin::sqlite::sqlite::{Error, RowResult, Value};

/// Largest result that is held for a guest.
const MAX_RESULT_BYTES: usize = 128 << 20;

/// A guest's connection.
pub(crate) struct Session {
    database: Arc<Database>,
    state: tokio::sync::Mutex<State>,
}

#[derive(Default)]
struct State {
    kept: Option<Lease>,
    changes: u64,
    last_insert_rowid: i64,
}

/// Columns and rows, and the error that ended them, if one did.
#[derive(Debug, Default)]
pub(crate) struct Answer {
    pub(crate) columns: Vec<String>,
    pub(crate) rows: Vec<RowResult>,
    pub(crate) error: Option<Error>,
}

struct Ran {
    answer: Answer,
    /// The statement writes, and the lock was not held: it has not run.
    needs_lock: bool,
    busy: bool,
    changes: u64,
    rowid: i64,
}

impl Outcome for Ran {
    fn locked_by_another_process(&self) -> bool {
        self.busy
    }
    fn has_run(&self) -> bool {
        !self.needs_lock
    }
}

impl Session {
    pub(crate) fn new(database: Arc<Database>) -> Self {
        Self {
            database,
            state: tokio::sync::Mutex::default(),
        }
    }

    pub(crate) async fn changes(&self) -> u64 {
        self.state.lock().await.changes
    }

    pub(crate) async fn last_insert_rowid(&self) -> i64 {
        self.state.lock().await.last_insert_rowid
    }

    pub(crate) async fn execute(&self, sql: String, parameters: Vec<Value>) -> Answer {
        let mut state = self.state.lock().await;
        match self.run(&mut state, sql, parameters).await {
            Ok(answer) => answer,
            Err(error) => Answer {
                error: Some(error),
                ..Answer::default()
            },
        }
    }

    async fn run(
        &self,
        state: &mut State,
        sql: String,
        parameters: Vec<Value>,
    ) -> Result<Answer, Error> {
        let sql: Arc<str> = sql.into();
        let parameters = Arc::new(parameters);
        let mut writes = self.database.known_to_write(&sql);
        loop {
            let lease = self.lease(state, writes).await?;
            let has_lock = lease.has_lock();
            let (text, values) = (sql.clone(), parameters.clone());
            let (mut lease, ran) = self
                .database
                .run(&sql, writes, lease, move |c| {
                    statement(c, &text, &values, has_lock)
                })
                .await;
            if ran.needs_lock {
                writes = true;
                if lease.must_be_kept() {
                    state.kept = Some(lease);
                }
                continue;
            }
            note_changes(state, &sql, &ran);
            lease.unlock_if_idle();
            if lease.must_be_kept() {
                state.kept = Some(lease);
            }
            return Ok(ran.answer);
        }
    }

    async fn lease(&self, state: &mut State, writes: bool) -> Result<Lease, Error> {
        let mut kept = state.kept.take();
        if let Some(lease) = kept.take_if(|lease| !writes || lease.has_lock()) {
            return Ok(lease);
        }
        let guard = match writes {
            false => None,
            true => match self.database.lock().await {
                Some(guard) => Some(guard),
                None => {
                    state.kept = kept;
                    return Err(Error::Io("database is locked".into()));
                }
            },
        };
        match (kept, guard) {
            (Some(mut lease), Some(guard)) => {
                lease.add_lock(guard);
                Ok(lease)
            }
            (_, guard) => self.database.lease(guard).map_err(io_error),
        }
    }
}

fn statement(
    connection: &rusqlite::Connection,
    sql: &str,
    parameters: &[Value],
    has_lock: bool,
) -> Ran {
    let mut answer = Answer::default();
    let ran = |answer: Answer, needs_lock, busy| Ran {
        answer,
        needs_lock,
        busy,
        changes: connection.changes(),
        rowid: connection.last_insert_rowid(),
    };
    let mut statement = match connection.prepare_cached(sql) {
        Ok(statement) => statement,
        Err(error) => {
            answer.error = Some(io_error(error));
            return ran(answer, false, false);
        }
    };
    if !has_lock && !statement.readonly() {
        return ran(answer, true, false);
    }
    answer.columns = statement
        .column_names()
        .into_iter()
        .map(ToOwned::to_owned)
        .collect();
    match collect(&mut statement, parameters, &mut answer.rows) {
        Ok(None) => ran(answer, false, false),
        Ok(Some(limit)) => {
            answer.error = Some(limit);
            ran(answer, false, false)
        }
        Err(error) => {
            let busy = is_busy(&error) && answer.rows.is_empty();
            answer.error = Some(io_error(error));
            ran(answer, false, busy)
        }
    }
}

fn collect(
    statement: &mut rusqlite::CachedStatement<'_>,
    parameters: &[Value],
    out: &mut Vec<RowResult>,
) -> Result<Option<Error>, rusqlite::Error> {
    let width = statement.column_count();
    let mut rows = statement.query(rusqlite::params_from_iter(parameters.iter().map(Parameter)))?;
    let mut bytes = 0;
    while let Some(row) = rows.next()? {
        let mut values = Vec::with_capacity(width);
        for index in 0..width {
            let value = match row.get_ref(index)? {
                ValueRef::Null => Value::Null,
                ValueRef::Integer(i) => Value::Integer(i),
                ValueRef::Real(f) => Value::Real(f),
                ValueRef::Text(text) => Value::Text(String::from_utf8_lossy(text).into_owned()),
                ValueRef::Blob(blob) => Value::Blob(blob.to_owned()),
            };
            bytes += size_of::<Value>()
                + match &value {
                    Value::Text(text) => text.len(),
                    Value::Blob(blob) => blob.len(),
                    _ => 0,
                };
            values.push(value);
        }
        if bytes > MAX_RESULT_BYTES {
            return Ok(Some(Error::Io(format!(
                "query result exceeds limit of {MAX_RESULT_BYTES} bytes"
            ))));
        }
        out.push(RowResult { values });
    }
    Ok(None)
}

/// SQLite keeps these per connection; a guest's statements may run on several.
fn note_changes(state: &mut State, sql: &str, ran: &Ran) {
    if ran.answer.error.is_some() {
        return;
    }
    let word: String = sql
        .trim_start()
        .chars()
        .take_while(char::is_ascii_alphabetic)
        .collect::<String>()
        .to_ascii_uppercase();
    if matches!(
        word.as_str(),
        "INSERT" | "REPLACE" | "UPDATE" | "DELETE" | "WITH"
    ) {
        state.changes = ran.changes;
        if matches!(word.as_str(), "INSERT" | "REPLACE" | "WITH") && ran.changes > 0 {
            state.last_insert_rowid = ran.rowid;
        }
    }
}

struct Parameter<'a>(&'a Value);

impl rusqlite::ToSql for Parameter<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self.0 {
            Value::Null => ValueRef::Null,
            Value::Integer(i) => ValueRef::Integer(*i),
            Value::Real(f) => ValueRef::Real(*f),
            Value::Text(text) => ValueRef::Text(text.as_bytes()),
            Value::Blob(blob) => ValueRef::Blob(blob),
        }))
    }
}

pub(super) fn io_error(error: rusqlite::Error) -> Error {
    match &error {
        rusqlite::Error::SqliteFailure(e, _) if e.code == rusqlite::ErrorCode::DiskFull => {
            Error::DatabaseFull
        }
        _ => Error::Io(error.to_string()),
    }
}
