//! Counting runs as they come. What is kept of a run is its scores, its latency and the number of its item.

use super::summary::{
    AgentSummary, BINS, Cost, Counts, ErrorGroup, Estimated, MetricSummary, Quantiles, Summary,
};
use super::text::clip;
use super::{Head, Named};
use crate::report::kind_name;
use assay_model::{ItemOutcome, MetricResult, MetricStatus, RunStatus};
use assay_stats::Level;
use assay_stats::inference::{self, Estimate};
use std::collections::{BTreeMap, HashMap, HashSet};

/// More kinds of errors than these are counted together.
const MAX_ERRORS: usize = 50;
/// What of a message tells two errors apart.
const MESSAGE: usize = 300;
/// Runs that are named beside an error.
const EXAMPLES: usize = 5;
/// What errors beyond [`MAX_ERRORS`] are called.
const OTHER: &str = "other errors";

/// An item's number, and a value.
type Values = Vec<(u32, f64)>;

/// The counts so far.
pub(crate) struct Tally {
    level: Level,
    items: HashMap<String, u32>,
    runs: Arm,
    agents: BTreeMap<(String, Option<i64>), Arm>,
    metrics: Vec<Metric>,
    errors: Vec<ErrorGroup>,
    found: HashMap<(Option<String>, Option<String>, String), usize>,
}

#[derive(Default)]
struct Arm {
    counts: Counts,
    passes: Values,
    latencies: Vec<f64>,
    cost: Cost,
}

struct Metric {
    name: String,
    kind: String,
    threshold: Option<f64>,
    scores: Values,
    passes: Values,
    error: u64,
    skipped: u64,
    histogram: [u64; BINS],
    judge_cost: Option<f64>,
}

impl Tally {
    /// Nothing counted.
    pub(crate) fn new(level: Level) -> Self {
        Self {
            level,
            items: HashMap::new(),
            runs: Arm::default(),
            agents: BTreeMap::new(),
            metrics: Vec::new(),
            errors: Vec::new(),
            found: HashMap::new(),
        }
    }

    /// One more run.
    pub(crate) fn add(&mut self, run: &ItemOutcome) {
        let next = u32::try_from(self.items.len()).unwrap_or(u32::MAX);
        let item = *self.items.entry(run.item_key.clone()).or_insert(next);
        self.runs.add(item, run);
        if let Some(agent) = &run.agent_id {
            let key = (agent.clone(), run.agent_version);
            self.agents.entry(key).or_default().add(item, run);
        }
        for score in &run.scores {
            self.score(item, run, score);
        }
        if let Some(error) = &run.error {
            self.error(None, Some(kind_name(error.kind)), &error.message, run);
        }
    }

    fn score(&mut self, item: u32, run: &ItemOutcome, score: &MetricResult) {
        let at = match self.metrics.iter().position(|m| m.name == score.name) {
            Some(at) => at,
            None => {
                self.metrics.push(Metric::of(score));
                self.metrics.len() - 1
            }
        };
        if let Some(metric) = self.metrics.get_mut(at) {
            metric.add(item, score);
        }
        if score.status == MetricStatus::Error {
            self.error(Some(score.name.clone()), None, &score.reason, run);
        }
    }

    fn error(
        &mut self,
        metric: Option<String>,
        kind: Option<String>,
        said: &str,
        run: &ItemOutcome,
    ) {
        let message = clip(said, MESSAGE);
        let key = (metric.clone(), kind.clone(), message.clone());
        let at = match self.found.get(&key) {
            Some(at) => *at,
            None if self.errors.len() < MAX_ERRORS => {
                self.errors.push(ErrorGroup {
                    metric,
                    kind,
                    message,
                    count: 0,
                    run_ids: Vec::new(),
                });
                self.found.insert(key, self.errors.len() - 1);
                self.errors.len() - 1
            }
            None => {
                // The last place is for all others.
                if self.errors.len() == MAX_ERRORS {
                    self.errors.push(ErrorGroup {
                        metric: None,
                        kind: None,
                        message: OTHER.to_owned(),
                        count: 0,
                        run_ids: Vec::new(),
                    });
                }
                MAX_ERRORS
            }
        };
        if let Some(group) = self.errors.get_mut(at) {
            group.count += 1;
            if group.run_ids.len() < EXAMPLES {
                group.run_ids.push(run.run_id.clone());
            }
        }
    }

    /// What it all comes to.
    pub(crate) fn finish(self, head: &Head) -> Summary {
        let level = self.level;
        let name = |id: &str| {
            let known = head.agents.iter().find(|a| a.id == id);
            known.and_then(|a: &Named| a.name.clone())
        };
        let mut errors = self.errors;
        errors.sort_by_key(|e| std::cmp::Reverse(e.count));
        Summary {
            level: level.get(),
            items: self.items.len(),
            runs: self.runs.counts,
            pass_rate: share(&self.runs.passes, level),
            latency_ms: quantiles(self.runs.latencies),
            cost: self.runs.cost,
            metrics: self.metrics.into_iter().map(|m| m.finish(level)).collect(),
            agents: self
                .agents
                .into_iter()
                .map(|((id, version), arm)| AgentSummary {
                    name: name(&id),
                    agent_id: id,
                    version,
                    runs: arm.counts,
                    pass_rate: share(&arm.passes, level),
                    latency_ms: quantiles(arm.latencies),
                    cost: arm.cost,
                })
                .collect(),
            errors,
        }
    }
}

impl Arm {
    fn add(&mut self, item: u32, run: &ItemOutcome) {
        let counts = &mut self.counts;
        counts.total += 1;
        let count = match run.status {
            RunStatus::Passed => &mut counts.passed,
            RunStatus::Failed => &mut counts.failed,
            RunStatus::Error => &mut counts.error,
            RunStatus::Cancelled => &mut counts.cancelled,
            RunStatus::Queued
            | RunStatus::Running
            | RunStatus::WaitingForPerson
            | RunStatus::Paused => &mut counts.unfinished,
        };
        *count += 1;
        match run.status {
            RunStatus::Passed => self.passes.push((item, 1.0)),
            RunStatus::Failed => self.passes.push((item, 0.0)),
            _ => {}
        }
        self.latencies
            .extend(run.latency_ms.filter(|l| l.is_finite()));
        if let Some(cost) = run.cost_usd {
            self.cost.usd += cost;
            self.cost.known_runs += 1;
        }
        if let Some(usage) = run.usage {
            self.cost.input_tokens = self.cost.input_tokens.saturating_add(usage.input);
            self.cost.output_tokens = self.cost.output_tokens.saturating_add(usage.output);
        }
    }
}

impl Metric {
    fn of(score: &MetricResult) -> Self {
        Self {
            name: score.name.clone(),
            kind: score.kind.clone(),
            threshold: Some(score.threshold),
            scores: Vec::new(),
            passes: Vec::new(),
            error: 0,
            skipped: 0,
            histogram: [0; BINS],
            judge_cost: None,
        }
    }

    fn add(&mut self, item: u32, score: &MetricResult) {
        if self.threshold != Some(score.threshold) {
            self.threshold = None;
        }
        if let Some(cost) = score.cost_usd {
            *self.judge_cost.get_or_insert_default() += cost;
        }
        match score.status {
            MetricStatus::Error => self.error += 1,
            MetricStatus::Skipped => self.skipped += 1,
            MetricStatus::Passed => self.passes.push((item, 1.0)),
            MetricStatus::Failed => self.passes.push((item, 0.0)),
        }
        if let (MetricStatus::Passed | MetricStatus::Failed, Some(value)) =
            (score.status, score.score)
        {
            self.scores.push((item, value));
            // A cast of what is out of range gives the nearest end.
            let bin = ((value * BINS as f64) as usize).min(BINS - 1);
            if let Some(count) = self.histogram.get_mut(bin) {
                *count += 1;
            }
        }
    }

    fn finish(self, level: Level) -> MetricSummary {
        let passed = self.passes.iter().filter(|(_, p)| *p > 0.5).count() as u64;
        let scored = self.passes.len() as u64;
        MetricSummary {
            scored,
            passed,
            failed: scored - passed,
            error: self.error,
            skipped: self.skipped,
            mean: estimate(&self.scores).map(|e| estimated(e, e.interval(level).map(Into::into))),
            pass_rate: share(&self.passes, level),
            name: self.name,
            kind: self.kind,
            threshold: self.threshold,
            histogram: self.histogram,
            judge_cost_usd: self.judge_cost,
        }
    }
}

/// The mean; by items where these have several values, for they resemble each other.
fn estimate(values: &[(u32, f64)]) -> Option<Estimate> {
    let items: HashSet<u32> = values.iter().map(|(item, _)| *item).collect();
    if items.len() < values.len() {
        inference::clustered_mean(values)
    } else {
        let alone: Vec<f64> = values.iter().map(|(_, value)| *value).collect();
        inference::mean(&alone)
    }
}

fn estimated(estimate: Estimate, interval: Option<assay_experiment::Span>) -> Estimated {
    Estimated {
        value: estimate.mean,
        interval,
        clusters: estimate.clusters,
    }
}

/// A share with Wilson's interval.
fn share(values: &[(u32, f64)], level: Level) -> Option<Estimated> {
    estimate(values).map(|e| estimated(e, e.wilson(level).map(Into::into)))
}

/// By the nearest rank, so that each is a value that there was.
fn quantiles(mut values: Vec<f64>) -> Option<Quantiles> {
    values.sort_by(f64::total_cmp);
    let count = values.len();
    let rank = |share: f64| {
        let at = ((share * count as f64).ceil() as usize).clamp(1, count.max(1)) - 1;
        values.get(at).copied()
    };
    Some(Quantiles {
        count,
        median: rank(0.5)?,
        p95: rank(0.95)?,
        max: rank(1.0)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_values() {
        let q = quantiles((1..=20).rev().map(f64::from).collect()).unwrap();
        assert_eq!((q.median, q.p95, q.max), (10.0, 19.0, 20.0));
        assert_eq!(quantiles(vec![]), None);
        assert_eq!(quantiles(vec![3.0]).unwrap().p95, 3.0);
    }

    #[test]
    fn repetitions_of_an_item_are_one_cluster() {
        let once: Values = (0..20).map(|i| (i, f64::from(i % 2))).collect();
        let often: Values = (0..20).map(|i| (i % 2, f64::from(i % 2))).collect();
        let (once, often) = (
            share(&once, Level::P95).unwrap(),
            share(&often, Level::P95).unwrap(),
        );
        assert_eq!((once.clusters, often.clusters), (None, Some(2)));
        let width = |e: Estimated| e.interval.map_or(f64::INFINITY, |i| i.high - i.low);
        assert!(width(often) > width(once), "{often:?} {once:?}");
    }
}
