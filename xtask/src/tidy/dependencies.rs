//! Arrows go down only: pure crates, then `edge`, then components; the engine knows nothing of the product.

use super::pass;
use crate::workspace::{self, Package};

/// Crates that do I/O, run tasks, or speak to an engine. A name ending in `-` stands for every crate that begins so.
const IO: [&str; 24] = [
    "spin-sdk",
    "spin-",
    "wasi",
    "wasip3",
    "wit-bindgen",
    "wasmtime",
    "wasmtime-",
    "tokio",
    "tokio-",
    "async-std",
    "smol",
    "hyper",
    "hyper-",
    "axum",
    "reqwest",
    "ureq",
    "rusqlite",
    "deadpool-",
    "redis",
    "sqlx",
    "getrandom",
    "rand",
    "notify",
    "socket2",
];

/// What a package is, by where it lies.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Layer {
    Pure,
    Edge,
    Component,
    Host,
    Cli,
    Tests,
    Xtask,
}

struct Dependency {
    name: String,
    /// For tests or build scripts only: never in what ships.
    auxiliary: bool,
}

fn layer(folder: &str) -> Layer {
    match folder {
        "crates/edge" => Layer::Edge,
        "host" => Layer::Host,
        "cli" => Layer::Cli,
        "xtask" => Layer::Xtask,
        "tests" | "benches" => Layer::Tests,
        other if other.starts_with("components/") => Layer::Component,
        _ => Layer::Pure,
    }
}

/// Dependencies of every kind and every target.
fn dependencies(manifest: &toml::Table) -> Vec<Dependency> {
    let mut found = Vec::new();
    let mut collect = |tables: &toml::Table| {
        for (kind, auxiliary) in [
            ("dependencies", false),
            ("dev-dependencies", true),
            ("build-dependencies", true),
        ] {
            for (key, value) in tables
                .get(kind)
                .and_then(toml::Value::as_table)
                .into_iter()
                .flatten()
            {
                let name = value
                    .get("package")
                    .and_then(toml::Value::as_str)
                    .unwrap_or(key)
                    .to_owned();
                found.push(Dependency { name, auxiliary });
            }
        }
    };
    collect(manifest);
    for target in manifest
        .get("target")
        .and_then(toml::Value::as_table)
        .into_iter()
        .flatten()
    {
        if let Some(tables) = target.1.as_table() {
            collect(tables);
        }
    }
    found
}

fn does_io(name: &str) -> bool {
    IO.iter()
        .any(|io| name == *io || (io.ends_with('-') && name.starts_with(io)))
}

/// Why a package of this layer must not depend on that one, if it must not. `components` are the names of all components.
fn refusal(from: Layer, to: &Dependency, components: &[String]) -> Option<&'static str> {
    let name = to.name.as_str();
    let ours = name.starts_with("assay-");
    if components.iter().any(|component| component == name) {
        return Some("components are called over HTTP, never linked");
    }
    match from {
        Layer::Pure if name == "assay-edge" || name == "assay-host" || name == "assay-cli" => {
            Some("a pure crate depends on pure crates only")
        }
        Layer::Pure if does_io(name) && !to.auxiliary => Some("a pure crate does no I/O"),
        Layer::Pure if name == "spin-sdk" => {
            Some("a pure crate does not know the engine, not even in tests")
        }
        // `llm` is how a call of an agent or a model looks as data; `edge::dial` makes the call.
        Layer::Edge if ours && !["assay-model", "assay-access", "assay-llm"].contains(&name) => {
            Some("edge depends on model, access and llm only, or product logic would move into it")
        }
        Layer::Component if name == "assay-host" || name == "assay-cli" => {
            Some("a component does not know who runs it")
        }
        Layer::Host if ours => Some("the engine knows nothing of the product"),
        Layer::Host | Layer::Cli | Layer::Tests | Layer::Xtask
            if name == "spin-sdk" || name == "assay-edge" =>
        {
            Some("only components run on the engine's interfaces")
        }
        Layer::Tests if name == "assay-host" || name == "assay-cli" => {
            Some("tests from outside speak HTTP")
        }
        Layer::Xtask if ours || (does_io(name) && name != "wasmparser") => {
            Some("the task runner compiles in seconds")
        }
        _ => None,
    }
}

fn check(package: &Package, components: &[String]) -> Vec<String> {
    let layer = layer(&package.folder);
    dependencies(&package.manifest)
        .iter()
        .filter(|dependency| dependency.name != package.name)
        .filter_map(|dependency| {
            let why = refusal(layer, dependency, components)?;
            Some(format!(
                "{} depends on {}: {why}",
                package.folder, dependency.name
            ))
        })
        .collect()
}

fn has_workspace_lints(package: &Package) -> bool {
    package
        .manifest
        .get("lints")
        .and_then(|lints| lints.get("workspace"))
        .and_then(toml::Value::as_bool)
        == Some(true)
}

fn all() -> Vec<Package> {
    let root = workspace::root();
    let mut packages = workspace::packages_under(&root, "crates").unwrap();
    packages.extend(workspace::components(&root).unwrap());
    for folder in ["host", "cli", "xtask", "tests", "benches"] {
        packages.push(workspace::package(&root, folder).unwrap());
    }
    packages
}

#[test]
fn tidy_dependency_direction() {
    let packages = all();
    let components: Vec<String> = packages
        .iter()
        .filter(|package| layer(&package.folder) == Layer::Component)
        .map(|package| package.name.clone())
        .collect();
    assert!(!components.is_empty());
    let problems: Vec<String> = packages
        .iter()
        .flat_map(|package| check(package, &components))
        .collect();
    pass(&problems);
}

#[test]
fn tidy_every_package_takes_the_workspace_lints() {
    let problems: Vec<String> = all()
        .iter()
        .filter(|package| !has_workspace_lints(package))
        .map(|package| {
            format!(
                "{}/Cargo.toml: no `[lints] workspace = true`",
                package.folder
            )
        })
        .collect();
    pass(&problems);
}

#[test]
fn tidy_components_are_named_after_their_folders() {
    let problems: Vec<String> = workspace::components(&workspace::root())
        .unwrap()
        .iter()
        .filter(|package| {
            format!("components/{}", package.name.trim_start_matches("assay-")) != package.folder
        })
        .map(|package| format!("{}: its package is called {}", package.folder, package.name))
        .collect();
    pass(&problems);
}

#[test]
fn arrows_that_go_up_are_refused() {
    let components = ["assay-identity".to_owned(), "assay-traces".to_owned()];
    for (folder, manifest, refused) in [
        (
            "crates/graph",
            "[dependencies]\nassay-model.workspace = true\nserde.workspace = true",
            0,
        ),
        (
            "crates/graph",
            "[dependencies]\nassay-edge.workspace = true",
            1,
        ),
        (
            "crates/graph",
            "[dependencies]\nspin-sdk.workspace = true\ntokio = \"1\"",
            2,
        ),
        (
            "crates/graph",
            "[dependencies]\nhttp-client = { package = \"reqwest\", version = \"1\" }",
            1,
        ),
        (
            "crates/graph",
            "[target.'cfg(unix)'.dependencies]\ntokio-util = \"1\"",
            1,
        ),
        ("crates/graph", "[dev-dependencies]\ntokio = \"1\"", 0),
        (
            "crates/graph",
            "[dev-dependencies]\nspin-sdk = \"1\"\nassay-edge = \"1\"",
            2,
        ),
        (
            "crates/edge",
            "[dependencies]\nassay-model = \"1\"\nassay-access = \"1\"\nspin-sdk = \"7\"",
            0,
        ),
        ("crates/edge", "[dependencies]\nassay-graph = \"1\"", 1),
        (
            "components/traces",
            "[dependencies]\nassay-edge = \"1\"\nassay-otlp = \"1\"",
            0,
        ),
        (
            "components/traces",
            "[dependencies]\nassay-identity = \"1\"",
            1,
        ),
        ("host", "[dependencies]\nassay-model = \"1\"", 1),
        (
            "host",
            "[dependencies]\ntokio = \"1\"\nwasmtime = \"48\"",
            0,
        ),
        (
            "cli",
            "[dependencies]\nassay-host = \"1\"\nassay-edge = \"1\"",
            1,
        ),
        ("tests", "[dev-dependencies]\nassay-host = \"1\"", 1),
        (
            "xtask",
            "[dependencies]\nwasmtime = \"48\"\nassay-model = \"1\"",
            2,
        ),
    ] {
        let package = Package {
            name: "sample".into(),
            folder: folder.into(),
            manifest: manifest.parse().unwrap(),
        };
        assert_eq!(
            check(&package, &components).len(),
            refused,
            "{folder}: {manifest}"
        );
        assert!(!has_workspace_lints(&package));
    }
}
