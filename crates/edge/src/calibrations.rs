//! Calibrations as they are applied: for whoever scores, and for campaigns, which keep those of their beginning.

use crate::db::ScopedDb;
use crate::problem::Problem;
use assay_model::{ActiveCalibration, JudgedBy};

/// Most metrics of one judge that are calibrated: a campaign carries all of them.
pub const MOST: i64 = 100;

/// The condition that a row of `calibrations c` is the one that is applied: the newest of its metric and judge.
pub const NEWEST: &str = "NOT EXISTS (SELECT 1 FROM calibrations n WHERE n.workspace_id = c.workspace_id AND n.judge = c.judge \
     AND n.metric = c.metric AND n.version > c.version)";

/// The calibrations of a judge, one a metric.
///
/// # Errors
/// When the store fails.
pub async fn active(db: &ScopedDb, judge: &str) -> Result<Vec<ActiveCalibration>, Problem> {
    let sql = format!(
        "SELECT c.id, c.metric, c.judge, c.metric_hash, c.judge_hash, c.fitted FROM calibrations c \
         WHERE c.workspace_id = $1 AND c.judge = $2 AND {NEWEST} ORDER BY c.metric LIMIT {MOST}"
    );
    let rows = db.query(&sql, [judge.into()]).await?;
    rows.iter()
        .map(|row| {
            Ok(ActiveCalibration {
                id: row.text("id")?,
                metric: row.text("metric")?,
                judged_by: JudgedBy {
                    judge: row.text("judge")?,
                    metric_hash: row.text("metric_hash")?,
                    judge_hash: row.text("judge_hash")?,
                },
                // Of all that came of the fit only the curves.
                curves: row.json("fitted")?,
            })
        })
        .collect()
}
