//! Any graph at all: what comes of it is a valid scenario, and nothing is lost without a word.

use super::tests::{graph_of, is_sound};
use super::*;
use proptest::prelude::*;
use std::collections::BTreeSet;

fn data() -> impl Strategy<Value = Value> {
    let word = prop_oneof![
        Just(json!("{{x}} {y} ${z}")),
        Just(json!("'a' in response and score > 0.5")),
        Just(json!("x = len(y) + 1")),
        Just(json!("https://example.com/{{x}}")),
        Just(json!("x")),
        Just(json!("")),
        Just(json!(5)),
        Just(json!(["toxicity", "g_eval"])),
        Just(json!({"a": "{{"})),
        "\\PC{0,12}".prop_map(Value::String),
    ];
    let field = prop::sample::select(vec![
        "label",
        "instruction",
        "prompt",
        "role",
        "name",
        "output_variable",
        "outputVar",
        "timeout",
        "logicType",
        "conditionValue",
        "expression",
        "judgeCriteria",
        "endpointUrl",
        "method",
        "headers",
        "bodyTemplate",
        "duration",
        "evalProvider",
        "metrics",
        "criteria",
        "threshold",
        "severity",
        "triggerType",
        "cronExpression",
        "code",
        "outputVars",
        "transformSpec",
        "outputTemplate",
        "config",
    ]);
    prop::collection::btree_map(field, word, 0..6).prop_map(|fields| json!(fields))
}

fn any_source(kinds: &'static [&'static str]) -> impl Strategy<Value = Value> {
    let kind = prop::sample::select(kinds);
    let nodes = prop::collection::vec((kind, data()), 0..9);
    let handle = prop::sample::select(vec!["", "true", "false", "error"]);
    // Most lead on, so that there are branches that meet.
    let edges = prop::collection::vec((0..9_usize, 0..9_usize, handle, 0..5_u8), 0..16);
    (nodes, edges).prop_map(|(nodes, edges)| {
        let nodes = nodes.into_iter().enumerate().map(|(i, (kind, mut data))| {
            data["category"] = json!(kind);
            json!({"id": i.to_string(), "type": "customNode", "position": {"x": i, "y": i}, "data": data})
        });
        let edges = edges.into_iter().map(|(a, b, handle, back)| {
            let (from, to) = if back == 0 { (a, b) } else { (a.min(b), a.max(b)) };
            json!({"source": from.to_string(), "target": to, "sourceHandle": handle})
        });
        json!({"nodes": nodes.collect::<Vec<_>>(), "edges": edges.collect::<Vec<_>>()})
    })
}

/// Every kind, and one that there is not.
const ALL: &[&str] = &[
    "start",
    "end",
    "persona",
    "task",
    "condition",
    "wait",
    "expectation",
    "trigger",
    "code",
    "transform",
    "tool",
    "odd",
];
/// Those that make shapes.
const SHAPES: &[&str] = &["start", "task", "task", "condition", "code", "expectation"];

fn is_told_of(source: &Value) -> Result<(), TestCaseError> {
    let imported = import(source).unwrap_or_else(|errors| panic!("{errors:?}"));
    is_sound(&imported);
    let nodes = source["nodes"].as_array().unwrap().len();
    let graph = graph_of(&imported);
    let kept: BTreeSet<&str> = graph.nodes.iter().map(|n| n.id.as_str()).collect();
    for index in 0..nodes {
        let at = format!("/nodes/{index}");
        let told = imported.notes.iter().any(|note| note.at == at);
        let is_kept = kept.contains(index.to_string().as_str());
        prop_assert!(told || is_kept, "{index}: {imported:#?}");
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn any_graph_becomes_a_valid_scenario(source in any_source(ALL)) {
        is_told_of(&source)?;
    }

    #[test]
    fn any_shape_becomes_a_valid_one(source in any_source(SHAPES)) {
        is_told_of(&source)?;
    }

    #[test]
    fn anything_else_is_refused_or_read(source in "\\PC{0,40}") {
        let value = serde_json::from_str(&source).unwrap_or(Value::String(source));
        let _ = import(&value);
    }
}
