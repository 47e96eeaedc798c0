//! Tests of loop detection beyond what the recorded oracles hold.

use crate::{Evaluation, Step};
use assay_model::{MetricResult, MetricSpec, MetricStatus, TestCase, TraceStep};
use serde_json::{Value, json};

fn spec(params: Value) -> MetricSpec {
    serde_json::from_value(json!({"kind": "agent_loop_detection", "params": params})).unwrap()
}

fn evaluate(params: Value, trace: Option<TraceStep>) -> MetricResult {
    let case = TestCase {
        trace,
        ..TestCase::default()
    };
    match Evaluation::start(&spec(params), &case).1 {
        Step::Done(result) => result,
        other => panic!("{other:?}"),
    }
}

fn step(
    kind: &str,
    name: &str,
    input: Value,
    output: Value,
    children: Vec<TraceStep>,
) -> TraceStep {
    TraceStep {
        kind: kind.to_owned(),
        name: name.to_owned(),
        input,
        output,
        children,
    }
}

fn root(children: Vec<TraceStep>) -> TraceStep {
    step("agent", "root", Value::Null, Value::Null, children)
}

/// Calls of one tool with these inputs.
fn tools(inputs: &[Value]) -> TraceStep {
    let call = |input: &Value| step("tool", "s", input.clone(), Value::Null, Vec::new());
    root(inputs.iter().map(call).collect())
}

/// What a model said, one step after the other.
fn says(outputs: &[Value]) -> TraceStep {
    let said = |output: &Value| step("llm", "m", Value::Null, output.clone(), Vec::new());
    root(outputs.iter().map(said).collect())
}

fn words(count: usize) -> String {
    let words = (0..count).map(|n| format!("word{n}"));
    words.collect::<Vec<_>>().join(" ")
}

#[test]
fn arguments_that_print_alike_are_the_same() {
    let check = |inputs: &[Value], expected: f64| {
        let result = evaluate(json!({}), Some(tools(inputs)));
        assert_eq!(result.breakdown["tool_repetition"], expected, "{inputs:?}");
    };
    check(
        &[json!({"q": 1}), json!({"q": "1"}), json!("{\"q\": 1}")],
        0.5,
    );
    check(&[json!({"q": 1}), json!({"q": 1.5}), json!({"p": 1})], 1.0);
    check(&[json!(null), json!({}), json!("{}")], 0.5);
    check(&[json!("a"), json!("a"), json!("b")], 1.0);
    check(&[json!("a"), json!("a"), json!("a")], 0.5);
    check(&vec![json!([1, "x"]); 6], 0.0);
    check(&vec![json!({"q": 1}); 2], 1.0);
}

#[test]
fn thresholds_are_parameters() {
    let twice = tools(&vec![json!({"q": 1}); 2]);
    let result = evaluate(json!({"repetition_threshold": 1}), Some(twice.clone()));
    assert_eq!(result.breakdown["tool_repetition"], 0.0);
    let result = evaluate(json!({"repetition_threshold": 2}), Some(twice));
    assert_eq!(result.breakdown["tool_repetition"], 0.5);
    assert!((result.score.unwrap() - 0.8).abs() < 1e-12);
    assert!(
        result.reason.contains("`s` was called 2 times"),
        "{}",
        result.reason
    );

    // 30 of 40 words are the same: the bigrams' index is 29 of 39.
    let half = says(&[json!(words(30)), json!(words(40))]);
    for (threshold, expected) in [(0.99, 1.0), (0.7, 0.5)] {
        let result = evaluate(
            json!({"similarity_threshold": threshold}),
            Some(half.clone()),
        );
        assert_eq!(result.breakdown["reasoning_stagnation"], expected);
    }
}

#[test]
fn only_whole_outputs_in_a_row_are_compared() {
    let check = |outputs: &[Value], expected: f64| {
        let result = evaluate(json!({}), Some(says(outputs)));
        assert_eq!(result.breakdown["reasoning_stagnation"], expected);
    };
    let (long, other) = (json!(words(25)), json!(words(25).replace("word", "thing")));
    check(&[long.clone(), long.clone()], 0.0);
    check(&[long.clone(), other, long.clone()], 1.0);
    check(
        &[long.clone(), json!({"text": words(25)}), long.clone()],
        1.0,
    );
    check(&[json!(words(19)), json!(words(19))], 1.0);
    // Filler and short words make no output longer.
    let filled = json!(format!("{} the a is will now ab", words(19)));
    check(&[filled.clone(), filled], 1.0);
    // Case does not matter, nor does what comes between words.
    let loud = json!(words(25).to_uppercase().replace(' ', "\u{1c}\n"));
    check(&[long, loud], 0.0);
}

#[test]
fn a_step_within_its_like_is_a_cycle() {
    let agent = |name: &str, input: Value, within: Vec<TraceStep>| {
        step("agent", name, input, Value::Null, within)
    };
    let check = |trace: TraceStep, expected: f64| {
        let result = evaluate(json!({}), Some(trace));
        assert_eq!(result.breakdown["call_graph_cycles"], expected);
    };
    let same = json!({"q": 1});
    // Side by side is no cycle.
    let twice = vec![
        agent("b", same.clone(), vec![]),
        agent("b", same.clone(), vec![]),
    ];
    check(agent("a", same.clone(), twice), 1.0);
    check(
        agent("a", same.clone(), vec![agent("a", json!({"q": 2}), vec![])]),
        1.0,
    );
    check(
        agent("a", same.clone(), vec![agent("a", same, vec![])]),
        0.0,
    );
    // What lies beyond 64 characters tells no step from another.
    let long = |end: char| json!(format!("{}{end}", "x".repeat(64)));
    check(
        agent("a", long('1'), vec![agent("a", long('2'), vec![])]),
        0.0,
    );
    let short = |end: char| json!(format!("{}{end}", "x".repeat(63)));
    check(
        agent("a", short('1'), vec![agent("a", short('2'), vec![])]),
        1.0,
    );
}

#[test]
fn checks_can_be_off() {
    let trace = tools(&vec![json!({"q": 1}); 6]);
    let off = json!({"check_tool_repetition": false});
    let result = evaluate(off, Some(trace.clone()));
    assert_eq!(result.score, Some(1.0));
    assert!(!result.breakdown.contains_key("tool_repetition"));
    let alone = json!({"check_reasoning_stagnation": false, "check_call_graph_cycles": false});
    assert_eq!(evaluate(alone, Some(trace.clone())).score, Some(0.0));
    let none = json!({"check_tool_repetition": false, "check_reasoning_stagnation": false, "check_call_graph_cycles": false});
    let faults = crate::check_spec(&spec(none.clone())).unwrap_err();
    assert_eq!(faults[0].field, "/params/check_tool_repetition");
    assert_eq!(evaluate(none, Some(trace)).status, MetricStatus::Error);
}

#[test]
fn strict_takes_only_a_full_score() {
    let result = evaluate(json!({"strict": true}), Some(tools(&vec![json!(1); 3])));
    assert_eq!(
        (result.status, result.score, result.threshold),
        (MetricStatus::Failed, Some(0.0), 1.0)
    );
    let result = evaluate(json!({"strict": true}), Some(root(vec![])));
    assert_eq!(result.score, Some(1.0));
}

#[test]
fn without_a_trace_there_is_no_score() {
    let result = evaluate(json!({}), None);
    assert_eq!((result.status, result.score), (MetricStatus::Skipped, None));
}

#[test]
fn what_a_trace_brings_is_bounded() {
    let many = tools(&vec![json!(1); super::MAX_STEPS]);
    let result = evaluate(json!({}), Some(many));
    assert_eq!(result.status, MetricStatus::Error);
    assert!(result.reason.contains("steps"), "{}", result.reason);
    // A word of a letter each that is nowhere: as much work as can be, and still it ends.
    let text = |shift: u32| {
        let word = |n: u32| {
            char::from_u32(0x4e00 + (n * 7 + shift) % 150).map(|c| c.to_string().repeat(3))
        };
        json!((0..5_000).filter_map(word).collect::<Vec<_>>().join(" "))
    };
    let long: Vec<Value> = (0..40).map(text).collect();
    let result = evaluate(json!({}), Some(says(&long)));
    assert!(
        result.score.is_some() || result.reason.contains("too long"),
        "{}",
        result.reason
    );
}
