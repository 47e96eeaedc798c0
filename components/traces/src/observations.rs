//! Observations.

use crate::query::{between, one_of, text};
use assay_edge::traces::{ObservationFilter, TraceStore};
use assay_edge::{Ctx, Problem, Reply, reply};

pub(crate) async fn list(ctx: Ctx) -> Result<Reply, Problem> {
    ctx.only_query(&[
        "limit", "cursor", "trace_id", "type", "name", "level", "from", "to",
    ])?;
    let filter = ObservationFilter {
        trace_id: text(&ctx, "trace_id"),
        kind: one_of(&ctx, "type")?,
        name: text(&ctx, "name"),
        level: one_of(&ctx, "level")?,
        between: between(&ctx)?,
    };
    let page = ctx.page()?;
    let store = TraceStore::open(&ctx.platform, &ctx.actor()?.workspace).await?;
    reply::ok(&store.list_observations(filter, &page).await?)
}
