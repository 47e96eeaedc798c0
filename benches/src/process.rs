//! Processes that a benchmark starts, and what the system tells about them.

use anyhow::{Context, Result, bail};
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

/// A process that ends with its value.
pub(crate) struct Process {
    child: Child,
    name: String,
}

impl Process {
    /// Starts a process whose standard error goes to a file, and its standard output nowhere.
    pub(crate) fn start(command: &mut Command, log: &Path) -> Result<Self> {
        Self::spawn(command.stdout(Stdio::null()), log)
    }

    /// Starts a process and waits until it prints a line that begins with `prefix`; gives the rest of that line.
    pub(crate) fn start_until(
        command: &mut Command,
        log: &Path,
        prefix: &str,
        patience: Duration,
    ) -> Result<(Self, String)> {
        let mut process = Self::spawn(command.stdout(Stdio::piped()), log)?;
        let stdout = process.child.stdout.take().context("no standard output")?;
        let (said, heard) = mpsc::channel();
        let prefix = prefix.to_owned();
        // Reads on to the end, so that the process never waits for a reader.
        std::thread::spawn(move || {
            for line in BufReader::new(stdout).lines().map_while(Result::ok) {
                if let Some(rest) = line.strip_prefix(&prefix) {
                    let _ = said.send(rest.trim().to_owned());
                }
            }
        });
        match heard.recv_timeout(patience) {
            Ok(rest) => Ok((process, rest)),
            Err(_) => bail!("{} did not come up: {}", process.name, tail(log)),
        }
    }

    fn spawn(command: &mut Command, log: &Path) -> Result<Self> {
        let name = command.get_program().to_string_lossy().into_owned();
        let log = fs::File::options()
            .create(true)
            .append(true)
            .open(log)
            .context("cannot write a log")?;
        let child = command
            .stdin(Stdio::null())
            .stderr(log)
            .spawn()
            .with_context(|| format!("cannot start {name}"))?;
        Ok(Self { child, name })
    }

    /// Its process id.
    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Fails when it has ended.
    pub(crate) fn must_live(&mut self, log: &Path) -> Result<()> {
        if let Some(status) = self.child.try_wait()? {
            bail!("{} ended with {status}: {}", self.name, tail(log));
        }
        Ok(())
    }

    /// Asks it to end, and waits.
    pub(crate) fn terminate(mut self) -> Result<()> {
        let status = Command::new("kill")
            .args(["-TERM", &self.pid().to_string()])
            .status()
            .context("cannot run kill")?;
        let end = Instant::now() + Duration::from_secs(30);
        while status.success() && Instant::now() < end {
            if self.child.try_wait()?.is_some() {
                return Ok(());
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        bail!("{} does not end", self.name)
    }

    /// What it uses now.
    pub(crate) fn usage(&self) -> Result<Usage> {
        Usage::of(self.pid())
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The last lines of a log, for an error message.
fn tail(log: &Path) -> String {
    let text = fs::read_to_string(log).unwrap_or_default();
    let mut lines: Vec<&str> = text.lines().rev().take(5).collect();
    lines.reverse();
    lines.join(" | ")
}

/// What a process uses.
#[derive(Clone, Copy)]
pub(crate) struct Usage {
    /// Resident memory, all of it.
    pub(crate) rss_mib: f64,
    /// The part of it that no file backs.
    pub(crate) anonymous_mib: f64,
    /// Processor time so far, in seconds.
    pub(crate) cpu_s: f64,
    /// Threads.
    pub(crate) threads: u64,
}

impl Usage {
    /// Reads `/proc`.
    fn of(pid: u32) -> Result<Self> {
        let status = fs::read_to_string(format!("/proc/{pid}/status"))
            .context("memory is read from /proc, which this system lacks")?;
        let stat = fs::read_to_string(format!("/proc/{pid}/stat"))?;
        let field = |name: &str| {
            let line = status.lines().find(|line| line.starts_with(name))?;
            line.split_whitespace().nth(1)?.parse::<f64>().ok()
        };
        Ok(Self {
            rss_mib: field("VmRSS:").context("no VmRSS")? / 1024.0,
            anonymous_mib: field("RssAnon:").context("no RssAnon")? / 1024.0,
            cpu_s: cpu_seconds(&stat).context("no processor times")?,
            threads: field("Threads:").map_or(0, |n| n as u64),
        })
    }
}

/// User and system time from `/proc/<pid>/stat`, in seconds. Linux counts them in hundredths there, on every architecture.
fn cpu_seconds(stat: &str) -> Option<f64> {
    // The second field is the program's name in parentheses and may hold anything.
    let (_, rest) = stat.rsplit_once(')')?;
    let mut fields = rest.split_whitespace().skip(11);
    let user: f64 = fields.next()?.parse().ok()?;
    let system: f64 = fields.next()?.parse().ok()?;
    Some((user + system) / 100.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn processor_time_is_read_behind_any_name() {
        let stat = "42 (a ) b) S 1 42 42 0 -1 4194304 100 0 0 0 150 50 0 0 20 0 4 0 100 1000 200";
        assert_eq!(cpu_seconds(stat), Some(2.0));
        assert_eq!(cpu_seconds("nonsense"), None);
    }
}
