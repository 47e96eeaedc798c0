//! Links by which anyone may read one trace, for whoever makes and revokes them. What the links show is in [`crate::shared`].

use crate::erase;
use crate::query::{one_of_lower, text};
use crate::who::{Who, forbidden, id};
use assay_access::Permission::TracesRead;
use assay_access::hash_secret;
use assay_edge::db::{Params, Row, ScopedDb, Statement, Value as Sql};
use assay_edge::traces::TraceStore;
use assay_edge::{Ctx, Cursor, Problem, Reply, clock, new_id, random_bytes, reply};
use assay_model::{ShareSpec, Timestamp};
use http::{HeaderValue, StatusCode, header};
use serde::{Deserialize, Serialize};
use serde_json::json;

const NOUN: &str = "link";
const PREFIX: &str = "sh-as-";

/// Whether a link opens the trace.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Status {
    Active,
    Expired,
    Revoked,
}

/// A link as it is listed: never with its token.
#[derive(Serialize)]
struct Share {
    id: String,
    trace_id: String,
    status: Status,
    /// Whether what went in and came out is shown.
    payloads: bool,
    note: String,
    created_by: String,
    created_at: Timestamp,
    expires_at: Option<Timestamp>,
    revoked_at: Option<Timestamp>,
    revoked_by: Option<String>,
}

/// A link as it is shown to its maker.
#[derive(Serialize)]
struct NewShare {
    #[serde(flatten)]
    share: Share,
    token: String,
    url: String,
}

const COLUMNS: &str =
    "id, trace_id, payloads, note, created_by, created_at, expires_at, revoked_at, revoked_by";

fn read(row: &Row) -> Result<Share, Problem> {
    let time = |column| -> Result<Option<Timestamp>, Problem> {
        Ok(row.opt_int(column)?.map(Timestamp::from_micros))
    };
    let (expires_at, revoked_at) = (time("expires_at")?, time("revoked_at")?);
    let status = match (expires_at, revoked_at) {
        (_, Some(_)) => Status::Revoked,
        (Some(at), None) if at <= clock::now() => Status::Expired,
        _ => Status::Active,
    };
    Ok(Share {
        id: row.text("id")?,
        trace_id: row.text("trace_id")?,
        status,
        payloads: row.int("payloads")? != 0,
        note: row.text("note")?,
        created_by: row.text("created_by")?,
        created_at: row.time("created_at")?,
        expires_at,
        revoked_at,
        revoked_by: row.opt_text("revoked_by")?,
    })
}

/// `POST /api/v1/traces/{id}/shares`. The token is in this answer and nowhere else.
pub(crate) async fn create(mut ctx: Ctx) -> Result<Reply, Problem> {
    ctx.only_query(&[])?;
    let spec: ShareSpec = ctx.json().await?;
    let now = clock::now();
    if spec.expires_at.is_some_and(|at| at <= now) {
        return Err(Problem::field("/expires_at", "must be in the future"));
    }
    // Whoever may only send must not read what others sent by way of a link.
    if !ctx.actor()?.grant.has(TracesRead) {
        return Err(forbidden("Who may not read traces cannot share them."));
    }
    let trace = erase::id(&ctx, "trace")?.to_owned();
    let db = ctx.db().await?;
    let store = TraceStore::open(&ctx.platform, db.workspace()).await?;
    if !store.has_trace(&trace).await? {
        return Err(Problem::not_found("trace"));
    }
    let share = Share {
        id: new_id(),
        trace_id: trace,
        status: Status::Active,
        payloads: spec.payloads,
        note: spec.note,
        created_by: Who::of(&ctx)?.id.to_owned(),
        created_at: now,
        expires_at: spec.expires_at,
        revoked_at: None,
        revoked_by: None,
    };
    let token = format!("{PREFIX}{}", hex::encode(random_bytes::<32>()?));
    let sql = "INSERT INTO trace_shares (workspace_id, id, trace_id, token_hash, payloads, note, created_by, created_at, expires_at) \
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
    let row: [Sql; 8] = [
        share.id.as_str().into(),
        share.trace_id.as_str().into(),
        hash_secret(&ctx.platform.pepper, &token).into(),
        share.payloads.into(),
        share.note.as_str().into(),
        share.created_by.as_str().into(),
        now.into(),
        share.expires_at.into(),
    ];
    let detail = json!({
        "trace_id": share.trace_id, "payloads": share.payloads, "expires_at": share.expires_at, "note": share.note,
    });
    let audit = ctx.audit("trace_share.create", ("trace_share", &share.id), &detail)?;
    db.batch(vec![Statement::new(sql, row), audit]).await?;
    // What is deleted takes its links with it, but not one that is made meanwhile.
    if !store.has_trace(&share.trace_id).await? {
        let sql = "DELETE FROM trace_shares WHERE workspace_id = $1 AND id = $2";
        db.execute(sql, [share.id.into()]).await?;
        return Err(Problem::not_found("trace"));
    }
    let url = format!("{}/api/v1/shared/{token}", ctx.base_url());
    let place = format!("/api/v1/traces/{}/shares/{}", share.trace_id, share.id);
    let mut answer = reply::json(StatusCode::CREATED, &NewShare { share, token, url })?;
    // An id that no header can carry is in the answer all the same.
    if let Ok(place) = HeaderValue::from_str(&place) {
        answer.headers_mut().insert(header::LOCATION, place);
    }
    Ok(answer)
}

/// `GET /api/v1/traces/{id}/shares`: newest first, those that open nothing any more too.
pub(crate) async fn list(ctx: Ctx) -> Result<Reply, Problem> {
    ctx.only_query(&["limit", "cursor", "status"])?;
    let trace = erase::id(&ctx, "trace")?.to_owned();
    let store = TraceStore::open(&ctx.platform, &ctx.actor()?.workspace).await?;
    if !store.has_trace(&trace).await? {
        return Err(Problem::not_found("trace"));
    }
    listed(&ctx, Some(trace)).await
}

/// `GET /api/v1/shares`: of all traces.
pub(crate) async fn list_all(ctx: Ctx) -> Result<Reply, Problem> {
    ctx.only_query(&["limit", "cursor", "status", "trace_id"])?;
    let trace = text(&ctx, "trace_id")?;
    listed(&ctx, trace).await
}

async fn listed(ctx: &Ctx, trace: Option<String>) -> Result<Reply, Problem> {
    let page = ctx.page()?;
    let mut params = Params::default();
    let mut only = String::from("workspace_id = $1");
    let mut and = |condition: String| {
        only.push_str(" AND ");
        only.push_str(&condition);
    };
    if let Some(trace) = trace {
        and(format!("trace_id = {}", params.add(trace)));
    }
    match one_of_lower::<Status>(ctx, "status")? {
        None => {}
        Some(Status::Revoked) => and("revoked_at IS NOT NULL".into()),
        Some(Status::Expired) => and(format!(
            "revoked_at IS NULL AND expires_at <= {}",
            params.add(clock::now())
        )),
        Some(Status::Active) => and(format!(
            "revoked_at IS NULL AND (expires_at IS NULL OR expires_at > {})",
            params.add(clock::now())
        )),
    }
    if let Some(Cursor(at, id)) = page.cursor.clone() {
        let (at, id) = (params.add(at), params.add(id));
        and(format!("(created_at, id) < ({at}, {id})"));
    }
    let sql = format!(
        "SELECT {COLUMNS} FROM trace_shares WHERE {only} ORDER BY created_at DESC, id DESC LIMIT {}",
        params.add(page.fetch())
    );
    let rows = ctx.db().await?.query(&sql, params.into_values()).await?;
    let all = rows.iter().map(read).collect::<Result<Vec<_>, _>>()?;
    reply::ok(&page.page(all, |s| Cursor(s.created_at.micros(), s.id.clone())))
}

async fn find(db: &ScopedDb, trace: &str, id: &str) -> Result<Share, Problem> {
    let sql = format!(
        "SELECT {COLUMNS} FROM trace_shares WHERE workspace_id = $1 AND trace_id = $2 AND id = $3"
    );
    let row = db.first(&sql, [trace.into(), id.into()]).await?;
    read(&row.ok_or_else(|| Problem::not_found(NOUN))?)
}

/// `DELETE /api/v1/traces/{id}/shares/{share}`: the link opens nothing from the next request on.
pub(crate) async fn revoke(ctx: Ctx) -> Result<Reply, Problem> {
    ctx.only_query(&[])?;
    let trace = erase::id(&ctx, "trace")?;
    let share = id(&ctx, "share", NOUN)?;
    let db = ctx.db().await?;
    find(&db, trace, share).await?;
    let sql = "UPDATE trace_shares SET revoked_at = $4, revoked_by = $5 WHERE workspace_id = $1 AND trace_id = $2 AND id = $3 \
               AND revoked_at IS NULL";
    let row: [Sql; 4] = [
        trace.into(),
        share.into(),
        clock::now().into(),
        Who::of(&ctx)?.id.into(),
    ];
    let audit = ctx.audit(
        "trace_share.revoke",
        ("trace_share", share),
        &json!({"trace_id": trace}),
    )?;
    // One that is revoked already stays so.
    db.guarded_batch(vec![Statement::new(sql, row), audit])
        .await?;
    Ok(reply::no_content())
}
