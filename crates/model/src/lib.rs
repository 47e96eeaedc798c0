//! Assay's domain types, as they travel in the HTTP API and rest in the stores.
//!
//! This crate holds data and the rules one value must satisfy on its own. It does no I/O, reads no clock and makes no
//! ids: those are the caller's to give. Each type that a client may send implements [`Validate`], which names every
//! field that is wrong by its JSON pointer, all at once rather than one a request.

mod agent;
mod alert;
pub mod analysis;
mod audio;
mod calibration;
mod campaign;
mod comment;
mod content;
mod contest;
mod dataset;
mod destination;
mod environment;
mod evaluation_rule;
mod filter;
mod headers;
mod image;
mod judging;
mod knowledge;
mod label_schema;
mod library;
mod metric;
mod model;
mod object;
pub mod pace;
mod persona;
mod playground;
mod program;
mod prompt;
mod recording;
mod resource;
mod review_queue;
pub mod sampling;
mod scenario;
mod scenario_graph;
mod schedule;
pub mod schema;
mod secret;
mod test_case;
mod time;
mod tool;
mod trace;
mod validate;
mod view;

pub use agent::{A2aVersion, AgentKind, AgentSpec, AuthScheme};
pub use alert::{
    AlertAggregation, AlertChannel, AlertCondition, AlertMeasure, AlertNews, AlertSeverity,
    AlertSpec, AlertState, Comparison, MailService, OnNoData, Shift, signature as body_signature,
};
pub use audio::{Audio, MAX_AUDIO_BYTES, check_audio};
pub use calibration::{
    ActiveCalibration, Calibrated, CalibrationCurves, CalibrationSpec, JudgedBy, StaleCalibration,
};
pub use campaign::{
    AgentVersion, Budget, CampaignSpec, CampaignStatus, CampaignSummary, Gate, GateVerdict,
    ItemOutcome, PaceSpec, RunError, RunErrorKind, RunStatus,
};
pub use comment::{
    CommentChange, CommentObject, CommentSpec, MAX_COMMENT, ShareSpec, check_comment,
};
pub use content::{Content, Part};
pub use contest::{
    Ballot, ContestField, ContestPlace, ContestResult, ContestSpec, ContestStatus, Contestant,
    MAX_CONTESTANTS,
};
pub use dataset::{DatasetItem, DatasetSpec};
pub use destination::{DestinationAuth, DestinationKind, DestinationSpec};
pub use environment::{
    EnvChange, EnvCheck, EnvTool, EnvironmentSpec, GoalAssertion, GoalState, GoldAction,
};
pub use evaluation_rule::{DailyBudget, EvaluationRuleSpec, MAX_DELAY_S, RuleEvaluator};
pub use filter::{Condition, Filter, Operand, Operator};
pub use headers::check_shown as check_shown_headers;
pub use image::{Image, ImageDetail, MAX_IMAGE_BYTES, MAX_IMAGES, check_images};
pub use judging::{Combine, Judgement, Judgements, Judging, MAX_JUDGEMENTS};
pub use knowledge::{DocumentSpec, DocumentStatus, KnowledgeBaseSpec};
pub use label_schema::{Category, LabelKind, LabelSchemaSpec, LabelTarget};
pub use library::LibraryMetricSpec;
pub use metric::{COMPONENT_TIMEOUT_MS, MetricKind, MetricSpec, WEBHOOK_TIMEOUT_MS};
pub use model::{Capabilities, ModelProvider, ModelSpec, Price};
pub use object::object;
pub use persona::{Disclosure, Fact, PersonaSpec, Strategy};
pub use playground::{ModelChatReply, ModelChatRequest};
pub use program::ProgramSpec;
pub use prompt::{
    ChatEntry, ChatPlaceholder, ChatText, ChatTextKind, LabelMove, PlaceholderKind, PromptContent,
    PromptSpec, is_label,
};
pub use recording::Recording;
pub use resource::{
    BulkAction, BulkOutcome, BulkRequest, BulkResult, BulkResults, ConnectionTest,
    ConnectionTestRequest, ImportResult, PatchOperation, ResourceVersion, VersionDiff,
};
pub use review_queue::{
    LabelAnswer, MachineScore, ReviewCondition, ReviewQueueSpec, ReviewRule, ReviewSource,
    ReviewSubject,
};
pub use scenario::{PlayedBy, ScenarioSpec};
pub use scenario_graph::{
    Branches, Edge, EndResult, Method, Node, NodeKind, Position, RESERVED_VARIABLES, ScenarioGraph,
    Sentiment, Severity, Trigger, When,
};
pub use schedule::ScheduleSpec;
pub use secret::{HeaderPart, SealedSecret, SecretHeader, SecretSpec, is_name as is_secret_name};
pub use test_case::{
    JudgeAnswer, Message, MetricResult, MetricStatus, Role, TestCase, TokenUsage, ToolCall,
    TraceStep,
};
pub use time::Timestamp;
pub use tool::{McpServer, ToolAction, ToolMethod, ToolMock, ToolSpec};
pub use trace::{
    Batch, DEFAULT_ENVIRONMENT, ExperimentLink, Level, Observation, ObservationType, Score,
    ScoreSource, ScoreType, Trace, environment_name,
};
pub use validate::{FieldError, Validate, Validator};
pub use view::{ViewSpec, ViewTable, Visibility};
