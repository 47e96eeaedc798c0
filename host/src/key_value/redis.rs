//! Key-value stores in Redis. As in Spin, keys are used as they are: two labels on one URL are one store.

use redis::{AsyncCommands, Client, aio::ConnectionManager};
use tokio::sync::OnceCell;

use super::{Answer, Backend, Error};

/// A Redis server, connected to at the first use.
pub(crate) struct Redis {
    client: Client,
    connection: OnceCell<ConnectionManager>,
}

impl Redis {
    pub(crate) fn new(url: &str) -> Result<Self, redis::RedisError> {
        Ok(Self {
            client: Client::open(url)?,
            connection: OnceCell::new(),
        })
    }

    async fn connection(&self) -> Result<ConnectionManager, Error> {
        self.connection
            .get_or_try_init(|| self.client.get_connection_manager())
            .await
            .cloned()
            .map_err(other)
    }
}

impl Backend for Redis {
    fn get<'a>(&'a self, key: &'a str) -> Answer<'a, Option<Vec<u8>>> {
        Box::pin(async move { self.connection().await?.get(key).await.map_err(other) })
    }

    fn set<'a>(&'a self, key: &'a str, value: Vec<u8>) -> Answer<'a, ()> {
        Box::pin(async move {
            self.connection()
                .await?
                .set(key, value)
                .await
                .map_err(other)
        })
    }

    fn delete<'a>(&'a self, key: &'a str) -> Answer<'a, ()> {
        Box::pin(async move { self.connection().await?.del(key).await.map_err(other) })
    }

    fn exists<'a>(&'a self, key: &'a str) -> Answer<'a, bool> {
        Box::pin(async move { self.connection().await?.exists(key).await.map_err(other) })
    }

    fn keys(&self) -> Answer<'_, Vec<String>> {
        Box::pin(async move {
            // SCAN rather than KEYS: it does not stop the server.
            let mut connection = self.connection().await?;
            let mut found = Vec::new();
            let mut keys = connection.scan::<String>().await.map_err(other)?;
            while let Some(key) = keys.next_item().await {
                found.push(key.map_err(other)?);
            }
            drop(keys);
            found.sort_unstable();
            found.dedup();
            Ok(found)
        })
    }
}

/// The address may hold a password, and the driver's message may hold the address: only the kind is passed on.
fn other(error: redis::RedisError) -> Error {
    tracing::warn!(kind = error.category(), "redis");
    Error::Other(format!("redis: {}", error.category()))
}
