//! A child process with a scratch folder, ended with this process however that ends.

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use crate::shell::run;

/// How long a server may take to serve; a cold disk is slow, a hang is forever.
const START: Duration = Duration::from_secs(60);
/// How long a server may take to end before it is killed.
const STOP: Duration = Duration::from_secs(10);
/// How often a child is looked at.
const PAUSE: Duration = Duration::from_millis(30);

/// Ends the server when this program dies without running destructors (a kill, a second Ctrl-C): the pipe then closes, and `read`
/// fails. An orderly stop writes a line first. Interrupts from the terminal are ignored, since they reach the whole group.
const WATCH: &str = r#"trap "" INT TERM HUP; read -r _ && exit 0; kill -s "$1" "$2" 2>/dev/null; sleep 2; rm -rf "$3""#;

/// A running server.
#[derive(Debug)]
pub(crate) struct Guard {
    name: &'static str,
    signal: &'static str,
    child: Child,
    watcher: Child,
    scratch: Scratch,
}

/// A folder of its own for one server, under the system's temporary folder: another user (PostgreSQL's) must be able to reach it.
#[derive(Debug)]
pub(crate) struct Scratch(PathBuf);

impl Scratch {
    /// Makes it, empty.
    pub(crate) fn new(name: &str) -> Result<Self> {
        let folder = std::env::temp_dir().join(format!("assay-test-{}-{name}", std::process::id()));
        fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
        Ok(Self(folder))
    }

    /// Where it is.
    pub(crate) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // Left behind at worst, in a folder that the system empties.
        let _ = fs::remove_dir_all(&self.0);
    }
}

impl Guard {
    /// Starts the server and waits until its log has the marker.
    pub(crate) fn start(
        name: &'static str,
        command: &mut Command,
        scratch: Scratch,
        signal: &'static str,
        marker: &str,
    ) -> Result<Self> {
        let log = File::create(scratch.path().join("log"))?;
        let child = command
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log)
            .spawn()
            .with_context(|| format!("cannot start {name}"))?;
        let watcher = Command::new("sh")
            .args(["-c", WATCH, "sh", signal, &child.id().to_string()])
            .arg(scratch.path())
            .stdin(Stdio::piped())
            .spawn()
            .context("cannot start sh")?;
        let mut guard = Self {
            name,
            signal,
            child,
            watcher,
            scratch,
        };
        guard.wait_for(marker)?;
        Ok(guard)
    }

    /// What the server is called.
    pub(crate) fn name(&self) -> &'static str {
        self.name
    }

    /// Its process id.
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// All that it has printed.
    pub(crate) fn log(&self) -> String {
        fs::read(self.scratch.path().join("log"))
            .map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
            .unwrap_or_default()
    }

    fn wait_for(&mut self, marker: &str) -> Result<()> {
        let begin = Instant::now();
        while !self.log().contains(marker) {
            if let Some(status) = self.child.try_wait()? {
                bail!("{} ended with {status}:\n{}", self.name, tail(&self.log()));
            }
            if begin.elapsed() > START {
                bail!(
                    "{} does not serve after {} s:\n{}",
                    self.name,
                    START.as_secs(),
                    tail(&self.log())
                );
            }
            thread::sleep(PAUSE);
        }
        Ok(())
    }

    fn ended_within(&mut self, limit: Duration) -> bool {
        let begin = Instant::now();
        while begin.elapsed() < limit {
            if !matches!(self.child.try_wait(), Ok(None)) {
                return true;
            }
            thread::sleep(PAUSE);
        }
        false
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        if matches!(self.child.try_wait(), Ok(None)) {
            let _ = run(Command::new("sh").args([
                "-c",
                r#"kill -s "$1" "$2""#,
                "sh",
                self.signal,
                &self.child.id().to_string(),
            ]));
            if !self.ended_within(STOP) {
                let _ = self.child.kill();
            }
        }
        let _ = self.child.wait();
        if let Some(mut pipe) = self.watcher.stdin.take() {
            let _ = pipe.write_all(b"done\n");
        }
        let _ = self.watcher.wait();
    }
}

fn tail(log: &str) -> String {
    let lines: Vec<&str> = log.lines().collect();
    lines
        .iter()
        .skip(lines.len().saturating_sub(20))
        .map(|line| format!("    {line}\n"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shell::succeeds;

    fn exists(id: u32) -> bool {
        succeeds(Command::new("sh").args(["-c", r#"kill -0 "$1""#, "sh", &id.to_string()]))
    }

    fn start(name: &'static str, script: &str) -> Result<Guard> {
        let mut command = Command::new("sh");
        command.args(["-c", script]);
        Guard::start(name, &mut command, Scratch::new(name)?, "TERM", "ready")
    }

    #[test]
    fn dropping_ends_the_process_and_removes_its_folder() {
        let guard = start("guard-drop", "echo ready; exec sleep 600").unwrap();
        let (id, folder) = (guard.id(), guard.scratch.path().to_path_buf());
        assert!(exists(id) && folder.is_dir());
        drop(guard);
        assert!(!exists(id) && !folder.exists());
    }

    #[test]
    fn the_watcher_ends_the_process_when_nobody_is_left_to_drop() {
        let mut guard = start("guard-watch", "echo ready; exec sleep 600").unwrap();
        // Closing the pipe without a word is what the death of this program does.
        drop(guard.watcher.stdin.take());
        assert!(guard.ended_within(STOP));
    }

    #[test]
    fn a_server_that_fails_shows_the_end_of_its_log() {
        let error = start(
            "guard-fail",
            "echo starting; echo no such option >&2; exit 1",
        )
        .unwrap_err();
        assert!(error.to_string().contains("no such option"), "{error}");
    }
}
