//! Redis in memory.

use std::process::Command;

use anyhow::{Context, Result};

use super::guard::Scratch;
use super::{Guard, Started, free_port};
use crate::provision::find;

/// Starts it; nothing is saved.
pub(super) fn start() -> Result<Started> {
    let program = find::redis().context("there is no Redis")?;
    let scratch = Scratch::new("redis")?;
    let port = free_port()?.to_string();
    let mut server = Command::new(program);
    server
        .args([
            "--bind",
            "127.0.0.1",
            "--port",
            &port,
            "--save",
            "",
            "--appendonly",
            "no",
            "--databases",
            "64",
            "--dir",
        ])
        .arg(scratch.path());
    let guard = Guard::start(
        "redis",
        &mut server,
        scratch,
        "TERM",
        "eady to accept connections",
    )?;
    Ok((
        guard,
        vec![("ASSAY_TEST_REDIS_URL", format!("redis://127.0.0.1:{port}"))],
    ))
}
