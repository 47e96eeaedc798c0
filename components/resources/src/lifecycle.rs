//! What comes after deletion: restoring, and acts on many at once.

use crate::crud::{answer, audit, name_taken};
use crate::place::{Params, Place};
use crate::precondition::IfMatch;
use crate::resource::{Resource, Stored, id, is_id};
use assay_edge::db::{DbError, ScopedDb};
use assay_edge::{Ctx, Problem, Reply, clock, reply};
use assay_model::{BulkAction, BulkOutcome, BulkRequest, BulkResult, BulkResults};
use http::StatusCode;
use serde_json::json;
use std::collections::BTreeSet;

/// `POST /api/v1/<table>/{id}/restore`: as it was, under the version it had. Restoring what is not deleted changes nothing.
pub(crate) async fn restore<R: Resource>(ctx: Ctx) -> Result<Reply, Problem> {
    ctx.only_query(&[])?;
    let id = id(&ctx, R::ID, R::NOUN)?;
    let db = ctx.db().await?;
    let place = Place::of::<R>(&ctx, &db).await?;
    // Deleting does not count as a version: a client that saw the last one may restore it.
    let demanded = IfMatch::of(&ctx.headers);
    if demanded.binds() {
        demanded.check(version::<R>(&db, &place, id).await?)?;
    }
    if restore_one::<R>(&db, &place, id).await? == BulkOutcome::NameTaken {
        return Err(name_taken(R::NOUN));
    }
    let found = Stored::find::<R>(&db, &place, id).await?;
    answer(StatusCode::OK, &found.shown::<R>(), found.version)
}

/// The version of a resource, deleted or not.
async fn version<R: Resource>(db: &ScopedDb, place: &Place, id: &str) -> Result<i64, Problem> {
    let mut params = Params::default();
    let sql = format!(
        "SELECT r.version AS version FROM {} r WHERE {} AND r.id = {}",
        R::TABLE,
        place.holds(&mut params),
        params.add(id)
    );
    let row = db.first(&sql, params.into_values()).await?;
    let row = row.ok_or_else(|| Problem::not_found(R::NOUN))?;
    Ok(row.int("version")?)
}

async fn restore_one<R: Resource>(
    db: &ScopedDb,
    place: &Place,
    id: &str,
) -> Result<BulkOutcome, Problem> {
    let mut params = Params::default();
    let sql = format!(
        "UPDATE {} AS r SET deleted_at = NULL WHERE {} AND r.id = {} AND r.deleted_at IS NOT NULL",
        R::TABLE,
        place.holds(&mut params),
        params.add(id)
    );
    match db.execute(&sql, params.into_values()).await {
        Ok(0) => Ok(BulkOutcome::NotFound),
        Ok(_) => Ok(BulkOutcome::Done),
        Err(DbError::Unique(_)) => Ok(BulkOutcome::NameTaken),
        Err(e) => Err(e.into()),
    }
}

/// `POST /api/v1/<table>/bulk`: each one succeeds or fails alone.
pub(crate) async fn bulk<R: Resource>(mut ctx: Ctx) -> Result<Reply, Problem> {
    ctx.only_query(&[])?;
    let body: BulkRequest = ctx.json().await?;
    let db = ctx.db().await?;
    let place = Place::of::<R>(&ctx, &db).await?;
    let mut results = Vec::with_capacity(body.ids.len());
    match body.action {
        BulkAction::Delete => {
            // Before the act: which of them are there, only the act tells.
            let asked = audit::<R>(&ctx, "bulk_delete", "", &json!({"ids": body.ids}))?;
            db.batch(vec![asked]).await?;
            let mut deleted = delete_all::<R>(&db, &place, &body.ids).await?;
            for id in body.ids {
                // An id that stands there twice is deleted once.
                let outcome = if deleted.remove(&id) {
                    BulkOutcome::Done
                } else {
                    BulkOutcome::NotFound
                };
                results.push(BulkResult { id, outcome });
            }
        }
        BulkAction::Restore => {
            for id in body.ids {
                let outcome = if is_id(&id) {
                    restore_one::<R>(&db, &place, &id).await?
                } else {
                    BulkOutcome::NotFound
                };
                results.push(BulkResult { id, outcome });
            }
        }
    }
    let done = results
        .iter()
        .filter(|r| r.outcome == BulkOutcome::Done)
        .count();
    reply::ok(&BulkResults {
        results,
        done: u64::try_from(done).unwrap_or(u64::MAX),
    })
}

/// Deletes those that are there, in one statement; which they were.
async fn delete_all<R: Resource>(
    db: &ScopedDb,
    place: &Place,
    ids: &[String],
) -> Result<BTreeSet<String>, Problem> {
    let ids: Vec<&String> = ids.iter().filter(|id| is_id(id)).collect();
    let mut params = Params::default();
    let now = params.add(clock::now());
    let here = place.holds(&mut params);
    let list = params.add(json!(ids).to_string());
    let list = db
        .pick(
            "SELECT value FROM json_each(#)",
            "SELECT jsonb_array_elements_text(#::text::jsonb)",
        )
        .replace('#', &list);
    let sql = format!(
        "UPDATE {} AS r SET deleted_at = {now} WHERE {here} AND r.deleted_at IS NULL AND r.id IN ({list}) RETURNING id",
        R::TABLE
    );
    let rows = db.query(&sql, params.into_values()).await?;
    rows.iter().map(|row| Ok(row.text("id")?)).collect()
}
