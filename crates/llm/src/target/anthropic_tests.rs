//! Tests of the Messages API: samples as its servers send them.

use super::super::testing::{agent, call, events, heard, refused, sent, user};
use super::*;
use crate::AuthSlot;
use assay_model::{Message, TokenUsage};

fn claude(extra: Value) -> AgentSpec {
    let mut fields = json!({"kind": "anthropic_messages", "model": "claude-sonnet-5",
        "url": "https://api.anthropic.com/v1/messages", "auth": {"type": "header", "name": "x-api-key"},
        "price": {"input_per_million": 1.0, "output_per_million": 10.0}});
    let all = fields.as_object_mut().unwrap();
    all.extend(extra.as_object().unwrap().clone());
    agent(fields)
}

fn message(content: Value, stop: &str) -> Value {
    json!({"id": "msg_013Zva2CMHLNnXjNJJKqJ2EF", "type": "message", "role": "assistant", "model": "claude-sonnet-5",
        "content": content, "stop_reason": stop, "stop_sequence": null,
        "usage": {"input_tokens": 10, "cache_creation_input_tokens": 0, "cache_read_input_tokens": 90, "output_tokens": 5}})
}

#[test]
fn request() {
    let agent = claude(json!({"system_prompt": "Be kind."}));
    let messages = [
        Message::new(Role::System, "The year is 2026."),
        user("hi"),
        Message::new(Role::Assistant, ""),
        user("hello?"),
    ];
    let call = call(&agent, &messages).unwrap();
    assert_eq!(call.auth, Some(AuthSlot::header("x-api-key")));
    assert!(
        call.headers
            .contains(&("anthropic-version".into(), "2023-06-01".into()))
    );
    // Empty texts are refused by the API.
    assert_eq!(
        sent(&agent, &messages).unwrap(),
        json!({"model": "claude-sonnet-5", "max_tokens": 4096, "stream": false,
            "system": "Be kind.\n\nThe year is 2026.",
            "messages": [{"role": "user", "content": "hi"}, {"role": "user", "content": "hello?"}]})
    );
    let own = claude(json!({"max_tokens": 7, "headers": {"Anthropic-Version": "2026-01-01"}}));
    let call = super::super::testing::call(&own, &[user("hi")]).unwrap();
    let versions = call
        .headers
        .iter()
        .filter(|(name, _)| name == "anthropic-version");
    assert_eq!(
        versions.map(|(_, v)| v.as_str()).collect::<Vec<_>>(),
        ["2026-01-01"]
    );
    let body = sent(&own, &[user("hi")]).unwrap();
    assert_eq!(body["max_tokens"], 7);
    assert!(body.get("system").is_none());
}

#[test]
fn whole_answers() {
    let agent = claude(json!({}));
    let body = message(
        json!([{"type": "thinking", "thinking": "Hm.", "signature": "c2ln"}, {"type": "text", "text": "It ships "},
            {"type": "text", "text": "today."}]),
        "end_turn",
    );
    let answer = heard(&agent, body.to_string().as_bytes()).unwrap().answer;
    assert_eq!(answer.content, "It ships today.");
    assert_eq!(
        answer.usage,
        Some(TokenUsage {
            input: 100,
            output: 5
        })
    );
    assert_eq!(answer.cost_usd, Some(150.0 / 1e6));
    assert_eq!(answer.finish_reason.as_deref(), Some("end_turn"));
    // The model may have nothing to say.
    let silent = message(json!([]), "end_turn").to_string();
    assert_eq!(heard(&agent, silent.as_bytes()).unwrap().answer.content, "");
}

#[test]
fn calls() {
    let agent = claude(json!({}));
    let body = message(
        json!([
            {"type": "text", "text": "Let me look."},
            {"type": "server_tool_use", "id": "srvtoolu_1", "name": "web_search", "input": {"query": "rain"}},
            {"type": "web_search_tool_result", "tool_use_id": "srvtoolu_1", "content": [{"type": "web_search_result", "url": "u"}]},
            {"type": "tool_use", "id": "toolu_1", "name": "get_weather", "input": {"location": "Paris"}},
        ]),
        "tool_use",
    );
    let answer = heard(&agent, body.to_string().as_bytes()).unwrap().answer;
    assert_eq!(answer.content, "Let me look.");
    assert_eq!(answer.tool_calls[0].name, "web_search");
    assert_eq!(answer.tool_calls[0].output.as_ref().unwrap()[0]["url"], "u");
    assert_eq!(
        answer.tool_calls[1].input_parameters,
        json!({"location": "Paris"})
    );
    assert_eq!(answer.tool_calls[1].output, None);
}

fn stream_of_a_call() -> Vec<Value> {
    vec![
        json!({"type": "message_start", "message": {"id": "msg_1", "type": "message", "role": "assistant",
            "model": "claude-sonnet-5", "content": [], "stop_reason": null, "usage": {"input_tokens": 472, "output_tokens": 2}}}),
        json!({"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}}),
        json!({"type": "ping"}),
        json!({"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "Okay, "}}),
        json!({"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "let me look."}}),
        json!({"type": "content_block_stop", "index": 0}),
        json!({"type": "content_block_start", "index": 1,
            "content_block": {"type": "tool_use", "id": "toolu_1", "name": "get_weather", "input": {}}}),
        json!({"type": "content_block_delta", "index": 1, "delta": {"type": "input_json_delta", "partial_json": ""}}),
        json!({"type": "content_block_delta", "index": 1, "delta": {"type": "input_json_delta", "partial_json": "{\"location\":"}}),
        json!({"type": "content_block_delta", "index": 1, "delta": {"type": "input_json_delta", "partial_json": " \"Paris\"}"}}),
        json!({"type": "content_block_stop", "index": 1}),
        json!({"type": "message_delta", "delta": {"stop_reason": "tool_use", "stop_sequence": null}, "usage": {"output_tokens": 89}}),
        json!({"type": "message_stop"}),
    ]
}

#[test]
fn streams() {
    let agent = claude(json!({"stream": true}));
    let all = stream_of_a_call();
    let answer = heard(&agent, &events(&all)).unwrap().answer;
    assert_eq!(answer.content, "Okay, let me look.");
    assert_eq!(
        answer.tool_calls[0].input_parameters,
        json!({"location": "Paris"})
    );
    assert_eq!(
        answer.usage,
        Some(TokenUsage {
            input: 472,
            output: 89
        })
    );
    assert_eq!(answer.finish_reason.as_deref(), Some("tool_use"));
    // The last event adds nothing.
    assert_eq!(heard(&agent, &events(&all[..12])).unwrap().answer, answer);
    for len in 0..=11 {
        let part = events(&all[..len]);
        let says = if len == 0 { "not JSON" } else { "broke off" };
        refused(&agent, &part, says);
    }
    let mut overloaded = all[..4].to_vec();
    overloaded.push(
        json!({"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}}),
    );
    refused(&agent, &events(&overloaded), "Overloaded");
}

#[test]
fn thoughts_are_put_together_as_they_must_go_back() {
    let stream = events(&[
        json!({"type": "message_start", "message": {"model": "m", "usage": {"input_tokens": 1, "output_tokens": 1}}}),
        json!({"type": "content_block_start", "index": 0, "content_block": {"type": "thinking", "thinking": "", "signature": ""}}),
        json!({"type": "content_block_delta", "index": 0, "delta": {"type": "thinking_delta", "thinking": "First"}}),
        json!({"type": "content_block_delta", "index": 0, "delta": {"type": "thinking_delta", "thinking": ", then."}}),
        json!({"type": "content_block_delta", "index": 0, "delta": {"type": "signature_delta", "signature": "c2ln"}}),
        json!({"type": "content_block_start", "index": 1, "content_block": {"type": "text", "text": ""}}),
        json!({"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": {"output_tokens": 3}}),
    ]);
    let heard = read(&claude(json!({"stream": true})), &stream).unwrap();
    assert_eq!(
        heard.said,
        [json!({"type": "thinking", "thinking": "First, then.", "signature": "c2ln"})]
    );
}

#[test]
fn faults() {
    let agent = claude(json!({}));
    let check = |body: Value, says: &str| refused(&agent, body.to_string().as_bytes(), says);
    check(
        json!({"type": "error", "error": {"type": "invalid_request_error", "message": "max_tokens: Field required"},
            "request_id": "req_1"}),
        "max_tokens: Field required",
    );
    check(json!({"type": "message"}), "no `content`");
    check(json!({"content": "text"}), "no `content`");
    check(
        message(json!([{"type": "tool_use", "name": "f"}]), "tool_use"),
        "no `id`",
    );
    check(
        message(
            json!([{"type": "tool_use", "id": "1", "name": ""}]),
            "tool_use",
        ),
        "no `name`",
    );
    refused(
        &agent,
        b"event: message_start\ndata: {}\n\n",
        "switch streaming off",
    );
    refused(&agent, b"upstream connect error", "not JSON");
}
