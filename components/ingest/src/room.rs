//! Room for bodies: how many bytes of them an instance holds at once. Whoever finds no room is told to try again, before an
//! instance that serves several requests runs out of memory and all of them with it.

use assay_edge::{Problem, ProblemKind};
use std::cell::Cell;

/// When a client that found no room is to try again, in seconds: a body takes less than that.
const RETRY_S: u64 = 1;

thread_local! {
    /// Bytes that are held by the requests of this instance.
    static HELD: Cell<usize> = const { Cell::new(0) };
}

/// What one request holds; free again when it is dropped.
#[derive(Debug)]
pub(crate) struct Room {
    own: usize,
    most: usize,
}

impl Room {
    /// None as yet, where all requests together may hold `most` bytes.
    pub(crate) const fn new(most: usize) -> Self {
        Self { own: 0, most }
    }

    /// Makes room for `bytes` in all. A request that is alone is let in whatever its size, so that each can be.
    pub(crate) fn hold(&mut self, bytes: usize) -> Result<(), Problem> {
        let more = bytes.saturating_sub(self.own);
        let others = HELD.get() - self.own;
        if others > 0 && others + bytes > self.most {
            let detail = "Too much is being taken in at once. Try again.";
            return Err(Problem::new(ProblemKind::TooManyRequests, detail).retry_after(RETRY_S));
        }
        self.own += more;
        HELD.set(HELD.get() + more);
        Ok(())
    }
}

impl Drop for Room {
    fn drop(&mut self) {
        HELD.set(HELD.get() - self.own);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_one_waits_and_the_only_one_does_not() {
        let (mut one, mut two) = (Room::new(100), Room::new(100));
        one.hold(150).unwrap();
        assert_eq!(
            two.hold(1).unwrap_err().kind(),
            ProblemKind::TooManyRequests
        );
        drop(one);
        two.hold(60).unwrap();
        let mut three = Room::new(100);
        three.hold(40).unwrap();
        // What is held already is not asked for again.
        two.hold(50).unwrap();
        two.hold(60).unwrap();
        assert!(two.hold(61).is_err() && three.hold(41).is_err());
        drop(two);
        three.hold(1000).unwrap();
        drop(three);
        assert_eq!(HELD.get(), 0);
    }
}
