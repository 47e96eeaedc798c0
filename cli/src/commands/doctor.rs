//! `assay doctor`: checks what the platform needs, and says of each thing how it is.

use super::PlatformArgs;
use crate::exit::Exit;
use crate::manifest::{self, Manifest};
use crate::report::table::plain;
use crate::secrets::{Credentials, Secrets};
use crate::{code, files, local, term};
use anyhow::Result;
use clap::Args;
use comfy_table::{Cell, Color};
use std::net::{SocketAddr, TcpListener};
use std::path::Path;

/// Arguments of `assay doctor`.
#[derive(Debug, Args)]
pub(crate) struct DoctorArgs {
    #[command(flatten)]
    platform: PlatformArgs,
    /// The address that `assay up` would listen on.
    #[arg(
        long,
        env = "ASSAY_LISTEN",
        default_value = "127.0.0.1:3210",
        value_name = "ADDRESS"
    )]
    listen: SocketAddr,
    /// A server to ask for its health.
    #[arg(long, env = "ASSAY_URL", value_name = "URL")]
    url: Option<String>,
}

/// How a thing is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Good,
    Note,
    Bad,
}

/// Checks everything; 2 when something is bad.
///
/// # Errors
/// Never: what is wrong is told in the table.
#[expect(clippy::unnecessary_wraps, reason = "as every command")]
pub(crate) fn doctor(args: &DoctorArgs) -> Result<Exit> {
    let rows = checks(args);
    let mut table = plain(&["Check", "State", "Detail"]);
    if !term::coloured() {
        table.force_no_tty();
    }
    for (name, state, detail) in &rows {
        let (word, colour) = match state {
            State::Good => ("ok", Color::Green),
            State::Note => ("note", Color::Yellow),
            State::Bad => ("BAD", Color::Red),
        };
        table.add_row([
            Cell::new(name),
            Cell::new(word).fg(colour),
            Cell::new(detail),
        ]);
    }
    term::out(table.trim_fmt());
    let bad = rows
        .iter()
        .filter(|(_, state, _)| *state == State::Bad)
        .count();
    if bad > 0 {
        term::out(format!("\n{bad} of {} checks failed", rows.len()));
        return Ok(Exit::CouldNotRun);
    }
    Ok(Exit::Pass)
}

type Row = (&'static str, State, String);

fn checks(args: &DoctorArgs) -> Vec<Row> {
    let dir = &args.platform.data_dir;
    let mut rows = Vec::new();
    let manifest =
        manifest::find(args.platform.manifest.as_deref()).and_then(|path| Manifest::read(&path));
    match &manifest {
        Ok(m) => {
            rows.push((
                "Manifest",
                State::Good,
                format!("{}, {} components", m.path.display(), m.components.len()),
            ));
            rows.push(components(m));
        }
        Err(e) => rows.push(("Manifest", State::Bad, format!("{e:#}"))),
    }
    rows.push(data_dir(dir));
    rows.push(keys(dir));
    let kept = args.platform.cache_dir.clone();
    rows.push(cache(
        &kept.unwrap_or_else(|| dir.join("aot")),
        manifest.as_ref().ok(),
    ));
    let running = local::find(dir);
    match &running {
        Some(r) => rows.push((
            "Platform",
            State::Good,
            format!("{} (process {})", r.url, r.pid),
        )),
        None => rows.push(port(args.listen)),
    }
    if let Some(url) = &args.url {
        rows.push(match local::healthy(url) {
            Ok(()) => ("Server", State::Good, url.clone()),
            Err(e) => ("Server", State::Bad, e),
        });
    }
    rows
}

fn components(manifest: &Manifest) -> Row {
    let wrong: Vec<String> = manifest
        .components
        .iter()
        .filter_map(|(id, path)| match component(path) {
            Ok(()) => None,
            Err(e) => Some(format!("{id}: {}: {e}", path.display())),
        })
        .collect();
    if wrong.is_empty() {
        (
            "Components",
            State::Good,
            "every file is there and is a component".to_owned(),
        )
    } else {
        ("Components", State::Bad, wrong.join("\n"))
    }
}

/// Whether the file begins as a component does: the magic bytes, then layer 1.
fn component(path: &Path) -> Result<(), String> {
    use std::io::Read;
    let mut head = [0; 8];
    let mut file = std::fs::File::open(path).map_err(|e| files::plain(&e))?;
    file.read_exact(&mut head)
        .map_err(|_| "is too short".to_owned())?;
    match head {
        [0, b'a', b's', b'm', _, _, 1, 0] => Ok(()),
        [0, b'a', b's', b'm', ..] => Err("is a module, not a component".to_owned()),
        _ => Err("is not WebAssembly".to_owned()),
    }
}

fn data_dir(dir: &Path) -> Row {
    let shown = dir.display();
    if !dir.exists() {
        return (
            "Data folder",
            State::Note,
            format!("{shown} is made at the first start"),
        );
    }
    match files::writable(dir) {
        Ok(()) => ("Data folder", State::Good, format!("{shown} is writable")),
        Err(e) => ("Data folder", State::Bad, format!("{e:#}")),
    }
}

fn keys(dir: &Path) -> Row {
    if !dir.join("secrets.toml").exists() {
        return (
            "Keys",
            State::Note,
            "are made at the first start".to_owned(),
        );
    }
    match Secrets::load(dir).and_then(|_| Credentials::stored(dir)) {
        Ok(Some(pair)) => (
            "Keys",
            State::Good,
            format!("public key {}", pair.public_key),
        ),
        Ok(None) => (
            "Keys",
            State::Note,
            "no key pair is stored: it came from the environment".to_owned(),
        ),
        Err(e) => ("Keys", State::Bad, format!("{e:#}")),
    }
}

fn cache(dir: &Path, manifest: Option<&Manifest>) -> Row {
    let compiled = code::kept(dir).len();
    let wanted = manifest.map_or(0, |m| m.components.len());
    if compiled >= wanted && compiled > 0 {
        (
            "Compiled code",
            State::Good,
            format!("{compiled} components are kept"),
        )
    } else {
        (
            "Compiled code",
            State::Note,
            format!("{compiled} of {wanted} components; the next start compiles the rest"),
        )
    }
}

fn port(listen: SocketAddr) -> Row {
    match TcpListener::bind(listen) {
        Ok(_) => ("Port", State::Good, format!("{listen} is free")),
        Err(e) => (
            "Port",
            State::Bad,
            format!("{listen}: {}", files::plain(&e)),
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_told_apart() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("x.wasm");
        for (bytes, expected) in [
            (&b"\0asm\x0d\0\x01\0rest"[..], Ok(())),
            (
                b"\0asm\x01\0\0\0",
                Err("is a module, not a component".to_owned()),
            ),
            (b"#!/bin/sh\n", Err("is not WebAssembly".to_owned())),
            (b"", Err("is too short".to_owned())),
        ] {
            std::fs::write(&path, bytes).unwrap();
            assert_eq!(component(&path), expected);
        }
        assert_eq!(
            component(&dir.path().join("nope")),
            Err("No such file or directory".to_owned())
        );
    }

    #[test]
    fn a_port_in_use_is_bad() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        assert_eq!(port(listener.local_addr().unwrap()).1, State::Bad);
    }
}
