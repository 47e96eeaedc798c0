//! A metric as data: its kind, parameters and threshold.

use crate::schema::{NAME, object_or_null};
use crate::secret;
use crate::{Validate, Validator};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// How long a try of a webhook may take where nothing is said, in milliseconds.
pub const WEBHOOK_TIMEOUT_MS: u64 = 30_000;

/// How long a component may take to score a case, in milliseconds; its engine may give it less.
pub const COMPONENT_TIMEOUT_MS: u64 = 30_000;

/// The metrics that exist.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum MetricKind {
    /// The answer equals `expected_output`, trailing white space aside.
    ExactMatch,
    /// The answer matches a regular expression as a whole.
    Regex,
    /// The answer contains all (or any) of the given strings.
    Contains,
    /// The answer is JSON that satisfies a JSON Schema.
    JsonSchema,
    /// The answer came within a number of milliseconds.
    Latency,
    /// The conversation cost no more than a number of US dollars.
    Cost,
    /// The agent called the expected tools.
    ToolCorrectness,
    /// A model judges the answer by criteria (G-Eval).
    GEval,
    /// The share of the answer's statements that bear on the question.
    AnswerRelevancy,
    /// The share of the answer's claims that what was retrieved bears out.
    Faithfulness,
    /// Whether what is relevant was retrieved before what is not.
    ContextualPrecision,
    /// The share of the expected answer that something retrieved bears out.
    ContextualRecall,
    /// The share of what was retrieved that bears on the question.
    ContextualRelevancy,
    /// The share of known facts that the answer agrees with.
    Hallucination,
    /// The share of the answer's opinions that show no bias.
    Bias,
    /// The share of the answer's opinions that are not toxic.
    Toxicity,
    /// The share of what looks like personal data in the answer that is none.
    PiiLeakage,
    /// The share of the answer's advice that may be given.
    NonAdvice,
    /// The share of what may be outside of the agent's domain that is not.
    Misuse,
    /// Whether nothing in the answer breaks the agent's role.
    RoleViolation,
    /// The share of instructions that the answer follows.
    PromptAlignment,
    /// Whether a summary says only what its source says, and what matters of it.
    Summarization,
    /// The share of tool calls whose arguments make sense.
    ArgumentCorrectness,
    /// Every call of the agent was of a tool that a policy permits.
    ToolPermission,
    /// The agent does not turn in circles, by its trace.
    AgentLoopDetection,
    /// How much of what the user wanted the agent brought about.
    TaskCompletion,
    /// The agent took no step that its task does not need.
    StepEfficiency,
    /// The plan that the agent stated leads to what the user wanted.
    PlanQuality,
    /// The agent did what it had planned.
    PlanAdherence,
    /// The agent called the right tools of those it had.
    ToolSelection,
    /// The share of exchanges in which the agent's words bear on the user's.
    TurnRelevancy,
    /// Faithfulness, exchange by exchange.
    TurnFaithfulness,
    /// Contextual precision, exchange by exchange.
    TurnContextualPrecision,
    /// Contextual recall, exchange by exchange.
    TurnContextualRecall,
    /// Contextual relevancy, exchange by exchange.
    TurnContextualRelevancy,
    /// The share of the agent's turns that forget nothing of what the user has told.
    KnowledgeRetention,
    /// The share of what the user wanted that was satisfied.
    ConversationCompleteness,
    /// The share of the agent's turns that keep to its role.
    RoleAdherence,
    /// How far the user's goals were reached and how good the way there was.
    GoalAccuracy,
    /// The share of questions that were rightly answered or refused.
    TopicAdherence,
    /// A graph of tasks and judgements leads to the score (DAG).
    Dag,
    /// A graph of tasks and judgements on the turns of a conversation leads to the score.
    ConversationalDag,
    /// A model judges the conversation by criteria (conversational G-Eval).
    ConversationalGEval,
    /// The agent called the right tools and with the right arguments, exchange by exchange.
    ToolUse,
    /// The agent used the right things of its MCP servers and with the right arguments.
    McpUse,
    /// MCP use, exchange by exchange.
    MultiTurnMcpUse,
    /// How far the user got what they wanted where the agent used its MCP servers.
    McpTaskCompletion,
    /// How far the answer's claims and those of the expected answer agree.
    FactualCorrectness,
    /// The share of the answer's claims that are not wrong because of what was retrieved.
    NoiseSensitivity,
    /// A yes or no of the judge on a question, by majority.
    AspectCritic,
    /// Weighted questions that are answered with probabilities.
    JevEval,
    /// Weighted questions on a conversation that are answered with probabilities.
    ConversationalJevEval,
    /// The agent called exactly the expected tools with the expected arguments.
    ToolCallAccuracy,
    /// How near the answer and the expected output are in meaning, by their embeddings.
    EmbeddingSimilarity,
    /// The answer's words and runs of words that the expected output has (BLEU).
    Bleu,
    /// The words that the answer and the expected output have in common (ROUGE).
    Rouge,
    /// The characters and runs of them that the answer and the expected output have in common (chrF).
    Chrf,
    /// The share of the expected output's words that are no edit away from the answer (TER).
    Ter,
    /// How close the answer is to the expected output by edit distance (Levenshtein).
    EditSimilarity,
    /// Whether what was retrieved stands in the order of its relevance (nDCG).
    Ndcg,
    /// The share of the first documents retrieved that are relevant.
    PrecisionAtK,
    /// The share of relevant documents that were retrieved first.
    RecallAtK,
    /// One of the first documents retrieved is relevant.
    HitRate,
    /// How early the first relevant document was retrieved; its mean is MRR.
    ReciprocalRank,
    /// How easily the answer is read (Flesch, Flesch-Kincaid).
    Readability,
    /// The answer is neither too short nor too long.
    Length,
    /// An image is what the user asked for, and well made.
    TextToImage,
    /// An image was changed as the user asked, no more than that, and well.
    ImageEditing,
    /// The images of an answer belong to the text around them.
    ImageCoherence,
    /// The images of an answer help to understand the text around them.
    ImageHelpfulness,
    /// The text around the images of an answer refers to them, and rightly.
    ImageReference,
    /// The share of what the user said that the agent heard rightly.
    TranscriptionAccuracy,
    /// The share of recorded turns without a held tone, lost sound, a cut or distortion.
    AudioGlitch,
    /// How much the agent's voice sounds as speech does, by its signal.
    VoiceNaturalness,
    /// How long it takes until the other one speaks, and how much both speak at once.
    TurnTakingNaturalness,
    /// How well the agent's voice can be understood, by its signal.
    SpeechIntelligibility,
    /// How much the agent's voice stays the same from turn to turn.
    VoiceConsistency,
    /// The user did not have to ask again, and was answered.
    AgentResponsiveness,
    /// The agent's recordings are whole: nothing is lost, repeated, cut off or distorted.
    AudioIntegrity,
    /// The agent answers, and its recordings are whole.
    VoiceReliability,
    /// A prompt of the user's own is put to the judge.
    CustomPrompt,
    /// An expression over the case gives the score.
    Expression,
    /// A program of the workspace gives the score.
    Program,
    /// A server of the user's gives the score.
    Webhook,
    /// A component of the installation's own gives the score.
    Component,
}

impl MetricKind {
    /// Every kind, in the order of the catalogue.
    pub const ALL: [Self; 85] = [
        Self::ExactMatch,
        Self::Regex,
        Self::Contains,
        Self::JsonSchema,
        Self::Latency,
        Self::Cost,
        Self::ToolCorrectness,
        Self::GEval,
        Self::AnswerRelevancy,
        Self::Faithfulness,
        Self::ContextualPrecision,
        Self::ContextualRecall,
        Self::ContextualRelevancy,
        Self::Hallucination,
        Self::Bias,
        Self::Toxicity,
        Self::PiiLeakage,
        Self::NonAdvice,
        Self::Misuse,
        Self::RoleViolation,
        Self::PromptAlignment,
        Self::Summarization,
        Self::ArgumentCorrectness,
        Self::ToolPermission,
        Self::AgentLoopDetection,
        Self::TaskCompletion,
        Self::StepEfficiency,
        Self::PlanQuality,
        Self::PlanAdherence,
        Self::ToolSelection,
        Self::TurnRelevancy,
        Self::TurnFaithfulness,
        Self::TurnContextualPrecision,
        Self::TurnContextualRecall,
        Self::TurnContextualRelevancy,
        Self::KnowledgeRetention,
        Self::ConversationCompleteness,
        Self::RoleAdherence,
        Self::GoalAccuracy,
        Self::TopicAdherence,
        Self::Dag,
        Self::ConversationalDag,
        Self::ConversationalGEval,
        Self::ToolUse,
        Self::McpUse,
        Self::MultiTurnMcpUse,
        Self::McpTaskCompletion,
        Self::FactualCorrectness,
        Self::NoiseSensitivity,
        Self::AspectCritic,
        Self::JevEval,
        Self::ConversationalJevEval,
        Self::ToolCallAccuracy,
        Self::EmbeddingSimilarity,
        Self::Bleu,
        Self::Rouge,
        Self::Chrf,
        Self::Ter,
        Self::EditSimilarity,
        Self::Ndcg,
        Self::PrecisionAtK,
        Self::RecallAtK,
        Self::HitRate,
        Self::ReciprocalRank,
        Self::Readability,
        Self::Length,
        Self::TextToImage,
        Self::ImageEditing,
        Self::ImageCoherence,
        Self::ImageHelpfulness,
        Self::ImageReference,
        Self::TranscriptionAccuracy,
        Self::AudioGlitch,
        Self::VoiceNaturalness,
        Self::TurnTakingNaturalness,
        Self::SpeechIntelligibility,
        Self::VoiceConsistency,
        Self::AgentResponsiveness,
        Self::AudioIntegrity,
        Self::VoiceReliability,
        Self::CustomPrompt,
        Self::Expression,
        Self::Program,
        Self::Webhook,
        Self::Component,
    ];

    /// The name on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ExactMatch => "exact_match",
            Self::Regex => "regex",
            Self::Contains => "contains",
            Self::JsonSchema => "json_schema",
            Self::Latency => "latency",
            Self::Cost => "cost",
            Self::ToolCorrectness => "tool_correctness",
            Self::GEval => "g_eval",
            Self::AnswerRelevancy => "answer_relevancy",
            Self::Faithfulness => "faithfulness",
            Self::ContextualPrecision => "contextual_precision",
            Self::ContextualRecall => "contextual_recall",
            Self::ContextualRelevancy => "contextual_relevancy",
            Self::Hallucination => "hallucination",
            Self::Bias => "bias",
            Self::Toxicity => "toxicity",
            Self::PiiLeakage => "pii_leakage",
            Self::NonAdvice => "non_advice",
            Self::Misuse => "misuse",
            Self::RoleViolation => "role_violation",
            Self::PromptAlignment => "prompt_alignment",
            Self::Summarization => "summarization",
            Self::ArgumentCorrectness => "argument_correctness",
            Self::ToolPermission => "tool_permission",
            Self::AgentLoopDetection => "agent_loop_detection",
            Self::TaskCompletion => "task_completion",
            Self::StepEfficiency => "step_efficiency",
            Self::PlanQuality => "plan_quality",
            Self::PlanAdherence => "plan_adherence",
            Self::ToolSelection => "tool_selection",
            Self::TurnRelevancy => "turn_relevancy",
            Self::TurnFaithfulness => "turn_faithfulness",
            Self::TurnContextualPrecision => "turn_contextual_precision",
            Self::TurnContextualRecall => "turn_contextual_recall",
            Self::TurnContextualRelevancy => "turn_contextual_relevancy",
            Self::KnowledgeRetention => "knowledge_retention",
            Self::ConversationCompleteness => "conversation_completeness",
            Self::RoleAdherence => "role_adherence",
            Self::GoalAccuracy => "goal_accuracy",
            Self::TopicAdherence => "topic_adherence",
            Self::Dag => "dag",
            Self::ConversationalDag => "conversational_dag",
            Self::ConversationalGEval => "conversational_g_eval",
            Self::ToolUse => "tool_use",
            Self::McpUse => "mcp_use",
            Self::MultiTurnMcpUse => "multi_turn_mcp_use",
            Self::McpTaskCompletion => "mcp_task_completion",
            Self::FactualCorrectness => "factual_correctness",
            Self::NoiseSensitivity => "noise_sensitivity",
            Self::AspectCritic => "aspect_critic",
            Self::JevEval => "jev_eval",
            Self::ConversationalJevEval => "conversational_jev_eval",
            Self::ToolCallAccuracy => "tool_call_accuracy",
            Self::EmbeddingSimilarity => "embedding_similarity",
            Self::Bleu => "bleu",
            Self::Rouge => "rouge",
            Self::Chrf => "chrf",
            Self::Ter => "ter",
            Self::EditSimilarity => "edit_similarity",
            Self::Ndcg => "ndcg",
            Self::PrecisionAtK => "precision_at_k",
            Self::RecallAtK => "recall_at_k",
            Self::HitRate => "hit_rate",
            Self::ReciprocalRank => "reciprocal_rank",
            Self::Readability => "readability",
            Self::Length => "length",
            Self::TextToImage => "text_to_image",
            Self::ImageEditing => "image_editing",
            Self::ImageCoherence => "image_coherence",
            Self::ImageHelpfulness => "image_helpfulness",
            Self::ImageReference => "image_reference",
            Self::TranscriptionAccuracy => "transcription_accuracy",
            Self::AudioGlitch => "audio_glitch",
            Self::VoiceNaturalness => "voice_naturalness",
            Self::TurnTakingNaturalness => "turn_taking_naturalness",
            Self::SpeechIntelligibility => "speech_intelligibility",
            Self::VoiceConsistency => "voice_consistency",
            Self::AgentResponsiveness => "agent_responsiveness",
            Self::AudioIntegrity => "audio_integrity",
            Self::VoiceReliability => "voice_reliability",
            Self::CustomPrompt => "custom_prompt",
            Self::Expression => "expression",
            Self::Program => "program",
            Self::Webhook => "webhook",
            Self::Component => "component",
        }
    }

    /// Whether a judge model must be configured.
    #[must_use]
    pub const fn needs_judge(self) -> bool {
        !matches!(
            self,
            Self::ExactMatch
                | Self::Regex
                | Self::Contains
                | Self::JsonSchema
                | Self::Latency
                | Self::Cost
                | Self::ToolCorrectness
                | Self::ToolPermission
                | Self::AgentLoopDetection
                | Self::ToolCallAccuracy
                | Self::EmbeddingSimilarity
                | Self::Bleu
                | Self::Rouge
                | Self::Chrf
                | Self::Ter
                | Self::EditSimilarity
                | Self::Ndcg
                | Self::PrecisionAtK
                | Self::RecallAtK
                | Self::HitRate
                | Self::ReciprocalRank
                | Self::Readability
                | Self::Length
                | Self::AudioGlitch
                | Self::VoiceNaturalness
                | Self::TurnTakingNaturalness
                | Self::SpeechIntelligibility
                | Self::VoiceConsistency
                | Self::AgentResponsiveness
                | Self::AudioIntegrity
                | Self::VoiceReliability
                | Self::Expression
                | Self::Program
                | Self::Webhook
                | Self::Component
        )
    }

    /// Whether somebody outside is asked: a model, a program or a server.
    #[must_use]
    pub const fn asks_somebody(self) -> bool {
        self.needs_judge()
            || matches!(
                self,
                Self::EmbeddingSimilarity | Self::Program | Self::Webhook | Self::Component
            )
    }
}

/// One metric as a campaign or an item asks for it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MetricSpec {
    /// Which metric.
    pub kind: MetricKind,
    /// Display name; the kind's name when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 100), regex(pattern = NAME))]
    pub name: Option<String>,
    /// The score at and above which a case passes; the kind's default when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0, max = 1))]
    pub threshold: Option<f64>,
    /// Parameters of the kind, an object; see `GET /api/v1/metrics` for each kind's schema.
    #[serde(default, skip_serializing_if = "Value::is_null")]
    #[schemars(schema_with = "object_or_null")]
    pub params: Value,
}

impl MetricSpec {
    /// A metric of `kind` with its defaults.
    #[must_use]
    pub const fn of(kind: MetricKind) -> Self {
        Self {
            kind,
            name: None,
            threshold: None,
            params: Value::Null,
        }
    }

    /// The program that it names, with its JSON pointer from the metric.
    #[must_use]
    pub fn program(&self) -> Option<(&'static str, &str)> {
        match self.kind {
            MetricKind::Program => {
                let id = self.params.get("program_id")?.as_str()?;
                Some(("/params/program_id", id))
            }
            _ => None,
        }
    }

    /// The model that it names besides its judge, with its JSON pointer from the metric.
    #[must_use]
    pub fn model(&self) -> Option<(&'static str, &str)> {
        match self.kind {
            MetricKind::EmbeddingSimilarity => {
                let id = self.params.get("model_id")?.as_str()?;
                Some(("/params/model_id", id))
            }
            MetricKind::TranscriptionAccuracy => {
                let id = self.params.get("stt_model_id")?.as_str()?;
                Some(("/params/stt_model_id", id))
            }
            _ => None,
        }
    }

    /// The component of the installation that it names, and the parameters that it has for it.
    #[must_use]
    pub fn component(&self) -> Option<(&str, Option<&Value>)> {
        match self.kind {
            MetricKind::Component => {
                let name = self.params.get("component")?.as_str()?;
                Some((name, self.params.get("params")))
            }
            _ => None,
        }
    }

    /// The secrets that it names, each with its JSON pointer from the metric.
    #[must_use]
    pub fn secrets(&self) -> Vec<(String, String)> {
        if self.kind != MetricKind::Webhook {
            return Vec::new();
        }
        let headers = self.params.get("headers").and_then(Value::as_object);
        let texts = headers.into_iter().flatten().filter_map(|(name, value)| {
            let text = value.as_str()?;
            Some((name.clone(), text.to_owned()))
        });
        let mut named = secret::named("/params/headers", &texts.collect());
        let signing = self.params.get("signing_secret").and_then(Value::as_str);
        named.extend(signing.map(|name| ("/params/signing_secret".to_owned(), name.to_owned())));
        named
    }

    /// How long what it needs from outside may take, judges aside, in milliseconds.
    #[must_use]
    pub fn errand_ms(&self) -> u64 {
        match self.kind {
            // It may wait for others of its instance.
            MetricKind::Program => 120_000,
            // As long as the longest that a model may take, a few times.
            MetricKind::EmbeddingSimilarity => 300_000,
            MetricKind::TranscriptionAccuracy if self.model().is_some() => 300_000,
            MetricKind::Component => COMPONENT_TIMEOUT_MS.saturating_add(5_000),
            MetricKind::Webhook => {
                let timeout = self.params.get("timeout_ms").and_then(Value::as_u64);
                let tries = timeout.unwrap_or(WEBHOOK_TIMEOUT_MS).saturating_mul(3);
                // Between two tries it waits for as long as it is asked to, up to a minute.
                tries.saturating_add(120_000)
            }
            _ => 0,
        }
    }

    /// The name it reports under.
    #[must_use]
    pub fn display_name(&self) -> &str {
        self.name.as_deref().unwrap_or(self.kind.as_str())
    }
}

impl Validate for MetricSpec {
    fn check(&self, v: &mut Validator) {
        if let Some(name) = &self.name {
            v.name("name", name, 100);
        }
        if let Some(t) = self.threshold {
            v.range("threshold", t, 0.0, 1.0);
        }
        v.require(
            self.params.is_null() || self.params.is_object(),
            "params",
            "must be an object",
        );
    }
}
