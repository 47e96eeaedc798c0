//! What is accepted as a metric, and what is said of what is not.

use super::*;
use serde_json::json;

#[test]
fn values_need_no_quoting() {
    for (arg, params) in [
        (
            r"regex:pattern=^\d{1,2}=x,y$",
            json!({"pattern": r"^\d{1,2}=x,y$"}),
        ),
        (r"regex:^a=b$", json!({"pattern": "^a=b$"})),
        (
            r"regex:pattern=a,ignore_case=true",
            json!({"pattern": "a", "ignore_case": true}),
        ),
        (
            "contains:30 days;unused",
            json!({"values": ["30 days", "unused"]}),
        ),
        (
            "contains:values=[\"a;b\"],mode=any",
            json!({"values": ["a;b"], "mode": "any"}),
        ),
        ("latency:2000", json!({"max_ms": 2000})),
        ("length:150", json!({"max": 150})),
        ("ndcg:10", json!({"k": 10})),
        (
            "rouge:rouge1,stem=true",
            json!({"variant": "rouge1", "stem": true}),
        ),
        ("cost:max_usd=0.01", json!({"max_usd": 0.01})),
        (
            "g_eval:criteria=Is it polite, clear, and short?",
            json!({"criteria": "Is it polite, clear, and short?"}),
        ),
        (
            r#"json_schema:schema={"type":"object"}"#,
            json!({"schema": {"type": "object"}}),
        ),
        ("exact_match", Value::Null),
        (
            "tool_correctness:evaluate=input_parameters",
            json!({"evaluate": ["input_parameters"]}),
        ),
    ] {
        assert_eq!(parse(arg).unwrap().params, params, "{arg}");
    }
    let spec = parse("regex:pattern=^a$,threshold=0.5,name=ends well").unwrap();
    assert_eq!(
        (spec.threshold, spec.name.as_deref()),
        (Some(0.5), Some("ends well"))
    );
    assert_eq!(
        parse(r#"{"kind":"latency","params":{"max_ms":5}}"#)
            .unwrap()
            .kind,
        MetricKind::Latency
    );
}

#[test]
fn mistakes_name_what_would_be_right() {
    for (arg, expected) in [
        (
            "exact",
            "metric `exact` is not known; there are exact_match, regex,",
        ),
        (
            "latency:ms=5",
            "metric `latency` has no parameter `ms`; it has max_ms, threshold, name",
        ),
        (
            "latency:soon",
            "metric `latency`: `max_ms` must be a number, but is `soon`",
        ),
        ("regex", "metric `regex`: `pattern` is required"),
        ("regex:(", "metric `regex`: `pattern` "),
        (
            "exact_match:threshold=2",
            "metric `exact_match`: `threshold` must be between 0 and 1",
        ),
        (
            "json_schema:schema=@/nonexistent",
            "metric `json_schema`: `schema` names /nonexistent, which",
        ),
        ("{\"kind\":\"x\"}", "metric: unknown variant `x`"),
    ] {
        let message = parse(arg).unwrap_err();
        assert!(message.starts_with(expected), "{arg}: {message}");
    }
}

#[test]
fn files_hold_texts_and_objects() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("m.yaml");
    std::fs::write(
        &path,
        "metrics:\n- exact_match\n- kind: regex\n  params: {pattern: '^\\d+$'}\n",
    )
    .unwrap();
    let list = file(&path).unwrap();
    assert_eq!(list.len(), 2);
    assert_eq!(list[1].params, json!({"pattern": r"^\d+$"}));
    std::fs::write(&path, "- exact_match\n- nope\n").unwrap();
    let message = file(&path).unwrap_err().to_string();
    assert!(
        message.contains("m.yaml: entry 2: metric `nope` is not known"),
        "{message}"
    );
}
