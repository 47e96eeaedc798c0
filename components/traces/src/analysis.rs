//! Sums, means and percentiles over many traces at once.

use assay_edge::traces::TraceStore;
use assay_edge::traces::analysis::{AnalysisAnswer, ViewDescription, describe};
use assay_edge::{Ctx, Problem, Reply, reply};
use assay_model::Timestamp;
use assay_model::analysis::{Analysis, Granularity, Metric};
use serde::Serialize;
use serde_json::{Map, Value};

#[derive(Serialize)]
struct Answer {
    /// How wide the buckets are; null without any.
    granularity: Option<Granularity>,
    /// A group each: its dimensions, the beginning of its bucket, its metrics.
    data: Vec<Map<String, Value>>,
    /// Whether there are more groups than `limit`.
    truncated: bool,
}

#[derive(Serialize)]
struct Catalogue {
    data: Vec<ViewDescription>,
}

/// Groups as objects; `time` shows the beginning of a bucket.
pub(crate) fn objects(
    analysis: &Analysis,
    answer: AnalysisAnswer,
    time: impl Fn(Timestamp) -> Value,
) -> Vec<Map<String, Value>> {
    let names: Vec<String> = analysis.metrics.iter().map(Metric::name).collect();
    let rows = answer.rows.into_iter().map(|row| {
        let mut object = Map::new();
        object.extend(analysis.dimensions.iter().cloned().zip(row.dimensions));
        if let Some(at) = row.time {
            object.insert("time_dimension".into(), time(Timestamp::from_micros(at)));
        }
        object.extend(names.iter().cloned().zip(row.metrics));
        object
    });
    rows.collect()
}

/// `GET /api/v1/analytics`: what can be asked.
pub(crate) async fn catalogue(ctx: Ctx) -> Result<Reply, Problem> {
    ctx.only_query(&[])?;
    reply::ok(&Catalogue { data: describe() })
}

/// `POST /api/v1/analytics`: changes nothing; questions are too long for a query string.
pub(crate) async fn ask(mut ctx: Ctx) -> Result<Reply, Problem> {
    ctx.only_query(&[])?;
    let analysis: Analysis = ctx.json().await?;
    let store = TraceStore::open(&ctx.platform, &ctx.actor()?.workspace).await?;
    let answer = store.analyse(&analysis).await?;
    reply::ok(&Answer {
        granularity: answer.granularity,
        truncated: answer.truncated,
        data: objects(&analysis, answer, |at| Value::String(at.to_rfc3339())),
    })
}
