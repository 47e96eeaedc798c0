//! Campaigns over HTTP.

use crate::hooks::statuses;
use crate::input::{self, Input, scenario_item};
use crate::pump;
use crate::sweep;
use assay_edge::db::{Row, ScopedDb, Statement, Value};
use assay_edge::{
    Ctx, Cursor, DEFAULT_BODY_LIMIT, Platform, Problem, ProblemKind, Reply, clock, log_error,
    new_id, reply,
};
use assay_model::{CampaignSpec, CampaignStatus, CampaignSummary, GateVerdict, Timestamp};
use http::{HeaderValue, StatusCode};
use serde::Serialize;
use serde_json::json;
use std::collections::HashMap;

/// A campaign as clients see it.
#[derive(Serialize)]
pub(crate) struct Campaign {
    pub(crate) id: String,
    name: String,
    pub(crate) status: CampaignStatus,
    pub(crate) summary: CampaignSummary,
    pass_rate: Option<f64>,
    pub(crate) verdict: Option<GateVerdict>,
    spec: CampaignSpec,
    created_by: Option<String>,
    created_at: Timestamp,
    finished_at: Option<Timestamp>,
}

const COLUMNS: &str =
    "id, name, status, spec, idempotency_key, created_by, created_at, finished_at";

pub(crate) async fn create(mut ctx: Ctx) -> Result<Reply, Problem> {
    let spec: CampaignSpec = ctx.raw_json(DEFAULT_BODY_LIMIT).await?;
    let key = idempotency_key(&ctx)?;
    let actor = ctx.actor()?;
    let begin = Begin {
        key,
        ..Begin::by(&actor.workspace, actor.principal.id())
    };
    match start(&ctx.platform, &ctx.request_id, begin, spec.clone()).await? {
        Started::Now(campaign) => answer(&campaign),
        Started::Earlier(campaign) if campaign.spec == spec => answer(&campaign),
        Started::Earlier(_) => Err(Problem::new(
            ProblemKind::Conflict,
            "The Idempotency-Key was used for another campaign.",
        )),
    }
}

/// Where a campaign begins, who begins it, and what comes with it.
pub(crate) struct Begin {
    pub(crate) workspace: String,
    /// The campaign's id.
    pub(crate) id: String,
    /// As `created_by` has it.
    pub(crate) by: String,
    /// What begins with a key that was used has begun.
    pub(crate) key: Option<String>,
    /// What came with what starts it.
    pub(crate) trigger: serde_json::Value,
    /// Written with the campaign, or not at all.
    pub(crate) also: Vec<Statement>,
}

impl Begin {
    pub(crate) fn by(workspace: &str, by: &str) -> Self {
        Self {
            workspace: workspace.to_owned(),
            id: new_id(),
            by: by.to_owned(),
            key: None,
            trigger: serde_json::Value::Null,
            also: Vec::new(),
        }
    }
}

/// What has begun.
pub(crate) enum Started {
    /// A new campaign.
    Now(Campaign),
    /// The one that began with the same key.
    Earlier(Campaign),
}

impl Started {
    pub(crate) fn campaign(self) -> Campaign {
        match self {
            Self::Now(campaign) | Self::Earlier(campaign) => campaign,
        }
    }
}

/// Starts a campaign, whoever asks for it.
pub(crate) async fn start(
    platform: &Platform,
    request_id: &str,
    begin: Begin,
    spec: CampaignSpec,
) -> Result<Started, Problem> {
    input::check(&spec)?;
    input::check_metrics(platform, &spec.metrics).await?;
    let db = ScopedDb::for_internal(platform.db().await?, begin.workspace.clone());
    if let Some(earlier) = earlier(&db, begin.key.as_deref()).await? {
        return Ok(Started::Earlier(earlier));
    }
    let mut input = input::resolve(platform, &begin.workspace, spec).await?;
    input.snapshot.trigger = begin.trigger.clone();
    let (id, key) = (begin.id.clone(), begin.key.clone());
    match insert(&db, begin, input).await {
        Ok(()) => {}
        // Two requests with one key raced: the other one's campaign is this one's answer.
        Err(e) if e.kind() == ProblemKind::AlreadyExists && key.is_some() => {
            let first = earlier(&db, key.as_deref()).await?.ok_or(e)?;
            return Ok(Started::Earlier(first));
        }
        Err(e) => return Err(e),
    }
    let campaign = load(&db, &id).await?;
    let system = platform.db().await?;
    let concurrency = campaign.spec.concurrency;
    if let Err(e) = pump::pump(platform, &system, db.workspace(), &id, concurrency).await {
        // The campaign stands; the sweep starts it.
        log_error(
            "orchestrator",
            request_id,
            "the first runs could not be started",
            &e.to_string(),
        );
    }
    Ok(Started::Now(campaign))
}

pub(crate) fn answer(campaign: &Campaign) -> Result<Reply, Problem> {
    let mut reply = reply::json(StatusCode::ACCEPTED, campaign)?;
    if let Ok(location) = HeaderValue::from_str(&format!("/api/v1/campaigns/{}", campaign.id)) {
        reply.headers_mut().insert(http::header::LOCATION, location);
    }
    Ok(reply)
}

pub(crate) fn idempotency_key(ctx: &Ctx) -> Result<Option<String>, Problem> {
    match ctx.header("idempotency-key") {
        None => Ok(None),
        Some(key) if (1..=200).contains(&key.len()) => Ok(Some(key.to_owned())),
        Some(_) => Err(Problem::field(
            "Idempotency-Key",
            "must have between 1 and 200 characters",
        )),
    }
}

/// The campaign that began with that key.
async fn earlier(db: &ScopedDb, key: Option<&str>) -> Result<Option<Campaign>, Problem> {
    let Some(key) = key else {
        return Ok(None);
    };
    let sql = "SELECT id FROM campaigns WHERE workspace_id = $1 AND idempotency_key = $2";
    match db.first(sql, [Value::from(key)]).await? {
        Some(row) => load(db, &row.text("id")?).await.map(Some),
        None => Ok(None),
    }
}

/// Writes the campaign and its runs in one transaction.
async fn insert(db: &ScopedDb, begin: Begin, input: Input) -> Result<(), Problem> {
    let now = clock::now();
    let id = begin.id.as_str();
    let spec_json = serde_json::to_string(&input.spec).map_err(Problem::internal)?;
    let snapshot = serde_json::to_string(&input.snapshot).map_err(Problem::internal)?;
    let campaign = Statement::new(
        "INSERT INTO campaigns (workspace_id, id, name, status, spec, snapshot, idempotency_key, created_by, created_at) \
         VALUES ($1, $2, $3, 'running', $4, $5, $6, $7, $8)",
        [
            id.into(),
            input.spec.name.as_str().into(),
            spec_json.into(),
            snapshot.into(),
            begin.key.into(),
            begin.by.into(),
            now.into(),
        ],
    );
    let repetitions: Vec<u32> = (0..input.spec.repetitions).collect();
    let repetitions_json = json!(repetitions).to_string();
    let runs = match input.spec.dataset_id {
        Some(dataset) => runs_of_dataset(
            db,
            id,
            &dataset,
            &repetitions_json,
            input.spec.repetitions,
            now,
        ),
        None => runs_of_scenarios(db, id, input, &repetitions, now)?,
    };
    let mut statements = vec![campaign, runs];
    statements.extend(begin.also);
    Ok(db.batch(statements).await?)
}

/// Copies the dataset's items within the store: a hundred thousand of them never pass through here. This is the one
/// place where ids are made in SQL, for the same reason. A run's id is also its trace's: 32 hex digits.
fn runs_of_dataset(
    db: &ScopedDb,
    id: &str,
    dataset: &str,
    repetitions: &str,
    count: u32,
    now: Timestamp,
) -> Statement {
    let sql = db.pick(
        "INSERT INTO runs (workspace_id, id, campaign_id, item_key, position, repetition, item, status, seq, created_at) \
         SELECT i.workspace_id, lower(hex(randomblob(16))), $2, i.item_key, i.position * $3 + r.value, r.value, i.item, \
           'queued', 0, $4 \
         FROM dataset_items i, json_each($5) r WHERE i.workspace_id = $1 AND i.dataset_id = $6",
        "INSERT INTO runs (workspace_id, id, campaign_id, item_key, position, repetition, item, status, seq, created_at) \
         SELECT i.workspace_id, replace(gen_random_uuid()::text, '-', ''), $2, i.item_key, i.position * $3 + r.value::bigint, \
           r.value::bigint, i.item, 'queued', 0, $4 \
         FROM dataset_items i, jsonb_array_elements_text($5::text::jsonb) r WHERE i.workspace_id = $1 AND i.dataset_id = $6",
    );
    Statement::new(
        sql,
        [
            id.into(),
            count.into(),
            now.into(),
            repetitions.into(),
            dataset.into(),
        ],
    )
}

fn runs_of_scenarios(
    db: &ScopedDb,
    id: &str,
    input: Input,
    repetitions: &[u32],
    now: Timestamp,
) -> Result<Statement, Problem> {
    let mut rows = Vec::new();
    let mut position = 0;
    for scenario in input.scenarios {
        let key = scenario.id.clone();
        let item = json!({"run_item": scenario_item(scenario, &input.within)}).to_string();
        for repetition in repetitions {
            let run_id = new_id().replace('-', "");
            rows.push(json!({"id": run_id, "key": key, "position": position, "repetition": repetition, "item": item}));
            position += 1;
        }
    }
    let sql = db.pick(
        "INSERT INTO runs (workspace_id, id, campaign_id, item_key, position, repetition, item, status, seq, created_at) \
         SELECT $1, r.value->>'id', $2, r.value->>'key', r.value->>'position', r.value->>'repetition', r.value->>'item', \
           'queued', 0, $3 FROM json_each($4) r",
        "INSERT INTO runs (workspace_id, id, campaign_id, item_key, position, repetition, item, status, seq, created_at) \
         SELECT $1, r.id, $2, r.key, r.position, r.repetition, r.item, 'queued', 0, $3 \
         FROM jsonb_to_recordset($4::text::jsonb) AS r(id text, key text, position bigint, repetition bigint, item text)",
    );
    let rows = serde_json::to_string(&rows).map_err(Problem::internal)?;
    Ok(Statement::new(sql, [id.into(), now.into(), rows.into()]))
}

pub(crate) async fn list(ctx: Ctx) -> Result<Reply, Problem> {
    ctx.only_query(&["limit", "cursor", "name"])?;
    sweep::look(&ctx);
    let page = ctx.page()?;
    let after = page
        .cursor
        .clone()
        .unwrap_or_else(|| Cursor(i64::MAX, String::new()));
    let db = ctx.db().await?;
    let sql = format!(
        "SELECT {COLUMNS} FROM campaigns WHERE workspace_id = $1 AND ($2 = '' OR name = $2) \
         AND (created_at < $3 OR (created_at = $3 AND id < $4)) ORDER BY created_at DESC, id DESC LIMIT $5"
    );
    let name = ctx.query("name").unwrap_or_default();
    let params: [Value; 4] = [
        name.into(),
        after.0.into(),
        after.1.into(),
        page.fetch().into(),
    ];
    let rows = db.query(&sql, params).await?;
    let page = page.page(rows, |r| {
        Cursor(
            r.int("created_at").unwrap_or_default(),
            r.text("id").unwrap_or_default(),
        )
    });
    let ids: Vec<String> = page
        .data
        .iter()
        .map(|r| r.text("id"))
        .collect::<Result<_, _>>()?;
    let mut summaries = summaries(&db, &ids).await?;
    let data = page
        .data
        .iter()
        .map(|r| {
            Ok(read(
                r,
                summaries.remove(&r.text("id")?).unwrap_or_default(),
            )?)
        })
        .collect::<Result<Vec<_>, Problem>>()?;
    reply::ok(&json!({"data": data, "next_cursor": page.next_cursor}))
}

pub(crate) async fn get(ctx: Ctx) -> Result<Reply, Problem> {
    ctx.only_query(&[])?;
    sweep::look(&ctx);
    let db = ctx.db().await?;
    let campaign = load(&db, ctx.param("id")?).await?;
    reply::ok(&campaign)
}

pub(crate) async fn cancel(ctx: Ctx) -> Result<Reply, Problem> {
    let db = ctx.db().await?;
    let id = ctx.param("id")?;
    must_exist(&db, id).await?;
    let now = clock::now();
    // A step that goes on loses its fence with the status, so what it does counts for nothing.
    let campaign = Statement::new(
        "UPDATE campaigns SET status = 'cancelled', finished_at = $3 \
         WHERE workspace_id = $1 AND id = $2 AND status IN ('queued', 'running')",
        [id.into(), now.into()],
    );
    let runs = Statement::new(
        "UPDATE runs SET status = 'cancelled', finished_at = $3, lease_token = NULL, lease_until = NULL \
         WHERE workspace_id = $1 AND campaign_id = $2 AND status IN ('queued', 'running', 'waiting_for_person', 'paused')",
        [id.into(), now.into()],
    );
    db.batch(vec![campaign, runs]).await?;
    statuses::in_background(&ctx.request_id);
    reply::ok(&load(&db, id).await?)
}

/// Refuses a campaign that the workspace does not have.
pub(crate) async fn must_exist(db: &ScopedDb, id: &str) -> Result<(), Problem> {
    let sql = "SELECT id FROM campaigns WHERE workspace_id = $1 AND id = $2";
    db.first(sql, [Value::from(id)])
        .await?
        .map(|_| ())
        .ok_or_else(|| Problem::not_found("campaign"))
}

pub(crate) async fn load(db: &ScopedDb, id: &str) -> Result<Campaign, Problem> {
    let sql = format!("SELECT {COLUMNS} FROM campaigns WHERE workspace_id = $1 AND id = $2");
    let row = db
        .first(&sql, [Value::from(id)])
        .await?
        .ok_or_else(|| Problem::not_found("campaign"))?;
    let mut summaries = summaries(db, std::slice::from_ref(&id.to_owned())).await?;
    Ok(read(&row, summaries.remove(id).unwrap_or_default())?)
}

fn read(row: &Row, summary: CampaignSummary) -> Result<Campaign, assay_edge::db::DbError> {
    let spec: CampaignSpec = row.json("spec")?;
    let status = match row.text("status")?.as_str() {
        "queued" => CampaignStatus::Queued,
        "completed" => CampaignStatus::Completed,
        "cancelled" => CampaignStatus::Cancelled,
        _ => CampaignStatus::Running,
    };
    Ok(Campaign {
        id: row.text("id")?,
        name: row.text("name")?,
        status,
        pass_rate: summary.pass_rate(),
        verdict: summary.verdict(&spec.gate),
        summary,
        spec,
        created_by: row.opt_text("created_by")?,
        created_at: row.time("created_at")?,
        finished_at: row.opt_int("finished_at")?.map(Timestamp::from_micros),
    })
}

/// Counts of several campaigns in one query.
async fn summaries(
    db: &ScopedDb,
    ids: &[String],
) -> Result<HashMap<String, CampaignSummary>, Problem> {
    let sql = db.pick(
        "SELECT campaign_id, status, count(*) AS n FROM runs WHERE workspace_id = $1 AND forked_from IS NULL \
         AND campaign_id IN (SELECT value FROM json_each($2)) GROUP BY campaign_id, status",
        "SELECT campaign_id, status, count(*) AS n FROM runs WHERE workspace_id = $1 AND forked_from IS NULL \
         AND campaign_id IN (SELECT jsonb_array_elements_text($2::text::jsonb)) GROUP BY campaign_id, status",
    );
    let mut all: HashMap<String, CampaignSummary> = HashMap::new();
    for row in db.query(sql, [Value::Text(json!(ids).to_string())]).await? {
        let s = all.entry(row.text("campaign_id")?).or_default();
        let n = u64::try_from(row.int("n")?).unwrap_or_default();
        s.total += n;
        match row.text("status")?.as_str() {
            "queued" => s.queued += n,
            "running" => s.running += n,
            "waiting_for_person" => s.waiting_for_person += n,
            "paused" => s.paused += n,
            "passed" => s.passed += n,
            "failed" => s.failed += n,
            "error" => s.error += n,
            _ => s.cancelled += n,
        }
    }
    Ok(all)
}
