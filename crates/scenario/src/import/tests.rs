//! What comes of graphs that the other program has, and of any others.

use super::*;
use crate::{Assumptions, Course, DryRun, dry_run};
use assay_graph::protocol::RunItem;
use assay_model::{Branches, EndResult, MetricKind, Node, NodeKind, Severity, Trigger, When};
use std::collections::{BTreeMap, BTreeSet};

/// Scenarios as that program has them, by where they are found:
/// - `seed_data-*`: `langeval-core/tests/seed_data.py`
/// - `verify_*`, `test_deepseek_agent`, `repro_create_scenario`: the files of these names in `langeval-core/tests`; texts that
///   they compute have one value here
/// - `domain`: the example in `langeval-core/resource-service/app/models/domain.py`
/// - `default-route`: `langeval-ui/app/api/v1/resource/scenarios/default/route.ts`
/// - `mock-data`: `langeval-ui/lib/mock-data.ts`
fn samples() -> BTreeMap<String, Value> {
    serde_json::from_str(include_str!("../../tests-data/samples.json")).unwrap()
}

fn sample(name: &str) -> Imported {
    import(&samples()[name]).unwrap()
}

/// Nodes as `(id, kind, data)`, edges as `(source, target, handle)`.
pub(super) fn source(nodes: &[(&str, &str, Value)], edges: &[(&str, &str, &str)]) -> Value {
    let nodes = nodes.iter().map(|(id, kind, data)| {
        let mut data = data.clone();
        data["category"] = json!(kind);
        json!({"id": id, "type": "customNode", "position": {"x": 10.0, "y": 20.5}, "data": data})
    });
    let edges = edges.iter().map(|(from, to, handle)| {
        let mut edge = json!({"id": format!("{from}-{to}"), "source": from, "target": to});
        if !handle.is_empty() {
            edge["sourceHandle"] = json!(handle);
        }
        edge
    });
    json!({"name": "It", "nodes": nodes.collect::<Vec<_>>(), "edges": edges.collect::<Vec<_>>()})
}

/// Of nodes in a row, between a start and an end.
pub(super) fn row(nodes: &[(&str, &str, Value)]) -> Imported {
    let mut all = vec![("first", "start", json!({}))];
    all.extend(nodes.iter().cloned());
    all.push(("last", "end", json!({})));
    let edges: Vec<(&str, &str, &str)> =
        all.windows(2).map(|two| (two[0].0, two[1].0, "")).collect();
    import(&source(&all, &edges)).unwrap()
}

pub(super) fn graph_of(imported: &Imported) -> &ScenarioGraph {
    imported.scenario.graph.as_ref().unwrap()
}

pub(super) fn node<'g>(imported: &'g Imported, id: &str) -> &'g Node {
    let nodes = &graph_of(imported).nodes;
    nodes
        .iter()
        .find(|node| node.id == id)
        .unwrap_or_else(|| panic!("no {id} in {nodes:#?}"))
}

pub(super) fn does<'g>(imported: &'g Imported, id: &str) -> &'g NodeKind {
    &node(imported, id).does
}

pub(super) fn types(imported: &Imported) -> Vec<(&str, &str)> {
    let nodes = graph_of(imported).nodes.iter();
    nodes
        .map(|node| (node.id.as_str(), node.does.type_name()))
        .collect()
}

pub(super) fn ways(imported: &Imported) -> Vec<(&str, &str)> {
    let edges = graph_of(imported).edges.iter();
    edges
        .map(|edge| (edge.from.as_str(), edge.to.as_str()))
        .collect()
}

pub(super) fn when<'g>(imported: &'g Imported, from: &str) -> &'g When {
    let mut edges = graph_of(imported)
        .edges
        .iter()
        .filter(|edge| edge.from == from);
    edges.find_map(|edge| edge.when.as_ref()).unwrap()
}

#[track_caller]
pub(super) fn notes(imported: &Imported, at: &str, part: &str) {
    let found = imported
        .notes
        .iter()
        .any(|note| note.at == at && note.message.contains(part));
    assert!(
        found,
        "no note on {at} with {part:?} in {:#?}",
        imported.notes
    );
}

pub(super) fn dry(imported: &Imported) -> DryRun {
    let course = Course {
        run_id: "run".into(),
        repetition: 0,
        seed: 1,
        item: RunItem {
            item: imported.scenario.to_item(),
            scenario: Some(imported.scenario.clone()),
            scenarios: BTreeMap::new(),
        },
        metrics: Vec::new(),
        max_turns: 10,
        max_attempts: 1,
        trigger: json!({}),
    };
    dry_run(course, &Assumptions::default()).unwrap()
}

/// That a scenario is valid, and can be played.
pub(super) fn is_sound(imported: &Imported) {
    let scenario = &imported.scenario;
    assert_eq!(scenario.validate(), Ok(()), "{imported:#?}");
    let mut v = Validator::default();
    crate::check(scenario, &mut v);
    assert_eq!(v.finish(), Ok(()), "{imported:#?}");
    assert!(Branches::of(graph_of(imported)).is_ok());
    dry(imported);
}

#[test]
fn every_sample_is_a_scenario_that_can_be_played() {
    let samples = samples();
    assert_eq!(samples.len(), 13);
    for (name, source) in &samples {
        let imported = import(source).unwrap_or_else(|errors| panic!("{name}: {errors:?}"));
        is_sound(&imported);
        // Scenarios that expect nothing end without a score, unless the campaign has metrics.
        let expects = types(&imported)
            .iter()
            .any(|(_, kind)| *kind == "expectation");
        let run = dry(&imported);
        let errors: Vec<_> = run
            .path
            .iter()
            .filter_map(|visit| visit.error.as_deref())
            .collect();
        if expects && !["default-route", "mock-data"].contains(&name.as_str()) {
            assert!(run.ends && errors.is_empty(), "{name}: {run:#?}");
        }
        let again = serde_json::to_value(&imported.scenario).unwrap();
        assert_eq!(
            serde_json::from_value::<ScenarioSpec>(again).unwrap(),
            imported.scenario,
            "{name}"
        );
    }
}

#[test]
fn a_persona_and_its_task() {
    let imported = sample("verify_scenario");
    assert_eq!(
        types(&imported),
        [
            ("node_start", "start"),
            ("node_persona", "persona_turn"),
            ("node_task_1", "target_call"),
            ("node_expect_1", "expectation"),
            ("node_end", "end"),
        ]
    );
    let persona = imported.scenario.persona.as_ref().unwrap();
    assert_eq!(persona.name, "Angry Customer");
    assert!(persona.description.ends_with("You want a refund."));
    let NodeKind::PersonaTurn {
        say: None,
        instructions,
    } = does(&imported, "node_persona")
    else {
        panic!("{imported:#?}");
    };
    assert_eq!(
        instructions,
        "Complain about the late delivery and demand a refund."
    );
    let NodeKind::Expectation { metric, severity } = does(&imported, "node_expect_1") else {
        panic!("{imported:#?}");
    };
    assert_eq!(
        (metric.kind, *severity),
        (MetricKind::GEval, Severity::Major)
    );
    assert_eq!(
        metric.params["criteria"],
        "The agent should apologize for the delay."
    );
    assert_eq!(node(&imported, "node_task_1").position.unwrap().y, 200.0);
    notes(&imported, "/nodes/2", "word for word");
    notes(&imported, "/nodes/3", "a judge says");
}

#[test]
fn a_task_without_a_persona_is_said_word_for_word() {
    let imported = sample("verify_deepeval_metrics");
    let NodeKind::Task {
        instruction,
        output: None,
    } = does(&imported, "2")
    else {
        panic!("{imported:#?}");
    };
    assert_eq!(instruction, "Tell me a short joke about programming.");
    assert_eq!(node(&imported, "2").timeout_ms, Some(30_000));
    let names: Vec<_> = graph_of(&imported)
        .nodes
        .iter()
        .flat_map(|n| n.does.metrics())
        .collect();
    let names: Vec<_> = names
        .iter()
        .map(|m| (m.display_name(), m.threshold))
        .collect();
    assert_eq!(
        names,
        [("answer_relevancy", Some(0.5)), ("toxicity", Some(0.5))]
    );
    assert_eq!(types(&imported).len(), 5);
}

#[test]
fn the_answer_to_a_task_is_a_variable() {
    let imported = sample("test_deepseek_agent");
    let NodeKind::Code {
        expression, output, ..
    } = does(&imported, "task-code")
    else {
        panic!("{imported:#?}");
    };
    assert_eq!(
        (expression.as_deref(), output.as_str()),
        (Some("answer"), "deepseek_reply")
    );
    assert_eq!(node(&imported, "task").timeout_ms, Some(60_000));
    notes(&imported, "/nodes/1", "the model that plays it");
}

#[test]
fn tasks_after_the_first_speak_for_the_persona_themselves() {
    let imported = sample("verify_complex_flow");
    let kinds: Vec<_> = types(&imported).into_iter().map(|(_, kind)| kind).collect();
    let expected = [
        "start",
        "persona_turn",
        "target_call",
        "expectation",
        "persona_turn",
        "target_call",
        "expectation",
        "end",
    ];
    assert_eq!(kinds, expected);
    assert_eq!(
        imported.scenario.persona.as_ref().unwrap().name,
        "Foreign Tourist"
    );
    let NodeKind::Expectation { metric, .. } = does(&imported, "3") else {
        panic!("{imported:#?}");
    };
    assert_eq!(
        (metric.kind, metric.params["values"][0].as_str()),
        (MetricKind::Contains, Some("Hoan Kiem"))
    );
}

#[test]
fn what_is_missing_is_added() {
    let imported = sample("repro_create_scenario");
    assert_eq!(types(&imported), [("start", "start"), ("end", "end")]);
    notes(&imported, "/nodes", "there is no start");
    let imported = sample("verify_scenarios_crud");
    assert_eq!(types(&imported), [("1", "start"), ("end", "end")]);
    notes(&imported, "/nodes/0", "an `end` that was added");
    let imported = sample("seed_data-3");
    assert_eq!(ways(&imported), [("b1", "b2"), ("b2", "b3"), ("b3", "end")]);
    notes(&imported, "/nodes/1", "`Book Tesla` is what is said");
    let imported = sample("domain");
    assert_eq!(does(&imported, "node-1").type_name(), "task");
}

#[test]
fn the_editors_own_example() {
    let imported = sample("default-route");
    let graph = graph_of(&imported);
    assert_eq!(graph.start, "trigger");
    assert_eq!(
        *does(&imported, "trigger"),
        NodeKind::Trigger {
            on: Trigger::Webhook {},
            output: None
        }
    );
    notes(&imported, "/data/nodes/0", "the trigger after it");
    let NodeKind::Tool { url, output, .. } = does(&imported, "tool_check_order") else {
        panic!("{imported:#?}");
    };
    assert_eq!(
        (url.as_str(), output.as_deref()),
        (
            "https://api.shop.com/v1/orders/ORD-2024",
            Some("order_data")
        )
    );
    let NodeKind::Code { expression, .. } = does(&imported, "transform_status") else {
        panic!("{imported:#?}");
    };
    assert_eq!(expression.as_deref(), Some("order_data.body.status"));
    assert_eq!(
        *when(&imported, "condition_delivered"),
        When::AnswerContains("delivered".into())
    );
    assert_eq!(
        *does(&imported, "wait_process"),
        NodeKind::Wait { seconds: 5.0 }
    );
    let metrics: Vec<_> = graph
        .nodes
        .iter()
        .filter(|n| n.does.type_name() == "expectation")
        .collect();
    assert_eq!(metrics.len(), 3);
    notes(&imported, "/data/nodes/9", "code is never run");
    assert_eq!(
        *does(&imported, "end_success"),
        NodeKind::End {
            result: Some(EndResult::Passed)
        }
    );
    assert_eq!(
        *does(&imported, "end_fail"),
        NodeKind::End {
            result: Some(EndResult::Failed)
        }
    );
    // What stood between leads past what was left out.
    assert!(ways(&imported).contains(&(metrics[2].id.as_str(), "end_success")));
}

#[test]
fn several_edges_are_branches_that_meet() {
    let imported = sample("mock-data");
    let found: BTreeSet<&str> = types(&imported).into_iter().map(|(_, kind)| kind).collect();
    for kind in ["parallel", "join", "condition", "tool", "expectation"] {
        assert!(found.contains(kind), "{kind} in {found:?}");
    }
    notes(&imported, "/nodes/0", "all its 2 edges are taken at once");
    notes(&imported, "/nodes/1", "all its 2 edges are taken at once");
    notes(&imported, "/nodes/6", "it never holds");
    let branches = Branches::of(graph_of(&imported)).unwrap();
    assert_eq!(branches.meets.len(), 2);
    let NodeKind::Tool { url, .. } = does(&imported, "node-tool-1") else {
        panic!("{imported:#?}");
    };
    assert_eq!(url, "https://api.vinfast.vn/v1/pricing?model=vf8");
    // Who is not the scenario's persona speaks by its instructions.
    let speaks = graph_of(&imported)
        .nodes
        .iter()
        .filter_map(|node| match &node.does {
            NodeKind::PersonaTurn { instructions, .. } => Some(instructions.as_str()),
            _ => None,
        });
    assert!(
        speaks
            .into_iter()
            .any(|text| text.starts_with("Speak as Chuyên Gia Review."))
    );
}

#[test]
fn branches_that_do_not_meet_leave_the_first() {
    let imported = import(&source(
        &[
            ("s", "start", json!({})),
            ("a", "task", json!({"instruction": "a"})),
            ("b", "task", json!({"instruction": "b"})),
            ("ea", "end", json!({})),
            ("eb", "end", json!({})),
        ],
        &[
            ("s", "a", ""),
            ("s", "b", ""),
            ("a", "ea", ""),
            ("b", "eb", ""),
        ],
    ));
    let imported = imported.unwrap();
    is_sound(&imported);
    assert_eq!(ways(&imported), [("s", "a"), ("a", "ea")]);
    notes(&imported, "/edges/1", "the branches do not meet");
    notes(&imported, "/nodes/2", "nothing leads to it");
    notes(&imported, "/nodes/4", "nothing leads to it");
}

#[test]
fn ways_back_are_bounded() {
    // Nobody has a turn between the condition and itself.
    let imported = import(&source(
        &[
            ("s", "start", json!({})),
            ("t", "task", json!({"instruction": "a"})),
            (
                "c",
                "condition",
                json!({"logicType": "keyword", "conditionValue": "yes"}),
            ),
            ("x", "expectation", json!({"criteria": "yes"})),
            ("e", "end", json!({})),
        ],
        &[
            ("s", "t", ""),
            ("t", "c", ""),
            ("c", "e", "true"),
            ("c", "x", "false"),
            ("x", "c", ""),
        ],
    ));
    let imported = imported.unwrap();
    is_sound(&imported);
    assert_eq!(does(&imported, "x-loop").type_name(), "loop");
    notes(&imported, "/edges/4", "leads back without a turn of anyone");
    // Two tasks for ever: they have turns, but lead to no end.
    let imported = import(&source(
        &[
            ("s", "start", json!({})),
            ("a", "task", json!({"instruction": "a"})),
            ("b", "task", json!({"instruction": "b"})),
        ],
        &[("s", "a", ""), ("a", "b", ""), ("b", "a", "")],
    ));
    let imported = imported.unwrap();
    is_sound(&imported);
    assert!(
        ways(&imported).contains(&("b-loop", "a")) && ways(&imported).contains(&("b-loop", "end"))
    );
    notes(&imported, "/edges/2", "leads back for ever");
    // With a way out and a turn it is right as it is.
    let imported = import(&source(
        &[
            ("s", "start", json!({})),
            ("t", "task", json!({"instruction": "a"})),
            ("c", "condition", json!({"conditionValue": "yes"})),
            ("e", "end", json!({})),
        ],
        &[
            ("s", "t", ""),
            ("t", "c", ""),
            ("c", "e", "true"),
            ("c", "t", "false"),
        ],
    ));
    assert_eq!(types(&imported.unwrap()).len(), 4);
}

#[test]
fn ids_labels_and_the_rest() {
    let mut source = source(
        &[
            (
                "a b",
                "start",
                json!({"label": "Go", "description": "A shop."}),
            ),
            (
                "a_b",
                "task",
                json!({"instruction": "x", "difficulty": "hard", "config": {"timeout": 9999}}),
            ),
            ("a b", "end", json!({})),
            ("ü", "end", json!({"label": "é".repeat(200)})),
        ],
        &[
            ("a b", "a_b", ""),
            ("a_b", "ü", ""),
            ("ü", "a_b", ""),
            ("a_b", "nobody", ""),
        ],
    );
    source["description"] = json!("Shops.");
    source["agent_id"] = json!("agent-1");
    source["tags"] = json!(["demo"]);
    source["globalMetrics"] = json!(["faithfulness"]);
    let imported = import(&source).unwrap();
    is_sound(&imported);
    assert_eq!(
        types(&imported),
        [("a_b", "start"), ("a_b_2", "task"), ("_", "end")]
    );
    assert_eq!(imported.scenario.situation, "Shops.\nA shop.");
    assert_eq!(imported.scenario.tags, ["demo"]);
    assert_eq!(imported.scenario.metrics.len(), 1);
    assert_eq!(node(&imported, "a_b_2").timeout_ms, Some(600_000));
    notes(&imported, "/nodes/0", "its id `a b` is `a_b` here");
    notes(&imported, "/nodes/1", "difficulty");
    notes(&imported, "/nodes/1", "out of bounds");
    notes(&imported, "/nodes/2", "its id is there twice");
    notes(&imported, "/nodes/2", "nothing leads to it");
    notes(&imported, "/nodes/3", "its label is longer");
    notes(&imported, "/edges/2", "leads on from an end");
    notes(&imported, "/edges/3", "`nobody`, which is not there");
    notes(&imported, "", "agent_id");
}

#[test]
fn what_is_no_such_graph_is_refused() {
    let fields = |source: Value| {
        let errors = import(&source).unwrap_err();
        errors.into_iter().map(|e| e.field).collect::<Vec<_>>()
    };
    assert_eq!(fields(json!([])), [""]);
    assert_eq!(fields(json!({})), ["/nodes", "/edges"]);
    assert_eq!(
        fields(json!({"nodes": "[", "edges": {}})),
        ["/nodes", "/edges"]
    );
    let nodes = json!([1, {"id": ""}, {"id": "a", "data": 1}, {"key": 7}]);
    let edges = json!([1, {"source": "a"}, {}]);
    assert_eq!(
        fields(json!({"nodes": nodes, "edges": edges})),
        [
            "/nodes/0",
            "/nodes/1/id",
            "/nodes/2/data",
            "/edges/0",
            "/edges/1/target",
            "/edges/2/source",
            "/edges/2/target"
        ]
    );
    let many: Vec<Value> = (0..201).map(|i| json!({"id": i})).collect();
    assert_eq!(fields(json!({"nodes": many, "edges": []})), ["/nodes"]);
    // Lists may be texts, as the database had them.
    let texts = json!({"nodes": "[{\"id\": 1, \"type\": \"start\"}]", "edges": "[]"});
    assert_eq!(
        types(&import(&texts).unwrap()),
        [("1", "start"), ("end", "end")]
    );
}
