//! A trace as it is read: with what belongs to it, and its sums.

use assay_model::{Observation, Score, Timestamp, TokenUsage, Trace};

/// Sums over a trace's observations.
#[derive(Debug, Clone, Copy, PartialEq, Default, serde::Serialize)]
pub struct Totals {
    /// How many there are.
    pub observations: u64,
    /// What they cost, in US dollars; `None` when no cost is known.
    pub cost_usd: Option<f64>,
    /// Tokens spent; `None` when no usage is known.
    pub usage: Option<TokenUsage>,
    /// From the first start to the last end; never negative.
    pub latency_ms: Option<i64>,
}

impl Totals {
    pub(super) fn latency(first: Option<i64>, last: Option<i64>) -> Option<i64> {
        Some(
            Timestamp::from_micros(last?)
                .millis_since(Timestamp::from_micros(first?))
                .max(0),
        )
    }

    pub(super) fn of(observations: &[Observation]) -> Self {
        let mut totals = Self {
            observations: observations.len() as u64,
            ..Self::default()
        };
        for o in observations {
            if let Some(cost) = o.cost_usd {
                *totals.cost_usd.get_or_insert(0.0) += cost;
            }
            if let Some(usage) = o.usage {
                *totals.usage.get_or_insert_default() += usage;
            }
        }
        let first = observations.iter().map(|o| o.start_time.micros()).min();
        let last = observations
            .iter()
            .map(|o| {
                o.end_time
                    .unwrap_or(o.start_time)
                    .max(o.start_time)
                    .micros()
            })
            .max();
        totals.latency_ms = Self::latency(first, last);
        totals
    }
}

/// A trace with what belongs to it.
#[derive(Debug, Clone)]
pub struct TraceDetail {
    /// The trace.
    pub trace: Trace,
    /// Its observations by start time, at most [`TRACE_ROWS`](super::TRACE_ROWS).
    pub observations: Vec<Observation>,
    /// Its scores by time, at most [`TRACE_ROWS`](super::TRACE_ROWS).
    pub scores: Vec<Score>,
    /// Sums over all its observations.
    pub totals: Totals,
    /// Whether some observations or scores are left to be read by pages.
    pub truncated: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trace_that_ends_before_it_starts_took_no_time() {
        let at = Timestamp::from_micros;
        let o = |start, end| Observation {
            start_time: at(start),
            end_time: end,
            ..Observation::default()
        };
        assert_eq!(
            Totals::of(&[o(5_000_000, Some(at(1_000_000)))]).latency_ms,
            Some(0)
        );
        assert_eq!(
            Totals::of(&[o(1_000_000, None), o(2_000_000, Some(at(4_500_000)))]).latency_ms,
            Some(3500)
        );
        let reversed = [o(1_000_000, None), o(9_000_000, Some(at(2_000_000)))];
        assert_eq!(Totals::of(&reversed).latency_ms, Some(8000));
        assert_eq!(Totals::of(&[]), Totals::default());
    }
}
