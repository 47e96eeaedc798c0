//! The fields of a test case by name, and what their absence means.
//!
//! DeepEval raises `MissingTestCaseParams` for all alike. Here a field that the *item* does not have makes the metric not
//! applicable (a campaign's metrics hold for all its items), and a field that the *run* should have brought is an error.

use crate::pictures::shown_content;
use crate::text::clip;
use assay_model::{Content, MetricStatus, Role, TestCase, ToolCall};
use serde_json::{Value, json};

/// Most characters of one field that a judge is shown.
const MAX_FIELD_CHARS: usize = 40_000;

/// Most messages of a conversation that a judge is shown: the last ones.
const MAX_MESSAGES: usize = 200;

/// What it means that `field` is absent from `case`; `None` when it is there.
pub(crate) fn missing(field: &str, case: &TestCase) -> Option<(MetricStatus, String)> {
    let skipped = |why: &str| Some((MetricStatus::Skipped, format!("not applicable: {why}")));
    let error = |why: &str| Some((MetricStatus::Error, why.to_owned()));
    match field {
        "expected_output" if case.expected_output.is_none() => {
            skipped("the item has no `expected_output`")
        }
        "expected_tools" if case.expected_tools.is_none() => {
            skipped("the item has no `expected_tools`")
        }
        "context" if case.context.is_empty() => skipped("the item has no `context`"),
        "retrieval_context" if case.retrieval_context.is_empty() => {
            skipped("the agent reported no `retrieval_context`")
        }
        "expected_outcome" if case.expected_outcome.is_none() => {
            skipped("the item has no `expected_outcome`")
        }
        "scenario" if case.scenario.is_none() => skipped("the item has no `scenario`"),
        "user_description" if case.user_description.is_none() => {
            skipped("the item has no `user_description`")
        }
        "chatbot_role" if case.chatbot_role.is_none() => skipped("the item has no `chatbot_role`"),
        "trace" if case.trace.is_none() => skipped("there is no trace of what the agent did"),
        "end_reason" if case.end_reason.is_none() => skipped("the case has no `end_reason`"),
        "audio" if case.messages.iter().all(|m| m.audio.is_none()) => {
            skipped("no turn has `audio`")
        }
        "provider_transcript"
            if case
                .messages
                .iter()
                .all(|m| m.provider_transcript.is_none()) =>
        {
            skipped("no turn has a `provider_transcript`")
        }
        // As upstream, an empty answer is no answer; an empty list of tools is one.
        "actual_output" if case.actual_output.as_ref().is_none_or(Content::is_empty) => {
            error("`actual_output` is missing: the agent gave no answer")
        }
        "conversation" if case.messages.is_empty() => {
            error("`conversation` is missing: there are no messages")
        }
        "latency_ms" if case.latency_ms.is_none() => {
            error("`latency_ms` is missing: no answer was timed")
        }
        "cost_usd" if case.cost_usd.is_none() => {
            error("`cost_usd` is missing: the agent has no price, or did not report its usage")
        }
        _ => None,
    }
}

/// The first absent field that decides. Not applicable goes before error: a metric that has no say has no fault either.
pub(crate) fn first_missing(fields: &[String], case: &TestCase) -> Option<(MetricStatus, String)> {
    let absent: Vec<_> = fields.iter().filter_map(|f| missing(f, case)).collect();
    let skipped = absent
        .iter()
        .position(|(status, _)| *status == MetricStatus::Skipped);
    absent.into_iter().nth(skipped.unwrap_or(0))
}

/// `field` of `case` as a judge is shown it, with its images, its text clipped to a bounded size; null for an unknown name.
pub(crate) fn shown(field: &str, case: &TestCase) -> Value {
    let short = |text: &str| clip(text, MAX_FIELD_CHARS);
    let content = |content: &Content| shown_content(content, MAX_FIELD_CHARS);
    let list = |contents: &[Content]| json!(contents.iter().map(content).collect::<Vec<_>>());
    match field {
        "input" => content(&case.input),
        "actual_output" => json!(case.actual_output.as_ref().map(content)),
        "expected_output" => json!(case.expected_output.as_ref().map(content)),
        "context" => list(&case.context),
        "retrieval_context" => list(&case.retrieval_context),
        "scenario" => json!(case.scenario.as_deref().map(short)),
        "expected_outcome" => json!(case.expected_outcome.as_deref().map(short)),
        "user_description" => json!(case.user_description.as_deref().map(short)),
        "chatbot_role" => json!(case.chatbot_role.as_deref().map(short)),
        "end_reason" => json!(case.end_reason.as_deref().map(short)),
        "trace" => json!(case.trace.as_ref().map(|t| shown_value(&json!(t)))),
        "tools_called" => json!(case.tools_called.iter().map(shown_call).collect::<Vec<_>>()),
        "conversation" => {
            let from = case.messages.len().saturating_sub(MAX_MESSAGES);
            let said = case
                .messages
                .iter()
                .skip(from)
                .filter(|m| m.role != Role::System);
            json!(
                said.map(|m| json!({"role": m.role, "content": content(&m.content)}))
                    .collect::<Vec<_>>()
            )
        }
        _ => Value::Null,
    }
}

/// A value as a judge is shown it: as it is, or as clipped text.
fn shown_value(value: &Value) -> Value {
    match value.to_string() {
        text if text.chars().count() > MAX_FIELD_CHARS => json!(clip(&text, MAX_FIELD_CHARS)),
        _ => value.clone(),
    }
}

/// A call of a tool as a judge is shown it.
pub(crate) fn shown_call(call: &ToolCall) -> Value {
    json!({
        "name": call.name,
        "input_parameters": shown_value(&call.input_parameters),
        "output": call.output.as_ref().map(shown_value),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn not_applicable_goes_before_error() {
        let case = TestCase::default();
        let check = |fields: &[&str], expected: Option<MetricStatus>| {
            let fields: Vec<String> = fields.iter().map(|f| (*f).to_owned()).collect();
            assert_eq!(
                first_missing(&fields, &case).map(|(status, _)| status),
                expected,
                "{fields:?}"
            );
        };
        check(
            &["actual_output", "expected_output"],
            Some(MetricStatus::Skipped),
        );
        check(&["actual_output"], Some(MetricStatus::Error));
        check(&["input", "tools_called"], None);
        check(&["expected_tools"], Some(MetricStatus::Skipped));
        check(&["latency_ms"], Some(MetricStatus::Error));
        check(&["conversation", "audio"], Some(MetricStatus::Skipped));
        check(&["provider_transcript"], Some(MetricStatus::Skipped));
        check(&["end_reason"], Some(MetricStatus::Skipped));
    }

    #[test]
    fn what_a_judge_is_shown_is_bounded() {
        let case = TestCase {
            actual_output: Some("é".repeat(1_000_000).into()),
            ..TestCase::default()
        };
        assert!(
            shown("actual_output", &case)
                .as_str()
                .unwrap()
                .chars()
                .count()
                < MAX_FIELD_CHARS + 100
        );
    }
}
