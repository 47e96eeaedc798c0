//! Hooks as they rest, and as they are shown.

use assay_edge::db::{Db, Row, ScopedDb};
use assay_edge::{Cursor, Problem};
use assay_model::Timestamp;
use assay_webhook::HookSpec;
use serde::Serialize;

/// The table.
pub(super) const TABLE: &str = "hooks";

/// What is read of a hook.
pub(super) const COLUMNS: &str = "workspace_id, id, spec, secrets, secret_count, token, version, created_by, created_at, \
     updated_by, updated_at";

/// A hook, with what is sealed of it.
pub(super) struct Hook {
    pub(super) workspace: String,
    pub(super) id: String,
    pub(super) spec: HookSpec,
    pub(super) secrets: String,
    pub(super) secret_count: i64,
    pub(super) token: Option<String>,
    pub(super) version: i64,
    created_by: Option<String>,
    created_at: Timestamp,
    updated_by: Option<String>,
    updated_at: Timestamp,
}

impl Hook {
    pub(super) fn read(row: &Row) -> Result<Self, Problem> {
        Ok(Self {
            workspace: row.text("workspace_id")?,
            id: row.text("id")?,
            spec: row.json("spec")?,
            secrets: row.text("secrets")?,
            secret_count: row.int("secret_count")?,
            token: row.opt_text("token")?,
            version: row.int("version")?,
            created_by: row.opt_text("created_by")?,
            created_at: row.time("created_at")?,
            updated_by: row.opt_text("updated_by")?,
            updated_at: row.time("updated_at")?,
        })
    }
}

/// The workspace's hook of that id.
pub(super) async fn find(db: &ScopedDb, id: &str) -> Result<Option<Hook>, Problem> {
    let sql = format!("SELECT {COLUMNS} FROM {TABLE} WHERE workspace_id = $1 AND id = $2");
    let row = db.first(&sql, [id.into()]).await?;
    row.as_ref().map(Hook::read).transpose()
}

/// The hook of that id, whosever it is: a request that is signed names no workspace.
pub(super) async fn anyones(db: &Db, id: &str) -> Result<Option<Hook>, Problem> {
    let sql = format!("SELECT {COLUMNS} FROM {TABLE} WHERE id = $1");
    let rows = db.query(&sql, [id.into()]).await?;
    rows.first().map(Hook::read).transpose()
}

/// A hook as it is shown.
#[derive(Serialize)]
pub(super) struct Shown {
    id: String,
    #[serde(flatten)]
    spec: HookSpec,
    /// Where requests are sent.
    url: String,
    secret_count: i64,
    has_token: bool,
    version: i64,
    created_by: Option<String>,
    created_at: Timestamp,
    updated_by: Option<String>,
    updated_at: Timestamp,
}

impl Shown {
    pub(super) fn of(hook: &Hook, base: &str) -> Self {
        Self {
            id: hook.id.clone(),
            spec: hook.spec.clone(),
            url: format!("{base}/hooks/{}", hook.id),
            secret_count: hook.secret_count,
            has_token: hook.token.is_some(),
            version: hook.version,
            created_by: hook.created_by.clone(),
            created_at: hook.created_at,
            updated_by: hook.updated_by.clone(),
            updated_at: hook.updated_at,
        }
    }

    /// Its place in the list.
    pub(super) fn place(&self) -> Cursor {
        Cursor(self.created_at.micros(), self.id.clone())
    }
}
