//! Compiling components ahead of time, with a word to whoever waits.
//!
//! The engine compiles what it lacks at its start, but silently. So where it looks as if something must be compiled (the first
//! start, or a component that is newer than what is kept) that is done first and told; a warm start does not pay for it. It is
//! done by another process, since the compiler takes some hundred MiB that the allocator would keep.

use crate::manifest::Manifest;
use crate::term;
use anyhow::Result;
use assay_host::{Loaded, Options, precompile};
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};
use std::time::SystemTime;

/// Compiles what seems to be missing.
///
/// # Errors
/// When a component is missing or is none.
pub(crate) fn prepare(options: &Options) -> Result<()> {
    // A manifest that cannot be read is the engine's to complain about.
    let Ok(manifest) = Manifest::read(&options.manifest) else {
        return Ok(());
    };
    if is_warm(&manifest, &options.cache_dir()) {
        return Ok(());
    }
    term::note("compiling components (once; the next start is quick)");
    if elsewhere(options).is_some_and(|status| status.success()) {
        return Ok(());
    }
    // It says here what went wrong there.
    compile(options)
}

/// Has another process compile; `None` where there can be none.
fn elsewhere(options: &Options) -> Option<ExitStatus> {
    let mut command = Command::new(std::env::current_exe().ok()?);
    command
        .arg("compile")
        .arg("--manifest")
        .arg(&options.manifest)
        .arg("--data-dir")
        .arg(&options.data_dir)
        .arg("--cache-dir")
        .arg(options.cache_dir())
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped());
    let mut child = command.spawn().ok()?;
    for line in BufReader::new(child.stderr.take()?)
        .lines()
        .map_while(Result::ok)
    {
        // Why it failed is said here.
        if !line.starts_with("assay: ") {
            term::note(line);
        }
    }
    child.wait().ok()
}

/// Compiles what is missing.
///
/// # Errors
/// As [`prepare`].
pub(crate) fn compile(options: &Options) -> Result<()> {
    precompile(options, |p| {
        if p.loaded == Loaded::Compiled {
            term::note(format!("  {}/{} {}", p.done, p.total, p.component));
        }
    })?;
    Ok(())
}

/// Whether everything seems to be compiled: as many pieces are kept as there are components, and none is older than its source.
fn is_warm(manifest: &Manifest, cache: &Path) -> bool {
    let kept = kept(cache);
    let newest = kept.iter().filter_map(|path| modified(path)).max();
    kept.len() >= manifest.components.len()
        && manifest
            .components
            .iter()
            .all(|(_, source)| modified(source).is_some_and(|at| Some(at) <= newest))
}

fn modified(path: &Path) -> Option<SystemTime> {
    path.metadata().ok()?.modified().ok()
}

/// The pieces of compiled code in the cache.
pub(crate) fn kept(cache: &Path) -> Vec<PathBuf> {
    let files = std::fs::read_dir(cache)
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.path());
    files
        .filter(|path| path.extension().is_some_and(|e| e == "cwasm"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cache_is_warm_when_it_has_all_and_nothing_is_newer() {
        let dir = tempfile::tempdir().unwrap();
        let source = dir.path().join("a.wasm");
        std::fs::write(&source, "").unwrap();
        let manifest = Manifest {
            path: PathBuf::new(),
            components: vec![("a".to_owned(), source.clone())],
        };
        assert!(!is_warm(&manifest, dir.path()));
        std::fs::write(dir.path().join("1.cwasm"), "").unwrap();
        assert!(is_warm(&manifest, dir.path()));
        let later = SystemTime::now() + std::time::Duration::from_secs(60);
        std::fs::File::options()
            .append(true)
            .open(&source)
            .unwrap()
            .set_modified(later)
            .unwrap();
        assert!(!is_warm(&manifest, dir.path()));
    }
}
