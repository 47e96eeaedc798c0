//! What the caller decides: where things are, how much of them, and which networks may be reached.

use std::{collections::BTreeMap, net::SocketAddr, path::PathBuf, time::Duration};

use crate::manifest::Bounds;

/// How to start a [`crate::Server`].
#[derive(Clone, Debug)]
pub struct Options {
    /// The application manifest, `spin.toml` version 2.
    pub manifest: PathBuf,
    /// Where a component's `source` is resolved. Default: the manifest's folder.
    pub component_dir: Option<PathBuf>,
    /// Holds `sqlite_db.db`, `sqlite_key_value.db`, the lock file and, unless `cache_dir` says otherwise, compiled code.
    pub data_dir: PathBuf,
    /// Compiled components. Default: `aot` in the data folder.
    pub cache_dir: Option<PathBuf>,
    /// Where to listen; port 0 takes any free port.
    pub listen: SocketAddr,
    /// Spin's runtime configuration, a subset (see [`crate::runtime_config`]).
    pub runtime_config: Option<PathBuf>,
    /// Values of application variables. They win over `SPIN_VARIABLE_<NAME>` and over the manifest's defaults.
    pub variables: BTreeMap<String, String>,
    /// Bounds on what requests may take.
    pub limits: Limits,
    /// Which networks components may reach.
    pub networks: Networks,
}

impl Options {
    /// Options with every default: listens on `127.0.0.1:3000`.
    pub fn new(manifest: impl Into<PathBuf>, data_dir: impl Into<PathBuf>) -> Self {
        Self {
            manifest: manifest.into(),
            component_dir: None,
            data_dir: data_dir.into(),
            cache_dir: None,
            listen: SocketAddr::from(([127, 0, 0, 1], 3000)),
            runtime_config: None,
            variables: BTreeMap::new(),
            limits: Limits::default(),
            networks: Networks::default(),
        }
    }

    /// Where compiled components are kept.
    pub fn cache_dir(&self) -> PathBuf {
        self.cache_dir
            .clone()
            .unwrap_or_else(|| self.data_dir.join("aot"))
    }
}

/// Bounds on what requests may take.
#[derive(Clone, Debug)]
pub struct Limits {
    /// Requests from outside that are served at the same time; the next one is answered 503 with `Retry-After`.
    pub max_concurrent_requests: usize,
    /// A request without a response after this long is answered 504, and its instance is discarded.
    pub request_timeout: Duration,
    /// How long a component may work on after its last response.
    pub background_timeout: Duration,
    /// A connection that has not sent its request's head after this long is closed.
    pub header_timeout: Duration,
    /// Largest request body, in bytes; 413 beyond it.
    pub max_body_bytes: u64,
    /// Largest linear memory of one instance, in bytes.
    pub max_memory_bytes: usize,
    /// How long a shutdown waits for work in flight.
    pub drain_timeout: Duration,
    /// Instances alive at the same time, all components together.
    pub max_instances: u32,
    /// Requests that one instance serves before it is replaced.
    pub instance_requests: usize,
    /// Requests that one instance serves at the same time.
    pub instance_concurrency: usize,
    /// How long an instance is kept without work.
    pub instance_idle: Duration,
}

impl Limits {
    /// Those of a component that may take less.
    pub(crate) fn within(&self, bounds: &Bounds) -> Self {
        let mut limits = self.clone();
        if let Some(bytes) = bounds.memory_bytes {
            limits.max_memory_bytes = limits.max_memory_bytes.min(bytes);
        }
        if let Some(timeout) = bounds.timeout {
            limits.request_timeout = limits.request_timeout.min(timeout);
            // Whoever bounds an answer wants no work after it either.
            limits.background_timeout = limits.background_timeout.min(timeout);
        }
        if bounds.single_use {
            limits.instance_requests = 1;
            limits.instance_concurrency = 1;
        }
        limits
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            max_concurrent_requests: 1024,
            request_timeout: Duration::from_secs(120),
            background_timeout: Duration::from_secs(900),
            header_timeout: Duration::from_secs(30),
            max_body_bytes: 32 << 20,
            max_memory_bytes: 512 << 20,
            drain_timeout: Duration::from_secs(10),
            max_instances: 1000,
            // Reuse is worth a factor of four in throughput; replacing an instance now and then bounds what a leak costs.
            instance_requests: 2048,
            instance_concurrency: 128,
            instance_idle: Duration::from_secs(5),
        }
    }
}

/// Which networks components may reach. The manifest's `allowed_outbound_hosts` applies in any case.
#[derive(Clone, Debug, Default)]
pub struct Networks {
    /// Refuse addresses that are not globally routable: private, loopback, link-local.
    pub block_private: bool,
    /// Further networks to refuse, as CIDR.
    pub blocked: Vec<String>,
    /// Allowed although blocked: `host:port` as the component writes it, or a CIDR that the resolved address is in.
    pub exceptions: Vec<String>,
}
