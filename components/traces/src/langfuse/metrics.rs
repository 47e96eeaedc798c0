//! `GET /api/public/metrics`, `/api/public/v2/metrics` and `/api/public/metrics/daily`.

use super::{any_of, invalid};
use crate::analysis::objects;
use assay_edge::traces::TraceStore;
use assay_edge::traces::analysis::{AnalysisRow, is_wide};
use assay_edge::{Ctx, Problem, Reply, clock, reply};
use assay_langfuse::query::metrics::{MetricsVersion, bucket, parse, period, theirs};
use assay_langfuse::query::{MAX_LIMIT, Paging};
use assay_langfuse::show::page_meta;
use assay_model::analysis::{
    Aggregation, Analysis, Direction, Granularity, MAX_ROWS, Metric, OrderBy, View,
};
use assay_model::{DEFAULT_ENVIRONMENT, Filter, Operand, Operator, Timestamp};
use serde_json::{Value, json};
use std::collections::HashMap;

/// `GET /api/public/metrics`.
pub(crate) async fn one(ctx: Ctx) -> Result<Reply, Problem> {
    ask(ctx, MetricsVersion::One).await
}

/// `GET /api/public/v2/metrics`.
pub(crate) async fn two(ctx: Ctx) -> Result<Reply, Problem> {
    ask(ctx, MetricsVersion::Two).await
}

async fn ask(ctx: Ctx, version: MetricsVersion) -> Result<Reply, Problem> {
    let analysis = parse(version, ctx.query("query")).map_err(Problem::validation)?;
    if version == MetricsVersion::Two {
        for (i, name) in analysis.dimensions.iter().enumerate() {
            if is_wide(analysis.view, name) {
                return Err(Problem::field(
                    format!("query/dimensions/{i}"),
                    format!("`{name}` has too many values to group by; filter by it"),
                ));
            }
        }
    }
    let store = TraceStore::open(&ctx.platform, &ctx.actor()?.workspace).await?;
    let answer = store
        .analyse(&analysis)
        .await
        .map_err(|problem| problem.map_errors(theirs))?;
    let width = answer.granularity;
    let mut data = objects(&analysis, answer, |at| Value::String(bucket(width, at)));
    for row in &mut data {
        // Theirs is never absent.
        if let Some(environment @ Value::Null) = row.get_mut("environment") {
            *environment = json!(DEFAULT_ENVIRONMENT);
        }
    }
    reply::ok(&json!({ "data": data }))
}

fn metric(measure: &str, aggregation: Aggregation) -> Metric {
    Metric {
        measure: measure.to_owned(),
        aggregation,
    }
}

fn number(row: &AnalysisRow, at: usize) -> Value {
    match row.metrics.get(at) {
        None | Some(Value::Null) => json!(0),
        Some(value) => value.clone(),
    }
}

/// The newest days first.
fn by_day(
    view: View,
    (from, to): (Timestamp, Timestamp),
    metrics: Vec<Metric>,
    dimensions: Vec<String>,
) -> Analysis {
    Analysis {
        view,
        dimensions,
        metrics,
        filter: Vec::new(),
        from,
        to,
        granularity: Some(Granularity::Day),
        utc_offset_minutes: 0,
        order_by: vec![OrderBy {
            field: "time_dimension".into(),
            direction: Direction::Desc,
        }],
        bins: 1,
        limit: MAX_ROWS,
    }
}

/// The conditions of a request, where the trace's name is in `name`.
fn conditions(ctx: &Ctx, name: &str) -> Result<Filter, Problem> {
    let filter = super::are(
        ctx,
        Filter::default(),
        &[("traceName", name), ("userId", "userId")],
    )?;
    let filter = any_of(ctx, filter, "environment", "environment")?;
    let tags: Vec<String> = ctx
        .query_all("tags")
        .filter(|t| !t.is_empty())
        .map(str::to_owned)
        .collect();
    if tags.len() > 20 || tags.iter().any(|t| t.contains('\0')) {
        let message = "must be at most 20, without control characters";
        return Err(Problem::field("tags", message));
    }
    Ok(if tags.is_empty() {
        filter
    } else {
        filter.and("tags", Operator::AllOf, Operand::Options(tags))
    })
}

/// `GET /api/public/metrics/daily`: each day that has traces, and what each model took on it.
pub(crate) async fn daily(ctx: Ctx) -> Result<Reply, Problem> {
    let paging =
        Paging::parse(ctx.query("page"), ctx.query("limit"), MAX_LIMIT).map_err(invalid)?;
    let ends = period(
        ctx.query("fromTimestamp"),
        ctx.query("toTimestamp"),
        clock::now().plus_millis(1),
    )
    .map_err(invalid)?;
    let store = TraceStore::open(&ctx.platform, &ctx.actor()?.workspace).await?;
    let metrics = vec![
        metric("count", Aggregation::Count),
        metric("observationsCount", Aggregation::Sum),
        metric("totalCost", Aggregation::Sum),
    ];
    let days = by_day(View::Traces, ends, metrics, Vec::new());
    let days = store
        .analyse_where(&days, conditions(&ctx, "name")?)
        .await?
        .rows;
    let total = days.len() as i64;
    let shown: Vec<AnalysisRow> = days
        .into_iter()
        .skip(usize::try_from(paging.offset()).unwrap_or(usize::MAX))
        .take(usize::try_from(paging.limit).unwrap_or_default())
        .collect();
    let mut usage: HashMap<Option<i64>, Vec<Value>> = HashMap::new();
    if let (Some(last), Some(first)) = (shown.first(), shown.last()) {
        let day = |row: &AnalysisRow| row.time.unwrap_or_default();
        let end = day(last).saturating_add(Granularity::Day.micros());
        let between = (
            ends.0.max(Timestamp::from_micros(day(first))),
            ends.1.min(Timestamp::from_micros(end)),
        );
        let metrics = vec![
            metric("inputTokens", Aggregation::Sum),
            metric("outputTokens", Aggregation::Sum),
            metric("totalTokens", Aggregation::Sum),
            metric("totalCost", Aggregation::Sum),
            metric("count", Aggregation::Count),
            metric("uniqueTraceIds", Aggregation::Uniq),
        ];
        let models = vec!["providedModelName".to_owned()];
        let models = by_day(View::Observations, between, metrics, models);
        for row in store
            .analyse_where(&models, conditions(&ctx, "traceName")?)
            .await?
            .rows
        {
            let model = row.dimensions.first().cloned().unwrap_or_default();
            usage.entry(row.time).or_default().push(json!({
                "model": model,
                "inputUsage": number(&row, 0),
                "outputUsage": number(&row, 1),
                "totalUsage": number(&row, 2),
                "totalCost": number(&row, 3),
                "countObservations": number(&row, 4),
                "countTraces": number(&row, 5),
            }));
        }
    }
    let data: Vec<Value> = shown
        .iter()
        .map(|row| {
            let at = Timestamp::from_micros(row.time.unwrap_or_default());
            json!({
                "date": bucket(Some(Granularity::Day), at),
                "countTraces": number(row, 0),
                "countObservations": number(row, 1),
                "totalCost": number(row, 2),
                "usage": usage.remove(&row.time).unwrap_or_default(),
            })
        })
        .collect();
    let meta = page_meta(paging.page, paging.limit, total);
    reply::ok(&json!({"data": data, "meta": meta}))
}
