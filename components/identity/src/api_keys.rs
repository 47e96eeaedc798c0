//! API keys. The secret is shown once, at its making; only a keyed hash of it is stored.

use assay_access::{ApiKeyPair, Role, hash_secret};
use assay_edge::db::{Row, Value};
use assay_edge::{Ctx, Cursor, Problem, ProblemKind, Reply, clock, new_id, random_bytes, reply};
use assay_model::{Timestamp, Validate, Validator};
use http::{HeaderValue, StatusCode, header};
use serde::{Deserialize, Serialize};

#[derive(Serialize)]
struct ApiKey {
    id: String,
    name: String,
    public_key: String,
    role: Role,
    created_at: Timestamp,
    expires_at: Option<Timestamp>,
}

/// A key as it is shown to its maker.
#[derive(Serialize)]
struct NewApiKey {
    #[serde(flatten)]
    key: ApiKey,
    secret_key: String,
}

const COLUMNS: &str = "id, name, public_key, role, created_at, expires_at";

fn read(row: &Row) -> Result<ApiKey, Problem> {
    Ok(ApiKey {
        id: row.text("id")?,
        name: row.text("name")?,
        public_key: row.text("public_key")?,
        role: row.text("role")?.parse().map_err(Problem::internal)?,
        created_at: row.time("created_at")?,
        expires_at: row.opt_int("expires_at")?.map(Timestamp::from_micros),
    })
}

/// `GET /api/v1/api-keys`: newest first, without the revoked ones.
pub(crate) async fn list(ctx: Ctx) -> Result<Reply, Problem> {
    ctx.only_query(&["limit", "cursor"])?;
    let page = ctx.page()?;
    let Cursor(at, id) = page
        .cursor
        .clone()
        .unwrap_or_else(|| Cursor(i64::MAX, String::new()));
    let sql = format!(
        "SELECT {COLUMNS} FROM api_keys WHERE workspace_id = $1 AND revoked_at IS NULL AND (created_at, id) < ($2, $3) \
         ORDER BY created_at DESC, id DESC LIMIT $4"
    );
    let rows = ctx
        .db()
        .await?
        .query(&sql, [at.into(), id.into(), page.fetch().into()])
        .await?;
    let keys = rows.iter().map(read).collect::<Result<Vec<_>, _>>()?;
    reply::ok(&page.page(keys, |k| Cursor(k.created_at.micros(), k.id.clone())))
}

async fn find(ctx: &Ctx) -> Result<ApiKey, Problem> {
    let missing = || Problem::not_found("API key");
    let id = ctx.param("id")?;
    // Postgres has no text with NUL in it.
    if id.contains('\0') {
        return Err(missing());
    }
    let sql = format!(
        "SELECT {COLUMNS} FROM api_keys WHERE workspace_id = $1 AND id = $2 AND revoked_at IS NULL"
    );
    read(
        &ctx.db()
            .await?
            .first(&sql, [id.into()])
            .await?
            .ok_or_else(missing)?,
    )
}

/// `GET /api/v1/api-keys/{id}`.
pub(crate) async fn get(ctx: Ctx) -> Result<Reply, Problem> {
    ctx.only_query(&[])?;
    reply::ok(&find(&ctx).await?)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Create {
    name: String,
    role: Role,
    expires_at: Option<Timestamp>,
}

impl Validate for Create {
    fn check(&self, v: &mut Validator) {
        v.name("name", &self.name, 200);
    }
}

/// `POST /api/v1/api-keys`.
pub(crate) async fn create(mut ctx: Ctx) -> Result<Reply, Problem> {
    ctx.only_query(&[])?;
    let body: Create = ctx.json().await?;
    let now = clock::now();
    if body.expires_at.is_some_and(|t| t <= now) {
        return Err(Problem::field("/expires_at", "must be in the future"));
    }
    let actor = ctx.actor()?;
    if !actor.role.may_grant(body.role) {
        return Err(beyond(actor.role, body.role));
    }
    let pair = ApiKeyPair::from_random(&random_bytes()?);
    let key = ApiKey {
        id: new_id(),
        name: body.name,
        public_key: pair.public,
        role: body.role,
        created_at: now,
        expires_at: body.expires_at,
    };
    let sql = "INSERT INTO api_keys (workspace_id, id, name, public_key, secret_hash, role, created_by, created_at, expires_at) \
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
    let row: [Value; 8] = [
        key.id.as_str().into(),
        key.name.as_str().into(),
        key.public_key.as_str().into(),
        hash_secret(&ctx.platform.pepper, &pair.secret).into(),
        key.role.as_str().into(),
        actor.key_id.as_str().into(),
        now.into(),
        key.expires_at.into(),
    ];
    ctx.db().await?.execute(sql, row).await?;
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

fn beyond(own: Role, other: Role) -> Problem {
    let detail = format!(
        "The role `{}` does not reach to keys of role `{}`.",
        own.as_str(),
        other.as_str()
    );
    Problem::new(ProblemKind::Forbidden, detail)
}

/// One owner's key must be left. Two that revoke each other's must not both win: SQLite runs one writer at a time, on
/// Postgres the owners' keys are locked, in one order, before they are counted.
const REVOKE_SQLITE: &str = "UPDATE api_keys SET revoked_at = $3 WHERE workspace_id = $1 AND id = $2 \
     AND revoked_at IS NULL AND (role <> 'owner' OR EXISTS (SELECT 1 FROM api_keys o WHERE o.workspace_id = $1 \
     AND o.id <> $2 AND o.role = 'owner' AND o.revoked_at IS NULL AND (o.expires_at IS NULL OR o.expires_at > $3)))";
const REVOKE_POSTGRES: &str = "WITH owners AS (SELECT id FROM api_keys WHERE workspace_id = $1 AND role = 'owner' \
     AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > $3) ORDER BY id FOR UPDATE), \
     others AS (SELECT count(*) AS n FROM owners WHERE id <> $2) \
     UPDATE api_keys k SET revoked_at = $3 FROM others WHERE k.workspace_id = $1 AND k.id = $2 \
     AND k.revoked_at IS NULL AND (k.role <> 'owner' OR others.n > 0)";

/// `DELETE /api/v1/api-keys/{id}`: the next request with the key is refused.
pub(crate) async fn revoke(ctx: Ctx) -> Result<Reply, Problem> {
    ctx.only_query(&[])?;
    let key = find(&ctx).await?;
    let actor = ctx.actor()?;
    if !actor.role.may_grant(key.role) {
        return Err(beyond(actor.role, key.role));
    }
    let db = ctx.db().await?;
    let sql = db.pick(REVOKE_SQLITE, REVOKE_POSTGRES);
    if db
        .execute(sql, [key.id.as_str().into(), clock::now().into()])
        .await?
        > 0
    {
        return Ok(reply::no_content());
    }
    // Gone in between, or the last one.
    find(&ctx).await?;
    Err(Problem::new(
        ProblemKind::Conflict,
        "This is the last key of an owner. Create another one first.",
    ))
}
