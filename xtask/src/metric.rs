//! Metrics of one's own as components of the application (`docs/custom-metrics.md`): composed with their host, and entered into the manifest.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use sha2::{Digest as _, Sha256};

use crate::build;
use crate::provision::node;
use crate::shell::{cargo, run, run_within, say};
use crate::workspace::{self, WASM_PROFILE, WASM_TARGET};

/// What `cargo xtask metric` takes.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// What metrics name it by: words of lower-case letters and digits, joined by `-`.
    #[arg(required_unless_present = "examples")]
    name: Option<String>,
    /// A component that exports `assay:metric/scorer` (`wit/assay-metric`).
    #[arg(required_unless_present = "examples")]
    wasm: Option<PathBuf>,
    #[command(flatten)]
    bounds: Bounds,
    /// Build the examples and the tests' metrics, and the manifest of an application that has them.
    #[arg(long, conflicts_with_all = ["name", "wasm"])]
    examples: bool,
}

/// What a metric may take.
#[derive(clap::Args, Clone, Copy)]
struct Bounds {
    /// Most memory, in MiB: of the metric in its bytes, of its instance in the embedded engine.
    #[arg(long, default_value_t = 64, value_parser = clap::value_parser!(u32).range(1..=512))]
    memory_mib: u32,
    /// How long a case may take in the embedded engine, in milliseconds.
    #[arg(long, default_value_t = 10_000, value_parser = clap::value_parser!(u64).range(1..=30_000))]
    timeout_ms: u64,
}

/// The line of the manifest that lists metrics, up to their names, and what follows these.
const LISTED: (&str, &str) = ("metric_components = { default = \"", "\" }");
/// Where composed metrics lie, relative to the root.
const FOLDER: &str = "target/metrics";
/// How long the components of the examples in JavaScript may take to be made: a hundredth of it is usual.
const JAVASCRIPT_LIMIT: Duration = Duration::from_secs(180);

/// Composes what is asked for.
pub(crate) fn metric(options: &Options) -> Result<()> {
    let root = workspace::root();
    let (Some(name), Some(wasm)) = (&options.name, &options.wasm) else {
        return examples().map(drop);
    };
    check_name(name)?;
    build::compile(&root, &[])?;
    let source = format!("{FOLDER}/{name}.wasm");
    compose(&root, wasm, options.bounds, &root.join(&source))?;
    let path = root.join("spin.toml");
    let text = fs::read_to_string(&path).context("cannot read spin.toml")?;
    match entered(&text, name, &source, options.bounds)? {
        Some(text) => {
            fs::write(&path, text).context("cannot write spin.toml")?;
            say(format!(
                "`metric-{name}` is in spin.toml now: metrics of the kind `component` may name `{name}`"
            ));
        }
        None => say(format!(
            "`metric-{name}` is in spin.toml already: its bytes are new"
        )),
    }
    Ok(())
}

/// What examples there are.
pub(crate) struct Examples {
    /// The manifest of an application that has them.
    pub(crate) manifest: PathBuf,
    /// Whether the one in JavaScript is among them: not where there is no Node.js.
    pub(crate) javascript: bool,
}

/// Builds the examples and the tests' metrics, and writes the manifest of an application that is ours in all else. Its metrics are bounded
/// more tightly, so that a test need not wait for long.
pub(crate) fn examples() -> Result<Examples> {
    let root = workspace::root();
    let folder = root.join(FOLDER);
    fs::create_dir_all(&folder)?;
    say("Building metrics that are components");
    build::compile(&root, &["grounded-prices", "misbehaving-metric"])?;
    let built = |package: &str| {
        root.join(format!(
            "target/{WASM_TARGET}/{WASM_PROFILE}/{package}.wasm"
        ))
    };
    let mut all = vec![
        ("grounded-prices", built("grounded_prices")),
        ("misbehaving", built("misbehaving_metric")),
    ];
    let javascript = javascript(&root)?;
    all.extend(javascript.clone().map(|wasm| ("promised-times", wasm)));

    let text = fs::read_to_string(root.join("spin.toml")).context("cannot read spin.toml")?;
    let mut text = text.replace("source = \"target/", "source = \"../");
    let bounds = Bounds {
        memory_mib: 48,
        timeout_ms: 3_000,
    };
    for (name, wasm) in all {
        let source = format!("{name}.wasm");
        compose(&root, &wasm, bounds, &folder.join(&source))?;
        // Somebody may have entered it into the application itself.
        text = entered(&text, name, &source, bounds)?.unwrap_or(text);
    }
    let manifest = folder.join("spin.toml");
    fs::write(&manifest, text).context("cannot write the manifest")?;
    Ok(Examples {
        manifest,
        javascript: javascript.is_some(),
    })
}

/// Makes one component of a metric and its host.
fn compose(root: &Path, metric: &Path, bounds: Bounds, out: &Path) -> Result<()> {
    if let Some(folder) = out.parent() {
        fs::create_dir_all(folder)?;
    }
    let host = root.join(format!(
        "target/{WASM_TARGET}/{WASM_PROFILE}/assay_metric_adapter.wasm"
    ));
    let metric = metric
        .canonicalize()
        .with_context(|| format!("there is no {}", metric.display()))?;
    // A program of its own: whoever composes nothing does not wait until its libraries are compiled.
    run(cargo()
        .args(["run", "--quiet", "-p", "assay-compose", "--"])
        .args([&host, &metric])
        .arg(bounds.memory_mib.to_string())
        .arg(out))
}

/// The manifest with a metric in it; `None` where it has it already.
fn entered(text: &str, name: &str, source: &str, bounds: Bounds) -> Result<Option<String>> {
    let id = format!("metric-{name}");
    if text
        .lines()
        .any(|line| line.trim() == format!("[component.{id}]"))
    {
        return Ok(None);
    }
    let (before, after) = LISTED;
    let Some((head, (names, tail))) = text
        .split_once(before)
        .and_then(|(head, rest)| Some((head, rest.split_once(after)?)))
    else {
        bail!(
            "the manifest has no line `{before}...{after}`, by which the evaluator knows its metrics"
        );
    };
    let mut names: Vec<&str> = names.split(',').filter(|name| !name.is_empty()).collect();
    names.push(name);
    let names = names.join(",");
    let Bounds {
        memory_mib,
        timeout_ms,
    } = bounds;
    Ok(Some(format!(
        r#"{head}{before}{names}{after}{tail}
[[trigger.http]]
route = {{ private = true }}
component = "{id}"

[component.{id}]
description = "A metric: granted nothing, and reached by the evaluator alone"
source = "{source}"

[component.{id}.variables]
name = "{id}"
metric_key = "{{{{ metric_key }}}}"

[component.{id}.tool.assay-host]
memory_mib = {memory_mib}
timeout_ms = {timeout_ms}
single_use = true
"#
    )))
}

fn check_name(name: &str) -> Result<()> {
    let word = |word: &str| {
        word.starts_with(|c: char| c.is_ascii_lowercase())
            && word
                .chars()
                .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit())
    };
    if name.len() > 64 || !name.split('-').all(word) {
        bail!(
            "`{name}` is no name: use words of lower-case letters and digits, joined by `-`, each of which begins with a letter"
        );
    }
    Ok(())
}

/// The component of the example in JavaScript, made anew when any of its sources has changed. `None` where there is no Node.js.
fn javascript(root: &Path) -> Result<Option<PathBuf>> {
    let Some(node) = node::ensure()? else {
        return Ok(None);
    };
    let source = root.join("examples/metrics/promised-times");
    let wit = root.join("wit/assay-metric");
    let folder = workspace::tools_dir().join("metrics/javascript");
    let wasm = folder.join("promised-times.wasm");
    let stamp = folder.join("sources");
    let mut digest = Sha256::new();
    for file in [
        source.join("metric.js"),
        source.join("package-lock.json"),
        wit.join("metric.wit"),
    ] {
        digest.update(fs::read(&file).with_context(|| format!("cannot read {}", file.display()))?);
    }
    let sources = hex::encode(digest.finalize());
    if wasm.is_file() && fs::read_to_string(&stamp).is_ok_and(|noted| noted == sources) {
        return Ok(Some(wasm));
    }
    say("Building the metric in JavaScript");
    fs::create_dir_all(&folder)?;
    for name in ["package.json", "package-lock.json"] {
        fs::copy(source.join(name), folder.join(name))?;
    }
    let mut install = node.npm();
    install.args(["ci", "--no-audit", "--no-fund", "--silent"]);
    run_within(JAVASCRIPT_LIMIT, install.current_dir(&folder))?;
    let mut build = Command::new(&node.node);
    build
        .arg(folder.join("node_modules/componentize-qjs/cli.mjs"))
        .args(["--sync", "--stub-wasi", "--world", "metric", "--wit"])
        .arg(&wit)
        .arg("--js")
        .arg(source.join("metric.js"))
        .arg("--output")
        .arg(&wasm);
    run_within(JAVASCRIPT_LIMIT, &mut build)?;
    fs::write(&stamp, sources)?;
    Ok(Some(wasm))
}

#[cfg(test)]
mod tests {
    use super::*;

    const BOUNDS: Bounds = Bounds {
        memory_mib: 64,
        timeout_ms: 1_000,
    };

    #[test]
    fn the_manifest_takes_metrics() {
        let text = fs::read_to_string(workspace::root().join("spin.toml")).unwrap();
        let one = entered(&text, "one", "one.wasm", BOUNDS).unwrap().unwrap();
        let two = entered(&one, "two-more", "two.wasm", BOUNDS)
            .unwrap()
            .unwrap();
        assert_eq!(entered(&two, "one", "one.wasm", BOUNDS).unwrap(), None);
        let manifest: toml::Table = two.parse().unwrap();
        let listed = manifest["variables"]["metric_components"]["default"].as_str();
        assert!(
            listed.is_some_and(|names| names.ends_with("one,two-more")),
            "{listed:?}"
        );
        let component = &manifest["component"]["metric-two-more"];
        assert_eq!(component["source"].as_str(), Some("two.wasm"));
        let granted = [
            "allowed_outbound_hosts",
            "key_value_stores",
            "sqlite_databases",
            "files",
        ];
        assert!(
            granted.iter().all(|key| component.get(key).is_none()),
            "{component}"
        );
        assert_eq!(
            component["variables"]["metric_key"].as_str(),
            Some("{{ metric_key }}")
        );
        assert_eq!(
            component["tool"]["assay-host"]["single_use"].as_bool(),
            Some(true)
        );
        let routes = manifest["trigger"]["http"].as_array().unwrap();
        let own = routes
            .iter()
            .filter(|r| r["component"].as_str() == Some("metric-two-more"));
        let private: Vec<bool> = own
            .map(|r| r["route"].get("private").and_then(toml::Value::as_bool) == Some(true))
            .collect();
        assert_eq!(private, [true]);
        assert!(entered("[component.a]", "one", "one.wasm", BOUNDS).is_err());
    }

    #[test]
    fn names_are_part_of_host_names() {
        for fine in ["a", "grounded-prices", "bleu4"] {
            assert!(check_name(fine).is_ok(), "{fine}");
        }
        for wrong in [
            "",
            "A",
            "a_b",
            "a-",
            "-a",
            "a--b",
            "a.b",
            "a-4",
            "ä",
            &"a".repeat(65),
        ] {
            assert!(check_name(wrong).is_err(), "{wrong}");
        }
    }
}
