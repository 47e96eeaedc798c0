//! Room for steps at work.
//!
//! An instance has any number of runs that wait for an answer, and each holds little. A step at work holds its run, its campaign and
//! what is made of them: were a thousand at work at once, as when a large campaign begins or an agent answers all of it at the same
//! time, the instance would need room for all of that, and memory that a component has taken it never gives back. So few are at
//! work at a time, and the others wait their turn.
//!
//! Tasks of one instance cannot wake each other, only the engine wakes them: so whoever waits looks again after about as long as
//! those before it take.

use assay_edge::clock;
use std::cell::Cell;

/// Steps at work in one instance: enough that there is one to go on with while others wait for a store.
const AT_WORK: u64 = 8;
/// How long one step keeps the others waiting, about, in microseconds of the instance's time.
const STEP_US: u64 = 500;
/// The longest wait before another look, in milliseconds.
const LOOK_MS: u64 = 200;

thread_local! {
    /// Tickets that were given out.
    static GIVEN: Cell<u64> = const { Cell::new(0) };
    /// Tickets that were handed back.
    static BACK: Cell<u64> = const { Cell::new(0) };
}

/// A place in the order of those who came, handed back when it is dropped.
struct Ticket(u64);

impl Ticket {
    fn take() -> Self {
        Self(GIVEN.replace(GIVEN.get().wrapping_add(1)))
    }

    /// How many must hand theirs back first.
    fn before(&self) -> u64 {
        let free = BACK.get().saturating_add(AT_WORK);
        self.0.saturating_add(1).saturating_sub(free)
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        BACK.set(BACK.get().saturating_add(1));
    }
}

/// A step's place among those at work.
pub(crate) struct Room(Cell<Option<Ticket>>);

impl Room {
    /// Waits for a place.
    pub(crate) async fn enter() -> Self {
        let room = Self(Cell::new(None));
        room.enter_again().await;
        room
    }

    /// Gives the place back: what comes may take long, and holds little.
    pub(crate) fn leave(&self) {
        self.0.take();
    }

    /// Waits for a place again.
    pub(crate) async fn enter_again(&self) {
        let ticket = Ticket::take();
        loop {
            let before = ticket.before();
            if before == 0 {
                break;
            }
            let ms = (before.saturating_mul(STEP_US) / 1_000).clamp(1, LOOK_MS);
            clock::sleep(ms).await;
        }
        self.0.set(Some(ticket));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_came_first_is_first() {
        let mut inside: Vec<Ticket> = (0..AT_WORK).map(|_| Ticket::take()).collect();
        assert!(inside.iter().all(|ticket| ticket.before() == 0));
        let (first, second) = (Ticket::take(), Ticket::take());
        assert_eq!((first.before(), second.before()), (1, 2));
        inside.pop();
        assert_eq!((first.before(), second.before()), (0, 1));
        // Who gives up waiting keeps nobody.
        let third = Ticket::take();
        assert_eq!(third.before(), 2);
        drop(second);
        assert_eq!(third.before(), 1);
        drop((first, inside));
        assert_eq!(third.before(), 0);
    }
}
