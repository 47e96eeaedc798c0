//! Versions of a resource: written with every change, never changed, read and compared.

use crate::diff::diff;
use crate::place::Place;
use crate::resource::{Resource, Stored, id};
use assay_edge::db::{Row, ScopedDb, Statement, Value as Sql};
use assay_edge::{Ctx, Cursor, Page, Problem, Reply, reply};
use assay_model::{ResourceVersion, Timestamp, VersionDiff};
use serde_json::Value;

/// For people.
const NOUN: &str = "version";

/// Keeps the resource as it is within this transaction.
pub(crate) fn keep<R: Resource>(id: &str, actor: Option<&str>, now: Timestamp) -> Statement {
    let sql = format!(
        "INSERT INTO resource_versions (workspace_id, kind, resource_id, version, spec, created_by, created_at) \
         SELECT workspace_id, '{0}', id, version, spec, CAST($3 AS TEXT), CAST($4 AS BIGINT) FROM {0} WHERE workspace_id = $1 AND id = $2",
        R::TABLE
    );
    let params: [Sql; 3] = [id.into(), actor.into(), now.into()];
    Statement::new(sql, params)
}

fn read(row: &Row) -> Result<ResourceVersion, Problem> {
    Ok(ResourceVersion {
        version: row.int("version")?,
        spec: row.json("spec")?,
        created_by: row.opt_text("created_by")?,
        created_at: row.time("created_at")?,
        labels: None,
    })
}

/// Adds to a version what is known of it elsewhere: labels that name it, and what follows from it.
fn complete<R: Resource>(stored: &Stored, version: &mut ResourceVersion) {
    R::derive(&mut version.spec);
    if R::LABELLED {
        let mut labels: Vec<String> = stored
            .labels
            .iter()
            .filter(|(_, v)| v.as_i64() == Some(version.version))
            .map(|(label, _)| label.clone())
            .collect();
        if version.version == stored.version {
            labels.push("latest".into());
        }
        labels.sort();
        version.labels = Some(labels);
    }
}

/// One version.
///
/// # Errors
/// When there is none of that number.
pub(crate) async fn find<R: Resource>(
    db: &ScopedDb,
    id: &str,
    version: i64,
) -> Result<ResourceVersion, Problem> {
    let sql = "SELECT version, spec, created_by, created_at FROM resource_versions \
               WHERE workspace_id = $1 AND kind = $2 AND resource_id = $3 AND version = $4";
    let row = db
        .first(sql, [R::TABLE.into(), id.into(), version.into()])
        .await?;
    read(&row.ok_or_else(|| Problem::not_found(NOUN))?)
}

/// Whether there is a version of that number.
pub(crate) async fn exists<R: Resource>(
    db: &ScopedDb,
    id: &str,
    version: i64,
) -> Result<bool, Problem> {
    let sql = "SELECT 1 AS there FROM resource_versions \
               WHERE workspace_id = $1 AND kind = $2 AND resource_id = $3 AND version = $4";
    let row = db
        .first(sql, [R::TABLE.into(), id.into(), version.into()])
        .await?;
    Ok(row.is_some())
}

/// A version's number in a query parameter.
fn number(ctx: &Ctx, name: &str) -> Result<i64, Problem> {
    ctx.query(name)
        .and_then(|text| text.parse().ok())
        .filter(|n| *n > 0)
        .ok_or_else(|| Problem::field(name, "must be the number of a version"))
}

/// `GET /api/v1/<table>/{id}/versions?limit&cursor`: newest first.
pub(crate) async fn list<R: Resource>(ctx: Ctx) -> Result<Reply, Problem> {
    ctx.only_query(&["limit", "cursor"])?;
    let page = ctx.page()?;
    let id = id(&ctx, R::ID, R::NOUN)?;
    let db = ctx.db().await?;
    let stored = Stored::find::<R>(&db, &Place::WORKSPACE, id).await?;
    let before = page.cursor.as_ref().map_or(i64::MAX, |c| c.0);
    let sql = "SELECT version, spec, created_by, created_at FROM resource_versions \
               WHERE workspace_id = $1 AND kind = $2 AND resource_id = $3 AND version < $4 ORDER BY version DESC LIMIT $5";
    let params: [Sql; 4] = [
        R::TABLE.into(),
        id.into(),
        before.into(),
        page.fetch().into(),
    ];
    let rows = db.query(sql, params).await?;
    let all = rows.iter().map(read).collect::<Result<Vec<_>, _>>()?;
    let mut page = page.page(all, |v| Cursor(v.version, String::new()));
    for version in &mut page.data {
        complete::<R>(&stored, version);
    }
    reply::ok(&Page {
        data: page.data,
        next_cursor: page.next_cursor,
    })
}

/// `GET /api/v1/<table>/{id}/versions/{version}`.
pub(crate) async fn get<R: Resource>(ctx: Ctx) -> Result<Reply, Problem> {
    ctx.only_query(&[])?;
    let id = id(&ctx, R::ID, R::NOUN)?;
    let version = ctx.param("version")?.parse();
    let version: i64 = version.map_err(|_| Problem::not_found(NOUN))?;
    let db = ctx.db().await?;
    let stored = Stored::find::<R>(&db, &Place::WORKSPACE, id).await?;
    let mut version = find::<R>(&db, id, version).await?;
    complete::<R>(&stored, &mut version);
    reply::ok(&version)
}

/// `GET /api/v1/<table>/{id}/diff?from&to`.
pub(crate) async fn compare<R: Resource>(ctx: Ctx) -> Result<Reply, Problem> {
    ctx.only_query(&["from", "to"])?;
    let (from, to) = (number(&ctx, "from")?, number(&ctx, "to")?);
    let id = id(&ctx, R::ID, R::NOUN)?;
    let db = ctx.db().await?;
    Stored::find::<R>(&db, &Place::WORKSPACE, id).await?;
    let old = find::<R>(&db, id, from).await?;
    let new = find::<R>(&db, id, to).await?;
    let patch = diff(&Value::Object(old.spec), &Value::Object(new.spec));
    reply::ok(&VersionDiff { from, to, patch })
}
