//! Scenarios that are graphs: checked by their rules, kept in versions, and refused where they cannot be run.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "test code"
)]

use assay_tests::{App, Client, Stores};
use serde_json::{Value, json};

#[test]
fn scenarios_may_be_graphs() {
    let app = App::start(&Stores::embedded());
    graphs(&app.client());
}

#[test]
fn postgres_scenarios_may_be_graphs() {
    if let Some(stores) = Stores::postgres() {
        let app = App::start(&stores);
        graphs(&app.client());
    }
}

fn graphs(client: &Client) {
    let course = |from: &str| {
        json!({
            "name": format!("Course {from}"), "situation": "A parcel is late.",
            "graph": {
                "start": from,
                "nodes": [
                    {"id": "ask", "does": {"type": "persona_turn", "say": "Where is it?"}},
                    {"id": "answer", "does": {"type": "target_call"}},
                    {"id": "score", "does": {"type": "evaluate", "metrics": [{"kind": "contains", "params": {"values": ["depot"]}}]}},
                    {"id": "done", "does": {"type": "end"}},
                ],
                "edges": [
                    {"from": "ask", "to": "answer"}, {"from": "answer", "to": "score"}, {"from": "score", "to": "done"},
                ],
            },
        })
    };
    let list = "/api/v1/scenarios";
    let made = client.post(list, &course("ask")).expect(201);
    let id = made["id"].as_str().unwrap();
    assert_eq!(made["graph"]["max_steps"], 100, "{made}");
    let field = |body: &Value| {
        let doc = client.post(list, body).expect_problem(422, "validation");
        doc["errors"][0]["field"].as_str().unwrap().to_owned()
    };
    assert_eq!(field(&course("nowhere")), "/graph/start");
    let mut wrong = course("ask");
    wrong["graph"]["nodes"][2]["does"]["metrics"][0]["params"] = json!({"values": []});
    assert_eq!(field(&wrong), "/graph/nodes/2/does/metrics/0/params/values");
    let mut wrong = course("ask");
    wrong["script"] = json!(["hi"]);
    assert_eq!(field(&wrong), "/graph");
    // Played within another, which must be there.
    let mut outer = course("ask");
    outer["name"] = json!("Outer");
    outer["graph"]["nodes"][1]["does"] = json!({"type": "sub_scenario", "scenario_id": id});
    let outer_made = client.post(list, &outer).expect(201);
    outer["graph"]["nodes"][1]["does"]["scenario_id"] =
        json!("019ab4c2-0000-7000-8000-000000000000");
    assert_eq!(field(&outer), "/graph/nodes/1/does/scenario_id");
    let own = outer_made["id"].as_str().unwrap();
    outer["graph"]["nodes"][1]["does"]["scenario_id"] = json!(own);
    client
        .send(
            "PUT",
            &format!("{list}/{own}"),
            &[("content-type", "application/json")],
            Some(outer.to_string().as_bytes()),
        )
        .expect_problem(422, "validation");
    // Versions tell what changed of it.
    let change = json!({"graph": {"max_steps": 20}});
    assert_eq!(
        client.patch(&format!("{list}/{id}"), &change).expect(200)["version"],
        2
    );
    let diff = client
        .get(&format!("{list}/{id}/diff?from=1&to=2"))
        .expect(200);
    assert_eq!(
        diff["patch"],
        json!([{"op": "replace", "path": "/graph/max_steps", "value": 20}])
    );
    // A campaign says what it lacks to play it, before anything runs.
    let asks = json!({"name": "asks a judge", "graph": {"start": "say",
    "nodes": [
        {"id": "say", "does": {"type": "task", "instruction": "hello"}},
        {"id": "polite", "does": {"type": "condition"}},
        {"id": "end", "does": {"type": "end", "result": "passed"}},
    ],
    "edges": [
        {"from": "say", "to": "polite"},
        {"from": "polite", "to": "end", "when": {"judge": "It is polite."}},
        {"from": "polite", "to": "say"},
    ]}});
    let id = client.post(list, &asks).expect(201)["id"].clone();
    let campaign = json!({
        "name": "c", "agent_id": client.agent("http://127.0.0.1:9/"), "scenario_ids": [id],
    });
    let doc = client
        .post("/api/v1/campaigns", &campaign)
        .expect_problem(422, "validation");
    assert_eq!(doc["errors"][0]["field"], "/scenario_ids/0");
}
