//! Traces.

use crate::query::{between, text};
use assay_edge::traces::{Totals, TraceDetail, TraceFilter, TraceStore};
use assay_edge::{Ctx, Problem, Reply, reply};
use assay_model::{Observation, Score, TokenUsage, Trace};
use serde::Serialize;

#[derive(Serialize)]
struct Detail {
    #[serde(flatten)]
    trace: Trace,
    latency_ms: Option<i64>,
    total_cost_usd: Option<f64>,
    usage: Option<TokenUsage>,
    observation_count: u64,
    observations: Vec<Observation>,
    scores: Vec<Score>,
    /// Whether there are more observations or scores than are shown here.
    truncated: bool,
}

impl From<TraceDetail> for Detail {
    fn from(d: TraceDetail) -> Self {
        let Totals {
            observations,
            cost_usd,
            usage,
            latency_ms,
        } = d.totals;
        Self {
            trace: d.trace,
            latency_ms,
            total_cost_usd: cost_usd,
            usage,
            observation_count: observations,
            observations: d.observations,
            scores: d.scores,
            truncated: d.truncated,
        }
    }
}

pub(crate) async fn list(ctx: Ctx) -> Result<Reply, Problem> {
    ctx.only_query(&[
        "limit",
        "cursor",
        "name",
        "user_id",
        "session_id",
        "tag",
        "environment",
        "from",
        "to",
    ])?;
    let filter = TraceFilter {
        name: text(&ctx, "name"),
        user_id: text(&ctx, "user_id"),
        session_id: text(&ctx, "session_id"),
        tags: ctx
            .query_all("tag")
            .filter(|t| !t.is_empty())
            .take(10)
            .map(str::to_owned)
            .collect(),
        environment: text(&ctx, "environment"),
        between: between(&ctx)?,
    };
    let page = ctx.page()?;
    let store = TraceStore::open(&ctx.platform, &ctx.actor()?.workspace).await?;
    reply::ok(&store.list_traces(filter, &page).await?)
}

pub(crate) async fn get(ctx: Ctx) -> Result<Reply, Problem> {
    let store = TraceStore::open(&ctx.platform, &ctx.actor()?.workspace).await?;
    let detail = store
        .trace(ctx.param("id")?)
        .await?
        .ok_or_else(|| Problem::not_found("trace"))?;
    reply::ok(&Detail::from(detail))
}

pub(crate) async fn delete(ctx: Ctx) -> Result<Reply, Problem> {
    let store = TraceStore::open(&ctx.platform, &ctx.actor()?.workspace).await?;
    if store.delete_trace(ctx.param("id")?).await? {
        Ok(reply::no_content())
    } else {
        Err(Problem::not_found("trace"))
    }
}
