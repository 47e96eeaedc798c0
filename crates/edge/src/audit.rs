//! The audit log: who did what to what. The row is a [`Statement`] for the batch of the act, so that there is never one
//! without the other.

use crate::address;
use crate::clock;
use crate::ctx::Ctx;
use crate::db::{Statement, Value};
use crate::ids::new_id;
use crate::problem::Problem;
use serde_json::Value as Json;

const INSERT: &str = "INSERT INTO audit_log (workspace_id, id, at, actor_kind, actor_id, action, target_kind, target_id, \
     detail, request_id, address) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)";

/// Who did it, as the log names them.
#[derive(Debug, Clone, Copy)]
pub struct Who<'a> {
    /// `user`, `api_key` or `service_account`.
    pub kind: &'a str,
    /// The id.
    pub id: &'a str,
}

impl Ctx {
    /// The row of an act of the caller in the caller's workspace, for a [`crate::db::ScopedDb`]. `action` is
    /// `thing.verb`; `detail` is shown to whoever reads the log, and holds no secrets.
    ///
    /// # Errors
    /// On a route without an actor, which is a fault of the handler.
    pub fn audit(
        &self,
        action: &str,
        target: (&str, &str),
        detail: &Json,
    ) -> Result<Statement, Problem> {
        let principal = &self.actor()?.principal;
        let who = Who {
            kind: principal.kind(),
            id: principal.id(),
        };
        Ok(self.audit_by(who, action, target, detail))
    }

    /// As [`Ctx::audit`], where the caller is not an actor of the workspace yet, or no more.
    #[must_use]
    pub fn audit_by(
        &self,
        who: Who<'_>,
        action: &str,
        target: (&str, &str),
        detail: &Json,
    ) -> Statement {
        let (kind, id) = target;
        let address = address::of(&self.headers, &self.platform.config).map(|ip| ip.to_string());
        let row: [Value; 10] = [
            new_id().into(),
            clock::now().into(),
            who.kind.into(),
            who.id.into(),
            action.into(),
            kind.into(),
            id.into(),
            detail.to_string().into(),
            self.request_id.as_str().into(),
            address.into(),
        ];
        Statement::new(INSERT, row)
    }
}
