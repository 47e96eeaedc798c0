//! Graphs on the turns of a conversation.

use super::faults::refused;
use super::{case, play, question, reason, spec, two, verdict, worth};
use assay_model::{Message, MetricStatus, Role, TestCase};
use serde_json::{Value, json};

pub(super) fn talk(count: usize) -> TestCase {
    let mut messages = vec![Message::new(Role::System, "secret")];
    for n in 0..count {
        let role = if n % 2 == 0 {
            Role::User
        } else {
            Role::Assistant
        };
        messages.push(Message::new(role, format!("said {n}.")));
    }
    TestCase { messages, ..case() }
}

fn windowed(window: Value) -> Value {
    json!({
        "first": {"type": "BinaryJudgementNode", "criteria": "c1", "evaluation_params": ["content", "role"],
            "turn_window": window, "children": ["y", "n"]},
        "y": worth(true, 10.0), "n": worth(false, 0.0),
    })
}

#[test]
fn a_node_of_a_conversation_sees_its_window() {
    let check = |window: Value, turns: usize, seen: std::ops::Range<usize>| {
        let spec = spec("conversational_dag", &windowed(window), false);
        assert_eq!(crate::check_spec(&spec), Ok(()));
        let (result, asked) = play(&spec, &talk(turns), &[("c1\n", verdict(true)), reason()]);
        assert_eq!(result.score, Some(1.0), "{}", result.reason);
        let shown = question(&asked[0]);
        for n in 0..turns {
            assert_eq!(
                shown.contains(&format!("\"said {n}.\"")),
                seen.contains(&n),
                "{n} {shown}"
            );
        }
        assert!(!shown.contains("secret"));
    };
    check(json!([1, 2]), 5, 1..3);
    check(json!([3, 3]), 4, 3..4);
    check(json!(null), 4, 0..4);
    check(json!(null), 250, 50..250);
}

#[test]
fn a_window_must_lie_within_the_conversation() {
    let outside = spec("conversational_dag", &windowed(json!([0, 4])), false);
    let (result, asked) = play(&outside, &talk(4), &[]);
    assert_eq!((result.status, result.score), (MetricStatus::Error, None));
    assert!(
        result.reason.contains("node `first` ends at turn 4"),
        "{}",
        result.reason
    );
    assert!(asked.is_empty());
    let (result, _) = play(&outside, &TestCase::default(), &[]);
    assert_eq!(
        result.reason,
        "`conversation` is missing: there are no messages"
    );

    refused(
        "conversational_dag",
        &windowed(json!([2, 1])),
        &[("/first/turn_window", "end before")],
    );
    refused(
        "conversational_dag",
        &windowed(json!([0, 200])),
        &[("/first/turn_window", "at most 200")],
    );
    let mut other = windowed(json!([0, 1]));
    other["first"]["evaluation_params"] = json!(["scenario"]);
    refused(
        "conversational_dag",
        &other,
        &[("/first/turn_window", "no use")],
    );
}

#[test]
fn fields_that_nodes_are_shown_must_be_there() {
    let mut nodes = two();
    nodes["second"]["evaluation_params"] = json!(["expected_output"]);
    let (result, asked) = play(&spec("dag", &nodes, false), &case(), &[]);
    assert_eq!(result.status, MetricStatus::Skipped);
    assert!(asked.is_empty());
    let mut nodes = windowed(json!(null));
    nodes["first"]["evaluation_params"] = json!(["content", "expected_outcome"]);
    let (result, _) = play(&spec("conversational_dag", &nodes, false), &talk(2), &[]);
    assert_eq!(result.status, MetricStatus::Skipped);
}
