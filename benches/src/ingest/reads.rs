//! Pages of traces, out of few and out of very many.

use super::clickhouse::ClickHouse;
use super::prefill::{NAME, NAMES, OBSERVATIONS, Prefill, USER, USERS};
use super::{DATABASE, Options, start};
use crate::api::{Api, text};
use crate::context::Context;
use crate::platform::Platform;
use crate::report::{Report, figure};
use crate::stats::{median, quantile};
use crate::wire::Connection;
use anyhow::{Context as _, Result, bail};
use serde_json::Value;
use std::time::Instant;

/// How often each page is asked for.
const TIMES: usize = 50;
/// Most rows of a page.
const ROWS: u64 = 50;
/// What a filtered page may take.
const FILTERED_MS: f64 = 100.0;
/// Before it is measured.
const WARM: usize = 3;

/// A page that is asked for.
struct Page {
    name: &'static str,
    query: String,
    /// One trace in so many is on it.
    one_in: u64,
}

impl Page {
    /// Its rows, out of so many traces.
    fn rows(&self, traces: u64) -> usize {
        (traces / self.one_in).min(ROWS) as usize
    }
}

fn pages() -> [Page; 3] {
    let page = |name, filter: &str, one_in| Page {
        name,
        query: format!("/api/v1/traces?limit={ROWS}{filter}"),
        one_in,
    };
    [
        page("newest 50", "", 1),
        page("newest 50 of a name", &format!("&name={NAME}"), NAMES),
        page("newest 50 of a user", &format!("&user_id={USER}"), USERS),
    ]
}

/// How long one page took, out of so many traces.
struct Read {
    page: &'static str,
    traces: u64,
    took_ms: Vec<f64>,
}

/// Asks for a page and gives how long each answer took, in milliseconds. A page that has not exactly so many rows is an error.
pub(crate) fn ask(connection: &mut Connection, path: &str, rows: usize) -> Result<Vec<f64>> {
    let mut took_ms = Vec::new();
    for time in 0..WARM + TIMES {
        let (body, took) = connection.get(path)?;
        if time >= WARM {
            took_ms.push(1e3 * took.as_secs_f64());
        }
        let page: Value = serde_json::from_slice(&body).with_context(|| path.to_owned())?;
        let found = page.get("data").and_then(Value::as_array).map(Vec::len);
        if found != Some(rows) {
            bail!("GET {path} was answered with {found:?} rows, not {rows}");
        }
    }
    Ok(took_ms)
}

/// A store of the platform.
enum Store {
    Sqlite,
    ClickHouse(ClickHouse),
}

impl Store {
    fn start(&self, context: &Context) -> Result<Platform> {
        match self {
            Self::Sqlite => start(context, self.data(), &[]),
            Self::ClickHouse(clickhouse) => start(context, self.data(), &clickhouse.settings()),
        }
    }

    fn data(&self) -> &'static str {
        match self {
            Self::Sqlite => "reads",
            Self::ClickHouse(_) => "reads-columnar",
        }
    }

    /// Times of all pages at all sizes.
    fn measure(&self, context: &Context, sizes: &[u64]) -> Result<Vec<Read>> {
        // The first start makes the tables, and the first question those of ClickHouse.
        let platform = self.start(context)?;
        let api = Api::new(&platform);
        api.get("/api/v1/traces?limit=1")?;
        let me = api.get("/api/v1/me")?;
        let workspace = text(me.get("workspace").context("no workspace")?, "id")?;
        drop(api);
        platform.stop()?;
        let prefill = Prefill::new(&workspace);
        let mut reads = Vec::new();
        let mut there = 0;
        for size in sizes {
            let began = Instant::now();
            match self {
                Self::Sqlite => {
                    let database = context.path(self.data()).join(DATABASE);
                    prefill.sqlite(&database, there..*size)?;
                }
                Self::ClickHouse(clickhouse) => prefill.clickhouse(clickhouse, there..*size)?,
            }
            there = *size;
            let took = began.elapsed().as_secs_f64();
            eprintln!(
                "ingest, {}: {size} traces, written in {took:.0} s",
                self.data()
            );
            let platform = self.start(context)?;
            let mut connection = platform.connect()?;
            for page in pages() {
                reads.push(Read {
                    page: page.name,
                    traces: *size,
                    took_ms: ask(&mut connection, &page.query, page.rows(*size))?,
                });
            }
            drop(connection);
            platform.stop()?;
        }
        Ok(reads)
    }
}

/// Measures on embedded SQLite, and on ClickHouse where there is one.
pub(crate) fn bench(context: &Context, options: &Options) -> Result<Report> {
    let mut sizes = options.traces.clone();
    sizes.sort_unstable();
    let mut report = Report::new(
        "ingest: pages of traces",
        &["page", "of traces", "p50 ms", "p99 ms"],
    );
    report.note(format!(
        "{TIMES} questions a page over one connection; each trace has {OBSERVATIONS} observations. The rows were written beside the \
         platform, which was started anew before it was asked. Judged are medians out of the largest number of traces, and how many \
         times longer they take than out of the smallest: less than the root of how many times more traces there are."
    ));
    let sqlite = Store::Sqlite.measure(context, &sizes)?;
    judge(&mut report, "SQLite", &sqlite, &sizes, 100.0);
    std::fs::remove_dir_all(context.path(Store::Sqlite.data()))?;
    match ClickHouse::new(options, "read") {
        Ok(clickhouse) => {
            let reads = Store::ClickHouse(clickhouse).measure(context, &sizes)?;
            judge(&mut report, "ClickHouse", &reads, &sizes, 50.0);
        }
        Err(error) => report.unmeasured("ingest: pages out of ClickHouse", &format!("{error:#}")),
    }
    Ok(report)
}

/// Adds the rows of one store, and its targets.
fn judge(report: &mut Report, store: &str, reads: &[Read], sizes: &[u64], wanted_ms: f64) {
    for read in reads {
        report.row([
            format!("{store}, {}", read.page),
            read.traces.to_string(),
            figure(median(&read.took_ms)),
            figure(quantile(&read.took_ms, 0.99)),
        ]);
    }
    let (Some(least), Some(most)) = (sizes.first(), sizes.last()) else {
        return;
    };
    for page in pages() {
        let of = |size: u64| {
            let read = reads
                .iter()
                .find(|r| r.page == page.name && r.traces == size);
            read.map_or(0.0, |read| median(&read.took_ms))
        };
        let (small, large) = (of(*least), of(*most));
        let what = format!("ingest: {store}, {} out of {most}", page.name);
        // Of filtered pages nothing more is asked than of the slower store.
        let wanted_ms = if page.one_in == 1 {
            wanted_ms
        } else {
            FILTERED_MS
        };
        report.below(&what, large, wanted_ms, " ms");
        if most > least {
            let times = *most as f64 / *least as f64;
            let what = format!("{what} beside out of {least}");
            let wanted = times.sqrt().round();
            report.below(&what, large / small, wanted, "x");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::Verdict;

    #[test]
    fn growth_in_step_with_the_traces_is_too_much() {
        let read = |page: &Page, traces, ms| Read {
            page: page.name,
            traces,
            took_ms: vec![ms],
        };
        let [newest, name, user] = pages();
        let reads = [
            read(&newest, 100, 1.0),
            read(&name, 100, 1.0),
            read(&user, 100, 1.0),
            read(&newest, 10_000, 2.0),
            read(&name, 10_000, 20.0),
            read(&user, 10_000, 200.0),
        ];
        let mut report = Report::new("t", &["page", "of traces", "p50 ms", "p99 ms"]);
        judge(&mut report, "SQLite", &reads, &[100, 10_000], 100.0);
        let verdicts: Vec<_> = report.targets.iter().map(|t| t.verdict).collect();
        use Verdict::{Fail, Pass};
        assert_eq!(verdicts, [Pass, Pass, Pass, Fail, Fail, Fail]);
    }
}
