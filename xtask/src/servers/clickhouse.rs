//! ClickHouse: a real server when a current one is installed, else its engine behind our own HTTP front.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result};

use super::guard::Scratch;
use super::{Guard, Started, free_port};
use crate::provision::{find, python};
use crate::workspace;

const USER: &str = "assay";
/// Guards nothing but the tests' own claim that a wrong password is refused.
const PASSWORD: &str = "assay-test";

/// Starts it with a user and a password, so that authentication is tested too.
pub(super) fn start() -> Result<Started> {
    let scratch = Scratch::new("clickhouse")?;
    let (guard, port) = match find::clickhouse() {
        Some(program) => real(&program, scratch)?,
        None => engine(scratch)?,
    };
    let mut variables = vec![
        (
            "ASSAY_TEST_CLICKHOUSE_URL",
            format!("http://127.0.0.1:{port}"),
        ),
        ("ASSAY_TEST_CLICKHOUSE_USER", USER.to_owned()),
        ("ASSAY_TEST_CLICKHOUSE_PASSWORD", PASSWORD.to_owned()),
    ];
    // For tests that kill an engine of their own.
    if python::has_chdb() {
        let interpreter = python::interpreter().to_string_lossy().into_owned();
        variables.push(("ASSAY_TEST_CLICKHOUSE_ENGINE", interpreter));
    }
    Ok((guard, variables))
}

fn engine(scratch: Scratch) -> Result<(Guard, u16)> {
    let mut server = Command::new(python::interpreter());
    server
        .arg(workspace::root().join("tools/chdb_http.py"))
        .args([
            "--port",
            "0",
            "--user",
            USER,
            "--password",
            PASSWORD,
            "--dir",
        ])
        .arg(scratch.path().join("db"));
    let guard = Guard::start(
        "clickhouse engine",
        &mut server,
        scratch,
        "TERM",
        "listening on",
    )?;
    let port = port_in(&guard.log()).context("the ClickHouse engine names no port")?;
    Ok((guard, port))
}

fn real(program: &Path, scratch: Scratch) -> Result<(Guard, u16)> {
    let port = free_port()?;
    let config = scratch.path().join("config.xml");
    fs::write(&config, configuration(scratch.path(), port))?;
    let mut server = Command::new(program);
    if program.ends_with("clickhouse") {
        server.arg("server");
    }
    server
        .current_dir(scratch.path())
        .arg("--config-file")
        .arg(&config);
    let guard = Guard::start(
        "clickhouse",
        &mut server,
        scratch,
        "TERM",
        "Ready for connections",
    )?;
    Ok((guard, port))
}

/// HTTP only, on loopback, one user.
fn configuration(folder: &Path, port: u16) -> String {
    let folder = folder.display();
    format!(
        "<clickhouse>
  <logger><level>information</level><console>1</console></logger>
  <listen_host>127.0.0.1</listen_host>
  <http_port>{port}</http_port>
  <path>{folder}/data/</path>
  <tmp_path>{folder}/tmp/</tmp_path>
  <mark_cache_size>67108864</mark_cache_size>
  <users><{USER}><password>{PASSWORD}</password><networks><ip>127.0.0.1</ip></networks>
    <profile>default</profile><quota>default</quota><access_management>1</access_management></{USER}></users>
  <profiles><default/></profiles>
  <quotas><default/></quotas>
</clickhouse>
"
    )
}

fn port_in(log: &str) -> Option<u16> {
    log.lines().find_map(|line| {
        line.strip_prefix("listening on http://127.0.0.1:")?
            .trim()
            .parse()
            .ok()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_port_is_read_from_the_log() {
        assert_eq!(
            port_in("warming up\nlistening on http://127.0.0.1:40321\n"),
            Some(40321)
        );
        assert_eq!(port_in("listening on nothing"), None);
    }
}
