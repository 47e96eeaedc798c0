//! What every resource can: get, create, replace, patch, delete. Lists are in [`crate::listing`].

use crate::idempotency::Idempotency;
use crate::models::Models;
use crate::place::{Params, Place};
use crate::precondition::{self, IfMatch, etag};
use crate::programs::Programs;
use crate::resource::{Resource, Stored, id, parse, search, to_map};
use crate::snapshot::all;
use crate::{secrets, versions};
use assay_edge::db::{DbError, ScopedDb, Statement, Value as Sql};
use assay_edge::merge::merge;
use assay_edge::{Ctx, DEFAULT_BODY_LIMIT, Problem, ProblemKind, Reply, clock, new_id, reply};
use assay_model::FieldError;
use http::{HeaderName, HeaderValue, StatusCode, header};
use serde_json::{Map, Value, json};

/// How often a change without `If-Match` is tried anew when another change came in between.
const TRIES: u32 = 5;

/// `GET /api/v1/<table>/{id}`.
pub(crate) async fn get<R: Resource>(ctx: Ctx) -> Result<Reply, Problem> {
    ctx.only_query(&[])?;
    let id = id(&ctx, R::ID, R::NOUN)?;
    let db = ctx.db().await?;
    let place = Place::of::<R>(&ctx, &db).await?;
    let found = Stored::find::<R>(&db, &place, id).await?;
    answer(StatusCode::OK, &found.shown::<R>(), found.version)
}

/// `POST /api/v1/<table>`.
pub(crate) async fn create<R: Resource>(mut ctx: Ctx) -> Result<Reply, Problem> {
    ctx.only_query(&[])?;
    let mut body: Map<String, Value> = ctx.raw_json(DEFAULT_BODY_LIMIT).await?;
    let db = ctx.db().await?;
    let place = Place::of::<R>(&ctx, &db).await?;
    R::begin(&db).await?;
    let scope = place.parent().map_or_else(
        || R::TABLE.to_owned(),
        |parent| format!("{}/{parent}", R::TABLE),
    );
    let repeat = Idempotency::of(&ctx, &scope, &body)?;
    let apart = R::apart(&mut body)?;
    let (spec, secret) = parse::<R>(&ctx.platform, &ctx.actor()?.workspace, body).await?;
    R::check_secret(None, &spec, &secret)?;
    let (id, now) = (new_id(), clock::now());
    references::<R>(&db, &id, &spec).await?;
    let actor = ctx.actor()?.principal.id().to_owned();
    let mut kept = to_map::<R>(&spec)?;
    kept.extend(apart.iter().flat_map(|a| a.known.clone()));
    let made = Stored {
        spec: kept,
        credential: secret.seal(&ctx.platform, R::TABLE, &id, None)?,
        id,
        version: 1,
        created_by: Some(actor.clone()),
        created_at: now,
        updated_at: now,
        deleted_at: None,
        counted: R::COUNTED.map(|_| 0),
        last_version: 0,
        labels: Map::new(),
    };
    let shown = made.shown::<R>();
    let mut statements = insert::<R>(&place, &spec, &made);
    statements.extend(apart.iter().map(|a| (a.keep)(&made.id)));
    if R::SECRET.is_some() {
        let detail = json!({"name": R::name(&spec), "credential": secret.told()});
        statements.push(audit::<R>(&ctx, "create", &made.id, &detail)?);
    }
    statements.extend(
        repeat
            .iter()
            .flat_map(|r| r.keep("$6", [shown.to_string().into()])),
    );
    match db.batch(statements).await {
        Ok(()) => created::<R>(&place, &shown),
        Err(DbError::Unique(cause)) => {
            if let Some(repeat) = repeat
                && let Some(first) = repeat.replay(&db).await?
            {
                let mut answer = created::<R>(&place, &first)?;
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

/// Writes a new resource, with its first version where versions are kept.
pub(crate) fn insert<R: Resource>(place: &Place, spec: &R::Spec, made: &Stored) -> Vec<Statement> {
    let (parent, value) = match place.parent() {
        Some(_) => (", parent_id", ", $9"),
        None => ("", ""),
    };
    let sql = format!(
        "INSERT INTO {} (workspace_id, id, name, spec, search, credential, version, created_by, created_at, updated_at{parent}) \
         VALUES ($1, $2, $3, $4, $5, $6, 1, $7, $8, $8{value})",
        R::TABLE
    );
    let mut row: Vec<Sql> = vec![
        made.id.as_str().into(),
        R::name(spec).into(),
        Value::Object(made.spec.clone()).to_string().into(),
        search::<R>(spec).into(),
        made.credential.clone().into(),
        made.created_by.clone().into(),
        made.created_at.into(),
    ];
    row.extend(place.parent().map(Sql::from));
    let mut statements = vec![Statement::new(sql, row)];
    if R::VERSIONED {
        statements.push(versions::keep::<R>(
            &made.id,
            made.created_by.as_deref(),
            made.created_at,
        ));
    }
    statements
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
        for field in R::OF_ONE_VERSION {
            spec.remove(*field);
        }
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
    R::unchanging(&body)?;
    let demanded = IfMatch::of(&ctx.headers);
    let id = id(&ctx, R::ID, R::NOUN)?;
    let db = ctx.db().await?;
    let place = Place::of::<R>(&ctx, &db).await?;
    let actor = ctx.actor()?.principal.id();
    for _ in 0..TRIES {
        let mut old = Stored::find::<R>(&db, &place, id).await?;
        demanded.check(old.version)?;
        let known = R::KNOWN.iter().filter_map(|field| {
            let value = old.spec.remove(*field)?;
            Some(((*field).to_owned(), value))
        });
        let known: Object = known.collect();
        let (seen, next_version) = (old.version, old.next_version());
        let before = old.spec.clone();
        let (spec, secret) = parse::<R>(
            &ctx.platform,
            &ctx.actor()?.workspace,
            next(old.spec, body.clone()),
        )
        .await?;
        R::check_secret(Some(&before), &spec, &secret)?;
        references::<R>(&db, id, &spec).await?;
        let mut kept = to_map::<R>(&spec)?;
        kept.extend(known);
        let new = Stored {
            spec: kept,
            credential: secret.seal(&ctx.platform, R::TABLE, id, old.credential)?,
            version: next_version,
            updated_at: clock::now(),
            ..old
        };
        let mut statements = update::<R>(&place, &spec, &new, seen, actor);
        if R::SECRET.is_some() {
            let detail = json!({"name": R::name(&spec), "credential": secret.told()});
            statements.push(audit::<R>(&ctx, "update", id, &detail)?);
        }
        match db.guarded_batch(statements).await {
            Ok(false) if demanded.binds() => return Err(precondition::failed()),
            // Another change came in between, or the resource is gone: the next turn tells.
            Ok(false) => {}
            Ok(true) => return answer(StatusCode::OK, &new.shown::<R>(), new.version),
            Err(DbError::Unique(cause)) => return Err(name_taken(R::NOUN).caused_by(cause)),
            Err(e) => return Err(e.into()),
        }
    }
    Err(contended())
}

/// Whatever it refers to is there, and is not itself.
pub(crate) async fn references<R: Resource>(
    db: &ScopedDb,
    id: &str,
    spec: &R::Spec,
) -> Result<(), Problem> {
    let itself = |(field, other): &(String, &str)| {
        (*other == id).then(|| FieldError {
            field: field.clone(),
            message: "is the resource itself".into(),
        })
    };
    let (others, models) = (R::references(spec), R::models(spec));
    let mut wrong: Vec<FieldError> = others.iter().filter_map(itself).collect();
    let others = others.into_iter().filter(|(_, other)| *other != id);
    wrong.extend(missing::<R>(db, others.collect()).await?);
    wrong.extend(missing::<Models>(db, models).await?);
    wrong.extend(secrets::missing(db, R::secrets(spec)).await?);
    wrong.extend(missing::<Programs>(db, R::programs(spec)).await?);
    if wrong.is_empty() {
        Ok(())
    } else {
        Err(Problem::validation(wrong))
    }
}

/// What is said of those that are not there.
async fn missing<R: Resource>(
    db: &ScopedDb,
    referred: Vec<(String, &str)>,
) -> Result<impl Iterator<Item = FieldError>, Problem> {
    let ids: Vec<String> = referred.iter().map(|(_, id)| (*id).to_owned()).collect();
    let found = all::<R>(db, &ids).await?;
    let gone = referred
        .into_iter()
        .filter(move |(_, id)| !found.contains_key(*id));
    Ok(gone.map(|(field, _)| FieldError {
        field,
        message: format!("is no {} of this workspace", R::NOUN),
    }))
}

/// Others were always faster.
pub(crate) fn contended() -> Problem {
    Problem::new(
        ProblemKind::Conflict,
        "The resource is being changed by others. Try again.",
    )
}

/// Writes the next version of a resource over the one before, `seen`, for a guarded batch.
pub(crate) fn update<R: Resource>(
    place: &Place,
    spec: &R::Spec,
    new: &Stored,
    seen: i64,
    actor: &str,
) -> Vec<Statement> {
    let mut p = Params::default();
    let sql = format!(
        "UPDATE {} AS r SET name = {}, spec = {}, search = {}, credential = {}, version = {}, updated_at = {} \
         WHERE {} AND r.id = {} AND r.version = {} AND r.deleted_at IS NULL",
        R::TABLE,
        p.add(R::name(spec)),
        p.add(Value::Object(new.spec.clone()).to_string()),
        p.add(search::<R>(spec)),
        p.add(new.credential.clone()),
        p.add(new.version),
        p.add(new.updated_at),
        place.holds(&mut p),
        p.add(new.id.as_str()),
        p.add(seen),
    );
    let mut statements = vec![Statement::new(sql, p.into_values())];
    if R::VERSIONED {
        statements.push(versions::keep::<R>(&new.id, Some(actor), new.updated_at));
    }
    statements
}

/// `DELETE /api/v1/<table>/{id}`: the row stays, and its name is free again.
pub(crate) async fn delete<R: Resource>(ctx: Ctx) -> Result<Reply, Problem> {
    ctx.only_query(&[])?;
    let demanded = IfMatch::of(&ctx.headers);
    let id = id(&ctx, R::ID, R::NOUN)?;
    let db = ctx.db().await?;
    let place = Place::of::<R>(&ctx, &db).await?;
    let mut params = Params::default();
    let mut sql = format!(
        "UPDATE {} AS r SET deleted_at = {} WHERE {} AND r.id = {} AND r.deleted_at IS NULL",
        R::TABLE,
        params.add(clock::now()),
        place.holds(&mut params),
        params.add(id)
    );
    if demanded.binds() {
        let old = Stored::find::<R>(&db, &place, id).await?;
        demanded.check(old.version)?;
        sql.push_str(&format!(" AND r.version = {}", params.add(old.version)));
    }
    let statements = vec![
        Statement::new(sql, params.into_values()),
        audit::<R>(&ctx, "delete", id, &json!({}))?,
    ];
    match db.guarded_batch(statements).await? {
        true => Ok(reply::no_content()),
        false if demanded.binds() => Err(precondition::failed()),
        false => Err(Problem::not_found(R::NOUN)),
    }
}

/// An act's row in the audit log: of what is deleted, and of every write to what holds a credential.
pub(crate) fn audit<R: Resource>(
    ctx: &Ctx,
    verb: &str,
    id: &str,
    detail: &Value,
) -> Result<Statement, Problem> {
    let kind = R::NOUN.replace(' ', "_");
    ctx.audit(&format!("{kind}.{verb}"), (&kind, id), detail)
}

/// Another resource has the name.
pub(crate) fn name_taken(noun: &str) -> Problem {
    Problem::new(
        ProblemKind::AlreadyExists,
        format!("There is another {noun} of that name."),
    )
    .naming("/name", "is taken")
}

/// A resource, with the tag of its version.
pub(crate) fn answer(status: StatusCode, shown: &Value, version: i64) -> Result<Reply, Problem> {
    let mut answer = reply::json(status, shown)?;
    set(&mut answer, header::ETAG, &etag(version))?;
    Ok(answer)
}

/// 201 with what was made, now or at the first of repeated requests.
fn created<R: Resource>(place: &Place, shown: &Value) -> Result<Reply, Problem> {
    let version = shown.get("version").and_then(Value::as_i64).unwrap_or(1);
    let id = shown.get("id").and_then(Value::as_str).unwrap_or_default();
    let mut answer = answer(StatusCode::CREATED, shown, version)?;
    set(
        &mut answer,
        header::LOCATION,
        &format!("{}/{id}", place.path::<R>()),
    )?;
    Ok(answer)
}

fn set(reply: &mut Reply, name: HeaderName, value: &str) -> Result<(), Problem> {
    let value = HeaderValue::from_str(value).map_err(Problem::internal)?;
    reply.headers_mut().insert(name, value);
    Ok(())
}
