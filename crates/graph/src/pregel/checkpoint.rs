//! What is kept between two super-steps.

use super::channel::Written;
use super::{Name, Shared};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};

/// Names a checkpoint. Of two ids of one thread the greater is the later one, in the order of texts.
pub type CheckpointId = Name;

/// Why a checkpoint was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// Something was put in.
    Input,
    /// A super-step ended.
    Loop,
    /// Somebody edited the state.
    Update,
    /// A run went on from an older checkpoint.
    Fork,
}

/// The channels at the end of a super-step.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Checkpoint {
    /// Its name.
    pub id: CheckpointId,
    /// What channels hold that hold something.
    pub values: BTreeMap<Name, Shared>,
    /// How often the graph had changed when a channel changed last.
    pub versions: BTreeMap<Name, u64>,
    /// What version of each of its triggers a node has run on, by node.
    pub seen: BTreeMap<Name, BTreeMap<Name, u64>>,
}

impl Checkpoint {
    /// The channels that are not as they were at these versions.
    pub(crate) fn changed_since(&self, before: &BTreeMap<Name, u64>) -> BTreeSet<Name> {
        let versions = self.versions.iter();
        versions
            .filter(|(name, version)| before.get(*name) != Some(version))
            .map(|(name, _)| name.clone())
            .collect()
    }
}

/// What is known of a checkpoint.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Metadata {
    /// Why it was made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<Source>,
    /// The number of the super-step: -1 of the first input, 0 of the step that reads it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub step: Option<i64>,
    /// Of a subgraph: the checkpoints of the graphs around it, by namespace.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub parents: BTreeMap<String, CheckpointId>,
    /// What else its maker wants to find it by, `run_id` for one.
    #[serde(flatten)]
    pub more: Map<String, Value>,
}

/// What a task has done, before its super-step ends.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Pending {
    /// The task; [`NULL_TASK`] for what came from outside.
    pub task: Name,
    /// What.
    pub write: TaskWrite,
}

/// The task of what came from outside of all tasks.
pub const NULL_TASK: &str = "00000000-0000-0000-0000-000000000000";

/// One thing that a task has done.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TaskWrite {
    /// It wrote to a channel.
    Channel(Name, Written),
    /// It sent for another task.
    Send(Send),
    /// It has ended and had nothing to say.
    Nothing,
    /// It failed.
    Error(Fault),
    /// It asked something.
    Interrupt(Interrupt),
    /// What it was answered, one after the other.
    Resume(Vec<Value>),
}

impl TaskWrite {
    /// Whether it is a result, so that the task need not run again.
    pub(crate) const fn is_result(&self) -> bool {
        matches!(self, Self::Channel(..) | Self::Send(_) | Self::Nothing)
    }
}

/// A node that is to run on a value of its own in the next super-step.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Send {
    /// The node.
    pub node: Name,
    /// What it reads in place of the state.
    pub arg: Value,
}

/// A question of a task to whoever is outside.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Interrupt {
    /// By which it is answered where there are several.
    pub id: String,
    /// What is asked.
    pub value: Value,
    /// How many questions of the task were answered before.
    #[serde(default)]
    pub asked: usize,
}

/// Why a task failed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fault {
    /// What kind of failure.
    pub kind: String,
    /// For a person.
    pub message: String,
    /// Whether another try may succeed.
    pub retryable: bool,
    /// How long the other side asked to wait before another try, in milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_after_ms: Option<u64>,
    /// Tries that have failed where another one is due; 0 of a failure that is final.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub tries: u32,
    /// Of one that is not final: how many answers the task had. With another one its tries begin anew.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub answers: u32,
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde's signature")]
const fn is_zero(n: &u32) -> bool {
    *n == 0
}

/// A checkpoint as a store has it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Saved {
    /// The checkpoint.
    pub checkpoint: Checkpoint,
    /// What is known of it.
    pub metadata: Metadata,
    /// The one that it was made from.
    pub parent: Option<CheckpointId>,
    /// What tasks have done since, in the order in which it was stored.
    pub pending: Vec<Pending>,
}
