//! What came of a campaign, and the forms in which it is told.

pub(crate) mod campaign;
pub(crate) mod gate;
pub(crate) mod junit;
pub(crate) mod markdown;
pub(crate) mod table;

use assay_model::{
    CampaignStatus, CampaignSummary, Gate, GateVerdict, ItemOutcome, MetricResult, MetricStatus,
    RunStatus,
};
use assay_stats::Level;
use assay_stats::inference::wilson;
use serde::Serialize;

/// A finished campaign.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Report {
    /// The campaign's id.
    pub(crate) campaign_id: String,
    /// Its name.
    pub(crate) name: String,
    /// The target's address.
    pub(crate) target: String,
    /// The dataset's name.
    pub(crate) dataset: String,
    /// The server that ran it.
    pub(crate) server: String,
    /// How it ended.
    pub(crate) status: CampaignStatus,
    /// What the gate says.
    pub(crate) verdict: Option<GateVerdict>,
    /// The gate.
    pub(crate) gate: Gate,
    /// The counts.
    pub(crate) summary: CampaignSummary,
    /// Share of scored items that passed.
    pub(crate) pass_rate: Option<f64>,
    /// Wilson's 95% interval of the pass rate.
    pub(crate) pass_rate_interval: Option<(f64, f64)>,
    /// Totals by metric, in order of first appearance.
    pub(crate) metrics: Vec<MetricTotals>,
    /// When it was created, RFC 3339.
    pub(crate) created_at: Option<String>,
    /// How long it took, in milliseconds.
    pub(crate) duration_ms: u64,
    /// One an item and repetition, in the dataset's order.
    pub(crate) items: Vec<ItemOutcome>,
}

/// What one metric said over all items.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct MetricTotals {
    /// The metric's display name.
    pub(crate) name: String,
    /// At or above the threshold.
    pub(crate) passed: u64,
    /// Below it.
    pub(crate) failed: u64,
    /// Not scored.
    pub(crate) error: u64,
    /// Not applicable.
    pub(crate) skipped: u64,
    /// Mean of the scores.
    pub(crate) mean: Option<f64>,
}

impl Report {
    /// Fills in what follows from the counts and the items.
    pub(crate) fn complete(mut self) -> Self {
        self.pass_rate = self.summary.pass_rate();
        let scored = self.summary.passed + self.summary.failed;
        self.pass_rate_interval =
            wilson(self.summary.passed, scored, Level::P95).map(|i| (i.low, i.high));
        self.metrics = totals(&self.items);
        self.verdict = self.verdict.or_else(|| self.summary.verdict(&self.gate));
        self
    }

    /// `22 of 28 passed (78.6%, 95% interval 60.5% to 89.8%), 6 failed`.
    pub(crate) fn totals_line(&self) -> String {
        let s = &self.summary;
        let mut line = format!("{} of {} passed", s.passed, s.passed + s.failed);
        if let (Some(rate), Some((lo, hi))) = (self.pass_rate, self.pass_rate_interval) {
            line.push_str(&format!(
                " ({}, 95% interval {} to {})",
                percent(rate),
                percent(lo),
                percent(hi)
            ));
        }
        for (n, what) in [
            (s.failed, "failed"),
            (s.error, "in error"),
            (s.cancelled, "cancelled"),
        ] {
            if n > 0 {
                line.push_str(&format!(", {n} {what}"));
            }
        }
        line
    }

    /// What the gate asks and says.
    pub(crate) fn gate_line(&self) -> String {
        let least = percent(self.gate.min_pass_rate);
        let most = percent(self.gate.max_error_rate);
        match self.verdict {
            Some(GateVerdict::Passed) => format!("passed (at least {least} pass)"),
            Some(GateVerdict::Failed) => format!("failed (at least {least} must pass)"),
            Some(GateVerdict::Inconclusive) => {
                format!("inconclusive (at most {most} may stay without a score)")
            }
            None => "none: the campaign did not end".to_owned(),
        }
    }

    /// The items that did not pass.
    pub(crate) fn not_passed(&self) -> impl Iterator<Item = &ItemOutcome> {
        self.items
            .iter()
            .filter(|item| item.status != RunStatus::Passed)
    }
}

/// The item's key, with the repetition where there are several.
pub(crate) fn label(item: &ItemOutcome) -> String {
    if item.repetition == 0 {
        item.item_key.clone()
    } else {
        format!("{} #{}", item.item_key, item.repetition + 1)
    }
}

/// `97.5%`.
pub(crate) fn percent(share: f64) -> String {
    let text = format!("{:.1}", share * 100.0);
    format!("{}%", text.strip_suffix(".0").unwrap_or(&text))
}

/// `850 ms` or `1.25 s`.
pub(crate) fn millis(ms: f64) -> String {
    if ms < 999.5 {
        format!("{ms:.0} ms")
    } else {
        format!("{:.2} s", ms / 1000.0)
    }
}

/// Why an item did not pass, one line a reason.
pub(crate) fn reasons(item: &ItemOutcome) -> Vec<String> {
    let mut out: Vec<String> = item
        .error
        .iter()
        .map(|e| format!("{}: {}", kind_name(e.kind), e.message))
        .collect();
    out.extend(
        item.scores
            .iter()
            .filter(|s| matches!(s.status, MetricStatus::Failed | MetricStatus::Error))
            .map(reason),
    );
    out
}

fn reason(score: &MetricResult) -> String {
    match score.score {
        Some(value) => format!(
            "{} {value:.2} < {:.2}: {}",
            score.name, score.threshold, score.reason
        ),
        None => format!("{} not scored: {}", score.name, score.reason),
    }
}

/// The error's class as it is on the wire.
pub(crate) fn kind_name(kind: assay_model::RunErrorKind) -> String {
    match serde_json::to_value(kind) {
        Ok(serde_json::Value::String(name)) => name,
        _ => "error".to_owned(),
    }
}

fn totals(items: &[ItemOutcome]) -> Vec<MetricTotals> {
    let mut out: Vec<(MetricTotals, f64)> = Vec::new();
    for score in items.iter().flat_map(|item| &item.scores) {
        if !out.iter().any(|(t, _)| t.name == score.name) {
            let name = score.name.clone();
            out.push((
                MetricTotals {
                    name,
                    passed: 0,
                    failed: 0,
                    error: 0,
                    skipped: 0,
                    mean: None,
                },
                0.0,
            ));
        }
        let Some((total, sum)) = out.iter_mut().find(|(t, _)| t.name == score.name) else {
            continue;
        };
        match score.status {
            MetricStatus::Passed => total.passed += 1,
            MetricStatus::Failed => total.failed += 1,
            MetricStatus::Error => total.error += 1,
            MetricStatus::Skipped => total.skipped += 1,
        }
        *sum += score.score.unwrap_or_default();
    }
    out.into_iter()
        .map(|(t, sum)| {
            let scored = t.passed + t.failed;
            MetricTotals {
                mean: (scored > 0).then(|| sum / scored as f64),
                ..t
            }
        })
        .collect()
}

#[cfg(test)]
pub(crate) mod fixtures;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn totals_by_metric() {
        let report = fixtures::report();
        assert_eq!(report.metrics.len(), 1);
        let m = &report.metrics[0];
        assert_eq!((m.passed, m.failed, m.error, m.mean), (1, 1, 0, Some(0.5)));
        assert_eq!(
            report.totals_line(),
            "1 of 2 passed (50%, 95% interval 9.5% to 90.5%), 1 failed, 1 in error, 1 cancelled"
        );
        assert_eq!(
            report.gate_line(),
            "inconclusive (at most 10% may stay without a score)"
        );
    }

    #[test]
    fn figures_are_short() {
        assert_eq!(percent(0.975), "97.5%");
        assert_eq!(percent(1.0), "100%");
        assert_eq!(millis(12.4), "12 ms");
        assert_eq!(millis(1250.0), "1.25 s");
        assert_eq!(millis(999.7), "1.00 s");
    }

    #[test]
    fn json_has_every_item() {
        let value = serde_json::to_value(fixtures::report()).unwrap();
        assert_eq!(value["items"].as_array().unwrap().len(), 4);
        assert_eq!(value["verdict"], "inconclusive");
        assert_eq!(value["summary"]["failed"], 1);
    }
}
