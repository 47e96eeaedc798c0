//! Every test tier in one run: installs what is missing, builds, starts the stores, runs the tests, counts.

mod junit;
mod libtest;
mod oracles;
mod runner;
mod tally;

use std::env;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use anyhow::Result;

use crate::build;
use crate::metric;
use crate::provision;
use crate::servers::{Servers, Store};
use crate::shell::{run, say};
use crate::workspace;
use runner::Runner;
use tally::Tally;

/// What `cargo xtask test` takes.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// Also test with a real language model, whose server is compiled here first (about 20 minutes and 1 GB, once).
    #[arg(long)]
    model: bool,
    /// Run one tier only; `pure` needs neither a build of the product nor servers.
    #[arg(long, value_enum)]
    tier: Vec<Tier>,
    /// Leave out a store that cannot be had here; its tests are counted as skipped.
    #[arg(long, value_enum)]
    without: Vec<Store>,
    /// Only tests whose names contain one of these.
    filter: Vec<String>,
}

/// Tests that run together, with one build profile.
#[derive(Clone, Copy, PartialEq, Eq, Debug, clap::ValueEnum)]
pub(crate) enum Tier {
    /// Pure crates, components as native code, this program and the repository's own checks.
    Pure,
    /// The engine and the command line, optimised.
    Host,
    /// The running product over HTTP.
    E2e,
}

impl Tier {
    const ALL: [Self; 3] = [Self::Pure, Self::Host, Self::E2e];

    /// What the tier is called in the report.
    pub(crate) fn label(self) -> &'static str {
        match self {
            Self::Pure => "pure crates, components, repository checks",
            Self::Host => "engine and command line",
            Self::E2e => "end to end over HTTP",
        }
    }
}

/// As it occurs in the names of tests that need a real model.
pub(crate) const REAL_MODEL: &str = "real_model";

/// As it occurs in the names of tests that need a metric in JavaScript.
const JAVASCRIPT_METRIC: &str = "javascript_metric";

/// What every tier's run is told.
pub(crate) struct Plan {
    /// Variables for the tests.
    pub(crate) variables: Vec<(String, String)>,
    /// Parts of names of tests that are left out: their server is not there.
    pub(crate) without: Vec<&'static str>,
    /// Parts of names.
    pub(crate) filter: Vec<String>,
}

/// Runs the tiers; fails when a test failed, a tier did not build, or nothing ran.
pub(crate) fn test(options: &Options) -> Result<ExitCode> {
    let tiers = if options.tier.is_empty() {
        Tier::ALL.to_vec()
    } else {
        options.tier.clone()
    };
    let needs_product = tiers.iter().any(|tier| *tier != Tier::Pure);
    let stores: Vec<Store> = Store::ALL
        .into_iter()
        .filter(|store| needs_product && !options.without.contains(store))
        .collect();

    provision::ensure(&stores, tiers.contains(&Tier::E2e))?;
    let model = if options.model && tiers.contains(&Tier::E2e) {
        Some(provision::model::ensure()?)
    } else {
        None
    };
    if needs_product {
        build::all()?;
        compile_components()?;
    }
    let servers = Servers::start(&stores, model.as_ref())?;

    let mut variables = variables(&servers, needs_product);
    let counts = oracles::folder()?;
    variables.push((
        oracles::VARIABLE.into(),
        counts.to_string_lossy().into_owned(),
    ));
    let mut without: Vec<&'static str> = options.without.iter().map(|s| s.name()).collect();
    if tiers.contains(&Tier::E2e) {
        let node = provision::node::ensure()?;
        if let Some(node) = &node {
            let provider = provision::oidc::ensure(node)?;
            let text = |path: &Path| path.to_string_lossy().into_owned();
            variables.push(("ASSAY_TEST_NODE".into(), text(&node.node)));
            variables.push(("ASSAY_TEST_OIDC".into(), text(&provider)));
        }
        let examples = metric::examples()?;
        let manifest = examples.manifest.to_string_lossy().into_owned();
        variables.push(("ASSAY_TEST_METRICS".into(), manifest));
        if !examples.javascript {
            without.push(JAVASCRIPT_METRIC);
        }
        let clients = provision::clients::ensure(node.as_ref())?;
        variables.extend(clients.variables);
        without.extend(clients.without);
    }
    if tiers.contains(&Tier::E2e)
        && let Some(program) = provision::python::ensure_schemathesis()?
    {
        let program = program.to_string_lossy().into_owned();
        variables.push(("ASSAY_TEST_SCHEMATHESIS".into(), program));
    }
    if model.is_none() {
        without.push(REAL_MODEL);
    }
    let plan = Plan {
        variables,
        without,
        filter: options.filter.clone(),
    };
    let runner = Runner::find();
    let mut tally = Tally::default();
    for tier in &tiers {
        say(format!("Testing: {}", tier.label()));
        runner.run(*tier, &plan, &mut tally)?;
    }
    drop(servers);

    for store in &options.without {
        say(format!(
            "SKIPPED by request: every test of {}",
            store.name()
        ));
    }
    if model.is_none() && tiers.contains(&Tier::E2e) {
        say(
            "SKIPPED: the tier with a real model server (run it by `cargo xtask test --model` before a release)",
        );
    }
    if tiers.contains(&Tier::Pure) {
        oracles::report(&counts, &oracles_folder())?;
    }
    // Nothing may follow the last line: it is what CI reads.
    print!("{tally}");
    std::io::stdout().flush()?;
    Ok(if tally.is_success() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// Compiles the components to machine code where the tests look for it: the first of them would all do it at the same time.
fn compile_components() -> Result<()> {
    let root = workspace::root();
    say("Compiling the components to machine code");
    run(Command::new(workspace::assay_bin())
        .current_dir(&root)
        .arg("compile")
        .arg("--data-dir")
        .arg(root.join("target/compile"))
        .arg("--cache-dir")
        .arg(root.join("target/aot")))
}

/// Where the recorded oracles are.
fn oracles_folder() -> PathBuf {
    let default = || workspace::root().join("tests/oracles");
    env::var_os("ASSAY_ORACLES").map_or_else(default, PathBuf::from)
}

fn variables(servers: &Servers, built: bool) -> Vec<(String, String)> {
    let root = workspace::root();
    let mut variables = servers.variables.clone();
    variables.push(("ASSAY_ROOT".into(), root.to_string_lossy().into_owned()));
    variables.push((
        "ASSAY_ORACLES".into(),
        oracles_folder().to_string_lossy().into_owned(),
    ));
    if built {
        variables.push(("ASSAY_BUILT".into(), "1".into()));
        variables.push((
            "ASSAY_BIN".into(),
            workspace::assay_bin().to_string_lossy().into_owned(),
        ));
    }
    variables
}
