//! Files beside traces, in Langfuse's protocol: announced, uploaded, reported, read.
//!
//! A file's id is made of its hash, so that the same content rests once in a workspace. Its bytes travel by links of
//! [`capability`] that need no key: a client uploads with a plain `PUT`, and a page shows a file as it shows any other.

mod capability;
mod content;
mod request;

pub(crate) use content::{content, upload};

use assay_edge::db::{ScopedDb, Statement, Value};
use assay_edge::{Ctx, Problem, Reply, clock, reply};
use assay_langfuse::show::{Media, media, media_upload};
use capability::Upload;
use http::StatusCode;
use request::{Announced, Reported, canonical};

/// For people.
const NOUN: &str = "file";
/// Uploads of one file that may be under way: several observations may name the same file at the same time, and each of
/// their clients gets a link of its own.
const TOKENS: usize = 8;

/// `POST /api/public/media`: where to upload a file, or nowhere when it is here.
pub(crate) async fn create(mut ctx: Ctx) -> Result<Reply, Problem> {
    ctx.only_query(&[])?;
    let file: Announced = ctx.json().await?;
    let (id, sha256) = canonical(&file.sha256_hash)?;
    let db = ctx.db().await?;
    let now = clock::now();
    let token = Upload::issue(db.workspace(), now)?;
    // The hashes of the last tokens, the newest first, 64 digits and a space each. What was uploaded stays as it is.
    let sql = format!(
        "INSERT INTO media (workspace_id, id, sha256, content_type, content_length, upload_token_hash, created_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (workspace_id, id) DO UPDATE SET \
         content_type = excluded.content_type, content_length = excluded.content_length, \
         upload_token_hash = substr(excluded.upload_token_hash || ' ' || coalesce(media.upload_token_hash, ''), 1, {}) \
         WHERE media.uploaded_at IS NULL",
        TOKENS * 65
    );
    let row: [Value; 6] = [
        id.as_str().into(),
        sha256.into(),
        file.content_type.to_ascii_lowercase().into(),
        file.content_length.into(),
        token.hash(&ctx.platform.pepper).into(),
        now.into(),
    ];
    let used = used_by(&file, &id, now.into());
    let mut statements = vec![Statement::new(sql, row)];
    statements.push(used.clone());
    let wanted = db.guarded_batch(statements).await?;
    let url = wanted.then(|| {
        let token = token.text();
        format!(
            "{}/api/public/media/{id}/upload?token={token}",
            ctx.base_url()
        )
    });
    if !wanted {
        db.batch(vec![used]).await?;
    }
    reply::json(StatusCode::CREATED, &media_upload(&id, url.as_deref()))
}

/// Notes who names the file: an observation of a trace, or an item of a dataset, which is noted under no trace.
fn used_by(file: &Announced, id: &str, now: Value) -> Statement {
    let trace = file.trace_id.as_deref().unwrap_or_default();
    let sql = "INSERT INTO media_uses (workspace_id, media_id, trace_id, observation_id, field, created_at) \
               VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING";
    let of_item = file.dataset_item_id.as_deref();
    let observation = file
        .observation_id
        .as_deref()
        .or(of_item)
        .unwrap_or_default();
    let row: [Value; 5] = [
        id.into(),
        trace.into(),
        observation.into(),
        file.field.as_str().into(),
        now,
    ];
    Statement::new(sql, row)
}

/// `PATCH /api/public/media/{id}`: how the upload went for the client. It only explains why a file is missing: whether it is
/// here is known by its bytes.
pub(crate) async fn report(mut ctx: Ctx) -> Result<Reply, Problem> {
    ctx.only_query(&[])?;
    let how: Reported = ctx.json().await?;
    let sql = "UPDATE media SET upload_status = $3, upload_error = $4 WHERE workspace_id = $1 AND id = $2";
    let row: [Value; 3] = [
        ctx.param("id")?.into(),
        how.upload_http_status.into(),
        how.error().into(),
    ];
    if ctx.db().await?.execute(sql, row).await? == 0 {
        return Err(Problem::not_found(NOUN));
    }
    Ok(reply::no_content())
}

/// `GET /api/public/media/{id}`: what the file is, and a link to its bytes.
pub(crate) async fn get(ctx: Ctx) -> Result<Reply, Problem> {
    ctx.only_query(&[])?;
    let db = ctx.db().await?;
    let id = ctx.param("id")?;
    let file = File::find(&db, id).await?;
    let link = capability::Read::issue(&ctx.platform.pepper, db.workspace(), id, clock::now());
    let url = format!(
        "{}/api/public/media/{id}/content?workspace={}&expires={}&signature={}",
        ctx.base_url(),
        db.workspace(),
        link.expires_s,
        link.signature
    );
    reply::ok(&media(&Media {
        id,
        content_type: &file.content_type,
        content_length: file.content_length,
        uploaded_at: file.uploaded_at,
        url: &url,
        url_expiry: link.expires_at(),
    }))
}

/// A file whose bytes are here.
struct File {
    content_type: String,
    content_length: u64,
    uploaded_at: assay_model::Timestamp,
}

impl File {
    async fn find(db: &ScopedDb, id: &str) -> Result<Self, Problem> {
        let sql = "SELECT content_type, content_length, uploaded_at FROM media \
                   WHERE workspace_id = $1 AND id = $2 AND uploaded_at IS NOT NULL";
        let row = db.first(sql, [id.into()]).await?;
        let row = row.ok_or_else(|| Problem::not_found(NOUN))?;
        Ok(Self {
            content_type: row.text("content_type")?,
            content_length: row.int("content_length")?.unsigned_abs(),
            uploaded_at: row.time("uploaded_at")?,
        })
    }
}
