//! `server.json` in the data folder: how `assay run` finds the platform that `assay up` serves from it.

use crate::files;
use anyhow::Result;
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Says where a running platform listens. The file goes away with this value.
pub(crate) struct Announcement(PathBuf);

/// What the file says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Running {
    /// The platform's address.
    pub(crate) url: String,
    /// Its process.
    pub(crate) pid: u32,
}

const FILE: &str = "server.json";

impl Announcement {
    /// Writes the file.
    ///
    /// # Errors
    /// When the data folder cannot be written to.
    pub(crate) fn write(dir: &Path, url: &str) -> Result<Self> {
        let path = dir.join(FILE);
        let running = Running {
            url: url.to_owned(),
            pid: std::process::id(),
        };
        files::write_private(&path, &format!("{}\n", serde_json::to_string(&running)?))?;
        Ok(Self(path))
    }
}

impl Drop for Announcement {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

/// The platform that serves from `dir`, if one answers. A file that a killed process left behind counts for nothing.
pub(crate) fn find(dir: &Path) -> Option<Running> {
    let text = std::fs::read_to_string(dir.join(FILE)).ok()?;
    let running: Running = serde_json::from_str(&text).ok()?;
    healthy(&running.url).is_ok().then_some(running)
}

/// Asks `url` for its health.
///
/// # Errors
/// Why it is not healthy, in one line.
pub(crate) fn healthy(url: &str) -> Result<(), String> {
    let parsed = url::Url::parse(url).map_err(|e| format!("`{url}` is not a URL: {e}"))?;
    let mut config = ureq::Agent::config_builder()
        .http_status_as_error(false)
        .max_redirects(0)
        .timeout_global(Some(Duration::from_secs(3)));
    if crate::api::is_loopback(&parsed) {
        config = config.proxy(None);
    }
    let agent: ureq::Agent = config.build().into();
    match agent
        .get(format!("{}/healthz", url.trim_end_matches('/')))
        .call()
    {
        Ok(response) if response.status().is_success() => Ok(()),
        Ok(response) => Err(format!("{url}/healthz answers {}", response.status())),
        Err(e) => Err(format!(
            "{url} cannot be reached: {}",
            crate::problem::reason(&e)
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_killed_process_left_counts_for_nothing() {
        let dir = tempfile::tempdir().unwrap();
        assert_eq!(find(dir.path()), None);
        let port = std::net::TcpListener::bind("127.0.0.1:0")
            .unwrap()
            .local_addr()
            .unwrap()
            .port();
        let file = Announcement::write(dir.path(), &format!("http://127.0.0.1:{port}")).unwrap();
        assert_eq!(find(dir.path()), None);
        drop(file);
        assert!(!dir.path().join(FILE).exists());
    }
}
