//! The schedule's turn: spooled batches come in, what is too old goes.

use assay_edge::traces::spool;
use assay_edge::{Ctx, Problem, Reply, reply};

pub(crate) async fn drain(ctx: Ctx) -> Result<Reply, Problem> {
    crate::langfuse::forget_old(&ctx).await?;
    let drained = spool::drain(&ctx.platform).await?;
    crate::retention::enforce(&ctx).await?;
    reply::ok(&drained)
}
