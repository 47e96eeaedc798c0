//! What has happened in a run, as events for whoever looks on.
//!
//! Nothing is stored for them: they are told from the records that a run keeps anyway ([`tell`]), and of what is under way from the
//! newest record ([`under_way`]). A record never changes, so neither do its events: whoever reads them, now or later, gets the same
//! ones with the same ids. What is under way is told with the ids that the next record will give it.

mod peek;
mod since;
mod tell;
mod writes;

pub use peek::{Asked, UnderWay, under_way};
pub use since::{Begun, Told, group_of, since};
pub use tell::tell;

use assay_graph::pregel::{Name, Record};
use assay_graph::protocol::CallStats;
use assay_model::{Timestamp, TokenUsage};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use std::fmt;
use std::str::FromStr;

/// Most characters of one text of an event; of what is longer the beginning is told.
pub const MOST_CHARS: usize = 2_000;

/// Names an event of a run: its group, and its place in the group. Of two ids the greater is the later one.
///
/// Group 0 is the run's beginning, then each record has one, and the last one is the run's end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EventId {
    /// The group, from 0.
    pub group: u64,
    /// The place in it, from 0.
    pub n: u32,
}

impl fmt::Display for EventId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.group, self.n)
    }
}

/// What is not the id of an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("is not an event's id")]
pub struct NoEventId;

impl FromStr for EventId {
    type Err = NoEventId;

    fn from_str(text: &str) -> Result<Self, NoEventId> {
        let (group, n) = text.split_once('.').ok_or(NoEventId)?;
        let id = Self {
            group: group.parse().map_err(|_| NoEventId)?,
            n: n.parse().map_err(|_| NoEventId)?,
        };
        // One text for each id: none with a sign or with zeros before it.
        if id.to_string() == text {
            Ok(id)
        } else {
            Err(NoEventId)
        }
    }
}

/// Something that has happened.
#[derive(Debug, Clone, PartialEq)]
pub struct Event {
    /// Names it within its run.
    pub id: EventId,
    /// What kind, e.g. `node_started`.
    pub name: &'static str,
    /// When, as far as that is known.
    pub at: Option<Timestamp>,
    /// What is told of it.
    pub data: Map<String, Value>,
}

/// What whoever takes the steps of a run notes in its records.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "note")]
pub enum Noted {
    /// A task has done something outside.
    Call {
        /// The task.
        task: Name,
        /// When it began.
        started: Timestamp,
        /// When it ended.
        ended: Timestamp,
        /// The model that answered, when it said.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        model: Option<String>,
        /// Tokens spent, when it said.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        usage: Option<TokenUsage>,
        /// What it cost in US dollars, when known.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        cost_usd: Option<f64>,
    },
    /// The record was written.
    Written {
        /// When.
        at: Timestamp,
        /// Whether the next step follows by itself: the run waits for nobody and has not ended.
        goes_on: bool,
        /// How long it waits before that, since something is to be tried again, in milliseconds.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        waits_ms: Option<u64>,
    },
}

impl Noted {
    /// Of a task's call.
    #[must_use]
    pub fn call(
        task: &Name,
        started: Timestamp,
        ended: Timestamp,
        stats: Option<&CallStats>,
    ) -> Self {
        Self::Call {
            task: task.clone(),
            started,
            ended,
            model: stats.and_then(|s| s.model.clone()),
            usage: stats.and_then(|s| s.usage),
            cost_usd: stats.and_then(|s| s.cost_usd),
        }
    }

    /// What a record says; what is not known is passed over.
    fn all(record: &Record) -> Vec<Self> {
        let notes = record.notes().iter();
        notes
            .filter_map(|note| Self::deserialize(note).ok())
            .collect()
    }

    /// When a record was written, whether the next step follows by itself, and after how many milliseconds.
    fn written(record: &Record) -> Option<(Timestamp, bool, Option<u64>)> {
        Self::all(record).into_iter().find_map(|note| match note {
            Self::Written {
                at,
                goes_on,
                waits_ms,
            } => Some((at, goes_on, waits_ms)),
            Self::Call { .. } => None,
        })
    }
}

/// Puts a value into what is told. Of what is too long the beginning is told, as text, and that it was cut.
pub fn put(data: &mut Map<String, Value>, key: &str, value: Value) {
    let (value, cut) = match value {
        Value::String(text) => shortened(text),
        Value::Object(_) | Value::Array(_) => {
            let text = value.to_string();
            match shortened(text) {
                (_, false) => (value, false),
                cut => cut,
            }
        }
        value => (value, false),
    };
    data.insert(key.to_owned(), value);
    if cut {
        data.insert("truncated".to_owned(), json!(true));
    }
}

fn shortened(mut text: String) -> (Value, bool) {
    let end = text.char_indices().nth(MOST_CHARS).map(|(at, _)| at);
    if let Some(end) = end {
        text.truncate(end);
    }
    (Value::String(text), end.is_some())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_read_as_they_are_written() {
        for (group, n) in [(0, 0), (7, 12), (u64::MAX, u32::MAX)] {
            let id = EventId { group, n };
            assert_eq!(id.to_string().parse(), Ok(id));
        }
        for text in [
            "",
            ".",
            "1",
            "1.",
            "01.1",
            "+1.1",
            "1.1.1",
            "1.-1",
            "1. 1",
            "99999999999999999999.0",
        ] {
            assert_eq!(text.parse::<EventId>(), Err(NoEventId), "{text}");
        }
        assert!(EventId { group: 2, n: 0 } > EventId { group: 1, n: 9 });
    }

    #[test]
    fn what_is_long_is_cut_and_says_so() {
        let mut data = Map::new();
        put(&mut data, "short", json!("é".repeat(MOST_CHARS)));
        put(&mut data, "list", json!([1]));
        assert_eq!(data.get("truncated"), None);
        put(&mut data, "long", json!("é".repeat(MOST_CHARS + 1)));
        assert_eq!(data["long"], json!("é".repeat(MOST_CHARS)));
        assert_eq!(data["truncated"], json!(true));
        let mut data = Map::new();
        put(&mut data, "object", json!({"a": "b".repeat(MOST_CHARS)}));
        assert!(data["object"].is_string());
        assert_eq!(data["truncated"], json!(true));
    }
}
