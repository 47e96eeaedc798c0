//! The platform within this process: the embedded engine, started with what the application needs to know.
//!
//! This is the only file that knows the engine's interface.

use crate::commands::blocking;
use crate::problem::Problem;
use crate::secrets::Credentials;
use crate::settings::Settings;
use crate::{code, files, logs, manifest, networks, sign};
use anyhow::{Result, anyhow, bail};
use assay_host::{Options, Server};
use bytes::Bytes;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use tokio::task::JoinHandle;

/// How often what a crash dropped is looked for.
const SWEEP: Duration = Duration::from_secs(5);

/// How to start.
#[derive(Debug, Clone)]
pub(crate) struct Launch {
    /// The manifest; searched for when absent.
    pub(crate) manifest: Option<PathBuf>,
    /// Holds everything that outlives the process.
    pub(crate) data_dir: PathBuf,
    /// Where compiled components are kept; within the data folder when absent.
    pub(crate) cache_dir: Option<PathBuf>,
    /// Where to listen; port 0 takes a free one.
    pub(crate) listen: SocketAddr,
    /// Spin's runtime configuration.
    pub(crate) runtime_config: Option<PathBuf>,
    /// The address that others know it by; from `listen` when absent.
    pub(crate) public_url: Option<String>,
    /// Whether agents and models may be anywhere on private networks.
    pub(crate) allow_private_targets: bool,
    /// When to make a link that signs the owner in.
    pub(crate) sign_in_link: SignInLink,
}

/// When a start makes a one-time link that signs the owner in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SignInLink {
    /// Never.
    Never,
    /// Where nobody configured the owner, until the owner has signed in for the first time.
    First,
    /// In any case.
    Always,
}

/// A platform that serves.
pub(crate) struct Platform {
    server: Arc<Server>,
    sweeper: JoinHandle<()>,
    /// Its address for this machine.
    pub(crate) url: String,
    /// The address that others know it by.
    pub(crate) public_url: String,
    /// The key pair of the first workspace; `None` when another one was given out before, which is not known here.
    pub(crate) credentials: Option<Credentials>,
    /// Whether the key pair came from the environment.
    pub(crate) given: bool,
    /// Whether all data rests in the data folder.
    pub(crate) embedded: bool,
    /// Signs the owner in, once.
    pub(crate) sign_in: Option<String>,
    /// What was encrypted with an older key when it started.
    pub(crate) resealed: Resealed,
}

impl Platform {
    /// Starts the engine and brings the application up.
    ///
    /// # Errors
    /// One line that says what keeps it from starting.
    pub(crate) async fn start(launch: &Launch) -> Result<Self> {
        let manifest = manifest::find(launch.manifest.as_deref())?;
        files::data_dir(&launch.data_dir)?;
        files::writable(&launch.data_dir)?;
        let settings = Settings::load(&launch.data_dir, |name| std::env::var(name).ok())?;
        let listen = settle(launch.listen)?;
        let url = format!("http://{}", reachable(listen));
        let public_url = launch.public_url.clone().unwrap_or_else(|| url.clone());
        let mut options = Options::new(manifest, &launch.data_dir);
        options.listen = listen;
        options.cache_dir.clone_from(&launch.cache_dir);
        options.runtime_config.clone_from(&launch.runtime_config);
        options.variables = settings.variables;
        options.variables.insert(
            "public_url".to_owned(),
            public_url.trim_end_matches('/').to_owned(),
        );
        options.networks = networks::policy(
            &options.variables,
            launch.allow_private_targets,
            listen.ip().is_loopback(),
        );
        let targets = match (launch.allow_private_targets, listen.ip().is_loopback()) {
            (true, _) => "all",
            (false, true) => "loopback",
            (false, false) => "",
        };
        options
            .variables
            .insert("allow_private_targets".to_owned(), targets.to_owned());
        let options = blocking(move || code::prepare(&options).map(|()| options)).await?;
        let server = Arc::new(Server::start(options).await?);
        let link = match launch.sign_in_link {
            SignInLink::Always => "always",
            // Logs of a start without a person are kept, and read by others than the owner.
            SignInLink::First if !settings.given => "first",
            SignInLink::First | SignInLink::Never => "never",
        };
        let boot = serde_json::json!({ "exclusive": settings.embedded, "sign_in_link": link });
        let booted = call(
            &server,
            &settings.internal_key,
            "identity",
            "/internal/boot",
            boot.to_string(),
        )
        .await;
        let booted: Booted = match booted.and_then(|body| Ok(serde_json::from_slice(&body)?)) {
            Ok(booted) => booted,
            Err(e) => {
                stop(server).await;
                return Err(e);
            }
        };
        // A key pair that was made just now, for an installation that has its owner already, opens nothing.
        let useless = settings.fresh && !booted.first_start;
        if useless {
            Credentials::forget(&launch.data_dir);
        }
        logs::release();
        let sweeper = tokio::spawn(sweep(Arc::clone(&server), settings.internal_key));
        let base = public_url.trim_end_matches('/');
        let sign_in = booted.sign_in_path.map(|path| format!("{base}{path}"));
        Ok(Self {
            server,
            sweeper,
            url,
            public_url,
            sign_in,
            resealed: booted.resealed,
            credentials: (!useless).then_some(settings.credentials),
            given: settings.given,
            embedded: settings.embedded,
        })
    }

    /// Ends what is under way and stops.
    pub(crate) async fn shutdown(self) {
        self.sweeper.abort();
        let _ = self.sweeper.await;
        stop(self.server).await;
    }
}

/// Stops the engine. Nobody else holds it any more: the sweeper has ended.
async fn stop(server: Arc<Server>) {
    if let Some(server) = Arc::into_inner(server) {
        server.shutdown().await;
    }
}

/// What `identity` answers at the start.
#[derive(serde::Deserialize)]
struct Booted {
    /// Whether the first owner was made by this very start.
    first_start: bool,
    /// The path of the owner's sign-in link.
    sign_in_path: Option<String>,
    /// What came of several encryption keys.
    resealed: Resealed,
}

/// What was encrypted with an older key.
#[derive(Debug, Clone, Copy, serde::Deserialize)]
pub(crate) struct Resealed {
    /// Secrets that the first key encrypts now.
    pub(crate) done: u64,
    /// Secrets that no key decrypts.
    pub(crate) unreadable: u64,
}

/// Calls a component in the platform's own name.
async fn call(
    server: &Server,
    key: &str,
    component: &str,
    path: &str,
    body: String,
) -> Result<Bytes> {
    let request = http::Request::post(path)
        .header("content-type", "application/json")
        .header(
            sign::HEADER,
            sign::sign(key, component, path, body.as_bytes())?,
        )
        .body(Bytes::from(body))?;
    let response = server
        .call(component, request)
        .await
        .map_err(|e| anyhow!("{e}"))?;
    let status = response.status();
    if !status.is_success() {
        let problem = Problem::of(status.as_u16(), response.body());
        bail!(
            "{}",
            Problem {
                request_id: None,
                ..problem
            }
        );
    }
    Ok(response.into_body())
}

/// Looks now and then for what a crash dropped. A fault is told once, not at every turn.
async fn sweep(server: Arc<Server>, key: String) {
    let mut healthy = true;
    // The start has swept already.
    let mut interval = tokio::time::interval_at(tokio::time::Instant::now() + SWEEP, SWEEP);
    interval.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        interval.tick().await;
        match call(
            &server,
            &key,
            "orchestrator",
            "/internal/sweep",
            "{}".to_owned(),
        )
        .await
        {
            Ok(_) => healthy = true,
            Err(e) if healthy => {
                tracing::warn!(error = %e, "campaigns are not swept");
                healthy = false;
            }
            Err(e) => tracing::debug!(error = %e, "campaigns are still not swept"),
        }
    }
}

/// An address with a port of its own: the application is told its address before it listens, and a port in use should be
/// known before anything is compiled.
fn settle(listen: SocketAddr) -> Result<SocketAddr> {
    match TcpListener::bind(listen).and_then(|listener| listener.local_addr()) {
        Ok(addr) => Ok(addr),
        Err(e) => bail!("cannot listen on {listen}: {}", files::plain(&e)),
    }
}

/// Where this machine reaches a server that listens on `addr`.
fn reachable(addr: SocketAddr) -> SocketAddr {
    let ip = match addr.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => IpAddr::V4(Ipv4Addr::LOCALHOST),
        IpAddr::V6(ip) if ip.is_unspecified() => IpAddr::V6(Ipv6Addr::LOCALHOST),
        ip => ip,
    };
    SocketAddr::new(ip, addr.port())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wildcard_is_reached_over_loopback() {
        assert_eq!(
            reachable("0.0.0.0:80".parse().unwrap()).to_string(),
            "127.0.0.1:80"
        );
        assert_eq!(
            reachable("[::]:80".parse().unwrap()).to_string(),
            "[::1]:80"
        );
        assert_eq!(
            reachable("10.0.0.1:80".parse().unwrap()).to_string(),
            "10.0.0.1:80"
        );
    }

    #[test]
    fn port_zero_becomes_a_port() {
        assert_ne!(settle("127.0.0.1:0".parse().unwrap()).unwrap().port(), 0);
        assert_eq!(
            settle("127.0.0.1:3210".parse().unwrap()).unwrap().port(),
            3210
        );
    }
}
