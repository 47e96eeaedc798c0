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
use std::thread::LocalKey;

/// Steps at work in one instance: enough that there is one to go on with while others wait for a store.
const AT_WORK: u64 = 8;
/// Steps whose outcome is being stored: stores that write for many at once take their time, and serve many at once.
const STORING: u64 = 32;
/// How long one step keeps the others waiting, about, in microseconds of the instance's time.
const STEP_US: u64 = 500;
/// The longest wait before another look, in milliseconds.
const LOOK_MS: u64 = 200;

/// Where so many may be at the same time, in the order in which they came.
struct Hall {
    places: u64,
    /// Tickets that were given out.
    given: Cell<u64>,
    /// Tickets that were handed back.
    back: Cell<u64>,
}

impl Hall {
    const fn of(places: u64) -> Self {
        Self {
            places,
            given: Cell::new(0),
            back: Cell::new(0),
        }
    }
}

thread_local! {
    static WORK: Hall = const { Hall::of(AT_WORK) };
    static STORES: Hall = const { Hall::of(STORING) };
}

/// A place in the order of those who came, handed back when it is dropped.
struct Ticket {
    hall: &'static LocalKey<Hall>,
    number: u64,
}

impl Ticket {
    fn take(hall: &'static LocalKey<Hall>) -> Self {
        let number = hall.with(|h| h.given.replace(h.given.get().wrapping_add(1)));
        Self { hall, number }
    }

    /// How many must hand theirs back first.
    fn before(&self) -> u64 {
        let free = self.hall.with(|h| h.back.get().saturating_add(h.places));
        self.number.saturating_add(1).saturating_sub(free)
    }

    /// Waits until it is this one's turn.
    async fn turn(self) -> Self {
        loop {
            let before = self.before();
            if before == 0 {
                return self;
            }
            let ms = (before.saturating_mul(STEP_US) / 1_000).clamp(1, LOOK_MS);
            clock::sleep(ms).await;
        }
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        self.hall
            .with(|h| h.back.set(h.back.get().saturating_add(1)));
    }
}

/// A step's place among those at work, or among those that store.
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
        self.0.set(Some(Ticket::take(&WORK).turn().await));
    }

    /// Gives the place back for one among those that store.
    pub(crate) async fn store(&self) {
        self.leave();
        self.0.set(Some(Ticket::take(&STORES).turn().await));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_came_first_is_first() {
        let mut inside: Vec<Ticket> = (0..AT_WORK).map(|_| Ticket::take(&WORK)).collect();
        assert!(inside.iter().all(|ticket| ticket.before() == 0));
        let (first, second) = (Ticket::take(&WORK), Ticket::take(&WORK));
        assert_eq!((first.before(), second.before()), (1, 2));
        // Another hall is another matter.
        assert_eq!(Ticket::take(&STORES).before(), 0);
        inside.pop();
        assert_eq!((first.before(), second.before()), (0, 1));
        // Who gives up waiting keeps nobody.
        let third = Ticket::take(&WORK);
        assert_eq!(third.before(), 2);
        drop(second);
        assert_eq!(third.before(), 1);
        drop((first, inside));
        assert_eq!(third.before(), 0);
    }
}
