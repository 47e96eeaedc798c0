//! The wish to stop: set by a signal, looked at by whoever works.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};
use tokio::sync::Notify;

/// Shared by the signal handler and the work.
#[derive(Debug, Clone, Default)]
pub(crate) struct Cancel(Arc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    set: AtomicBool,
    waiters: Notify,
}

impl Cancel {
    /// Whether the work should stop.
    pub(crate) fn is_set(&self) -> bool {
        self.0.set.load(Ordering::Acquire)
    }

    /// Asks the work to stop.
    pub(crate) fn set(&self) {
        self.0.set.store(true, Ordering::Release);
        self.0.waiters.notify_waiters();
    }

    /// Completes once the work should stop.
    pub(crate) async fn wait(&self) {
        let notified = self.0.waiters.notified();
        if !self.is_set() {
            notified.await;
        }
    }

    /// Sleeps, but not past the wish to stop.
    pub(crate) fn sleep(&self, time: Duration) {
        let end = Instant::now() + time;
        while !self.is_set() {
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() {
                break;
            }
            std::thread::sleep(left.min(Duration::from_millis(50)));
        }
    }

    /// A wish that is set at the first SIGINT or SIGTERM; the second ends the process.
    ///
    /// # Errors
    /// When the handlers cannot be installed.
    pub(crate) fn at_signals() -> std::io::Result<Self> {
        let cancel = Self::default();
        let mut signals = Signals::new()?;
        let setter = cancel.clone();
        tokio::spawn(async move {
            signals.next().await;
            setter.set();
            signals.next().await;
            std::process::exit(i32::from(crate::exit::Exit::Interrupted.code()));
        });
        Ok(cancel)
    }
}

#[cfg(unix)]
struct Signals {
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Signals {
    fn new() -> std::io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
        })
    }

    async fn next(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }
}

#[cfg(not(unix))]
struct Signals;

#[cfg(not(unix))]
impl Signals {
    #[expect(clippy::unnecessary_wraps, reason = "as on Unix")]
    fn new() -> std::io::Result<Self> {
        Ok(Self)
    }

    async fn next(&mut self) {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending().await
        }
    }
}
