//! The studio component: static files of the web page, embedded, on the catch-all route.
//!
//! [`site`] decides what a request gets, natively testable; `entry` is the HTTP handler that only wasm has. The page
//! itself, in `assets/`, is plain HTML, CSS and JavaScript modules that talk to the HTTP API from the browser: this
//! component holds no data and sees no credentials.

#[cfg(target_arch = "wasm32")]
mod entry;
pub mod site;
