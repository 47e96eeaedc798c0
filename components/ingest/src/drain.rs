//! The spool's turn: called on a schedule, and whenever a store came back.

use assay_edge::traces::spool;
use assay_edge::{Ctx, Problem, Reply, reply};

pub(crate) async fn drain(ctx: Ctx) -> Result<Reply, Problem> {
    crate::langfuse::forget_old(&ctx).await?;
    reply::ok(&spool::drain(&ctx.platform).await?)
}
