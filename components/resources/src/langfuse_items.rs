//! Items of datasets in the shape that Langfuse's clients speak: by their own id, as they are or as they were.
//!
//! Langfuse's inputs and outputs are any JSON; ours are texts. What is no text is kept as JSON text, and as it was below
//! `langfuse` in the metadata, so that it is read again as it was written.
//!
//! Their ids are unique in a project; our keys are in a dataset. So the oldest item of a key is known to them by the key, and
//! each other one by its own id. What looks like both is the id.

use crate::datasets::Datasets;
use crate::items::{Item, Writer, remove};
use crate::langfuse_datasets::{pack, total, unpack};
use crate::langfuse_prompts::{clean, paging};
use crate::place::Params;
use crate::resource::{Resource as _, by_name, is_id, named};
use assay_edge::db::{Row, ScopedDb};
use assay_edge::{Ctx, DEFAULT_BODY_LIMIT, Problem, ProblemKind, Reply, new_id, reply};
use assay_langfuse::show::page;
use assay_model::{DatasetItem, Timestamp, Validate};
use serde::Deserialize;
use serde_json::{Map, Value, json};

/// For people.
const NOUN: &str = "item";

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
            input: input.map(Into::into),
            expected_output: expected_output.map(Into::into),
            metadata: pack(self.metadata, bag),
            ..DatasetItem::default()
        }
    }
}

/// An item with its dataset and times, as Langfuse's clients read it.
pub(crate) struct Found {
    item: Item,
    /// Whether its key names another item: then its own id names it.
    shadowed: bool,
    pub(crate) dataset_id: String,
    dataset_name: String,
    created_at: Timestamp,
    updated_at: Timestamp,
}

const ITEM: &str = "i.id, i.item_key, i.position, i.item, i.dataset_id, d.name AS dataset_name, \
                    COALESCE(i.created_at, d.created_at) AS created_at, COALESCE(i.updated_at, d.created_at) AS updated_at, \
                    CASE WHEN EXISTS (SELECT 1 FROM dataset_items o JOIN datasets e ON e.workspace_id = o.workspace_id \
                    AND e.id = o.dataset_id AND e.deleted_at IS NULL WHERE o.workspace_id = i.workspace_id \
                    AND o.item_key = i.item_key AND (o.created_at, o.id) < (COALESCE(i.created_at, d.created_at), i.id)) \
                    OR EXISTS (SELECT 1 FROM dataset_items o WHERE o.workspace_id = i.workspace_id AND o.id = i.item_key \
                    AND o.id <> i.id) THEN 1 ELSE 0 END AS shadowed";
const DATASETS: &str = "JOIN datasets d ON d.workspace_id = i.workspace_id AND d.id = i.dataset_id \
                        AND d.deleted_at IS NULL WHERE i.workspace_id = $1";

/// Items as they are.
fn live() -> String {
    format!("dataset_items i {DATASETS}")
}

/// Items of a dataset as they were at a version. The history keeps no times: they are those of the versions that first
/// and last wrote the item, and those of the dataset where it is older than its versions.
fn then(params: &mut Params, dataset: &str, version: i64) -> String {
    let (d, v) = (params.add(dataset), params.add(version));
    let at = |version: &str| {
        format!(
            "(SELECT r.created_at FROM resource_versions r WHERE r.workspace_id = $1 AND r.kind = 'datasets' \
             AND r.resource_id = h.dataset_id AND r.version = {version})"
        )
    };
    let updated = at("h.valid_from");
    let created = at(
        "(SELECT min(f.valid_from) FROM dataset_item_history f WHERE f.workspace_id = $1 \
                      AND f.dataset_id = h.dataset_id AND f.id = h.id)",
    );
    format!(
        "(SELECT n.workspace_id, n.dataset_id, n.id, n.item_key, n.position, n.item, n.created_at, n.updated_at \
         FROM dataset_items n WHERE n.workspace_id = $1 AND n.dataset_id = {d} AND n.revision <= {v} \
         UNION ALL \
         SELECT h.workspace_id, h.dataset_id, h.id, h.item_key, h.position, h.item, {created}, {updated} \
         FROM dataset_item_history h WHERE h.workspace_id = $1 AND h.dataset_id = {d} \
         AND h.valid_from <= {v} AND h.valid_to > {v}) i {DATASETS}"
    )
}

impl Found {
    fn read(row: &Row) -> Result<Self, Problem> {
        Ok(Self {
            item: Item::read(row)?,
            shadowed: row.int("shadowed")? != 0,
            dataset_id: row.text("dataset_id")?,
            dataset_name: row.text("dataset_name")?,
            created_at: row.time("created_at")?,
            updated_at: row.time("updated_at")?,
        })
    }

    /// As Langfuse's clients read it.
    pub(crate) fn shown(&self) -> Value {
        let field = |name: &str| self.item.item.get(name).cloned();
        let (metadata, mut bag) = unpack(self.item.item.get("metadata"));
        let mut take = |name: &str| bag.remove(name);
        let input = take("input").or_else(|| field("input"));
        json!({
            "id": if self.shadowed { &self.item.id } else { &self.item.key },
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

/// The item of that id: its own, or its key, of which the oldest in any dataset of the workspace is meant.
pub(crate) async fn item(db: &ScopedDb, id: &str) -> Result<Found, Problem> {
    if id.contains('\0') {
        return Err(Problem::not_found(NOUN));
    }
    for condition in ["i.id = $2", "i.item_key = $2"] {
        let sql = format!(
            "SELECT {ITEM} FROM {} AND {condition} ORDER BY i.created_at, i.id LIMIT 1",
            live()
        );
        if let Some(row) = db.first(&sql, [id.into()]).await? {
            return Found::read(&row);
        }
    }
    Err(Problem::not_found(NOUN))
}

/// The dataset that has or had an item of that id, as it was at a time: what is deleted since can still be linked.
///
/// # Errors
/// When there was none.
pub(crate) async fn item_then(db: &ScopedDb, id: &str, time: Timestamp) -> Result<String, Problem> {
    match item(db, id).await {
        Ok(found) => return Ok(found.dataset_id),
        Err(problem) if problem.kind() != ProblemKind::NotFound => return Err(problem),
        Err(_) => {}
    }
    let sql = format!(
        "SELECT i.dataset_id FROM dataset_item_history i {DATASETS} AND (i.item_key = $2 OR i.id = $2) \
         AND EXISTS (SELECT 1 FROM resource_versions r WHERE r.workspace_id = $1 AND r.kind = 'datasets' \
         AND r.resource_id = i.dataset_id AND r.version >= i.valid_from AND r.version < i.valid_to AND r.created_at <= $3) \
         ORDER BY CASE WHEN i.id = $2 THEN 0 ELSE 1 END, i.valid_to DESC, i.dataset_id LIMIT 1"
    );
    let id = clean(NOUN, id).map_err(|_| Problem::not_found(NOUN))?;
    let row = db.first(&sql, [id.into(), time.into()]).await?;
    Ok(row
        .ok_or_else(|| Problem::not_found(NOUN))?
        .text("dataset_id")?)
}

/// The key of the dataset's item that has this id of its own, as clients know one whose key is another's.
async fn key_of(db: &ScopedDb, dataset: &str, id: &str) -> Result<Option<String>, Problem> {
    // What is no id can be a key all the same.
    if !is_id(id) {
        return Ok(None);
    }
    let sql = "SELECT item_key FROM dataset_items WHERE workspace_id = $1 AND dataset_id = $2 AND id = $3";
    let row = db.first(sql, [dataset.into(), id.into()]).await?;
    Ok(row.map(|row| row.text("item_key")).transpose()?)
}

/// `POST /api/public/dataset-items`: creates, or replaces the one of that id.
pub(crate) async fn put_item(mut ctx: Ctx) -> Result<Reply, Problem> {
    ctx.only_query(&[])?;
    let body: WrittenItem = ctx.raw_json(DEFAULT_BODY_LIMIT).await?;
    let db = ctx.db().await?;
    let dataset = by_name::<Datasets>(&db, &body.dataset_name)
        .await?
        .ok_or_else(|| Problem::not_found(Datasets::NOUN))?;
    let key = match &body.id {
        None => new_id(),
        Some(id) => key_of(&db, &dataset.id, id)
            .await?
            .unwrap_or_else(|| id.clone()),
    };
    let written = body.into_item(key.clone());
    written.validate().map_err(Problem::validation)?;
    let writer = Writer {
        db: &db,
        dataset: &dataset.id,
        actor: ctx.actor()?.principal.id(),
        repeat: None,
    };
    writer.write(vec![written]).await?;
    let sql = format!(
        "SELECT {ITEM} FROM {} AND i.dataset_id = $2 AND i.item_key = $3",
        live()
    );
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

// Postgres refuses to read JSON with an escaped NUL in any of its texts, which ours may have.
const SOURCE_SQLITE: &str = "i.item->'$.metadata.langfuse'->>'@' = #";
const SOURCE_POSTGRES: &str =
    r"replace(i.item, '\u0000', '\u0001')::json->'metadata'->'langfuse'->>'@' = #";

/// Where the items are that a request asks for.
struct Wanted<'a> {
    /// The dataset's id.
    dataset: Option<String>,
    /// As of that version; as they are now when absent.
    version: Option<i64>,
    /// What `sourceTraceId` and the like shall be.
    sources: Vec<(&'a str, &'a str)>,
}

impl<'a> Wanted<'a> {
    async fn of(ctx: &'a Ctx, db: &ScopedDb) -> Result<Self, Problem> {
        let dataset = match ctx.query("datasetName") {
            Some(name) => Some(named::<Datasets>(db, name).await?.id),
            None => None,
        };
        let version = match (ctx.query("version"), &dataset) {
            (None, _) => None,
            (Some(_), None) => {
                return Err(Problem::field("datasetName", "must stand beside `version`"));
            }
            (Some(text), Some(dataset)) => {
                let time = Timestamp::parse(text)
                    .map_err(|_| Problem::field("version", "must be an RFC 3339 time"))?;
                Some(version_at(db, dataset, time).await?)
            }
        };
        let mut sources = Vec::new();
        for name in ["sourceTraceId", "sourceObservationId"] {
            if let Some(text) = ctx.query(name) {
                sources.push((name, clean(name, text)?));
            }
        }
        Ok(Self {
            dataset,
            version,
            sources,
        })
    }

    fn from(&self, db: &ScopedDb, params: &mut Params) -> String {
        let mut from = match (&self.dataset, self.version) {
            (None, _) => live(),
            (Some(dataset), None) => {
                format!("{} AND i.dataset_id = {}", live(), params.add(dataset))
            }
            (Some(dataset), Some(version)) => then(params, dataset, version),
        };
        for (name, text) in &self.sources {
            let condition = db.pick(SOURCE_SQLITE, SOURCE_POSTGRES);
            let condition = condition.replace('@', name);
            from.push_str(" AND ");
            from.push_str(&condition.replace('#', &params.add(*text)));
        }
        from
    }
}

/// The dataset's version at a time: the last one made until then. There are no items at one before the first.
async fn version_at(db: &ScopedDb, dataset: &str, time: Timestamp) -> Result<i64, Problem> {
    let sql = "SELECT max(version) AS version FROM resource_versions \
               WHERE workspace_id = $1 AND kind = 'datasets' AND resource_id = $2 AND created_at <= $3";
    let row = db.first(sql, [dataset.into(), time.into()]).await?;
    let version = row.map_or(Ok(None), |row| row.opt_int("version"))?;
    Ok(version.unwrap_or(-1))
}

/// `GET /api/public/dataset-items?datasetName&sourceTraceId&sourceObservationId&version&page&limit`: in their order.
pub(crate) async fn list_items(ctx: Ctx) -> Result<Reply, Problem> {
    ctx.only_query(&[
        "datasetName",
        "sourceTraceId",
        "sourceObservationId",
        "version",
        "page",
        "limit",
    ])?;
    let paging = paging(&ctx)?;
    let db = ctx.db().await?;
    let wanted = Wanted::of(&ctx, &db).await?;
    let mut params = Params::default();
    let from = wanted.from(&db, &mut params);
    let total = total(&db, &from, params).await?;
    let data = read(&db, &wanted, paging.limit, paging.offset()).await?;
    reply::ok(&page(data, paging.page, paging.limit, total))
}

/// The first `limit` items of a dataset.
pub(crate) async fn listed(
    db: &ScopedDb,
    dataset: &str,
    limit: i64,
) -> Result<Vec<Value>, Problem> {
    let wanted = Wanted {
        dataset: Some(dataset.to_owned()),
        version: None,
        sources: Vec::new(),
    };
    read(db, &wanted, limit, 0).await
}

async fn read(
    db: &ScopedDb,
    wanted: &Wanted<'_>,
    limit: i64,
    offset: i64,
) -> Result<Vec<Value>, Problem> {
    let mut params = Params::default();
    let from = wanted.from(db, &mut params);
    let sql = format!(
        "SELECT {ITEM} FROM {from} ORDER BY i.dataset_id, i.position, i.id LIMIT {limit} OFFSET {offset}"
    );
    let rows = db.query(&sql, params.into_values()).await?;
    rows.iter()
        .map(|row| Found::read(row).map(|f| f.shown()))
        .collect()
}

#[cfg(test)]
mod tests;
