//! Members: who is in the workspace and what they may do. A workspace always keeps an owner, and a way in.

use crate::{filter, grants};
use assay_access::{Role, RoleName};
use assay_edge::audit::Who;
use assay_edge::db::{Row, ScopedDb, Statement, Value};
use assay_edge::{Ctx, Cursor, Problem, ProblemKind, Reply, clock, reply};
use assay_model::{Timestamp, Validate, Validator};
use serde::{Deserialize, Serialize};
use serde_json::json;

#[derive(Serialize)]
struct Member {
    user_id: String,
    /// `None` until the person has proven one.
    email: Option<String>,
    name: String,
    role: RoleName,
    created_at: Timestamp,
    last_sign_in_at: Option<Timestamp>,
}

const SELECT: &str = "SELECT m.user_id AS user_id, u.email AS email, u.name AS name, m.role AS role, \
     m.created_at AS created_at, u.last_sign_in_at AS last_sign_in_at FROM members m JOIN users u ON u.id = m.user_id";

fn read(row: &Row) -> Result<Member, Problem> {
    Ok(Member {
        user_id: row.text("user_id")?,
        email: crate::user::shown_email(&row.text("email")?).map(str::to_owned),
        name: row.text("name")?,
        role: row.text("role")?.parse().map_err(Problem::internal)?,
        created_at: row.time("created_at")?,
        last_sign_in_at: row.opt_int("last_sign_in_at")?.map(Timestamp::from_micros),
    })
}

/// `GET /api/v1/members`: the oldest first.
pub(crate) async fn list(ctx: Ctx) -> Result<Reply, Problem> {
    ctx.only_query(&["limit", "cursor", "role", "q"])?;
    let page = ctx.page()?;
    let only = filter::conditions(&ctx, &ctx.db().await?, 5, "m.role", &["u.name", "u.email"])?;
    let Cursor(at, id) = page
        .cursor
        .clone()
        .unwrap_or_else(|| Cursor(i64::MIN, String::new()));
    let sql = format!(
        "{SELECT} WHERE m.workspace_id = $1 AND (m.created_at, m.user_id) > ($2, $3){} \
         ORDER BY m.created_at, m.user_id LIMIT $4",
        only.sql
    );
    let mut params = vec![at.into(), id.into(), page.fetch().into()];
    params.extend(only.params);
    let rows = ctx.db().await?.query(&sql, params).await?;
    let members = rows.iter().map(read).collect::<Result<Vec<_>, _>>()?;
    reply::ok(&page.page(members, |m| {
        Cursor(m.created_at.micros(), m.user_id.clone())
    }))
}

async fn find(db: &ScopedDb, user: &str) -> Result<Member, Problem> {
    let sql = format!("{SELECT} WHERE m.workspace_id = $1 AND m.user_id = $2");
    let row = db.first(&sql, [user.into()]).await?;
    read(&row.ok_or_else(|| Problem::not_found("member"))?)
}

/// `GET /api/v1/members/{user_id}`.
pub(crate) async fn get(ctx: Ctx) -> Result<Reply, Problem> {
    ctx.only_query(&[])?;
    let id = grants::id(&ctx, "user_id", "member")?;
    reply::ok(&find(&ctx.db().await?, id).await?)
}

/// SQL that is true when the workspace keeps an owner without the member `$2`, and an owner's way in: one who signed in
/// before, or a key that works. `$3` is now.
const KEEPS_AN_OWNER: &str = "EXISTS (SELECT 1 FROM members o JOIN users u ON u.id = o.user_id \
     WHERE o.workspace_id = $1 AND o.user_id <> $2 AND o.role = 'owner' AND u.disabled_at IS NULL \
     AND (u.last_sign_in_at IS NOT NULL OR EXISTS (SELECT 1 FROM api_keys k WHERE k.workspace_id = $1 \
     AND k.role = 'owner' AND k.scopes IS NULL AND k.service_account_id IS NULL AND k.revoked_at IS NULL \
     AND (k.expires_at IS NULL OR k.expires_at > $3))))";

fn last_owner() -> Problem {
    Problem::new(
        ProblemKind::Conflict,
        "This is the last owner who can sign in. Make another one first.",
    )
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Change {
    role: RoleName,
}

impl Validate for Change {
    fn check(&self, _: &mut Validator) {}
}

/// `PATCH /api/v1/members/{user_id}`: another role, from the next request on.
pub(crate) async fn patch(mut ctx: Ctx) -> Result<Reply, Problem> {
    ctx.only_query(&[])?;
    let change: Change = ctx.json().await?;
    let db = ctx.db().await?;
    let id = grants::id(&ctx, "user_id", "member")?;
    let member = find(&db, id).await?;
    grants::may_touch(&ctx, &db, &member.role).await?;
    grants::may_give(&ctx, &db, &change.role, None).await?;
    if member.role == change.role {
        return reply::ok(&member);
    }
    let exists = grants::role_exists("$4");
    let sql = format!(
        "UPDATE members SET role = $4, updated_at = $3 WHERE workspace_id = $1 AND user_id = $2 AND role = $5 \
         AND {exists} AND (role <> 'owner' OR {KEEPS_AN_OWNER})"
    );
    let row: [Value; 4] = [
        id.into(),
        clock::now().into(),
        change.role.to_string().into(),
        member.role.to_string().into(),
    ];
    let detail = json!({"from": member.role, "to": change.role});
    let audit = ctx.audit("member.update", ("user", id), &detail)?;
    if db.exclusive(vec![Statement::new(sql, row), audit]).await? {
        return reply::ok(&find(&db, id).await?);
    }
    // Gone, changed in between, or the last one.
    let now = find(&db, id).await?;
    if grants::look_up(&db, &change.role, None).await?.is_none() {
        return Err(grants::role_is_gone());
    }
    if now.role != member.role {
        let detail = "The member was given another role in between.";
        return Err(Problem::new(ProblemKind::Conflict, detail));
    }
    Err(last_owner())
}

/// Takes a member out, with the invitations that they made and nobody has used. Whether it was done.
async fn take_out(ctx: &Ctx, db: &ScopedDb, user: &str, who: Who<'_>) -> Result<bool, Problem> {
    let member = find(db, user).await?;
    let sql = format!(
        "DELETE FROM members WHERE workspace_id = $1 AND user_id = $2 AND role = $4 \
         AND (role <> 'owner' OR {KEEPS_AN_OWNER})"
    );
    let now = clock::now();
    let role = member.role.to_string();
    let row: [Value; 3] = [user.into(), now.into(), role.as_str().into()];
    let invitations = "UPDATE invitations SET revoked_at = $3 WHERE workspace_id = $1 AND created_by = $2 \
         AND accepted_at IS NULL AND revoked_at IS NULL";
    let action = if who.id == user {
        "member.leave"
    } else {
        "member.remove"
    };
    let statements = vec![
        Statement::new(sql, row),
        Statement::new(invitations, [user.into(), now.into()]),
        ctx.audit_by(who, action, ("user", user), &json!({"role": role})),
    ];
    Ok(db.exclusive(statements).await?)
}

/// `DELETE /api/v1/members/{user_id}`: the person's next request is refused.
pub(crate) async fn remove(ctx: Ctx) -> Result<Reply, Problem> {
    ctx.only_query(&[])?;
    let db = ctx.db().await?;
    let id = grants::id(&ctx, "user_id", "member")?;
    grants::may_touch(&ctx, &db, &find(&db, id).await?.role).await?;
    let principal = &ctx.actor()?.principal;
    let who = Who {
        kind: principal.kind(),
        id: principal.id(),
    };
    if take_out(&ctx, &db, id, who).await? {
        return Ok(reply::no_content());
    }
    find(&db, id).await?;
    Err(last_owner())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Leave {
    workspace_id: String,
}

impl Validate for Leave {
    fn check(&self, v: &mut Validator) {
        v.name("workspace_id", &self.workspace_id, 64);
    }
}

/// `POST /api/v1/members/leave`: a person leaves the workspace that the body names, so that none is left by accident.
pub(crate) async fn leave(mut ctx: Ctx) -> Result<Reply, Problem> {
    ctx.only_query(&[])?;
    let body: Leave = ctx.json().await?;
    let person = ctx.person()?.id.clone();
    let db = ScopedDb::for_internal(ctx.platform.db().await?, body.workspace_id);
    let missing = |_| Problem::not_found("workspace").naming("/workspace_id", "is none of yours");
    find(&db, &person).await.map_err(missing)?;
    let who = Who {
        kind: "user",
        id: &person,
    };
    if take_out(&ctx, &db, &person, who).await? {
        return Ok(reply::no_content());
    }
    find(&db, &person).await.map_err(missing)?;
    Err(last_owner())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Transfer {
    user_id: String,
}

impl Validate for Transfer {
    fn check(&self, v: &mut Validator) {
        v.name("user_id", &self.user_id, 64);
    }
}

/// Both rows or none: the new owner must be a member who signed in before, the old one still an owner.
const TRANSFER: &str = "UPDATE members SET role = CASE WHEN user_id = $2 THEN 'owner' ELSE 'admin' END, updated_at = $4 \
     WHERE workspace_id = $1 AND user_id IN ($2, $3) \
     AND EXISTS (SELECT 1 FROM members n JOIN users u ON u.id = n.user_id WHERE n.workspace_id = $1 AND n.user_id = $2 \
     AND u.disabled_at IS NULL AND u.last_sign_in_at IS NOT NULL) \
     AND EXISTS (SELECT 1 FROM members o WHERE o.workspace_id = $1 AND o.user_id = $3 AND o.role = 'owner')";

/// `POST /api/v1/workspace/transfer-ownership`: the member becomes an owner and the caller an administrator, at once.
pub(crate) async fn transfer(mut ctx: Ctx) -> Result<Reply, Problem> {
    ctx.only_query(&[])?;
    let body: Transfer = ctx.json().await?;
    let owner = grants::person(&ctx)?;
    if owner == body.user_id {
        return Err(Problem::field(
            "/user_id",
            "is you, who are an owner already",
        ));
    }
    let db = ctx.db().await?;
    let row: [Value; 3] = [
        body.user_id.as_str().into(),
        owner.into(),
        clock::now().into(),
    ];
    let detail = json!({"from": owner, "to": body.user_id});
    let target = ("workspace", db.workspace());
    let audit = ctx.audit("workspace.transfer_ownership", target, &detail)?;
    if db
        .exclusive(vec![Statement::new(TRANSFER, row), audit])
        .await?
    {
        return reply::ok(&find(&db, &body.user_id).await?);
    }
    let not_a_member = |_| Problem::field("/user_id", "is no member of the workspace");
    find(&db, &body.user_id).await.map_err(not_a_member)?;
    if find(&db, owner).await?.role != RoleName::BuiltIn(Role::Owner) {
        let detail = "You are not an owner any more.";
        return Err(Problem::new(ProblemKind::Conflict, detail));
    }
    Err(Problem::field(
        "/user_id",
        "has never signed in, or is disabled",
    ))
}
