//! Builds the web app, only when what it is made from has changed.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use sha2::{Digest, Sha256};
use walkdir::WalkDir;

use crate::provision::node;
use crate::shell::{run, say};
use crate::workspace;

/// Folders under `studio/` that are made, not written.
const MADE: [&str; 5] = [
    "node_modules",
    "dist",
    "screenshots",
    "test-results",
    "coverage",
];

/// `npm ci` when the lock file changed, `npm run build` when any source did. Where there is no Node.js and none can be had, the web
/// app of the last build stays, or a page that says it was not built.
pub(crate) fn build(root: &Path) -> Result<()> {
    let studio = root.join("studio");
    if !studio.join("package.json").is_file() {
        return Ok(());
    }
    let stamps = workspace::tools_dir().join("stamps");
    fs::create_dir_all(&stamps)?;
    let sources = fingerprint(&studio)?;
    let built = stamps.join("studio-sources");
    if is_current(&built, &sources) && studio.join("dist/index.html").is_file() {
        return Ok(());
    }
    let Some(node) = node::ensure()? else {
        say("The web app is not rebuilt");
        return Ok(());
    };
    let lock = fs::read(studio.join("package-lock.json")).unwrap_or_default();
    let packages = hex::encode(Sha256::digest(&lock));
    let installed = stamps.join("studio-packages");
    if !studio.join("node_modules").is_dir() || !is_current(&installed, &packages) {
        say("Installing the web app's packages");
        run(node
            .npm()
            .args(["ci", "--no-audit", "--no-fund"])
            .current_dir(&studio))?;
        fs::write(&installed, packages)?;
    }
    say("Building the web app");
    run(node.npm().args(["run", "build"]).current_dir(&studio))?;
    // Taken again: a build may write into its own sources (generated types), and that alone must not start the next one.
    fs::write(&built, fingerprint(&studio)?).context("cannot note the web app's build")
}

fn is_current(stamp: &Path, wanted: &str) -> bool {
    fs::read_to_string(stamp).is_ok_and(|noted| noted == wanted)
}

/// Names and contents of every source file, in one digest.
fn fingerprint(folder: &Path) -> Result<String> {
    let mut digest = Sha256::new();
    let files = WalkDir::new(folder)
        .sort_by_file_name()
        .into_iter()
        .filter_entry(|entry| !MADE.iter().any(|made| entry.file_name() == *made));
    for file in files {
        let file = file?;
        if file.file_type().is_file() {
            let content = fs::read(file.path())?;
            digest.update(
                file.path()
                    .strip_prefix(folder)?
                    .to_string_lossy()
                    .as_bytes(),
            );
            digest.update(content.len().to_le_bytes());
            digest.update(&content);
        }
    }
    Ok(hex::encode(digest.finalize()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_source_changes_the_fingerprint() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path();
        fs::write(path.join("app.ts"), "one").unwrap();
        let first = fingerprint(path).unwrap();
        fs::create_dir(path.join("dist")).unwrap();
        fs::write(path.join("dist/app.js"), "built").unwrap();
        assert_eq!(fingerprint(path).unwrap(), first);
        fs::write(path.join("app.ts"), "two").unwrap();
        assert_ne!(fingerprint(path).unwrap(), first);
    }
}
