//! Traces, observations and scores: what the trace store keeps. Names follow Langfuse and OpenTelemetry GenAI.

use crate::{Timestamp, TokenUsage};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;

/// The deployment of what says none.
pub const DEFAULT_ENVIRONMENT: &str = "default";
/// Most characters of a deployment's name.
const MAX_ENVIRONMENT: usize = 40;

/// A deployment's name as it is kept: lower case, at most 40 characters, never beginning with `langfuse`, which Langfuse
/// reserves.
#[must_use]
pub fn environment_name(text: &str) -> String {
    let lower = text.trim().to_lowercase();
    let free = lower
        .strip_prefix("langfuse")
        .unwrap_or(&lower)
        .trim_start_matches(['-', '_']);
    if free.is_empty() {
        DEFAULT_ENVIRONMENT.to_owned()
    } else {
        free.chars().take(MAX_ENVIRONMENT).collect()
    }
}

/// What kind of work an observation is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "UPPERCASE")]
pub enum ObservationType {
    /// Work of no particular kind.
    #[default]
    Span,
    /// A call of a language model.
    Generation,
    /// A point in time.
    Event,
    /// A computation of embeddings.
    Embedding,
    /// An agent's run or turn.
    Agent,
    /// A call of a tool.
    Tool,
    /// A chain of steps.
    Chain,
    /// A retrieval.
    Retriever,
    /// A check of input or output.
    Guardrail,
    /// A metric at work.
    Evaluator,
}

impl ObservationType {
    /// The name on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Span => "SPAN",
            Self::Generation => "GENERATION",
            Self::Event => "EVENT",
            Self::Embedding => "EMBEDDING",
            Self::Agent => "AGENT",
            Self::Tool => "TOOL",
            Self::Chain => "CHAIN",
            Self::Retriever => "RETRIEVER",
            Self::Guardrail => "GUARDRAIL",
            Self::Evaluator => "EVALUATOR",
        }
    }
}

/// How grave an observation is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "UPPERCASE")]
pub enum Level {
    /// For debugging.
    Debug,
    /// As usual.
    #[default]
    Default,
    /// Worth a look.
    Warning,
    /// Failed.
    Error,
}

impl Level {
    /// The name on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Debug => "DEBUG",
            Self::Default => "DEFAULT",
            Self::Warning => "WARNING",
            Self::Error => "ERROR",
        }
    }
}

/// One step within a trace.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Observation {
    /// Opaque, unique within the trace; 16 hex digits for OTel spans.
    pub id: String,
    /// The trace it belongs to; 32 hex digits for OTel traces.
    pub trace_id: String,
    /// The observation it happened within; may arrive later, or never.
    pub parent_id: Option<String>,
    /// What kind of work.
    #[serde(rename = "type")]
    pub kind: ObservationType,
    /// What it is called.
    pub name: String,
    /// When it began.
    pub start_time: Timestamp,
    /// When it ended; `None` while it goes on.
    pub end_time: Option<Timestamp>,
    /// When a streamed answer began.
    pub completion_start_time: Option<Timestamp>,
    /// How grave.
    pub level: Level,
    /// Why it failed, for a person.
    pub status_message: Option<String>,
    /// What went in.
    pub input: Value,
    /// What came out.
    pub output: Value,
    /// The model that was called.
    pub model: Option<String>,
    /// Parameters of the call, an object or null.
    pub model_parameters: Value,
    /// Tokens spent: the sums of the buckets with `input` and with `output` in their names.
    pub usage: Option<TokenUsage>,
    /// Tokens by bucket, which are disjoint, `total` aside.
    pub usage_details: BTreeMap<String, u64>,
    /// What it cost, in US dollars.
    pub cost_usd: Option<f64>,
    /// Cost by bucket, in US dollars.
    pub cost_details: BTreeMap<String, f64>,
    /// The prompt of the library that was used.
    pub prompt_name: Option<String>,
    /// The version of that prompt.
    pub prompt_version: Option<i64>,
    /// Deployment, e.g. `production`.
    pub environment: Option<String>,
    /// Version of the traced code.
    pub version: Option<String>,
    /// Whether it is where this application begins, though its parent is in another one.
    pub app_root: bool,
    /// The experiment it is a part of.
    pub experiment: Option<ExperimentLink>,
    /// Anything else, an object or null.
    pub metadata: Value,
}

impl Observation {
    /// Whether the trace, or this application's part of it, begins here.
    #[must_use]
    pub const fn is_root(&self) -> bool {
        self.parent_id.is_none() || self.app_root
    }
}

/// An observation's place in an experiment: a run of an application over a dataset.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct ExperimentLink {
    /// The experiment.
    pub id: String,
    /// What it is called.
    pub name: Option<String>,
    /// What it is about.
    pub description: Option<String>,
    /// Anything else of the experiment.
    pub metadata: Value,
    /// The dataset it runs over.
    pub dataset_id: Option<String>,
    /// The item.
    pub item_id: Option<String>,
    /// The version of the item, as the client names it.
    pub item_version: Option<String>,
    /// The observation that stands for the item.
    pub root_observation_id: Option<String>,
    /// The reference answer of the item.
    pub expected_output: Value,
    /// Anything else of the item.
    pub item_metadata: Value,
}

/// What is known of a trace as a whole. Fields that a later batch names win; absent ones keep what is known.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Trace {
    /// 32 hex digits for OTel traces; otherwise opaque.
    pub id: String,
    /// What it is called.
    pub name: Option<String>,
    /// When it began: the earliest known.
    pub timestamp: Timestamp,
    /// The end user.
    pub user_id: Option<String>,
    /// The conversation.
    pub session_id: Option<String>,
    /// What went in.
    pub input: Value,
    /// What came out.
    pub output: Value,
    /// Anything else, an object or null.
    pub metadata: Value,
    /// Labels; the union of all that were sent.
    pub tags: Vec<String>,
    /// Deployment, e.g. `production`.
    pub environment: Option<String>,
    /// Version of the application.
    pub release: Option<String>,
    /// Version of the traced code.
    pub version: Option<String>,
    /// Whether anyone with the link may read it.
    pub public: Option<bool>,
}

/// The type of a score's value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "UPPERCASE")]
pub enum ScoreType {
    /// A number.
    #[default]
    Numeric,
    /// 0 or 1.
    Boolean,
    /// One of some strings.
    Categorical,
    /// Free text.
    Text,
    /// A better answer.
    Correction,
}

impl ScoreType {
    /// The name on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Numeric => "NUMERIC",
            Self::Boolean => "BOOLEAN",
            Self::Categorical => "CATEGORICAL",
            Self::Text => "TEXT",
            Self::Correction => "CORRECTION",
        }
    }
}

/// Who gave a score.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "UPPERCASE")]
pub enum ScoreSource {
    /// A client, through the API.
    #[default]
    Api,
    /// A person.
    Annotation,
    /// A metric.
    Eval,
}

impl ScoreSource {
    /// The name on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Api => "API",
            Self::Annotation => "ANNOTATION",
            Self::Eval => "EVAL",
        }
    }
}

/// A verdict on a trace or one of its observations. The same id replaces.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Score {
    /// Unique within the workspace.
    pub id: String,
    /// The trace that is scored; empty where a session or an experiment is.
    pub trace_id: String,
    /// The observation that is scored; the whole trace when absent.
    pub observation_id: Option<String>,
    /// The session that is scored.
    pub session_id: Option<String>,
    /// The experiment that is scored.
    pub experiment_id: Option<String>,
    /// What was measured.
    pub name: String,
    /// The type of the value.
    pub data_type: ScoreType,
    /// The value of a numeric or boolean score.
    pub value: Option<f64>,
    /// The value of a categorical or text score.
    pub string_value: Option<String>,
    /// Who gave it.
    pub source: ScoreSource,
    /// Why.
    pub comment: Option<String>,
    /// Deployment, e.g. `production`.
    pub environment: Option<String>,
    /// The definition of the score, where the client names one.
    pub config_id: Option<String>,
    /// The review queue it comes from.
    pub queue_id: Option<String>,
    /// Who gave it, where a person did.
    pub author_id: Option<String>,
    /// When.
    pub timestamp: Timestamp,
    /// Anything else, an object or null.
    pub metadata: Value,
}

/// What one write to the trace store carries.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Batch {
    /// What is newly known of traces. A trace that is only named by an observation exists all the same.
    pub traces: Vec<Trace>,
    /// Observations; the same (trace, id) replaces.
    pub observations: Vec<Observation>,
    /// Scores; the same id replaces.
    pub scores: Vec<Score>,
}

impl Batch {
    /// Whether there is nothing in it.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.traces.is_empty() && self.observations.is_empty() && self.scores.is_empty()
    }
}
