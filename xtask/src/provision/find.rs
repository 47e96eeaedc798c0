//! Where installed programs are, on the systems that people use.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::shell::{capture, is_program, which};

/// The oldest ClickHouse with every feature that the trace store uses.
const CLICKHOUSE_SINCE: u32 = 24;

/// The folder with `initdb` and `postgres`. Debian keeps them off `PATH`, one folder for each version.
pub(crate) fn postgres_bin() -> Option<PathBuf> {
    let on_path = which(&["initdb"]).and_then(|initdb| {
        fs::canonicalize(initdb)
            .ok()?
            .parent()
            .map(Path::to_path_buf)
    });
    let mut folders: Vec<PathBuf> = on_path.into_iter().collect();
    for parent in [
        "/usr/lib/postgresql",
        "/opt/homebrew/opt",
        "/usr/local/opt",
        "/usr",
    ] {
        let mut versions: Vec<(u32, PathBuf)> = fs::read_dir(parent)
            .into_iter()
            .flatten()
            .flatten()
            .filter_map(|entry| {
                let name = entry.file_name();
                let name = name.to_string_lossy();
                let version = name
                    .trim_start_matches("postgresql@")
                    .trim_start_matches("pgsql-");
                Some((version.parse().ok()?, entry.path().join("bin")))
            })
            .collect();
        versions.sort();
        folders.extend(versions.into_iter().rev().map(|(_, folder)| folder));
    }
    folders
        .into_iter()
        .find(|folder| is_program(&folder.join("initdb")) && is_program(&folder.join("postgres")))
}

/// Redis, or the fork that some systems ship in its place.
pub(crate) fn redis() -> Option<PathBuf> {
    which(&["redis-server", "valkey-server"])
}

/// Any browser of the Chromium family.
pub(crate) fn chromium() -> Option<PathBuf> {
    which(&[
        "chromium",
        "chromium-browser",
        "google-chrome-stable",
        "google-chrome",
    ])
    .or_else(|| {
        [
            "/Applications/Chromium.app/Contents/MacOS/Chromium",
            "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
        ]
        .iter()
        .map(PathBuf::from)
        .find(|path| is_program(path))
    })
}

/// A real ClickHouse, when it is not too old. Distributions still ship versions from 2018.
pub(crate) fn clickhouse() -> Option<PathBuf> {
    let program = which(&["clickhouse", "clickhouse-server"])?;
    let version = capture(Command::new(&program).arg("--version"))
        .or_else(|_| capture(Command::new(&program).args(["server", "--version"])))
        .ok()?;
    (major_version(&version)? >= CLICKHOUSE_SINCE).then_some(program)
}

/// The first number of the first word that looks like a version.
pub(crate) fn major_version(text: &str) -> Option<u32> {
    text.split_whitespace()
        .filter(|word| word.contains('.'))
        .find_map(|word| word.trim_start_matches('v').split('.').next()?.parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read_from_what_programs_say() {
        for (said, major) in [
            ("ClickHouse server version 18.16.1.", Some(18)),
            (
                "ClickHouse local version 26.3.1.896 (official build).",
                Some(26),
            ),
            ("v20.20.2", Some(20)),
            ("no version", None),
        ] {
            assert_eq!(major_version(said), major, "{said}");
        }
    }
}
