//! Where things are in this repository.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

/// The target that components are compiled for.
pub(crate) const WASM_TARGET: &str = "wasm32-wasip2";
/// The cargo profile that components are compiled with. `spin.toml` names the folder it leads to.
pub(crate) const WASM_PROFILE: &str = "component";

/// A package of the workspace: its name and its parsed manifest.
pub(crate) struct Package {
    /// The name in `[package]`.
    pub(crate) name: String,
    /// The folder, relative to the root.
    #[cfg_attr(
        not(test),
        expect(dead_code, reason = "read by the repository's own checks")
    )]
    pub(crate) folder: String,
    /// The whole of Cargo.toml.
    #[cfg_attr(
        not(test),
        expect(dead_code, reason = "read by the repository's own checks")
    )]
    pub(crate) manifest: toml::Table,
}

/// The root of the work tree. Asked at run time first, so that a moved clone works without a rebuild.
pub(crate) fn root() -> PathBuf {
    let xtask = env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from);
    xtask
        .filter(|folder| folder.ends_with("xtask"))
        .as_deref()
        .unwrap_or(Path::new(env!("CARGO_MANIFEST_DIR")))
        .parent()
        .map_or_else(|| PathBuf::from("."), Path::to_path_buf)
}

/// Files that this program makes for itself: virtual environments, models, stamps.
pub(crate) fn tools_dir() -> PathBuf {
    root().join("target/tools")
}

/// The native binary.
pub(crate) fn assay_bin() -> PathBuf {
    root()
        .join("target/release")
        .join(format!("assay{}", env::consts::EXE_SUFFIX))
}

/// Reads one package of the workspace.
pub(crate) fn package(root: &Path, folder: &str) -> Result<Package> {
    let path = root.join(folder).join("Cargo.toml");
    let text =
        fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
    let manifest: toml::Table = text
        .parse()
        .with_context(|| format!("{} is not TOML", path.display()))?;
    let name = manifest
        .get("package")
        .and_then(|package| package.get("name"))
        .and_then(toml::Value::as_str)
        .with_context(|| format!("{} names no package", path.display()))?
        .to_owned();
    Ok(Package {
        name,
        folder: folder.to_owned(),
        manifest,
    })
}

/// The packages directly under `parent` (`crates`, `components`), by folder name.
pub(crate) fn packages_under(root: &Path, parent: &str) -> Result<Vec<Package>> {
    let mut folders = Vec::new();
    for entry in
        fs::read_dir(root.join(parent)).with_context(|| format!("cannot list {parent}/"))?
    {
        let entry = entry?;
        if entry.path().join("Cargo.toml").is_file() {
            folders.push(format!("{parent}/{}", entry.file_name().to_string_lossy()));
        }
    }
    folders.sort();
    folders.iter().map(|folder| package(root, folder)).collect()
}

/// Every component.
pub(crate) fn components(root: &Path) -> Result<Vec<Package>> {
    packages_under(root, "components")
}

/// Where cargo leaves a component's bytes, relative to the root.
#[cfg(test)]
pub(crate) fn wasm_file(package: &str) -> String {
    format!(
        "target/{WASM_TARGET}/{WASM_PROFILE}/{}.wasm",
        package.replace('-', "_")
    )
}

/// The components that `spin.toml` names: id and local source file. `None` when there is no `spin.toml`.
pub(crate) fn spin_sources(root: &Path) -> Result<Option<Vec<(String, String)>>> {
    let path = root.join("spin.toml");
    if !path.is_file() {
        return Ok(None);
    }
    let text = fs::read_to_string(&path).context("cannot read spin.toml")?;
    let manifest: toml::Table = text.parse().context("spin.toml is not TOML")?;
    let components = manifest.get("component").and_then(toml::Value::as_table);
    Ok(Some(
        components
            .into_iter()
            .flatten()
            .filter_map(|(id, component)| {
                Some((id.clone(), component.get("source")?.as_str()?.to_owned()))
            })
            .collect(),
    ))
}
