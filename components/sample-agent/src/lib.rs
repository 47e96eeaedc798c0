//! The sample agent: an OpenAI-compatible support bot of the "Acme Store", so that a first campaign evaluates something
//! real over HTTP.
//!
//! It is an agent under test like any other: it knows nothing of the platform and uses none of its crates. [`bot`] is
//! pure and answers from the messages alone, the same way each time, its deliberate faults included (`README.md` lists
//! them); [`api`] speaks OpenAI's protocol around it; `entry` is what only wasm has: the HTTP handler.

pub mod api;
pub mod bot;
#[cfg(target_arch = "wasm32")]
mod entry;
