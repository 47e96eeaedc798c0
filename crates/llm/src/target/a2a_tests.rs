//! Tests of Agent2Agent: samples of both versions, as the specification has them.

use super::super::testing::{agent, call, events, refused, turn, user};
use super::super::{Exchange, Next};
use super::*;
use assay_model::Message;

fn a2a(extra: Value) -> AgentSpec {
    let mut fields = json!({"kind": "a2a", "url": "https://agent.example.com/a2a"});
    let all = fields.as_object_mut().unwrap();
    all.extend(extra.as_object().unwrap().clone());
    agent(fields)
}

fn sent(agent: &AgentSpec, messages: &[Message], session: &Value) -> Value {
    let call = Exchange::new(turn(agent, messages, session), &[])
        .call()
        .unwrap();
    serde_json::from_slice(&call.body).unwrap()
}

fn result(result: Value) -> Value {
    json!({"jsonrpc": "2.0", "id": "run-1-1", "result": result})
}

#[test]
fn requests() {
    let agent = a2a(json!({}));
    let messages = [user("Book a flight")];
    assert_eq!(
        sent(&agent, &messages, &Value::Null),
        json!({"jsonrpc": "2.0", "id": "run-1-1", "method": "message/send", "params": {
            "message": {"kind": "message", "role": "user", "messageId": "run-1-1",
                "parts": [{"kind": "text", "text": "Book a flight"}]},
            "configuration": {"acceptedOutputModes": ["text/plain", "application/json"], "blocking": true}}})
    );
    let v1 = a2a(json!({"a2a_version": "1.0"}));
    assert_eq!(
        sent(&v1, &messages, &Value::Null),
        json!({"jsonrpc": "2.0", "id": "run-1-1", "method": "SendMessage", "params": {
            "message": {"role": "ROLE_USER", "messageId": "run-1-1", "parts": [{"text": "Book a flight"}]},
            "configuration": {"acceptedOutputModes": ["text/plain", "application/json"], "returnImmediately": false}}})
    );
    let version = ("a2a-version".to_owned(), "1.0".to_owned());
    assert!(call(&v1, &messages).unwrap().headers.contains(&version));
    assert!(!call(&agent, &messages).unwrap().headers.contains(&version));
    let streamed = sent(&a2a(json!({"stream": true})), &messages, &Value::Null);
    assert_eq!(streamed["method"], "message/stream");
    let streamed = sent(
        &a2a(json!({"stream": true, "a2a_version": "1.0"})),
        &messages,
        &Value::Null,
    );
    assert_eq!(streamed["method"], "SendStreamingMessage");
}

#[test]
fn only_what_is_new_is_sent_to_an_agent_that_knows_the_rest() {
    let agent = a2a(json!({}));
    let messages = [
        user("Book a flight"),
        Message::new(Role::Assistant, "Where to?"),
        user("Rome"),
    ];
    let known = sent(&agent, &messages, &json!({"contextId": "c", "taskId": "t"}));
    let message = &known["params"]["message"];
    assert_eq!(message["parts"], json!([{"kind": "text", "text": "Rome"}]));
    assert_eq!(
        (&message["contextId"], &message["taskId"]),
        (&json!("c"), &json!("t"))
    );
    assert_eq!(message["messageId"], "run-1-3");
    let new = sent(&agent, &messages, &Value::Null);
    let parts = &new["params"]["message"]["parts"];
    assert_eq!(
        parts[0]["text"],
        "The conversation so far:\nuser: Book a flight\nassistant: Where to?"
    );
    assert_eq!(parts[1]["text"], "Rome");
}

/// What an answer comes to: its text and what is kept of it.
#[track_caller]
fn check(body: &Value, text: &str, session: Value) {
    let outcome =
        super::super::testing::heard(&a2a(json!({})), body.to_string().as_bytes()).unwrap();
    assert_eq!(
        (outcome.answer.content.as_str(), outcome.session),
        (text, session)
    );
}

#[test]
fn messages_are_answers() {
    check(
        &result(
            json!({"kind": "message", "role": "agent", "messageId": "m", "contextId": "c",
            "parts": [{"kind": "text", "text": "Hello."}, {"kind": "text", "text": "Bye."}]}),
        ),
        "Hello.\nBye.",
        json!({"contextId": "c"}),
    );
    check(
        &result(
            json!({"message": {"role": "ROLE_AGENT", "messageId": "m", "parts": [{"text": "Hello."}]}}),
        ),
        "Hello.",
        Value::Null,
    );
    check(
        &result(json!({"role": "agent", "parts": [{"type": "text", "text": "Hello."}]})),
        "Hello.",
        Value::Null,
    );
}

#[test]
fn tasks_that_are_done() {
    check(
        &result(
            json!({"kind": "task", "id": "t", "contextId": "c", "status": {"state": "completed"},
            "artifacts": [
                {"artifactId": "a", "parts": [{"kind": "text", "text": "Sunny, "}, {"kind": "text", "text": "24\u{b0}C"}]},
                {"artifactId": "b", "parts": [{"kind": "data", "data": {"wind": 3}}, {"kind": "file", "file": {"uri": "x"}}]}]}),
        ),
        "Sunny, 24\u{b0}C\n{\"wind\":3}",
        json!({"contextId": "c"}),
    );
    check(
        &result(
            json!({"task": {"id": "t", "contextId": "c", "status": {"state": "TASK_STATE_COMPLETED",
            "message": {"role": "ROLE_AGENT", "parts": [{"text": "Done."}]}}}}),
        ),
        "Done.",
        json!({"contextId": "c"}),
    );
    check(
        &result(
            json!({"kind": "task", "id": "t", "contextId": "c", "status": {"state": "completed"}, "history": [
            {"role": "user", "parts": [{"kind": "text", "text": "q"}]},
            {"role": "agent", "parts": [{"kind": "text", "text": "a"}]},
            {"role": "user", "parts": [{"kind": "text", "text": "thanks"}]}]}),
        ),
        "a",
        json!({"contextId": "c"}),
    );
}

#[test]
fn a_question_is_an_answer_within_its_task() {
    for (state, role) in [
        ("input-required", "agent"),
        ("TASK_STATE_INPUT_REQUIRED", "ROLE_AGENT"),
    ] {
        check(
            &result(
                json!({"kind": "task", "id": "t", "contextId": "c", "status": {"state": state,
                "message": {"role": role, "parts": [{"kind": "text", "text": "Where to?"}]}},
                "artifacts": [{"artifactId": "a", "parts": [{"kind": "text", "text": "draft"}]}]}),
            ),
            "Where to?",
            json!({"contextId": "c", "taskId": "t"}),
        );
    }
}

#[test]
fn what_is_told_beside() {
    let body = result(
        json!({"kind": "message", "parts": [{"kind": "text", "text": "a"}], "metadata": {
        "usage": {"input_tokens": 5, "output_tokens": 6}, "model": "m",
        "assay": {"tools_called": [{"name": "look"}], "retrieval_context": ["p"]}}}),
    );
    let agent = a2a(json!({"price": {"input_per_million": 1.0, "output_per_million": 1.0}}));
    let answer = super::super::testing::heard(&agent, body.to_string().as_bytes())
        .unwrap()
        .answer;
    assert_eq!(answer.cost_usd, Some(11e-6));
    assert_eq!(answer.model.as_deref(), Some("m"));
    assert_eq!(
        (answer.tool_calls[0].name.as_str(), answer.retrieval_context),
        ("look", vec!["p".to_owned()])
    );
}

#[test]
fn tasks_are_waited_for() {
    let agent = a2a(json!({"stream": true}));
    let messages = [user("q")];
    let session = Value::Null;
    let mut exchange = Exchange::new(turn(&agent, &messages, &session), &[]);
    let working = |state: &str| {
        result(json!({"kind": "task", "id": "t-7", "contextId": "c", "status": {"state": state}}))
            .to_string()
    };
    let mut waits = Vec::new();
    for state in ["submitted", "working", "working", "working", "working"] {
        match exchange.hear(working(state).as_bytes()).unwrap() {
            Next::Again { after_ms } => waits.push(after_ms),
            other => panic!("{other:?}"),
        }
        let call = exchange.call().unwrap();
        let body: Value = serde_json::from_slice(&call.body).unwrap();
        assert_eq!(
            (&body["method"], &body["params"]),
            (&json!("tasks/get"), &json!({"id": "t-7"}))
        );
        assert!(
            call.headers
                .contains(&("accept".into(), "application/json".into()))
        );
    }
    assert_eq!(waits, [250, 500, 1000, 2000, 2000]);
    let done = result(
        json!({"kind": "task", "id": "t-7", "contextId": "c", "status": {"state": "completed"},
        "artifacts": [{"artifactId": "a", "parts": [{"kind": "text", "text": "late"}]}]}),
    );
    match exchange.hear(done.to_string().as_bytes()).unwrap() {
        Next::Done(outcome) => assert_eq!(outcome.answer.content, "late"),
        other => panic!("{other:?}"),
    }
    let v1 = a2a(json!({"a2a_version": "1.0"}));
    let mut exchange = Exchange::new(turn(&v1, &messages, &session), &[]);
    let task = result(json!({"task": {"id": "t-8", "status": {"state": "TASK_STATE_WORKING"}}}));
    assert!(matches!(
        exchange.hear(task.to_string().as_bytes()),
        Ok(Next::Again { .. })
    ));
    let body: Value = serde_json::from_slice(&exchange.call().unwrap().body).unwrap();
    assert_eq!(
        (&body["method"], &body["params"]),
        (&json!("GetTask"), &json!({"id": "t-8"}))
    );
    // There the task is the whole result.
    let done = result(
        json!({"id": "t-8", "status": {"state": "TASK_STATE_COMPLETED"},
        "artifacts": [{"artifactId": "a", "parts": [{"text": "late"}]}]}),
    );
    assert!(
        matches!(exchange.hear(done.to_string().as_bytes()), Ok(Next::Done(o)) if o.answer.content == "late")
    );
}

#[test]
fn tasks_that_fail() {
    for (state, again) in [
        ("failed", true),
        ("TASK_STATE_FAILED", true),
        ("rejected", false),
        ("canceled", false),
        ("auth-required", false),
    ] {
        let body = result(
            json!({"kind": "task", "id": "t", "contextId": "c", "status": {"state": state,
            "message": {"role": "agent", "parts": [{"kind": "text", "text": "No luck."}]}}}),
        );
        let fault =
            super::super::testing::heard(&a2a(json!({})), body.to_string().as_bytes()).unwrap_err();
        assert!(fault.to_string().contains("No luck."), "{fault}");
        assert_eq!(fault.may_pass(), again, "{state}");
    }
}

fn stream(v1: bool) -> Vec<Value> {
    let plain = |kind: &str, mut thing: Value| {
        thing["kind"] = json!(kind);
        result(thing)
    };
    let named = |name: &str, thing: Value| result(json!({name: thing}));
    let artifact = |text: &str, append: bool| {
        json!({"taskId": "t", "contextId": "c", "append": append,
            "artifact": {"artifactId": "a", "parts": [{"kind": "text", "text": text}]}})
    };
    let status = |state: &str| json!({"taskId": "t", "contextId": "c", "final": state == "completed", "status": {"state": state}});
    let task = json!({"id": "t", "contextId": "c", "status": {"state": "submitted"}});
    if v1 {
        vec![
            named("task", task),
            named("statusUpdate", status("TASK_STATE_WORKING")),
            named("artifactUpdate", artifact("Roses ", false)),
            named("artifactUpdate", artifact("are red", true)),
            named("statusUpdate", status("TASK_STATE_COMPLETED")),
        ]
    } else {
        vec![
            plain("task", task),
            plain("status-update", status("working")),
            plain("artifact-update", artifact("Roses ", false)),
            plain("artifact-update", artifact("are red", true)),
            plain("status-update", status("completed")),
        ]
    }
}

#[test]
fn streams() {
    let agent = a2a(json!({"stream": true}));
    for v1 in [false, true] {
        let all = stream(v1);
        let outcome = super::super::testing::heard(&agent, &events(&all)).unwrap();
        assert_eq!(outcome.answer.content, "Roses are red");
        assert_eq!(outcome.session, json!({"contextId": "c"}));
        // A stream that breaks off is made good by asking for the task.
        let messages = [user("q")];
        for len in 1..all.len() {
            let mut exchange = Exchange::new(turn(&agent, &messages, &Value::Null), &[]);
            let next = exchange.hear(&events(&all[..len])).unwrap();
            assert!(matches!(next, Next::Again { .. }), "{len} {next:?}");
        }
    }
    let message = result(json!({"kind": "message", "parts": [{"kind": "text", "text": "short"}]}));
    let outcome = super::super::testing::heard(&agent, &events(&[message])).unwrap();
    assert_eq!(outcome.answer.content, "short");
}

#[test]
fn faults() {
    let agent = a2a(json!({}));
    let check = |body: Value, says: &str| refused(&agent, body.to_string().as_bytes(), says);
    check(
        json!({"jsonrpc": "2.0", "id": 1, "error": {"code": -32603, "message": "Internal error"}}),
        "Internal error",
    );
    check(json!({"jsonrpc": "2.0", "id": 1}), "no `result`");
    check(json!({"choices": []}), "no `result`");
    check(result(json!("text")), "no `result`");
    check(
        result(json!({"kind": "poem"})),
        "neither a message nor a task",
    );
    check(
        result(json!({"kind": "task", "id": "t", "status": {"state": "completed"}})),
        "has no text",
    );
    check(
        result(json!({"kind": "task", "id": "t", "status": {"state": "input-required"}})),
        "does not say which",
    );
    check(
        result(json!({"kind": "task", "id": "t", "status": {"state": "odd"}})),
        "not known",
    );
    check(
        result(json!({"kind": "status-update", "status": {"state": "working"}})),
        "broke off",
    );
    refused(&agent, b": keep-alive\n\n", "broke off");
    refused(&agent, b"data: {\"jsonrpc\"", "not JSON");
    refused(&agent, b"", "not JSON");
}
