//! Comparisons of campaigns on the same items, and gates that decide by them, without doing any I/O.
//!
//! An [`Arm`] is what one agent made of a set of items. [`compare`] says of each metric how two arms differ and how sure that is;
//! [`changes`] names the items. A gate ([`gate::Gate`]) is data, and [`gate::judge`] says pass, fail or inconclusive with the
//! reason in words.
//!
//! Items are the unit, not runs: repetitions of an item are its mean, and what was made of one item under several personas is
//! one cluster. A run that ended in error, and a metric that did, is no result of zero: it is counted and left out.

mod arm;
mod changes;
mod comparison;
pub mod gate;

pub use arm::{Arm, Case, Of, Run, Score};
pub use changes::{Change, Direction, changes};
pub use comparison::{Comparison, Discordant, Side, Span, compare};
