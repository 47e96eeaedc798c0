//! What a metric looks at, and what it says of it.

use crate::{
    Audio, Calibrated, Content, FieldError, Image, JudgedBy, Judgements, Severity, Validate,
    Validator, check_audio, check_images,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;

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
    /// The text, with the images that stand in it.
    pub content: Content,
    /// Tools the assistant called to produce it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tool_calls: Vec<ToolCall>,
    /// What the assistant retrieved to produce it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub retrieval_context: Vec<Content>,
    /// The turn as it was heard, where it was spoken.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub audio: Option<Audio>,
    /// What the agent under test took the user's words to be: on its reply, for all that was said since its last one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub provider_transcript: Option<String>,
    /// What the agent meant to say, where `content` is what was heard of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub intended_content: Option<String>,
}

impl Message {
    /// A message of `role` without tool calls.
    pub fn new(role: Role, content: impl Into<Content>) -> Self {
        Self {
            role,
            content: content.into(),
            tool_calls: Vec::new(),
            retrieval_context: Vec::new(),
            audio: None,
            provider_transcript: None,
            intended_content: None,
        }
    }

    /// Names what is wrong with how it was heard.
    fn check_voice(&self, v: &mut Validator) {
        if let Some(audio) = &self.audio {
            v.at("audio", |v| {
                for (field, fault) in audio.faults() {
                    v.error(field, fault);
                }
            });
        }
    }
}

impl Validate for Message {
    fn check(&self, v: &mut Validator) {
        v.at("content", |v| self.content.check(v));
        v.each("retrieval_context", &self.retrieval_context);
        self.check_voice(v);
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
    pub input: Content,
    /// The last thing the agent said; `None` when there was no answer.
    pub actual_output: Option<Content>,
    /// The reference answer.
    pub expected_output: Option<Content>,
    /// Ideal facts; for metrics of retrieval, the documents that should be retrieved.
    pub context: Vec<Content>,
    /// What the agent retrieved.
    pub retrieval_context: Vec<Content>,
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
    /// The situation in which the conversation takes place.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scenario: Option<String>,
    /// What the conversation should lead to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expected_outcome: Option<String>,
    /// Who the user is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user_description: Option<String>,
    /// The part that the agent has to play.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub chatbot_role: Option<String>,
    /// What the agent did, where a trace tells.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trace: Option<TraceStep>,
    /// Why a spoken conversation ended, as the platform of the voice says, e.g. `USER_HANGUP`, `AGENT_HANGUP`, `ERROR`, `IDLE_TIMEOUT`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub end_reason: Option<String>,
}

impl TestCase {
    /// Every content, with the JSON pointer to it.
    fn contents(&self) -> Vec<(String, &Content)> {
        fn listed<'c>(
            at: &str,
            list: &'c [Content],
        ) -> impl Iterator<Item = (String, &'c Content)> {
            let each = list.iter().enumerate();
            each.map(move |(i, content)| (format!("{at}/{i}"), content))
        }
        let mut all = vec![("/input".to_owned(), &self.input)];
        for (at, answer) in [
            ("/actual_output", &self.actual_output),
            ("/expected_output", &self.expected_output),
        ] {
            all.extend(answer.iter().map(|content| (at.to_owned(), content)));
        }
        all.extend(listed("/context", &self.context));
        all.extend(listed("/retrieval_context", &self.retrieval_context));
        for (i, message) in self.messages.iter().enumerate() {
            all.push((format!("/messages/{i}/content"), &message.content));
            let at = format!("/messages/{i}/retrieval_context");
            all.extend(listed(&at, &message.retrieval_context));
        }
        all
    }

    /// The recordings of its turns, in their order.
    pub fn recordings(&self) -> impl Iterator<Item = &Audio> {
        self.messages.iter().filter_map(|m| m.audio.as_ref())
    }

    /// The images of all its contents, each once.
    #[must_use]
    pub fn images(&self) -> Vec<&Image> {
        let mut images: Vec<&Image> = Vec::new();
        for image in self
            .contents()
            .iter()
            .flat_map(|(_, content)| content.images())
        {
            if !images.contains(&image) {
                images.push(image);
            }
        }
        images
    }
}

impl Validate for TestCase {
    fn check(&self, v: &mut Validator) {
        if let Some(usage) = &self.usage {
            v.at("usage", |v| usage.check(v));
        }
        for (at, content) in self.contents() {
            let faults = content.validate().err().unwrap_or_default();
            let below = faults.into_iter().map(|fault| FieldError {
                field: format!("{at}{}", fault.field),
                ..fault
            });
            v.pointers(below.collect());
        }
        if let Err(fault) = check_images(self.images()) {
            v.error("", fault);
        }
        v.at("messages", |v| {
            for (i, message) in self.messages.iter().enumerate() {
                v.at(i, |v| message.check_voice(v));
            }
        });
        if let Err(fault) = check_audio(self.recordings()) {
            v.error("messages", fault);
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

/// An answer of a judge.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct JudgeAnswer {
    /// What was asked for: the name of the answer's schema.
    pub schema: String,
    /// SHA-256 of the question.
    pub prompt_hash: String,
    /// The judge's words; of what is long, its beginning and its end.
    pub answer: String,
    /// Whether it was given to the same question before, and not asked for again.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub reused: bool,
}

/// A step of an agent as its trace has it, with what it led to.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct TraceStep {
    /// What it is, e.g. `agent`, `llm`, `tool`, `retriever`.
    #[serde(rename = "type")]
    pub kind: String,
    /// Its name.
    pub name: String,
    /// What went in.
    #[serde(skip_serializing_if = "Value::is_null")]
    pub input: Value,
    /// What came out.
    #[serde(skip_serializing_if = "Value::is_null")]
    pub output: Value,
    /// What it called, in order.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub children: Vec<Self>,
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
    /// The scores it was made of, in `[0, 1]`, where there are several; of metrics that count, also the counts and values.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub breakdown: BTreeMap<String, f64>,
    /// Model that judged, where one did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub judge_model: Option<String>,
    /// SHA-256 of the judge prompt, so that a change of prompt is visible.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prompt_hash: Option<String>,
    /// The judge's words, unparsed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub raw_verdict: Option<String>,
    /// Every answer of the judge in the order in which they came, where a judge was asked: with the case and the metric's version
    /// all that is needed to find the score again.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub judge_answers: Vec<JudgeAnswer>,
    /// The single judgements, where there were several: the score is made of them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub judgements: Option<Judgements>,
    /// What the score was judged by, where it was judged.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub judged_by: Option<JudgedBy>,
    /// What people's answers about earlier scores of this judge say of this one, where it is calibrated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub calibration: Option<Calibrated>,
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

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn picture(n: usize) -> Value {
        json!([{"type": "image_url", "image_url": {"url": format!("https://example.com/{n}.png")}}])
    }

    #[test]
    fn cases_without_images_are_as_they_were() {
        let wire = json!({
            "input": "q", "actual_output": "a", "expected_output": null, "context": ["c"], "retrieval_context": ["r"],
            "tools_called": [], "expected_tools": null, "latency_ms": null, "cost_usd": null, "usage": null,
            "messages": [{"role": "user", "content": "q"}, {"role": "assistant", "content": "a", "retrieval_context": ["r"]}],
        });
        let case: TestCase = serde_json::from_value(wire.clone()).unwrap();
        assert_eq!(case.validate(), Ok(()));
        assert!(case.images().is_empty());
        assert_eq!(serde_json::to_value(&case).unwrap(), wire);
    }

    #[test]
    fn wrong_images_are_named_where_they_stand() {
        let wrong = json!([{"type": "text", "text": "a"}, {"type": "image_url", "image_url": {"url": "http://e.com/a.png"}}]);
        let case: TestCase = serde_json::from_value(json!({
            "input": wrong, "actual_output": wrong, "expected_output": wrong, "context": ["c", wrong], "retrieval_context": [wrong],
            "messages": [{"role": "user", "content": picture(1)}, {"role": "assistant", "content": wrong, "retrieval_context": [wrong]}],
        }))
        .unwrap();
        let faults = case.validate().unwrap_err();
        let fields: Vec<&str> = faults.iter().map(|f| f.field.as_str()).collect();
        let below = |at: &str| format!("{at}/1/image_url/url");
        let expected = [
            "/input",
            "/actual_output",
            "/expected_output",
            "/context/1",
            "/retrieval_context/0",
            "/messages/1/content",
            "/messages/1/retrieval_context/0",
        ];
        assert_eq!(fields, expected.map(below));
    }

    #[test]
    fn wrong_recordings_are_named_where_they_stand() {
        let mp3 = json!({"url": "data:audio/mpeg;base64,SUQz", "start_time": -1.0});
        let wav = json!({"url": "data:audio/wav;base64,UklGRgAAAABXQVZF", "start_time": 1.5, "transcript": "q"});
        let wire = json!([
            {"role": "user", "content": "q", "audio": wav},
            {"role": "assistant", "content": "a", "audio": mp3, "provider_transcript": "q", "intended_content": "b"},
        ]);
        let case: TestCase = serde_json::from_value(json!({"messages": wire})).unwrap();
        assert_eq!(
            serde_json::to_value(&case).unwrap()["messages"],
            wire.clone()
        );
        let faults = case.validate().unwrap_err();
        let fields: Vec<&str> = faults.iter().map(|f| f.field.as_str()).collect();
        assert_eq!(
            fields,
            ["/messages/1/audio/url", "/messages/1/audio/start_time"]
        );
        let mut bytes = b"RIFF\0\0\0\0WAVE".to_vec();
        bytes.resize(3 << 20, 0);
        let mut spoken = Message::new(Role::User, "q");
        spoken.audio = Some(Audio::of(&bytes));
        let case = TestCase {
            messages: vec![spoken.clone(), spoken],
            ..TestCase::default()
        };
        let faults = case.validate().unwrap_err();
        assert_eq!(faults.len(), 1, "{faults:?}");
        assert_eq!(faults[0].field, "/messages");
    }

    #[test]
    fn an_image_counts_once() {
        let of = |count: usize| -> TestCase {
            let all: Vec<Value> = (0..count).map(picture).collect();
            serde_json::from_value(
                json!({"input": picture(0), "actual_output": picture(0), "context": all}),
            )
            .unwrap()
        };
        assert_eq!(of(20).images().len(), 20);
        assert_eq!(of(20).validate(), Ok(()));
        let faults = of(21).validate().unwrap_err();
        assert!(
            faults[0].message.contains("at most 20 images"),
            "{faults:?}"
        );
    }
}
