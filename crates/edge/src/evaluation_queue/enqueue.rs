//! Traces come in and are put into the queue.

use crate::db::ScopedDb;
use crate::problem::Problem;
use assay_model::sampling::fraction;
use assay_model::{EvaluationRuleSpec, Timestamp};
use serde_json::json;
use sha2::{Digest as _, Sha256};
use std::collections::BTreeSet;

/// Longest that a trace which always has something new waits, in microseconds.
const LONGEST: i64 = 3_600_000_000;
/// Entries that one statement writes.
const AT_ONCE: usize = 5_000;

/// A rule that picks traces.
#[derive(Debug, Clone)]
pub struct Rule {
    /// Its id.
    pub id: String,
    /// What it says.
    pub spec: EvaluationRuleSpec,
}

impl Rule {
    /// Whether the trace is among those that the rule looks at: the same for all that is ever sent of it, and independent
    /// of what other rules choose.
    #[must_use]
    pub fn samples(&self, trace: &str) -> bool {
        if self.spec.sampling_rate >= 1.0 {
            return true;
        }
        let digest = Sha256::new()
            .chain_update(self.id.as_bytes())
            .chain_update([0])
            .chain_update(trace.as_bytes())
            .finalize();
        fraction(&digest) < self.spec.sampling_rate
    }
}

/// The rules of a workspace that are on.
///
/// # Errors
/// When the relational store fails.
pub async fn rules(db: &ScopedDb) -> Result<Vec<Rule>, Problem> {
    let sql = "SELECT id, spec FROM evaluation_rules WHERE workspace_id = $1 AND deleted_at IS NULL ORDER BY created_at, id";
    let mut rules = Vec::new();
    for row in db.query(sql, []).await? {
        let spec: EvaluationRuleSpec = row.json("spec")?;
        if spec.enabled {
            rules.push(Rule {
                id: row.text("id")?,
                spec,
            });
        }
    }
    Ok(rules)
}

/// Puts traces that had something new into the queue of each rule that samples them: how many entries that touched.
/// What is being evaluated, or was, stays as it is.
///
/// # Errors
/// When the relational store fails; a repetition does the same.
pub async fn enqueue(
    db: &ScopedDb,
    rules: &[Rule],
    traces: &BTreeSet<&str>,
    now: Timestamp,
) -> Result<u64, Problem> {
    let mut entries = Vec::new();
    for rule in rules {
        let due = now
            .plus_millis(i64::from(rule.spec.delay_s) * 1000)
            .micros();
        let sampled = traces.iter().filter(|t| !t.is_empty() && rule.samples(t));
        entries.extend(sampled.map(|trace| json!([rule.id, trace, due])));
    }
    let sql = db.pick(
        "INSERT INTO evaluation_queue (workspace_id, rule_id, trace_id, state, due_at, attempts, created_at, updated_at) \
         SELECT $1, value ->> 0, value ->> 1, 'waiting', value ->> 2, 0, $3, $3 FROM json_each($2) WHERE true \
         ON CONFLICT (workspace_id, rule_id, trace_id) DO UPDATE SET state = 'waiting', reason = NULL, attempts = 0, \
           due_at = CASE evaluation_queue.state WHEN 'waiting' THEN min(excluded.due_at, evaluation_queue.created_at + $4) \
             ELSE excluded.due_at END, \
           created_at = CASE evaluation_queue.state WHEN 'waiting' THEN evaluation_queue.created_at ELSE excluded.created_at END, \
           updated_at = excluded.updated_at \
         WHERE evaluation_queue.state IN ('waiting', 'skipped')",
        "INSERT INTO evaluation_queue (workspace_id, rule_id, trace_id, state, due_at, attempts, created_at, updated_at) \
         SELECT $1, v ->> 0, v ->> 1, 'waiting', (v ->> 2)::bigint, 0, $3, $3 FROM jsonb_array_elements($2::text::jsonb) AS v \
         ON CONFLICT (workspace_id, rule_id, trace_id) DO UPDATE SET state = 'waiting', reason = NULL, attempts = 0, \
           due_at = CASE evaluation_queue.state WHEN 'waiting' THEN least(excluded.due_at, evaluation_queue.created_at + $4) \
             ELSE excluded.due_at END, \
           created_at = CASE evaluation_queue.state WHEN 'waiting' THEN evaluation_queue.created_at ELSE excluded.created_at END, \
           updated_at = excluded.updated_at \
         WHERE evaluation_queue.state IN ('waiting', 'skipped')",
    );
    let mut touched = 0;
    for some in entries.chunks(AT_ONCE) {
        let list = serde_json::to_string(some).map_err(Problem::internal)?;
        touched += db
            .execute(sql, [list.into(), now.into(), LONGEST.into()])
            .await?;
    }
    Ok(touched)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(id: &str, rate: f64) -> Rule {
        let spec = json!({"name": "r", "metrics": [{"kind": "latency"}], "sampling_rate": rate});
        Rule {
            id: id.to_owned(),
            spec: serde_json::from_value(spec).unwrap(),
        }
    }

    #[test]
    fn a_part_of_the_traces_is_sampled_by_each_rule_for_itself() {
        let (a, b) = (rule("a", 0.25), rule("b", 0.25));
        let ids: Vec<String> = (0..4000).map(|i| format!("trace-{i}")).collect();
        let of = |rule: &Rule| ids.iter().filter(|id| rule.samples(id)).count();
        assert!((900..1100).contains(&of(&a)), "{}", of(&a));
        let by_both = ids.iter().filter(|id| a.samples(id) && b.samples(id));
        assert!((180..320).contains(&by_both.count()));
        assert_eq!(of(&rule("c", 0.0)), 0);
        assert_eq!(of(&rule("c", 1.0)), 4000);
    }
}
