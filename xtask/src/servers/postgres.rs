//! PostgreSQL in a new cluster, without durability, since it lives as long as one test run.

use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result};

use super::guard::Scratch;
use super::{Guard, Started, free_port};
use crate::provision::apt::is_root;
use crate::provision::find;
use crate::shell::{capture, run};

/// Starts it; `postgres` is the superuser and needs no password on loopback.
pub(super) fn start() -> Result<Started> {
    let bin = find::postgres_bin().context("there is no PostgreSQL")?;
    let scratch = Scratch::new("postgres")?;
    let data = scratch.path().join("data");
    let user = if is_root() {
        Some(unprivileged()?)
    } else {
        None
    };
    if let Some((user, group)) = user {
        run(Command::new("chown")
            .arg(format!("{user}:{group}"))
            .arg(scratch.path()))?;
    }

    let mut initdb = command(&bin.join("initdb"), user, scratch.path());
    initdb
        .args([
            "-U",
            "postgres",
            "--auth=trust",
            "--encoding=UTF8",
            "--no-locale",
            "--no-sync",
            "-D",
        ])
        .arg(&data);
    capture(&mut initdb).context("cannot make a PostgreSQL cluster")?;

    let port = free_port()?;
    let mut server = command(&bin.join("postgres"), user, scratch.path());
    server
        .arg("-D")
        .arg(&data)
        .arg("-k")
        .arg(scratch.path())
        .args(["-p", &port.to_string()]);
    for setting in [
        "listen_addresses=127.0.0.1",
        "fsync=off",
        "synchronous_commit=off",
        "full_page_writes=off",
        "max_connections=300",
    ] {
        server.args(["-c", setting]);
    }
    // SIGQUIT is PostgreSQL's immediate shutdown: there is nothing to save.
    let guard = Guard::start(
        "postgres",
        &mut server,
        scratch,
        "QUIT",
        "ready to accept connections",
    )?;
    let url = format!("postgres://postgres@127.0.0.1:{port}/postgres");
    // For tests that kill a server of their own.
    let programs = bin.to_string_lossy().into_owned();
    Ok((
        guard,
        vec![
            ("ASSAY_TEST_POSTGRES_URL", url),
            ("ASSAY_TEST_POSTGRES_BIN", programs),
        ],
    ))
}

/// PostgreSQL refuses to run as root, so root runs it as another user: directly, so that the child's id is the server's own.
#[cfg_attr(
    not(unix),
    expect(unused_variables, reason = "only unix has users by number")
)]
fn command(program: &Path, user: Option<(u32, u32)>, folder: &Path) -> Command {
    let mut command = Command::new(program);
    command.current_dir(folder).env("LC_ALL", "C");
    #[cfg(unix)]
    if let Some((user, group)) = user {
        use std::os::unix::process::CommandExt;
        command.uid(user).gid(group);
    }
    command
}

/// User and group of `postgres`, or of `nobody` where the package made no user.
fn unprivileged() -> Result<(u32, u32)> {
    let number = |flag: &str, name: &str| -> Result<u32> {
        Ok(capture(Command::new("id").args([flag, name]))?.parse()?)
    };
    ["postgres", "nobody"]
        .iter()
        .find_map(|name| Some((number("-u", name).ok()?, number("-g", name).ok()?)))
        .context(
            "PostgreSQL does not run as root, and there is neither a user `postgres` nor `nobody`",
        )
}
