//! Builds optimised, then runs the benchmarks.

use anyhow::Result;

use crate::build;
use crate::shell::{cargo, run, say};
use crate::workspace;

/// What `cargo xtask bench` takes.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// Which benchmarks; all when none is named.
    names: Vec<String>,
}

/// The benchmark program finds the product through the same variables as the tests.
pub(crate) fn bench(options: &Options) -> Result<()> {
    build::all()?;
    say("Running the benchmarks");
    let mut command = cargo();
    command
        .env("ASSAY_BIN", workspace::assay_bin())
        .args(["run", "--release", "-p", "assay-benches", "--"])
        .args(&options.names);
    run(&mut command)
}
