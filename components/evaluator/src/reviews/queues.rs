//! `/api/v1/review-queues`: what is asked, of how many, and what enters by itself.

use super::stored::{KeptSchema, QUEUE, QUEUE_COLUMNS, Queue};
use super::{Who, conflict, id, known_people};
use assay_edge::db::{DbError, Params, ScopedDb, Statement, Value as Sql};
use assay_edge::merge::merge;
use assay_edge::precondition::{IfMatch, etag, failed};
use assay_edge::{
    Ctx, Cursor, DEFAULT_BODY_LIMIT, Problem, ProblemKind, Reply, clock, new_id, parse_json, reply,
};
use assay_model::{FieldError, ReviewQueueSpec, Validate as _};
use http::{HeaderValue, StatusCode, header};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// How often a change without `If-Match` is tried anew when another change came in between.
const TRIES: u32 = 5;

fn answer(status: StatusCode, queue: &Queue) -> Result<Reply, Problem> {
    let mut answer = reply::json(status, queue)?;
    let tag = HeaderValue::from_str(&etag(queue.version)).map_err(Problem::internal)?;
    answer.headers_mut().insert(header::ETAG, tag);
    if status == StatusCode::CREATED {
        let place = format!("/api/v1/review-queues/{}", queue.id);
        let place = HeaderValue::from_str(&place).map_err(Problem::internal)?;
        answer.headers_mut().insert(header::LOCATION, place);
    }
    Ok(answer)
}

/// `GET /api/v1/review-queues`: newest first.
pub(crate) async fn list(ctx: Ctx) -> Result<Reply, Problem> {
    ctx.only_query(&["limit", "cursor", "q"])?;
    let page = ctx.page()?;
    let db = ctx.db().await?;
    let mut params = Params::default();
    let mut only = String::from("workspace_id = $1");
    if let Some(words) = ctx.query("q") {
        if words.contains('\0') {
            return Err(Problem::field("q", "must not contain control characters"));
        }
        let find = db.pick("instr", "strpos");
        let words = params.add(words.to_lowercase());
        only.push_str(&format!(" AND {find}(lower(name), {words}) > 0"));
    }
    if let Some(Cursor(at, id)) = page.cursor.clone() {
        let (at, id) = (params.add(at), params.add(id));
        only.push_str(&format!(" AND (created_at, id) < ({at}, {id})"));
    }
    let sql = format!(
        "SELECT {QUEUE_COLUMNS} FROM review_queues WHERE {only} ORDER BY created_at DESC, id DESC LIMIT {}",
        params.add(page.fetch())
    );
    let rows = db.query(&sql, params.into_values()).await?;
    let queues = rows
        .iter()
        .map(Queue::read)
        .collect::<Result<Vec<_>, _>>()?;
    reply::ok(&page.page(queues, |q| Cursor(q.created_at.micros(), q.id.clone())))
}

/// `GET /api/v1/review-queues/{id}`.
pub(crate) async fn get(ctx: Ctx) -> Result<Reply, Problem> {
    ctx.only_query(&[])?;
    let queue = Queue::find(&ctx.db().await?, id(&ctx, "id", QUEUE)?).await?;
    answer(StatusCode::OK, &queue)
}

/// The label schemas as they are now, in the order in which they are asked.
async fn keep_schemas(db: &ScopedDb, ids: &[String]) -> Result<Vec<KeptSchema>, Problem> {
    let list = db.pick(
        "SELECT value FROM json_each($2)",
        "SELECT jsonb_array_elements_text($2::text::jsonb)",
    );
    let sql = format!(
        "SELECT id, version, spec FROM label_schemas WHERE workspace_id = $1 AND deleted_at IS NULL AND id IN ({list})"
    );
    let rows = db.query(&sql, [json!(ids).to_string().into()]).await?;
    let mut found = BTreeMap::new();
    for row in &rows {
        let schema = KeptSchema {
            id: row.text("id")?,
            version: row.int("version")?,
            spec: row.json("spec")?,
        };
        found.insert(schema.id.clone(), schema);
    }
    let (mut kept, mut wrong) = (Vec::new(), Vec::new());
    for (i, id) in ids.iter().enumerate() {
        match found.remove(id) {
            Some(schema) => kept.push(schema),
            None => wrong.push(FieldError {
                field: format!("/label_schema_ids/{i}"),
                message: "is not a label schema of this workspace".into(),
            }),
        }
    }
    if wrong.is_empty() {
        Ok(kept)
    } else {
        Err(Problem::validation(wrong))
    }
}

fn spec_of(body: &Map<String, Value>) -> Result<ReviewQueueSpec, Problem> {
    let bytes = serde_json::to_vec(body).map_err(Problem::internal)?;
    let spec: ReviewQueueSpec = parse_json(&bytes)?;
    spec.validate().map_err(Problem::validation)?;
    Ok(spec)
}

/// Whether rules put scores into the queue.
fn takes(spec: &ReviewQueueSpec) -> bool {
    spec.enabled && !spec.rules.is_empty()
}

fn written(spec: &impl serde::Serialize) -> Result<Sql, Problem> {
    Ok(serde_json::to_string(spec)
        .map_err(Problem::internal)?
        .into())
}

fn taken(cause: String) -> Problem {
    Problem::new(
        ProblemKind::AlreadyExists,
        "There is another review queue of that name.",
    )
    .naming("/name", "is taken")
    .caused_by(cause)
}

/// `POST /api/v1/review-queues`.
pub(crate) async fn create(mut ctx: Ctx) -> Result<Reply, Problem> {
    ctx.only_query(&[])?;
    let body: Map<String, Value> = ctx.raw_json(DEFAULT_BODY_LIMIT).await?;
    let spec = spec_of(&body)?;
    let db = ctx.db().await?;
    known_people(&db, "/assignees", &spec.assignees).await?;
    let now = clock::now();
    let queue = Queue {
        id: new_id(),
        label_schemas: keep_schemas(&db, &spec.label_schema_ids).await?,
        spec,
        version: 1,
        created_by: Who::of(&ctx)?.id.to_owned(),
        created_at: now,
        updated_at: now,
    };
    let sql = "INSERT INTO review_queues (workspace_id, id, name, spec, schemas, takes, version, created_by, created_at, updated_at) \
               VALUES ($1, $2, $3, $4, $5, $6, 1, $7, $8, $8)";
    let row: [Sql; 7] = [
        queue.id.as_str().into(),
        queue.spec.name.as_str().into(),
        written(&queue.spec)?,
        written(&queue.label_schemas)?,
        takes(&queue.spec).into(),
        queue.created_by.as_str().into(),
        now.into(),
    ];
    let detail = json!({"name": queue.spec.name});
    let statements = vec![
        Statement::new(sql, row),
        ctx.audit("review_queue.create", ("review_queue", &queue.id), &detail)?,
    ];
    match db.batch(statements).await {
        Ok(()) => answer(StatusCode::CREATED, &queue),
        Err(DbError::Unique(cause)) => Err(taken(cause)),
        Err(e) => Err(e.into()),
    }
}

/// `PATCH /api/v1/review-queues/{id}`: a merge patch. What is asked stays, for the answers that there are were to that.
pub(crate) async fn patch(mut ctx: Ctx) -> Result<Reply, Problem> {
    ctx.only_query(&[])?;
    let body: Map<String, Value> = ctx.raw_json(DEFAULT_BODY_LIMIT).await?;
    let demanded = IfMatch::of(&ctx.headers);
    let id = id(&ctx, "id", QUEUE)?;
    let db = ctx.db().await?;
    for _ in 0..TRIES {
        let old = Queue::find(&db, id).await?;
        demanded.check(old.version)?;
        let spec = match serde_json::to_value(&old.spec).map_err(Problem::internal)? {
            Value::Object(mut spec) => {
                merge(&mut spec, body.clone());
                spec_of(&spec)?
            }
            _ => return Err(Problem::internal("a queue is not an object")),
        };
        if spec.label_schema_ids != old.spec.label_schema_ids {
            let what = "cannot be changed: make another queue";
            return Err(Problem::field("/label_schema_ids", what));
        }
        known_people(&db, "/assignees", &spec.assignees).await?;
        let new = Queue {
            spec,
            version: old.version + 1,
            updated_at: clock::now(),
            ..old
        };
        let sql = "UPDATE review_queues SET name = $3, spec = $4, takes = $5, version = $6, updated_at = $7 \
                   WHERE workspace_id = $1 AND id = $2 AND version = $8";
        let row: [Sql; 7] = [
            id.into(),
            new.spec.name.as_str().into(),
            written(&new.spec)?,
            takes(&new.spec).into(),
            new.version.into(),
            new.updated_at.into(),
            (new.version - 1).into(),
        ];
        let detail = json!({"name": new.spec.name, "fields": body.keys().collect::<Vec<_>>()});
        let statements = vec![
            Statement::new(sql, row),
            ctx.audit("review_queue.update", ("review_queue", id), &detail)?,
        ];
        match db.guarded_batch(statements).await {
            Ok(true) => return answer(StatusCode::OK, &new),
            Ok(false) if demanded.binds() => return Err(failed()),
            // Another change came in between, or the queue is gone: the next turn tells.
            Ok(false) => {}
            Err(DbError::Unique(cause)) => return Err(taken(cause)),
            Err(e) => return Err(e.into()),
        }
    }
    Err(conflict("The queue is being changed by others. Try again."))
}

/// `DELETE /api/v1/review-queues/{id}`: with its items and all that was answered.
pub(crate) async fn delete(ctx: Ctx) -> Result<Reply, Problem> {
    ctx.only_query(&[])?;
    let demanded = IfMatch::of(&ctx.headers);
    let id = id(&ctx, "id", QUEUE)?;
    let db = ctx.db().await?;
    let old = Queue::find(&db, id).await?;
    demanded.check(old.version)?;
    let mut params = Params::default();
    let mut sql = format!(
        "DELETE FROM review_queues WHERE workspace_id = $1 AND id = {}",
        params.add(id)
    );
    if demanded.binds() {
        sql.push_str(&format!(" AND version = {}", params.add(old.version)));
    }
    let mut statements = vec![Statement::new(sql, params.into_values())];
    for table in ["review_items", "review_slots", "review_skips"] {
        let sql = format!("DELETE FROM {table} WHERE workspace_id = $1 AND queue_id = $2");
        statements.push(Statement::new(sql, [id.into()]));
    }
    let detail = json!({"name": old.spec.name});
    statements.push(ctx.audit("review_queue.delete", ("review_queue", id), &detail)?);
    match db.guarded_batch(statements).await? {
        true => Ok(reply::no_content()),
        false if demanded.binds() => Err(failed()),
        false => Err(Problem::not_found(QUEUE)),
    }
}
