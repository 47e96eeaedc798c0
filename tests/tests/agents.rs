//! Agents of every protocol, and bare models whose tools the platform runs.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "test code"
)]

use assay_tests::{App, Client, Reply, Server, Stores};
use serde_json::{Value, json};

/// One run of an agent with these fields; it passes when the agent says `done`.
fn run(client: &Client, agent: &Value) -> Value {
    let agent = client.post("/api/v1/agents", agent).expect(201);
    let dataset =
        client.dataset(&json!([{"key": "only", "input": "hi", "expected_output": "done"}]));
    let campaign = client.start(&json!({
        "name": "t", "agent_id": agent["id"], "dataset_id": dataset, "metrics": [{"kind": "exact_match"}], "max_attempts": 1,
    }));
    let _ = client.finished(&campaign, 60);
    client.run(&client.runs(&campaign).remove(0)).expect(200)
}

/// The calls of the agent's only answer, each with its output.
fn calls(run: &Value) -> Vec<(String, Value)> {
    let messages = run["messages"].as_array().expect("messages");
    let said = messages.iter().find(|m| m["role"] == "assistant");
    said.expect("an answer")["tool_calls"]
        .as_array()
        .expect("calls")
        .iter()
        .map(|call| {
            let name = call["name"].as_str().expect("a name").to_owned();
            (name, call["output"].clone())
        })
        .collect()
}

/// An MCP server with one tool, by Streamable HTTP with a session; its list comes in two pages, its results as events.
fn mcp(body: &Value) -> Reply {
    let result = |result: Value| json!({"jsonrpc": "2.0", "id": body["id"], "result": result});
    match body["method"].as_str() {
        Some("initialize") => Reply::json(
            200,
            &result(
                json!({"protocolVersion": "2025-06-18", "capabilities": {"tools": {}},
                "serverInfo": {"name": "s", "version": "1"}}),
            ),
        )
        .header("mcp-session-id", "session-7"),
        Some("notifications/initialized") => Reply {
            body: Vec::new(),
            ..Reply::json(202, &json!({}))
        },
        Some("tools/list") if body["params"]["cursor"].is_null() => Reply::json(
            200,
            &result(
                json!({"tools": [{"name": "other", "inputSchema": {"type": "object"}}], "nextCursor": "2"}),
            ),
        ),
        Some("tools/list") => Reply::json(
            200,
            &result(json!({"tools": [{"name": "stock.find", "inputSchema": {"type": "object"}}]})),
        ),
        Some("tools/call") => {
            let text = format!("{} left", body["params"]["arguments"]["n"]);
            let events = format!(
                "event: message\ndata: {}\n\n",
                result(json!({"content": [{"type": "text", "text": text}]}))
            );
            Reply {
                headers: vec![("content-type".into(), "text/event-stream".into())],
                body: events.into_bytes(),
                ..Reply::json(200, &json!({}))
            }
        }
        _ => Reply::json(405, &json!({})),
    }
}

/// What a model says that asks for every tool it has, once.
fn model(path: &str, body: &Value) -> Value {
    let text = body.to_string();
    let has_results = [
        "\"tool_call_id\"",
        "\"function_call_output\"",
        "\"tool_result\"",
    ]
    .iter()
    .any(|mark| text.contains(mark));
    let tools = body["tools"].as_array().cloned().unwrap_or_default();
    let names = tools
        .iter()
        .map(|t| t.get("function").unwrap_or(t)["name"].clone());
    let asked: Vec<(usize, Value)> = if has_results {
        Vec::new()
    } else {
        names.enumerate().collect()
    };
    match path {
        "/chat" => {
            let calls: Vec<Value> = asked
                .iter()
                .map(|(i, name)| {
                    json!({"id": format!("c{i}"), "type": "function",
                        "function": {"name": name, "arguments": "{\"n\": 5}"}})
                })
                .collect();
            let message = if calls.is_empty() {
                json!({"content": "done"})
            } else {
                json!({"content": null, "tool_calls": calls})
            };
            json!({"choices": [{"message": message}], "usage": {"prompt_tokens": 10, "completion_tokens": 1}})
        }
        "/responses" => {
            let mut output: Vec<Value> = asked
                .iter()
                .map(|(i, name)| {
                    json!({"type": "function_call", "call_id": format!("c{i}"), "name": name, "arguments": "{\"n\": 5}"})
                })
                .collect();
            if output.is_empty() {
                output.push(json!({"type": "message", "content": [{"type": "output_text", "text": "done"}]}));
            }
            json!({"status": "completed", "output": output, "usage": {"input_tokens": 10, "output_tokens": 1}})
        }
        _ => {
            let mut content: Vec<Value> = asked
                .iter()
                .map(|(i, name)| {
                    json!({"type": "tool_use", "id": format!("c{i}"), "name": name, "input": {"n": 5}})
                })
                .collect();
            if content.is_empty() {
                content.push(json!({"type": "text", "text": "done"}));
            }
            json!({"content": content, "stop_reason": "end_turn", "usage": {"input_tokens": 10, "output_tokens": 1}})
        }
    }
}

#[test]
fn tools_of_bare_models_are_run() {
    let app = App::start(&Stores::embedded());
    let client = app.client();
    let server = Server::start(|path, body| match path {
        "/mcp" => mcp(body),
        "/tool" => Reply::json(200, &json!({"got": body})),
        "/broken" => Reply::json(500, &json!({"error": "boom"})),
        _ => Reply::json(200, &model(path, body)),
    });
    for (kind, path) in [
        ("openai_chat", "/chat"),
        ("openai_responses", "/responses"),
        ("anthropic_messages", "/messages"),
    ] {
        let base = &server.url;
        let run = run(
            &client,
            &json!({
                "name": kind, "kind": kind, "url": format!("{base}{path}"), "model": "m",
                "tools": [
                    {"name": "fixed", "does": {"type": "mock", "output": {"a": 1}}},
                    {"name": "posts", "does": {"type": "http", "url": format!("{base}/tool")}},
                    {"name": "breaks", "does": {"type": "http", "url": format!("{base}/broken")}},
                    {"name": "private", "does": {"type": "http", "url": "http://10.0.0.1/"}},
                ],
                "mcp_servers": [{"url": format!("{base}/mcp"), "allowed_tools": ["stock.find"],
                    "headers": {"X-Run": "run {{ run_id }}"}}],
            }),
        );
        assert_eq!(run["status"], "passed", "{kind} {run}");
        let calls = calls(&run);
        let names: Vec<&str> = calls.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(
            names,
            ["fixed", "posts", "breaks", "private", "stock.find"],
            "{kind}"
        );
        assert_eq!(calls[0].1, json!({"a": 1}));
        assert_eq!(calls[1].1, json!({"got": {"n": 5}}));
        let says = |at: usize, text: &str| {
            let told = calls[at].1["error"].as_str().expect("an error");
            assert!(told.contains(text), "{kind} {told}");
        };
        says(2, "answered 500");
        says(3, "private address");
        assert_eq!(calls[4].1, json!("5 left"));
    }
    let asked = server.requests();
    let mcp: Vec<&Value> = asked
        .iter()
        .filter(|(path, _)| path == "/mcp")
        .map(|(_, r)| r)
        .collect();
    // Handshake, two pages, the call and the end, of each agent.
    assert_eq!(mcp.len(), 3 * 6, "{mcp:?}");
    for request in &mcp {
        let headers = request["headers"].to_string().to_ascii_lowercase();
        assert!(headers.contains("x-run: run "), "{headers}");
        let first = request["body"]["method"] == "initialize";
        assert_eq!(
            headers.contains("mcp-session-id: session-7"),
            !first,
            "{request}"
        );
    }
}

#[test]
fn a_model_that_only_asks_is_stopped() {
    let app = App::start(&Stores::embedded());
    let server = Server::start(|_, _| {
        Reply::json(
            200,
            &json!({"choices": [{"message": {"content": null, "tool_calls": [
                {"id": "c", "type": "function", "function": {"name": "fixed", "arguments": "{}"}}]}}]}),
        )
    });
    let run = run(
        &app.client(),
        &json!({"name": "asks", "kind": "openai_chat", "url": server.url, "max_tool_steps": 3,
            "tools": [{"name": "fixed", "does": {"type": "mock", "output": 1}}]}),
    );
    assert_eq!(run["status"], "error", "{run}");
    assert_eq!(run["error"]["kind"], "target_bad_response");
    let message = run["error"]["message"].as_str().expect("a message");
    assert!(message.contains("asked for tools 3 times"), "{message}");
    assert_eq!(server.requests().len(), 4);
}

#[test]
fn tools_and_waiting_take_of_the_agents_time() {
    let app = App::start(&Stores::embedded());
    let server = Server::start(|_, _| {
        let task =
            json!({"kind": "task", "id": "t", "contextId": "c", "status": {"state": "working"}});
        Reply::json(200, &json!({"jsonrpc": "2.0", "id": 1, "result": task}))
    });
    let run = run(
        &app.client(),
        &json!({"name": "slow", "kind": "a2a", "url": server.url, "timeout_ms": 1500}),
    );
    assert_eq!(run["error"]["kind"], "target_timeout", "{run}");
    let message = run["error"]["message"].as_str().expect("a message");
    assert!(message.contains("1500 ms"), "{message}");
    assert!(server.requests().len() > 2);
}

#[test]
fn a2a_tasks_are_waited_for() {
    let app = App::start(&Stores::embedded());
    let server = Server::start(|_, body| {
        let task = |status: Value, artifacts: Value| json!({"kind": "task", "id": "t", "contextId": "c", "status": status, "artifacts": artifacts});
        let result = if body["method"] == "message/send" {
            task(json!({"state": "submitted"}), json!([]))
        } else {
            assert_eq!(body["params"]["id"], "t");
            task(
                json!({"state": "completed"}),
                json!([{"artifactId": "a", "parts": [{"kind": "text", "text": "done"}]}]),
            )
        };
        Reply::json(
            200,
            &json!({"jsonrpc": "2.0", "id": body["id"], "result": result}),
        )
    });
    let run = run(
        &app.client(),
        &json!({"name": "a2a", "kind": "a2a", "url": server.url}),
    );
    assert_eq!(run["status"], "passed", "{run}");
    let asked = server.requests();
    assert_eq!(asked.len(), 2, "{asked:?}");
    assert_eq!(
        asked[0].1["body"]["params"]["message"]["parts"][0]["text"],
        "hi"
    );
}

#[test]
fn wrong_tools_are_named() {
    let app = App::start(&Stores::embedded());
    let agent = json!({
        "name": "wrong", "kind": "openai_chat", "url": "https://example.com/",
        "tools": [
            {"name": "t", "parameters": {"type": "object", "properties": {"x": {"type": "strnig"}}},
                "does": {"type": "mock", "output": 1}},
            {"name": "t", "does": {"type": "http", "url": "ftp://x"}},
        ],
        "mcp_servers": [{"url": "x"}], "max_tool_steps": 1000,
    });
    let problem = app.client().post("/api/v1/agents", &agent).expect(422);
    let fields: Vec<&str> = problem["errors"]
        .as_array()
        .expect("errors")
        .iter()
        .map(|e| e["field"].as_str().expect("a field"))
        .collect();
    assert_eq!(
        fields,
        [
            "/tools/0/parameters",
            "/tools/1/does/url",
            "/tools/1/name",
            "/mcp_servers/0/url",
            "/max_tool_steps"
        ]
    );
}
