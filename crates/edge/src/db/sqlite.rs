//! SQLite behind `spin:sqlite`.
//!
//! Opening sets PRAGMAs, so a connection is kept for the instance's next request. It goes back only when no transaction
//! is open on it: a handler that was dropped in the middle takes its connection with it.

use super::{DbError, Row, Value};
use spin_sdk::sqlite::{Connection, Error, Value as Raw};
use std::cell::{Cell, RefCell};
use std::rc::Rc;

/// Spin's name for the database that plain `spin up` provides.
const DATABASE: &str = "default";
/// Connections an idle instance keeps.
const KEEP: usize = 4;
/// Set on every fresh connection: readers never block the writer, writers wait for each other, and a commit survives a
/// crash of the process (`NORMAL` may lose the last commits only when the machine loses power).
const PRAGMAS: [&str; 4] = [
    "PRAGMA journal_mode=WAL",
    "PRAGMA busy_timeout=5000",
    "PRAGMA synchronous=NORMAL",
    "PRAGMA foreign_keys=ON",
];

thread_local! {
    static IDLE: RefCell<Vec<Connection>> = const { RefCell::new(Vec::new()) };
}

pub(super) struct Sqlite {
    connection: Option<Connection>,
    in_transaction: Cell<bool>,
}

impl Drop for Sqlite {
    fn drop(&mut self) {
        if self.in_transaction.get() {
            return;
        }
        if let Some(connection) = self.connection.take() {
            IDLE.with_borrow_mut(|idle| {
                if idle.len() < KEEP {
                    idle.push(connection);
                }
            });
        }
    }
}

impl Sqlite {
    #[allow(
        clippy::disallowed_methods,
        reason = "this is the one place that opens databases"
    )]
    pub(super) async fn open() -> Result<Self, DbError> {
        let connection = match IDLE.with_borrow_mut(Vec::pop) {
            Some(connection) => connection,
            None => {
                let connection = Connection::open(DATABASE).await.map_err(error)?;
                for pragma in PRAGMAS {
                    connection
                        .execute(pragma, [])
                        .await
                        .map_err(error)?
                        .collect()
                        .await
                        .map_err(error)?;
                }
                connection
            }
        };
        Ok(Self {
            connection: Some(connection),
            in_transaction: Cell::new(false),
        })
    }

    fn connection(&self) -> Result<&Connection, DbError> {
        self.connection
            .as_ref()
            .ok_or_else(|| DbError::Other("connection is closed".into()))
    }

    pub(super) async fn query(&self, sql: &str, params: Vec<Value>) -> Result<Vec<Row>, DbError> {
        let params: Vec<Raw> = params.into_iter().map(raw).collect();
        let result = self
            .connection()?
            .execute(numbered(sql), params)
            .await
            .map_err(error)?;
        let columns: Rc<[String]> = result.columns().into();
        let rows = result.collect().await.map_err(error)?;
        Ok(rows
            .into_iter()
            .map(|r| Row::new(columns.clone(), r.values.into_iter().map(value).collect()))
            .collect())
    }

    pub(super) async fn execute(&self, sql: &str, params: Vec<Value>) -> Result<u64, DbError> {
        let params: Vec<Raw> = params.into_iter().map(raw).collect();
        let connection = self.connection()?;
        connection
            .execute(numbered(sql), params)
            .await
            .map_err(error)?
            .collect()
            .await
            .map_err(error)?;
        Ok(connection.changes().await)
    }

    pub(super) async fn begin(&self) -> Result<(), DbError> {
        self.in_transaction.set(true);
        // IMMEDIATE: a deferred transaction that turns into a writer fails at once where it should wait.
        let begun = self.execute("BEGIN IMMEDIATE", Vec::new()).await;
        self.in_transaction.set(begun.is_ok());
        begun.map(|_| ())
    }

    pub(super) async fn commit(&self) -> Result<(), DbError> {
        let done = self.execute("COMMIT", Vec::new()).await;
        if done.is_err() {
            self.rollback().await;
        }
        self.in_transaction.set(false);
        done.map(|_| ())
    }

    pub(super) async fn rollback(&self) {
        if self.execute("ROLLBACK", Vec::new()).await.is_ok() {
            self.in_transaction.set(false);
        }
    }
}

/// `$n` as SQLite's `?n`: to SQLite `$1` is a name, numbered by first use, which would make the order matter.
fn numbered(sql: &str) -> String {
    let mut out = String::with_capacity(sql.len());
    let mut rest = sql;
    while let Some(i) = rest.find('$') {
        let (before, after) = rest.split_at(i);
        out.push_str(before);
        let after = after.get(1..).unwrap_or_default();
        out.push(if after.starts_with(|c: char| c.is_ascii_digit()) {
            '?'
        } else {
            '$'
        });
        rest = after;
    }
    out.push_str(rest);
    out
}

fn raw(v: Value) -> Raw {
    match v {
        Value::Null => Raw::Null,
        Value::Int(i) => Raw::Integer(i),
        Value::Real(r) => Raw::Real(r),
        Value::Text(s) => Raw::Text(s),
    }
}

fn value(v: Raw) -> Value {
    match v {
        Raw::Null => Value::Null,
        Raw::Integer(i) => Value::Int(i),
        Raw::Real(r) => Value::Real(r),
        Raw::Text(s) => Value::Text(s),
        Raw::Blob(b) => Value::Text(String::from_utf8_lossy(&b).into_owned()),
    }
}

fn error(e: Error) -> DbError {
    let text = match e {
        Error::Io(text) => text,
        Error::NoSuchDatabase => {
            return DbError::Unavailable("the engine knows no database `default`".into());
        }
        Error::AccessDenied => {
            return DbError::Unavailable("the component may not open the database".into());
        }
        other => format!("{other:?}"),
    };
    let lower = text.to_ascii_lowercase();
    if lower.contains("unique constraint") || lower.contains("primary key constraint") {
        DbError::Unique(text)
    } else if [
        "locked",
        "busy",
        "readonly",
        "read-only",
        "unable to open",
        "disk",
        "full",
    ]
    .iter()
    .any(|w| lower.contains(w))
    {
        DbError::Unavailable(text)
    } else {
        DbError::Other(text)
    }
}

#[cfg(test)]
mod tests {
    use super::numbered;

    #[test]
    fn dollars_become_question_marks_only_before_digits() {
        assert_eq!(numbered("a=$1 AND b->>'$.x'=$12"), "a=?1 AND b->>'$.x'=?12");
        assert_eq!(numbered("plain"), "plain");
        assert_eq!(numbered("$"), "$");
    }
}
