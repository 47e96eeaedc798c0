//! What a run is given, how it goes, and how it ends.

use super::channel::{InvalidWrite, Written};
use super::checkpoint::{CheckpointId, Fault, Interrupt, TaskWrite};
use super::definition::Goto;
use super::task::{Outcome, Questions, Task};
use super::{Name, START};
use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};

/// Runs nodes, and is told what comes of them.
#[allow(
    async_fn_in_trait,
    reason = "guests have one thread: no future need be sent to another"
)]
pub trait Executor {
    /// The tasks of a super-step that are to run, before the first of them does. One that has slow effects may begin with all of them here.
    async fn ahead(&mut self, _tasks: &[&Task]) {}

    /// Whether enough was done for now: the run comes back after this super-step, with [`Ended::More`] where there is more to do.
    fn is_enough(&self) -> bool {
        false
    }

    /// Runs a task. It is called again for the same task after a failure that may be tried again, and after a question was answered: then
    /// from the task's start.
    async fn run(&mut self, task: &Task, questions: &mut Questions) -> Outcome;

    /// Waits before another try. A pure driver only notes it.
    async fn wait(&mut self, _ms: u64) {}

    /// Chance, in `[0, 1)`.
    fn chance(&mut self) -> f64 {
        0.0
    }

    /// What a task wrote that is known by this key and not too old.
    async fn cached(&mut self, _key: &str) -> Option<Vec<TaskWrite>> {
        None
    }

    /// What a task wrote may be taken by this key for so long.
    async fn cache(&mut self, _key: &str, _writes: &[TaskWrite], _ms: u64) {}

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
    pub(super) fn has(&self, tasks: &[Task]) -> bool {
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
    /// Comes back after so many, with [`Ended::More`] where there is more to do.
    pub steps: Option<u32>,
    /// Stops before these run.
    pub stop_before: Stops,
    /// Stops after these have run.
    pub stop_after: Stops,
    /// Whether only the last checkpoint is kept: nothing of the run outlives a crash.
    pub at_exit_only: bool,
    /// Comes back with [`Ended::Waits`] where another try is due later, in place of waiting: what was tried is kept.
    pub waits_outside: bool,
    /// What checkpoints are found by, besides.
    pub metadata: Map<String, Value>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            at: None,
            recursion_limit: 25,
            steps: None,
            stop_before: Stops::None,
            stop_after: Stops::None,
            at_exit_only: false,
            waits_outside: false,
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
    /// It has done as much as it was to do.
    More,
    /// A task failed and is to be tried again after so many milliseconds.
    Waits(u64),
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
