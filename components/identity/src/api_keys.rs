//! API keys. The secret is shown once, at its making; only a keyed hash of it is stored.

use crate::{filter, grants};
use assay_access::{ApiKeyPair, Permission, PermissionSet, RoleName, hash_secret};
use assay_edge::db::{Row, ScopedDb, Statement, Value};
use assay_edge::{Ctx, Cursor, Problem, ProblemKind, Reply, clock, new_id, random_bytes, reply};
use assay_model::{Timestamp, Validate, Validator};
use http::{HeaderValue, StatusCode, header};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::json;

#[derive(Serialize)]
struct ApiKey {
    id: String,
    name: String,
    public_key: String,
    role: RoleName,
    /// What the key keeps of its role's permissions; all of them when null.
    scopes: Option<PermissionSet>,
    service_account_id: Option<String>,
    created_by: Option<String>,
    created_at: Timestamp,
    expires_at: Option<Timestamp>,
    /// To the minute.
    last_used_at: Option<Timestamp>,
}

/// A key as it is shown to its maker.
#[derive(Serialize)]
struct NewApiKey {
    #[serde(flatten)]
    key: ApiKey,
    secret_key: String,
}

/// A service account's keys have its role, whatever was theirs.
const SELECT: &str = "SELECT k.id AS id, k.name AS name, k.public_key AS public_key, COALESCE(s.role, k.role) AS role, \
     k.scopes AS scopes, k.service_account_id AS service_account_id, k.created_by AS created_by, \
     k.created_at AS created_at, k.expires_at AS expires_at, k.last_used_at AS last_used_at FROM api_keys k \
     LEFT JOIN service_accounts s ON s.workspace_id = k.workspace_id AND s.id = k.service_account_id";

fn read(row: &Row) -> Result<ApiKey, Problem> {
    let time = |column| -> Result<Option<Timestamp>, Problem> {
        Ok(row.opt_int(column)?.map(Timestamp::from_micros))
    };
    Ok(ApiKey {
        id: row.text("id")?,
        name: row.text("name")?,
        public_key: row.text("public_key")?,
        role: row.text("role")?.parse().map_err(Problem::internal)?,
        scopes: row.json("scopes")?,
        service_account_id: row.opt_text("service_account_id")?,
        created_by: row.opt_text("created_by")?,
        created_at: row.time("created_at")?,
        expires_at: time("expires_at")?,
        last_used_at: time("last_used_at")?,
    })
}

/// `GET /api/v1/api-keys`: newest first, without the revoked ones.
pub(crate) async fn list(ctx: Ctx) -> Result<Reply, Problem> {
    ctx.only_query(&["limit", "cursor", "service_account_id", "role", "q"])?;
    let page = ctx.page()?;
    let role = "COALESCE(s.role, k.role)";
    let only = filter::conditions(&ctx, &ctx.db().await?, 6, role, &["k.name", "k.public_key"])?;
    let Cursor(at, id) = page
        .cursor
        .clone()
        .unwrap_or_else(|| Cursor(i64::MAX, String::new()));
    let account = ctx.query("service_account_id").unwrap_or_default();
    if account.contains('\0') {
        return Err(Problem::field("service_account_id", "is not an id"));
    }
    let sql = format!(
        "{SELECT} WHERE k.workspace_id = $1 AND k.revoked_at IS NULL AND (k.created_at, k.id) < ($2, $3) \
         AND ($5 = '' OR k.service_account_id = $5){} ORDER BY k.created_at DESC, k.id DESC LIMIT $4",
        only.sql
    );
    let mut params = vec![at.into(), id.into(), page.fetch().into(), account.into()];
    params.extend(only.params);
    let rows = ctx.db().await?.query(&sql, params).await?;
    let keys = rows.iter().map(read).collect::<Result<Vec<_>, _>>()?;
    reply::ok(&page.page(keys, |k| Cursor(k.created_at.micros(), k.id.clone())))
}

async fn find(db: &ScopedDb, id: &str) -> Result<ApiKey, Problem> {
    let sql = format!("{SELECT} WHERE k.workspace_id = $1 AND k.id = $2 AND k.revoked_at IS NULL");
    let row = db.first(&sql, [id.into()]).await?;
    read(&row.ok_or_else(|| Problem::not_found("API key"))?)
}

/// The key of the path, if the caller may change it.
async fn find_own(ctx: &Ctx, db: &ScopedDb) -> Result<ApiKey, Problem> {
    let key = find(db, grants::id(ctx, "id", "API key")?).await?;
    // A key whose role is gone may nothing, so that anyone who manages keys may take it.
    if let Some(grant) = grants::look_up(db, &key.role, key.scopes).await? {
        grants::may_handle(ctx, &grant)?;
    }
    Ok(key)
}

/// `GET /api/v1/api-keys/{id}`.
pub(crate) async fn get(ctx: Ctx) -> Result<Reply, Problem> {
    ctx.only_query(&[])?;
    let id = grants::id(&ctx, "id", "API key")?;
    reply::ok(&find(&ctx.db().await?, id).await?)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Create {
    name: String,
    role: Option<RoleName>,
    scopes: Option<Vec<Permission>>,
    service_account_id: Option<String>,
    expires_at: Option<Timestamp>,
}

impl Validate for Create {
    fn check(&self, v: &mut Validator) {
        v.name("name", &self.name, 200);
        match (&self.role, &self.service_account_id) {
            (None, None) => v.error("role", "is missing"),
            (Some(_), Some(_)) => v.error("role", "is the service account's; leave it out"),
            _ => {}
        }
        if let Some(id) = &self.service_account_id {
            v.name("service_account_id", id, 64);
        }
        let empty = self.scopes.as_ref().is_some_and(Vec::is_empty);
        v.require(
            !empty,
            "scopes",
            "must name a permission; leave it out for all",
        );
        check_expiry(v, self.expires_at);
    }
}

fn check_expiry(v: &mut Validator, expires_at: Option<Timestamp>) {
    let past = expires_at.is_some_and(|t| t <= clock::now());
    v.require(!past, "expires_at", "must be in the future");
}

/// The role that the key is to have: its own, or that of its service account.
async fn role_of(db: &ScopedDb, body: &Create) -> Result<RoleName, Problem> {
    let missing = || Problem::field("/service_account_id", "is no service account");
    match (&body.role, &body.service_account_id) {
        (Some(role), _) => Ok(role.clone()),
        (None, Some(id)) => {
            let sql = "SELECT role FROM service_accounts WHERE workspace_id = $1 AND id = $2";
            let row = db.first(sql, [id.into()]).await?.ok_or_else(missing)?;
            row.text("role")?.parse().map_err(Problem::internal)
        }
        (None, None) => Err(Problem::field("/role", "is missing")),
    }
}

/// Scopes only take away: each must be of the role.
async fn check_scopes(
    db: &ScopedDb,
    role: &RoleName,
    scopes: Option<PermissionSet>,
) -> Result<(), Problem> {
    let (Some(scopes), Some(whole)) = (scopes, grants::look_up(db, role, None).await?) else {
        return Ok(());
    };
    if whole.permissions.covers(scopes) {
        return Ok(());
    }
    let beyond = scopes.iter().filter(|p| !whole.permissions.has(*p));
    let names: PermissionSet = beyond.collect();
    let names = serde_json::to_string(&names).unwrap_or_default();
    let message = format!("names what the role does not grant: {names}");
    Err(Problem::field("/scopes", message))
}

fn scopes_text(scopes: Option<PermissionSet>) -> Result<Option<String>, Problem> {
    scopes
        .map(|s| serde_json::to_string(&s).map_err(Problem::internal))
        .transpose()
}

/// `POST /api/v1/api-keys`.
pub(crate) async fn create(mut ctx: Ctx) -> Result<Reply, Problem> {
    ctx.only_query(&[])?;
    let body: Create = ctx.json().await?;
    let db = ctx.db().await?;
    let scopes: Option<PermissionSet> = body.scopes.clone().map(Into::into);
    let role = role_of(&db, &body).await?;
    grants::may_give(&ctx, &db, &role, scopes).await?;
    check_scopes(&db, &role, scopes).await?;
    let pair = ApiKeyPair::from_random(&random_bytes()?);
    let key = ApiKey {
        id: new_id(),
        name: body.name,
        public_key: pair.public,
        role,
        scopes,
        service_account_id: body.service_account_id,
        created_by: Some(ctx.actor()?.principal.id().to_owned()),
        created_at: clock::now(),
        expires_at: body.expires_at,
        last_used_at: None,
    };
    // The role or the account may have gone since they were looked up.
    let exists = grants::role_exists("$6");
    let sql = format!(
        "INSERT INTO api_keys (workspace_id, id, name, public_key, secret_hash, role, created_by, created_at, expires_at, \
         scopes, service_account_id) SELECT CAST($1 AS TEXT), CAST($2 AS TEXT), CAST($3 AS TEXT), CAST($4 AS TEXT), \
         CAST($5 AS TEXT), CAST($6 AS TEXT), CAST($7 AS TEXT), CAST($8 AS BIGINT), CAST($9 AS BIGINT), CAST($10 AS TEXT), \
         CAST($11 AS TEXT) WHERE {exists} AND (CAST($11 AS TEXT) IS NULL OR EXISTS (SELECT 1 FROM service_accounts s \
         WHERE s.workspace_id = $1 AND s.id = $11))"
    );
    let row: [Value; 10] = [
        key.id.as_str().into(),
        key.name.as_str().into(),
        key.public_key.as_str().into(),
        hash_secret(&ctx.platform.pepper, &pair.secret).into(),
        key.role.to_string().into(),
        key.created_by.clone().into(),
        key.created_at.into(),
        key.expires_at.into(),
        scopes_text(scopes)?.into(),
        key.service_account_id.clone().into(),
    ];
    let detail = json!({
        "name": key.name, "role": key.role, "scopes": key.scopes,
        "service_account_id": key.service_account_id, "expires_at": key.expires_at,
    });
    let audit = ctx.audit("api_key.create", ("api_key", &key.id), &detail)?;
    if !db.exclusive(vec![Statement::new(sql, row), audit]).await? {
        return Err(grants::role_is_gone());
    }
    let location = HeaderValue::from_str(&format!("/api/v1/api-keys/{}", key.id))
        .map_err(Problem::internal)?;
    let mut answer = reply::json(
        StatusCode::CREATED,
        &NewApiKey {
            key,
            secret_key: pair.secret,
        },
    )?;
    answer.headers_mut().insert(header::LOCATION, location);
    Ok(answer)
}

/// SQL that is true when the key `k` is no owner's, or another way into the workspace is left to an owner: one who
/// signed in before, or another whole key that works. `$3` is now.
const KEEPS_A_WAY_IN: &str = "(k.role <> 'owner' OR k.scopes IS NOT NULL OR k.service_account_id IS NOT NULL \
     OR EXISTS (SELECT 1 FROM api_keys o WHERE o.workspace_id = $1 AND o.id <> $2 AND o.role = 'owner' \
     AND o.scopes IS NULL AND o.service_account_id IS NULL AND o.revoked_at IS NULL \
     AND (o.expires_at IS NULL OR o.expires_at > $3)) \
     OR EXISTS (SELECT 1 FROM members m JOIN users u ON u.id = m.user_id WHERE m.workspace_id = $1 \
     AND m.role = 'owner' AND u.disabled_at IS NULL AND u.last_sign_in_at IS NOT NULL))";

fn last_key() -> Problem {
    Problem::new(
        ProblemKind::Conflict,
        "This is the last key of an owner, and no owner has signed in. Create another one first.",
    )
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Change {
    name: Option<String>,
    /// Absent: as it is. Null: never.
    #[serde(default, deserialize_with = "present")]
    expires_at: Option<Option<Timestamp>>,
}

fn present<'de, D: Deserializer<'de>>(d: D) -> Result<Option<Option<Timestamp>>, D::Error> {
    Option::deserialize(d).map(Some)
}

impl Validate for Change {
    fn check(&self, v: &mut Validator) {
        if let Some(name) = &self.name {
            v.name("name", name, 200);
        }
        check_expiry(v, self.expires_at.flatten());
    }
}

/// `PATCH /api/v1/api-keys/{id}`: another name or another end.
pub(crate) async fn patch(mut ctx: Ctx) -> Result<Reply, Problem> {
    ctx.only_query(&[])?;
    let change: Change = ctx.json().await?;
    let db = ctx.db().await?;
    let old = find_own(&ctx, &db).await?;
    let key = ApiKey {
        name: change.name.unwrap_or(old.name),
        expires_at: change.expires_at.unwrap_or(old.expires_at),
        ..old
    };
    let sql = format!(
        "UPDATE api_keys AS k SET name = $4, expires_at = $5 WHERE k.workspace_id = $1 AND k.id = $2 \
         AND k.revoked_at IS NULL AND (CAST($5 AS BIGINT) IS NULL OR {KEEPS_A_WAY_IN})"
    );
    let row: [Value; 4] = [
        key.id.as_str().into(),
        clock::now().into(),
        key.name.as_str().into(),
        key.expires_at.into(),
    ];
    let detail = json!({"name": key.name, "expires_at": key.expires_at});
    let audit = ctx.audit("api_key.update", ("api_key", &key.id), &detail)?;
    if db.exclusive(vec![Statement::new(sql, row), audit]).await? {
        return reply::ok(&key);
    }
    find(&db, &key.id).await?;
    Err(last_key())
}

/// `POST /api/v1/api-keys/{id}/rotate`: a new secret; the old one is refused from the next request on.
pub(crate) async fn rotate(ctx: Ctx) -> Result<Reply, Problem> {
    ctx.only_query(&[])?;
    let db = ctx.db().await?;
    let key = find_own(&ctx, &db).await?;
    let secret = ApiKeyPair::from_random(&random_bytes()?).secret;
    let sql = "UPDATE api_keys SET secret_hash = $3 WHERE workspace_id = $1 AND id = $2 AND revoked_at IS NULL";
    let hash = hash_secret(&ctx.platform.pepper, &secret);
    let row = [key.id.as_str().into(), hash.into()];
    let detail = json!({"name": key.name});
    let audit = ctx.audit("api_key.rotate", ("api_key", &key.id), &detail)?;
    if !db.exclusive(vec![Statement::new(sql, row), audit]).await? {
        return Err(Problem::not_found("API key"));
    }
    reply::ok(&NewApiKey {
        key,
        secret_key: secret,
    })
}

/// `DELETE /api/v1/api-keys/{id}`: the next request with the key is refused.
pub(crate) async fn revoke(ctx: Ctx) -> Result<Reply, Problem> {
    ctx.only_query(&[])?;
    let db = ctx.db().await?;
    let key = find_own(&ctx, &db).await?;
    let sql = format!(
        "UPDATE api_keys AS k SET revoked_at = $3 WHERE k.workspace_id = $1 AND k.id = $2 AND k.revoked_at IS NULL \
         AND {KEEPS_A_WAY_IN}"
    );
    let row = [key.id.as_str().into(), clock::now().into()];
    let detail = json!({"name": key.name, "role": key.role});
    let audit = ctx.audit("api_key.revoke", ("api_key", &key.id), &detail)?;
    if db.exclusive(vec![Statement::new(sql, row), audit]).await? {
        return Ok(reply::no_content());
    }
    // Gone in between, or the last one.
    find(&db, &key.id).await?;
    Err(last_key())
}
