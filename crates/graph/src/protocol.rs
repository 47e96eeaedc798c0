//! What the orchestrator tells the performers of effects, and what they answer.
//!
//! Credentials travel as envelopes: only the component that makes the outgoing call opens them.

use crate::live::LiveCall;
use assay_model::{
    ActiveCalibration, AgentSpec, Content, DatasetItem, EnvironmentSpec, Image, Judging, Message,
    MetricResult, MetricSpec, ModelSpec, Part, Recording, RunError, ScenarioSpec, SealedSecret,
    SecretHeader, TestCase, Timestamp, TokenUsage, ToolCall, ToolMock,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;

/// An agent as it was when the campaign began.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AgentSnapshot {
    /// Its id.
    pub id: String,
    /// Its version.
    pub version: i64,
    /// How to talk to it.
    pub spec: AgentSpec,
    /// The sealed credential.
    pub credential: Option<String>,
    /// The secrets that its headers name, by name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub secrets: BTreeMap<String, SealedSecret>,
}

/// A model as it was when the campaign began.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ModelSnapshot {
    /// Its id.
    pub id: String,
    /// Its version.
    pub version: i64,
    /// How to talk to it.
    pub spec: ModelSpec,
    /// The sealed key.
    pub credential: Option<String>,
}

/// What a run needs of its campaign: written once, never changed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CampaignSnapshot {
    /// The agents under test.
    #[serde(default)]
    pub agents: Vec<AgentSnapshot>,
    /// The only one, of a campaign that was written before there could be several.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agent: Option<AgentSnapshot>,
    /// The model that judges.
    pub judge: Option<ModelSnapshot>,
    /// Those that judge beside it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub panel: Vec<ModelSnapshot>,
    /// How they do.
    #[serde(default, skip_serializing_if = "Judging::is_default")]
    pub judging: Judging,
    /// The calibrations of what judges them, as they were when the campaign began.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub calibrations: Vec<ActiveCalibration>,
    /// The model that plays personas.
    pub persona: Option<ModelSnapshot>,
    /// Those that play the personas which name their own, by id.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub persona_models: BTreeMap<String, ModelSnapshot>,
    /// The secrets that nodes of the scenarios name, by name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub secrets: BTreeMap<String, SealedSecret>,
    /// Metrics of every item.
    pub metrics: Vec<MetricSpec>,
    /// Most turns of the user.
    pub max_turns: u32,
    /// Tries of one call.
    pub max_attempts: u32,
    /// Passed to models that take one.
    pub seed: u64,
    /// Whether the calls of its runs are written down, so that another campaign can repeat them.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub record: bool,
    /// The campaign whose recorded answers are taken in place of calls.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replay_of: Option<String>,
    /// What came with what started the campaign: a hook's event, a schedule's time.
    #[serde(default, skip_serializing_if = "Value::is_null")]
    pub trigger: Value,
}

impl CampaignSnapshot {
    /// An agent under test by its place.
    #[must_use]
    pub fn agent(&self, place: usize) -> Option<&AgentSnapshot> {
        self.agents.get(place).or(self.agent.as_ref())
    }

    /// All that judge, the first one first.
    pub fn judges(&self) -> impl Iterator<Item = &ModelSnapshot> {
        self.judge.iter().chain(&self.panel)
    }

    /// The model that plays the user of a scenario: the persona's own, or else the campaign's.
    #[must_use]
    pub fn player(&self, scenario: Option<&ScenarioSpec>) -> Option<&ModelSnapshot> {
        let own = scenario.and_then(|s| s.persona.as_ref()?.model.as_ref());
        own.map_or(self.persona.as_ref(), |id| self.persona_models.get(id))
    }
}

/// What a run is about: an item of a dataset, or a scenario.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RunItem {
    /// The item; of a scenario, what is expected.
    pub item: DatasetItem,
    /// The scenario, when the user is played.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scenario: Option<ScenarioSpec>,
    /// The scenarios that it plays within, and those within them, by id.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub scenarios: BTreeMap<String, ScenarioSpec>,
}

/// Asks for the user's next words.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct UserTurnRequest {
    /// What the run is about.
    pub item: RunItem,
    /// What was said so far.
    pub messages: Vec<Message>,
    /// Turns the user has had.
    pub user_turns: u32,
    /// Most turns of the user.
    pub max_turns: u32,
    /// The model that plays, when one must.
    pub model: Option<ModelSnapshot>,
    /// Passed to the model.
    pub seed: u64,
    /// What the user is after in this turn alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instructions: Option<String>,
    /// Turns of the user, counted from 0, that were said with `unhelpful`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unhelpful_turns: Vec<u32>,
    /// The model that says whether the scenario's expected outcome is reached; none where nobody is to be asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub judge: Option<ModelSnapshot>,
    /// Where the calls are written down, or read from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recording: Option<Recording>,
}

/// What a call of a model or of the target took.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct CallStats {
    /// When it began.
    pub started: Timestamp,
    /// When it ended.
    pub ended: Timestamp,
    /// The model that answered, when it said.
    pub model: Option<String>,
    /// Tokens spent, when it said.
    pub usage: Option<TokenUsage>,
    /// What it cost in US dollars, when known.
    pub cost_usd: Option<f64>,
    /// Version of the prompt, where one of ours was sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub prompt_version: Option<String>,
    /// Hash of the prompt, likewise.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub prompt_hash: Option<String>,
}

/// The user's next words.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "outcome")]
pub enum UserTurnResponse {
    /// The user says this.
    Say {
        /// The words, and in a script images too.
        text: Content,
        /// Whether the persona found the agent's last answer unhelpful; it is told so in later turns.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        unhelpful: bool,
        /// The calls of the model, when one played, and of the judge, when it was asked.
        call: Option<CallStats>,
    },
    /// The user has nothing more to say.
    Stop {
        /// Why.
        reason: String,
        /// Likewise.
        call: Option<CallStats>,
    },
    /// The user could not be played.
    Failed(Failure),
}

/// Something that went wrong outside the platform.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Failure {
    /// What, for a person.
    pub error: RunError,
    /// Whether a further try may succeed.
    pub retryable: bool,
    /// How long the other side asked to wait.
    #[serde(default)]
    pub retry_after_ms: Option<u64>,
    /// The call.
    #[serde(default)]
    pub call: CallStats,
}

/// The world of a run, as its agent finds it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct World {
    /// Its tools, and the state that the run began with.
    pub spec: EnvironmentSpec,
    /// The state as it is.
    pub state: Value,
}

/// Asks for one call of the target.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct TargetRequest {
    /// The agent under test.
    pub agent: AgentSnapshot,
    /// What was said so far; the last message is the user's.
    pub messages: Vec<Message>,
    /// Names the run to the agent.
    pub run_id: String,
    /// What the last answer of the run said is to come back; null at first. Opaque: the simulator alone reads it.
    #[serde(default, skip_serializing_if = "Value::is_null")]
    pub session: Value,
    /// Answers that win over what the agent's tools do.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub mocks: Vec<ToolMock>,
    /// The world that the agent's tools act in, if there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub environment: Option<Box<World>>,
    /// Where the calls are written down, or read from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recording: Option<Recording>,
    /// What whoever looks on knows the answer by while it streams; none where it does not, or belongs to no run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub live: Option<LiveCall>,
}

/// What the target said.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TargetAnswer {
    /// The words.
    pub content: String,
    /// Images that it shows.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub images: Vec<Image>,
    /// Tools it called.
    #[serde(default)]
    pub tools_called: Vec<ToolCall>,
    /// What it retrieved.
    #[serde(default)]
    pub retrieval_context: Vec<String>,
    /// What is to be sent with the next request of the run, such as the agent's name for the conversation; null when
    /// nothing is.
    #[serde(default, skip_serializing_if = "Value::is_null")]
    pub session: Value,
    /// What has become of the environment's state; missing when nothing has changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub environment_state: Option<Value>,
    /// The call.
    pub call: CallStats,
}

impl TargetAnswer {
    /// The words, and the images beside them.
    #[must_use]
    pub fn shown(&self) -> Content {
        if self.images.is_empty() {
            return self.content.as_str().into();
        }
        let words = (!self.content.is_empty()).then(|| Part::Text {
            text: self.content.clone(),
        });
        let images = self.images.iter().cloned();
        let images = images.map(|image_url| Part::ImageUrl { image_url });
        Content::of(words.into_iter().chain(images).collect())
    }
}

/// What came of a call of the target.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "outcome")]
pub enum TargetResponse {
    /// It answered.
    Answer(TargetAnswer),
    /// It did not.
    Failed(Failure),
}

/// Asks for one request to a server that a scenario names.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FetchRequest {
    /// The method, e.g. `GET`.
    pub method: String,
    /// Where to. Private addresses are refused.
    pub url: String,
    /// Headers, by their names in small letters.
    #[serde(default)]
    pub headers: BTreeMap<String, String>,
    /// Headers that name secrets.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub secret_headers: Vec<SecretHeader>,
    /// The secrets, sealed, by name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub secrets: BTreeMap<String, SealedSecret>,
    /// What is sent.
    #[serde(default)]
    pub body: Option<String>,
    /// How long it may take, in milliseconds.
    #[serde(default)]
    pub timeout_ms: Option<u64>,
    /// Where the call is written down, or read from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recording: Option<Recording>,
}

/// What a server answered.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "outcome")]
pub enum FetchResponse {
    /// It answered, with whatever status.
    Answer {
        /// The status.
        status: u16,
        /// The value where it is JSON, else the text.
        body: Value,
        /// The call.
        call: CallStats,
    },
    /// It did not.
    Failed(Failure),
}

/// Asks for one run of a program of the workspace.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ProgramRequest {
    /// The workspace, whose programs alone can be run.
    pub workspace_id: String,
    /// The program.
    pub program_id: String,
    /// What it reads.
    pub input: Value,
    /// What its random numbers follow from.
    pub seed: u64,
    /// Where the answer is written down, or read from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recording: Option<Recording>,
}

/// What a program came to: the same each time that it reads the same.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "outcome")]
pub enum ProgramResponse {
    /// It wrote a value.
    Value {
        /// The value.
        output: Value,
        /// What it wrote to its standard error.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        stderr: String,
        /// Instructions that it ran, about.
        fuel: u64,
    },
    /// It did not, and never will.
    Failed {
        /// Why, for a person: what goes on from "the program".
        message: String,
    },
}

/// Asks for verdicts.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct EvaluateRequest {
    /// The workspace, whose programs and secrets alone are used.
    pub workspace_id: String,
    /// What is scored.
    pub case: TestCase,
    /// By which metrics.
    pub metrics: Vec<MetricSpec>,
    /// The models that judge, each of them.
    pub judges: Vec<ModelSnapshot>,
    /// How they do.
    pub judging: Judging,
    /// The calibrations that are applied; those of now where nothing is said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub calibrations: Option<Vec<ActiveCalibration>>,
    /// Passed to the models.
    pub seed: u64,
    /// Where the judges' calls are written down, or read from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recording: Option<Recording>,
}

/// Verdicts, one a metric, in the order asked.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct EvaluateResponse {
    /// The verdicts.
    pub results: Vec<MetricResult>,
}

/// Asks whether metrics are configured right: only the evaluator knows their parameters, and what of the workspace they name. What is wrong comes back as a
/// validation problem with pointers into the client's request.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct CheckMetricsRequest {
    /// The workspace, whose programs and secrets they may name.
    pub workspace_id: String,
    /// Lists of metrics, each with the JSON pointer of the list in the client's request.
    pub lists: Vec<MetricList>,
}

/// A list of metrics within a client's request.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct MetricList {
    /// JSON pointer of the list, e.g. `/items/3/metrics`.
    pub pointer: String,
    /// The metrics.
    pub metrics: Vec<MetricSpec>,
    /// Whether `pointer` names the only metric itself, not a list.
    #[serde(default)]
    pub single: bool,
}
