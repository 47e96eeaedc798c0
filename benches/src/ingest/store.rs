//! Spans that are durable in the embedded store, beside a native server and Phoenix.

use super::load::{self, Loaded, Target, Until};
use super::phoenix;
use super::spans::{SPANS, templates};
use super::{DATABASE, Options, start, target};
use crate::context::Context;
use crate::process::Process;
use crate::report::{Report, figure};
use crate::serve::LISTENING;
use crate::stats::{median, quantile};
use anyhow::{Context as _, Result, bail};
use rusqlite::{Connection, OpenFlags};
use std::path::Path;
use std::process::Command;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

/// Where the platform of this part keeps its data; the latency is measured on it later.
pub(crate) const DATA: &str = "ingest";

/// What one server did over all rounds.
#[derive(Default)]
struct Rounds {
    rates: Vec<f64>,
    latencies_ms: Vec<f64>,
    spans: u64,
    cpu_s: f64,
}

impl Rounds {
    fn add(&mut self, name: &str, loaded: Loaded, cpu_s: f64) -> Result<()> {
        if loaded.refused > 0 {
            bail!("{name} refused {} bodies", loaded.refused);
        }
        self.rates.push(loaded.rate());
        self.latencies_ms.extend(loaded.latencies_ms);
        self.spans += loaded.spans;
        self.cpu_s += cpu_s;
        Ok(())
    }

    fn rate(&self) -> f64 {
        median(&self.rates)
    }

    fn row(&self, report: &mut Report, name: &str, ours: f64) {
        report.row([
            name.to_owned(),
            figure(self.rate()),
            figure(median(&self.latencies_ms)),
            figure(quantile(&self.latencies_ms, 0.99)),
            figure(1e6 * self.cpu_s / self.spans as f64),
            figure(self.rate() / ours),
        ]);
    }
}

/// Measures; gives the platform's rate too, in spans per second.
pub(crate) fn bench(context: &Context, options: &Options) -> Result<(Report, f64)> {
    let templates = templates();
    let (ours, native) = embedded(context, options)?;
    let phoenix = phoenix::measure(
        context,
        &context.root.join(&options.phoenix),
        &templates,
        options.connections,
        Duration::from_secs(options.phoenix_seconds),
    );
    let mut report = Report::new(
        "ingest: durable spans per second on embedded SQLite",
        &[
            "what",
            "spans/s",
            "p50 ms",
            "p99 ms",
            "us CPU/span",
            "x ours",
        ],
    );
    let rate = ours.rate();
    ours.row(&mut report, "assay", rate);
    native.row(&mut report, "native server (hyper, prost, rusqlite)", rate);
    let bytes: usize = templates.iter().map(super::template::Template::len).sum();
    report.note(format!(
        "POST /v1/traces of protobuf bodies of {SPANS} spans in {} traces, {} bytes each, every id new, over {} connections. Medians \
         of {} alternating rounds of {} s; the generator shares the machine. An answer of 200 means that the spans are in a committed \
         transaction, and after the last round every one of them was counted in the database. Both use WAL with synchronous = NORMAL. \
         The native server proves no key and checks no span.",
        super::template::TRACES,
        bytes / templates.len().max(1),
        options.connections,
        options.rounds,
        options.seconds,
    ));
    report.at_least(
        "ingest: spans/s beside a native server",
        rate / native.rate(),
        0.4,
        "x",
    );
    let what = "ingest: spans/s beside Phoenix";
    match phoenix {
        Ok(theirs) => {
            let their_rate = theirs.stored as f64 / theirs.seconds;
            report.row([
                format!("Phoenix {}", theirs.version),
                figure(their_rate),
                String::new(),
                String::new(),
                figure(1e6 * theirs.cpu_s / theirs.stored as f64),
                figure(their_rate / rate),
            ]);
            report.note(format!(
                "Phoenix was sent as much as it had stored and {} spans ahead: what it cannot keep would slow it. It answered 200 for {} spans \
                 and refused {} bodies; {} spans were in its database after {} s, {}.",
                phoenix::AHEAD,
                theirs.loaded.spans,
                theirs.loaded.refused,
                theirs.stored,
                figure(theirs.seconds),
                if theirs.settled { "and no more came" } else { "when time was up" },
            ));
            report.at_least(what, rate / their_rate, 100.0, "x");
        }
        Err(error) => {
            let absent = format!("{error:#}");
            eprintln!("WITHOUT Phoenix: {absent}");
            report.unmeasured(what, &absent);
        }
    }
    Ok((report, rate))
}

/// The platform and the native server, in turn.
fn embedded(context: &Context, options: &Options) -> Result<(Rounds, Rounds)> {
    let templates = templates();
    let data = context.path(DATA);
    let platform = start(context, DATA, &[])?;
    let target = target(&platform);
    let (native, native_target, native_database) = native(context)?;
    let run = |target: &Target, time: Duration| {
        let until = Until::Elapsed(time);
        load::closed(
            target,
            &templates,
            options.connections,
            until,
            &AtomicU64::new(0),
        )
    };
    let time = Duration::from_secs(options.seconds);
    // Not measured: instances, caches, statements.
    let warm = Duration::from_secs(1);
    let mut ours_sent = run(&target, warm)?.spans;
    let mut native_sent = run(&native_target, warm)?.spans;
    let (mut ours, mut peer) = (Rounds::default(), Rounds::default());
    for round in 1..=options.rounds {
        eprintln!("ingest: round {round} of {}", options.rounds);
        let before = platform.usage()?.cpu_s;
        let loaded = run(&target, time)?;
        ours_sent += loaded.spans;
        ours.add("the platform", loaded, platform.usage()?.cpu_s - before)?;
        let before = native.usage()?.cpu_s;
        let loaded = run(&native_target, time)?;
        native_sent += loaded.spans;
        peer.add("the native server", loaded, native.usage()?.cpu_s - before)?;
    }
    platform.stop()?;
    drop(native);
    for (name, database, sent) in [
        ("the platform", data.join(DATABASE), ours_sent),
        ("the native server", native_database, native_sent),
    ] {
        let stored = count(&database, "observations")?;
        if stored != sent {
            bail!("{name} acknowledged {sent} spans, and {stored} are in its database");
        }
    }
    Ok((ours, peer))
}

/// Rows of a table in a database that nobody has open.
pub(crate) fn count(database: &Path, table: &str) -> Result<u64> {
    // Not read-only: the write-ahead log of a process that was killed is to be read too.
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE;
    let connection = Connection::open_with_flags(database, flags)
        .with_context(|| database.display().to_string())?;
    let sql = format!("SELECT count(*) FROM {table}");
    Ok(connection
        .query_row(&sql, [], |row| row.get::<_, i64>(0))?
        .try_into()?)
}

fn native(context: &Context) -> Result<(Process, Target, std::path::PathBuf)> {
    let this = std::env::current_exe().context("this program has no path")?;
    let database = context.path("native.db");
    let mut command = Command::new(this);
    command
        .arg("serve-spans")
        .arg(&database)
        .arg(context.root.join("migrations/sqlite"));
    let log = context.path("native.log");
    let patience = Duration::from_secs(20);
    let (process, addr) = Process::start_until(&mut command, &log, LISTENING, patience)?;
    let target = Target {
        addr: addr.parse().context("no address")?,
        authorization: String::new(),
    };
    Ok((process, target, database))
}
