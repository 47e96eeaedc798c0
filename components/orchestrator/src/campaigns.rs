//! Campaigns over HTTP.

use crate::hooks::statuses;
use crate::input::{self, Input, played_by, scenario_item};
use crate::pump;
use crate::repeats::{self, Alike, PassK};
use crate::spend;
use crate::sweep;
use assay_edge::db::{Row, ScopedDb, Statement, Value};
use assay_edge::{
    Ctx, DEFAULT_BODY_LIMIT, Platform, Problem, ProblemKind, Reply, clock, log_error,
    named_secrets, new_id, reply,
};
use assay_graph::budget::Spent;
use assay_graph::protocol::{CampaignSnapshot, RunItem};
use assay_model::{CampaignSpec, CampaignStatus, CampaignSummary, GateVerdict, Timestamp};
use http::{HeaderValue, StatusCode};
use serde::Serialize;
use serde_json::json;
use sha2::{Digest as _, Sha256};
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
    #[serde(skip_serializing_if = "Option::is_none")]
    pass_k: Option<Vec<PassK>>,
    spec: CampaignSpec,
    created_by: Option<String>,
    created_at: Timestamp,
    finished_at: Option<Timestamp>,
    /// The campaign that it is run again from.
    rerun_of: Option<String>,
    /// Why it pauses, where its budget has it pause.
    paused_reason: Option<String>,
    /// What was spent, where it has a budget.
    spent: Option<Spent>,
}

impl Campaign {
    pub(crate) const fn spec(&self) -> &CampaignSpec {
        &self.spec
    }

    pub(crate) const fn summary(&self) -> &CampaignSummary {
        &self.summary
    }

    pub(crate) fn is_paused(&self) -> bool {
        self.status == CampaignStatus::Paused
    }
}

/// Most runs of a campaign of scenarios, each of which is written with all that it plays.
const MAX_SCENARIO_RUNS: usize = 100_000;

pub(crate) const COLUMNS: &str = "id, name, status, spec, idempotency_key, created_by, created_at, finished_at, rerun_of, paused_reason, \
     spent_cost_usd, spent_tokens, spent_judge_calls, spent_calls, ran_ms, resumed_at";

/// What the list is searched for: name and tags, in lower case.
fn searched(spec: &CampaignSpec) -> String {
    let words = std::iter::once(&spec.name).chain(&spec.tags);
    let words: Vec<String> = words.map(|word| word.to_lowercase()).collect();
    words.join("\n")
}

pub(crate) async fn create(mut ctx: Ctx) -> Result<Reply, Problem> {
    let spec: CampaignSpec = ctx.raw_json(DEFAULT_BODY_LIMIT).await?;
    named_secrets::may_name(ctx.actor()?, "/metrics", &spec.metrics)?;
    begin(&ctx, spec, None).await
}

/// Starts a campaign for whoever asks, `again` like an earlier one.
pub(crate) async fn begin(
    ctx: &Ctx,
    spec: CampaignSpec,
    again: Option<(String, Carry)>,
) -> Result<Reply, Problem> {
    let key = idempotency_key(ctx)?;
    let actor = ctx.actor()?;
    let begin = Begin {
        key,
        again,
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

/// What a campaign that is run again takes over from the earlier one.
pub(crate) enum Carry {
    /// Nothing: everything is run.
    Nothing,
    /// Of the runs none but those that stood so, a JSON list of statuses.
    Only(serde_json::Value),
    /// The outcomes of runs for which nothing has changed.
    Unchanged,
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
    /// The campaign that it is like, and what it takes over.
    pub(crate) again: Option<(String, Carry)>,
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
            again: None,
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
    input::check_metrics(platform, &begin.workspace, &spec.metrics).await?;
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
    if let Err(e) = pump::pump(platform, &system, db.workspace(), &id).await {
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
    let config = config_hash(&input.snapshot)?;
    let spec_json = serde_json::to_string(&input.spec).map_err(Problem::internal)?;
    let snapshot = serde_json::to_string(&input.snapshot).map_err(Problem::internal)?;
    let campaign = Statement::new(
        "INSERT INTO campaigns (workspace_id, id, name, status, spec, snapshot, idempotency_key, created_by, created_at, \
           config_hash, priority, rerun_of, recording, search) \
         VALUES ($1, $2, $3, 'running', $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
        [
            id.into(),
            input.spec.name.as_str().into(),
            spec_json.into(),
            snapshot.into(),
            begin.key.into(),
            begin.by.into(),
            now.into(),
            config.as_str().into(),
            input.spec.priority.into(),
            begin.again.as_ref().map(|(of, _)| of.as_str()).into(),
            input.spec.record.then_some("kept").into(),
            searched(&input.spec).into(),
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
            (input.spec.repetitions, input.snapshot.agents.len()),
            now,
        ),
        None => runs_of_scenarios(db, id, input, &repetitions, now)?,
    };
    let mut statements = vec![campaign, runs];
    if let Some((of, carry)) = &begin.again {
        statements.extend(carried(db, id, of, carry, &config));
    }
    statements.extend(begin.also);
    Ok(db.batch(statements).await?)
}

/// Of all that makes a run's outcome what it is, but its item.
fn config_hash(snapshot: &CampaignSnapshot) -> Result<String, Problem> {
    let lasting = CampaignSnapshot {
        trigger: serde_json::Value::Null,
        record: false,
        replay_of: None,
        ..snapshot.clone()
    };
    let text = serde_json::to_vec(&lasting).map_err(Problem::internal)?;
    Ok(hex::encode(Sha256::digest(&text)))
}

/// What is taken over from an earlier campaign: its runs are told by agent, item, persona and repetition.
fn carried(db: &ScopedDb, id: &str, of: &str, carry: &Carry, config: &str) -> Option<Statement> {
    let same = "o.workspace_id = $1 AND o.campaign_id = $3 AND o.forked_from IS NULL AND o.item_key = runs.item_key \
                AND o.repetition = runs.repetition AND o.agent = runs.agent \
                AND COALESCE(o.persona_id, '') = COALESCE(runs.persona_id, '')";
    match carry {
        Carry::Nothing => None,
        Carry::Only(statuses) => {
            let list = db.pick(
                "SELECT value FROM json_each($4)",
                "SELECT jsonb_array_elements_text($4::text::jsonb)",
            );
            let sql = format!(
                "DELETE FROM runs WHERE workspace_id = $1 AND campaign_id = $2 AND NOT EXISTS ( \
                   SELECT 1 FROM runs o WHERE {same} AND o.status IN ({list}))"
            );
            let params: [Value; 3] = [id.into(), of.into(), statuses.to_string().into()];
            Some(Statement::new(sql, params))
        }
        Carry::Unchanged => {
            let unchanged = format!(
                "{same} AND o.item = runs.item AND o.status IN ('passed', 'failed') AND EXISTS ( \
                   SELECT 1 FROM campaigns c WHERE c.workspace_id = $1 AND c.id = $3 AND c.config_hash = $4)"
            );
            let from = |column: &str| format!("(SELECT o.{column} FROM runs o WHERE {unchanged})");
            let sql = format!(
                "UPDATE runs SET status = {}, outcome = {}, checkpoint = {}, carried_from = {}, seq = {}, \
                   started_at = {}, finished_at = {} \
                 WHERE workspace_id = $1 AND campaign_id = $2 AND EXISTS (SELECT 1 FROM runs o WHERE {unchanged})",
                from("status"),
                from("outcome"),
                from("checkpoint"),
                from("id"),
                from("seq"),
                from("started_at"),
                from("finished_at"),
            );
            let params: [Value; 3] = [id.into(), of.into(), config.into()];
            Some(Statement::new(sql, params))
        }
    }
}

/// Copies the dataset's items within the store: a hundred thousand of them never pass through here. This is the one
/// place where ids are made in SQL, for the same reason. A run's id is also its trace's: 32 hex digits.
fn runs_of_dataset(
    db: &ScopedDb,
    id: &str,
    dataset: &str,
    repetitions: &str,
    (count, agents): (u32, usize),
    now: Timestamp,
) -> Statement {
    let agents: Vec<usize> = (0..agents).collect();
    let sql = db.pick(
        "INSERT INTO runs (workspace_id, id, campaign_id, item_key, position, repetition, item, status, seq, created_at, agent) \
         SELECT i.workspace_id, lower(hex(randomblob(16))), $2, i.item_key, (i.position * $3 + r.value) * $7 + a.value, r.value, i.item, \
           'queued', 0, $4, a.value \
         FROM dataset_items i, json_each($5) r, json_each($8) a WHERE i.workspace_id = $1 AND i.dataset_id = $6",
        "INSERT INTO runs (workspace_id, id, campaign_id, item_key, position, repetition, item, status, seq, created_at, agent) \
         SELECT i.workspace_id, replace(gen_random_uuid()::text, '-', ''), $2, i.item_key, \
           (i.position * $3 + r.value::bigint) * $7 + a.value::bigint, r.value::bigint, i.item, 'queued', 0, $4, a.value::bigint \
         FROM dataset_items i, jsonb_array_elements_text($5::text::jsonb) r, jsonb_array_elements_text($8::text::jsonb) a \
         WHERE i.workspace_id = $1 AND i.dataset_id = $6",
    );
    Statement::new(
        sql,
        [
            id.into(),
            count.into(),
            now.into(),
            repetitions.into(),
            dataset.into(),
            i64::try_from(agents.len()).unwrap_or(1).into(),
            json!(agents).to_string().into(),
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
    let agents = input.snapshot.agents.len();
    for scenario in input.scenarios {
        let key = scenario.id.clone();
        let own = scenario_item(scenario, &input.within);
        let played: Vec<(Option<&String>, RunItem)> = if input.personas.is_empty() {
            vec![(None, own)]
        } else {
            let by = |(id, persona)| (Some(id), played_by(own.clone(), persona));
            input.personas.iter().map(by).collect()
        };
        for (persona, item) in played {
            let item = json!({"run_item": item}).to_string();
            for repetition in repetitions {
                for agent in 0..agents {
                    rows.push(json!({
                        "id": new_id().replace('-', ""), "key": key, "position": rows.len(), "repetition": repetition,
                        "item": item, "agent": agent, "persona": persona,
                    }));
                }
            }
        }
    }
    if rows.len() > MAX_SCENARIO_RUNS {
        let message = format!(
            "makes {} runs with all agents, personas and repetitions, more than {MAX_SCENARIO_RUNS}",
            rows.len()
        );
        return Err(Problem::field("/scenario_ids", message));
    }
    let sql = db.pick(
        "INSERT INTO runs (workspace_id, id, campaign_id, item_key, position, repetition, item, status, seq, created_at, agent, persona_id) \
         SELECT $1, r.value->>'id', $2, r.value->>'key', r.value->>'position', r.value->>'repetition', r.value->>'item', \
           'queued', 0, $3, r.value->>'agent', r.value->>'persona' FROM json_each($4) r",
        "INSERT INTO runs (workspace_id, id, campaign_id, item_key, position, repetition, item, status, seq, created_at, agent, persona_id) \
         SELECT $1, r.id, $2, r.key, r.position, r.repetition, r.item, 'queued', 0, $3, r.agent, r.persona \
         FROM jsonb_to_recordset($4::text::jsonb) AS r(id text, key text, position bigint, repetition bigint, item text, \
           agent bigint, persona text)",
    );
    let rows = serde_json::to_string(&rows).map_err(Problem::internal)?;
    Ok(Statement::new(sql, [id.into(), now.into(), rows.into()]))
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
         WHERE workspace_id = $1 AND id = $2 AND status IN ('queued', 'running', 'paused')",
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

/// Where a campaign stands, for whoever looks on.
pub(crate) async fn shown(db: &ScopedDb, id: &str) -> Result<serde_json::Value, Problem> {
    let campaign = load(db, id).await?;
    Ok(json!({
        "status": campaign.status, "summary": campaign.summary, "pass_rate": campaign.pass_rate, "verdict": campaign.verdict,
    }))
}

pub(crate) async fn load(db: &ScopedDb, id: &str) -> Result<Campaign, Problem> {
    let sql = format!("SELECT {COLUMNS} FROM campaigns WHERE workspace_id = $1 AND id = $2");
    let row = db
        .first(&sql, [Value::from(id)])
        .await?
        .ok_or_else(|| Problem::not_found("campaign"))?;
    let mut summaries = summaries(db, std::slice::from_ref(&id.to_owned())).await?;
    let mut campaign = read(&row, summaries.remove(id).unwrap_or_default())?;
    add_repeats(db, std::slice::from_mut(&mut campaign)).await?;
    Ok(campaign)
}

/// Adds what repetitions say, to the campaigns that have ended and had some.
pub(crate) async fn add_repeats(db: &ScopedDb, campaigns: &mut [Campaign]) -> Result<(), Problem> {
    let repeated = |c: &&Campaign| c.status == CampaignStatus::Completed && c.spec.repetitions > 1;
    let ids: Vec<&str> = campaigns
        .iter()
        .filter(repeated)
        .map(|c| c.id.as_str())
        .collect();
    let counts = repeats::counts(db, &ids).await?;
    for campaign in campaigns {
        let alike: Option<&Vec<Alike>> = counts.get(&campaign.id);
        campaign.pass_k = alike.map(|alike| repeats::pass_k(alike, campaign.spec.repetitions));
    }
    Ok(())
}

pub(crate) fn read(
    row: &Row,
    summary: CampaignSummary,
) -> Result<Campaign, assay_edge::db::DbError> {
    let spec: CampaignSpec = row.json("spec")?;
    let status = match row.text("status")?.as_str() {
        "queued" => CampaignStatus::Queued,
        "paused" => CampaignStatus::Paused,
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
        pass_k: None,
        summary,
        spent: if spec.budget.is_unbounded() {
            None
        } else {
            Some(spend::read(row)?)
        },
        rerun_of: row.opt_text("rerun_of")?,
        paused_reason: row.opt_text("paused_reason")?,
        spec,
        created_by: row.opt_text("created_by")?,
        created_at: row.time("created_at")?,
        finished_at: row.opt_int("finished_at")?.map(Timestamp::from_micros),
    })
}

/// Counts of several campaigns in one query.
pub(crate) async fn summaries(
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
