//! Sessions in Langfuse's shape.

use super::{any_of, counted, paging, within};
use assay_edge::traces::{GroupBy, ListQuery, TraceStore};
use assay_edge::{Ctx, PageQuery, Problem, Reply, reply};
use assay_langfuse::show::{self, TraceContext};
use assay_model::{Filter, Operand, Operator};
use serde_json::Value;

/// Most traces that come with a session.
const MAX_TRACES: u32 = 1000;

/// `GET /api/public/sessions`.
pub(crate) async fn list(ctx: Ctx) -> Result<Reply, Problem> {
    let paging = paging(&ctx, 100)?;
    let (page, offset) = counted(&paging);
    let filter = any_of(&ctx, Filter::default(), "environment", "environment")?;
    let filter = within(&ctx, filter, "timestamp", "fromTimestamp", "toTimestamp")?;
    let workspace = ctx.actor()?.workspace.clone();
    let store = TraceStore::open(&ctx.platform, &workspace).await?;
    let found = store
        .groups(GroupBy::Session, &filter, offset, &page)
        .await?;
    let total = store.count_groups(GroupBy::Session, &filter).await?;
    let data: Vec<Value> = found
        .data
        .iter()
        .map(|s| {
            let environment = s.environment.as_deref();
            show::session(&s.id, s.first_at, &workspace, environment, None)
        })
        .collect();
    let total = i64::try_from(total).unwrap_or(i64::MAX);
    reply::ok(&show::page(data, paging.page, paging.limit, total))
}

/// `GET /api/public/sessions/{id}`: with its traces, the oldest first.
pub(crate) async fn get(ctx: Ctx) -> Result<Reply, Problem> {
    ctx.only_query(&[])?;
    let id = ctx.param("id")?;
    let mut query = ListQuery {
        filter: Filter::default().and("sessionId", Operator::Equal, Operand::Text(id.to_owned())),
        ..ListQuery::default()
    };
    query.sort.descending = false;
    let page = PageQuery {
        limit: MAX_TRACES,
        cursor: None,
    };
    let workspace = ctx.actor()?.workspace.clone();
    let store = TraceStore::open(&ctx.platform, &workspace).await?;
    let found = store.list_traces(&query, &page).await?;
    let Some(first) = found.data.first() else {
        return Err(Problem::not_found("session"));
    };
    let environment = found
        .data
        .iter()
        .find_map(|r| r.trace.environment.as_deref());
    let traces = found
        .data
        .iter()
        .map(|r| {
            let context = TraceContext {
                project_id: &workspace,
                created_at: Some(r.created_at),
                updated_at: Some(r.updated_at),
                ..TraceContext::default()
            };
            show::trace_row(&r.trace, &context)
        })
        .collect();
    let at = first.trace.timestamp;
    reply::ok(&show::session(
        id,
        at,
        &workspace,
        environment,
        Some(traces),
    ))
}
