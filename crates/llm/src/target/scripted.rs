//! Agents that ask for tools, with scripted answers, for tests.

use super::testing::{agent, turn};
use super::{Exchange, Next, Outcome};
use crate::AnswerError;
use crate::tool::{Plan, ToolResult, Toolbox};
use assay_model::{AgentSpec, Message};
use serde_json::{Value, json};

/// The kinds whose tools the platform runs.
pub(super) const KINDS: [&str; 3] = ["openai_chat", "openai_responses", "anthropic_messages"];

/// An agent of that kind with two tools.
pub(super) fn with_tools(kind: &str, extra: Value) -> AgentSpec {
    let mut fields = json!({
        "kind": kind, "model": "m", "system_prompt": "Be kind.",
        "price": {"input_per_million": 1.0, "output_per_million": 1.0},
        "tools": [
            {"name": "find_order", "description": "Finds an order.", "parameters":
                {"type": "object", "properties": {"id": {"type": "string"}}, "required": ["id"]},
                "does": {"type": "mock", "output": {"status": "late"}}},
            {"name": "refund", "does": {"type": "fail", "message": "out of order"}},
        ],
    });
    let all = fields.as_object_mut().unwrap();
    all.extend(extra.as_object().unwrap().clone());
    agent(fields)
}

/// One scripted answer: the calls it asks for, or words when there are none.
pub(super) fn scripted(kind: &str, calls: &[(&str, Value)], text: &str) -> Value {
    let numbered = calls.iter().enumerate();
    match kind {
        "openai_chat" => {
            let calls: Vec<Value> = numbered
                .map(|(i, (name, arguments))| {
                    json!({"id": format!("c{i}"), "type": "function",
                        "function": {"name": name, "arguments": arguments.to_string()}, "extra": "kept"})
                })
                .collect();
            let mut message = json!({"role": "assistant", "content": text});
            if !calls.is_empty() {
                message["tool_calls"] = json!(calls);
            }
            json!({"model": "m-1", "choices": [{"message": message}], "usage": {"prompt_tokens": 10, "completion_tokens": 1}})
        }
        "openai_responses" => {
            let mut output = vec![json!({"type": "reasoning", "id": "rs_1", "summary": []})];
            output.extend(numbered.map(|(i, (name, arguments))| {
                json!({"type": "function_call", "call_id": format!("c{i}"), "name": name, "arguments": arguments.to_string()})
            }));
            if calls.is_empty() {
                output.push(
                    json!({"type": "message", "content": [{"type": "output_text", "text": text}]}),
                );
            }
            json!({"model": "m-1", "status": "completed", "output": output, "usage": {"input_tokens": 10, "output_tokens": 1}})
        }
        _ => {
            let mut content = vec![json!({"type": "text", "text": text})];
            content.extend(numbered.map(|(i, (name, arguments))| {
                json!({"type": "tool_use", "id": format!("c{i}"), "name": name, "input": arguments})
            }));
            let stop = if calls.is_empty() {
                "end_turn"
            } else {
                "tool_use"
            };
            json!({"model": "m-1", "content": content, "stop_reason": stop, "usage": {"input_tokens": 10, "output_tokens": 1}})
        }
    }
}

/// Drives an exchange to its end as the simulator does; the bodies that were sent, and how it ended.
pub(super) fn drive(
    agent: &AgentSpec,
    messages: &[Message],
    answers: &[Value],
) -> (Vec<Value>, Result<Outcome, AnswerError>) {
    let session = Value::Null;
    let turn = turn(agent, messages, &session);
    let toolbox = Toolbox::new(&turn, &[], &[]).unwrap();
    let mut exchange = Exchange::new(turn, toolbox.tools());
    let mut sent = Vec::new();
    let mut answers = answers.iter();
    loop {
        let call = exchange.call().unwrap();
        sent.push(serde_json::from_slice(&call.body).unwrap());
        let answer = answers.next().expect("it asks once more than it should");
        match exchange.hear(answer.to_string().as_bytes()) {
            Ok(Next::Done(outcome)) => return (sent, Ok(*outcome)),
            Ok(Next::Again { after_ms }) => assert_eq!(after_ms, 0),
            Ok(Next::Run(calls)) => {
                let results = calls.into_iter().map(|call| {
                    let (tool, plan) = toolbox.plan(&call);
                    let Plan::Known(output) = plan else { panic!() };
                    ToolResult { call, tool, output }
                });
                let results = results.collect();
                exchange.ran(results);
            }
            Err(fault) => return (sent, Err(fault)),
        }
    }
}
