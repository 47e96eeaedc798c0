//! What people say in place of a machine's score. The score stays as it is; the two stand beside each other.

use crate::run_rows::opt_json;
use crate::runs;
use assay_edge::db::{DbError, Row, ScopedDb, Statement, Value as Sql};
use assay_edge::{Ctx, Cursor, Problem, ProblemKind, Reply, clock, new_id, reply};
use assay_model::{ItemOutcome, MetricStatus, Timestamp, Validate, Validator};
use http::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::collections::HashMap;

const NOUN: &str = "override";

/// An override as it is kept and shown.
#[derive(Clone, Serialize)]
pub(crate) struct Override {
    id: String,
    run_id: String,
    pub(crate) metric: String,
    /// The person's score, and what it is at the metric's threshold.
    pub(crate) score: f64,
    pub(crate) status: MetricStatus,
    /// What the machine said when it was overridden.
    machine_score: Option<f64>,
    machine_status: MetricStatus,
    reason: String,
    author_kind: String,
    author_id: String,
    created_at: Timestamp,
    withdrawn_at: Option<Timestamp>,
    withdrawn_by: Option<String>,
    withdrawn_reason: Option<String>,
}

const COLUMNS: &str = "id, run_id, metric, score, status, machine_score, machine_status, reason, author_kind, author_id, created_at, \
                       withdrawn_at, withdrawn_by, withdrawn_reason";

fn status(row: &Row, column: &str) -> Result<MetricStatus, Problem> {
    MetricStatus::deserialize(json!(row.text(column)?)).map_err(Problem::internal)
}

fn name(status: MetricStatus) -> &'static str {
    match status {
        MetricStatus::Passed => "passed",
        MetricStatus::Failed => "failed",
        MetricStatus::Error => "error",
        MetricStatus::Skipped => "skipped",
    }
}

impl Override {
    fn read(row: &Row) -> Result<Self, Problem> {
        Ok(Self {
            id: row.text("id")?,
            run_id: row.text("run_id")?,
            metric: row.text("metric")?,
            score: row.opt_real("score")?.unwrap_or_default(),
            status: status(row, "status")?,
            machine_score: row.opt_real("machine_score")?,
            machine_status: status(row, "machine_status")?,
            reason: row.text("reason")?,
            author_kind: row.text("author_kind")?,
            author_id: row.text("author_id")?,
            created_at: row.time("created_at")?,
            withdrawn_at: row.opt_int("withdrawn_at")?.map(Timestamp::from_micros),
            withdrawn_by: row.opt_text("withdrawn_by")?,
            withdrawn_reason: row.opt_text("withdrawn_reason")?,
        })
    }
}

/// The overrides of a run that hold, by metric.
pub(crate) async fn of_run(db: &ScopedDb, run: &str) -> Result<Vec<Override>, Problem> {
    let sql = format!(
        "SELECT {COLUMNS} FROM score_overrides WHERE workspace_id = $1 AND run_id = $2 AND withdrawn_at IS NULL ORDER BY metric"
    );
    let rows = db.query(&sql, [run.into()]).await?;
    rows.iter().map(Override::read).collect()
}

/// The overrides of a campaign that hold, by run.
pub(crate) async fn of_campaign(
    db: &ScopedDb,
    campaign: &str,
) -> Result<HashMap<String, Vec<Override>>, Problem> {
    let sql = format!(
        "SELECT {COLUMNS} FROM score_overrides WHERE workspace_id = $1 AND campaign_id = $2 AND withdrawn_at IS NULL"
    );
    let mut all: HashMap<String, Vec<Override>> = HashMap::new();
    for row in db.query(&sql, [campaign.into()]).await? {
        let one = Override::read(&row)?;
        all.entry(one.run_id.clone()).or_default().push(one);
    }
    Ok(all)
}

/// `GET /api/v1/runs/{id}/overrides`: also those that were withdrawn, newest first.
pub(crate) async fn list(ctx: Ctx) -> Result<Reply, Problem> {
    ctx.only_query(&["limit", "cursor"])?;
    let page = ctx.page()?;
    let db = ctx.db().await?;
    let run = ctx.param("id")?;
    runs::row(&db, run).await?;
    let last = Cursor(i64::MAX, String::new());
    let Cursor(at, id) = page.cursor.clone().unwrap_or(last);
    let sql = format!(
        "SELECT {COLUMNS} FROM score_overrides WHERE workspace_id = $1 AND run_id = $2 AND (created_at, id) < ($3, $4) \
         ORDER BY created_at DESC, id DESC LIMIT $5"
    );
    let params: [Sql; 4] = [run.into(), at.into(), id.into(), page.fetch().into()];
    let rows = db.query(&sql, params).await?;
    let all = rows
        .iter()
        .map(Override::read)
        .collect::<Result<Vec<_>, _>>()?;
    reply::ok(&page.page(all, |o| Cursor(o.created_at.micros(), o.id.clone())))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Asked {
    metric: String,
    score: f64,
    reason: String,
}

impl Validate for Asked {
    fn check(&self, v: &mut Validator) {
        v.name("metric", &self.metric, 200);
        v.range("score", self.score, 0.0, 1.0);
        v.name("reason", &self.reason, 2000);
    }
}

/// `POST /api/v1/runs/{id}/overrides`: one of the same metric that held before is withdrawn by it.
pub(crate) async fn create(mut ctx: Ctx) -> Result<Reply, Problem> {
    ctx.only_query(&[])?;
    let asked: Asked = ctx.json().await?;
    let db = ctx.db().await?;
    let run = ctx.param("id")?;
    let row = runs::row(&db, run).await?;
    let outcome: Option<ItemOutcome> = opt_json(&row, "outcome")?;
    let scores = outcome.map(|o| o.scores).unwrap_or_default();
    let machine = scores.iter().find(|s| s.name == asked.metric);
    let machine = machine
        .ok_or_else(|| Problem::field("/metric", "is not a metric that the run has a result of"))?;
    let principal = &ctx.actor()?.principal;
    let made = Override {
        id: new_id(),
        run_id: run.to_owned(),
        metric: asked.metric,
        score: asked.score,
        status: if asked.score >= machine.threshold {
            MetricStatus::Passed
        } else {
            MetricStatus::Failed
        },
        machine_score: machine.score,
        machine_status: machine.status,
        reason: asked.reason,
        author_kind: principal.kind().to_owned(),
        author_id: principal.id().to_owned(),
        created_at: clock::now(),
        withdrawn_at: None,
        withdrawn_by: None,
        withdrawn_reason: None,
    };
    let instead = "UPDATE score_overrides SET withdrawn_at = $4, withdrawn_by = $5, withdrawn_reason = 'another one took its place' \
                   WHERE workspace_id = $1 AND run_id = $2 AND metric = $3 AND withdrawn_at IS NULL";
    let before: [Sql; 4] = [
        run.into(),
        made.metric.as_str().into(),
        made.created_at.into(),
        made.author_id.as_str().into(),
    ];
    let detail = json!({
        "override_id": made.id, "metric": made.metric, "score": made.score, "machine_score": made.machine_score,
        "reason": made.reason,
    });
    let statements = vec![
        Statement::new(instead, before),
        insert(&made, &row.text("campaign_id")?),
        ctx.audit("score.override", ("run", run), &detail)?,
    ];
    match db.batch(statements).await {
        Ok(()) => reply::json(StatusCode::CREATED, &made),
        Err(DbError::Unique(cause)) => {
            let detail = "Somebody else overrides this score at the same time. Try again.";
            Err(Problem::new(ProblemKind::Conflict, detail).caused_by(cause))
        }
        Err(e) => Err(e.into()),
    }
}

fn insert(made: &Override, campaign: &str) -> Statement {
    let sql = "INSERT INTO score_overrides (workspace_id, id, campaign_id, run_id, metric, score, status, machine_score, machine_status, \
               reason, author_kind, author_id, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)";
    let row: [Sql; 12] = [
        made.id.as_str().into(),
        campaign.into(),
        made.run_id.as_str().into(),
        made.metric.as_str().into(),
        made.score.into(),
        name(made.status).into(),
        made.machine_score.into(),
        name(made.machine_status).into(),
        made.reason.as_str().into(),
        made.author_kind.as_str().into(),
        made.author_id.as_str().into(),
        made.created_at.into(),
    ];
    Statement::new(sql, row)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Withdrawn {
    reason: String,
}

impl Validate for Withdrawn {
    fn check(&self, v: &mut Validator) {
        v.name("reason", &self.reason, 2000);
    }
}

/// `POST /api/v1/runs/{id}/overrides/{override_id}/withdraw`: the machine's score counts again.
pub(crate) async fn withdraw(mut ctx: Ctx) -> Result<Reply, Problem> {
    ctx.only_query(&[])?;
    let asked: Withdrawn = ctx.json().await?;
    let db = ctx.db().await?;
    let (run, id) = (ctx.param("id")?, ctx.param("override_id")?);
    runs::row(&db, run).await?;
    let sql = "UPDATE score_overrides SET withdrawn_at = $4, withdrawn_by = $5, withdrawn_reason = $6 \
               WHERE workspace_id = $1 AND run_id = $2 AND id = $3 AND withdrawn_at IS NULL";
    let row: [Sql; 5] = [
        run.into(),
        id.into(),
        clock::now().into(),
        ctx.actor()?.principal.id().into(),
        asked.reason.as_str().into(),
    ];
    let detail = json!({"override_id": id, "reason": asked.reason});
    let statements = vec![
        Statement::new(sql, row),
        ctx.audit("score.override_withdraw", ("run", run), &detail)?,
    ];
    let done = db.guarded_batch(statements).await?;
    let sql = format!(
        "SELECT {COLUMNS} FROM score_overrides WHERE workspace_id = $1 AND run_id = $2 AND id = $3"
    );
    let row = db.first(&sql, [run.into(), id.into()]).await?;
    let found = Override::read(&row.ok_or_else(|| Problem::not_found(NOUN))?)?;
    if !done {
        let detail = "The override was withdrawn already.";
        return Err(Problem::new(ProblemKind::Conflict, detail));
    }
    reply::ok(&found)
}
