//! The platform as a process: `assay up` as a person starts it.

use crate::context::Context;
use crate::process::{Process, Usage};
use crate::wire::{Call, Connection};
use anyhow::{Context as _, Result};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

pub(crate) const PUBLIC_KEY: &str = "pk-as-bench-public";
pub(crate) const SECRET_KEY: &str = "sk-as-bench-secret-0123456789";

/// The first start compiles every component.
const FIRST_START: Duration = Duration::from_secs(600);

/// The header that opens the API.
pub(crate) fn authorization() -> String {
    format!(
        "Basic {}",
        STANDARD.encode(format!("{PUBLIC_KEY}:{SECRET_KEY}"))
    )
}

/// One cheap request to each public component.
pub(crate) const COMPONENTS: [(&str, Call); 8] = [
    ("identity", Call::get("/api/v1/me")),
    ("resources", Call::get("/api/v1/agents")),
    ("orchestrator", Call::get("/api/v1/campaigns")),
    ("evaluator", Call::get("/api/v1/metrics")),
    (
        "ingest",
        Call::post("/v1/traces", r#"{"resourceSpans":[]}"#),
    ),
    ("traces", Call::get("/api/v1/traces")),
    ("sample-agent", Call::get("/sample-agent/v1/models")),
    ("studio", Call::get("/")),
];

/// A platform that serves.
pub(crate) struct Platform {
    process: Process,
    /// Where it listens.
    pub(crate) addr: SocketAddr,
}

impl Platform {
    /// Starts it and waits until it says that it is up.
    pub(crate) fn start(context: &Context, manifest: &Path, data: &Path) -> Result<Self> {
        Self::start_with(context, manifest, data, &[])
    }

    /// The same with settings of its own.
    pub(crate) fn start_with(
        context: &Context,
        manifest: &Path,
        data: &Path,
        settings: &[(&str, String)],
    ) -> Result<Self> {
        let mut command = command(context, manifest, data, "127.0.0.1:0");
        command.envs(settings.iter().map(|(name, value)| (name, value)));
        let (process, url) = Process::start_until(
            &mut command,
            &log(context),
            "assay listening on ",
            FIRST_START,
        )?;
        let addr = url
            .strip_prefix("http://")
            .and_then(|addr| addr.parse().ok())
            .with_context(|| format!("no address: {url}"))?;
        Ok(Self { process, addr })
    }

    /// A connection to it, with the owner's key.
    pub(crate) fn connect(&self) -> Result<Connection> {
        Connection::open(self.addr, &authorization()).context("the platform takes no connection")
    }

    /// Its base URL.
    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.addr)
    }

    /// What its process uses.
    pub(crate) fn usage(&self) -> Result<Usage> {
        self.process.usage()
    }

    /// What its process and all processes that it started use.
    pub(crate) fn tree(&self) -> Result<Usage> {
        self.process.tree()
    }

    /// Stops it in order.
    pub(crate) fn stop(self) -> Result<()> {
        self.process.terminate()
    }
}

/// Where the platform logs to.
pub(crate) fn log(context: &Context) -> PathBuf {
    context.path("assay.log")
}

/// The command that starts it.
pub(crate) fn command(context: &Context, manifest: &Path, data: &Path, listen: &str) -> Command {
    let mut command = Command::new(&context.assay);
    command
        .current_dir(&context.root)
        .args(["up", "--listen", listen, "--manifest"])
        .arg(manifest)
        .arg("--data-dir")
        .arg(data)
        .env("ASSAY_INIT_WORKSPACE", "Bench")
        .env("ASSAY_INIT_OWNER_EMAIL", "owner@example.com")
        .env("ASSAY_INIT_PUBLIC_KEY", PUBLIC_KEY)
        .env("ASSAY_INIT_SECRET_KEY", SECRET_KEY);
    command
}
