//! Tests of models that stream: in the end they have said what they would have said at once.

use super::{ChatOptions, model_call, parse_model};
use crate::{AnswerError, ChatAnswer, Partial};
use assay_model::{Message, ModelProvider, ModelSpec, Role, TokenUsage};
use serde_json::{Value, json};

fn model(provider: &str) -> ModelSpec {
    serde_json::from_value(json!({
        "name": "m", "provider": provider, "model": "m-1", "base_url": "https://api.example.com/v1?version=2",
        "price": {"input_per_million": 1.0, "output_per_million": 10.0},
    }))
    .unwrap()
}

/// An answer of these words, as the provider's API streams it, ended for `why` in its own words.
fn events(provider: ModelProvider, words: &[&str], why: &str) -> Vec<Value> {
    let mut events = Vec::new();
    match provider {
        ModelProvider::Anthropic => {
            events.push(
                json!({"type": "message_start", "message": {"model": "m-1-2026", "content": [],
                "usage": {"input_tokens": 7, "output_tokens": 1}}}),
            );
            events.push(json!({"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}}));
            events.extend(words.iter().map(|word| {
                json!({"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": word}})
            }));
            events.push(json!({"type": "message_delta", "delta": {"stop_reason": why}, "usage": {"output_tokens": 3}}));
            events.push(json!({"type": "message_stop"}));
        }
        ModelProvider::Gemini => {
            let piece = |word: &str| {
                let usage = json!({"promptTokenCount": 7, "candidatesTokenCount": 3});
                json!({"candidates": [{"content": {"role": "model", "parts": [{"text": word}]}, "index": 0}],
                    "usageMetadata": usage, "modelVersion": "m-1-2026"})
            };
            events.extend(words.iter().map(|word| piece(word)));
            let mut last = piece("");
            last["candidates"][0]["finishReason"] = json!(why);
            events.push(last);
        }
        _ => {
            events.extend(words.iter().map(|word| {
                json!({"model": "m-1-2026", "choices": [{"delta": {"content": word}, "finish_reason": null}]})
            }));
            events.push(json!({"choices": [{"delta": {}, "finish_reason": why}]}));
            events.push(
                json!({"choices": [], "usage": {"prompt_tokens": 7, "completion_tokens": 3}}),
            );
        }
    }
    events
}

fn body(events: &[Value]) -> Vec<u8> {
    let lines = events.iter().map(|event| format!("data: {event}\r\n\r\n"));
    lines.collect::<String>().into_bytes()
}

const ALL: [(&str, &str); 5] = [
    ("openai_compatible", "stop"),
    ("openai", "stop"),
    ("azure_openai", "stop"),
    ("anthropic", "end_turn"),
    ("gemini", "STOP"),
];

#[test]
fn a_streamed_answer_is_the_whole_answer() {
    for (provider, why) in ALL {
        let model = model(provider);
        let body = body(&events(model.provider, &["Hel", "lo ", "you"], why));
        let whole = ChatAnswer {
            content: "Hello you".into(),
            usage: Some(TokenUsage {
                input: 7,
                output: 3,
            }),
            cost_usd: Some(37.0 / 1_000_000.0),
            model: Some("m-1-2026".into()),
            finish_reason: Some("stop".into()),
            ..ChatAnswer::default()
        };
        assert_eq!(parse_model(&model, &body), Ok(whole), "{provider}");
    }
}

#[test]
fn what_was_said_so_far_grows() {
    for (provider, why) in ALL {
        let model = model(provider);
        let mut partial = Partial::of_model(&model);
        let mut told: Vec<String> = Vec::new();
        for event in events(model.provider, &["Hel", "lo ", "you"], why) {
            partial.feed(&body(&[event]));
            if told.last().is_none_or(|last| last != partial.text()) {
                told.push(partial.text().to_owned());
            }
        }
        told.retain(|text| !text.is_empty());
        assert_eq!(told, ["Hel", "Hello ", "Hello you"], "{provider}");
    }
}

#[test]
fn a_stream_that_breaks_off_is_no_answer() {
    for (provider, why) in ALL {
        let model = model(provider);
        let mut events = events(model.provider, &["Hel", "lo"], why);
        events.truncate(2 + usize::from(model.provider == ModelProvider::Anthropic));
        let read = parse_model(&model, &body(&events));
        assert_eq!(
            read,
            Err(AnswerError::Shape("the stream broke off")),
            "{provider}"
        );
        events.push(json!({"error": {"message": "overloaded"}}));
        let read = parse_model(&model, &body(&events));
        assert_eq!(
            read,
            Err(AnswerError::Reported("overloaded".into())),
            "{provider}"
        );
    }
}

#[test]
fn what_a_filter_refuses_is_told() {
    let model = model("gemini");
    let blocked = json!({"promptFeedback": {"blockReason": "SAFETY"}, "modelVersion": "m-1-2026"});
    let read = parse_model(&model, &body(&[blocked]));
    assert_eq!(read, Err(AnswerError::Refused("SAFETY".into())));
    let filtered = events(model.provider, &["No"], "RECITATION");
    let read = parse_model(&model, &body(&filtered));
    assert_eq!(read, Err(AnswerError::Refused("RECITATION".into())));
}

#[test]
fn a_stream_is_asked_for_as_each_api_wants() {
    let options = ChatOptions {
        stream: true,
        ..ChatOptions::default()
    };
    for (provider, url, stream) in [
        ("openai", "/v1/chat/completions?version=2", json!(true)),
        ("anthropic", "/v1/messages?version=2", json!(true)),
        (
            "gemini",
            "/v1/models/m-1:streamGenerateContent?version=2&alt=sse",
            Value::Null,
        ),
    ] {
        let call = model_call(
            &model(provider),
            &[Message::new(Role::User, "Hi")],
            &options,
        );
        assert_eq!(call.url, format!("https://api.example.com{url}"));
        let sent: Value = serde_json::from_slice(&call.body).unwrap();
        assert_eq!(sent["stream"], stream, "{provider}");
        let accept = call.headers.iter().filter(|(name, _)| name == "accept");
        let accept: Vec<&str> = accept.map(|(_, value)| value.as_str()).collect();
        assert_eq!(accept, ["text/event-stream"], "{provider}");
    }
}
