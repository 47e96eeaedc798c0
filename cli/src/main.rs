//! The `assay` command: brings the platform up, runs campaigns against agents, and tells what came of them.

mod allocator;
mod api;
mod campaign;
mod cancel;
mod code;
mod commands;
mod dataset;
mod engine;
mod exit;
mod files;
mod imported;
mod local;
mod logs;
mod manifest;
mod metrics_arg;
mod named;
mod networks;
mod problem;
mod progress;
mod report;
mod resources;
mod secrets;
mod settings;
mod sign;
mod term;
mod waiting;

use clap::Parser;
use std::process::ExitCode;

fn main() -> ExitCode {
    allocator::give_back_at_once();
    let cli = commands::Cli::parse();
    match commands::run(cli) {
        Ok(exit) => exit.into(),
        Err(e) => {
            term::note(format!(
                "assay: {}",
                term::one_line(&format!("{e:#}"), 2000)
            ));
            exit::Exit::CouldNotRun.into()
        }
    }
}
