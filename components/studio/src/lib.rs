//! The studio component: the web app's files, embedded, on the catch-all route.
//!
//! [`site`] decides what a request gets, natively testable; `entry` is the HTTP handler that only wasm has. The web app
//! itself, in `studio/` at the top of the repository, talks to the HTTP API from the browser: this component holds no data
//! and sees no credentials. `build.rs` makes the table of its files.

#[cfg(target_arch = "wasm32")]
mod entry;
pub mod site;
