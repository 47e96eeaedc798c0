//! Laws of states, whatever is in them.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test"
)]

use assay_environment::{
    call, canonical_hash, canonical_json, check, check_environment, differences,
};
use assay_model::{EnvironmentSpec, FieldError, GoalState, Validator};
use proptest::prelude::*;
use serde_json::{Map, Value, json};

fn validate(spec: &EnvironmentSpec) -> Result<(), Vec<FieldError>> {
    let mut v = Validator::default();
    check_environment(&mut v, spec);
    v.finish()
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        (-3_i64..3).prop_map(Value::from),
        (-3_i32..3).prop_map(|n| json!(f64::from(n) / 2.0)),
        any::<u64>().prop_map(Value::from),
        ".{0,6}".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 30, 5, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            prop::collection::vec(("[a-c~/*]{0,2}", inner), 0..5)
                .prop_map(|fields| Value::Object(fields.into_iter().collect::<Map<_, _>>())),
        ]
    })
}

fn object() -> impl Strategy<Value = Map<String, Value>> {
    prop::collection::btree_map("[a-c~/{}]{1,3}", any_json(), 0..5)
        .prop_map(|fields| fields.into_iter().collect())
}

fn world(state: Map<String, Value>) -> EnvironmentSpec {
    let mut spec: EnvironmentSpec = serde_json::from_value(json!({"tools": [
        {
            "name": "set", "parameters": {"type": "object", "required": ["key"]},
            "changes": [{"path": "/{args.key}", "value": "args.value"}], "result": "state[args.key]",
        },
        {"name": "unset", "parameters": {"type": "object"}, "changes": [{"path": "/{args.key}", "delete": true}]},
    ]}))
    .unwrap();
    spec.state = state;
    spec
}

proptest! {
    #[test]
    fn equal_hashes_mean_no_differences(a in any_json(), b in any_json()) {
        prop_assert_eq!(
            canonical_hash(&a) == canonical_hash(&b),
            differences(&a, &b).is_empty(),
            "{} {}", a, b
        );
        prop_assert!(differences(&a, &a).is_empty());
    }

    #[test]
    fn canonical_text_is_json_of_the_same_value(value in any_json()) {
        let text = canonical_json(&value);
        let back: Value = serde_json::from_str(&text).unwrap();
        prop_assert_eq!(canonical_json(&back), text);
        prop_assert!(differences(&value, &back).is_empty());
    }

    #[test]
    fn what_is_set_is_there_and_what_is_unset_is_gone(
        state in object(), key in "[a-c~/{}]{1,3}", value in any_json(),
    ) {
        let spec = world(state.clone());
        prop_assert_eq!(validate(&spec), Ok(()));
        let (after, result) = call(&spec, spec.initial_state(), "set", &json!({"key": key, "value": value}));
        prop_assert_eq!(result, Ok(value.clone()));
        prop_assert_eq!(&after[&key], &value);
        let (gone, result) = call(&spec, after, "unset", &json!({"key": key}));
        prop_assert_eq!(result, Ok(Value::Null));
        let mut expected = state;
        expected.remove(&key);
        prop_assert_eq!(gone, Value::Object(expected));
    }

    #[test]
    fn a_replay_of_the_agents_own_calls_is_the_goal(
        state in object(),
        calls in prop::collection::vec(("[a-c]", any_json()), 0..5),
        other in any_json(),
    ) {
        let spec = world(state);
        let mut final_state = spec.initial_state();
        let mut actions = Vec::new();
        for (key, value) in calls {
            let arguments = json!({"key": key, "value": value});
            let (after, result) = call(&spec, final_state, "set", &arguments);
            prop_assert!(result.is_ok());
            final_state = after;
            actions.push(json!({"tool": "set", "arguments": arguments}));
        }
        let goal: GoalState = serde_json::from_value(json!({ "actions": actions })).unwrap();
        prop_assert!(check(&goal, &spec, &final_state, &[]).unwrap().reached);
        let reached = check(&goal, &spec, &other, &[]).unwrap().reached;
        prop_assert_eq!(reached, canonical_hash(&other) == canonical_hash(&final_state));
    }

    #[test]
    fn any_text_is_a_path_or_refused(path in "[/{}a~'\"\\[\\].1 é-]{0,20}", expression in ".{0,20}") {
        let mut spec = world(Map::new());
        spec.tools[0].changes[0].path = path;
        spec.tools[0].result = expression;
        let valid = validate(&spec).is_ok();
        let (state, result) = call(&spec, spec.initial_state(), "set", &json!({"key": "a", "value": 1}));
        if !valid {
            prop_assert!(result.is_err());
        }
        if result.is_err() {
            prop_assert_eq!(state, spec.initial_state());
        }
    }
}
