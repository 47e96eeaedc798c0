//! Who the caller is.

use assay_edge::{Ctx, Principal, Problem, Reply, reply};
use serde_json::json;

/// `GET /api/v1/me`.
pub(crate) async fn get(ctx: Ctx) -> Result<Reply, Problem> {
    ctx.only_query(&[])?;
    let actor = ctx.actor()?;
    let Principal::ApiKey { id, .. } = &actor.principal;
    let sql = "SELECT w.name AS workspace, k.name AS name, k.public_key AS public_key FROM workspaces w \
               JOIN api_keys k ON k.workspace_id = w.id WHERE w.id = $1 AND k.id = $2";
    let row = ctx.db().await?.first(sql, [id.as_str().into()]).await?;
    let row = row.ok_or_else(|| Problem::not_found("workspace"))?;
    reply::ok(&json!({
        "workspace": {"id": actor.workspace, "name": row.text("workspace")?},
        "key": {
            "id": id,
            "name": row.text("name")?,
            "public_key": row.text("public_key")?,
            "role": actor.grant.role,
        },
        "permissions": actor.grant.permissions,
    }))
}
