//! What commits are told of the campaigns that they started.
//!
//! The row is written with the campaign, so that neither is without the other, and says what is wanted and what was told. Whoever
//! drains sends what differs, under a lease, and tries again for longer and longer.

use super::stored::{self, Hook, TABLE};
use crate::campaigns;
use assay_edge::backoff::Backoff;
use assay_edge::db::{Db, DbError, Dialect, Row, ScopedDb, Statement, Value as Sql};
use assay_edge::dial::{DialError, Sealed, dial};
use assay_edge::write_only::place;
use assay_edge::{Platform, Problem, clock, log_error, platform, storable};
use assay_model::{CampaignStatus, GateVerdict, Timestamp};
use assay_webhook::status::{
    State, Status, StatusError, Target, github_check_run, github_status, gitlab_status,
};
use assay_webhook::{Event, Provider, StatusKind};
use serde_json::{Value, json};

/// Rows that are taken at once.
const BATCH: i64 = 8;
/// Batches of one drain.
const ROUNDS: usize = 25;
/// How long whoever sends has for it, in milliseconds; a call has less.
const LEASE_MS: i64 = 60_000;
/// Tries of one word before it is given up.
const MOST_ATTEMPTS: i64 = 10;
/// Waits before another try.
const WAITS: Backoff = Backoff {
    first_ms: 5_000,
    factor: 2,
    longest_ms: 30 * 60 * 1000,
};

/// The row of a campaign that begins; none where the commit is not told.
pub(super) fn begin(
    hook: &Hook,
    event: &Event,
    campaign: &str,
) -> Result<Option<Statement>, Problem> {
    let Some(status) = &hook.spec.status else {
        return Ok(None);
    };
    // What has no commit, such as a comment, is told nothing. Of another server it is told in the list of deliveries.
    if matches!(
        Target::of(event, status.api.as_deref()),
        Err(StatusError::NoCommit | StatusError::NoRepository)
    ) {
        return Ok(None);
    }
    let mut kept = event.clone();
    kept.payload = Value::Null;
    kept.changed_files = None;
    let now = clock::now();
    let sql = "INSERT INTO hook_statuses (workspace_id, campaign_id, hook_id, event, wanted, description, attempts, due_at, \
               lease_until, updated_at) VALUES ($1, $2, $3, $4, 'pending', 'The evaluation goes on', 0, $5, 0, $5)";
    let event = serde_json::to_string(&kept).map_err(Problem::internal)?;
    let params: [Sql; 4] = [
        campaign.into(),
        hook.id.as_str().into(),
        event.into(),
        now.into(),
    ];
    Ok(Some(Statement::new(sql, params)))
}

/// The hook was changed: what was given up is tried again.
pub(super) fn again(hook: &str, now: Timestamp) -> Statement {
    let sql = "UPDATE hook_statuses SET due_at = $3, attempts = 0 WHERE workspace_id = $1 AND hook_id = $2 \
               AND (told IS NULL OR told <> wanted)";
    Statement::new(sql, [hook.into(), now.into()])
}

/// Tells what is due beside the answer. What fails is logged; the sweep comes by again.
pub(crate) fn in_background(request_id: &str) {
    let request_id = request_id.to_owned();
    spin_sdk::wasip3::spawn(async move {
        let told = async { drain(&*platform().await?).await };
        if let Err(e) = told.await {
            let what = "commits could not be told";
            log_error("orchestrator", &request_id, what, &e.to_string());
        }
    });
}

/// Tells what is due.
pub(crate) async fn drain(platform: &Platform) -> Result<(), Problem> {
    let db = platform.db().await?;
    settle(platform, &db).await?;
    for _ in 0..ROUNDS {
        let claimed = claim(&db).await?;
        if claimed.is_empty() {
            break;
        }
        for telling in &claimed {
            tell(platform, &db, telling).await?;
        }
    }
    Ok(())
}

/// Campaigns that have ended since are to be told so.
async fn settle(platform: &Platform, db: &Db) -> Result<(), Problem> {
    let sql = "SELECT s.workspace_id AS workspace_id, s.campaign_id AS campaign_id FROM hook_statuses s JOIN campaigns c \
               ON c.workspace_id = s.workspace_id AND c.id = s.campaign_id \
               WHERE s.wanted = 'pending' AND c.status IN ('completed', 'cancelled') LIMIT 100";
    for row in db.query(sql, Vec::new()).await? {
        let (workspace, id) = (row.text("workspace_id")?, row.text("campaign_id")?);
        let scoped = ScopedDb::for_internal(platform.db().await?, workspace);
        let campaign = campaigns::load(&scoped, &id).await?;
        let s = &campaign.summary;
        let state = ended(campaign.status, campaign.verdict);
        let mut text = format!("{} of {} passed", s.passed, s.total);
        for (count, what) in [
            (s.failed, "failed"),
            (s.error, "in error"),
            (s.cancelled, "cancelled"),
        ] {
            if count > 0 {
                text.push_str(&format!(", {count} {what}"));
            }
        }
        let sql = "UPDATE hook_statuses SET wanted = $3, description = $4, attempts = 0, due_at = $5, updated_at = $5 \
                   WHERE workspace_id = $1 AND campaign_id = $2 AND wanted = 'pending'";
        let params: [Sql; 4] = [
            id.into(),
            name(state).into(),
            text.into(),
            clock::now().into(),
        ];
        scoped.execute(sql, params).await?;
    }
    Ok(())
}

/// What a campaign that has ended says of its commit.
fn ended(status: CampaignStatus, verdict: Option<GateVerdict>) -> State {
    match (status, verdict) {
        (CampaignStatus::Completed, Some(GateVerdict::Passed)) => State::Success,
        (CampaignStatus::Completed, Some(GateVerdict::Failed)) => State::Failure,
        _ => State::Error,
    }
}

const fn name(state: State) -> &'static str {
    match state {
        State::Pending => "pending",
        State::Success => "success",
        State::Failure => "failure",
        State::Error => "error",
    }
}

fn state(name: &str) -> State {
    match name {
        "pending" => State::Pending,
        "success" => State::Success,
        "failure" => State::Failure,
        _ => State::Error,
    }
}

/// A word that is to be told, leased.
struct Telling {
    workspace: String,
    campaign: String,
    hook: String,
    event: Event,
    wanted: String,
    description: String,
    attempts: i64,
    remote_id: Option<u64>,
}

impl Telling {
    fn read(row: &Row) -> Result<Self, DbError> {
        Ok(Self {
            workspace: row.text("workspace_id")?,
            campaign: row.text("campaign_id")?,
            hook: row.text("hook_id")?,
            event: row.json("event")?,
            wanted: row.text("wanted")?,
            description: row.text("description")?,
            attempts: row.int("attempts")?,
            remote_id: row
                .opt_int("remote_id")?
                .and_then(|id| u64::try_from(id).ok()),
        })
    }
}

async fn claim(db: &Db) -> Result<Vec<Telling>, Problem> {
    let due = "due_at <= $1 AND lease_until <= $1";
    let picked = format!(
        "SELECT workspace_id, campaign_id FROM hook_statuses WHERE {due} ORDER BY due_at LIMIT $3"
    );
    let set = format!(
        "UPDATE hook_statuses SET lease_until = $2, attempts = attempts + 1 WHERE {due} AND (workspace_id, campaign_id) IN"
    );
    let columns =
        "workspace_id, campaign_id, hook_id, event, wanted, description, attempts, remote_id";
    let sql = match db.dialect() {
        Dialect::Sqlite => format!("{set} ({picked}) RETURNING {columns}"),
        Dialect::Postgres => format!(
            "WITH picked AS ({picked} FOR UPDATE SKIP LOCKED) {set} (SELECT workspace_id, campaign_id FROM picked) RETURNING {columns}"
        ),
    };
    let now = clock::now();
    let params: [Sql; 3] = [now.into(), now.plus_millis(LEASE_MS).into(), BATCH.into()];
    let rows = db.query(&sql, params).await?;
    Ok(rows.iter().map(Telling::read).collect::<Result<_, _>>()?)
}

/// What came of one try.
enum Told {
    /// It is told; the other side's number of it, where it has one.
    Done(Option<i64>),
    /// Not yet.
    Later(String, i64),
    /// Never.
    Never(String),
}

async fn tell(platform: &Platform, db: &Db, telling: &Telling) -> Result<(), Problem> {
    let told = send(platform, db, telling).await?;
    let now = clock::now();
    let fenced = "WHERE workspace_id = $1 AND campaign_id = $2";
    let mut params: Vec<Sql> = vec![
        telling.workspace.as_str().into(),
        telling.campaign.as_str().into(),
        now.into(),
        telling.wanted.as_str().into(),
    ];
    // Whatever is wanted by now is due at once.
    let sql = match told {
        Told::Done(remote) => {
            params.push(remote.into());
            format!(
                "UPDATE hook_statuses SET told = $4, last_error = NULL, remote_id = COALESCE($5, remote_id), lease_until = 0, \
                 updated_at = CAST($3 AS BIGINT), due_at = CASE WHEN wanted = $4 THEN NULL ELSE CAST($3 AS BIGINT) END {fenced}"
            )
        }
        Told::Later(why, wait_ms) => {
            params.extend([why.into(), now.plus_millis(wait_ms).into()]);
            format!(
                "UPDATE hook_statuses SET last_error = $5, lease_until = 0, updated_at = CAST($3 AS BIGINT), \
                 due_at = CASE WHEN wanted = $4 THEN CAST($6 AS BIGINT) ELSE CAST($3 AS BIGINT) END {fenced}"
            )
        }
        Told::Never(why) => {
            params.push(why.into());
            format!(
                "UPDATE hook_statuses SET last_error = $5, lease_until = 0, updated_at = CAST($3 AS BIGINT), \
                 due_at = CASE WHEN wanted = $4 THEN NULL ELSE CAST($3 AS BIGINT) END {fenced}"
            )
        }
    };
    db.execute(&sql, params).await?;
    Ok(())
}

async fn send(platform: &Platform, db: &Db, telling: &Telling) -> Result<Told, Problem> {
    let hook = stored::anyones(db, &telling.hook).await?;
    let found = hook.as_ref().and_then(|hook| {
        let (status, token) = (hook.spec.status.as_ref()?, hook.token.as_deref()?);
        Some((hook, status, token))
    });
    let Some((hook, how, token)) = found else {
        return Ok(Told::Never("the hook tells nothing any more".to_owned()));
    };
    let public = &platform.config.public_url;
    let page = (!public.is_empty()).then(|| format!("{public}/#/campaigns/{}", telling.campaign));
    let status = Status {
        state: state(&telling.wanted),
        context: &how.context,
        description: &telling.description,
        target_url: page.as_deref(),
    };
    let event = &telling.event;
    let call = Target::of(event, how.api.as_deref()).and_then(|target| match event.provider {
        Provider::Gitlab => {
            let branch = event.branch.as_deref().or(event.tag.as_deref());
            gitlab_status(&target, &status, branch)
        }
        _ if how.kind == StatusKind::CheckRun => {
            github_check_run(&target, &status, &telling.description, telling.remote_id)
        }
        _ => github_status(&target, &status),
    });
    let call = match call {
        Ok(call) => call,
        Err(why) => return Ok(Told::Never(why.to_string())),
    };
    let sealed = Sealed {
        place: place(TABLE, &hook.id),
        envelope: token,
    };
    let dialled = dial(platform, call, Some(sealed)).await;
    Ok(match dialled.answer {
        Ok(body) => Told::Done(remote_id(how.kind, &body)),
        Err(e) if event.provider == Provider::Gitlab && is_so_already(&e) => Told::Done(None),
        Err(e) if e.retryable && telling.attempts < MOST_ATTEMPTS => {
            let wait = WAITS.after_asked(telling.attempts, e.retry_after_ms);
            Told::Later(said(&e), wait)
        }
        Err(e) => Told::Never(said(&e)),
    })
}

fn said(e: &DialError) -> String {
    storable(&format!("the server {}", e.message), 500)
}

/// GitLab refuses a state that the commit is in.
fn is_so_already(e: &DialError) -> bool {
    e.status == Some(400) && e.message.contains("Cannot transition status")
}

/// The number of a check run, by which the next word changes it.
fn remote_id(kind: StatusKind, body: &[u8]) -> Option<i64> {
    if kind != StatusKind::CheckRun {
        return None;
    }
    let answer: Value = serde_json::from_slice(body).unwrap_or(json!(null));
    answer.get("id").and_then(Value::as_i64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_verdict_is_a_state() {
        use CampaignStatus::{Cancelled, Completed};
        use GateVerdict::{Failed, Inconclusive, Passed};
        for (status, verdict, expected) in [
            (Completed, Some(Passed), State::Success),
            (Completed, Some(Failed), State::Failure),
            (Completed, Some(Inconclusive), State::Error),
            (Completed, None, State::Error),
            (Cancelled, Some(Passed), State::Error),
        ] {
            assert_eq!(ended(status, verdict), expected, "{status:?} {verdict:?}");
        }
        for s in [State::Pending, State::Success, State::Failure, State::Error] {
            assert_eq!(state(name(s)), s);
        }
    }

    #[test]
    fn a_check_run_has_a_number() {
        assert_eq!(remote_id(StatusKind::CheckRun, br#"{"id": 7}"#), Some(7));
        assert_eq!(remote_id(StatusKind::CheckRun, b"no"), None);
        assert_eq!(remote_id(StatusKind::CommitStatus, br#"{"id": 7}"#), None);
    }
}
