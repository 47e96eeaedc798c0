//! Comments in Langfuse's shape, which knows none on scores.

use super::{invalid, paging};
use crate::comments::{COLUMNS, Comment, New, is_member, write};
use crate::query::{one_of, text};
use crate::who::id;
use assay_edge::db::{Params, Row};
use assay_edge::{Ctx, DEFAULT_BODY_LIMIT, Problem, Reply, reply};
use assay_langfuse::show::{self, CommentShown};
use assay_model::{CommentObject, CommentSpec, Validate as _};
use serde::Deserialize;
use serde_json::{Value, json};

/// For people.
const NOUN: &str = "comment";

/// What Langfuse's comments are on.
#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
enum Object {
    Trace,
    Observation,
    Session,
    Prompt,
}

impl From<Object> for CommentObject {
    fn from(object: Object) -> Self {
        match object {
            Object::Trace => Self::Trace,
            Object::Observation => Self::Observation,
            Object::Session => Self::Session,
            Object::Prompt => Self::Prompt,
        }
    }
}

/// A comment as Langfuse's clients write it. They also name the project, which is that of their key.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Written {
    object_type: Object,
    object_id: String,
    content: String,
    #[serde(default)]
    author_user_id: Option<String>,
}

/// Who is shown as the author: the person, or the member whom a key named.
const AUTHOR: &str = "CASE WHEN author_kind = 'user' THEN author_id ELSE on_behalf_of END";

fn shown(row: &Row, project: &str) -> Result<Value, Problem> {
    let c = Comment::read(row)?;
    let author = if c.author_kind == "user" {
        Some(c.author_id.as_str())
    } else {
        c.on_behalf_of.as_deref()
    };
    Ok(show::comment(&CommentShown {
        id: &c.id,
        project_id: project,
        object_type: c.object_type.as_str(),
        object_id: &c.object_id,
        content: &c.content,
        author_id: author,
        created_at: c.created_at,
        updated_at: c.updated_at,
    }))
}

/// The fields of the problem under the names that the client wrote.
fn in_their_words(problem: &Problem) -> Problem {
    let named = problem.errors().iter().cloned().map(|mut e| {
        e.field = match e.field.as_str() {
            "/object_id" => "/objectId".into(),
            _ => e.field,
        };
        e
    });
    Problem::validation(named.collect())
}

/// `POST /api/public/comments`. A key may say for which member it writes; it stays the author.
pub(crate) async fn create(mut ctx: Ctx) -> Result<Reply, Problem> {
    ctx.only_query(&[])?;
    let body: Written = ctx.raw_json(DEFAULT_BODY_LIMIT).await?;
    let spec = CommentSpec {
        object_type: body.object_type.into(),
        object_id: body.object_id,
        trace_id: None,
        content: body.content,
        mentions: Vec::new(),
    };
    if let Err(errors) = spec.validate() {
        return Err(in_their_words(&Problem::validation(errors)));
    }
    let on_behalf_of = body.author_user_id.filter(|id| !id.is_empty());
    if let Some(author) = &on_behalf_of
        && !is_member(&ctx.db().await?, author).await?
    {
        return Err(Problem::field(
            "/authorUserId",
            "is no member of this workspace",
        ));
    }
    let noun = spec.object_type.as_str();
    let comment = write(&ctx, New { spec, on_behalf_of }).await?;
    let comment = comment.ok_or_else(|| Problem::not_found(noun))?;
    reply::ok(&json!({ "id": comment.id }))
}

/// `GET /api/public/comments?objectType&objectId&authorUserId&page&limit`: newest first.
pub(crate) async fn list(ctx: Ctx) -> Result<Reply, Problem> {
    ctx.only_query(&[
        "page",
        "limit",
        "objectType",
        "objectId",
        "authorUserId",
        "fromTimestamp",
        "toTimestamp",
    ])?;
    let paging = paging(&ctx, 100)?;
    let kind = one_of::<Object>(&ctx, "objectType")?.map(CommentObject::from);
    let object = text(&ctx, "objectId")?;
    if object.is_some() && kind.is_none() {
        return Err(Problem::field("objectType", "must stand beside `objectId`"));
    }
    let mut params = Params::default();
    let mut only = String::from("comments WHERE workspace_id = $1 AND object_type <> 'score'");
    let mut and = |condition: String| {
        only.push_str(" AND ");
        only.push_str(&condition);
    };
    if let Some(kind) = kind {
        and(format!("object_type = {}", params.add(kind.as_str())));
    }
    if let Some(object) = object {
        and(format!("object_id = {}", params.add(object)));
    }
    if let Some(author) = text(&ctx, "authorUserId")? {
        and(format!("{AUTHOR} = {}", params.add(author)));
    }
    for (name, operator) in [("fromTimestamp", ">="), ("toTimestamp", "<")] {
        if let Some(at) = assay_langfuse::query::time(name, ctx.query(name)).map_err(invalid)? {
            and(format!("created_at {operator} {}", params.add(at)));
        }
    }
    let db = ctx.db().await?;
    let values = params.into_values();
    let sql = format!("SELECT count(*) AS total FROM {only}");
    let total = db.first(&sql, values.clone()).await?;
    let total = total.map_or(Ok(0), |row| row.int("total"))?;
    let sql = format!(
        "SELECT {COLUMNS} FROM {only} ORDER BY created_at DESC, id DESC LIMIT {} OFFSET {}",
        paging.limit,
        paging.offset()
    );
    let rows = db.query(&sql, values).await?;
    let data = rows
        .iter()
        .map(|row| shown(row, db.workspace()))
        .collect::<Result<Vec<_>, _>>()?;
    reply::ok(&show::page(data, paging.page, paging.limit, total))
}

/// `GET /api/public/comments/{id}`.
pub(crate) async fn get(ctx: Ctx) -> Result<Reply, Problem> {
    ctx.only_query(&[])?;
    let id = id(&ctx, "id", NOUN)?;
    let db = ctx.db().await?;
    let sql = format!(
        "SELECT {COLUMNS} FROM comments WHERE workspace_id = $1 AND id = $2 AND object_type <> 'score'"
    );
    let row = db.first(&sql, [id.into()]).await?;
    let row = row.ok_or_else(|| Problem::not_found(NOUN))?;
    reply::ok(&shown(&row, db.workspace())?)
}
