//! `spin:key-value@3.0.0`.

mod embedded;
mod redis;

use std::{future::Future, pin::Pin, sync::Arc};

use wasmtime::component::{Accessor, FutureReader, HasSelf, Resource, StreamReader};

pub(crate) use self::{embedded::Embedded, redis::Redis};
use crate::{
    bindings::spin::key_value::key_value::{Error, Host, HostStore, HostStoreWithStore},
    state::State,
};

pub(crate) type Answer<'a, T> = Pin<Box<dyn Future<Output = Result<T, Error>> + Send + 'a>>;

/// Where a store keeps its values.
pub(crate) trait Backend: Send + Sync {
    fn get<'a>(&'a self, key: &'a str) -> Answer<'a, Option<Vec<u8>>>;
    fn set<'a>(&'a self, key: &'a str, value: Vec<u8>) -> Answer<'a, ()>;
    fn delete<'a>(&'a self, key: &'a str) -> Answer<'a, ()>;
    fn exists<'a>(&'a self, key: &'a str) -> Answer<'a, bool>;
    fn keys(&self) -> Answer<'_, Vec<String>>;
}

/// A guest's handle.
#[derive(Clone)]
#[allow(unreachable_pub, reason = "the bindings export it")]
pub struct StoreHandle(Arc<dyn Backend>);

type Keys = (StreamReader<String>, FutureReader<Result<(), Error>>);

impl State {
    fn open_store(&mut self, label: &str) -> Result<Resource<StoreHandle>, Error> {
        if !self.component.key_value_stores.contains(label) {
            return Err(Error::AccessDenied);
        }
        let backend = self
            .services
            .key_value
            .get(label)
            .ok_or(Error::NoSuchStore)?;
        self.table
            .push(StoreHandle(backend.clone()))
            .map_err(|_| Error::StoreTableFull)
    }
}

fn backend<T: Send>(
    accessor: &Accessor<T, HasSelf<State>>,
    handle: &Resource<StoreHandle>,
) -> Result<Arc<dyn Backend>, Error> {
    accessor.with(|mut access| {
        let state = access.get();
        state
            .table
            .get(handle)
            .map(|handle| handle.0.clone())
            .map_err(|e| Error::Other(e.to_string()))
    })
}

impl Host for State {
    fn convert_error(&mut self, error: Error) -> wasmtime::Result<Error> {
        Ok(error)
    }
}

impl HostStore for State {
    async fn drop(&mut self, handle: Resource<StoreHandle>) -> wasmtime::Result<()> {
        self.table.delete(handle)?;
        Ok(())
    }
}

impl<T: Send> HostStoreWithStore<T> for HasSelf<State> {
    async fn open(
        accessor: &Accessor<T, Self>,
        label: String,
    ) -> Result<Resource<StoreHandle>, Error> {
        accessor.with(|mut access| access.get().open_store(&label))
    }

    async fn get(
        accessor: &Accessor<T, Self>,
        handle: Resource<StoreHandle>,
        key: String,
    ) -> Result<Option<Vec<u8>>, Error> {
        backend(accessor, &handle)?.get(&key).await
    }

    async fn set(
        accessor: &Accessor<T, Self>,
        handle: Resource<StoreHandle>,
        key: String,
        value: Vec<u8>,
    ) -> Result<(), Error> {
        backend(accessor, &handle)?.set(&key, value).await
    }

    async fn delete(
        accessor: &Accessor<T, Self>,
        handle: Resource<StoreHandle>,
        key: String,
    ) -> Result<(), Error> {
        backend(accessor, &handle)?.delete(&key).await
    }

    async fn exists(
        accessor: &Accessor<T, Self>,
        handle: Resource<StoreHandle>,
        key: String,
    ) -> Result<bool, Error> {
        backend(accessor, &handle)?.exists(&key).await
    }

    async fn get_keys(
        accessor: &Accessor<T, Self>,
        handle: Resource<StoreHandle>,
    ) -> wasmtime::Result<Keys> {
        let result = match backend(accessor, &handle) {
            Ok(backend) => backend.keys().await,
            Err(error) => Err(error),
        };
        let (keys, outcome) = match result {
            Ok(keys) => (keys, Ok(())),
            Err(error) => (Vec::new(), Err(error)),
        };
        accessor.with(|mut access| {
            let keys = StreamReader::new(&mut access, keys)?;
            let end = FutureReader::new(&mut access, async move { wasmtime::error::Ok(outcome) })?;
            Ok((keys, end))
        })
    }
}
