//! Alerts without I/O: the questions that one asks of the trace store, what the answers come to, whether that is told, and the words
//! and requests by which it is.
//!
//! An alert fires once ([`decide`]): it is told when its condition begins to hold, again only where it says so, and once more when the
//! condition no longer holds. Too few values say neither.

mod decide;
mod reading;
mod send;
mod words;

pub use decide::{Decision, Standing, decide};
pub use reading::{Answer, Reading, questions, read};
pub use send::request;
pub use words::{Note, subject, text};
