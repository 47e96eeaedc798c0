//! Instances of one component: made when needed, reused, timed out, discarded.

use std::{
    future::Future,
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError, Weak},
    task::{Context, Poll, ready},
    time::{Duration, Instant},
};

use tokio::time::Sleep;
use wasmtime::{Store, StoreContextMut, component::GuestTaskId};
use wasmtime_wasi_http::{
    WasiHttpView,
    handler::{
        HandlerState, Instance, ProxyPre, ShouldAccept, WorkerExpiration, WorkerState, WorkerStatus,
    },
    p3::bindings::ServicePre,
};

use crate::{
    Limits,
    app::{App, ComponentInfo, Services},
    crowd::{Crowd, Present},
    engine::{Clock, Presence},
    state::State,
};

/// Makes instances of one component.
pub(crate) struct Factory {
    pub(crate) pre: ServicePre<State>,
    pub(crate) component: Arc<ComponentInfo>,
    pub(crate) services: Arc<Services>,
    pub(crate) app: Weak<App>,
    pub(crate) clock: Arc<Clock>,
    pub(crate) limits: Arc<Limits>,
    pub(crate) crowd: Arc<Crowd>,
}

impl HandlerState for Factory {
    type StoreData = State;
    type WorkerExpiration = Expiration;
    type WorkerState = Worker;

    async fn instantiate(&self) -> wasmtime::Result<Instance<State, Expiration, Worker>> {
        let presence = Arc::new(self.clock.instance());
        presence.set_busy(true);
        let data = State::new(
            self.app.clone(),
            self.component.clone(),
            self.services.clone(),
            self.limits.max_memory_bytes,
        );
        let mut store = Store::new(self.pre.engine(), data);
        store.limiter(|state| &mut state.limits);
        store.set_epoch_deadline(1);
        store.epoch_deadline_async_yield_and_update(1);
        let pre = ProxyPre::P3(self.pre.clone());
        let proxy = tokio::time::timeout(
            self.limits.request_timeout,
            pre.instantiate_async(&mut store),
        )
        .await
        .map_err(|_| wasmtime::format_err!("instantiation timed out"))??;
        Ok(Instance {
            store,
            proxy,
            view: State::http,
            expiration: Expiration {
                limits: self.limits.clone(),
                presence: presence.clone(),
                sleep: Box::pin(tokio::time::sleep(self.limits.request_timeout)),
            },
            state: Worker {
                component: self.component.clone(),
                app: self.app.clone(),
                limits: self.limits.clone(),
                presence,
                timers: Timers::default(),
                crowd: self.crowd.clone(),
                _present: self.crowd.instance(),
            },
        })
    }
}

/// Ends an instance that is idle, or has worked, for too long.
pub(crate) struct Expiration {
    limits: Arc<Limits>,
    presence: Arc<Presence>,
    sleep: Pin<Box<Sleep>>,
}

impl WorkerExpiration for Expiration {
    fn poll(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        status: WorkerStatus,
        since: Instant,
    ) -> Poll<()> {
        let limit = match status {
            WorkerStatus::Idle => self.limits.instance_idle,
            // The request's own deadline comes first; this one is for a guest that never lets the event loop run.
            WorkerStatus::Requests => self
                .limits
                .request_timeout
                .saturating_add(Duration::from_millis(100)),
            WorkerStatus::PostReturn => self.limits.background_timeout,
        };
        self.presence.set_busy(status != WorkerStatus::Idle);
        match since.checked_add(limit) {
            Some(deadline) => poll_until(self.sleep.as_mut(), deadline.into(), context),
            None => Poll::Pending,
        }
    }
}

/// Deadlines move with every request, a timer does not: it is set again only when it is too late, or when it went off too
/// early. Setting it takes a lock that all instances share.
fn poll_until(
    mut sleep: Pin<&mut Sleep>,
    deadline: tokio::time::Instant,
    context: &mut Context<'_>,
) -> Poll<()> {
    if deadline < sleep.deadline() {
        sleep.as_mut().reset(deadline);
    }
    loop {
        ready!(sleep.as_mut().poll(context));
        if tokio::time::Instant::now() >= deadline {
            return Poll::Ready(());
        }
        sleep.as_mut().reset(deadline);
    }
}

/// Timers of finished requests, for the next ones.
#[derive(Clone, Default)]
struct Timers(Arc<Mutex<Vec<Pin<Box<Sleep>>>>>);

impl Timers {
    fn deadline(&self, after: Duration) -> Deadline {
        let deadline = tokio::time::Instant::now() + after;
        let free = self.free().pop();
        Deadline {
            deadline,
            sleep: Some(free.unwrap_or_else(|| Box::pin(tokio::time::sleep_until(deadline)))),
            timers: self.clone(),
        }
    }

    fn free(&self) -> MutexGuard<'_, Vec<Pin<Box<Sleep>>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Resolves when a request has had its time.
struct Deadline {
    deadline: tokio::time::Instant,
    /// `None` while it is dropped.
    sleep: Option<Pin<Box<Sleep>>>,
    timers: Timers,
}

impl Future for Deadline {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        let deadline = self.deadline;
        match &mut self.sleep {
            Some(sleep) => poll_until(sleep.as_mut(), deadline, context),
            None => Poll::Pending,
        }
    }
}

impl Drop for Deadline {
    fn drop(&mut self) {
        let sleep = self.sleep.take();
        self.timers.free().extend(sleep);
    }
}

/// Decides which requests an instance takes.
pub(crate) struct Worker {
    component: Arc<ComponentInfo>,
    app: Weak<App>,
    limits: Arc<Limits>,
    presence: Arc<Presence>,
    timers: Timers,
    crowd: Arc<Crowd>,
    _present: Present,
}

impl WorkerState for Worker {
    type StoreData = State;
    type RequestData = ();

    fn should_accept_request(&self, concurrent: usize, total: usize) -> ShouldAccept {
        if total >= self.limits.instance_requests {
            ShouldAccept::Never
        } else if concurrent >= self.limits.instance_concurrency {
            ShouldAccept::No
        } else {
            // It takes one when it is not at work itself, which it is asked for next.
            self.crowd.is_free();
            ShouldAccept::Yes
        }
    }

    fn on_request_start(
        &self,
        _: StoreContextMut<'_, State>,
        (): (),
        _: GuestTaskId,
    ) -> Pin<Box<dyn Future<Output = ()> + 'static + Send + Sync>> {
        self.presence.set_busy(true);
        Box::pin(self.timers.deadline(self.limits.request_timeout))
    }

    fn drop(&self, store: Store<State>, result: Result<(), wasmtime::Error>) {
        self.presence.set_busy(false);
        drop(store);
        let Err(error) = result else { return };
        // When the runtime goes away, instances go with it, and that is no failure.
        if self.app.upgrade().is_some_and(|app| !app.is_draining()) {
            let reason = crate::error::one_line(format!("{error:#}"));
            tracing::error!(component = %self.component.id, reason, "instance failed");
        }
    }
}
