//! The platform's own evaluator of traces as they come in: it takes what rules have picked, scores it as campaigns are scored, and
//! writes the scores onto the traces.
//!
//! One instance at a time works for a rule ([`Turn`]), with as many traces under way as the rule says. Entries are leased besides, so
//! that one whose turn was lost is taken up again; ids of scores are derived, so that it counts once.

mod conclude;
mod reviews;

use crate::allowance::{Allowance, Purse, Stop};
use crate::by::judges;
use crate::evaluate::score_all;
use assay_edge::db::ScopedDb;
use assay_edge::evaluation_queue::turns::{Due, LEASE_MS, Turn, due, tomorrow};
use assay_edge::evaluation_queue::{Claimed, Finished, Outcome, claim, finish, renew};
use assay_edge::traces::TraceStore;
use assay_edge::{Ctx, Platform, Problem, ProblemKind, Reply, clock, log_error, platform, reply};
use assay_graph::protocol::{EvaluateRequest, ModelSnapshot};
use assay_metrics::case_of_trace;
use assay_model::{Batch, RuleEvaluator};
use conclude::{Conclusion, WAITS, conclude, scores, shortened};
use futures::StreamExt as _;
use futures::future::{Either, select};
use futures::stream::FuturesUnordered;
use serde_json::json;
use std::pin::pin;

const COMPONENT: &str = "evaluator";
/// How long a turn takes new entries, in milliseconds; the next sweep goes on.
const TURN_MS: i64 = 60_000;
/// How often a lease is renewed, in milliseconds.
const RENEW_EVERY_MS: u64 = 15_000;
/// How long a rule is left alone whose judge is gone, or has no price, in milliseconds.
const MEND_MS: i64 = 300_000;

/// `POST /internal/online`: begins the turns that are due, and does not wait for them.
pub(crate) async fn turns(ctx: Ctx) -> Result<Reply, Problem> {
    let db = ctx.platform.db().await?;
    let all = due(&db, clock::now()).await?;
    let begun = all.len();
    for due in all {
        spin_sdk::wasip3::spawn(begin(due));
    }
    reply::ok(&json!({ "begun": begun }))
}

async fn begin(due: Due) {
    let done = async {
        let platform = platform().await?;
        let db = ScopedDb::for_internal(platform.db().await?, due.workspace.clone());
        let Some(turn) = Turn::take(&db, &due.rule, clock::now()).await? else {
            return Ok(());
        };
        let worked = work(&platform, &db, &due.rule, &turn).await;
        turn.release().await?;
        worked
    };
    let done: Result<(), Problem> = done.await;
    if let Err(problem) = done {
        let what = format!("rule {} of workspace {}", due.rule, due.workspace);
        log_error(COMPONENT, "", &what, &problem.to_string());
    }
}

/// Evaluates what is ready, until nothing is, the turn is over or the day's budget is spent.
async fn work(
    platform: &Platform,
    db: &ScopedDb,
    rule: &str,
    turn: &Turn<'_>,
) -> Result<(), Problem> {
    let spec = &turn.spec;
    let judged = spec.metrics.iter().any(|m| m.kind.needs_judge());
    let first = spec.judge_model_id.as_deref();
    let models = if judged {
        match judges(platform, db.workspace(), first, &spec.judging.panel).await {
            Ok(models) => models,
            Err(problem) if problem.kind() != ProblemKind::Validation => return Err(problem),
            Err(problem) => {
                let reason = shortened(&format!("its judge cannot be used: {problem}"));
                let until = clock::now().plus_millis(MEND_MS);
                return turn.pause(until, &reason).await;
            }
        }
    } else {
        Vec::new()
    };
    let allowance = Allowance::of(turn);
    let desk = Desk {
        platform,
        db,
        turn,
        models,
        allowance: judged.then_some(&allowance),
    };
    let begun = clock::now();
    let mut under_way = FuturesUnordered::new();
    let mut more = true;
    loop {
        let now = clock::now();
        let stopped = desk.allowance.and_then(Allowance::stopped);
        more &= stopped.is_none() && now < begun.plus_millis(TURN_MS);
        let free = (spec.at_once as usize).saturating_sub(under_way.len());
        if more && free > 0 {
            more = turn.renew(now).await?;
            let until = now.plus_millis(LEASE_MS);
            let (who, free) = (RuleEvaluator::Platform, free as u32);
            let taken = match more {
                true => claim(db, who, Some(rule), free, (now, until)).await?,
                false => Vec::new(),
            };
            more &= !taken.is_empty();
            for entry in taken {
                under_way.push(desk.evaluate(entry));
            }
        }
        match under_way.next().await {
            // Whatever went wrong with one, the others go on; the entry is taken up again when its lease runs out.
            Some(Err(problem)) => {
                let what = format!("a trace of rule {rule} could not be evaluated");
                log_error(COMPONENT, "", &what, &problem.to_string());
            }
            Some(Ok(())) => {}
            None if more => {}
            None => break,
        }
    }
    match desk.allowance.and_then(Allowance::stopped) {
        Some(stop @ Stop::Budget(_)) => turn.pause(tomorrow(begun), stop.reason()).await,
        Some(Stop::NoPrice) => {
            let until = clock::now().plus_millis(MEND_MS);
            turn.pause(until, Stop::NoPrice.reason()).await
        }
        Some(Stop::Lost) | None => Ok(()),
    }
}

/// Where the traces of a rule are evaluated.
struct Desk<'d> {
    platform: &'d Platform,
    db: &'d ScopedDb,
    turn: &'d Turn<'d>,
    models: Vec<ModelSnapshot>,
    /// Where there are judges.
    allowance: Option<&'d Allowance<'d>>,
}

impl Desk<'_> {
    /// Evaluates one, and says what became of it.
    async fn evaluate(&self, entry: Claimed) -> Result<(), Problem> {
        let scored = pin!(self.score(&entry));
        let lost = pin!(self.keep(&entry));
        match select(scored, lost).await {
            Either::Left((concluded, _)) => self.finish(&entry, concluded).await,
            // Another has it by now.
            Either::Right((problem, _)) => problem,
        }
    }

    /// Keeps an entry, and the turn, for as long as it takes; ends when one of them is lost.
    async fn keep(&self, entry: &Claimed) -> Result<(), Problem> {
        loop {
            clock::sleep(RENEW_EVERY_MS).await;
            let now = clock::now();
            let kept = self.turn.renew(now).await?
                && renew(self.db, entry, now, now.plus_millis(LEASE_MS)).await?;
            if !kept {
                return Ok(());
            }
        }
    }

    async fn finish(
        &self,
        entry: &Claimed,
        concluded: Result<Concluded, Problem>,
    ) -> Result<(), Problem> {
        let now = clock::now();
        let (conclusion, uncounted) = match concluded {
            Ok(Concluded::As(conclusion)) => (conclusion, false),
            Ok(Concluded::Waits(stop)) => {
                let conclusion = Conclusion {
                    outcome: Outcome::Retry,
                    reason: Some(stop.reason().to_owned()),
                    wait_ms: 0,
                };
                (conclusion, true)
            }
            // A store that is down, or a fault of ours: it is tried again, as often as any.
            Err(problem) => {
                let left = entry.attempts < i64::from(entry.rule.max_attempts);
                let conclusion = Conclusion {
                    outcome: if left {
                        Outcome::Retry
                    } else {
                        Outcome::Failed
                    },
                    reason: Some(shortened(&problem.to_string())),
                    wait_ms: WAITS.after(entry.attempts),
                };
                (conclusion, false)
            }
        };
        let finished = Finished {
            rule_id: entry.rule_id.clone(),
            trace_id: entry.trace_id.clone(),
            lease_token: entry.lease_token.clone(),
            outcome: conclusion.outcome,
            reason: conclusion.reason,
            due: now.plus_millis(match conclusion.outcome {
                Outcome::Retry => conclusion.wait_ms,
                Outcome::Done | Outcome::Failed => 0,
            }),
            uncounted,
        };
        finish(self.db, &[finished], now).await?;
        Ok(())
    }

    /// Scores a trace and writes the scores.
    async fn score(&self, entry: &Claimed) -> Result<Concluded, Problem> {
        let store = TraceStore::open(self.platform, self.db.workspace()).await?;
        let Some(found) = store.trace(&entry.trace_id).await? else {
            return Ok(Concluded::As(Conclusion {
                outcome: Outcome::Failed,
                reason: Some("the trace is not there".to_owned()),
                wait_ms: 0,
            }));
        };
        let observations: Vec<_> = found
            .observations
            .into_iter()
            .map(|o| o.observation)
            .collect();
        let trace = found.trace.trace;
        let request = EvaluateRequest {
            workspace_id: self.db.workspace().to_owned(),
            case: case_of_trace(&trace, &observations),
            metrics: entry.rule.metrics.clone(),
            judges: self.models.clone(),
            calibrations: None,
            judging: entry.rule.judging.clone(),
            seed: 0,
            recording: None,
        };
        drop(observations);
        let purse = self.allowance.map(Purse::of);
        let results = score_all(self.platform, &request, purse.as_ref()).await?;
        if let Some(stop) = purse.as_ref().and_then(Purse::refused) {
            return Ok(Concluded::Waits(stop));
        }
        let now = clock::now();
        // Who is late writes nothing: somebody else does.
        if !renew(self.db, entry, now, now.plus_millis(LEASE_MS)).await? {
            return Ok(Concluded::Waits(Stop::Lost));
        }
        let version = self.turn.version;
        let written = scores(entry, version, trace.environment.as_ref(), &results, now);
        let batch = Batch {
            scores: written,
            ..Batch::default()
        };
        store.write(&batch).await?;
        let max = entry.rule.max_attempts;
        let conclusion = conclude(&results, entry.attempts, max);
        // What is tried again is not over.
        if conclusion.outcome != Outcome::Retry {
            let workspace = self.db.workspace();
            reviews::put(self.platform, workspace, &entry.trace_id, &results, now).await?;
        }
        Ok(Concluded::As(conclusion))
    }
}

/// What came of an entry.
enum Concluded {
    As(Conclusion),
    /// Nothing yet, for want of budget.
    Waits(Stop),
}
