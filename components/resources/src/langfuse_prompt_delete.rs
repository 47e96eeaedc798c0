//! Deleting prompts as Langfuse's clients do: whole, or a version of them by its number or label.

use crate::crud::{audit, contended};
use crate::langfuse_prompts::{TRIES, asked_version, labelled, numbers};
use crate::prompts::Prompts;
use crate::resource::{Stored, named};
use crate::versions;
use assay_edge::db::{ScopedDb, Statement, Value as Sql};
use assay_edge::{Ctx, Problem, Reply, clock, reply};
use assay_model::Timestamp;
use serde_json::{Map, Value, json};

/// What belongs to the prompt rather than to one of its versions.
const OF_ALL_VERSIONS: [&str; 3] = ["name", "description", "tags"];

/// `DELETE /api/public/v2/prompts/{name}?version&label`: only the version that is both, or the prompt where neither is
/// told. A prompt whose last version goes is deleted, and keeps the version for when it is restored.
pub(crate) async fn delete(ctx: Ctx) -> Result<Reply, Problem> {
    ctx.only_query(&["version", "label"])?;
    let (version, label) = (asked_version(&ctx)?, ctx.query("label"));
    let db = ctx.db().await?;
    for _ in 0..TRIES {
        let stored = named::<Prompts>(&db, ctx.param("name")?).await?;
        let mut detail = json!({});
        let now = clock::now();
        let mut statements = if version.is_none() && label.is_none() {
            vec![delete_all(&stored.id, now)]
        } else {
            let gone = match label {
                None => version,
                Some(label) => labelled(&stored, label).filter(|v| version.is_none_or(|w| w == *v)),
            };
            let mut left = numbers(&db, std::slice::from_ref(&stored)).await?;
            let mut left = left.remove(&stored.id).unwrap_or_default();
            let gone = gone
                .filter(|v| left.contains(v))
                .ok_or_else(|| Problem::not_found("version"))?;
            detail = json!({"version": gone});
            left.retain(|v| *v != gone);
            match left.last() {
                None => vec![delete_last(&stored, now)],
                Some(newest) => delete_one(&db, &stored, gone, *newest, now).await?,
            }
        };
        statements.push(audit::<Prompts>(&ctx, "delete", &stored.id, &detail)?);
        if db.guarded_batch(statements).await? {
            return Ok(reply::no_content());
        }
        // Another change came in between, or the prompt is gone: the next turn tells.
    }
    Err(contended())
}

fn delete_all(id: &str, now: Timestamp) -> Statement {
    let sql = "UPDATE prompts SET deleted_at = $3 WHERE workspace_id = $1 AND id = $2 AND deleted_at IS NULL";
    Statement::new(sql, [id.into(), now.into()])
}

/// The prompt with its one version, unless it got another one.
fn delete_last(stored: &Stored, now: Timestamp) -> Statement {
    let mut statement = delete_all(&stored.id, now);
    statement
        .sql
        .push_str(" AND version = $4 AND updated_at = $5");
    let seen: [Sql; 2] = [stored.version.into(), stored.updated_at.into()];
    statement.params.extend(seen);
    statement
}

/// One version of several, with the labels that name it. The prompt is what the newest one left says.
async fn delete_one(
    db: &ScopedDb,
    stored: &Stored,
    gone: i64,
    newest: i64,
    now: Timestamp,
) -> Result<Vec<Statement>, Problem> {
    let spec = if newest == stored.version {
        stored.spec.clone()
    } else {
        let version = versions::find::<Prompts>(db, &stored.id, newest).await?;
        with_what_belongs_to_all(version.spec, &stored.spec)
    };
    // Each deletion changes the time, so that one that saw other versions finds no row. It goes up where the clock does not.
    let touched = now.max(Timestamp::from_micros(stored.updated_at.micros() + 1));
    let prompt = "UPDATE prompts SET version = $3, spec = $4, updated_at = $5, \
                  last_version = CASE WHEN last_version < $6 THEN $6 ELSE last_version END \
                  WHERE workspace_id = $1 AND id = $2 AND version = $6 AND updated_at = $7 AND deleted_at IS NULL";
    let seen: [Sql; 6] = [
        stored.id.as_str().into(),
        newest.into(),
        Value::Object(spec).to_string().into(),
        touched.into(),
        stored.version.into(),
        stored.updated_at.into(),
    ];
    let version = "DELETE FROM resource_versions \
                   WHERE workspace_id = $1 AND kind = 'prompts' AND resource_id = $2 AND version = $3";
    let labels =
        "DELETE FROM prompt_labels WHERE workspace_id = $1 AND prompt_id = $2 AND version = $3";
    Ok(vec![
        Statement::new(prompt, seen),
        Statement::new(version, [stored.id.as_str().into(), gone.into()]),
        Statement::new(labels, [stored.id.as_str().into(), gone.into()]),
    ])
}

fn with_what_belongs_to_all(
    mut version: Map<String, Value>,
    current: &Map<String, Value>,
) -> Map<String, Value> {
    for field in OF_ALL_VERSIONS {
        match current.get(field) {
            Some(value) => version.insert(field.to_owned(), value.clone()),
            None => version.remove(field),
        };
    }
    version
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_older_version_keeps_the_name_and_tags_of_now() {
        let old = json!({"name": "old", "prompt": "1", "config": {"t": 1}, "tags": ["a"]});
        let now = json!({"name": "new", "prompt": "2", "description": "d"});
        let (Value::Object(old), Value::Object(now)) = (old, now) else {
            panic!("not objects")
        };
        let made = with_what_belongs_to_all(old, &now);
        assert_eq!(
            Value::Object(made),
            json!({"name": "new", "prompt": "1", "config": {"t": 1}, "description": "d"})
        );
    }
}
