//! What a metric looks at, and what it says of it.

use crate::{Severity, Validate, Validator};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Who said a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Instructions to the model.
    System,
    /// The person, real or simulated.
    User,
    /// The agent under test.
    Assistant,
    /// The answer of a tool.
    Tool,
}

/// One call of a tool by the agent.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
pub struct ToolCall {
    /// The tool's name.
    pub name: String,
    /// The arguments, an object as a rule; `null` when none were given.
    #[serde(
        default,
        alias = "arguments",
        alias = "input",
        skip_serializing_if = "Value::is_null"
    )]
    pub input_parameters: Value,
    /// What the tool answered, when known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub output: Option<Value>,
}

/// One message of a conversation.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Message {
    /// Who said it.
    pub role: Role,
    /// The text.
    pub content: String,
    /// Tools the assistant called to produce it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tool_calls: Vec<ToolCall>,
}

impl Message {
    /// A message of `role` without tool calls.
    pub fn new(role: Role, content: impl Into<String>) -> Self {
        Self {
            role,
            content: content.into(),
            tool_calls: Vec::new(),
        }
    }
}

/// Tokens spent by a model call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub struct TokenUsage {
    /// Tokens of the prompt.
    pub input: u64,
    /// Tokens generated.
    pub output: u64,
}

impl Validate for TokenUsage {
    fn check(&self, v: &mut Validator) {
        // Stores count in signed integers.
        for (field, count) in [("input", self.input), ("output", self.output)] {
            v.range(field, count, 0, i64::MAX.unsigned_abs());
        }
    }
}

impl TokenUsage {
    /// The sum of both kinds.
    #[must_use]
    pub const fn total(self) -> u64 {
        self.input.saturating_add(self.output)
    }
}

impl std::ops::AddAssign for TokenUsage {
    fn add_assign(&mut self, other: Self) {
        self.input = self.input.saturating_add(other.input);
        self.output = self.output.saturating_add(other.output);
    }
}

/// One conversation, or one question and answer, ready to be scored.
///
/// The names follow DeepEval's `LLMTestCase`, which users of the field know.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct TestCase {
    /// The last thing the user said.
    pub input: String,
    /// The last thing the agent said; `None` when there was no answer.
    pub actual_output: Option<String>,
    /// The reference answer.
    pub expected_output: Option<String>,
    /// Ideal facts.
    pub context: Vec<String>,
    /// What the agent retrieved.
    pub retrieval_context: Vec<String>,
    /// Tools the agent called over the whole conversation, in order.
    pub tools_called: Vec<ToolCall>,
    /// Tools it should have called; `None` when the case says nothing of tools.
    pub expected_tools: Option<Vec<ToolCall>>,
    /// The whole conversation.
    pub messages: Vec<Message>,
    /// Wall time of the slowest answer, in milliseconds.
    pub latency_ms: Option<f64>,
    /// Cost of all calls of the target, in US dollars; `None` when unknown, never a partial sum.
    pub cost_usd: Option<f64>,
    /// Tokens the target spent, when it said.
    pub usage: Option<TokenUsage>,
}

impl Validate for TestCase {
    fn check(&self, v: &mut Validator) {
        if let Some(usage) = &self.usage {
            v.at("usage", |v| usage.check(v));
        }
    }
}

/// Whether a metric could be computed and what came of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum MetricStatus {
    /// Scored at or above the threshold.
    Passed,
    /// Scored below the threshold.
    Failed,
    /// Not scored: an error is never a score of zero.
    Error,
    /// Not applicable to this case (a field it needs is absent).
    Skipped,
}

/// The verdict of one metric on one test case.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct MetricResult {
    /// The metric's display name, unique within a campaign.
    pub name: String,
    /// The metric's kind, e.g. `exact_match`.
    pub kind: String,
    /// Version of the implementation that scored.
    pub version: u32,
    /// What came of it.
    pub status: MetricStatus,
    /// In `[0, 1]`, present exactly when `status` is passed or failed.
    pub score: Option<f64>,
    /// The score at and above which the case passes.
    pub threshold: f64,
    /// Why, for a person.
    pub reason: String,
    /// How much it weighs that the case did not pass.
    #[serde(default, skip_serializing_if = "Severity::is_default")]
    pub severity: Severity,
    /// How sure the metric is, in `[0, 1]`; 1 for deterministic metrics.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub confidence: Option<f64>,
    /// Model that judged, where one did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub judge_model: Option<String>,
    /// SHA-256 of the judge prompt, so that a change of prompt is visible.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prompt_hash: Option<String>,
    /// The judge's words, unparsed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub raw_verdict: Option<String>,
    /// Tokens the judge spent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub usage: Option<TokenUsage>,
    /// What the judge cost, in US dollars.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cost_usd: Option<f64>,
    /// How long the metric took, in milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub latency_ms: Option<f64>,
}
