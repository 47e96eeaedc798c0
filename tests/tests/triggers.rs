//! What comes before a campaign, and what starts one by itself: dry runs, imported graphs, hooks, schedules.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "test code"
)]

use assay_tests::{App, Client, Stores};
use serde_json::{Value, json};

const SCENARIOS: &str = "/api/v1/scenarios";

/// Asks, and asks again until the answer is good.
fn asking() -> Value {
    json!({
        "name": "Asking",
    "metrics": [{"kind": "contains", "name": "speaks", "params": {"values": ["answer"]}}],
        "graph": {
            "start": "ask",
            "variables": {"order": "4711"},
            "nodes": [
                {"id": "ask", "does": {"type": "persona_turn", "say": "Where is {{ order }}?"}},
                {"id": "answer", "does": {"type": "target_call"}},
                {"id": "good", "does": {"type": "condition"}},
                {"id": "score", "does": {"type": "evaluate", "metrics": [{"kind": "contains", "params": {"values": ["depot"]}}]}},
                {"id": "done", "does": {"type": "end"}},
            ],
            "edges": [
                {"from": "ask", "to": "answer"}, {"from": "answer", "to": "good"},
                {"from": "good", "to": "score", "when": {"answer_contains": "depot"}},
                {"from": "good", "to": "done"},
                {"from": "score", "to": "done"},
            ],
        },
    })
}

fn nodes(dry: &Value) -> Vec<&str> {
    let path = dry["path"].as_array().unwrap();
    path.iter().map(|v| v["node"].as_str().unwrap()).collect()
}

fn field(answer: &Value) -> &str {
    answer["errors"][0]["field"].as_str().unwrap()
}

fn dry_runs(client: &Client) {
    let made = client.post(SCENARIOS, &asking()).expect(201);
    let path = format!("{SCENARIOS}/{}/dry-run", made["id"].as_str().unwrap());
    let dry = client.post(&path, &json!({})).expect(200);
    assert!(!nodes(&dry).contains(&"score"), "{dry}");
    assert_eq!(dry["ends"], true, "{dry}");
    assert_eq!(dry["variables"]["order"], "4711");
    assert_eq!(dry["path"][1]["does"], "the agent is asked: Where is 4711?");
    let replied = json!({"replies": {"answer": "It is at the depot."}});
    let dry = client.post(&path, &replied).expect(200);
    assert!(nodes(&dry).contains(&"score"), "{dry}");
    let assumed = client
        .post(&path, &json!({"ways": {"good": 0}}))
        .expect(200);
    assert!(nodes(&assumed).contains(&"score"), "{assumed}");

    // An older version takes its own path.
    let change = json!({"graph": {"variables": {"order": "17"}}});
    let changed = client.patch(
        &format!("{SCENARIOS}/{}", made["id"].as_str().unwrap()),
        &change,
    );
    assert_eq!(changed.expect(200)["version"], 2);
    let newest = client.post(&path, &json!({})).expect(200);
    assert_eq!(newest["variables"]["order"], "17");
    let first = client.post(&path, &json!({"version": 1})).expect(200);
    assert_eq!(first["variables"]["order"], "4711");

    for (body, named) in [
        (json!({"version": 9}), "/version"),
        (json!({"version": "1"}), "/version"),
        (json!({"ways": {"good": 7}}), "/ways/good"),
        (json!({"ways": {"ask": 0}}), "/ways/ask"),
        (json!({"answers": {"nobody": 1}}), "/answers/nobody"),
        (json!({"scores": {"contains": 2}}), "/scores/contains"),
    ] {
        let doc = client.post(&path, &body).expect_problem(422, "validation");
        assert_eq!(field(&doc), named, "{doc}");
    }
    client
        .post(
            &format!("{SCENARIOS}/019ab4c2-0000-7000-8000-000000000000/dry-run"),
            &json!({}),
        )
        .expect_problem(404, "not-found");

    // One that is not saved plays what the workspace has.
    let mut outer = asking();
    outer["name"] = json!("Outer");
    outer["graph"]["nodes"][1]["does"] = json!({"type": "sub_scenario", "scenario_id": made["id"]});
    let unsaved = format!("{SCENARIOS}/dry-run");
    let body =
        json!({"scenario": outer, "assumptions": {"replies": {"answer/answer": "At the depot."}}});
    let dry = client.post(&unsaved, &body).expect(200);
    assert!(nodes(&dry).contains(&"answer/score"), "{dry}");
    let names = client.get(&format!("{SCENARIOS}?limit=200")).expect(200);
    let names: Vec<&Value> = names["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|s| &s["name"])
        .collect();
    assert!(
        !names.contains(&&json!("Outer")),
        "nothing is kept: {names:?}"
    );
    let mut gone = outer;
    gone["graph"]["nodes"][1]["does"]["scenario_id"] =
        json!("019ab4c2-0000-7000-8000-000000000000");
    let doc = client
        .post(&unsaved, &json!({"scenario": gone}))
        .expect_problem(422, "validation");
    assert_eq!(field(&doc), "/scenario/graph/nodes/1", "{doc}");
    let mut wrong = asking();
    wrong["graph"]["start"] = json!("nowhere");
    let doc = client
        .post(&unsaved, &json!({"scenario": wrong}))
        .expect_problem(422, "validation");
    assert_eq!(field(&doc), "/scenario/graph/start", "{doc}");
    let doc = client
        .post(
            &unsaved,
            &json!({"scenario": asking(), "assumptions": {"ways": {"good": 7}}}),
        )
        .expect_problem(422, "validation");
    assert_eq!(field(&doc), "/assumptions/ways/good", "{doc}");
}

fn imports(client: &Client) {
    let node = |id: &str, category: &str, label: &str| {
        json!({"id": id, "type": "customNode", "position": {"x": 0, "y": 0},
            "data": {"category": category, "label": label}})
    };
    let source = json!({
        "name": "From elsewhere",
        "nodes": [node("1", "start", "Start"), node("2", "task", "Ask for the order"), node("3", "end", "End")],
        "edges": [
            {"id": "a", "source": "1", "target": "2"},
            {"id": "b", "source": "2", "target": "3"},
        ],
    });
    let path = format!("{SCENARIOS}/import");
    let seen = client.post(&path, &json!({"source": source})).expect(200);
    assert_eq!(seen["scenario"]["name"], "From elsewhere", "{seen}");
    assert!(
        seen["notes"].is_array() && seen.get("id").is_none(),
        "{seen}"
    );
    let wanted = json!({"source": source, "name": "Imported", "save": true});
    let kept = client.post(&path, &wanted).expect(200);
    let id = kept["id"].as_str().unwrap();
    let got = client.get(&format!("{SCENARIOS}/{id}")).expect(200);
    assert_eq!(
        (&got["name"], &got["version"]),
        (&json!("Imported"), &json!(1))
    );
    assert_eq!(got["graph"], kept["scenario"]["graph"]);
    let dry = client
        .post(&format!("{SCENARIOS}/{id}/dry-run"), &json!({}))
        .expect(200);
    assert!(nodes(&dry).len() > 2, "{dry}");
    client
        .post(&path, &wanted)
        .expect_problem(409, "already-exists");
    for (body, under) in [
        (json!({"source": {"nodes": "none"}}), "/source"),
        (json!({"source": []}), "/source"),
        (json!({"source": source, "name": ""}), "/name"),
    ] {
        let doc = client.post(&path, &body).expect_problem(422, "validation");
        assert!(field(&doc).starts_with(under), "{doc}");
    }
}

#[test]
fn scenarios_are_tried_without_a_call() {
    dry_runs(&App::start(&Stores::embedded()).client());
}

#[test]
fn postgres_scenarios_are_tried_without_a_call() {
    if let Some(stores) = Stores::postgres() {
        dry_runs(&App::start(&stores).client());
    }
}

#[test]
fn graphs_are_imported() {
    imports(&App::start(&Stores::embedded()).client());
}

#[test]
fn postgres_graphs_are_imported() {
    if let Some(stores) = Stores::postgres() {
        imports(&App::start(&stores).client());
    }
}
