//! A task's turn: its tries, and graphs within the graph.

use super::call::{Ended, Executor, Input, Options, RunError};
use super::channel::Written;
use super::checkpoint::{Fault, Interrupt, TaskWrite};
use super::definition::{Goto, Graph};
use super::drive::{Invocation, Within};
use super::store::{Place, Store};
use super::task::{self, Outcome, Questions, Task, TaskInput, interrupt_id, invalid};
use super::{Name, START};
use serde_json::{Map, Value};

/// What came of a task's turn.
pub(crate) enum Turn {
    Done(Vec<TaskWrite>),
    Asks(Vec<Interrupt>),
    Failed(Fault),
    /// A graph within has stopped where it was to.
    Stopped,
    /// It is to be tried again after so many milliseconds.
    Waits(u64),
    ToParent(Vec<(Name, Written)>, Vec<Goto>),
}

impl<S: Store, X: Executor> Invocation<'_, S, X> {
    /// What a task has written before, unless it is to run again.
    pub(super) fn results_of(&self, task: &Name) -> Vec<TaskWrite> {
        if self.replays {
            return Vec::new();
        }
        let of = self.pending.iter().filter(|p| p.task == *task);
        of.map(|p| &p.write)
            .filter(|w| w.is_result())
            .cloned()
            .collect()
    }

    /// Why a task failed the last time, unless it is to run again.
    fn last_fault(&self, task: &Name) -> Option<&Fault> {
        if self.replays {
            return None;
        }
        self.pending.iter().find_map(|p| match &p.write {
            TaskWrite::Error(fault) if p.task == *task => Some(fault),
            _ => None,
        })
    }

    /// What a task has asked that it has no answer to, unless it is to run again.
    fn open_question(&self, task: &Name, answers: usize) -> Option<Interrupt> {
        if self.replays {
            return None;
        }
        self.pending.iter().find_map(|p| match &p.write {
            TaskWrite::Interrupt(asked) if p.task == *task && asked.asked == answers => {
                Some(asked.clone())
            }
            _ => None,
        })
    }

    /// Why a task failed for good, unless it is to run again.
    pub(super) fn fault_of(&self, task: &Name) -> Option<Fault> {
        self.last_fault(task).filter(|f| f.tries == 0).cloned()
    }

    /// One task, as often as its policy has it tried.
    pub(super) async fn task(&mut self, task: &Task) -> Result<Turn, RunError<S::Error>> {
        let cache_ms = self.graph.nodes.get(&task.name).and_then(|n| n.cache_ms);
        let key = cache_ms.map(|_| task.cache_key());
        let cached = match &key {
            Some(key) => self.executor.cached(key).await,
            None => None,
        };
        if let Some(writes) = cached {
            self.keep(&task.id, writes.clone()).await?;
            self.executor.ended(task, &writes, true);
            return Ok(Turn::Done(writes));
        }
        let policy = self.graph.retry_of(&task.name);
        let mut answers = task.answers.clone();
        let question = interrupt_id(&task.namespace, answers.len());
        answers.extend(self.answers.get(&question).cloned());
        // One that has asked and was not answered has nothing new to say, and its tries are over. A graph within knows itself.
        let is_graph = self
            .graph
            .nodes
            .get(&task.name)
            .is_some_and(|n| n.subgraph.is_some());
        if self.options.waits_outside
            && !is_graph
            && let Some(open) = self.open_question(&task.id, answers.len())
        {
            return Ok(Turn::Asks(vec![open]));
        }
        let answered = u32::try_from(answers.len()).unwrap_or(u32::MAX);
        let failed = self.last_fault(&task.id);
        let mut failures = failed
            .filter(|f| f.answers == answered)
            .map_or(0, |f| f.tries);
        loop {
            let mut questions = Questions::of(answers.clone());
            let outcome = self.attempt(task, &mut questions).await?;
            let resumed = match questions.answered() {
                [] => None,
                answered => Some(TaskWrite::Resume(answered.to_vec())),
            };
            let fault = match outcome {
                Turn::Done(mut writes) => {
                    if writes.is_empty() {
                        writes.push(TaskWrite::Nothing);
                    }
                    let mut all: Vec<TaskWrite> = resumed.into_iter().collect();
                    all.extend(writes.iter().cloned());
                    self.keep(&task.id, all).await?;
                    if let (Some(key), Some(ms)) = (&key, cache_ms) {
                        self.executor.cache(key, &writes, ms).await;
                    }
                    self.executor.ended(task, &writes, false);
                    return Ok(Turn::Done(writes));
                }
                Turn::Asks(interrupts) => {
                    let mut all: Vec<TaskWrite> = interrupts
                        .iter()
                        .cloned()
                        .map(TaskWrite::Interrupt)
                        .collect();
                    all.extend(resumed);
                    self.keep(&task.id, all).await?;
                    return Ok(Turn::Asks(interrupts));
                }
                Turn::Stopped | Turn::Waits(_) | Turn::ToParent(..) => return Ok(outcome),
                Turn::Failed(fault) => fault,
            };
            failures += 1;
            if !fault.retryable || failures >= policy.max_attempts {
                self.keep(&task.id, vec![TaskWrite::Error(fault.clone())])
                    .await?;
                return Ok(Turn::Failed(fault));
            }
            let chance = self.executor.chance();
            let ms = policy.wait_ms(failures, chance, fault.retry_after_ms);
            if self.options.waits_outside {
                let tried = Fault {
                    tries: failures,
                    answers: answered,
                    ..fault
                };
                let mut writes = vec![TaskWrite::Error(tried)];
                if answers.len() > task.answers.len() {
                    // It came with this call; the next one must have it as well.
                    writes.push(TaskWrite::Resume(answers));
                }
                self.keep(&task.id, writes).await?;
                return Ok(Turn::Waits(ms));
            }
            self.executor.wait(ms).await;
        }
    }

    pub(super) async fn attempt(
        &mut self,
        task: &Task,
        questions: &mut Questions,
    ) -> Result<Turn, RunError<S::Error>> {
        let outcome = if task.name.as_ref() == START {
            started(task)
        } else if let Some(subgraph) = self
            .graph
            .nodes
            .get(&task.name)
            .and_then(|n| n.subgraph.clone())
        {
            return self.within(task, &subgraph).await;
        } else {
            self.executor.run(task, questions).await
        };
        Ok(match outcome {
            Outcome::Done { update, goto } => self.wrote(task, update, goto),
            Outcome::ToParent { .. } if self.within.resumes.is_none() => Turn::Failed(Fault {
                kind: "InvalidGoto".into(),
                message: format!("`{}` leads out of a graph that is in no other", task.name),
                ..Fault::default()
            }),
            Outcome::ToParent { update, goto } => Turn::ToParent(update, goto),
            Outcome::Asks(value) => {
                let asked = questions.answered().len();
                Turn::Asks(vec![Interrupt {
                    id: interrupt_id(&task.namespace, asked),
                    value,
                    asked,
                }])
            }
            Outcome::Failed(fault) => Turn::Failed(fault),
        })
    }

    /// What a task that has ended comes to.
    fn wrote(&self, task: &Task, update: Vec<(Name, Written)>, goto: Vec<Goto>) -> Turn {
        match task::writes_of(&self.live, &task.name, update, goto) {
            Ok(writes) => Turn::Done(writes),
            Err(fault) => Turn::Failed(fault),
        }
    }

    /// A graph within this one. What it holds in the end is what the task writes.
    pub(super) async fn within(
        &mut self,
        task: &Task,
        subgraph: &Graph,
    ) -> Result<Turn, RunError<S::Error>> {
        let keeps = self
            .graph
            .nodes
            .get(&task.name)
            .is_some_and(|n| n.keeps_state);
        let place = Place {
            thread: self.place.thread.clone(),
            namespace: if keeps {
                task::namespace(&self.place.namespace, &task.name)
            } else {
                task.namespace.clone()
            },
        };
        let options = Options {
            at: None,
            steps: None,
            ..self.options.clone()
        };
        let mut parents = self.within.parents.clone();
        parents.insert(self.place.namespace.clone(), self.checkpoint.clone());
        let mut run = Invocation::load(
            subgraph,
            &mut *self.store,
            &mut *self.executor,
            place,
            &options,
        )
        .await?;
        if self.replays && run.stored {
            // What it did the last time is of another branch.
            run.forget();
        }
        // One that keeps its state and had ended is given the next input.
        let begun = run.live.has_begun() && !(keeps && run.due().is_empty());
        run.within = Within {
            resumes: Some(begun),
            parents,
        };
        run.answers.clone_from(&self.answers);
        let input = match task.input.to_value() {
            Value::Object(map) => {
                let known = |key: &str| subgraph.fields.contains(key);
                Input::Values(map.into_iter().filter(|(key, _)| known(key)).collect())
            }
            _ => Input::Values(Map::new()),
        };
        let input = if begun { Input::Nothing } else { input };
        // A graph within a graph within a graph is as deep as it is.
        let ended = match Box::pin(run.run(input)).await {
            Ok(ended) => ended,
            Err(RunError::Failed(_, fault)) => return Ok(Turn::Failed(fault)),
            Err(RunError::Invalid(error)) => return Ok(Turn::Failed(invalid(&error))),
            Err(error) => return Err(error),
        };
        let state = run.live.state();
        Ok(match ended {
            Ended::Done => {
                let update = state
                    .into_iter()
                    .map(|(k, v)| (k, Written::Value(v)))
                    .collect();
                self.wrote(task, update, Vec::new())
            }
            Ended::ToParent { update, goto } => self.wrote(task, update, goto),
            Ended::Asks(interrupts) => Turn::Asks(interrupts),
            Ended::Waits(ms) => Turn::Waits(ms),
            Ended::Stopped | Ended::More => Turn::Stopped,
        })
    }
}

/// The start writes what was put in.
fn started(task: &Task) -> Outcome {
    let update = match &task.input {
        TaskInput::Arg(Value::Object(map)) => map
            .iter()
            .map(|(key, value)| (Name::from(key.as_str()), Written::from(value.clone())))
            .collect(),
        _ => Vec::new(),
    };
    Outcome::Done {
        update,
        goto: Vec::new(),
    }
}
