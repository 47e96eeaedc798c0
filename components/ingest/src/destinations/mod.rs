//! Where a workspace's traces are forwarded to, as its people manage it. The credential is sealed and never shown; what has
//! become of the traces is counted and told. [`crate::forward`] does the sending.

mod stored;
mod target;

pub(crate) use stored::{Destination, TABLE, find_by_id};

use crate::forward;
use assay_edge::db::{DbError, ScopedDb, Statement, Value as Sql};
use assay_edge::merge::merge;
use assay_edge::precondition::{IfMatch, etag, failed};
use assay_edge::traces::{Source, can_run};
use assay_edge::write_only::Secret;
use assay_edge::{
    Ctx, Cursor, DEFAULT_BODY_LIMIT, Problem, ProblemKind, Reply, clock, new_id, parse_json, reply,
};
use assay_model::{DestinationAuth, DestinationKind, DestinationSpec, Validate};
use http::{HeaderValue, StatusCode, header};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};
use stored::{COLUMNS, Shown};

/// Most destinations of a workspace: each one costs every batch a little.
const MOST: i64 = 20;

/// The write-only field.
const CREDENTIAL: Option<&str> = Some("credential");

fn tagged(status: StatusCode, destination: &Destination) -> Result<Reply, Problem> {
    let mut answer = reply::json(status, &Shown::of(destination))?;
    let tag = HeaderValue::from_str(&etag(destination.version)).map_err(Problem::internal)?;
    answer.headers_mut().insert(header::ETAG, tag);
    Ok(answer)
}

/// A query parameter that is one of the names of `T`; an empty one counts as absent.
fn one_of<T: DeserializeOwned>(ctx: &Ctx, name: &str) -> Result<Option<T>, Problem> {
    let Some(text) = ctx.query(name).filter(|text| !text.is_empty()) else {
        return Ok(None);
    };
    let value = serde_json::from_value(json!(text));
    value
        .map(Some)
        .map_err(|e| Problem::field(name, e.to_string()))
}

/// `GET /api/v1/ingest/destinations`: newest first.
pub(crate) async fn list(ctx: Ctx) -> Result<Reply, Problem> {
    ctx.only_query(&["limit", "cursor", "kind", "enabled"])?;
    let page = ctx.page()?;
    let kind: Option<DestinationKind> = one_of(&ctx, "kind")?;
    let enabled = match ctx.query("enabled").unwrap_or_default() {
        "" => None,
        "true" => Some(true),
        "false" => Some(false),
        _ => return Err(Problem::field("enabled", "must be `true` or `false`")),
    };
    let Cursor(at, id) = page
        .cursor
        .clone()
        .unwrap_or_else(|| Cursor(i64::MAX, String::new()));
    let mut params: Vec<Sql> = vec![at.into(), id.into(), page.fetch().into()];
    let mut only = String::new();
    if let Some(kind) = kind {
        params.push(kind.as_str().into());
        only.push_str(&format!(" AND kind = ${}", params.len() + 1));
    }
    if let Some(enabled) = enabled {
        params.push(enabled.into());
        only.push_str(&format!(" AND enabled = ${}", params.len() + 1));
    }
    let sql = format!(
        "SELECT {COLUMNS} FROM {TABLE} d WHERE workspace_id = $1 AND (created_at, id) < ($2, $3){only} \
         ORDER BY created_at DESC, id DESC LIMIT $4"
    );
    let rows = ctx.db().await?.query(&sql, params).await?;
    let found = rows.iter().map(Destination::read);
    let found = found.collect::<Result<Vec<_>, _>>()?;
    let shown: Vec<Shown> = found.iter().map(Shown::of).collect();
    reply::ok(&page.page(shown, Shown::place))
}

/// The destination that the path names.
async fn find(ctx: &Ctx, db: &ScopedDb) -> Result<Destination, Problem> {
    let id = ctx.param("id")?;
    // Postgres has no text with NUL in it; no id has one either.
    let found = if id.contains('\0') {
        None
    } else {
        find_by_id(db, id).await?
    };
    found.ok_or_else(|| Problem::not_found("destination"))
}

/// `GET /api/v1/ingest/destinations/{id}`.
pub(crate) async fn get(ctx: Ctx) -> Result<Reply, Problem> {
    ctx.only_query(&[])?;
    tagged(StatusCode::OK, &find(&ctx, &ctx.db().await?).await?)
}

/// What a body says, checked in itself and against the installation. `has_credential` tells whether there will be one.
fn checked(
    ctx: &Ctx,
    body: &Map<String, Value>,
    has_credential: bool,
) -> Result<DestinationSpec, Problem> {
    let bytes = serde_json::to_vec(body).map_err(Problem::internal)?;
    let spec: DestinationSpec = parse_json(&bytes)?;
    spec.validate().map_err(Problem::validation)?;
    let filter = spec.conditions().map_err(Problem::validation)?;
    can_run(Source::Observations, "/filter", &filter)?;
    target::check(ctx, &spec)?;
    match (&spec.auth, has_credential) {
        (DestinationAuth::None {}, true) => {
            let message = "must say how the credential is presented";
            Err(Problem::field("/auth", message))
        }
        (DestinationAuth::None {}, false) | (_, true) => Ok(spec),
        (_, false) => Err(Problem::field("/credential", "is needed by `auth`")),
    }
}

fn name_taken(error: DbError) -> Problem {
    match error {
        DbError::Unique(cause) => Problem::new(
            ProblemKind::AlreadyExists,
            "A destination of this name exists already.",
        )
        .naming("/name", "is taken")
        .caused_by(cause),
        other => other.into(),
    }
}

/// What the audit log is told. Neither a header nor the end of the URL, where people put what they should not.
fn detail(spec: &DestinationSpec, secret: &Secret) -> Value {
    json!({
        "name": spec.name,
        "kind": spec.kind,
        "origin": target::origin(&spec.url),
        "enabled": spec.enabled,
        "sampling_rate": spec.sampling_rate,
        "credential": secret.told(),
    })
}

/// `POST /api/v1/ingest/destinations`.
pub(crate) async fn create(mut ctx: Ctx) -> Result<Reply, Problem> {
    ctx.only_query(&[])?;
    let mut body: Map<String, Value> = ctx.raw_json(DEFAULT_BODY_LIMIT).await?;
    let secret = Secret::take(&mut body, CREDENTIAL)?;
    let spec = checked(&ctx, &body, matches!(secret, Secret::Set(_)))?;
    let db = ctx.db().await?;
    let (id, now) = (new_id(), clock::now());
    let sealed = secret.seal(&ctx.platform, TABLE, &id, None)?;
    let actor = ctx.actor()?.principal.id().to_owned();
    let sql = format!(
        "INSERT INTO {TABLE} (workspace_id, id, name, kind, enabled, sampling_rate, spec, credential, version, created_by, \
         created_at, updated_by, updated_at, sent, failed, dropped, failures, retry_at, lease_until) \
         SELECT CAST($1 AS TEXT), CAST($2 AS TEXT), CAST($3 AS TEXT), CAST($4 AS TEXT), CAST($5 AS BIGINT), \
         CAST($6 AS DOUBLE PRECISION), CAST($7 AS TEXT), CAST($8 AS TEXT), 1, CAST($9 AS TEXT), CAST($10 AS BIGINT), \
         CAST($9 AS TEXT), CAST($10 AS BIGINT), 0, 0, 0, 0, 0, 0 \
         WHERE (SELECT count(*) FROM {TABLE} WHERE workspace_id = $1) < {MOST}"
    );
    let row: [Sql; 9] = [
        id.as_str().into(),
        spec.name.as_str().into(),
        spec.kind.as_str().into(),
        spec.enabled.into(),
        spec.sampling_rate.into(),
        serde_json::to_string(&spec)
            .map_err(Problem::internal)?
            .into(),
        sealed.into(),
        actor.into(),
        now.into(),
    ];
    let target = ("forward_destination", id.as_str());
    let audit = ctx.audit(
        "forward_destination.create",
        target,
        &detail(&spec, &secret),
    )?;
    let statements = vec![Statement::new(sql, row), audit];
    if !db.exclusive(statements).await.map_err(name_taken)? {
        let detail = format!("A workspace has at most {MOST} destinations.");
        return Err(Problem::new(ProblemKind::Conflict, detail));
    }
    assay_edge::forward::forget(db.workspace());
    let made = find_by_id(&db, &id).await?;
    let made = made.ok_or_else(|| Problem::not_found("destination"))?;
    let mut answer = tagged(StatusCode::CREATED, &made)?;
    let location = format!("/api/v1/ingest/destinations/{id}");
    let location = HeaderValue::from_str(&location).map_err(Problem::internal)?;
    answer.headers_mut().insert(header::LOCATION, location);
    Ok(answer)
}

/// `PATCH /api/v1/ingest/destinations/{id}`: JSON merge patch. What waits is tried again at once.
pub(crate) async fn patch(mut ctx: Ctx) -> Result<Reply, Problem> {
    ctx.only_query(&[])?;
    let mut change: Map<String, Value> = ctx.raw_json(DEFAULT_BODY_LIMIT).await?;
    let secret = Secret::take(&mut change, CREDENTIAL)?;
    let db = ctx.db().await?;
    let old = find(&ctx, &db).await?;
    IfMatch::of(&ctx.headers).check(old.version)?;
    let Value::Object(mut body) = json!(old.spec) else {
        return Err(Problem::internal("a destination that is no object"));
    };
    // Of the ways to present a credential each has fields of its own.
    if change.get("auth").is_some_and(Value::is_object) {
        body.remove("auth");
    }
    merge(&mut body, change);
    let has_credential = match &secret {
        Secret::Keep => old.credential.is_some(),
        Secret::Clear => false,
        Secret::Set(_) => true,
    };
    let spec = checked(&ctx, &body, has_credential)?;
    // It was entrusted for where it went: whoever may change the address must not read it there.
    let moved = target::origin(&spec.url) != target::origin(&old.spec.url);
    if moved && secret == Secret::Keep && old.credential.is_some() {
        let message = "must be given again when `url` leads to another server; null removes it";
        return Err(Problem::field("/credential", message));
    }
    let sealed = secret.seal(&ctx.platform, TABLE, &old.id, old.credential.clone())?;
    let sql = format!(
        "UPDATE {TABLE} SET name = $3, kind = $4, enabled = $5, sampling_rate = $6, spec = $7, credential = $8, \
         updated_by = $9, updated_at = $10, version = version + 1, failures = 0, retry_at = 0 \
         WHERE workspace_id = $1 AND id = $2 AND version = $11"
    );
    let row: [Sql; 10] = [
        old.id.as_str().into(),
        spec.name.as_str().into(),
        spec.kind.as_str().into(),
        spec.enabled.into(),
        spec.sampling_rate.into(),
        serde_json::to_string(&spec)
            .map_err(Problem::internal)?
            .into(),
        sealed.into(),
        ctx.actor()?.principal.id().into(),
        clock::now().into(),
        old.version.into(),
    ];
    let target = ("forward_destination", old.id.as_str());
    let audit = ctx.audit(
        "forward_destination.update",
        target,
        &detail(&spec, &secret),
    )?;
    let statements = vec![Statement::new(sql, row), audit];
    if !db.guarded_batch(statements).await.map_err(name_taken)? {
        return Err(failed());
    }
    assay_edge::forward::forget(db.workspace());
    tagged(StatusCode::OK, &find(&ctx, &db).await?)
}

/// `DELETE /api/v1/ingest/destinations/{id}`, with what waits for it.
pub(crate) async fn delete(ctx: Ctx) -> Result<Reply, Problem> {
    ctx.only_query(&[])?;
    let db = ctx.db().await?;
    let old = find(&ctx, &db).await?;
    IfMatch::of(&ctx.headers).check(old.version)?;
    let sql = format!("DELETE FROM {TABLE} WHERE workspace_id = $1 AND id = $2 AND version = $3");
    let waiting = "DELETE FROM forward_queue WHERE workspace_id = $1 AND destination_id = $2";
    let id = old.id.as_str();
    let statements = vec![
        Statement::new(sql, [id.into(), old.version.into()]),
        Statement::new(waiting, [id.into()]),
        ctx.audit(
            "forward_destination.delete",
            ("forward_destination", id),
            &json!({"name": old.spec.name}),
        )?,
    ];
    if !db.guarded_batch(statements).await? {
        return Err(failed());
    }
    assay_edge::forward::forget(db.workspace());
    Ok(reply::no_content())
}

/// `POST /api/v1/ingest/destinations/{id}/test`: 200 also when the other side refuses, with what it said.
pub(crate) async fn test(ctx: Ctx) -> Result<Reply, Problem> {
    ctx.only_query(&[])?;
    let destination = find(&ctx, &ctx.db().await?).await?;
    reply::ok(&forward::probe(&ctx.platform, &destination).await?)
}
