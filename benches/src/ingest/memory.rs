//! Memory of the platform while very many spans come in.

use super::load::{self, Loaded, Until};
use super::spans::templates;
use super::{DATABASE, Options, start, store, target};
use crate::context::Context;
use crate::report::{Report, figure};
use crate::stats::{max, median};
use anyhow::{Result, bail};
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;

const LOOK_EVERY: Duration = Duration::from_millis(100);
const DATA: &str = "memory";

/// How much memory there was when so many spans were in.
struct Sample {
    spans: u64,
    rss_mib: f64,
    anonymous_mib: f64,
}

/// The samples of the quarter from `quarter` (0 to 3) of `spans`.
fn quarter(samples: &[Sample], spans: u64, quarter: u64) -> impl Iterator<Item = &Sample> {
    let within = spans * quarter / 4..spans * (quarter + 1) / 4;
    let last = quarter == 3;
    samples
        .iter()
        .filter(move |s| within.contains(&s.spans) || last && s.spans >= within.end)
}

pub(crate) fn bench(context: &Context, options: &Options) -> Result<Report> {
    let templates = templates();
    let platform = start(context, DATA, &[])?;
    let target = target(&platform);
    let begin = platform.tree()?;
    let taken = AtomicU64::new(0);
    let mut samples = Vec::new();
    let until = Until::Sent(options.spans);
    let loaded = std::thread::scope(|scope| -> Result<Loaded> {
        let load =
            scope.spawn(|| load::closed(&target, &templates, options.connections, until, &taken));
        while !load.is_finished() {
            let usage = platform.tree()?;
            samples.push(Sample {
                spans: taken.load(Relaxed),
                rss_mib: usage.rss_mib,
                anonymous_mib: usage.anonymous_mib,
            });
            std::thread::sleep(LOOK_EVERY);
        }
        match load.join() {
            Ok(loaded) => loaded,
            Err(_) => bail!("the load gave up"),
        }
    })?;
    platform.stop()?;
    let data = context.path(DATA);
    let stored = store::count(&data.join(DATABASE), "observations")?;
    if stored != loaded.spans {
        bail!(
            "{} spans were acknowledged, and {stored} are in the database",
            loaded.spans
        );
    }
    // Millions of spans are gigabytes, which the next part may need.
    std::fs::remove_dir_all(&data)?;
    report(&samples, &loaded, begin.rss_mib)
}

fn report(samples: &[Sample], loaded: &Loaded, begin: f64) -> Result<Report> {
    let mut report = Report::new(
        "ingest: memory while spans come in",
        &[
            "quarter of the spans",
            "samples",
            "RSS MiB, median",
            "RSS MiB, largest",
            "of it anonymous",
        ],
    );
    let mut largest = Vec::new();
    for (index, name) in ["first", "second", "third", "last"].into_iter().enumerate() {
        let of = |field: fn(&Sample) -> f64| -> Vec<f64> {
            quarter(samples, loaded.spans, index as u64)
                .map(field)
                .collect()
        };
        let rss = of(|s| s.rss_mib);
        if rss.is_empty() {
            bail!("the {name} quarter was over before memory was looked at: send more spans");
        }
        report.row([
            name.to_owned(),
            rss.len().to_string(),
            figure(median(&rss)),
            figure(max(&rss)),
            figure(max(&of(|s| s.anonymous_mib))),
        ]);
        largest.push(max(&rss));
    }
    report.note(format!(
        "The platform and all processes that it started, {} spans at {} spans/s; {} MiB before the first. What is not anonymous is \
         mapped from files.",
        loaded.spans,
        figure(loaded.rate()),
        figure(begin),
    ));
    if let [first, .., last] = largest[..] {
        let growth = last / first;
        report.below(
            "ingest: memory of the last quarter beside the first",
            growth,
            1.1,
            "x",
        );
        report.below("ingest: RSS under load", max(&largest), 300.0, " MiB");
    }
    Ok(report)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::Verdict;

    fn grown(to: f64) -> Report {
        let samples: Vec<Sample> = (0..=100)
            .map(|i| Sample {
                spans: i * 10,
                rss_mib: 100.0 + (to - 100.0) * i as f64 / 100.0,
                anonymous_mib: 50.0,
            })
            .collect();
        let loaded = Loaded {
            spans: 1000,
            seconds: 1.0,
            ..Loaded::default()
        };
        report(&samples, &loaded, 90.0).unwrap()
    }

    #[test]
    fn growth_is_found() {
        let verdicts = |report: Report| -> Vec<Verdict> {
            report.targets.iter().map(|target| target.verdict).collect()
        };
        assert_eq!(verdicts(grown(100.0)), [Verdict::Pass, Verdict::Pass]);
        assert_eq!(verdicts(grown(200.0)), [Verdict::Fail, Verdict::Pass]);
        assert_eq!(verdicts(grown(400.0)), [Verdict::Fail, Verdict::Fail]);
    }
}
