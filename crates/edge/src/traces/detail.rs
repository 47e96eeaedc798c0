//! A trace as it is read: with what belongs to it, and its sums.

use super::{ObservationRecord, ScoreRecord, Totals, TraceRecord};

/// A trace with what belongs to it.
#[derive(Debug, Clone)]
pub struct TraceDetail {
    /// The trace.
    pub trace: TraceRecord,
    /// Its observations by start time, at most [`TRACE_ROWS`](super::TRACE_ROWS).
    pub observations: Vec<ObservationRecord>,
    /// Its scores by time, at most [`TRACE_ROWS`](super::TRACE_ROWS).
    pub scores: Vec<ScoreRecord>,
    /// Sums over all its observations.
    pub totals: Totals,
    /// Whether some observations or scores are left to be read by pages.
    pub truncated: bool,
}
