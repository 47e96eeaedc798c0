//! Starts the application, and stops it.

use std::{
    collections::HashMap,
    fs::{File, TryLockError},
    net::SocketAddr,
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::BodyExt;
use tokio::{
    net::TcpListener,
    sync::{Semaphore, watch},
    task::JoinHandle,
};

use crate::{
    CallError, Options, StartError,
    app::{App, Origin},
    http::{body::full, inbound::Inbound, listener},
    load::{self, Prepared},
};

/// A running application.
pub struct Server {
    app: Arc<App>,
    info: AppInfo,
    addr: SocketAddr,
    places: Arc<Semaphore>,
    stop: watch::Sender<bool>,
    serving: JoinHandle<()>,
    _closing: Closing,
    /// Keeps other processes off the data folder.
    _lock: File,
}

/// Also a server that is dropped takes its instances with it, and that is no failure of theirs.
struct Closing(Arc<App>);

impl Drop for Closing {
    fn drop(&mut self) {
        self.0.start_draining();
    }
}

/// What is served.
#[derive(Clone, Debug)]
pub struct AppInfo {
    /// The application's name.
    pub name: String,
    /// Its version, as the manifest has it.
    pub version: String,
    /// Its components.
    pub components: Vec<ComponentSummary>,
    /// What a person should know about the configuration.
    pub warnings: Vec<String>,
}

/// A component, for display.
#[derive(Clone, Debug)]
pub struct ComponentSummary {
    /// Its id.
    pub id: String,
    /// Its description.
    pub description: String,
    /// Its public routes, as the manifest has them.
    pub routes: Vec<String>,
}

impl Server {
    /// Loads the application and starts to serve it.
    pub async fn start(options: Options) -> Result<Self, StartError> {
        let lock = lock_data_dir(&options.data_dir)?;
        // Bound before anything is compiled: a port in use should be known at once.
        let listener = TcpListener::bind(options.listen)
            .await
            .map_err(|e| StartError::Listen {
                addr: options.listen,
                reason: e.to_string(),
            })?;
        let addr = listener.local_addr().map_err(|e| StartError::Listen {
            addr: options.listen,
            reason: e.to_string(),
        })?;
        let loading = tokio::task::spawn_blocking(move || load::application(&options));
        let Prepared { app, info, limits } = match loading.await {
            Ok(prepared) => prepared?,
            Err(panic) => return Err(StartError::Engine(panic.to_string())),
        };
        app.set_address(addr);
        for warning in &info.warnings {
            tracing::warn!("{warning}");
        }
        let places = Arc::new(Semaphore::new(limits.max_concurrent_requests));
        let inbound = Arc::new(Inbound {
            app: app.clone(),
            places: places.clone(),
        });
        let (stop, stopped) = watch::channel(false);
        let serving = tokio::spawn(listener::serve(listener, inbound, stopped));
        tracing::info!(%addr, app = info.name, components = info.components.len(), "serving");
        Ok(Self {
            _closing: Closing(app.clone()),
            app,
            info,
            addr,
            places,
            stop,
            serving,
            _lock: lock,
        })
    }

    /// Where it listens.
    pub fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// What it serves.
    pub fn app(&self) -> &AppInfo {
        &self.info
    }

    /// Calls a component as another component would, without a socket.
    pub async fn call(
        &self,
        component: &str,
        request: Request<Bytes>,
    ) -> Result<Response<Bytes>, CallError> {
        let mut request = request.map(full);
        if request.uri().authority().is_none() {
            let path = request.uri().path_and_query().map_or("/", |p| p.as_str());
            let uri = format!("http://{component}.spin.internal{path}");
            *request.uri_mut() = uri
                .parse()
                .map_err(|_| CallError::NoSuchComponent(component.to_owned()))?;
        }
        let (head, body) = self
            .app
            .invoke(component, request, Origin::Outside)
            .await?
            .into_parts();
        let body = body.collect().await.map_err(|e| CallError::Failed {
            component: component.to_owned(),
            reason: crate::error::one_line(e),
        })?;
        Ok(Response::from_parts(head, body.to_bytes()))
    }

    /// Serves until `signal` resolves, then shuts down.
    pub async fn run_until(self, signal: impl Future) {
        signal.await;
        self.shutdown().await;
    }

    /// Takes no new requests, lets those in flight finish, then waits for what components still do after their responses.
    /// All of it within the drain timeout.
    pub async fn shutdown(self) {
        let deadline = Instant::now() + self.app.limits.drain_timeout;
        tracing::info!("shutting down");
        self.app.start_draining();
        self.stop.send_replace(true);
        let all = u32::try_from(self.app.limits.max_concurrent_requests).unwrap_or(u32::MAX);
        let answered = async {
            _ = self.places.acquire_many(all).await;
            _ = self.serving.await;
        };
        let in_time = tokio::time::timeout_at(deadline.into(), answered)
            .await
            .is_ok();
        // A chain of steps could go on for ever: from here on, each component finishes what it is at.
        self.app.stop_chaining();
        while self.app.clock.busy() > 0 && Instant::now() < deadline {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        let left = self.app.clock.busy();
        if !in_time || left > 0 {
            tracing::warn!(
                instances = left,
                "drain timeout: unfinished work is abandoned"
            );
        }
    }
}

impl std::fmt::Debug for Server {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Server")
            .field("addr", &self.addr)
            .finish_non_exhaustive()
    }
}

fn lock_data_dir(folder: &Path) -> Result<File, StartError> {
    let error = |e: std::io::Error| StartError::DataDir {
        path: folder.to_owned(),
        reason: e.to_string(),
    };
    std::fs::create_dir_all(folder).map_err(error)?;
    let file = File::options()
        .write(true)
        .create(true)
        .truncate(false)
        .open(folder.join("lock"))
        .map_err(error)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(StartError::DataDirInUse {
            path: folder.to_owned(),
        }),
        Err(TryLockError::Error(e)) => Err(error(e)),
    }
}

/// Groups public routes by component.
pub(crate) fn routes_of(app: &crate::router::Router) -> HashMap<String, Vec<String>> {
    let mut out: HashMap<String, Vec<String>> = HashMap::new();
    for entry in app.entries() {
        if let crate::manifest::Target::Component(id) = &entry.target {
            out.entry(id.clone()).or_default().push(entry.raw.clone());
        }
    }
    out
}
