//! Postgres behind `spin:postgres`.
//!
//! The engine pools connections, so one is opened a request and never kept. A pooled connection may come back within
//! another guest's unfinished transaction: `begin` clears it first.

use super::{DbError, Row, Value};
use spin_sdk::pg::{Connection, DbValue, Error, ParameterValue, PgError, QueryError};
use std::rc::Rc;

pub(super) struct Postgres(Connection);

impl Postgres {
    #[allow(
        clippy::disallowed_methods,
        reason = "this is the one place that opens databases"
    )]
    pub(super) async fn open(url: &str) -> Result<Self, DbError> {
        Connection::open(url).await.map(Self).map_err(error)
    }

    pub(super) async fn query(&self, sql: &str, params: Vec<Value>) -> Result<Vec<Row>, DbError> {
        let params: Vec<ParameterValue> = params.into_iter().map(parameter).collect();
        let (columns, rows, result) = self.0.query(sql, params).await.map_err(error)?.into_inner();
        let columns: Rc<[String]> = columns.into_iter().map(|c| c.name).collect();
        let rows = rows.collect().await;
        // Errors within the stream are only told at its end.
        result.await.map_err(pg_error)?;
        Ok(rows
            .into_iter()
            .map(|r| Row::new(columns.clone(), r.into_iter().map(value).collect()))
            .collect())
    }

    pub(super) async fn execute(&self, sql: &str, params: Vec<Value>) -> Result<u64, DbError> {
        let params: Vec<ParameterValue> = params.into_iter().map(parameter).collect();
        self.0.execute(sql, params).await.map_err(error)
    }

    pub(super) async fn begin(&self) -> Result<(), DbError> {
        self.execute("ROLLBACK", Vec::new()).await?;
        self.execute("BEGIN", Vec::new()).await.map(|_| ())
    }

    pub(super) async fn commit(&self) -> Result<(), DbError> {
        self.execute("COMMIT", Vec::new()).await.map(|_| ())
    }

    pub(super) async fn rollback(&self) {
        // When this fails the connection is broken, and with it the transaction.
        let _ = self.execute("ROLLBACK", Vec::new()).await;
    }
}

fn parameter(v: Value) -> ParameterValue {
    match v {
        Value::Null => ParameterValue::DbNull,
        Value::Int(i) => ParameterValue::Int64(i),
        Value::Real(r) => ParameterValue::Floating64(r),
        Value::Text(s) => ParameterValue::Str(s),
    }
}

fn value(v: DbValue) -> Value {
    match v {
        DbValue::DbNull => Value::Null,
        DbValue::Boolean(b) => Value::Int(b.into()),
        DbValue::Int8(i) => Value::Int(i.into()),
        DbValue::Int16(i) => Value::Int(i.into()),
        DbValue::Int32(i) => Value::Int(i.into()),
        DbValue::Int64(i) => Value::Int(i),
        DbValue::Floating32(r) => Value::Real(r.into()),
        DbValue::Floating64(r) => Value::Real(r),
        DbValue::Decimal(s) => s
            .parse()
            .map(Value::Int)
            .or_else(|_| s.parse().map(Value::Real))
            .unwrap_or(Value::Text(s)),
        DbValue::Str(s) | DbValue::Uuid(s) => Value::Text(s),
        DbValue::Jsonb(b) | DbValue::Binary(b) => {
            Value::Text(String::from_utf8_lossy(&b).into_owned())
        }
        other => Value::Text(format!("{other:?}")),
    }
}

fn error(e: Error) -> DbError {
    match e {
        Error::Decode(text) => DbError::Column(text),
        Error::PgError(e) => pg_error(e),
    }
}

fn pg_error(e: PgError) -> DbError {
    match e {
        PgError::ConnectionFailed(text) => DbError::Unavailable(text),
        PgError::QueryFailed(QueryError::DbError(db)) => match db.code.as_str() {
            "23505" => DbError::Unique(db.message),
            // Read-only, too many connections, shutting down, crashed, starting up, idle for too long, out of disk or
            // memory, lock timeout, deadlock, input or output failed; or the connection is lost.
            "25006" | "53300" | "57P01" | "57P02" | "57P03" | "57P05" | "53100" | "53200"
            | "55P03" | "40P01" | "58030" => DbError::Unavailable(db.message),
            code if code.starts_with("08") => DbError::Unavailable(db.message),
            _ => DbError::Other(format!("{}: {}", db.code, db.message)),
        },
        PgError::QueryFailed(QueryError::Text(text)) => {
            if is_broken(&text) {
                DbError::Unavailable(text)
            } else {
                DbError::Other(text)
            }
        }
        other => DbError::Other(format!("{other:?}")),
    }
}

/// Whether the driver lost its server, by what it says: engines hand on its error as text, `Error { kind: Closed, cause: None }`.
fn is_broken(text: &str) -> bool {
    let text = text.to_ascii_lowercase();
    let words = [
        "closed",
        "connection",
        "broken pipe",
        "timed out",
        "kind: io",
    ];
    words.iter().any(|w| text.contains(w))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lost_server_is_told_from_a_wrong_statement() {
        for (text, lost) in [
            ("Error { kind: Closed, cause: None }", true),
            (
                "Error { kind: Io, cause: Some(Os { code: 104, kind: ConnectionReset, message: \"Connection reset by peer\" }) }",
                true,
            ),
            ("Error { kind: UnexpectedMessage, cause: None }", false),
            ("Error { kind: ToSql(0), cause: Some(WrongType) }", false),
        ] {
            let error = PgError::QueryFailed(QueryError::Text(text.into()));
            let unavailable = matches!(pg_error(error), DbError::Unavailable(_));
            assert_eq!(unavailable, lost, "{text}");
        }
    }
}
