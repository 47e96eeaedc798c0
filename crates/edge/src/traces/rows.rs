//! What the stores keep of a batch: flat rows, the same for both.
//!
//! Folding happens here, so that both stores see one row a trace and write: patches of the same trace are merged, and
//! traces that only an observation names get a row of their own.

use super::Named;
use super::payloads::Payloads;
use assay_model::{Batch, Observation, Score, Timestamp, Trace};
use serde::Serialize;
use serde_json::Value;
use std::borrow::Cow;
use std::collections::HashMap;

/// The last instant the stores tell apart: 2261-12-31T23:59:59.999999Z. Earliest is the first after the epoch.
const LAST: i64 = 9_214_646_399_999_999;
/// Most tags a trace's row may bring.
const MAX_TAGS: usize = 100;

/// A text of the client's batch, or one that was read.
pub(super) type Text<'a> = Cow<'a, str>;

/// A trace's row as it is written.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub(super) struct TraceRow<'a> {
    pub(super) id: Text<'a>,
    pub(super) timestamp: i64,
    pub(super) name: Option<Text<'a>>,
    pub(super) user_id: Option<Text<'a>>,
    pub(super) session_id: Option<Text<'a>>,
    pub(super) input: Option<Text<'a>>,
    pub(super) output: Option<Text<'a>>,
    #[serde(serialize_with = "metadata_text")]
    pub(super) metadata: Option<Value>,
    #[serde(serialize_with = "tags_text")]
    pub(super) tags: Vec<String>,
    pub(super) environment: Option<Text<'a>>,
    pub(super) release: Option<Text<'a>>,
    pub(super) version: Option<Text<'a>>,
    pub(super) public: Option<u8>,
    #[serde(flatten)]
    pub(super) root: Option<Root<'a>>,
    /// Whether the batch says anything of the trace itself; else only observations name it.
    #[serde(skip)]
    pub(super) told: bool,
}

/// The observation where a trace begins, as far as is known.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub(super) struct Root<'a> {
    /// The lower the better a root: this application's beginning, then one without a parent, then any; and of equals the
    /// one that began first.
    #[serde(rename = "root_key")]
    pub(super) key: i64,
    #[serde(rename = "root_id")]
    pub(super) id: Text<'a>,
    #[serde(rename = "root_name")]
    pub(super) name: Text<'a>,
}

/// Stands between the grades of roots: beyond the last instant.
const GRADE: i64 = 1 << 56;

impl<'a> Root<'a> {
    fn of(o: &'a Observation, received: Timestamp) -> Self {
        let grade = match (o.app_root, &o.parent_id) {
            (true, _) => 0,
            (false, None) => 1,
            (false, Some(_)) => 2,
        };
        Self {
            key: grade * GRADE + stored(o.start_time, received),
            id: o.id.as_str().into(),
            name: o.name.as_str().into(),
        }
    }
}

fn metadata_text<S: serde::Serializer>(value: &Option<Value>, s: S) -> Result<S::Ok, S::Error> {
    match value {
        None => s.serialize_none(),
        Some(value) => s.collect_str(value),
    }
}

fn tags_text<S: serde::Serializer>(tags: &[String], s: S) -> Result<S::Ok, S::Error> {
    s.collect_str(&Value::from(tags))
}

/// An observation's row as it is written. `T` is how a time is.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct ObservationRow<'a, T = i64> {
    pub(super) trace_id: Text<'a>,
    pub(super) id: Text<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) parent_id: Option<Text<'a>>,
    #[serde(rename = "type")]
    pub(super) kind: Text<'a>,
    pub(super) name: Text<'a>,
    pub(super) start_time: T,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) end_time: Option<T>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) completion_start_time: Option<T>,
    pub(super) level: Text<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) status_message: Option<Text<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) input: Option<Text<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) input_hash: Option<Text<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) output: Option<Text<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) output_hash: Option<Text<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) model: Option<Text<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) model_parameters: Option<Text<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) usage_input: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) usage_output: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) usage_details: Option<Text<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) cost_usd: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) cost_details: Option<Text<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) prompt_name: Option<Text<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) prompt_version: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) environment: Option<Text<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) version: Option<Text<'a>>,
    pub(super) app_root: u8,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) experiment_id: Option<Text<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) experiment: Option<Text<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) metadata: Option<Text<'a>>,
}

/// A score's row as it is written. `T` is how a time is.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct ScoreRow<'a, T = i64> {
    pub(super) id: Text<'a>,
    pub(super) trace_id: Text<'a>,
    pub(super) observation_id: Option<Text<'a>>,
    pub(super) session_id: Option<Text<'a>>,
    pub(super) experiment_id: Option<Text<'a>>,
    pub(super) name: Text<'a>,
    pub(super) data_type: Text<'a>,
    pub(super) value: Option<f64>,
    pub(super) string_value: Option<Text<'a>>,
    pub(super) source: Text<'a>,
    pub(super) comment: Option<Text<'a>>,
    pub(super) environment: Option<Text<'a>>,
    pub(super) config_id: Option<Text<'a>>,
    pub(super) queue_id: Option<Text<'a>>,
    pub(super) author_id: Option<Text<'a>>,
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
            metadata: (!t.metadata.is_null()).then(|| t.metadata.clone()),
            tags: t.tags.iter().take(MAX_TAGS).cloned().collect(),
            environment: opt(t.environment.as_ref()),
            release: opt(t.release.as_ref()),
            version: opt(t.version.as_ref()),
            public: t.public.map(u8::from),
            root: None,
            told: true,
        }
    }

    /// What `later` says on top of what is known.
    fn merge(&mut self, later: Self) {
        self.timestamp = self.timestamp.min(later.timestamp);
        self.told |= later.told;
        for (known, word) in [
            (&mut self.name, later.name),
            (&mut self.user_id, later.user_id),
            (&mut self.session_id, later.session_id),
            (&mut self.input, later.input),
            (&mut self.output, later.output),
            (&mut self.environment, later.environment),
            (&mut self.release, later.release),
            (&mut self.version, later.version),
        ] {
            if word.is_some() {
                *known = word;
            }
        }
        if later.public.is_some() {
            self.public = later.public;
        }
        match (&mut self.metadata, later.metadata) {
            (_, None) => {}
            (Some(known), Some(word)) => unite(known, word),
            (known @ None, word) => *known = word,
        }
        for tag in later.tags {
            if !self.tags.contains(&tag) {
                self.tags.push(tag);
            }
        }
        if let Some(root) = later.root
            && self.root.as_ref().is_none_or(|known| root < *known)
        {
            self.root = Some(root);
        }
    }
}

/// RFC 7396: objects are united key by key, and what is no object replaces. Both stores unite metadata so.
pub(super) fn unite(known: &mut Value, word: Value) {
    let Value::Object(words) = word else {
        *known = word;
        return;
    };
    if !known.is_object() {
        *known = Value::Object(serde_json::Map::new());
    }
    if let Value::Object(known) = known {
        for (key, value) in words {
            if value.is_null() {
                known.remove(&key);
            } else {
                unite(known.entry(key).or_insert(Value::Null), value);
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
        root: Some(Root::of(o, received)),
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

fn map<T: Serialize>(details: &std::collections::BTreeMap<String, T>) -> Option<Text<'static>> {
    if details.is_empty() {
        return None;
    }
    serde_json::to_string(details).ok().map(Into::into)
}

/// An observation's row. Large texts go to `payloads`.
pub(super) fn observation<'a, T>(
    o: &'a Observation,
    received: Timestamp,
    payloads: &mut Payloads<'a>,
    time: fn(i64) -> T,
) -> ObservationRow<'a, T> {
    let border = |t: Timestamp| time(t.micros().clamp(1, LAST));
    let (input, input_hash) = payloads.keep(&o.trace_id, json(&o.input));
    let (output, output_hash) = payloads.keep(&o.trace_id, json(&o.output));
    ObservationRow {
        trace_id: o.trace_id.as_str().into(),
        id: o.id.as_str().into(),
        parent_id: opt(o.parent_id.as_ref()),
        kind: o.kind.as_str().into(),
        name: o.name.as_str().into(),
        start_time: time(stored(o.start_time, received)),
        end_time: o.end_time.map(border),
        completion_start_time: o.completion_start_time.map(border),
        level: o.level.as_str().into(),
        status_message: opt(o.status_message.as_ref()),
        input,
        input_hash,
        output,
        output_hash,
        model: opt(o.model.as_ref()),
        model_parameters: json(&o.model_parameters),
        usage_input: o.usage.map(|u| count(u.input)),
        usage_output: o.usage.map(|u| count(u.output)),
        usage_details: map(&o.usage_details),
        // What is no number is no cost.
        cost_usd: o.cost_usd.filter(|c| c.is_finite()),
        cost_details: map(&o.cost_details),
        prompt_name: opt(o.prompt_name.as_ref()),
        prompt_version: o.prompt_version,
        environment: opt(o.environment.as_ref()),
        version: opt(o.version.as_ref()),
        app_root: u8::from(o.app_root),
        experiment_id: o.experiment.as_ref().map(|e| e.id.as_str().into()),
        experiment: o
            .experiment
            .as_ref()
            .and_then(|e| serde_json::to_string(e).ok().map(Into::into)),
        metadata: json(&o.metadata),
    }
}

/// A score's row.
pub(super) fn score<T>(s: &Score, received: Timestamp, time: fn(i64) -> T) -> ScoreRow<'_, T> {
    ScoreRow {
        id: s.id.as_str().into(),
        trace_id: s.trace_id.as_str().into(),
        observation_id: opt(s.observation_id.as_ref()),
        session_id: opt(s.session_id.as_ref()),
        experiment_id: opt(s.experiment_id.as_ref()),
        name: s.name.as_str().into(),
        data_type: s.data_type.as_str().into(),
        value: s.value.filter(|v| v.is_finite()),
        string_value: opt(s.string_value.as_ref()),
        source: s.source.as_str().into(),
        comment: opt(s.comment.as_ref()),
        environment: opt(s.environment.as_ref()),
        config_id: opt(s.config_id.as_ref()),
        queue_id: opt(s.queue_id.as_ref()),
        author_id: opt(s.author_id.as_ref()),
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
        let row =
            serde_json::to_value(observation(&o, at(1), &mut Payloads::default(), |t| t)).unwrap();
        assert!(row.get("cost_usd").is_none());
    }
}
