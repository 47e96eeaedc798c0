//! What came to a hook within a day, and what became of it.
//!
//! What starts a campaign holds two keys until then: the delivery's id and the hash of its body. Neither GitHub nor GitLab signs
//! the id, so that a request that somebody saw can be sent again under another one; the body gives it away. What started
//! nothing holds no key, so that it can be sent again once the hook was changed.

use super::stored::{self, Hook};
use assay_edge::db::{Db, DbError, Row, ScopedDb, Statement, Value as Sql};
use assay_edge::{Ctx, Cursor, Problem, ProblemKind, Reply, clock, new_id, reply, storable};
use assay_model::Timestamp;
use assay_webhook::{Event, Provider, REPLAY_WINDOW_S};
use serde::Serialize;
use serde_json::{Value, json};

/// How long deliveries are kept, in milliseconds: a day.
pub(crate) const KEPT_MS: i64 = 24 * 60 * 60 * 1000;
/// Longest reason, in characters.
const MAX_REASON: usize = 500;

/// What became of a delivery.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Outcome {
    Ping,
    Ignored,
}

impl Outcome {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Ping => "ping",
            Self::Ignored => "ignored",
        }
    }
}

/// A delivery that may start a campaign.
pub(super) enum Claimed {
    /// It has not started one; the id of its row.
    Open(String),
    /// It started this one before.
    Started(String),
}

/// What is kept of an event: not its payload, and not its files.
fn kept(event: &Event) -> String {
    let mut kept = event.clone();
    kept.payload = Value::Null;
    kept.changed_files = None;
    json!(kept).to_string()
}

fn short(text: &str) -> String {
    storable(text, MAX_REASON)
}

const INSERT: &str = "INSERT INTO hook_deliveries (workspace_id, hook_id, id, delivery_id, event, outcome, reason, id_key, body_key, \
     body_until, repeats, received_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 0, $11)";

/// Forgets what is older than a day.
fn forget(hook: &Hook, now: Timestamp) -> Statement {
    let sql =
        "DELETE FROM hook_deliveries WHERE workspace_id = $1 AND hook_id = $2 AND received_at < $3";
    let params: [Sql; 2] = [hook.id.as_str().into(), now.plus_millis(-KEPT_MS).into()];
    Statement::new(sql, params)
}

/// Forgets what is older than a day, of all hooks, and what commits were told a day ago.
pub(crate) async fn forget_all(db: &Db) -> Result<(), Problem> {
    let old = clock::now().plus_millis(-KEPT_MS);
    let deliveries = "DELETE FROM hook_deliveries WHERE received_at < $1";
    db.execute(deliveries, [old.into()]).await?;
    let statuses = "DELETE FROM hook_statuses WHERE wanted <> 'pending' AND due_at IS NULL AND updated_at < $1";
    db.execute(statuses, [old.into()]).await?;
    Ok(())
}

/// Notes a delivery that starts nothing.
pub(super) async fn note(
    db: &ScopedDb,
    hook: &Hook,
    delivery_id: &str,
    event: Option<&Event>,
    outcome: Outcome,
    reason: Option<&str>,
) -> Result<(), Problem> {
    let now = clock::now();
    let row: [Sql; 10] = [
        hook.id.as_str().into(),
        new_id().into(),
        delivery_id.into(),
        event.map(kept).into(),
        outcome.as_str().into(),
        reason.map(short).into(),
        None::<String>.into(),
        None::<String>.into(),
        None::<i64>.into(),
        now.into(),
    ];
    Ok(db
        .batch(vec![forget(hook, now), Statement::new(INSERT, row)])
        .await?)
}

/// How long a body counts as the same delivery, in milliseconds. A generic signature is of its time, so that the same body is
/// another request once no signature of then is good any more; the other providers' bodies differ by themselves.
fn body_kept_ms(provider: Provider) -> i64 {
    match provider {
        Provider::Generic => 2 * 1000 * i64::from(REPLAY_WINDOW_S),
        Provider::Github | Provider::Gitlab => KEPT_MS,
    }
}

/// Claims an event, unless it came before and started a campaign.
pub(super) async fn claim(db: &ScopedDb, hook: &Hook, event: &Event) -> Result<Claimed, Problem> {
    let (id, now) = (new_id(), clock::now());
    let hook_id = || Sql::from(hook.id.as_str());
    // A sender that names no delivery has the body's hash for its id.
    let release = "UPDATE hook_deliveries SET id_key = CASE WHEN id_key = body_key THEN NULL ELSE id_key END, body_key = NULL \
                   WHERE workspace_id = $1 AND hook_id = $2 AND body_key IS NOT NULL AND body_until < $3";
    let until = now.plus_millis(body_kept_ms(hook.spec.provider));
    let row: [Sql; 10] = [
        hook_id(),
        id.as_str().into(),
        event.delivery_id.as_str().into(),
        kept(event).into(),
        "received".into(),
        None::<String>.into(),
        event.delivery_id.as_str().into(),
        event.body_sha256.as_str().into(),
        until.into(),
        now.into(),
    ];
    let statements = vec![
        forget(hook, now),
        Statement::new(release, [hook_id(), now.into()]),
        Statement::new(INSERT, row),
    ];
    match db.batch(statements).await {
        Ok(()) => return Ok(Claimed::Open(id)),
        Err(DbError::Unique(_)) => {}
        Err(e) => return Err(e.into()),
    }
    let same = "workspace_id = $1 AND hook_id = $2 AND (id_key = $3 OR body_key = $4)";
    let keys = || -> Vec<Sql> {
        vec![
            hook_id(),
            event.delivery_id.as_str().into(),
            event.body_sha256.as_str().into(),
        ]
    };
    let repeat = format!("UPDATE hook_deliveries SET repeats = repeats + 1 WHERE {same}");
    db.execute(&repeat, keys()).await?;
    let sql = format!(
        "SELECT id, campaign_id FROM hook_deliveries WHERE {same} ORDER BY received_at, id LIMIT 1"
    );
    let first = db.first(&sql, keys()).await?;
    let first = first.ok_or_else(|| {
        Problem::new(
            ProblemKind::Conflict,
            "The delivery came twice at once. Send it again.",
        )
    })?;
    Ok(match first.opt_text("campaign_id")? {
        Some(campaign) => Claimed::Started(campaign),
        // Whatever broke off then is taken up again: the campaign begins with the same key.
        None => Claimed::Open(first.text("id")?),
    })
}

/// A claimed delivery has started a campaign.
pub(super) async fn started(
    db: &ScopedDb,
    hook: &Hook,
    id: &str,
    campaign: &str,
) -> Result<(), Problem> {
    let sql = "UPDATE hook_deliveries SET outcome = 'started', campaign_id = $4 \
               WHERE workspace_id = $1 AND hook_id = $2 AND id = $3";
    let params: [Sql; 3] = [hook.id.as_str().into(), id.into(), campaign.into()];
    db.execute(sql, params).await?;
    Ok(())
}

/// A claimed delivery could not start a campaign, and gives its keys back.
pub(super) async fn refused(
    db: &ScopedDb,
    hook: &Hook,
    id: &str,
    why: &Problem,
) -> Result<(), Problem> {
    let sql = "UPDATE hook_deliveries SET outcome = 'failed', reason = $4, id_key = NULL, body_key = NULL \
               WHERE workspace_id = $1 AND hook_id = $2 AND id = $3 AND campaign_id IS NULL";
    let params: [Sql; 3] = [hook.id.as_str().into(), id.into(), short(&told(why)).into()];
    db.execute(sql, params).await?;
    Ok(())
}

/// What a client is told of a problem, in a line.
pub(crate) fn told(problem: &Problem) -> String {
    let mut text = problem.detail().to_owned();
    for error in problem.errors() {
        text.push_str(&format!(" {} {}.", error.field, error.message));
    }
    text
}

/// A delivery as it is shown.
#[derive(Serialize)]
struct Shown {
    id: String,
    delivery_id: String,
    received_at: Timestamp,
    /// How often it came again.
    repeats: i64,
    /// `received`, `started`, `ignored`, `ping` or `failed`.
    outcome: String,
    reason: Option<String>,
    campaign_id: Option<String>,
    event: Option<Value>,
    status: Option<Status>,
}

/// What the commit is told.
#[derive(Serialize)]
struct Status {
    /// What it shall be told.
    wanted: String,
    /// What it was told.
    told: Option<String>,
    attempts: i64,
    last_error: Option<String>,
    /// When the next try is.
    due_at: Option<Timestamp>,
}

impl Shown {
    fn read(row: &Row) -> Result<Self, Problem> {
        let status = match row.opt_text("wanted")? {
            None => None,
            Some(wanted) => Some(Status {
                wanted,
                told: row.opt_text("told")?,
                attempts: row.opt_int("attempts")?.unwrap_or_default(),
                last_error: row.opt_text("last_error")?,
                due_at: row.opt_int("due_at")?.map(Timestamp::from_micros),
            }),
        };
        Ok(Self {
            id: row.text("id")?,
            delivery_id: row.text("delivery_id")?,
            received_at: row.time("received_at")?,
            repeats: row.int("repeats")?,
            outcome: row.text("outcome")?,
            reason: row.opt_text("reason")?,
            campaign_id: row.opt_text("campaign_id")?,
            event: crate::run_rows::opt_json(row, "event")?,
            status,
        })
    }
}

/// `GET /api/v1/hooks/{id}/deliveries`: newest first.
pub(crate) async fn list(ctx: Ctx) -> Result<Reply, Problem> {
    ctx.only_query(&["limit", "cursor"])?;
    let page = ctx.page()?;
    let db = ctx.db().await?;
    let hook = ctx.param("id")?;
    if hook.contains('\0') || stored::find(&db, hook).await?.is_none() {
        return Err(Problem::not_found("hook"));
    }
    let Cursor(at, id) = page
        .cursor
        .clone()
        .unwrap_or_else(|| Cursor(i64::MAX, String::new()));
    let sql = "SELECT d.id AS id, d.delivery_id AS delivery_id, d.received_at AS received_at, d.repeats AS repeats, \
               d.outcome AS outcome, d.reason AS reason, d.campaign_id AS campaign_id, d.event AS event, s.wanted AS wanted, \
               s.told AS told, s.attempts AS attempts, s.last_error AS last_error, s.due_at AS due_at \
               FROM hook_deliveries d LEFT JOIN hook_statuses s ON s.workspace_id = d.workspace_id AND s.campaign_id = d.campaign_id \
               WHERE d.workspace_id = $1 AND d.hook_id = $2 AND d.received_at >= $3 AND (d.received_at, d.id) < ($4, $5) \
               ORDER BY d.received_at DESC, d.id DESC LIMIT $6";
    let params: [Sql; 5] = [
        hook.into(),
        clock::now().plus_millis(-KEPT_MS).into(),
        at.into(),
        id.into(),
        page.fetch().into(),
    ];
    let rows = db.query(sql, params).await?;
    let all = rows
        .iter()
        .map(Shown::read)
        .collect::<Result<Vec<_>, _>>()?;
    reply::ok(&page.page(all, |d| Cursor(d.received_at.micros(), d.id.clone())))
}
