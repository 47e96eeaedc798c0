//! The clients that the product is tested with: an environment of Python for each version of an SDK of others and for what our
//! own needs, and packages for Node.js.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::provision::node::Node;
use crate::provision::python;
use crate::shell::{run, say};
use crate::workspace;

/// As it occurs in the names of tests that need a client for Python.
const PYTHON: &str = "python_sdk";
/// As it occurs in the names of tests that need a client for JavaScript.
const JAVASCRIPT: &str = "javascript_sdk";
/// What says which packages the JavaScript programs need.
const MANIFESTS: [&str; 2] = ["package.json", "package-lock.json"];

/// What could be installed.
#[derive(Default)]
pub(crate) struct Clients {
    /// For the tests' environment.
    pub(crate) variables: Vec<(String, String)>,
    /// Parts of names of tests that cannot run here.
    pub(crate) without: Vec<&'static str>,
}

/// Installs each client once. What cannot be installed, since this Python is too old or there is no network, is said and left out.
pub(crate) fn ensure(node: Option<&Node>) -> Result<Clients> {
    let mut clients = Clients::default();
    if python::usable() {
        for requirements in requirements()? {
            let name = stem(&requirements);
            match environment(&name, &requirements) {
                Ok(interpreter) => clients.variables.push((variable(&name), interpreter)),
                Err(error) => say(format!("SKIPPED: tests with {name}: {error:#}")),
            }
        }
    }
    if clients.variables.is_empty() {
        say("SKIPPED: tests with clients for Python, which need Python 3.9 or newer with venv");
        clients.without.push(PYTHON);
    }
    match node.map(javascript) {
        Some(Ok(folder)) => clients
            .variables
            .push(("ASSAY_TEST_JAVASCRIPT".into(), folder)),
        Some(Err(error)) => {
            say(format!(
                "SKIPPED: tests with clients for JavaScript: {error:#}"
            ));
            clients.without.push(JAVASCRIPT);
        }
        // `node::ensure` has said why.
        None => clients.without.push(JAVASCRIPT),
    }
    Ok(clients)
}

/// One file an environment, named as the environment.
fn requirements() -> Result<Vec<PathBuf>> {
    let folder = workspace::root().join("tests/clients/python/requirements");
    let mut files = Vec::new();
    for entry in
        fs::read_dir(&folder).with_context(|| format!("cannot list {}", folder.display()))?
    {
        files.push(entry?.path());
    }
    files.sort();
    Ok(files)
}

fn stem(file: &Path) -> String {
    file.file_stem()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned()
}

/// `langfuse-5` is found by tests as `ASSAY_TEST_LANGFUSE_5`.
fn variable(name: &str) -> String {
    format!("ASSAY_TEST_{}", name.to_uppercase().replace('-', "_"))
}

/// The interpreter of an environment with these packages. What was installed is noted in the environment once it is all there.
fn environment(name: &str, requirements: &Path) -> Result<String> {
    let folder = workspace::tools_dir().join("clients").join(name);
    let note = folder.join("requirements.txt");
    if !same(requirements, &note) {
        say(format!("Installing {name} for tests (once)"));
        let file = requirements.to_string_lossy();
        python::install_into(&folder, &["-r", &file], &[])?;
        fs::copy(requirements, &note)?;
    }
    Ok(python::interpreter_of(&folder)
        .to_string_lossy()
        .into_owned())
}

/// The folder of the JavaScript programs, with the packages that they need beside them.
fn javascript(node: &Node) -> Result<String> {
    let source = workspace::root().join("tests/clients/javascript");
    let folder = workspace::tools_dir().join("clients/javascript");
    fs::create_dir_all(&folder)?;
    let known = |name: &str| same(&source.join(name), &folder.join(name));
    if !folder.join("node_modules").is_dir() || !MANIFESTS.iter().all(|name| known(name)) {
        say("Installing clients for JavaScript for tests (once)");
        let npm = |folder: &Path| {
            for name in MANIFESTS {
                fs::copy(source.join(name), folder.join(name))?;
            }
            run(node
                .npm()
                .args(["ci", "--no-audit", "--no-fund", "--silent"])
                .current_dir(folder))
        };
        if let Err(error) = npm(&folder) {
            // Half an installation must not be taken for a whole one.
            let _ = fs::remove_dir_all(folder.join("node_modules"));
            return Err(error);
        }
    }
    for entry in fs::read_dir(&source)? {
        let file = entry?.path();
        if let (Some("mjs"), Some(name)) =
            (file.extension().and_then(|e| e.to_str()), file.file_name())
        {
            fs::copy(&file, folder.join(name))?;
        }
    }
    Ok(folder.to_string_lossy().into_owned())
}

/// Whether two files are there and have the same content.
fn same(a: &Path, b: &Path) -> bool {
    let (a, b) = (fs::read(a), fs::read(b));
    a.is_ok_and(|a| b.is_ok_and(|b| a == b))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_environment_is_found_by_its_name() {
        let names: Vec<String> = requirements()
            .unwrap()
            .iter()
            .map(|f| variable(&stem(f)))
            .collect();
        assert_eq!(
            names,
            [
                "ASSAY_TEST_ASSAY_SDK",
                "ASSAY_TEST_LANGFUSE_2",
                "ASSAY_TEST_LANGFUSE_3",
                "ASSAY_TEST_LANGFUSE_4",
                "ASSAY_TEST_LANGFUSE_5",
                "ASSAY_TEST_OPENTELEMETRY"
            ]
        );
    }

    #[test]
    fn versions_are_pinned() {
        for file in requirements().unwrap() {
            for line in fs::read_to_string(&file).unwrap().lines() {
                assert!(
                    line.starts_with('#') || line.contains("=="),
                    "{}: {line}",
                    file.display()
                );
            }
        }
    }

    #[test]
    fn tests_that_need_a_client_say_so_in_their_names() {
        let tests = fs::read_to_string(workspace::root().join("tests/tests/clients.rs")).unwrap();
        assert!(tests.contains(PYTHON) && tests.contains(JAVASCRIPT));
    }
}
