//! What all runs of a campaign come to: a part of the documents, and of their schema in JSON.

use assay_experiment::Span;
use serde::Serialize;

/// How many bins a histogram has.
pub(crate) const BINS: usize = 20;

/// All runs together.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct Summary {
    /// How sure intervals are.
    pub(crate) level: f64,
    /// The counts.
    pub(crate) runs: Counts,
    /// Items that the runs are about.
    pub(crate) items: usize,
    /// Share of scored runs that passed.
    pub(crate) pass_rate: Option<Estimated>,
    /// Of the slowest answer of each run.
    pub(crate) latency_ms: Option<Quantiles>,
    /// What the agents' calls cost.
    pub(crate) cost: Cost,
    /// A metric each, in order of first appearance.
    pub(crate) metrics: Vec<MetricSummary>,
    /// A version of an agent each.
    pub(crate) agents: Vec<AgentSummary>,
    /// What kept runs and metrics from being scored, the most frequent first.
    pub(crate) errors: Vec<ErrorGroup>,
}

/// Runs by where they stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub(crate) struct Counts {
    pub(crate) total: u64,
    pub(crate) passed: u64,
    pub(crate) failed: u64,
    pub(crate) error: u64,
    pub(crate) cancelled: u64,
    /// Queued, going on, waiting or paused.
    pub(crate) unfinished: u64,
}

/// A value with its interval.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub(crate) struct Estimated {
    pub(crate) value: f64,
    /// None where too few results say how far off it may be.
    pub(crate) interval: Option<Span>,
    /// Items that repetitions are clusters of; none where each item was run once.
    pub(crate) clusters: Option<usize>,
}

/// What one metric says over all runs.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct MetricSummary {
    pub(crate) name: String,
    pub(crate) kind: String,
    /// None where it is not the same in all runs.
    pub(crate) threshold: Option<f64>,
    /// Results with a score: passed and failed.
    pub(crate) scored: u64,
    pub(crate) passed: u64,
    pub(crate) failed: u64,
    pub(crate) error: u64,
    pub(crate) skipped: u64,
    /// Of the scores, by Student's distribution.
    pub(crate) mean: Option<Estimated>,
    /// By Wilson's interval.
    pub(crate) pass_rate: Option<Estimated>,
    /// Scores counted in bins of the same width over `[0, 1]`; the last holds 1.
    pub(crate) histogram: [u64; BINS],
    /// US dollars of judges' calls, where known.
    pub(crate) judge_cost_usd: Option<f64>,
}

/// What one version of an agent came to.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct AgentSummary {
    pub(crate) agent_id: String,
    pub(crate) name: Option<String>,
    pub(crate) version: Option<i64>,
    pub(crate) runs: Counts,
    pub(crate) pass_rate: Option<Estimated>,
    pub(crate) latency_ms: Option<Quantiles>,
    pub(crate) cost: Cost,
}

/// Values in order.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub(crate) struct Quantiles {
    pub(crate) count: usize,
    pub(crate) median: f64,
    pub(crate) p95: f64,
    pub(crate) max: f64,
}

/// Money and tokens.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize)]
pub(crate) struct Cost {
    /// US dollars, of runs whose cost is known.
    pub(crate) usd: f64,
    /// How many these are.
    pub(crate) known_runs: u64,
    pub(crate) input_tokens: u64,
    pub(crate) output_tokens: u64,
}

/// The same thing going wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct ErrorGroup {
    /// The metric that could not be computed; none where the run itself could not go on.
    pub(crate) metric: Option<String>,
    /// The class of the run's error; none of a metric.
    pub(crate) kind: Option<String>,
    pub(crate) message: String,
    pub(crate) count: u64,
    /// Some runs of them.
    pub(crate) run_ids: Vec<String>,
}
