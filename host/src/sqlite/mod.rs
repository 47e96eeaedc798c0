//! `spin:sqlite@3.1.0`.

mod connection;
pub(crate) mod database;
mod session;

use std::sync::Arc;

use wasmtime::component::{Access, Accessor, FutureReader, HasSelf, Resource, StreamReader};

use self::session::{Answer, Session};
use crate::{
    bindings::spin::sqlite::sqlite::{
        Error, Host, HostConnection, HostConnectionWithStore, QueryResult, RowResult, Value,
    },
    state::State,
};

/// A guest's handle.
#[derive(Clone)]
#[allow(unreachable_pub, reason = "the bindings export it")]
pub struct ConnectionHandle(Arc<Session>);

type Columns = Vec<String>;
type Streamed = (
    Columns,
    StreamReader<RowResult>,
    FutureReader<Result<(), Error>>,
);

impl State {
    fn open_database(&mut self, name: &str) -> Result<Resource<ConnectionHandle>, Error> {
        if !self.component.sqlite_databases.contains(name) {
            return Err(Error::AccessDenied);
        }
        let database = self
            .services
            .sqlite
            .get(name)
            .ok_or(Error::NoSuchDatabase)?;
        let handle = ConnectionHandle(Arc::new(Session::new(database.clone())));
        self.table
            .push(handle)
            .map_err(|e| Error::Io(e.to_string()))
    }

    fn database_session(&self, handle: &Resource<ConnectionHandle>) -> Result<Arc<Session>, Error> {
        self.table
            .get(handle)
            .map(|handle| handle.0.clone())
            .map_err(|_| Error::InvalidConnection)
    }
}

impl Host for State {
    fn convert_error(&mut self, error: Error) -> wasmtime::Result<Error> {
        Ok(error)
    }
}

impl HostConnection for State {
    async fn open(&mut self, database: String) -> Result<Resource<ConnectionHandle>, Error> {
        self.open_database(&database)
    }

    async fn execute(
        &mut self,
        handle: Resource<ConnectionHandle>,
        statement: String,
        parameters: Vec<Value>,
    ) -> Result<QueryResult, Error> {
        let Answer {
            columns,
            rows,
            error,
        } = self
            .database_session(&handle)?
            .execute(statement, parameters)
            .await;
        error.map_or(Ok(QueryResult { columns, rows }), Err)
    }

    async fn last_insert_rowid(
        &mut self,
        handle: Resource<ConnectionHandle>,
    ) -> wasmtime::Result<i64> {
        Ok(self.database_session(&handle)?.last_insert_rowid().await)
    }

    async fn changes(&mut self, handle: Resource<ConnectionHandle>) -> wasmtime::Result<u64> {
        Ok(self.database_session(&handle)?.changes().await)
    }

    async fn drop(&mut self, handle: Resource<ConnectionHandle>) -> wasmtime::Result<()> {
        self.table.delete(handle)?;
        Ok(())
    }
}

impl<T: Send> HostConnectionWithStore<T> for HasSelf<State> {
    async fn open_async(
        accessor: &Accessor<T, Self>,
        database: String,
    ) -> Result<Resource<ConnectionHandle>, Error> {
        accessor.with(|mut access| access.get().open_database(&database))
    }

    async fn execute_async(
        accessor: &Accessor<T, Self>,
        handle: Resource<ConnectionHandle>,
        statement: String,
        parameters: Vec<Value>,
    ) -> Result<Streamed, Error> {
        let session = accessor.with(|mut access| access.get().database_session(&handle))?;
        let answer = session.execute(statement, parameters).await;
        // An error travels behind the rows, as in Spin: also one that came before the first row.
        accessor
            .with(|access| stream(access, answer))
            .map_err(|e| Error::Io(e.to_string()))
    }

    async fn last_insert_rowid_async(
        accessor: &Accessor<T, Self>,
        handle: Resource<ConnectionHandle>,
    ) -> wasmtime::Result<i64> {
        let session = accessor.with(|mut access| access.get().database_session(&handle))?;
        Ok(session.last_insert_rowid().await)
    }

    async fn changes_async(
        accessor: &Accessor<T, Self>,
        handle: Resource<ConnectionHandle>,
    ) -> wasmtime::Result<u64> {
        let session = accessor.with(|mut access| access.get().database_session(&handle))?;
        Ok(session.changes().await)
    }
}

fn stream<T: Send>(
    mut access: Access<'_, T, HasSelf<State>>,
    answer: Answer,
) -> wasmtime::Result<Streamed> {
    let outcome = answer.error.map_or(Ok(()), Err);
    let rows = StreamReader::new(&mut access, answer.rows)?;
    let end = FutureReader::new(&mut access, async move { wasmtime::error::Ok(outcome) })?;
    Ok((answer.columns, rows, end))
}
