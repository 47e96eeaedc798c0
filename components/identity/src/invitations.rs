//! Invitations: expiring, for one e-mail address, used once. Only a keyed hash of the link's token is stored.

use crate::{delivery, filter, grants, owner, session};
use assay_access::{RoleName, hash_secret};
use assay_edge::audit::Who;
use assay_edge::db::{DbError, Row, ScopedDb, Statement, Value};
use assay_edge::{Ctx, Cursor, Problem, ProblemKind, Reply, clock, new_id, reply};
use assay_model::{Timestamp, Validate, Validator};
use http::{HeaderValue, StatusCode, header};
use serde::{Deserialize, Serialize};
use serde_json::json;

const PREFIX: &str = "iv-as-";
const DAY_US: i64 = 24 * 3_600 * 1_000_000;
/// How long an invitation is open when its maker does not say, and at most, in days.
const DAYS: (i64, i64) = (7, 90);

#[derive(Serialize)]
pub(crate) struct Invitation {
    pub(crate) id: String,
    pub(crate) email: String,
    pub(crate) role: RoleName,
    /// `open`, `accepted`, `revoked` or `expired`.
    status: &'static str,
    created_by: Option<String>,
    created_at: Timestamp,
    pub(crate) expires_at: Timestamp,
    accepted_at: Option<Timestamp>,
    accepted_by: Option<String>,
    revoked_at: Option<Timestamp>,
}

/// An invitation as it is shown to its maker.
#[derive(Serialize)]
struct NewInvitation {
    #[serde(flatten)]
    invitation: Invitation,
    accept_url: String,
    delivery: delivery::Outcome,
}

const COLUMNS: &str =
    "id, email, role, created_by, created_at, expires_at, accepted_at, accepted_by, revoked_at";

fn read(row: &Row) -> Result<Invitation, Problem> {
    let time = |column| -> Result<Option<Timestamp>, Problem> {
        Ok(row.opt_int(column)?.map(Timestamp::from_micros))
    };
    let (accepted_at, revoked_at) = (time("accepted_at")?, time("revoked_at")?);
    let expires_at = row.time("expires_at")?;
    let status = match (accepted_at, revoked_at) {
        (Some(_), _) => "accepted",
        (None, Some(_)) => "revoked",
        (None, None) if expires_at <= clock::now() => "expired",
        (None, None) => "open",
    };
    Ok(Invitation {
        id: row.text("id")?,
        email: row.text("email")?,
        role: row.text("role")?.parse().map_err(Problem::internal)?,
        status,
        created_by: row.opt_text("created_by")?,
        created_at: row.time("created_at")?,
        expires_at,
        accepted_at,
        accepted_by: row.opt_text("accepted_by")?,
        revoked_at,
    })
}

/// `GET /api/v1/invitations`: newest first, used and revoked ones too.
pub(crate) async fn list(ctx: Ctx) -> Result<Reply, Problem> {
    ctx.only_query(&["limit", "cursor", "status", "role", "q"])?;
    let page = ctx.page()?;
    let status = match ctx.query("status") {
        None => "",
        Some("accepted") => " AND accepted_at IS NOT NULL",
        Some("revoked") => " AND accepted_at IS NULL AND revoked_at IS NOT NULL",
        // `$5` is now.
        Some("expired") => " AND accepted_at IS NULL AND revoked_at IS NULL AND expires_at <= $5",
        Some("open") => " AND accepted_at IS NULL AND revoked_at IS NULL AND expires_at > $5",
        Some(_) => {
            let message = "must be `open`, `accepted`, `revoked` or `expired`";
            return Err(Problem::field("status", message));
        }
    };
    let now = status.contains("$5").then(|| clock::now().into());
    let first = 5 + usize::from(now.is_some());
    let only = filter::conditions(&ctx, &ctx.db().await?, first, "role", &["email"])?;
    let Cursor(at, id) = page
        .cursor
        .clone()
        .unwrap_or_else(|| Cursor(i64::MAX, String::new()));
    let sql = format!(
        "SELECT {COLUMNS} FROM invitations WHERE workspace_id = $1 AND (created_at, id) < ($2, $3){status}{} \
         ORDER BY created_at DESC, id DESC LIMIT $4",
        only.sql
    );
    let mut params = vec![at.into(), id.into(), page.fetch().into()];
    params.extend(now);
    params.extend(only.params);
    let rows = ctx.db().await?.query(&sql, params).await?;
    let all = rows.iter().map(read).collect::<Result<Vec<_>, _>>()?;
    reply::ok(&page.page(all, |i| Cursor(i.created_at.micros(), i.id.clone())))
}

async fn find(ctx: &Ctx, db: &ScopedDb) -> Result<Invitation, Problem> {
    let id = grants::id(ctx, "id", "invitation")?;
    let sql = format!("SELECT {COLUMNS} FROM invitations WHERE workspace_id = $1 AND id = $2");
    let row = db.first(&sql, [id.into()]).await?;
    read(&row.ok_or_else(|| Problem::not_found("invitation"))?)
}

/// `GET /api/v1/invitations/{id}`.
pub(crate) async fn get(ctx: Ctx) -> Result<Reply, Problem> {
    ctx.only_query(&[])?;
    reply::ok(&find(&ctx, &ctx.db().await?).await?)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Create {
    email: String,
    role: RoleName,
    expires_at: Option<Timestamp>,
}

impl Validate for Create {
    fn check(&self, v: &mut Validator) {
        let email = owner::is_email(&self.email) && crate::user::shown_email(&self.email).is_some();
        v.require(email, "email", "is not an e-mail address");
        if let Some(at) = self.expires_at {
            let left = at.micros().saturating_sub(clock::now().micros());
            let fits = left > 0 && left <= DAYS.1 * DAY_US;
            let message = format!("must be in the future, at most {} days from now", DAYS.1);
            v.require(fits, "expires_at", message);
        }
    }
}

fn already(what: &str) -> Problem {
    Problem::new(ProblemKind::AlreadyExists, what).naming("/email", "is taken")
}

/// `POST /api/v1/invitations`. The link is in this answer and nowhere else.
pub(crate) async fn create(mut ctx: Ctx) -> Result<Reply, Problem> {
    ctx.only_query(&[])?;
    let body: Create = ctx.json().await?;
    let db = ctx.db().await?;
    grants::may_give(&ctx, &db, &body.role, None).await?;
    let now = clock::now();
    let invitation = Invitation {
        id: new_id(),
        email: body.email.to_lowercase(),
        role: body.role,
        status: "open",
        created_by: Some(ctx.actor()?.principal.id().to_owned()),
        created_at: now,
        expires_at: body
            .expires_at
            .unwrap_or_else(|| Timestamp::from_micros(now.micros() + DAYS.0 * DAY_US)),
        accepted_at: None,
        accepted_by: None,
        revoked_at: None,
    };
    let email = invitation.email.as_str();
    let sql = "SELECT 1 AS one FROM members m JOIN users u ON u.id = m.user_id \
               WHERE m.workspace_id = $1 AND lower(u.email) = $2";
    if db.first(sql, [email.into()]).await?.is_some() {
        return Err(already("A member has this address already."));
    }
    // One that has run out makes room.
    let sql = "UPDATE invitations SET revoked_at = $3 WHERE workspace_id = $1 AND email = $2 AND accepted_at IS NULL \
               AND revoked_at IS NULL AND expires_at <= $3";
    db.execute(sql, [email.into(), now.into()]).await?;
    let token = session::new_secret(PREFIX)?;
    let exists = grants::role_exists("$4");
    let sql = format!(
        "INSERT INTO invitations (workspace_id, id, email, role, token_hash, created_by, created_at, expires_at) \
         SELECT CAST($1 AS TEXT), CAST($2 AS TEXT), CAST($3 AS TEXT), CAST($4 AS TEXT), CAST($5 AS TEXT), \
         CAST($6 AS TEXT), CAST($7 AS BIGINT), CAST($8 AS BIGINT) WHERE {exists}"
    );
    let row: [Value; 7] = [
        invitation.id.as_str().into(),
        email.into(),
        invitation.role.to_string().into(),
        hash_secret(&ctx.platform.pepper, &token).into(),
        invitation.created_by.clone().into(),
        now.into(),
        invitation.expires_at.into(),
    ];
    let detail =
        json!({"email": email, "role": invitation.role, "expires_at": invitation.expires_at});
    let target = ("invitation", invitation.id.as_str());
    let audit = ctx.audit("invitation.create", target, &detail)?;
    let done = db.exclusive(vec![Statement::new(sql, row), audit]).await;
    let done = done.map_err(|e| match e {
        DbError::Unique(cause) => {
            already("There is an open invitation for this address. Revoke it first.")
                .caused_by(cause)
        }
        other => other.into(),
    })?;
    if !done {
        return Err(grants::role_is_gone());
    }
    // What follows `#` is not sent to any server, so that no log has the token.
    let accept_url = format!("{}/invitation#token={token}", ctx.base_url());
    let delivery = delivery::send(&ctx, &db, &invitation, &accept_url).await;
    let location = HeaderValue::from_str(&format!("/api/v1/invitations/{}", invitation.id))
        .map_err(Problem::internal)?;
    let shown = NewInvitation {
        invitation,
        accept_url,
        delivery,
    };
    let mut answer = reply::json(StatusCode::CREATED, &shown)?;
    answer.headers_mut().insert(header::LOCATION, location);
    Ok(answer)
}

/// `DELETE /api/v1/invitations/{id}`: the link is worth nothing from now on.
pub(crate) async fn revoke(ctx: Ctx) -> Result<Reply, Problem> {
    ctx.only_query(&[])?;
    let db = ctx.db().await?;
    let invitation = find(&ctx, &db).await?;
    grants::may_touch(&ctx, &db, &invitation.role).await?;
    let sql = "UPDATE invitations SET revoked_at = $3 WHERE workspace_id = $1 AND id = $2 \
               AND accepted_at IS NULL AND revoked_at IS NULL";
    let row = [invitation.id.as_str().into(), clock::now().into()];
    let target = ("invitation", invitation.id.as_str());
    let audit = ctx.audit(
        "invitation.revoke",
        target,
        &json!({"email": invitation.email}),
    )?;
    if db.exclusive(vec![Statement::new(sql, row), audit]).await? {
        return Ok(reply::no_content());
    }
    if find(&ctx, &db).await?.status == "accepted" {
        let detail = "The invitation was accepted. Remove the member instead.";
        return Err(Problem::new(ProblemKind::Conflict, detail));
    }
    Ok(reply::no_content())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Accept {
    token: String,
}

impl Validate for Accept {
    fn check(&self, v: &mut Validator) {
        v.name("token", &self.token, 200);
    }
}

fn unknown() -> Problem {
    Problem::not_found("invitation").naming("/token", "is unknown, used, revoked or expired")
}

/// `POST /api/v1/invitations/accept`: a person who proved the address joins the workspace.
pub(crate) async fn accept(mut ctx: Ctx) -> Result<Reply, Problem> {
    ctx.only_query(&[])?;
    let body: Accept = ctx.json().await?;
    let person = ctx.person()?.id.clone();
    let db = ctx.platform.db().await?;
    let now = clock::now();
    let hash = hash_secret(&ctx.platform.pepper, &body.token);
    let sql = "SELECT workspace_id, id, email, role FROM invitations WHERE token_hash = $1 AND accepted_at IS NULL \
               AND revoked_at IS NULL AND expires_at > $2";
    let rows = db.query(sql, [hash.into(), now.into()]).await?;
    let row = rows.first().ok_or_else(unknown)?;
    let (workspace, id) = (row.text("workspace_id")?, row.text("id")?);
    let (email, role) = (row.text("email")?, row.text("role")?);
    // Both hold only addresses that were proven.
    let sql = "SELECT 1 AS one FROM users u WHERE u.id = $1 AND (lower(u.email) = $2 OR EXISTS (SELECT 1 FROM identities i \
               WHERE i.user_id = u.id AND lower(i.email) = $2))";
    let params = [person.as_str().into(), email.as_str().into()];
    if db.query(sql, params).await?.is_empty() {
        let detail = "The invitation is for another e-mail address. Sign in with that one.";
        return Err(
            Problem::new(ProblemKind::Forbidden, detail).naming("/token", "is for another address")
        );
    }
    let sql = "UPDATE invitations SET accepted_at = $3, accepted_by = $4 WHERE workspace_id = $1 AND id = $2 \
               AND accepted_at IS NULL AND revoked_at IS NULL AND expires_at > $3";
    let accepted: [Value; 3] = [id.as_str().into(), now.into(), person.as_str().into()];
    let member =
        "INSERT INTO members (workspace_id, user_id, role, created_at) VALUES ($1, $2, $3, $4)";
    let joined: [Value; 3] = [person.as_str().into(), role.as_str().into(), now.into()];
    let who = Who {
        kind: "user",
        id: &person,
    };
    let detail = json!({"email": email, "role": role});
    let statements = vec![
        Statement::new(sql, accepted),
        Statement::new(member, joined),
        ctx.audit_by(who, "invitation.accept", ("invitation", &id), &detail),
    ];
    let db = ScopedDb::for_internal(db, workspace);
    match db.exclusive(statements).await {
        Ok(true) => {}
        Ok(false) => return Err(unknown()),
        Err(DbError::Unique(cause)) => {
            let detail = "You are a member of the workspace already.";
            return Err(Problem::new(ProblemKind::AlreadyExists, detail).caused_by(cause));
        }
        Err(e) => return Err(e.into()),
    }
    let sql = "SELECT name FROM workspaces WHERE id = $1";
    let row = db.first(sql, []).await?.ok_or_else(unknown)?;
    reply::ok(&json!({
        "workspace": {"id": db.workspace(), "name": row.text("name")?},
        "role": role,
    }))
}
