//! A tool behind an address of the client's: arguments go out as JSON, and what comes back is the answer.

use super::ToolOutput;
use crate::chat::json_headers;
use crate::{Headers, HttpCall};
use assay_model::ToolMethod;
use serde_json::Value;

/// The request that runs a tool.
#[must_use]
pub fn http_tool_call(
    url: &str,
    method: ToolMethod,
    headers: &Headers,
    timeout_ms: u64,
    arguments: &Value,
) -> HttpCall {
    HttpCall {
        method: method.as_str(),
        url: url.to_owned(),
        headers: headers.over(json_headers()),
        secret_headers: headers.secret.clone(),
        auth: None,
        body: arguments.to_string().into_bytes(),
        timeout_ms,
    }
}

/// Reads the body of a successful answer: JSON, or text where it is none.
#[must_use]
pub fn http_tool_answer(body: &[u8]) -> ToolOutput {
    match serde_json::from_slice(body) {
        Ok(value) => ToolOutput::of(value),
        Err(_) => match std::str::from_utf8(body) {
            Ok(text) => ToolOutput::of(Value::from(text)),
            Err(_) => ToolOutput::error("the tool's answer is neither JSON nor text"),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tool::MAX_TOOL_OUTPUT;
    use serde_json::json;

    #[test]
    fn arguments_are_the_body() {
        let headers = Headers {
            plain: vec![("accept".to_owned(), "text/plain".to_owned())],
            ..Headers::default()
        };
        let call = http_tool_call(
            "https://example.com/t",
            ToolMethod::Put,
            &headers,
            5,
            &json!({"x": 1}),
        );
        assert_eq!((call.method, call.timeout_ms), ("PUT", 5));
        assert_eq!(call.body, b"{\"x\":1}");
        assert!(
            call.headers
                .contains(&("content-type".into(), "application/json".into()))
        );
        let accepts = call.headers.iter().filter(|(name, _)| name == "accept");
        assert_eq!(
            accepts.map(|(_, v)| v.as_str()).collect::<Vec<_>>(),
            ["text/plain"]
        );
        assert_eq!(call.auth, None);
    }

    #[test]
    fn answers() {
        let check = |body: &[u8], value: Value| {
            assert_eq!(http_tool_answer(body), ToolOutput::of(value));
        };
        check(b"{\"a\": [1]}", json!({"a": [1]}));
        check(b"plain words", json!("plain words"));
        check(b"", json!(""));
        assert!(http_tool_answer(b"\xff\xfe").is_error);
        assert!(http_tool_answer(&vec![b'x'; MAX_TOOL_OUTPUT + 1]).is_error);
        assert!(!http_tool_answer(&vec![b'x'; MAX_TOOL_OUTPUT]).is_error);
    }
}
