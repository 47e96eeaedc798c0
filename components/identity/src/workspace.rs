//! The caller's workspace.

use assay_edge::db::{Row, ScopedDb, Statement};
use assay_edge::{Ctx, Problem, Reply, clock, reply};
use assay_model::{Timestamp, Validate, Validator};
use serde::{Deserialize, Serialize};
use serde_json::json;

#[derive(Serialize)]
struct Workspace {
    id: String,
    name: String,
    created_at: Timestamp,
    updated_at: Timestamp,
}

fn read(row: Option<Row>) -> Result<Workspace, Problem> {
    let row = row.ok_or_else(|| Problem::not_found("workspace"))?;
    Ok(Workspace {
        id: row.text("id")?,
        name: row.text("name")?,
        created_at: row.time("created_at")?,
        updated_at: row.time("updated_at")?,
    })
}

async fn find(db: &ScopedDb) -> Result<Workspace, Problem> {
    let sql = "SELECT id, name, created_at, updated_at FROM workspaces WHERE id = $1";
    read(db.first(sql, []).await?)
}

/// `GET /api/v1/workspace`.
pub(crate) async fn get(ctx: Ctx) -> Result<Reply, Problem> {
    ctx.only_query(&[])?;
    reply::ok(&find(&ctx.db().await?).await?)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Change {
    name: Option<String>,
}

impl Validate for Change {
    fn check(&self, v: &mut Validator) {
        if let Some(name) = &self.name {
            v.name("name", name, 200);
        }
    }
}

/// `PATCH /api/v1/workspace`.
pub(crate) async fn patch(mut ctx: Ctx) -> Result<Reply, Problem> {
    ctx.only_query(&[])?;
    let change: Change = ctx.json().await?;
    let db = ctx.db().await?;
    let Some(name) = change.name else {
        return reply::ok(&find(&db).await?);
    };
    let sql = "UPDATE workspaces SET name = $2, updated_at = $3 WHERE id = $1";
    let target = ("workspace", db.workspace());
    let audit = ctx.audit("workspace.update", target, &json!({"name": name}))?;
    let rename = Statement::new(sql, [name.into(), clock::now().into()]);
    db.exclusive(vec![rename, audit]).await?;
    reply::ok(&find(&db).await?)
}
