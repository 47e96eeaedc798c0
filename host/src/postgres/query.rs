//! Runs statements.

use std::sync::Arc;

use futures::TryStreamExt;
use tokio_postgres::{Statement, error::SqlState, types::ToSql};

use super::{
    convert::{data_type, from_row, to_sql},
    pool::Session,
};
use crate::bindings::spin::postgres::postgres::{
    Column, DbError, DbValue, Error, ParameterValue, QueryError, Row,
};

/// Largest result that is held for a guest.
const MAX_RESULT_BYTES: usize = 128 << 20;
/// Prepared statements of one client.
const MAX_PREPARED: usize = 256;

/// Columns and rows, and the error that ended them, if one did.
pub(super) struct Rows {
    pub(super) columns: Vec<Column>,
    pub(super) rows: Vec<Row>,
    pub(super) error: Option<Error>,
}

pub(super) async fn query(
    session: &Session,
    sql: &str,
    parameters: &[ParameterValue],
) -> Result<Rows, Error> {
    let parameters = bind(parameters, Error::BadParameter)?;
    match query_once(session, sql, &parameters).await {
        Err(error) if is_stale(&error) => query_once(session, sql, &parameters).await,
        result => result,
    }
    .map_err(failed)
}

pub(super) async fn execute(
    session: &Session,
    sql: &str,
    parameters: &[ParameterValue],
) -> Result<u64, Error> {
    let parameters = bind(parameters, Error::ValueConversionFailed)?;
    let references: Vec<&(dyn ToSql + Sync)> = parameters
        .iter()
        .map(|p| &**p as &(dyn ToSql + Sync))
        .collect();
    let client = session.client()?;
    session.note(sql);
    let statement = prepare(session, sql).await.map_err(failed)?;
    let result = client.execute(&statement, &references).await;
    if let Err(error) = &result {
        forget_if_stale(session, sql, error);
    }
    result.map_err(failed)
}

async fn query_once(
    session: &Session,
    sql: &str,
    parameters: &[Parameter],
) -> Result<Rows, Failure> {
    let client = session.client().map_err(Failure::Own)?;
    session.note(sql);
    let statement = prepare(session, sql).await?;
    let references = parameters.iter().map(|p| &**p as &(dyn ToSql + Sync));
    let columns = statement
        .columns()
        .iter()
        .map(|column| Column {
            name: column.name().to_owned(),
            data_type: data_type(column.type_()),
        })
        .collect();
    let stream = client
        .query_raw(&statement, references)
        .await
        .inspect_err(|e| forget_if_stale(session, sql, e))?;
    let mut stream = std::pin::pin!(stream);
    let mut out = Rows {
        columns,
        rows: Vec::new(),
        error: None,
    };
    let mut bytes = 0;
    loop {
        let row = match stream.try_next().await {
            Ok(Some(row)) => row,
            Ok(None) => return Ok(out),
            // Before the first row nothing has been seen of the result: it is the statement's own error.
            Err(error) if out.rows.is_empty() => {
                forget_if_stale(session, sql, &error);
                return Err(error.into());
            }
            Err(error) => {
                out.error = Some(failed(error));
                return Ok(out);
            }
        };
        let values = match from_row(&row) {
            Ok(values) => values,
            Err(error) => {
                out.error = Some(Error::QueryFailed(QueryError::Text(error)));
                return Ok(out);
            }
        };
        bytes += size(&values);
        if bytes > MAX_RESULT_BYTES {
            let text = format!("query result exceeds limit of {MAX_RESULT_BYTES} bytes");
            out.error = Some(Error::QueryFailed(QueryError::Text(text)));
            return Ok(out);
        }
        out.rows.push(values);
    }
}

async fn prepare(session: &Session, sql: &str) -> Result<Statement, Failure> {
    let client = session.client().map_err(Failure::Own)?;
    // Statements with literals in their text would fill the server's memory.
    if client.statement_cache.size() > MAX_PREPARED {
        client.statement_cache.clear();
    }
    Ok(client.prepare_cached(sql).await?)
}

/// A prepared statement whose table has changed since.
fn forget_if_stale(session: &Session, sql: &str, error: &tokio_postgres::Error) {
    if error.code() == Some(&SqlState::FEATURE_NOT_SUPPORTED)
        && let Ok(client) = session.client()
    {
        client.statement_cache.remove(sql, &[]);
    }
}

fn is_stale(failure: &Failure) -> bool {
    matches!(failure, Failure::Driver(error) if error
        .as_db_error()
        .is_some_and(|e| *e.code() == SqlState::FEATURE_NOT_SUPPORTED && e.message().contains("cached plan")))
}

type Parameter = Box<dyn ToSql + Send + Sync>;

fn bind(
    parameters: &[ParameterValue],
    error: fn(String) -> Error,
) -> Result<Arc<[Parameter]>, Error> {
    parameters
        .iter()
        .map(to_sql)
        .collect::<Result<_, _>>()
        .map_err(error)
}

fn size(values: &[DbValue]) -> usize {
    let held = |value: &DbValue| match value {
        DbValue::Str(s) | DbValue::Decimal(s) | DbValue::Uuid(s) => s.len(),
        DbValue::Binary(b) | DbValue::Jsonb(b) | DbValue::Unsupported(b) => b.len(),
        DbValue::ArrayInt32(v) => v.len() * 8,
        DbValue::ArrayInt64(v) => v.len() * 16,
        DbValue::ArrayDecimal(v) | DbValue::ArrayStr(v) => v
            .iter()
            .map(|s| size_of::<Option<String>>() + s.as_ref().map_or(0, String::len))
            .sum(),
        _ => 0,
    };
    values
        .iter()
        .map(|value| size_of::<DbValue>() + held(value))
        .sum()
}

enum Failure {
    Driver(tokio_postgres::Error),
    Own(Error),
}

impl From<tokio_postgres::Error> for Failure {
    fn from(error: tokio_postgres::Error) -> Self {
        Self::Driver(error)
    }
}

fn failed(failure: impl Into<Failure>) -> Error {
    let error = match failure.into() {
        Failure::Own(error) => return error,
        Failure::Driver(error) => error,
    };
    let text = format!("{error:?}");
    Error::QueryFailed(match error.as_db_error() {
        None => QueryError::Text(text),
        Some(db) => {
            let extras = [
                ("column", db.column()),
                ("constraint", db.constraint()),
                ("routine", db.routine()),
                ("hint", db.hint()),
                ("table", db.table()),
                ("datatype", db.datatype()),
                ("schema", db.schema()),
                ("where_", db.where_()),
            ];
            QueryError::DbError(DbError {
                as_text: text,
                severity: db.severity().to_owned(),
                code: db.code().code().to_owned(),
                message: db.message().to_owned(),
                detail: db.detail().map(ToOwned::to_owned),
                extras: extras
                    .into_iter()
                    .filter_map(|(k, v)| Some((k.to_owned(), v?.to_owned())))
                    .collect(),
            })
        }
    })
}
