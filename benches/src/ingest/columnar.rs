//! Spans through the platform into ClickHouse, beside plain inserts of the same rows.

use super::clickhouse::ClickHouse;
use super::load::{self, Loaded, Until, over};
use super::spans::{SPANS, templates};
use super::template::{self, TRACES, Template};
use super::{Options, start, target};
use crate::context::Context;
use crate::report::{Report, figure};
use crate::stats::{median, quantile};
use anyhow::{Result, bail};
use std::sync::atomic::AtomicU64;
use std::thread::sleep;
use std::time::{Duration, Instant};

const PATIENCE: Duration = Duration::from_secs(30);

/// The rows of one body as the platform wrote them, to be written again with other ids.
struct Plain {
    /// For what each table is filled with: the path of the insert, and the lines.
    tables: Vec<(String, Template)>,
}

impl Plain {
    /// Reads back what the platform made of one body whose ids are known, and makes empty tables like the platform's.
    fn new(clickhouse: &ClickHouse, peer: &str) -> Result<Self> {
        let ours = &clickhouse.database;
        clickhouse.run(&format!("CREATE DATABASE {peer}"))?;
        let ids: Vec<String> = template::marks()
            .iter()
            .map(|mark| format!("'{}'", hex::encode(mark)))
            .collect();
        let ids = ids.join(", ");
        let mut tables = Vec::new();
        for (table, id, wanted) in [
            ("trace_rows", "id", TRACES),
            ("observation_rows", "trace_id", SPANS),
        ] {
            clickhouse.run(&format!("CREATE TABLE {peer}.{table} AS {ours}.{table}"))?;
            let rows = clickhouse.run(&format!(
                "SELECT * FROM {ours}.{table} FINAL WHERE substring({id}, 1, 12) IN ({ids}) FORMAT JSONEachRow"
            ))?;
            let found = rows.lines().count();
            if found != wanted {
                bail!("the platform made {found} rows of {table} of one body, not {wanted}");
            }
            let path = ClickHouse::insert_path(peer, table);
            tables.push((path, Template::new(rows.into_bytes())));
        }
        Ok(Self { tables })
    }

    /// Inserts over so many connections for a time.
    fn load(&self, clickhouse: &ClickHouse, connections: usize, time: Duration) -> Result<Loaded> {
        let target = clickhouse.target()?;
        let began = Instant::now();
        let mut all = over(connections, |_| {
            let mut connection = target.connect()?;
            let mut own = Loaded::default();
            let mut body = Vec::new();
            while began.elapsed() < time {
                let nonces = template::fresh();
                let start = Instant::now();
                for (path, rows) in &self.tables {
                    rows.fill(&nonces, &mut body);
                    let status = connection.post(path, "application/x-ndjson", &body)?;
                    if status != 200 {
                        bail!("an insert was answered {status}");
                    }
                }
                own.latencies_ms.push(1e3 * start.elapsed().as_secs_f64());
                own.spans += SPANS as u64;
            }
            Ok(own)
        })?;
        all.seconds = began.elapsed().as_secs_f64();
        Ok(all)
    }
}

pub(crate) fn bench(context: &Context, options: &Options) -> Result<Report> {
    let clickhouse = ClickHouse::new(options, "write")?;
    let peer = format!("{}_peer", clickhouse.database);
    let outcome = measure(context, options, &clickhouse, &peer);
    clickhouse.remove(&peer)?;
    let (ours, plain, spooled) = outcome?;
    let mut report = Report::new(
        "ingest: spans per second into ClickHouse",
        &["what", "spans/s", "p50 ms", "p99 ms", "x ours"],
    );
    let middle = |rounds: &[Loaded]| median(&rounds.iter().map(Loaded::rate).collect::<Vec<_>>());
    let rate = middle(&ours);
    for (name, rounds) in [
        ("assay", &ours),
        ("plain INSERT FORMAT JSONEachRow", &plain),
    ] {
        let latencies: Vec<f64> = rounds
            .iter()
            .flat_map(|r| r.latencies_ms.iter().copied())
            .collect();
        report.row([
            name.to_owned(),
            figure(middle(rounds)),
            figure(median(&latencies)),
            figure(quantile(&latencies, 0.99)),
            figure(middle(rounds) / rate),
        ]);
    }
    report.note(format!(
        "Bodies of {SPANS} spans over {} connections; the peer writes the rows that the platform makes of such a body, with new ids, by \
         one insert a table. Medians of {} alternating rounds of {} s. Counted are spans in ClickHouse when a round ends; {spooled} of \
         the platform's waited in its spool then.",
        options.connections, options.rounds, options.seconds,
    ));
    report.at_least(
        "ingest: spans/s into ClickHouse beside plain inserts",
        rate / middle(&plain),
        0.5,
        "x",
    );
    Ok(report)
}

/// The platform's rounds, the peer's, and how many of the platform's spans were not in ClickHouse when their round ended.
fn measure(
    context: &Context,
    options: &Options,
    clickhouse: &ClickHouse,
    peer: &str,
) -> Result<(Vec<Loaded>, Vec<Loaded>, u64)> {
    let templates = templates();
    let platform = start(context, "columnar", &clickhouse.settings())?;
    let target = target(&platform);
    let mut body = Vec::new();
    if let Some(template) = templates.first() {
        template.fill(&template::marks(), &mut body);
    }
    let status = target
        .connect()?
        .post("/v1/traces", "application/x-protobuf", &body)?;
    if status != 200 {
        bail!("the first body was answered {status}");
    }
    // The first request makes the tables; what that delays comes by the spool.
    settle(clickhouse, SPANS as u64)?;
    let plain = Plain::new(clickhouse, peer)?;
    let (mut ours, mut theirs, mut spooled) = (Vec::new(), Vec::new(), 0);
    let time = Duration::from_secs(options.seconds);
    for round in 1..=options.rounds {
        eprintln!("ingest, ClickHouse: round {round} of {}", options.rounds);
        let before = clickhouse.count("observation_rows")?;
        let until = Until::Elapsed(time);
        let taken = AtomicU64::new(0);
        let mut loaded = load::closed(&target, &templates, options.connections, until, &taken)?;
        let stored = clickhouse.count("observation_rows")?.saturating_sub(before);
        let acknowledged = loaded.spans;
        spooled += acknowledged.saturating_sub(stored);
        loaded.spans = stored.min(acknowledged);
        ours.push(loaded);
        // What is spooled would be written in the peer's time.
        settle(clickhouse, before + acknowledged)?;
        theirs.push(plain.load(clickhouse, options.connections, time)?);
    }
    platform.stop()?;
    Ok((ours, theirs, spooled))
}

/// Waits until so many observations are in ClickHouse: the spool is drained by whoever writes next, and by a timer.
fn settle(clickhouse: &ClickHouse, wanted: u64) -> Result<()> {
    let end = Instant::now() + PATIENCE;
    loop {
        let found = clickhouse.count("observation_rows")?;
        if found >= wanted {
            return Ok(());
        }
        if Instant::now() > end {
            bail!("{wanted} spans were acknowledged, and {found} are in ClickHouse");
        }
        sleep(Duration::from_millis(200));
    }
}
