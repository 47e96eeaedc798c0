//! Sums, means and percentiles over many traces, observations or scores, by names and over time.

mod catalogue;
mod describe;
mod sql;

pub use catalogue::{MeasureKind, is_wide};
pub use describe::{DimensionDescription, MeasureDescription, ViewDescription, describe};

use super::render::Dialect;
use super::stored::StoredRow;
use super::{Statement, TraceStore};
use crate::db::{DbError, Row, Value as DbValue};
use crate::problem::Problem;
use assay_model::analysis::{Aggregation, Analysis, Granularity};
use assay_model::{FieldError, Filter};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use sql::Plan;
use std::collections::HashMap;

/// A group.
#[derive(Debug, Clone, PartialEq)]
pub struct AnalysisRow {
    /// When its bucket begins, in microseconds.
    pub time: Option<i64>,
    /// The values of the dimensions, in their order: texts, numbers or null.
    pub dimensions: Vec<Value>,
    /// The metrics, in their order.
    pub metrics: Vec<Value>,
}

/// The answer to an [`Analysis`].
#[derive(Debug, Clone, PartialEq)]
pub struct AnalysisAnswer {
    /// The groups.
    pub rows: Vec<AnalysisRow>,
    /// Whether there are more than were asked for.
    pub truncated: bool,
    /// How wide the buckets are.
    pub granularity: Option<Granularity>,
}

/// A row whose columns depend on the question.
#[derive(Debug, Deserialize)]
#[serde(transparent)]
struct Cells(Map<String, Value>);

impl StoredRow for Cells {
    fn from_row(row: &Row) -> Result<Self, DbError> {
        let cells = row.iter().map(|(name, value)| {
            let value = match value {
                DbValue::Null => Value::Null,
                DbValue::Int(n) => json!(n),
                DbValue::Real(n) => json!(n),
                DbValue::Text(text) => json!(text),
            };
            (name.to_owned(), value)
        });
        Ok(Self(cells.collect()))
    }
}

impl Cells {
    fn take(&mut self, name: &str) -> Value {
        self.0.remove(name).unwrap_or_default()
    }
}

struct Groups<'a>(&'a Plan);

impl Statement for Groups<'_> {
    type Row = Cells;

    fn sql<D: Dialect>(&self, d: &mut D) -> Result<String, Problem> {
        self.0.groups(d)
    }
}

struct Bins<'a>(&'a Plan, usize);

impl Statement for Bins<'_> {
    type Row = Cells;

    fn sql<D: Dialect>(&self, d: &mut D) -> Result<String, Problem> {
        self.0.bins(d, self.1)
    }
}

/// A group's keys as text, by which its bins find it.
fn identity(dimensions: &[Value], time: Option<i64>) -> String {
    json!([dimensions, time]).to_string()
}

fn keys(cells: &mut Cells, plan: &Plan) -> (Vec<Value>, Option<i64>) {
    let dimensions = (0..plan.dimensions.len())
        .map(|i| cells.take(&format!("d{i}")))
        .collect();
    (dimensions, cells.take("b").as_i64())
}

impl TraceStore {
    /// Answers an analysis that is valid in itself.
    ///
    /// # Errors
    /// `store-unavailable`, or a validation problem that names what the view does not have.
    pub async fn analyse(&self, analysis: &Analysis) -> Result<AnalysisAnswer, Problem> {
        let filter = analysis.conditions().map_err(Problem::validation)?;
        // Conditions that the store refuses are named as a list's parameter is; here they are in a body.
        let pointer = |mut errors: Vec<FieldError>| {
            for e in errors.iter_mut().filter(|e| e.field == "filter") {
                e.field.insert(0, '/');
            }
            errors
        };
        self.analyse_where(analysis, filter)
            .await
            .map_err(|problem| problem.map_errors(pointer))
    }

    /// As [`Self::analyse`], with a filter in place of the analysis' own.
    ///
    /// # Errors
    /// As [`Self::analyse`].
    pub async fn analyse_where(
        &self,
        analysis: &Analysis,
        filter: Filter,
    ) -> Result<AnalysisAnswer, Problem> {
        let plan = Plan::of(analysis, filter)?;
        let mut found = self.run(&Groups(&plan)).await?;
        let mut truncated = found.len() > plan.limit as usize;
        found.truncate(plan.limit as usize);
        let mut rows: Vec<AnalysisRow> = found
            .into_iter()
            .map(|mut cells| {
                let (dimensions, time) = keys(&mut cells, &plan);
                let metrics = (0..plan.metrics.len())
                    .map(|i| cells.take(&format!("m{i}")))
                    .collect();
                AnalysisRow {
                    time,
                    dimensions,
                    metrics,
                }
            })
            .collect();
        for (i, (_, how)) in plan.metrics.iter().enumerate() {
            if *how == Aggregation::Histogram {
                self.histogram(&plan, i, &mut rows).await?;
            }
        }
        // A line over time has no gaps.
        if plan.dimensions.is_empty() && analysis.order_by.is_empty() && !truncated {
            let buckets = analysis.buckets();
            truncated = buckets.len() > plan.limit as usize;
            rows = filled(&plan, buckets, rows);
        }
        Ok(AnalysisAnswer {
            rows,
            truncated,
            granularity: plan.width,
        })
    }

    async fn histogram(
        &self,
        plan: &Plan,
        metric: usize,
        rows: &mut [AnalysisRow],
    ) -> Result<(), Problem> {
        let mut all: HashMap<String, Vec<Value>> = HashMap::new();
        for mut cells in self.run(&Bins(plan, metric)).await? {
            let (dimensions, time) = keys(&mut cells, plan);
            let [lo, hi, bin] =
                ["lo", "hi", "bin"].map(|n| cells.take(n).as_f64().unwrap_or_default());
            let width = (hi - lo) / f64::from(plan.bins);
            let bounds = if hi > lo {
                (lo + bin * width, lo + (bin + 1.0) * width)
            } else {
                (lo, hi)
            };
            all.entry(identity(&dimensions, time))
                .or_default()
                .push(json!([bounds.0, bounds.1, cells.take("n")]));
        }
        for row in rows {
            let bins = all.remove(&identity(&row.dimensions, row.time));
            if let Some(value) = row.metrics.get_mut(metric) {
                *value = Value::Array(bins.unwrap_or_default());
            }
        }
        Ok(())
    }
}

/// The rows with those of empty buckets among them: nothing was counted, and nothing else is known.
fn filled(plan: &Plan, buckets: Vec<i64>, rows: Vec<AnalysisRow>) -> Vec<AnalysisRow> {
    if buckets.is_empty() {
        return rows;
    }
    let empty: Vec<Value> = plan
        .metrics
        .iter()
        .map(|(_, how)| match how {
            Aggregation::Count | Aggregation::Uniq => json!(0),
            Aggregation::Histogram => json!([]),
            _ => Value::Null,
        })
        .collect();
    let mut found: HashMap<Option<i64>, AnalysisRow> =
        rows.into_iter().map(|row| (row.time, row)).collect();
    buckets
        .into_iter()
        .take(plan.limit as usize)
        .map(|at| {
            found.remove(&Some(at)).unwrap_or_else(|| AnalysisRow {
                time: Some(at),
                dimensions: Vec::new(),
                metrics: empty.clone(),
            })
        })
        .collect()
}
