//! Agents in a world that their tools change, and goals in it.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "test code"
)]

use assay_tests::{App, Client, Reply, Server, Stores};
use serde_json::{Value, json};

fn shop() -> Value {
    json!({
        "state": {"orders": {"A1": "pending", "B2": "shipped"}},
        "tools": [
            {"name": "cancel_order", "description": "Cancels an order.",
                "parameters": {"type": "object", "properties": {"id": {"type": "string"}}, "required": ["id"]},
                "checks": [
                    {"expression": "args.id in state.orders", "error": "there is no such order"},
                    {"expression": "state.orders[args.id] == 'pending'", "error": "it is on its way"},
                ],
                "changes": [{"path": "/orders/{args.id}", "value": "'cancelled'"}],
                "result": "{'id': args.id, 'status': state.orders[args.id]}"},
            {"name": "list_orders", "result": "state.orders"},
            {"name": "broken", "result": "state.nothing"},
        ],
    })
}

/// A bare model that calls the tool which the user names, `tool argument`, then says what came of it.
fn model() -> Server {
    Server::start(|_, body| {
        let messages = body["messages"].as_array().cloned().unwrap_or_default();
        let last = messages.last().cloned().unwrap_or_default();
        let message = if last["role"] == "tool" {
            json!({"role": "assistant", "content": format!("It says {}", last["content"].as_str().unwrap_or_default())})
        } else {
            let words = last["content"].as_str().unwrap_or_default().to_owned();
            let (tool, id) = words.split_once(' ').unwrap_or((&words, ""));
            let arguments = if id.is_empty() {
                json!({})
            } else {
                json!({"id": id})
            };
            json!({"role": "assistant", "content": null, "tool_calls": [{"id": "c1", "type": "function",
                "function": {"name": tool, "arguments": arguments.to_string()}}]})
        };
        Reply::json(200, &json!({"choices": [{"message": message}]}))
    })
}

/// The only run of a scenario with these turns and this goal.
fn run(client: &Client, agent: &Value, turns: &Value, goal: &Value) -> Value {
    let agent = client.post("/api/v1/agents", agent).expect(201);
    let scenario = client
        .post(
            "/api/v1/scenarios",
            &json!({"name": "Orders", "script": turns, "environment": shop(), "goal_state": goal}),
        )
        .expect(201);
    let campaign = client.start(&json!({
        "name": "e", "agent_id": agent["id"], "scenario_ids": [scenario["id"]], "max_attempts": 1,
    }));
    let _ = client.finished(&campaign, 60);
    client.run(&client.runs(&campaign).remove(0)).expect(200)
}

fn chat_agent(url: &str) -> Value {
    json!({"name": "orders", "kind": "openai_chat", "url": url,
        // The environment stands for what the agent would act on.
        "tools": [{"name": "cancel_order", "does": {"type": "fail", "message": "the real one"}}]})
}

#[test]
fn a_bare_model_changes_the_world_over_a_conversation() {
    let app = App::start(&Stores::embedded());
    let server = model();
    let run = run(
        &app.client(),
        &chat_agent(&server.url),
        &json!(["cancel_order A1", "list_orders"]),
        &json!({"actions": [{"tool": "cancel_order", "arguments": {"id": "A1"}}], "outputs": ["cancelled"]}),
    );
    assert_eq!(run["status"], "passed", "{run}");
    let score = &run["scores"][0];
    assert_eq!(
        (
            score["name"].as_str(),
            score["kind"].as_str(),
            &score["score"]
        ),
        (Some("goal_state"), Some("environment"), &json!(1.0)),
        "{score}"
    );
    let messages = run["messages"].as_array().expect("messages");
    let last = &messages.last().expect("an answer")["tool_calls"][0];
    assert_eq!(
        last["output"],
        json!({"A1": "cancelled", "B2": "shipped"}),
        "the second turn finds what the first has done"
    );
    let offered = &server.requests()[0].1["body"]["tools"];
    let names: Vec<&str> = offered
        .as_array()
        .expect("tools")
        .iter()
        .map(|t| t["function"]["name"].as_str().expect("a name"))
        .collect();
    assert_eq!(names, ["cancel_order", "list_orders", "broken"]);
}

#[test]
fn a_refusal_is_told_to_the_model_and_the_goal_says_what_is_missing() {
    let app = App::start(&Stores::embedded());
    let run = run(
        &app.client(),
        &chat_agent(&model().url),
        &json!(["cancel_order B2"]),
        &json!({"state": {"orders": {"A1": "pending", "B2": "cancelled"}}}),
    );
    assert_eq!(run["status"], "failed", "{run}");
    let said = run["messages"].to_string();
    assert!(said.contains("it is on its way"), "{said}");
    let reason = run["scores"][0]["reason"].as_str().expect("a reason");
    assert!(
        reason.contains("`/orders/B2` should be \"cancelled\" and is \"shipped\""),
        "{reason}"
    );
}

#[test]
fn a_fault_of_the_environment_is_an_error_and_no_score() {
    let app = App::start(&Stores::embedded());
    let run = run(
        &app.client(),
        &chat_agent(&model().url),
        &json!(["broken"]),
        &json!({"actions": []}),
    );
    assert_eq!(run["status"], "error", "{run}");
    assert_eq!(run["error"]["kind"], "scenario", "{run}");
    let message = run["error"]["message"].as_str().expect("a message");
    assert!(message.contains("/tools/2/result"), "{message}");
    assert_eq!(run["scores"], json!([]));
}

#[test]
fn calls_that_an_agent_tells_of_are_made_as_well() {
    let app = App::start(&Stores::embedded());
    let server = Server::start(|_, _| {
        Reply::json(
            200,
            &json!({"answer": "It is cancelled.", "assay": {"tools_called": [
                {"name": "look_up", "input_parameters": {"q": "A1"}},
                {"name": "cancel_order", "input_parameters": {"id": "A1"}, "output": {"ok": true}},
            ]}}),
        )
    });
    let run = run(
        &app.client(),
        &json!({"name": "own", "kind": "http", "url": server.url, "body_template": {"q": "{{ input }}"}, "response_pointer": "/answer"}),
        &json!(["Cancel A1."]),
        &json!({"actions": [{"tool": "cancel_order", "arguments": {"id": "A1"}}]}),
    );
    assert_eq!(run["status"], "passed", "{run}");
}

#[test]
fn wrong_environments_are_named() {
    let app = App::start(&Stores::embedded());
    let client = app.client();
    let fields = |scenario: &Value| -> Vec<String> {
        let problem = client.post("/api/v1/scenarios", scenario).expect(422);
        let errors = problem["errors"].as_array().expect("errors").iter();
        errors
            .map(|e| e["field"].as_str().expect("a field").to_owned())
            .collect()
    };
    let cancel = |id: &str| json!({"actions": [{"tool": "cancel_order", "arguments": {"id": id}}]});
    assert_eq!(
        fields(&json!({"name": "x", "script": ["hi"], "goal_state": cancel("A1")})),
        ["/goal_state"]
    );
    assert_eq!(
        fields(
            &json!({"name": "x", "script": ["hi"], "environment": shop(), "goal_state": cancel("B2")})
        ),
        ["/goal_state/actions/0"],
        "it is shipped"
    );
    assert_eq!(
        fields(
            &json!({"name": "x", "script": ["hi"], "environment": {"tools": [{"name": "t", "result": "nobody"}]}})
        ),
        ["/environment/tools/0/result"]
    );
}
