//! Which kind of metric is chosen for which check.

use super::*;
use std::collections::HashSet;

fn map(kind: &str, value: Value, threshold: Option<f64>) -> Result<Mapped, String> {
    let assertion = Assertion {
        kind: kind.to_owned(),
        value,
        threshold,
        label: None,
    };
    of_assertion(&assertion, None)
}

fn one(kind: &str, value: Value, threshold: Option<f64>) -> Value {
    let mapped = map(kind, value, threshold).unwrap();
    assert_eq!(mapped.metrics.len(), 1, "{kind}");
    serde_json::to_value(&mapped.metrics[0]).unwrap()
}

#[test]
fn the_table_names_each_once() {
    let names: HashSet<&str> = ASSERTIONS.iter().map(|(name, _)| *name).collect();
    assert_eq!(names.len(), ASSERTIONS.len());
}

#[test]
fn texts_are_looked_for_as_promptfoo_does() {
    let is = |kind: &str, value: Value, params: Value| {
        let metric = one(kind, value, None);
        assert_eq!(
            (&metric["kind"], &metric["params"]),
            (&json!("contains"), &params),
            "{kind}"
        );
    };
    is(
        "contains",
        json!("a, b"),
        json!({"values": ["a, b"], "ignore_case": false}),
    );
    is(
        "contains",
        json!(7),
        json!({"values": ["7"], "ignore_case": false}),
    );
    is(
        "icontains-any",
        json!("a, \"b\""),
        json!({"values": ["a", "b"], "mode": "any", "ignore_case": true}),
    );
    is(
        "contains-all",
        json!(["a", "b"]),
        json!({"values": ["a", "b"], "ignore_case": false}),
    );
    is(
        "not-icontains",
        json!("a"),
        json!({"none": ["a"], "ignore_case": true}),
    );
    is(
        "not-contains-any",
        json!(["a", "b"]),
        json!({"none": ["a", "b"], "ignore_case": false}),
    );
    assert!(map("not-contains-all", json!(["a", "b"]), None).is_err());
    assert_eq!(map("contains", Value::Null, None), Err(NO_VALUE.to_owned()));
}

#[test]
fn deterministic_kinds() {
    assert_eq!(
        one("regex", json!("^a+"), None),
        json!({"kind": "regex", "params": {"pattern": "^a+", "search": true}})
    );
    assert_eq!(
        one("starts-with", json!("a.b"), None),
        json!({"kind": "regex", "name": "starts-with", "params": {"pattern": "\\Aa\\.b", "search": true}})
    );
    assert_eq!(
        one("latency", Value::Null, Some(500.0)),
        json!({"kind": "latency", "params": {"max_ms": 500.0}})
    );
    assert_eq!(
        one("cost", Value::Null, Some(0.01)),
        json!({"kind": "cost", "params": {"max_usd": 0.01}})
    );
    let schema = json!({"type": "object"});
    for value in [
        schema.clone(),
        json!("type: object"),
        json!("{\"type\": \"object\"}"),
    ] {
        assert_eq!(
            one("is-json", value, None)["params"],
            json!({"schema": schema})
        );
    }
    assert_eq!(
        one("is-json", Value::Null, None)["params"],
        json!({"schema": true})
    );
    assert_eq!(
        one("equals", json!({"a": 1}), None)["params"],
        json!({"schema": {"const": {"a": 1}}})
    );
    // What the engine of expressions here cannot do is told, not changed.
    let why = map("regex", json!("(?=a)b"), None).unwrap_err();
    assert!(
        why.contains("`params/pattern` is not a regular expression"),
        "{why}"
    );
    assert!(map("latency", Value::Null, None).is_err());
    assert!(map("is-json", json!({"type": 7}), None).is_err());
}

#[test]
fn a_reference_is_the_expected_output() {
    let mapped = map("equals", json!("x"), None).unwrap();
    assert_eq!(mapped.expected.as_deref(), Some("x"));
    assert_eq!(mapped.metrics, [MetricSpec::of(MetricKind::ExactMatch)]);
    let another = Assertion {
        kind: "equals".into(),
        value: json!("y?"),
        ..Assertion::default()
    };
    let mapped = of_assertion(&another, Some("x")).unwrap();
    assert_eq!(mapped.expected, None);
    assert_eq!(mapped.metrics[0].params, json!({"pattern": "y\\?"}));
    let mapped = map("similar", json!("x"), Some(0.8)).unwrap();
    assert_eq!(
        (mapped.metrics.len(), mapped.expected.as_deref()),
        (0, Some("x"))
    );
    assert!(mapped.dropped.unwrap().contains("expected output"));
    let mapped = map("factuality", json!("x"), None).unwrap();
    assert_eq!(
        (mapped.metrics[0].kind, mapped.expected.as_deref()),
        (MetricKind::GEval, Some("x"))
    );
}

#[test]
fn judges() {
    let metric = one("llm-rubric", json!("is polite"), None);
    assert_eq!(
        metric["params"],
        json!({"criteria": "is polite", "fields": ASKED, "strict": true})
    );
    assert_eq!(metric["name"], "llm-rubric");
    let metric = one("not-llm-rubric", json!("is rude"), Some(0.5));
    assert_eq!(
        metric["params"]["criteria"],
        "The following must not hold: is rude"
    );
    assert_eq!(
        (&metric["threshold"], metric["params"].get("strict")),
        (&json!(0.5), None)
    );
    assert_eq!(
        map("g-eval", json!(["a", "b"]), None)
            .unwrap()
            .metrics
            .len(),
        2
    );
    assert!(
        map("answer-relevance", Value::Null, Some(0.9))
            .unwrap()
            .changed
            .is_some()
    );
    assert!(map("llm-rubric", json!("x"), Some(7.0)).is_err());
}

#[test]
fn what_there_is_not_says_why() {
    for kind in [
        "javascript",
        "promptfoo:redteam:pii",
        "no-such",
        "not-equals",
        "not-regex",
    ] {
        assert!(
            !map(kind, json!("x"), None).unwrap_err().is_empty(),
            "{kind}"
        );
    }
    assert!(is_known("not-contains") && !is_known("contain"));
}

#[test]
fn evals_of_openai() {
    let ideals = ["a.b".to_owned(), " c".to_owned()];
    let metric = of_ideals(EvalsClass::Match, &ideals).unwrap();
    assert_eq!(
        metric.params,
        json!({"pattern": "\\A(?:a\\.b|c)", "search": true})
    );
    let metric = of_ideals(EvalsClass::Includes, &ideals).unwrap();
    assert_eq!(metric.params["values"], json!(ideals));
    assert_eq!(
        of_class("evals.elsuite.basic.match:Match", false),
        Ok(EvalsClass::Match)
    );
    assert_eq!(
        of_class("evals.elsuite.basic.includes:Includes", true),
        Ok(EvalsClass::IncludesIgnoreCase)
    );
    assert!(
        of_class(
            "evals.elsuite.modelgraded.classify:ModelBasedClassify",
            false
        )
        .is_err()
    );
    assert!(of_ideals(EvalsClass::Includes, &[]).is_err());
}

#[test]
fn rubrics_and_topics_of_ragas() {
    let rubrics = json!({"score1_description": "bad", "score5_description": "good"});
    let metric = of_rubrics(rubrics.as_object().unwrap()).unwrap();
    assert_eq!(metric.params["rubric"][1]["score_range"], json!([5, 5]));
    assert!(of_rubrics(json!({"x": "y"}).as_object().unwrap()).is_err());
    assert!(of_topics(&["orders".to_owned()]).is_ok());
}

#[test]
fn texts_are_compared_with_the_expected_output() {
    let mapped = map("bleu", json!("x"), None).unwrap();
    assert_eq!(
        (mapped.metrics[0].kind, mapped.metrics[0].threshold),
        (MetricKind::Bleu, Some(0.5))
    );
    assert_eq!(mapped.expected.as_deref(), Some("x"));
    let rouge = one("rouge-n", json!("x"), Some(0.3));
    assert_eq!(
        rouge,
        json!({"kind": "rouge", "name": "rouge-n", "threshold": 0.3, "params": {"variant": "rouge1"}})
    );
    // A distance is no score.
    assert_eq!(
        map("levenshtein", json!("x"), Some(5.0)).unwrap().metrics[0].threshold,
        None
    );
    let other = Assertion {
        kind: "bleu".into(),
        value: json!("y"),
        ..Assertion::default()
    };
    assert!(of_assertion(&other, Some("x")).is_err());
    assert!(map("not-bleu", json!("x"), None).is_err());
}

#[test]
fn words_are_counted() {
    let is =
        |value: Value, params: Value| assert_eq!(one("word-count", value, None)["params"], params);
    is(json!(5), json!({"unit": "words", "min": 5, "max": 5}));
    is(json!("5"), json!({"unit": "words", "min": 5, "max": 5}));
    is(json!({"max": 9}), json!({"unit": "words", "max": 9}));
    assert!(map("word-count", json!({}), None).is_err());
    assert!(map("word-count", json!({"min": 9, "max": 1}), None).is_err());
}
