//! What of a run that ends goes to people: its scores enter the queues whose rules take them, in the transaction that ends it.

use crate::run_rows::Lease;
use assay_edge::db::{Db, Statement, Value};
use assay_edge::review_items::{NewItem, enter};
use assay_edge::{Problem, new_id};
use assay_model::{ItemOutcome, ReviewQueueSpec, Timestamp};
use assay_review::rules::{OfCampaign, entering};

/// The statements that put them in. A step that is taken twice ends the run once, and so they enter once; what a queue has
/// already, it keeps.
pub(crate) async fn statements(
    db: &Db,
    lease: &Lease,
    outcome: &ItemOutcome,
    now: Timestamp,
) -> Result<Vec<Statement>, Problem> {
    if outcome.scores.is_empty() {
        return Ok(Vec::new());
    }
    let sql = "SELECT q.id, q.spec, c.name FROM review_queues q JOIN campaigns c ON c.workspace_id = q.workspace_id AND c.id = $2 \
               WHERE q.workspace_id = $1 AND q.takes = 1 ORDER BY q.created_at, q.id";
    let workspace = lease.workspace_id.as_str();
    let params: [Value; 2] = [workspace.into(), lease.campaign_id.as_str().into()];
    let mut all = Vec::new();
    for row in db.query(sql, params).await? {
        let (queue, name) = (row.text("id")?, row.text("name")?);
        let spec: ReviewQueueSpec = row.json("spec")?;
        let campaign = OfCampaign {
            id: &lease.campaign_id,
            name: &name,
        };
        let items: Vec<NewItem> = entering(&queue, &spec.rules, campaign, outcome)
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
            let enter = enter(db.dialect(), &queue, &items, None, now)?;
            all.extend(enter.map(|statement| statement.within(workspace)));
        }
    }
    Ok(all)
}
