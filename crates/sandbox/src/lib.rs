//! Programs in WebAssembly that clients upload: whether one can be run ([`check`]), and running it ([`run`], or in pieces by
//! [`Execution`]).
//!
//! A program is a command of WASI preview 1: it reads one JSON value from its standard input and writes one to its standard
//! output. It is interpreted, by wasmi, and reaches nothing: no file, no network, no environment. Its clock stands still at a
//! given time and its random numbers follow from a given seed, so that the same bytes make the same of the same input. What it
//! may spend is bounded by [`Limits`]; whatever it does, the outcome is a value or a [`Failure`] in words.

mod check;
mod execution;
mod failure;
mod limits;
mod memory;
mod wasi;

pub use check::{MAX_BYTES, Refused, check};
pub use execution::{Execution, Progress, Ran, run};
pub use failure::Failure;
pub use limits::{Limits, World};
