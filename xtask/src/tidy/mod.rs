//! The repository's own checks, as tests: what a reviewer would otherwise have to remember.
//!
//! Each check is a function over text or parsed files that returns what is wrong; one test gives it this repository, and another one
//! gives it a sample that must be refused, so that no check passes because it looks at nothing.

mod dependencies;
mod format;
mod imports;
mod infra;
mod interfaces;
mod manifest;
mod migrations;
mod names;
mod outbound;
mod scripts;
mod text;

use std::fs;
use std::process::Command;

use crate::shell::capture;
use crate::workspace;

/// Files of the work tree that git tracks or would track, as paths with forward slashes, relative to the root.
fn files() -> Vec<String> {
    let mut command = Command::new("git");
    command.current_dir(workspace::root()).args([
        "ls-files",
        "-z",
        "--cached",
        "--others",
        "--exclude-standard",
    ]);
    let list = capture(&mut command).expect("these checks run in a git work tree");
    let mut files: Vec<String> = list
        .split('\0')
        .filter(|path| !path.is_empty() && workspace::root().join(path).is_file())
        .map(str::to_owned)
        .collect();
    files.sort();
    files.dedup();
    assert!(files.len() > 20, "git lists next to nothing: {files:?}");
    files
}

/// The text of a file, or nothing when it is binary.
fn text_of(path: &str) -> Option<String> {
    String::from_utf8(fs::read(workspace::root().join(path)).ok()?).ok()
}

/// Fails with every problem on a line of its own.
#[track_caller]
fn pass(problems: &[String]) {
    assert!(
        problems.is_empty(),
        "{} problems:\n  {}",
        problems.len(),
        problems.join("\n  ")
    );
}
