//! The virtual environment that holds the ClickHouse engine and Schemathesis.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use crate::shell::{run, say, succeeds, which};
use crate::workspace;

/// The engine, pinned: a test double must not change under the tests.
const CHDB: &str = "chdb-core==26.9.0";

/// A Python of the system that can make virtual environments.
pub(crate) fn usable() -> bool {
    // `ensurepip` is what Debian leaves out without python3-venv.
    which(&["python3"]).is_some_and(|python| {
        succeeds(Command::new(python).args([
            "-c",
            "import venv, ensurepip, sys; assert sys.version_info >= (3, 9)",
        ]))
    })
}

/// The environment's interpreter.
pub(crate) fn interpreter() -> PathBuf {
    interpreter_of(&workspace::tools_dir().join("venv"))
}

/// The interpreter of the environment in a folder.
pub(crate) fn interpreter_of(folder: &Path) -> PathBuf {
    folder.join("bin/python")
}

/// Whether the pinned engine is installed. Asks pip's metadata: importing the engine takes seconds.
pub(crate) fn has_chdb() -> bool {
    has(CHDB)
}

/// Installs the engine once.
pub(crate) fn ensure_chdb() -> Result<()> {
    if has_chdb() {
        return Ok(());
    }
    say(format!(
        "Installing {CHDB}, the ClickHouse engine for tests (about 180 MB, once)"
    ));
    install(&[CHDB], &[])
}

/// What looks at the running API, pinned: a later one looks at more, and a test must not change by itself.
const SCHEMATHESIS: &str = "schemathesis==4.32.5";

/// Installs Schemathesis once; `None` where there is no Python for it.
pub(crate) fn ensure_schemathesis() -> Result<Option<PathBuf>> {
    if !usable() {
        say("SKIPPED: Schemathesis needs Python 3.9 or newer with venv");
        return Ok(None);
    }
    if !has(SCHEMATHESIS) {
        say(format!(
            "Installing {SCHEMATHESIS}, which tests the API against its description (once)"
        ));
        install(&[SCHEMATHESIS], &[])?;
    }
    Ok(Some(workspace::tools_dir().join("venv/bin/schemathesis")))
}

/// Installs packages into the environment, which is made when it is not there.
pub(crate) fn install(packages: &[&str], environment: &[(&str, &str)]) -> Result<()> {
    install_into(&workspace::tools_dir().join("venv"), packages, environment)
}

/// Installs packages into the environment in a folder, which is made when it is not there.
pub(crate) fn install_into(
    folder: &Path,
    packages: &[&str],
    environment: &[(&str, &str)],
) -> Result<()> {
    let interpreter = interpreter_of(folder);
    if !succeeds(Command::new(&interpreter).arg("--version")) {
        fs::create_dir_all(folder)?;
        let python = which(&["python3"]).context("there is no python3")?;
        // `--clear`: an environment whose interpreter is gone (an upgrade, another machine) is of no use.
        run(Command::new(python)
            .args(["-m", "venv", "--clear"])
            .arg(folder))?;
    }
    let mut pip = Command::new(interpreter);
    pip.args([
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
        "--no-input",
    ])
    .args(packages)
    .envs(environment.iter().copied());
    run(&mut pip)
}

/// Whether `name==version` (or `name`) is installed.
pub(crate) fn has(requirement: &str) -> bool {
    let (name, version) = requirement.split_once("==").unwrap_or((requirement, ""));
    let check = "import sys; from importlib.metadata import version as v; n, w = sys.argv[1:]; sys.exit(bool(w) and v(n) != w)";
    succeeds(Command::new(interpreter()).args(["-c", check, name, version]))
}
