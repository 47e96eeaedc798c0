//! Rows as they come back from a store, and the domain's types of them.

use super::rows::{ObservationRow, ScoreRow, Text, TraceRow};
use crate::db::{DbError, Row};
use assay_model::{Observation, Score, Timestamp, TokenUsage, Trace};
use serde::de::DeserializeOwned;
use serde::de::value::{Error as ValueError, StrDeserializer};
use serde_json::Value;
use std::borrow::Cow;

/// A row that can be read from both stores: by serde from ClickHouse's JSON lines, by column from SQLite.
pub(super) trait StoredRow: DeserializeOwned {
    fn from_row(row: &Row) -> Result<Self, DbError>;
}

fn owned(row: &Row, column: &str) -> Result<Text<'static>, DbError> {
    row.text(column).map(Cow::Owned)
}

fn opt_owned(row: &Row, column: &str) -> Result<Option<Text<'static>>, DbError> {
    Ok(row.opt_text(column)?.map(Cow::Owned))
}

impl StoredRow for TraceRow<'static> {
    fn from_row(row: &Row) -> Result<Self, DbError> {
        Ok(Self {
            id: owned(row, "id")?,
            timestamp: row.int("timestamp")?,
            name: opt_owned(row, "name")?,
            user_id: opt_owned(row, "user_id")?,
            session_id: opt_owned(row, "session_id")?,
            input: opt_owned(row, "input")?,
            output: opt_owned(row, "output")?,
            metadata: opt_owned(row, "metadata")?,
            tags: row.json("tags")?,
            environment: opt_owned(row, "environment")?,
            release: opt_owned(row, "release")?,
            version: opt_owned(row, "version")?,
        })
    }
}

impl StoredRow for ObservationRow<'static> {
    fn from_row(row: &Row) -> Result<Self, DbError> {
        Ok(Self {
            trace_id: owned(row, "trace_id")?,
            id: owned(row, "id")?,
            parent_id: opt_owned(row, "parent_id")?,
            kind: owned(row, "type")?,
            name: owned(row, "name")?,
            start_time: row.int("start_time")?,
            end_time: row.opt_int("end_time")?,
            level: owned(row, "level")?,
            status_message: opt_owned(row, "status_message")?,
            input: opt_owned(row, "input")?,
            output: opt_owned(row, "output")?,
            model: opt_owned(row, "model")?,
            model_parameters: opt_owned(row, "model_parameters")?,
            usage_input: row.opt_int("usage_input")?,
            usage_output: row.opt_int("usage_output")?,
            cost_usd: row.opt_real("cost_usd")?,
            metadata: opt_owned(row, "metadata")?,
        })
    }
}

impl StoredRow for ScoreRow<'static> {
    fn from_row(row: &Row) -> Result<Self, DbError> {
        Ok(Self {
            id: owned(row, "id")?,
            trace_id: owned(row, "trace_id")?,
            observation_id: opt_owned(row, "observation_id")?,
            name: owned(row, "name")?,
            data_type: owned(row, "data_type")?,
            value: row.opt_real("value")?,
            string_value: opt_owned(row, "string_value")?,
            source: owned(row, "source")?,
            comment: opt_owned(row, "comment")?,
            timestamp: row.int("timestamp")?,
            metadata: opt_owned(row, "metadata")?,
        })
    }
}

/// What was stored as JSON text, or null. Text that is not JSON, which this crate never writes, is shown as it is.
fn value(text: Option<Text<'_>>) -> Value {
    text.map_or(Value::Null, |t| {
        serde_json::from_str(&t).unwrap_or_else(|_| Value::String(t.into_owned()))
    })
}

/// A name on the wire as its enum; a name of a newer program reads as the default.
fn named<T: DeserializeOwned + Default>(name: &str) -> T {
    T::deserialize(StrDeserializer::<ValueError>::new(name)).unwrap_or_default()
}

fn string(text: Option<Text<'_>>) -> Option<String> {
    text.map(Cow::into_owned)
}

impl From<TraceRow<'_>> for Trace {
    fn from(r: TraceRow<'_>) -> Self {
        let mut tags = r.tags;
        tags.sort();
        Self {
            id: r.id.into_owned(),
            name: string(r.name),
            timestamp: Timestamp::from_micros(r.timestamp),
            user_id: string(r.user_id),
            session_id: string(r.session_id),
            input: value(r.input),
            output: value(r.output),
            metadata: value(r.metadata),
            tags,
            environment: string(r.environment),
            release: string(r.release),
            version: string(r.version),
        }
    }
}

impl From<ObservationRow<'_>> for Observation {
    fn from(r: ObservationRow<'_>) -> Self {
        let tokens = |n: Option<i64>| n.and_then(|n| u64::try_from(n).ok()).unwrap_or_default();
        let usage = (r.usage_input.is_some() || r.usage_output.is_some()).then(|| TokenUsage {
            input: tokens(r.usage_input),
            output: tokens(r.usage_output),
        });
        Self {
            id: r.id.into_owned(),
            trace_id: r.trace_id.into_owned(),
            parent_id: string(r.parent_id),
            kind: named(&r.kind),
            name: r.name.into_owned(),
            start_time: Timestamp::from_micros(r.start_time),
            end_time: r.end_time.map(Timestamp::from_micros),
            level: named(&r.level),
            status_message: string(r.status_message),
            input: value(r.input),
            output: value(r.output),
            model: string(r.model),
            model_parameters: value(r.model_parameters),
            usage,
            cost_usd: r.cost_usd,
            metadata: value(r.metadata),
        }
    }
}

impl From<ScoreRow<'_>> for Score {
    fn from(r: ScoreRow<'_>) -> Self {
        Self {
            id: r.id.into_owned(),
            trace_id: r.trace_id.into_owned(),
            observation_id: string(r.observation_id),
            name: r.name.into_owned(),
            data_type: named(&r.data_type),
            value: r.value,
            string_value: string(r.string_value),
            source: named(&r.source),
            comment: string(r.comment),
            timestamp: Timestamp::from_micros(r.timestamp),
            metadata: value(r.metadata),
        }
    }
}
