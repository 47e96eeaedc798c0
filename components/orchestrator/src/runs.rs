//! A campaign's runs, as the report shows them.

use crate::campaign::Campaign;
use crate::overrides::{self, Override};
use crate::records;
use crate::run_hook::{self, Webhook};
use crate::run_rows::{Asked, open_outcome, opt_json};
use assay_edge::db::{Row, ScopedDb, Value as SqlValue};
use assay_edge::kv::Kv;
use assay_edge::{Ctx, Cursor, Problem, Reply, reply};
use assay_graph::pregel::{Place, Store as _};
use assay_model::{ItemOutcome, RunStatus};
use assay_scenario::State;
use serde::Serialize;
use serde_json::{Value, json};

pub(crate) const COLUMNS: &str = "id, campaign_id, item_key, position, repetition, item, status, seq, checkpoint, outcome, \
                       started_at, waits, answers, forked_from, forked_at, agent, persona_id, carried_from";

pub(crate) async fn list(ctx: Ctx) -> Result<Reply, Problem> {
    ctx.only_query(&[
        "limit",
        "cursor",
        "status",
        "agent_id",
        "persona_id",
        "item_key",
    ])?;
    let page = ctx.page()?;
    let status = match ctx.query("status") {
        None => String::new(),
        Some(s) => status(s)
            .map(|s| s.as_str().to_owned())
            .map_err(|_| Problem::field("status", "is not a run's status"))?,
    };
    let campaign = ctx.param("id")?;
    let db = ctx.db().await?;
    crate::campaigns::must_exist(&db, campaign).await?;
    let after = page
        .cursor
        .clone()
        .unwrap_or_else(|| Cursor(-1, String::new()));
    let system = ctx.platform.db().await?;
    let known = Campaign::of(&system, db.workspace(), campaign).await?;
    let agent = ctx.query("agent_id").unwrap_or_default();
    let places = known.places(agent);
    let sql = format!(
        "SELECT {COLUMNS} FROM runs WHERE workspace_id = $1 AND campaign_id = $2 AND forked_from IS NULL \
         AND (position > $3 OR (position = $3 AND id > $4)) AND ($5 = '' OR status = $5) \
         AND ($7 = '' OR persona_id = $7) AND ($8 = '' OR item_key = $8) \
         AND ($9 = '' OR agent IN ({places})) ORDER BY position, id LIMIT $6"
    );
    let params: [SqlValue; 8] = [
        campaign.into(),
        after.0.into(),
        after.1.into(),
        status.into(),
        page.fetch().into(),
        ctx.query("persona_id").unwrap_or_default().into(),
        ctx.query("item_key").unwrap_or_default().into(),
        agent.into(),
    ];
    let rows = db.query(&sql, params).await?;
    let rows = rows
        .iter()
        .map(|r| {
            let mut outcome = outcome(r)?;
            if outcome.agent_id.is_none() {
                let agent = known.agent(usize::try_from(r.int("agent")?).unwrap_or_default())?;
                outcome.agent_id = Some(agent.id.clone());
                outcome.agent_version = Some(agent.version);
            }
            Ok((r.int("position")?, outcome))
        })
        .collect::<Result<Vec<_>, Problem>>()?;
    let page = page.page(rows, |(position, o)| Cursor(*position, o.run_id.clone()));
    let data: Vec<_> = page.data.into_iter().map(|(_, o)| o).collect();
    reply::ok(&json!({"data": data, "next_cursor": page.next_cursor}))
}

/// A question as clients see it.
#[derive(Serialize)]
struct Shown {
    #[serde(flatten)]
    asked: Asked,
    #[serde(skip_serializing_if = "Option::is_none")]
    webhook: Option<Webhook>,
}

/// A run as clients see it.
#[derive(Serialize)]
pub(crate) struct Run {
    campaign_id: String,
    #[serde(flatten)]
    outcome: ItemOutcome,
    steps: i64,
    messages: Value,
    stop_reason: Option<String>,
    /// The scenario's variables.
    variables: Value,
    /// What it waits for.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    waits: Vec<Shown>,
    #[serde(skip_serializing_if = "Option::is_none")]
    forked_from: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    forked_at: Option<String>,
    /// What people say in place of its scores, where they do.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    overrides: Vec<Override>,
}

pub(crate) async fn get(ctx: Ctx) -> Result<Reply, Problem> {
    ctx.only_query(&[])?;
    let db = ctx.db().await?;
    reply::ok(&shown(&ctx, &db, ctx.param("id")?).await?)
}

/// A run as the caller sees it: with where the requests go that it waits for.
pub(crate) async fn shown(ctx: &Ctx, db: &ScopedDb, id: &str) -> Result<Run, Problem> {
    let mut run = load(db, id).await?;
    let base = ctx.base_url();
    for asked in &mut run.waits {
        asked.webhook = run_hook::of(&ctx.platform, &base, id, &asked.asked);
    }
    Ok(run)
}

pub(crate) async fn load(db: &ScopedDb, id: &str) -> Result<Run, Problem> {
    let row = row(db, id).await?;
    let key = row.opt_text("checkpoint")?.filter(|k| !k.is_empty());
    let said = match &key {
        Some(key) => said(key, id).await?,
        None => Said::default(),
    };
    let waits: Vec<Asked> = opt_json(&row, "waits")?.unwrap_or_default();
    Ok(Run {
        campaign_id: row.text("campaign_id")?,
        outcome: outcome(&row)?,
        steps: row.int("seq")?,
        messages: said.messages,
        stop_reason: said.stop_reason,
        variables: said.variables,
        waits: waits
            .into_iter()
            .map(|asked| Shown {
                asked,
                webhook: None,
            })
            .collect(),
        forked_from: row.opt_text("forked_from")?,
        forked_at: row.opt_text("forked_at")?,
        overrides: overrides::of_run(db, id).await?,
    })
}

/// The row of a run.
pub(crate) async fn row(db: &ScopedDb, id: &str) -> Result<Row, Problem> {
    let sql = format!("SELECT {COLUMNS} FROM runs WHERE workspace_id = $1 AND id = $2");
    db.first(&sql, [SqlValue::from(id)])
        .await?
        .ok_or_else(|| Problem::not_found("run"))
}

/// What a run's newest checkpoint shows.
struct Said {
    messages: Value,
    stop_reason: Option<String>,
    variables: Value,
}

impl Default for Said {
    fn default() -> Self {
        Self {
            messages: json!([]),
            stop_reason: None,
            variables: json!({}),
        }
    }
}

async fn said(key: &str, run: &str) -> Result<Said, Problem> {
    let found: Option<Value> = Kv::open().await?.get(key).await?;
    let Some(found) = found else {
        return Ok(Said::default());
    };
    // Runs of before they were graphs kept their state as one object.
    if let Some(state) = found.get("state") {
        let reason = state.get("stop_reason").and_then(Value::as_str);
        return Ok(Said {
            messages: state.get("messages").cloned().unwrap_or_else(|| json!([])),
            stop_reason: reason.map(str::to_owned),
            ..Said::default()
        });
    }
    let journal = records::open(Some(key)).await?;
    let newest = journal.get(&Place::of(run), None).await?;
    let state = newest.map_or_else(State::default, |s| State::of_values(&s.checkpoint.values));
    Ok(Said {
        messages: json!(state.messages),
        stop_reason: state.stop_reason().map(str::to_owned),
        variables: Value::Object(state.vars),
    })
}

fn status(text: &str) -> Result<RunStatus, serde_json::Error> {
    serde_json::from_value(json!(text))
}

pub(crate) fn outcome(row: &Row) -> Result<ItemOutcome, Problem> {
    match row.opt_text("outcome")? {
        Some(_) => Ok(ItemOutcome {
            // An outcome that was taken over was another run's, and so was its trace.
            run_id: row.text("id")?,
            carried_from: row.opt_text("carried_from")?,
            ..row.json("outcome")?
        }),
        None => Ok(open_outcome(
            row,
            status(&row.text("status")?).map_err(Problem::internal)?,
        )?),
    }
}
