//! Lists of a queue: its items, and what was answered.

use super::items::Shown;
use super::stored::{Item, ItemState, QUEUE, Queue, select_items};
use super::{Who, id};
use assay_edge::db::{Params, Row, ScopedDb};
use assay_edge::{Ctx, Cursor, Page, Problem, Reply, clock, reply};
use assay_model::{LabelAnswer, Timestamp};
use serde::{Deserialize as _, Serialize};
use serde_json::json;
use std::collections::BTreeSet;

/// A query parameter of text; without NUL, of which Postgres has none.
fn text(ctx: &Ctx, name: &str) -> Result<Option<String>, Problem> {
    match ctx.query(name) {
        Some(text) if text.contains('\0') => {
            Err(Problem::field(name, "must not contain control characters"))
        }
        other => Ok(other.map(str::to_owned)),
    }
}

/// Those of the items that the caller has answered.
async fn answered(
    db: &ScopedDb,
    who: &Who<'_>,
    items: &[Item],
) -> Result<BTreeSet<String>, Problem> {
    let ids: Vec<&str> = items.iter().map(|i| i.id.as_str()).collect();
    let list = db.pick(
        "SELECT value FROM json_each($3)",
        "SELECT jsonb_array_elements_text($3::text::jsonb)",
    );
    let sql = format!(
        "SELECT item_id FROM review_slots WHERE workspace_id = $1 AND person_id = $2 AND state = 'done' AND item_id IN ({list})"
    );
    let rows = db
        .query(&sql, [who.id.into(), json!(ids).to_string().into()])
        .await?;
    Ok(rows
        .iter()
        .map(|row| row.text("item_id"))
        .collect::<Result<_, _>>()?)
}

/// `GET /api/v1/review-queues/{id}/items`: newest first.
pub(crate) async fn items(ctx: Ctx) -> Result<Reply, Problem> {
    ctx.only_query(&[
        "limit", "cursor", "state", "metric", "run_id", "rule", "gold",
    ])?;
    let page = ctx.page()?;
    let db = ctx.db().await?;
    let who = Who::of(&ctx)?;
    let queue = Queue::find(&db, id(&ctx, "id", QUEUE)?).await?;
    let mut params = Params::default();
    let mut only = format!(
        "i.workspace_id = $1 AND i.queue_id = {}",
        params.add(queue.id.as_str())
    );
    for column in ["metric", "run_id", "rule"] {
        if let Some(value) = text(&ctx, column)? {
            only.push_str(&format!(" AND i.{column} = {}", params.add(value)));
        }
    }
    match ctx.query("gold") {
        None => {}
        Some("true" | "false") if !who.manages => {
            return Err(Problem::field("gold", "is not for those who answer"));
        }
        Some("true") => only.push_str(" AND i.gold IS NOT NULL"),
        Some("false") => only.push_str(" AND i.gold IS NULL"),
        Some(_) => return Err(Problem::field("gold", "must be true or false")),
    }
    if let Some(Cursor(_, id)) = page.cursor.clone() {
        only.push_str(&format!(" AND i.id < {}", params.add(id)));
    }
    let now = params.add(clock::now());
    let mut sql = select_items(&only, &now);
    if let Some(state) = ctx.query("state") {
        let state = ItemState::deserialize(json!(state))
            .map_err(|_| Problem::field("state", "is not a state of an item"))?;
        sql = format!(
            "SELECT * FROM ({sql}) f WHERE f.state = {}",
            params.add(state.as_str())
        );
    }
    let sql = format!("{sql} ORDER BY id DESC LIMIT {}", params.add(page.fetch()));
    let rows = db.query(&sql, params.into_values()).await?;
    let items = rows.iter().map(Item::read).collect::<Result<Vec<_>, _>>()?;
    let answered = answered(&db, &who, &items).await?;
    let page = page.page(items, |i| Cursor(0, i.id.clone()));
    let shown = |item: Item| {
        let sees = who.manages || answered.contains(&item.id);
        Shown::of(item, &queue, sees)
    };
    reply::ok(&Page {
        data: page.data.into_iter().map(shown).collect::<Vec<_>>(),
        next_cursor: page.next_cursor,
    })
}

/// What somebody answered.
#[derive(Serialize)]
struct Answered {
    item_id: String,
    slot: i64,
    person_id: String,
    person_kind: String,
    answers: Vec<LabelAnswer>,
    note: String,
    started_at: Option<Timestamp>,
    answered_at: Timestamp,
}

impl Answered {
    fn read(row: &Row) -> Result<Self, Problem> {
        Ok(Self {
            item_id: row.text("item_id")?,
            slot: row.int("slot")?,
            person_id: row.text("person_id")?,
            person_kind: row.text("person_kind")?,
            answers: row.json("answers")?,
            note: row.opt_text("note")?.unwrap_or_default(),
            started_at: row.opt_int("started_at")?.map(Timestamp::from_micros),
            answered_at: row.time("finished_at")?,
        })
    }
}

/// `GET /api/v1/review-queues/{id}/annotations`: item by item. Who only answers sees their own.
pub(crate) async fn annotations(ctx: Ctx) -> Result<Reply, Problem> {
    ctx.only_query(&["limit", "cursor", "item_id", "person_id"])?;
    let page = ctx.page()?;
    let db = ctx.db().await?;
    let who = Who::of(&ctx)?;
    let queue = Queue::find(&db, id(&ctx, "id", QUEUE)?).await?;
    let mut params = Params::default();
    let mut only = format!(
        "workspace_id = $1 AND queue_id = {} AND state = 'done'",
        params.add(queue.id.as_str())
    );
    for column in ["item_id", "person_id"] {
        if let Some(value) = text(&ctx, column)? {
            only.push_str(&format!(" AND {column} = {}", params.add(value)));
        }
    }
    if !who.manages {
        only.push_str(&format!(" AND person_id = {}", params.add(who.id)));
    }
    if let Some(Cursor(slot, item)) = page.cursor.clone() {
        let (slot, item) = (params.add(slot), params.add(item));
        only.push_str(&format!(" AND (item_id, slot) > ({item}, {slot})"));
    }
    let sql = format!(
        "SELECT item_id, slot, person_id, person_kind, answers, note, started_at, finished_at FROM review_slots \
         WHERE {only} ORDER BY item_id, slot LIMIT {}",
        params.add(page.fetch())
    );
    let rows = db.query(&sql, params.into_values()).await?;
    let all = rows
        .iter()
        .map(Answered::read)
        .collect::<Result<Vec<_>, _>>()?;
    reply::ok(&page.page(all, |a| Cursor(a.slot, a.item_id.clone())))
}
