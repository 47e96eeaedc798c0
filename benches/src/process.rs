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

    /// What it and all processes that it started use now.
    pub(crate) fn tree(&self) -> Result<Usage> {
        let mut sum = self.usage()?;
        // One that ends meanwhile uses nothing.
        for usage in descendants(self.pid())?.into_iter().flat_map(Usage::of) {
            sum.rss_mib += usage.rss_mib;
            sum.anonymous_mib += usage.anonymous_mib;
            sum.cpu_s += usage.cpu_s;
            sum.threads += usage.threads;
        }
        Ok(sum)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The last lines of a log, for an error message.
pub(crate) fn tail(log: &Path) -> String {
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

/// The processes that `pid` started, and those that they started.
fn descendants(pid: u32) -> Result<Vec<u32>> {
    let mut parents = Vec::new();
    for entry in fs::read_dir("/proc")
        .context("there is no /proc")?
        .flatten()
    {
        let name = entry.file_name();
        let Some(id) = name.to_str().and_then(|name| name.parse::<u32>().ok()) else {
            continue;
        };
        let stat = fs::read_to_string(entry.path().join("stat")).unwrap_or_default();
        if let Some(parent) = parent(&stat) {
            parents.push((id, parent));
        }
    }
    let mut found = vec![pid];
    let mut next = 0;
    while let Some(parent) = found.get(next).copied() {
        let children = parents.iter().filter(|(_, of)| *of == parent);
        found.extend(children.map(|(child, _)| *child));
        next += 1;
    }
    found.remove(0);
    Ok(found)
}

/// The process that started this one, from `/proc/<pid>/stat`.
fn parent(stat: &str) -> Option<u32> {
    let (_, rest) = stat.rsplit_once(')')?;
    rest.split_whitespace().nth(1)?.parse().ok()
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
        assert_eq!(parent(stat), Some(1));
    }

    #[test]
    fn children_count_with_their_parent() {
        let folder = tempfile::tempdir().unwrap();
        let mut command = Command::new("sh");
        command.args(["-c", "sleep 60 & echo ready; wait"]);
        let log = folder.path().join("log");
        let (process, _) =
            Process::start_until(&mut command, &log, "ready", Duration::from_secs(10)).unwrap();
        let children = descendants(process.pid()).unwrap();
        let [child] = children[..] else {
            panic!("{children:?}");
        };
        assert!(process.tree().unwrap().threads > process.usage().unwrap().threads);
        let killed = Command::new("kill").arg(child.to_string()).status();
        assert!(killed.unwrap().success());
    }
}
