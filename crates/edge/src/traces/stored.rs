//! Rows as they come back from a store, and the domain's types of them.

use super::rows::unite;
use crate::db::{DbError, Row};
use assay_model::{Observation, Score, Timestamp, TokenUsage, Trace};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde::de::value::{Error as ValueError, StrDeserializer};
use serde_json::Value;

/// A row that can be read from both stores: by serde from ClickHouse's JSON lines, by column from SQLite.
pub(super) trait StoredRow: DeserializeOwned {
    fn from_row(row: &Row) -> Result<Self, DbError>;
}

/// A row of a list.
pub(super) trait Listed: StoredRow {
    /// Where it stands, by what the list is sorted by.
    fn place(&self) -> i64;
}

macro_rules! listed {
    ($($row:ty),*) => {$(
        impl Listed for $row {
            fn place(&self) -> i64 {
                self.sort_key
            }
        }
    )*};
}

listed!(StoredTrace, StoredObservation, StoredScore);

/// A word on a trace as ClickHouse keeps it: when it was said, 0 for never, and what.
type Word = (i64, String);

fn said(word: Word) -> Option<String> {
    (word.0 != 0).then_some(word.1)
}

/// A trace as ClickHouse keeps it.
#[derive(Debug, Deserialize)]
struct MergedTrace {
    id: String,
    timestamp: i64,
    name: Word,
    user_id: Word,
    session_id: Word,
    input: Word,
    output: Word,
    metadata: Word,
    /// Time of receipt, key, JSON.
    words: Vec<(i64, String, String)>,
    tags: Vec<String>,
    environment: Word,
    release: Word,
    version: Word,
    public: Word,
    /// How good a root it is, its id or nothing, its name.
    root: (i64, String, String),
    created_at: i64,
    received_at: i64,
    sort_key: i64,
}

impl From<MergedTrace> for StoredTrace {
    fn from(r: MergedTrace) -> Self {
        let (_, root_id, root_name) = r.root;
        let root = (!root_id.is_empty()).then_some((root_id, root_name));
        let (root_id, root_name) = root.unzip();
        Self {
            id: r.id,
            timestamp: r.timestamp,
            name: said(r.name).or(root_name),
            user_id: said(r.user_id),
            session_id: said(r.session_id),
            input: said(r.input),
            output: said(r.output),
            metadata: said(r.metadata),
            words: r.words,
            tags: r.tags,
            environment: said(r.environment),
            release: said(r.release),
            version: said(r.version),
            public: said(r.public).and_then(|p| p.parse().ok()),
            root_id,
            created_at: Some(r.created_at),
            received_at: r.received_at,
            sort_key: r.sort_key,
        }
    }
}

/// A trace's row as it is read.
#[derive(Debug, Deserialize)]
#[serde(from = "MergedTrace")]
pub(super) struct StoredTrace {
    id: String,
    timestamp: i64,
    name: Option<String>,
    user_id: Option<String>,
    session_id: Option<String>,
    input: Option<String>,
    output: Option<String>,
    metadata: Option<String>,
    /// ClickHouse's: time of receipt, key, JSON.
    words: Vec<(i64, String, String)>,
    tags: Vec<String>,
    environment: Option<String>,
    release: Option<String>,
    version: Option<String>,
    public: Option<i64>,
    root_id: Option<String>,
    created_at: Option<i64>,
    received_at: i64,
    sort_key: i64,
}

/// An observation's row as it is read.
#[derive(Debug, Deserialize)]
pub(super) struct StoredObservation {
    trace_id: String,
    id: String,
    parent_id: Option<String>,
    #[serde(rename = "type")]
    kind: String,
    name: String,
    start_time: i64,
    end_time: Option<i64>,
    completion_start_time: Option<i64>,
    level: String,
    status_message: Option<String>,
    pub(super) input: Option<String>,
    pub(super) input_hash: Option<String>,
    pub(super) output: Option<String>,
    pub(super) output_hash: Option<String>,
    model: Option<String>,
    model_parameters: Option<String>,
    usage_input: Option<i64>,
    usage_output: Option<i64>,
    usage_details: Option<String>,
    cost_usd: Option<f64>,
    cost_details: Option<String>,
    prompt_name: Option<String>,
    prompt_version: Option<i64>,
    environment: Option<String>,
    version: Option<String>,
    app_root: i64,
    experiment: Option<String>,
    metadata: Option<String>,
    received_at: i64,
    sort_key: i64,
}

/// A score's row as it is read.
#[derive(Debug, Deserialize)]
pub(super) struct StoredScore {
    id: String,
    trace_id: String,
    observation_id: Option<String>,
    session_id: Option<String>,
    experiment_id: Option<String>,
    name: String,
    data_type: String,
    value: Option<f64>,
    string_value: Option<String>,
    source: String,
    comment: Option<String>,
    environment: Option<String>,
    config_id: Option<String>,
    queue_id: Option<String>,
    author_id: Option<String>,
    timestamp: i64,
    metadata: Option<String>,
    received_at: i64,
    sort_key: i64,
}

impl StoredRow for StoredTrace {
    fn from_row(row: &Row) -> Result<Self, DbError> {
        let name = match row.opt_text("name")? {
            None => row.opt_text("root_name")?,
            name => name,
        };
        Ok(Self {
            id: row.text("id")?,
            timestamp: row.int("timestamp")?,
            name,
            user_id: row.opt_text("user_id")?,
            session_id: row.opt_text("session_id")?,
            input: row.opt_text("input")?,
            output: row.opt_text("output")?,
            metadata: row.opt_text("metadata")?,
            words: Vec::new(),
            tags: row.json("tags")?,
            environment: row.opt_text("environment")?,
            release: row.opt_text("release")?,
            version: row.opt_text("version")?,
            public: row.opt_int("public")?,
            root_id: row.opt_text("root_id")?,
            created_at: row.opt_int("created_at")?,
            received_at: row.int("received_at")?,
            sort_key: row.int("sort_key")?,
        })
    }
}

impl StoredRow for StoredObservation {
    fn from_row(row: &Row) -> Result<Self, DbError> {
        Ok(Self {
            trace_id: row.text("trace_id")?,
            id: row.text("id")?,
            parent_id: row.opt_text("parent_id")?,
            kind: row.text("type")?,
            name: row.text("name")?,
            start_time: row.int("start_time")?,
            end_time: row.opt_int("end_time")?,
            completion_start_time: row.opt_int("completion_start_time")?,
            level: row.text("level")?,
            status_message: row.opt_text("status_message")?,
            input: row.opt_text("input")?,
            input_hash: row.opt_text("input_hash")?,
            output: row.opt_text("output")?,
            output_hash: row.opt_text("output_hash")?,
            model: row.opt_text("model")?,
            model_parameters: row.opt_text("model_parameters")?,
            usage_input: row.opt_int("usage_input")?,
            usage_output: row.opt_int("usage_output")?,
            usage_details: row.opt_text("usage_details")?,
            cost_usd: row.opt_real("cost_usd")?,
            cost_details: row.opt_text("cost_details")?,
            prompt_name: row.opt_text("prompt_name")?,
            prompt_version: row.opt_int("prompt_version")?,
            environment: row.opt_text("environment")?,
            version: row.opt_text("version")?,
            app_root: row.int("app_root")?,
            experiment: row.opt_text("experiment")?,
            metadata: row.opt_text("metadata")?,
            received_at: row.int("received_at")?,
            sort_key: row.int("sort_key")?,
        })
    }
}

impl StoredRow for StoredScore {
    fn from_row(row: &Row) -> Result<Self, DbError> {
        Ok(Self {
            id: row.text("id")?,
            trace_id: row.text("trace_id")?,
            observation_id: row.opt_text("observation_id")?,
            session_id: row.opt_text("session_id")?,
            experiment_id: row.opt_text("experiment_id")?,
            name: row.text("name")?,
            data_type: row.text("data_type")?,
            value: row.opt_real("value")?,
            string_value: row.opt_text("string_value")?,
            source: row.text("source")?,
            comment: row.opt_text("comment")?,
            environment: row.opt_text("environment")?,
            config_id: row.opt_text("config_id")?,
            queue_id: row.opt_text("queue_id")?,
            author_id: row.opt_text("author_id")?,
            timestamp: row.int("timestamp")?,
            metadata: row.opt_text("metadata")?,
            received_at: row.int("received_at")?,
            sort_key: row.int("sort_key")?,
        })
    }
}

/// A trace, and what the store knows besides.
#[derive(Debug, Clone, PartialEq)]
pub struct TraceRecord {
    /// The trace.
    pub trace: Trace,
    /// The observation where it begins.
    pub root_id: Option<String>,
    /// When it was first heard of.
    pub created_at: Timestamp,
    /// When it was last spoken of.
    pub updated_at: Timestamp,
    pub(super) sort_key: i64,
}

/// An observation, and what the store knows besides.
#[derive(Debug, Clone, PartialEq)]
pub struct ObservationRecord {
    /// The observation.
    pub observation: Observation,
    /// When it was received.
    pub received_at: Timestamp,
    pub(super) sort_key: i64,
}

/// A score, and what the store knows besides.
#[derive(Debug, Clone, PartialEq)]
pub struct ScoreRecord {
    /// The score.
    pub score: Score,
    /// When it was received.
    pub received_at: Timestamp,
    pub(super) sort_key: i64,
}

/// What was stored as JSON text, or null. Text that is not JSON, which this crate never writes, is shown as it is.
pub(super) fn value(text: Option<String>) -> Value {
    text.map_or(Value::Null, |t| {
        serde_json::from_str(&t).unwrap_or(Value::String(t))
    })
}

/// A name on the wire as its enum; a name of a newer program reads as the default.
fn named<T: DeserializeOwned + Default>(name: &str) -> T {
    T::deserialize(StrDeserializer::<ValueError>::new(name)).unwrap_or_default()
}

fn details<T: DeserializeOwned + Default>(text: Option<String>) -> T {
    text.and_then(|t| serde_json::from_str(&t).ok())
        .unwrap_or_default()
}

/// What was said of a trace's metadata, word by word in the order of receipt.
fn spoken(first: Option<String>, mut words: Vec<(i64, String, String)>) -> Value {
    let mut all = value(first);
    words.sort();
    for (_, key, json) in words {
        let word = value(Some(json));
        if key.is_empty() {
            unite(&mut all, word);
        } else {
            unite(
                &mut all,
                Value::Object(serde_json::Map::from_iter([(key, word)])),
            );
        }
    }
    all
}

impl From<StoredTrace> for TraceRecord {
    fn from(r: StoredTrace) -> Self {
        let mut tags = r.tags;
        tags.sort();
        let at = Timestamp::from_micros;
        Self {
            trace: Trace {
                id: r.id,
                name: r.name,
                timestamp: at(r.timestamp),
                user_id: r.user_id,
                session_id: r.session_id,
                input: value(r.input),
                output: value(r.output),
                metadata: spoken(r.metadata, r.words),
                tags,
                environment: r.environment,
                release: r.release,
                version: r.version,
                public: r.public.map(|p| p != 0),
            },
            root_id: r.root_id,
            created_at: at(r.created_at.unwrap_or(r.received_at)),
            updated_at: at(r.received_at),
            sort_key: r.sort_key,
        }
    }
}

impl From<StoredObservation> for ObservationRecord {
    fn from(r: StoredObservation) -> Self {
        let tokens = |n: Option<i64>| n.and_then(|n| u64::try_from(n).ok()).unwrap_or_default();
        let usage = (r.usage_input.is_some() || r.usage_output.is_some()).then(|| TokenUsage {
            input: tokens(r.usage_input),
            output: tokens(r.usage_output),
        });
        let at = Timestamp::from_micros;
        Self {
            observation: Observation {
                id: r.id,
                trace_id: r.trace_id,
                parent_id: r.parent_id,
                kind: named(&r.kind),
                name: r.name,
                start_time: at(r.start_time),
                end_time: r.end_time.map(at),
                completion_start_time: r.completion_start_time.map(at),
                level: named(&r.level),
                status_message: r.status_message,
                input: value(r.input),
                output: value(r.output),
                model: r.model,
                model_parameters: value(r.model_parameters),
                usage,
                usage_details: details(r.usage_details),
                cost_usd: r.cost_usd,
                cost_details: details(r.cost_details),
                prompt_name: r.prompt_name,
                prompt_version: r.prompt_version,
                environment: r.environment,
                version: r.version,
                app_root: r.app_root != 0,
                experiment: r.experiment.and_then(|t| serde_json::from_str(&t).ok()),
                metadata: value(r.metadata),
            },
            received_at: at(r.received_at),
            sort_key: r.sort_key,
        }
    }
}

impl From<StoredScore> for ScoreRecord {
    fn from(r: StoredScore) -> Self {
        Self {
            score: Score {
                id: r.id,
                trace_id: r.trace_id,
                observation_id: r.observation_id,
                session_id: r.session_id,
                experiment_id: r.experiment_id,
                name: r.name,
                data_type: named(&r.data_type),
                value: r.value,
                string_value: r.string_value,
                source: named(&r.source),
                comment: r.comment,
                environment: r.environment,
                config_id: r.config_id,
                queue_id: r.queue_id,
                author_id: r.author_id,
                timestamp: Timestamp::from_micros(r.timestamp),
                metadata: value(r.metadata),
            },
            received_at: Timestamp::from_micros(r.received_at),
            sort_key: r.sort_key,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn words_are_united_in_the_order_of_receipt() {
        let word = |at, key: &str, json: &str| (at, key.to_owned(), json.to_owned());
        let words = vec![
            word(3, "a", "\"late\""),
            word(1, "a", "\"early\""),
            word(2, "b", r#"{"x":1}"#),
            word(4, "b", r#"{"y":2}"#),
        ];
        assert_eq!(
            spoken(Some(r#"{"c":true}"#.into()), words),
            json!({"a": "late", "b": {"x": 1, "y": 2}, "c": true})
        );
        assert_eq!(spoken(None, Vec::new()), Value::Null);
        assert_eq!(spoken(None, vec![word(1, "", "[1]")]), json!([1]));
    }
}
