//! Who the caller is.

use assay_access::Permission;
use assay_edge::{Ctx, Problem, Reply, reply};
use serde_json::json;

/// `GET /api/v1/me`.
pub(crate) async fn get(ctx: Ctx) -> Result<Reply, Problem> {
    ctx.only_query(&[])?;
    let actor = ctx.actor()?;
    let sql = "SELECT w.name AS workspace, k.name AS name, k.public_key AS public_key FROM workspaces w \
               JOIN api_keys k ON k.workspace_id = w.id WHERE w.id = $1 AND k.id = $2";
    let row = ctx
        .db()
        .await?
        .first(sql, [actor.key_id.as_str().into()])
        .await?;
    let row = row.ok_or_else(|| Problem::not_found("workspace"))?;
    let permissions: Vec<Permission> = Permission::ALL
        .into_iter()
        .filter(|p| actor.role.grants(*p))
        .collect();
    reply::ok(&json!({
        "workspace": {"id": actor.workspace, "name": row.text("workspace")?},
        "key": {
            "id": actor.key_id,
            "name": row.text("name")?,
            "public_key": row.text("public_key")?,
            "role": actor.role,
        },
        "permissions": permissions,
    }))
}
