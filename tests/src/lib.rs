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
mod collector;
mod events;
mod faults;
mod load;
pub mod otlp;
mod people;
mod random;
mod servers;
mod stores;
mod target;
pub mod team;
mod tokens;
pub mod ways;

pub use app::{App, AppBuilder, assay_bin, repository};
pub use browser::Browser;
pub use client::{Answer, Client};
pub use collector::{Collector, CollectorAnswer, CollectorRequest};
pub use events::{Event, Events};
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

/// The instant that many seconds from now as RFC 3339, by the calendar's own arithmetic; at most a second later.
///
/// # Panics
/// When the clock stands before 1970.
#[must_use]
pub fn in_seconds(seconds: u64) -> String {
    let now = std::time::SystemTime::now();
    let now = now
        .duration_since(std::time::UNIX_EPOCH)
        .expect("a clock")
        .as_secs();
    rfc3339(now + 1 + seconds)
}

/// Seconds since the epoch as RFC 3339, by the calendar's own arithmetic.
fn rfc3339(seconds: u64) -> String {
    let (days, rest) = (seconds / 86_400, seconds % 86_400);
    let z = days + 719_468;
    let (era, doe) = (z / 146_097, z % 146_097);
    let yoe = (doe - doe / 1460 + doe / 36_524 - doe / 146_096) / 365;
    let doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    let mp = (5 * doy + 2) / 153;
    let (day, month) = (
        doy - (153 * mp + 2) / 5 + 1,
        if mp < 10 { mp + 3 } else { mp - 9 },
    );
    let year = yoe + era * 400 + u64::from(month <= 2);
    let (h, m, s) = (rest / 3600, rest / 60 % 60, rest % 60);
    format!("{year:04}-{month:02}-{day:02}T{h:02}:{m:02}:{s:02}Z")
}
