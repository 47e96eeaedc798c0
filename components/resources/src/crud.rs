//! What every resource can: list, get, create, replace, patch, delete.

use crate::idempotency::Idempotency;
use crate::merge::merge;
use crate::precondition::{self, IfMatch, etag};
use crate::resource::{Resource, Stored, columns, id, parse, to_map};
use assay_edge::db::{DbError, Statement, Value as Sql};
use assay_edge::{
    Ctx, Cursor, DEFAULT_BODY_LIMIT, Problem, ProblemKind, Reply, clock, new_id, reply,
};
use http::{HeaderName, HeaderValue, StatusCode, header};
use serde_json::{Map, Value};

/// How often a change without `If-Match` is tried anew when another change came in between.
const TRIES: u32 = 5;

/// `GET /api/v1/<table>?limit&cursor&name`: newest first.
pub(crate) async fn list<R: Resource>(ctx: Ctx) -> Result<Reply, Problem> {
    ctx.only_query(&["limit", "cursor", "name"])?;
    let page = ctx.page()?;
    let Cursor(at, id) = page
        .cursor
        .clone()
        .unwrap_or_else(|| Cursor(i64::MAX, String::new()));
    let mut params: Vec<Sql> = vec![at.into(), id.into(), page.fetch().into()];
    let mut only = "";
    if let Some(name) = ctx.query("name") {
        if name.contains('\0') {
            return Err(Problem::field(
                "name",
                "must not contain control characters",
            ));
        }
        only = "AND r.name = $5";
        params.push(name.into());
    }
    let sql = format!(
        "SELECT {} FROM {} r WHERE r.workspace_id = $1 AND r.deleted_at IS NULL AND (r.created_at, r.id) < ($2, $3) {only} \
         ORDER BY r.created_at DESC, r.id DESC LIMIT $4",
        columns::<R>(),
        R::TABLE
    );
    let rows = ctx.db().await?.query(&sql, params).await?;
    let all = rows
        .iter()
        .map(Stored::read::<R>)
        .collect::<Result<Vec<_>, _>>()?;
    let page = page.page(all, |s| Cursor(s.created_at.micros(), s.id.clone()));
    let data: Vec<Value> = page.data.iter().map(Stored::shown::<R>).collect();
    reply::ok(&assay_edge::Page {
        data,
        next_cursor: page.next_cursor,
    })
}

/// `GET /api/v1/<table>/{id}`.
pub(crate) async fn get<R: Resource>(ctx: Ctx) -> Result<Reply, Problem> {
    ctx.only_query(&[])?;
    let id = id(&ctx, "id", R::NOUN)?;
    let found = Stored::find::<R>(&ctx.db().await?, id).await?;
    answer(StatusCode::OK, &found.shown::<R>(), found.version)
}

/// `POST /api/v1/<table>`.
pub(crate) async fn create<R: Resource>(mut ctx: Ctx) -> Result<Reply, Problem> {
    ctx.only_query(&[])?;
    let body: Map<String, Value> = ctx.raw_json(DEFAULT_BODY_LIMIT).await?;
    let repeat = Idempotency::of(&ctx, R::TABLE, &body)?;
    let (spec, secret) = parse::<R>(&ctx.platform, body).await?;
    let (id, now) = (new_id(), clock::now());
    let made = Stored {
        spec: to_map::<R>(&spec)?,
        credential: secret.seal(&ctx.platform, R::TABLE, &id, None)?,
        id,
        version: 1,
        created_at: now,
        updated_at: now,
        counted: R::COUNTED.map(|_| 0),
    };
    let insert = format!(
        "INSERT INTO {} (workspace_id, id, name, spec, credential, version, created_by, created_at, updated_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $8)",
        R::TABLE
    );
    let row: [Sql; 7] = [
        made.id.as_str().into(),
        R::name(&spec).into(),
        Value::Object(made.spec.clone()).to_string().into(),
        made.credential.clone().into(),
        made.version.into(),
        ctx.actor()?.key_id.as_str().into(),
        now.into(),
    ];
    let shown = made.shown::<R>();
    let mut statements = vec![Statement::new(insert, row)];
    statements.extend(
        repeat
            .as_ref()
            .map(|r| r.keep("$6", [shown.to_string().into()])),
    );
    let db = ctx.db().await?;
    match db.batch(statements).await {
        Ok(()) => created::<R>(&shown),
        Err(DbError::Unique(cause)) => {
            if let Some(repeat) = repeat
                && let Some(first) = repeat.replay(&db).await?
            {
                let mut answer = created::<R>(&first)?;
                answer
                    .headers_mut()
                    .insert("idempotent-replayed", HeaderValue::from_static("true"));
                return Ok(answer);
            }
            Err(name_taken(R::NOUN).caused_by(cause))
        }
        Err(e) => Err(e.into()),
    }
}

/// `PUT /api/v1/<table>/{id}`: what the body leaves out gets its default; a secret it leaves out stays.
pub(crate) async fn replace<R: Resource>(ctx: Ctx) -> Result<Reply, Problem> {
    change::<R>(ctx, |_, body| body).await
}

/// `PATCH /api/v1/<table>/{id}`: JSON merge patch.
pub(crate) async fn patch<R: Resource>(ctx: Ctx) -> Result<Reply, Problem> {
    change::<R>(ctx, |mut spec, patch| {
        // What is null in the patch is not in the specification, which the secret never is: it is told apart here.
        let secret = R::SECRET.and_then(|field| patch.get(field).cloned().map(|v| (field, v)));
        merge(&mut spec, patch);
        if let Some((field, value)) = secret {
            spec.insert(field.into(), value);
        }
        spec
    })
    .await
}

type Object = Map<String, Value>;

async fn change<R: Resource>(
    mut ctx: Ctx,
    next: impl Fn(Object, Object) -> Object,
) -> Result<Reply, Problem> {
    ctx.only_query(&[])?;
    let body: Object = ctx.raw_json(DEFAULT_BODY_LIMIT).await?;
    let demanded = IfMatch::of(&ctx.headers);
    let id = id(&ctx, "id", R::NOUN)?;
    let db = ctx.db().await?;
    let sql = format!(
        "UPDATE {} SET name = $4, spec = $5, credential = $6, version = version + 1, updated_at = $7 \
         WHERE workspace_id = $1 AND id = $2 AND version = $3 AND deleted_at IS NULL",
        R::TABLE
    );
    for _ in 0..TRIES {
        let old = Stored::find::<R>(&db, id).await?;
        demanded.check(old.version)?;
        let (spec, secret) = parse::<R>(&ctx.platform, next(old.spec, body.clone())).await?;
        let new = Stored {
            spec: to_map::<R>(&spec)?,
            credential: secret.seal(&ctx.platform, R::TABLE, id, old.credential)?,
            version: old.version + 1,
            updated_at: clock::now(),
            ..old
        };
        let row: [Sql; 6] = [
            id.into(),
            old.version.into(),
            R::name(&spec).into(),
            Value::Object(new.spec.clone()).to_string().into(),
            new.credential.clone().into(),
            new.updated_at.into(),
        ];
        match db.execute(&sql, row).await {
            Ok(0) if demanded.binds() => return Err(precondition::failed()),
            // Another change came in between, or the resource is gone: the next turn tells.
            Ok(0) => {}
            Ok(_) => return answer(StatusCode::OK, &new.shown::<R>(), new.version),
            Err(DbError::Unique(cause)) => return Err(name_taken(R::NOUN).caused_by(cause)),
            Err(e) => return Err(e.into()),
        }
    }
    Err(Problem::new(
        ProblemKind::Conflict,
        "The resource is being changed by others. Try again.",
    ))
}

/// `DELETE /api/v1/<table>/{id}`: the row stays, and its name is free again.
pub(crate) async fn delete<R: Resource>(ctx: Ctx) -> Result<Reply, Problem> {
    ctx.only_query(&[])?;
    let demanded = IfMatch::of(&ctx.headers);
    let id = id(&ctx, "id", R::NOUN)?;
    let db = ctx.db().await?;
    let mut params: Vec<Sql> = vec![id.into(), clock::now().into()];
    let mut only = "";
    if demanded.binds() {
        let old = Stored::find::<R>(&db, id).await?;
        demanded.check(old.version)?;
        only = "AND version = $4";
        params.push(old.version.into());
    }
    let sql = format!(
        "UPDATE {} SET deleted_at = $3 WHERE workspace_id = $1 AND id = $2 AND deleted_at IS NULL {only}",
        R::TABLE
    );
    match db.execute(&sql, params).await? {
        0 if demanded.binds() => Err(precondition::failed()),
        0 => Err(Problem::not_found(R::NOUN)),
        _ => Ok(reply::no_content()),
    }
}

fn name_taken(noun: &str) -> Problem {
    Problem::new(
        ProblemKind::AlreadyExists,
        format!("There is another {noun} of that name."),
    )
    .naming("/name", "is taken")
}

fn answer(status: StatusCode, shown: &Value, version: i64) -> Result<Reply, Problem> {
    let mut answer = reply::json(status, shown)?;
    set(&mut answer, header::ETAG, &etag(version))?;
    Ok(answer)
}

/// 201 with what was made, now or at the first of repeated requests.
fn created<R: Resource>(shown: &Value) -> Result<Reply, Problem> {
    let version = shown.get("version").and_then(Value::as_i64).unwrap_or(1);
    let id = shown.get("id").and_then(Value::as_str).unwrap_or_default();
    let mut answer = answer(StatusCode::CREATED, shown, version)?;
    set(
        &mut answer,
        header::LOCATION,
        &format!("/api/v1/{}/{id}", R::TABLE),
    )?;
    Ok(answer)
}

fn set(reply: &mut Reply, name: HeaderName, value: &str) -> Result<(), Problem> {
    let value = HeaderValue::from_str(value).map_err(Problem::internal)?;
    reply.headers_mut().insert(name, value);
    Ok(())
}
