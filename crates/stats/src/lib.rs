//! The statistics of evaluations, without doing any I/O.
//!
//! What raters agree on ([`agreement`]), how far a judge can be believed ([`calibration`]), what a number of results says of an
//! agent and of a change to it ([`inference`], [`gate`], [`pass_k`]), and whether what comes in now is what came in before
//! ([`drift`]).
//!
//! Two rules hold everywhere. What is undefined (no items, a division by zero, a number that is none) is `None`: nothing that is
//! returned is NaN or infinite. And chance comes from a seed, which draws the same on every machine, natively and in
//! WebAssembly; only the last digits of a result may differ.
//!
//! What published packages compute too is checked against what they made of the same input (`tests/oracles`).

pub mod agreement;
pub mod bootstrap;
pub mod calibration;
mod distribution;
pub mod drift;
pub mod gate;
pub mod inference;
mod interval;
mod number;
pub mod pass_k;

pub use interval::{Interval, Level};
