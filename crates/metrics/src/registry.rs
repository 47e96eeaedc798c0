//! What a metric has to offer, and where each kind's implementation is found.

use crate::errand::Errand;
use crate::{
    agentic, conversation, custom, dag, g_eval, images, jev, judge::Judge, kinds, mcp, qag_kinds,
    ragas, voice,
};
use assay_model::{MetricKind, TestCase, Validator};
use serde_json::Value;
use std::collections::BTreeMap;
use std::pin::Pin;

/// What is told of a kind in the catalogue.
#[derive(Debug, Clone)]
pub(crate) struct About {
    /// Display name.
    pub(crate) name: &'static str,
    /// One or two sentences for people: what is measured, and how the score comes about.
    pub(crate) description: &'static str,
    /// Fields of the test case without which there is no score; names as in [`crate::fields`].
    pub(crate) required_fields: &'static [&'static str],
    /// Threshold when the spec names none.
    pub(crate) default_threshold: f64,
    /// Counts up with every change that can change a score.
    pub(crate) version: u32,
    /// JSON Schema of the parameters; what it says is enforced.
    pub(crate) params_schema: Value,
}

/// A score and why.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Scored {
    /// Anything; what is not within `[0, 1]` ends as an error.
    pub(crate) score: f64,
    /// For a person.
    pub(crate) reason: String,
    /// How sure, in `[0, 1]`, when that is known.
    pub(crate) confidence: Option<f64>,
    /// The scores it was made of, where there are several, and what was counted.
    pub(crate) breakdown: BTreeMap<String, f64>,
}

impl Scored {
    /// A score that computation alone has found.
    pub(crate) fn certain(score: f64, reason: impl Into<String>) -> Self {
        Self {
            score,
            reason: reason.into(),
            confidence: Some(1.0),
            breakdown: BTreeMap::new(),
        }
    }

    /// A score that a judge's words have led to.
    pub(crate) fn judged(score: f64, reason: impl Into<String>) -> Self {
        Self {
            confidence: None,
            ..Self::certain(score, reason)
        }
    }

    /// In strict mode whatever is below 1 is 0.
    pub(crate) fn strictly(mut self, strict: bool) -> Self {
        if strict && self.score < 1.0 {
            self.score = 0.0;
        }
        self
    }
}

/// Why there is no score.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Unscored {
    /// The metric has nothing to say of this case.
    NotApplicable(String),
    /// It could not be computed.
    Error(String),
}

impl From<String> for Unscored {
    fn from(reason: String) -> Self {
        Self::Error(reason)
    }
}

/// A metric at work with its judge.
pub(crate) type Scoring = Pin<Box<dyn Future<Output = Result<Scored, Unscored>>>>;

/// How a metric goes about a case.
pub(crate) enum Plan {
    /// No judge is needed.
    Scored(Scored),
    /// It cannot be scored, for this reason.
    Error(String),
    /// The metric has nothing to say of this case, for this reason.
    NotApplicable(String),
    /// A judge must be asked.
    Judge(Box<dyn FnOnce(Judge) -> Scoring>),
    /// Something must be done outside, and what comes of it is the score.
    Errand(Box<Errand>),
}

impl Plan {
    /// What `work` makes of a judge's answers.
    pub(crate) fn judge<F>(work: impl FnOnce(Judge) -> F + 'static) -> Self
    where
        F: Future<Output = Result<Scored, Unscored>> + 'static,
    {
        Self::Judge(Box::new(move |judge| Box::pin(work(judge))))
    }
}

/// One kind of metric.
pub(crate) trait Metric: Sync {
    /// What is told of it.
    fn about(&self) -> About;

    /// Names what is wrong with `params` beyond what the schema tells; the schema holds for them already.
    fn check(&self, _params: &Value, _v: &mut Validator) {}

    /// Fields that these parameters make necessary.
    fn required_fields(&self, _params: &Value) -> Vec<String> {
        self.about()
            .required_fields
            .iter()
            .map(|&f| f.to_owned())
            .collect()
    }

    /// A threshold that the parameters force, above the spec's own.
    fn forced_threshold(&self, _params: &Value) -> Option<f64> {
        None
    }

    /// Scores `case`, or plans how. The required fields are present. `params` may be wrong in a stored spec: that is an
    /// error as well, not a panic.
    fn begin(&self, params: &Value, case: &TestCase) -> Plan;
}

/// The implementation of `kind`.
pub(crate) fn metric(kind: MetricKind) -> &'static dyn Metric {
    match kind {
        MetricKind::ExactMatch => &kinds::exact_match::ExactMatch,
        MetricKind::Regex => &kinds::regex::RegexMatch,
        MetricKind::Contains => &kinds::contains::Contains,
        MetricKind::JsonSchema => &kinds::json_schema::JsonSchema,
        MetricKind::Latency => &kinds::latency::Latency,
        MetricKind::Cost => &kinds::cost::Cost,
        MetricKind::ToolCorrectness => &kinds::tool_correctness::ToolCorrectness,
        MetricKind::GEval => &g_eval::GEval,
        MetricKind::AnswerRelevancy => &qag_kinds::answer_relevancy::AnswerRelevancy,
        MetricKind::Faithfulness => &qag_kinds::faithfulness::Faithfulness,
        MetricKind::ContextualPrecision => &qag_kinds::contextual_precision::ContextualPrecision,
        MetricKind::ContextualRecall => &qag_kinds::contextual_recall::ContextualRecall,
        MetricKind::ContextualRelevancy => &qag_kinds::contextual_relevancy::ContextualRelevancy,
        MetricKind::Hallucination => &qag_kinds::hallucination::Hallucination,
        MetricKind::Bias => &qag_kinds::bias::Bias,
        MetricKind::Toxicity => &qag_kinds::toxicity::Toxicity,
        MetricKind::PiiLeakage => &qag_kinds::pii_leakage::PiiLeakage,
        MetricKind::NonAdvice => &qag_kinds::non_advice::NonAdvice,
        MetricKind::Misuse => &qag_kinds::misuse::Misuse,
        MetricKind::RoleViolation => &qag_kinds::role_violation::RoleViolation,
        MetricKind::PromptAlignment => &qag_kinds::prompt_alignment::PromptAlignment,
        MetricKind::Summarization => &qag_kinds::summarization::Summarization,
        MetricKind::ArgumentCorrectness => &qag_kinds::argument_correctness::ArgumentCorrectness,
        MetricKind::ToolPermission => &agentic::tool_permission::ToolPermission,
        MetricKind::AgentLoopDetection => &agentic::agent_loop_detection::AgentLoopDetection,
        MetricKind::TaskCompletion => &agentic::task_completion::TaskCompletion,
        MetricKind::StepEfficiency => &agentic::step_efficiency::StepEfficiency,
        MetricKind::PlanQuality => &agentic::plan_quality::PlanQuality,
        MetricKind::PlanAdherence => &agentic::plan_adherence::PlanAdherence,
        MetricKind::ToolSelection => &agentic::tool_selection::ToolSelection,
        MetricKind::TurnRelevancy => &conversation::turn_relevancy::TurnRelevancy,
        MetricKind::TurnFaithfulness => &conversation::turn_faithfulness::TurnFaithfulness,
        MetricKind::TurnContextualPrecision => {
            &conversation::turn_contextual_precision::TurnContextualPrecision
        }
        MetricKind::TurnContextualRecall => {
            &conversation::turn_contextual_recall::TurnContextualRecall
        }
        MetricKind::TurnContextualRelevancy => {
            &conversation::turn_contextual_relevancy::TurnContextualRelevancy
        }
        MetricKind::KnowledgeRetention => &conversation::knowledge_retention::KnowledgeRetention,
        MetricKind::ConversationCompleteness => {
            &conversation::conversation_completeness::ConversationCompleteness
        }
        MetricKind::RoleAdherence => &conversation::role_adherence::RoleAdherence,
        MetricKind::GoalAccuracy => &conversation::goal_accuracy::GoalAccuracy,
        MetricKind::TopicAdherence => &conversation::topic_adherence::TopicAdherence,
        MetricKind::Dag => &dag::Dag,
        MetricKind::ConversationalDag => &dag::ConversationalDag,
        MetricKind::ConversationalGEval => &g_eval::conversational::ConversationalGEval,
        MetricKind::ToolUse => &conversation::tool_use::ToolUse,
        MetricKind::McpUse => &mcp::mcp_use::McpUse,
        MetricKind::MultiTurnMcpUse => &mcp::multi_turn_mcp_use::MultiTurnMcpUse,
        MetricKind::McpTaskCompletion => &mcp::mcp_task_completion::McpTaskCompletion,
        MetricKind::FactualCorrectness => &ragas::factual_correctness::FactualCorrectness,
        MetricKind::NoiseSensitivity => &ragas::noise_sensitivity::NoiseSensitivity,
        MetricKind::AspectCritic => &ragas::aspect_critic::AspectCritic,
        MetricKind::JevEval => &jev::JevEval,
        MetricKind::ConversationalJevEval => &jev::ConversationalJevEval,
        MetricKind::ToolCallAccuracy => &ragas::tool_call_accuracy::ToolCallAccuracy,
        MetricKind::EmbeddingSimilarity => &kinds::text::embedding_similarity::EmbeddingSimilarity,
        MetricKind::Bleu => &kinds::text::bleu::BleuMetric,
        MetricKind::Rouge => &kinds::text::rouge::RougeMetric,
        MetricKind::Chrf => &kinds::text::chrf::ChrfMetric,
        MetricKind::Ter => &kinds::text::ter::Ter,
        MetricKind::EditSimilarity => &kinds::text::edit_similarity::EditSimilarity,
        MetricKind::Ndcg => &kinds::retrieval::Retrieval::Ndcg,
        MetricKind::PrecisionAtK => &kinds::retrieval::Retrieval::Precision,
        MetricKind::RecallAtK => &kinds::retrieval::Retrieval::Recall,
        MetricKind::HitRate => &kinds::retrieval::Retrieval::HitRate,
        MetricKind::ReciprocalRank => &kinds::retrieval::Retrieval::ReciprocalRank,
        MetricKind::Readability => &kinds::readability::Readability,
        MetricKind::Length => &kinds::length::Length,
        MetricKind::TextToImage => &images::text_to_image::TextToImage,
        MetricKind::ImageEditing => &images::image_editing::ImageEditing,
        MetricKind::ImageCoherence => &images::image_coherence::ImageCoherence,
        MetricKind::ImageHelpfulness => &images::image_helpfulness::ImageHelpfulness,
        MetricKind::ImageReference => &images::image_reference::ImageReference,
        MetricKind::TranscriptionAccuracy => &voice::transcription_accuracy::TranscriptionAccuracy,
        MetricKind::AudioGlitch => &voice::audio_glitch::AudioGlitch,
        MetricKind::VoiceNaturalness => &voice::voice_naturalness::VoiceNaturalness,
        MetricKind::TurnTakingNaturalness => &voice::turn_taking_naturalness::TurnTakingNaturalness,
        MetricKind::SpeechIntelligibility => &voice::speech_intelligibility::SpeechIntelligibility,
        MetricKind::VoiceConsistency => &voice::voice_consistency::VoiceConsistency,
        MetricKind::AgentResponsiveness => &voice::agent_responsiveness::AgentResponsiveness,
        MetricKind::AudioIntegrity => &voice::audio_integrity::AudioIntegrity,
        MetricKind::VoiceReliability => &voice::voice_reliability::VoiceReliability,
        MetricKind::CustomPrompt => &custom::custom_prompt::CustomPrompt,
        MetricKind::Expression => &custom::expression::Expression,
        MetricKind::Program => &custom::program::Program,
        MetricKind::Webhook => &custom::webhook::Webhook,
        MetricKind::Component => &custom::component::Component,
    }
}
