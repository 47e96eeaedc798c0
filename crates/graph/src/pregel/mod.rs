//! Durable cyclic graphs, after LangGraph's Pregel: typed channels with reducers, super-steps, conditional edges, cycles, fan-out and
//! fan-in, graphs within graphs, questions to people, retries, history, edits, forks and replays.
//!
//! Everything here is pure: ids, chance, time and what nodes do come from outside, through [`Store`] and [`Executor`]. So a run may be
//! broken off between any two of its effects and go on from what was stored, on another machine.
//!
//! Source: "Pregel: A System for Large-Scale Graph Processing" (Malewicz et al., SIGMOD 2010); semantics of LangGraph 1.2, recorded
//! in `tests/oracles/langgraph_*.json`. What it gets wrong is not repeated: a checkpoint or a write that cannot be stored ends the run at once.

mod begin;
mod call;
mod channel;
mod checkpoint;
mod definition;
mod drive;
mod history;
mod journal;
mod live;
mod store;
mod task;
mod turn;

pub use call::{Command, Ended, Executor, Input, Options, Resume, RunError, Stops};
pub use channel::{ChannelSpec, InvalidWrite, Reducer, Written};
pub use checkpoint::{
    Checkpoint, CheckpointId, Fault, Interrupt, Metadata, NULL_TASK, Pending, Saved, Send, Source,
    TaskWrite,
};
pub use definition::{Branch, Goto, Graph, GraphBuilder, InvalidGraph, Node, RetryPolicy, Router};
pub use history::{Edit, Snapshot, TaskState};
pub use journal::{Journal, Record, Records};
pub use live::Path;
pub use store::{Listing, MemoryStore, Place, Store};
pub use task::{Outcome, Questions, Task, TaskInput};

use std::pin::pin;
use std::task::{Context, Poll, Waker};

/// What a future comes to that never waits, as those of a run do whose store and executor do not.
///
/// # Panics
/// When it waits.
#[allow(clippy::panic, reason = "the caller's promise")]
pub fn at_once<T>(future: impl Future<Output = T>) -> T {
    let mut context = Context::from_waker(Waker::noop());
    match pin!(future).poll(&mut context) {
        Poll::Ready(value) => value,
        Poll::Pending => panic!("it waits for something"),
    }
}

/// A name, cheap to copy.
pub type Name = std::sync::Arc<str>;
/// A value, cheap to copy.
pub type Shared = std::sync::Arc<serde_json::Value>;

/// Where a graph begins.
pub const START: &str = "__start__";
/// Where it ends.
pub const END: &str = "__end__";
/// The channel of tasks that were sent for.
pub(crate) const TASKS: &str = "__tasks__";
/// The trigger of tasks that were sent for.
pub(crate) const PUSH: &str = "__push__";
/// Who stopped the graph last, among those who have seen versions.
pub(crate) const INTERRUPT: &str = "__interrupt__";
