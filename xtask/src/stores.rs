//! Keeps the stores running for a person who works on one test.

use std::io::{self, Read, Write};
use std::process::ExitCode;

use anyhow::Result;

use crate::provision;
use crate::servers::{Servers, Store};
use crate::shell::say;

/// What `cargo xtask stores` takes.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// Leave out a store.
    #[arg(long, value_enum)]
    without: Vec<Store>,
}

/// Starts the stores, prints their variables for a shell, and ends them when the input ends or on Ctrl-C.
pub(crate) fn stores(options: &Options) -> Result<ExitCode> {
    let stores: Vec<Store> = Store::ALL
        .into_iter()
        .filter(|store| !options.without.contains(store))
        .collect();
    provision::ensure(&stores, false)?;
    let servers = Servers::start(&stores, None)?;
    for (name, value) in &servers.variables {
        println!("export {name}='{value}'");
    }
    io::stdout().flush()?;
    say("Paste these lines into another terminal; Ctrl-C or Ctrl-D here ends the stores");
    // Whatever is typed means nothing; its end does.
    io::stdin().lock().read_to_end(&mut Vec::new())?;
    drop(servers);
    Ok(ExitCode::SUCCESS)
}
