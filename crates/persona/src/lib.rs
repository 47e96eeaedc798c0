//! Simulated users, without any I/O: what the user says next, or what to ask the model that plays the user.
//!
//! [`next`] decides each turn from the conversation so far: a scripted user speaks word for word, a persona is asked through
//! [`PersonaCall`] and its answer read by [`read_reply`]. The conversation ends for one of the [`StopReason`]s.

mod prompt;
mod reply;
mod turn;

pub use reply::{ReplyError, read_reply};
pub use turn::{PersonaCall, StopReason, UserTurn, next};
