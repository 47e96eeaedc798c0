//! Finding the application manifest and the little of it that the command needs itself.

use anyhow::{Result, anyhow, bail};
use std::path::{Path, PathBuf};

/// The application's name in its manifest.
const APPLICATION: &str = "assay";

/// What the command looks at.
#[derive(Debug)]
pub(crate) struct Manifest {
    /// Where it is.
    pub(crate) path: PathBuf,
    /// Each component's id and file.
    pub(crate) components: Vec<(String, PathBuf)>,
}

impl Manifest {
    /// Reads the manifest.
    ///
    /// # Errors
    /// When it cannot be read or is no manifest. What else may be wrong, the engine says.
    pub(crate) fn read(path: &Path) -> Result<Self> {
        let shown = path.display();
        let table = parse(path)?;
        let dir = path.parent().unwrap_or_else(|| Path::new("."));
        let Some(list) = table.get("component").and_then(toml::Value::as_table) else {
            bail!("{shown}: has no components");
        };
        let components = list
            .iter()
            .map(|(id, component)| match component.get("source") {
                Some(toml::Value::String(source)) => Ok((id.clone(), dir.join(source))),
                _ => Err(anyhow!(
                    "{shown}: component `{id}` has no file as its source"
                )),
            })
            .collect::<Result<_>>()?;
        Ok(Self {
            path: path.to_owned(),
            components,
        })
    }
}

fn parse(path: &Path) -> Result<toml::Table> {
    let shown = path.display();
    let text = std::fs::read_to_string(path)
        .map_err(|e| anyhow!("{shown}: {}", crate::files::plain(&e)))?;
    text.parse()
        .map_err(|e: toml::de::Error| anyhow!("{shown}: {}", e.message()))
}

/// The manifest to use: `given`, else the one in the current folder, else the installed one beside the executable.
///
/// A manifest of some other application in the current folder is passed over: someone evaluates their own agent there.
///
/// # Errors
/// When there is none.
pub(crate) fn find(given: Option<&Path>) -> Result<PathBuf> {
    if let Some(path) = given {
        if !path.is_file() {
            bail!("{}: there is no such manifest", path.display());
        }
        return Ok(path.to_owned());
    }
    let here = PathBuf::from("spin.toml");
    let installed = std::env::current_exe().ok().and_then(|exe| {
        exe.canonicalize()
            .unwrap_or(exe)
            .parent()
            .map(|dir| dir.join("../share/assay/spin.toml"))
    });
    let mut passed_over = "";
    if here.is_file() {
        if is_ours(&here)? {
            return Ok(here);
        }
        passed_over = " (the one in the current folder is another application's)";
    }
    match installed {
        Some(path) if path.is_file() => Ok(path),
        Some(path) => {
            bail!(
                "no spin.toml of Assay{passed_over}, neither here nor at {}; name it with --manifest",
                path.display()
            )
        }
        None => bail!("no spin.toml of Assay{passed_over} here; name it with --manifest"),
    }
}

/// Whether the manifest is Assay's. One that cannot be read may be, and what is wrong with it should be heard.
fn is_ours(path: &Path) -> Result<bool> {
    let table = parse(path)?;
    let name = table
        .get("application")
        .and_then(|a| a.get("name"))
        .and_then(toml::Value::as_str);
    Ok(name.is_none_or(|name| name == APPLICATION))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_manifest_that_is_named_must_be_there() {
        let message = find(Some(Path::new("/nonexistent/spin.toml")))
            .unwrap_err()
            .to_string();
        assert_eq!(message, "/nonexistent/spin.toml: there is no such manifest");
    }

    #[test]
    fn components_are_beside_the_manifest() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("spin.toml");
        std::fs::write(
            &path,
            "[application]\nname = \"other\"\n[component.a]\nsource = \"a.wasm\"\n",
        )
        .unwrap();
        assert_eq!(
            Manifest::read(&path).unwrap().components,
            [("a".to_owned(), dir.path().join("a.wasm"))]
        );
        assert!(!is_ours(&path).unwrap());
        std::fs::write(&path, "nonsense").unwrap();
        assert!(
            Manifest::read(&path)
                .unwrap_err()
                .to_string()
                .contains("spin.toml: ")
        );
    }
}
