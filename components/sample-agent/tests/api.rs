//! OpenAI's protocol, as clients use and abuse it.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "helpers of tests"
)]

use assay_sample_agent::api::{Answer, MAX_BODY, Route, chat, fixed, route};
use serde_json::{Value, json};

fn ask(request: &Value) -> Answer {
    chat(request.to_string().as_bytes(), 1_700_000_000).0
}

fn body(answer: &Answer) -> Value {
    serde_json::from_str(&answer.body).unwrap()
}

#[test]
fn routes_by_the_end_of_the_path() {
    assert_eq!(route("POST", "/v1/chat/completions"), Ok(Route::Chat));
    assert_eq!(
        route("POST", "/sample-agent/v1/chat/completions"),
        Ok(Route::Chat)
    );
    assert_eq!(route("GET", "/x/y/v1/models"), Ok(Route::Models));
    assert_eq!(route("HEAD", "/health"), Ok(Route::Health));
    assert_eq!(route("GET", "/").unwrap_err().status, 404);
    let wrong = route("GET", "/v1/chat/completions").unwrap_err();
    assert_eq!((wrong.status, wrong.allow), (405, Some("POST")));
    assert_eq!(body(&fixed(Route::Health)), json!({"status": "ok"}));
    assert_eq!(
        body(&fixed(Route::Models))["data"][0]["id"],
        "acme-support-1"
    );
}

#[test]
fn a_completion() {
    let answer = ask(&json!({ "model": "m", "temperature": 0, "messages": [
        { "role": "system", "content": "Be brief." },
        { "role": "user", "content": [{ "type": "text", "text": "Where is A1001?" }] }] }));
    let b = body(&answer);
    assert_eq!(answer.status, 200);
    assert_eq!(b["object"], "chat.completion");
    assert_eq!(b["model"], "m");
    assert!(
        b["choices"][0]["message"]["content"]
            .as_str()
            .unwrap()
            .contains("TRK-1001")
    );
    assert_eq!(b["usage"]["prompt_tokens"], 6);
    assert_eq!(b["assay"]["tools_called"][0]["name"], "lookup_order");
    assert_eq!(
        b["assay"]["tools_called"][0]["output"]["tracking"],
        "TRK-1001"
    );
    assert_eq!(b["assay"]["retrieval_context"], json!([]));
}

#[test]
fn a_stream() {
    let answer = ask(
        &json!({ "stream": true, "stream_options": { "include_usage": true },
                              "messages": [{ "role": "user", "content": "Do gift cards expire?" }] }),
    );
    assert_eq!(answer.content_type, "text/event-stream");
    let events: Vec<&str> = answer
        .body
        .split("\n\n")
        .filter_map(|e| e.strip_prefix("data: "))
        .collect();
    assert_eq!(events.last(), Some(&"[DONE]"));
    let chunks: Vec<Value> = events[..events.len() - 1]
        .iter()
        .map(|e| serde_json::from_str(e).unwrap())
        .collect();
    let text: String = chunks
        .iter()
        .filter_map(|c| c["choices"][0]["delta"]["content"].as_str())
        .collect();
    assert_eq!(text, "Gift cards never expire. They are not refundable.");
    let [.., last, usage] = chunks.as_slice() else {
        panic!("{chunks:?}")
    };
    assert_eq!(last["choices"][0]["finish_reason"], "stop");
    assert!(last["assay"]["retrieval_context"][0].is_string());
    assert!(usage["usage"]["total_tokens"].as_u64().unwrap() > 0);
}

#[test]
fn bad_requests_are_400_as_openai_words_them() {
    for (request, param) in [
        (json!({}), Some("messages")),
        (json!({ "messages": [] }), Some("messages")),
        (
            json!({ "messages": [{ "role": "system", "content": "x" }] }),
            Some("messages"),
        ),
        (
            json!({ "messages": [{ "role": "user", "content": "x" }, { "role": "robot", "content": "x" }] }),
            Some("messages.1.role"),
        ),
        (json!({ "messages": [{ "content": "x" }] }), None),
        (
            json!({ "messages": [{ "role": "user", "content": 1 }] }),
            None,
        ),
        (json!({ "messages": "x" }), None),
        (json!([]), None),
    ] {
        let answer = ask(&request);
        assert_eq!(answer.status, 400, "{request}");
        let error = &body(&answer)["error"];
        assert_eq!(error["type"], "invalid_request_error");
        assert_eq!(error["param"].as_str(), param, "{request}: {error}");
    }
    for bytes in [&b""[..], b"{", b"\xff\xfe", &b"[".repeat(100_000)] {
        assert_eq!(chat(bytes, 0).0.status, 400);
    }
    assert_eq!(chat(&vec![b' '; MAX_BODY + 1], 0).0.status, 413);
}
