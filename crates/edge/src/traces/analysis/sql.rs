//! An analysis in the SQL of either store.
//!
//! An inner query makes one row a thing that is counted: its dimensions `d0..`, its bucket `b`, its measures `x0..`. The outer
//! one aggregates them to `m0..`. Percentiles are nearest ranks in both stores, and means are the exact sum by the count,
//! so that both tell the same.

use super::super::columns::{TRACE_COST, TRACE_LATENCY, TRACE_TOKENS};
use super::super::filter::{ListQuery, Select};
use super::super::render::{Dialect, expr, from};
use super::super::select;
use super::catalogue::{Dimension, Join, Measure, MeasureKind, Shape, Term};
use crate::problem::Problem;
use assay_model::analysis::{Aggregation, Analysis, Direction, Granularity, View};
use assay_model::{Filter, Timestamp};
use std::fmt::Write as _;

/// An analysis whose names are known.
#[derive(Debug)]
pub(super) struct Plan {
    pub(super) view: View,
    pub(super) shape: &'static Shape,
    pub(super) dimensions: Vec<&'static Dimension>,
    /// What is aggregated, each once.
    pub(super) measures: Vec<&'static Measure>,
    /// Which measure, and how.
    pub(super) metrics: Vec<(usize, Aggregation)>,
    pub(super) filter: Filter,
    pub(super) from: Timestamp,
    pub(super) to: Timestamp,
    pub(super) width: Option<Granularity>,
    /// Microseconds that days begin before those of UTC.
    pub(super) offset: i64,
    /// Columns of the answer, and which way.
    pub(super) order: Vec<(String, Direction)>,
    pub(super) bins: u32,
    pub(super) limit: u32,
}

impl Plan {
    /// Reads an analysis that is valid in itself.
    ///
    /// # Errors
    /// A validation problem that names each dimension, measure or order that there is not.
    pub(super) fn of(a: &Analysis, filter: Filter) -> Result<Self, Problem> {
        let shape = Shape::of(a.view);
        let mut wrong = Vec::new();
        let mut complain = |field: String, message: String| {
            wrong.push(assay_model::FieldError { field, message });
        };
        let mut dimensions = Vec::new();
        for (i, name) in a.dimensions.iter().enumerate() {
            match shape.dimension(name) {
                Some(dimension) => dimensions.push(dimension),
                None => complain(
                    format!("/dimensions/{i}"),
                    format!("there is no dimension `{name}` in this view"),
                ),
            }
        }
        let (mut measures, mut metrics): (Vec<&Measure>, _) = (Vec::new(), Vec::new());
        for (i, metric) in a.metrics.iter().enumerate() {
            let Some(measure) = shape.measure(&metric.measure) else {
                complain(
                    format!("/metrics/{i}/measure"),
                    format!("there is no measure `{}` in this view", metric.measure),
                );
                continue;
            };
            if !measure.allows(metric.aggregation) {
                complain(
                    format!("/metrics/{i}/aggregation"),
                    format!("`{}` is only counted", metric.measure),
                );
            }
            let at = measures.iter().position(|m| m.name == measure.name);
            let at = at.unwrap_or_else(|| {
                measures.push(measure);
                measures.len() - 1
            });
            metrics.push((at, metric.aggregation));
        }
        let mut order = Vec::new();
        for (i, by) in a.order_by.iter().enumerate() {
            let dimension = a.dimensions.iter().position(|d| *d == by.field);
            let metric = a
                .metrics
                .iter()
                .position(|m| m.name() == by.field && m.aggregation != Aggregation::Histogram);
            let column = match (dimension, metric) {
                (Some(d), _) => format!("d{d}"),
                (None, Some(m)) => format!("m{m}"),
                _ if by.field == "time_dimension" && a.granularity.is_some() => "b".to_owned(),
                _ => {
                    let message = "must be a dimension or a metric of the analysis";
                    complain(format!("/order_by/{i}/field"), message.to_owned());
                    continue;
                }
            };
            order.push((column, by.direction));
        }
        if !wrong.is_empty() {
            return Err(Problem::validation(wrong));
        }
        if order.is_empty() {
            if a.granularity.is_some() {
                order.push(("b".to_owned(), Direction::Asc));
            }
            let first = metrics
                .iter()
                .position(|(_, how)| *how != Aggregation::Histogram);
            order.extend(first.map(|m| (format!("m{m}"), Direction::Desc)));
        }
        Ok(Self {
            view: a.view,
            shape,
            dimensions,
            measures,
            metrics,
            filter,
            from: a.from,
            to: a.to,
            width: a.width(),
            offset: i64::from(a.utc_offset_minutes) * 60_000_000,
            order,
            bins: a.bins,
            limit: a.limit,
        })
    }

    fn needs(&self, join: Join) -> bool {
        self.dimensions.iter().any(|d| Shape::join(d) == join)
            || self.measures.iter().any(|m| m.join == join)
    }

    /// The columns that tell groups apart.
    fn keys(&self) -> Vec<String> {
        let mut keys: Vec<String> = (0..self.dimensions.len())
            .map(|i| format!("d{i}"))
            .collect();
        if self.width.is_some() {
            keys.push("b".to_owned());
        }
        keys
    }

    /// The conditions on rows of `t`.
    fn conditions<D: Dialect>(&self, d: &mut D) -> Result<String, Problem> {
        let query = ListQuery {
            filter: self.filter.clone(),
            ..ListQuery::default()
        };
        let mut only = select::conditions(d, &Select::all(self.shape.table, &query)?)?;
        let time = self.shape.table.time;
        let (from, to) = (d.time(self.from.micros()), d.time(self.to.micros()));
        // Writing to a String never fails.
        let _ = write!(only, " AND t.{time} >= {from} AND t.{time} < {to}");
        if let Some(condition) = self.shape.only {
            let _ = write!(only, " AND {condition}");
        }
        Ok(only)
    }

    /// The inner query: a row a thing that is counted.
    fn rows<D: Dialect>(&self, d: &mut D) -> Result<String, Problem> {
        let only = self.conditions(d)?;
        let mut columns = Vec::new();
        for (i, dimension) in self.dimensions.iter().enumerate() {
            columns.push(format!("{} AS d{i}", self.dimension::<D>(dimension)));
        }
        if let Some(width) = self.width {
            columns.push(format!("{} AS b", self.bucket::<D>(d, width)));
        }
        for (i, measure) in self.measures.iter().enumerate() {
            columns.push(format!("{} AS x{i}", expr::<D>(measure.sql, "t")));
        }
        Ok(format!(
            "SELECT {} FROM {}{} WHERE {only}",
            columns.join(", "),
            from::<D>(self.shape.table.name, "t"),
            self.joins::<D>(&only),
        ))
    }

    fn dimension<D: Dialect>(&self, dimension: &Dimension) -> String {
        if let Some((sql, alias)) = self.shape.expression(dimension) {
            let expression = expr::<D>(sql, alias);
            // An observation that is not there has no name; ClickHouse says that it is empty.
            return if D::CLICKHOUSE && alias == "v" {
                format!("nullIf({expression}, defaultValueOfArgumentType({expression}))")
            } else {
                expression
            };
        }
        let alias = tagged(dimension.term);
        if D::CLICKHOUSE {
            format!(
                "arrayJoin(if(empty({alias}.tags), [NULL], arrayMap(x -> toNullable(x), {alias}.tags)))"
            )
        } else {
            "g.value".to_owned()
        }
    }

    /// The beginning of the row's bucket, in microseconds.
    fn bucket<D: Dialect>(&self, d: &mut D, width: Granularity) -> String {
        let time = self.shape.table.time;
        let offset = d.int(self.offset);
        let at = if D::CLICKHOUSE {
            format!("(toUnixTimestamp64Micro(t.{time}) + {offset})")
        } else {
            format!("(t.{time} + {offset})")
        };
        let day = Granularity::Day.micros();
        let floor = match (width, D::CLICKHOUSE) {
            (Granularity::Month, true) => {
                format!("toInt64(toStartOfMonth(fromUnixTimestamp64Micro({at}, 'UTC'))) * {day}")
            }
            (Granularity::Month, false) => {
                format!("unixepoch({at} / 1000000, 'unixepoch', 'start of month') * 1000000")
            }
            // The epoch began on a Thursday.
            (Granularity::Week, _) => {
                let shift = 3 * day;
                format!(
                    "{} - {shift}",
                    multiple::<D>(&format!("({at} + {shift})"), 7 * day)
                )
            }
            (other, _) => multiple::<D>(&at, other.micros()),
        };
        format!("{floor} - {offset}")
    }

    fn joins<D: Dialect>(&self, only: &str) -> String {
        let mut joins = String::new();
        let workspace = D::WORKSPACE;
        let table = self.shape.table.name;
        let mut add = |text: String| joins.push_str(&text);
        if self.needs(Join::Trace) {
            let traces = from::<D>("traces", "u");
            add(if D::CLICKHOUSE {
                format!(
                    " LEFT JOIN (SELECT * FROM {traces} WHERE u.workspace_id = {workspace} AND u.id IN (SELECT t.trace_id \
                     FROM {} WHERE {only})) AS u ON u.id = t.trace_id",
                    from::<D>(table, "t")
                )
            } else {
                format!(
                    " LEFT JOIN {traces} ON u.workspace_id = t.workspace_id AND u.id = t.trace_id"
                )
            });
        }
        if self.needs(Join::Observation) {
            let observations = from::<D>("observations", "v");
            add(if D::CLICKHOUSE {
                format!(
                    " LEFT JOIN (SELECT * FROM {observations} WHERE v.workspace_id = {workspace} AND v.trace_id IN \
                     (SELECT t.trace_id FROM {} WHERE {only})) AS v ON v.trace_id = t.trace_id AND v.id = t.observation_id",
                    from::<D>(table, "t")
                )
            } else {
                format!(
                    " LEFT JOIN {observations} ON v.workspace_id = t.workspace_id AND v.trace_id = t.trace_id \
                     AND v.id = t.observation_id"
                )
            });
        }
        let traces = format!(
            "(SELECT t.id FROM {} WHERE {only})",
            from::<D>("traces", "t")
        );
        if self.needs(Join::Sums) {
            add(if D::CLICKHOUSE {
                format!(
                    " LEFT JOIN (SELECT o.trace_id AS trace_id, count(*) AS n, \
                     sum(CASE WHEN o.level = 'ERROR' THEN 1 ELSE 0 END) AS errors, {latency} AS latency, \
                     sum(o.usage_input) AS input, sum(o.usage_output) AS output, {tokens} AS tokens, {cost} AS cost \
                     FROM {observations} WHERE o.workspace_id = {workspace} AND o.trace_id IN {traces} GROUP BY o.trace_id) AS j \
                     ON j.trace_id = t.id",
                    latency = expr::<D>(TRACE_LATENCY, "o"),
                    tokens = expr::<D>(TRACE_TOKENS, "o"),
                    cost = expr::<D>(TRACE_COST, "o"),
                    observations = from::<D>("observations", "o"),
                )
            } else {
                // The store has them already.
                " LEFT JOIN trace_sums AS j ON j.workspace_id = t.workspace_id AND j.trace_id = t.id".to_owned()
            });
        }
        if self.needs(Join::Scores) {
            let scores = from::<D>("scores", "s");
            add(if self.view == View::Traces {
                format!(
                    " LEFT JOIN (SELECT s.trace_id AS trace_id, count(*) AS n FROM {scores} WHERE s.workspace_id = {workspace} \
                     AND s.trace_id IN {traces} GROUP BY s.trace_id) AS k ON k.trace_id = t.id"
                )
            } else {
                format!(
                    " LEFT JOIN (SELECT s.trace_id AS trace_id, s.observation_id AS id, count(*) AS n FROM {scores} \
                     WHERE s.workspace_id = {workspace} AND s.observation_id IS NOT NULL AND s.trace_id IN (SELECT t.trace_id \
                     FROM {} WHERE {only}) GROUP BY s.trace_id, s.observation_id) AS k ON k.trace_id = t.trace_id AND k.id = t.id",
                    from::<D>(table, "t")
                )
            });
        }
        let tags = self
            .dimensions
            .iter()
            .find(|d| matches!(d.term, Term::Tags(_)));
        if let (Some(dimension), false) = (tags, D::CLICKHOUSE) {
            add(format!(
                " LEFT JOIN json_each({}.tags) AS g ON true",
                tagged(dimension.term)
            ));
        }
        joins
    }

    /// The statement of the groups, in their order, one more than are wanted.
    pub(super) fn groups<D: Dialect>(&self, d: &mut D) -> Result<String, Problem> {
        let rows = self.rows(d)?;
        let keys = self.keys();
        let ranked: Vec<usize> = (0..self.measures.len())
            .filter(|i| {
                self.metrics
                    .iter()
                    .any(|(m, how)| m == i && how.percent().is_some())
            })
            .collect();
        let mut source = format!("({rows}) AS r");
        if !D::CLICKHOUSE && !ranked.is_empty() {
            let ranks: Vec<String> = ranked
                .iter()
                .map(|i| {
                    // The share of values that are not above this one; those that there are not are apart.
                    let mut within = keys.clone();
                    within.push(format!("x{i} IS NULL"));
                    format!(
                        "cume_dist() OVER ({}ORDER BY x{i}) AS p{i}",
                        partition(&within)
                    )
                })
                .collect();
            source = format!("(SELECT *, {} FROM {source}) AS r", ranks.join(", "));
        }
        let mut columns = keys.clone();
        for (i, (measure, how)) in self.metrics.iter().enumerate() {
            if *how == Aggregation::Histogram {
                continue;
            }
            let kind = self
                .measures
                .get(*measure)
                .map_or(MeasureKind::Decimal, |m| m.kind);
            columns.push(format!("{} AS m{i}", aggregate::<D>(*how, *measure, kind)));
        }
        if columns.is_empty() {
            // Only histograms, of everything.
            columns.push("count(*) AS n".to_owned());
        }
        let mut sql = format!("SELECT {} FROM {source}", columns.join(", "));
        if !keys.is_empty() {
            let _ = write!(sql, " GROUP BY {}", keys.join(", "));
        }
        let mut order: Vec<String> = self
            .order
            .iter()
            .map(|(column, direction)| {
                let direction = match direction {
                    Direction::Asc => "ASC",
                    Direction::Desc => "DESC",
                };
                format!("{column} {direction} NULLS LAST")
            })
            .collect();
        order.extend(keys.iter().map(|key| format!("{key} ASC NULLS LAST")));
        if !order.is_empty() {
            let _ = write!(sql, " ORDER BY {}", order.join(", "));
        }
        let _ = write!(sql, " LIMIT {}", u64::from(self.limit) + 1);
        Ok(sql)
    }

    /// The statement of the bins of the metric at `metric`: each group's keys, `lo`, `hi`, `bin` and `n`.
    pub(super) fn bins<D: Dialect>(&self, d: &mut D, metric: usize) -> Result<String, Problem> {
        let rows = self.rows(d)?;
        let keys = self.keys();
        let x = self.metrics.get(metric).map_or(0, |(m, _)| *m);
        let within = partition(&keys);
        let bins = i64::from(self.bins);
        let number = |x: String| {
            if D::CLICKHOUSE {
                format!("toFloat64({x})")
            } else {
                format!("CAST({x} AS REAL)")
            }
        };
        let mut inner = keys.clone();
        let value = number(format!("x{x}"));
        inner.push(format!("{value} AS x"));
        inner.push(format!("min({value}) OVER ({within}) AS lo"));
        inner.push(format!("max({value}) OVER ({within}) AS hi"));
        let place = format!("(x - lo) / (hi - lo) * {bins}");
        let (whole, least) = if D::CLICKHOUSE {
            (format!("toInt64({place})"), "least")
        } else {
            (format!("CAST({place} AS INTEGER)"), "min")
        };
        let mut columns = keys.clone();
        columns.push("lo".to_owned());
        columns.push("hi".to_owned());
        let mut grouped = columns.clone();
        grouped.push("bin".to_owned());
        columns.push(format!(
            "CASE WHEN hi = lo THEN 0 ELSE {least}({whole}, {}) END AS bin",
            bins - 1
        ));
        Ok(format!(
            "SELECT {all}, count(*) AS n FROM (SELECT {} FROM (SELECT {} FROM ({rows}) AS r WHERE x{x} IS NOT NULL) AS q) AS w \
             GROUP BY {all} ORDER BY {all} LIMIT {MOST_BINS}",
            columns.join(", "),
            inner.join(", "),
            all = grouped.join(", "),
        ))
    }
}

/// Most bins that are read for one metric.
const MOST_BINS: u32 = 200_000;

/// Whose tags a dimension explodes.
const fn tagged(term: Term) -> &'static str {
    match term {
        Term::Tags(Join::Trace) => "u",
        _ => "t",
    }
}

fn partition(keys: &[String]) -> String {
    if keys.is_empty() {
        String::new()
    } else {
        format!("PARTITION BY {} ", keys.join(", "))
    }
}

/// The greatest multiple of `width` that is not above `at`.
fn multiple<D: Dialect>(at: &str, width: i64) -> String {
    if D::CLICKHOUSE {
        format!("({at} - positiveModulo({at}, {width}))")
    } else {
        format!("({at} - (({at} % {width}) + {width}) % {width})")
    }
}

/// One value of many.
fn aggregate<D: Dialect>(how: Aggregation, measure: usize, kind: MeasureKind) -> String {
    let x = format!("x{measure}");
    let exact = D::CLICKHOUSE && kind == MeasureKind::Decimal;
    let sum = if exact {
        format!("sumKahan({x})")
    } else {
        format!("sum({x})")
    };
    match how {
        Aggregation::Count if kind == MeasureKind::Id => format!("count(DISTINCT {x})"),
        Aggregation::Count => format!("count({x})"),
        Aggregation::Uniq => format!("count(DISTINCT {x})"),
        // Where there is nothing there is no sum, also of what is never null.
        Aggregation::Sum => format!("CASE WHEN count({x}) = 0 THEN NULL ELSE {sum} END"),
        Aggregation::Avg => {
            format!("CASE WHEN count({x}) = 0 THEN NULL ELSE {sum} * 1.0 / count({x}) END")
        }
        Aggregation::Min => format!("CASE WHEN count({x}) = 0 THEN NULL ELSE min({x}) END"),
        Aggregation::Max => format!("CASE WHEN count({x}) = 0 THEN NULL ELSE max({x}) END"),
        Aggregation::Histogram => "NULL".to_owned(),
        other => {
            let percent = other.percent().unwrap_or(50);
            if D::CLICKHOUSE {
                // `quantileExact` takes the value at `floor(level * n)`, from 0. A hair less makes that the nearest rank,
                // `ceil(level * n) - 1`, also where `level * n` is whole.
                format!(
                    "CASE WHEN count({x}) = 0 THEN NULL ELSE quantileExact({})({x}) END",
                    percent as f64 / 100.0 - 1e-12
                )
            } else {
                // The nearest rank is the least value that has such a share of all at or below it. Both shares are the
                // doubles next to a ratio, so that equal ones are equal.
                format!("min(CASE WHEN p{measure} >= {percent} / 100.0 THEN {x} END)")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::traces::clickhouse::Params;
    use crate::traces::sqlite::Params as SqliteParams;
    use serde_json::json;

    #[test]
    fn every_table_of_an_analysis_is_bound_to_the_workspace() {
        for (view, dimension, measures) in [
            ("traces", "tags", ["totalCost", "scoresCount"]),
            ("observations", "traceName", ["latency", "countScores"]),
            ("scores-numeric", "observationModelName", ["value", "count"]),
        ] {
            let metrics = measures.map(|m| json!({"measure": m, "aggregation": "p95"}));
            let analysis: Analysis = serde_json::from_value(json!({
                "view": view, "dimensions": [dimension], "metrics": metrics, "granularity": "day",
                "from": "2026-01-01T00:00:00Z", "to": "2026-02-01T00:00:00Z",
            }))
            .unwrap();
            let plan = Plan::of(&analysis, Filter::default()).unwrap();
            let mut texts = vec![
                (plan.groups(&mut Params::of("w")).unwrap(), "{w:String}"),
                (plan.bins(&mut Params::of("w"), 0).unwrap(), "{w:String}"),
            ];
            for (text, value) in &mut texts {
                let named: usize = ["trace_rows", "observation_rows", "score_rows"]
                    .iter()
                    .map(|t| text.matches(&format!("{t} AS ")).count())
                    .sum();
                let bound = text.matches(&format!("workspace_id = {value}")).count();
                assert!(named > 1);
                assert_eq!(bound, named, "{text}");
            }
            let text = plan.groups(&mut SqliteParams::default()).unwrap();
            let named: usize = ["traces", "trace_sums", "observations", "scores"]
                .iter()
                .map(|t| text.matches(&format!("{t} AS ")).count())
                .sum();
            let bound = text.matches("workspace_id = $1").count()
                + text.matches("workspace_id = t.workspace_id").count();
            assert_eq!(bound, named, "{text}");
        }
    }
}
