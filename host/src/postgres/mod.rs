//! `spin:postgres@4.2.0`.

#![allow(
    clippy::result_large_err,
    reason = "the interface's error is what its functions return"
)]

mod convert;
mod pool;
mod query;

use std::sync::Arc;

use wasmtime::component::{Accessor, FutureReader, HasSelf, Resource, StreamReader};

pub(crate) use self::pool::Pools;
use self::{
    pool::Session,
    query::{Rows, execute, query},
};
use crate::{
    bindings::spin::postgres::postgres::{
        Column, Error, Host, HostConnection, HostConnectionBuilder, HostConnectionBuilderWithStore,
        HostConnectionWithStore, ParameterValue, Row, RowSet,
    },
    state::State,
};

/// A guest's handle.
#[derive(Clone)]
#[allow(unreachable_pub, reason = "the bindings export it")]
pub struct ConnectionHandle(Arc<Session>);

/// A guest's connection in the making.
#[derive(Clone)]
#[allow(unreachable_pub, reason = "the bindings export it")]
pub struct BuilderHandle {
    address: String,
    ca_root: Option<String>,
}

type Streamed = (
    Vec<Column>,
    StreamReader<Row>,
    FutureReader<Result<(), Error>>,
);

/// What opening needs, apart from the store.
struct Opening {
    state: (Arc<crate::app::ComponentInfo>, Arc<crate::app::Services>),
    address: String,
    ca_root: Option<String>,
}

impl Opening {
    async fn open(self) -> Result<ConnectionHandle, Error> {
        let (component, services) = self.state;
        let session = services
            .postgres
            .open(&component, &self.address, self.ca_root.as_deref())
            .await?;
        Ok(ConnectionHandle(Arc::new(session)))
    }
}

impl State {
    fn opening(&self, address: String, ca_root: Option<String>) -> Opening {
        Opening {
            state: (self.component.clone(), self.services.clone()),
            address,
            ca_root,
        }
    }

    fn push_postgres(
        &mut self,
        handle: ConnectionHandle,
    ) -> Result<Resource<ConnectionHandle>, Error> {
        self.table
            .push(handle)
            .map_err(|e| Error::Other(e.to_string()))
    }

    fn postgres_session(&self, handle: &Resource<ConnectionHandle>) -> Result<Arc<Session>, Error> {
        self.table
            .get(handle)
            .map(|h| h.0.clone())
            .map_err(|e| Error::Other(e.to_string()))
    }

    fn postgres_builder(&self, handle: &Resource<BuilderHandle>) -> Result<BuilderHandle, Error> {
        self.table
            .get(handle)
            .cloned()
            .map_err(|e| Error::Other(e.to_string()))
    }
}

impl Host for State {
    fn convert_error(&mut self, error: Error) -> wasmtime::Result<Error> {
        Ok(error)
    }
}

impl HostConnectionBuilder for State {
    async fn new(&mut self, address: String) -> wasmtime::Result<Resource<BuilderHandle>> {
        Ok(self.table.push(BuilderHandle {
            address,
            ca_root: None,
        })?)
    }

    async fn set_ca_root(
        &mut self,
        handle: Resource<BuilderHandle>,
        certificate: String,
    ) -> Result<(), Error> {
        let builder = self
            .table
            .get_mut(&handle)
            .map_err(|e| Error::Other(e.to_string()))?;
        builder.ca_root = Some(certificate);
        Ok(())
    }

    async fn build(
        &mut self,
        handle: Resource<BuilderHandle>,
    ) -> Result<Resource<ConnectionHandle>, Error> {
        let builder = self.postgres_builder(&handle)?;
        let opened = self
            .opening(builder.address, builder.ca_root)
            .open()
            .await?;
        self.push_postgres(opened)
    }

    async fn drop(&mut self, handle: Resource<BuilderHandle>) -> wasmtime::Result<()> {
        self.table.delete(handle)?;
        Ok(())
    }
}

impl<T: Send> HostConnectionBuilderWithStore<T> for HasSelf<State> {
    async fn build_async(
        accessor: &Accessor<T, Self>,
        handle: Resource<BuilderHandle>,
    ) -> Result<Resource<ConnectionHandle>, Error> {
        let opening = accessor.with(|mut access| {
            let state = access.get();
            let builder = state.postgres_builder(&handle)?;
            Ok::<_, Error>(state.opening(builder.address, builder.ca_root))
        })?;
        let opened = opening.open().await?;
        accessor.with(|mut access| access.get().push_postgres(opened))
    }
}

impl HostConnection for State {
    async fn open(&mut self, address: String) -> Result<Resource<ConnectionHandle>, Error> {
        let opened = self.opening(address, None).open().await?;
        self.push_postgres(opened)
    }

    async fn query(
        &mut self,
        handle: Resource<ConnectionHandle>,
        statement: String,
        parameters: Vec<ParameterValue>,
    ) -> Result<RowSet, Error> {
        let Rows {
            columns,
            rows,
            error,
        } = query(&*self.postgres_session(&handle)?, &statement, &parameters).await?;
        error.map_or(Ok(RowSet { columns, rows }), Err)
    }

    async fn execute(
        &mut self,
        handle: Resource<ConnectionHandle>,
        statement: String,
        parameters: Vec<ParameterValue>,
    ) -> Result<u64, Error> {
        execute(&*self.postgres_session(&handle)?, &statement, &parameters).await
    }

    async fn drop(&mut self, handle: Resource<ConnectionHandle>) -> wasmtime::Result<()> {
        self.table.delete(handle)?;
        Ok(())
    }
}

impl<T: Send> HostConnectionWithStore<T> for HasSelf<State> {
    async fn open_async(
        accessor: &Accessor<T, Self>,
        address: String,
    ) -> Result<Resource<ConnectionHandle>, Error> {
        let opened = accessor
            .with(|mut access| access.get().opening(address, None))
            .open()
            .await?;
        accessor.with(|mut access| access.get().push_postgres(opened))
    }

    async fn query_async(
        accessor: &Accessor<T, Self>,
        handle: Resource<ConnectionHandle>,
        statement: String,
        parameters: Vec<ParameterValue>,
    ) -> Result<Streamed, Error> {
        let session = accessor.with(|mut access| access.get().postgres_session(&handle))?;
        let Rows {
            columns,
            rows,
            error,
        } = query(&session, &statement, &parameters).await?;
        let outcome = error.map_or(Ok(()), Err);
        accessor
            .with(|mut access| {
                let rows = StreamReader::new(&mut access, rows)?;
                let end =
                    FutureReader::new(&mut access, async move { wasmtime::error::Ok(outcome) })?;
                wasmtime::error::Ok((columns, rows, end))
            })
            .map_err(|e| Error::Other(e.to_string()))
    }

    async fn execute_async(
        accessor: &Accessor<T, Self>,
        handle: Resource<ConnectionHandle>,
        statement: String,
        parameters: Vec<ParameterValue>,
    ) -> Result<u64, Error> {
        let session = accessor.with(|mut access| access.get().postgres_session(&handle))?;
        execute(&session, &statement, &parameters).await
    }
}
