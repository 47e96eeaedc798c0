//! Sums over the observations of traces.

use super::Statement;
use super::merged::latest;
use super::render::Dialect;
use super::stored::StoredRow;
use super::{TraceStore, columns, render};
use crate::db::{DbError, Row};
use crate::problem::Problem;
use assay_model::{Level, Observation, TokenUsage};
use serde::Deserialize;
use std::collections::HashMap;

/// Sums over a trace's observations.
#[derive(Debug, Clone, Copy, PartialEq, Default, serde::Serialize)]
pub struct Totals {
    /// How many there are.
    pub observations: u64,
    /// How many of them failed.
    pub errors: u64,
    /// How many of them are worth a look.
    pub warnings: u64,
    /// What they cost, in US dollars; `None` when no cost is known.
    pub cost_usd: Option<f64>,
    /// Tokens spent; `None` when no usage is known.
    pub usage: Option<TokenUsage>,
    /// From the first start to the last end; never negative.
    pub latency_ms: Option<i64>,
    /// The same in microseconds.
    #[serde(skip)]
    pub latency_micros: Option<i64>,
}

impl Totals {
    pub(super) fn of<'a>(observations: impl Iterator<Item = &'a Observation>) -> Self {
        let mut totals = Self::default();
        // The first start and the last end.
        let mut span: Option<(i64, i64)> = None;
        for o in observations {
            totals.observations += 1;
            totals.errors += u64::from(o.level == Level::Error);
            totals.warnings += u64::from(o.level == Level::Warning);
            if let Some(cost) = o.cost_usd {
                *totals.cost_usd.get_or_insert(0.0) += cost;
            }
            if let Some(usage) = o.usage {
                *totals.usage.get_or_insert_default() += usage;
            }
            let start = o.start_time.micros();
            let end = o.end_time.map_or(start, |t| t.micros().max(start));
            span = Some(span.map_or((start, end), |(first, last)| {
                (first.min(start), last.max(end))
            }));
        }
        totals.took(span.map(|(first, last)| last - first));
        totals
    }

    fn took(&mut self, micros: Option<i64>) {
        self.latency_micros = micros.map(|m| m.max(0));
        self.latency_ms = self.latency_micros.map(|m| m / 1000);
    }
}

#[derive(Debug, Deserialize)]
struct TotalsRow {
    trace_id: String,
    n: i64,
    errors: i64,
    warnings: i64,
    cost: Option<f64>,
    input: Option<i64>,
    output: Option<i64>,
    latency: Option<i64>,
}

impl StoredRow for TotalsRow {
    fn from_row(row: &Row) -> Result<Self, DbError> {
        Ok(Self {
            trace_id: row.text("trace_id")?,
            n: row.int("n")?,
            errors: row.int("errors")?,
            warnings: row.int("warnings")?,
            cost: row.opt_real("cost")?,
            input: row.opt_int("input")?,
            output: row.opt_int("output")?,
            latency: row.opt_int("latency")?,
        })
    }
}

impl From<TotalsRow> for Totals {
    fn from(row: TotalsRow) -> Self {
        let count = |n: i64| u64::try_from(n).unwrap_or_default();
        let usage = (row.input.is_some() || row.output.is_some()).then(|| TokenUsage {
            input: count(row.input.unwrap_or_default()),
            output: count(row.output.unwrap_or_default()),
        });
        let mut totals = Self {
            observations: count(row.n),
            errors: count(row.errors),
            warnings: count(row.warnings),
            cost_usd: row.cost,
            usage,
            ..Self::default()
        };
        totals.took(row.latency);
        totals
    }
}

/// The sums of some traces.
struct Sums<'a>(&'a [&'a str]);

impl Statement for Sums<'_> {
    type Row = TotalsRow;

    fn sql<D: Dialect>(&self, d: &mut D) -> Result<String, Problem> {
        let ids = d.texts(self.0);
        let only = format!("t.workspace_id = {} AND t.trace_id IN {ids}", D::WORKSPACE);
        Ok(format!(
            "SELECT t.trace_id AS trace_id, count(*) AS n, sum(CASE WHEN t.level = 'ERROR' THEN 1 ELSE 0 END) AS errors, \
             sum(CASE WHEN t.level = 'WARNING' THEN 1 ELSE 0 END) AS warnings, {cost} AS cost, \
             sum(t.usage_input) AS input, sum(t.usage_output) AS output, {latency} AS latency \
             FROM {from} GROUP BY t.trace_id",
            cost = render::expr::<D>(columns::TRACE_COST, "t"),
            latency = render::expr::<D>(columns::TRACE_LATENCY, "t"),
            from = latest::<D>("observations", &only),
        ))
    }
}

impl TraceStore {
    /// The sums of some traces, by id; a trace without observations is not among them.
    ///
    /// # Errors
    /// `store-unavailable`.
    pub async fn totals(&self, traces: &[&str]) -> Result<HashMap<String, Totals>, Problem> {
        let mut all = HashMap::new();
        for some in traces.chunks(200) {
            let rows = self.run(&Sums(some)).await?;
            all.extend(
                rows.into_iter()
                    .map(|row| (row.trace_id.clone(), row.into())),
            );
        }
        Ok(all)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use assay_model::Timestamp;

    #[test]
    fn a_trace_that_ends_before_it_starts_took_no_time() {
        let at = Timestamp::from_micros;
        let o = |start, end| Observation {
            start_time: at(start),
            end_time: end,
            ..Observation::default()
        };
        let totals = Totals::of([o(5_000_000, Some(at(1_000_000)))].iter());
        assert_eq!(totals.latency_ms, Some(0));
        let totals = Totals::of([o(1_000_000, Some(at(3_000_000))), o(2_000_000, None)].iter());
        assert_eq!(totals.latency_ms, Some(2000));
        assert_eq!(Totals::of([].iter()).latency_ms, None);
    }
}
