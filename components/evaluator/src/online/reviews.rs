//! Scores of traces that go to people: they enter the queues whose rules take them. What a queue has already, it keeps.

use assay_edge::db::ScopedDb;
use assay_edge::review_items::{NewItem, enter};
use assay_edge::{Platform, Problem, new_id};
use assay_model::{MetricResult, ReviewQueueSpec, Timestamp};
use assay_review::rules::entering_online;

/// Puts them in.
pub(super) async fn put(
    platform: &Platform,
    workspace: &str,
    trace: &str,
    results: &[MetricResult],
    now: Timestamp,
) -> Result<(), Problem> {
    // A connection of its own: others of the turn go on beside the transaction.
    let db = platform.db().await?;
    let dialect = db.dialect();
    let db = ScopedDb::for_internal(db, workspace.to_owned());
    let sql = "SELECT id, spec FROM review_queues WHERE workspace_id = $1 AND takes = 1 ORDER BY created_at, id";
    let mut all = Vec::new();
    for row in db.query(sql, []).await? {
        let queue = row.text("id")?;
        let spec: ReviewQueueSpec = row.json("spec")?;
        let items: Vec<NewItem> = entering_online(&queue, &spec.rules, trace, results)
            .into_iter()
            .map(|taken| NewItem {
                id: new_id(),
                subject: taken.subject,
                machine: Some(taken.machine),
                rule: Some(taken.rule),
                gold: None,
                wanted: spec.annotators_per_item,
                reserved: Vec::new(),
                priority: 0,
            })
            .collect();
        if !items.is_empty() {
            all.extend(enter(dialect, &queue, &items, None, now)?);
        }
    }
    if !all.is_empty() {
        db.batch(all).await?;
    }
    Ok(())
}
