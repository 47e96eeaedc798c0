//! What the stores keep of a batch: flat rows, the same for both.
//!
//! Folding happens here, so that both stores see one row a trace and write: patches of the same trace are merged, and
//! traces that only an observation names get a row of their own.

use super::Named;
use assay_model::{Batch, Observation, Score, Timestamp, Trace};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::borrow::Cow;
use std::collections::HashMap;

/// The last instant the stores tell apart: 2261-12-31T23:59:59.999999Z. Earliest is the first after the epoch.
const LAST: i64 = 9_214_646_399_999_999;
/// Most tags a trace's row may bring.
const MAX_TAGS: usize = 100;

/// A text of the client's batch, or one that was read.
pub(super) type Text<'a> = Cow<'a, str>;

/// A trace's row.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct TraceRow<'a> {
    pub(super) id: Text<'a>,
    pub(super) timestamp: i64,
    pub(super) name: Option<Text<'a>>,
    pub(super) user_id: Option<Text<'a>>,
    pub(super) session_id: Option<Text<'a>>,
    pub(super) input: Option<Text<'a>>,
    pub(super) output: Option<Text<'a>>,
    pub(super) metadata: Option<Text<'a>>,
    pub(super) tags: Vec<String>,
    pub(super) environment: Option<Text<'a>>,
    pub(super) release: Option<Text<'a>>,
    pub(super) version: Option<Text<'a>>,
}

/// An observation's row. `T` is how a time is written.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct ObservationRow<'a, T = i64> {
    pub(super) trace_id: Text<'a>,
    pub(super) id: Text<'a>,
    pub(super) parent_id: Option<Text<'a>>,
    #[serde(rename = "type")]
    pub(super) kind: Text<'a>,
    pub(super) name: Text<'a>,
    pub(super) start_time: T,
    pub(super) end_time: Option<T>,
    pub(super) level: Text<'a>,
    pub(super) status_message: Option<Text<'a>>,
    pub(super) input: Option<Text<'a>>,
    pub(super) output: Option<Text<'a>>,
    pub(super) model: Option<Text<'a>>,
    pub(super) model_parameters: Option<Text<'a>>,
    pub(super) usage_input: Option<i64>,
    pub(super) usage_output: Option<i64>,
    pub(super) cost_usd: Option<f64>,
    pub(super) metadata: Option<Text<'a>>,
}

/// A score's row. `T` is how a time is written.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct ScoreRow<'a, T = i64> {
    pub(super) id: Text<'a>,
    pub(super) trace_id: Text<'a>,
    pub(super) observation_id: Option<Text<'a>>,
    pub(super) name: Text<'a>,
    pub(super) data_type: Text<'a>,
    pub(super) value: Option<f64>,
    pub(super) string_value: Option<Text<'a>>,
    pub(super) source: Text<'a>,
    pub(super) comment: Option<Text<'a>>,
    pub(super) timestamp: T,
    pub(super) metadata: Option<Text<'a>>,
}

/// A time as the stores keep it: what was not given is the time of receipt, what is beyond the range is its border.
fn stored(time: Timestamp, received: Timestamp) -> i64 {
    let time = if time.micros() == 0 { received } else { time };
    time.micros().clamp(1, LAST)
}

fn json(value: &Value) -> Option<Text<'static>> {
    (!value.is_null()).then(|| value.to_string().into())
}

fn opt(text: Option<&String>) -> Option<Text<'_>> {
    text.map(|t| t.as_str().into())
}

fn count(tokens: u64) -> i64 {
    i64::try_from(tokens).unwrap_or(i64::MAX)
}

impl<'a> TraceRow<'a> {
    fn patch(t: &'a Trace, received: Timestamp) -> Self {
        Self {
            id: t.id.as_str().into(),
            timestamp: stored(t.timestamp, received),
            name: opt(t.name.as_ref()),
            user_id: opt(t.user_id.as_ref()),
            session_id: opt(t.session_id.as_ref()),
            input: json(&t.input),
            output: json(&t.output),
            metadata: json(&t.metadata),
            tags: t.tags.iter().take(MAX_TAGS).cloned().collect(),
            environment: opt(t.environment.as_ref()),
            release: opt(t.release.as_ref()),
            version: opt(t.version.as_ref()),
        }
    }

    /// What `later` says on top of what is known.
    fn merge(&mut self, later: Self) {
        self.timestamp = self.timestamp.min(later.timestamp);
        for (known, word) in [
            (&mut self.name, later.name),
            (&mut self.user_id, later.user_id),
            (&mut self.session_id, later.session_id),
            (&mut self.input, later.input),
            (&mut self.output, later.output),
            (&mut self.metadata, later.metadata),
            (&mut self.environment, later.environment),
            (&mut self.release, later.release),
            (&mut self.version, later.version),
        ] {
            if word.is_some() {
                *known = word;
            }
        }
        for tag in later.tags {
            if !self.tags.contains(&tag) {
                self.tags.push(tag);
            }
        }
    }
}

/// One row a trace of the batch: its patches merged, and traces that only observations name. None for observations alone
/// when the store has their traces.
pub(super) fn traces(batch: &Batch, received: Timestamp, named: Named) -> Vec<TraceRow<'_>> {
    if named == Named::Before && batch.traces.is_empty() {
        return Vec::new();
    }
    let patches = batch.traces.iter().map(|t| TraceRow::patch(t, received));
    let named = batch.observations.iter().map(|o| TraceRow {
        id: o.trace_id.as_str().into(),
        timestamp: stored(o.start_time, received),
        ..TraceRow::default()
    });
    let mut rows: Vec<TraceRow<'_>> = Vec::new();
    let mut places: HashMap<Text<'_>, usize> = HashMap::new();
    for row in patches.chain(named) {
        match places.get(&row.id).and_then(|i| rows.get_mut(*i)) {
            Some(known) => known.merge(row),
            None => {
                places.insert(row.id.clone(), rows.len());
                rows.push(row);
            }
        }
    }
    rows
}

/// An observation's row.
pub(super) fn observation<T>(
    o: &Observation,
    received: Timestamp,
    time: fn(i64) -> T,
) -> ObservationRow<'_, T> {
    ObservationRow {
        trace_id: o.trace_id.as_str().into(),
        id: o.id.as_str().into(),
        parent_id: opt(o.parent_id.as_ref()),
        kind: o.kind.as_str().into(),
        name: o.name.as_str().into(),
        start_time: time(stored(o.start_time, received)),
        end_time: o.end_time.map(|t| time(t.micros().clamp(1, LAST))),
        level: o.level.as_str().into(),
        status_message: opt(o.status_message.as_ref()),
        input: json(&o.input),
        output: json(&o.output),
        model: opt(o.model.as_ref()),
        model_parameters: json(&o.model_parameters),
        usage_input: o.usage.map(|u| count(u.input)),
        usage_output: o.usage.map(|u| count(u.output)),
        cost_usd: o.cost_usd,
        metadata: json(&o.metadata),
    }
}

/// A score's row.
pub(super) fn score<T>(s: &Score, received: Timestamp, time: fn(i64) -> T) -> ScoreRow<'_, T> {
    ScoreRow {
        id: s.id.as_str().into(),
        trace_id: s.trace_id.as_str().into(),
        observation_id: opt(s.observation_id.as_ref()),
        name: s.name.as_str().into(),
        data_type: s.data_type.as_str().into(),
        value: s.value,
        string_value: opt(s.string_value.as_ref()),
        source: s.source.as_str().into(),
        comment: opt(s.comment.as_ref()),
        timestamp: time(stored(s.timestamp, received)),
        metadata: json(&s.metadata),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(micros: i64) -> Timestamp {
        Timestamp::from_micros(micros)
    }

    #[test]
    fn observations_of_known_traces_name_none() {
        let observation = Observation {
            trace_id: "a".into(),
            start_time: at(40),
            ..Observation::default()
        };
        let mut batch = Batch {
            observations: vec![observation],
            ..Batch::default()
        };
        assert_eq!(traces(&batch, at(100), Named::Perhaps).len(), 1);
        assert!(traces(&batch, at(100), Named::Before).is_empty());
        // What the caller says of a trace itself is never left out.
        batch.traces.push(Trace {
            id: "a".into(),
            ..Trace::default()
        });
        assert_eq!(traces(&batch, at(100), Named::Before).len(), 1);
    }

    #[test]
    fn a_batch_has_one_row_a_trace() {
        let named = |name: &str, t| Trace {
            id: "a".into(),
            name: Some(name.into()),
            timestamp: at(t),
            ..Trace::default()
        };
        let seen = |trace: &str, t| Observation {
            trace_id: trace.into(),
            start_time: at(t),
            ..Observation::default()
        };
        let batch = Batch {
            traces: vec![named("first", 50), named("second", 60)],
            observations: vec![seen("a", 40), seen("b", 70), seen("b", 65)],
            scores: Vec::new(),
        };
        let rows = traces(&batch, at(100), Named::Perhaps);
        let short: Vec<_> = rows
            .iter()
            .map(|r| (&*r.id, r.timestamp, r.name.as_deref()))
            .collect();
        assert_eq!(short, [("a", 40, Some("second")), ("b", 65, None)]);
    }

    #[test]
    fn times_that_are_missing_or_out_of_range() {
        assert_eq!(stored(at(0), at(7)), 7);
        assert_eq!(stored(at(-5), at(7)), 1);
        assert_eq!(stored(at(i64::MAX), at(7)), LAST);
        assert_eq!(at(LAST).to_rfc3339(), "2261-12-31T23:59:59.999999Z");
    }

    #[test]
    fn what_is_no_number_is_written_as_null() {
        let o = Observation {
            cost_usd: Some(f64::NAN),
            ..Observation::default()
        };
        let row = serde_json::to_value(observation(&o, at(1), |t| t)).unwrap();
        assert_eq!(row["cost_usd"], Value::Null);
    }
}
