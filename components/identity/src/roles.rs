//! Roles: the five, and those that a workspace makes for itself as sets of permissions.

use crate::grants;
use assay_access::{Grant, Permission, PermissionSet, Role, RoleName};
use assay_edge::db::{Row, ScopedDb, Statement, Value};
use assay_edge::precondition::{IfMatch, etag, failed};
use assay_edge::{Ctx, Problem, ProblemKind, Reply, clock, new_id, reply};
use assay_model::{Timestamp, Validate, Validator};
use http::{HeaderValue, StatusCode, header};
use serde::{Deserialize, Serialize};
use serde_json::json;

/// Roles that a workspace may have of its own: the list is one page.
const MOST: i64 = 100;

#[derive(Serialize)]
struct Shown {
    /// What members and keys name it by.
    role: RoleName,
    name: String,
    description: String,
    built_in: bool,
    permissions: PermissionSet,
    created_by: Option<String>,
    created_at: Option<Timestamp>,
    updated_at: Option<Timestamp>,
    #[serde(skip)]
    version: i64,
}

const COLUMNS: &str =
    "id, name, description, permissions, version, created_by, created_at, updated_at";

fn read(row: &Row) -> Result<Shown, Problem> {
    Ok(Shown {
        role: RoleName::Custom(row.text("id")?),
        name: row.text("name")?,
        description: row.text("description")?,
        built_in: false,
        permissions: row.json("permissions")?,
        created_by: row.opt_text("created_by")?,
        created_at: Some(row.time("created_at")?),
        updated_at: Some(row.time("updated_at")?),
        version: row.int("version")?,
    })
}

fn built_in(role: Role) -> Shown {
    let description = match role {
        Role::Owner => "May do everything.",
        Role::Admin => "May do everything but give the workspace away.",
        Role::Editor => "Builds and runs evaluations.",
        Role::Reviewer => "Sees everything and gives scores.",
        Role::Viewer => "Sees everything.",
    };
    Shown {
        role: role.into(),
        name: role.as_str().to_owned(),
        description: description.to_owned(),
        built_in: true,
        permissions: role.permissions(),
        created_by: None,
        created_at: None,
        updated_at: None,
        version: 0,
    }
}

fn tagged(mut answer: Reply, role: &Shown) -> Reply {
    if let Ok(tag) = HeaderValue::from_str(&etag(role.version)) {
        answer.headers_mut().insert(header::ETAG, tag);
    }
    answer
}

/// `GET /api/v1/roles`: the five, then the workspace's own by name.
pub(crate) async fn list(ctx: Ctx) -> Result<Reply, Problem> {
    ctx.only_query(&[])?;
    let sql = format!("SELECT {COLUMNS} FROM roles WHERE workspace_id = $1 ORDER BY name");
    let rows = ctx.db().await?.query(&sql, []).await?;
    let mut roles: Vec<Shown> = Role::ALL.into_iter().map(built_in).collect();
    for row in &rows {
        roles.push(read(row)?);
    }
    reply::ok(&json!({"data": roles}))
}

/// The role by the name in the path: `viewer`, `custom:<id>`, or the bare id.
async fn find(ctx: &Ctx, db: &ScopedDb) -> Result<Shown, Problem> {
    let name = grants::id(ctx, "id", "role")?;
    if let Ok(role) = name.parse::<Role>() {
        return Ok(built_in(role));
    }
    let id = name.strip_prefix("custom:").unwrap_or(name);
    let sql = format!("SELECT {COLUMNS} FROM roles WHERE workspace_id = $1 AND id = $2");
    let row = db.first(&sql, [id.into()]).await?;
    read(&row.ok_or_else(|| Problem::not_found("role"))?)
}

/// The role by the name in the path, if it is one that can be changed.
async fn find_own(ctx: &Ctx, db: &ScopedDb) -> Result<(String, Shown), Problem> {
    let shown = find(ctx, db).await?;
    match &shown.role {
        RoleName::Custom(id) => Ok((id.clone(), shown)),
        RoleName::BuiltIn(_) => Err(Problem::new(
            ProblemKind::Conflict,
            "A built-in role cannot be changed.",
        )),
    }
}

/// `GET /api/v1/roles/{id}`.
pub(crate) async fn get(ctx: Ctx) -> Result<Reply, Problem> {
    ctx.only_query(&[])?;
    let shown = find(&ctx, &ctx.db().await?).await?;
    let answer = reply::ok(&shown)?;
    Ok(if shown.built_in {
        answer
    } else {
        tagged(answer, &shown)
    })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Create {
    name: String,
    #[serde(default)]
    description: String,
    permissions: Vec<Permission>,
}

fn check(v: &mut Validator, name: Option<&str>, description: Option<&str>) {
    if let Some(name) = name {
        v.name("name", name, 100);
        let taken = name.parse::<Role>().is_ok();
        v.require(!taken, "name", "is the name of a built-in role");
    }
    if let Some(text) = description {
        let fits = text.chars().count() <= 1000 && !text.contains('\0');
        v.require(fits, "description", "must have at most 1000 characters");
    }
}

fn check_permissions(v: &mut Validator, permissions: &[Permission]) {
    let owners = permissions.contains(&Permission::OwnershipTransfer);
    v.require(
        !owners,
        "permissions",
        "must not have ownership_transfer, which is the owner's alone",
    );
}

impl Validate for Create {
    fn check(&self, v: &mut Validator) {
        check(v, Some(&self.name), Some(&self.description));
        check_permissions(v, &self.permissions);
    }
}

fn name_taken(error: assay_edge::db::DbError) -> Problem {
    match error {
        assay_edge::db::DbError::Unique(cause) => Problem::new(
            ProblemKind::AlreadyExists,
            "A role of this name exists already.",
        )
        .naming("/name", "is taken")
        .caused_by(cause),
        other => other.into(),
    }
}

fn list_of(permissions: PermissionSet) -> Result<String, Problem> {
    serde_json::to_string(&permissions).map_err(Problem::internal)
}

/// `POST /api/v1/roles`.
pub(crate) async fn create(mut ctx: Ctx) -> Result<Reply, Problem> {
    ctx.only_query(&[])?;
    let body: Create = ctx.json().await?;
    let permissions: PermissionSet = body.permissions.into();
    let (id, now) = (new_id(), clock::now());
    let role = RoleName::Custom(id.clone());
    grants::may_handle(&ctx, &Grant::new(role.clone(), Some(permissions), None))?;
    let shown = Shown {
        role,
        name: body.name,
        description: body.description,
        built_in: false,
        permissions,
        created_by: Some(ctx.actor()?.principal.id().to_owned()),
        created_at: Some(now),
        updated_at: Some(now),
        version: 1,
    };
    let sql = "INSERT INTO roles (workspace_id, id, name, description, permissions, version, created_by, created_at, updated_at) \
               SELECT CAST($1 AS TEXT), CAST($2 AS TEXT), CAST($3 AS TEXT), CAST($4 AS TEXT), CAST($5 AS TEXT), 1, \
               CAST($6 AS TEXT), CAST($7 AS BIGINT), CAST($7 AS BIGINT) \
               WHERE (SELECT count(*) FROM roles WHERE workspace_id = $1) < $8";
    let row: [Value; 7] = [
        id.as_str().into(),
        shown.name.as_str().into(),
        shown.description.as_str().into(),
        list_of(permissions)?.into(),
        shown.created_by.clone().into(),
        now.into(),
        MOST.into(),
    ];
    let detail = json!({"name": shown.name, "permissions": permissions});
    let audit = ctx.audit("role.create", ("role", &id), &detail)?;
    let statements = vec![Statement::new(sql, row), audit];
    if !ctx
        .db()
        .await?
        .exclusive(statements)
        .await
        .map_err(name_taken)?
    {
        let detail = format!("A workspace has at most {MOST} roles of its own.");
        return Err(Problem::new(ProblemKind::Conflict, detail));
    }
    let mut answer = tagged(reply::json(StatusCode::CREATED, &shown)?, &shown);
    let location = HeaderValue::from_str(&format!("/api/v1/roles/{}", shown.role));
    let location = location.map_err(Problem::internal)?;
    answer.headers_mut().insert(header::LOCATION, location);
    Ok(answer)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Change {
    name: Option<String>,
    description: Option<String>,
    permissions: Option<Vec<Permission>>,
}

impl Validate for Change {
    fn check(&self, v: &mut Validator) {
        check(v, self.name.as_deref(), self.description.as_deref());
        check_permissions(v, self.permissions.as_deref().unwrap_or_default());
    }
}

/// `PATCH /api/v1/roles/{id}`: who holds the role may more or less at the next request.
pub(crate) async fn patch(mut ctx: Ctx) -> Result<Reply, Problem> {
    ctx.only_query(&[])?;
    let change: Change = ctx.json().await?;
    let db = ctx.db().await?;
    let (id, old) = find_own(&ctx, &db).await?;
    IfMatch::of(&ctx.headers).check(old.version)?;
    // Neither a role that has more than the changer is changed, nor one given more than the changer has.
    let permissions: PermissionSet = change.permissions.map_or(old.permissions, Into::into);
    for set in [old.permissions, permissions] {
        grants::may_handle(&ctx, &Grant::new(old.role.clone(), Some(set), None))?;
    }
    let shown = Shown {
        name: change.name.unwrap_or(old.name),
        description: change.description.unwrap_or(old.description),
        permissions,
        updated_at: Some(clock::now()),
        version: old.version + 1,
        ..old
    };
    let sql = "UPDATE roles SET name = $3, description = $4, permissions = $5, updated_at = $6, version = version + 1 \
               WHERE workspace_id = $1 AND id = $2 AND version = $7";
    let row: [Value; 6] = [
        id.as_str().into(),
        shown.name.as_str().into(),
        shown.description.as_str().into(),
        list_of(permissions)?.into(),
        clock::now().into(),
        (shown.version - 1).into(),
    ];
    let detail = json!({"name": shown.name, "permissions": permissions});
    let audit = ctx.audit("role.update", ("role", &id), &detail)?;
    let statements = vec![Statement::new(sql, row), audit];
    if !db.exclusive(statements).await.map_err(name_taken)? {
        return Err(failed());
    }
    Ok(tagged(reply::ok(&shown)?, &shown))
}

/// SQL of everyone who has a role: kind, id and what they are called. Parameters: `$2` is the role's name, `$3` now.
const USERS: &str = "SELECT 'member' AS kind, m.user_id AS id, u.email AS label FROM members m \
     JOIN users u ON u.id = m.user_id WHERE m.workspace_id = $1 AND m.role = $2 \
     UNION ALL SELECT 'api_key', k.id, k.name FROM api_keys k WHERE k.workspace_id = $1 AND k.role = $2 \
     AND k.revoked_at IS NULL AND k.service_account_id IS NULL \
     UNION ALL SELECT 'service_account', s.id, s.name FROM service_accounts s WHERE s.workspace_id = $1 AND s.role = $2 \
     UNION ALL SELECT 'invitation', i.id, i.email FROM invitations i WHERE i.workspace_id = $1 AND i.role = $2 \
     AND i.accepted_at IS NULL AND i.revoked_at IS NULL AND i.expires_at > $3";

/// `DELETE /api/v1/roles/{id}`: only one that nobody has.
pub(crate) async fn delete(ctx: Ctx) -> Result<Reply, Problem> {
    ctx.only_query(&[])?;
    let db = ctx.db().await?;
    let (id, old) = find_own(&ctx, &db).await?;
    IfMatch::of(&ctx.headers).check(old.version)?;
    grants::may_handle(
        &ctx,
        &Grant::new(old.role.clone(), Some(old.permissions), None),
    )?;
    let sql = format!(
        "DELETE FROM roles WHERE workspace_id = $1 AND id = $4 AND version = $5 AND NOT EXISTS ({USERS})"
    );
    let role = old.role.to_string();
    let now = clock::now();
    let row: [Value; 4] = [
        role.as_str().into(),
        now.into(),
        id.as_str().into(),
        old.version.into(),
    ];
    let audit = ctx.audit("role.delete", ("role", &id), &json!({"name": old.name}))?;
    if db.exclusive(vec![Statement::new(sql, row), audit]).await? {
        return Ok(reply::no_content());
    }
    let sql = format!("{USERS} ORDER BY kind, label LIMIT 20");
    let users = db.query(&sql, [role.into(), now.into()]).await?;
    if users.is_empty() {
        return Err(failed());
    }
    let mut problem = Problem::new(
        ProblemKind::Conflict,
        "The role is in use. Give its holders another one first.",
    );
    for user in &users {
        let label = user.text("label")?;
        let label = crate::user::shown_email(&label).unwrap_or("a person");
        let kind = user.text("kind")?;
        problem = problem.naming(
            format!("{kind}/{}", user.text("id")?),
            format!("{label} has it"),
        );
    }
    Err(problem)
}
