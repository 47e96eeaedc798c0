//! A run's checkpoints as records: what one invocation has added, written at once under a key of its own.
//!
//! A record is never changed, and names the one before it. Whoever owns the run keeps the key of the newest; who loses the run
//! has written a record that nobody knows of. So what several checkpoints hold becomes known all at once, when that key is moved.

use super::checkpoint::{Checkpoint, CheckpointId, Metadata, Pending, Saved, Source, TaskWrite};
use super::store::{Listing, Place, Store, says};
use super::task::put_writes;
use super::{Name, Shared};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use std::sync::Arc;

/// The version of this format.
const FORMAT: u32 = 2;

/// What one invocation has added to a run's history.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Record {
    format: u32,
    /// The key of the record before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    before: Option<String>,
    /// Its checkpoints, oldest first. One that an earlier record has as well is told anew here, with what its tasks have done since.
    entries: Vec<Entry>,
    /// What its maker noted of the invocation, for whoever looks back. The engine reads none of it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    notes: Vec<Value>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Entry {
    id: CheckpointId,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    namespace: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    parent: Option<CheckpointId>,
    /// Whether all that channels hold is here, else what has changed since the parent.
    full: bool,
    values: BTreeMap<Name, Shared>,
    /// Of one that is not full: channels that hold nothing any more.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    gone: BTreeSet<Name>,
    versions: BTreeMap<Name, u64>,
    seen: BTreeMap<Name, BTreeMap<Name, u64>>,
    metadata: Metadata,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pending: Vec<Pending>,
}

/// Where records are.
#[allow(
    async_fn_in_trait,
    reason = "guests have one thread: no future need be sent to another"
)]
pub trait Records {
    /// What may go wrong.
    type Error;

    /// The record of that key.
    ///
    /// # Errors
    /// The store's own; also when there is none.
    async fn read(&self, key: &str) -> Result<Record, Self::Error>;
}

/// A run's history, of which the newest part is in memory.
#[derive(Debug, Clone)]
pub struct Journal<R> {
    records: R,
    head: Option<Head>,
    /// What has been added since, oldest first.
    added: Vec<Entry>,
    /// What has been noted since.
    notes: Vec<Value>,
}

/// The newest record.
#[derive(Debug, Clone)]
struct Head {
    key: String,
    record: Rc<Record>,
    /// Whether only its newest checkpoint of each graph is in memory.
    brief: bool,
}

impl Head {
    /// With what a run needs that goes on: the newest checkpoint of each graph, which is whole.
    fn brief(key: String, record: Record) -> Self {
        let mut entries = record.entries;
        let mut seen = BTreeSet::new();
        entries.reverse();
        entries.retain(|e| seen.insert(e.namespace.clone()));
        entries.reverse();
        entries.shrink_to_fit();
        Self {
            key,
            record: Rc::new(Record {
                entries,
                notes: Vec::new(),
                ..record
            }),
            brief: true,
        }
    }
}

impl<R: Records> Journal<R> {
    /// Of a run that has not begun.
    pub const fn new(records: R) -> Self {
        Self {
            records,
            head: None,
            added: Vec::new(),
            notes: Vec::new(),
        }
    }

    /// Of a run whose newest record is this.
    pub const fn at(records: R, key: String, record: Rc<Record>) -> Self {
        Self {
            records,
            head: Some(Head {
                key,
                record,
                brief: false,
            }),
            added: Vec::new(),
            notes: Vec::new(),
        }
    }

    /// Of a run whose newest record has this key.
    ///
    /// # Errors
    /// When it cannot be read.
    pub async fn open(records: R, key: &str) -> Result<Self, R::Error> {
        let record = Rc::new(records.read(key).await?);
        Ok(Self::at(records, key.to_owned(), record))
    }

    /// As [`Self::open`], of a run that is to go on: in memory is only what it needs for that.
    ///
    /// # Errors
    /// When it cannot be read.
    pub async fn resume(records: R, key: &str) -> Result<Self, R::Error> {
        let record = records.read(key).await?;
        Ok(Self {
            records,
            head: Some(Head::brief(key.to_owned(), record)),
            added: Vec::new(),
            notes: Vec::new(),
        })
    }

    /// Whether there is no checkpoint.
    pub const fn is_empty(&self) -> bool {
        self.head.is_none() && self.added.is_empty()
    }

    /// What has been added since the newest record, to be written as the next one; `None` where that is nothing.
    pub fn record(&self) -> Option<Record> {
        if self.added.is_empty() {
            return None;
        }
        let mut entries = self.added.clone();
        // The last one of each graph within the graph is whole already; those before it need say no more than what is new.
        let mut whole: BTreeSet<&str> = BTreeSet::new();
        let last: Vec<bool> = self
            .added
            .iter()
            .rev()
            .map(|e| whole.insert(e.namespace.as_str()))
            .collect();
        let before: BTreeMap<(&str, &CheckpointId), &Entry> = self
            .added
            .iter()
            .map(|e| ((e.namespace.as_str(), &e.id), e))
            .collect();
        for (entry, last) in entries.iter_mut().zip(last.into_iter().rev()) {
            let parent = entry.parent.as_ref();
            let parent = parent.and_then(|id| before.get(&(entry.namespace.as_str(), id)));
            if let (false, Some(parent)) = (last, parent) {
                entry.full = false;
                let parent = &parent.values;
                let gone = parent.keys().filter(|n| !entry.values.contains_key(*n));
                entry.gone = gone.cloned().collect();
                // Whether two values are one is known without a look into them.
                entry.values.retain(|name, value| {
                    !parent
                        .get(name)
                        .is_some_and(|theirs| Arc::ptr_eq(theirs, value))
                });
            }
        }
        Some(Record {
            format: FORMAT,
            before: self.head.as_ref().map(|head| head.key.clone()),
            entries,
            notes: self.notes.clone(),
        })
    }

    /// Notes something of this invocation. It is kept with the next record, where there is one.
    pub fn note(&mut self, note: Value) {
        self.notes.push(note);
    }

    /// What was added has been written under this key. In memory remains what a run needs that goes on; the rest is read again when
    /// somebody looks back.
    pub fn written(&mut self, key: String, record: Record) {
        self.head = Some(Head::brief(key, record));
        self.added.clear();
        self.notes.clear();
    }

    /// The key of the newest record.
    pub fn key(&self) -> Option<&str> {
        self.head.as_ref().map(|head| head.key.as_str())
    }

    /// Another run that goes on from a checkpoint of this one. What its tasks have done since is not taken over.
    ///
    /// # Errors
    /// When a record cannot be read.
    pub async fn fork(
        &self,
        place: &Place,
        id: &str,
        metadata: Map<String, Value>,
    ) -> Result<Option<Self>, R::Error>
    where
        R: Clone,
    {
        let Some(mut entry) = self.whole(&place.namespace, Some(id)).await? else {
            return Ok(None);
        };
        entry.parent = None;
        entry.pending.clear();
        entry.metadata.source = Some(Source::Fork);
        entry.metadata.more.extend(metadata);
        Ok(Some(Self {
            records: self.records.clone(),
            head: None,
            added: vec![entry],
            notes: Vec::new(),
        }))
    }

    /// The entries of a namespace from the newest back, until `until` says that it has seen enough.
    async fn back(
        &self,
        namespace: Option<&str>,
        mut until: impl FnMut(&Entry) -> bool,
    ) -> Result<(), R::Error> {
        let of = |e: &&Entry| namespace.is_none_or(|n| n == e.namespace);
        let mut told: BTreeSet<(String, CheckpointId)> = BTreeSet::new();
        for entry in self.added.iter().rev().filter(of) {
            told.insert((entry.namespace.clone(), entry.id.clone()));
            if until(entry) {
                return Ok(());
            }
        }
        let mut again = self.head.as_ref().filter(|head| head.brief);
        let mut next = self.head.as_ref().map(|head| head.record.clone());
        while let Some(record) = next {
            for entry in record.entries.iter().rev().filter(of) {
                if told.insert((entry.namespace.clone(), entry.id.clone())) && until(entry) {
                    return Ok(());
                }
            }
            let whole = again.take().map(|head| &head.key);
            next = match whole.or(record.before.as_ref()) {
                Some(key) => Some(Rc::new(self.records.read(key).await?)),
                None => None,
            };
        }
        Ok(())
    }

    /// A checkpoint whole: of its channels that it does not tell, as its parents have them.
    async fn whole(&self, namespace: &str, id: Option<&str>) -> Result<Option<Entry>, R::Error> {
        let mut found: Option<Entry> = None;
        let mut wanted: Option<CheckpointId> = id.map(Name::from);
        self.back(Some(namespace), |entry| {
            if wanted.as_ref().is_some_and(|id| *id != entry.id) {
                return false;
            }
            let whole = match &mut found {
                None => {
                    found = Some(entry.clone());
                    entry.full
                }
                Some(found) => {
                    for (name, value) in &entry.values {
                        if !found.gone.contains(name) && !found.values.contains_key(name) {
                            found.values.insert(name.clone(), value.clone());
                        }
                    }
                    let gone = entry.gone.iter();
                    let gone = gone.filter(|n| !found.values.contains_key(*n)).cloned();
                    let gone: Vec<Name> = gone.collect();
                    found.gone.extend(gone);
                    entry.full
                }
            };
            wanted.clone_from(&entry.parent);
            whole || wanted.is_none()
        })
        .await?;
        if let Some(found) = &mut found {
            found.full = true;
            found.gone.clear();
        }
        Ok(found)
    }

    fn added(&mut self, place: &Place, id: &str) -> Option<&mut Entry> {
        let mut all = self.added.iter_mut();
        all.find(|e| e.namespace == place.namespace && *e.id == *id)
    }
}

impl Entry {
    fn saved(&self) -> Saved {
        Saved {
            checkpoint: Checkpoint {
                id: self.id.clone(),
                values: self.values.clone(),
                versions: self.versions.clone(),
                seen: self.seen.clone(),
            },
            metadata: self.metadata.clone(),
            parent: self.parent.clone(),
            pending: self.pending.clone(),
        }
    }
}

impl<R: Records> Store for Journal<R> {
    type Error = R::Error;

    async fn get(&self, place: &Place, id: Option<&str>) -> Result<Option<Saved>, R::Error> {
        let found = self.whole(&place.namespace, id).await?;
        Ok(found.map(|entry| entry.saved()))
    }

    async fn next_id(&self, _: &Place) -> Result<CheckpointId, R::Error> {
        // One count for the run with all its graphs, so that ids tell what was first.
        let added = self.added.iter().map(|e| &e.id).max();
        let head = self.head.iter().flat_map(|head| &head.record.entries);
        let last = added.or_else(|| head.map(|e| &e.id).max());
        let last = last.and_then(|id| id.parse::<u64>().ok());
        Ok(format!("{:08}", last.map_or(0, |n| n + 1)).into())
    }

    async fn put(
        &mut self,
        place: &Place,
        checkpoint: &Checkpoint,
        metadata: &Metadata,
        parent: Option<&CheckpointId>,
        _: &BTreeSet<Name>,
    ) -> Result<(), R::Error> {
        self.added.push(Entry {
            id: checkpoint.id.clone(),
            namespace: place.namespace.clone(),
            parent: parent.cloned(),
            full: true,
            // What was never written is what a channel begins with.
            values: checkpoint
                .values
                .iter()
                .filter(|(name, _)| checkpoint.versions.contains_key(*name))
                .map(|(name, value)| (name.clone(), value.clone()))
                .collect(),
            gone: BTreeSet::new(),
            versions: checkpoint.versions.clone(),
            seen: checkpoint.seen.clone(),
            metadata: metadata.clone(),
            pending: Vec::new(),
        });
        Ok(())
    }

    async fn put_writes(
        &mut self,
        place: &Place,
        id: &CheckpointId,
        task: &Name,
        writes: &[TaskWrite],
    ) -> Result<(), R::Error> {
        if self.added(place, id).is_none() {
            let Some(entry) = self.whole(&place.namespace, Some(id)).await? else {
                return Ok(());
            };
            // Older than all that was added since.
            self.added.insert(0, entry);
        }
        if let Some(entry) = self.added(place, id) {
            put_writes(&mut entry.pending, task, writes);
        }
        Ok(())
    }

    async fn list(&self, listing: &Listing) -> Result<Vec<(Place, Saved)>, R::Error> {
        let mut ids = Vec::new();
        self.back(listing.namespace.as_deref(), |entry| {
            let before = listing.before.as_ref().is_none_or(|b| entry.id < *b);
            if before && says(&entry.metadata, &listing.filter) {
                ids.push((entry.namespace.clone(), entry.id.clone()));
            }
            listing.limit.is_some_and(|limit| ids.len() >= limit)
        })
        .await?;
        let mut found = Vec::with_capacity(ids.len());
        for (namespace, id) in ids {
            let place = Place {
                thread: listing.thread.clone().unwrap_or_default(),
                namespace,
            };
            if let Some(saved) = self.get(&place, Some(&id)).await? {
                found.push((place, saved));
            }
        }
        Ok(found)
    }
}

impl Record {
    /// Whether this program can read it.
    #[must_use]
    pub const fn is_known(&self) -> bool {
        self.format == FORMAT
    }

    /// The key of the record before.
    #[must_use]
    pub fn before(&self) -> Option<&str> {
        self.before.as_deref()
    }

    /// What its maker noted.
    #[must_use]
    pub fn notes(&self) -> &[Value] {
        &self.notes
    }

    /// Its checkpoints of the outermost graph, oldest first, each whole. No other record is needed: the first of a record is told
    /// whole, and the others as what has changed since one of the same record.
    #[must_use]
    pub fn checkpoints(&self) -> Vec<Saved> {
        let mut all: Vec<Saved> = Vec::new();
        for entry in self.entries.iter().filter(|e| e.namespace.is_empty()) {
            let mut saved = entry.saved();
            let parent = entry.parent.as_ref().filter(|_| !entry.full);
            let parent = parent.and_then(|id| all.iter().rev().find(|s| s.checkpoint.id == *id));
            for (name, value) in parent.iter().flat_map(|p| &p.checkpoint.values) {
                if !entry.gone.contains(name) && !saved.checkpoint.values.contains_key(name) {
                    saved.checkpoint.values.insert(name.clone(), value.clone());
                }
            }
            all.push(saved);
        }
        all
    }
}
