//! Scenarios as durable graphs, without any I/O.
//!
//! [`compile`] makes a [`Play`] of what a run is about: a graph for the engine, and what each of its nodes does. Whoever runs it asks
//! [`Play::act`] what a task needs from outside, gets that, and tells [`Play::outcome`]. [`check`] says what is wrong with a scenario
//! when it is saved, [`events`] tells what has happened in a run, [`dry_run`] shows its path without a call, [`import`] reads graphs of the program that Assay replaces.

mod check;
mod compile;
mod condition;
mod course;
mod deed;
mod dry_run;
pub mod events;
mod fields;
mod goal;
mod import;
mod moment;
mod template;

pub use check::{check, check_cron, check_zone, next_time};
pub use compile::{Play, Unplayable, compile};
pub use course::Course;
pub use deed::{Act, Did, Part, Waits, fault};
pub use dry_run::{Assumptions, DryRun, Visit, dry_run};
pub use fields::{State, beginning};
pub use import::{Imported, Note, import};
