//! Comments on traces, observations, sessions, scores and prompts.

use crate::policy;
use crate::query::{one_of_lower, text};
use crate::who::{Who, forbidden, id, is_id};
use assay_edge::db::{Params, Row, ScopedDb, Statement, Value as Sql};
use assay_edge::precondition::{IfMatch, etag, failed};
use assay_edge::traces::TraceStore;
use assay_edge::{Ctx, Cursor, Problem, ProblemKind, Reply, clock, new_id, reply};
use assay_model::{
    CommentChange, CommentObject, CommentSpec, FieldError, Filter, Operand, Operator, Timestamp,
};
use http::{HeaderValue, StatusCode, header};
use serde::Serialize;
use serde_json::{Value, json};
use std::collections::BTreeSet;

const NOUN: &str = "comment";
/// How often a change without `If-Match` is tried anew when another change came in between.
const TRIES: u32 = 5;

/// A comment as it is kept and shown.
#[derive(Serialize)]
pub(crate) struct Comment {
    pub(crate) id: String,
    pub(crate) object_type: CommentObject,
    pub(crate) object_id: String,
    /// The trace that the object is or belongs to.
    trace_id: Option<String>,
    pub(crate) content: String,
    mentions: Vec<String>,
    pub(crate) author_kind: String,
    pub(crate) author_id: String,
    /// The member whom a key named as the author.
    pub(crate) on_behalf_of: Option<String>,
    version: i64,
    pub(crate) created_at: Timestamp,
    pub(crate) updated_at: Timestamp,
}

pub(crate) const COLUMNS: &str = "id, object_type, object_id, trace_id, content, mentions, author_kind, author_id, on_behalf_of, \
                                  version, created_at, updated_at";

impl Comment {
    /// Reads a row with [`COLUMNS`].
    pub(crate) fn read(row: &Row) -> Result<Self, Problem> {
        let object_type = Value::String(row.text("object_type")?);
        Ok(Self {
            id: row.text("id")?,
            object_type: serde_json::from_value(object_type).map_err(Problem::internal)?,
            object_id: row.text("object_id")?,
            trace_id: row.opt_text("trace_id")?,
            content: row.text("content")?,
            mentions: row.json("mentions")?,
            author_kind: row.text("author_kind")?,
            author_id: row.text("author_id")?,
            on_behalf_of: row.opt_text("on_behalf_of")?,
            version: row.int("version")?,
            created_at: row.time("created_at")?,
            updated_at: row.time("updated_at")?,
        })
    }

    /// The comment of that id.
    pub(crate) async fn find(db: &ScopedDb, id: &str) -> Result<Self, Problem> {
        let sql = format!("SELECT {COLUMNS} FROM comments WHERE workspace_id = $1 AND id = $2");
        let row = db.first(&sql, [id.into()]).await?;
        Self::read(&row.ok_or_else(|| Problem::not_found(NOUN))?)
    }
}

fn answer(status: StatusCode, comment: &Comment) -> Result<Reply, Problem> {
    let mut answer = reply::json(status, comment)?;
    let tag = HeaderValue::from_str(&etag(comment.version)).map_err(Problem::internal)?;
    answer.headers_mut().insert(header::ETAG, tag);
    if status == StatusCode::CREATED {
        let place = format!("/api/v1/comments/{}", comment.id);
        let place = HeaderValue::from_str(&place).map_err(Problem::internal)?;
        answer.headers_mut().insert(header::LOCATION, place);
    }
    Ok(answer)
}

/// What a comment is on, once it is known to be there.
enum Place {
    /// Part of a trace, with which it goes.
    Trace(String),
    /// A session, which is there while one of its traces is.
    Session(String),
    /// Nothing that goes with a trace.
    Apart,
}

impl Place {
    /// `None` when there is no such thing in the workspace.
    async fn of(
        db: &ScopedDb,
        store: &TraceStore,
        kind: CommentObject,
        id: &str,
        trace: Option<&str>,
    ) -> Result<Option<Self>, Problem> {
        Ok(match kind {
            CommentObject::Trace => {
                let there = store.has_trace(id).await?;
                there.then(|| Self::Trace(id.to_owned()))
            }
            CommentObject::Observation => {
                let found = match trace {
                    Some(trace) => store.observation_of(trace, id).await?,
                    None => store.observation(id).await?,
                };
                found.map(|o| Self::Trace(o.observation.trace_id))
            }
            CommentObject::Score => {
                let found = store.score(id).await?;
                found.map(|s| match s.score.trace_id {
                    trace if trace.is_empty() => Self::Apart,
                    trace => Self::Trace(trace),
                })
            }
            CommentObject::Session => {
                let there = has_session(store, id).await?;
                there.then(|| Self::Session(id.to_owned()))
            }
            CommentObject::Prompt => has_prompt(db, id).await?.then_some(Self::Apart),
        })
    }

    fn trace(&self) -> Option<&str> {
        match self {
            Self::Trace(id) => Some(id),
            Self::Session(_) | Self::Apart => None,
        }
    }

    /// Whether it is still there: what is deleted takes comments with it, but not one that is written meanwhile.
    async fn stands(&self, store: &TraceStore) -> Result<bool, Problem> {
        match self {
            Self::Trace(id) => store.has_trace(id).await,
            Self::Session(id) => has_session(store, id).await,
            Self::Apart => Ok(true),
        }
    }
}

async fn has_session(store: &TraceStore, id: &str) -> Result<bool, Problem> {
    let of = Filter::default().and("sessionId", Operator::Equal, Operand::Text(id.to_owned()));
    Ok(store.count_traces(&of).await? > 0)
}

/// A prompt by its id, or a version of it by `<id>:<version>`, as Langfuse's clients know it.
async fn has_prompt(db: &ScopedDb, id: &str) -> Result<bool, Problem> {
    let (prompt, version) = match id.split_once(':') {
        None => (id, None),
        Some((prompt, version)) => match version.parse::<i64>() {
            Ok(version) => (prompt, Some(version)),
            Err(_) => return Ok(false),
        },
    };
    if !is_id(prompt) {
        return Ok(false);
    }
    let sql = "SELECT 1 AS one FROM prompts p WHERE p.workspace_id = $1 AND p.id = $2 AND p.deleted_at IS NULL \
               AND (CAST($3 AS BIGINT) IS NULL OR EXISTS (SELECT 1 FROM resource_versions v WHERE v.workspace_id = $1 \
               AND v.kind = 'prompts' AND v.resource_id = $2 AND v.version = $3))";
    Ok(db
        .first(sql, [prompt.into(), version.into()])
        .await?
        .is_some())
}

/// Those of the ids that are no members', with their places in the list.
async fn strangers(db: &ScopedDb, ids: &[String]) -> Result<Vec<usize>, Problem> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let list = db.pick(
        "SELECT value FROM json_each($2)",
        "SELECT jsonb_array_elements_text($2::text::jsonb)",
    );
    let sql =
        format!("SELECT user_id FROM members WHERE workspace_id = $1 AND user_id IN ({list})");
    let rows = db.query(&sql, [json!(ids).to_string().into()]).await?;
    let members: BTreeSet<String> = rows
        .iter()
        .map(|row| row.text("user_id"))
        .collect::<Result<_, _>>()?;
    let others = ids
        .iter()
        .enumerate()
        .filter(|(_, id)| !members.contains(*id));
    Ok(others.map(|(i, _)| i).collect())
}

/// Whether someone is a member of the workspace.
pub(crate) async fn is_member(db: &ScopedDb, id: &str) -> Result<bool, Problem> {
    Ok(is_id(id) && strangers(db, &[id.to_owned()]).await?.is_empty())
}

/// Who is mentioned, each once.
async fn mentioned(db: &ScopedDb, mut ids: Vec<String>) -> Result<Vec<String>, Problem> {
    let wrong: Vec<FieldError> = strangers(db, &ids)
        .await?
        .into_iter()
        .map(|i| FieldError {
            field: format!("/mentions/{i}"),
            message: "is no member of this workspace".into(),
        })
        .collect();
    if !wrong.is_empty() {
        return Err(Problem::validation(wrong));
    }
    let mut seen = BTreeSet::new();
    ids.retain(|id| seen.insert(id.clone()));
    Ok(ids)
}

/// The text as the workspace's policy lets it in.
async fn let_in(ctx: &Ctx, content: String) -> Result<String, Problem> {
    let left = policy::gate(ctx).await?.text(content);
    left.filter(|text| !text.trim().is_empty())
        .ok_or_else(|| Problem::field("/content", "is what the workspace's policy takes out"))
}

/// What is to be written.
pub(crate) struct New {
    pub(crate) spec: CommentSpec,
    pub(crate) on_behalf_of: Option<String>,
}

/// Writes a comment of the caller's. `None` when there is nothing that it could be on.
pub(crate) async fn write(ctx: &Ctx, new: New) -> Result<Option<Comment>, Problem> {
    let (spec, who) = (new.spec, Who::of(ctx)?);
    let db = ctx.db().await?;
    let store = TraceStore::open(&ctx.platform, db.workspace()).await?;
    let trace = spec.trace_id.as_deref();
    let place = Place::of(&db, &store, spec.object_type, &spec.object_id, trace).await?;
    let Some(place) = place else {
        return Ok(None);
    };
    let now = clock::now();
    let comment = Comment {
        id: new_id(),
        object_type: spec.object_type,
        object_id: spec.object_id,
        trace_id: place.trace().map(str::to_owned),
        content: let_in(ctx, spec.content).await?,
        mentions: mentioned(&db, spec.mentions).await?,
        author_kind: who.kind.to_owned(),
        author_id: who.id.to_owned(),
        on_behalf_of: new.on_behalf_of,
        version: 1,
        created_at: now,
        updated_at: now,
    };
    let sql = format!(
        "INSERT INTO comments (workspace_id, {COLUMNS}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 1, $11, $11)"
    );
    let row: [Sql; 10] = [
        comment.id.as_str().into(),
        comment.object_type.as_str().into(),
        comment.object_id.as_str().into(),
        comment.trace_id.clone().into(),
        comment.content.as_str().into(),
        json!(comment.mentions).to_string().into(),
        comment.author_kind.as_str().into(),
        comment.author_id.as_str().into(),
        comment.on_behalf_of.clone().into(),
        now.into(),
    ];
    db.execute(&sql, row).await?;
    if !place.stands(&store).await? {
        let sql = "DELETE FROM comments WHERE workspace_id = $1 AND id = $2";
        db.execute(sql, [comment.id.into()]).await?;
        return Ok(None);
    }
    Ok(Some(comment))
}

/// `POST /api/v1/comments`.
pub(crate) async fn create(mut ctx: Ctx) -> Result<Reply, Problem> {
    ctx.only_query(&[])?;
    let spec: CommentSpec = ctx.json().await?;
    let kind = spec.object_type;
    let new = New {
        spec,
        on_behalf_of: None,
    };
    let comment = write(&ctx, new).await?.ok_or_else(|| {
        let message = format!("is no {} of this workspace", kind.as_str());
        Problem::field("/object_id", message)
    })?;
    answer(StatusCode::CREATED, &comment)
}

/// `GET /api/v1/comments`: newest first.
pub(crate) async fn list(ctx: Ctx) -> Result<Reply, Problem> {
    ctx.only_query(&[
        "limit",
        "cursor",
        "object_type",
        "object_id",
        "trace_id",
        "author_id",
        "mentions",
    ])?;
    let page = ctx.page()?;
    let db = ctx.db().await?;
    let mut params = Params::default();
    let mut only = String::from("workspace_id = $1");
    let mut and = |condition: String| {
        only.push_str(" AND ");
        only.push_str(&condition);
    };
    if let Some(kind) = one_of_lower::<CommentObject>(&ctx, "object_type")? {
        and(format!("object_type = {}", params.add(kind.as_str())));
    }
    for column in ["object_id", "trace_id", "author_id"] {
        if let Some(value) = text(&ctx, column)? {
            and(format!("{column} = {}", params.add(value)));
        }
    }
    if let Some(member) = text(&ctx, "mentions")? {
        if !is_id(&member) {
            return Err(Problem::field("mentions", "is not the id of a member"));
        }
        let find = db.pick("instr", "strpos");
        let quoted = params.add(format!("\"{member}\""));
        and(format!("{find}(mentions, {quoted}) > 0"));
    }
    if let Some(Cursor(at, id)) = page.cursor.clone() {
        let (at, id) = (params.add(at), params.add(id));
        and(format!("(created_at, id) < ({at}, {id})"));
    }
    let sql = format!(
        "SELECT {COLUMNS} FROM comments WHERE {only} ORDER BY created_at DESC, id DESC LIMIT {}",
        params.add(page.fetch())
    );
    let rows = db.query(&sql, params.into_values()).await?;
    let all = rows
        .iter()
        .map(Comment::read)
        .collect::<Result<Vec<_>, _>>()?;
    reply::ok(&page.page(all, |c| Cursor(c.created_at.micros(), c.id.clone())))
}

/// `GET /api/v1/comments/{id}`.
pub(crate) async fn get(ctx: Ctx) -> Result<Reply, Problem> {
    ctx.only_query(&[])?;
    let id = id(&ctx, "id", NOUN)?;
    let comment = Comment::find(&ctx.db().await?, id).await?;
    answer(StatusCode::OK, &comment)
}

/// `PATCH /api/v1/comments/{id}`: by its author alone.
pub(crate) async fn patch(mut ctx: Ctx) -> Result<Reply, Problem> {
    ctx.only_query(&[])?;
    let change: CommentChange = ctx.json().await?;
    let demanded = IfMatch::of(&ctx.headers);
    let id = id(&ctx, "id", NOUN)?;
    let who = Who::of(&ctx)?;
    let db = ctx.db().await?;
    let content = match change.content {
        Some(content) => Some(let_in(&ctx, content).await?),
        None => None,
    };
    let mentions = match change.mentions {
        Some(ids) => Some(mentioned(&db, ids).await?),
        None => None,
    };
    for _ in 0..TRIES {
        let old = Comment::find(&db, id).await?;
        if !who.is(&old.author_kind, &old.author_id) {
            return Err(forbidden("Only its author changes a comment."));
        }
        demanded.check(old.version)?;
        let new = Comment {
            content: content.clone().unwrap_or(old.content),
            mentions: mentions.clone().unwrap_or(old.mentions),
            version: old.version + 1,
            updated_at: clock::now(),
            ..old
        };
        let sql = "UPDATE comments SET content = $3, mentions = $4, version = $5, updated_at = $6 \
                   WHERE workspace_id = $1 AND id = $2 AND version = $7";
        let row: [Sql; 6] = [
            id.into(),
            new.content.as_str().into(),
            json!(new.mentions).to_string().into(),
            new.version.into(),
            new.updated_at.into(),
            old.version.into(),
        ];
        if db.execute(sql, row).await? > 0 {
            return answer(StatusCode::OK, &new);
        }
        if demanded.binds() {
            return Err(failed());
        }
        // Another change came in between, or the comment is gone: the next turn tells.
    }
    let detail = "The comment is being changed by others. Try again.";
    Err(Problem::new(ProblemKind::Conflict, detail))
}

/// `DELETE /api/v1/comments/{id}`: by its author, or by whoever manages the workspace.
pub(crate) async fn delete(ctx: Ctx) -> Result<Reply, Problem> {
    ctx.only_query(&[])?;
    let demanded = IfMatch::of(&ctx.headers);
    let id = id(&ctx, "id", NOUN)?;
    let who = Who::of(&ctx)?;
    let db = ctx.db().await?;
    let old = Comment::find(&db, id).await?;
    if !who.manages && !who.is(&old.author_kind, &old.author_id) {
        return Err(forbidden(
            "Only its author, and who manages the workspace, deletes a comment.",
        ));
    }
    demanded.check(old.version)?;
    let mut params = Params::default();
    let mut sql = format!(
        "DELETE FROM comments WHERE workspace_id = $1 AND id = {}",
        params.add(id)
    );
    if demanded.binds() {
        sql.push_str(&format!(" AND version = {}", params.add(old.version)));
    }
    let detail = json!({
        "object_type": old.object_type, "object_id": old.object_id, "author_id": old.author_id,
    });
    let statements = vec![
        Statement::new(sql, params.into_values()),
        ctx.audit("comment.delete", ("comment", id), &detail)?,
    ];
    match db.guarded_batch(statements).await? {
        true => Ok(reply::no_content()),
        false if demanded.binds() => Err(failed()),
        false => Err(Problem::not_found(NOUN)),
    }
}
