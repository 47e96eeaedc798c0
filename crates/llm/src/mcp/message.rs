//! What MCP servers answer: JSON-RPC in one document or in events, tools, and results of tools.

use super::McpTool;
use super::header::mirrored;
use crate::AnswerError;
use crate::answer::{parse_json, text_at};
use crate::stream;
use crate::tool::ToolOutput;
use serde_json::{Value, json};

/// Codes of errors that only servers of the revision without a handshake give: a missing header, a missing capability, a
/// version that is not known.
const STATELESS_CODES: [i64; 3] = [-32020, -32021, -32022];
/// There is no such method.
const NO_METHOD: i64 = -32601;

/// An error in the place of a result.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct RpcError {
    pub(super) code: i64,
    pub(super) message: String,
}

/// The result of the request of that id, among all that the server says.
pub(super) fn result(body: &[u8], id: u64) -> Result<Result<Value, RpcError>, AnswerError> {
    let mut messages = Vec::new();
    let streamed = stream::is_events(body);
    if streamed {
        for data in stream::events(body)? {
            if !data.trim().is_empty() {
                messages.push(parse_json(data.as_bytes())?);
            }
        }
    } else {
        messages.push(parse_json(body)?);
    }
    // 2025-03-26 knew batches.
    let messages = messages.into_iter().flat_map(|message| match message {
        Value::Array(all) => all,
        one => vec![one],
    });
    for message in messages {
        let of = message.get("id");
        let error = message.get("error").filter(|e| e.is_object());
        // An error that came before the id was read has none.
        let nobodys = error.is_some() && of.is_none_or(Value::is_null);
        if of.and_then(Value::as_u64) != Some(id) && !nobodys {
            continue;
        }
        if let Some(error) = error {
            let text = text_at(error, "message").unwrap_or_else(|| error.to_string());
            return Ok(Err(RpcError {
                code: error
                    .get("code")
                    .and_then(Value::as_i64)
                    .unwrap_or_default(),
                message: crate::excerpt(&text),
            }));
        }
        if let Some(result) = message.get("result") {
            return Ok(Ok(result.clone()));
        }
    }
    Err(AnswerError::Shape(if streamed {
        "the stream broke off"
    } else {
        "there is no JSON-RPC response to the request"
    }))
}

/// Whether this refusal of a handshake is that of a server which knows none.
pub(super) fn is_stateless(body: &[u8], id: u64) -> bool {
    let Ok(Err(RpcError { code, .. })) = result(body, id) else {
        return false;
    };
    STATELESS_CODES.contains(&code) || code == NO_METHOD
}

/// A tool of a list. One without a name cannot be called, and one whose headers are wrong must not be.
pub(super) fn tool(tool: &Value, stateless: bool) -> Option<McpTool> {
    let name = text_at(tool, "name").filter(|name| !name.is_empty())?;
    let parameters = tool.get("inputSchema").filter(|s| s.is_object());
    let mut parameters = parameters.cloned().unwrap_or_else(|| json!({}));
    if let Some(fields) = parameters.as_object_mut() {
        fields.entry("type").or_insert_with(|| json!("object"));
        // OpenAI refuses an object without properties.
        fields.entry("properties").or_insert_with(|| json!({}));
    }
    let headers = if stateless {
        mirrored(&parameters)?
    } else {
        Vec::new()
    };
    Some(McpTool {
        name,
        description: text_at(tool, "description")
            .or_else(|| text_at(tool, "title"))
            .unwrap_or_default(),
        parameters,
        headers,
    })
}

/// What a tool answered: its structured content, else its texts.
pub(super) fn tool_output(result: &Value) -> ToolOutput {
    if result.get("inputRequests").is_some() {
        return ToolOutput::error("the tool asks for input that nobody can give here");
    }
    let failed = result.get("isError").and_then(Value::as_bool) == Some(true);
    let texts: Vec<String> = result
        .get("content")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(text)
        .collect();
    let structured = result.get("structuredContent").filter(|s| !s.is_null());
    let value = match structured {
        Some(structured) if !failed => structured.clone(),
        _ => Value::String(texts.join("\n")),
    };
    let output = ToolOutput::of(value);
    ToolOutput {
        is_error: failed || output.is_error,
        ..output
    }
}

/// A piece of content as text. What is no text is named, so that the agent knows of it.
fn text(content: &Value) -> Option<String> {
    let at = |pointer: &str| content.pointer(pointer).and_then(Value::as_str);
    match at("/type")? {
        "text" => at("/text").map(str::to_owned),
        "resource" => at("/resource/text")
            .or_else(|| at("/resource/uri"))
            .map(str::to_owned),
        "resource_link" => at("/uri").map(str::to_owned),
        kind => Some(match at("/mimeType") {
            Some(mime) => format!("[{kind}: {mime}]"),
            None => format!("[{kind}]"),
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn outputs() {
        let check = |result: Value, value: Value, is_error: bool| {
            let output = tool_output(&result);
            assert_eq!(
                (output.value, output.is_error),
                (value, is_error),
                "{result}"
            );
        };
        check(
            json!({"content": [{"type": "text", "text": "72\u{b0}F"}, {"type": "text", "text": "cloudy"}]}),
            json!("72\u{b0}F\ncloudy"),
            false,
        );
        check(
            json!({"content": [{"type": "text", "text": "{\"t\": 1}"}], "structuredContent": {"t": 1}}),
            json!({"t": 1}),
            false,
        );
        check(
            json!({"content": [{"type": "text", "text": "no such order"}], "isError": true}),
            json!("no such order"),
            true,
        );
        check(
            json!({"content": [
                {"type": "image", "data": "aGk=", "mimeType": "image/png"},
                {"type": "resource", "resource": {"uri": "file:///a", "text": "inside"}},
                {"type": "resource", "resource": {"uri": "file:///b", "blob": "aGk="}},
                {"type": "resource_link", "uri": "file:///c", "name": "c"}, {"odd": 1}]}),
            json!("[image: image/png]\ninside\nfile:///b\nfile:///c"),
            false,
        );
        check(json!({}), json!(""), false);
        check(
            json!({"resultType": "input_required", "inputRequests": {}}),
            json!({"error": "the tool asks for input that nobody can give here"}),
            true,
        );
    }

    #[test]
    fn tools() {
        let read = tool(
            &json!({"name": "t", "title": "T", "inputSchema": {"type": "object"}}),
            false,
        );
        let read = read.unwrap();
        assert_eq!(read.description, "T");
        assert_eq!(read.parameters, json!({"type": "object", "properties": {}}));
        assert_eq!(tool(&json!({"description": "x"}), false), None);
        let wrong = json!({"name": "t", "inputSchema": {"properties": {"x": {"type": "number", "x-mcp-header": "X"}}}});
        assert!(tool(&wrong, false).is_some());
        assert_eq!(tool(&wrong, true), None);
    }

    proptest::proptest! {
        #[test]
        fn any_json_is_read(body in ".{0,200}", id in 0u64..3) {
            let _ = (result(body.as_bytes(), id), is_stateless(body.as_bytes(), id));
            if let Ok(value) = serde_json::from_str::<Value>(&body) {
                let _ = (tool(&value, true), tool_output(&value));
            }
        }
    }
}
