//! Room for steps at work.
//!
//! An instance has any number of runs that wait for an answer, and each holds little. A step at work holds its run, its campaign and
//! what is made of them: were a thousand at work at once, as when a large campaign begins or an agent answers all of it at the same
//! time, the instance would need room for all of that, and memory that a component has taken it never gives back. So few are at
//! work at a time, and the others wait their turn.

use async_lock::{Semaphore, SemaphoreGuard};
use std::cell::RefCell;

/// Steps at work in one instance: enough that there is one to go on with while others wait for a store.
const AT_WORK: usize = 8;

static ROOM: Semaphore = Semaphore::new(AT_WORK);

/// A step's place among those at work. Given back with it.
pub(crate) struct Room(RefCell<Option<SemaphoreGuard<'static>>>);

impl Room {
    /// Waits for a place.
    pub(crate) async fn enter() -> Self {
        Self(RefCell::new(Some(ROOM.acquire().await)))
    }

    /// Gives the place back: what comes may take long, and holds little.
    pub(crate) fn leave(&self) {
        self.0.take();
    }

    /// Waits for a place again.
    pub(crate) async fn enter_again(&self) {
        let place = ROOM.acquire().await;
        self.0.replace(Some(place));
    }
}
