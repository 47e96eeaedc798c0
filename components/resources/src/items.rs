//! Items of a dataset: many a request, all or none of them, replaced by key.

use crate::datasets::Datasets;
use crate::idempotency::Idempotency;
use crate::metrics;
use crate::resource::{Resource as _, Stored, id};
use assay_edge::db::{DbError, Row, ScopedDb, Statement, Value as Sql};
use assay_edge::{Ctx, Cursor, Problem, Reply, clock, new_id, reply};
use assay_graph::protocol::MetricList;
use assay_model::{DatasetItem, Timestamp, Validate, Validator};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use std::collections::HashSet;

/// Largest body, in bytes.
const BODY_LIMIT: usize = 16 << 20;
/// Most items of one request.
const MAX_ITEMS: usize = 1000;
/// What a key starts with that is made from the position.
const MADE: &str = "item-";
/// Where made keys end: a client's `item-<more>` cannot push positions out of range.
const MAX_MADE: i64 = 1_000_000_000_000;
const NOUN: &str = "item";

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Items {
    items: Vec<DatasetItem>,
}

impl Items {
    /// The metrics of all items, with where they stand.
    fn metrics(&self) -> Vec<MetricList> {
        let lists = self.items.iter().enumerate();
        lists
            .filter_map(|(i, item)| metrics::list(format!("/items/{i}/metrics"), &item.metrics))
            .collect()
    }
}

impl Validate for Items {
    fn check(&self, v: &mut Validator) {
        v.require(
            (1..=MAX_ITEMS).contains(&self.items.len()),
            "items",
            "must have 1 to 1000 entries",
        );
        v.each("items", &self.items);
        let mut keys = HashSet::new();
        v.at("items", |v| {
            for (i, item) in self.items.iter().enumerate() {
                v.at(i, |v| {
                    let twice = item.key.as_ref().is_some_and(|key| !keys.insert(key));
                    v.require(!twice, "key", "is used twice in this request");
                });
            }
        });
    }
}

/// `POST /api/v1/datasets/{id}/items`: an item whose key is there replaces it and keeps its place; the others follow at
/// the end. An item without a key always is a new one, named `item-<position>`.
pub(crate) async fn put(mut ctx: Ctx) -> Result<Reply, Problem> {
    ctx.only_query(&[])?;
    let body: Items = ctx.raw_json(BODY_LIMIT).await?;
    let dataset = id(&ctx, "id", Datasets::NOUN)?.to_owned();
    let repeat = Idempotency::of(&ctx, &format!("datasets/{dataset}/items"), &body)?;
    body.validate().map_err(Problem::validation)?;
    metrics::check(&ctx.platform, body.metrics()).await?;
    let db = ctx.db().await?;
    if let Some(repeat) = &repeat
        && let Some(first) = repeat.replay(&db).await?
    {
        return reply::ok(&first);
    }
    let (now, total) = (clock::now(), body.items.len());
    let base = reserve(&db, &dataset, &body.items, now).await?;
    let rows = rows(body.items, base)?;
    let sql = db.pick(UPSERT_SQLITE, UPSERT_POSTGRES);
    let row: [Sql; 3] = [dataset.as_str().into(), rows.into(), now.into()];
    let mut statements = vec![Statement::new(sql, row)];
    let place: [Sql; 3] = [dataset.as_str().into(), base.into(), count(total).into()];
    statements.extend(repeat.as_ref().map(|r| r.keep(KEPT, place.clone())));
    match (db.batch(statements).await, &repeat) {
        (Ok(()), _) => {}
        (Err(DbError::Unique(cause)), Some(repeat)) => {
            let first = repeat.replay(&db).await?;
            return reply::ok(&first.ok_or_else(|| Problem::internal(cause))?);
        }
        (Err(e), _) => return Err(e.into()),
    }
    let row = db
        .first(CREATED, place)
        .await?
        .ok_or_else(|| Problem::internal("no count"))?;
    let created = row.int("created")?;
    reply::ok(&json!({"created": created, "updated": count(total) - created}))
}

fn count(n: usize) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}

/// Sets places aside for all items, so that no two requests give the same; what is left over stays empty. Returns the
/// place before the first.
///
/// Places also go past every `item-<n>` that a client wrote itself, so that a made key never meets one.
async fn reserve(
    db: &ScopedDb,
    dataset: &str,
    items: &[DatasetItem],
    now: Timestamp,
) -> Result<i64, Problem> {
    let made = items
        .iter()
        .filter_map(|i| made_number(i.key.as_deref()?))
        .max()
        .unwrap_or_default();
    let sql = "UPDATE datasets SET version = version + 1, updated_at = $3, \
               last_position = CASE WHEN last_position < $4 THEN $4 ELSE last_position END + $5 \
               WHERE workspace_id = $1 AND id = $2 AND deleted_at IS NULL RETURNING last_position";
    let params: [Sql; 4] = [
        dataset.into(),
        now.into(),
        made.into(),
        count(items.len()).into(),
    ];
    let row = db
        .first(sql, params)
        .await?
        .ok_or_else(|| Problem::not_found(Datasets::NOUN))?;
    Ok(row.int("last_position")? - count(items.len()))
}

/// The number in a key that looks like a made one.
fn made_number(key: &str) -> Option<i64> {
    let digits = key.strip_prefix(MADE)?;
    let number: i64 = digits.parse().ok()?;
    (number <= MAX_MADE && number.to_string() == digits).then_some(number)
}

/// The rows as one JSON text. The item is text within it: Postgres' jsonb has no strings with NUL, our items may.
fn rows(items: Vec<DatasetItem>, base: i64) -> Result<String, Problem> {
    let mut rows = Vec::with_capacity(items.len());
    for (mut item, position) in items.into_iter().zip(base + 1..) {
        let key = item
            .key
            .get_or_insert_with(|| format!("{MADE}{position}"))
            .clone();
        let text = serde_json::to_string(&item).map_err(Problem::internal)?;
        rows.push(json!({"id": new_id(), "key": key, "position": position, "item": text}));
    }
    serde_json::to_string(&rows).map_err(Problem::internal)
}

const UPSERT_SQLITE: &str = "INSERT INTO dataset_items \
     (workspace_id, dataset_id, id, item_key, position, item, created_at, updated_at) \
     SELECT $1, $2, r.value->>'id', r.value->>'key', r.value->>'position', r.value->>'item', $4, $4 \
     FROM json_each($3) r WHERE true \
     ON CONFLICT (workspace_id, dataset_id, item_key) DO UPDATE SET item = excluded.item, updated_at = excluded.updated_at";
/// In the order of keys, so that two requests with the same keys wait for each other instead of dying of a deadlock.
const UPSERT_POSTGRES: &str = "INSERT INTO dataset_items \
     (workspace_id, dataset_id, id, item_key, position, item, created_at, updated_at) \
     SELECT $1::text, $2::text, r.id, r.key, r.position, r.item, $4::bigint, $4::bigint \
     FROM jsonb_to_recordset($3::text::jsonb) AS r (id TEXT, key TEXT, position BIGINT, item TEXT) ORDER BY r.key \
     ON CONFLICT (workspace_id, dataset_id, item_key) DO UPDATE SET item = excluded.item, updated_at = excluded.updated_at";

/// New items are those that took one of the places set aside: a replaced one keeps its own.
const CREATED: &str = "SELECT count(*) AS created FROM dataset_items WHERE workspace_id = $1 AND dataset_id = $2 \
     AND position > $3 AND position <= CAST($3 AS BIGINT) + CAST($4 AS BIGINT)";
/// The answer, made where the count is true: within the transaction.
const KEPT: &str = "(SELECT '{\"created\":' || CAST(count(*) AS TEXT) || ',\"updated\":' \
     || CAST(CAST($8 AS BIGINT) - count(*) AS TEXT) || '}' FROM dataset_items WHERE workspace_id = $1 AND dataset_id = $6 \
     AND position > $7 AND position <= CAST($7 AS BIGINT) + CAST($8 AS BIGINT))";

struct Item {
    id: String,
    key: String,
    position: i64,
    item: Map<String, Value>,
}

impl Item {
    fn read(row: &Row) -> Result<Self, Problem> {
        let (id, key) = (row.text("id")?, row.text("item_key")?);
        Ok(Self {
            id,
            key,
            position: row.int("position")?,
            item: row.json("item")?,
        })
    }

    fn shown(self) -> Value {
        let mut shown = self.item;
        shown.insert("id".into(), json!(self.id));
        shown.insert("key".into(), json!(self.key));
        shown.insert("position".into(), json!(self.position));
        Value::Object(shown)
    }
}

/// `GET /api/v1/datasets/{id}/items?limit&cursor`: in their order.
pub(crate) async fn list(ctx: Ctx) -> Result<Reply, Problem> {
    ctx.only_query(&["limit", "cursor"])?;
    let page = ctx.page()?;
    let dataset = id(&ctx, "id", Datasets::NOUN)?;
    let Cursor(after, last) = page
        .cursor
        .clone()
        .unwrap_or_else(|| Cursor(i64::MIN, String::new()));
    let db = ctx.db().await?;
    Stored::find::<Datasets>(&db, dataset).await?;
    let sql = "SELECT id, item_key, position, item FROM dataset_items WHERE workspace_id = $1 AND dataset_id = $2 \
               AND (position, id) > ($3, $4) ORDER BY position, id LIMIT $5";
    let rows = db
        .query(
            sql,
            [
                dataset.into(),
                after.into(),
                last.into(),
                page.fetch().into(),
            ],
        )
        .await?;
    let items = rows.iter().map(Item::read).collect::<Result<Vec<_>, _>>()?;
    let page = page.page(items, |i| Cursor(i.position, i.id.clone()));
    let data: Vec<Value> = page.data.into_iter().map(Item::shown).collect();
    reply::ok(&assay_edge::Page {
        data,
        next_cursor: page.next_cursor,
    })
}

/// `GET /api/v1/datasets/{id}/items/{item_id}`.
pub(crate) async fn get(ctx: Ctx) -> Result<Reply, Problem> {
    ctx.only_query(&[])?;
    let (dataset, item) = (id(&ctx, "id", Datasets::NOUN)?, id(&ctx, "item_id", NOUN)?);
    let sql = "SELECT i.id, i.item_key, i.position, i.item FROM dataset_items i \
               JOIN datasets d ON d.workspace_id = i.workspace_id AND d.id = i.dataset_id AND d.deleted_at IS NULL \
               WHERE i.workspace_id = $1 AND i.dataset_id = $2 AND i.id = $3";
    let row = ctx
        .db()
        .await?
        .first(sql, [dataset.into(), item.into()])
        .await?;
    reply::ok(&Item::read(&row.ok_or_else(|| Problem::not_found(NOUN))?)?.shown())
}

/// `DELETE /api/v1/datasets/{id}/items/{item_id}`.
pub(crate) async fn delete(ctx: Ctx) -> Result<Reply, Problem> {
    ctx.only_query(&[])?;
    let (dataset, item) = (id(&ctx, "id", Datasets::NOUN)?, id(&ctx, "item_id", NOUN)?);
    let db = ctx.db().await?;
    // The version goes up first, and only for an item that is there: nobody sees the change under the old version.
    let touch = "UPDATE datasets SET version = version + 1, updated_at = $4 WHERE workspace_id = $1 AND id = $2 \
                 AND deleted_at IS NULL AND EXISTS (SELECT 1 FROM dataset_items i WHERE i.workspace_id = $1 \
                 AND i.dataset_id = $2 AND i.id = $3)";
    let touched = db
        .execute(touch, [dataset.into(), item.into(), clock::now().into()])
        .await?;
    let sql = "DELETE FROM dataset_items WHERE workspace_id = $1 AND dataset_id = $2 AND id = $3";
    if touched == 0 || db.execute(sql, [dataset.into(), item.into()]).await? == 0 {
        return Err(Problem::not_found(NOUN));
    }
    Ok(reply::no_content())
}

#[cfg(test)]
mod tests;
