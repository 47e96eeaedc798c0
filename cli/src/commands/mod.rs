//! The commands, one file each.

mod compile;
mod demo;
mod doctor;
mod gate;
mod import;
mod report;
mod run;
mod run_args;
mod server;
mod up;

use crate::exit::Exit;
use crate::logs::{self, LogFormat};
use anyhow::{Context, Result};
use clap::{Args, Parser, Subcommand};
use std::path::PathBuf;

/// Evaluate AI agents.
///
/// Exit codes: 0 passed, 1 quality below the gate, 2 could not run, 3 inconclusive, 130 stopped by a signal.
#[derive(Debug, Parser)]
#[command(name = "assay", version, about, long_about)]
pub(crate) struct Cli {
    /// What is logged to standard error: a level, or a list such as `info,assay_host=debug`. Default: warnings, from the
    /// moment that everything is up.
    #[arg(long, global = true, env = "ASSAY_LOG", value_name = "FILTER")]
    log: Option<String>,
    /// How it is logged.
    #[arg(
        long,
        global = true,
        env = "ASSAY_LOG_FORMAT",
        default_value = "text",
        value_name = "FORMAT"
    )]
    log_format: LogFormat,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve the platform on this machine.
    Up(up::UpArgs),
    /// Run a campaign against an agent and report on it.
    Run(Box<run_args::RunArgs>),
    /// Judge a campaign by a gate, beside a baseline where the gate compares with one.
    Gate(Box<gate::GateArgs>),
    /// Bring files of other evaluation tools in: promptfoo, DeepEval, Langfuse, OpenAI's evals, ragas.
    Import(Box<import::ImportArgs>),
    /// Write a campaign's report, as HTML, JSON, CSV or Markdown.
    Report(Box<report::ReportArgs>),
    /// Compile the application's components ahead of time.
    Compile(compile::CompileArgs),
    /// Check what the platform needs.
    Doctor(doctor::DoctorArgs),
}

/// What every command that works with a local platform takes.
#[derive(Debug, Clone, Args)]
pub(crate) struct PlatformArgs {
    /// The folder that holds all data and keys.
    #[arg(
        long,
        env = "ASSAY_DATA_DIR",
        default_value = ".assay",
        value_name = "DIR"
    )]
    pub(crate) data_dir: PathBuf,
    /// Where compiled components are kept. Default: `aot` in the data folder.
    #[arg(long, env = "ASSAY_CACHE_DIR", value_name = "DIR")]
    pub(crate) cache_dir: Option<PathBuf>,
    /// The application manifest. Default: spin.toml here, else the installed one.
    #[arg(long, env = "ASSAY_MANIFEST", value_name = "FILE")]
    pub(crate) manifest: Option<PathBuf>,
    /// Spin's runtime configuration: where stores are.
    #[arg(long, env = "ASSAY_RUNTIME_CONFIG", value_name = "FILE")]
    pub(crate) runtime_config: Option<PathBuf>,
    /// Let agents and models be anywhere, private networks included.
    #[arg(long, env = "ASSAY_ALLOW_PRIVATE_TARGETS")]
    pub(crate) allow_private_targets: bool,
}

/// Runs a command.
///
/// # Errors
/// When it could not do its work; the message is one line.
pub(crate) fn run(cli: Cli) -> Result<Exit> {
    logs::start(cli.log.as_deref(), cli.log_format)?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .context("the system gives no threads")?;
    let exit = runtime.block_on(async {
        match cli.command {
            Command::Up(args) => up::up(args).await,
            Command::Run(args) => run::run(*args).await,
            Command::Gate(args) => gate::gate(*args).await,
            Command::Import(args) => import::import(*args).await,
            Command::Report(args) => report::report(*args).await,
            Command::Compile(args) => blocking(move || compile::compile(&args)).await,
            Command::Doctor(args) => blocking(move || doctor::doctor(&args)).await,
        }
    });
    // What still blocks (a call that has not timed out) must not hold the exit up.
    runtime.shutdown_background();
    exit
}

/// Does blocking work beside the engine.
///
/// # Errors
/// Those of the work.
pub(crate) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T> + Send + 'static,
) -> Result<T> {
    tokio::task::spawn_blocking(work)
        .await
        .map_err(|e| anyhow::anyhow!("a fault in assay itself: {e}"))?
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    #[test]
    fn the_arguments_are_consistent() {
        super::Cli::command().debug_assert();
    }
}
