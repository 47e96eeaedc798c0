//! Tests of models behind the Messages API: answers as its documentation shows them.

use super::super::{model_call, parse_model};
use super::*;
use assay_model::{Role, TokenUsage};
use proptest::prelude::*;

fn claude(extra: Value) -> ModelSpec {
    let mut fields = json!({"name": "m", "provider": "anthropic", "base_url": "https://api.anthropic.com/v1/",
        "model": "claude-sonnet-5-5", "price": {"input_per_million": 1.0, "output_per_million": 10.0}});
    let all = fields.as_object_mut().unwrap();
    all.extend(extra.as_object().unwrap().clone());
    serde_json::from_value(fields).unwrap()
}

fn sent(model: &ModelSpec, messages: &[Message], options: &ChatOptions) -> Value {
    serde_json::from_slice(&model_call(model, messages, options).body).unwrap()
}

fn message(content: Value, stop: &str) -> Value {
    json!({"id": "msg_013Zva2CMHLNnXjNJJKqJ2EF", "type": "message", "role": "assistant", "model": "claude-sonnet-5-5",
        "content": content, "stop_reason": stop, "stop_sequence": null, "stop_details": null,
        "usage": {"input_tokens": 10, "cache_creation_input_tokens": 20, "cache_read_input_tokens": 70, "output_tokens": 5,
            "output_tokens_details": {"thinking_tokens": 3}}})
}

fn heard(answer: &Value) -> Result<ChatAnswer, AnswerError> {
    parse_model(&claude(json!({})), answer.to_string().as_bytes())
}

#[test]
fn turns_alternate_and_instructions_stand_apart() {
    let messages = [
        Message::new(Role::System, "Be fair."),
        Message::new(Role::User, "one"),
        Message::new(Role::User, "two"),
        Message::new(Role::Assistant, ""),
        Message::new(Role::Tool, "42"),
        Message::new(Role::User, "three"),
        Message::new(Role::Assistant, "four"),
        Message::new(Role::System, "The year is 2026."),
        Message::new(Role::User, "five"),
    ];
    let text = |text: &str| json!({"type": "text", "text": text});
    assert_eq!(
        sent(&claude(json!({})), &messages, &ChatOptions::default()),
        json!({"model": "claude-sonnet-5-5", "max_tokens": 1024, "temperature": 0.0,
        "system": "Be fair.\n\nThe year is 2026.",
        "messages": [
            {"role": "user", "content": [text("one"), text("two"), text("three")]},
            {"role": "assistant", "content": [text("four")]},
            {"role": "user", "content": [text("five")]},
        ]})
    );
}

#[test]
fn what_the_model_does_not_take_is_left_out() {
    let options = ChatOptions {
        response_schema: Some(("Verdict".into(), json!({"type": "object"}))),
        logprobs: true,
        seed: Some(7),
        ..ChatOptions::default()
    };
    let body = sent(&claude(json!({})), &[], &options);
    assert_eq!(
        body["output_config"]["format"],
        json!({"type": "json_schema",
            "schema": {"type": "object", "properties": {}, "additionalProperties": false}})
    );
    for absent in ["seed", "logprobs", "top_logprobs", "tools", "tool_choice"] {
        assert!(body.get(absent).is_none(), "{absent}");
    }
    let model = claude(json!({"capabilities": {"json_schema": false, "temperature": false}}));
    assert_eq!(
        sent(&model, &[], &options),
        json!({"model": "claude-sonnet-5-5", "max_tokens": 1024, "messages": []})
    );
    let call = model_call(
        &claude(json!({"base_url": "https://gateway.example.com/v1?team=a"})),
        &[],
        &options,
    );
    assert_eq!(call.url, "https://gateway.example.com/v1/messages?team=a");
}

#[test]
fn answers() {
    let answer = heard(&message(
        json!([{"type": "thinking", "thinking": "Hm.", "signature": "c2ln"}, {"type": "redacted_thinking", "data": "eA=="},
            {"type": "text", "text": "{\"score\": "}, {"type": "text", "text": "7}", "citations": null}]),
        "end_turn",
    ));
    assert_eq!(
        answer.unwrap(),
        ChatAnswer {
            content: "{\"score\": 7}".into(),
            usage: Some(TokenUsage {
                input: 100,
                output: 5
            }),
            cost_usd: Some(150.0 / 1e6),
            model: Some("claude-sonnet-5-5".into()),
            finish_reason: Some("stop".into()),
            ..ChatAnswer::default()
        }
    );
    let said = json!([{"type": "text", "text": "{\"score\""}]);
    for (stop, ended) in [
        ("stop_sequence", "stop"),
        ("max_tokens", "length"),
        ("model_context_window_exceeded", "length"),
        ("pause_turn", "pause_turn"),
    ] {
        let answer = heard(&message(said.clone(), stop)).unwrap();
        assert_eq!(answer.finish_reason.as_deref(), Some(ended), "{stop}");
    }
}

#[test]
fn answers_without_words_are_none() {
    let thought = json!([{"type": "thinking", "thinking": "", "signature": "c2ln"}]);
    let cut = heard(&message(thought, "max_tokens")).unwrap_err();
    assert_eq!(cut, AnswerError::NoRoom);
    assert!(!cut.may_pass());
    let silent = heard(&message(json!([]), "end_turn")).unwrap_err();
    assert_eq!(silent, AnswerError::Silent(Some("stop".into())));
    assert_eq!(
        silent.to_string(),
        "the model said nothing and ended as `stop`"
    );
    assert!(silent.may_pass());
}

#[test]
fn refusals_are_no_answers() {
    let said = json!([{"type": "text", "text": "I can say that"}]);
    let mut refused = message(said, "refusal");
    assert_eq!(
        heard(&refused),
        Err(AnswerError::Refused("I can say that".into()))
    );
    refused["stop_details"] = json!({"type": "refusal", "category": "cyber", "explanation": null});
    assert_eq!(heard(&refused), Err(AnswerError::Refused("cyber".into())));
    refused["stop_details"]["explanation"] = json!("It asks for malware.");
    let error = heard(&refused).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the model refused to answer: It asks for malware."
    );
    assert!(!error.may_pass(), "who refused once will refuse again");
    assert_eq!(
        heard(&message(json!([]), "refusal")),
        Err(AnswerError::Refused("it does not say why".into()))
    );
}

#[test]
fn errors() {
    let overloaded =
        json!({"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}});
    assert_eq!(
        heard(&overloaded),
        Err(AnswerError::Reported("Overloaded".into()))
    );
    assert!(heard(&overloaded).unwrap_err().may_pass());
    for malformed in [
        json!({}),
        json!([]),
        json!({"content": "text"}),
        json!({"content": null, "stop_reason": "end_turn"}),
    ] {
        assert_eq!(
            heard(&malformed),
            Err(AnswerError::Shape("there is no `content` list")),
            "{malformed}"
        );
    }
    let model = claude(json!({}));
    let html = parse_model(&model, b"<html>502</html>").unwrap_err();
    assert!(matches!(html, AnswerError::NotJson { .. }));
    let events = b"event: message_start\ndata: {\"type\": \"message_start\"}\n\n";
    let broken = AnswerError::Shape("the stream broke off");
    assert_eq!(parse_model(&model, events), Err(broken));
    // Half a count is no count, and blocks that are none say nothing.
    let odd = json!({"content": [7, {"type": "text"}, {"text": "?"}, {"type": "text", "text": "yes"}],
        "usage": {"input_tokens": 1}});
    let answer = heard(&odd).unwrap();
    assert_eq!((answer.content.as_str(), answer.usage), ("yes", None));
    assert_eq!((answer.finish_reason, answer.cost_usd), (None, None));
}

proptest! {
    #[test]
    fn never_panics(body in proptest::collection::vec(any::<u8>(), 0..200), stop in ".{0,20}", block in ".{0,20}") {
        let model = claude(json!({}));
        let _ = parse_model(&model, &body);
        let answer = message(json!([{"type": block, "text": block}, null, block]), &stop);
        let _ = heard(&answer);
    }
}
