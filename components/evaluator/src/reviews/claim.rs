//! Claiming: a place of an item is kept for whoever asks next, for a while.

use super::content;
use super::stored::{ITEM, Item, KeptSchema, QUEUE, Queue};
use super::{Who, conflict, id};
use assay_edge::db::{DbError, ScopedDb, Value as Sql};
use assay_edge::{Ctx, Problem, ProblemKind, Reply, clock, reply};
use assay_model::{MachineScore, ReviewSubject, Timestamp};
use serde::Serialize;
use serde_json::{Value, json};

/// How often a claim is tried anew that met another claim of the same person.
const TRIES: u32 = 5;

/// An item as whoever claimed it sees it: nothing of what others said.
#[derive(Serialize)]
struct Claimed {
    id: String,
    queue_id: String,
    subject: ReviewSubject,
    /// What there is to look at; null when it is gone.
    content: Value,
    /// What the machine said, where the queue shows it.
    #[serde(skip_serializing_if = "Option::is_none")]
    machine: Option<MachineScore>,
    label_schemas: Vec<KeptSchema>,
    /// Until when it is kept for them.
    lease_until: Timestamp,
}

/// Which place is taken: the caller's own first, so that who lost an answer gets the same item again; then what is kept for them; then
/// what is anybody's. Each follows an index.
const HELD: &str = "s.state = 'leased' AND s.person_id = $3";
const RESERVED: &str = "s.state IN ('open', 'leased') AND s.reserved_for = $3";
const ANYBODYS: &str = "s.state IN ('open', 'leased') AND s.reserved_for IS NULL";

/// Takes one place; the item and whether it was the caller's before. `None` when there is nothing for them.
async fn take(
    db: &ScopedDb,
    queue: &str,
    who: &Who<'_>,
    now: Timestamp,
    until: Timestamp,
) -> Result<Option<String>, DbError> {
    for which in [HELD, RESERVED, ANYBODYS] {
        // Neither what somebody else works on, nor what the caller has answered or would not.
        let free = if which == HELD {
            String::new()
        } else {
            "AND (s.state = 'open' OR s.lease_until < $4) \
             AND NOT EXISTS (SELECT 1 FROM review_slots o WHERE o.workspace_id = $1 AND o.item_id = s.item_id AND o.person_id = $3) \
             AND NOT EXISTS (SELECT 1 FROM review_skips k WHERE k.workspace_id = $1 AND k.item_id = s.item_id AND k.person_id = $3)"
                .to_owned()
        };
        let picked = format!(
            "SELECT s.item_id, s.slot FROM review_slots s WHERE s.workspace_id = $1 AND s.queue_id = $2 AND {which} {free} \
             ORDER BY s.priority DESC, s.item_id, s.slot LIMIT 1"
        );
        let set = "UPDATE review_slots SET started_at = CASE WHEN state = 'leased' AND person_id = $3 THEN started_at \
                   ELSE CAST($4 AS BIGINT) END, state = 'leased', person_id = $3, person_kind = $5, lease_until = $6 \
                   WHERE workspace_id = $1 AND (item_id, slot) IN";
        let sqlite = format!("{set} ({picked}) RETURNING item_id");
        // Picked once, and then taken: a subquery may run again for each row, and its lock then picks others.
        let postgres = format!(
            "WITH picked AS ({picked} FOR UPDATE OF s SKIP LOCKED) {set} (SELECT item_id, slot FROM picked) RETURNING item_id"
        );
        let params: [Sql; 5] = [
            queue.into(),
            who.id.into(),
            now.into(),
            who.kind.into(),
            until.into(),
        ];
        if let Some(row) = db.first(db.pick(&sqlite, &postgres), params).await? {
            return row.text("item_id").map(Some);
        }
    }
    Ok(None)
}

/// `POST /api/v1/review-queues/{id}/claim`: the next item for the caller, or the one that they hold.
pub(crate) async fn claim(ctx: Ctx) -> Result<Reply, Problem> {
    ctx.only_query(&[])?;
    let db = ctx.db().await?;
    let queue = Queue::find(&db, id(&ctx, "id", QUEUE)?).await?;
    let who = Who::of(&ctx)?;
    let assignees = &queue.spec.assignees;
    if !assignees.is_empty() && !assignees.iter().any(|a| a == who.id) {
        let detail = "The queue is answered by others, who are named in it.";
        return Err(Problem::new(ProblemKind::Forbidden, detail));
    }
    for _ in 0..TRIES {
        let now = clock::now();
        let until = now.plus_millis(i64::from(queue.spec.lease_s) * 1000);
        match take(&db, &queue.id, &who, now, until).await {
            Ok(None) => return reply::ok(&json!({"item": null})),
            Ok(Some(item)) => {
                let item = Item::find(&db, &queue.id, &item).await?;
                let content = content::of(&ctx, &db, &item.subject).await?;
                let claimed = Claimed {
                    id: item.id,
                    queue_id: item.queue_id,
                    subject: item.subject,
                    content,
                    machine: item.machine.filter(|_| queue.spec.show_scores),
                    label_schemas: queue.label_schemas,
                    lease_until: until,
                };
                return reply::ok(&json!({"item": claimed}));
            }
            // The same person claimed at the same time, and has a place of the item: the next turn finds it.
            Err(DbError::Unique(_)) => {}
            Err(e) => return Err(e.into()),
        }
    }
    Err(conflict(
        "You claim this at the same time from elsewhere. Try again.",
    ))
}

/// `POST /api/v1/review-queues/{id}/items/{item_id}/release`: somebody else may have it.
pub(crate) async fn release(ctx: Ctx) -> Result<Reply, Problem> {
    ctx.only_query(&[])?;
    let (queue, item) = (id(&ctx, "id", QUEUE)?, id(&ctx, "item_id", ITEM)?);
    let db = ctx.db().await?;
    Item::find(&db, queue, item).await?;
    let sql = "UPDATE review_slots SET state = CASE WHEN EXISTS (SELECT 1 FROM review_items i WHERE i.workspace_id = $1 \
                 AND i.id = $2 AND i.set_aside_at IS NOT NULL) THEN 'aside' ELSE 'open' END, \
               person_id = NULL, person_kind = NULL, lease_until = NULL, started_at = NULL \
               WHERE workspace_id = $1 AND item_id = $2 AND person_id = $3 AND state = 'leased'";
    // Who holds nothing has released it: a repetition does the same.
    db.execute(sql, [item.into(), Who::of(&ctx)?.id.into()])
        .await?;
    Ok(reply::no_content())
}
