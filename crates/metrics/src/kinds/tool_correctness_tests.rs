//! Tests of comparing tool calls beyond what the recorded oracles hold.

use super::*;
use proptest::prelude::*;

fn call(name: &str, input_parameters: Value) -> ToolCall {
    ToolCall {
        name: name.into(),
        input_parameters,
        output: None,
    }
}

const ARGUMENTS: Comparison = Comparison {
    input_parameters: true,
    output: false,
    consider_ordering: false,
    exact_match: false,
};

#[test]
fn equal_calls_are_taken_by_place() {
    let twice = [call("a", json!({"q": 1})), call("a", json!({"q": 1}))];
    for ordering in [false, true] {
        let comparison = Comparison {
            consider_ordering: ordering,
            ..ARGUMENTS
        };
        assert_eq!(tool_correctness(&twice, &twice, comparison), 1.0);
        assert_eq!(tool_correctness(&twice[..1], &twice, comparison), 0.5);
    }
}

#[test]
fn arguments() {
    let check = |e: Value, c: Value, expected: f64| {
        let score = tool_correctness(&[call("a", c)], &[call("a", e)], ARGUMENTS);
        assert!((score - expected).abs() < 1e-12, "{score}");
    };
    check(Value::Null, json!({}), 1.0);
    check(json!({"x": 1}), json!({"x": 1.0}), 1.0);
    check(json!({"x": 1}), Value::Null, 0.0);
    check(json!({"x": 1}), json!("x=1"), 0.0);
    check(json!([1]), json!([1]), 1.0);
    check(json!({"x": 1}), json!({"x": 1, "y": 2}), 0.5);
    check(
        json!({"x": {"a": 1, "b": 2}}),
        json!({"x": {"a": 1, "b": 3}}),
        0.5,
    );
    check(json!({"x": [1]}), json!({"x": [2]}), 0.0);
}

#[test]
fn null_output_is_no_output() {
    let comparison = Comparison {
        output: true,
        ..Comparison::default()
    };
    let mut with_null = call("a", Value::Null);
    with_null.output = Some(Value::Null);
    assert_eq!(
        tool_correctness(&[with_null], &[call("a", Value::Null)], comparison),
        1.0
    );
}

fn calls() -> impl Strategy<Value = Vec<ToolCall>> {
    let arguments = proptest::collection::btree_map("[xyz]", 0..3_i32, 0..3);
    let one = ("[abc]", arguments).prop_map(|(name, arguments)| call(&name, json!(arguments)));
    proptest::collection::vec(one, 0..7)
}

proptest! {
    #[test]
    fn scores_stay_within_bounds(called in calls(), expected in calls(), flags: [bool; 4]) {
        let [input_parameters, output, consider_ordering, exact_match] = flags;
        let comparison = Comparison { input_parameters, output, consider_ordering, exact_match };
        let score = tool_correctness(&called, &expected, comparison);
        prop_assert!((0.0..=1.0).contains(&score));
        prop_assert_eq!(tool_correctness(&called, &called, comparison), 1.0);
    }

    #[test]
    fn the_order_can_only_cost(called in calls(), expected in calls()) {
        let free = tool_correctness(&called, &expected, Comparison::default());
        let ordered = tool_correctness(&called, &expected, Comparison { consider_ordering: true, ..Comparison::default() });
        prop_assert!(ordered <= free + 1e-12);
    }
}
