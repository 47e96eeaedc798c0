//! Says what this machine has, what it lacks, and how to get it.

use std::env;
use std::path::Path;
use std::process::{Command, ExitCode};

use anyhow::Result;

use crate::provision::{self, find, python};
use crate::shell::{capture, cargo, which};
use crate::wasm;
use crate::workspace::{self, WASM_TARGET};

/// One line of the table.
struct Row {
    name: &'static str,
    /// What was found.
    found: Option<String>,
    /// What to do when nothing was.
    fix: String,
    /// Whether work stops without it.
    required: bool,
}

/// Prints the table; the exit code is 2 when something required is missing.
pub(crate) fn doctor() -> Result<ExitCode> {
    let rows = rows();
    for row in &rows {
        let state = match (&row.found, row.required) {
            (Some(_), _) => "ok",
            (None, true) => "missing",
            (None, false) => "optional",
        };
        let detail = row.found.as_deref().unwrap_or(&row.fix);
        println!("{state:<9} {:<22} {detail}", row.name);
    }
    let missing = rows
        .iter()
        .filter(|row| row.required && row.found.is_none())
        .count();
    Ok(if missing == 0 {
        println!("Everything that a build and a full test run need is here.");
        ExitCode::SUCCESS
    } else {
        println!("{missing} missing.");
        ExitCode::from(2)
    })
}

fn rows() -> Vec<Row> {
    let minimum = minimum_rust().unwrap_or_default();
    let rust = version("rustc", "--version").filter(|said| is_at_least(said, &minimum));
    let store = |need: &provision::Need, found: Option<String>| Row {
        name: need.package,
        found,
        fix: format!(
            "{}: `apt-get install {}`; {} (`cargo xtask test` installs it on Debian)",
            need.name, need.package, need.elsewhere
        ),
        required: true,
    };
    vec![
        required(
            "rustc",
            rust,
            format!("Rust {minimum} or newer: `rustup update stable`"),
        ),
        required(
            "cargo fmt",
            said(cargo().args(["fmt", "--version"])),
            "`rustup component add rustfmt`",
        ),
        required(
            "cargo clippy",
            said(cargo().args(["clippy", "--version"])),
            "`rustup component add clippy`",
        ),
        required(
            WASM_TARGET,
            wasm::target_installed().then(|| "installed".to_owned()),
            format!("`rustup target add {WASM_TARGET}` (`cargo xtask build` does it)"),
        ),
        optional(
            "cargo nextest",
            said(cargo().args(["nextest", "--version"])),
            "`cargo install cargo-nextest --locked` for faster test runs",
        ),
        required(
            "cc",
            version("cc", "--version"),
            "a C compiler: `apt-get install gcc`; macOS: `xcode-select --install`",
        ),
        required("git", version("git", "--version"), "`apt-get install git`"),
        optional(
            "node",
            version("node", "--version"),
            "Node.js 20 or newer, only to change the web app: https://nodejs.org",
        ),
        optional("npm", version("npm", "--version"), "comes with Node.js"),
        store(
            &provision::POSTGRES,
            find::postgres_bin().and_then(|bin| version_at(&bin.join("postgres"), "--version")),
        ),
        store(
            &provision::REDIS,
            find::redis().and_then(|redis| version_at(&redis, "--version")),
        ),
        store(
            &provision::CHROMIUM,
            find::chromium().map(|path| path.display().to_string()),
        ),
        store(&provision::PYTHON, clickhouse_or_python()),
        optional(
            "clickhouse engine",
            engine(),
            "`cargo xtask test` installs it once (180 MB) where no current `clickhouse` is on PATH",
        ),
        optional(
            "spin.toml",
            workspace::root()
                .join("spin.toml")
                .is_file()
                .then(|| "found".to_owned()),
            "the application's manifest",
        ),
        optional(
            "assay",
            workspace::assay_bin().is_file().then(|| "built".to_owned()),
            "`cargo xtask build`",
        ),
    ]
}

fn required(name: &'static str, found: Option<String>, fix: impl Into<String>) -> Row {
    Row {
        name,
        found,
        fix: fix.into(),
        required: true,
    }
}

fn optional(name: &'static str, found: Option<String>, fix: impl Into<String>) -> Row {
    Row {
        name,
        found,
        fix: fix.into(),
        required: false,
    }
}

fn clickhouse_or_python() -> Option<String> {
    find::clickhouse()
        .map(|path| format!("not needed: {}", path.display()))
        .or_else(|| {
            python::usable()
                .then(|| version("python3", "--version"))
                .flatten()
        })
}

fn engine() -> Option<String> {
    find::clickhouse()
        .map(|path| path.display().to_string())
        .or_else(|| python::has_chdb().then(|| "installed in target/tools/venv".to_owned()))
}

fn version(program: &str, flag: &str) -> Option<String> {
    version_at(&which(&[program])?, flag)
}

fn version_at(program: &Path, flag: &str) -> Option<String> {
    said(Command::new(program).arg(flag))
}

fn said(command: &mut Command) -> Option<String> {
    capture(command).ok()?.lines().next().map(str::to_owned)
}

/// The workspace's `rust-version`, which cargo tells every package it compiles.
fn minimum_rust() -> Option<String> {
    option_env!("CARGO_PKG_RUST_VERSION")
        .map(str::to_owned)
        .or_else(|| env::var("CARGO_PKG_RUST_VERSION").ok())
}

/// Compares the first version in the text with a minimum such as `1.95`.
fn is_at_least(said: &str, minimum: &str) -> bool {
    let numbers = |text: &str| -> Vec<u32> {
        text.split(['.', '-', ' '])
            .map_while(|part| part.parse().ok())
            .collect()
    };
    let found = said
        .split_whitespace()
        .map(numbers)
        .find(|version| version.len() > 1)
        .unwrap_or_default();
    found >= numbers(minimum)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_old_compiler_is_not_ok() {
        assert!(is_at_least("rustc 1.95.0 (59807616e 2026-04-14)", "1.95"));
        assert!(is_at_least("rustc 2.0.0", "1.95"));
        assert!(!is_at_least("rustc 1.94.1 (x)", "1.95"));
        assert!(!is_at_least("nonsense", "1.95"));
    }
}
