//! Formatting, clippy, and the repository's own checks.

use std::process::Command;

use anyhow::Result;

use crate::build::select;
use crate::shell::{cargo, run, say};
use crate::wasm::Compiler;
use crate::workspace::{self, WASM_PROFILE, WASM_TARGET};

/// Formats in place.
pub(crate) fn format() -> Result<()> {
    run(cargo().args(["fmt", "--all"]))
}

/// Everything that looks at code without running the product. Each kind of package is checked with the profile it is built with,
/// so that no dependency is compiled for lint alone.
pub(crate) fn lint() -> Result<()> {
    let root = workspace::root();
    say("Formatting");
    run(cargo().args(["fmt", "--all", "--check"]))?;

    let components = workspace::components(&root)?;
    say("Clippy: pure crates, tasks, tests, benches");
    let mut pure = cargo();
    pure.args([
        "clippy",
        "--workspace",
        "--all-targets",
        "--exclude",
        "assay-host",
        "--exclude",
        "assay-cli",
    ]);
    for component in &components {
        pure.args(["--exclude", &component.name]);
    }
    deny_warnings(&mut pure)?;

    say("Clippy: engine and command line");
    deny_warnings(cargo().args([
        "clippy",
        "--release",
        "--all-targets",
        "-p",
        "assay-host",
        "-p",
        "assay-cli",
    ]))?;

    say("Clippy: components");
    let mut guests = Compiler::ensure()?.cargo("clippy")?;
    guests.args([
        "--profile",
        WASM_PROFILE,
        "--target",
        WASM_TARGET,
        "-p",
        "assay-edge",
    ]);
    select(&mut guests, &components);
    deny_warnings(&mut guests)?;

    say("The repository's own checks");
    run(cargo().args(["test", "--quiet", "-p", "xtask", "tidy"]))
}

fn deny_warnings(command: &mut Command) -> Result<()> {
    run(command.args(["--", "-D", "warnings"]))
}
