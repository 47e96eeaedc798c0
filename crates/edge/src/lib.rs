//! The one crate that touches Spin: everything a component needs of its engine.
//!
//! A component is a [`Component`]: a name and a table of [`Route`]s. [`serve`] finds the route, proves that the caller
//! may use it, runs the handler and turns what went wrong into an RFC 9457 problem document. The other modules are the
//! ports of the design: relational store ([`db`]), key-value store ([`kv`]), trace store ([`traces`]), calls between
//! components ([`chain`]), calls to the world ([`outbound`]), encryption at rest ([`secrets`]).
//!
//! Instances are reused and serve several requests at once, so nothing of a request lives in a static. What is cached
//! per instance ([`platform`]) is the same for every request.

mod address;
pub mod audit;
pub mod backoff;
pub mod calibrations;
pub mod chain;
pub mod clock;
mod config;
mod ctx;
pub mod db;
pub mod dial;
pub mod evaluation_queue;
pub mod forward;
mod guard;
mod ids;
pub mod kv;
pub mod listing;
mod log;
pub mod merge;
pub mod migrate;
pub mod named_secrets;
pub mod openapi;
pub mod outbound;
pub mod pace;
mod page;
mod people;
mod platform;
pub mod policy;
pub mod precondition;
mod problem;
pub mod programs;
pub mod progress;
mod rate;
mod remembered;
pub mod reply;
pub mod reseal;
pub mod review_items;
mod router;
pub mod secrets;
pub mod sse;
mod storable;
pub mod tape;
pub mod traces;
pub mod write_only;

pub use config::{Config, PrivateTargets, variable};
pub use ctx::{Ctx, DEFAULT_BODY_LIMIT, parse_json};
pub use guard::{Actor, Principal};
pub use ids::{derived_id, new_id, random_bytes};
pub use log::log_error;
pub use page::{Cursor, Page, PageQuery};
pub use people::{AUTHENTICATE, CSRF, IDLE_US, Person, Proven, WORKSPACE};
pub use platform::{Platform, platform};
pub use problem::{Problem, ProblemKind};
pub use remembered::Remembered;
pub use reply::Reply;
pub use router::{Access, Component, Handler, HandlerFuture, Route, serve};
pub use storable::storable;
