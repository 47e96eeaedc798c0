//! Items that people have labelled become items of a dataset: those of reviews hand them over here.

use crate::datasets::Datasets;
use crate::items::Writer;
use crate::place::Place;
use crate::resource::Stored;
use assay_edge::db::ScopedDb;
use assay_edge::{Ctx, Problem, Reply, reply};
use assay_model::DatasetItem;
use serde::Deserialize;

/// Largest body, in bytes.
const BODY_LIMIT: usize = 64 << 20;

/// What is handed over: every item has a key.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Labelled {
    workspace_id: String,
    dataset_id: String,
    /// Who asked for it.
    actor: String,
    items: Vec<DatasetItem>,
}

/// `POST /internal/dataset-items`: an item whose key is there replaces it, as everywhere. Without items it only tells whether there is
/// such a dataset.
pub(crate) async fn write(mut ctx: Ctx) -> Result<Reply, Problem> {
    let labelled: Labelled = ctx.raw_json(BODY_LIMIT).await?;
    let db = ScopedDb::for_internal(ctx.platform.db().await?, labelled.workspace_id);
    Stored::find::<Datasets>(&db, &Place::WORKSPACE, &labelled.dataset_id).await?;
    if labelled.items.is_empty() {
        return reply::ok(&serde_json::json!({"created": 0, "updated": 0}));
    }
    let writer = Writer {
        db: &db,
        dataset: &labelled.dataset_id,
        actor: &labelled.actor,
        repeat: None,
    };
    reply::ok(&writer.write(labelled.items).await?)
}
