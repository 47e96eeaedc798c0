//! Deletion of traces: what a person asked to be forgotten is gone.

use assay_edge::traces::TraceStore;
use assay_edge::{Ctx, Problem};

/// The id in the path; one that is longer than ids can be names nothing.
pub(crate) fn id<'a>(ctx: &'a Ctx, noun: &str) -> Result<&'a str, Problem> {
    let id = ctx.param("id")?;
    if id.chars().count() > 200 || id.contains('\0') {
        return Err(Problem::not_found(noun));
    }
    Ok(id)
}

/// Deletes traces with all that is known of them; those that there were.
pub(crate) async fn traces(ctx: &Ctx, ids: &[String]) -> Result<Vec<String>, Problem> {
    let store = TraceStore::open(&ctx.platform, &ctx.actor()?.workspace).await?;
    store.erase(&ctx.db().await?, ids).await
}

/// Deletes a score with what was said of it; whether there was one.
pub(crate) async fn score(ctx: &Ctx, id: &str) -> Result<bool, Problem> {
    let store = TraceStore::open(&ctx.platform, &ctx.actor()?.workspace).await?;
    let sql =
        "DELETE FROM comments WHERE workspace_id = $1 AND object_type = 'score' AND object_id = $2";
    ctx.db().await?.execute(sql, [id.into()]).await?;
    store.delete_score(id).await
}
