//! Answers: checked against what is asked, written once.

use super::stored::{ITEM, Item, QUEUE, Queue, opt_json};
use super::{Who, conflict, id};
use assay_edge::db::{ScopedDb, Value as Sql};
use assay_edge::{Ctx, DEFAULT_BODY_LIMIT, Problem, Reply, clock, reply};
use assay_model::{LabelAnswer, Validator};
use assay_review::{gold, submission};
use serde::Deserialize;
use serde_json::{Value, json};

/// Most bytes of what else is said of an item.
const MAX_NOTE: usize = 5_000;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Submission {
    answers: Vec<LabelAnswer>,
    #[serde(default)]
    note: String,
}

/// `POST /api/v1/review-queues/{id}/items/{item_id}/answers`: by whoever holds the item.
pub(crate) async fn submit(mut ctx: Ctx) -> Result<Reply, Problem> {
    ctx.only_query(&[])?;
    let body: Submission = ctx.raw_json(DEFAULT_BODY_LIMIT).await?;
    let (queue, item) = (id(&ctx, "id", QUEUE)?, id(&ctx, "item_id", ITEM)?);
    let db = ctx.db().await?;
    let queue = Queue::find(&db, queue).await?;
    let item = Item::find(&db, &queue.id, item).await?;
    let schemas = queue.schemas();
    let mut wrong = submission::check(&schemas, &body.answers)
        .err()
        .unwrap_or_default();
    let mut v = Validator::default();
    v.longest("note", &body.note, MAX_NOTE);
    wrong.extend(v.finish().err().unwrap_or_default());
    if !wrong.is_empty() {
        return Err(Problem::validation(wrong));
    }
    let who = Who::of(&ctx)?;
    let answers = serde_json::to_string(&body.answers).map_err(Problem::internal)?;
    // A lease that has run out holds while nobody else has taken the place: the work was done.
    let sql = "UPDATE review_slots SET state = 'done', answers = $4, note = $5, finished_at = $6, lease_until = NULL \
               WHERE workspace_id = $1 AND item_id = $2 AND person_id = $3 AND state = 'leased'";
    let params: [Sql; 5] = [
        item.id.as_str().into(),
        who.id.into(),
        answers.into(),
        body.note.as_str().into(),
        clock::now().into(),
    ];
    if db.execute(sql, params).await? == 0 {
        same_as_before(&db, &item.id, &who, &body).await?;
    }
    // Told once it is answered, and not before.
    let told = item.gold.as_ref().map_or(Value::Null, |known| {
        let tally = gold::tally(&schemas, known, &body.answers);
        json!({"answers": known, "answered": tally.answered, "right": tally.right})
    });
    let item = Item::find(&db, &queue.id, &item.id).await?;
    reply::ok(&json!({"item_id": item.id, "state": item.state, "gold": told}))
}

/// An answer that was written already is no second one, if it is the same.
async fn same_as_before(
    db: &ScopedDb,
    item: &str,
    who: &Who<'_>,
    body: &Submission,
) -> Result<(), Problem> {
    let sql = "SELECT answers, note FROM review_slots \
               WHERE workspace_id = $1 AND item_id = $2 AND person_id = $3 AND state = 'done'";
    let row = db.first(sql, [item.into(), who.id.into()]).await?;
    let Some(row) = row else {
        return Err(conflict(
            "You do not hold this item: claim one. A claim that has run out goes to whoever asks next.",
        ));
    };
    let before: Option<Vec<LabelAnswer>> = opt_json(&row, "answers")?;
    if before.as_ref() == Some(&body.answers) && row.text("note")? == body.note {
        return Ok(());
    }
    Err(conflict(
        "You have answered this item already, and otherwise.",
    ))
}
