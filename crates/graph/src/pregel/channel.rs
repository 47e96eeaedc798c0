//! Channels: where the nodes of a graph write, and what they read.
//!
//! A channel takes all writes of a super-step at once, at its end. What they come to is the channel's own affair: the last one,
//! a sum, a list. Semantics are those of LangGraph's channels (`langgraph/channels`), so that its users know them.

use super::{Name, Shared};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Number, Value};
use std::collections::BTreeSet;
use std::sync::Arc;

/// How two values become one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reducer {
    /// The sum of numbers; whole numbers stay whole, as long as 64 bits hold them.
    Add,
    /// One list after the other; texts are joined.
    Concat,
    /// The greater of two numbers, or of two texts.
    Max,
    /// The lesser.
    Min,
    /// One list after the other, each value once, where it was first.
    Union,
    /// The fields of both objects; the later one's win.
    Merge,
}

/// What a channel does with writes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChannelSpec {
    /// Keeps the only write of a step; two are an error.
    LastValue,
    /// As [`Self::LastValue`] of any number, and it can be read only when everything else has come to rest; reading takes it.
    LastValueAfterFinish,
    /// Keeps the last write of a step, and nothing of a step without one.
    AnyValue,
    /// Keeps a write for one step. Where it is guarded, two are an error.
    Ephemeral {
        /// Whether two writes of a step are an error.
        guard: bool,
    },
    /// A list of what was written, of the last step or of all.
    Topic {
        /// Whether it is a list of all.
        accumulate: bool,
    },
    /// Folds every write into what there is.
    Reduced {
        /// How.
        reducer: Reducer,
        /// What there is in the beginning; without it the first write is taken as it is.
        initial: Option<Value>,
    },
    /// Can be read when each of these has written its own name.
    Barrier {
        /// Whose names.
        names: BTreeSet<Name>,
        /// Whether it also waits until everything else has come to rest.
        after_finish: bool,
    },
    /// As [`Self::LastValue`]; it is not kept in checkpoints.
    Untracked,
}

/// A write to a channel.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Written {
    /// A value, which the channel makes of what it will.
    Value(Shared),
    /// A value in place of all there is, and of all other writes of the step.
    Overwrite(Shared),
}

impl From<Value> for Written {
    fn from(value: Value) -> Self {
        Self::Value(Arc::new(value))
    }
}

/// Writes that a channel cannot take.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidWrite {
    /// Two writes where one is all there can be.
    #[error(
        "At key '{0}': Can receive only one value per step. Use an Annotated key to handle multiple values."
    )]
    Several(Name),
    /// Two overwrites of a channel.
    #[error("At key '{0}': Can receive only one Overwrite value per super-step.")]
    Overwrites(Name),
    /// A barrier does not know the name.
    #[error("At key '{0}': Value {1} not in {2}")]
    Unknown(Name, String, String),
    /// The values cannot be folded.
    #[error("At key '{key}': cannot {reducer:?} {left} and {right}")]
    Unlike {
        /// The channel.
        key: Name,
        /// Its reducer.
        reducer: Reducer,
        /// The kind of what there is.
        left: &'static str,
        /// The kind of what was written.
        right: &'static str,
    },
}

/// A channel and what is in it.
#[derive(Debug, Clone)]
pub(crate) struct Channel {
    value: Option<Shared>,
    /// Of a barrier: who has written.
    seen: BTreeSet<Name>,
    /// Of those that wait for it: everything else has come to rest.
    finished: bool,
}

/// How a channel that is more than its value is kept.
#[derive(Serialize, Deserialize)]
struct Kept {
    /// None or one: null is a value.
    #[serde(default)]
    value: Vec<Value>,
    #[serde(default)]
    seen: BTreeSet<Name>,
    #[serde(default)]
    finished: bool,
}

impl ChannelSpec {
    fn is_plain(&self) -> bool {
        !matches!(self, Self::LastValueAfterFinish | Self::Barrier { .. })
    }

    /// An empty one.
    pub(crate) fn empty(&self) -> Channel {
        let value = match self {
            Self::Reduced { initial, .. } => initial.clone().map(Arc::new),
            _ => None,
        };
        Channel {
            value,
            seen: BTreeSet::new(),
            finished: false,
        }
    }

    /// As it was when [`Self::kept`] was asked. What cannot be read is as if nothing had been kept.
    pub(crate) fn restored(&self, kept: Option<&Shared>) -> Channel {
        let Some(kept) = kept else {
            return self.empty();
        };
        if self.is_plain() {
            return Channel {
                value: Some(kept.clone()),
                ..self.empty()
            };
        }
        match Kept::deserialize(kept.as_ref()) {
            Ok(kept) => Channel {
                value: kept.value.into_iter().next().map(Arc::new),
                seen: kept.seen,
                finished: kept.finished,
            },
            Err(_) => self.empty(),
        }
    }

    /// What is kept of it in a checkpoint; nothing of an empty one.
    pub(crate) fn kept(&self, channel: &Channel) -> Option<Shared> {
        if *self == Self::Untracked {
            return None;
        }
        if self.is_plain() {
            return channel.value.clone();
        }
        if channel.value.is_none() && channel.seen.is_empty() {
            return None;
        }
        let kept = Kept {
            value: channel.value.as_deref().cloned().into_iter().collect(),
            seen: channel.seen.clone(),
            finished: channel.finished,
        };
        serde_json::to_value(kept).ok().map(Arc::new)
    }

    /// Whether it can be read.
    pub(crate) fn is_available(&self, channel: &Channel) -> bool {
        match self {
            Self::LastValueAfterFinish => channel.value.is_some() && channel.finished,
            Self::Barrier {
                names,
                after_finish,
            } => channel.seen == *names && (channel.finished || !after_finish),
            _ => channel.value.is_some(),
        }
    }

    /// What is read.
    pub(crate) fn get<'c>(&self, channel: &'c Channel) -> Option<&'c Shared> {
        channel
            .value
            .as_ref()
            .filter(|_| self.is_available(channel))
    }

    /// Takes the writes of a step, which may be none; whether it has changed.
    pub(crate) fn update(
        &self,
        channel: &mut Channel,
        key: &Name,
        writes: Vec<Written>,
    ) -> Result<bool, InvalidWrite> {
        match self {
            Self::LastValue | Self::Untracked => last(channel, key, writes, true, false),
            Self::Ephemeral { guard } => last(channel, key, writes, *guard, true),
            Self::AnyValue => last(channel, key, writes, false, true),
            Self::LastValueAfterFinish => {
                let updated = last(channel, key, writes, false, false)?;
                channel.finished &= !updated;
                Ok(updated)
            }
            Self::Topic { accumulate } => Ok(topic(channel, writes, *accumulate)),
            Self::Reduced { reducer, .. } => reduce(channel, key, writes, *reducer),
            Self::Barrier { names, .. } => {
                let mut updated = false;
                for write in writes {
                    let (Written::Value(value) | Written::Overwrite(value)) = write;
                    let name = value.as_str().unwrap_or_default();
                    let Some(name) = names.get(name) else {
                        let names: Vec<&str> = names.iter().map(AsRef::as_ref).collect();
                        return Err(InvalidWrite::Unknown(
                            key.clone(),
                            value.to_string(),
                            names.join(", "),
                        ));
                    };
                    updated |= channel.seen.insert(name.clone());
                }
                Ok(updated)
            }
        }
    }

    /// A task that it has triggered was run; whether it has changed.
    pub(crate) fn consume(&self, channel: &mut Channel) -> bool {
        match self {
            Self::LastValueAfterFinish if channel.finished => {
                *channel = self.empty();
                true
            }
            Self::Barrier { .. } if self.is_available(channel) => {
                *channel = self.empty();
                true
            }
            _ => false,
        }
    }

    /// Everything else has come to rest; whether it has changed.
    pub(crate) fn finish(&self, channel: &mut Channel) -> bool {
        let waits = match self {
            Self::LastValueAfterFinish => channel.value.is_some(),
            Self::Barrier {
                names,
                after_finish,
            } => *after_finish && channel.seen == *names,
            _ => false,
        };
        let changes = waits && !channel.finished;
        channel.finished |= changes;
        changes
    }
}

/// The last of the writes; without one nothing, where it `clears`, and what there is elsewhere.
fn last(
    channel: &mut Channel,
    key: &Name,
    writes: Vec<Written>,
    guard: bool,
    clears: bool,
) -> Result<bool, InvalidWrite> {
    if guard && writes.len() > 1 {
        return Err(InvalidWrite::Several(key.clone()));
    }
    match writes.into_iter().last() {
        Some(Written::Value(value) | Written::Overwrite(value)) => {
            channel.value = Some(value);
            Ok(true)
        }
        None if clears => Ok(channel.value.take().is_some()),
        None => Ok(false),
    }
}

fn topic(channel: &mut Channel, writes: Vec<Written>, accumulate: bool) -> bool {
    let had_some = channel.value.is_some();
    if !accumulate {
        channel.value = None;
    }
    if writes.is_empty() {
        return had_some && !accumulate;
    }
    let mut list = channel
        .value
        .take()
        .unwrap_or_else(|| Arc::new(Value::Array(Vec::new())));
    if let Value::Array(items) = Arc::make_mut(&mut list) {
        for write in writes {
            let (Written::Value(value) | Written::Overwrite(value)) = write;
            match Arc::unwrap_or_clone(value) {
                Value::Array(more) => items.extend(more),
                one => items.push(one),
            }
        }
    }
    channel.value = Some(list);
    true
}

fn reduce(
    channel: &mut Channel,
    key: &Name,
    writes: Vec<Written>,
    reducer: Reducer,
) -> Result<bool, InvalidWrite> {
    if writes.is_empty() {
        return Ok(false);
    }
    let mut overwritten = false;
    for write in writes {
        match write {
            Written::Overwrite(_) if overwritten => {
                return Err(InvalidWrite::Overwrites(key.clone()));
            }
            Written::Overwrite(value) => {
                channel.value = Some(value);
                overwritten = true;
            }
            Written::Value(_) if overwritten => {}
            Written::Value(value) => match &mut channel.value {
                None => channel.value = Some(value),
                Some(there) => fold(Arc::make_mut(there), value, reducer, key)?,
            },
        }
    }
    Ok(true)
}

const fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "nothing",
        Value::Bool(_) => "a truth value",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

fn fold(
    there: &mut Value,
    value: Shared,
    reducer: Reducer,
    key: &Name,
) -> Result<(), InvalidWrite> {
    let unlike = |there: &Value, value: &Value| InvalidWrite::Unlike {
        key: key.clone(),
        reducer,
        left: kind(there),
        right: kind(value),
    };
    match (reducer, &mut *there, value.as_ref()) {
        (Reducer::Concat, Value::Array(list), Value::Array(_)) => {
            if let Value::Array(more) = Arc::unwrap_or_clone(value) {
                list.extend(more);
            }
        }
        (Reducer::Concat, Value::String(text), Value::String(more)) => text.push_str(more),
        (Reducer::Union, Value::Array(list), Value::Array(more)) => {
            for item in more {
                if !list.contains(item) {
                    list.push(item.clone());
                }
            }
        }
        (Reducer::Merge, Value::Object(map), Value::Object(more)) => {
            let more: Map<String, Value> = more.clone();
            map.extend(more);
        }
        (Reducer::Add, Value::Number(a), Value::Number(b)) => {
            *there = sum(a, b).map_or(Value::Null, Value::Number);
        }
        (Reducer::Max | Reducer::Min, a, b) => {
            let Some(order) = compare(a, b) else {
                return Err(unlike(a, b));
            };
            let takes = if reducer == Reducer::Max {
                order.is_lt()
            } else {
                order.is_gt()
            };
            if takes {
                *there = Arc::unwrap_or_clone(value);
            }
        }
        (_, a, b) => return Err(unlike(a, b)),
    }
    Ok(())
}

fn sum(a: &Number, b: &Number) -> Option<Number> {
    if let (Some(a), Some(b)) = (a.as_i64(), b.as_i64())
        && let Some(sum) = a.checked_add(b)
    {
        return Some(sum.into());
    }
    Number::from_f64(a.as_f64()? + b.as_f64()?)
}

fn compare(a: &Value, b: &Value) -> Option<std::cmp::Ordering> {
    match (a, b) {
        (Value::Number(a), Value::Number(b)) => match (a.as_i64(), b.as_i64()) {
            (Some(a), Some(b)) => Some(a.cmp(&b)),
            _ => a.as_f64()?.partial_cmp(&b.as_f64()?),
        },
        (Value::String(a), Value::String(b)) => Some(a.cmp(b)),
        _ => None,
    }
}
