//! Whose turn it is to evaluate what a rule picked, and what that has cost on a day.
//!
//! One instance at a time works for a rule, under a lease, so that as many traces of the rule are under way as it says, and what its
//! judges spend is known before they spend more.

use crate::db::{Db, ScopedDb, Value};
use crate::ids::new_id;
use crate::problem::Problem;
use assay_model::{EvaluationRuleSpec, RuleEvaluator, Timestamp};
use std::collections::BTreeMap;

/// How long who works for a rule may be silent before another takes over, in milliseconds.
pub const LEASE_MS: i64 = 60_000;
/// Microseconds of a day.
const DAY: i64 = 86_400_000_000;

/// A rule for which there is something to do.
#[derive(Debug, Clone)]
pub struct Due {
    /// Its workspace.
    pub workspace: String,
    /// Its id.
    pub rule: String,
}

/// What judges have spent for a rule on a day.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Spending {
    /// US dollars.
    pub cost_usd: f64,
    /// Calls that were begun.
    pub judge_calls: u64,
    /// Calls that were answered.
    pub calls: u64,
}

/// Rules of the platform's that have entries which are ready, in all workspaces, and that do not pause. Of rules that are off the
/// entries are skipped; of those that pause they are told why.
///
/// # Errors
/// When the relational store fails.
pub async fn due(db: &Db, now: Timestamp) -> Result<Vec<Due>, Problem> {
    let sql = "SELECT r.workspace_id, r.id, r.spec, r.deleted_at, t.reason, \
                 CASE WHEN t.paused_until > $1 AND t.paused_version = r.version THEN 1 ELSE 0 END AS pauses, \
                 CASE WHEN t.lease_until > $1 THEN 1 ELSE 0 END AS taken \
               FROM evaluation_rules r LEFT JOIN evaluation_turns t ON t.workspace_id = r.workspace_id AND t.rule_id = r.id \
               WHERE EXISTS (SELECT 1 FROM evaluation_queue q WHERE q.workspace_id = r.workspace_id AND q.rule_id = r.id \
                   AND q.state = 'ready' AND q.due_at <= $1) \
                 OR EXISTS (SELECT 1 FROM evaluation_queue q WHERE q.workspace_id = r.workspace_id AND q.rule_id = r.id \
                   AND q.state = 'leased' AND q.lease_until < $1) \
               ORDER BY r.workspace_id, r.id";
    let mut due = Vec::new();
    for row in db.query(sql, [now.into()]).await? {
        let spec: EvaluationRuleSpec = row.json("spec")?;
        if spec.evaluator != RuleEvaluator::Platform {
            continue;
        }
        let one = Due {
            workspace: row.text("workspace_id")?,
            rule: row.text("id")?,
        };
        if !spec.enabled || row.opt_int("deleted_at")?.is_some() {
            let sql = "UPDATE evaluation_queue SET state = 'skipped', reason = 'the rule is off', updated_at = $3 \
                       WHERE workspace_id = $1 AND rule_id = $2 AND state = 'ready'";
            let params: [Value; 3] = [one.workspace.into(), one.rule.into(), now.into()];
            db.execute(sql, params).await?;
        } else if row.int("pauses")? == 1 {
            tell(db, &one, row.opt_text("reason")?).await?;
        } else if row.int("taken")? == 0 {
            due.push(one);
        }
    }
    Ok(due)
}

/// Has what is ready say why it waits.
async fn tell(db: &Db, of: &Due, reason: Option<String>) -> Result<(), Problem> {
    let sql = "UPDATE evaluation_queue SET reason = $3 WHERE workspace_id = $1 AND rule_id = $2 AND state = 'ready' \
               AND (reason IS NULL OR reason <> $3)";
    let params: [Value; 3] = [
        of.workspace.as_str().into(),
        of.rule.as_str().into(),
        reason.unwrap_or_default().into(),
    ];
    db.execute(sql, params).await?;
    Ok(())
}

/// What the rules of a workspace have spent today, those that have spent something, by id; and why they pause, where they do.
///
/// # Errors
/// When the relational store fails.
pub async fn spent_today(
    db: &ScopedDb,
    now: Timestamp,
) -> Result<BTreeMap<String, (Spending, Option<String>)>, Problem> {
    let sql = "SELECT t.rule_id, t.day, t.cost_usd, t.judge_calls, t.calls, \
                 CASE WHEN t.paused_until > $2 AND t.paused_version = r.version THEN t.reason ELSE NULL END AS reason \
               FROM evaluation_turns t JOIN evaluation_rules r ON r.workspace_id = t.workspace_id AND r.id = t.rule_id \
               WHERE t.workspace_id = $1";
    let mut all = BTreeMap::new();
    for row in db.query(sql, [now.into()]).await? {
        let spent = if row.int("day")? == day(now) {
            spending(&row)?
        } else {
            Spending::default()
        };
        all.insert(row.text("rule_id")?, (spent, row.opt_text("reason")?));
    }
    Ok(all)
}

fn spending(row: &crate::db::Row) -> Result<Spending, Problem> {
    let count = |column: &str| row.int(column).map(|n| u64::try_from(n).unwrap_or(0));
    Ok(Spending {
        cost_usd: row.opt_real("cost_usd")?.unwrap_or(0.0),
        judge_calls: count("judge_calls")?,
        calls: count("calls")?,
    })
}

/// The day of a time, counted from the epoch.
const fn day(at: Timestamp) -> i64 {
    at.micros().div_euclid(DAY)
}

/// The beginning of the next day.
#[must_use]
pub const fn tomorrow(now: Timestamp) -> Timestamp {
    Timestamp::from_micros((day(now) + 1) * DAY)
}

/// One instance's turn to work for a rule.
pub struct Turn<'a> {
    db: &'a ScopedDb,
    rule: &'a str,
    /// Proves the lease.
    token: String,
    /// The day that it spends of.
    day: i64,
    /// The version of the rule by which it works.
    pub version: i64,
    /// What the rule says.
    pub spec: EvaluationRuleSpec,
    /// What was spent that day before.
    pub spent: Spending,
}

impl<'a> Turn<'a> {
    /// Takes the lease; `None` when another has it, or the rule is gone, off or not ours.
    ///
    /// # Errors
    /// When the relational store fails.
    pub async fn take(
        db: &'a ScopedDb,
        rule: &'a str,
        now: Timestamp,
    ) -> Result<Option<Self>, Problem> {
        let sql = "INSERT INTO evaluation_turns (workspace_id, rule_id, lease_until, day, cost_usd, judge_calls, calls, \
                   paused_until, paused_version) VALUES ($1, $2, 0, $3, 0, 0, 0, 0, 0) ON CONFLICT (workspace_id, rule_id) DO NOTHING";
        db.execute(sql, [rule.into(), day(now).into()]).await?;
        let token = new_id();
        let sql = "UPDATE evaluation_turns SET lease_token = $3, lease_until = $4, \
                   cost_usd = CASE WHEN day = $6 THEN cost_usd ELSE 0 END, \
                   judge_calls = CASE WHEN day = $6 THEN judge_calls ELSE 0 END, \
                   calls = CASE WHEN day = $6 THEN calls ELSE 0 END, day = $6 \
                   WHERE workspace_id = $1 AND rule_id = $2 AND lease_until <= $5 RETURNING cost_usd, judge_calls, calls";
        let params: [Value; 5] = [
            rule.into(),
            token.as_str().into(),
            now.plus_millis(LEASE_MS).into(),
            now.into(),
            day(now).into(),
        ];
        let Some(row) = db.first(sql, params).await? else {
            return Ok(None);
        };
        let spent = spending(&row)?;
        let sql = "SELECT spec, version FROM evaluation_rules WHERE workspace_id = $1 AND id = $2 AND deleted_at IS NULL";
        let found = db.first(sql, [rule.into()]).await?;
        let read = found.map(|row| Ok::<_, Problem>((row.json("spec")?, row.int("version")?)));
        let read: Option<(EvaluationRuleSpec, i64)> = read.transpose()?;
        let ours = read.filter(|(s, _)| s.enabled && s.evaluator == RuleEvaluator::Platform);
        let Some((spec, version)) = ours else {
            release(db, rule, &token).await?;
            return Ok(None);
        };
        Ok(Some(Self {
            db,
            rule,
            token,
            day: day(now),
            version,
            spec,
            spent,
        }))
    }

    /// Keeps the lease; false when it is lost.
    ///
    /// # Errors
    /// When the relational store fails.
    pub async fn renew(&self, now: Timestamp) -> Result<bool, Problem> {
        let sql = "UPDATE evaluation_turns SET lease_until = $4 WHERE workspace_id = $1 AND rule_id = $2 AND lease_token = $3";
        let params: [Value; 3] = [
            self.rule.into(),
            self.token.as_str().into(),
            now.plus_millis(LEASE_MS).into(),
        ];
        Ok(self.db.execute(sql, params).await? > 0)
    }

    /// Writes down that a call begins; false when the lease is lost, and it must not.
    ///
    /// # Errors
    /// When the relational store fails.
    pub async fn call_begins(&self) -> Result<bool, Problem> {
        let sql = "UPDATE evaluation_turns SET judge_calls = judge_calls + 1 \
                   WHERE workspace_id = $1 AND rule_id = $2 AND lease_token = $3 AND day = $4";
        let params: [Value; 3] = [
            self.rule.into(),
            self.token.as_str().into(),
            self.day.into(),
        ];
        Ok(self.db.execute(sql, params).await? > 0)
    }

    /// Writes down what a call cost. Also after the lease is lost: it was spent.
    ///
    /// # Errors
    /// When the relational store fails.
    pub async fn call_cost(&self, cost_usd: f64) -> Result<(), Problem> {
        let sql = "UPDATE evaluation_turns SET cost_usd = cost_usd + $3, calls = calls + 1 \
                   WHERE workspace_id = $1 AND rule_id = $2 AND day = $4";
        let params: [Value; 3] = [self.rule.into(), cost_usd.into(), self.day.into()];
        self.db.execute(sql, params).await?;
        Ok(())
    }

    /// Nothing of the rule is evaluated until then, unless somebody changes it; what is ready says why.
    ///
    /// # Errors
    /// When the relational store fails.
    pub async fn pause(&self, until: Timestamp, reason: &str) -> Result<(), Problem> {
        let sql = "UPDATE evaluation_turns SET paused_until = $3, paused_version = $4, reason = $5 \
                   WHERE workspace_id = $1 AND rule_id = $2";
        let params: [Value; 4] = [
            self.rule.into(),
            until.into(),
            self.version.into(),
            reason.into(),
        ];
        self.db.execute(sql, params).await?;
        let sql = "UPDATE evaluation_queue SET reason = $3 WHERE workspace_id = $1 AND rule_id = $2 AND state = 'ready'";
        self.db
            .execute(sql, [self.rule.into(), reason.into()])
            .await?;
        Ok(())
    }

    /// Gives the lease back.
    ///
    /// # Errors
    /// When the relational store fails; then it runs out.
    pub async fn release(&self) -> Result<(), Problem> {
        release(self.db, self.rule, &self.token).await
    }
}

async fn release(db: &ScopedDb, rule: &str, token: &str) -> Result<(), Problem> {
    let sql = "UPDATE evaluation_turns SET lease_token = NULL, lease_until = 0 \
               WHERE workspace_id = $1 AND rule_id = $2 AND lease_token = $3";
    db.execute(sql, [rule.into(), token.into()]).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_begin_at_midnight() {
        let at = |text: &str| Timestamp::parse(text).unwrap();
        let midnight = at("2026-11-30T00:00:00Z");
        assert_eq!(tomorrow(at("2026-11-29T00:00:00Z")), midnight);
        assert_eq!(tomorrow(at("2026-11-29T23:59:59.999999Z")), midnight);
        assert_eq!(
            tomorrow(at("1969-12-31T12:00:00Z")),
            at("1970-01-01T00:00:00Z")
        );
    }
}
