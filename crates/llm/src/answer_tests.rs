//! Tests of reading chat completions.

use super::*;
use proptest::prelude::*;
use serde_json::json;

fn read(answer: &Value) -> Result<ChatAnswer, AnswerError> {
    parse_chat(answer.to_string().as_bytes(), None)
}

fn message(message: Value) -> Value {
    json!({"choices": [{"message": message, "finish_reason": "stop"}]})
}

#[test]
fn a_whole_answer() {
    let price = Price {
        input_per_million: 1.0,
        output_per_million: 2.0,
    };
    let body = json!({
        "model": "gpt-x", "usage": {"prompt_tokens": 1000, "completion_tokens": 500},
        "choices": [{"finish_reason": "stop", "message": {"role": "assistant", "content": "hi"},
            "logprobs": {"content": [{"token": "hi", "logprob": -0.1,
                "top_logprobs": [{"token": "hi", "logprob": -0.1}, {"token": "ho", "logprob": null}]}, {"odd": 1}]}}],
    });
    let answer = parse_chat(body.to_string().as_bytes(), Some(&price)).unwrap();
    assert_eq!(answer.content, "hi");
    assert_eq!(
        answer.usage,
        Some(TokenUsage {
            input: 1000,
            output: 500
        })
    );
    assert_eq!(answer.cost_usd, Some(0.002));
    assert_eq!(answer.model.as_deref(), Some("gpt-x"));
    assert_eq!(answer.finish_reason.as_deref(), Some("stop"));
    assert_eq!(answer.logprobs.len(), 1);
    assert_eq!(
        answer.logprobs[0].top,
        [TokenAlternative {
            token: "hi".into(),
            logprob: -0.1
        }]
    );
}

#[test]
fn texts() {
    let check = |m: Value, expected: &str| {
        assert_eq!(read(&message(m.clone())).unwrap().content, expected, "{m}")
    };
    check(json!({"content": "a"}), "a");
    check(json!({"content": ""}), "");
    check(
        json!({"content": [{"type": "text", "text": "a"}, {"type": "image"}, {"type": "text", "text": "b"}]}),
        "ab",
    );
    check(json!({"content": ["a", {"text": {"value": "b"}}]}), "ab");
    check(json!({"content": null, "refusal": "no"}), "no");
    check(json!({"content": "", "refusal": "no"}), "no");
    check(
        json!({"content": [{"type": "refusal", "refusal": "no"}]}),
        "no",
    );
    check(
        json!({"content": null, "tool_calls": [{"function": {"name": "f", "arguments": "{}"}}]}),
        "",
    );
}

#[test]
fn tool_calls() {
    let check = |arguments: Value, expected: Value| {
        let m = json!({"content": null, "tool_calls": [{"id": "1", "function": {"name": "f", "arguments": arguments}}]});
        assert_eq!(
            read(&message(m)).unwrap().tool_calls[0].input_parameters,
            expected
        );
    };
    check(json!("{\"x\": 1}"), json!({"x": 1}));
    check(json!({"x": 1}), json!({"x": 1}));
    check(json!(""), Value::Null);
    check(json!("{broken"), json!("{broken"));
    check(json!("[".repeat(100_000)), json!("[".repeat(100_000)));
}

#[test]
fn the_extension_is_merged() {
    let mut body = message(json!({"content": "ok", "tool_calls": [
        {"function": {"name": "a", "arguments": "{\"x\":1}"}}, {"function": {"name": "b", "arguments": "{}"}}]}));
    body["assay"] = json!({
        "tools_called": [{"name": "a", "arguments": {"x": 1}, "output": "done"}],
        "retrieval_context": ["p1", {"content": "p2"}],
    });
    let answer = read(&body).unwrap();
    let names: Vec<&str> = answer.tool_calls.iter().map(|c| c.name.as_str()).collect();
    assert_eq!(names, ["a", "b"]);
    assert_eq!(answer.tool_calls[0].output, Some(json!("done")));
    assert_eq!(answer.retrieval_context, ["p1", "p2"]);

    body["assay"] = json!({"tools_called": [{"arguments": {}}]});
    assert!(matches!(read(&body), Err(AnswerError::Shape(_))));
    body["assay"] = json!({"tools_called": "a"});
    assert!(matches!(read(&body), Err(AnswerError::Shape(_))));
    body["assay"] = Value::Null;
    assert_eq!(read(&body).unwrap().tool_calls.len(), 2);
}

#[test]
fn faults() {
    let check = |body: &[u8], expected: &str| {
        let fault = parse_chat(body, None).unwrap_err().to_string();
        assert!(fault.contains(expected), "{fault}");
        assert!(fault.chars().count() < 400, "{fault}");
    };
    check(b"", "not JSON");
    check(b"<html>502</html>", "<html>502</html>");
    check(b"data: {\"choices\":[]}\n\n", "stream");
    check(b"\xff\xfe\x00", "not JSON");
    check(b"null", "choices[0]");
    check(b"{\"choices\":[]}", "choices[0]");
    check(b"{\"choices\":[{}]}", "message");
    check(
        b"{\"choices\":[{\"message\":{\"content\":null}}]}",
        "neither",
    );
    check(
        b"{\"error\":{\"message\":\"bad key sk-aaaaaaaaaaaa\"}}",
        "bad key [masked]",
    );
    check("[".repeat(1 << 20).as_bytes(), "recursion");
    check("{\"a\":".repeat(1 << 19).as_bytes(), "recursion");
    check(&vec![b' '; MAX_ANSWER_BYTES + 1], "more than can be read");
}

#[test]
fn half_a_usage_is_unknown() {
    let mut body = message(json!({"content": "a"}));
    body["usage"] = json!({"prompt_tokens": 3});
    assert_eq!(read(&body).unwrap().usage, None);
    body["usage"] = json!({"input_tokens": 3, "output_tokens": 4});
    assert_eq!(
        read(&body).unwrap().usage,
        Some(TokenUsage {
            input: 3,
            output: 4
        })
    );
    body["usage"] = json!({"prompt_tokens": -3, "completion_tokens": 1.5});
    assert_eq!(read(&body).unwrap().usage, None);
}

proptest! {
    #[test]
    fn any_bytes_are_read_or_refused(body in proptest::collection::vec(any::<u8>(), 0..300)) {
        let _ = parse_chat(&body, None);
    }

    #[test]
    fn any_text_survives(text in ".*") {
        prop_assert_eq!(read(&message(json!({"content": text}))).unwrap().content, text);
    }
}
