//! Where checkpoints are kept.
//!
//! A thread is one run of a graph with all its branches. Within it each graph within a graph has a namespace of its own; the outermost has
//! the empty one. A checkpoint is told with what has changed since its parent, so that
//! what a history takes may grow with what was written, not with the size of the state at each step.

use super::checkpoint::{Checkpoint, CheckpointId, Metadata, Pending, Saved, TaskWrite};
use super::task::put_writes;
use super::{Name, Shared};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::convert::Infallible;

/// Where a checkpoint is, or is to be.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// The run.
    pub thread: String,
    /// The graph within the graph; empty for the outermost.
    pub namespace: String,
}

impl Place {
    /// The outermost graph of a thread.
    #[must_use]
    pub fn of(thread: &str) -> Self {
        Self {
            thread: thread.to_owned(),
            namespace: String::new(),
        }
    }
}

/// Which checkpoints are listed, newest first.
#[derive(Debug, Clone, Default)]
pub struct Listing {
    /// Of this thread; of all where there is none.
    pub thread: Option<String>,
    /// Of this namespace; of all where there is none.
    pub namespace: Option<String>,
    /// Older than this one.
    pub before: Option<CheckpointId>,
    /// Those whose metadata say all of this.
    pub filter: BTreeMap<String, Value>,
    /// At most so many.
    pub limit: Option<usize>,
}

/// Keeps checkpoints. Each call is done whole or not at all, and is there for all who ask afterwards.
#[allow(
    async_fn_in_trait,
    reason = "guests have one thread: no future need be sent to another"
)]
pub trait Store {
    /// What may go wrong.
    type Error;

    /// The checkpoint of that id, or the latest, with what tasks have done since.
    ///
    /// # Errors
    /// The store's own.
    async fn get(&self, place: &Place, id: Option<&str>) -> Result<Option<Saved>, Self::Error>;

    /// A name for the next checkpoint of the place, greater than all that it has.
    ///
    /// # Errors
    /// The store's own.
    async fn next_id(&self, place: &Place) -> Result<CheckpointId, Self::Error>;

    /// Keeps a checkpoint; of its channels those that have `changed`. The others are as in its parent.
    ///
    /// # Errors
    /// The store's own. One that several may write to refuses an id that is there, so that of two who end the same super-step
    /// one does.
    async fn put(
        &mut self,
        place: &Place,
        checkpoint: &Checkpoint,
        metadata: &Metadata,
        parent: Option<&CheckpointId>,
        changed: &BTreeSet<Name>,
    ) -> Result<(), Self::Error>;

    /// Keeps what a task has done since the checkpoint. Of results the first word counts, of failures, questions and
    /// answers the last.
    ///
    /// # Errors
    /// The store's own.
    async fn put_writes(
        &mut self,
        place: &Place,
        id: &CheckpointId,
        task: &Name,
        writes: &[TaskWrite],
    ) -> Result<(), Self::Error>;

    /// Checkpoints, newest first.
    ///
    /// # Errors
    /// The store's own.
    async fn list(&self, listing: &Listing) -> Result<Vec<(Place, Saved)>, Self::Error>;
}

#[derive(Debug, Clone)]
struct Row {
    /// Shared with the rows that hold the same.
    values: BTreeMap<Name, Shared>,
    versions: BTreeMap<Name, u64>,
    seen: BTreeMap<Name, BTreeMap<Name, u64>>,
    metadata: Metadata,
    parent: Option<CheckpointId>,
    pending: Vec<Pending>,
}

/// The checkpoints of a place.
#[derive(Debug, Clone, Default)]
struct Shelf {
    rows: BTreeMap<CheckpointId, Row>,
}

/// Keeps checkpoints in memory.
#[derive(Debug, Clone, Default)]
pub struct MemoryStore {
    shelves: BTreeMap<Place, Shelf>,
}

impl Shelf {
    fn saved(&self, id: &CheckpointId) -> Option<Saved> {
        let row = self.rows.get(id)?;
        Some(Saved {
            checkpoint: Checkpoint {
                id: id.clone(),
                values: row.values.clone(),
                versions: row.versions.clone(),
                seen: row.seen.clone(),
            },
            metadata: row.metadata.clone(),
            parent: row.parent.clone(),
            pending: row.pending.clone(),
        })
    }
}

impl MemoryStore {
    /// Forgets a thread; nothing where there is none.
    pub fn delete_thread(&mut self, thread: &str) {
        self.shelves.retain(|place, _| place.thread != thread);
    }

    /// Makes another thread of a thread's history, in place of what the other had.
    pub fn copy_thread(&mut self, from: &str, to: &str) {
        let copied: Vec<(Place, Shelf)> = self
            .shelves
            .iter()
            .filter(|(place, _)| place.thread == from)
            .map(|(place, shelf)| {
                let place = Place {
                    thread: to.to_owned(),
                    namespace: place.namespace.clone(),
                };
                (place, shelf.clone())
            })
            .collect();
        if from != to {
            self.delete_thread(to);
        }
        self.shelves.extend(copied);
    }

    /// Keeps the latest checkpoint of each namespace of a thread alone.
    pub fn prune(&mut self, thread: &str) {
        for (_, shelf) in self.shelves.iter_mut().filter(|(p, _)| p.thread == thread) {
            let Some(latest) = shelf.rows.keys().next_back().cloned() else {
                continue;
            };
            shelf.rows.retain(|id, _| *id == latest);
        }
    }

    /// Forgets the checkpoints that say they are of one of these runs.
    pub fn delete_for_runs(&mut self, runs: &[&str]) {
        for shelf in self.shelves.values_mut() {
            shelf.rows.retain(|_, row| {
                let run = row.metadata.more.get("run_id").and_then(Value::as_str);
                run.is_none_or(|run| !runs.contains(&run))
            });
        }
        self.shelves.retain(|_, shelf| !shelf.rows.is_empty());
    }
}

/// Whether metadata say all of this.
pub(super) fn says(metadata: &Metadata, filter: &BTreeMap<String, Value>) -> bool {
    let Ok(Value::Object(said)) = serde_json::to_value(metadata) else {
        return false;
    };
    filter
        .iter()
        .all(|(key, value)| said.get(key) == Some(value))
}

impl Store for MemoryStore {
    type Error = Infallible;

    async fn get(&self, place: &Place, id: Option<&str>) -> Result<Option<Saved>, Infallible> {
        let Some(shelf) = self.shelves.get(place) else {
            return Ok(None);
        };
        let id = match id {
            Some(id) => Some(Name::from(id)),
            None => shelf.rows.keys().next_back().cloned(),
        };
        Ok(id.and_then(|id| shelf.saved(&id)))
    }

    async fn next_id(&self, place: &Place) -> Result<CheckpointId, Infallible> {
        let last = self
            .shelves
            .get(place)
            .and_then(|s| s.rows.keys().next_back());
        let last = last.and_then(|id| u64::from_str_radix(id, 16).ok());
        Ok(format!("{:016x}", last.map_or(0, |n| n + 1)).into())
    }

    async fn put(
        &mut self,
        place: &Place,
        checkpoint: &Checkpoint,
        metadata: &Metadata,
        parent: Option<&CheckpointId>,
        changed: &BTreeSet<Name>,
    ) -> Result<(), Infallible> {
        if !self.shelves.contains_key(place) {
            self.shelves.insert(place.clone(), Shelf::default());
        }
        let Some(shelf) = self.shelves.get_mut(place) else {
            return Ok(());
        };
        let before = parent.and_then(|id| shelf.rows.get(id));
        let value_of = |name: &Name| {
            if changed.contains(name) {
                checkpoint.values.get(name)
            } else {
                before.and_then(|row| row.values.get(name))
            }
        };
        let values = checkpoint.versions.keys();
        let values = values.filter_map(|name| Some((name.clone(), value_of(name)?.clone())));
        let row = Row {
            values: values.collect(),
            versions: checkpoint.versions.clone(),
            seen: checkpoint.seen.clone(),
            metadata: metadata.clone(),
            parent: parent.cloned(),
            pending: Vec::new(),
        };
        shelf.rows.insert(checkpoint.id.clone(), row);
        Ok(())
    }

    async fn put_writes(
        &mut self,
        place: &Place,
        id: &CheckpointId,
        task: &Name,
        writes: &[TaskWrite],
    ) -> Result<(), Infallible> {
        let row = self.shelves.get_mut(place).and_then(|s| s.rows.get_mut(id));
        if let Some(row) = row {
            put_writes(&mut row.pending, task, writes);
        }
        Ok(())
    }

    async fn list(&self, listing: &Listing) -> Result<Vec<(Place, Saved)>, Infallible> {
        let mut found = Vec::new();
        let is = |wanted: &Option<String>, is: &str| wanted.as_deref().is_none_or(|w| w == is);
        for (place, shelf) in &self.shelves {
            if !is(&listing.thread, &place.thread) || !is(&listing.namespace, &place.namespace) {
                continue;
            }
            for (id, row) in shelf.rows.iter().rev() {
                if listing.limit.is_some_and(|limit| found.len() >= limit) {
                    return Ok(found);
                }
                let before = listing.before.as_ref().is_none_or(|before| id < before);
                if before
                    && says(&row.metadata, &listing.filter)
                    && let Some(saved) = shelf.saved(id)
                {
                    found.push((place.clone(), saved));
                }
            }
        }
        Ok(found)
    }
}
