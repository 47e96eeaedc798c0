//! Datasets and their items in the shape that Langfuse's clients speak: datasets by name, items by their own id.
//!
//! Langfuse's inputs and outputs are any JSON; ours are texts. What is no text is kept as JSON text, and as it was below
//! `langfuse` in the metadata, so that it is read again as it was written.

use crate::crud::{contended, insert, update};
use crate::datasets::Datasets;
use crate::items::{Item, Writer, remove};
use crate::langfuse_prompts::{page, paging};
use crate::place::{Params, Place};
use crate::resource::{Resource as _, Stored, by_name, columns, named, to_map};
use assay_edge::db::{DbError, Row, ScopedDb};
use assay_edge::{Ctx, DEFAULT_BODY_LIMIT, Problem, Reply, clock, new_id, reply};
use assay_model::{DatasetItem, DatasetSpec, Timestamp, Validate};
use serde::Deserialize;
use serde_json::{Map, Value, json};

/// How often a change is tried when others make one at the same time.
const TRIES: u32 = 5;
/// Where metadata holds what only Langfuse's clients know.
const BAG: &str = "langfuse";
/// For people.
const NOUN: &str = "item";

/// A dataset as Langfuse's clients write it.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WrittenDataset {
    name: String,
    #[serde(default)]
    description: Option<String>,
    #[serde(default)]
    metadata: Value,
    #[serde(default)]
    input_schema: Value,
    #[serde(default)]
    expected_output_schema: Value,
}

/// Metadata of ours: theirs if it is an object, and the rest in the bag.
fn pack(theirs: Value, mut bag: Map<String, Value>) -> Value {
    bag.retain(|_, v| !v.is_null());
    let mut ours = match theirs {
        Value::Object(map) => map,
        Value::Null => Map::new(),
        other => {
            bag.insert("metadata".into(), other);
            Map::new()
        }
    };
    if !bag.is_empty() {
        ours.insert(BAG.into(), Value::Object(bag));
    }
    if ours.is_empty() {
        Value::Null
    } else {
        Value::Object(ours)
    }
}

/// Their metadata, and the bag.
fn unpack(ours: Option<&Value>) -> (Value, Map<String, Value>) {
    let Some(Value::Object(map)) = ours else {
        return (Value::Null, Map::new());
    };
    let mut map = map.clone();
    let mut bag = match map.remove(BAG) {
        Some(Value::Object(bag)) => bag,
        _ => Map::new(),
    };
    let theirs = match bag.remove("metadata") {
        Some(other) => other,
        None if map.is_empty() => Value::Null,
        None => Value::Object(map),
    };
    (theirs, bag)
}

fn shown(db: &ScopedDb, stored: &Stored) -> Value {
    let (metadata, mut bag) = unpack(stored.spec.get("metadata"));
    json!({
        "id": stored.id,
        "name": stored.spec.get("name"),
        "description": stored.spec.get("description"),
        "metadata": metadata,
        "inputSchema": bag.remove("inputSchema"),
        "expectedOutputSchema": bag.remove("expectedOutputSchema"),
        "projectId": db.workspace(),
        "createdAt": stored.created_at,
        "updatedAt": stored.updated_at,
    })
}

/// `POST /api/public/v2/datasets`: creates, or changes the one of that name.
pub(crate) async fn put(mut ctx: Ctx) -> Result<Reply, Problem> {
    ctx.only_query(&[])?;
    let body: WrittenDataset = ctx.raw_json(DEFAULT_BODY_LIMIT).await?;
    let bag = Map::from_iter([
        ("inputSchema".to_owned(), body.input_schema),
        (
            "expectedOutputSchema".to_owned(),
            body.expected_output_schema,
        ),
    ]);
    let spec = DatasetSpec {
        name: body.name,
        description: body.description.unwrap_or_default(),
        metadata: pack(body.metadata, bag),
    };
    spec.validate().map_err(Problem::validation)?;
    let db = ctx.db().await?;
    let actor = ctx.actor()?.principal.id().to_owned();
    for _ in 0..TRIES {
        let now = clock::now();
        let map = to_map::<Datasets>(&spec)?;
        let statements = match by_name::<Datasets>(&db, &spec.name).await? {
            None => {
                let new = Stored {
                    id: new_id(),
                    spec: map,
                    credential: None,
                    version: 1,
                    created_by: Some(actor.clone()),
                    created_at: now,
                    updated_at: now,
                    deleted_at: None,
                    counted: Some(0),
                    labels: Map::new(),
                };
                insert::<Datasets>(&Place::WORKSPACE, &spec, &new)
            }
            Some(old) if old.spec == map => return reply::ok(&shown(&db, &old)),
            Some(old) => {
                let new = Stored {
                    spec: map,
                    version: old.version + 1,
                    updated_at: now,
                    ..old
                };
                update::<Datasets>(&Place::WORKSPACE, &spec, &new, &actor)
            }
        };
        match db.guarded_batch(statements).await {
            Ok(true) => return reply::ok(&shown(&db, &named::<Datasets>(&db, &spec.name).await?)),
            Ok(false) | Err(DbError::Unique(_)) => {}
            Err(e) => return Err(e.into()),
        }
    }
    Err(contended())
}

/// `GET /api/public/v2/datasets/{name}`.
pub(crate) async fn get(ctx: Ctx) -> Result<Reply, Problem> {
    ctx.only_query(&[])?;
    let db = ctx.db().await?;
    let stored = named::<Datasets>(&db, ctx.param("name")?).await?;
    reply::ok(&shown(&db, &stored))
}

async fn total(db: &ScopedDb, from: &str, params: Params) -> Result<i64, Problem> {
    let sql = format!("SELECT count(*) AS total FROM {from}");
    let row = db.first(&sql, params.into_values()).await?;
    Ok(row.map_or(Ok(0), |row| row.int("total"))?)
}

/// `GET /api/public/v2/datasets?page&limit`: newest first.
pub(crate) async fn list(ctx: Ctx) -> Result<Reply, Problem> {
    ctx.only_query(&["page", "limit"])?;
    let (number, limit) = paging(&ctx)?;
    let db = ctx.db().await?;
    let only = "datasets r WHERE r.workspace_id = $1 AND r.deleted_at IS NULL";
    let total = total(&db, only, Params::default()).await?;
    let sql = format!(
        "SELECT {} FROM {only} ORDER BY r.created_at DESC, r.id DESC LIMIT {limit} OFFSET {}",
        columns::<Datasets>(&db),
        (number - 1) * limit
    );
    let rows = db.query(&sql, Vec::new()).await?;
    let all = rows.iter().map(Stored::read::<Datasets>);
    let data = all
        .map(|s| s.map(|s| shown(&db, &s)))
        .collect::<Result<Vec<_>, _>>()?;
    reply::ok(&page(data, number, limit, total))
}

/// An item as Langfuse's clients write it.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WrittenItem {
    dataset_name: String,
    #[serde(default)]
    id: Option<String>,
    #[serde(default)]
    input: Value,
    #[serde(default)]
    expected_output: Value,
    #[serde(default)]
    metadata: Value,
    #[serde(default)]
    source_trace_id: Option<String>,
    #[serde(default)]
    source_observation_id: Option<String>,
    #[serde(default)]
    status: Option<Status>,
}

#[derive(Clone, Copy, Deserialize, serde::Serialize)]
#[serde(rename_all = "UPPERCASE")]
enum Status {
    Active,
    Archived,
}

impl WrittenItem {
    fn into_item(self, key: String) -> DatasetItem {
        let mut bag = Map::new();
        let mut as_text = |name: &str, value: Value| match value {
            Value::Null => None,
            Value::String(text) => Some(text),
            other => {
                let text = other.to_string();
                bag.insert(name.into(), other);
                Some(text)
            }
        };
        let input = as_text("input", self.input);
        let expected_output = as_text("expectedOutput", self.expected_output);
        bag.insert("sourceTraceId".into(), json!(self.source_trace_id));
        bag.insert(
            "sourceObservationId".into(),
            json!(self.source_observation_id),
        );
        let archived = matches!(self.status, Some(Status::Archived));
        bag.insert(
            "status".into(),
            if archived {
                json!("ARCHIVED")
            } else {
                Value::Null
            },
        );
        DatasetItem {
            key: Some(key),
            input,
            expected_output,
            metadata: pack(self.metadata, bag),
            ..DatasetItem::default()
        }
    }
}

/// An item with its dataset and times, as Langfuse's clients read it.
struct Found {
    item: Item,
    dataset_id: String,
    dataset_name: String,
    created_at: Timestamp,
    updated_at: Timestamp,
}

const ITEM: &str = "i.id, i.item_key, i.position, i.item, i.dataset_id, d.name AS dataset_name, i.created_at, i.updated_at";
const ITEMS: &str = "dataset_items i JOIN datasets d ON d.workspace_id = i.workspace_id AND d.id = i.dataset_id \
                     AND d.deleted_at IS NULL WHERE i.workspace_id = $1";

impl Found {
    fn read(row: &Row) -> Result<Self, Problem> {
        Ok(Self {
            item: Item::read(row)?,
            dataset_id: row.text("dataset_id")?,
            dataset_name: row.text("dataset_name")?,
            created_at: row.time("created_at")?,
            updated_at: row.time("updated_at")?,
        })
    }

    fn shown(&self) -> Value {
        let field = |name: &str| self.item.item.get(name).cloned();
        let (metadata, mut bag) = unpack(self.item.item.get("metadata"));
        let mut take = |name: &str| bag.remove(name);
        let input = take("input").or_else(|| field("input"));
        json!({
            "id": self.item.key,
            "status": take("status").unwrap_or_else(|| json!("ACTIVE")),
            "input": input.or_else(|| field("turns")),
            "expectedOutput": take("expectedOutput").or_else(|| field("expected_output")),
            "metadata": metadata,
            "sourceTraceId": take("sourceTraceId"),
            "sourceObservationId": take("sourceObservationId"),
            "datasetId": self.dataset_id,
            "datasetName": self.dataset_name,
            "createdAt": self.created_at,
            "updatedAt": self.updated_at,
            "mediaReferences": [],
        })
    }
}

/// The item of that id, which is its key here: the first there is in any dataset of the workspace.
async fn item(db: &ScopedDb, key: &str) -> Result<Found, Problem> {
    if key.contains('\0') {
        return Err(Problem::not_found(NOUN));
    }
    // By dataset, so that the index of keys within each is used.
    let sql = format!(
        "SELECT {ITEM} FROM {ITEMS} AND i.dataset_id IN (SELECT id FROM datasets WHERE workspace_id = $1 \
         AND deleted_at IS NULL) AND i.item_key = $2 ORDER BY i.created_at, i.id LIMIT 1"
    );
    let row = db.first(&sql, [key.into()]).await?;
    Found::read(&row.ok_or_else(|| Problem::not_found(NOUN))?)
}

/// `POST /api/public/dataset-items`: creates, or replaces the one of that id.
pub(crate) async fn put_item(mut ctx: Ctx) -> Result<Reply, Problem> {
    ctx.only_query(&[])?;
    let body: WrittenItem = ctx.raw_json(DEFAULT_BODY_LIMIT).await?;
    let key = body.id.clone().unwrap_or_else(new_id);
    let db = ctx.db().await?;
    let dataset = by_name::<Datasets>(&db, &body.dataset_name)
        .await?
        .ok_or_else(|| Problem::not_found(Datasets::NOUN))?;
    let written = body.into_item(key.clone());
    written.validate().map_err(Problem::validation)?;
    let writer = Writer {
        db: &db,
        dataset: &dataset.id,
        actor: ctx.actor()?.principal.id(),
        repeat: None,
    };
    writer.write(vec![written]).await?;
    let sql = format!("SELECT {ITEM} FROM {ITEMS} AND i.dataset_id = $2 AND i.item_key = $3");
    let row = db.first(&sql, [dataset.id.into(), key.into()]).await?;
    reply::ok(&Found::read(&row.ok_or_else(|| Problem::not_found(NOUN))?)?.shown())
}

/// `GET /api/public/dataset-items/{id}`.
pub(crate) async fn get_item(ctx: Ctx) -> Result<Reply, Problem> {
    ctx.only_query(&[])?;
    let found = item(&ctx.db().await?, ctx.param("id")?).await?;
    reply::ok(&found.shown())
}

/// `DELETE /api/public/dataset-items/{id}`.
pub(crate) async fn delete_item(ctx: Ctx) -> Result<Reply, Problem> {
    ctx.only_query(&[])?;
    let db = ctx.db().await?;
    let found = item(&db, ctx.param("id")?).await?;
    let actor = ctx.actor()?.principal.id();
    if !remove(&db, &found.dataset_id, &found.item.id, actor, None).await? {
        return Err(Problem::not_found(NOUN));
    }
    reply::ok(&json!({"message": "Dataset item deleted"}))
}

/// `GET /api/public/dataset-items?datasetName&page&limit`: in their order.
pub(crate) async fn list_items(ctx: Ctx) -> Result<Reply, Problem> {
    ctx.only_query(&["datasetName", "page", "limit"])?;
    let (number, limit) = paging(&ctx)?;
    let db = ctx.db().await?;
    let named = match ctx.query("datasetName") {
        Some(name) => Some(named::<Datasets>(&db, name).await?.id),
        None => None,
    };
    let only = |params: &mut Params| match &named {
        Some(id) => format!("{ITEMS} AND i.dataset_id = {}", params.add(id)),
        None => ITEMS.to_owned(),
    };
    let mut params = Params::default();
    let from = only(&mut params);
    let total = total(&db, &from, params).await?;
    let mut params = Params::default();
    let sql = format!(
        "SELECT {ITEM} FROM {} ORDER BY i.dataset_id, i.position, i.id LIMIT {limit} OFFSET {}",
        only(&mut params),
        (number - 1) * limit
    );
    let rows = db.query(&sql, params.into_values()).await?;
    let data = rows
        .iter()
        .map(|row| Found::read(row).map(|f| f.shown()))
        .collect::<Result<Vec<_>, _>>()?;
    reply::ok(&page(data, number, limit, total))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn there_and_back(written: Value) {
        let item: WrittenItem = serde_json::from_value(written.clone()).unwrap();
        let item = item.into_item("k".into());
        assert!(item.validate().is_ok());
        let Value::Object(item) = serde_json::to_value(item).unwrap() else {
            panic!("not an object")
        };
        let found = Found {
            item: Item::new("i", "k", item),
            dataset_id: "d".into(),
            dataset_name: "n".into(),
            created_at: Timestamp::from_micros(0),
            updated_at: Timestamp::from_micros(0),
        };
        let shown = found.shown();
        for name in [
            "input",
            "expectedOutput",
            "metadata",
            "status",
            "sourceTraceId",
        ] {
            if let Some(value) = written.get(name) {
                assert_eq!(&shown[name], value, "{name}");
            }
        }
    }

    #[test]
    fn any_json_is_read_as_it_was_written() {
        there_and_back(json!({"datasetName": "n", "input": "hi", "expectedOutput": "1"}));
        there_and_back(json!({"datasetName": "n", "input": {"q": "hi"}, "expectedOutput": 1}));
        there_and_back(json!({"datasetName": "n", "input": [1], "metadata": {"a": 1}}));
        there_and_back(
            json!({"datasetName": "n", "input": "x", "metadata": "text", "status": "ARCHIVED", "sourceTraceId": "t"}),
        );
    }
}
