//! Who evaluates takes entries for a time, and says what became of them.

use crate::db::{ScopedDb, Value};
use crate::ids::new_id;
use crate::problem::Problem;
use assay_model::{EvaluationRuleSpec, RuleEvaluator, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::collections::{HashMap, HashSet};

/// So often an entry is given out before it counts as failed.
const MOST_ATTEMPTS: i64 = 5;

/// An entry that somebody evaluates.
#[derive(Debug, Clone, Serialize)]
pub struct Claimed {
    /// The rule.
    pub rule_id: String,
    /// The trace.
    pub trace_id: String,
    /// How often it was given out, this time included.
    pub attempts: i64,
    /// What proves who has it.
    pub lease_token: String,
    /// When it is given to the next one.
    pub lease_until: Timestamp,
    /// What the rule says.
    pub rule: EvaluationRuleSpec,
}

/// What became of an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// It is evaluated.
    Done,
    /// It cannot be evaluated.
    Failed,
    /// It is to be tried again later.
    Retry,
}

/// What somebody says of an entry.
#[derive(Debug, Clone)]
pub struct Finished {
    /// The rule.
    pub rule_id: String,
    /// The trace.
    pub trace_id: String,
    /// The proof.
    pub lease_token: String,
    /// What became of it.
    pub outcome: Outcome,
    /// Why, for people.
    pub reason: Option<String>,
    /// When it is to be tried again.
    pub due: Timestamp,
    /// Whether the attempt does not count: nothing was tried.
    pub uncounted: bool,
}

/// Takes up to `limit` entries that are ready, or whose lease has run out, those due first first: of the rules whose traces
/// `who` evaluates.
///
/// # Errors
/// When the relational store fails.
pub async fn claim(
    db: &ScopedDb,
    who: RuleEvaluator,
    rule: Option<&str>,
    limit: u32,
    (now, until): (Timestamp, Timestamp),
) -> Result<Vec<Claimed>, Problem> {
    let specs = theirs(db, who, rule).await?;
    if specs.is_empty() {
        return Ok(Vec::new());
    }
    let sql = "UPDATE evaluation_queue SET state = 'failed', reason = 'nobody said what became of it', lease_token = NULL, \
               lease_until = NULL, updated_at = $2 WHERE workspace_id = $1 AND state = 'leased' AND lease_until < $2 \
               AND attempts >= $3";
    db.execute(sql, [now.into(), MOST_ATTEMPTS.into()]).await?;
    let among = db.pick(
        "(SELECT value FROM json_each($6))",
        "(SELECT jsonb_array_elements_text($6::text::jsonb))",
    );
    let open = format!(
        "workspace_id = $1 AND rule_id IN {among} AND ((state = 'ready' AND due_at <= $2) \
         OR (state = 'leased' AND lease_until < $2))"
    );
    // Picked once, and then taken: Postgres may run a subquery again for each row, and its lock then picks others.
    let lock = db.pick("", " FOR UPDATE SKIP LOCKED");
    let sql = format!(
        "WITH picked AS (SELECT rule_id, trace_id FROM evaluation_queue WHERE {open} ORDER BY due_at, rule_id, trace_id \
         LIMIT $5{lock}) UPDATE evaluation_queue SET state = 'leased', lease_token = $3, lease_until = $4, \
         attempts = attempts + 1, reason = NULL, updated_at = $2 WHERE {open} AND (rule_id, trace_id) IN \
         (SELECT rule_id, trace_id FROM picked) RETURNING rule_id, trace_id, attempts"
    );
    let token = new_id();
    let ids: Vec<&String> = specs.keys().collect();
    let ids = serde_json::to_string(&ids).map_err(Problem::internal)?;
    let params: [Value; 5] = [
        now.into(),
        token.as_str().into(),
        until.into(),
        i64::from(limit).into(),
        ids.into(),
    ];
    let rows = db.query(&sql, params).await?;
    let mut claimed = Vec::new();
    for row in rows {
        let rule_id = row.text("rule_id")?;
        let Some(rule) = specs.get(&rule_id).cloned() else {
            continue;
        };
        claimed.push(Claimed {
            rule_id,
            trace_id: row.text("trace_id")?,
            attempts: row.int("attempts")?,
            lease_token: token.clone(),
            lease_until: until,
            rule,
        });
    }
    Ok(claimed)
}

/// The rules whose traces they evaluate; also of one that was deleted since: what it picked is still to be evaluated.
async fn theirs(
    db: &ScopedDb,
    who: RuleEvaluator,
    rule: Option<&str>,
) -> Result<HashMap<String, EvaluationRuleSpec>, Problem> {
    let sql =
        "SELECT id, spec FROM evaluation_rules WHERE workspace_id = $1 AND ($2 = '' OR id = $2)";
    let mut specs = HashMap::new();
    for row in db.query(sql, [rule.unwrap_or_default().into()]).await? {
        let spec: EvaluationRuleSpec = row.json("spec")?;
        if spec.evaluator == who {
            specs.insert(row.text("id")?, spec);
        }
    }
    Ok(specs)
}

/// Keeps an entry for longer; false when it is somebody else's by now, or gone.
///
/// # Errors
/// When the relational store fails.
pub async fn renew(
    db: &ScopedDb,
    entry: &Claimed,
    now: Timestamp,
    until: Timestamp,
) -> Result<bool, Problem> {
    let sql = "UPDATE evaluation_queue SET lease_until = $5, updated_at = $6 WHERE workspace_id = $1 AND rule_id = $2 \
               AND trace_id = $3 AND lease_token = $4 AND state = 'leased'";
    let params: [Value; 5] = [
        entry.rule_id.as_str().into(),
        entry.trace_id.as_str().into(),
        entry.lease_token.as_str().into(),
        until.into(),
        now.into(),
    ];
    Ok(db.execute(sql, params).await? > 0)
}

/// Says what became of entries: those that were still the caller's, as (rule, trace).
///
/// # Errors
/// When the relational store fails; then nothing is written.
pub async fn finish(
    db: &ScopedDb,
    finished: &[Finished],
    now: Timestamp,
) -> Result<HashSet<(String, String)>, Problem> {
    let entries: Vec<_> = finished
        .iter()
        .map(|f| {
            let state = match f.outcome {
                Outcome::Done => "done",
                Outcome::Failed => "failed",
                Outcome::Retry => "ready",
            };
            json!([
                f.rule_id,
                f.trace_id,
                f.lease_token,
                state,
                f.reason,
                f.due.micros(),
                i64::from(f.uncounted)
            ])
        })
        .collect();
    let list = serde_json::to_string(&entries).map_err(Problem::internal)?;
    let told = db.pick(
        "(SELECT value ->> 0 AS rule_id, value ->> 1 AS trace_id, value ->> 2 AS token, value ->> 3 AS state, \
         value ->> 4 AS reason, value ->> 5 AS due, value ->> 6 AS given_back FROM json_each($2))",
        "(SELECT v ->> 0 AS rule_id, v ->> 1 AS trace_id, v ->> 2 AS token, v ->> 3 AS state, v ->> 4 AS reason, \
         (v ->> 5)::bigint AS due, (v ->> 6)::bigint AS given_back FROM jsonb_array_elements($2::text::jsonb) AS v)",
    );
    let sql = format!(
        "UPDATE evaluation_queue SET state = x.state, reason = x.reason, due_at = x.due, lease_token = NULL, \
         lease_until = NULL, attempts = attempts - x.given_back, updated_at = $3 FROM {told} AS x WHERE evaluation_queue.workspace_id = $1 \
         AND evaluation_queue.rule_id = x.rule_id AND evaluation_queue.trace_id = x.trace_id \
         AND evaluation_queue.lease_token = x.token AND evaluation_queue.state = 'leased' \
         RETURNING evaluation_queue.rule_id AS rule_id, evaluation_queue.trace_id AS trace_id"
    );
    let rows = db.query(&sql, [list.into(), now.into()]).await?;
    let mut theirs = HashSet::new();
    for row in rows {
        theirs.insert((row.text("rule_id")?, row.text("trace_id")?));
    }
    Ok(theirs)
}

/// Evaluates again what came to an end, as if its trace had just come in: how many entries.
///
/// # Errors
/// When the relational store fails.
pub async fn retry(
    db: &ScopedDb,
    rule: &str,
    states: &[super::State],
    traces: Option<&[String]>,
    now: Timestamp,
) -> Result<u64, Problem> {
    let states: Vec<&str> = states.iter().map(|s| s.name()).collect();
    let (states, traces) = (
        serde_json::to_string(&states).map_err(Problem::internal)?,
        traces
            .map(serde_json::to_string)
            .transpose()
            .map_err(Problem::internal)?,
    );
    let (of_states, of_traces) = (
        db.pick(
            "(SELECT value FROM json_each($4))",
            "(SELECT jsonb_array_elements_text($4::text::jsonb))",
        ),
        db.pick(
            "($5 IS NULL OR trace_id IN (SELECT value FROM json_each($5)))",
            "($5::text IS NULL OR trace_id IN (SELECT jsonb_array_elements_text($5::text::jsonb)))",
        ),
    );
    let sql = format!(
        "UPDATE evaluation_queue SET state = 'waiting', due_at = $3, attempts = 0, reason = NULL, created_at = $3, \
         updated_at = $3 WHERE workspace_id = $1 AND rule_id = $2 AND state IN {of_states} AND {of_traces}"
    );
    let params: [Value; 4] = [rule.into(), now.into(), states.into(), traces.into()];
    Ok(db.execute(&sql, params).await?)
}
