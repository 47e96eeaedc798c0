//! Runs over a dataset in the shape that Langfuse's clients speak: a run begins with the first item that is linked to it.
//!
//! The id of a run is computed from workspace, dataset and name, as the clients do: what older ones link and newer ones
//! trace meets under it. A run keeps the ids of its items as clients know them, also of those that are deleted since.

use crate::crud::contended;
use crate::datasets::Datasets;
use crate::langfuse_datasets::total;
use crate::langfuse_items::{item, item_then};
use crate::langfuse_prompts::{TRIES, clean, paging};
use crate::place::Params;
use crate::resource::{Resource as _, Stored, is_id, named};
use assay_edge::db::{DbError, Row, ScopedDb, Statement, Value as Sql};
use assay_edge::{Ctx, DEFAULT_BODY_LIMIT, Problem, Reply, clock, new_id, reply};
use assay_langfuse::ids::dataset_run_id;
use assay_langfuse::query::Paging;
use assay_langfuse::{MAX_ID, show};
use assay_model::{Timestamp, Validate, Validator};
use serde::Deserialize;
use serde_json::{Value, json};

/// For people.
const NOUN: &str = "dataset run";

/// A link as Langfuse's clients write it.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Written {
    run_name: String,
    #[serde(default)]
    run_description: Option<String>,
    #[serde(default)]
    metadata: Value,
    dataset_item_id: String,
    trace_id: String,
    #[serde(default)]
    observation_id: Option<String>,
    #[serde(default)]
    dataset_version: Option<Timestamp>,
    #[serde(default)]
    created_at: Option<Timestamp>,
}

impl Validate for Written {
    fn check(&self, v: &mut Validator) {
        v.name("runName", &self.run_name, 200);
        if let Some(text) = &self.run_description {
            v.longest("runDescription", text, 10_000);
            let clean = !text.contains('\0');
            v.require(clean, "runDescription", "must not contain NUL");
        }
        v.name("traceId", &self.trace_id, MAX_ID);
        if let Some(id) = &self.observation_id {
            v.name("observationId", id, MAX_ID);
        }
    }
}

/// A run as it is kept.
struct Run {
    id: String,
    name: String,
    description: Option<String>,
    metadata: Value,
    created_at: Timestamp,
    updated_at: Timestamp,
}

impl Run {
    fn read(row: &Row) -> Result<Self, Problem> {
        let metadata = row.opt_text("metadata")?;
        let metadata = metadata.map(|text| serde_json::from_str(&text)).transpose();
        Ok(Self {
            id: row.text("id")?,
            name: row.text("name")?,
            description: row.opt_text("description")?,
            metadata: metadata.map_err(Problem::internal)?.unwrap_or_default(),
            created_at: row.time("created_at")?,
            updated_at: row.time("updated_at")?,
        })
    }

    /// The run of that name.
    async fn find(db: &ScopedDb, dataset: &str, name: &str) -> Result<Self, Problem> {
        let sql = "SELECT id, name, description, metadata, created_at, updated_at FROM dataset_runs \
                   WHERE workspace_id = $1 AND dataset_id = $2 AND name = $3";
        let row = match clean("runName", name) {
            Ok(name) => db.first(sql, [dataset.into(), name.into()]).await?,
            Err(_) => None,
        };
        Self::read(&row.ok_or_else(|| Problem::not_found(NOUN))?)
    }

    fn shown(&self, dataset: (&str, &str), items: Option<Vec<Value>>) -> Value {
        let (dataset_id, dataset_name) = dataset;
        let run = show::DatasetRun {
            id: &self.id,
            name: &self.name,
            description: self.description.as_deref(),
            metadata: &self.metadata,
            dataset_id,
            dataset_name,
            created_at: self.created_at,
            updated_at: self.updated_at,
        };
        show::dataset_run(&run, items)
    }
}

const LINK: &str = "id, item_id, trace_id, observation_id, created_at, updated_at";

/// A link between an item and a trace, as Langfuse's clients read it.
fn link(row: &Row, run: (&str, &str)) -> Result<Value, Problem> {
    let (run_id, run_name) = run;
    let observation_id = row.opt_text("observation_id")?;
    Ok(show::dataset_run_item(&show::DatasetRunItem {
        id: &row.text("id")?,
        run_id,
        run_name,
        item_id: &row.text("item_id")?,
        trace_id: &row.text("trace_id")?,
        observation_id: observation_id.as_deref(),
        created_at: row.time("created_at")?,
        updated_at: row.time("updated_at")?,
    }))
}

/// A run, made where there is none of that name in the dataset. What a later link does not say of it stays.
fn put_run(id: &str, dataset: &str, body: &Written, now: Timestamp) -> Statement {
    let sql = "INSERT INTO dataset_runs (workspace_id, id, dataset_id, name, description, metadata, created_at, updated_at) \
               SELECT d.workspace_id, CAST($2 AS TEXT), d.id, CAST($4 AS TEXT), CAST($5 AS TEXT), CAST($6 AS TEXT), \
                 CAST($7 AS BIGINT), CAST($7 AS BIGINT) \
               FROM datasets d WHERE d.workspace_id = $1 AND d.id = $3 AND d.deleted_at IS NULL \
               ON CONFLICT (workspace_id, id) DO UPDATE SET description = COALESCE(excluded.description, dataset_runs.description), \
                 metadata = COALESCE(excluded.metadata, dataset_runs.metadata), updated_at = excluded.updated_at";
    let metadata = (!body.metadata.is_null()).then(|| body.metadata.to_string());
    let row: [Sql; 6] = [
        id.into(),
        dataset.into(),
        body.run_name.as_str().into(),
        body.run_description.clone().into(),
        metadata.into(),
        now.into(),
    ];
    Statement::new(sql, row)
}

/// A link, which replaces the one of the same run, item and trace.
fn put_link(run: &str, body: &Written, now: Timestamp) -> Statement {
    let sql = "INSERT INTO dataset_run_items (workspace_id, id, run_id, item_id, trace_id, observation_id, created_at, updated_at) \
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8) \
               ON CONFLICT (workspace_id, run_id, item_id, trace_id) DO UPDATE \
               SET observation_id = excluded.observation_id, updated_at = excluded.updated_at";
    let row: [Sql; 7] = [
        new_id().into(),
        run.into(),
        body.dataset_item_id.as_str().into(),
        body.trace_id.as_str().into(),
        body.observation_id.clone().into(),
        body.created_at.unwrap_or(now).into(),
        now.into(),
    ];
    Statement::new(sql, row)
}

/// `POST /api/public/dataset-run-items`: links an item to a trace in a run, which begins with its first link.
pub(crate) async fn create(mut ctx: Ctx) -> Result<Reply, Problem> {
    ctx.only_query(&[])?;
    let body: Written = ctx.raw_json(DEFAULT_BODY_LIMIT).await?;
    body.validate().map_err(Problem::validation)?;
    let db = ctx.db().await?;
    let dataset = match body.dataset_version {
        None => item(&db, &body.dataset_item_id).await?.dataset_id,
        Some(version) => item_then(&db, &body.dataset_item_id, version).await?,
    };
    let run = dataset_run_id(db.workspace(), &dataset, &body.run_name);
    for _ in 0..TRIES {
        let now = clock::now();
        let statements = vec![
            put_run(&run, &dataset, &body, now),
            put_link(&run, &body, now),
        ];
        match db.guarded_batch(statements).await {
            Ok(true) => {
                let sql = format!(
                    "SELECT {LINK} FROM dataset_run_items \
                     WHERE workspace_id = $1 AND run_id = $2 AND item_id = $3 AND trace_id = $4"
                );
                let of: [Sql; 3] = [
                    run.as_str().into(),
                    body.dataset_item_id.as_str().into(),
                    body.trace_id.as_str().into(),
                ];
                let row = db.first(&sql, of).await?;
                let row = row.ok_or_else(|| Problem::not_found(NOUN))?;
                return reply::ok(&link(&row, (&run, &body.run_name))?);
            }
            Ok(false) => return Err(Problem::not_found(Datasets::NOUN)),
            // Two first links of a run at the same time: one of them is told so by the name's key on Postgres.
            Err(DbError::Unique(_)) => {}
            Err(e) => return Err(e.into()),
        }
    }
    Err(contended())
}

/// Links of a run, newest first.
async fn links(db: &ScopedDb, run: &Run, slice: &str) -> Result<Vec<Value>, Problem> {
    let sql = format!(
        "SELECT {LINK} FROM dataset_run_items WHERE workspace_id = $1 AND run_id = $2 \
         ORDER BY created_at DESC, id DESC{slice}"
    );
    let rows = db.query(&sql, [run.id.as_str().into()]).await?;
    let of = (run.id.as_str(), run.name.as_str());
    rows.iter().map(|row| link(row, of)).collect()
}

fn slice(paging: Paging) -> String {
    format!(" LIMIT {} OFFSET {}", paging.limit, paging.offset())
}

/// `GET /api/public/dataset-run-items?datasetId&runName&page&limit`: newest first.
pub(crate) async fn list_items(ctx: Ctx) -> Result<Reply, Problem> {
    ctx.only_query(&["datasetId", "runName", "page", "limit"])?;
    let paging = paging(&ctx)?;
    let required = |name: &'static str| {
        let text = ctx.query(name);
        text.ok_or_else(|| Problem::field(name, "is required"))
    };
    let (dataset, name) = (required("datasetId")?, required("runName")?);
    if !is_id(dataset) {
        return Err(Problem::not_found(Datasets::NOUN));
    }
    let db = ctx.db().await?;
    Stored::find::<Datasets>(&db, &crate::place::Place::WORKSPACE, dataset).await?;
    let run = Run::find(&db, dataset, name).await?;
    let mut params = Params::default();
    let from = format!(
        "dataset_run_items WHERE workspace_id = $1 AND run_id = {}",
        params.add(run.id.as_str())
    );
    let total = total(&db, &from, params).await?;
    let data = links(&db, &run, &slice(paging)).await?;
    reply::ok(&show::page(data, paging.page, paging.limit, total))
}

/// `GET /api/public/datasets/{name}/runs?page&limit`: newest first.
pub(crate) async fn list(ctx: Ctx) -> Result<Reply, Problem> {
    ctx.only_query(&["page", "limit"])?;
    let paging = paging(&ctx)?;
    let db = ctx.db().await?;
    let name = ctx.param("name")?;
    let dataset = named::<Datasets>(&db, name).await?.id;
    let mut params = Params::default();
    let from = format!(
        "dataset_runs WHERE workspace_id = $1 AND dataset_id = {}",
        params.add(dataset.as_str())
    );
    let total = total(&db, &from, params).await?;
    let sql = format!(
        "SELECT id, name, description, metadata, created_at, updated_at FROM dataset_runs \
         WHERE workspace_id = $1 AND dataset_id = $2 ORDER BY created_at DESC, id DESC{}",
        slice(paging)
    );
    let rows = db.query(&sql, [dataset.as_str().into()]).await?;
    let data = rows
        .iter()
        .map(|row| Run::read(row).map(|run| run.shown((&dataset, name), None)))
        .collect::<Result<Vec<_>, _>>()?;
    reply::ok(&show::page(data, paging.page, paging.limit, total))
}

/// `GET /api/public/datasets/{name}/runs/{run}`: with all of its links.
pub(crate) async fn get(ctx: Ctx) -> Result<Reply, Problem> {
    ctx.only_query(&[])?;
    let db = ctx.db().await?;
    let name = ctx.param("name")?;
    let dataset = named::<Datasets>(&db, name).await?.id;
    let run = Run::find(&db, &dataset, ctx.param("run")?).await?;
    let items = links(&db, &run, "").await?;
    reply::ok(&run.shown((&dataset, name), Some(items)))
}

/// `DELETE /api/public/datasets/{name}/runs/{run}`: the run and its links; traces stay.
pub(crate) async fn delete(ctx: Ctx) -> Result<Reply, Problem> {
    ctx.only_query(&[])?;
    let db = ctx.db().await?;
    let dataset = named::<Datasets>(&db, ctx.param("name")?).await?.id;
    let run = Run::find(&db, &dataset, ctx.param("run")?).await?;
    let of = |sql: &str| Statement::new(sql, [run.id.as_str().into()]);
    let detail = json!({"name": run.name, "dataset": dataset});
    let statements = vec![
        of("DELETE FROM dataset_runs WHERE workspace_id = $1 AND id = $2"),
        of("DELETE FROM dataset_run_items WHERE workspace_id = $1 AND run_id = $2"),
        ctx.audit("dataset_run.delete", ("dataset_run", &run.id), &detail)?,
    ];
    if !db.guarded_batch(statements).await? {
        return Err(Problem::not_found(NOUN));
    }
    reply::ok(&json!({"message": "Dataset run deleted"}))
}
