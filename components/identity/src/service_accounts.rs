//! Service accounts: what CI and other programs are. Each has a role, which all its keys have.

use crate::{filter, grants};
use assay_access::RoleName;
use assay_edge::db::{DbError, Row, ScopedDb, Statement, Value};
use assay_edge::precondition::{IfMatch, etag, failed};
use assay_edge::{Ctx, Cursor, Problem, ProblemKind, Reply, clock, new_id, reply};
use assay_model::{Timestamp, Validate, Validator};
use http::{HeaderValue, StatusCode, header};
use serde::{Deserialize, Serialize};
use serde_json::json;

#[derive(Serialize)]
struct Account {
    id: String,
    name: String,
    description: String,
    role: RoleName,
    /// When its keys were switched off; null while they work.
    disabled_at: Option<Timestamp>,
    created_by: Option<String>,
    created_at: Timestamp,
    updated_at: Timestamp,
    #[serde(skip)]
    version: i64,
}

const COLUMNS: &str =
    "id, name, description, role, version, created_by, created_at, updated_at, disabled_at";

fn read(row: &Row) -> Result<Account, Problem> {
    Ok(Account {
        id: row.text("id")?,
        name: row.text("name")?,
        description: row.text("description")?,
        role: row.text("role")?.parse().map_err(Problem::internal)?,
        disabled_at: row.opt_int("disabled_at")?.map(Timestamp::from_micros),
        created_by: row.opt_text("created_by")?,
        created_at: row.time("created_at")?,
        updated_at: row.time("updated_at")?,
        version: row.int("version")?,
    })
}

fn tagged(status: StatusCode, account: &Account) -> Result<Reply, Problem> {
    let mut answer = reply::json(status, account)?;
    let tag = HeaderValue::from_str(&etag(account.version)).map_err(Problem::internal)?;
    answer.headers_mut().insert(header::ETAG, tag);
    Ok(answer)
}

/// `GET /api/v1/service-accounts`: newest first.
pub(crate) async fn list(ctx: Ctx) -> Result<Reply, Problem> {
    ctx.only_query(&["limit", "cursor", "role", "q"])?;
    let page = ctx.page()?;
    let only = filter::conditions(&ctx, &ctx.db().await?, 5, "role", &["name", "description"])?;
    let Cursor(at, id) = page
        .cursor
        .clone()
        .unwrap_or_else(|| Cursor(i64::MAX, String::new()));
    let sql = format!(
        "SELECT {COLUMNS} FROM service_accounts WHERE workspace_id = $1 AND (created_at, id) < ($2, $3){} \
         ORDER BY created_at DESC, id DESC LIMIT $4",
        only.sql
    );
    let mut params = vec![at.into(), id.into(), page.fetch().into()];
    params.extend(only.params);
    let rows = ctx.db().await?.query(&sql, params).await?;
    let accounts = rows.iter().map(read).collect::<Result<Vec<_>, _>>()?;
    reply::ok(&page.page(accounts, |a| Cursor(a.created_at.micros(), a.id.clone())))
}

async fn find(ctx: &Ctx, db: &ScopedDb) -> Result<Account, Problem> {
    let id = grants::id(ctx, "id", "service account")?;
    let sql = format!("SELECT {COLUMNS} FROM service_accounts WHERE workspace_id = $1 AND id = $2");
    let row = db.first(&sql, [id.into()]).await?;
    read(&row.ok_or_else(|| Problem::not_found("service account"))?)
}

/// `GET /api/v1/service-accounts/{id}`.
pub(crate) async fn get(ctx: Ctx) -> Result<Reply, Problem> {
    ctx.only_query(&[])?;
    tagged(StatusCode::OK, &find(&ctx, &ctx.db().await?).await?)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Create {
    name: String,
    #[serde(default)]
    description: String,
    role: RoleName,
}

fn check_description(v: &mut Validator, text: &str) {
    let fits = text.chars().count() <= 1000 && !text.contains('\0');
    v.require(fits, "description", "must have at most 1000 characters");
}

impl Validate for Create {
    fn check(&self, v: &mut Validator) {
        v.name("name", &self.name, 200);
        check_description(v, &self.description);
    }
}

fn name_taken(error: DbError) -> Problem {
    match error {
        DbError::Unique(cause) => Problem::new(
            ProblemKind::AlreadyExists,
            "A service account of this name exists already.",
        )
        .naming("/name", "is taken")
        .caused_by(cause),
        other => other.into(),
    }
}

/// `POST /api/v1/service-accounts`.
pub(crate) async fn create(mut ctx: Ctx) -> Result<Reply, Problem> {
    ctx.only_query(&[])?;
    let body: Create = ctx.json().await?;
    let db = ctx.db().await?;
    grants::may_give(&ctx, &db, &body.role, None).await?;
    let now = clock::now();
    let account = Account {
        id: new_id(),
        name: body.name,
        description: body.description,
        role: body.role,
        disabled_at: None,
        created_by: Some(ctx.actor()?.principal.id().to_owned()),
        created_at: now,
        updated_at: now,
        version: 1,
    };
    let exists = grants::role_exists("$5");
    let sql = format!(
        "INSERT INTO service_accounts (workspace_id, id, name, description, role, version, created_by, created_at, updated_at) \
         SELECT CAST($1 AS TEXT), CAST($2 AS TEXT), CAST($3 AS TEXT), CAST($4 AS TEXT), CAST($5 AS TEXT), 1, \
         CAST($6 AS TEXT), CAST($7 AS BIGINT), CAST($7 AS BIGINT) WHERE {exists}"
    );
    let row: [Value; 6] = [
        account.id.as_str().into(),
        account.name.as_str().into(),
        account.description.as_str().into(),
        account.role.to_string().into(),
        account.created_by.clone().into(),
        now.into(),
    ];
    let detail = json!({"name": account.name, "role": account.role});
    let target = ("service_account", account.id.as_str());
    let audit = ctx.audit("service_account.create", target, &detail)?;
    let statements = vec![Statement::new(sql, row), audit];
    if !db.exclusive(statements).await.map_err(name_taken)? {
        return Err(grants::role_is_gone());
    }
    let location = HeaderValue::from_str(&format!("/api/v1/service-accounts/{}", account.id))
        .map_err(Problem::internal)?;
    let mut answer = tagged(StatusCode::CREATED, &account)?;
    answer.headers_mut().insert(header::LOCATION, location);
    Ok(answer)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Change {
    name: Option<String>,
    description: Option<String>,
    role: Option<RoleName>,
}

impl Validate for Change {
    fn check(&self, v: &mut Validator) {
        if let Some(name) = &self.name {
            v.name("name", name, 200);
        }
        if let Some(text) = &self.description {
            check_description(v, text);
        }
    }
}

/// `PATCH /api/v1/service-accounts/{id}`: a new role is that of its keys at their next request.
pub(crate) async fn patch(mut ctx: Ctx) -> Result<Reply, Problem> {
    ctx.only_query(&[])?;
    let change: Change = ctx.json().await?;
    let db = ctx.db().await?;
    let old = find(&ctx, &db).await?;
    IfMatch::of(&ctx.headers).check(old.version)?;
    grants::may_touch(&ctx, &db, &old.role).await?;
    if let Some(role) = &change.role {
        grants::may_give(&ctx, &db, role, None).await?;
    }
    let account = Account {
        name: change.name.unwrap_or(old.name),
        description: change.description.unwrap_or(old.description),
        role: change.role.unwrap_or(old.role),
        ..old
    };
    let detail = json!({"name": account.name, "role": account.role});
    save(&ctx, &db, account, "service_account.update", &detail).await
}

/// Writes a changed account over the version that was read.
async fn save(
    ctx: &Ctx,
    db: &ScopedDb,
    account: Account,
    action: &str,
    detail: &serde_json::Value,
) -> Result<Reply, Problem> {
    let account = Account {
        updated_at: clock::now(),
        version: account.version + 1,
        ..account
    };
    let exists = grants::role_exists("$5");
    let sql = format!(
        "UPDATE service_accounts SET name = $3, description = $4, role = $5, disabled_at = $6, updated_at = $7, \
         version = version + 1 WHERE workspace_id = $1 AND id = $2 AND version = $8 AND (role = $5 OR {exists})"
    );
    let row: [Value; 7] = [
        account.id.as_str().into(),
        account.name.as_str().into(),
        account.description.as_str().into(),
        account.role.to_string().into(),
        account.disabled_at.into(),
        account.updated_at.into(),
        (account.version - 1).into(),
    ];
    let audit = ctx.audit(action, ("service_account", &account.id), detail)?;
    let statements = vec![Statement::new(sql, row), audit];
    if db.exclusive(statements).await.map_err(name_taken)? {
        tagged(StatusCode::OK, &account)
    } else {
        Err(failed())
    }
}

/// `POST /api/v1/service-accounts/{id}/disable`: its keys are refused from the next request on.
pub(crate) async fn disable(ctx: Ctx) -> Result<Reply, Problem> {
    switch(ctx, true).await
}

/// `POST /api/v1/service-accounts/{id}/enable`: its keys work again.
pub(crate) async fn enable(ctx: Ctx) -> Result<Reply, Problem> {
    switch(ctx, false).await
}

async fn switch(ctx: Ctx, off: bool) -> Result<Reply, Problem> {
    ctx.only_query(&[])?;
    let db = ctx.db().await?;
    let old = find(&ctx, &db).await?;
    IfMatch::of(&ctx.headers).check(old.version)?;
    grants::may_touch(&ctx, &db, &old.role).await?;
    if old.disabled_at.is_some() == off {
        return tagged(StatusCode::OK, &old);
    }
    let account = Account {
        disabled_at: off.then(clock::now),
        ..old
    };
    let action = if off {
        "service_account.disable"
    } else {
        "service_account.enable"
    };
    let detail = json!({"name": account.name});
    save(&ctx, &db, account, action, &detail).await
}

/// `DELETE /api/v1/service-accounts/{id}`, with its keys.
pub(crate) async fn delete(ctx: Ctx) -> Result<Reply, Problem> {
    ctx.only_query(&[])?;
    let db = ctx.db().await?;
    let old = find(&ctx, &db).await?;
    IfMatch::of(&ctx.headers).check(old.version)?;
    grants::may_touch(&ctx, &db, &old.role).await?;
    let sql = "DELETE FROM service_accounts WHERE workspace_id = $1 AND id = $2 AND version = $3";
    let keys = "UPDATE api_keys SET revoked_at = $3 WHERE workspace_id = $1 AND service_account_id = $2 \
         AND revoked_at IS NULL";
    let id = old.id.as_str();
    let statements = vec![
        Statement::new(sql, [id.into(), old.version.into()]),
        Statement::new(keys, [id.into(), clock::now().into()]),
        ctx.audit(
            "service_account.delete",
            ("service_account", id),
            &json!({"name": old.name}),
        )?,
    ];
    if db.exclusive(statements).await? {
        Ok(reply::no_content())
    } else {
        Err(failed())
    }
}
