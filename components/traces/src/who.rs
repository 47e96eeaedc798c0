//! Whose something is, and who may change what is not their own.

use assay_access::Permission::WorkspaceManage;
use assay_edge::{Ctx, Problem, ProblemKind};

/// The caller, as rows name them.
pub(crate) struct Who<'a> {
    /// `user`, `api_key` or `service_account`.
    pub(crate) kind: &'static str,
    /// The id.
    pub(crate) id: &'a str,
    /// Whether they manage the workspace.
    pub(crate) manages: bool,
}

impl<'a> Who<'a> {
    /// Who asks.
    pub(crate) fn of(ctx: &'a Ctx) -> Result<Self, Problem> {
        let actor = ctx.actor()?;
        Ok(Self {
            kind: actor.principal.kind(),
            id: actor.principal.id(),
            manages: actor.grant.has(WorkspaceManage),
        })
    }

    /// Whether the row's owner is this one.
    pub(crate) fn is(&self, kind: &str, id: &str) -> bool {
        self.kind == kind && self.id == id
    }
}

/// The answer to one who may see something and not do this to it.
pub(crate) fn forbidden(detail: &str) -> Problem {
    Problem::new(ProblemKind::Forbidden, detail)
}

/// An id of the path. One that no id of ours can look like names nothing.
pub(crate) fn id<'a>(ctx: &'a Ctx, name: &str, noun: &str) -> Result<&'a str, Problem> {
    let id = ctx.param(name)?;
    if is_id(id) {
        Ok(id)
    } else {
        Err(Problem::not_found(noun))
    }
}

/// Whether a text can be an id that was made here.
pub(crate) fn is_id(text: &str) -> bool {
    (1..=64).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
}
