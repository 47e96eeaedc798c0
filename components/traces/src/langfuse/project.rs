//! The project that a key is of, and whether the server is well.

use assay_edge::{Ctx, Problem, Reply, reply};
use assay_langfuse::show;
use serde_json::json;

/// `GET /api/public/projects`: the one of the key.
pub(crate) async fn list(ctx: Ctx) -> Result<Reply, Problem> {
    ctx.only_query(&[])?;
    let db = ctx.db().await?;
    let sql = "SELECT name FROM workspaces WHERE id = $1";
    let row = db.first(sql, []).await?;
    let name = row
        .ok_or_else(|| Problem::not_found("workspace"))?
        .text("name")?;
    let id = db.workspace();
    reply::ok(&json!({"data": [show::project(id, &name, id, &name)]}))
}

/// `GET /api/public/health`.
pub(crate) async fn health(ctx: Ctx) -> Result<Reply, Problem> {
    ctx.only_query(&["failIfNoRecentEvents", "failIfDatabaseUnavailable"])?;
    reply::ok(&json!({"status": "OK", "version": env!("CARGO_PKG_VERSION")}))
}
