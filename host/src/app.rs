//! The application: its components, loaded, and the services they share.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    net::SocketAddr,
    sync::{
        Arc, OnceLock, Weak,
        atomic::{AtomicU8, Ordering},
    },
    time::{Duration, Instant},
};

use http::{Request, Response};
use wasmtime_wasi_http::{
    WasiBody,
    handler::{ExpirationError, InstantiationError, ProxyHandler, TrapOrPanicError},
};

use crate::{
    CallError, Limits,
    engine::Clock,
    http::headers::{self, Forwarded},
    key_value::Backend,
    manifest::Target,
    outbound::{AllowedHosts, Client},
    postgres::Pools,
    router::{Match, Router},
    sqlite::database::Database,
    worker::Factory,
};

/// What a component is and may do.
pub(crate) struct ComponentInfo {
    pub(crate) id: Arc<str>,
    pub(crate) key_value_stores: BTreeSet<String>,
    pub(crate) sqlite_databases: BTreeSet<String>,
    /// Not printed anywhere: may hold secrets.
    pub(crate) variables: BTreeMap<String, String>,
    pub(crate) environment: Vec<(String, String)>,
    pub(crate) allowed_hosts: AllowedHosts,
}

/// What all components share.
pub(crate) struct Services {
    pub(crate) key_value: HashMap<String, Arc<dyn Backend>>,
    pub(crate) sqlite: HashMap<String, Arc<Database>>,
    pub(crate) postgres: Pools,
    pub(crate) client: Client,
}

/// Where a call comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Origin {
    /// The network, or the caller of the library: one that is turned away may try again.
    Outside,
    /// Another component, which waits.
    Chained,
}

/// The running application.
pub(crate) struct App {
    pub(crate) name: String,
    pub(crate) version: String,
    pub(crate) router: Router,
    pub(crate) services: Arc<Services>,
    pub(crate) clock: Arc<Clock>,
    pub(crate) limits: Arc<Limits>,
    components: HashMap<Arc<str>, ProxyHandler<Factory>>,
    address: OnceLock<SocketAddr>,
    phase: AtomicU8,
}

const SERVING: u8 = 0;
const DRAINING: u8 = 1;
/// No request from outside is left: what components still do, they do without each other.
const CLOSING: u8 = 2;

impl App {
    pub(crate) fn new(
        name: String,
        version: String,
        router: Router,
        services: Arc<Services>,
        clock: Arc<Clock>,
        limits: Arc<Limits>,
        components: impl FnOnce(&Weak<App>) -> HashMap<Arc<str>, ProxyHandler<Factory>>,
    ) -> Arc<Self> {
        Arc::new_cyclic(|app| Self {
            name,
            version,
            router,
            services,
            clock,
            limits,
            components: components(app),
            address: OnceLock::new(),
            phase: AtomicU8::new(SERVING),
        })
    }

    pub(crate) fn set_address(&self, address: SocketAddr) {
        _ = self.address.set(address);
    }

    /// The host and port that the application listens on.
    pub(crate) fn authority(&self) -> String {
        self.address
            .get()
            .map_or_else(|| "localhost".to_owned(), SocketAddr::to_string)
    }

    pub(crate) fn is_draining(&self) -> bool {
        self.phase.load(Ordering::Relaxed) != SERVING
    }

    pub(crate) fn start_draining(&self) {
        self.phase.fetch_max(DRAINING, Ordering::Relaxed);
    }

    pub(crate) fn stop_chaining(&self) {
        self.phase.store(CLOSING, Ordering::Relaxed);
    }

    /// A component's request to the application itself, by its public routes.
    pub(crate) async fn route_internally(
        &self,
        mut request: Request<WasiBody>,
    ) -> Result<Response<WasiBody>, CallError> {
        let Some(found) = self.router.route(request.uri().path()) else {
            return Err(CallError::NoSuchComponent("self".into()));
        };
        let Target::Component(id) = &found.entry.target else {
            return Err(CallError::NoSuchComponent("self".into()));
        };
        headers::add(&mut request, &Forwarded::routed(&found, None));
        self.dispatch(id, request, Origin::Chained).await
    }

    /// A call to a component by its id, as if `/...` were its route.
    pub(crate) async fn invoke(
        &self,
        id: &str,
        mut request: Request<WasiBody>,
        origin: Origin,
    ) -> Result<Response<WasiBody>, CallError> {
        headers::add(&mut request, &Forwarded::chained());
        self.dispatch(id, request, origin).await
    }

    /// A request from outside that `found` matches.
    pub(crate) async fn serve(
        &self,
        id: &str,
        found: &Match,
        client: SocketAddr,
        mut request: Request<WasiBody>,
    ) -> Result<Response<WasiBody>, CallError> {
        headers::add(&mut request, &Forwarded::routed(found, Some(client)));
        self.dispatch(id, request, Origin::Outside).await
    }

    async fn dispatch(
        &self,
        id: &str,
        mut request: Request<WasiBody>,
        origin: Origin,
    ) -> Result<Response<WasiBody>, CallError> {
        let handler = self
            .components
            .get(id)
            .ok_or_else(|| CallError::NoSuchComponent(id.to_owned()))?;
        if self.phase.load(Ordering::Relaxed) == CLOSING {
            return Err(CallError::Draining);
        }
        let factory = handler.state();
        let deadline = Instant::now() + factory.limits.request_timeout;
        let _inside = factory
            .crowd
            .enter(factory.limits.instance_concurrency)
            .await;
        loop {
            let error = match handler.handle((), request).await {
                Ok(response) => return Ok(response),
                Err(error) => error,
            };
            // A guest that never pauses is stopped from outside, which looks like a trap.
            let stopped = error.is::<TrapOrPanicError>() && Instant::now() >= deadline;
            if stopped || error.is::<ExpirationError>() {
                return Err(CallError::Timeout(id.to_owned()));
            }
            let failed = match error.downcast::<InstantiationError<()>>() {
                Ok(failed) => failed,
                Err(error) => {
                    let reason = crate::error::one_line(format!("{error:#}"));
                    return Err(CallError::Failed {
                        component: id.to_owned(),
                        reason,
                    });
                }
            };
            if !failed.error.is::<wasmtime::PoolConcurrencyLimitError>() {
                let reason = crate::error::one_line(format!("{:#}", failed.error));
                tracing::error!(component = id, reason, "instantiation failed");
                return Err(CallError::Failed {
                    component: id.to_owned(),
                    reason,
                });
            }
            // A chained call cannot be repeated by a client: it waits for an instance to become free.
            if origin == Origin::Outside || Instant::now() >= deadline {
                return Err(CallError::Busy(id.to_owned()));
            }
            request = failed
                .request
                .into_inner()
                .unwrap_or_else(std::sync::PoisonError::into_inner);
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}
