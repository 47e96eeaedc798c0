//! Writes the API's contract: the OpenAPI document, and the TypeScript types made from it.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result};

use crate::provision::node::{self, Node};
use crate::shell::{capture, cargo, run, say};
use crate::workspace;

/// The document, made from `crates/api`.
const DOCUMENT: &str = "docs/openapi.json";
/// The types, made from the document.
const TYPES: &str = "docs/generated/openapi.d.ts";
/// What makes the types, pinned: another version would write them differently.
const GENERATOR: [&str; 2] = ["openapi-typescript@7.13.0", "typescript@5.9.3"];

/// What `cargo xtask openapi` takes.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// Write nothing; fail when a file is old.
    #[arg(long)]
    check: bool,
}

/// Writes both files, or says which is old. Where no Node.js can be had the types stay as they are.
pub(crate) fn openapi(options: &Options) -> Result<()> {
    let document = capture(cargo().args(["run", "--quiet", "-p", "assay-api"]))?;
    settle(options.check, DOCUMENT, &format!("{document}\n"))?;
    match types()? {
        Some(types) => settle(options.check, TYPES, &types),
        None => {
            say(format!("{TYPES} is not made anew"));
            Ok(())
        }
    }
}

fn settle(check: bool, file: &str, made: &str) -> Result<()> {
    let path = workspace::root().join(file);
    let old = fs::read_to_string(&path).unwrap_or_default();
    if old == made {
        return Ok(());
    }
    if check {
        anyhow::bail!("{file} is old: run `cargo xtask openapi`");
    }
    say(format!("Writing {file}"));
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    fs::write(&path, made).with_context(|| format!("cannot write {file}"))
}

/// The types that the document, as it is on disk, leads to; `None` where there is no Node.js.
fn types() -> Result<Option<String>> {
    let Some(node) = node::ensure()? else {
        return Ok(None);
    };
    let tool = generator(&node)?;
    let made = workspace::tools_dir().join("openapi.d.ts");
    run(Command::new(&node.node)
        .arg(tool)
        .current_dir(workspace::root())
        .arg(DOCUMENT)
        .arg("--output")
        .arg(&made)
        .args(["--root-types", "--alphabetize"]))?;
    fs::read_to_string(&made)
        .map(Some)
        .context("openapi-typescript wrote nothing")
}

/// The generator, installed once.
fn generator(node: &Node) -> Result<PathBuf> {
    let folder = workspace::tools_dir().join("openapi-typescript");
    let tool = folder.join("node_modules/openapi-typescript/bin/cli.js");
    let stamp = folder.join("installed");
    let wanted = GENERATOR.join(" ");
    if tool.exists() && fs::read_to_string(&stamp).is_ok_and(|s| s == wanted) {
        return Ok(tool);
    }
    say(format!("Installing {}", GENERATOR[0]));
    fs::create_dir_all(&folder)?;
    run(node
        .npm()
        .args([
            "install",
            "--silent",
            "--no-audit",
            "--no-fund",
            "--no-save",
            "--prefix",
        ])
        .arg(&folder)
        .args(GENERATOR))?;
    fs::write(&stamp, wanted)?;
    Ok(tool)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_types_are_those_of_the_document() {
        match types().expect("openapi-typescript runs") {
            None => eprintln!("SKIPPED: {TYPES} is not compared"),
            Some(made) => {
                let kept = fs::read_to_string(workspace::root().join(TYPES)).expect("the types");
                assert!(made == kept, "{TYPES} is old: run `cargo xtask openapi`");
            }
        }
    }
}
