//! The embedded engine: runs a Spin application in this process.
//!
//! It reads the same `spin.toml` as Spin, provides the interfaces that `spin-sdk` 7 components import, and knows nothing of
//! what the components do. One module per interface: [`key_value`], [`sqlite`], [`postgres`], [`variables`], [`outbound`].
//!
//! - [`Server::start`] reads the manifest (`manifest`, `runtime_config`, `template`), loads components (`load`, `aot`,
//!   `engine`) and opens stores.
//! - A request comes in by `http::listener`, is judged in `http::inbound`, matched by `router`, and given to a component's
//!   instances (`app`, `worker`).
//! - What a component asks of the host arrives in `state` and the interface modules. A call to another component
//!   (`http://<id>.spin.internal`) goes from `outbound` straight back to `app`: no socket.

mod aot;
mod app;
mod bindings;
mod crowd;
mod engine;
mod error;
mod http;
mod key_value;
mod load;
mod logs;
mod manifest;
mod options;
mod outbound;
mod postgres;
mod router;
mod runtime_config;
mod server;
mod sqlite;
mod state;
mod template;
mod variables;
mod worker;

pub use self::{
    aot::Loaded,
    error::{CallError, StartError},
    load::{Progress, precompile},
    options::{Limits, Networks, Options},
    server::{AppInfo, ComponentSummary, Server},
};
