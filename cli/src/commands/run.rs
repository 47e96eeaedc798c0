//! `assay run`: a campaign against an agent, on a server or within this process.

use super::blocking;
use super::run_args::{Output, RunArgs};
use crate::api::Client;
use crate::campaign::{self, Outcome};
use crate::cancel::Cancel;
use crate::engine::{Launch, Platform, SignInLink};
use crate::exit::{self, Exit};
use crate::local;
use crate::report::{Report, junit, markdown, table};
use crate::secrets::{self, Credentials};
use crate::term;
use anyhow::{Context, Result, anyhow, bail};
use std::net::{Ipv4Addr, SocketAddr};
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
        ready = server(&args) => ready?,
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

/// The server to run on: the one that is named, else the one that serves from the data folder, else one of our own.
async fn server(args: &RunArgs) -> Result<(Client, Option<Platform>)> {
    let dir = &args.platform.data_dir;
    let named = match (&args.public_key, &args.secret_key) {
        (Some(public_key), Some(secret_key)) => Some(Credentials {
            public_key: public_key.clone(),
            secret_key: secret_key.clone(),
        }),
        (None, None) => None,
        (Some(_), None) => bail!("--public-key needs --secret-key (or ASSAY_SECRET_KEY) beside it"),
        (None, Some(_)) => bail!("--secret-key needs --public-key (or ASSAY_PUBLIC_KEY) beside it"),
    };
    let credentials = |what: &str| {
        match named.clone() {
        Some(pair) => Ok(pair),
        None => Credentials::stored(dir)?.ok_or_else(|| {
            anyhow!("no key pair for {what}: give --public-key and --secret-key, or ASSAY_PUBLIC_KEY and ASSAY_SECRET_KEY")
        }),
    }
    };
    if let Some(url) = &args.url {
        return Ok((Client::new(url, &credentials(url)?)?, None));
    }
    let folder = dir.clone();
    if let Some(running) = blocking(move || Ok(local::find(&folder))).await? {
        term::note(format!(
            "running on {} (process {})",
            running.url, running.pid
        ));
        return Ok((
            Client::new(&running.url, &credentials(&running.url)?)?,
            None,
        ));
    }
    let launch = Launch {
        manifest: args.platform.manifest.clone(),
        data_dir: dir.clone(),
        cache_dir: args.platform.cache_dir.clone(),
        listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
        runtime_config: args.platform.runtime_config.clone(),
        public_url: None,
        allow_private_targets: args.platform.allow_private_targets,
        sign_in_link: SignInLink::Never,
    };
    let platform = Platform::start(&launch).await?;
    let client = match platform
        .credentials
        .clone()
        .or(named)
        .context(secrets::NO_KEYS)
    {
        Ok(pair) => Client::new(&platform.url, &pair),
        Err(e) => Err(e),
    };
    match client {
        Ok(client) => Ok((client, Some(platform))),
        Err(e) => {
            platform.shutdown().await;
            Err(e)
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
fn probe(path: &Path) -> Result<()> {
    std::fs::OpenOptions::new()
        .append(true)
        .create(true)
        .open(path)
        .map(drop)
        .map_err(|e| cannot_write(path, &e))
}

fn cannot_write(path: &Path, e: &std::io::Error) -> anyhow::Error {
    anyhow!(
        "{} cannot be written: {}",
        path.display(),
        crate::files::plain(e)
    )
}
