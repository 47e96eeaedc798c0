//! What is wrong with an environment is found when it is saved; what hostile ones can do is bounded.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test"
)]

use assay_environment::{MAX_STATE_DEPTH, ToolError, call, check_environment};
use assay_model::{EnvironmentSpec, FieldError, Validator};
use serde_json::{Map, Value, json};

fn validate(spec: &EnvironmentSpec) -> Result<(), Vec<FieldError>> {
    let mut v = Validator::default();
    check_environment(&mut v, spec);
    v.finish()
}

fn spec(tool: Value) -> EnvironmentSpec {
    let mut whole = json!({"name": "t", "parameters": {"type": "object"}});
    whole
        .as_object_mut()
        .unwrap()
        .extend(tool.as_object().unwrap().clone());
    serde_json::from_value(json!({"state": {"x": [], "n": 1, "s": "y"}, "tools": [whole]})).unwrap()
}

fn fault(result: Result<Value, ToolError>) -> (String, String) {
    match result {
        Err(ToolError::Environment { at, why }) => (at, why),
        other => panic!("no fault of the environment: {other:?}"),
    }
}

#[test]
fn validation_names_every_field() {
    let wrong: EnvironmentSpec = serde_json::from_value(json!({
        "tools": [
            {
                "name": "a b", "parameters": {"type": "string"}, "result": "args.",
                "checks": [{"expression": "before.x", "error": " "}, {"expression": "f(args)", "error": "e"}],
                "changes": [
                    {"path": "x", "value": "1"},
                    {"path": "/x/{foo}", "delete": true},
                    {"path": "/x/{", "append": "y"},
                    {"path": "/x", "value": "1", "delete": true, "when": "z"},
                    {"path": "/x"},
                ],
            },
            {"name": "b", "parameters": {"type": "object", "properties": {"a": {"type": "strin"}}}},
            {"name": "b", "parameters": {"type": "object", "$ref": "https://example.com/schema.json"}},
        ],
    }))
    .unwrap();
    let fields: Vec<String> = validate(&wrong)
        .unwrap_err()
        .into_iter()
        .map(|e| e.field)
        .collect();
    assert_eq!(
        fields,
        [
            "/tools/0/name",
            "/tools/0/parameters",
            "/tools/0/checks/0/expression",
            "/tools/0/checks/0/error",
            "/tools/0/checks/1/expression",
            "/tools/0/changes/0/path",
            "/tools/0/changes/1/path",
            "/tools/0/changes/2/path",
            "/tools/0/changes/2/append",
            "/tools/0/changes/3/when",
            "/tools/0/changes/3",
            "/tools/0/changes/4",
            "/tools/0/result",
            "/tools/1/parameters",
            "/tools/2/parameters",
            "/tools/2/name",
        ]
    );
    let none: EnvironmentSpec = serde_json::from_value(json!({"tools": []})).unwrap();
    assert_eq!(validate(&none).unwrap_err()[0].field, "/tools");
    assert!(serde_json::from_value::<EnvironmentSpec>(json!({"tools": [], "x": 1})).is_err());
}

#[test]
fn large_and_deep_states_are_refused() {
    let mut large = spec(json!({}));
    large
        .state
        .insert("text".into(), json!("x".repeat(1 << 20)));
    assert_eq!(validate(&large).unwrap_err()[0].field, "/state");
    let mut deep = spec(json!({}));
    let value = (0..MAX_STATE_DEPTH).fold(json!(1), |below, _| json!([below]));
    deep.state = Map::from_iter([("a".to_owned(), value)]);
    assert_eq!(validate(&deep).unwrap_err()[0].field, "/state");
    deep.state = Map::from_iter([("a".to_owned(), deep.state["a"][0].clone())]);
    assert_eq!(validate(&deep), Ok(()));
}

#[test]
fn a_state_cannot_grow_without_end() {
    let doubling = spec(json!({"changes": [{"path": "/s", "value": "state.s + state.s"}]}));
    let mut state = doubling.initial_state();
    let mut rounds = 0;
    let (at, why) = loop {
        let (after, result) = call(&doubling, state.clone(), "t", &Value::Null);
        match result {
            Ok(_) => state = after,
            Err(_) => {
                assert_eq!(after, state);
                break fault(result);
            }
        }
        rounds += 1;
        assert!(rounds < 30);
    };
    assert_eq!(
        (at.as_str(), why.as_str()),
        ("/tools/0/changes/0", "the state would be too large")
    );

    let nesting = spec(json!({"changes": [{"path": "/x", "value": "[state.x]"}]}));
    let mut state = nesting.initial_state();
    let mut rounds = 0;
    let (_, why) = loop {
        let (after, result) = call(&nesting, state, "t", &Value::Null);
        if result.is_err() {
            break fault(result);
        }
        state = after;
        rounds += 1;
        assert!(rounds <= MAX_STATE_DEPTH);
    };
    assert_eq!(why, "the state would nest too deeply");
}

#[test]
fn faults_are_placed() {
    for (tool, at) in [
        (
            json!({"checks": [{"expression": "state.n", "error": "e"}]}),
            "/tools/0/checks/0/expression",
        ),
        (
            json!({"checks": [{"expression": "state.q == 1", "error": "e"}]}),
            "/tools/0/checks/0/expression",
        ),
        (
            json!({"changes": [{"path": "/x/{state}", "delete": true}]}),
            "/tools/0/changes/0/path",
        ),
        (
            json!({"changes": [{"path": "/q/a", "value": "1"}]}),
            "/tools/0/changes/0/path",
        ),
        (
            json!({"changes": [{"path": "/n", "value": "1 / 0"}]}),
            "/tools/0/changes/0/value",
        ),
        (
            json!({"changes": [{"path": "/n", "when": "1", "value": "1"}]}),
            "/tools/0/changes/0/when",
        ),
        (json!({"result": "state.x[0]"}), "/tools/0/result"),
        (json!({"result": "state.n +"}), "/tools/0/result"),
        (
            json!({"parameters": {"type": "array"}}),
            "/tools/0/parameters",
        ),
    ] {
        let spec = spec(tool.clone());
        let (state, result) = call(&spec, spec.initial_state(), "t", &Value::Null);
        assert_eq!(fault(result).0, at, "{tool}");
        assert_eq!(state, spec.initial_state(), "{tool}");
    }
}

#[test]
fn a_large_result_is_refused() {
    let mut large = spec(json!({"result": "[state.s, state.s, state.s]"}));
    large.state.insert("s".into(), json!("y".repeat(100_000)));
    let (_, result) = call(&large, large.initial_state(), "t", &Value::Null);
    assert_eq!(
        fault(result),
        ("/tools/0/result".into(), "it is too large".into())
    );
}

#[test]
fn a_call_has_one_budget() {
    let mut costly = spec(json!({
        "checks": vec![json!({"expression": "state.x.all(a, state.x.exists(b, a == b))", "error": "e"}); 30],
    }));
    costly
        .state
        .insert("x".into(), (0..1000).map(Value::from).collect());
    let (_, result) = call(&costly, costly.initial_state(), "t", &Value::Null);
    assert_eq!(fault(result).1, "the evaluation costs too much");
}

#[test]
fn schemas_that_refer_to_themselves_end() {
    let nested = |levels: usize| (0..levels).fold(json!({}), |below, _| json!({"a": below}));
    for parameters in [
        json!({"type": "object", "$ref": "#"}),
        json!({"type": "object", "allOf": [{"$ref": "#"}]}),
        json!({"type": "object", "properties": {"a": {"$ref": "#"}}, "additionalProperties": false}),
        json!({"type": "object", "$defs": {"x": {"$ref": "#/$defs/y"}, "y": {"$ref": "#/$defs/x"}}, "$ref": "#/$defs/x"}),
    ] {
        let spec = spec(json!({"parameters": parameters}));
        let _ = validate(&spec);
        for args in [Value::Null, json!({"b": 1}), nested(60)] {
            let _ = call(&spec, spec.initial_state(), "t", &args);
        }
    }
    let recursive = spec(json!({
        "parameters": {"type": "object", "properties": {"a": {"$ref": "#"}}, "additionalProperties": false},
    }));
    assert!(
        call(&recursive, recursive.initial_state(), "t", &nested(60))
            .1
            .is_ok()
    );
    let wrong = json!({"a": {"a": {"b": 1}}});
    assert!(matches!(
        call(&recursive, recursive.initial_state(), "t", &wrong).1,
        Err(ToolError::Arguments { faults }) if faults[0].field == "/a/a"
    ));
}

#[test]
fn patterns_that_backtrack_are_no_fault_of_the_agent() {
    let spec = spec(json!({
        "parameters": {"type": "object", "properties": {"a": {"type": "string", "pattern": "^(a|a|b?)*(?=c)$"}}},
    }));
    let args = json!({"a": "a".repeat(60)});
    let (_, result) = call(&spec, spec.initial_state(), "t", &args);
    assert_eq!(
        fault(result),
        (
            "/tools/0/parameters".into(),
            "a pattern takes too many steps".into()
        )
    );
}
