//! Traces.

use crate::query::{Conditions, tree_query};
use crate::{erase, observations};
use assay_edge::traces::{Totals, TraceDetail, TraceRecord, TraceStore};
use assay_edge::{Ctx, Page, Problem, Reply, reply};
use assay_model::{Score, Timestamp, TokenUsage, Trace};
use serde::Serialize;

/// A trace as it is shown, with its sums.
#[derive(Serialize)]
pub(crate) struct Shown {
    #[serde(flatten)]
    trace: Trace,
    latency_ms: Option<i64>,
    total_cost_usd: Option<f64>,
    usage: Option<TokenUsage>,
    observation_count: u64,
    error_count: u64,
    warning_count: u64,
    created_at: Timestamp,
    updated_at: Timestamp,
}

impl Shown {
    fn of(record: TraceRecord, totals: Totals) -> Self {
        Self {
            trace: record.trace,
            latency_ms: totals.latency_ms,
            total_cost_usd: totals.cost_usd,
            usage: totals.usage,
            observation_count: totals.observations,
            error_count: totals.errors,
            warning_count: totals.warnings,
            created_at: record.created_at,
            updated_at: record.updated_at,
        }
    }

    /// Traces with their sums, which takes one statement for all of them.
    pub(crate) async fn all(
        store: &TraceStore,
        records: Vec<TraceRecord>,
    ) -> Result<Vec<Self>, Problem> {
        let ids: Vec<&str> = records.iter().map(|r| r.trace.id.as_str()).collect();
        let mut totals = store.totals(&ids).await?;
        let shown = records.into_iter().map(|r| {
            let sums = totals.remove(&r.trace.id).unwrap_or_default();
            Self::of(r, sums)
        });
        Ok(shown.collect())
    }
}

#[derive(Serialize)]
struct Detail {
    #[serde(flatten)]
    trace: Shown,
    observations: Vec<observations::Shown>,
    scores: Vec<Score>,
    /// Whether there are more observations or scores than are shown here.
    truncated: bool,
}

impl From<TraceDetail> for Detail {
    fn from(d: TraceDetail) -> Self {
        Self {
            trace: Shown::of(d.trace, d.totals),
            observations: d.observations.into_iter().map(Into::into).collect(),
            scores: d.scores.into_iter().map(|r| r.score).collect(),
            truncated: d.truncated,
        }
    }
}

/// What selects traces, besides pages and order.
pub(crate) const FILTERS: [&str; 21] = [
    "filter",
    "q",
    "name",
    "user_id",
    "session_id",
    "tag",
    "environment",
    "release",
    "version",
    "model",
    "status",
    "public",
    "min_latency",
    "max_latency",
    "min_cost",
    "max_cost",
    "min_tokens",
    "max_tokens",
    "prompt_name",
    "from",
    "to",
];

/// The conditions of a request for traces.
pub(crate) fn conditions(ctx: &Ctx) -> Result<Conditions<'_>, Problem> {
    Conditions::of(ctx)?
        .is("name", "name")?
        .is("user_id", "userId")?
        .is("session_id", "sessionId")?
        .tags("tag")?
        .is("environment", "environment")?
        .is("release", "release")?
        .is("version", "version")?
        .is("model", "model")?
        .is("prompt_name", "promptName")?
        .status()?
        .truth("public", "public")?
        .between("latency", "latency")?
        .between("cost", "totalCost")?
        .between("tokens", "totalTokens")?
        .within("timestamp")
}

/// `GET /api/v1/traces`: newest first.
pub(crate) async fn list(ctx: Ctx) -> Result<Reply, Problem> {
    let mut known = FILTERS.to_vec();
    known.extend(["limit", "cursor", "sort"]);
    ctx.only_query(&known)?;
    let query = conditions(&ctx)?.list("timestamp")?;
    let page = ctx.page()?;
    let store = TraceStore::open(&ctx.platform, &ctx.actor()?.workspace).await?;
    let found = store.list_traces(&query, &page).await?;
    reply::ok(&Page {
        data: Shown::all(&store, found.data).await?,
        next_cursor: found.next_cursor,
    })
}

/// `GET /api/v1/traces/{id}`.
pub(crate) async fn get(ctx: Ctx) -> Result<Reply, Problem> {
    ctx.only_query(&[])?;
    let store = TraceStore::open(&ctx.platform, &ctx.actor()?.workspace).await?;
    let detail = store
        .trace(ctx.param("id")?)
        .await?
        .ok_or_else(|| Problem::not_found("trace"))?;
    reply::ok(&Detail::from(detail))
}

/// `GET /api/v1/traces/{id}/tree`: in reading order, a page at a time.
pub(crate) async fn tree(ctx: Ctx) -> Result<Reply, Problem> {
    ctx.only_query(&["limit", "cursor", "under", "depth"])?;
    let query = tree_query(&ctx)?;
    let page = ctx.page()?;
    let store = TraceStore::open(&ctx.platform, &ctx.actor()?.workspace).await?;
    let found = store.tree(ctx.param("id")?, &query, &page).await?;
    reply::ok(&found.ok_or_else(|| Problem::not_found("trace"))?)
}

/// `DELETE /api/v1/traces/{id}`.
pub(crate) async fn delete(ctx: Ctx) -> Result<Reply, Problem> {
    ctx.only_query(&[])?;
    let ids = [erase::id(&ctx, "trace")?.to_owned()];
    if erase::traces(&ctx, &ids).await?.is_empty() {
        return Err(Problem::not_found("trace"));
    }
    Ok(reply::no_content())
}
