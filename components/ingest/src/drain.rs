//! The schedule's turn: spooled batches come in, what waits for others goes out, what is too old goes, and of what came in some is to
//! be evaluated.

use assay_edge::evaluation_queue;
use assay_edge::traces::spool;
use assay_edge::{Ctx, Problem, Reply, reply};

pub(crate) async fn drain(ctx: Ctx) -> Result<Reply, Problem> {
    crate::langfuse::forget_old(&ctx).await?;
    let drained = spool::drain(&ctx.platform).await?;
    // The schedule does not wait for the world.
    crate::forward::soon(0);
    crate::retention::enforce(&ctx).await?;
    evaluation_queue::settle(&ctx.platform).await?;
    reply::ok(&drained)
}
