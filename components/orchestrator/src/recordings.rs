//! Recordings of campaigns: where they are, and when they go. A recording is kept as long as its workspace keeps traces, from the
//! end of its campaign on.

use crate::run_rows::Lease;
use assay_edge::db::{Db, Statement, Value};
use assay_edge::{Problem, clock, tape};
use assay_graph::protocol::{CampaignSnapshot, ModelSnapshot};
use assay_model::{MetricSpec, Recording};
use assay_scenario::Act;
use std::collections::BTreeSet;

/// Campaigns whose recording one turn begins to delete.
const CAMPAIGNS: i64 = 50;
/// Tasks whose calls one turn deletes, of each campaign.
const PLACES: i64 = 200;
/// A day, in microseconds.
const DAY_US: i64 = 24 * 3_600 * 1_000_000;

/// Notes where the calls of an act are written down, before any is made.
pub(crate) async fn note(
    db: &Db,
    lease: &Lease,
    snapshot: &CampaignSnapshot,
    recording: &Recording,
    act: &Act,
) -> Result<(), Problem> {
    let mut places = vec![recording.place.clone()];
    if let Act::Evaluate { metrics, .. } = act {
        let judging = &snapshot.judging;
        let judges: Vec<&ModelSnapshot> = snapshot.judges().collect();
        for name in metrics.iter().map(MetricSpec::display_name) {
            let runs = |model| (1..=judging.runs).map(move |run| (model, run));
            let parts = judges
                .iter()
                .flat_map(runs)
                .map(|(model, run)| judging.part(name, judges.len(), &model.id, run));
            let parts: BTreeSet<String> = parts.chain([name.to_owned()]).collect();
            places.extend(parts.iter().map(|part| recording.part(part).place));
        }
    }
    let sql = "INSERT INTO recordings (workspace_id, campaign_id, place) VALUES ($1, $2, $3) \
               ON CONFLICT (workspace_id, campaign_id, place) DO NOTHING";
    let row = |place: String| -> [Value; 3] {
        let (workspace, campaign) = (lease.workspace_id.as_str(), lease.campaign_id.as_str());
        [workspace.into(), campaign.into(), place.into()]
    };
    let rows = places.into_iter().map(|p| Statement::new(sql, row(p)));
    Ok(db.batch(&rows.collect::<Vec<_>>()).await?)
}

/// Of campaigns whose recording is too old.
fn too_old() -> String {
    format!(
        "FROM campaigns c JOIN ingest_policies p ON p.workspace_id = c.workspace_id \
         WHERE c.recording = 'kept' AND c.finished_at < CAST($1 AS BIGINT) - p.retention_days * {DAY_US}"
    )
}

/// Whether there is anything to delete.
pub(crate) async fn wait(db: &Db) -> Result<bool, Problem> {
    let sql = format!(
        "SELECT 1 AS one WHERE EXISTS (SELECT 1 {}) OR EXISTS (SELECT 1 FROM campaigns WHERE recording = 'going')",
        too_old()
    );
    Ok(!db.query(&sql, [clock::now().into()]).await?.is_empty())
}

/// Deletes what is too old, a step a turn. Whoever asks for it meanwhile is told that it is gone.
pub(crate) async fn forget(db: &Db) -> Result<(), Problem> {
    let sql = format!(
        "SELECT c.workspace_id, c.id {} LIMIT {CAMPAIGNS}",
        too_old()
    );
    for row in db.query(&sql, [clock::now().into()]).await? {
        let sql = "UPDATE campaigns SET recording = 'going' WHERE workspace_id = $1 AND id = $2 AND recording = 'kept'";
        let params: [Value; 2] = [row.text("workspace_id")?.into(), row.text("id")?.into()];
        db.execute(sql, params).await?;
    }
    let sql = format!(
        "SELECT workspace_id, id FROM campaigns WHERE recording = 'going' LIMIT {CAMPAIGNS}"
    );
    for row in db.query(&sql, Vec::new()).await? {
        of_campaign(db, &row.text("workspace_id")?, &row.text("id")?).await?;
    }
    Ok(())
}

/// Deletes a part of a campaign's recording: a place is forgotten after what is there, so that a crash leaves nothing behind.
async fn of_campaign(db: &Db, workspace: &str, campaign: &str) -> Result<(), Problem> {
    let of = || -> Vec<Value> { vec![workspace.into(), campaign.into()] };
    let sql = format!(
        "SELECT place FROM recordings WHERE workspace_id = $1 AND campaign_id = $2 LIMIT {PLACES}"
    );
    let places = db.query(&sql, of()).await?;
    let whole = places.len() < PLACES as usize;
    for row in places {
        let place = row.text("place")?;
        tape::erase(&place).await?;
        let sql =
            "DELETE FROM recordings WHERE workspace_id = $1 AND campaign_id = $2 AND place = $3";
        let mut params = of();
        params.push(place.into());
        db.execute(sql, params).await?;
    }
    if whole {
        let sql = "UPDATE campaigns SET recording = 'deleted' WHERE workspace_id = $1 AND id = $2 AND recording = 'going'";
        db.execute(sql, of()).await?;
    }
    Ok(())
}
