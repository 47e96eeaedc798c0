//! The run as a pure state machine: simulate, call the target, evaluate, decide.
//!
//! [`RunState`] is the checkpoint. [`RunState::effect`] says what is to be done next, the orchestrator does it, and
//! [`RunState::apply`] turns what came of it into the next state. Nothing here does I/O, reads a clock or draws a random
//! number, so a test can drive any interleaving and crash between any two effects.
//!
//! [`protocol`] holds the messages between the orchestrator and the components that perform the effects.

pub mod budget;
pub mod pace;
pub mod pregel;
pub mod protocol;
mod retry;
mod state;
pub mod stop;

pub use retry::backoff_ms;
pub use state::{Effect, Event, Limits, RunState, Transition};
