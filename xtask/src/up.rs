//! Builds, then becomes `assay up`.

use std::process::{Command, ExitCode};

use anyhow::Result;

use crate::build;
use crate::shell::say;
use crate::workspace;

/// What `cargo xtask up` takes.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// Run the demo evaluation to its end, print the result, and stop.
    #[arg(long)]
    once: bool,
    /// Passed on to `assay up` as they are.
    #[arg(last = true)]
    args: Vec<String>,
}

/// Replaces this process by the server, so that signals and the exit code are the server's own.
pub(crate) fn up(options: &Options) -> Result<ExitCode> {
    build::all()?;
    say("Starting Assay");
    let mut command = Command::new(workspace::assay_bin());
    command
        .current_dir(workspace::root())
        .args(["up", "--demo", "--manifest", "spin.toml"]);
    if options.once {
        command.arg("--once");
    }
    command.args(&options.args);
    become_(command)
}

#[cfg(unix)]
fn become_(mut command: Command) -> Result<ExitCode> {
    use std::os::unix::process::CommandExt;
    // Only returns when it failed.
    Err(anyhow::Error::from(command.exec()).context("cannot start target/release/assay"))
}

#[cfg(not(unix))]
fn become_(mut command: Command) -> Result<ExitCode> {
    let status = command.status()?;
    Ok(if status.success() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}
