//! `cargo xtask`: everything that a person or CI does with this repository, in one small program.
//!
//! It drives other programs (cargo, npm, database servers) and holds no logic of the product. The engine is never linked in,
//! so that this compiles in seconds on a fresh clone.

mod access;
mod bench;
mod build;
mod doctor;
mod lint;
mod metric;
mod openapi;
mod provision;
mod servers;
mod shell;
mod stores;
mod studio;
mod test;
#[cfg(test)]
mod tidy;
mod up;
mod wasm;
mod workspace;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Build, run and test Assay.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask", version)]
struct Cli {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Build every component, the web app and the `assay` binary.
    Build(build::Options),
    /// Build, then run everything on this machine with demo data.
    Up(up::Options),
    /// Install what is missing, build, start the stores, run every test tier.
    Test(test::Options),
    /// Keep the stores of the tests running, for work on a single test.
    Stores(stores::Options),
    /// Build optimised and run the benchmarks.
    Bench(bench::Options),
    /// Formatting, clippy for natives and components, and the repository's own checks.
    Lint,
    /// Format every Rust file.
    Fmt,
    /// Write docs/openapi.json and the TypeScript types from the contract in crates/api.
    Openapi(openapi::Options),
    /// Compose a metric of one's own into the application, or build the examples of such metrics.
    Metric(metric::Options),
    /// Print which role may use which route.
    Access(access::Options),
    /// Say what this machine has, what it lacks, and how to get it.
    Doctor,
}

fn main() -> ExitCode {
    let outcome = match Cli::parse().task {
        Task::Build(options) => build::build(&options).map(|()| ExitCode::SUCCESS),
        Task::Up(options) => up::up(&options),
        Task::Test(options) => test::test(&options),
        Task::Stores(options) => stores::stores(&options),
        Task::Bench(options) => bench::bench(&options).map(|()| ExitCode::SUCCESS),
        Task::Lint => lint::lint().map(|()| ExitCode::SUCCESS),
        Task::Fmt => lint::format().map(|()| ExitCode::SUCCESS),
        Task::Openapi(options) => openapi::openapi(&options).map(|()| ExitCode::SUCCESS),
        Task::Metric(options) => metric::metric(&options).map(|()| ExitCode::SUCCESS),
        Task::Access(options) => access::access(&options).map(|()| ExitCode::SUCCESS),
        Task::Doctor => doctor::doctor(),
    };
    outcome.unwrap_or_else(|error| {
        eprintln!("error: {error:#}");
        ExitCode::FAILURE
    })
}
