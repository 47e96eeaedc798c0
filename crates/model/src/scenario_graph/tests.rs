//! Graphs, right and wrong.

use super::*;
use serde_json::json;

fn graph() -> Value {
    json!({
        "start": "ask",
        "nodes": [
            {"id": "ask", "does": {"type": "persona_turn", "say": "Where is my order?"}},
            {"id": "answer", "does": {"type": "target_call"}, "position": {"x": 1.5, "y": 2}},
            {"id": "known", "does": {"type": "condition"}},
            {"id": "insist", "does": {"type": "persona_turn", "instructions": "Lose patience."}},
            {"id": "score", "does": {"type": "evaluate", "metrics": [{"kind": "exact_match"}]}},
            {"id": "done", "does": {"type": "end"}},
        ],
        "edges": [
            {"from": "ask", "to": "answer"},
            {"from": "answer", "to": "known"},
            {"from": "known", "to": "score", "when": {"answer_contains": "tracking"}},
            {"from": "known", "to": "score", "when": {"turns_at_least": 3}},
            {"from": "known", "to": "insist"},
            {"from": "insist", "to": "answer"},
            {"from": "score", "to": "done"},
        ],
    })
}

#[track_caller]
fn check(change: impl FnOnce(&mut Value), fields: &[&str]) {
    let mut value = graph();
    change(&mut value);
    let graph: ScenarioGraph = serde_json::from_value(value).unwrap();
    let errors = graph.validate().err().unwrap_or_default();
    let found: Vec<&str> = errors.iter().map(|e| e.field.as_str()).collect();
    assert_eq!(found, fields, "{errors:?}");
}

#[test]
fn a_graph_with_a_loop_is_sound() {
    check(|_| {}, &[]);
    let graph: ScenarioGraph = serde_json::from_value(graph()).unwrap();
    assert!(graph.needs_persona() && graph.sub_scenarios().next().is_none());
}

#[test]
fn what_leads_nowhere_is_named() {
    check(
        |g| g["start"] = json!("x"),
        &[
            "/start",
            "/nodes/0/id",
            "/nodes/1/id",
            "/nodes/2/id",
            "/nodes/3/id",
            "/nodes/4/id",
            "/nodes/5/id",
        ],
    );
    // A name that is there twice is no place that an edge can lead to.
    let mut twice = graph();
    twice["nodes"][1]["id"] = json!("ask");
    let twice: ScenarioGraph = serde_json::from_value(twice).unwrap();
    let errors = twice.validate().unwrap_err();
    let told = |field: &str, says: &str| {
        errors
            .iter()
            .any(|e| e.field == field && e.message.contains(says))
    };
    assert!(
        told("/nodes/1/id", "twice") && told("/edges/0/to", "no node"),
        "{errors:?}"
    );
    // Nobody comes here, and nobody gets away from here.
    check(
        |g| {
            let nodes = g["nodes"].as_array_mut().unwrap();
            nodes.push(json!({"id": "island", "does": {"type": "target_call"}}));
            let edges = g["edges"].as_array_mut().unwrap();
            edges.push(json!({"from": "island", "to": "island"}));
        },
        &["/nodes/6/id", "/nodes/6/id"],
    );
}

#[test]
fn edges_follow_the_kind_of_their_node() {
    // A condition without a way out for when nothing holds.
    check(
        |g| g["edges"][4]["when"] = json!({"tool_called": "t"}),
        &["/nodes/2/id"],
    );
    // A condition on the edge of a node that decides nothing.
    check(
        |g| g["edges"][0]["when"] = json!({"turns_at_least": 1}),
        &["/nodes/0/id"],
    );
    // Two ways on.
    check(
        |g| {
            g["edges"]
                .as_array_mut()
                .unwrap()
                .push(json!({"from": "ask", "to": "done"}))
        },
        &["/nodes/0/id"],
    );
    // On from the end.
    check(
        |g| {
            g["edges"]
                .as_array_mut()
                .unwrap()
                .push(json!({"from": "done", "to": "ask"}))
        },
        &["/nodes/5/id"],
    );
    check(
        |g| g["edges"][2]["when"] = json!({"score_below": {"metric": "m", "value": 2}}),
        &["/edges/2/when"],
    );
}

#[test]
fn a_loop_without_a_turn_never_ends() {
    // The condition asks itself again.
    check(
        |g| g["edges"][4]["to"] = json!("known"),
        &["/nodes/2/id", "/nodes/3/id"],
    );
}

#[test]
fn nodes_are_checked_themselves() {
    check(
        |g| g["nodes"][0]["does"]["say"] = json!(" "),
        &["/nodes/0/does/say"],
    );
    check(
        |g| g["nodes"][4]["does"]["metrics"][0]["threshold"] = json!(2),
        &["/nodes/4/does/metrics/0/threshold"],
    );
    check(|g| g["max_steps"] = json!(0), &["/max_steps"]);
    for wrong in [
        json!({"id": "x", "does": {"type": "dance"}}),
        json!({"id": "x", "does": {"type": "end", "more": 1}}),
        json!({"id": "x"}),
    ] {
        assert!(serde_json::from_value::<Node>(wrong).is_err());
    }
}

#[test]
fn code_is_an_expression_or_a_program() {
    let code = |does: serde_json::Value, fields: &[&str]| {
        // Its way through the graph is that of the node whose place it takes.
        check(|g| g["nodes"][0]["does"] = does, fields);
    };
    let at = |field: &str| format!("/nodes/0/does/{field}");
    let (expression, program, input) = (at("expression"), at("program_id"), at("input"));
    code(
        json!({"type": "code", "expression": "1", "output": "x"}),
        &[],
    );
    code(
        json!({"type": "code", "program_id": "p", "output": "x"}),
        &[],
    );
    code(
        json!({"type": "code", "program_id": "p", "input": "1", "output": "x"}),
        &[],
    );
    code(json!({"type": "code", "output": "x"}), &[&expression]);
    code(
        json!({"type": "code", "expression": "1", "program_id": "p", "output": "x"}),
        &[&program],
    );
    code(
        json!({"type": "code", "expression": "1", "input": "1", "output": "x"}),
        &[&input],
    );
    code(
        json!({"type": "code", "program_id": " ", "input": "", "output": "x"}),
        &[&program, &input],
    );
    let kept = json!({"type": "code", "expression": "1", "output": "x"});
    let read: NodeKind = serde_json::from_value(kept.clone()).unwrap();
    assert_eq!(serde_json::to_value(read).unwrap(), kept);
}
