//! Questions about many traces at once: sums, means and percentiles, by names and over time.

use crate::{FieldError, Filter, Timestamp, Validate, Validator};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeSet;

/// Most dimensions, and most metrics, of one question.
pub const MAX_TERMS: usize = 10;
/// Most rows of an answer.
pub const MAX_ROWS: u32 = 10_000;
/// Most bins of a histogram.
pub const MAX_BINS: u32 = 100;
/// Most buckets of time between the ends of a question.
pub const MAX_BUCKETS: i64 = 10_000;

const MINUTE: i64 = 60_000_000;
const DAY: i64 = 1440 * MINUTE;

/// What is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum View {
    /// Traces.
    Traces,
    /// Observations.
    Observations,
    /// Scores that are numbers, or yes and no.
    ScoresNumeric,
    /// Scores that are one of some texts.
    ScoresCategorical,
}

/// How the values of a group become one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Aggregation {
    /// How many there are; of ids, how many different ones.
    Count,
    /// Their sum.
    Sum,
    /// Their mean.
    Avg,
    /// The least.
    Min,
    /// The greatest.
    Max,
    /// The median: as all percentiles the nearest rank, so that it is a value that occurred.
    P50,
    /// The 75th percentile.
    P75,
    /// The 90th percentile.
    P90,
    /// The 95th percentile.
    P95,
    /// The 99th percentile.
    P99,
    /// How many different ones.
    Uniq,
    /// How many in each of some bins of the same width: `[lower, upper, count]`.
    Histogram,
}

impl Aggregation {
    /// Every one.
    pub const ALL: [Self; 12] = [
        Self::Count,
        Self::Sum,
        Self::Avg,
        Self::Min,
        Self::Max,
        Self::P50,
        Self::P75,
        Self::P90,
        Self::P95,
        Self::P99,
        Self::Uniq,
        Self::Histogram,
    ];

    /// As it is written.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Count => "count",
            Self::Sum => "sum",
            Self::Avg => "avg",
            Self::Min => "min",
            Self::Max => "max",
            Self::P50 => "p50",
            Self::P75 => "p75",
            Self::P90 => "p90",
            Self::P95 => "p95",
            Self::P99 => "p99",
            Self::Uniq => "uniq",
            Self::Histogram => "histogram",
        }
    }

    /// Of a percentile, how many of a hundred.
    #[must_use]
    pub const fn percent(self) -> Option<i64> {
        match self {
            Self::P50 => Some(50),
            Self::P75 => Some(75),
            Self::P90 => Some(90),
            Self::P95 => Some(95),
            Self::P99 => Some(99),
            _ => None,
        }
    }
}

/// What of the rows is aggregated, and how.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Metric {
    /// One of the view's measures.
    pub measure: String,
    /// How.
    pub aggregation: Aggregation,
}

impl Metric {
    /// Its name in the answer: `p95_latency`.
    #[must_use]
    pub fn name(&self) -> String {
        format!("{}_{}", self.aggregation.name(), self.measure)
    }
}

/// How wide a bucket of time is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Granularity {
    /// What gives some fifty buckets between the ends.
    Auto,
    /// A minute.
    Minute,
    /// An hour.
    Hour,
    /// A day.
    Day,
    /// A week, from Monday.
    Week,
    /// A month of the calendar.
    Month,
}

impl Granularity {
    /// The width of [`Granularity::Auto`] between two times, by the borders that Langfuse has.
    #[must_use]
    pub fn resolve(self, from: Timestamp, to: Timestamp) -> Self {
        if self != Self::Auto {
            return self;
        }
        match (to.micros() - from.micros()) / (60 * MINUTE) {
            ..2 => Self::Minute,
            2..72 => Self::Hour,
            72..1440 => Self::Day,
            1440..8760 => Self::Week,
            _ => Self::Month,
        }
    }

    /// Microseconds; of a month the shortest one's.
    #[must_use]
    pub const fn micros(self) -> i64 {
        match self {
            Self::Auto | Self::Minute => MINUTE,
            Self::Hour => 60 * MINUTE,
            Self::Day => DAY,
            Self::Week => 7 * DAY,
            Self::Month => 28 * DAY,
        }
    }
}

/// The order of an answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OrderBy {
    /// A dimension, `time_dimension`, or a metric as the answer names it.
    pub field: String,
    /// Which way.
    #[serde(default)]
    pub direction: Direction,
}

/// Which way rows are sorted. What has no value comes last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Direction {
    /// The least first.
    Asc,
    /// The greatest first.
    #[default]
    Desc,
}

fn bins() -> u32 {
    10
}

fn rows() -> u32 {
    1000
}

/// A question about the traces, observations or scores between two times.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Analysis {
    /// What is counted.
    pub view: View,
    /// By what it is grouped: names of the view's dimensions.
    #[serde(default)]
    pub dimensions: Vec<String>,
    /// What is told of each group.
    pub metrics: Vec<Metric>,
    /// Conditions that all hold, in the grammar of the lists' parameter `filter`.
    #[serde(default)]
    pub filter: Vec<Value>,
    /// The beginning, inclusive.
    pub from: Timestamp,
    /// The end, exclusive.
    pub to: Timestamp,
    /// Also group by time, in buckets so wide. Without dimensions and an order of their own, empty buckets are told too.
    #[serde(default)]
    pub granularity: Option<Granularity>,
    /// How far the clock that days begin by is ahead of UTC, in minutes.
    #[serde(default)]
    pub utc_offset_minutes: i32,
    /// The order. Without one, by time, and then by the first metric, the greatest first.
    #[serde(default)]
    pub order_by: Vec<OrderBy>,
    /// Bins of histograms.
    #[serde(default = "bins")]
    pub bins: u32,
    /// Most rows of the answer.
    #[serde(default = "rows")]
    pub limit: u32,
}

impl Analysis {
    /// Its filter.
    ///
    /// # Errors
    /// One error a wrong condition, below `/filter`.
    pub fn conditions(&self) -> Result<Filter, Vec<FieldError>> {
        Filter::parse("/filter", &Value::Array(self.filter.clone()))
    }

    /// The width of its buckets.
    #[must_use]
    pub fn width(&self) -> Option<Granularity> {
        self.granularity.map(|g| g.resolve(self.from, self.to))
    }

    /// The buckets' beginnings between the ends, in microseconds; none without a granularity.
    #[must_use]
    pub fn buckets(&self) -> Vec<i64> {
        let Some(width) = self.width() else {
            return Vec::new();
        };
        let offset = i64::from(self.utc_offset_minutes) * MINUTE;
        let last = self.to.micros() - 1;
        let mut all = Vec::new();
        let mut at = floor(width, self.from.micros() + offset);
        while at - offset <= last {
            all.push(at - offset);
            at = match width {
                // The first day of a month and 31 days are in the next one.
                Granularity::Month => floor(width, at + 31 * DAY),
                other => at + other.micros(),
            };
        }
        all
    }
}

/// The beginning of the bucket that has this time, in microseconds.
fn floor(width: Granularity, micros: i64) -> i64 {
    match width {
        // The epoch began on a Thursday.
        Granularity::Week => (micros + 3 * DAY).div_euclid(7 * DAY) * 7 * DAY - 3 * DAY,
        Granularity::Month => {
            use chrono::{DateTime, Datelike, Utc};
            let time = DateTime::<Utc>::from_timestamp_micros(micros).unwrap_or_default();
            let day = micros.div_euclid(DAY) - i64::from(time.day0());
            day * DAY
        }
        other => micros.div_euclid(other.micros()) * other.micros(),
    }
}

impl Validate for Analysis {
    fn check(&self, v: &mut Validator) {
        v.require(
            (1..=MAX_TERMS).contains(&self.metrics.len()),
            "metrics",
            format!("must be 1 to {MAX_TERMS}"),
        );
        for (field, len) in [
            ("dimensions", self.dimensions.len()),
            ("order_by", self.order_by.len()),
        ] {
            v.require(
                len <= MAX_TERMS,
                field,
                format!("must be at most {MAX_TERMS}"),
            );
        }
        let metrics: Vec<String> = self.metrics.iter().map(Metric::name).collect();
        for (field, names) in [("dimensions", &self.dimensions), ("metrics", &metrics)] {
            let different: BTreeSet<&String> = names.iter().collect();
            v.require(
                different.len() == names.len(),
                field,
                "must not repeat itself",
            );
        }
        v.require(self.from < self.to, "to", "must be after `from`");
        v.require(
            (-840..=840).contains(&self.utc_offset_minutes),
            "utc_offset_minutes",
            "must be between -840 and 840",
        );
        v.require(
            (1..=MAX_BINS).contains(&self.bins),
            "bins",
            format!("must be 1 to {MAX_BINS}"),
        );
        v.require(
            (1..=MAX_ROWS).contains(&self.limit),
            "limit",
            format!("must be 1 to {MAX_ROWS}"),
        );
        if let Some(width) = self.width() {
            let buckets = self.to.micros().saturating_sub(self.from.micros()) / width.micros();
            v.require(
                buckets <= MAX_BUCKETS,
                "granularity",
                format!("makes more than {MAX_BUCKETS} buckets; choose a wider one"),
            );
        }
        if let Err(errors) = self.conditions() {
            v.pointers(errors);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn analysis(from: &str, to: &str, granularity: &str, offset: i32) -> Analysis {
        serde_json::from_value(json!({
            "view": "traces", "metrics": [{"measure": "count", "aggregation": "count"}], "from": from, "to": to,
            "granularity": granularity, "utc_offset_minutes": offset,
        }))
        .unwrap()
    }

    fn buckets(from: &str, to: &str, granularity: &str, offset: i32) -> Vec<String> {
        analysis(from, to, granularity, offset)
            .buckets()
            .into_iter()
            .map(|at| Timestamp::from_micros(at).to_rfc3339()[..16].to_owned())
            .collect()
    }

    #[test]
    fn buckets_of_time() {
        assert_eq!(
            buckets("2026-01-31T23:30:00Z", "2026-03-01T00:00:00Z", "month", 0),
            ["2026-01-01T00:00", "2026-02-01T00:00"]
        );
        assert_eq!(
            buckets("2026-11-24T12:00:00Z", "2026-12-01T00:00:00Z", "week", 0),
            ["2026-11-23T00:00", "2026-11-30T00:00"]
        );
        // A day in Ho Chi Minh City begins at five in the afternoon.
        assert_eq!(
            buckets("2026-11-24T12:00:00Z", "2026-11-24T18:00:00Z", "day", 420),
            ["2026-11-23T17:00", "2026-11-24T17:00"]
        );
        assert_eq!(
            buckets("2026-11-24T12:00:00Z", "2026-11-24T13:00:00Z", "auto", 0).len(),
            60
        );
        assert_eq!(
            buckets("1969-12-31T23:00:00Z", "1970-01-01T01:00:00Z", "day", 0),
            ["1969-12-31T00:00", "1970-01-01T00:00"]
        );
    }

    #[test]
    fn what_is_wrong_is_named() {
        let wrong = |change: Value| {
            let mut body = json!({
                "view": "traces", "metrics": [{"measure": "count", "aggregation": "count"}],
                "from": "2026-01-01T00:00:00Z", "to": "2026-02-01T00:00:00Z",
            });
            body.as_object_mut()
                .unwrap()
                .extend(change.as_object().unwrap().clone());
            let analysis: Analysis = serde_json::from_value(body).unwrap();
            let mut v = Validator::default();
            analysis.check(&mut v);
            v.finish().err().map(|e| e[0].field.clone())
        };
        assert_eq!(wrong(json!({})), None);
        assert_eq!(wrong(json!({"metrics": []})), Some("/metrics".into()));
        assert_eq!(
            wrong(json!({"dimensions": ["name", "name"]})),
            Some("/dimensions".into())
        );
        assert_eq!(
            wrong(json!({"to": "2026-01-01T00:00:00Z"})),
            Some("/to".into())
        );
        assert_eq!(
            wrong(json!({"granularity": "minute"})),
            Some("/granularity".into())
        );
        assert_eq!(wrong(json!({"limit": 0})), Some("/limit".into()));
        assert_eq!(
            wrong(json!({"filter": [{"type": "string"}]})),
            Some("/filter/0".into())
        );
    }
}
