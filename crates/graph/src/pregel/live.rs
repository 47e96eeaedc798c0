//! The channels of a graph between two checkpoints, and what a super-step makes of them.

use super::channel::{Channel, InvalidWrite, Written};
use super::checkpoint::{Checkpoint, CheckpointId, NULL_TASK, Pending, Send, TaskWrite};
use super::definition::Graph;
use super::{INTERRUPT, Name, START, Shared, TASKS};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// The state of a graph in memory.
#[derive(Clone)]
pub(crate) struct Live<'g> {
    pub(crate) graph: &'g Graph,
    channels: BTreeMap<Name, Channel>,
    /// Tasks that were sent for.
    pub(crate) sends: Vec<Send>,
    versions: BTreeMap<Name, u64>,
    seen: BTreeMap<Name, BTreeMap<Name, u64>>,
}

/// What one task has to say at the end of a super-step.
pub(crate) struct TaskWrites<'w> {
    /// By what tasks are brought into order.
    pub(crate) path: Path,
    pub(crate) name: &'w str,
    /// Channels that had it run; none where it comes from outside.
    pub(crate) triggers: &'w [Name],
    pub(crate) writes: Vec<&'w TaskWrite>,
}

/// Where a task comes from. What is outside of all comes first, then nodes that were triggered, then those that were sent for.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Path {
    /// From outside.
    Outside,
    /// A node whose trigger changed.
    Pull(Name),
    /// The so many-th that was sent for.
    Push(usize),
    /// It stands in for a task that failed.
    Handler(Box<Path>),
}

impl<'g> Live<'g> {
    /// Of nothing yet.
    pub(crate) fn empty(graph: &'g Graph) -> Self {
        Self {
            graph,
            channels: graph
                .channels
                .iter()
                .map(|(name, spec)| (name.clone(), spec.empty()))
                .collect(),
            sends: Vec::new(),
            versions: BTreeMap::new(),
            seen: BTreeMap::new(),
        }
    }

    /// As it was kept. Channels that the graph no longer has are left out.
    pub(crate) fn of(graph: &'g Graph, checkpoint: &Checkpoint) -> Self {
        let sends = checkpoint.values.get(TASKS);
        let sends = sends.and_then(|value| serde_json::from_value(value.as_ref().clone()).ok());
        Self {
            graph,
            channels: graph
                .channels
                .iter()
                .map(|(name, spec)| (name.clone(), spec.restored(checkpoint.values.get(name))))
                .collect(),
            sends: sends.unwrap_or_default(),
            versions: checkpoint.versions.clone(),
            seen: checkpoint.seen.clone(),
        }
    }

    /// What is kept.
    pub(crate) fn checkpoint(&self, id: CheckpointId) -> Checkpoint {
        let mut values: BTreeMap<Name, Shared> = self
            .channels
            .iter()
            .filter_map(|(name, channel)| {
                let kept = self.graph.channels.get(name)?.kept(channel)?;
                Some((name.clone(), kept))
            })
            .collect();
        if !self.sends.is_empty()
            && let Ok(sends) = serde_json::to_value(&self.sends)
        {
            values.insert(TASKS.into(), Arc::new(sends));
        }
        Checkpoint {
            id,
            values,
            versions: self.versions.clone(),
            seen: self.seen.clone(),
        }
    }

    /// What nodes read: the fields that hold something.
    pub(crate) fn state(&self) -> BTreeMap<Name, Shared> {
        self.graph
            .fields
            .iter()
            .filter_map(|name| Some((name.clone(), self.get(name)?.clone())))
            .collect()
    }

    /// What is in a channel.
    pub(crate) fn get(&self, name: &str) -> Option<&Shared> {
        let spec = self.graph.channels.get(name)?;
        spec.get(self.channels.get(name)?)
    }

    /// What nodes would read if these were all the writes of the step.
    pub(crate) fn fresh<'w>(
        &self,
        writes: impl Iterator<Item = &'w TaskWrite>,
    ) -> Result<BTreeMap<Name, Shared>, InvalidWrite> {
        let mut state = self.state();
        let mut by_channel: BTreeMap<&Name, Vec<Written>> = BTreeMap::new();
        for write in writes {
            if let TaskWrite::Channel(name, written) = write
                && self.graph.fields.contains(name)
            {
                by_channel.entry(name).or_default().push(written.clone());
            }
        }
        for (name, writes) in by_channel {
            let (Some(spec), Some(channel)) =
                (self.graph.channels.get(name), self.channels.get(name))
            else {
                continue;
            };
            let mut channel = channel.clone();
            spec.update(&mut channel, name, writes)?;
            match spec.get(&channel) {
                Some(value) => state.insert(name.clone(), value.clone()),
                None => state.remove(name),
            };
        }
        Ok(state)
    }

    /// Whether a trigger of the node has changed since the node ran.
    pub(crate) fn is_due(&self, node: &str) -> bool {
        let Some(known) = self.graph.nodes.get(node) else {
            return false;
        };
        let seen = self.seen.get(node);
        known.triggers.iter().any(|trigger| {
            let version = self.versions.get(trigger).copied().unwrap_or(0);
            version > seen.and_then(|s| s.get(trigger)).copied().unwrap_or(0)
                && self.is_available(trigger)
        })
    }

    fn is_available(&self, name: &Name) -> bool {
        let spec = self.graph.channels.get(name);
        spec.zip(self.channels.get(name))
            .is_some_and(|(spec, channel)| spec.is_available(channel))
    }

    /// Whether anything was ever written.
    pub(crate) fn has_begun(&self) -> bool {
        !self.versions.is_empty()
    }

    /// Whether a channel has changed since the graph was stopped last.
    pub(crate) fn changed_since_stop(&self) -> bool {
        let seen = self.seen.get(INTERRUPT);
        self.versions
            .iter()
            .any(|(name, version)| *version > seen.and_then(|s| s.get(name)).copied().unwrap_or(0))
    }

    /// Everything is known to whoever stopped the graph.
    pub(crate) fn go_on(&mut self) {
        let versions = self.versions.clone();
        self.seen.insert(INTERRUPT.into(), versions);
    }

    /// The node that has run last, if it was one alone.
    pub(crate) fn last_writer(&self) -> Option<&Name> {
        let mut ran: Vec<(u64, &Name)> = self
            .seen
            .iter()
            .filter(|(name, _)| self.graph.nodes.contains_key(*name))
            .flat_map(|(name, seen)| seen.values().map(move |version| (*version, name)))
            .collect();
        ran.sort();
        match ran.as_slice() {
            [(_, only)] => Some(only),
            [.., (before, _), (last, name)] if last != before => Some(name),
            _ => None,
        }
    }

    /// Whether any node has run.
    pub(crate) fn has_run(&self) -> bool {
        self.seen.values().any(|seen| !seen.is_empty())
    }

    /// Ends a super-step: the writes of its tasks reach the channels, in the order of the tasks' paths, whichever ended first.
    ///
    /// # Errors
    /// Writes that a channel cannot take; then nothing of this may be used.
    pub(crate) fn apply(&mut self, mut tasks: Vec<TaskWrites<'_>>) -> Result<(), InvalidWrite> {
        tasks.sort_by(|a, b| a.path.cmp(&b.path));
        let is_step = tasks.iter().any(|task| !task.triggers.is_empty());
        for task in &tasks {
            let seen = self.seen.entry(task.name.into()).or_default();
            for trigger in task.triggers {
                if let Some(version) = self.versions.get(trigger) {
                    seen.insert(trigger.clone(), *version);
                }
            }
        }
        let next = self.versions.values().max().copied().unwrap_or(0) + 1;
        let triggers: BTreeSet<&Name> = tasks.iter().flat_map(|t| t.triggers).collect();
        for name in triggers {
            if let (Some(spec), Some(channel)) =
                (self.graph.channels.get(name), self.channels.get_mut(name))
                && spec.consume(channel)
            {
                self.versions.insert(name.clone(), next);
            }
        }
        let mut by_channel: BTreeMap<&Name, Vec<Written>> = BTreeMap::new();
        let mut sends = Vec::new();
        for task in &tasks {
            for write in &task.writes {
                match write {
                    TaskWrite::Channel(name, written) => {
                        by_channel.entry(name).or_default().push(written.clone());
                    }
                    TaskWrite::Send(send) => sends.push(send.clone()),
                    _ => {}
                }
            }
        }
        let mut updated = BTreeSet::new();
        if !sends.is_empty() || (is_step && !self.sends.is_empty()) {
            self.versions.insert(TASKS.into(), next);
            self.sends = sends;
        }
        for (name, channel) in &mut self.channels {
            let Some(spec) = self.graph.channels.get(name) else {
                continue;
            };
            let writes = by_channel.remove(name);
            // One that nobody wrote to is told of the step.
            if writes.is_none() && !(is_step && spec.is_available(channel)) {
                continue;
            }
            if spec.update(channel, name, writes.unwrap_or_default())? {
                self.versions.insert(name.clone(), next);
                if spec.is_available(channel) {
                    updated.insert(name.clone());
                }
            }
        }
        let at_rest = self.sends.is_empty()
            && !updated
                .iter()
                .any(|name| self.graph.triggered.contains_key(name));
        if is_step && at_rest {
            for (name, channel) in &mut self.channels {
                if self
                    .graph
                    .channels
                    .get(name)
                    .is_some_and(|spec| spec.finish(channel))
                {
                    self.versions.insert(name.clone(), next);
                }
            }
        }
        Ok(())
    }

    /// Takes what came from outside since the checkpoint, which is no super-step.
    ///
    /// # Errors
    /// As [`Self::apply`].
    pub(crate) fn hear(&mut self, pending: &[Pending]) -> Result<(), InvalidWrite> {
        let writes: Vec<&TaskWrite> = pending
            .iter()
            .filter(|p| p.task.as_ref() == NULL_TASK)
            .map(|p| &p.write)
            .collect();
        if writes.is_empty() {
            return Ok(());
        }
        self.apply(vec![TaskWrites {
            path: Path::Outside,
            name: START,
            triggers: &[],
            writes,
        }])
    }

    /// What was put in for the start, which has not run.
    pub(crate) fn input(&self) -> Option<&Value> {
        self.get(START).map(AsRef::as_ref)
    }
}
