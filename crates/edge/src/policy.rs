//! A workspace's policy of ingestion as the relational store has it. Whatever lets data in applies it, and so looks here;
//! what the policy says is not known here.

use crate::ctx::Ctx;
use crate::db::ScopedDb;
use crate::platform::Platform;
use crate::problem::Problem;
use crate::remembered::Remembered;
use assay_model::Timestamp;
use serde_json::Value;
use std::rc::Rc;
use std::thread::LocalKey;

/// How long a policy is remembered, in milliseconds.
const FRESH_MS: i64 = 3_000;

/// A policy as it is kept.
pub struct StoredPolicy {
    /// What the workspace wrote.
    pub spec: Value,
    /// The workspace's secret for hashes.
    pub salt: Vec<u8>,
    /// Counts its changes.
    pub version: i64,
    /// When it was last changed.
    pub updated_at: Timestamp,
    /// By whom.
    pub updated_by: Option<String>,
}

fn place(workspace: &str) -> String {
    format!("ingest_policies/{workspace}")
}

/// The workspace's policy, if it has one of its own.
///
/// # Errors
/// `store-unavailable`, or `wrong-encryption-key`.
pub async fn find(platform: &Platform, db: &ScopedDb) -> Result<Option<StoredPolicy>, Problem> {
    let sql = "SELECT spec, salt, version, updated_by, updated_at FROM ingest_policies WHERE workspace_id = $1";
    let Some(row) = db.first(sql, []).await? else {
        return Ok(None);
    };
    let sealed = row.text("salt")?;
    let salt = platform
        .keyring
        .open(&place(db.workspace()), &sealed)
        .map_err(Problem::internal)?;
    Ok(Some(StoredPolicy {
        spec: row.json("spec")?,
        salt: hex::decode(salt.expose()).map_err(Problem::internal)?,
        version: row.int("version")?,
        updated_at: row.time("updated_at")?,
        updated_by: row.opt_text("updated_by")?,
    }))
}

/// The salt as it is kept.
///
/// # Errors
/// When it cannot be sealed.
pub fn seal_salt(platform: &Platform, workspace: &str, salt: &[u8]) -> Result<String, Problem> {
    platform.keyring.seal(&place(workspace), &hex::encode(salt))
}

/// What the component makes of the caller's policy, remembered for a few seconds: what was let in under an older one
/// stays as it is.
///
/// # Errors
/// As [`find`], and as `make`.
pub async fn remembered<T: 'static>(
    ctx: &Ctx,
    known: &'static LocalKey<Remembered<T>>,
    make: impl FnOnce(Option<StoredPolicy>) -> Result<T, Problem>,
) -> Result<Rc<T>, Problem> {
    let workspace = &ctx.actor()?.workspace;
    if let Some(made) = known.with(|known| known.get(workspace)) {
        return Ok(made);
    }
    let made = make(find(&ctx.platform, &ctx.db().await?).await?)?;
    Ok(known.with(|known| known.keep(workspace, made, FRESH_MS)))
}
