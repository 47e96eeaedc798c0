//! Every test tier in one run: installs what is missing, builds, starts the stores, runs the tests, counts.

mod junit;
mod libtest;
mod runner;
mod tally;

use std::env;
use std::io::Write;
use std::path::Path;
use std::process::ExitCode;

use anyhow::Result;

use crate::build;
use crate::provision;
use crate::servers::{Servers, Store};
use crate::shell::say;
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
    }
    let servers = Servers::start(&stores, model.as_ref())?;

    let mut variables = variables(&servers, needs_product);
    let mut without: Vec<&'static str> = options.without.iter().map(|s| s.name()).collect();
    if tiers.contains(&Tier::E2e) {
        let node = provision::node::ensure()?;
        if let Some(node) = &node {
            let provider = provision::oidc::ensure(node)?;
            let text = |path: &Path| path.to_string_lossy().into_owned();
            variables.push(("ASSAY_TEST_NODE".into(), text(&node.node)));
            variables.push(("ASSAY_TEST_OIDC".into(), text(&provider)));
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
    // Nothing may follow the last line: it is what CI reads.
    print!("{tally}");
    std::io::stdout().flush()?;
    Ok(if tally.is_success() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

fn variables(servers: &Servers, built: bool) -> Vec<(String, String)> {
    let root = workspace::root();
    let mut variables = servers.variables.clone();
    variables.push(("ASSAY_ROOT".into(), root.to_string_lossy().into_owned()));
    if env::var_os("ASSAY_ORACLES").is_none() {
        variables.push((
            "ASSAY_ORACLES".into(),
            root.join("tests/oracles").to_string_lossy().into_owned(),
        ));
    }
    if built {
        variables.push(("ASSAY_BUILT".into(), "1".into()));
        variables.push((
            "ASSAY_BIN".into(),
            workspace::assay_bin().to_string_lossy().into_owned(),
        ));
    }
    variables
}
