//! The server that a command works with.

use super::{PlatformArgs, blocking};
use crate::api::Client;
use crate::engine::{Launch, Platform, SignInLink};
use crate::local;
use crate::secrets::{self, Credentials};
use crate::term;
use anyhow::{Context, Result, anyhow, bail};
use clap::Args;
use std::net::{Ipv4Addr, SocketAddr};

/// Which server, and in whose name.
#[derive(Debug, Args)]
pub(crate) struct ServerArgs {
    #[command(flatten)]
    pub(crate) platform: PlatformArgs,
    /// The server to work with. Default: the one that serves from the data folder, else one in this process.
    #[arg(long, env = "ASSAY_URL", value_name = "URL")]
    pub(crate) url: Option<String>,
    /// The server's public key.
    #[arg(long, env = "ASSAY_PUBLIC_KEY", value_name = "KEY")]
    pub(crate) public_key: Option<String>,
    /// The server's secret key; better given in the environment, for others can see arguments.
    #[arg(
        long,
        env = "ASSAY_SECRET_KEY",
        hide_env_values = true,
        value_name = "KEY"
    )]
    pub(crate) secret_key: Option<String>,
}

/// The server to run on: the one that is named, else the one that serves from the data folder, else one of our own.
///
/// # Errors
/// When there is none, or no key pair for it.
pub(crate) async fn connect(args: &ServerArgs) -> Result<(Client, Option<Platform>)> {
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
