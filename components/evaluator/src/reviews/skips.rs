//! Skipping: somebody would rather not answer. When enough people would not, the item is set aside.

use super::stored::{ITEM, Item, QUEUE, Queue};
use super::{Who, conflict, id};
use assay_edge::db::{Statement, Value as Sql};
use assay_edge::{Ctx, Problem, Reply, clock, reply};
use assay_model::{Validate, Validator};
use serde::Deserialize;
use serde_json::json;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Skip {
    reason: String,
}

impl Validate for Skip {
    fn check(&self, v: &mut Validator) {
        v.name("reason", &self.reason, 1000);
    }
}

/// `POST /api/v1/review-queues/{id}/items/{item_id}/skip`: by whoever holds it.
pub(crate) async fn skip(mut ctx: Ctx) -> Result<Reply, Problem> {
    ctx.only_query(&[])?;
    let body: Skip = ctx.json().await?;
    let (queue, item) = (id(&ctx, "id", QUEUE)?, id(&ctx, "item_id", ITEM)?);
    let who = Who::of(&ctx)?;
    let db = ctx.db().await?;
    let queue = Queue::find(&db, queue).await?;
    Item::find(&db, &queue.id, item).await?;
    let now = clock::now();
    let give_back = "UPDATE review_slots SET state = 'open', person_id = NULL, person_kind = NULL, lease_until = NULL, \
                     started_at = NULL, reserved_for = CASE WHEN reserved_for = $3 THEN NULL ELSE reserved_for END \
                     WHERE workspace_id = $1 AND item_id = $2 AND person_id = $3 AND state = 'leased'";
    // The item's row comes before its skips are counted: two who skip at once wait for each other there.
    let lock =
        "UPDATE review_items SET set_aside_at = set_aside_at WHERE workspace_id = $1 AND id = $2";
    let note = "INSERT INTO review_skips (workspace_id, item_id, person_id, person_kind, queue_id, reason, created_at) \
                VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (workspace_id, item_id, person_id) DO NOTHING";
    let noted: [Sql; 6] = [
        item.into(),
        who.id.into(),
        who.kind.into(),
        queue.id.as_str().into(),
        body.reason.as_str().into(),
        now.into(),
    ];
    let aside = "UPDATE review_items SET set_aside_at = $3 WHERE workspace_id = $1 AND id = $2 AND set_aside_at IS NULL \
                 AND (SELECT count(*) FROM review_skips k WHERE k.workspace_id = $1 AND k.item_id = $2) >= $4";
    let close = "UPDATE review_slots SET state = 'aside' WHERE workspace_id = $1 AND item_id = $2 AND state = 'open' \
                 AND EXISTS (SELECT 1 FROM review_items i WHERE i.workspace_id = $1 AND i.id = $2 AND i.set_aside_at IS NOT NULL)";
    let statements = vec![
        Statement::new(give_back, [item.into(), who.id.into()]),
        Statement::new(lock, [item.into()]),
        Statement::new(note, noted),
        Statement::new(
            aside,
            [item.into(), now.into(), queue.spec.max_skips.into()],
        ),
        Statement::new(close, [item.into()]),
    ];
    if !db.guarded_batch(statements).await? {
        let sql = "SELECT 1 AS one FROM review_skips WHERE workspace_id = $1 AND item_id = $2 AND person_id = $3";
        if db.first(sql, [item.into(), who.id.into()]).await?.is_none() {
            return Err(conflict("You do not hold this item: claim it to skip it."));
        }
    }
    let item = Item::find(&db, &queue.id, item).await?;
    reply::ok(&json!({"item_id": item.id, "state": item.state}))
}

/// `POST /api/v1/review-queues/{id}/items/{item_id}/reopen`: who skipped it is asked again.
pub(crate) async fn reopen(ctx: Ctx) -> Result<Reply, Problem> {
    ctx.only_query(&[])?;
    let (queue, item) = (id(&ctx, "id", QUEUE)?, id(&ctx, "item_id", ITEM)?);
    let db = ctx.db().await?;
    Item::find(&db, queue, item).await?;
    let statements = [
        "UPDATE review_items SET set_aside_at = NULL WHERE workspace_id = $1 AND id = $2",
        "DELETE FROM review_skips WHERE workspace_id = $1 AND item_id = $2",
        "UPDATE review_slots SET state = 'open' WHERE workspace_id = $1 AND item_id = $2 AND state = 'aside'",
    ];
    let statements = statements.map(|sql| Statement::new(sql, [item.into()]));
    db.batch(statements.to_vec()).await?;
    let item = Item::find(&db, queue, item).await?;
    reply::ok(&json!({"item_id": item.id, "state": item.state}))
}
