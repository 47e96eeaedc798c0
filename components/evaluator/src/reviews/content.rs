//! What there is to look at of an item: read where it is, so that what was deleted or redacted is not kept here.

use super::stored::opt_json;
use assay_edge::db::ScopedDb;
use assay_edge::traces::TraceStore;
use assay_edge::{Ctx, Problem};
use assay_model::{DatasetItem, ReviewSubject};
use serde::Deserialize;
use serde_json::{Value, json};

/// What of a run's outcome is shown: not its scores.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Ended {
    pub(super) trace_id: Option<String>,
    pub(super) input: Option<String>,
    pub(super) output: Option<String>,
    pub(super) expected_output: Option<String>,
    pub(super) turns: u32,
}

/// A dataset's item is stored as it is, a scenario within an object of one key.
#[derive(Deserialize)]
#[serde(untagged)]
enum StoredItem {
    Scenario { run_item: Box<InScenario> },
    Item(Box<DatasetItem>),
}

#[derive(Deserialize)]
struct InScenario {
    item: DatasetItem,
}

/// A run, as far as reviews look at it.
pub(super) struct RunSeen {
    pub(super) campaign_id: String,
    pub(super) item: DatasetItem,
    pub(super) outcome: Ended,
}

/// The run; `None` when there is none of that id.
pub(super) async fn run(db: &ScopedDb, id: &str) -> Result<Option<RunSeen>, Problem> {
    let sql = "SELECT campaign_id, item, outcome FROM runs WHERE workspace_id = $1 AND id = $2";
    let Some(row) = db.first(sql, [id.into()]).await? else {
        return Ok(None);
    };
    let item = match row.json::<StoredItem>("item")? {
        StoredItem::Scenario { run_item } => run_item.item,
        StoredItem::Item(item) => *item,
    };
    Ok(Some(RunSeen {
        campaign_id: row.text("campaign_id")?,
        item,
        outcome: opt_json(&row, "outcome")?.unwrap_or_default(),
    }))
}

/// The dataset's item; `None` when there is none of that key.
pub(super) async fn dataset_item(
    db: &ScopedDb,
    dataset: &str,
    key: &str,
) -> Result<Option<DatasetItem>, Problem> {
    let sql = "SELECT i.item FROM dataset_items i \
               JOIN datasets d ON d.workspace_id = i.workspace_id AND d.id = i.dataset_id AND d.deleted_at IS NULL \
               WHERE i.workspace_id = $1 AND i.dataset_id = $2 AND i.item_key = $3";
    let row = db.first(sql, [dataset.into(), key.into()]).await?;
    Ok(row.map(|row| row.json("item")).transpose()?)
}

/// What went in and came out of a trace or an observation of it.
pub(super) async fn traced(
    ctx: &Ctx,
    db: &ScopedDb,
    trace: &str,
    observation: Option<&str>,
) -> Result<Option<(Value, Value)>, Problem> {
    let store = TraceStore::open(&ctx.platform, db.workspace()).await?;
    Ok(match observation {
        None => {
            let found = store.trace_alone(trace).await?;
            found.map(|t| (t.trace.input, t.trace.output))
        }
        Some(id) => {
            let found = store.observation_of(trace, id).await?;
            found.map(|o| (o.observation.input, o.observation.output))
        }
    })
}

/// What is shown; null when it is gone.
pub(super) async fn of(
    ctx: &Ctx,
    db: &ScopedDb,
    subject: &ReviewSubject,
) -> Result<Value, Problem> {
    Ok(match subject {
        ReviewSubject::Run { run_id, .. } => match run(db, run_id).await? {
            None => Value::Null,
            Some(run) => json!({
                "campaign_id": run.campaign_id, "trace_id": run.outcome.trace_id, "turns": run.outcome.turns,
                "input": run.outcome.input, "output": run.outcome.output, "expected_output": run.outcome.expected_output,
            }),
        },
        ReviewSubject::Trace {
            trace_id,
            observation_id,
            ..
        } => match traced(ctx, db, trace_id, observation_id.as_deref()).await? {
            None => Value::Null,
            Some((input, output)) => {
                json!({"trace_id": trace_id, "input": input, "output": output})
            }
        },
        ReviewSubject::DatasetItem {
            dataset_id,
            item_key,
        } => match dataset_item(db, dataset_id, item_key).await? {
            None => Value::Null,
            Some(item) => json!({
                "input": item.user_turns().last(), "turns": item.user_turns(), "expected_output": item.expected_output,
            }),
        },
    })
}
