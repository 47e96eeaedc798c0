//! Traces in and out: durable spans, their latency, memory, and pages of what is stored.

mod clickhouse;
mod columnar;
mod columns;
mod latency;
mod load;
mod memory;
pub(crate) mod native;
mod phoenix;
mod prefill;
mod proto;
mod reads;
mod rows;
mod spans;
mod store;
mod template;
mod tree;

use crate::context::Context;
use crate::platform::{Platform, authorization};
use crate::report::Report;
use anyhow::Result;
use clap::ValueEnum;
use load::Target;
use std::path::PathBuf;

/// The embedded store's file in a data folder.
const DATABASE: &str = "sqlite_db.db";

/// How much of `ingest` is measured. `cargo xtask bench` passes the variables on.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// Parts of `ingest`; all when none is named.
    #[arg(
        long = "ingest-parts",
        env = "ASSAY_BENCH_INGEST_PARTS",
        value_enum,
        value_delimiter = ','
    )]
    parts: Vec<Part>,
    /// Seconds of a round of load.
    #[arg(
        long = "ingest-seconds",
        env = "ASSAY_BENCH_INGEST_SECONDS",
        default_value_t = 10
    )]
    seconds: u64,
    /// Rounds of load, alternating with a peer.
    #[arg(
        long = "ingest-rounds",
        env = "ASSAY_BENCH_INGEST_ROUNDS",
        default_value_t = 3
    )]
    rounds: usize,
    /// Connections that load goes over.
    #[arg(
        long = "ingest-connections",
        env = "ASSAY_BENCH_INGEST_CONNECTIONS",
        default_value_t = 8
    )]
    connections: usize,
    /// Spans that go in while memory is looked at.
    #[arg(
        long = "ingest-spans",
        env = "ASSAY_BENCH_INGEST_SPANS",
        default_value_t = 300_000
    )]
    spans: u64,
    /// Numbers of traces that pages are read out of.
    #[arg(
        long = "ingest-traces",
        env = "ASSAY_BENCH_INGEST_TRACES",
        value_delimiter = ',',
        default_value = "10000,100000,1000000"
    )]
    traces: Vec<u64>,
    /// Phoenix's program.
    #[arg(
        long,
        env = "ASSAY_BENCH_PHOENIX",
        default_value = "target/tools/venv/bin/phoenix"
    )]
    phoenix: PathBuf,
    /// Seconds that Phoenix has to store what it took.
    #[arg(long, env = "ASSAY_BENCH_PHOENIX_SECONDS", default_value_t = 60)]
    phoenix_seconds: u64,
    /// A ClickHouse, as the tests find it.
    #[arg(long, env = "ASSAY_TEST_CLICKHOUSE_URL")]
    clickhouse_url: Option<String>,
    /// Its user.
    #[arg(long, env = "ASSAY_TEST_CLICKHOUSE_USER", default_value = "default")]
    clickhouse_user: String,
    /// The user's password.
    #[arg(
        long,
        env = "ASSAY_TEST_CLICKHOUSE_PASSWORD",
        default_value = "",
        hide_env_values = true
    )]
    clickhouse_password: String,
}

/// What can be measured apart.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Part {
    /// Durable spans per second on embedded SQLite, beside a native server and Phoenix.
    Store,
    /// Latency at half of that load.
    Latency,
    /// Spans per second into ClickHouse, beside plain inserts.
    Clickhouse,
    /// Memory while spans come in.
    Memory,
    /// Pages of traces, out of few and very many.
    Reads,
    /// The tree of a very large trace.
    Tree,
}

/// Runs the parts one after the other, each with its name. One that cannot run does not keep the next one from running.
pub(crate) fn bench(context: &Context, options: &Options) -> Vec<(String, Result<Report>)> {
    let mut peak = None;
    let mut outcomes = Vec::new();
    for part in Part::value_variants() {
        if !options.parts.is_empty() && !options.parts.contains(part) {
            continue;
        }
        let name = part
            .to_possible_value()
            .map_or_else(String::new, |value| value.get_name().to_owned());
        eprintln!("ingest: {name}");
        let outcome = match part {
            Part::Store => store::bench(context, options).map(|(report, rate)| {
                peak = Some(rate);
                report
            }),
            Part::Latency => latency::bench(context, options, peak),
            Part::Clickhouse => columnar::bench(context, options),
            Part::Memory => memory::bench(context, options),
            Part::Reads => reads::bench(context, options),
            Part::Tree => tree::bench(context, options),
        };
        outcomes.push((format!("ingest, {name}"), outcome));
    }
    outcomes
}

/// Starts a platform on data of its own. All of them share compiled code.
fn start(context: &Context, data: &str, settings: &[(&str, String)]) -> Result<Platform> {
    let cache = context.path("compiled").to_string_lossy().into_owned();
    let mut all = vec![("ASSAY_CACHE_DIR", cache)];
    all.extend(settings.iter().cloned());
    Platform::start_with(context, &context.manifest(), &context.path(data), &all)
}

/// Where its load goes to.
fn target(platform: &Platform) -> Target {
    Target {
        addr: platform.addr,
        authorization: authorization(),
    }
}
