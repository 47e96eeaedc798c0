//! Hooks that start evaluations, and the status that goes back: no I/O, no clock.
//!
//! A request is first [`verify`]-ed, over the bytes as they came; then [`parse`]d into an [`Event`], one type for GitHub,
//! GitLab and anything else that can send JSON; then a [`Filter`], which is data, says whether it starts anything
//! ([`matches`]). What the evaluation found is told to the commit by a request that [`status`] builds.
//!
//! # What is not proven
//! GitHub's signature covers the body and no time, GitLab's token covers nothing. Such a request can be sent again by whoever
//! saw it, under a new delivery id. [`Event::body_sha256`] stays the same then, so a caller that keeps both for as long as
//! [`REPLAY_WINDOW_S`] and longer takes a delivery once.
//!
//! # Where credentials go
//! A payload names the API of the server that it came from. Whoever holds the hook's secret can write any address there, so
//! a credential goes to the address that the workspace has configured, or to the provider's cloud; [`status::Target::of`]
//! takes the payload's word only as a reason to refuse.

mod event;
mod filter;
mod hash;
mod hook;
mod parse;
mod refs;
mod signature;
pub mod status;
mod verify;

pub use event::{Action, Event, EventKind, Provider, Repository};
pub use filter::{Filter, Ignored, matches};
pub use hash::sha256;
pub use hook::{HookSpec, MAX_SECRETS, SECRET_LENGTHS, StatusKind, StatusSpec};
pub use parse::{ParseError, Parsed, parse};
pub use signature::{Signature, sign};
pub use verify::{REPLAY_WINDOW_S, VerifyError, verify};
