//! Requests that come all at once, and the instances that are made for them.
//!
//! The handler makes an instance for every request that finds none free at that very moment. When a thousand come at once, on a few
//! cores, it makes one for each that arrives while the others are at work: no faster, since they wait for the same cores, and each
//! keeps memory that it never gives back. So beyond a few instances requests wait until one says that it is free, as long as there are
//! enough for all, and not for long.

use std::{
    sync::{
        Arc, LazyLock,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use tokio::sync::Notify;

/// So many instances are made without a thought: more than the cores can have at work are no use.
static FEW: LazyLock<usize> =
    LazyLock::new(|| std::thread::available_parallelism().map_or(2, |cores| cores.get().max(2)));
/// How long a request waits for one of the instances that there are.
const PATIENCE: Duration = Duration::from_millis(200);

/// The requests and the instances of one component.
#[derive(Default)]
pub(crate) struct Crowd {
    instances: AtomicUsize,
    requests: AtomicUsize,
    free: Notify,
}

impl Crowd {
    /// Waits until an instance is free, or one more is worth it. An instance takes `each` requests at the same time.
    pub(crate) async fn enter(self: &Arc<Self>, each: usize) -> Inside {
        let requests = self.requests.fetch_add(1, Ordering::Relaxed) + 1;
        let inside = Inside(self.clone());
        let instances = self.instances.load(Ordering::Relaxed);
        if instances >= *FEW && requests <= instances.saturating_mul(each) {
            // Whoever waited long enough goes on as if nobody had said anything.
            _ = tokio::time::timeout(PATIENCE, self.free.notified()).await;
        }
        inside
    }

    /// An instance is free.
    pub(crate) fn is_free(&self) {
        self.free.notify_one();
    }

    /// There is one more instance.
    pub(crate) fn instance(self: &Arc<Self>) -> Present {
        self.instances.fetch_add(1, Ordering::Relaxed);
        Present(self.clone())
    }
}

/// A request that has not been answered.
pub(crate) struct Inside(Arc<Crowd>);

impl Drop for Inside {
    fn drop(&mut self) {
        self.0.requests.fetch_sub(1, Ordering::Relaxed);
    }
}

/// An instance.
pub(crate) struct Present(Arc<Crowd>);

impl Drop for Present {
    fn drop(&mut self) {
        self.0.instances.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Instant;

    /// Whether a request goes on within a moment.
    async fn at_once(crowd: &Arc<Crowd>, each: usize) -> Option<Inside> {
        tokio::time::timeout(Duration::from_millis(20), crowd.enter(each))
            .await
            .ok()
    }

    #[tokio::test]
    async fn few_instances_are_made_as_they_are_asked_for() {
        let crowd = Arc::new(Crowd::default());
        let instances: Vec<_> = (1..*FEW).map(|_| crowd.instance()).collect();
        assert!(at_once(&crowd, 64).await.is_some());
        assert_eq!(instances.len(), *FEW - 1);
    }

    #[tokio::test]
    async fn of_many_one_is_waited_for() {
        let crowd = Arc::new(Crowd::default());
        let mut instances: Vec<_> = (0..*FEW).map(|_| crowd.instance()).collect();
        assert!(at_once(&crowd, 64).await.is_none());
        crowd.is_free();
        assert!(at_once(&crowd, 64).await.is_some());
        // Each goes on by a word of its own.
        assert!(at_once(&crowd, 64).await.is_none());
        // One that went away leaves room for another.
        instances.pop();
        assert!(at_once(&crowd, 64).await.is_some());
    }

    #[tokio::test]
    async fn where_all_are_full_nobody_waits() {
        let crowd = Arc::new(Crowd::default());
        let instances: Vec<_> = (0..*FEW).map(|_| crowd.instance()).collect();
        crowd.is_free();
        let mut inside = Vec::new();
        for _ in &instances {
            crowd.is_free();
            inside.push(at_once(&crowd, 1).await.expect("there is room"));
        }
        assert!(at_once(&crowd, 1).await.is_some());
    }

    #[tokio::test]
    async fn nobody_waits_for_ever() {
        let crowd = Arc::new(Crowd::default());
        let _instances: Vec<_> = (0..*FEW).map(|_| crowd.instance()).collect();
        let began = Instant::now();
        let _inside = crowd.enter(64).await;
        assert!(began.elapsed() >= PATIENCE);
    }
}
