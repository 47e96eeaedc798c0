//! Campaigns compared, and gates.

use crate::campaign::Campaign;
use crate::overrides::{self, Override};
use assay_edge::db::{Row, ScopedDb, Value};
use assay_edge::{Ctx, Cursor, DEFAULT_BODY_LIMIT, Problem, ProblemKind, Reply, reply};
use assay_experiment::gate::{Gate, judge};
use assay_experiment::{Arm, Case, Change, Comparison, Direction, Run, Score, changes, compare};
use assay_model::{
    MetricStatus, RunError, RunErrorKind, RunStatus, Severity, Validate as _, Validator,
};
use assay_stats::Level;
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::cell::Cell;
use std::collections::HashMap;
use std::str::FromStr as _;

/// Runs that are read at once.
const AT_ONCE: i64 = 1_000;
/// Most runs of a campaign that is compared: all are held in memory.
const MOST_RUNS: usize = 100_000;
/// What the bootstrap is drawn by, so that a comparison is the same each time.
const SEED: u64 = 0x0a55_a700;

/// One of two that are compared.
#[derive(Serialize)]
struct Named {
    campaign_id: String,
    name: String,
    agent_id: String,
    agent_version: i64,
    runs: usize,
    /// Results in which a person's word stands in place of the machine's.
    overridden: usize,
    #[serde(skip)]
    arm: Arm,
}

/// Whose scores are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Scores {
    /// People's where they said otherwise, machines' elsewhere.
    #[default]
    Effective,
    /// Machines' alone.
    Machine,
    /// People's alone: only what they said otherwise.
    Human,
}

/// The parts of a verdict that are compared: the judge's words stay where they are.
#[derive(Deserialize)]
struct Verdict {
    name: String,
    status: MetricStatus,
    score: Option<f64>,
    #[serde(default)]
    severity: Severity,
}

#[derive(Default, Deserialize)]
struct Outcome {
    #[serde(default)]
    scores: Vec<Verdict>,
    #[serde(default)]
    error: Option<RunError>,
}

/// `GET /api/v1/campaigns/{id}/compare`.
pub(crate) async fn comparison(ctx: Ctx) -> Result<Reply, Problem> {
    ctx.only_query(&[
        "baseline",
        "agent_id",
        "baseline_agent_id",
        "level",
        "scores",
    ])?;
    let (level, scores) = (level(&ctx)?, scores(&ctx)?);
    let (baseline, candidate) = pair(&ctx, scores).await?;
    let metrics: Vec<Comparison> = compare(&baseline.arm, &candidate.arm, level, SEED);
    reply::ok(&json!({
        "baseline": baseline, "candidate": candidate, "level": level.get(), "scores": scores, "metrics": metrics,
    }))
}

/// `GET /api/v1/campaigns/{id}/changes`.
pub(crate) async fn changed(ctx: Ctx) -> Result<Reply, Problem> {
    ctx.only_query(&[
        "baseline",
        "agent_id",
        "baseline_agent_id",
        "metric",
        "direction",
        "scores",
        "limit",
        "cursor",
    ])?;
    let page = ctx.page()?;
    let wanted = match ctx.query("direction") {
        None => None,
        Some(text) => Some(
            Direction::deserialize(json!(text))
                .map_err(|_| Problem::field("direction", "is not a direction of change"))?,
        ),
    };
    let (baseline, candidate) = pair(&ctx, scores(&ctx)?).await?;
    let metric = ctx.query("metric");
    if let Some(name) = metric {
        let known = baseline.arm.metrics().contains(name) || candidate.arm.metrics().contains(name);
        if !known {
            return Err(Problem::field(
                "metric",
                "is not a metric of either campaign",
            ));
        }
    }
    let after = page.cursor.as_ref().map_or(0, |c| c.0);
    let after = usize::try_from(after).unwrap_or(usize::MAX);
    let fetched = usize::try_from(page.fetch()).unwrap_or(usize::MAX);
    let all = changes(&baseline.arm, &candidate.arm, metric);
    // What is compared has ended: the order does not change.
    let rows: Vec<(i64, Change)> = (1..)
        .zip(
            all.into_iter()
                .filter(|c| wanted.is_none_or(|w| c.direction == w)),
        )
        .skip(after)
        .take(fetched)
        .collect();
    let page = page.page(rows, |(place, change)| {
        Cursor(*place, change.item_key.clone())
    });
    let data: Vec<Change> = page.data.into_iter().map(|(_, change)| change).collect();
    reply::ok(&json!({"data": data, "next_cursor": page.next_cursor}))
}

/// What a client sends to have a campaign judged.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Asked {
    #[serde(deserialize_with = "assay_model::object")]
    gate: Gate,
    #[serde(default)]
    baseline_id: Option<String>,
    #[serde(default)]
    agent_id: Option<String>,
    #[serde(default)]
    baseline_agent_id: Option<String>,
    #[serde(default)]
    scores: Scores,
}

/// `POST /api/v1/campaigns/{id}/gate`.
pub(crate) async fn gate(mut ctx: Ctx) -> Result<Reply, Problem> {
    let asked: Asked = ctx.raw_json(DEFAULT_BODY_LIMIT).await?;
    let mut v = Validator::default();
    v.at("gate", |v| asked.gate.check(v));
    v.require(
        asked.baseline_id.is_some() || !asked.gate.needs_baseline(),
        "baseline_id",
        "is required: a rule compares with a baseline",
    );
    v.finish().map_err(Problem::validation)?;
    let db = ctx.db().await?;
    let id = ctx.param("id")?.to_owned();
    let (agent, scores) = (asked.agent_id.as_deref(), asked.scores);
    let candidate = side(&ctx, &db, &id, agent, "agent_id", scores).await?;
    let baseline = match &asked.baseline_id {
        None => None,
        Some(id) => {
            let agent = asked.baseline_agent_id.as_deref();
            let found = side(&ctx, &db, id, agent, "baseline_agent_id", scores).await;
            Some(found.map_err(|e| as_field(e, "baseline_id"))?)
        }
    };
    let report = judge(
        &asked.gate,
        &candidate.arm,
        baseline.as_ref().map(|b| &b.arm),
    );
    reply::ok(
        &json!({"candidate": candidate, "baseline": baseline, "scores": scores, "report": report}),
    )
}

fn level(ctx: &Ctx) -> Result<Level, Problem> {
    let Some(text) = ctx.query("level") else {
        return Ok(Level::P95);
    };
    let level = f64::from_str(text).ok().filter(|l| *l >= 0.5);
    level
        .and_then(Level::new)
        .ok_or_else(|| Problem::field("level", "must be a number from 0.5 to less than 1"))
}

fn scores(ctx: &Ctx) -> Result<Scores, Problem> {
    let Some(text) = ctx.query("scores") else {
        return Ok(Scores::default());
    };
    Scores::deserialize(json!(text))
        .map_err(|_| Problem::field("scores", "must be effective, machine or human"))
}

/// What the query names: the baseline and the candidate.
async fn pair(ctx: &Ctx, scores: Scores) -> Result<(Named, Named), Problem> {
    let baseline = ctx
        .query("baseline")
        .ok_or_else(|| Problem::field("baseline", "is required: the id of a campaign"))?;
    let db = ctx.db().await?;
    let candidate = side(
        ctx,
        &db,
        ctx.param("id")?,
        ctx.query("agent_id"),
        "agent_id",
        scores,
    )
    .await?;
    let agent = ctx.query("baseline_agent_id");
    let baseline = side(ctx, &db, baseline, agent, "baseline_agent_id", scores)
        .await
        .map_err(|e| as_field(e, "baseline"))?;
    Ok((baseline, candidate))
}

/// A campaign that was named by a field and is not there.
fn as_field(problem: Problem, field: &str) -> Problem {
    if problem.kind() == ProblemKind::NotFound {
        return Problem::field(field, "is not a campaign of this workspace");
    }
    problem
}

/// One agent's runs of a campaign that has ended.
async fn side(
    ctx: &Ctx,
    db: &ScopedDb,
    id: &str,
    agent: Option<&str>,
    field: &str,
    scores: Scores,
) -> Result<Named, Problem> {
    let sql = "SELECT name, status FROM campaigns WHERE workspace_id = $1 AND id = $2";
    let row = db.first(sql, [Value::from(id)]).await?;
    let row = row.ok_or_else(|| Problem::not_found("campaign"))?;
    if !matches!(row.text("status")?.as_str(), "completed" | "cancelled") {
        let what = format!("campaign {id} has not ended");
        return Err(Problem::new(ProblemKind::Conflict, what));
    }
    let system = ctx.platform.db().await?;
    let known = Campaign::of(&system, db.workspace(), id).await?;
    let mut agents = known
        .snapshot
        .agents
        .iter()
        .chain(&known.snapshot.agent)
        .enumerate();
    let count = agents.clone().count();
    let (place, chosen) = match agent {
        Some(agent) => agents
            .find(|(_, a)| a.id == agent)
            .ok_or_else(|| Problem::field(field, "is not an agent of the campaign"))?,
        None if count > 1 => {
            return Err(Problem::field(
                field,
                "is required: the campaign has several agents",
            ));
        }
        None => agents
            .next()
            .ok_or_else(|| Problem::internal(format!("campaign {id} has no agent")))?,
    };
    let said = match scores {
        Scores::Machine => HashMap::new(),
        Scores::Effective | Scores::Human => overrides::of_campaign(db, id).await?,
    };
    let people = People {
        scores,
        said,
        overridden: Cell::new(0),
    };
    let arm = Arm {
        runs: runs(db, id, place, &people).await?,
    };
    Ok(Named {
        campaign_id: id.to_owned(),
        name: row.text("name")?,
        agent_id: chosen.id.clone(),
        agent_version: chosen.version,
        runs: arm.runs.len(),
        overridden: people.overridden.get(),
        arm,
    })
}

/// The runs of an agent, in order.
async fn runs(
    db: &ScopedDb,
    campaign: &str,
    agent: usize,
    people: &People,
) -> Result<Vec<Run>, Problem> {
    let sql = "SELECT id, position, item_key, persona_id, status, outcome FROM runs \
               WHERE workspace_id = $1 AND campaign_id = $2 AND forked_from IS NULL AND agent = $3 \
               AND (position > $4 OR (position = $4 AND id > $5)) ORDER BY position, id LIMIT $6";
    let agent = i64::try_from(agent).unwrap_or(-1);
    let mut after = (-1, String::new());
    let mut all = Vec::new();
    loop {
        let params: [Value; 5] = [
            campaign.into(),
            agent.into(),
            after.0.into(),
            after.1.into(),
            AT_ONCE.into(),
        ];
        let rows = db.query(sql, params).await?;
        let Some(last) = rows.last() else {
            return Ok(all);
        };
        after = (last.int("position")?, last.text("id")?);
        for row in &rows {
            all.extend(read(row, people)?);
        }
        if all.len() > MOST_RUNS {
            let what = format!("campaign {campaign} has more than {MOST_RUNS} runs of an agent");
            return Err(Problem::new(ProblemKind::Conflict, what));
        }
    }
}

/// What people said in place of scores.
struct People {
    scores: Scores,
    said: HashMap<String, Vec<Override>>,
    /// How many results that came to.
    overridden: Cell<usize>,
}

impl People {
    /// Puts people's word in place of the machine's; `false` where only people's words count and there is none.
    fn correct(&self, run: &str, status: &mut RunStatus, outcome: &mut Outcome) -> bool {
        let said = self.said.get(run).map(Vec::as_slice).unwrap_or_default();
        let of = |name: &str| said.iter().find(|o| o.metric == name);
        if self.scores == Scores::Human {
            outcome.scores.retain(|v| of(&v.name).is_some());
        }
        let mut any = false;
        for verdict in &mut outcome.scores {
            if let Some(human) = of(&verdict.name) {
                (verdict.status, verdict.score) = (human.status, Some(human.score));
                self.overridden.set(self.overridden.get() + 1);
                any = true;
            }
        }
        // A run that broke off is no better for what is said of a metric.
        let scored = outcome
            .error
            .as_ref()
            .is_none_or(|e| e.kind == RunErrorKind::Metric);
        if any && scored {
            let verdicts: Vec<_> = outcome
                .scores
                .iter()
                .map(|v| (v.status, v.severity))
                .collect();
            *status = RunStatus::of_verdicts(&verdicts);
        }
        any || self.scores != Scores::Human
    }
}

fn read(row: &Row, people: &People) -> Result<Option<Run>, Problem> {
    let outcome: Option<Outcome> = crate::run_rows::opt_json(row, "outcome")?;
    let mut outcome = outcome.unwrap_or_default();
    let id = row.text("id")?;
    let mut status =
        RunStatus::deserialize(json!(row.text("status")?)).map_err(Problem::internal)?;
    if !people.correct(&id, &mut status, &mut outcome) {
        return Ok(None);
    }
    Ok(Some(Run {
        id,
        case: Case {
            item: row.text("item_key")?,
            persona: row.opt_text("persona_id")?,
        },
        status,
        scores: outcome
            .scores
            .into_iter()
            .map(|v| Score {
                name: v.name,
                status: v.status,
                score: v.score,
            })
            .collect(),
    }))
}
