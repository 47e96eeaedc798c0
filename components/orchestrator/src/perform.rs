//! Runs the tasks of a run's graph: asks the scenario what each needs, has it done, and notes what was seen.

use crate::campaign::Campaign;
use crate::effects::{call_of, perform};
use crate::observe::{self, Seen};
use crate::recordings;
use crate::room::Room;
use crate::run_rows::{Lease, RunRow};
use crate::spend;
use crate::target_pace::Target;
use assay_edge::db::Db;
use assay_edge::kv::Kv;
use assay_edge::{Platform, Problem, clock, random_bytes};
use assay_graph::budget::Cap;
use assay_graph::live::LiveCall;
use assay_graph::pregel::{Executor, Name, Outcome, Questions, Task};
use assay_graph::protocol::AgentSnapshot;
use assay_model::{Batch, Recording, Timestamp};
use assay_scenario::events::Noted;
use assay_scenario::{Act, Did, Play, State, fault};
use futures::future::join_all;
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::cell::Cell;
use std::collections::BTreeMap;

/// Whoever runs tasks in one invocation.
pub(crate) struct Performer<'s> {
    room: &'s Room,
    platform: &'s Platform,
    db: &'s Db,
    campaign: &'s Campaign,
    agent: &'s AgentSnapshot,
    play: &'s Play,
    lease: &'s Lease,
    row: &'s RunRow,
    /// The bound of the campaign that a call could pass: then nothing of this step counts.
    pub(crate) capped: Cell<Option<Cap>>,
    /// What was done before its task runs.
    ahead: BTreeMap<Name, Done>,
    /// Whether something outside was done: then the rest is for the next invocation.
    busy: bool,
    /// A fault of ours: then nothing of this step counts.
    pub(crate) problem: Option<Problem>,
    /// What was seen.
    pub(crate) batch: Batch,
    /// What was done outside, for the run's record.
    pub(crate) noted: Vec<Noted>,
}

/// What came of a task's act, and when. Kept where several are under way, so that a crash repeats none that has ended.
#[derive(Clone, Serialize, Deserialize)]
struct Done {
    did: Did,
    started: Timestamp,
    ended: Timestamp,
}

impl<'s> Performer<'s> {
    pub(crate) fn new(
        room: &'s Room,
        platform: &'s Platform,
        db: &'s Db,
        campaign: &'s Campaign,
        agent: &'s AgentSnapshot,
        play: &'s Play,
        lease: &'s Lease,
        row: &'s RunRow,
    ) -> Self {
        Self {
            room,
            platform,
            db,
            campaign,
            agent,
            play,
            lease,
            row,
            capped: Cell::new(None),
            ahead: BTreeMap::new(),
            busy: false,
            problem: None,
            batch: Batch::default(),
            noted: Vec::new(),
        }
    }

    /// Where the calls of a task are written down, or read from. A task's id is the same in each run of the same course, and a
    /// task that is taken again writes over what it wrote before, so that what is left is what counted. A fork has tasks with ids
    /// of the run it comes from, whose recording it must leave alone.
    fn recording(&self, task: &Task) -> Option<Recording> {
        let snapshot = &self.campaign.snapshot;
        let campaign = match (&snapshot.replay_of, snapshot.record && !self.row.forked) {
            (Some(earlier), _) => earlier,
            (None, true) => &self.lease.campaign_id,
            (None, false) => return None,
        };
        let (lease, row) = (self.lease, self.row);
        let place = json!([
            lease.workspace_id,
            campaign,
            row.item_key,
            row.agent,
            row.persona_id,
            row.repetition,
            task.id
        ]);
        Some(Recording {
            replays: snapshot.replay_of.is_some(),
            place: place.to_string(),
            run_id: lease.run_id.clone(),
        })
    }

    /// What whoever looks on knows a task's answer by; where the agent does not stream there is nothing to look at before it is there.
    fn live(&self, task: &Task) -> Option<LiveCall> {
        self.agent.spec.stream.then(|| LiveCall {
            workspace_id: self.lease.workspace_id.clone(),
            campaign_id: self.lease.campaign_id.clone(),
            task: task.id.to_string(),
            step: self.lease.seq,
        })
    }

    /// Has it done, and leaves its room to others meanwhile.
    async fn done(&self, task: &Task, act: Act) -> Result<Option<Done>, Problem> {
        self.room.leave();
        let done = self.done_outside(task, act).await;
        self.room.enter_again().await;
        done
    }

    async fn done_outside(&self, task: &Task, act: Act) -> Result<Option<Done>, Problem> {
        // A program costs nothing that a budget counts.
        if self.campaign.bounded
            && !matches!(act, Act::Run { .. })
            && let Some(cap) = spend::cap(self.db, self.lease, &act).await?
        {
            self.capped.set(Some(cap));
            return Ok(None);
        }
        let target = Target::of(self.campaign, &self.lease.workspace_id, &self.agent.id);
        let calls_target = matches!(act, Act::Target { .. });
        if calls_target {
            target.wait(self.db).await?;
        }
        let recording = self.recording(task);
        if let Some(recording) = recording.as_ref().filter(|r| !r.replays) {
            recordings::note(
                self.db,
                self.lease,
                &self.campaign.snapshot,
                recording,
                &act,
            )
            .await?;
        }
        let started = clock::now();
        let did = perform(
            self.platform,
            &self.campaign.snapshot,
            self.agent,
            self.lease,
            recording,
            self.live(task),
            act,
        )
        .await?;
        let ended = clock::now();
        if let Some(did) = &did {
            if calls_target {
                target.heard(self.db, did).await?;
            }
            if self.campaign.bounded {
                spend::add(self.db, self.lease, did).await?;
            }
        }
        Ok(did.map(|did| Done {
            did,
            started,
            ended,
        }))
    }

    /// As [`Self::done`], unless it was done before.
    async fn done_once(&self, task: &Task, act: Act) -> Result<Option<Done>, Problem> {
        let key = format!("run/{}/did/{}", self.lease.run_id, task.id);
        let kv = Kv::open().await?;
        if let Some(done) = kv.get(&key).await? {
            return Ok(Some(done));
        }
        let done = self.done(task, act).await?;
        // What failed may be tried again.
        if let Some(done) = done.as_ref().filter(|d| !failed(&d.did)) {
            kv.set(&key, done).await?;
        }
        Ok(done)
    }

    /// Notes what a task has done.
    fn see(&mut self, task: &Task, outcome: &Outcome, done: Option<&Done>) {
        let now = clock::now();
        let call = done.and_then(|d| call_of(&d.did));
        if let Some(done) = done {
            let noted = Noted::call(&task.id, done.started, done.ended, call.as_ref());
            self.noted.push(noted);
        }
        let seen = Seen {
            task,
            part: self.play.part(&task.name),
            outcome,
            did: done.map(|d| &d.did),
            state: &State::of(&task.input),
            times: done.map_or((now, now), |d| (d.started, d.ended)),
            call,
        };
        let batch = observe::seen(self.lease, self.agent, &seen);
        self.batch.observations.extend(batch.observations);
        self.batch.scores.extend(batch.scores);
    }
}

fn failed(did: &Did) -> bool {
    use assay_graph::protocol::{FetchResponse, TargetResponse, UserTurnResponse};
    matches!(
        did,
        Did::User(UserTurnResponse::Failed(_))
            | Did::Target(TargetResponse::Failed(_))
            | Did::Fetched(FetchResponse::Failed(_))
    )
}

impl Executor for Performer<'_> {
    async fn ahead(&mut self, tasks: &[&Task]) {
        // What a task asks of outside does not depend on what people have answered it.
        let acts = tasks.iter().map(|task| {
            let act = self.play.act(task, &mut Questions::default());
            (*task, act)
        });
        let outside: Vec<(&Task, Act)> = acts
            .filter(|(_, act)| !matches!(act, Act::Done(_)))
            .collect();
        if outside.len() < 2 {
            return;
        }
        let all = outside
            .into_iter()
            .map(|(task, act)| async { (task.id.clone(), self.done_once(task, act).await) });
        for (task, done) in join_all(all).await {
            match done {
                Ok(Some(done)) => {
                    self.ahead.insert(task, done);
                }
                Ok(None) => {}
                Err(problem) => self.problem = Some(problem),
            }
        }
    }

    fn is_enough(&self) -> bool {
        self.busy
    }

    async fn run(&mut self, task: &Task, questions: &mut Questions) -> Outcome {
        let act = self.play.act(task, questions);
        if let Act::Done(outcome) = act {
            self.see(task, &outcome, None);
            return outcome;
        }
        let done = match self.ahead.remove(&task.id) {
            Some(done) => Ok(Some(done)),
            None => self.done(task, act).await,
        };
        self.busy = true;
        match done {
            Ok(Some(done)) => {
                let outcome = self.play.outcome(task, done.did.clone());
                self.see(task, &outcome, Some(&done));
                outcome
            }
            Ok(None) => Outcome::Done {
                update: Vec::new(),
                goto: Vec::new(),
            },
            Err(problem) => {
                self.problem = Some(problem);
                Outcome::Failed(fault(
                    assay_model::RunErrorKind::Internal,
                    "a fault of the platform",
                ))
            }
        }
    }

    fn chance(&mut self) -> f64 {
        random_bytes::<1>().map_or(0.5, |[b]| f64::from(b) / 256.0)
    }
}
