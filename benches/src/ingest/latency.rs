//! How long a body of spans takes at half of the load that the platform can bear.

use super::load::{self, Until};
use super::spans::{SPANS, templates};
use super::{Options, start, store, target};
use crate::context::Context;
use crate::report::{Report, figure};
use crate::stats::{max, median, quantile};
use anyhow::{Result, bail};
use std::sync::atomic::AtomicU64;
use std::time::Duration;

/// Enough that a body seldom waits for a connection.
const CONNECTIONS: usize = 32;

/// Measures at half of `peak`, in spans per second; looks for the peak itself when none is known.
pub(crate) fn bench(context: &Context, options: &Options, peak: Option<f64>) -> Result<Report> {
    let templates = templates();
    let platform = start(context, store::DATA, &[])?;
    let target = target(&platform);
    let full = |seconds| {
        let until = Until::Elapsed(Duration::from_secs(seconds));
        let taken = AtomicU64::new(0);
        load::closed(&target, &templates, options.connections, until, &taken)
    };
    // Instances and caches, also where the peak is known.
    full(1)?;
    let peak = match peak {
        Some(peak) => peak,
        None => full(options.seconds)?.rate(),
    };
    let bodies_per_second = peak / 2.0 / SPANS as f64;
    let run = |seconds| {
        let time = Duration::from_secs(seconds);
        load::open(&target, &templates, CONNECTIONS, bodies_per_second, time)
    };
    run(1)?;
    let loaded = run(options.seconds * 2)?;
    platform.stop()?;
    if loaded.refused > 0 {
        bail!("the platform refused {} bodies", loaded.refused);
    }
    let sample = &loaded.latencies_ms;
    let p99 = quantile(sample, 0.99);
    let mut report = Report::new(
        "ingest: latency of a body of 100 spans at half of the peak load",
        &["bodies/s", "bodies", "p50 ms", "p99 ms", "slowest ms"],
    );
    report.row([
        figure(bodies_per_second),
        sample.len().to_string(),
        figure(median(sample)),
        figure(p99),
        figure(max(sample)),
    ]);
    report.note(format!(
        "Half of {} spans/s, at a fixed rate over {CONNECTIONS} connections. A body's time counts from the moment at which it was to be \
         sent, so that waiting behind a slow one counts too.",
        figure(peak)
    ));
    report.below("ingest: p99 of a body at half load", p99, 50.0, " ms");
    Ok(report)
}
