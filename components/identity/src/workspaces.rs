//! The workspaces of a person.

use assay_access::{Role, RoleName};
use assay_edge::audit::Who;
use assay_edge::db::{ScopedDb, Statement, Value};
use assay_edge::{Ctx, Principal, Problem, ProblemKind, Reply, clock, new_id, reply};
use assay_model::{Timestamp, Validate, Validator};
use http::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::json;

/// Workspaces that one person may be the owner of: the list is one page.
const MOST: i64 = 100;

#[derive(Serialize)]
struct Shown {
    id: String,
    name: String,
    role: RoleName,
    created_at: Timestamp,
}

/// `GET /api/v1/workspaces`: those that the caller is in. A key is in one.
pub(crate) async fn list(ctx: Ctx) -> Result<Reply, Problem> {
    ctx.only_query(&[])?;
    let actor = ctx.actor()?;
    let rows = match &actor.principal {
        Principal::User { id, .. } => {
            let sql = "SELECT w.id AS id, w.name AS name, m.role AS role, w.created_at AS created_at FROM members m \
                       JOIN workspaces w ON w.id = m.workspace_id WHERE m.user_id = $1 ORDER BY m.created_at, w.id LIMIT 1000";
            let db = ctx.platform.db().await?;
            db.query(sql, [id.into()]).await?
        }
        Principal::ApiKey { .. } => {
            let sql = "SELECT id, name, CAST($2 AS TEXT) AS role, created_at FROM workspaces WHERE id = $1";
            let role = actor.grant.role.to_string();
            ctx.db().await?.query(sql, [role.into()]).await?
        }
    };
    let mut shown = Vec::new();
    for row in &rows {
        shown.push(Shown {
            id: row.text("id")?,
            name: row.text("name")?,
            role: row.text("role")?.parse().map_err(Problem::internal)?,
            created_at: row.time("created_at")?,
        });
    }
    reply::ok(&json!({"data": shown}))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Create {
    name: String,
}

impl Validate for Create {
    fn check(&self, v: &mut Validator) {
        v.name("name", &self.name, 200);
    }
}

/// `POST /api/v1/workspaces`: a new one, whose owner the person is.
pub(crate) async fn create(mut ctx: Ctx) -> Result<Reply, Problem> {
    ctx.only_query(&[])?;
    let body: Create = ctx.json().await?;
    let person = ctx.person()?.id.clone();
    let shown = Shown {
        id: new_id(),
        name: body.name,
        role: Role::Owner.into(),
        created_at: clock::now(),
    };
    let who = Who {
        kind: "user",
        id: &person,
    };
    let audit = ctx.audit_by(
        who,
        "workspace.create",
        ("workspace", &shown.id),
        &json!({"name": shown.name}),
    );
    let workspace = "INSERT INTO workspaces (id, name, created_at, updated_at) \
         SELECT CAST($1 AS TEXT), CAST($2 AS TEXT), CAST($3 AS BIGINT), CAST($3 AS BIGINT) \
         WHERE (SELECT count(*) FROM members WHERE user_id = $4 AND role = 'owner') < $5";
    let row: [Value; 4] = [
        shown.name.as_str().into(),
        shown.created_at.into(),
        person.as_str().into(),
        MOST.into(),
    ];
    let member = "INSERT INTO members (workspace_id, user_id, role, created_at) VALUES ($1, $2, 'owner', $3)";
    let statements = vec![
        Statement::new(workspace, row),
        Statement::new(member, [person.as_str().into(), shown.created_at.into()]),
        audit,
    ];
    let db = ScopedDb::for_internal(ctx.platform.db().await?, shown.id.clone());
    if !db.exclusive(statements).await? {
        let detail = format!("You own {MOST} workspaces, which is the most.");
        return Err(Problem::new(ProblemKind::Conflict, detail));
    }
    reply::json(StatusCode::CREATED, &shown)
}
