//! Runs other programs, and says which.

use std::env;
use std::fmt::Display;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use crate::workspace;

/// Tells the person at the terminal which step begins. On stderr, so that stdout stays a clean report.
pub(crate) fn say(step: impl Display) {
    eprintln!("==> {step}");
}

/// A cargo of the toolchain that runs this program, at the root of the workspace.
pub(crate) fn cargo() -> Command {
    let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(workspace::root());
    command
}

/// Runs to the end with the terminal's streams; a failure names the command.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    let line = describe(command);
    let status = command
        .stdin(Stdio::null())
        .status()
        .with_context(|| format!("cannot start `{line}`"))?;
    if !status.success() {
        bail!("`{line}` ended with {status}");
    }
    Ok(())
}

/// As [`run`], and ends it when it takes longer than it may.
pub(crate) fn run_within(limit: Duration, command: &mut Command) -> Result<()> {
    let line = describe(command);
    let mut child = command
        .stdin(Stdio::null())
        .spawn()
        .with_context(|| format!("cannot start `{line}`"))?;
    let end = Instant::now() + limit;
    loop {
        if let Some(status) = child.try_wait()? {
            if !status.success() {
                bail!("`{line}` ended with {status}");
            }
            return Ok(());
        }
        if Instant::now() >= end {
            child.kill()?;
            child.wait()?;
            bail!("`{line}` did not end within {} s", limit.as_secs());
        }
        std::thread::sleep(Duration::from_millis(50));
    }
}

/// Runs to the end and returns what it printed on stdout; its stderr is part of the failure.
pub(crate) fn capture(command: &mut Command) -> Result<String> {
    let line = describe(command);
    let output = command
        .stdin(Stdio::null())
        .output()
        .with_context(|| format!("cannot start `{line}`"))?;
    if !output.status.success() {
        bail!(
            "`{line}` ended with {}: {}",
            output.status,
            String::from_utf8_lossy(&output.stderr).trim()
        );
    }
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// Whether it runs and succeeds, quietly.
pub(crate) fn succeeds(command: &mut Command) -> bool {
    command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}

/// The first of the named programs that is on `PATH`.
pub(crate) fn which(names: &[&str]) -> Option<PathBuf> {
    let path = env::var_os("PATH")?;
    let folders: Vec<PathBuf> = env::split_paths(&path).collect();
    names
        .iter()
        .flat_map(|name| folders.iter().map(move |folder| folder.join(name)))
        .find(|candidate| is_program(candidate))
}

/// Whether this is a file that can be run.
pub(crate) fn is_program(path: &Path) -> bool {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        path.metadata()
            .is_ok_and(|file| file.is_file() && file.permissions().mode() & 0o111 != 0)
    }
    #[cfg(not(unix))]
    {
        path.is_file()
    }
}

fn describe(command: &Command) -> String {
    let mut line = command.get_program().to_string_lossy().into_owned();
    for argument in command.get_args() {
        line.push(' ');
        line.push_str(&argument.to_string_lossy());
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failing_program_is_an_error_with_its_words() {
        let error =
            capture(Command::new("sh").args(["-c", "echo no such thing >&2; exit 3"])).unwrap_err();
        assert!(error.to_string().contains("no such thing"), "{error}");
        assert!(run(Command::new("sh").args(["-c", "exit 3"])).is_err());
        assert!(!succeeds(&mut Command::new("a-program-that-is-not-there")));
    }

    #[test]
    fn a_program_that_takes_too_long_is_ended() {
        let within = |ms: u64, script: &str| {
            let mut command = Command::new("sh");
            run_within(Duration::from_millis(ms), command.args(["-c", script]))
        };
        assert!(within(20_000, "exit 0").is_ok());
        assert!(within(20_000, "exit 3").is_err());
        let error = within(100, "exec sleep 60").unwrap_err();
        assert!(error.to_string().contains("did not end"), "{error}");
    }

    #[test]
    fn which_takes_the_first_that_exists() {
        assert!(
            which(&["a-program-that-is-not-there", "sh"]).is_some_and(|path| path.ends_with("sh"))
        );
        assert!(which(&["a-program-that-is-not-there"]).is_none());
    }
}
