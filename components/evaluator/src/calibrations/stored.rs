//! Calibrations as they are kept and shown.

use super::CALIBRATION;
use assay_edge::calibrations::NEWEST;
use assay_edge::db::{DbError, Row, ScopedDb, Statement, Value as Sql};
use assay_edge::{Ctx, Problem, chain};
use assay_graph::protocol::ModelSnapshot;
use assay_model::{CalibrationSpec, JudgedBy, ModelSpec, StaleCalibration, Timestamp};
use assay_review::calibration::{CalibrationFit, judge_hash};
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};

/// A calibration.
#[derive(Clone)]
pub(super) struct Calibration {
    pub(super) id: String,
    pub(super) metric: String,
    pub(super) judged_by: JudgedBy,
    pub(super) version: i64,
    /// Whether it is the newest of its metric and judge.
    pub(super) active: bool,
    pub(super) spec: CalibrationSpec,
    pub(super) fit: CalibrationFit,
    pub(super) created_by: String,
    pub(super) created_at: Timestamp,
}

/// Of `calibrations c`; completed with whether a row is the newest.
pub(super) const COLUMNS: &str = "c.id, c.metric, c.judge, c.version, c.metric_hash, c.judge_hash, c.spec, c.fitted, c.inputs, \
     c.created_by, c.created_at, (SELECT max(n.version) FROM calibrations n WHERE n.workspace_id = c.workspace_id \
     AND n.judge = c.judge AND n.metric = c.metric) AS newest";

impl Calibration {
    pub(super) fn read(row: &Row) -> Result<Self, DbError> {
        let version = row.int("version")?;
        Ok(Self {
            id: row.text("id")?,
            metric: row.text("metric")?,
            judged_by: JudgedBy {
                judge: row.text("judge")?,
                metric_hash: row.text("metric_hash")?,
                judge_hash: row.text("judge_hash")?,
            },
            version,
            active: row.int("newest")? == version,
            spec: row.json("spec")?,
            fit: row.json("fitted")?,
            created_by: row.text("created_by")?,
            created_at: row.time("created_at")?,
        })
    }

    pub(super) async fn find(db: &ScopedDb, id: &str) -> Result<Self, Problem> {
        let sql =
            format!("SELECT {COLUMNS} FROM calibrations c WHERE c.workspace_id = $1 AND c.id = $2");
        let row = db.first(&sql, [id.into()]).await?;
        let row = row.ok_or_else(|| Problem::not_found(CALIBRATION))?;
        Ok(Self::read(&row)?)
    }

    /// The one that is applied, with the hash of what it was made of.
    pub(super) async fn newest(
        db: &ScopedDb,
        metric: &str,
        judge: &str,
    ) -> Result<Option<(Self, String)>, Problem> {
        let sql = format!(
            "SELECT {COLUMNS} FROM calibrations c WHERE c.workspace_id = $1 AND c.metric = $2 AND c.judge = $3 AND {NEWEST}"
        );
        let row = db.first(&sql, [metric.into(), judge.into()]).await?;
        match row {
            None => Ok(None),
            Some(row) => Ok(Some((Self::read(&row)?, row.text("inputs")?))),
        }
    }

    /// Writes it, unless there is another of its version.
    pub(super) fn insert(&self, inputs: &str) -> Result<Statement, Problem> {
        let written = |text: serde_json::Result<String>| text.map_err(Problem::internal);
        let sql = "INSERT INTO calibrations (workspace_id, id, metric, judge, version, metric_hash, judge_hash, spec, fitted, inputs, \
                     created_by, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)";
        let row: [Sql; 11] = [
            self.id.as_str().into(),
            self.metric.as_str().into(),
            self.judged_by.judge.as_str().into(),
            self.version.into(),
            self.judged_by.metric_hash.as_str().into(),
            self.judged_by.judge_hash.as_str().into(),
            written(serde_json::to_string(&self.spec))?.into(),
            written(serde_json::to_string(&self.fit))?.into(),
            inputs.into(),
            self.created_by.as_str().into(),
            self.created_at.into(),
        ];
        Ok(Statement::new(sql, row))
    }

    /// The models that judge, by id.
    fn models(&self) -> impl Iterator<Item = &String> {
        let first = std::iter::once(&self.spec.judge_model_id);
        first.chain(&self.spec.judging.panel)
    }

    /// Whether the judge is another than it was, or gone, by its models as they are now.
    pub(super) fn stale(&self, now: &BTreeMap<String, ModelSpec>) -> Option<StaleCalibration> {
        let models: Vec<&ModelSpec> = self.models().filter_map(|id| now.get(id)).collect();
        let all = models.len() == self.models().count();
        let same = all && judge_hash(&models, &self.spec.judging) == self.judged_by.judge_hash;
        (!same).then_some(StaleCalibration::JudgeChanged)
    }
}

/// The models of all of them as they are now, by id.
pub(super) async fn models(
    ctx: &Ctx,
    all: &[Calibration],
) -> Result<BTreeMap<String, ModelSpec>, Problem> {
    #[derive(Deserialize)]
    struct Answer {
        models: Vec<ModelSnapshot>,
    }
    let ids: BTreeSet<&String> = all.iter().flat_map(Calibration::models).collect();
    if ids.is_empty() {
        return Ok(BTreeMap::new());
    }
    let body = json!({"workspace_id": ctx.actor()?.workspace, "model_ids": ids});
    let answer: Answer =
        chain::call(&ctx.platform, "resources", "/internal/snapshot", &body).await?;
    Ok(answer.models.into_iter().map(|m| (m.id, m.spec)).collect())
}

/// A calibration as it is shown.
#[derive(Serialize)]
pub(super) struct Shown {
    id: String,
    metric: String,
    judged_by: JudgedBy,
    version: i64,
    active: bool,
    stale: Option<StaleCalibration>,
    spec: CalibrationSpec,
    labelled: usize,
    agreement: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    fit: Option<CalibrationFit>,
    created_by: String,
    created_at: Timestamp,
}

impl Shown {
    /// With curves and what they are worth.
    pub(super) fn whole(of: Calibration, stale: Option<StaleCalibration>) -> Self {
        let fit = Some(of.fit.clone());
        Self {
            fit,
            ..Self::brief(of, stale)
        }
    }

    /// As lists have it.
    pub(super) fn brief(of: Calibration, stale: Option<StaleCalibration>) -> Self {
        Self {
            id: of.id,
            metric: of.metric,
            judged_by: of.judged_by,
            version: of.version,
            active: of.active,
            stale,
            spec: of.spec,
            labelled: of.fit.labelled,
            agreement: of.fit.agreement,
            fit: None,
            created_by: of.created_by,
            created_at: of.created_at,
        }
    }

    pub(super) fn id(&self) -> &str {
        &self.id
    }
}
