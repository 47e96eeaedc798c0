//! Traces that had nothing new for long enough: their rules' filters decide.

use crate::clock;
use crate::db::{ScopedDb, Statement};
use crate::log::log_error;
use crate::platform::Platform;
use crate::problem::Problem;
use crate::traces::TraceStore;
use assay_model::{EvaluationRuleSpec, Timestamp};
use std::collections::{BTreeMap, HashSet};

/// Entries of one turn.
const TURN: i64 = 1_000;
/// How long a trace that was acknowledged may take to appear, in microseconds: its batch may be in the spool.
const APPEARS_WITHIN: i64 = 6 * 3_600_000_000;
/// How long it is left alone between two looks, in milliseconds.
const LOOK_AGAIN_MS: i64 = 60_000;
/// How long an entry that came to an end is kept, in milliseconds.
pub const OLDEST_MS: i64 = 30 * 24 * 3_600_000;

/// What one turn did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize)]
pub struct Settled {
    /// Entries that are to be evaluated now.
    pub ready: u64,
    /// Entries that their rule does not want.
    pub skipped: u64,
    /// Entries whose trace is not there yet.
    pub absent: u64,
}

/// Decides about what is due, in all workspaces, and forgets what came to an end long ago. One workspace's failure is no
/// other's.
///
/// # Errors
/// When the relational store fails.
pub async fn settle(platform: &Platform) -> Result<Settled, Problem> {
    let now = clock::now();
    let db = platform.db().await?;
    let sql = "DELETE FROM evaluation_queue WHERE state IN ('done', 'skipped', 'failed') AND updated_at < $1";
    db.execute(sql, [now.plus_millis(-OLDEST_MS).into()])
        .await?;
    let sql = "SELECT workspace_id, rule_id, trace_id, created_at FROM evaluation_queue \
               WHERE state = 'waiting' AND due_at <= $1 ORDER BY due_at LIMIT $2";
    let mut due: BTreeMap<(String, String), Vec<(String, Timestamp)>> = BTreeMap::new();
    for row in db.query(sql, [now.into(), TURN.into()]).await? {
        due.entry((row.text("workspace_id")?, row.text("rule_id")?))
            .or_default()
            .push((row.text("trace_id")?, row.time("created_at")?));
    }
    let mut settled = Settled::default();
    for ((workspace, rule), traces) in due {
        let db = ScopedDb::for_internal(platform.db().await?, workspace);
        match of_rule(platform, &db, &rule, &traces, now).await {
            Ok(one) => {
                settled.ready += one.ready;
                settled.skipped += one.skipped;
                settled.absent += one.absent;
            }
            Err(problem) => log_error(
                "evaluation queue",
                "",
                &format!("rule {rule} of workspace {}", db.workspace()),
                &problem.to_string(),
            ),
        }
    }
    Ok(settled)
}

async fn of_rule(
    platform: &Platform,
    db: &ScopedDb,
    rule: &str,
    traces: &[(String, Timestamp)],
    now: Timestamp,
) -> Result<Settled, Problem> {
    let sql = "SELECT spec FROM evaluation_rules WHERE workspace_id = $1 AND id = $2 AND deleted_at IS NULL";
    let spec: Option<EvaluationRuleSpec> = match db.first(sql, [rule.into()]).await? {
        Some(row) => Some(row.json("spec")?),
        None => None,
    };
    let all: Vec<String> = traces.iter().map(|(id, _)| id.clone()).collect();
    let Some(spec) = spec.filter(|spec| spec.enabled) else {
        let off = decided(db, rule, &all, "skipped", Some("the rule is off"), now)?;
        db.batch(vec![off]).await?;
        return Ok(Settled {
            skipped: all.len() as u64,
            ..Settled::default()
        });
    };
    let store = TraceStore::open(platform, db.workspace()).await?;
    let filter = spec.conditions().map_err(Problem::validation)?;
    let there: HashSet<String> = store.matching(&all, None).await?.into_iter().collect();
    let wanted: HashSet<String> = if filter.conditions.is_empty() {
        there.clone()
    } else {
        store
            .matching(&all, Some(&filter))
            .await?
            .into_iter()
            .collect()
    };
    let (mut ready, mut unwanted, mut absent, mut lost) =
        (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for (id, since) in traces {
        let list = if wanted.contains(id) {
            &mut ready
        } else if there.contains(id) {
            &mut unwanted
        } else if since.micros() + APPEARS_WITHIN < now.micros() {
            &mut lost
        } else {
            &mut absent
        };
        list.push(id.clone());
    }
    let mut statements = Vec::new();
    for (ids, state, reason) in [
        (&ready, "ready", None),
        (&unwanted, "skipped", Some("the filter does not match")),
        (&lost, "skipped", Some("the trace is not there")),
        (&absent, "waiting", Some("the trace is not there yet")),
    ] {
        if !ids.is_empty() {
            statements.push(decided(db, rule, ids, state, reason, now)?);
        }
    }
    db.batch(statements).await?;
    Ok(Settled {
        ready: ready.len() as u64,
        skipped: (unwanted.len() + lost.len()) as u64,
        absent: absent.len() as u64,
    })
}

/// The statement that takes entries on, unless they had something new meanwhile. What goes on waiting is looked at again
/// later; what is ready is due at once.
fn decided(
    db: &ScopedDb,
    rule: &str,
    traces: &[String],
    state: &str,
    reason: Option<&str>,
    now: Timestamp,
) -> Result<Statement, Problem> {
    let among = db.pick(
        "(SELECT value FROM json_each($3))",
        "(SELECT jsonb_array_elements_text($3::text::jsonb))",
    );
    let due = if state == "waiting" {
        now.plus_millis(LOOK_AGAIN_MS)
    } else {
        now
    };
    let list = serde_json::to_string(traces).map_err(Problem::internal)?;
    Ok(Statement::new(
        format!(
            "UPDATE evaluation_queue SET state = $4, reason = $5, due_at = $6, updated_at = $7 \
             WHERE workspace_id = $1 AND rule_id = $2 AND trace_id IN {among} AND state = 'waiting' AND due_at <= $7"
        ),
        [
            rule.into(),
            list.into(),
            state.into(),
            reason.into(),
            due.into(),
            now.into(),
        ],
    ))
}
