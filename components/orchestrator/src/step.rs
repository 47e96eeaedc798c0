//! One step of a run.
//!
//! Answer 202, then: read the run's newest record, run its graph until something outside was done, write observations and the
//! next record, advance the row, invoke the next step. A crash anywhere before the row advances repeats the step from the same
//! record; after it, the sweep invokes the next one. A record's key holds the lease's token, so that a step which lost its lease
//! cannot overwrite the winner's.

use crate::campaign::{self, Campaign};
use crate::observe;
use crate::perform::Performer;
use crate::pump;
use crate::records::{self, Hot};
use crate::reviews;
use crate::room::Room;
use crate::run_rows::{self, Asked, Lease, Moved, RunRow};
use crate::spend;
use assay_edge::db::Db;
use assay_edge::traces::TraceStore;
use assay_edge::{Ctx, Platform, Problem, Reply, clock, forward, log_error, parse_json, reply};
use assay_graph::budget::Cap;
use assay_graph::pregel::{
    Command, Ended, Fault, Input, Interrupt, Options, Place, Resume, RunError as GraphError,
    Store as _,
};
use assay_graph::protocol::AgentSnapshot;
use assay_model::{
    Batch, ItemOutcome, MetricStatus, Role, RunError, RunErrorKind, RunStatus, Timestamp,
};
use assay_scenario::events::Noted;
use assay_scenario::{State, Waits, beginning, compile, fault, next_time};
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, HashSet};

/// Lost leases after which a run is given up: something kills whoever works on it.
const MAX_RECOVERIES: i64 = 25;
/// How much longer than needed a lease is made, so that a run of quick steps needs one. A lost run waits as much longer.
const LEASE_HEADROOM_MS: i64 = 20_000;
/// Super-steps of one invocation that need nobody.
pub(crate) const STEPS: u32 = 64;
/// The longest wait that an invocation sits out; a longer one is left to the sweep, in milliseconds.
const SIT_OUT_MS: i64 = 30_000;

pub(crate) async fn step(mut ctx: Ctx) -> Result<Reply, Problem> {
    let body = ctx.bytes(64 << 10).await?;
    let lease: Lease = parse_json(&body)?;
    let platform = ctx.platform.clone();
    spin_sdk::wasip3::spawn(async move {
        if let Err(e) = take(&platform, &lease).await {
            log_error(
                "orchestrator",
                &lease.run_id,
                "a step failed and will be taken again",
                &e.to_string(),
            );
            // Best effort: without it the lease runs out by itself.
            if let Ok(db) = platform.db().await {
                let _ = run_rows::release(&db, &lease, clock::now().plus_millis(1000)).await;
            }
        }
    });
    Ok(reply::accepted())
}

/// Everything a step knows.
struct Step<'s> {
    room: &'s Room,
    platform: &'s Platform,
    db: &'s Db,
    lease: &'s Lease,
    campaign: &'s Campaign,
    run: Hot,
    batch: Batch,
    /// The bound of the campaign that the next call could pass.
    capped: Option<Cap>,
}

/// What follows a step.
enum Then {
    /// The next one, after so many milliseconds.
    GoesOn(u64),
    /// Nothing by itself.
    Rests,
}

async fn take(platform: &Platform, lease: &Lease) -> Result<(), Problem> {
    let room = Room::enter().await;
    // Boxed, so that who waits for room has none for it.
    Box::pin(take_within(&room, platform, lease)).await
}

async fn take_within(room: &Room, platform: &Platform, lease: &Lease) -> Result<(), Problem> {
    let db = platform.db().await?;
    let campaign = campaign::of(&db, lease).await?;
    // What waited is told by its row, not by memory.
    let known = lease.checkpoint.as_deref().filter(|_| !lease.resumes);
    let run = match known.and_then(records::recall) {
        Some(run) => run,
        None => match load(&db, lease, &campaign).await? {
            Some(run) => run,
            None => return Ok(()),
        },
    };
    let mut step = Step {
        room,
        platform,
        db: &db,
        lease,
        campaign: &campaign,
        run,
        batch: Batch::default(),
        capped: None,
    };
    if lease.recoveries > MAX_RECOVERIES {
        let message = format!("given up: the step was lost {} times", lease.recoveries);
        let error = fault(RunErrorKind::Internal, message);
        return Box::pin(step.finish(Some(error))).await;
    }
    let ended = step.play().await?;
    if let Some(cap) = step.capped {
        // What was done so far needed nobody: it is done again.
        let (workspace, id) = (&lease.workspace_id, &lease.campaign_id);
        spend::pause(&db, workspace, id, Some(cap.reason())).await?;
        return Ok(run_rows::stop(&db, lease).await?);
    }
    // Boxed, or the run would have room for all of it while it waits for an answer.
    match ended {
        Ok(Ended::Done) => Box::pin(step.finish(None)).await,
        Ok(Ended::Asks(questions)) => Box::pin(step.park(questions)).await,
        Ok(Ended::Waits(ms)) => Box::pin(step.go_on(ms)).await,
        Ok(Ended::More | Ended::Stopped | Ended::ToParent { .. }) => Box::pin(step.go_on(0)).await,
        Err(fault) => Box::pin(step.finish(Some(fault))).await,
    }
}

/// The run as its row and its records have it; `None` when the lease is lost.
async fn load(db: &Db, lease: &Lease, campaign: &Campaign) -> Result<Option<Hot>, Problem> {
    let Some(row) = run_rows::load(db, lease).await? else {
        return Ok(None);
    };
    let play = compile(campaign.course(&lease.run_id, &row));
    Ok(Some(Hot {
        journal: records::resume(lease.checkpoint.as_deref()).await?,
        play: play.map_err(|e| fault(RunErrorKind::Scenario, e.to_string())),
        row,
    }))
}

impl Step<'_> {
    /// Runs the graph until something outside was done.
    async fn play(&mut self) -> Result<Result<Ended, Fault>, Problem> {
        if self.lease.seq == 0 {
            self.batch = observe::begin(
                self.lease,
                &self.run.row,
                self.campaign.agent(self.run.row.agent)?,
            );
        }
        let place = Place::of(&self.lease.run_id);
        let newest = self.run.journal.get(&place, None).await?;
        let resumes = self.lease.resumes.then(|| self.answers());
        let Hot { journal, row, play } = &mut self.run;
        let play = match play {
            Ok(play) => play,
            Err(fault) => return Ok(Err(fault.clone())),
        };
        let input = match (&newest, resumes) {
            (None, _) => Input::Values(beginning(&row.item.item, &play.variables)),
            (Some(_), Some(answers)) => answers,
            (Some(_), None) => Input::Nothing,
        };
        let taken = newest.and_then(|s| s.metadata.step).unwrap_or(0);
        let taken = u32::try_from(taken).unwrap_or(0);
        let mut metadata = Map::new();
        metadata.insert("at".into(), json!(clock::now()));
        let options = Options {
            // The bound is on the whole run, and each invocation counts from where it begins.
            recursion_limit: play.max_steps.saturating_sub(taken),
            steps: Some(STEPS),
            waits_outside: true,
            metadata,
            ..Options::default()
        };
        let mut performer = Performer::new(
            self.room,
            (self.platform, self.db),
            self.campaign,
            self.campaign.agent(row.agent)?,
            play,
            self.lease,
            row,
        );
        let ended = play
            .graph
            .invoke(journal, &mut performer, &place, input, &options)
            .await;
        if let Some(problem) = performer.problem.take() {
            return Err(problem);
        }
        self.capped = performer.capped.get();
        for noted in &performer.noted {
            journal.note(json!(noted));
        }
        self.batch
            .observations
            .append(&mut performer.batch.observations);
        self.batch.scores.append(&mut performer.batch.scores);
        Ok(match ended {
            Ok(ended) => Ok(ended),
            Err(GraphError::Store(problem)) => return Err(problem),
            Err(GraphError::Failed(_, fault)) => Err(fault),
            Err(GraphError::RecursionLimit(_)) => {
                let message = format!(
                    "the scenario went on for more than {} steps",
                    play.max_steps
                );
                Err(fault(RunErrorKind::Scenario, message))
            }
            Err(error) => Err(fault(RunErrorKind::Scenario, error.to_string())),
        })
    }

    /// What the run was answered: by people, and by time.
    fn answers(&self) -> Input {
        let now = clock::now();
        let mut answers: BTreeMap<String, Value> = self.run.row.answers.clone();
        for asked in &self.run.row.waits {
            if asked.due.is_some_and(|due| due <= now) {
                answers.insert(asked.id.clone(), json!(now));
            }
        }
        if answers.is_empty() {
            return Input::Nothing;
        }
        Input::Command(Command {
            resume: Some(Resume::Each(answers)),
            ..Command::default()
        })
    }

    /// Writes observations and record; their order is free, since neither counts before the row has advanced. The first step
    /// names the trace, the others add to it. What follows is noted, so that whoever looks on knows what is under way.
    async fn keep(&mut self, then: Then) -> Result<String, Problem> {
        let (goes_on, waits_ms) = match then {
            Then::Rests => (false, None),
            Then::GoesOn(0) => (true, None),
            Then::GoesOn(ms) => (true, Some(ms)),
        };
        let written = Noted::Written {
            at: clock::now(),
            goes_on,
            waits_ms,
        };
        self.run.journal.note(json!(written));
        self.room.store().await;
        let traces = TraceStore::open(self.platform, &self.lease.workspace_id).await?;
        let key = records::key(&self.lease.run_id, self.lease.seq + 1, &self.lease.token);
        let batch = &self.batch;
        let observed = async {
            if batch.traces.is_empty() {
                traces.append(batch).await
            } else {
                traces.write(batch).await
            }
        };
        let ((), key) = futures::try_join!(observed, records::write(&mut self.run.journal, key))?;
        forward::queue(
            self.platform,
            &self.lease.workspace_id,
            &self.batch,
            &HashSet::new(),
        )
        .await;
        Ok(key)
    }

    /// The next step follows, after so many milliseconds.
    async fn go_on(mut self, wait_ms: u64) -> Result<(), Problem> {
        let key = self.keep(Then::GoesOn(wait_ms)).await?;
        let longest = self.campaign.longest_effect_ms(&self.run.row.item);
        let needed = clock::now().plus_millis(longest.saturating_add_unsigned(wait_ms));
        let until = match self.lease.until {
            Some(held) if held >= needed => None,
            _ => Some(needed.plus_millis(LEASE_HEADROOM_MS)),
        };
        if run_rows::advance(self.db, self.lease, &key, until).await? != Moved::On {
            return Ok(());
        }
        let room = self.room;
        records::remember(self.run);
        if wait_ms > 0 {
            room.leave();
            clock::sleep(wait_ms).await;
        }
        let next = Lease {
            seq: self.lease.seq + 1,
            checkpoint: Some(key),
            until: until.or(self.lease.until),
            resumes: false,
            ..self.lease.clone()
        };
        pump::hand_on(self.platform, self.db, &next).await;
        Ok(())
    }

    /// The run waits for answers.
    async fn park(mut self, questions: Vec<Interrupt>) -> Result<(), Problem> {
        let now = clock::now();
        let mut waits = Vec::with_capacity(questions.len());
        for question in questions {
            let known = self.run.row.waits.iter().find(|w| w.id == question.id);
            let asked: Waits = serde_json::from_value(question.value).map_err(Problem::internal)?;
            let due = match known {
                // It has been waiting since before.
                Some(known) => known.due,
                None => match due(&asked, now) {
                    Ok(due) => due,
                    Err(message) => {
                        let error = fault(RunErrorKind::Scenario, message);
                        return self.finish(Some(error)).await;
                    }
                },
            };
            waits.push(Asked {
                id: question.id,
                waits: asked,
                due,
            });
        }
        let key = self.keep(Then::Rests).await?;
        if !run_rows::park(self.db, self.lease, &key, &waits).await? {
            return Ok(());
        }
        // Whoever waits for a person leaves its place to another run.
        self.pump().await?;
        let soon = waits.iter().filter_map(|w| w.due).min();
        let soon = soon.map(|due| due.micros().saturating_sub(now.micros()) / 1000);
        if let Some(ms) = soon.filter(|ms| *ms <= SIT_OUT_MS) {
            clock::sleep(u64::try_from(ms).unwrap_or(0).saturating_add(1)).await;
            pump::wake(
                self.platform,
                self.db,
                &self.lease.workspace_id,
                &self.lease.run_id,
            )
            .await?;
        }
        Ok(())
    }

    async fn pump(&self) -> Result<(), Problem> {
        pump::pump(
            self.platform,
            self.db,
            &self.lease.workspace_id,
            &self.lease.campaign_id,
        )
        .await
        .map(|_| ())
    }

    /// The run has ended.
    async fn finish(mut self, error: Option<Fault>) -> Result<(), Problem> {
        let now = clock::now();
        let newest = self
            .run
            .journal
            .get(&Place::of(&self.lease.run_id), None)
            .await?;
        let state = newest.map_or_else(State::default, |s| State::of_values(&s.checkpoint.values));
        let agent = self.campaign.agent(self.run.row.agent)?;
        let outcome = outcome(self.lease, &self.run.row, agent, &state, error);
        let end = observe::end(self.lease, &self.run.row, agent, &outcome, &state, now);
        self.batch.traces = end.traces;
        self.batch.observations.extend(end.observations);
        let key = self.keep(Then::Rests).await?;
        let also = reviews::statements(self.db, self.lease, &outcome, now).await?;
        if run_rows::finish(self.db, self.lease, &key, &outcome, now, also).await? {
            self.pump().await?;
        }
        Ok(())
    }
}

/// When time answers what is waited for; `None` for people.
fn due(waits: &Waits, now: Timestamp) -> Result<Option<Timestamp>, String> {
    Ok(match waits {
        Waits::Timer {
            cron: Some(cron), ..
        } => Some(Timestamp::from_micros(next_time(
            cron,
            "UTC",
            now.micros(),
        )?)),
        Waits::Timer { seconds, .. } => {
            let ms = seconds.unwrap_or(0.0).max(0.0) * 1000.0;
            Some(now.plus_millis(ms as i64))
        }
        Waits::Person { .. } | Waits::UserTurn { .. } | Waits::Webhook { .. } => None,
    })
}

fn outcome(
    lease: &Lease,
    row: &RunRow,
    agent: &AgentSnapshot,
    state: &State,
    error: Option<Fault>,
) -> ItemOutcome {
    let status = match error {
        Some(_) => RunStatus::Error,
        None => state.status(),
    };
    let text = |role| state.last(role).map(|m| m.content.to_string());
    ItemOutcome {
        run_id: lease.run_id.clone(),
        trace_id: lease.run_id.clone(),
        item_key: row.item_key.clone(),
        repetition: row.repetition,
        agent_id: Some(agent.id.clone()),
        agent_version: Some(agent.version),
        persona_id: row.persona_id.clone(),
        carried_from: None,
        status,
        input: text(Role::User),
        output: text(Role::Assistant),
        expected_output: row
            .item
            .item
            .expected_output
            .as_ref()
            .map(ToString::to_string),
        turns: state.user_turns,
        scores: state.verdicts().into_iter().cloned().collect(),
        error: error
            .map(|fault| RunError {
                kind: serde_json::from_value(json!(fault.kind)).unwrap_or(RunErrorKind::Internal),
                message: fault.message,
            })
            .or_else(|| metric_error(state, status)),
        latency_ms: state.latency_ms,
        cost_usd: state.cost_usd(),
        usage: state.usage(),
    }
}

/// A run that ended in error through its metrics says through which.
fn metric_error(state: &State, status: RunStatus) -> Option<RunError> {
    if status != RunStatus::Error {
        return None;
    }
    let verdicts = state.verdicts();
    let broken = verdicts.iter().find(|s| s.status == MetricStatus::Error);
    let message = broken.map_or_else(
        || "no metric applies to this item".to_owned(),
        |s| format!("metric `{}` could not be computed: {}", s.name, s.reason),
    );
    Some(RunError {
        kind: RunErrorKind::Metric,
        message,
    })
}
