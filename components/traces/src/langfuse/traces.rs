//! Traces in Langfuse's shape.

use super::observations::v1;
use super::{any_of, are, counted, filter, invalid, paging, within};
use assay_edge::traces::{ListQuery, Sort, SortKey, Totals, TraceRecord, TraceStore};
use assay_edge::{Ctx, DEFAULT_BODY_LIMIT, Problem, Reply, reply};
use assay_langfuse::query::TraceGroups;
use assay_langfuse::show::{self, ScoreContext, TraceContext};
use assay_model::{Filter, Operand, Operator};
use serde::Deserialize;
use serde_json::{Value, json};

const SIMPLE: [(&str, &str); 5] = [
    ("name", "name"),
    ("userId", "userId"),
    ("sessionId", "sessionId"),
    ("version", "version"),
    ("release", "release"),
];

/// `timestamp.desc` and the like.
fn sort(ctx: &Ctx) -> Result<Sort, Problem> {
    let Some(text) = ctx.query("orderBy").filter(|t| !t.is_empty()) else {
        return Ok(Sort::default());
    };
    let wrong = || {
        let message = "must be `timestamp`, `latency` or `totalCost`, then `.asc` or `.desc`";
        Problem::field("orderBy", message)
    };
    let (name, direction) = text.split_once('.').ok_or_else(wrong)?;
    let key = match name {
        "timestamp" => SortKey::Time,
        "latency" => SortKey::Latency,
        "totalCost" => SortKey::Cost,
        _ => return Err(wrong()),
    };
    let descending = match direction {
        "desc" => true,
        "asc" => false,
        _ => return Err(wrong()),
    };
    Ok(Sort { key, descending })
}

fn context<'a>(record: &TraceRecord, totals: &Totals, project: &'a str) -> TraceContext<'a> {
    TraceContext {
        project_id: project,
        latency_seconds: totals.latency_micros.map(|m| m as f64 / 1e6),
        total_cost: totals.cost_usd,
        created_at: Some(record.created_at),
        updated_at: Some(record.updated_at),
        ..TraceContext::default()
    }
}

/// `GET /api/public/traces`.
pub(crate) async fn list(ctx: Ctx) -> Result<Reply, Problem> {
    let paging = paging(&ctx, 100)?;
    let groups = TraceGroups::parse(ctx.query("fields")).map_err(invalid)?;
    let mut simple = are(&ctx, Filter::default(), &SIMPLE)?;
    let tags: Vec<String> = ctx
        .query_all("tags")
        .filter(|t| !t.is_empty())
        .map(str::to_owned)
        .collect();
    if tags.iter().any(|t| t.contains('\0')) || tags.len() > 100 {
        let message = "must be at most 100, without control characters";
        return Err(Problem::field("tags", message));
    }
    if !tags.is_empty() {
        simple = simple.and("tags", Operator::AllOf, Operand::Options(tags));
    }
    simple = any_of(&ctx, simple, "environment", "environment")?;
    simple = within(&ctx, simple, "timestamp", "fromTimestamp", "toTimestamp")?;
    let (page, offset) = counted(&paging);
    let query = ListQuery {
        filter: filter(&ctx, simple)?,
        sort: sort(&ctx)?,
        offset,
    };
    let workspace = ctx.actor()?.workspace.clone();
    let store = TraceStore::open(&ctx.platform, &workspace).await?;
    let found = store.list_traces(&query, &page).await?;
    let total = store.count_traces(&query.filter).await?;
    let ids: Vec<&str> = found.data.iter().map(|r| r.trace.id.as_str()).collect();
    let totals = store.totals(&ids).await?;
    let (observations, scores) = store.members(&ids).await?;
    let none = Vec::new();
    let data: Vec<Value> = found
        .data
        .iter()
        .map(|record| {
            let id = &record.trace.id;
            let sums = totals.get(id).copied().unwrap_or_default();
            let context = TraceContext {
                observation_ids: observations.get(id).unwrap_or(&none),
                score_ids: scores.get(id).unwrap_or(&none),
                ..context(record, &sums, &workspace)
            };
            show::select_trace(show::trace_row(&record.trace, &context), &groups)
        })
        .collect();
    let total = i64::try_from(total).unwrap_or(i64::MAX);
    reply::ok(&show::page(data, paging.page, paging.limit, total))
}

/// `GET /api/public/traces/{id}`.
pub(crate) async fn get(ctx: Ctx) -> Result<Reply, Problem> {
    let groups = TraceGroups::parse(ctx.query("fields")).map_err(invalid)?;
    let workspace = ctx.actor()?.workspace.clone();
    let store = TraceStore::open(&ctx.platform, &workspace).await?;
    let found = store.trace(ctx.param("id")?).await?;
    let found = found.ok_or_else(|| Problem::not_found("trace"))?;
    let context = context(&found.trace, &found.totals, &workspace);
    let observations = found
        .observations
        .iter()
        .map(|r| v1(r, &workspace))
        .collect();
    let scores = found
        .scores
        .iter()
        .filter_map(|r| {
            let context = ScoreContext {
                project_id: &workspace,
                created_at: Some(r.received_at),
                updated_at: Some(r.received_at),
                trace: None,
            };
            show::score_v1(&r.score, &context)
        })
        .collect();
    let shown = show::trace_single(&found.trace.trace, &context, observations, scores);
    reply::ok(&show::select_trace(shown, &groups))
}

/// `DELETE /api/public/traces/{id}`: done when it answers, whether or not there was one.
pub(crate) async fn delete(ctx: Ctx) -> Result<Reply, Problem> {
    ctx.only_query(&[])?;
    let id = crate::erase::id(&ctx, "trace")?.to_owned();
    crate::erase::traces(&ctx, &[id]).await?;
    reply::ok(&json!({"message": "Trace deleted successfully"}))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Ids {
    trace_ids: Vec<String>,
}

/// `DELETE /api/public/traces`: many.
pub(crate) async fn delete_many(mut ctx: Ctx) -> Result<Reply, Problem> {
    ctx.only_query(&[])?;
    let body: Ids = ctx.raw_json(DEFAULT_BODY_LIMIT).await?;
    if body.trace_ids.is_empty() || body.trace_ids.len() > 1000 {
        return Err(Problem::field("/traceIds", "must have 1 to 1000 entries"));
    }
    if body.trace_ids.iter().any(|id| id.contains('\0')) {
        let message = "must not contain control characters";
        return Err(Problem::field("/traceIds", message));
    }
    crate::erase::traces(&ctx, &body.trace_ids).await?;
    reply::ok(&json!({"message": "Traces deleted successfully"}))
}
