//! Durable graphs, and what campaigns need around them, without I/O.
//!
//! [`pregel`] is the engine. [`stop`] says when a conversation is over, [`budget`] when a campaign pauses, and
//! [`assay_model::pace`] how fast a target may be called. [`protocol`] holds the messages between the orchestrator and the components that do what a graph asks for, [`live`]
//! what is told of an answer while it streams.

pub mod budget;
pub mod live;
pub mod pregel;
pub mod protocol;
pub mod stop;
