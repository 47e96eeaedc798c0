//! Tool calls and retrieved passages in an agent's answer: OpenAI's `tool_calls`, and the `assay` extension by which an
//! agent that runs its tools itself tells what it did: `{"assay": {"tools_called": [..], "retrieval_context": [..]}}`.

use crate::AnswerError;
use assay_model::ToolCall;
use serde_json::Value;

/// Most tool calls that are read of one answer.
const MAX_CALLS: usize = 1000;

/// OpenAI's `tool_calls` of a message, and the older `function_call`.
pub(crate) fn openai_tool_calls(message: &Value) -> Vec<ToolCall> {
    let listed = message
        .get("tool_calls")
        .and_then(Value::as_array)
        .into_iter()
        .flatten();
    let functions = listed
        .take(MAX_CALLS)
        .filter_map(|call| call.get("function").or_else(|| call.get("custom")));
    functions
        .chain(message.get("function_call"))
        .filter_map(read_call)
        .collect()
}

/// What the `assay` extension of `answer` tells: tools called, and passages retrieved.
pub(crate) fn read_extension(answer: &Value) -> Result<(Vec<ToolCall>, Vec<String>), AnswerError> {
    let Some(extension) = answer.get("assay").filter(|e| !e.is_null()) else {
        return Ok(Default::default());
    };
    let mut calls = Vec::new();
    for call in list(extension, "tools_called")?.iter().take(MAX_CALLS) {
        calls.push(read_call(call).ok_or(AnswerError::Shape(
            "an entry of `assay.tools_called` has no `name`",
        ))?);
    }
    let passages = list(extension, "retrieval_context")?
        .iter()
        .map(text_of)
        .collect();
    Ok((calls, passages))
}

fn list<'a>(extension: &'a Value, field: &str) -> Result<&'a [Value], AnswerError> {
    match extension.get(field) {
        None | Some(Value::Null) => Ok(&[]),
        Some(Value::Array(items)) => Ok(items),
        Some(_) => Err(AnswerError::Shape("a field of `assay` is not a list")),
    }
}

fn text_of(passage: &Value) -> String {
    let inner = ["content", "text"]
        .iter()
        .find_map(|key| passage.get(key))
        .unwrap_or(passage);
    inner
        .as_str()
        .map_or_else(|| inner.to_string(), str::to_owned)
}

/// A call by any of the names that are used for its parts; `None` when it has no name.
pub(crate) fn read_call(call: &Value) -> Option<ToolCall> {
    let name = call
        .get("name")?
        .as_str()
        .filter(|n| !n.is_empty())?
        .to_owned();
    let arguments = ["input_parameters", "arguments", "input"]
        .iter()
        .find_map(|key| call.get(key));
    let input_parameters = read_arguments(arguments);
    let output = call.get("output").filter(|o| !o.is_null()).cloned();
    Some(ToolCall {
        name,
        input_parameters,
        output,
    })
}

/// The arguments of a call, which travel as JSON within a string. Text that is not JSON is kept, so that the fault can be
/// seen.
pub(crate) fn read_arguments(arguments: Option<&Value>) -> Value {
    match arguments {
        Some(Value::String(text)) if text.trim().is_empty() => Value::Null,
        Some(Value::String(text)) => {
            serde_json::from_str(text).unwrap_or_else(|_| Value::String(text.clone()))
        }
        Some(value) => value.clone(),
        None => Value::Null,
    }
}

/// Calls that the agent ran itself, then calls of the message that are not among them.
///
/// An agent may name a call in both places; each report stands for one such call, so two equal calls stay two.
pub(crate) fn merge_calls(ran: Vec<ToolCall>, asked: Vec<ToolCall>) -> Vec<ToolCall> {
    let mut unmatched: Vec<usize> = (0..ran.len()).collect();
    let mut merged = ran;
    for call in asked {
        let twin = unmatched.iter().position(|&i| {
            merged
                .get(i)
                .is_some_and(|r| r.name == call.name && r.input_parameters == call.input_parameters)
        });
        match twin {
            Some(at) => drop(unmatched.remove(at)),
            None => merged.push(call),
        }
    }
    merged
}
