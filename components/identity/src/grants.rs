//! Roles by name, looked up: what one who holds them may do, and who may hand them out.

use assay_access::{Grant, PermissionSet, RoleName};
use assay_edge::db::ScopedDb;
use assay_edge::{Ctx, Principal, Problem, ProblemKind};

/// What a role and a key's scopes come to. `None` when the workspace has no such role.
pub(crate) async fn look_up(
    db: &ScopedDb,
    role: &RoleName,
    scopes: Option<PermissionSet>,
) -> Result<Option<Grant>, Problem> {
    let custom = match role {
        RoleName::BuiltIn(_) => None,
        RoleName::Custom(id) => {
            let sql = "SELECT permissions FROM roles WHERE workspace_id = $1 AND id = $2";
            let Some(row) = db.first(sql, [id.into()]).await? else {
                return Ok(None);
            };
            Some(row.json::<PermissionSet>("permissions")?)
        }
    };
    Ok(Some(Grant::new(role.clone(), custom, scopes)))
}

/// A role that is to be given: it exists, and the caller has all that it grants.
pub(crate) async fn may_give(
    ctx: &Ctx,
    db: &ScopedDb,
    role: &RoleName,
    scopes: Option<PermissionSet>,
) -> Result<Grant, Problem> {
    let grant = look_up(db, role, scopes).await?;
    let grant = grant.ok_or_else(|| Problem::field("/role", "is no role of this workspace"))?;
    may_handle(ctx, &grant)?;
    Ok(grant)
}

/// A role that someone holds and the caller wants to change or take. One that is gone grants nothing.
pub(crate) async fn may_touch(ctx: &Ctx, db: &ScopedDb, role: &RoleName) -> Result<(), Problem> {
    match look_up(db, role, None).await? {
        Some(grant) => may_handle(ctx, &grant),
        None => Ok(()),
    }
}

/// Nobody makes, changes or takes what may more than they may.
pub(crate) fn may_handle(ctx: &Ctx, other: &Grant) -> Result<(), Problem> {
    let own = &ctx.actor()?.grant;
    if own.may_grant(other) {
        return Ok(());
    }
    let detail = format!(
        "The role `{}` does not reach to what the role `{}` grants.",
        own.role, other.role
    );
    Err(Problem::new(ProblemKind::Forbidden, detail))
}

/// The caller as a member, for what only a person does.
pub(crate) fn person(ctx: &Ctx) -> Result<&str, Problem> {
    match &ctx.actor()?.principal {
        Principal::User { id, .. } => Ok(id),
        Principal::ApiKey { .. } => Err(Problem::new(
            ProblemKind::Forbidden,
            "An API key is not a person. Sign in.",
        )),
    }
}

/// An id from the path. Postgres has no text with NUL in it.
pub(crate) fn id<'a>(ctx: &'a Ctx, name: &str, what: &str) -> Result<&'a str, Problem> {
    let id = ctx.param(name)?;
    if id.contains('\0') {
        return Err(Problem::not_found(what));
    }
    Ok(id)
}

/// SQL that is true when a role is one of the five, or one of the workspace's own that is still there.
pub(crate) fn role_exists(parameter: &str) -> String {
    format!(
        "({parameter} NOT LIKE 'custom:%' OR EXISTS (SELECT 1 FROM roles r WHERE r.workspace_id = $1 \
         AND 'custom:' || r.id = {parameter}))"
    )
}

/// The answer when a role went away between look-up and use.
pub(crate) fn role_is_gone() -> Problem {
    Problem::field("/role", "is no role of this workspace")
}
