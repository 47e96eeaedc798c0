//! A scenario as a graph, as a user works with it: build it, run it, answer what it asks, look at its history, edit, fork, replay and
//! compare. Every call is over HTTP.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "test code"
)]

use assay_tests::{App, Client, Server, Stores, chat, last_user_message, wait_for};
use serde_json::{Value, json};

/// Hands an order out when it is told a number; asks for one otherwise.
fn shop() -> Server {
    Server::start(|_, body| {
        let said = last_user_message(body);
        let answer = if said.contains("4711") {
            "Order 4711 is on its way.".to_owned()
        } else {
            format!("Which order? You said: {said}")
        };
        chat(&answer)
    })
}

/// Insists until the agent finds the order, then asks a person whether that is good.
fn cyclic() -> Value {
    json!({
        "name": "Where is my order?",
        "graph": {
            "start": "begin",
            "variables": {"number": 1},
            "nodes": [
                {"id": "begin", "does": {"type": "start"}},
                {"id": "ask", "does": {"type": "persona_turn", "say": "Where is order {{ number }}?"}},
                {"id": "answer", "does": {"type": "target_call"}},
                {"id": "found", "does": {"type": "condition"}},
                {"id": "more", "does": {"type": "code", "expression": "number + 1", "output": "number"}},
                {"id": "person", "does": {"type": "wait_for_person", "question": "Said {{ answer }}. Go on?", "output": "decision"}},
                {"id": "known", "does": {"type": "expectation",
                    "metric": {"kind": "contains", "params": {"values": ["4711"]}}}},
                {"id": "done", "does": {"type": "end"}},
            ],
            "edges": [
                {"from": "begin", "to": "ask"},
                {"from": "ask", "to": "answer"},
                {"from": "answer", "to": "found"},
                {"from": "found", "to": "known", "when": {"answer_contains": "on its way"}},
                {"from": "found", "to": "person", "when": {"expression": "number >= 3"}},
                {"from": "found", "to": "more"},
                {"from": "more", "to": "ask"},
                {"from": "person", "to": "ask"},
                {"from": "known", "to": "done"},
            ],
        },
    })
}

fn run_in(client: &Client, campaign: &str, status: &str) -> Value {
    wait_for(&format!("a run that is {status}"), 30, || {
        let runs = client.runs(campaign);
        runs.into_iter().find(|r| r["status"] == status)
    })
}

fn until(client: &Client, id: &str, status: &str) -> Value {
    wait_for(&format!("the run to be {status}"), 30, || {
        let run = client.get(&format!("/api/v1/runs/{id}")).expect(200);
        (run["status"] == status).then_some(run)
    })
}

fn time_travel_on(stores: &Stores) {
    let app = App::start(stores);
    let (client, target) = (app.client(), shop());
    let agent = client.agent(&format!("{}/v1/chat/completions", target.url));
    let scenario = client.post("/api/v1/scenarios", &cyclic()).expect(201);
    let campaign = client.start(&json!({
        "name": "graphs", "agent_id": agent, "scenario_ids": [scenario["id"]],
    }));

    // Three times round, then it waits for a person.
    let waiting = run_in(&client, &campaign, "waiting_for_person");
    let id = waiting["run_id"].as_str().unwrap().to_owned();
    let path = |rest: &str| format!("/api/v1/runs/{id}{rest}");
    let run = client.get(&path("")).expect(200);
    assert_eq!(run["variables"]["number"], 3, "{run}");
    assert_eq!(run["messages"].as_array().map(Vec::len), Some(6));
    assert_eq!(run["waits"][0]["kind"], "person", "{run}");
    let question = run["waits"][0]["question"].as_str().unwrap();
    assert_eq!(
        question,
        "Said Which order? You said: Where is order 3?. Go on?"
    );
    let summary = client
        .get(&format!("/api/v1/campaigns/{campaign}"))
        .expect(200);
    assert_eq!(summary["summary"]["waiting_for_person"], 1, "{summary}");

    // The history, newest first; what changed between the last two.
    let listed = client.get(&path("/checkpoints?limit=4")).expect(200);
    let checkpoints = listed["data"].as_array().unwrap();
    assert_eq!(checkpoints.len(), 4);
    assert_eq!(checkpoints[0]["next"], json!(["person"]), "{listed}");
    assert_eq!(
        checkpoints[0]["tasks"][0]["questions"][0]["value"]["kind"],
        "person"
    );
    let cursor = listed["next_cursor"].as_str().unwrap();
    let older = client
        .get(&path(&format!("/checkpoints?limit=100&cursor={cursor}")))
        .expect(200);
    let all: Vec<&Value> = checkpoints
        .iter()
        .chain(older["data"].as_array().unwrap())
        .collect();
    let ids: Vec<&str> = all.iter().map(|c| c["id"].as_str().unwrap()).collect();
    assert!(ids.is_sorted_by(|a, b| a > b), "{ids:?}");
    let before_ask: Vec<&&Value> = all.iter().filter(|c| c["next"] == json!(["ask"])).collect();
    assert_eq!(before_ask.len(), 3, "{all:?}");
    let diff = client.get(&path("/diff")).expect(200);
    let changed: Vec<&str> = diff["patch"]
        .as_array()
        .unwrap()
        .iter()
        .map(|op| op["path"].as_str().unwrap())
        .collect();
    assert_eq!(changed, ["/facts/way:found"], "{diff}");
    let first = before_ask[2]["id"].as_str().unwrap();
    let state = client
        .get(&path(&format!("/checkpoints/{first}")))
        .expect(200);
    assert_eq!(state["values"]["vars"], json!({"number": 1}), "{state}");

    // An edit lets it find the order; it stays paused until it is resumed.
    let edited = client
        .post(
            &path("/state"),
            &json!({"values": {"vars": {"number": 4711}}, "as_node": "person"}),
        )
        .expect(200);
    assert_eq!(edited["next"], json!(["ask"]), "{edited}");
    assert_eq!(edited["source"], "update");
    until(&client, &id, "paused");
    let _ = client.post(&path("/resume"), &json!({})).expect(202);
    let passed = until(&client, &id, "passed");
    assert_eq!(passed["variables"]["number"], 4711);
    assert_eq!(passed["scores"][0]["name"], "known", "{passed}");
    let done = client.finished(&campaign, 30);
    assert_eq!(done["verdict"], "passed", "{done}");

    // A fork from the first checkpoint asks for the right number at once; the original stays as it is.
    let calls = target.requests().len();
    let fork = client
        .post(&path("/fork"), &json!({"checkpoint": first, "overwrite": {"vars": {"number": 4711}}, "as_node": "begin"}))
        .expect(202);
    let fork_id = fork["run_id"].as_str().unwrap().to_owned();
    assert_eq!(
        (&fork["forked_from"], &fork["forked_at"]),
        (&json!(id), &json!(first))
    );
    let forked = until(&client, &fork_id, "passed");
    assert_eq!(
        forked["messages"].as_array().map(Vec::len),
        Some(2),
        "{forked}"
    );
    assert_eq!(target.requests().len(), calls + 1);
    assert_eq!(
        client.get(&path("")).expect(200)["messages"],
        passed["messages"]
    );
    let listed = client.get(&path("/forks")).expect(200);
    assert_eq!(listed["data"][0]["run_id"], fork_id.as_str(), "{listed}");

    // A replay does again what followed, with the state as it was.
    let replay = client
        .post(&path("/replay"), &json!({"checkpoint": first}))
        .expect(202);
    let replay = until(
        &client,
        replay["run_id"].as_str().unwrap(),
        "waiting_for_person",
    );
    assert_eq!(replay["variables"]["number"], 3, "{replay}");
    let _ = client
        .post(
            &format!(
                "/api/v1/runs/{}/answers",
                replay["run_id"].as_str().unwrap()
            ),
            &json!({"answer": "yes"}),
        )
        .expect(202);
    let replay_id = replay["run_id"].as_str().unwrap();
    let again = wait_for("the replay to ask again", 30, || {
        let run = client.get(&format!("/api/v1/runs/{replay_id}")).expect(200);
        (run["messages"].as_array().map(Vec::len) == Some(8)
            && run["status"] == "waiting_for_person")
            .then_some(run)
    });
    assert_eq!(again["variables"]["decision"], "yes", "{again}");

    // How they compare.
    let compared = client
        .get(&path(&format!("/compare?with={fork_id}")))
        .expect(200);
    assert_eq!(compared["parted_at"], first, "{compared}");
    assert_eq!(
        compared["with"]["path"],
        json!(["ask", "answer", "found", "known", "done", "end:evaluate"])
    );
    assert!(
        compared["run"]["path"].as_array().unwrap().len() > 10,
        "{compared}"
    );
    assert_eq!(compared["scores"][0]["with"]["status"], "passed");

    // Forks are no part of the campaign.
    assert_eq!(client.runs(&campaign).len(), 1);
    let summary = client
        .get(&format!("/api/v1/campaigns/{campaign}"))
        .expect(200);
    assert_eq!(summary["summary"]["total"], 1, "{summary}");

    // What is wrong is named.
    let _ = client
        .post(&path("/fork"), &json!({"checkpoint": "99999999"}))
        .expect_problem(422, "validation");
    let _ = client
        .post(&path("/fork"), &json!({"values": {"nothing": 1}}))
        .expect_problem(422, "validation");
    let _ = client
        .post(&path("/fork"), &json!({"as_node": "nobody"}))
        .expect_problem(422, "validation");
    let _ = client
        .post(&path("/state"), &json!({"values": {"vars": {}}}))
        .expect_problem(409, "conflict");
    let _ = client
        .post(&path("/answers"), &json!({"answer": 1}))
        .expect_problem(409, "conflict");
    let _ = client
        .post(&path("/resume"), &json!({}))
        .expect_problem(409, "conflict");
    let _ = client
        .get(&path("/checkpoints/x"))
        .expect_problem(404, "not-found");
    let _ = client
        .get(&path("/compare?with=x"))
        .expect_problem(422, "validation");
}

#[test]
fn time_travel() {
    time_travel_on(&Stores::embedded());
}

#[test]
fn time_travel_on_postgres_and_redis() {
    let Some(stores) = Stores::postgres_and_redis() else {
        return;
    };
    time_travel_on(&stores);
}
