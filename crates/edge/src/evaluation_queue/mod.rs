//! The queue of online evaluation: traces that a rule picked as they came in, once each.
//!
//! A trace that came in *waits* until it had nothing new for as long as its rule says. Then the rule's filter decides: it is
//! *ready*, or it is *skipped*. Who evaluates leases what is ready, and says whether it is *done* or *failed*; a lease that
//! runs out is given to the next one. Who that is, the rule says: the platform itself, whose turns are in [`turns`], or an
//! evaluator outside. Rows are in the relational store and written before the traces are acknowledged.

mod enqueue;
mod leases;
mod list;
mod settle;
pub mod turns;

pub use enqueue::{Rule, enqueue, rules};
pub use leases::{Claimed, Finished, Outcome, claim, finish, renew, retry};
pub use list::{Entry, Selection, Summary, list, summary};
pub use settle::{OLDEST_MS, Settled, settle};

use serde::{Deserialize, Serialize};

/// Where an entry stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// The trace may still grow.
    Waiting,
    /// It is to be evaluated.
    Ready,
    /// Somebody evaluates it.
    Leased,
    /// It is evaluated.
    Done,
    /// It could not be evaluated; the reason says why.
    Failed,
    /// The rule's filter does not want it, or it did not come; the reason says which.
    Skipped,
}

impl State {
    /// Every one.
    pub const ALL: [Self; 6] = [
        Self::Waiting,
        Self::Ready,
        Self::Leased,
        Self::Done,
        Self::Failed,
        Self::Skipped,
    ];

    /// As it is written.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Ready => "ready",
            Self::Leased => "leased",
            Self::Done => "done",
            Self::Failed => "failed",
            Self::Skipped => "skipped",
        }
    }

    /// That of a name.
    #[must_use]
    pub fn of(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|s| s.name() == name)
    }
}
