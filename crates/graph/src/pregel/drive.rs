//! A run from its input to its end, or to where it stops.

use super::channel::{InvalidWrite, Written};
use super::checkpoint::{
    Checkpoint, CheckpointId, Fault, Interrupt, Metadata, NULL_TASK, Pending, Saved, Source,
    TaskWrite,
};
use super::definition::{Goto, Graph, trigger_of};
use super::live::{Live, Path, TaskWrites};
use super::store::{Place, Store};
use super::task::{
    self, Outcome, Questions, Task, TaskInput, interrupt_id, invalid, open_questions, outside,
};
use super::{END, Name, START};
use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};

/// Runs nodes, and is told what comes of them.
pub trait Executor {
    /// Runs a task. It is called again for the same task after a failure that may be tried again, and after a question was answered: then
    /// from the task's start.
    fn run(&mut self, task: &Task, questions: &mut Questions) -> Outcome;

    /// Waits before another try. A pure driver only notes it.
    fn wait(&mut self, _ms: u64) {}

    /// Chance, in `[0, 1)`.
    fn chance(&mut self) -> f64 {
        0.0
    }

    /// A task has ended, now or (`stored`) before.
    fn ended(&mut self, _task: &Task, _writes: &[TaskWrite], _stored: bool) {}
}

/// What a run is given.
#[derive(Debug, Clone, PartialEq)]
pub enum Input {
    /// Nothing: it goes on.
    Nothing,
    /// Values of fields of the state; a run that had ended begins anew on what there is.
    Values(Map<String, Value>),
    /// Words from outside.
    Command(Command),
}

/// Words from outside to a run that has begun.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Command {
    /// To the state.
    pub update: Vec<(Name, Written)>,
    /// To where it is to go.
    pub goto: Vec<Goto>,
    /// To its questions.
    pub resume: Option<Resume>,
}

/// Answers.
#[derive(Debug, Clone, PartialEq)]
pub enum Resume {
    /// To the only question.
    One(Value),
    /// By the ids of questions.
    Each(BTreeMap<String, Value>),
}

/// Nodes at which a run stops.
#[derive(Debug, Clone, Default, PartialEq)]
pub enum Stops {
    /// None.
    #[default]
    None,
    /// These.
    At(BTreeSet<Name>),
    /// All.
    All,
}

impl Stops {
    fn has(&self, tasks: &[Task]) -> bool {
        match self {
            Self::None => false,
            Self::At(names) => tasks.iter().any(|t| names.contains(&t.name)),
            Self::All => tasks.iter().any(|t| t.name.as_ref() != START),
        }
    }
}

/// How a run is to go.
#[derive(Debug, Clone)]
pub struct Options {
    /// Goes on from this checkpoint, not from the latest.
    pub at: Option<CheckpointId>,
    /// Most super-steps.
    pub recursion_limit: u32,
    /// Stops before these run.
    pub stop_before: Stops,
    /// Stops after these have run.
    pub stop_after: Stops,
    /// Whether only the last checkpoint is kept: nothing of the run outlives a crash.
    pub at_exit_only: bool,
    /// What checkpoints are found by, besides.
    pub metadata: Map<String, Value>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            at: None,
            recursion_limit: 25,
            stop_before: Stops::None,
            stop_after: Stops::None,
            at_exit_only: false,
            metadata: Map::new(),
        }
    }
}

/// How a run has ended for now.
#[derive(Debug, Clone, PartialEq)]
pub enum Ended {
    /// Nothing is left to do.
    Done,
    /// Somebody must answer.
    Asks(Vec<Interrupt>),
    /// It was to stop here.
    Stopped,
    /// A graph within a graph leads to nodes of the graph around it.
    ToParent {
        /// Words to that graph's state.
        update: Vec<(Name, Written)>,
        /// The nodes.
        goto: Vec<Goto>,
    },
}

/// Why a run has ended before its time. What it did until then is stored.
#[derive(Debug, thiserror::Error)]
pub enum RunError<E> {
    /// A run that has not begun needs an input.
    #[error("Received no input for {START}")]
    NoInput,
    /// Several questions are open, and one answer was given.
    #[error(
        "When there are multiple pending interrupts, you must specify the interrupt id when resuming."
    )]
    SeveralQuestions,
    /// More super-steps than were allowed.
    #[error("Recursion limit of {0} reached without hitting a stop condition.")]
    RecursionLimit(u32),
    /// The writes of a super-step do not go together.
    #[error(transparent)]
    Invalid(#[from] InvalidWrite),
    /// A task failed for good.
    #[error("{}", .1.message)]
    Failed(Name, Fault),
    /// There is no such checkpoint, node or field.
    #[error("{0}")]
    Unknown(String),
    /// The store's.
    #[error("the store: {0}")]
    Store(E),
}

/// A run that is going on.
pub struct Invocation<'r, S: Store, X: Executor> {
    graph: &'r Graph,
    store: &'r mut S,
    executor: &'r mut X,
    place: Place,
    options: &'r Options,
    live: Live<'r>,
    checkpoint: CheckpointId,
    stored: bool,
    parent: Option<CheckpointId>,
    before: BTreeMap<Name, u64>,
    metadata: Metadata,
    pending: Vec<Pending>,
    step: i64,
    replays: bool,
    /// Answers that came with this call, by question.
    answers: BTreeMap<String, Value>,
    /// The answer of the graph around this one, if nobody has taken it yet.
    spare: Option<Value>,
    within: Within,
}

/// Where a graph is within others.
#[derive(Debug, Clone, Default)]
struct Within {
    /// Whether the graph around goes on from where it was; `None` of the outermost.
    resumes: Option<bool>,
    parents: BTreeMap<String, CheckpointId>,
}

impl Graph {
    /// Runs the graph until it ends or stops.
    ///
    /// # Errors
    /// See [`RunError`]; a run that failed goes on with [`Input::Nothing`], from the last checkpoint, and tasks that had ended
    /// do not run again.
    pub fn invoke<S: Store, X: Executor>(
        &self,
        store: &mut S,
        executor: &mut X,
        place: &Place,
        input: Input,
        options: &Options,
    ) -> Result<Ended, RunError<S::Error>> {
        let mut run = Invocation::load(self, store, executor, place.clone(), options)?;
        run.run(input)
    }
}

impl<'r, S: Store, X: Executor> Invocation<'r, S, X> {
    fn load(
        graph: &'r Graph,
        store: &'r mut S,
        executor: &'r mut X,
        place: Place,
        options: &'r Options,
    ) -> Result<Self, RunError<S::Error>> {
        let saved = store
            .get(&place, options.at.as_deref())
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
            spare: None,
            within: Within::default(),
        })
    }

    /// Begins with nothing, whatever is stored.
    fn forget(&mut self) {
        self.live = Live::empty(self.graph);
        self.before.clear();
        self.checkpoint = Name::default();
        self.stored = false;
        self.parent = None;
        self.pending.clear();
        self.step = -1;
    }

    fn run(&mut self, input: Input) -> Result<Ended, RunError<S::Error>> {
        let stop = self.step + i64::from(self.options.recursion_limit) + 1;
        self.begin(input)?;
        let ended = self.steps(stop);
        if self.options.at_exit_only && !self.stored {
            // Also when it failed: what is there is worth keeping.
            self.put_now()?;
            self.put_pending()?;
        }
        ended
    }

    /// Takes the input.
    fn begin(&mut self, input: Input) -> Result<(), RunError<S::Error>> {
        let is_command = matches!(input, Input::Command(_));
        let answers = matches!(&input, Input::Command(c) if c.resume.is_some());
        let goes_on = !matches!(input, Input::Values(_));
        let resumes = self.live.has_begun() && self.within.resumes.unwrap_or(goes_on);
        let travels = self.replays && !(answers || self.within.resumes == Some(true));
        if travels {
            self.pending
                .retain(|p| !matches!(p.write, TaskWrite::Resume(_)));
        }
        let mut values = None;
        match input {
            Input::Nothing => {}
            Input::Values(map) => values = Some(map),
            Input::Command(command) => self.command(command)?,
        }
        let from_outside: Vec<TaskWrite> = outside(&self.pending).into_iter().cloned().collect();
        if !from_outside.is_empty() {
            self.live.apply(vec![TaskWrites {
                path: Path::Outside,
                name: START,
                triggers: &[],
                writes: from_outside.iter().collect(),
            }])?;
        }
        if resumes {
            self.live.go_on();
            let is_fork = matches!(self.metadata.source, Some(Source::Update | Source::Fork));
            if travels && !is_fork {
                self.pending
                    .retain(|p| !matches!(p.write, TaskWrite::Interrupt(_)));
                self.put(Source::Fork)?;
            }
        } else if let Some(values) = values {
            self.input(Value::Object(values))?;
        } else if self.within.resumes.is_none() && !(is_command && self.live.has_begun()) {
            return Err(RunError::NoInput);
        }
        Ok(())
    }

    fn command(&mut self, command: Command) -> Result<(), RunError<S::Error>> {
        let mut writes = Vec::new();
        for to in command.goto {
            match to {
                Goto::Node(node) if node.as_ref() == END => {}
                Goto::Node(node) => {
                    self.must_be_node(&node)?;
                    writes.push(TaskWrite::Channel(trigger_of(&node), Value::Null.into()));
                }
                Goto::Send(send) => {
                    self.must_be_node(&send.node)?;
                    writes.push(TaskWrite::Send(send));
                }
            }
        }
        let mut each = false;
        match command.resume {
            Some(Resume::Each(answers)) => {
                each = true;
                self.answers = answers;
            }
            Some(Resume::One(answer)) => {
                if open_questions(&self.pending).len() > 1 {
                    return Err(RunError::SeveralQuestions);
                }
                writes.push(TaskWrite::Resume(vec![answer]));
            }
            None => {}
        }
        for (field, written) in command.update {
            if !self.graph.fields.contains(&field) {
                return Err(RunError::Unknown(format!("there is no field `{field}`")));
            }
            writes.push(TaskWrite::Channel(field, written));
        }
        if writes.is_empty() && !each {
            return Err(RunError::NoInput);
        }
        if !writes.is_empty() {
            if !self.live.has_begun() {
                return Err(RunError::NoInput);
            }
            self.keep(&NULL_TASK.into(), writes)?;
        }
        Ok(())
    }

    fn must_be_node(&self, node: &Name) -> Result<(), RunError<S::Error>> {
        if self.graph.nodes.contains_key(node) {
            return Ok(());
        }
        Err(RunError::Unknown(format!("there is no node `{node}`")))
    }

    /// Puts values in at the start. Tasks that had not ended are let go.
    fn input(&mut self, values: Value) -> Result<(), RunError<S::Error>> {
        let due = self.due();
        let write = TaskWrite::Channel(START.into(), values.into());
        let mut tasks: Vec<TaskWrites<'_>> = due.iter().map(|t| of(t, Vec::new())).collect();
        tasks.push(TaskWrites {
            path: Path::Outside,
            name: "__input__",
            triggers: &[],
            writes: vec![&write],
        });
        self.live.apply(tasks)?;
        self.pending.clear();
        self.put(Source::Input)
    }

    fn due(&self) -> Vec<Task> {
        task::due(
            &self.live,
            &self.checkpoint,
            self.step,
            &self.place.namespace,
            &self.pending,
        )
    }

    fn steps(&mut self, stop: i64) -> Result<Ended, RunError<S::Error>> {
        loop {
            if self.step > stop {
                return Err(RunError::RecursionLimit(self.options.recursion_limit));
            }
            let tasks = self.due();
            if tasks.is_empty() {
                return Ok(Ended::Done);
            }
            if self.options.stop_before.has(&tasks) && self.live.changed_since_stop() {
                return Ok(Ended::Stopped);
            }
            if let Some(ended) = self.step(&tasks)? {
                return Ok(ended);
            }
            if self.options.stop_after.has(&tasks) && self.live.changed_since_stop() {
                return Ok(Ended::Stopped);
            }
        }
    }

    /// One super-step. Every task has its turn, whatever becomes of the others.
    fn step(&mut self, tasks: &[Task]) -> Result<Option<Ended>, RunError<S::Error>> {
        let mut results: Vec<Vec<TaskWrite>> = Vec::with_capacity(tasks.len());
        for task in tasks {
            let stored: Vec<TaskWrite> = if self.replays {
                Vec::new()
            } else {
                let of = self.pending.iter().filter(|p| p.task == task.id);
                of.map(|p| &p.write)
                    .filter(|w| w.is_result())
                    .cloned()
                    .collect()
            };
            if !stored.is_empty() {
                self.executor.ended(task, &stored, true);
            }
            results.push(stored);
        }
        let (mut failed, mut asks, mut to_parent) = (None, Vec::new(), None);
        for (task, result) in tasks.iter().zip(&mut results) {
            if !result.is_empty() {
                continue;
            }
            match self.task(task)? {
                Turn::Done(writes) => *result = writes,
                Turn::Asks(interrupts) => asks.extend(interrupts),
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
        if !asks.is_empty() {
            return Ok(Some(Ended::Asks(asks)));
        }
        let done = tasks.iter().zip(&results);
        self.live.apply(
            done.map(|(t, writes)| of(t, writes.iter().collect()))
                .collect(),
        )?;
        self.pending.clear();
        self.replays = false;
        self.put(Source::Loop)?;
        Ok(None)
    }

    /// One task, as often as its policy has it tried.
    fn task(&mut self, task: &Task) -> Result<Turn, RunError<S::Error>> {
        let policy = self.graph.retry_of(&task.name);
        let question = interrupt_id(&task.namespace);
        let mut answers = task.answers.clone();
        answers.extend(self.answers.get(&question).cloned());
        let spare = self.spare().cloned();
        let mut failures = 0;
        loop {
            let mut questions = Questions::of(answers.clone(), spare.clone());
            let outcome = self.attempt(task, &mut questions)?;
            if questions.used_spare {
                self.take_spare();
            }
            let resumed = questions.answers().map(|a| TaskWrite::Resume(a.to_vec()));
            let fault = match outcome {
                Turn::Done(mut writes) => {
                    if writes.is_empty() {
                        writes.push(TaskWrite::Nothing);
                    }
                    let mut all: Vec<TaskWrite> = resumed.into_iter().collect();
                    all.extend(writes.iter().cloned());
                    self.keep(&task.id, all)?;
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
                    self.keep(&task.id, all)?;
                    return Ok(Turn::Asks(interrupts));
                }
                Turn::ToParent(..) => return Ok(outcome),
                Turn::Failed(fault) => fault,
            };
            failures += 1;
            if !fault.retryable || failures >= policy.max_attempts {
                self.keep(&task.id, vec![TaskWrite::Error(fault.clone())])?;
                return Ok(Turn::Failed(fault));
            }
            let chance = self.executor.chance();
            self.executor.wait(policy.wait_ms(failures, chance));
        }
    }

    fn attempt(
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
            return self.within(task, &subgraph, questions);
        } else {
            self.executor.run(task, questions)
        };
        Ok(match outcome {
            Outcome::Done { update, goto } => {
                match task::writes_of(&self.live, &task.name, update, goto) {
                    Ok(writes) => Turn::Done(writes),
                    Err(fault) => Turn::Failed(fault),
                }
            }
            Outcome::ToParent { .. } if self.within.resumes.is_none() => Turn::Failed(Fault {
                kind: "InvalidGoto".into(),
                message: format!("`{}` leads out of a graph that is in no other", task.name),
                retryable: false,
            }),
            Outcome::ToParent { update, goto } => Turn::ToParent(update, goto),
            Outcome::Asks(value) => Turn::Asks(vec![Interrupt {
                id: interrupt_id(&task.namespace),
                value,
            }]),
            Outcome::Failed(fault) => Turn::Failed(fault),
        })
    }

    /// A graph within this one. What it holds in the end is what the task writes.
    fn within(
        &mut self,
        task: &Task,
        subgraph: &Graph,
        questions: &mut Questions,
    ) -> Result<Turn, RunError<S::Error>> {
        let place = Place {
            thread: self.place.thread.clone(),
            namespace: task.namespace.clone(),
        };
        let options = Options {
            at: None,
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
        )?;
        if self.replays && run.stored {
            // What it did the last time is of another branch.
            run.forget();
        }
        let begun = run.live.has_begun();
        run.within = Within {
            resumes: Some(begun),
            parents,
        };
        run.answers.clone_from(&self.answers);
        run.spare = questions.spare().cloned();
        let had_spare = run.spare.is_some();
        let input = match task.input.to_value() {
            Value::Object(map) => {
                let known = |key: &str| subgraph.fields.contains(key);
                Input::Values(map.into_iter().filter(|(key, _)| known(key)).collect())
            }
            _ => Input::Values(Map::new()),
        };
        let ended = match run.run(if begun { Input::Nothing } else { input }) {
            Ok(ended) => ended,
            Err(RunError::Failed(_, fault)) => return Ok(Turn::Failed(fault)),
            Err(RunError::Invalid(error)) => return Ok(Turn::Failed(invalid(&error))),
            Err(error) => return Err(error),
        };
        let state = run.live.state();
        questions.used_spare |= had_spare && run.spare.is_none();
        Ok(match ended {
            Ended::Done => {
                let update = state
                    .into_iter()
                    .map(|(k, v)| (k, Written::Value(v)))
                    .collect();
                match task::writes_of(&self.live, &task.name, update, Vec::new()) {
                    Ok(writes) => Turn::Done(writes),
                    Err(fault) => Turn::Failed(fault),
                }
            }
            Ended::ToParent { update, goto } => {
                match task::writes_of(&self.live, &task.name, update, goto) {
                    Ok(writes) => Turn::Done(writes),
                    Err(fault) => Turn::Failed(fault),
                }
            }
            Ended::Asks(interrupts) => Turn::Asks(interrupts),
            Ended::Stopped => Turn::Asks(Vec::new()),
        })
    }

    /// The answer that came for whichever task asks first.
    fn spare(&self) -> Option<&Value> {
        let own = self.pending.iter().find_map(|p| match &p.write {
            TaskWrite::Resume(answers) if p.task.as_ref() == NULL_TASK => answers.first(),
            _ => None,
        });
        own.or(self.spare.as_ref())
    }

    fn take_spare(&mut self) {
        let before = self.pending.len();
        self.pending
            .retain(|p| p.task.as_ref() != NULL_TASK || !matches!(p.write, TaskWrite::Resume(_)));
        if self.pending.len() == before {
            self.spare = None;
        }
    }

    /// Keeps what a task has done.
    fn keep(&mut self, task: &Name, writes: Vec<TaskWrite>) -> Result<(), RunError<S::Error>> {
        if !self.options.at_exit_only {
            self.store
                .put_writes(&self.place, &self.checkpoint, task, &writes)
                .map_err(RunError::Store)?;
        }
        task::put_writes(&mut self.pending, task, &writes);
        Ok(())
    }

    /// Ends a super-step: another checkpoint.
    fn put(&mut self, source: Source) -> Result<(), RunError<S::Error>> {
        let id = if self.options.at_exit_only && !self.stored && !self.checkpoint.is_empty() {
            self.checkpoint.clone()
        } else {
            self.store.next_id(&self.place).map_err(RunError::Store)?
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
            self.put_now()?;
        }
        self.step += 1;
        Ok(())
    }

    fn put_now(&mut self) -> Result<(), RunError<S::Error>> {
        let checkpoint = self.live.checkpoint(self.checkpoint.clone());
        let changed = checkpoint
            .versions
            .iter()
            .filter(|(name, version)| self.before.get(*name) != Some(version))
            .map(|(name, _)| name.clone())
            .collect();
        self.store
            .put(
                &self.place,
                &checkpoint,
                &self.metadata,
                self.parent.as_ref(),
                &changed,
            )
            .map_err(RunError::Store)?;
        self.before = checkpoint.versions;
        self.stored = true;
        Ok(())
    }

    /// Keeps what tasks have done since the last checkpoint, where it was not kept at once.
    fn put_pending(&mut self) -> Result<(), RunError<S::Error>> {
        let tasks: BTreeSet<Name> = self.pending.iter().map(|p| p.task.clone()).collect();
        for task in tasks {
            let of = self.pending.iter().filter(|p| p.task == task);
            let writes: Vec<TaskWrite> = of.map(|p| p.write.clone()).collect();
            self.store
                .put_writes(&self.place, &self.checkpoint, &task, &writes)
                .map_err(RunError::Store)?;
        }
        Ok(())
    }
}

/// What came of a task's turn.
enum Turn {
    Done(Vec<TaskWrite>),
    Asks(Vec<Interrupt>),
    Failed(Fault),
    ToParent(Vec<(Name, Written)>, Vec<Goto>),
}

fn of<'t>(task: &'t Task, writes: Vec<&'t TaskWrite>) -> TaskWrites<'t> {
    TaskWrites {
        path: task.path.clone(),
        name: &task.name,
        triggers: &task.triggers,
        writes,
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
