//! What the end-to-end tests share: the platform as a process, a client, and servers that play agents and models.
//!
//! The tests talk HTTP and nothing else, so that the same suite can be pointed at any engine. Stores are started by
//! `cargo xtask test`, which tells their addresses in `ASSAY_TEST_*`; a test whose store was not started says so and
//! does nothing, and `cargo xtask test` counts it as not run.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "everything here is test code"
)]

mod app;
mod browser;
mod client;
mod faults;
mod load;
pub mod otlp;
mod people;
mod random;
mod servers;
mod stores;
mod target;
mod tokens;
pub mod ways;

pub use app::{App, AppBuilder, assay_bin, repository};
pub use browser::Browser;
pub use client::{Answer, Client};
pub use faults::{Fault, FaultProxy};
pub use load::{Books, Load, SPANS};
pub use people::{People, Visitor};
pub use random::Random;
pub use servers::{ClickHouseServer, PostgresServer};
pub use stores::Stores;
pub use target::{Reply, Server, chat, last_user_message};
pub use tokens::{Planted, claims, forged};

/// Waits until `f` gives something, at most `seconds`.
///
/// # Panics
/// When it does not in time.
pub fn wait_for<T>(what: &str, seconds: u64, mut f: impl FnMut() -> Option<T>) -> T {
    let end = std::time::Instant::now() + std::time::Duration::from_secs(seconds);
    loop {
        if let Some(value) = f() {
            return value;
        }
        assert!(
            std::time::Instant::now() < end,
            "{what}: not within {seconds} s"
        );
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
}
