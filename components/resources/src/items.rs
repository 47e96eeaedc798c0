//! Items of a dataset: many a request, all or none of them, replaced by key.

use crate::datasets::Datasets;
use crate::idempotency::Idempotency;
use crate::place::{Params, Place};
use crate::precondition::{self, IfMatch};
use crate::resource::{Resource as _, Stored, id};
use crate::versions;
use crate::{crud, metrics};
use assay_edge::db::{DbError, Row, ScopedDb, Statement, Value as Sql};
use assay_edge::{Ctx, Cursor, Problem, Reply, clock, new_id, reply};
use assay_graph::protocol::MetricList;
use assay_model::{DatasetItem, Timestamp, Validate, Validator};
use http::StatusCode;
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
    metrics::check(&ctx.platform, &ctx.actor()?.workspace, body.metrics()).await?;
    let db = ctx.db().await?;
    let writer = Writer {
        db: &db,
        dataset: &dataset,
        actor: ctx.actor()?.principal.id(),
        repeat: repeat.as_ref(),
    };
    reply::ok(&writer.write(body.items).await?)
}

/// Writes items as the next version of their dataset.
pub(crate) struct Writer<'a> {
    pub(crate) db: &'a ScopedDb,
    pub(crate) dataset: &'a str,
    pub(crate) actor: &'a str,
    pub(crate) repeat: Option<&'a Idempotency>,
}

impl Writer<'_> {
    /// All or none, in one transaction. What a repeated request is answered is what the first one was.
    ///
    /// # Errors
    /// When there is no such dataset.
    pub(crate) async fn write(&self, items: Vec<DatasetItem>) -> Result<Value, Problem> {
        let (db, dataset) = (self.db, self.dataset);
        if let Some(repeat) = self.repeat
            && let Some(first) = repeat.replay(db).await?
        {
            return Ok(first);
        }
        let (now, total) = (clock::now(), items.len());
        let base = reserve(db, dataset, &items).await?;
        let rows = rows(items, base)?;
        let history = db.pick(REPLACED_SQLITE, REPLACED_POSTGRES);
        let upsert = db.pick(UPSERT_SQLITE, UPSERT_POSTGRES);
        let mut statements = vec![
            touch(dataset, now),
            Statement::new(history, [dataset.into(), rows.as_str().into()]),
            Statement::new(upsert, [dataset.into(), rows.into(), now.into()]),
            versions::keep::<Datasets>(dataset, Some(self.actor), now),
        ];
        let place: [Sql; 3] = [dataset.into(), base.into(), count(total).into()];
        statements.extend(self.repeat.iter().flat_map(|r| r.keep(KEPT, place.clone())));
        match (db.guarded_batch(statements).await, self.repeat) {
            (Ok(true), _) => {}
            (Ok(false), _) => return Err(Problem::not_found(Datasets::NOUN)),
            (Err(DbError::Unique(cause)), Some(repeat)) => {
                let first = repeat.replay(db).await?;
                return first.ok_or_else(|| Problem::internal(cause));
            }
            (Err(e), _) => return Err(e.into()),
        }
        let row = db.first(CREATED, place).await?;
        let row = row.ok_or_else(|| Problem::internal("no count"))?;
        let created = row.int("created")?;
        Ok(json!({"created": created, "updated": count(total) - created}))
    }
}

/// The dataset's next version. It comes first in every transaction that changes items: the row's lock makes them wait for
/// each other, so that a version's items are all written before the next version begins.
fn touch(dataset: &str, now: Timestamp) -> Statement {
    let sql = "UPDATE datasets SET version = version + 1, updated_at = $3 \
               WHERE workspace_id = $1 AND id = $2 AND deleted_at IS NULL";
    Statement::new(sql, [dataset.into(), now.into()])
}

fn count(n: usize) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}

/// Sets places aside for all items, so that no two requests give the same; what is left over stays empty. Returns the
/// place before the first.
///
/// Places also go past every `item-<n>` that a client wrote itself, so that a made key never meets one.
async fn reserve(db: &ScopedDb, dataset: &str, items: &[DatasetItem]) -> Result<i64, Problem> {
    let made = items
        .iter()
        .filter_map(|i| made_number(i.key.as_deref()?))
        .max()
        .unwrap_or_default();
    let sql = "UPDATE datasets SET \
               last_position = CASE WHEN last_position < $3 THEN $3 ELSE last_position END + $4 \
               WHERE workspace_id = $1 AND id = $2 AND deleted_at IS NULL RETURNING last_position";
    let params: [Sql; 3] = [dataset.into(), made.into(), count(items.len()).into()];
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
        let split = item.split.unwrap_or_default();
        rows.push(
            json!({"id": new_id(), "key": key, "position": position, "split": split, "item": text}),
        );
    }
    serde_json::to_string(&rows).map_err(Problem::internal)
}

/// What is about to be replaced goes to the history, valid until the version that is being made.
const REPLACED_SQLITE: &str = "INSERT INTO dataset_item_history \
     (workspace_id, dataset_id, id, item_key, position, split, item, valid_from, valid_to) \
     SELECT i.workspace_id, i.dataset_id, i.id, i.item_key, i.position, i.split, i.item, i.revision, d.version \
     FROM dataset_items i JOIN datasets d ON d.workspace_id = i.workspace_id AND d.id = i.dataset_id \
     WHERE i.workspace_id = $1 AND i.dataset_id = $2 AND i.item_key IN (SELECT r.value->>'key' FROM json_each($3) r)";
const REPLACED_POSTGRES: &str = "INSERT INTO dataset_item_history \
     (workspace_id, dataset_id, id, item_key, position, split, item, valid_from, valid_to) \
     SELECT i.workspace_id, i.dataset_id, i.id, i.item_key, i.position, i.split, i.item, i.revision, d.version \
     FROM dataset_items i JOIN datasets d ON d.workspace_id = i.workspace_id AND d.id = i.dataset_id \
     WHERE i.workspace_id = $1 AND i.dataset_id = $2 \
     AND i.item_key IN (SELECT r.key FROM jsonb_to_recordset($3::text::jsonb) AS r (key TEXT))";
const REMOVED: &str = "INSERT INTO dataset_item_history \
     (workspace_id, dataset_id, id, item_key, position, split, item, valid_from, valid_to) \
     SELECT i.workspace_id, i.dataset_id, i.id, i.item_key, i.position, i.split, i.item, i.revision, d.version \
     FROM dataset_items i JOIN datasets d ON d.workspace_id = i.workspace_id AND d.id = i.dataset_id \
     WHERE i.workspace_id = $1 AND i.dataset_id = $2 AND i.id = $3";

const UPSERT_SQLITE: &str = "INSERT INTO dataset_items \
     (workspace_id, dataset_id, id, item_key, position, split, item, revision, created_at, updated_at) \
     SELECT $1, $2, r.value->>'id', r.value->>'key', r.value->>'position', r.value->>'split', r.value->>'item', \
       (SELECT d.version FROM datasets d WHERE d.workspace_id = $1 AND d.id = $2), $4, $4 \
     FROM json_each($3) r WHERE true \
     ON CONFLICT (workspace_id, dataset_id, item_key) DO UPDATE \
     SET item = excluded.item, split = excluded.split, revision = excluded.revision, updated_at = excluded.updated_at";
const UPSERT_POSTGRES: &str = "INSERT INTO dataset_items \
     (workspace_id, dataset_id, id, item_key, position, split, item, revision, created_at, updated_at) \
     SELECT $1::text, $2::text, r.id, r.key, r.position, r.split, r.item, \
       (SELECT d.version FROM datasets d WHERE d.workspace_id = $1::text AND d.id = $2::text), $4::bigint, $4::bigint \
     FROM jsonb_to_recordset($3::text::jsonb) AS r (id TEXT, key TEXT, position BIGINT, split TEXT, item TEXT) \
     ON CONFLICT (workspace_id, dataset_id, item_key) DO UPDATE \
     SET item = excluded.item, split = excluded.split, revision = excluded.revision, updated_at = excluded.updated_at";

/// New items are those that took one of the places set aside: a replaced one keeps its own.
const CREATED: &str = "SELECT count(*) AS created FROM dataset_items WHERE workspace_id = $1 AND dataset_id = $2 \
     AND position > $3 AND position <= CAST($3 AS BIGINT) + CAST($4 AS BIGINT)";
/// The answer, made where the count is true: within the transaction.
const KEPT: &str = "(SELECT '{\"created\":' || CAST(count(*) AS TEXT) || ',\"updated\":' \
     || CAST(CAST($8 AS BIGINT) - count(*) AS TEXT) || '}' FROM dataset_items WHERE workspace_id = $1 AND dataset_id = $6 \
     AND position > $7 AND position <= CAST($7 AS BIGINT) + CAST($8 AS BIGINT))";

pub(crate) struct Item {
    pub(crate) id: String,
    pub(crate) key: String,
    position: i64,
    pub(crate) item: Map<String, Value>,
}

impl Item {
    pub(crate) fn read(row: &Row) -> Result<Self, Problem> {
        let (id, key) = (row.text("id")?, row.text("item_key")?);
        Ok(Self {
            id,
            key,
            position: row.int("position")?,
            item: row.json("item")?,
        })
    }

    /// An item that was not read from a row.
    #[cfg(test)]
    pub(crate) fn new(id: &str, key: &str, item: Map<String, Value>) -> Self {
        Self {
            id: id.into(),
            key: key.into(),
            position: 1,
            item,
        }
    }

    fn shown(self) -> Value {
        let mut shown = self.item;
        shown.insert("id".into(), json!(self.id));
        shown.insert("key".into(), json!(self.key));
        shown.insert("position".into(), json!(self.position));
        Value::Object(shown)
    }
}

/// Which items of a dataset.
#[derive(Default)]
pub(crate) struct Wanted<'a> {
    /// As of that version; as they are now when absent.
    pub(crate) version: Option<i64>,
    /// Only of that split.
    pub(crate) split: Option<&'a str>,
    /// After that place.
    pub(crate) after: Option<Cursor>,
}

impl<'a> Wanted<'a> {
    /// `version` and `split` of a request; the dataset has that version.
    pub(crate) async fn of(ctx: &'a Ctx, db: &ScopedDb, dataset: &str) -> Result<Self, Problem> {
        Stored::find::<Datasets>(db, &Place::WORKSPACE, dataset).await?;
        let version = match ctx.query("version") {
            None => None,
            Some(text) => {
                let wrong = || Problem::field("version", "is not a version of this dataset");
                let version: i64 = text.parse().map_err(|_| wrong())?;
                if !versions::exists::<Datasets>(db, dataset, version).await? {
                    return Err(wrong());
                }
                Some(version)
            }
        };
        let split = ctx.query("split");
        if split.is_some_and(|s| s.contains('\0')) {
            return Err(Problem::field(
                "split",
                "must not contain control characters",
            ));
        }
        Ok(Self {
            version,
            split,
            after: None,
        })
    }

    /// The first `limit` of them.
    pub(crate) async fn read(
        &self,
        db: &ScopedDb,
        dataset: &str,
        limit: i64,
    ) -> Result<Vec<Item>, Problem> {
        let mut params = Params::default();
        let mut only = format!("workspace_id = $1 AND dataset_id = {}", params.add(dataset));
        if let Some(split) = self.split {
            only.push_str(&format!(" AND split = {}", params.add(split)));
        }
        if let Some(Cursor(position, id)) = &self.after {
            let (position, id) = (params.add(*position), params.add(id));
            only.push_str(&format!(" AND (position, id) > ({position}, {id})"));
        }
        let limit = params.add(limit);
        let from = |table: &str, valid: &str| {
            format!(
                "SELECT id, item_key, position, item FROM {table} WHERE {only}{valid} ORDER BY position, id LIMIT {limit}"
            )
        };
        let sql = match self.version {
            None => from("dataset_items", ""),
            Some(version) => {
                let v = params.add(version);
                let now = from("dataset_items", &format!(" AND revision <= {v}"));
                let then = from(
                    "dataset_item_history",
                    &format!(" AND valid_from <= {v} AND valid_to > {v}"),
                );
                format!(
                    "SELECT id, item_key, position, item FROM (SELECT * FROM ({now}) a UNION ALL SELECT * FROM ({then}) b) u \
                     ORDER BY position, id LIMIT {limit}"
                )
            }
        };
        let rows = db.query(&sql, params.into_values()).await?;
        rows.iter().map(Item::read).collect()
    }
}

impl Item {
    /// Its place, for a cursor.
    pub(crate) fn place(&self) -> Cursor {
        Cursor(self.position, self.id.clone())
    }
}

/// `GET /api/v1/datasets/{id}/items?limit&cursor&split&version`: in their order.
pub(crate) async fn list(ctx: Ctx) -> Result<Reply, Problem> {
    ctx.only_query(&["limit", "cursor", "split", "version"])?;
    let page = ctx.page()?;
    let dataset = id(&ctx, "id", Datasets::NOUN)?;
    let db = ctx.db().await?;
    let wanted = Wanted {
        after: page.cursor.clone(),
        ..Wanted::of(&ctx, &db, dataset).await?
    };
    let items = wanted.read(&db, dataset, page.fetch()).await?;
    let page = page.page(items, Item::place);
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
    let sql = "SELECT i.id, i.item_key, i.position, i.item, i.revision FROM dataset_items i \
               JOIN datasets d ON d.workspace_id = i.workspace_id AND d.id = i.dataset_id AND d.deleted_at IS NULL \
               WHERE i.workspace_id = $1 AND i.dataset_id = $2 AND i.id = $3";
    let row = ctx
        .db()
        .await?
        .first(sql, [dataset.into(), item.into()])
        .await?;
    let row = row.ok_or_else(|| Problem::not_found(NOUN))?;
    crud::answer(
        StatusCode::OK,
        &Item::read(&row)?.shown(),
        row.int("revision")?,
    )
}

/// `DELETE /api/v1/datasets/{id}/items/{item_id}`.
pub(crate) async fn delete(ctx: Ctx) -> Result<Reply, Problem> {
    ctx.only_query(&[])?;
    let (dataset, item) = (id(&ctx, "id", Datasets::NOUN)?, id(&ctx, "item_id", NOUN)?);
    let db = ctx.db().await?;
    let actor = ctx.actor()?.principal.id();
    let demanded = IfMatch::of(&ctx.headers);
    let mut seen = None;
    if demanded.binds() {
        let sql = "SELECT revision FROM dataset_items WHERE workspace_id = $1 AND dataset_id = $2 AND id = $3";
        let row = db.first(sql, [dataset.into(), item.into()]).await?;
        let revision = row
            .ok_or_else(|| Problem::not_found(NOUN))?
            .int("revision")?;
        demanded.check(revision)?;
        seen = Some(revision);
    }
    match remove(&db, dataset, item, actor, seen).await? {
        true => Ok(reply::no_content()),
        false if seen.is_some() => Err(precondition::failed()),
        false => Err(Problem::not_found(NOUN)),
    }
}

/// Removes an item as the next version of its dataset, only as it was `seen` where that is told; whether it was there.
pub(crate) async fn remove(
    db: &ScopedDb,
    dataset: &str,
    item: &str,
    actor: &str,
    seen: Option<i64>,
) -> Result<bool, Problem> {
    let now = clock::now();
    // The version goes up first, and only for an item that is there: nobody sees the change under the old version.
    let touch = "UPDATE datasets SET version = version + 1, updated_at = $4 WHERE workspace_id = $1 AND id = $2 \
                 AND deleted_at IS NULL AND EXISTS (SELECT 1 FROM dataset_items i WHERE i.workspace_id = $1 \
                 AND i.dataset_id = $2 AND i.id = $3 AND i.revision = COALESCE($5, i.revision))";
    let delete =
        "DELETE FROM dataset_items WHERE workspace_id = $1 AND dataset_id = $2 AND id = $3";
    let statements = vec![
        Statement::new(
            touch,
            [dataset.into(), item.into(), now.into(), seen.into()],
        ),
        Statement::new(REMOVED, [dataset.into(), item.into()]),
        Statement::new(delete, [dataset.into(), item.into()]),
        versions::keep::<Datasets>(dataset, Some(actor), now),
    ];
    Ok(db.guarded_batch(statements).await?)
}

#[cfg(test)]
mod tests;
