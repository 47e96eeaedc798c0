//! Sessions of people: opened, listed, ended.

use assay_access::{csrf_cookie, csrf_token, hash_secret, session_cookie};
use assay_edge::audit::Who;
use assay_edge::db::{Db, Row, Statement, Value};
use assay_edge::{
    Ctx, Cursor, IDLE_US, Platform, Problem, ProblemKind, Reply, clock, new_id, random_bytes, reply,
};
use assay_model::Timestamp;
use http::{HeaderMap, HeaderValue, header};
use serde::Serialize;
use serde_json::json;

/// How long a session lives at most, in seconds.
pub(crate) const SESSION_S: i64 = 30 * 24 * 3_600;
/// Longest text of a browser that is kept.
const USER_AGENT: usize = 200;

/// A secret of 256 random bits that is shown once.
pub(crate) fn new_secret(prefix: &str) -> Result<String, Problem> {
    Ok(format!("{prefix}{}", hex::encode(random_bytes::<32>()?)))
}

/// A session that was just opened.
pub(crate) struct Opened {
    /// Its id.
    pub(crate) id: String,
    /// What the cookie carries; `None` where it lives by refresh tokens.
    secret: Option<String>,
    /// The workspace to begin in.
    pub(crate) workspace: Option<String>,
}

/// How a session lives.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// By a cookie.
    Cookie,
    /// By refresh tokens.
    Token,
}

/// Opens a session of a person, in `workspace` or the first one.
pub(crate) async fn open(
    ctx: &Ctx,
    db: &Db,
    user: &str,
    kind: Kind,
    workspace: Option<&str>,
) -> Result<Opened, Problem> {
    let now = clock::now();
    let sql = "SELECT u.disabled_at AS disabled_at, m.workspace_id AS workspace_id FROM users u \
               LEFT JOIN members m ON m.user_id = u.id WHERE u.id = $1 \
               ORDER BY CASE WHEN m.workspace_id = $2 THEN 0 ELSE 1 END, m.created_at, m.workspace_id LIMIT 1";
    let params = [user.into(), workspace.unwrap_or_default().into()];
    let rows = db.query(sql, params).await?;
    let row = rows.first().filter(|row| {
        row.opt_int("disabled_at")
            .is_ok_and(|disabled| disabled.is_none())
    });
    let row =
        row.ok_or_else(|| Problem::new(ProblemKind::Forbidden, "The account is disabled."))?;
    let first = row.opt_text("workspace_id")?;
    if workspace.is_some() && first.as_deref() != workspace {
        return Err(Problem::not_found("workspace").naming("/workspace_id", "is none of yours"));
    }
    let secret = match kind {
        Kind::Cookie => Some(new_secret("cs-as-")?),
        Kind::Token => None,
    };
    let pepper = &ctx.platform.pepper;
    let hash = secret.as_ref().map(|s| hash_secret(pepper, s));
    let user_agent: Option<String> = ctx
        .header("user-agent")
        .map(|text| text.chars().take(USER_AGENT).collect());
    // The engine writes it; the port says nothing of the person.
    let address = ctx
        .header("spin-client-addr")
        .and_then(|a| a.rsplit_once(':'))
        .map(|(host, _)| host.to_owned());
    let id = new_id();
    let sql = "INSERT INTO sessions (id, user_id, kind, token_hash, workspace_id, created_at, last_seen_at, expires_at, user_agent, address) \
               VALUES ($1, $2, $3, $4, $5, $6, $6, $7, $8, $9)";
    let kind = match kind {
        Kind::Cookie => "cookie",
        Kind::Token => "token",
    };
    let values: [Value; 9] = [
        id.as_str().into(),
        user.into(),
        kind.into(),
        hash.into(),
        first.clone().into(),
        now.into(),
        (now.micros() + SESSION_S * 1_000_000).into(),
        user_agent.into(),
        address.into(),
    ];
    let mut statements = vec![
        Statement::new(sql, values),
        Statement::new(
            "UPDATE users SET last_sign_in_at = $2 WHERE id = $1",
            [user.into(), now.into()],
        ),
    ];
    let target = ("session", id.as_str());
    statements.extend(told(ctx, user, first.as_deref(), "session.create", target));
    db.batch(&statements).await?;
    Ok(Opened {
        id,
        secret,
        workspace: first,
    })
}

/// The audit log's row of what a person did to sessions, in the workspace that they act in; none for who is in none.
fn told(
    ctx: &Ctx,
    user: &str,
    workspace: Option<&str>,
    action: &str,
    target: (&str, &str),
) -> Option<Statement> {
    let who = Who {
        kind: "user",
        id: user,
    };
    let row = ctx.audit_by(who, action, target, &json!({}));
    Some(row.within(workspace?))
}

/// Does something to sessions of the person who asks, and tells the workspace of the session that they ask by. Whether a
/// session was changed.
async fn change(ctx: &Ctx, sql: Statement, action: &str, session: &str) -> Result<bool, Problem> {
    let db = ctx.platform.db().await?;
    let person = ctx.person()?;
    let own = "SELECT workspace_id FROM sessions WHERE id = $1";
    let rows = db.query(own, [person.session.as_str().into()]).await?;
    let workspace = rows.first().map(|row| row.opt_text("workspace_id"));
    let workspace = workspace.transpose()?.flatten();
    let target = ("session", session);
    let mut statements = vec![sql];
    statements.extend(told(ctx, &person.id, workspace.as_deref(), action, target));
    Ok(db.guarded_batch(&statements).await?)
}

/// One cookie of ours. `secret` keeps it from the page's scripts.
pub(crate) fn set_cookie(
    headers: &mut HeaderMap,
    platform: &Platform,
    name: &str,
    value: &str,
    max_age_s: i64,
    secret: bool,
) -> Result<(), Problem> {
    let hidden = if secret { "; HttpOnly" } else { "" };
    let secure = if platform.config.is_https() {
        "; Secure"
    } else {
        ""
    };
    let text = format!("{name}={value}; Path=/; Max-Age={max_age_s}; SameSite=Lax{hidden}{secure}");
    let value = HeaderValue::from_str(&text).map_err(|_| Problem::internal("a cookie's text"))?;
    headers.append(header::SET_COOKIE, value);
    Ok(())
}

impl Opened {
    /// The token that unsafe requests must carry.
    pub(crate) fn csrf(&self, platform: &Platform) -> String {
        csrf_token(&platform.pepper, &self.id)
    }

    /// Gives the browser its cookies.
    pub(crate) fn write_cookies(
        &self,
        headers: &mut HeaderMap,
        platform: &Platform,
    ) -> Result<(), Problem> {
        let https = platform.config.is_https();
        let secret = self.secret.as_deref().unwrap_or_default();
        let csrf = self.csrf(platform);
        let (session, token) = (session_cookie(https), csrf_cookie(https));
        set_cookie(headers, platform, session, secret, SESSION_S, true)?;
        set_cookie(headers, platform, token, &csrf, SESSION_S, false)
    }
}

/// 204, and the browser forgets its cookies.
fn signed_out(ctx: &Ctx) -> Result<Reply, Problem> {
    let mut answer = reply::no_content();
    let https = ctx.platform.config.is_https();
    let headers = answer.headers_mut();
    set_cookie(headers, &ctx.platform, session_cookie(https), "", 0, true)?;
    set_cookie(headers, &ctx.platform, csrf_cookie(https), "", 0, false)?;
    Ok(answer)
}

/// `POST /api/v1/auth/sign-out`.
pub(crate) async fn sign_out(ctx: Ctx) -> Result<Reply, Problem> {
    let session = ctx.person()?.session.clone();
    change(&ctx, ending(&session, "sign_out"), "session.end", &session).await?;
    signed_out(&ctx)
}

fn ending(session: &str, why: &str) -> Statement {
    let sql = "UPDATE sessions SET revoked_at = $2, revoked_why = $3 WHERE id = $1 AND revoked_at IS NULL";
    Statement::new(sql, [session.into(), clock::now().into(), why.into()])
}

/// Ends one session.
pub(crate) async fn end(db: &Db, session: &str, why: &str) -> Result<(), Problem> {
    Ok(db.batch(&[ending(session, why)]).await?)
}

/// `POST /api/v1/auth/sign-out-everywhere`: every session of the person ends, this one too.
pub(crate) async fn sign_out_everywhere(ctx: Ctx) -> Result<Reply, Problem> {
    let sql = "UPDATE sessions SET revoked_at = $2, revoked_why = 'everywhere' WHERE user_id = $1 AND revoked_at IS NULL";
    let params = [ctx.person()?.id.as_str().into(), clock::now().into()];
    let session = ctx.person()?.session.clone();
    let all = Statement::new(sql, params);
    change(&ctx, all, "session.end_all", &session).await?;
    signed_out(&ctx)
}

#[derive(Serialize)]
struct Session {
    id: String,
    kind: String,
    current: bool,
    created_at: Timestamp,
    last_seen_at: Timestamp,
    expires_at: Timestamp,
    user_agent: Option<String>,
    address: Option<String>,
}

/// `GET /api/v1/auth/sessions`: the person's own that still live, newest first.
pub(crate) async fn list(ctx: Ctx) -> Result<Reply, Problem> {
    ctx.only_query(&["limit", "cursor"])?;
    let page = ctx.page()?;
    let person = ctx.person()?;
    let now = clock::now();
    let Cursor(at, id) = page
        .cursor
        .clone()
        .unwrap_or_else(|| Cursor(i64::MAX, String::new()));
    let sql = "SELECT id, kind, created_at, last_seen_at, expires_at, user_agent, address FROM sessions \
               WHERE user_id = $1 AND revoked_at IS NULL AND expires_at > $2 AND last_seen_at > $3 \
               AND (created_at, id) < ($4, $5) ORDER BY created_at DESC, id DESC LIMIT $6";
    let params: [Value; 6] = [
        person.id.as_str().into(),
        now.into(),
        (now.micros() - IDLE_US).into(),
        at.into(),
        id.into(),
        page.fetch().into(),
    ];
    let rows = ctx.platform.db().await?.query(sql, params).await?;
    let read = |row: &Row| -> Result<Session, Problem> {
        let id = row.text("id")?;
        Ok(Session {
            current: id == person.session,
            id,
            kind: row.text("kind")?,
            created_at: row.time("created_at")?,
            last_seen_at: row.time("last_seen_at")?,
            expires_at: row.time("expires_at")?,
            user_agent: row.opt_text("user_agent")?,
            address: row.opt_text("address")?,
        })
    };
    let sessions = rows.iter().map(read).collect::<Result<Vec<_>, _>>()?;
    reply::ok(&page.page(sessions, |s| Cursor(s.created_at.micros(), s.id.clone())))
}

/// `DELETE /api/v1/auth/sessions/{id}`: the next request of that session is refused.
pub(crate) async fn revoke(ctx: Ctx) -> Result<Reply, Problem> {
    ctx.only_query(&[])?;
    let id = ctx.param("id")?;
    let sql = "UPDATE sessions SET revoked_at = $3, revoked_why = 'revoked' WHERE user_id = $1 AND id = $2 AND revoked_at IS NULL";
    let params = [
        ctx.person()?.id.as_str().into(),
        id.into(),
        clock::now().into(),
    ];
    // Postgres has no text with NUL in it.
    let one = Statement::new(sql, params);
    if !id.contains('\0') && change(&ctx, one, "session.end", id).await? {
        Ok(reply::no_content())
    } else {
        Err(Problem::not_found("session"))
    }
}

/// Forgets what has been over for long. Called at each start.
pub(crate) async fn forget_old(db: &Db) -> Result<(), Problem> {
    let long_ago = clock::now().micros() - SESSION_S * 1_000_000;
    for sql in [
        "DELETE FROM refresh_tokens WHERE expires_at < $1",
        "DELETE FROM sessions WHERE expires_at < $1",
        "DELETE FROM sign_in_links WHERE expires_at < $1",
        "DELETE FROM sign_ins WHERE expires_at < $1",
    ] {
        db.execute(sql, [long_ago.into()]).await?;
    }
    Ok(())
}
