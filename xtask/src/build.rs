//! Builds what ships: the components, the web app they serve, and the native binary.

use std::path::Path;

use anyhow::{Result, bail};

use crate::shell::{cargo, run, say};
use crate::studio;
use crate::wasm::Compiler;
use crate::workspace::{self, Package, WASM_PROFILE, WASM_TARGET};

/// What `cargo xtask build` takes.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// Only the web app and the components: seconds, where the engine takes minutes.
    #[arg(long)]
    components: bool,
}

/// Builds what is asked for.
pub(crate) fn build(options: &Options) -> Result<()> {
    if options.components {
        components(&workspace::root())
    } else {
        all()
    }
}

/// Everything, in the order that each step needs the one before.
pub(crate) fn all() -> Result<()> {
    let root = workspace::root();
    components(&root)?;
    assay()
}

/// One cargo call for all components and for `others`, so that shared crates are compiled once, with the same features for all, and the check
/// for changes is made once.
///
/// The web app comes first: its files become part of the component that serves it.
pub(crate) fn compile(root: &Path, others: &[&str]) -> Result<()> {
    studio::build(root)?;
    let compiler = Compiler::ensure()?;
    let packages = workspace::components(root)?;
    say(format!(
        "Building {} components for {WASM_TARGET}",
        packages.len()
    ));
    let mut command = compiler.cargo("build")?;
    command.args(["--profile", WASM_PROFILE, "--target", WASM_TARGET]);
    select(&mut command, &packages);
    for package in others {
        command.args(["-p", package]);
    }
    run(&mut command)
}

/// All components, and whatever else the manifest names.
fn components(root: &Path) -> Result<()> {
    compile(root, &[])?;
    let missing = match workspace::spin_sources(root)? {
        None => {
            say("There is no spin.toml: components are built, but nothing can run them");
            Vec::new()
        }
        Some(sources) => unbuilt(root, &sources),
    };
    if !missing.is_empty() {
        bail!(
            "spin.toml names files that no build made: {}",
            missing.join(", ")
        );
    }
    Ok(())
}

/// The `assay` binary, with the engine in it.
fn assay() -> Result<()> {
    say("Building the assay binary (the first time compiles the engine, which takes some minutes)");
    run(cargo().args(["build", "--release", "-p", "assay-cli"]))
}

/// `-p` for each package.
pub(crate) fn select(command: &mut std::process::Command, packages: &[Package]) {
    for package in packages {
        command.args(["-p", &package.name]);
    }
}

fn unbuilt(root: &Path, sources: &[(String, String)]) -> Vec<String> {
    sources
        .iter()
        .filter(|(_, source)| !root.join(source).is_file())
        .map(|(id, source)| format!("{id} ({source})"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_component_without_bytes_is_named() {
        let root = tempfile::tempdir().unwrap();
        std::fs::write(root.path().join("built.wasm"), "").unwrap();
        let sources = [
            ("one".to_owned(), "built.wasm".to_owned()),
            ("two".to_owned(), "forgotten.wasm".to_owned()),
        ];
        assert_eq!(unbuilt(root.path(), &sources), ["two (forgotten.wasm)"]);
    }
}
