//! Tests of the Responses API: samples as its servers send them.

use super::super::testing::{agent, call, events, heard, refused, sent, user};
use super::*;
use assay_model::{Message, Role, TokenUsage};

fn responses(extra: Value) -> AgentSpec {
    let mut fields = json!({"kind": "openai_responses", "model": "gpt-5", "url": "https://api.openai.com/v1/responses",
        "price": {"input_per_million": 1.0, "output_per_million": 10.0}});
    let all = fields.as_object_mut().unwrap();
    all.extend(extra.as_object().unwrap().clone());
    agent(fields)
}

fn message(text: &str) -> Value {
    json!({"id": "msg_67", "type": "message", "status": "completed", "role": "assistant",
        "content": [{"type": "output_text", "text": text, "annotations": [], "logprobs": []}]})
}

fn response(output: Value) -> Value {
    json!({
        "id": "resp_67ccd2bed1ec8190", "object": "response", "created_at": 1_741_476_542, "status": "completed",
        "error": null, "incomplete_details": null, "instructions": null, "max_output_tokens": null,
        "model": "gpt-5-2025-08-07", "output": output, "parallel_tool_calls": true, "previous_response_id": null,
        "usage": {"input_tokens": 36, "input_tokens_details": {"cached_tokens": 0}, "output_tokens": 87,
            "output_tokens_details": {"reasoning_tokens": 64}, "total_tokens": 123},
        "metadata": {},
    })
}

#[test]
fn request() {
    let agent = responses(
        json!({"system_prompt": "Be kind.", "max_tokens": 500, "auth": {"type": "bearer"}}),
    );
    let messages = [
        user("hi"),
        Message::new(Role::Assistant, "hello"),
        user("and?"),
    ];
    assert_eq!(
        sent(&agent, &messages).unwrap(),
        json!({"model": "gpt-5", "instructions": "Be kind.", "max_output_tokens": 500, "stream": false, "input": [
            {"role": "user", "content": "hi"}, {"role": "assistant", "content": "hello"},
            {"role": "user", "content": "and?"}]})
    );
    let streamed = responses(json!({"stream": true}));
    let call = call(&streamed, &messages).unwrap();
    assert!(
        call.headers
            .contains(&("accept".into(), "text/event-stream".into()))
    );
    assert_eq!(sent(&streamed, &messages).unwrap()["stream"], true);
}

#[test]
fn whole_answers() {
    let agent = responses(json!({}));
    let reasoning = json!({"id": "rs_1", "type": "reasoning", "summary": []});
    let body = response(json!([reasoning, message("It ships "), message("today.")])).to_string();
    let answer = heard(&agent, body.as_bytes()).unwrap().answer;
    assert_eq!(answer.content, "It ships today.");
    assert_eq!(
        answer.usage,
        Some(TokenUsage {
            input: 36,
            output: 87
        })
    );
    assert_eq!(answer.cost_usd, Some((36.0 + 870.0) / 1e6));
    assert_eq!(answer.model.as_deref(), Some("gpt-5-2025-08-07"));
    assert_eq!(answer.finish_reason.as_deref(), Some("completed"));

    let mut cut = response(json!([message("It")]));
    cut["status"] = json!("incomplete");
    cut["incomplete_details"] = json!({"reason": "max_output_tokens"});
    let answer = heard(&agent, cut.to_string().as_bytes()).unwrap().answer;
    assert_eq!(answer.finish_reason.as_deref(), Some("max_output_tokens"));
}

#[test]
fn texts_of_messages() {
    let agent = responses(json!({}));
    let check = |output: Value, text: &str| {
        let body = response(output).to_string();
        assert_eq!(heard(&agent, body.as_bytes()).unwrap().answer.content, text);
    };
    check(
        json!([{"type": "message", "content": [{"type": "refusal", "refusal": "I cannot."}]}]),
        "I cannot.",
    );
    check(json!([{"type": "message", "content": []}]), "");
    let mut aside = message("Let me see.");
    aside["phase"] = json!("commentary");
    let mut last = message("Today.");
    last["phase"] = json!("final_answer");
    check(json!([aside, last]), "Today.");
}

#[test]
fn calls() {
    let agent = responses(json!({}));
    let body = response(json!([
        {"type": "function_call", "id": "fc_1", "call_id": "call_9", "name": "get_weather",
            "arguments": "{\"location\":\"Paris, France\"}", "status": "completed"},
        {"type": "mcp_call", "id": "mcp_1", "name": "roll", "arguments": "{\"dice\":\"2d4\"}", "output": "4", "error": null,
            "server_label": "dice"},
        {"type": "file_search_call", "id": "fs_1", "status": "completed", "queries": ["refund"],
            "results": [{"file_id": "f", "filename": "a.md", "score": 0.9, "text": "Refunds take 5 days."}]},
        {"type": "web_search_call", "id": "ws_1", "status": "completed", "action": {"type": "search", "query": "rain"}},
    ]));
    let answer = heard(&agent, body.to_string().as_bytes()).unwrap().answer;
    let named = |name: &str| answer.tool_calls.iter().find(|c| c.name == name).unwrap();
    assert_eq!(
        named("get_weather").input_parameters,
        json!({"location": "Paris, France"})
    );
    assert_eq!(named("get_weather").output, None);
    assert_eq!(named("roll").output, Some(json!("4")));
    assert_eq!(
        named("file_search").input_parameters,
        json!({"queries": ["refund"]})
    );
    assert_eq!(
        named("web_search").input_parameters["action"]["query"],
        "rain"
    );
    assert_eq!(answer.retrieval_context, ["Refunds take 5 days."]);
}

#[test]
fn streams() {
    let agent = responses(json!({"stream": true}));
    let text = json!({"type": "response.output_text.delta", "item_id": "msg_1", "output_index": 0, "content_index": 0,
        "delta": "Hi", "sequence_number": 4});
    let done = json!({"type": "response.output_item.done", "output_index": 0, "item": message("Hi"), "sequence_number": 5});
    let start = json!({"type": "response.created", "response": {"id": "r", "status": "in_progress", "error": null, "output": []}});
    let end = |output: Value| json!({"type": "response.completed", "sequence_number": 6, "response": response(output)});
    let whole = events(&[
        start.clone(),
        text.clone(),
        done.clone(),
        end(json!([message("Hi")])),
    ]);
    let answer = heard(&agent, &whole).unwrap().answer;
    assert_eq!(
        (answer.content.as_str(), answer.usage.unwrap().output),
        ("Hi", 87)
    );
    // A server that leaves the items out of the last event.
    let bare = events(&[start.clone(), text.clone(), done.clone(), end(json!([]))]);
    assert_eq!(heard(&agent, &bare).unwrap().answer.content, "Hi");
    // One that answers in one piece though it was asked for events.
    let plain = response(json!([message("Hi")])).to_string();
    assert_eq!(
        heard(&agent, plain.as_bytes()).unwrap().answer.content,
        "Hi"
    );

    refused(&agent, &events(&[start.clone(), text, done]), "broke off");
    let mut failed = response(json!([]));
    failed["status"] = json!("failed");
    failed["error"] = json!({"code": "server_error", "message": "The model failed."});
    refused(
        &agent,
        &events(&[
            start.clone(),
            json!({"type": "response.failed", "response": failed}),
        ]),
        "The model failed.",
    );
    refused(
        &agent,
        &events(&[
            start,
            json!({"type": "error", "code": "rate_limit_exceeded", "message": "Slow down", "param": null}),
        ]),
        "Slow down",
    );
    refused(
        &agent,
        b"event: response.completed\ndata: {\"type\": \"respo",
        "not JSON",
    );
}

#[test]
fn faults() {
    let agent = responses(json!({}));
    let check = |body: Value, says: &str| refused(&agent, body.to_string().as_bytes(), says);
    check(
        json!({"error": {"message": "Incorrect API key provided: sk-abcdefgh.", "type": "invalid_request_error"}}),
        "Incorrect API key provided: [masked]",
    );
    check(json!({"object": "response"}), "no `output`");
    check(response(json!([])), "neither text nor calls");
    check(
        response(json!([{"type": "reasoning", "summary": []}])),
        "neither text nor calls",
    );
    check(
        response(json!([{"type": "function_call", "name": "f"}])),
        "no `call_id`",
    );
    check(
        response(json!([{"type": "function_call", "call_id": "1"}])),
        "no `name`",
    );
    let mut waits = response(json!([]));
    waits["status"] = json!("queued");
    check(waits, "not complete");
    check(json!([]), "no `output`");
    refused(&agent, b"<html>", "not JSON");
    refused(
        &agent,
        b"event: response.created\ndata: {}\n\n",
        "switch streaming off",
    );
}
