//! Connections to Postgres, pooled by address.
//!
//! A guest's connection is one client of the pool for as long as the guest holds it. A guest may go in the middle of a
//! transaction: so the client is rolled back both when it comes back, to release its locks, and before it is lent again.

use std::{
    collections::HashMap,
    future::Future,
    pin::Pin,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
};

use deadpool_postgres::{
    Connect, Manager, ManagerConfig, Object, Pool, PoolError, RecyclingMethod,
};
use rustls::pki_types::{CertificateDer, pem::PemObject};
use tokio::task::JoinHandle;
use tokio_postgres::{
    Client, Config, NoTls,
    config::{Host, SslMode},
    tls::MakeTlsConnect,
};
use tokio_postgres_rustls::MakeRustlsConnect;

use crate::{
    app::ComponentInfo,
    bindings::spin::postgres::postgres::Error,
    outbound::{Connector, NetworkPolicy},
};

/// Clients to one address.
const POOL_SIZE: usize = 64;
/// Addresses; beyond it, unused pools are closed.
const MAX_POOLS: usize = 16;
const WAIT: std::time::Duration = std::time::Duration::from_secs(30);
/// Makes a client as good as new: what one guest has set, another must not find.
const CLEAN: &str = "ROLLBACK; SET SESSION AUTHORIZATION DEFAULT; RESET ALL; CLOSE ALL; UNLISTEN *;
    SELECT pg_advisory_unlock_all(); DISCARD TEMP; DISCARD SEQUENCES";

/// All pools.
pub(crate) struct Pools {
    connector: Connector,
    pools: Mutex<HashMap<(String, Option<String>), Lent>>,
}

#[derive(Clone)]
struct Lent {
    pool: Pool,
    last_error: Arc<Mutex<Option<String>>>,
}

/// A guest's connection.
pub(crate) struct Session {
    client: Option<Object>,
    /// A transaction may be open.
    in_transaction: AtomicBool,
}

impl Pools {
    pub(crate) fn new(policy: NetworkPolicy) -> Self {
        Self {
            connector: Connector { policy },
            pools: Mutex::default(),
        }
    }

    pub(crate) async fn open(
        &self,
        component: &ComponentInfo,
        address: &str,
        ca_root: Option<&str>,
    ) -> Result<Session, Error> {
        // The parser's message repeats the address, which holds the password.
        let config: Config = address.parse().map_err(|_| {
            Error::ConnectionFailed("the address is not a Postgres connection string".into())
        })?;
        check(component, &config)?;
        let lent = self.pool(address, ca_root, config)?;
        let client = lent.pool.get().await.map_err(|error| {
            let reason = lent
                .last_error
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .take();
            Error::ConnectionFailed(match (error, reason) {
                (PoolError::Timeout(_), _) => "no connection became free in time".to_owned(),
                (_, Some(reason)) => reason,
                (error, None) => crate::error::one_line(error),
            })
        })?;
        Ok(Session {
            client: Some(client),
            in_transaction: AtomicBool::new(false),
        })
    }

    fn pool(&self, address: &str, ca_root: Option<&str>, config: Config) -> Result<Lent, Error> {
        let key = (address.to_owned(), ca_root.map(ToOwned::to_owned));
        let mut pools = self.pools.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(pool) = pools.get(&key) {
            return Ok(pool.clone());
        }
        if pools.len() >= MAX_POOLS {
            pools.retain(|_, lent| lent.pool.status().available < lent.pool.status().size);
        }
        let last_error = Arc::<Mutex<Option<String>>>::default();
        let dialer = Dialer {
            connector: self.connector.clone(),
            tls: (config.get_ssl_mode() != SslMode::Disable)
                .then(|| tls(ca_root))
                .transpose()?,
            last_error: last_error.clone(),
        };
        let settings = ManagerConfig {
            recycling_method: RecyclingMethod::Custom(CLEAN.into()),
        };
        let pool = Pool::builder(Manager::from_connect(config, dialer, settings))
            .max_size(POOL_SIZE)
            .runtime(deadpool_postgres::Runtime::Tokio1)
            .wait_timeout(Some(WAIT))
            .build()
            .map_err(|e| Error::Other(e.to_string()))?;
        let lent = Lent { pool, last_error };
        pools.insert(key, lent.clone());
        Ok(lent)
    }
}

/// The allow-list speaks of hosts and ports; an address that goes around them is refused.
fn check(component: &ComponentInfo, config: &Config) -> Result<(), Error> {
    let denied = |what: &str| {
        tracing::warn!(component = %component.id, host = what, "Postgres address denied: not in allowed_outbound_hosts");
        Error::ConnectionFailed(format!("address {what} is not permitted"))
    };
    if !config.get_hostaddrs().is_empty() {
        return Err(denied("hostaddr"));
    }
    if config.get_hosts().is_empty() {
        return Err(denied("without host"));
    }
    for (index, host) in config.get_hosts().iter().enumerate() {
        let Host::Tcp(host) = host else {
            return Err(denied("unix socket"));
        };
        let port = port(config, index);
        if !component
            .allowed_hosts
            .allows_parts("postgres", host, Some(port))
        {
            return Err(denied(&format!("{host}:{port}")));
        }
    }
    Ok(())
}

fn port(config: &Config, index: usize) -> u16 {
    let ports = config.get_ports();
    ports
        .get(index)
        .or_else(|| ports.first())
        .copied()
        .unwrap_or(5432)
}

fn tls(ca_root: Option<&str>) -> Result<MakeRustlsConnect, Error> {
    let bad = |e: String| Error::ConnectionFailed(format!("root certificate: {e}"));
    let mut roots = rustls::RootCertStore {
        roots: webpki_roots::TLS_SERVER_ROOTS.to_vec(),
    };
    if let Some(pem) = ca_root {
        for certificate in CertificateDer::pem_slice_iter(pem.as_bytes()) {
            let certificate = certificate.map_err(|e| bad(e.to_string()))?;
            roots.add(certificate).map_err(|e| bad(e.to_string()))?;
        }
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|e| bad(e.to_string()))?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(MakeRustlsConnect::new(config))
}

/// Connects by way of the network policy.
struct Dialer {
    connector: Connector,
    tls: Option<MakeRustlsConnect>,
    /// Why the last attempt failed: the driver's error type cannot say it.
    last_error: Arc<Mutex<Option<String>>>,
}

type Connected = Result<(Client, JoinHandle<()>), tokio_postgres::Error>;

impl Connect for Dialer {
    fn connect(&self, config: &Config) -> Pin<Box<dyn Future<Output = Connected> + Send + '_>> {
        let config = config.clone();
        Box::pin(async move {
            for (index, host) in config.get_hosts().iter().enumerate() {
                let Host::Tcp(host) = host else { continue };
                let stream = match self.connector.connect(host, port(&config, index)).await {
                    Ok(stream) => stream,
                    Err(error) => {
                        *self
                            .last_error
                            .lock()
                            .unwrap_or_else(PoisonError::into_inner) = Some(error.to_string());
                        continue;
                    }
                };
                return match &self.tls {
                    None => {
                        let (client, connection) = config.connect_raw(stream, NoTls).await?;
                        Ok((client, drive(connection)))
                    }
                    Some(tls) => {
                        let mut tls = tls.clone();
                        let Ok(tls) = MakeTlsConnect::<tokio::net::TcpStream>::make_tls_connect(
                            &mut tls, host,
                        );
                        let (client, connection) = config.connect_raw(stream, tls).await?;
                        Ok((client, drive(connection)))
                    }
                };
            }
            // An error of the driver's type, of which it offers no constructor. `last_error` has the reason.
            Err(tokio_postgres::Error::__private_api_timeout())
        })
    }
}

fn drive<C>(connection: C) -> JoinHandle<()>
where
    C: Future<Output = Result<(), tokio_postgres::Error>> + Send + 'static,
{
    tokio::spawn(async move {
        if let Err(error) = connection.await {
            tracing::debug!(%error, "Postgres connection ended");
        }
    })
}

impl Session {
    pub(super) fn client(&self) -> Result<&Object, Error> {
        self.client
            .as_ref()
            .ok_or_else(|| Error::Other("the connection is closed".into()))
    }

    /// Notes whether `statement` may leave a transaction open.
    pub(super) fn note(&self, statement: &str) {
        let word: String = statement
            .trim_start()
            .chars()
            .take_while(char::is_ascii_alphabetic)
            .collect();
        match word.to_ascii_uppercase().as_str() {
            "SELECT" | "INSERT" | "UPDATE" | "DELETE" | "WITH" | "SAVEPOINT" => {}
            _ => self.in_transaction.store(true, Relaxed),
        }
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        let Some(client) = self.client.take() else {
            return;
        };
        if !self.in_transaction.load(Relaxed) {
            return;
        }
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            runtime.spawn(async move {
                if client.batch_execute("ROLLBACK").await.is_err() {
                    // Not one to lend again.
                    drop(Object::take(client));
                }
            });
        }
    }
}
