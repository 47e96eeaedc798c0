//! `assay up`: serve the platform on this machine.

use super::{PlatformArgs, blocking, demo};
use crate::api::Client;
use crate::cancel::Cancel;
use crate::engine::{Launch, Platform, Resealed, SignInLink};
use crate::exit::Exit;
use crate::local::Announcement;
use crate::secrets::{self, Credentials};
use crate::{files, term};
use anyhow::{Context, Result};
use clap::Args;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Instant;

/// Arguments of `assay up`.
#[derive(Debug, Args)]
pub(crate) struct UpArgs {
    #[command(flatten)]
    platform: PlatformArgs,
    /// Where to listen; port 0 takes a free one.
    #[arg(
        long,
        env = "ASSAY_LISTEN",
        default_value = "127.0.0.1:3210",
        value_name = "ADDRESS"
    )]
    listen: SocketAddr,
    /// The address that browsers and agents reach the platform by, where that is another one.
    #[arg(long, env = "ASSAY_PUBLIC_URL", value_name = "URL")]
    public_url: Option<String>,
    /// Run a campaign of shipped support cases against the sample agent and print its report.
    #[arg(long)]
    demo: bool,
    /// Print a link that signs the owner in once, also where one was printed before.
    #[arg(long)]
    sign_in_link: bool,
    /// Stop when everything is up and the demo, where asked for, is done.
    #[arg(long)]
    once: bool,
    /// Write the address to this file once the platform answers.
    #[arg(long, value_name = "FILE")]
    ready_file: Option<PathBuf>,
}

/// Serves until a signal comes.
///
/// # Errors
/// When the platform does not start, or, with `--once`, when the demo could not run.
pub(crate) async fn up(args: UpArgs) -> Result<Exit> {
    let started = Instant::now();
    let cancel = Cancel::at_signals().context("signals cannot be handled")?;
    let launch = Launch {
        manifest: args.platform.manifest.clone(),
        data_dir: args.platform.data_dir.clone(),
        cache_dir: args.platform.cache_dir.clone(),
        listen: args.listen,
        runtime_config: args.platform.runtime_config.clone(),
        public_url: args.public_url.clone(),
        allow_private_targets: args.platform.allow_private_targets,
        sign_in_link: if args.sign_in_link {
            SignInLink::Always
        } else {
            SignInLink::First
        },
    };
    let platform = tokio::select! {
        platform = Platform::start(&launch) => platform?,
        () = cancel.wait() => return Ok(Exit::Pass),
    };
    let served = serve(&args, &platform, started, &cancel).await;
    if !args.once && cancel.is_set() {
        term::note("stopping: work under way is ended first (once more to stop at once)");
    }
    platform.shutdown().await;
    served
}

async fn serve(
    args: &UpArgs,
    platform: &Platform,
    started: Instant,
    cancel: &Cancel,
) -> Result<Exit> {
    let _announcement = Announcement::write(&args.platform.data_dir, &platform.url)?;
    announce(&args.platform.data_dir, platform, started);
    if let Some(path) = &args.ready_file {
        files::write_private(path, &format!("{}\n", platform.url))?;
    }
    if args.demo {
        let (url, keys) = (platform.url.clone(), platform.credentials.clone());
        let (public_url, wish) = (platform.public_url.clone(), cancel.clone());
        let demo = move || {
            let client = Client::new(&url, &keys.context(secrets::NO_KEYS)?)?;
            demo::run(&client, &public_url, &wish)
        };
        match blocking(demo).await {
            Ok(exit) if args.once || cancel.is_set() => return Ok(exit),
            Ok(_) => {}
            Err(e) if args.once => return Err(e.context("demo")),
            Err(e) => term::note(format!("demo: {}", term::one_line(&format!("{e:#}"), 2000))),
        }
        term::out("\nServing. Stop with Ctrl-C.");
    }
    if !args.once {
        cancel.wait().await;
    }
    Ok(Exit::Pass)
}

/// Tells where everything is. The secret key is never shown: a terminal's history and a container's log outlive it.
fn announce(data_dir: &Path, platform: &Platform, started: Instant) {
    let keys = match &platform.credentials {
        Some(pair) if platform.given => format!("{} (from the environment)", pair.public_key),
        Some(pair) => format!(
            "{} (public key {})",
            data_dir.join(Credentials::FILE).display(),
            pair.public_key
        ),
        None => "those given out when this installation was made".to_owned(),
    };
    let store = if platform.embedded {
        "embedded stores"
    } else {
        "external database"
    };
    term::out(format!(
        "Assay {} is up after {} ms",
        env!("CARGO_PKG_VERSION"),
        started.elapsed().as_millis()
    ));
    term::out(format!("  Studio   {}/", platform.public_url));
    term::out(format!("  API      {}/api/v1", platform.public_url));
    term::out(format!("  Data     {} ({store})", data_dir.display()));
    term::out(format!("  Keys     {keys}"));
    if let Some(link) = &platform.sign_in {
        term::out(format!("  Sign in  {link} (works once, for an hour)"));
    }
    match platform.resealed {
        Resealed {
            done: 0,
            unreadable: 0,
        } => {}
        Resealed { done, unreadable } => term::out(format!(
            "  Rotated  {done} secrets are encrypted with the first key now; {unreadable} could not be decrypted"
        )),
    }
    term::out(format!("assay listening on {}", platform.url));
}
