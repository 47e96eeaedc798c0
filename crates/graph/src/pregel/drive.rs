//! A run from its input to its end, or to where it stops.

use super::Name;
use super::call::{Ended, Executor, Input, Options, RunError};
use super::checkpoint::{Checkpoint, CheckpointId, Metadata, Pending, Saved, Source, TaskWrite};
use super::definition::Graph;
use super::live::{Live, TaskWrites};
use super::store::{Place, Store};
use super::task::{self, Task};
use super::turn::Turn;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// A run that is going on.
pub(super) struct Invocation<'r, S: Store, X: Executor> {
    pub(super) graph: &'r Graph,
    pub(super) store: &'r mut S,
    pub(super) executor: &'r mut X,
    pub(super) place: Place,
    pub(super) options: &'r Options,
    pub(super) live: Live<'r>,
    pub(super) checkpoint: CheckpointId,
    pub(super) stored: bool,
    pub(super) parent: Option<CheckpointId>,
    pub(super) before: BTreeMap<Name, u64>,
    pub(super) metadata: Metadata,
    pub(super) pending: Vec<Pending>,
    pub(super) step: i64,
    pub(super) replays: bool,
    /// Answers that came with this call, by question.
    pub(super) answers: BTreeMap<String, Value>,
    pub(super) within: Within,
}

/// Where a graph is within others.
#[derive(Debug, Clone, Default)]
pub(super) struct Within {
    /// Whether the graph around goes on from where it was; `None` of the outermost.
    pub(super) resumes: Option<bool>,
    pub(super) parents: BTreeMap<String, CheckpointId>,
}

impl Graph {
    /// Runs the graph until it ends or stops.
    ///
    /// # Errors
    /// See [`RunError`]; a run that failed goes on with [`Input::Nothing`], from the last checkpoint, and tasks that had ended
    /// do not run again.
    pub async fn invoke<S: Store, X: Executor>(
        &self,
        store: &mut S,
        executor: &mut X,
        place: &Place,
        input: Input,
        options: &Options,
    ) -> Result<Ended, RunError<S::Error>> {
        let mut run = Invocation::load(self, store, executor, place.clone(), options).await?;
        run.run(input).await
    }
}

impl<'r, S: Store, X: Executor> Invocation<'r, S, X> {
    pub(super) async fn load(
        graph: &'r Graph,
        store: &'r mut S,
        executor: &'r mut X,
        place: Place,
        options: &'r Options,
    ) -> Result<Self, RunError<S::Error>> {
        let saved = store
            .get(&place, options.at.as_deref())
            .await
            .map_err(RunError::Store)?;
        if let (None, Some(at)) = (&saved, &options.at) {
            return Err(RunError::Unknown(format!("there is no checkpoint {at}")));
        }
        let (live, saved) = match saved {
            Some(saved) => (Live::of(graph, &saved.checkpoint), Some(saved)),
            None => (Live::empty(graph), None),
        };
        let stored = saved.is_some();
        let Saved {
            checkpoint,
            metadata,
            parent,
            pending,
        } = saved.unwrap_or_else(|| Saved {
            checkpoint: Checkpoint {
                id: Name::default(),
                values: BTreeMap::new(),
                versions: BTreeMap::new(),
                seen: BTreeMap::new(),
            },
            metadata: Metadata {
                step: Some(-2),
                ..Metadata::default()
            },
            parent: None,
            pending: Vec::new(),
        });
        Ok(Self {
            graph,
            store,
            executor,
            place,
            options,
            live,
            before: checkpoint.versions,
            checkpoint: checkpoint.id,
            stored,
            parent,
            step: metadata.step.unwrap_or(-1) + 1,
            metadata,
            pending,
            replays: options.at.is_some(),
            answers: BTreeMap::new(),
            within: Within::default(),
        })
    }

    /// Begins with nothing, whatever is stored.
    pub(super) fn forget(&mut self) {
        self.live = Live::empty(self.graph);
        self.before.clear();
        self.checkpoint = Name::default();
        self.stored = false;
        self.parent = None;
        self.pending.clear();
        self.step = -1;
    }

    pub(super) async fn run(&mut self, input: Input) -> Result<Ended, RunError<S::Error>> {
        let stop = self.step + i64::from(self.options.recursion_limit) + 1;
        self.begin(input).await?;
        let ended = self.steps(stop).await;
        if self.options.at_exit_only && !self.stored {
            // Also when it failed: what is there is worth keeping.
            self.put_now().await?;
            self.put_pending().await?;
        }
        ended
    }

    pub(super) fn due(&self) -> Vec<Task> {
        task::due(
            &self.live,
            &self.checkpoint,
            self.step,
            &self.place.namespace,
            &self.pending,
        )
    }

    pub(super) async fn steps(&mut self, stop: i64) -> Result<Ended, RunError<S::Error>> {
        let mut left = self.options.steps;
        loop {
            if self.step > stop {
                return Err(RunError::RecursionLimit(self.options.recursion_limit));
            }
            let tasks = self.due();
            if tasks.is_empty() {
                return Ok(Ended::Done);
            }
            let outermost = self.within.resumes.is_none();
            if left == Some(0) || (outermost && self.executor.is_enough()) {
                return Ok(Ended::More);
            }
            left = left.map(|steps| steps - 1);
            if self.options.stop_before.has(&tasks) && self.live.changed_since_stop() {
                return Ok(Ended::Stopped);
            }
            if let Some(ended) = self.step(&tasks).await? {
                return Ok(ended);
            }
            if self.options.stop_after.has(&tasks) && self.live.changed_since_stop() {
                return Ok(Ended::Stopped);
            }
        }
    }

    /// One super-step. Every task has its turn, whatever becomes of the others.
    pub(super) async fn step(
        &mut self,
        tasks: &[Task],
    ) -> Result<Option<Ended>, RunError<S::Error>> {
        let mut results: Vec<Vec<TaskWrite>> = Vec::with_capacity(tasks.len());
        for task in tasks {
            let stored = self.results_of(&task.id);
            if !stored.is_empty() {
                self.executor.ended(task, &stored, true);
            }
            results.push(stored);
        }
        let to_run: Vec<&Task> = tasks
            .iter()
            .zip(&results)
            .filter(|(_, result)| result.is_empty())
            .map(|(task, _)| task)
            .collect();
        self.executor.ahead(&to_run).await;
        let (mut failed, mut asks, mut to_parent) = (None, Vec::new(), None);
        let mut stopped = false;
        let mut wait: Option<u64> = None;
        let mut handlers: Vec<(Task, Vec<TaskWrite>)> = Vec::new();
        for (task, result) in tasks.iter().zip(&mut results) {
            if !result.is_empty() {
                continue;
            }
            match self.turn(task, &mut handlers).await? {
                Turn::Done(writes) => *result = writes,
                Turn::Asks(interrupts) => asks.extend(interrupts),
                Turn::Stopped => stopped = true,
                Turn::Waits(ms) => wait = Some(wait.map_or(ms, |least| least.min(ms))),
                Turn::Failed(fault) => failed = failed.or(Some((task.name.clone(), fault))),
                Turn::ToParent(update, goto) => to_parent = Some(Ended::ToParent { update, goto }),
            }
        }
        if let Some((name, fault)) = failed {
            return Err(RunError::Failed(name, fault));
        }
        if to_parent.is_some() {
            return Ok(to_parent);
        }
        if let Some(ms) = wait {
            return Ok(Some(Ended::Waits(ms)));
        }
        if !asks.is_empty() {
            return Ok(Some(Ended::Asks(asks)));
        }
        if stopped {
            return Ok(Some(Ended::Stopped));
        }
        let handled = handlers.iter().map(|(task, writes)| (task, writes));
        let done = tasks.iter().zip(&results).chain(handled);
        self.live.apply(
            done.map(|(t, writes)| of(t, writes.iter().collect()))
                .collect(),
        )?;
        self.pending.clear();
        self.replays = false;
        self.put(Source::Loop).await?;
        Ok(None)
    }

    /// A task's turn. Where it fails and its node names a handler, that one has its turn in its place; what it has done goes to
    /// `handlers`, and the task itself has done nothing then.
    async fn turn(
        &mut self,
        task: &Task,
        handlers: &mut Vec<(Task, Vec<TaskWrite>)>,
    ) -> Result<Turn, RunError<S::Error>> {
        let node = self.graph.nodes.get(&task.name);
        let Some(handler) = node.and_then(|n| n.on_error.clone()) else {
            return self.task(task).await;
        };
        let turn = match self.fault_of(&task.id) {
            Some(fault) => Turn::Failed(fault),
            None => self.task(task).await?,
        };
        let Turn::Failed(fault) = turn else {
            return Ok(turn);
        };
        let handler = task.handler(&self.live, &handler, &fault, &self.place.namespace);
        let handler = handler.answered(&self.pending);
        let stored = self.results_of(&handler.id);
        let turn = if stored.is_empty() {
            self.task(&handler).await?
        } else {
            self.executor.ended(&handler, &stored, true);
            Turn::Done(stored)
        };
        Ok(match turn {
            Turn::Done(writes) => {
                handlers.push((handler, writes));
                Turn::Done(vec![TaskWrite::Nothing])
            }
            turn => turn,
        })
    }

    /// Keeps what a task has done.
    pub(super) async fn keep(
        &mut self,
        task: &Name,
        writes: Vec<TaskWrite>,
    ) -> Result<(), RunError<S::Error>> {
        if !self.options.at_exit_only {
            self.store
                .put_writes(&self.place, &self.checkpoint, task, &writes)
                .await
                .map_err(RunError::Store)?;
        }
        task::put_writes(&mut self.pending, task, &writes);
        Ok(())
    }

    /// Ends a super-step: another checkpoint.
    pub(super) async fn put(&mut self, source: Source) -> Result<(), RunError<S::Error>> {
        let id = if self.options.at_exit_only && !self.stored && !self.checkpoint.is_empty() {
            self.checkpoint.clone()
        } else {
            self.store
                .next_id(&self.place)
                .await
                .map_err(RunError::Store)?
        };
        if self.stored {
            self.parent = Some(std::mem::replace(&mut self.checkpoint, id));
        } else {
            self.checkpoint = id;
        }
        self.metadata = Metadata {
            source: Some(source),
            step: Some(self.step),
            parents: self.within.parents.clone(),
            more: self.options.metadata.clone(),
        };
        self.stored = false;
        if !self.options.at_exit_only {
            self.put_now().await?;
        }
        self.step += 1;
        Ok(())
    }

    pub(super) async fn put_now(&mut self) -> Result<(), RunError<S::Error>> {
        let checkpoint = self.live.checkpoint(self.checkpoint.clone());
        let changed = checkpoint.changed_since(&self.before);
        self.store
            .put(
                &self.place,
                &checkpoint,
                &self.metadata,
                self.parent.as_ref(),
                &changed,
            )
            .await
            .map_err(RunError::Store)?;
        self.before = checkpoint.versions;
        self.stored = true;
        Ok(())
    }

    /// Keeps what tasks have done since the last checkpoint, where it was not kept at once.
    pub(super) async fn put_pending(&mut self) -> Result<(), RunError<S::Error>> {
        let tasks: BTreeSet<Name> = self.pending.iter().map(|p| p.task.clone()).collect();
        for task in tasks {
            let of = self.pending.iter().filter(|p| p.task == task);
            let writes: Vec<TaskWrite> = of.map(|p| p.write.clone()).collect();
            self.store
                .put_writes(&self.place, &self.checkpoint, &task, &writes)
                .await
                .map_err(RunError::Store)?;
        }
        Ok(())
    }
}

pub(super) fn of<'t>(task: &'t Task, writes: Vec<&'t TaskWrite>) -> TaskWrites<'t> {
    TaskWrites {
        path: task.path.clone(),
        name: &task.name,
        triggers: &task.triggers,
        writes,
    }
}
