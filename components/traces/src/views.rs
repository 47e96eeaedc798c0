//! Saved views: private to whoever made them, or shared in the workspace.

use crate::query::{one_of_lower, text};
use crate::who::{Who, forbidden, id};
use assay_edge::db::{DbError, Params, Row, ScopedDb, Statement, Value as Sql};
use assay_edge::precondition::{IfMatch, etag, failed};
use assay_edge::traces::{Source, can_run};
use assay_edge::{
    Ctx, Cursor, DEFAULT_BODY_LIMIT, Problem, ProblemKind, Reply, clock, new_id, parse_json, reply,
};
use assay_model::{Timestamp, Validate as _, ViewSpec, ViewTable, Visibility};
use http::{HeaderName, HeaderValue, StatusCode, header};
use serde::Serialize;
use serde_json::{Map, Value, json};

const NOUN: &str = "view";
/// How often a change without `If-Match` is tried anew when another change came in between.
const TRIES: u32 = 5;

/// A view as it is shown.
#[derive(Serialize)]
struct View {
    id: String,
    #[serde(flatten)]
    spec: ViewSpec,
    owner_kind: String,
    owner_id: String,
    version: i64,
    updated_by: String,
    created_at: Timestamp,
    updated_at: Timestamp,
}

const COLUMNS: &str = "id, name, source, filter, sort, columns, visibility, is_default, owner_kind, owner_id, version, \
                       updated_by, created_at, updated_at";

/// A name on the wire as its enum.
fn named<T: serde::de::DeserializeOwned>(row: &Row, column: &str) -> Result<T, Problem> {
    serde_json::from_value(Value::String(row.text(column)?)).map_err(Problem::internal)
}

impl View {
    fn read(row: &Row) -> Result<Self, Problem> {
        Ok(Self {
            id: row.text("id")?,
            spec: ViewSpec {
                name: row.text("name")?,
                table: named(row, "source")?,
                filter: row.json("filter")?,
                sort: row.opt_text("sort")?,
                columns: row.json("columns")?,
                visibility: named(row, "visibility")?,
                default: row.int("is_default")? != 0,
            },
            owner_kind: row.text("owner_kind")?,
            owner_id: row.text("owner_id")?,
            version: row.int("version")?,
            updated_by: row.text("updated_by")?,
            created_at: row.time("created_at")?,
            updated_at: row.time("updated_at")?,
        })
    }

    /// The view of that id, if the caller may see it.
    async fn find(db: &ScopedDb, who: &Who<'_>, id: &str) -> Result<Self, Problem> {
        let sql = format!(
            "SELECT {COLUMNS} FROM saved_views WHERE workspace_id = $1 AND id = $2 AND (visibility = 'shared' OR owner_id = $3)"
        );
        let row = db.first(&sql, [id.into(), who.id.into()]).await?;
        Self::read(&row.ok_or_else(|| Problem::not_found(NOUN))?)
    }

    fn is_of(&self, who: &Who<'_>) -> bool {
        who.is(&self.owner_kind, &self.owner_id)
    }

    /// Refuses those who only see it.
    fn may_change(&self, who: &Who<'_>) -> Result<(), Problem> {
        if self.is_of(who) || who.manages {
            Ok(())
        } else {
            Err(forbidden(
                "The view is another one's. Save one of your own.",
            ))
        }
    }
}

fn answer(status: StatusCode, view: &View) -> Result<Reply, Problem> {
    let mut answer = reply::json(status, view)?;
    set(&mut answer, header::ETAG, &etag(view.version))?;
    if status == StatusCode::CREATED {
        set(
            &mut answer,
            header::LOCATION,
            &format!("/api/v1/views/{}", view.id),
        )?;
    }
    Ok(answer)
}

fn set(answer: &mut Reply, name: HeaderName, value: &str) -> Result<(), Problem> {
    let value = HeaderValue::from_str(value).map_err(Problem::internal)?;
    answer.headers_mut().insert(name, value);
    Ok(())
}

/// `GET /api/v1/views`: the caller's own and the shared ones, newest first.
pub(crate) async fn list(ctx: Ctx) -> Result<Reply, Problem> {
    ctx.only_query(&["limit", "cursor", "table", "visibility", "owner_id", "q"])?;
    let page = ctx.page()?;
    let who = Who::of(&ctx)?;
    let mut params = Params::default();
    let mut only = format!(
        "(visibility = 'shared' OR owner_id = {})",
        params.add(who.id)
    );
    let mut and = |condition: String| {
        only.push_str(" AND ");
        only.push_str(&condition);
    };
    if let Some(table) = one_of_lower::<ViewTable>(&ctx, "table")? {
        and(format!("source = {}", params.add(table.as_str())));
    }
    if let Some(visibility) = one_of_lower::<Visibility>(&ctx, "visibility")? {
        and(format!("visibility = {}", params.add(visibility.as_str())));
    }
    if let Some(owner) = text(&ctx, "owner_id")? {
        and(format!("owner_id = {}", params.add(owner)));
    }
    let db = ctx.db().await?;
    if let Some(words) = text(&ctx, "q")? {
        let find = db.pick("instr", "strpos");
        let words = params.add(words.to_lowercase());
        and(format!("{find}(lower(name), {words}) > 0"));
    }
    if let Some(Cursor(at, id)) = page.cursor.clone() {
        let (at, id) = (params.add(at), params.add(id));
        and(format!("(created_at, id) < ({at}, {id})"));
    }
    let sql = format!(
        "SELECT {COLUMNS} FROM saved_views WHERE workspace_id = $1 AND {only} ORDER BY created_at DESC, id DESC LIMIT {}",
        params.add(page.fetch())
    );
    let rows = db.query(&sql, params.into_values()).await?;
    let views = rows.iter().map(View::read).collect::<Result<Vec<_>, _>>()?;
    reply::ok(&page.page(views, |v| Cursor(v.created_at.micros(), v.id.clone())))
}

/// `GET /api/v1/views/{id}`.
pub(crate) async fn get(ctx: Ctx) -> Result<Reply, Problem> {
    ctx.only_query(&[])?;
    let id = id(&ctx, "id", NOUN)?;
    let view = View::find(&ctx.db().await?, &Who::of(&ctx)?, id).await?;
    answer(StatusCode::OK, &view)
}

/// What a client wrote, if the list can be read so and the caller may have it so.
fn checked(who: &Who<'_>, body: &Map<String, Value>) -> Result<ViewSpec, Problem> {
    let bytes = serde_json::to_vec(body).map_err(Problem::internal)?;
    let spec: ViewSpec = parse_json(&bytes)?;
    let mut wrong = spec.validate().err().unwrap_or_default();
    let filter = spec.conditions();
    match &filter {
        Err(errors) => wrong.extend(errors.iter().cloned()),
        Ok(filter) => {
            let source = match spec.table {
                ViewTable::Traces | ViewTable::Sessions | ViewTable::Users => Source::Traces,
                ViewTable::Observations => Source::Observations,
                ViewTable::Scores => Source::Scores,
            };
            if let Err(problem) = can_run(source, "/filter", filter) {
                wrong.extend(problem.errors().iter().cloned());
            }
        }
    }
    if !wrong.is_empty() {
        return Err(Problem::validation(wrong));
    }
    if spec.default && spec.visibility == Visibility::Shared && !who.manages {
        let detail = "What the workspace begins with is said by those who manage it.";
        return Err(
            forbidden(detail).naming("/default", "is not for this role to set on a shared view")
        );
    }
    Ok(spec)
}

/// What was the default before no longer is.
fn no_other_default(view: &View) -> Statement {
    let mut params = Params::default();
    let mut sql = format!(
        "UPDATE saved_views SET is_default = 0, version = version + 1, updated_at = {} WHERE workspace_id = $1 \
         AND source = {} AND visibility = {} AND id <> {} AND is_default = 1",
        params.add(view.updated_at),
        params.add(view.spec.table.as_str()),
        params.add(view.spec.visibility.as_str()),
        params.add(view.id.as_str()),
    );
    if view.spec.visibility == Visibility::Private {
        sql.push_str(&format!(
            " AND owner_id = {}",
            params.add(view.owner_id.as_str())
        ));
    }
    Statement::new(sql, params.into_values())
}

/// Two views cannot have this at once: a name, or being the default.
async fn taken(db: &ScopedDb, view: &View, cause: String) -> Problem {
    let sql = "SELECT 1 AS one FROM saved_views WHERE workspace_id = $1 AND owner_id = $2 AND source = $3 AND name = $4 AND id <> $5";
    let name: [Sql; 4] = [
        view.owner_id.as_str().into(),
        view.spec.table.as_str().into(),
        view.spec.name.as_str().into(),
        view.id.as_str().into(),
    ];
    match db.first(sql, name).await {
        Ok(Some(_)) => Problem::new(
            ProblemKind::AlreadyExists,
            "There is another view of that name.",
        )
        .naming("/name", "is taken")
        .caused_by(cause),
        Ok(None) => contended().caused_by(cause),
        Err(e) => e.into(),
    }
}

fn contended() -> Problem {
    let detail = "The view is being changed by others. Try again.";
    Problem::new(ProblemKind::Conflict, detail)
}

/// `POST /api/v1/views`.
pub(crate) async fn create(mut ctx: Ctx) -> Result<Reply, Problem> {
    ctx.only_query(&[])?;
    let body: Map<String, Value> = ctx.raw_json(DEFAULT_BODY_LIMIT).await?;
    let who = Who::of(&ctx)?;
    let now = clock::now();
    let view = View {
        id: new_id(),
        spec: checked(&who, &body)?,
        owner_kind: who.kind.to_owned(),
        owner_id: who.id.to_owned(),
        version: 1,
        updated_by: who.id.to_owned(),
        created_at: now,
        updated_at: now,
    };
    let sql = format!(
        "INSERT INTO saved_views (workspace_id, {COLUMNS}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, 1, $11, $12, $12)"
    );
    let row: [Sql; 11] = [
        view.id.as_str().into(),
        view.spec.name.as_str().into(),
        view.spec.table.as_str().into(),
        view.spec.filter.to_string().into(),
        view.spec.sort.clone().into(),
        json!(view.spec.columns).to_string().into(),
        view.spec.visibility.as_str().into(),
        view.spec.default.into(),
        view.owner_kind.as_str().into(),
        view.owner_id.as_str().into(),
        now.into(),
    ];
    let mut statements = Vec::new();
    if view.spec.default {
        statements.push(no_other_default(&view));
    }
    statements.push(Statement::new(sql, row));
    let db = ctx.db().await?;
    match db.batch(statements).await {
        Ok(()) => answer(StatusCode::CREATED, &view),
        Err(DbError::Unique(cause)) => Err(taken(&db, &view, cause).await),
        Err(e) => Err(e.into()),
    }
}

/// `PUT /api/v1/views/{id}`: what the body leaves out gets its default.
pub(crate) async fn replace(ctx: Ctx) -> Result<Reply, Problem> {
    change(ctx, |_, body| body).await
}

/// `PATCH /api/v1/views/{id}`: what the body leaves out stays; null takes a field back to its default.
pub(crate) async fn patch(ctx: Ctx) -> Result<Reply, Problem> {
    change(ctx, |mut spec, patch| {
        for (field, value) in patch {
            if value.is_null() {
                spec.remove(&field);
            } else {
                spec.insert(field, value);
            }
        }
        spec
    })
    .await
}

type Object = Map<String, Value>;

async fn change(mut ctx: Ctx, next: impl Fn(Object, Object) -> Object) -> Result<Reply, Problem> {
    ctx.only_query(&[])?;
    let body: Object = ctx.raw_json(DEFAULT_BODY_LIMIT).await?;
    let demanded = IfMatch::of(&ctx.headers);
    let id = id(&ctx, "id", NOUN)?;
    let who = Who::of(&ctx)?;
    let db = ctx.db().await?;
    for _ in 0..TRIES {
        let old = View::find(&db, &who, id).await?;
        old.may_change(&who)?;
        demanded.check(old.version)?;
        let spec = match serde_json::to_value(&old.spec).map_err(Problem::internal)? {
            Value::Object(spec) => checked(&who, &next(spec, body.clone()))?,
            _ => return Err(Problem::internal("a view is not an object")),
        };
        if spec.visibility == Visibility::Private && !old.is_of(&who) {
            let detail = "Only its owner takes a view back.";
            return Err(forbidden(detail).naming("/visibility", "is the owner's to make private"));
        }
        let new = View {
            spec,
            version: old.version + 1,
            updated_by: who.id.to_owned(),
            updated_at: clock::now(),
            ..old
        };
        match db.guarded_batch(update(&ctx, &who, &new)?).await {
            Ok(true) => return answer(StatusCode::OK, &new),
            Ok(false) if demanded.binds() => return Err(failed()),
            // Another change came in between, or the view is gone: the next turn tells.
            Ok(false) => {}
            Err(DbError::Unique(cause)) => return Err(taken(&db, &new, cause).await),
            Err(e) => return Err(e.into()),
        }
    }
    Err(contended())
}

/// Writes the next version over the one before. It becomes the default once no other is.
fn update(ctx: &Ctx, who: &Who<'_>, new: &View) -> Result<Vec<Statement>, Problem> {
    let sql = "UPDATE saved_views SET name = $3, source = $4, filter = $5, sort = $6, columns = $7, visibility = $8, \
               is_default = 0, version = $9, updated_by = $10, updated_at = $11 \
               WHERE workspace_id = $1 AND id = $2 AND version = $12";
    let row: [Sql; 11] = [
        new.id.as_str().into(),
        new.spec.name.as_str().into(),
        new.spec.table.as_str().into(),
        new.spec.filter.to_string().into(),
        new.spec.sort.clone().into(),
        json!(new.spec.columns).to_string().into(),
        new.spec.visibility.as_str().into(),
        new.version.into(),
        new.updated_by.as_str().into(),
        new.updated_at.into(),
        (new.version - 1).into(),
    ];
    let mut statements = vec![Statement::new(sql, row)];
    if new.spec.default {
        let sql = "UPDATE saved_views SET is_default = 1 WHERE workspace_id = $1 AND id = $2";
        statements.push(no_other_default(new));
        statements.push(Statement::new(sql, [new.id.as_str().into()]));
    }
    if !new.is_of(who) {
        let detail = json!({"name": new.spec.name, "owner_id": new.owner_id});
        statements.push(ctx.audit("view.update", ("view", &new.id), &detail)?);
    }
    Ok(statements)
}

/// `DELETE /api/v1/views/{id}`.
pub(crate) async fn delete(ctx: Ctx) -> Result<Reply, Problem> {
    ctx.only_query(&[])?;
    let demanded = IfMatch::of(&ctx.headers);
    let id = id(&ctx, "id", NOUN)?;
    let who = Who::of(&ctx)?;
    let db = ctx.db().await?;
    let old = View::find(&db, &who, id).await?;
    old.may_change(&who)?;
    demanded.check(old.version)?;
    let mut params = Params::default();
    let mut sql = format!(
        "DELETE FROM saved_views WHERE workspace_id = $1 AND id = {}",
        params.add(id)
    );
    if demanded.binds() {
        sql.push_str(&format!(" AND version = {}", params.add(old.version)));
    }
    let detail = json!({"name": old.spec.name, "owner_id": old.owner_id});
    let statements = vec![
        Statement::new(sql, params.into_values()),
        ctx.audit("view.delete", ("view", id), &detail)?,
    ];
    match db.guarded_batch(statements).await? {
        true => Ok(reply::no_content()),
        false if demanded.binds() => Err(failed()),
        false => Err(Problem::not_found(NOUN)),
    }
}
