//! People in the loop: queues of what they are to look at, their answers, and what those come to.
//!
//! Who answers takes a place of an item (`review_slots`), one statement each, so that no item has more people than it wants and nobody
//! answers one twice, whatever is asked at the same time. A place that is kept and not used is free again after its lease.

pub(crate) mod claim;
mod content;
pub(crate) mod export;
pub(crate) mod items;
pub(crate) mod listing;
pub(crate) mod queues;
pub(crate) mod reports;
pub(crate) mod skips;
mod stored;
pub(crate) mod submit;

use assay_access::Permission::ResourcesWrite;
use assay_edge::db::ScopedDb;
use assay_edge::{Ctx, Problem, ProblemKind};
use assay_model::FieldError;
use serde_json::json;
use std::collections::BTreeSet;

/// Who asks.
pub(crate) struct Who<'a> {
    /// `user`, `api_key` or `service_account`.
    kind: &'static str,
    pub(crate) id: &'a str,
    /// Whether they look after queues, and see what those who answer do not.
    manages: bool,
}

impl<'a> Who<'a> {
    pub(crate) fn of(ctx: &'a Ctx) -> Result<Self, Problem> {
        let actor = ctx.actor()?;
        Ok(Self {
            kind: actor.principal.kind(),
            id: actor.principal.id(),
            manages: actor.grant.has(ResourcesWrite),
        })
    }
}

/// An id of the path. One that no id of ours can look like names nothing.
pub(crate) fn id<'a>(ctx: &'a Ctx, name: &str, noun: &str) -> Result<&'a str, Problem> {
    let id = ctx.param(name)?;
    let fits = (1..=64).contains(&id.len());
    if fits && id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-') {
        Ok(id)
    } else {
        Err(Problem::not_found(noun))
    }
}

pub(crate) fn conflict(detail: &str) -> Problem {
    Problem::new(ProblemKind::Conflict, detail)
}

/// Refuses ids that are of nobody in the workspace, by their places below `field`.
async fn known_people(db: &ScopedDb, field: &str, ids: &[String]) -> Result<(), Problem> {
    if ids.is_empty() {
        return Ok(());
    }
    let list = db.pick(
        "SELECT value FROM json_each($2)",
        "SELECT jsonb_array_elements_text($2::text::jsonb)",
    );
    let sql = format!(
        "SELECT user_id AS id FROM members WHERE workspace_id = $1 AND user_id IN ({list}) \
         UNION SELECT id FROM service_accounts WHERE workspace_id = $1 AND id IN ({list}) \
         UNION SELECT id FROM api_keys WHERE workspace_id = $1 AND id IN ({list})"
    );
    let rows = db.query(&sql, [json!(ids).to_string().into()]).await?;
    let known: BTreeSet<String> = rows
        .iter()
        .map(|row| row.text("id"))
        .collect::<Result<_, _>>()?;
    let wrong: Vec<FieldError> = ids
        .iter()
        .enumerate()
        .filter(|(_, id)| !known.contains(*id))
        .map(|(i, _)| FieldError {
            field: format!("{field}/{i}"),
            message: "is nobody of this workspace".into(),
        })
        .collect();
    if wrong.is_empty() {
        Ok(())
    } else {
        Err(Problem::validation(wrong))
    }
}
