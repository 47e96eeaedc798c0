//! How a campaign gets on: a bar where a person watches, a line now and then elsewhere.

use crate::term;
use assay_model::CampaignSummary;
use indicatif::{ProgressBar, ProgressStyle};
use std::time::{Duration, Instant};

/// How often a line is written where nobody watches.
const EVERY: Duration = Duration::from_secs(5);

/// Tells of one campaign, on standard error.
pub(crate) struct Progress {
    bar: Option<ProgressBar>,
    told: Option<(Instant, u64)>,
}

impl Progress {
    /// For a campaign of `total` runs.
    pub(crate) fn new(total: u64) -> Self {
        let bar = term::watched().then(|| {
            let bar = ProgressBar::new(total);
            let style =
                ProgressStyle::with_template("{spinner} [{bar:30}] {pos}/{len}  {msg}  {elapsed}");
            bar.set_style(
                style
                    .unwrap_or_else(|_| ProgressStyle::default_bar())
                    .progress_chars("=> "),
            );
            bar.enable_steady_tick(Duration::from_millis(120));
            bar
        });
        Self { bar, told: None }
    }

    /// Shows where the campaign stands.
    pub(crate) fn show(&mut self, summary: &CampaignSummary) {
        let done = summary.done();
        match &self.bar {
            Some(bar) => {
                bar.set_length(summary.total);
                bar.set_position(done);
                bar.set_message(counts(summary));
            }
            None => {
                let due = match self.told {
                    None => true,
                    Some((at, last)) => {
                        done != last && (at.elapsed() >= EVERY || done == summary.total)
                    }
                };
                if due {
                    term::note(format!(
                        "{done}/{} done: {}",
                        summary.total,
                        counts(summary)
                    ));
                    self.told = Some((Instant::now(), done));
                }
            }
        }
    }

    /// Writes a line without disturbing the bar.
    pub(crate) fn note(&self, line: &str) {
        match &self.bar {
            Some(bar) => bar.suspend(|| term::note(line)),
            None => term::note(line),
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

fn counts(s: &CampaignSummary) -> String {
    format!(
        "{} passed, {} failed, {} in error, {} running",
        s.passed, s.failed, s.error, s.running
    )
}
