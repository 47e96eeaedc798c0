//! `assay-benches`: the platform and its peers side by side, as ratios from one run on one machine.
//!
//! Run it through `cargo xtask bench`, which builds and installs what is measured and tells where it is. It finds the
//! product as a process and speaks HTTP to it, like the tests: what is measured is what ships.

mod api;
mod campaign;
mod cold;
mod context;
mod conversations;
mod eval;
mod graph;
mod host;
mod idle;
mod ingest;
mod library;
mod machine;
mod platform;
mod process;
mod report;
mod serve;
mod stats;
mod studio;
mod wire;
mod wrk;

use clap::{Parser, Subcommand, ValueEnum};
use context::{Context, Paths};
use report::{Report, Verdict};
use std::path::PathBuf;
use std::process::ExitCode;

/// Measure the platform beside its peers.
#[derive(Parser)]
#[command(name = "assay-benches", version)]
struct Cli {
    #[command(subcommand)]
    peer: Option<Peer>,
    /// Which benchmarks; all when none is named.
    #[arg(value_enum)]
    names: Vec<Name>,
    /// Exit with 1 when a target is missed or could not be measured.
    #[arg(long)]
    strict: bool,
    #[command(flatten)]
    paths: Paths,
    #[command(flatten)]
    ingest: ingest::Options,
}

#[derive(Subcommand)]
enum Peer {
    /// Serve with bare hyper until killed: a peer, or the agent under test. For the benchmarks' own use.
    #[command(hide = true)]
    Serve {
        /// What is answered.
        answer: serve::Answer,
    },
    /// Store spans with hyper, prost and rusqlite until killed: a peer. For the benchmarks' own use.
    #[command(hide = true)]
    ServeSpans {
        /// The database to make.
        database: PathBuf,
        /// The folder of the platform's migrations for SQLite.
        migrations: PathBuf,
    },
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Name {
    /// Requests per second and latency of a hello component, beside bare hyper and `wasmtime serve`.
    Host,
    /// Time to the first answer of the platform, and of each component.
    Cold,
    /// Memory and processor time of a platform that nobody uses.
    Idle,
    /// Durable steps per second of a campaign, beside LangGraph with its SQLite checkpointer.
    Campaign,
    /// A thousand conversations at once with an agent that takes a second: time beside the ideal, and memory.
    Conversations,
    /// Scoring by itself and over HTTP beside DeepEval, and judging beside what the judge alone takes.
    Eval,
    /// Super-steps per second of the graph engine alone.
    Graph,
    /// Authorised reads of the library, beside the hello component; a page of many rows beside a page of few.
    Library,
    /// Durable spans per second beside a native server, Phoenix and plain inserts; latency, memory, pages of traces.
    Ingest,
    /// The web app in a browser: opening pages, changing between them, scrolling long lists, a large graph.
    Studio,
}

impl Name {
    /// What it finds, by the names of its parts.
    fn run(
        self,
        context: &Context,
        ingest: &ingest::Options,
    ) -> Vec<(String, anyhow::Result<Report>)> {
        let outcome = match self {
            Self::Host => host::bench(context),
            Self::Cold => cold::bench(context),
            Self::Idle => idle::bench(context),
            Self::Library => library::bench(context),
            Self::Campaign => campaign::bench(context),
            Self::Conversations => conversations::bench(context),
            Self::Eval => eval::bench(context),
            Self::Graph => graph::bench(context),
            Self::Ingest => return ingest::bench(context, ingest),
            Self::Studio => return studio::bench(context),
        };
        vec![(self.title(), outcome)]
    }

    fn title(self) -> String {
        self.to_possible_value()
            .map_or_else(String::new, |value| value.get_name().to_owned())
    }
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    let outcome = match &cli.peer {
        Some(Peer::Serve { answer }) => serve::run(*answer),
        Some(Peer::ServeSpans {
            database,
            migrations,
        }) => ingest::native::run(database, migrations),
        None => return exit(run(&cli)),
    };
    exit(outcome.map(|()| ExitCode::SUCCESS))
}

fn exit(outcome: anyhow::Result<ExitCode>) -> ExitCode {
    outcome.unwrap_or_else(|error| {
        eprintln!("error: {error:#}");
        ExitCode::from(2)
    })
}

/// Runs the benchmarks one after the other. One that cannot run does not keep the next one from running.
fn run(cli: &Cli) -> anyhow::Result<ExitCode> {
    let names = if cli.names.is_empty() {
        Name::value_variants()
    } else {
        &cli.names
    };
    let context = Context::new(&cli.paths)?;
    println!("{}", machine::describe());
    let mut reports = Vec::new();
    let mut broken = false;
    for name in names {
        eprintln!("==> {}", name.title());
        for (title, outcome) in name.run(&context, &cli.ingest) {
            match outcome {
                Ok(report) => {
                    println!("\n{report}");
                    reports.push(report);
                }
                Err(error) => {
                    broken = true;
                    println!("\n{title}: could not run: {error:#}");
                }
            }
        }
    }
    println!("\n{}", report::targets(&reports));
    if let Some(warning) = machine::busy(context.load_before) {
        println!("{warning}");
    }
    let missed = reports
        .iter()
        .flat_map(|report| &report.targets)
        .any(|target| target.verdict != Verdict::Pass);
    Ok(match (broken, missed && cli.strict) {
        (true, _) => ExitCode::from(2),
        (false, true) => ExitCode::FAILURE,
        (false, false) => ExitCode::SUCCESS,
    })
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    #[test]
    fn the_arguments_are_consistent() {
        super::Cli::command().debug_assert();
    }
}
