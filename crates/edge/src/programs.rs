//! The bytes of a workspace's programs, for the components that give them back and that run them.

use crate::db::ScopedDb;
use crate::problem::Problem;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;
use std::collections::BTreeSet;

/// The bytes of a program as they were given; `None` where the workspace has none of that id, or has deleted it.
///
/// # Errors
/// When the store fails.
pub async fn bytes(db: &ScopedDb, id: &str) -> Result<Option<Vec<u8>>, Problem> {
    let sql = "SELECT b.wasm AS wasm FROM program_bytes b \
               JOIN programs p ON p.workspace_id = b.workspace_id AND p.id = b.program_id \
               WHERE b.workspace_id = $1 AND b.program_id = $2 AND p.deleted_at IS NULL";
    let Some(row) = db.first(sql, [id.into()]).await? else {
        return Ok(None);
    };
    let bytes = STANDARD.decode(row.text("wasm")?);
    bytes.map(Some).map_err(Problem::internal)
}

/// Those of `ids` that the workspace has.
///
/// # Errors
/// When the store fails.
pub async fn known(db: &ScopedDb, ids: &BTreeSet<&str>) -> Result<BTreeSet<String>, Problem> {
    if ids.is_empty() {
        return Ok(BTreeSet::new());
    }
    let list = db.pick(
        "SELECT value FROM json_each($2)",
        "SELECT jsonb_array_elements_text($2::text::jsonb)",
    );
    let sql = format!(
        "SELECT id FROM programs WHERE workspace_id = $1 AND deleted_at IS NULL AND id IN ({list})"
    );
    let rows = db.query(&sql, [json!(ids).to_string().into()]).await?;
    rows.iter().map(|row| Ok(row.text("id")?)).collect()
}
