//! Bodies that only the API has: what a component wraps around the types of `assay-model`.

use crate::composed::MetricComponent;
use assay_access::{Permission, Role};
use assay_model::schema::NAME;
use assay_model::{
    Budget, CampaignSpec, CampaignStatus, CampaignSummary, FieldError, GateVerdict, ItemOutcome,
    Level, Message, MetricKind, Observation, ObservationType, Score, Timestamp, TokenUsage, Trace,
};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// Names of a list of plain strings on the wire.
fn names<T: Serialize>(all: &[T]) -> Vec<Value> {
    all.iter()
        .filter_map(|n| serde_json::to_value(n).ok())
        .collect()
}

fn role(_: &mut SchemaGenerator) -> Schema {
    json_schema!({"type": "string", "enum": names(&Role::ALL)})
}

pub(crate) fn role_name(_: &mut SchemaGenerator) -> Schema {
    json_schema!({
        "type": "string",
        "description": "One of `owner`, `admin`, `editor`, `reviewer`, `viewer`, or `custom:<id>`.",
        "pattern": "^(owner|admin|editor|reviewer|viewer|custom:.{1,64})$",
    })
}

pub(crate) fn permissions(_: &mut SchemaGenerator) -> Schema {
    json_schema!({"type": "array", "items": {"type": "string", "enum": names(Permission::ALL)}})
}

fn scopes(_: &mut SchemaGenerator) -> Schema {
    json_schema!({
        "type": ["array", "null"],
        "minItems": 1,
        "items": {"type": "string", "enum": names(Permission::ALL)},
    })
}

/// Why a request was not answered as asked (RFC 9457).
#[derive(Serialize, JsonSchema)]
pub(crate) struct Problem {
    /// The class, e.g. `urn:assay:problem:validation`. It is stable: branch on it.
    r#type: String,
    /// The class, for a person.
    title: String,
    /// The HTTP status.
    #[schemars(range(min = 400, max = 599))]
    status: u16,
    /// What is wrong, for a person.
    detail: String,
    /// Names the request in the log.
    #[serde(skip_serializing_if = "Option::is_none")]
    request_id: Option<String>,
    /// Every wrong field: JSON pointers into the body, or names of parameters and headers.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<FieldError>,
}

/// Makes the first workspace.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Setup {
    /// The operator's setup token.
    #[schemars(extend("writeOnly" = true))]
    pub(crate) token: String,
    /// The workspace's name.
    #[schemars(length(min = 1, max = 200), regex(pattern = NAME))]
    pub(crate) workspace: String,
    /// The owner's address.
    #[schemars(email)]
    pub(crate) owner_email: String,
}

/// A workspace by name.
#[derive(Serialize, JsonSchema)]
pub(crate) struct WorkspaceName {
    /// Its id.
    id: String,
    /// Its name.
    name: String,
}

/// The first workspace, with the owner's key pair: it is shown here and nowhere else.
#[derive(Serialize, JsonSchema)]
pub(crate) struct SetupDone {
    workspace: WorkspaceName,
    owner_email: String,
    public_key: String,
    secret_key: String,
}

/// The caller's key.
#[derive(Serialize, JsonSchema)]
pub(crate) struct OwnKey {
    id: String,
    name: String,
    public_key: String,
    #[schemars(schema_with = "role_name")]
    role: String,
}

/// The caller as a person.
#[derive(Serialize, JsonSchema)]
pub(crate) struct OwnUser {
    id: String,
    /// The address, once it is proven.
    email: Option<String>,
    name: String,
    session_id: String,
}

/// A workspace that the person is a member of.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Membership {
    workspace: WorkspaceName,
    #[schemars(schema_with = "role_name")]
    role: String,
}

/// Who the caller is: a key, or a person.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Me {
    workspace: WorkspaceName,
    #[serde(skip_serializing_if = "Option::is_none")]
    key: Option<OwnKey>,
    #[serde(skip_serializing_if = "Option::is_none")]
    user: Option<OwnUser>,
    /// The person's role in the workspace.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "role_name")]
    role: Option<String>,
    /// The person's workspaces; `x-assay-workspace` chooses one.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    memberships: Vec<Membership>,
    /// What the caller may do.
    #[schemars(schema_with = "permissions")]
    permissions: Vec<Permission>,
}

/// A workspace.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Workspace {
    id: String,
    name: String,
    created_at: Timestamp,
    updated_at: Timestamp,
}

/// What is to change of a workspace.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct WorkspaceChange {
    /// The new name.
    #[schemars(length(min = 1, max = 200), regex(pattern = NAME))]
    pub(crate) name: Option<String>,
}

/// An API key. Its secret is never shown again.
#[derive(Serialize, JsonSchema)]
pub(crate) struct ApiKey {
    id: String,
    name: String,
    public_key: String,
    #[schemars(schema_with = "role_name")]
    role: String,
    /// What the key keeps of its role's permissions; all of them when null.
    #[schemars(schema_with = "scopes")]
    scopes: Option<Vec<Permission>>,
    /// The account whose key it is, and whose role it has.
    service_account_id: Option<String>,
    created_by: Option<String>,
    created_at: Timestamp,
    expires_at: Option<Timestamp>,
    /// To the minute.
    last_used_at: Option<Timestamp>,
}

/// An API key as it is shown to its maker.
#[derive(Serialize, JsonSchema)]
pub(crate) struct NewApiKey {
    #[serde(flatten)]
    key: ApiKey,
    /// The secret: it is shown here and nowhere else.
    secret_key: String,
}

/// Makes an API key, with a role of its own or for a service account.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ApiKeySpec {
    /// Display name.
    #[schemars(length(min = 1, max = 200), regex(pattern = NAME))]
    pub(crate) name: String,
    /// What the key may do: no more than its maker.
    #[serde(default)]
    #[schemars(schema_with = "role_name")]
    pub(crate) role: String,
    /// What the key keeps of its role's permissions; all of them when absent.
    #[serde(default)]
    #[schemars(schema_with = "scopes")]
    pub(crate) scopes: Option<Vec<Permission>>,
    /// The account whose key it is, and whose role it has. Then there is no `role`.
    #[schemars(length(min = 1, max = 64), regex(pattern = NAME))]
    pub(crate) service_account_id: Option<String>,
    /// When it stops to work; in the future. Never, when absent.
    pub(crate) expires_at: Option<Timestamp>,
}

/// What is to change of an API key.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ApiKeyChange {
    #[schemars(length(min = 1, max = 200), regex(pattern = NAME))]
    pub(crate) name: Option<String>,
    /// When it stops to work; never, when null.
    pub(crate) expires_at: Option<Timestamp>,
}

/// Items to add or to replace by key.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Items {
    /// The items; no key twice.
    #[schemars(length(min = 1, max = 1000))]
    pub(crate) items: Vec<assay_model::DatasetItem>,
}

/// What came of a request with items.
#[derive(Serialize, JsonSchema)]
pub(crate) struct ItemsDone {
    /// Items whose key was new.
    created: u64,
    /// Items that were replaced.
    updated: u64,
}

/// What `k` tries of an item come to, as the mean over items. A run that ended in error is no try.
#[derive(Serialize, JsonSchema)]
pub(crate) struct PassK {
    /// Tries.
    #[schemars(range(min = 1, max = 100))]
    k: u32,
    /// The chance that all of them pass (pass^k of τ-bench); null where no item has so many tries.
    #[schemars(range(min = 0, max = 1))]
    pass_hat_k: Option<f64>,
    /// The chance that at least one passes (pass@k).
    #[schemars(range(min = 0, max = 1))]
    pass_at_k: Option<f64>,
    /// Items that have so many tries.
    items: u64,
    /// Items that have fewer, since runs of theirs ended in error.
    left_out: u64,
}

/// A campaign.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Campaign {
    id: String,
    name: String,
    status: CampaignStatus,
    summary: CampaignSummary,
    /// Share of scored runs that passed; null when none was scored.
    #[schemars(range(min = 0, max = 1))]
    pass_rate: Option<f64>,
    /// What the gate says; null while runs go on.
    verdict: Option<GateVerdict>,
    /// How surely items pass that are run several times, for each number of tries up to `repetitions`; missing until the campaign is
    /// completed, and where nothing is repeated.
    #[serde(skip_serializing_if = "Option::is_none")]
    pass_k: Option<Vec<PassK>>,
    spec: CampaignSpec,
    created_by: Option<String>,
    created_at: Timestamp,
    finished_at: Option<Timestamp>,
    /// The campaign that it is run again from.
    rerun_of: Option<String>,
    /// Why it pauses, where its budget has it pause.
    paused_reason: Option<String>,
    /// What was spent, where it has a budget.
    spent: Option<SpentShown>,
}

/// What a campaign has spent.
#[derive(Serialize, JsonSchema)]
pub(crate) struct SpentShown {
    /// US dollars, of calls whose price is known.
    cost_usd: f64,
    /// Tokens of both kinds.
    tokens: u64,
    /// Milliseconds, pauses left out.
    wall_ms: u64,
    /// Calls of judges.
    judge_calls: u64,
    /// Calls of targets, judges and personas.
    calls: u64,
}

/// How a campaign goes on.
#[derive(Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(crate) struct CampaignResumed {
    /// The budget from now on, of a campaign that has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    budget: Option<Budget>,
}

/// Which runs are run again.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[allow(dead_code, reason = "its schema is what is used")]
pub(crate) enum RerunOnly {
    /// All.
    All,
    /// Those that failed.
    Failed,
    /// Those that ended in error.
    Error,
    /// Those that did not pass.
    NotPassed,
    /// All; those that would be the same again take their outcome over.
    Changed,
}

/// How a campaign is run again.
#[derive(Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(crate) struct Rerun {
    /// Which runs; all where nothing is said.
    #[serde(skip_serializing_if = "Option::is_none")]
    only: Option<RerunOnly>,
    /// Changes of the specification, a JSON merge patch (RFC 7396).
    #[serde(skip_serializing_if = "Option::is_none")]
    changes: Option<Map<String, Value>>,
}

/// A run with its conversation.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Run {
    campaign_id: String,
    #[serde(flatten)]
    outcome: ItemOutcome,
    /// Steps that were taken.
    steps: i64,
    /// The conversation so far.
    messages: Vec<Message>,
    /// Why the user stopped.
    stop_reason: Option<String>,
    /// The scenario's variables.
    variables: Map<String, Value>,
    /// What it waits for.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    waits: Vec<Question>,
    /// The run that it goes on from.
    #[serde(skip_serializing_if = "Option::is_none")]
    forked_from: Option<String>,
    /// The checkpoint of that run.
    #[serde(skip_serializing_if = "Option::is_none")]
    forked_at: Option<String>,
    /// What people say in place of its scores, where they do; the scores stay as they are.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    overrides: Vec<crate::operations::ScoreOverride>,
}

/// What kind of answer a run waits for.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[allow(dead_code, reason = "its schema is what is used")]
pub(crate) enum QuestionKind {
    /// A person's decision.
    Person,
    /// A person's words in the place of the user.
    UserTurn,
    /// A signed request.
    Webhook,
    /// Time.
    Timer,
}

/// A question of a run.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Question {
    /// By which it is answered.
    id: String,
    /// Of what kind.
    kind: QuestionKind,
    /// The node that asks.
    node: String,
    /// What is asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    question: Option<String>,
    /// When time itself answers.
    #[serde(skip_serializing_if = "Option::is_none")]
    due: Option<Timestamp>,
    /// Where the request goes that answers, and what it is signed with.
    #[serde(skip_serializing_if = "Option::is_none")]
    webhook: Option<RunWebhook>,
}

/// A signed request that a run waits for.
#[derive(Serialize, JsonSchema)]
pub(crate) struct RunWebhook {
    /// Where it goes.
    url: String,
    /// The secret of `Assay-Signature`, which is this run's alone.
    secret: String,
}

/// A task of a checkpoint.
#[derive(Serialize, JsonSchema)]
pub(crate) struct TaskShown {
    /// Its id.
    id: String,
    /// Its node.
    node: String,
    /// What it asked: `{id, value, asked}`.
    questions: Vec<Map<String, Value>>,
    /// Why it failed last.
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<Map<String, Value>>,
    /// What it wrote to the state, by field.
    #[serde(skip_serializing_if = "Option::is_none")]
    wrote: Option<Map<String, Value>>,
}

/// Why a checkpoint was made.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[allow(dead_code, reason = "its schema is what is used")]
pub(crate) enum CheckpointSource {
    /// The run began.
    Input,
    /// A super-step ended.
    Loop,
    /// Somebody edited the state.
    Update,
    /// A run went on from an older checkpoint.
    Fork,
}

/// A checkpoint of a run.
#[derive(Serialize, JsonSchema)]
pub(crate) struct CheckpointShown {
    /// Its id. Of two of one run the greater is the later one.
    id: String,
    /// The one that it was made from.
    parent: Option<String>,
    source: Option<CheckpointSource>,
    /// The super-step, -1 of the beginning.
    step: Option<i64>,
    /// When it was made (`at`), and of what it is a fork (`forked_from`).
    metadata: Map<String, Value>,
    /// The nodes that are to run.
    next: Vec<String>,
    tasks: Vec<TaskShown>,
    /// The state, by field; only where one checkpoint is asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    values: Option<Map<String, Value>>,
}

/// What changed between two checkpoints.
#[derive(Serialize, JsonSchema)]
pub(crate) struct CheckpointDiff {
    /// The earlier one; null where there is none.
    from: Option<String>,
    /// The later one.
    to: String,
    /// A JSON patch (RFC 6902) of the state.
    patch: Vec<Map<String, Value>>,
}

/// A change of a run's state, as if a node had made it.
#[derive(Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(crate) struct StateChange {
    /// The checkpoint that is changed; the newest where none is named.
    #[serde(skip_serializing_if = "Option::is_none")]
    checkpoint: Option<String>,
    /// What is written to fields, as a node would: to a list it is appended, to an object it is merged.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("maxProperties" = 50))]
    values: Option<Map<String, Value>>,
    /// What fields hold from then on.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("maxProperties" = 50))]
    overwrite: Option<Map<String, Value>>,
    /// The node: what follows it follows. The one that ran last where none is named.
    #[serde(skip_serializing_if = "Option::is_none")]
    as_node: Option<String>,
}

/// From where a run is replayed.
#[derive(Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(crate) struct ReplayFrom {
    /// The checkpoint.
    checkpoint: String,
}

/// Answers to what a run asks. One of the two.
#[derive(Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(crate) struct RunAnswers {
    /// To the only question.
    #[serde(skip_serializing_if = "Option::is_none")]
    answer: Option<Value>,
    /// By the ids of questions.
    #[serde(skip_serializing_if = "Option::is_none")]
    answers: Option<Map<String, Value>>,
}

/// A fork of a run.
#[derive(Serialize, JsonSchema)]
pub(crate) struct ForkShown {
    #[serde(flatten)]
    outcome: ItemOutcome,
    /// The checkpoint that it goes on from.
    forked_at: Option<String>,
}

/// One of two runs that are compared.
#[derive(Serialize, JsonSchema)]
pub(crate) struct ComparedRun {
    #[serde(flatten)]
    outcome: ItemOutcome,
    /// The nodes that ran, in order.
    path: Vec<String>,
}

/// A metric's verdicts on two runs.
#[derive(Serialize, JsonSchema)]
pub(crate) struct ComparedScore {
    /// The metric.
    name: String,
    /// `{status, score, reason}`; null where it did not score.
    run: Option<Map<String, Value>>,
    /// Of the other run.
    with: Option<Map<String, Value>>,
}

/// How two runs compare.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Comparison {
    run: ComparedRun,
    with: ComparedRun,
    /// The checkpoint that the second goes on from, where it is a fork of the first.
    parted_at: Option<String>,
    /// A JSON patch (RFC 6902) from the first one's last state to the second one's.
    patch: Vec<Map<String, Value>>,
    scores: Vec<ComparedScore>,
}

/// A kind of metric.
#[derive(Serialize, JsonSchema)]
pub(crate) struct CatalogueEntry {
    /// The kind, as a metric names it.
    kind: MetricKind,
    /// Display name.
    name: String,
    /// What is measured, and how the score comes about.
    description: String,
    /// Fields of the test case without which there is no score.
    required_fields: Vec<String>,
    /// The score at and above which a case passes when the metric names none.
    default_threshold: f64,
    /// JSON Schema of `params`.
    params_schema: Map<String, Value>,
    /// Whether a judge model must be configured.
    needs_judge: bool,
    /// Version of the implementation; counts up with every change that can change a score.
    version: u32,
    /// The components of this installation, for the kind `component` alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    components: Option<Vec<MetricComponent>>,
}

/// The kinds of metrics.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Catalogue {
    data: Vec<CatalogueEntry>,
}

/// A batch. A record that is wrong is refused alone.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Batch {
    /// What is newly known of traces.
    #[serde(default)]
    pub(crate) traces: Vec<Trace>,
    /// Observations; the same trace and id replaces.
    #[serde(default)]
    pub(crate) observations: Vec<Observation>,
    /// Scores; the same id replaces.
    #[serde(default)]
    pub(crate) scores: Vec<Score>,
}

/// What a workspace lets in, and for how long.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "described, not read")]
pub(crate) struct IngestPolicy {
    /// What is taken out before anything is stored.
    #[serde(default)]
    redaction: assay_redact::Policy,
    /// Which part of all traces is kept, chosen by the trace's id.
    #[serde(default = "whole")]
    #[schemars(range(min = 0, max = 1))]
    sampling_rate: f64,
    /// How long traces are kept, from when they began; for ever when absent.
    #[serde(default)]
    #[schemars(range(min = 1, max = 36500))]
    retention_days: Option<u32>,
}

const fn whole() -> f64 {
    1.0
}

/// The same, and whose it is.
#[derive(Serialize, JsonSchema)]
pub(crate) struct IngestPolicyShown {
    redaction: assay_redact::Policy,
    sampling_rate: f64,
    retention_days: Option<u32>,
    /// Null while the workspace has none of its own.
    updated_at: Option<Timestamp>,
    updated_by: Option<String>,
}

/// A record that was not kept.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Rejected {
    /// Which record, from 0: in the order of traces, observations, scores; or the line.
    index: u64,
    /// Why, in one line.
    reason: String,
    /// Why, field by field, with pointers into the body.
    errors: Vec<FieldError>,
}

/// What came of a batch.
#[derive(Serialize, JsonSchema)]
pub(crate) struct BatchDone {
    /// Records that are durable now.
    accepted: u64,
    /// Records that were not kept.
    rejected: Vec<Rejected>,
}

/// A trace with its sums.
#[derive(Serialize, JsonSchema)]
pub(crate) struct TraceShown {
    #[serde(flatten)]
    trace: Trace,
    /// From the first start to the last end, in milliseconds.
    latency_ms: Option<i64>,
    /// What it cost in US dollars; null when no cost is known.
    total_cost_usd: Option<f64>,
    /// Tokens spent; null when no usage is known.
    usage: Option<TokenUsage>,
    /// How many observations there are.
    observation_count: u64,
    /// How many of them failed.
    error_count: u64,
    /// How many of them are worth a look.
    warning_count: u64,
    /// When it was first heard of.
    created_at: Timestamp,
    /// When it was last spoken of.
    updated_at: Timestamp,
}

/// An observation, and what is derived from it.
#[derive(Serialize, JsonSchema)]
pub(crate) struct ObservationShown {
    #[serde(flatten)]
    observation: Observation,
    /// From start to end; null while it goes on.
    latency_ms: Option<i64>,
    /// When it was received.
    received_at: Timestamp,
}

/// An observation in its place in the trace.
#[derive(Serialize, JsonSchema)]
pub(crate) struct TreeNode {
    /// The observation.
    id: String,
    /// Its parent as it was sent, which may not be in the trace.
    parent_id: Option<String>,
    /// Levels above it in this tree; 0 for a root.
    depth: u32,
    /// Observations directly below.
    children: u32,
    /// Observations below, on all levels.
    descendants: u32,
    /// What kind of work.
    #[serde(rename = "type")]
    kind: ObservationType,
    /// What it is called.
    name: String,
    /// When it began.
    start_time: Timestamp,
    /// When it ended; null while it goes on.
    end_time: Option<Timestamp>,
    /// How grave.
    level: Level,
    /// Why it failed.
    status_message: Option<String>,
    /// The model that was called.
    model: Option<String>,
    /// Tokens of the prompt.
    input_tokens: Option<i64>,
    /// Tokens generated.
    output_tokens: Option<i64>,
    /// What it cost, in US dollars.
    cost_usd: Option<f64>,
}

/// A trace with its observations and scores.
#[derive(Serialize, JsonSchema)]
pub(crate) struct TraceDetail {
    #[serde(flatten)]
    trace: TraceShown,
    observations: Vec<ObservationShown>,
    scores: Vec<Score>,
    /// Whether there are more observations or scores than are shown here.
    truncated: bool,
}
