//! `assay run`: a campaign against an agent, on a server or within this process.

use super::blocking;
use super::run_args::{Output, RunArgs};
use super::server;
use crate::campaign::{self, Outcome};
use crate::cancel::Cancel;
use crate::exit::{self, Exit};
use crate::report::{Report, junit, markdown, table};
use crate::term;
use anyhow::{Context, Result, anyhow, bail};
use std::path::Path;

/// Runs the campaign and tells its result.
///
/// # Errors
/// When it could not run; the message is one line.
pub(crate) async fn run(args: RunArgs) -> Result<Exit> {
    // What is wrong with the arguments and files is said before anything is started.
    let plan = args.plan(|name| std::env::var(name).ok())?;
    if let Some(path) = &args.out_file {
        probe(path)?;
    }
    let cancel = Cancel::at_signals().context("signals cannot be handled")?;
    let (client, platform) = tokio::select! {
        ready = server::connect(&args.server) => ready?,
        () = cancel.wait() => return Ok(Exit::Interrupted),
    };
    let wish = cancel.clone();
    let outcome = blocking(move || campaign::run(&client, &plan, &wish)).await;
    if let Some(platform) = platform {
        platform.shutdown().await;
    }
    match outcome? {
        Outcome::Stopped { id, summary } => {
            campaign::tell_stopped(&id, &summary);
            Ok(Exit::Interrupted)
        }
        Outcome::Waiting { id, summary } => {
            campaign::tell_waiting(&id, &summary);
            Ok(Exit::Waiting)
        }
        Outcome::Finished(report) => {
            tell(&report, args.output, args.out_file.as_deref())?;
            if exit::never_reached(&report.summary, &report.items) {
                let why = report
                    .items
                    .iter()
                    .find_map(|i| i.error.as_ref())
                    .map_or("", |e| e.message.as_str());
                bail!("the target was never reached: {why}");
            }
            Ok(Exit::of_campaign(
                report.status,
                report.verdict,
                &report.summary,
                &report.gate,
                &report.items,
            ))
        }
    }
}

/// Writes the result where it is wanted. Where that is not the terminal, the terminal shows the table as well.
fn tell(report: &Report, output: Output, file: Option<&Path>) -> Result<()> {
    let text = match output {
        Output::Table => table::render(report, file.is_none() && term::coloured()),
        Output::Json => serde_json::to_string_pretty(report)? + "\n",
        Output::Junit => junit::render(report)?,
        Output::Md => markdown::render(report),
    };
    match file {
        Some(path) => {
            std::fs::write(path, text).map_err(|e| cannot_write(path, &e))?;
            term::out(table::render(report, term::coloured()).trim_end());
            term::note(format!("result written to {}", path.display()));
        }
        None => {
            if output != Output::Table {
                term::note(table::render(report, false).trim_end());
            }
            term::out(text.trim_end());
        }
    }
    Ok(())
}

/// Checks early that the result can be written: a campaign may take hours.
pub(super) fn probe(path: &Path) -> Result<()> {
    std::fs::OpenOptions::new()
        .append(true)
        .create(true)
        .open(path)
        .map(drop)
        .map_err(|e| cannot_write(path, &e))
}

pub(super) fn cannot_write(path: &Path, e: &std::io::Error) -> anyhow::Error {
    anyhow!(
        "{} cannot be written: {}",
        path.display(),
        crate::files::plain(e)
    )
}
