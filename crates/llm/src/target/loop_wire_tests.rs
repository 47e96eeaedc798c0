//! Tests of how calls and their results go back to each API.

use super::scripted::{KINDS, drive, scripted, with_tools};
use super::testing::user;
use assay_model::{Message, Role, ToolCall};
use serde_json::json;

#[test]
fn chat_completions_get_calls_back_with_their_results() {
    let agent = with_tools("openai_chat", json!({}));
    let asks = scripted("openai_chat", &[("find_order", json!({"id": "A1"}))], "");
    let (sent, _) = drive(
        &agent,
        &[user("q")],
        &[asks, scripted("openai_chat", &[], "a")],
    );
    assert_eq!(
        sent[0]["tools"],
        json!([
            {"type": "function", "function": {"name": "find_order", "description": "Finds an order.", "parameters":
                {"type": "object", "properties": {"id": {"type": "string"}}, "required": ["id"]}}},
            {"type": "function", "function": {"name": "refund", "parameters": {"type": "object", "properties": {}}}}])
    );
    assert_eq!(
        sent[1]["messages"],
        json!([
            {"role": "system", "content": "Be kind."}, {"role": "user", "content": "q"},
            {"role": "assistant", "content": "", "tool_calls": [{"id": "c0", "type": "function", "extra": "kept",
                "function": {"name": "find_order", "arguments": "{\"id\":\"A1\"}"}}]},
            {"role": "tool", "tool_call_id": "c0", "content": "{\"status\":\"late\"}"}])
    );
    assert_eq!(sent[1]["tools"], sent[0]["tools"]);
}

#[test]
fn responses_get_calls_back_with_the_reasoning_before_them() {
    let kind = "openai_responses";
    let agent = with_tools(kind, json!({}));
    let asks = scripted(kind, &[("find_order", json!({"id": "A1"}))], "");
    let (sent, _) = drive(&agent, &[user("q")], &[asks, scripted(kind, &[], "a")]);
    assert_eq!(
        sent[0]["tools"][0],
        json!({"type": "function", "name": "find_order", "description": "Finds an order.", "strict": false, "parameters":
            {"type": "object", "properties": {"id": {"type": "string"}}, "required": ["id"]}})
    );
    assert_eq!(
        sent[1]["input"],
        json!([
            {"role": "user", "content": "q"},
            {"type": "reasoning", "id": "rs_1", "summary": []},
            {"type": "function_call", "call_id": "c0", "name": "find_order", "arguments": "{\"id\":\"A1\"}"},
            {"type": "function_call_output", "call_id": "c0", "output": "{\"status\":\"late\"}"}])
    );
}

#[test]
fn messages_get_calls_back_with_their_results() {
    let kind = "anthropic_messages";
    let agent = with_tools(kind, json!({}));
    let asks = scripted(
        kind,
        &[("find_order", json!({"id": "A1"})), ("refund", json!({}))],
        "",
    );
    let (sent, _) = drive(&agent, &[user("q")], &[asks, scripted(kind, &[], "a")]);
    assert_eq!(
        sent[0]["tools"][0],
        json!({"name": "find_order", "description": "Finds an order.", "input_schema":
            {"type": "object", "properties": {"id": {"type": "string"}}, "required": ["id"]}})
    );
    // The empty text is not sent back: the API refuses it.
    assert_eq!(
        sent[1]["messages"],
        json!([
            {"role": "user", "content": "q"},
            {"role": "assistant", "content": [
                {"type": "tool_use", "id": "c0", "name": "find_order", "input": {"id": "A1"}},
                {"type": "tool_use", "id": "c1", "name": "refund", "input": {}}]},
            {"role": "user", "content": [
                {"type": "tool_result", "tool_use_id": "c0", "content": "{\"status\":\"late\"}", "is_error": false},
                {"type": "tool_result", "tool_use_id": "c1", "content": "{\"error\":\"out of order\"}", "is_error": true}]}])
    );
}

#[test]
fn earlier_turns_keep_their_results() {
    for kind in KINDS {
        let agent = with_tools(kind, json!({}));
        let mut said = Message::new(Role::Assistant, "It is late.");
        said.tool_calls = vec![ToolCall {
            name: "find_order".into(),
            input_parameters: json!({"id": "A1"}),
            output: Some(json!({"status": "late"})),
        }];
        let messages = [user("Where is A1?"), said, user("And why?")];
        let (sent, _) = drive(&agent, &messages, &[scripted(kind, &[], "Snow.")]);
        let text = sent[0].to_string();
        for part in [
            "Where is A1?",
            "find_order",
            "late",
            "It is late.",
            "And why?",
        ] {
            assert!(text.contains(part), "{kind} {part} {text}");
        }
        assert_eq!(text.matches("_0\"").count(), 2, "{kind} {text}");
    }
}
