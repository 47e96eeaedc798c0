//! Tests of the deterministic metrics from spec to result.

use super::*;
use proptest::prelude::*;
use serde_json::{Value, json};

fn run(spec: Value, case: Value) -> MetricResult {
    let spec: MetricSpec = serde_json::from_value(spec).unwrap();
    let case: TestCase = serde_json::from_value(case).unwrap();
    match Evaluation::start(&spec, &case).1 {
        Step::Done(result) => result,
        other => panic!("{other:?}"),
    }
}

fn check(kind: &str, params: Value, case: Value, status: MetricStatus, score: Option<f64>) {
    let result = run(json!({"kind": kind, "params": params}), case.clone());
    assert_eq!(
        (result.status, result.score),
        (status, score),
        "{kind} {params} {case} {}",
        result.reason
    );
    assert!(!result.reason.is_empty());
    assert_eq!(result.confidence, score.map(|_| 1.0));
}

use MetricStatus::{Error, Failed, Passed, Skipped};

#[test]
fn exact_match() {
    let check = |params: Value, actual: &str, expected: &str, status, score| {
        check(
            "exact_match",
            params,
            json!({"actual_output": actual, "expected_output": expected}),
            status,
            Some(score),
        );
    };
    check(Value::Null, "x", " x\n", Passed, 1.0);
    check(Value::Null, "X", "x", Failed, 0.0);
    check(json!({"ignore_case": true}), "ÄX", "äx", Passed, 1.0);
    check(json!({}), " ", "", Passed, 1.0);
}

#[test]
fn absent_fields() {
    let both = json!({"actual_output": "x"});
    check("exact_match", Value::Null, both, Skipped, None);
    check(
        "exact_match",
        Value::Null,
        json!({"expected_output": "x"}),
        Error,
        None,
    );
    check(
        "exact_match",
        Value::Null,
        json!({"expected_output": "x", "actual_output": ""}),
        Error,
        None,
    );
    check("tool_correctness", Value::Null, json!({}), Skipped, None);
    check("latency", json!({"max_ms": 1}), json!({}), Error, None);
    check("cost", json!({"max_usd": 1}), json!({}), Error, None);
}

#[test]
fn wrong_parameters_of_a_stored_spec_are_an_error() {
    let case = json!({"actual_output": "x", "latency_ms": 1.0, "messages": []});
    check("regex", Value::Null, case.clone(), Error, None);
    check("regex", json!({"pattern": "("}), case.clone(), Error, None);
    check("contains", json!({"values": 3}), case.clone(), Error, None);
    check("contains", Value::Null, case.clone(), Error, None);
    check(
        "json_schema",
        json!({"schema": {"type": 3}}),
        case.clone(),
        Error,
        None,
    );
    check("latency", json!({"max_ms": -1}), case.clone(), Error, None);
    check("g_eval", json!({"strict": true}), case.clone(), Error, None);
    check("g_eval", json!([1]), case, Error, None);
}

#[test]
fn regex() {
    let check = |params: Value, actual: &str, score: f64| {
        let status = if score == 1.0 { Passed } else { Failed };
        check(
            "regex",
            params,
            json!({"actual_output": actual}),
            status,
            Some(score),
        );
    };
    check(json!({"pattern": r"\d+"}), " 123\n", 1.0);
    check(json!({"pattern": r"\d+"}), "a 123", 0.0);
    check(json!({"pattern": r"\d+", "search": true}), "a 123", 1.0);
    check(json!({"pattern": "a|ab"}), "ab", 1.0);
    check(json!({"pattern": "^ab$"}), "ab\n", 1.0);
    check(json!({"pattern": "AB", "ignore_case": true}), "ab", 1.0);
    check(json!({"pattern": "(a+)+b"}), &"a".repeat(100_000), 0.0);
    check(json!({"pattern": "(?x) a # note"}), "a", 1.0);
}

#[test]
fn contains() {
    let check = |params: Value, status, score: f64| {
        check(
            "contains",
            params,
            json!({"actual_output": "Your refund of 20 € is ÜBERWIESEN"}),
            status,
            Some(score),
        );
    };
    check(json!({"values": ["refund", "überwiesen"]}), Passed, 1.0);
    check(json!({"values": ["refund", "sorry"]}), Failed, 0.5);
    check(
        json!({"values": ["refund", "sorry"], "mode": "any"}),
        Passed,
        1.0,
    );
    check(json!({"values": ["sorry"], "mode": "any"}), Failed, 0.0);
    check(
        json!({"values": ["REFUND"], "ignore_case": false}),
        Failed,
        0.0,
    );
    check(json!({"none": ["sorry"]}), Passed, 1.0);
    check(json!({"values": ["refund"], "none": ["20"]}), Failed, 0.0);
}

#[test]
fn json_schema() {
    let schema = json!({"schema": {"type": "object", "required": ["a"], "properties": {"a": {"type": "integer"}}}});
    let check = |actual: &str, status, score: f64| {
        check(
            "json_schema",
            schema.clone(),
            json!({"actual_output": actual}),
            status,
            Some(score),
        );
    };
    check(r#" {"a": 1} "#, Passed, 1.0);
    check(r#"{"a": "1"}"#, Failed, 0.0);
    check("{}", Failed, 0.0);
    check("```json\n{\"a\": 1}\n```", Failed, 0.0);
    check(&"[".repeat(100_000), Failed, 0.0);
}

#[test]
fn a_pattern_that_runs_away_is_no_verdict() {
    let schema = json!({"schema": {"pattern": "^(?=a)(a|aa)+$(?<!x)"}});
    let answer = format!("\"{}!\"", "a".repeat(200));
    check(
        "json_schema",
        schema,
        json!({"actual_output": answer}),
        Error,
        None,
    );
}

#[test]
fn schemas_that_refer_to_themselves() {
    let tree = json!({"schema": {"type": "array", "items": {"$ref": "#"}}});
    check(
        "json_schema",
        tree.clone(),
        json!({"actual_output": "[[[]]]"}),
        Passed,
        Some(1.0),
    );
    let deep = "[".repeat(120) + &"]".repeat(120);
    check(
        "json_schema",
        tree,
        json!({"actual_output": deep}),
        Passed,
        Some(1.0),
    );
    // A schema that is only itself says nothing; it must not run away.
    let _ = run(
        json!({"kind": "json_schema", "params": {"schema": {"$ref": "#"}}}),
        json!({"actual_output": "1"}),
    );
    let ring = json!({"$defs": {"a": {"$ref": "#/$defs/b"}, "b": {"$ref": "#/$defs/a"}}, "allOf": [{"$ref": "#/$defs/a"}]});
    let _ = run(
        json!({"kind": "json_schema", "params": {"schema": ring}}),
        json!({"actual_output": "1"}),
    );
}

#[test]
fn limits() {
    check(
        "latency",
        json!({"max_ms": 100}),
        json!({"latency_ms": 100.0}),
        Passed,
        Some(1.0),
    );
    check(
        "latency",
        json!({"max_ms": 100}),
        json!({"latency_ms": 400.0}),
        Failed,
        Some(0.25),
    );
    check(
        "latency",
        json!({"max_ms": 100}),
        json!({"latency_ms": -1.0}),
        Error,
        None,
    );
    check(
        "cost",
        json!({"max_usd": 0}),
        json!({"cost_usd": 0.0}),
        Passed,
        Some(1.0),
    );
    check(
        "cost",
        json!({"max_usd": 0}),
        json!({"cost_usd": 0.1}),
        Failed,
        Some(0.0),
    );
    let spec =
        json!({"kind": "latency", "threshold": 0.5, "name": "fast", "params": {"max_ms": 100}});
    let result = run(spec, json!({"latency_ms": 150.0}));
    assert_eq!(
        (result.status, result.name.as_str(), result.threshold),
        (Passed, "fast", 0.5)
    );
}

#[test]
fn reasons_are_bounded() {
    let result = run(
        json!({"kind": "tool_correctness"}),
        json!({"expected_tools": [{"name": "x".repeat(1_000_000)}], "tools_called": []}),
    );
    assert_eq!(result.status, Failed);
    assert!(result.reason.len() < 5000);
}

proptest! {
    #[test]
    fn a_score_is_within_bounds_or_absent(
        kind in prop::sample::select(vec!["exact_match", "regex", "contains", "json_schema", "latency", "cost"]),
        text in ".{0,40}", other in ".{1,40}", number in prop::num::f64::ANY, limit in prop::num::f64::ANY,
    ) {
        let params = match kind {
            "regex" => json!({"pattern": other, "search": true}),
            "contains" => json!({"values": [other], "none": [text]}),
            "json_schema" => json!({"schema": {"const": other}}),
            "latency" => json!({"max_ms": limit}),
            "cost" => json!({"max_usd": limit}),
            _ => Value::Null,
        };
        let spec: MetricSpec = serde_json::from_value(json!({"kind": kind, "params": params})).unwrap();
        let case = TestCase {
            actual_output: Some(text.into()), expected_output: Some(other.into()), latency_ms: Some(number), cost_usd: Some(number),
            ..TestCase::default()
        };
        let Step::Done(result) = Evaluation::start(&spec, &case).1 else { panic!("a judge is asked") };
        prop_assert!(result.score.is_none_or(|s| (0.0..=1.0).contains(&s)));
        prop_assert_eq!(result.score.is_some(), matches!(result.status, Passed | Failed));
    }
}
