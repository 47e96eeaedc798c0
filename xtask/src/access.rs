//! Prints the access matrix: which role may use which route.

use std::fs;

use anyhow::{Context, Result};

use crate::shell::{capture, cargo, say};
use crate::workspace;

/// Where it is checked in; a test of `crates/api` compares.
const FILE: &str = "docs/access-matrix.md";

/// What `cargo xtask access` takes.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// Write it to docs/access-matrix.md.
    #[arg(long)]
    write: bool,
}

/// Prints the matrix, or writes it.
pub(crate) fn access(options: &Options) -> Result<()> {
    let matrix = capture(cargo().args(["run", "--quiet", "-p", "assay-api", "--", "access"]))?;
    if !options.write {
        println!("{matrix}");
        return Ok(());
    }
    say(format!("Writing {FILE}"));
    fs::write(workspace::root().join(FILE), format!("{matrix}\n"))
        .with_context(|| format!("cannot write {FILE}"))
}
