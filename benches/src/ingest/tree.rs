//! The first page of the tree of a very large trace.

use super::clickhouse::ClickHouse;
use super::reads::ask;
use super::spans::large_trace;
use super::{Options, start, target};
use crate::context::Context;
use crate::report::{Report, figure};
use crate::stats::{median, quantile};
use anyhow::{Result, bail};

const SPANS: usize = 10_000;
/// Rows of the page.
const PAGE: usize = 200;

/// Measures on embedded SQLite, and on ClickHouse where there is one.
pub(crate) fn bench(context: &Context, options: &Options) -> Result<Report> {
    let mut report = Report::new(
        "ingest: the tree of a trace of 10,000 spans",
        &["store", "spans", "rows", "p50 ms", "p99 ms"],
    );
    let mut one = |store: &str, data: &str, settings: &[(&str, String)]| -> Result<()> {
        let took_ms = measure(context, data, settings)?;
        let middle = median(&took_ms);
        report.row([
            store.to_owned(),
            SPANS.to_string(),
            PAGE.to_string(),
            figure(middle),
            figure(quantile(&took_ms, 0.99)),
        ]);
        let what = format!("ingest: {store}, first page of the tree of {SPANS} spans");
        report.below(&what, middle, 100.0, " ms");
        Ok(())
    };
    one("SQLite", "tree", &[])?;
    match ClickHouse::new(options, "tree") {
        Ok(clickhouse) => one("ClickHouse", "tree-columnar", &clickhouse.settings())?,
        Err(error) => report.unmeasured("ingest: tree out of ClickHouse", &format!("{error:#}")),
    }
    Ok(report)
}

fn measure(context: &Context, data: &str, settings: &[(&str, String)]) -> Result<Vec<f64>> {
    let platform = start(context, data, settings)?;
    let mut connection = target(&platform).connect()?;
    let (id, bodies) = large_trace(SPANS);
    for body in bodies {
        let status = connection.post("/v1/traces", "application/x-protobuf", &body)?;
        if status != 200 {
            bail!("a body of the large trace was answered {status}");
        }
    }
    let path = format!("/api/v1/traces/{id}/tree?limit={PAGE}");
    let took_ms = ask(&mut connection, &path, PAGE)?;
    drop(connection);
    platform.stop()?;
    Ok(took_ms)
}
