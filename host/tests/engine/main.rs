//! The engine from outside, with components built for it. One program: linking the engine takes longer than testing it.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "helpers of tests are tests"
)]

mod outbound;
mod serving;
mod starting;
mod stores;
mod support;
