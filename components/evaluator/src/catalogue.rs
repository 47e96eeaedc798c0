//! The metrics that exist, with the parameters each takes.

use assay_edge::{Ctx, Problem, Reply, reply};
use serde_json::json;

pub(crate) async fn list(ctx: Ctx) -> Result<Reply, Problem> {
    ctx.only_query(&[])?;
    reply::ok(&json!({"data": assay_metrics::catalogue()}))
}
