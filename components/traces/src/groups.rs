//! Sessions and end users.

use crate::erase;
use crate::traces::{FILTERS, conditions};
use assay_edge::traces::{GroupBy, TraceStore};
use assay_edge::{Ctx, Problem, Reply, reply};
use assay_model::{Filter, Operand, Operator};
use serde_json::json;

/// `GET /api/v1/sessions`.
pub(crate) async fn sessions(ctx: Ctx) -> Result<Reply, Problem> {
    list(ctx, GroupBy::Session).await
}

/// `GET /api/v1/users`.
pub(crate) async fn users(ctx: Ctx) -> Result<Reply, Problem> {
    list(ctx, GroupBy::User).await
}

async fn list(ctx: Ctx, by: GroupBy) -> Result<Reply, Problem> {
    let mut known = FILTERS.to_vec();
    known.extend(["limit", "cursor"]);
    ctx.only_query(&known)?;
    let filter = conditions(&ctx)?.filter();
    let page = ctx.page()?;
    let store = TraceStore::open(&ctx.platform, &ctx.actor()?.workspace).await?;
    let found = store.groups(by, &filter, 0, &page).await?;
    let data: Vec<_> = found
        .data
        .iter()
        .map(|g| {
            let others = match by {
                GroupBy::Session => "user_count",
                GroupBy::User => "session_count",
            };
            json!({
                "id": g.id,
                "first_at": g.first_at,
                "last_at": g.last_at,
                "trace_count": g.trace_count,
                others: g.others,
                "environment": g.environment,
                "observation_count": g.observation_count,
                "error_count": g.error_count,
                "total_cost_usd": g.total_cost_usd,
                "usage": {"input": g.input_tokens, "output": g.output_tokens},
            })
        })
        .collect();
    reply::ok(&json!({"data": data, "next_cursor": found.next_cursor}))
}

/// `DELETE /api/v1/users/{id}`: all traces of an end user, with all that is known of them.
pub(crate) async fn forget(ctx: Ctx) -> Result<Reply, Problem> {
    ctx.only_query(&[])?;
    let user = erase::id(&ctx, "end user")?.to_owned();
    let store = TraceStore::open(&ctx.platform, &ctx.actor()?.workspace).await?;
    let db = ctx.db().await?;
    let of_user = Filter::default().and("userId", Operator::Equal, Operand::Text(user.clone()));
    let (deleted, _) = store.erase_all(&db, of_user, usize::MAX).await?;
    let audit = ctx.audit(
        "user.erase",
        ("end_user", &user),
        &json!({"traces": deleted}),
    )?;
    db.batch(vec![audit]).await?;
    reply::ok(&json!({ "deleted": deleted }))
}
