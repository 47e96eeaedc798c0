//! The bytes of files, in and out, by capability.
//!
//! Bytes rest in rows of [`PART`] bytes, in base64. Nothing is written before the whole body is known to be the announced
//! one: so the rows of an id are the same whoever writes them, and an upload that broke off is simply done again. The file
//! is visible from the transaction on that writes its last part.

use super::capability::{Read, Upload};
use super::request::canonical;
use super::{File, NOUN};
use assay_edge::db::{ScopedDb, Statement, Value};
use assay_edge::{Ctx, Problem, ProblemKind, Reply, clock, reply};
use assay_langfuse::ids;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::{HeaderValue, StatusCode, header};

/// Bytes of a part: 512 KiB in base64, and a multiple of three, so that only the last is padded.
const PART: usize = 384 << 10;
/// The header in which clients repeat the hash.
const CHECKSUM: &str = "x-amz-checksum-sha256";

fn refused(field: &str) -> Problem {
    let detail = "The link is for another file or has expired. Ask for a new one.";
    Problem::new(ProblemKind::Forbidden, detail).naming(field, "permits nothing")
}

fn wrong_content(detail: impl Into<String>) -> Problem {
    Problem::new(ProblemKind::MalformedBody, detail)
}

/// `PUT /api/public/media/{id}/upload`. A repeated upload of what is here changes nothing.
pub(crate) async fn upload(mut ctx: Ctx) -> Result<Reply, Problem> {
    ctx.only_query(&["token"])?;
    let id = ctx.param("id")?.to_owned();
    let token = Upload::read(ctx.query("token").unwrap_or_default(), clock::now())
        .ok_or_else(|| refused("token"))?;
    let announced = Announced::find(&ctx, &id, &token).await?;
    if let Some(sent) = ctx.header(CHECKSUM)
        && canonical(sent).ok().map(|(_, sha256)| sha256) != Some(announced.sha256.clone())
    {
        let detail = format!("`{CHECKSUM}` is not the announced hash.");
        return Err(wrong_content(detail));
    }
    // No connection is held while the body comes in, however slowly.
    let bytes = ctx.bytes(announced.content_length).await?;
    if bytes.len() != announced.content_length {
        let detail = format!(
            "The body has {} bytes; {} were announced.",
            bytes.len(),
            announced.content_length
        );
        return Err(wrong_content(detail));
    }
    if ids::sha256_base64(&bytes) != announced.sha256 {
        return Err(wrong_content(
            "The body's SHA-256 is not the announced one.",
        ));
    }
    if !announced.is_here {
        let db = open(&ctx, token.workspace()).await?;
        write(&db, &id, &bytes).await?;
    }
    // Clients report the answer's body as the error, so that there is none.
    Ok(reply::bytes(StatusCode::OK, "text/plain", ""))
}

/// The store, for the workspace that a capability names. What the capability proves is checked by the caller.
async fn open(ctx: &Ctx, workspace: &str) -> Result<ScopedDb, Problem> {
    let db = ctx.platform.db().await?;
    Ok(ScopedDb::for_internal(db, workspace.to_owned()))
}

/// What a client said that it would upload.
struct Announced {
    sha256: String,
    content_length: usize,
    is_here: bool,
}

impl Announced {
    async fn find(ctx: &Ctx, id: &str, token: &Upload) -> Result<Self, Problem> {
        let db = open(ctx, token.workspace()).await?;
        let sql = "SELECT sha256, content_length, upload_token_hash, uploaded_at FROM media \
                   WHERE workspace_id = $1 AND id = $2";
        let row = db.first(sql, [id.into()]).await?;
        let row = row.ok_or_else(|| refused("token"))?;
        let hashes = row.opt_text("upload_token_hash")?.unwrap_or_default();
        if !token.is_kept(&ctx.platform.pepper, &hashes) {
            return Err(refused("token"));
        }
        let length = row.int("content_length")?;
        Ok(Self {
            sha256: row.text("sha256")?,
            content_length: usize::try_from(length).map_err(Problem::internal)?,
            is_here: row.opt_int("uploaded_at")?.is_some(),
        })
    }
}

async fn write(db: &ScopedDb, id: &str, bytes: &[u8]) -> Result<(), Problem> {
    let insert = "INSERT INTO media_parts (workspace_id, media_id, seq, bytes) VALUES ($1, $2, $3, $4) \
                  ON CONFLICT DO NOTHING";
    // Another announcement may have changed the length since: the right one is that of the bytes.
    let seal = "UPDATE media SET uploaded_at = $3, content_length = $4 \
                WHERE workspace_id = $1 AND id = $2 AND uploaded_at IS NULL";
    let length = i64::try_from(bytes.len()).map_err(Problem::internal)?;
    let mut parts = bytes.chunks(PART).zip(0_i64..).peekable();
    while let Some((part, seq)) = parts.next() {
        let row: [Value; 3] = [id.into(), seq.into(), STANDARD.encode(part).into()];
        let insert = Statement::new(insert, row);
        if parts.peek().is_some() {
            db.batch(vec![insert]).await?;
            continue;
        }
        let row: [Value; 3] = [id.into(), clock::now().into(), length.into()];
        let sealed = db.guarded_batch(vec![Statement::new(seal, row), insert]);
        // Where somebody else's upload ended first, the same bytes are here.
        if !sealed.await? {
            File::find(db, id).await?;
        }
    }
    Ok(())
}

/// `GET /api/public/media/{id}/content`. Whatever the file says that it is, a browser keeps it and runs nothing of it.
pub(crate) async fn content(ctx: Ctx) -> Result<Reply, Problem> {
    ctx.only_query(&["workspace", "expires", "signature"])?;
    let id = ctx.param("id")?;
    let given = |name: &str| ctx.query(name).unwrap_or_default();
    let workspace = given("workspace");
    let link = Read {
        expires_s: given("expires").parse().map_err(|_| refused("expires"))?,
        signature: given("signature").to_owned(),
    };
    if !link.holds(&ctx.platform.pepper, workspace, id, clock::now()) {
        return Err(refused("signature"));
    }
    let db = open(&ctx, workspace).await?;
    let file = File::find(&db, id).await?;
    let bytes = read(&db, id, &file).await?;
    let mut answer = reply::bytes(StatusCode::OK, "application/octet-stream", bytes);
    let content_type = HeaderValue::from_str(&file.content_type).map_err(Problem::internal)?;
    for (name, value) in [
        (header::CONTENT_TYPE, content_type),
        (
            header::CONTENT_DISPOSITION,
            HeaderValue::from_static("attachment"),
        ),
        (
            header::X_CONTENT_TYPE_OPTIONS,
            HeaderValue::from_static("nosniff"),
        ),
        (
            header::CONTENT_SECURITY_POLICY,
            HeaderValue::from_static("default-src 'none'; sandbox"),
        ),
    ] {
        answer.headers_mut().insert(name, value);
    }
    Ok(answer)
}

/// The bytes, a part at a time: the text of all parts together would be a third larger than the file again.
async fn read(db: &ScopedDb, id: &str, file: &File) -> Result<Vec<u8>, Problem> {
    let length = usize::try_from(file.content_length).map_err(Problem::internal)?;
    let mut bytes = Vec::with_capacity(length);
    let sql =
        "SELECT bytes FROM media_parts WHERE workspace_id = $1 AND media_id = $2 AND seq = $3";
    for (seq, _) in (0_i64..).zip((0..length).step_by(PART)) {
        let row = db.first(sql, [id.into(), seq.into()]).await?;
        let row = row.ok_or_else(|| Problem::internal(format!("part {seq} of {NOUN} {id}")))?;
        STANDARD
            .decode_vec(row.text("bytes")?, &mut bytes)
            .map_err(Problem::internal)?;
    }
    if bytes.len() != length {
        return Err(Problem::internal(format!(
            "{NOUN} {id} has {} bytes",
            bytes.len()
        )));
    }
    Ok(bytes)
}
