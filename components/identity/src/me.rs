//! Who the caller is.

use assay_edge::{Ctx, Principal, Problem, Reply, reply};
use serde_json::{Value, json};

/// `GET /api/v1/me`.
pub(crate) async fn get(ctx: Ctx) -> Result<Reply, Problem> {
    ctx.only_query(&[])?;
    match &ctx.actor()?.principal {
        Principal::ApiKey { id, .. } => key(&ctx, id).await,
        Principal::User { id, session } => person(&ctx, id, session).await,
    }
}

async fn key(ctx: &Ctx, id: &str) -> Result<Reply, Problem> {
    let actor = ctx.actor()?;
    let sql = "SELECT w.name AS workspace, k.name AS name, k.public_key AS public_key FROM workspaces w \
               JOIN api_keys k ON k.workspace_id = w.id WHERE w.id = $1 AND k.id = $2";
    let row = ctx.db().await?.first(sql, [id.into()]).await?;
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

async fn person(ctx: &Ctx, id: &str, session: &str) -> Result<Reply, Problem> {
    let actor = ctx.actor()?;
    let sql = "SELECT u.email AS email, u.name AS user_name, w.id AS workspace_id, w.name AS workspace, m.role AS role \
               FROM users u JOIN members m ON m.user_id = u.id JOIN workspaces w ON w.id = m.workspace_id \
               WHERE u.id = $1 ORDER BY m.created_at, w.id";
    let rows = ctx.platform.db().await?.query(sql, [id.into()]).await?;
    let first = rows
        .first()
        .ok_or_else(|| Problem::not_found("workspace"))?;
    let mut workspace = Value::Null;
    let mut memberships = Vec::new();
    for row in &rows {
        let of = json!({"id": row.text("workspace_id")?, "name": row.text("workspace")?});
        if row.text("workspace_id")? == actor.workspace {
            workspace = of.clone();
        }
        memberships.push(json!({"workspace": of, "role": row.text("role")?}));
    }
    reply::ok(&json!({
        "workspace": workspace,
        "user": {
            "id": id,
            "email": crate::user::shown_email(&first.text("email")?),
            "name": first.text("user_name")?,
            "session_id": session,
        },
        "role": actor.grant.role,
        "permissions": actor.grant.permissions,
        "memberships": memberships,
    }))
}
