//! What was, and what somebody wants it to have been.

use super::call::RunError;
use super::channel::Written;
use super::checkpoint::{CheckpointId, Fault, Interrupt, Metadata, Saved, Source, TaskWrite};
use super::definition::Graph;
use super::live::{Live, Path, TaskWrites};
use super::store::{Place, Store};
use super::task::{self, writes_of};
use super::{END, INTERRUPT, Name, START, Shared};
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// A run as it was at a checkpoint.
#[derive(Debug, Clone, PartialEq)]
pub struct Snapshot {
    /// The checkpoint.
    pub id: CheckpointId,
    /// The one that it was made from.
    pub parent: Option<CheckpointId>,
    /// What is known of it.
    pub metadata: Metadata,
    /// Fields of the state that hold something.
    pub values: BTreeMap<Name, Shared>,
    /// The nodes that were to run; where what they have done is shown, those that have not ended.
    pub next: Vec<Name>,
    /// What is known of their tasks.
    pub tasks: Vec<TaskState>,
}

/// A task of the super-step after a checkpoint.
#[derive(Debug, Clone, PartialEq)]
pub struct TaskState {
    /// Its id.
    pub id: Name,
    /// Its node.
    pub name: Name,
    /// Where it comes from.
    pub path: Path,
    /// Why it failed last.
    pub error: Option<Fault>,
    /// What it asked.
    pub interrupts: Vec<Interrupt>,
    /// What it wrote to the state, if it has ended.
    pub result: Option<Value>,
}

/// An edit of a state, as if a node had written it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Edit {
    /// The writes; `None` with the node [`END`] lets go of all that was to run.
    pub values: Option<Vec<(Name, Written)>>,
    /// The node; that which ran last where none is named.
    pub as_node: Option<Name>,
}

impl Graph {
    /// A run as it was at a checkpoint. With `pending` what tasks have done since counts as done.
    ///
    /// # Errors
    /// What those tasks wrote does not go together.
    pub fn snapshot(&self, saved: &Saved, pending: bool) -> Result<Snapshot, super::InvalidWrite> {
        let mut live = Live::of(self, &saved.checkpoint);
        let step = saved.metadata.step.unwrap_or(-1) + 1;
        let due = task::due(&live, &saved.checkpoint.id, step, "", &saved.pending);
        live.hear(&saved.pending)?;
        let written = |id: &Name| -> Vec<&TaskWrite> {
            let of = saved.pending.iter().filter(|p| p.task == *id);
            of.map(|p| &p.write).filter(|w| w.is_result()).collect()
        };
        let mut next = Vec::new();
        let mut ended = Vec::new();
        for task in &due {
            let writes = written(&task.id);
            if writes.is_empty() || !pending {
                next.push(task.name.clone());
            } else {
                ended.push(TaskWrites {
                    path: task.path.clone(),
                    name: &task.name,
                    triggers: &task.triggers,
                    writes,
                });
            }
        }
        if !ended.is_empty() {
            live.apply(ended)?;
        }
        let tasks = due.iter().map(|task| {
            let of = || {
                saved
                    .pending
                    .iter()
                    .filter(|p| p.task == task.id)
                    .map(|p| &p.write)
            };
            TaskState {
                id: task.id.clone(),
                name: task.name.clone(),
                path: task.path.clone(),
                error: of().find_map(|w| match w {
                    TaskWrite::Error(fault) => Some(fault.clone()),
                    _ => None,
                }),
                interrupts: of()
                    .filter_map(|w| match w {
                        TaskWrite::Interrupt(interrupt) => Some(interrupt.clone()),
                        _ => None,
                    })
                    .collect(),
                result: of().any(TaskWrite::is_result).then(|| self.result(of())),
            }
        });
        Ok(Snapshot {
            id: saved.checkpoint.id.clone(),
            parent: saved.parent.clone(),
            metadata: saved.metadata.clone(),
            tasks: tasks.collect(),
            values: live.state(),
            next,
        })
    }

    /// The tasks of the super-step after a checkpoint, as the engine runs them.
    #[must_use]
    pub fn due(&self, saved: &Saved) -> Vec<super::Task> {
        let live = Live::of(self, &saved.checkpoint);
        let step = saved.metadata.step.unwrap_or(-1) + 1;
        task::due(&live, &saved.checkpoint.id, step, "", &saved.pending)
    }

    /// What a task wrote to the state; several writes to one field as `{"$writes": [...]}`.
    fn result<'w>(&self, writes: impl Iterator<Item = &'w TaskWrite>) -> Value {
        let mut by_field: Map<String, Value> = Map::new();
        let mut several = BTreeSet::new();
        for write in writes {
            let TaskWrite::Channel(field, Written::Value(value) | Written::Overwrite(value)) =
                write
            else {
                continue;
            };
            if !self.fields.contains(field) {
                continue;
            }
            let value = value.as_ref().clone();
            match by_field.get_mut(field.as_ref()) {
                None => {
                    by_field.insert(field.to_string(), value);
                }
                Some(there) if several.contains(field) => {
                    if let Some(Value::Array(all)) = there.get_mut("$writes") {
                        all.push(value);
                    }
                }
                Some(there) => {
                    *there = json!({"$writes": [there.take(), value]});
                    several.insert(field.clone());
                }
            }
        }
        Value::Object(by_field)
    }

    /// Edits a state: another checkpoint, made from the one of that id or from the latest. What tasks of that one have done is not
    /// carried over. Several edits are one super-step, and each names its node.
    ///
    /// # Errors
    /// [`RunError::Unknown`] where it is not clear whose edit it is; what the node's edges or the channels refuse; the store's.
    pub async fn edit<S: Store>(
        &self,
        store: &mut S,
        place: &Place,
        at: Option<&str>,
        edits: Vec<Edit>,
    ) -> Result<CheckpointId, RunError<S::Error>> {
        let saved = store.get(place, at).await.map_err(RunError::Store)?;
        if saved.is_none() && at.is_some() {
            return Err(RunError::Unknown("there is no such checkpoint".into()));
        }
        let mut live = saved
            .as_ref()
            .map_or_else(|| Live::empty(self), |s| Live::of(self, &s.checkpoint));
        let nothing: &[super::Pending] = &[];
        let pending = saved.as_ref().map_or(nothing, |s| &s.pending);
        let base = saved.as_ref().map(|s| s.checkpoint.id.clone());
        let step = saved.as_ref().map_or(-1, |s| s.metadata.step.unwrap_or(-1));
        let name = base.clone().unwrap_or_default();
        let due = task::due(&live, &name, step + 1, &place.namespace, pending);
        let mut source = Source::Update;
        match edits.as_slice() {
            [
                Edit {
                    values: None,
                    as_node: Some(node),
                },
            ] if node.as_ref() == END => {
                self.let_go(&mut live, &due, pending)?;
            }
            [
                Edit {
                    values,
                    as_node: Some(node),
                },
            ] if node.as_ref() == "__input__" => {
                let fields = values.iter().flatten().map(|(field, written)| {
                    let (Written::Value(value) | Written::Overwrite(value)) = written;
                    (field.to_string(), value.as_ref().clone())
                });
                let input = Value::Object(fields.collect());
                let write = TaskWrite::Channel(START.into(), Written::Value(Arc::new(input)));
                live.apply(vec![TaskWrites {
                    path: Path::Outside,
                    name: START,
                    triggers: &[],
                    writes: vec![&write],
                }])?;
                source = Source::Input;
            }
            [] => return Err(RunError::Unknown("no edit is given".into())),
            edits => {
                let mut ids: BTreeMap<&Name, Vec<&Name>> = BTreeMap::new();
                for task in due.iter().rev() {
                    ids.entry(&task.name).or_default().push(&task.id);
                }
                let mut all = Vec::new();
                for edit in edits {
                    let node = match &edit.as_node {
                        Some(node) => node.clone(),
                        None if edits.len() == 1 => whose(&live)?,
                        None => {
                            let message = "as_node is required when applying multiple updates";
                            return Err(RunError::Unknown(message.into()));
                        }
                    };
                    if !self.nodes.contains_key(&node) {
                        let message = format!("Node {node} does not exist");
                        return Err(RunError::Unknown(message));
                    }
                    let values = edit.values.clone().unwrap_or_default();
                    let writes = writes_of(&live, &node, values, Vec::new())
                        .map_err(|fault| RunError::Failed(node.clone(), fault))?;
                    let id = ids.get_mut(&node).and_then(Vec::pop).cloned();
                    all.push((node, id, writes));
                }
                if let Some(base) = &base {
                    for (_, id, writes) in &all {
                        let id = id.clone().unwrap_or_else(|| format!("edit:{base}").into());
                        store
                            .put_writes(place, base, &id, writes)
                            .await
                            .map_err(RunError::Store)?;
                    }
                }
                let triggers = [Name::from(INTERRUPT)];
                let tasks = all.iter().map(|(node, _, writes)| TaskWrites {
                    path: Path::Outside,
                    name: node,
                    triggers: &triggers,
                    writes: writes.iter().collect(),
                });
                live.apply(tasks.collect())?;
            }
        }
        let id = store.next_id(place).await.map_err(RunError::Store)?;
        let checkpoint = live.checkpoint(id.clone());
        let metadata = Metadata {
            source: Some(source),
            step: Some(step + 1),
            parents: saved
                .as_ref()
                .map(|s| s.metadata.parents.clone())
                .unwrap_or_default(),
            more: Map::new(),
        };
        let before = saved.as_ref().map(|s| &s.checkpoint.versions);
        let changed = checkpoint.changed_since(before.unwrap_or(&BTreeMap::new()));
        store
            .put(place, &checkpoint, &metadata, base.as_ref(), &changed)
            .await
            .map_err(RunError::Store)?;
        Ok(id)
    }

    /// Ends what was to run; what has ended counts.
    fn let_go<E>(
        &self,
        live: &mut Live<'_>,
        due: &[super::Task],
        pending: &[super::Pending],
    ) -> Result<(), RunError<E>> {
        live.hear(pending)?;
        let tasks = due.iter().map(|task| TaskWrites {
            path: task.path.clone(),
            name: &task.name,
            triggers: &task.triggers,
            writes: pending
                .iter()
                .filter(|p| p.task == task.id)
                .map(|p| &p.write)
                .collect(),
        });
        Ok(live.apply(tasks.collect())?)
    }
}

/// The node that wrote last.
fn whose<E>(live: &Live<'_>) -> Result<Name, RunError<E>> {
    if !live.has_run() {
        return Ok(START.into());
    }
    let last = live.last_writer().cloned();
    last.ok_or_else(|| RunError::Unknown("Ambiguous update, specify as_node".into()))
}
