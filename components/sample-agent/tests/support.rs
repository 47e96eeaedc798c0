//! The shipped support cases against the bot, scored by the platform's own metrics: exactly the documented faults fail.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "helpers of tests"
)]

use assay_metrics::{Evaluation, Step};
use assay_model::{DatasetItem, MetricResult, MetricStatus, Role, TestCase, ToolCall};
use assay_sample_agent::bot::{Message, Speaker, answer};

/// What fails, as `case: metric`. Sorted.
const FAULTS: [&str; 7] = [
    "cancel-shipped: refuses to cancel",
    "gift-card-expiry: latency",
    "json-processing: json_schema",
    "order-cancelled: contains",
    "order-cancelled: tool_correctness",
    "talk-order-four-turns: contains",
    "warranty-length: contains",
];

fn items() -> Vec<DatasetItem> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/support.jsonl");
    let text = std::fs::read_to_string(path).unwrap();
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

/// Plays an item to its end. The bot's delay stands for its latency: the rest takes microseconds.
fn play(item: &DatasetItem) -> TestCase {
    let mut messages: Vec<Message> = item
        .history
        .iter()
        .map(|m| Message {
            speaker: if m.role == Role::User {
                Speaker::User
            } else {
                Speaker::Assistant
            },
            text: m.content.to_string(),
        })
        .collect();
    let mut case = TestCase {
        expected_output: item.expected_output.as_ref().map(Into::into),
        context: item.context.iter().map(Into::into).collect(),
        expected_tools: item.expected_tools.clone(),
        latency_ms: Some(1.0),
        ..TestCase::default()
    };
    for turn in item.user_turns() {
        messages.push(Message {
            speaker: Speaker::User,
            text: turn.to_string(),
        });
        let reply = answer(&messages);
        messages.push(Message {
            speaker: Speaker::Assistant,
            text: reply.text.clone(),
        });
        case.input = turn.into();
        case.tools_called
            .extend(reply.tools_called.into_iter().map(|c| ToolCall {
                name: c.name.to_owned(),
                input_parameters: c.input_parameters,
                output: Some(c.output),
            }));
        case.latency_ms = case
            .latency_ms
            .map(|slowest| slowest.max(reply.delay_ms as f64));
        case.retrieval_context = reply
            .retrieval_context
            .into_iter()
            .map(Into::into)
            .collect();
        case.actual_output = Some(reply.text.into());
    }
    case
}

fn score(item: &DatasetItem) -> Vec<MetricResult> {
    let case = play(item);
    let results = item
        .metrics
        .iter()
        .map(|spec| match Evaluation::start(spec, &case).1 {
            Step::Done(result) => result,
            other => panic!("a shipped case needs others: {other:?}"),
        });
    results.collect()
}

#[test]
fn exactly_the_faults_fail() {
    let items = items();
    assert!(items.len() >= 25, "{} cases", items.len());
    let mut failed = Vec::new();
    for item in &items {
        let key = item.key.as_deref().unwrap();
        let results = score(item);
        assert!(!results.is_empty(), "{key} has no metric");
        for result in &results {
            let scored = matches!(result.status, MetricStatus::Passed | MetricStatus::Failed);
            assert!(scored, "{key}: {result:?}");
            if result.status == MetricStatus::Failed {
                failed.push(format!("{key}: {}", result.name));
            }
        }
        let known = item.tags.iter().any(|tag| tag == "known-fault");
        let fails = results.iter().any(|r| r.status == MetricStatus::Failed);
        assert_eq!(fails, known, "{key}: {results:?}");
    }
    failed.sort();
    assert_eq!(failed, FAULTS);
}
