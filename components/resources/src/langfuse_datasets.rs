//! Datasets in the shape that Langfuse's clients speak: by name. Their items are in [`crate::langfuse_items`], runs over
//! them in [`crate::langfuse_runs`].

use crate::crud::{contended, insert, update};
use crate::datasets::Datasets;
use crate::langfuse_items::listed;
use crate::langfuse_prompts::paging;
use crate::place::{Params, Place};
use crate::resource::{Stored, by_name, columns, named, to_map};
use assay_edge::db::{DbError, ScopedDb};
use assay_edge::{Ctx, DEFAULT_BODY_LIMIT, Problem, Reply, clock, new_id, reply};
use assay_langfuse::show::page;
use assay_model::{DatasetSpec, Validate};
use serde::Deserialize;
use serde_json::{Map, Value, json};

/// How often a change is tried when others make one at the same time.
const TRIES: u32 = 5;
/// Where metadata holds what only Langfuse's clients know.
const BAG: &str = "langfuse";

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
pub(crate) fn pack(theirs: Value, mut bag: Map<String, Value>) -> Value {
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
pub(crate) fn unpack(ours: Option<&Value>) -> (Value, Map<String, Value>) {
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
                    last_version: 0,
                    labels: Map::new(),
                };
                insert::<Datasets>(&Place::WORKSPACE, &spec, &new)
            }
            Some(old) if old.spec == map => return reply::ok(&shown(&db, &old)),
            Some(old) => {
                let new = Stored {
                    spec: map,
                    version: old.next_version(),
                    updated_at: now,
                    ..old
                };
                update::<Datasets>(&Place::WORKSPACE, &spec, &new, old.version, &actor)
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

/// How many rows there are.
pub(crate) async fn total(db: &ScopedDb, from: &str, params: Params) -> Result<i64, Problem> {
    let sql = format!("SELECT count(*) AS total FROM {from}");
    let row = db.first(&sql, params.into_values()).await?;
    Ok(row.map_or(Ok(0), |row| row.int("total"))?)
}

/// `GET /api/public/v2/datasets?page&limit`: newest first.
pub(crate) async fn list(ctx: Ctx) -> Result<Reply, Problem> {
    ctx.only_query(&["page", "limit"])?;
    let paging = paging(&ctx)?;
    let db = ctx.db().await?;
    let only = "datasets r WHERE r.workspace_id = $1 AND r.deleted_at IS NULL";
    let total = total(&db, only, Params::default()).await?;
    let sql = format!(
        "SELECT {} FROM {only} ORDER BY r.created_at DESC, r.id DESC LIMIT {} OFFSET {}",
        columns::<Datasets>(&db),
        paging.limit,
        paging.offset()
    );
    let rows = db.query(&sql, Vec::new()).await?;
    let all = rows.iter().map(Stored::read::<Datasets>);
    let data = all
        .map(|s| s.map(|s| shown(&db, &s)))
        .collect::<Result<Vec<_>, _>>()?;
    reply::ok(&page(data, paging.page, paging.limit, total))
}

/// Most items that a dataset is shown with.
const MOST_ITEMS: i64 = 10_000;

/// `GET /api/public/datasets/{name}`: with its items and the names of its runs, as older clients read it.
pub(crate) async fn get_whole(ctx: Ctx) -> Result<Reply, Problem> {
    ctx.only_query(&[])?;
    let db = ctx.db().await?;
    let stored = named::<Datasets>(&db, ctx.param("name")?).await?;
    let items = listed(&db, &stored.id, MOST_ITEMS + 1).await?;
    if i64::try_from(items.len()).is_ok_and(|n| n > MOST_ITEMS) {
        return Err(Problem::field(
            "name",
            format!("has more than {MOST_ITEMS} items: read them at /api/public/dataset-items"),
        ));
    }
    let sql = "SELECT name FROM dataset_runs WHERE workspace_id = $1 AND dataset_id = $2 ORDER BY created_at DESC, id DESC";
    let rows = db.query(sql, [stored.id.as_str().into()]).await?;
    let runs = rows.iter().map(|row| row.text("name"));
    let runs = runs.collect::<Result<Vec<_>, _>>()?;
    let mut shown = shown(&db, &stored);
    if let Some(shown) = shown.as_object_mut() {
        shown.insert("items".into(), Value::Array(items));
        shown.insert("runs".into(), json!(runs));
    }
    reply::ok(&shown)
}
